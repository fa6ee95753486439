"""A hand edit that is not committed: taken in a commit of its own where that is asked for, and never mixed in."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.cli import Tracker
from support.faults import LATE_STEPS, STEPS, before, kill_before


@pytest.fixture
def tracker(tmp_path: Path) -> Tracker:
    return Tracker.make(tmp_path / "r")


@pytest.fixture
def report(tracker: Tracker) -> str:
    """A report that a hand has edited."""
    tracker.become(Tracker.new)
    made = tracker.ids()[0]
    path = tracker.path(made)
    path.write_text(path.read_text().replace("\ntitle: ", "\n# mine\ntitle: My "))
    return made


def test_the_edit_and_the_change_are_two_commits(tracker: Tracker, report: str) -> None:
    assert tracker.run("note", report, "x").code == 7
    tracker.ok("note", report, "x", "--include-edits")
    assert tracker.subjects()[:2] == [f"{report}: note", f"{report}: hand edit"]
    edit = tracker.git("show", "--format=%B", "HEAD~1")
    assert "+# mine" in edit
    assert "+title: My I press" in edit
    assert "note" not in edit
    assert "title" not in tracker.git("show", "--format=", "-U0", "HEAD")
    assert tracker.git("status", "--porcelain") == ""
    assert tracker.run("check").code == tracker.run("fsck").code == 0


def test_without_an_edit_it_makes_no_difference(tracker: Tracker) -> None:
    report = tracker.new()
    tracker.ok("note", report, "x", "--include-edits")
    assert tracker.subjects()[0] == f"{report}: note"
    assert "hand edit" not in "".join(tracker.subjects())


def test_where_the_change_is_refused_the_edit_stays_uncommitted(tracker: Tracker, report: str) -> None:
    state = tracker.fingerprint(), tracker.path(report).read_bytes()
    assert tracker.run("resolve", report, "--include-edits").code == 5
    assert (tracker.fingerprint(), tracker.path(report).read_bytes()) == state


@pytest.mark.parametrize(
    ("old", "new", "code", "says"),
    [
        ("severity: S3", "severity: S9", 6, "severity is 'S9'"),
        ("state: new", "state: closed", 5, "state cannot be edited"),
        ("I press export", "I pressed export", 5, "story cannot be edited"),
        ("\n    action: new", "\n    action: note", 5, "events cannot be edited"),
        ("\nseverity: S3", "\ncomponent: AKIA2E0A8F3B244C9986\nseverity: S3", 5, "AWS Access Key"),
    ],
)
def test_an_edit_that_does_not_hold_is_not_committed(
    tracker: Tracker, report: str, old: str, new: str, code: int, says: str
) -> None:
    path = tracker.path(report)
    path.write_text(path.read_text().replace(old, new))
    state = tracker.fingerprint(), path.read_bytes()
    done = tracker.run("note", report, "x", "--include-edits")
    assert (done.code, says in done.err) == (code, True), done.err
    assert (tracker.fingerprint(), path.read_bytes()) == state


def test_an_edit_that_is_staged_is_taken_and_one_half_staged_is_not(tracker: Tracker, report: str) -> None:
    path = tracker.path(report)
    tracker.git("add", str(path))
    text = path.read_text()
    path.write_text(text + "# and more\n")
    done = tracker.run("note", report, "x", "--include-edits")
    assert (done.code, "staged in another form" in done.err) == (7, True), done.err
    path.write_text(text)
    tracker.ok("note", report, "x", "--include-edits")
    assert tracker.git("status", "--porcelain") == ""


def test_other_work_is_not_swept_in(tracker: Tracker, report: str) -> None:
    other = tracker.new()
    path = tracker.path(other)
    path.write_text(path.read_text() + "# another\n")
    (tracker.root / "mine").write_text("x")
    tracker.git("add", "mine")
    tracker.ok("note", report, "x", "--include-edits")
    assert tracker.git("status", "--porcelain").splitlines() == [
        "A  mine",
        f" M {path.relative_to(tracker.root)}",
    ] or tracker.git("status", "--porcelain").splitlines() == [
        f" M {path.relative_to(tracker.root)}",
        "A  mine",
    ]


def test_a_dry_run_shows_the_change_alone_and_keeps_the_edit(tracker: Tracker, report: str) -> None:
    state = tracker.fingerprint(), tracker.path(report).read_bytes()
    done = tracker.run("note", report, "x", "--include-edits", "--dry-run")
    assert done.code == 0
    assert "would be committed first" in done.err
    assert "+    action: note" in done.out
    assert "+title" not in done.out
    assert (tracker.fingerprint(), tracker.path(report).read_bytes()) == state


@pytest.mark.parametrize("step", STEPS)
def test_an_edit_is_never_lost_to_a_fault(
    tracker: Tracker, report: str, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    edited = tracker.path(report).read_bytes()

    def fail() -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        before(patch, step, fail)
        assert tracker.run("note", report, "x", "--include-edits").code == 7
    assert tracker.path(report).read_bytes() == edited
    tracker.ok("note", report, "x", "--include-edits")
    assert tracker.git("status", "--porcelain") == ""


@pytest.mark.parametrize("step", [*STEPS, *LATE_STEPS])
def test_an_edit_is_never_lost_to_a_kill(tracker: Tracker, report: str, step: str) -> None:
    edited = tracker.path(report).read_bytes()
    kill_before(tracker, step, "note", report, "x", "--include-edits")
    assert tracker.path(report).read_bytes() == edited
    tracker.ok("note", report, "x", "--include-edits")
    assert tracker.git("status", "--porcelain") == ""
    assert tracker.subjects()[:2] == [f"{report}: note", f"{report}: hand edit"]
    assert tracker.git("show", f"HEAD~1:{tracker.path(report).relative_to(tracker.root)}").encode() == edited


def test_edit_takes_it_first_and_goes_on_from_there(
    tracker: Tracker, report: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDITOR", "sed -i 's/^title: My/title: Our/'")
    assert tracker.run("edit", report).code == 7
    monkeypatch.setenv("EDITOR", "true")
    tracker.ok("edit", report, "--include-edits")
    assert tracker.subjects()[:2] == [f"{report}: edit", f"{report}: hand edit"]
    assert tracker.show(report)["title"].startswith("Our ")


def test_undo_takes_none_along(tracker: Tracker, report: str) -> None:
    state = tracker.fingerprint()
    assert tracker.run("undo", report, "--include-edits").code == 2
    assert tracker.fingerprint() == state
