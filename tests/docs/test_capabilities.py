"""What `docs/capabilities.md` calls done, done from the command line."""

from __future__ import annotations

from pathlib import Path

from support.cli import COMPLETE, Tracker

_AT = ("--at", "2026-11-16T08:10Z")
_SOLUTION = (
    "--cause=the file was kept in memory",
    "--kind=docs",
    "--summary=it is written line by line",
    "--ref=pr:1182",
    "--tested-automated=5,000 lines",
    "--tested-manual=the customer's steps",
)


def answered(tracker: Tracker, *arguments: str) -> str:
    report = tracker.new("--contact", "jo@acme.example", "--timezone", "Europe/Berlin", *arguments)
    tracker.ok("ack", report)
    return report


def resolved(tracker: Tracker, *arguments: str) -> str:
    report = answered(tracker, *COMPLETE, "--severity", "S4", *arguments)
    tracker.ok("reproduce", report, "--runs", "1", "--hits", "1")
    tracker.ok("resolve", report, *_SOLUTION)
    return report


def test_c2_the_first_answer_is_short_and_kind(tracker: Tracker) -> None:
    report = tracker.new("--received", "2026-11-16T08:00Z", "--timezone", "Europe/Berlin")
    tracker.ok(*_AT, "ack", report, "--impact", "your month-end run is held up", "--next-update", "2026-11-16T12:00Z")
    (message,) = tracker.show(report)["messages"]
    assert message["kind"] == "acknowledge"
    for words in ("Thank you", "sorry that your month-end run is held up", report, "Mon 16 Nov 2026, 13:00 CET"):
        assert words in message["text"]
    assert len(message["text"].split()) < 80


def test_c3_the_story_comes_first_and_stays_verbatim(tracker: Tracker) -> None:
    story = "I press  export,\nand  the bar stops\n\nat 40 %.  "
    refused = tracker.run("new", "--title", "Export stops", "--customer", "Acme GmbH")
    assert refused.code == 2
    assert "--story" in refused.err
    report = tracker.new(story=story)
    assert tracker.show(report)["story"] == story
    assert tracker.run("set", report, "story=nothing happened").code == 2
    path = tracker.path(report)
    path.write_text(path.read_text().replace("stops", "pauses"))
    checked = tracker.run("--json", "check")
    assert checked.code == 1
    assert [problem["rule"] for problem in checked.json] == ["seal"]


def test_c4_every_open_question_goes_into_one_message(tracker: Tracker, tmp_path: Path) -> None:
    log = tmp_path / "export.log"
    log.write_text("EXPORT-507\n")
    report = answered(tracker)
    tracker.ok("attach", report, str(log), "--kind", "log", "--partial")
    asked = [field["question"] for field in tracker.json("missing", report)["missing"]]
    tracker.ok("ask", report, "--missing")
    shown = tracker.show(report)
    assert (shown["attachments"][0]["kind"], shown["attachments"][0]["partial"]) == ("log", True)
    assert len(asked) == 15
    assert all(question in shown["messages"][-1]["text"] for question in asked)
    assert tracker.json("list", "is:waiting")[0]["id"] == report


def test_c5_a_field_is_a_value_or_unavailable_or_an_open_question(tracker: Tracker) -> None:
    report = answered(tracker, "--expected=a file", "--unavailable=error_message=the window was closed")
    tracker.ok("ask", report, "--missing")
    shown = tracker.show(report)
    questions = {question["field"] for question in shown["questions"]}
    assert shown["intake"]["expected"] == "a file"
    assert shown["intake"]["unavailable"] == {"error_message": "the window was closed"}
    assert not {"expected", "error_message"} & questions
    assert {field["field"] for field in tracker.json("missing", report)["missing"]} == questions


def test_c13_nobody_says_that_we_do_not_know(tracker: Tracker) -> None:
    report = answered(tracker)
    before = tracker.fingerprint()
    words = "We don't know why this happens."
    refused = tracker.run("update", report, "--message", words)
    assert refused.code == 5
    assert "Say what is confirmed, what is being checked, and when the next word comes" in refused.err
    waived = tracker.run("update", report, "--message", words, "--waive-lint", "K01")
    assert waived.code == 2
    assert tracker.fingerprint() == before


def test_c20_silence_is_kept_apart_from_a_yes(tracker: Tracker) -> None:
    said = resolved(tracker)
    tracker.ok("verify", said, "--confirmed", "--score", "5", "--comment", "quick")
    tracker.ok("close", said)
    silent = resolved(tracker)
    assert tracker.run("verify", silent, "--confirmed", "--lapsed").code == 2
    tracker.ok("verify", silent, "--lapsed")
    assert tracker.run("close", silent).code == 5
    tracker.ok("verify", silent, "--request")
    tracker.ok("verify", silent, "--lapsed")
    tracker.ok("close", silent)
    assert tracker.show(said)["verification"]["outcome"] == "confirmed"
    assert tracker.show(said)["feedback"]["score"] == 5
    assert tracker.show(silent)["verification"]["outcome"] == "lapsed"
    assert "feedback" not in tracker.show(silent)


def test_c27_liability_waits_for_the_legal_department(tracker: Tracker) -> None:
    report = answered(tracker)
    words = "We accept liability for the delay. Our next update reaches you by Fri 20 Nov 2026, 13:00 CET."
    refused = tracker.run("update", report, "--message", words)
    assert refused.code == 5
    assert "leave liability to the legal department" in refused.err
    tracker.ok("legal", report, "--review", "in_review")
    assert tracker.run("update", report, "--message", words).code == 5
    tracker.ok("legal", report, "--review", "cleared", "--note", "wording agreed with counsel")
    tracker.ok("update", report, "--message", words)
    assert tracker.show(report)["legal"] == {"review": "cleared", "note": "wording agreed with counsel"}
