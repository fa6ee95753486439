"""What is said to and fro: questions and reminders, the customer's words, other kinds of messages, rules set aside."""

from __future__ import annotations

from typing import Any

import pytest

from issuelog.model import form
from support.cli import Tracker
from support.refusals import refused

MONDAY = "2026-11-16T09:00Z"
LATER = ("--at", "2026-11-16T10:00Z")
SAID = "Confirmed so far: the export stops. Our next update reaches you by 17 November, 16:00 CET."


@pytest.fixture
def acknowledged(tracker: Tracker) -> str:
    tracker.become(acknowledge)
    return tracker.ids()[0]


def acknowledge(tracker: Tracker) -> None:
    report = tracker.new("--at", MONDAY, "--received", MONDAY, "--severity", "S3")
    tracker.ok("acknowledge", report, "--at", "2026-11-16T09:10Z")


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


def test_silence_that_is_taken_for_an_answer_too_soon_is_recorded_as_that(tracker: Tracker) -> None:
    report = tracker.complete("--at", MONDAY, "--received", MONDAY)
    tracker.ok("acknowledge", report, "--at", MONDAY)
    solved = ("--cause", "a typo", "--kind", "docs", "--summary", "corrected", "--ref", "pr:1", "--tested-manual", "m")
    without = ("--without-reproduction", "seen", "--tested-automated", "a")
    tracker.ok("resolve", report, *solved, *without, "--at", "2026-11-16T10:00Z")
    tracker.ok("verify", report, "--lapsed", "--at", "2026-11-18T10:00Z")
    assert last_event(tracker, report)["sooner_than"] == "2026-11-21T10:00:00Z"
    tracker.ok("verify", report, "--lapsed", "--at", "2026-11-21T10:00Z")
    assert "sooner_than" not in last_event(tracker, report)


def test_times_are_the_teams_where_the_customers_zone_is_not_known(tracker: Tracker) -> None:
    config = tracker.root / ".issuelog" / "config.yaml"
    config.write_text("prefix: CR\ncalendars:\n  business:\n    timezone: Asia/Tokyo\n")
    report = tracker.new("--at", MONDAY, "--received", MONDAY)
    tracker.ok("acknowledge", report, "--next-update", "2026-11-16T12:00Z", "--at", MONDAY)
    assert "21:00 JST" in messages(tracker, report)[-1]["text"]


def test_a_first_answer_is_as_late_as_its_clock_says(tracker: Tracker) -> None:
    report = tracker.new("--at", MONDAY, "--received", MONDAY, "--severity", "S3")
    tracker.ok("triage", report, "--severity", "S1", "--because", "all are hit", "--at", "2026-11-16T11:00Z")
    assert clocks(tracker, "2026-11-16T11:05Z")["acknowledge"] == "2026-11-16T11:15:00Z"
    in_time = tracker.json("message", "draft", report, "--at", "2026-11-16T11:10Z")
    late = tracker.json("message", "draft", report, "--at", "2026-11-16T11:25Z")
    assert (in_time["kind"], late["kind"]) == ("acknowledge", "acknowledge_late")
    assert "10 minutes later" in late["text"]


def test_what_was_promised_is_told(tracker: Tracker, acknowledged: str) -> None:
    done = tracker.run("update", acknowledged, "--message", SAID, "--next-update", "2026-11-17T15:00Z", *LATER)
    assert "promised: the next word by 2026-11-17 15:00 UTC" in done.err
    assert "promised" not in tracker.run("note", acknowledged, "x").err


def test_a_mail_from_before_the_closing_that_is_read_after_it_is_due_an_answer(
    tracker: Tracker, acknowledged: str
) -> None:
    tracker.ok("close", acknowledged, "--as", "withdrawn", "--at", "2026-11-16T12:00Z")
    tracker.ok("received", acknowledged, "--kind", "other", "wait!", "--at", "2026-11-16T11:00Z")
    assert "answer" in clocks(tracker, "2026-11-16T12:30Z")


def test_check_names_what_is_wrong_with_words_of_the_trackers_own(tracker: Tracker) -> None:
    for name, text in {
        "templates/en/update.md": "Hello\n{% for x in y %}{% endfor %}\n",
        "lint/en.yaml": "B01: off\n",
    }.items():
        path = tracker.root / ".issuelog" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    found = {row["rule"]: (row["path"], row["line"]) for row in tracker.run("--json", "check").json}
    assert found == {"template": (".issuelog/templates/en/update.md", 2), "lint": (".issuelog/lint/en.yaml", 1)}


