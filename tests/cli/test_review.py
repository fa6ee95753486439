"""`review`: what a range of commits changed, in words, and what a reviewer should look at first."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from issuelog.model.report import seal
from support.cli import Tracker
from support.known import KNOWN, put_known
from support.refusals import refused


def begin(tracker: Tracker) -> None:
    tracker.complete("--title", "Export stops at half", "--severity", "S3")
    report = tracker.ids()[0]
    log = tracker.root / "worker.log"
    log.write_text("killed\n")
    tracker.ok("attach", report, str(log))
    log.unlink()
    tracker.ok("note", report, "the worker died")
    tracker.git("switch", "-q", "-c", "topic")


@pytest.fixture
def tracker(tmp_path: Path) -> Tracker:
    return Tracker.filled(tmp_path / "repo", begin)


@pytest.fixture
def report(tracker: Tracker) -> str:
    return tracker.ids()[0]


def rules(tracker: Tracker, *arguments: str) -> dict[str, str]:
    """Return what there is to look at, by rule."""
    return {one["rule"]: one["message"] for one in tracker.json("review", *(arguments or ("main",)))["notices"]}


def by_hand(tracker: Tracker, path: Path, change: Callable[[str], str]) -> str:
    path.write_text(change(path.read_text()))
    tracker.git("commit", "-q", "-a", "-m", "a hand's work")
    return tracker.git("rev-parse", "HEAD").strip()


def test_a_report_is_told_by_its_steps_and_its_fields(tracker: Tracker, report: str) -> None:
    tracker.ok("acknowledge", report, "--no-input")
    tracker.ok("triage", report, "--severity", "S2", "--because", "month-end is near", "--owner", "Kim")
    tracker.ok("reproduce", report, "--runs", "5", "--hits", "3", "--place", "staging", "--env", "os=Linux")
    found = tracker.json("review", "main..topic")
    (told,) = found["reports"]
    assert (told["came"], told["state_before"], told["state_after"]) == ("changed", "new", "reproduced")
    assert [step["action"] for step in told["steps"]] == ["acknowledge", "triage", "reproduce"]
    fields = {field["path"]: (field["before"], field["after"]) for field in told["fields"]}
    assert fields["severity"] == ("S3", "S2")
    assert fields["owner"] == (None, "Kim")
    assert fields["attempts.R1"][1]["hits"] == 3
    assert not [path for path in fields if path.startswith(("events", "state"))]
    assert (found["commits"], found["notices"], found["others"]) == (3, [], 0)
    text = tracker.ok("review", "main..topic")
    for words in (
        f"{report}  Export stops at half",
        "  new → reproduced",
        "  severity: S3 → S2",
        "  owner: Kim",
        "runs 5, hits 3",
        "judged how much it hurts",
        "3 commits, 1 report, by ",
    ):
        assert words in text


def test_only_what_came_since_the_two_parted_is_told(tracker: Tracker, report: str) -> None:
    new = tracker.new("--title", "Login fails", story="Nobody can log in")
    tracker.git("switch", "-q", "main")
    tracker.ok("note", report, "this is no matter of the topic")
    tracker.git("switch", "-q", "topic")
    (told,) = tracker.json("review", "main..topic")["reports"]
    assert (told["id"], told["came"]) == (new, "new")
    text = tracker.ok("review", "main")
    assert "  new, new\n" in text
    assert "  story: Nobody can log in\n" in text
    assert "  customer.name: Acme GmbH\n" in text
    assert tracker.json("review", "topic..main")["reports"][0]["id"] == report
    assert tracker.json("review", "main...topic") == tracker.json("review", "main..topic")


def test_known_errors_and_what_is_none_of_the_trackers_are_told_too(tracker: Tracker) -> None:
    put_known(tracker)
    (tracker.root / "worker.py").write_text("limit = 1\n")
    tracker.git("add", ".")
    tracker.git("commit", "-q", "-m", "code")
    found = tracker.json("review", "main")
    assert ([one["id"] for one in found["known_errors"]], found["others"]) == ([KNOWN], 1)
    assert "1 known error, 1 file of other things" in tracker.ok("review", "main")


def test_a_range_in_which_nothing_changed(tracker: Tracker) -> None:
    found = tracker.json("review", "main..main")
    assert (found["commits"], found["reports"], found["notices"]) == (0, [], [])
    assert "0 commits, 0 reports" in tracker.ok("review", "main..main")


def test_a_waived_guard_is_named_with_its_reason(tracker: Tracker) -> None:
    report = tracker.new()
    tracker.ok("acknowledge", report, "--no-input")
    options = ("--runs", "1", "--hits", "1", "--place", "staging", "--env", "os=Linux")
    tracker.ok("reproduce", report, *options, "--waive", "intake_complete", "--because", "nobody is there")
    assert rules(tracker) == {"waived": "reproduce without intake_complete: nobody is there"}


def test_a_step_that_was_recorded_late_is_named(tracker: Tracker, report: str) -> None:
    tracker.ok("note", report, "we knew", "--at", "1min ago")
    assert rules(tracker) == {}
    tracker.ok("set", report, "source.received_at=2026-01-01T00:00Z")
    tracker.ok("note", report, "we knew it for long", "--at", "3h ago")
    assert "was recorded 3 h later" in rules(tracker)["backdated"]


@pytest.mark.parametrize("name", [".issuelog/config.yaml", ".issuelog/templates/en/update.md"])
def test_rules_that_changed_for_everybody_are_named(tracker: Tracker, name: str) -> None:
    path = tracker.root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    tracker.git("add", ".")
    by_hand(tracker, path, lambda text: f"{text}# less\n")
    found = tracker.json("review", "main")
    assert [(one["path"], one["rule"]) for one in found["notices"]] == [(name, "rules")]
    assert found["others"] == 0


def test_what_a_hand_did_to_a_report_is_named_with_the_commit(tracker: Tracker, report: str) -> None:
    commit = by_hand(tracker, tracker.path(report), lambda text: text.replace("Export stops", "Export ends"))
    (notice,) = tracker.json("review", "main")["notices"]
    assert (notice["rule"], notice["commit"]) == ("by_hand", commit)
    assert f"[by_hand]   (git show {commit[:10]})" in tracker.ok("review", "main")


def test_edits_that_a_command_took_along_are_named(tracker: Tracker, report: str) -> None:
    path = tracker.path(report)
    path.write_text(path.read_text().replace("Export stops", "Export ends"))
    tracker.ok("--include-edits", "note", report, "another word")
    assert [*rules(tracker)] == ["by_hand"]


def test_a_story_that_was_changed_is_named_also_where_its_seal_was_made_anew(tracker: Tracker, report: str) -> None:
    path = tracker.path(report)
    told = tracker.show(report)
    new = told["story"].replace("I press", "You press")
    by_hand(tracker, path, lambda text: text.replace("I press", "You press").replace(told["story_sha256"], seal(new)))
    assert rules(tracker)["story"] == "the customer's story is not what was recorded"


@pytest.mark.parametrize(
    ("change", "words"),
    [(lambda path: path.write_text("nothing\n"), "replaced"), (lambda path: path.unlink(), "taken away")],
)
def test_evidence_that_is_not_as_it_was_is_named(tracker: Tracker, change: Callable[[Path], Any], words: str) -> None:
    (path,) = (tracker.root / "attachments").glob("*/*")
    change(path)
    tracker.git("commit", "-q", "-a", "-m", "x")
    assert words in rules(tracker)["attachment"]


def test_a_new_attachment_is_no_matter(tracker: Tracker, report: str, tmp_path: Path) -> None:
    (tmp_path / "more.log").write_text("more\n")
    tracker.ok("attach", report, str(tmp_path / "more.log"))
    assert rules(tracker) == {}
    assert "attachments.A2: file more.log" in tracker.ok("review", "main")


def test_what_no_command_does_to_the_history_is_named(tracker: Tracker, report: str) -> None:
    def rewrite(text: str) -> str:
        return text.replace("action: note", "action: call")

    by_hand(tracker, tracker.path(report), rewrite)
    assert {"by_hand", "event_rewritten"} == rules(tracker).keys()


def test_a_report_that_is_deleted_is_named(tracker: Tracker, report: str) -> None:
    tracker.git("rm", "-q", str(tracker.path(report)))
    tracker.git("commit", "-q", "-m", "away with it")
    (told,) = tracker.json("review", "main")["reports"]
    assert (told["came"], told["state_before"], told["state_after"]) == ("removed", "new", None)
    assert {"by_hand", "report_removed"} == rules(tracker).keys()
    assert "  removed, new\n" in tracker.ok("review", "main")


def test_a_file_that_cannot_be_read_is_named_and_the_others_are_told(tracker: Tracker, report: str) -> None:
    other = tracker.new("--title", "Login fails")
    by_hand(tracker, tracker.path(report), lambda text: text.replace("severity: S3", "severity: S9"))
    (notice,) = [one for one in tracker.json("review", "main")["notices"] if one["rule"] == "unreadable"]
    assert "severity" in notice["message"]
    assert [one["id"] for one in tracker.json("review", "main")["reports"]] == [other]


def test_undoing_what_lies_before_the_range_is_no_tampering(tracker: Tracker) -> None:
    tracker.ok("undo")
    assert rules(tracker) == {}


@pytest.mark.parametrize("named", ["--output=x", "HEAD:.issuelog", "HEAD:.issuelog/config.yaml", "f" * 40, "HEAD"])
def test_a_trailer_that_names_no_commit_excuses_nothing(tracker: Tracker, report: str, named: str) -> None:
    tracker.git("rm", "-q", str(tracker.path(report)))
    tracker.git("commit", "-q", "-m", "away", "-m", f"Issuelog-Undoes: {named}")
    assert "report_removed" in rules(tracker)


def test_a_tracker_in_a_folder_of_a_repository(tmp_path: Path) -> None:
    repository = Tracker.make(tmp_path / "repo", init=False)
    repository.git("commit", "-q", "--allow-empty", "-m", "begin")
    (repository.root / "support").mkdir()
    tracker = Tracker(repository.root / "support")
    tracker.ok("init")
    start = tracker.git("rev-parse", "HEAD").strip()
    report = tracker.new("--title", "Login fails")
    (repository.root / "a.py").write_text("x\n")
    repository.git("add", ".")
    repository.git("commit", "-q", "-m", "code")
    found = tracker.json("review", start)
    assert [one["id"] for one in found["reports"]] == [report]
    assert (found["others"], found["notices"], found["commits"]) == (1, [], 1)


def test_hostile_words_are_shown_and_not_obeyed(tracker: Tracker) -> None:
    tracker.new("--title", "\x1b]0;owned\x07 [red]stops[/red]", story="\x1b[2J gone")
    tracker.git("-c", "user.name=Eve\x1b[31m", "commit", "-q", "--allow-empty", "-m", "x")
    text = tracker.ok("review", "main")
    assert "\x1b" not in text
    assert "[red]stops[/red]" in text


@pytest.mark.parametrize(
    ("wanted", "code", "says"),
    [
        ("nowhere..topic", 2, "has no commit 'nowhere'"),
        ("main..nowhere", 2, "has no commit 'nowhere'"),
        ("--output=x", 2, "is no range of commits … issuelog review main..HEAD"),
        ("^main", 2, "is no range of commits … issuelog review main..HEAD"),
        ("main..^topic", 2, "is no range of commits … issuelog review main..HEAD"),
        ("", 2, "RANGE is empty"),
        ("main..orphan", 5, "share no history"),
    ],
)
def test_what_is_no_range_is_refused(tracker: Tracker, wanted: str, code: int, says: str) -> None:
    empty = tracker.git("hash-object", "-t", "tree", "-w", "/dev/null").strip()
    tracker.git("branch", "orphan", tracker.git("commit-tree", "-m", "alone", empty).strip())
    refused(tracker, code, "review", "--", wanted, says=says)
    assert not (tracker.root / "x").exists()


def test_every_rule_says_why_to_look(tracker: Tracker) -> None:
    rows = tracker.json("review", "--explain", "all")
    assert all(row["asks"] for row in rows)
    assert tracker.json("review", "--explain", "waived") == [row for row in rows if row["rule"] == "waived"]
    refused(tracker, 2, "review", "--explain", "wavied", says="there is no rule 'wavied' … waived")
    refused(tracker, 2, "review", says="RANGE is missing … issuelog review --help")
