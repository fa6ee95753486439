"""What is said to and fro: questions and reminders, the customer's words, other kinds of messages, rules set aside."""

from __future__ import annotations

from typing import Any

import pytest

from support.cli import Tracker

MONDAY = "2026-11-16T09:00Z"
LATER = ("--at", "2026-11-16T10:00Z")
SAID = "Confirmed so far: the export stops. Our next update reaches you by 17 November, 16:00 CET."


@pytest.fixture
def acknowledged(tracker: Tracker) -> str:
    report = tracker.new("--at", MONDAY, "--received", MONDAY, "--severity", "S3")
    tracker.ok("acknowledge", report, "--at", "2026-11-16T09:10Z")
    return report


def messages(tracker: Tracker, report: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tracker.show(report)["messages"]
    return found


def last_event(tracker: Tracker, report: str) -> dict[str, Any]:
    event: dict[str, Any] = tracker.show(report)["events"][-1]
    return event


def clocks(tracker: Tracker, at: str) -> dict[str, str]:
    return {row["clock"]: row["due_at"] for row in tracker.json("due", "--at", at)}


def test_a_reminder_lists_every_question_that_is_open_and_no_other(tracker: Tracker, acknowledged: str) -> None:
    tracker.ok("ask", acknowledged, "-q", "Which browser?", "-q", "Which printer?", *LATER)
    tracker.ok("answer", acknowledged, "Q1", "Firefox", *LATER)
    tracker.ok("ask", acknowledged, "--again", *LATER)
    reminder = messages(tracker, acknowledged)[-1]
    assert reminder["kind"] == "ask_chase"
    assert "Which printer?" in reminder["text"]
    assert "Which browser?" not in reminder["text"]
    assert [question["id"] for question in tracker.show(acknowledged)["questions"]] == ["Q1", "Q2"]
    assert last_event(tracker, acknowledged)["questions"] == ["Q2"]


def test_there_is_no_reminder_of_nothing(tracker: Tracker, acknowledged: str) -> None:
    before = tracker.fingerprint()
    done = tracker.run("ask", acknowledged, "--again")
    assert done.code == 2
    assert "no open question" in done.err
    assert tracker.run("ask", acknowledged, "--again", "--missing").code == 2
    assert tracker.fingerprint() == before


def test_whom_we_ask_hears_from_us_when_the_reminder_is_due(tracker: Tracker, acknowledged: str) -> None:
    tracker.ok("ask", acknowledged, "-q", "Which browser?", *LATER)
    running = clocks(tracker, "2026-11-16T11:00Z")
    assert running["chaser"] == "2026-11-18T10:00:00Z"
    assert messages(tracker, acknowledged)[-1]["next_update_at"] == running["chaser"]
    assert not running.keys() & {"promise", "next_update", "restore", "fix"}


@pytest.mark.parametrize(
    ("kind", "waits"),
    [("answer", False), ("chaser", False), ("other", False), ("thanks", True), ("auto_reply", True), ("bounce", True)],
)
def test_a_person_who_asks_for_more_ends_the_waiting(
    tracker: Tracker, acknowledged: str, kind: str, waits: bool
) -> None:
    tracker.ok("ask", acknowledged, "-q", "Which browser?", *LATER)
    tracker.ok("received", acknowledged, "--kind", kind, "well", "--at", "2026-11-16T11:00Z")
    assert ("waiting_on" in tracker.show(acknowledged)) is waits
    assert ("answer" in clocks(tracker, "2026-11-16T11:00Z")) is (not waits)


@pytest.mark.parametrize(
    ("at", "counts"),
    [("2026-11-17T09:09Z", False), ("2026-11-17T09:11Z", True)],
)
def test_who_has_to_ask_while_our_word_is_overdue_counts_against_us(
    tracker: Tracker, acknowledged: str, at: str, counts: bool
) -> None:
    tracker.ok("received", acknowledged, "--kind", "chaser", "any news?", "--at", at)
    assert ("against_us" in last_event(tracker, acknowledged)) is counts
    tracker.ok("received", acknowledged, "--kind", "other", "and?", "--at", at)
    assert "against_us" not in last_event(tracker, acknowledged)


def test_who_has_to_ask_before_the_late_first_answer_counts_against_us(tracker: Tracker) -> None:
    report = tracker.new("--at", MONDAY, "--received", MONDAY, "--severity", "S1")
    tracker.ok("received", report, "--kind", "chaser", "hello?", "--at", "2026-11-16T09:16Z")
    assert last_event(tracker, report)["against_us"] == "true"


def test_update_says_what_no_other_command_does(tracker: Tracker, acknowledged: str) -> None:
    slots = ("--slot", "external_role=the maker of the driver", "--confirmed", "it stops", "--checking", "the driver")
    tracker.ok("update", acknowledged, "--kind", "escalated", *slots, *LATER)
    told = messages(tracker, acknowledged)[-1]
    assert told["kind"] == "escalated"
    assert "the maker of the driver" in told["text"]
    done = tracker.run("update", acknowledged, "--kind", "resolution", "--message", SAID)
    assert done.code == 2
    assert "--kind is 'resolution'" in done.err


def test_a_rule_is_set_aside_only_with_a_reason_which_stays_with_the_message(
    tracker: Tracker, acknowledged: str
) -> None:
    words = f"{SAID} Please fill [date] into the form."
    refused = tracker.run("update", acknowledged, "--message", words, *LATER)
    assert refused.code == 5
    assert "--waive-lint H01 --because TEXT" in refused.err
    before = tracker.fingerprint()
    unexplained = tracker.run("update", acknowledged, "--message", words, "--waive-lint", "H01", *LATER)
    assert unexplained.code == 2
    assert "--because" in unexplained.err
    assert tracker.fingerprint() == before
    why = ("--waive-lint", "H01", "--because", "the form names it so")
    tracker.ok("update", acknowledged, "--message", words, *why, *LATER)
    told = messages(tracker, acknowledged)[-1]
    assert (told["waived"], told["waived_because"]) == (["H01"], "the form names it so")


def test_a_warning_is_told_and_the_message_recorded(tracker: Tracker, acknowledged: str) -> None:
    done = tracker.run("update", acknowledged, "--message", f"{SAID} We will write soon.", *LATER)
    assert done.code == 0
    assert "K04" in done.err
    assert "'soon'" in done.err
    assert messages(tracker, acknowledged)[-1]["text"].endswith("soon.")
    assert "K04" not in tracker.run("note", acknowledged, "we will see soon").err