def test_what_claims_to_be_from_before_the_report_is_told(tracker: Tracker) -> None:
    report = tracker.new("--received", "2026-11-16T09:00Z")
    early = tracker.run("note", report, "seen already", "--at", "2026-11-10")
    assert early.code == 0
    assert "was received after that (2026-11-16T09:00:00Z)" in early.err
    assert "received after" not in tracker.run("note", report, "seen now").err


def test_a_warning_is_told_and_the_message_recorded(tracker: Tracker, acknowledged: str) -> None:
    done = tracker.run("update", acknowledged, "--message", f"{SAID} We will write soon.", *LATER)
    assert done.code == 0
    assert "K04" in done.err
    assert "'soon'" in done.err
    assert messages(tracker, acknowledged)[-1]["text"].endswith("soon.")
    assert "K04" not in tracker.run("note", acknowledged, "we will see soon").err


@pytest.mark.parametrize(
    "command",
    [
        ("update", "ID", "--confirmed", "it stops", "--checking", "the memory"),
        ("update", "ID", "--message", SAID),
        ("call", "ID", "--summary", "talked"),
        ("ask", "ID", "-q", "Which browser?"),
        ("workaround", "ID", "Split the file", "--limits", "one week each"),
        ("message", "draft", "ID", "update", "--slot", "confirmed=it stops", "--slot", "checking=the memory"),
    ],
    ids=lambda command: " ".join(command[:3]),
)
def test_no_word_is_promised_for_the_past(tracker: Tracker, acknowledged: str, command: tuple[str, ...]) -> None:
    arguments = [acknowledged if word == "ID" else word for word in command]
    for past in ("2026-11-16T09:59Z", "0h"):
        refused(tracker, 2, *arguments, *LATER, "--next-update", past, says="promised for the past … --next-update 4h")
    tracker.ok(*arguments, *LATER, "--next-update", "2026-11-16T10:01Z")


def test_nobody_is_asked_to_check_what_is_not_corrected(tracker: Tracker, acknowledged: str) -> None:
    asking = ("--json", "verify", acknowledged, "--request", *LATER)
    refused(tracker, 5, *asking[1:], says="not corrected yet")
    assert [fact["command"].split()[1] for fact in tracker.run(*asking).error["missing"]] == ["fix", "deploy"]
    tracker.ok("fix", acknowledged, "--kind", "code", "--summary", "it streams", "--ref", "pr:1", *LATER)
    assert [fact["command"].split()[1] for fact in tracker.run(*asking).error["missing"]] == ["deploy"]
    tracker.ok("deploy", acknowledged, "--version", "8.10.3", "--place", "production", *LATER)
    tracker.ok("verify", acknowledged, "--request", *LATER)
    assert messages(tracker, acknowledged)[-1]["kind"] == "verify_request"


@pytest.mark.parametrize("kind", ["closed", "recurrence", "reopened"])
def test_no_message_says_that_it_is_closed_or_back_where_it_is_not(
    tracker: Tracker, acknowledged: str, kind: str
) -> None:
    refused(tracker, 5, "update", acknowledged, "--kind", kind, *LATER, says=f"the {kind} message … what is not so")
    tracker.ok("close", acknowledged, "--as", "withdrawn", *LATER)
    if kind != "closed":
        tracker.ok("reopen", acknowledged, "--reason", "premature", "--evidence", "Jo wrote again", *LATER)
    tracker.ok("update", acknowledged, "--kind", kind, *LATER)
    assert messages(tracker, acknowledged)[-1]["kind"] == kind


@pytest.mark.parametrize("language", ["de", "de-AT"])
def test_the_forms_questions_are_in_the_language_of_the_message(
    tracker: Tracker, acknowledged: str, language: str
) -> None:
    tracker.ok("set", acknowledged, f"customer.language={language}", *LATER)
    tracker.ok("ask", acknowledged, "--missing", *LATER)
    asked = tracker.show(acknowledged)["questions"]
    assert len(asked) == len(form.FIELDS)
    text = messages(tracker, acknowledged)[-1]["text"]
    for question in asked:
        assert question["text"] in text
        assert question["text"] != form.BY_NAME[question["field"]].question
    tracker.ok("answer", acknowledged, "frequency", "jedes Mal", "--value", "always", *LATER)


def test_the_forms_questions_are_in_english_where_the_message_is(tracker: Tracker, acknowledged: str) -> None:
    tracker.ok("set", acknowledged, "customer.language=fr", *LATER)
    tracker.ok("ask", acknowledged, "--missing", *LATER)
    for question in tracker.show(acknowledged)["questions"]:
        assert question["text"] == form.BY_NAME[question["field"]].question
