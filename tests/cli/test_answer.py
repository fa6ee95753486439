"""Questions to the customer, and what is recorded of the answers."""

from __future__ import annotations

import pytest

from support.cli import Tracker
from support.refusals import refused


@pytest.fixture
def report(tracker: Tracker) -> str:
    report = tracker.new()
    tracker.ok("ask", report, "--missing", "-q", "Who else saw it?")
    return report


def open_fields(tracker: Tracker, report: str) -> list[str | None]:
    return [one.get("field") for one in tracker.show(report)["questions"] if not one.get("answered_at")]


def test_what_the_customer_cannot_say_is_answered_with_the_reason(tracker: Tracker, report: str) -> None:
    says = "last_worked_at is not a time … --unavailable"
    refused(tracker, 2, "answer", report, "last_worked_at", "not known", says=says)
    before = open_fields(tracker, report)
    tracker.ok("answer", report, "last_worked_at", "nobody took a note", "--unavailable")
    assert open_fields(tracker, report) == [field for field in before if field != "last_worked_at"]
    intake = tracker.show(report)["intake"]
    assert intake["unavailable"] == {"last_worked_at": "nobody took a note"}
    assert "last_worked_at" not in intake
    assert "last_worked_at" not in tracker.ok("missing", report)


def test_an_answer_has_words_and_means_one_thing(tracker: Tracker, report: str) -> None:
    refused(tracker, 2, "answer", report, "Q1", " ", says="TEXT is empty")
    refused(tracker, 2, "answer", report, "Q1", "x", "--value", "y", "--unavailable", says="exclude each other")
    free = next(one["id"] for one in tracker.show(report)["questions"] if not one.get("field"))
    refused(tracker, 2, "answer", report, free, "nobody", "--unavailable", says=f"{free} asks for no field")


def test_an_open_question_is_answered_by_its_command_and_corrected_by_hand(tracker: Tracker, report: str) -> None:
    for field in ("answer=x", "answered_at=2026-11-22"):
        refused(tracker, 2, "set", report, f"questions.Q1.{field}", says=f"Q1 is open … issuelog answer {report} Q1")
    tracker.ok("answer", report, "Q1", "Firefx")
    tracker.ok("set", report, "questions.Q1.answer=Firefox")
    assert tracker.show(report)["questions"][0]["answer"] == "Firefox"
