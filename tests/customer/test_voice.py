"""What is said to a customer is said in the customer's language and zone, and by nobody's locale."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issuelog.customer.templates import kinds
from issuelog.customer.voice import lasting, spoken
from support.cli import Tracker

NOON = datetime(2026, 11, 16, 12, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Mon 16 Nov 2026, 13:00 CET"),
        ("en-GB", "Mon 16 Nov 2026, 13:00 CET"),
        ("de", "Montag, 16. November 2026, 13:00 Uhr MEZ"),
        ("de_AT", "Montag, 16. November 2026, 13:00 Uhr MEZ"),
        ("fr", "2026-11-16 13:00 CET"),
    ],
)
def test_a_time_in_each_language(language: str, words: str) -> None:
    assert spoken(NOON, BERLIN, language) == words


def test_summer_time_has_its_own_name() -> None:
    assert spoken(NOON.replace(month=7), BERLIN, "de").endswith("14:00 Uhr MESZ")


@given(st.datetimes(datetime(1900, 1, 2), datetime(2200, 1, 1)), st.sampled_from(["en", "de"]))
def test_every_day_is_named_once_and_the_year_is_written_out(at: datetime, language: str) -> None:
    words = spoken(at.replace(tzinfo=UTC), UTC, language)
    day, month = re.findall(r"[^\W\d_]{3,}", words)[:2]
    week = {spoken(at.replace(tzinfo=UTC) + timedelta(days=n), UTC, language).split()[0] for n in range(7)}
    assert len(week) == 7
    assert month == re.findall(r"[^\W\d_]{3,}", spoken(at.replace(tzinfo=UTC, day=1), UTC, language))[1]
    assert f" {at.year}, {at:%H:%M} " in words
    assert words.startswith(day)


@pytest.mark.parametrize(
    ("span", "english", "german"),
    [
        (timedelta(seconds=1), "1 minute", "1 Minute"),
        (timedelta(minutes=40), "40 minutes", "40 Minuten"),
        (timedelta(hours=1), "1 hour", "1 Stunde"),
        (timedelta(hours=2, minutes=15), "2 hours 15 minutes", "2 Stunden 15 Minuten"),
        (timedelta(days=1, hours=4, minutes=5), "1 day 4 hours", "1 Tag 4 Stunden"),
        (timedelta(days=3, minutes=5), "3 days", "3 Tage"),
    ],
)
def test_a_span_in_each_language(span: timedelta, english: str, german: str) -> None:
    assert (lasting(span), lasting(span, "de")) == (english, german)


@given(st.timedeltas(timedelta(0), timedelta(days=4000)), st.sampled_from(["en", "de", "fr"]))
def test_a_span_is_never_nothing(span: timedelta, language: str) -> None:
    assert re.search("[1-9]", lasting(span, language))


def test_a_late_answer_says_how_late_in_the_customers_language(tracker: Tracker) -> None:
    report = tracker.new("--received", "2026-11-16T08:00Z", "--severity", "S1")
    tracker.ok("set", report, "customer.language=de", "customer.timezone=Europe/Berlin")
    tracker.ok("ack", report, "--at", "2026-11-16T09:00Z")
    said = tracker.show(report)["messages"][0]
    assert said["kind"] == "acknowledge_late"
    assert " 45 Minuten " in said["text"]
    assert "bis Montag, 16. November 2026, 11:00 Uhr MEZ" in said["text"]
    assert said["next_update_at"] == "2026-11-16T10:00:00Z"


def test_a_language_without_templates_gets_english_with_english_times(tracker: Tracker) -> None:
    report = tracker.new()
    tracker.ok("set", report, "customer.language=fr")
    tracker.ok("ack", report, "--next-update", "2026-11-23T09:00Z", "--at", "2026-11-23T08:00Z")
    assert "by Mon 23 Nov 2026, 09:00 UTC" in tracker.show(report)["messages"][0]["text"]


def test_a_trackers_own_language_has_times_without_words(tracker: Tracker) -> None:
    template = tracker.root / ".issuelog/templates/fr/acknowledge.md"
    template.parent.mkdir(parents=True)
    template.write_text("Bonjour, merci. {{ ref }} : {{ next_update }}. {{ owner }}")
    report = tracker.new("--received", "2026-11-23T08:00Z")
    tracker.ok("set", report, "customer.language=fr-CA")
    tracker.ok("ack", report, "--next-update", "2026-11-23T09:00Z", "--at", "2026-11-23T08:00Z")
    assert ": 2026-11-23 09:00 UTC." in tracker.show(report)["messages"][0]["text"]


def test_the_customers_own_words_may_be_quoted_and_words_put_into_their_mouth_may_not(tracker: Tracker) -> None:
    impact = ("--impact", 'your run ended in "you are the only one"')
    theirs = tracker.new(story="It stops. It says: you are the only one")
    tracker.ok("ack", theirs, *impact)
    ours = tracker.new()
    done = tracker.run("ack", ours, *impact)
    assert (done.code, "you are the only" in done.err) == (5, True), done.err
    tracker.ok("received", ours, "The page says: you are the only one")
    tracker.ok("ack", ours, *impact)


def test_the_trackers_own_rules_hold(tracker: Tracker) -> None:
    rules = tracker.root / ".issuelog/lint/en.yaml"
    rules.parent.mkdir(parents=True)
    rules.write_text(
        "X01:\n  group: hygiene\n  level: error\n  kinds: '*'\n  message: Says trouble\n  instead: say error\n"
        "  forbid:\n    - trouble\n"
    )
    report = tracker.new()
    done = tracker.run("ack", report)
    assert (done.code, "Says trouble" in done.err) == (5, True), done.err
    tracker.ok("ack", report, "--impact", "your run is held up")


def test_open_questions_are_what_a_reminder_asks(tracker: Tracker) -> None:
    report = tracker.new()
    tracker.ok("ack", report)
    tracker.ok("ask", report, "-q", "Which browser?", "-q", "Since when?")
    tracker.ok("answer", report, "Q1", "Firefox")
    text = tracker.json("message", "draft", report, "ask_chase")["text"]
    assert "1. Since when?" in text
    assert "Which browser?" not in text


def test_what_a_report_calls_for(tracker: Tracker, tmp_path: Path) -> None:
    def kind(*at: str) -> str:
        done = tracker.run("--json", "message", "draft", report, "--slot", "confirmed=c", "--slot", "checking=k", *at)
        assert done.code in {0, 1}, done.err
        found: str = done.json["kind"]
        assert found in kinds()
        return found

    report = tracker.complete()
    assert kind() == "acknowledge"
    assert kind("--at", "in 30d") == "acknowledge_late"
    tracker.ok("ack", report)
    assert kind() == "update"
    assert kind("--at", "in 30d") == "update_late"
    tracker.ok("ask", report, "-q", "Which browser?")
    assert kind() == "ask_chase"
    tracker.ok("answer", report, "Q1", "Firefox")
    tracker.ok("reproduce", report, "--runs", "1", "--hits", "1", "--place", "sandbox")
    tracker.ok("resolve", report, "--cause", "c", "--kind", "docs", "--summary", "s", "--ref", "pr:1",
               "--tested-automated", "a", "--tested-manual", "m")  # fmt: skip
    assert kind() == "verify_chase"
    tracker.ok("verify", report, "--confirmed")
    tracker.ok("close", report, "--known-error", "none")
    assert kind() == "closed"
