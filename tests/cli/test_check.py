"""`check` as a hook, in a workflow, and against forged reports."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from issuelog.checks import RULES
from support.cli import Tracker
from support.lives import CLOSABLE, lived


@pytest.fixture
def tracker(tmp_path: Path) -> Tracker:
    return Tracker.make(tmp_path / "r")


def found(tracker: Tracker, *arguments: str) -> list[tuple[str, str]]:
    return [(row["rule"], row["level"]) for row in tracker.run("--json", "check", *arguments).json]


def forge(tracker: Tracker, report: str, old: str, new: str, count: int = 1) -> None:
    path = tracker.path(report)
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, count))


def cut(tracker: Tracker, report: str, section: str) -> None:
    """Take a section out of a report."""
    path = tracker.path(report)
    text, taken = re.subn(rf"(?m)^{section}:.*\n(?:[ \n-].*\n|\n)*", "", path.read_text())
    assert taken == 1
    path.write_text(text)


def test_each_rule_is_explained_and_an_unknown_one_is_refused(tracker: Tracker) -> None:
    shown = tracker.ok("check", "--explain", "all").splitlines()
    assert [line.split("\t")[0] for line in shown] == [rule.id for rule in RULES]
    assert "customer told it" in tracker.ok("check", "--explain", "seal")
    done = tracker.run("check", "--explain", "sael")
    assert (done.code, "seal" in done.err) == (2, True)
    assert tracker.run("check", "--format", "xml").code == 2


def test_a_forged_state_lacks_what_its_transition_asked_for(tracker: Tracker) -> None:
    report = tracker.complete()
    forge(tracker, report, "\nstate: new", "\nstate: acknowledged")
    assert found(tracker) == [("state", "error")]
    path = tracker.path(report)
    path.write_text(
        path.read_text() + "  - id: 01ZZZZ0T5M3E9Q2W4R6T8Y0V1J\n    at: 2026-11-22T10:00:00Z\n"
        "    by: x\n    action: acknowledge\n    from: new\n    to: acknowledged\n"
    )
    done = tracker.run("--json", "check")
    assert done.code == 1
    assert [(row["rule"], row["message"]) for row in done.json] == [
        ("guard", "acknowledged without first_answer: no first answer to the customer")
    ]


def test_a_transition_that_no_command_makes_is_found(tracker: Tracker) -> None:
    report = tracker.complete()
    forge(tracker, report, "\nstate: new", "\nstate: rca")
    path = tracker.path(report)
    path.write_text(
        path.read_text() + "  - id: 01ZZZZ0T5M3E9Q2W4R6T8Y0V1J\n    at: 2026-11-22T10:00:00Z\n"
        "    by: x\n    action: rca\n    from: new\n    to: rca\n"
    )
    assert "no command leads from new to rca" in tracker.run("check").out


@pytest.mark.parametrize(
    ("section", "guard"),
    [
        ("messages", "first_answer"),
        ("attempts", "reproduced"),
        ("diagnosis", "diagnosed"),
        ("fix", "tested_manual"),
        ("verification", "verified"),
        ("intake", "intake_complete"),
    ],
)
def test_evidence_that_was_taken_out_of_a_closed_report_is_missed(tmp_path: Path, section: str, guard: str) -> None:
    life = lived(tmp_path, *CLOSABLE, "close ID --known-error none")
    assert found(life.tracker) == []
    cut(life.tracker, life.id, section)
    assert f"without {guard}" in life.tracker.run("check").out


def test_what_a_policy_asks_for_later_is_not_asked_of_the_past(tmp_path: Path) -> None:
    life = lived(tmp_path, *CLOSABLE, "close ID --known-error none")
    config = life.tracker.root / ".issuelog/config.yaml"
    config.write_text("rca_required: []\nverify_days: 1\ntargets:\n  S1:\n    next_update: 1min\n")
    assert found(life.tracker) == []


def test_two_files_of_one_id(tracker: Tracker) -> None:
    report = tracker.new()
    path = tracker.path(report)
    other = tracker.root / "reports/2020/01" / path.name
    other.parent.mkdir(parents=True)
    other.write_bytes(path.read_bytes())
    assert set(found(tracker)) == {("place", "error"), ("duplicate_id", "error")}
    path.unlink()
    assert found(tracker) == [("place", "error")]


def test_a_file_that_no_report_names(tracker: Tracker, tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text("x\n")
    report = tracker.new("--attach", str(tmp_path / "a.log"))
    (tracker.root / "attachments" / report / "b.log").write_text("y\n")
    done = tracker.run("check")
    assert (done.code, "b.log is none of its attachments" in done.out) == (0, True)


def test_a_linked_year_is_named(tracker: Tracker, tmp_path: Path) -> None:
    tracker.new()
    (tmp_path / "elsewhere").mkdir()
    (tracker.root / "reports/2001").symlink_to(tmp_path / "elsewhere")
    assert found(tracker) == [("file", "error")]


def test_annotations_for_github_name_file_and_line_and_cannot_be_forged(tmp_path: Path) -> None:
    top = Tracker.make(tmp_path / "mono", init=False)
    (top.root / "sub").mkdir()
    tracker = Tracker(top.root / "sub")
    tracker.ok("init")
    report = tracker.new()
    forge(tracker, report, "\nseverity: S3", '\nseverity: "S9%0A::error::forged\\n::error::x"')
    done = tracker.run("check", "--format", "github")
    [line] = done.out.splitlines()
    path = tracker.path(report).relative_to(top.root)
    assert done.code == 6
    assert line.startswith(f"::error file={path},line=5,col=11,title=issuelog value::severity is ")
    assert "S9%250A" in line
    assert tracker.run("--json", "check", "--format", "github").json[0]["rule"] == "value"


def test_annotations_are_none_where_all_is_well(tracker: Tracker) -> None:
    tracker.new()
    assert tracker.ok("check", "--format", "github") == ""


def test_the_hook_finds_the_tracker_of_the_files_that_it_is_given(tmp_path: Path) -> None:
    """As the pre-commit framework runs it: at the top, with the files that its pattern picks."""
    hooks = (Path(__file__).parents[2] / ".pre-commit-hooks.yaml").read_text()
    pattern = re.search(r"files: (.+)", hooks)
    entry = re.search(r"entry: (.+)", hooks)
    assert pattern is not None
    assert entry is not None
    top = Tracker.make(tmp_path / "mono", init=False)
    (top.root / "sub").mkdir()
    tracker = Tracker(top.root / "sub")
    tracker.ok("init")
    report = tracker.new()
    listed = top.git("ls-files").splitlines()
    chosen = [name for name in listed if re.search(pattern[1], name)]
    assert [Path(name).stem for name in chosen] == [report]
    command = [sys.executable, "-m", *entry[1].split(), *chosen]
    assert subprocess.run(command, cwd=top.root, check=False).returncode == 0
    forge(tracker, report, "\nseverity: S3", "\nseverity: S9")
    assert subprocess.run(command, cwd=top.root, check=False, capture_output=True).returncode == 6


@pytest.mark.parametrize(
    ("section", "says"),
    [
        ("closure", "closed without a closure"),
        ("rca", "rca.causes has no C1, which an event names"),
        ("messages", "messages has no M1, which an event names"),
    ],
)
def test_what_events_name_and_is_gone_is_missed(tmp_path: Path, section: str, says: str) -> None:
    life = lived(tmp_path, *CLOSABLE, "close ID --known-error none")
    cut(life.tracker, life.id, section)
    done = life.tracker.run("check")
    assert (done.code, says in done.out) == (1, True), done.out


def test_another_ending_than_the_event_says(tmp_path: Path) -> None:
    life = lived(tmp_path, *CLOSABLE, "close ID --known-error none")
    forge(life.tracker, life.id, "  resolution: fixed", "  resolution: spam")
    assert ("guard", "error") in found(life.tracker)


def test_an_attachment_that_was_taken_out_is_missed(tracker: Tracker, tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text("x\n")
    report = tracker.new()
    tracker.ok("attach", report, str(tmp_path / "a.log"))
    cut(tracker, report, "attachments")
    assert set(found(tracker)) == {("reference", "error"), ("orphan", "warning")}


def test_a_duplicate_of_itself(tracker: Tracker) -> None:
    report = tracker.new()
    forge(tracker, report, "\nevents:", f"\nlinks:\n  duplicate_of: {report}\nevents:")
    assert found(tracker) == [("link", "error")]
