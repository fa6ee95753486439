"""What a killed command left is finished or undone by the next one, which says so; nothing happens twice."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from issuelog.recovery import Recovery
from issuelog.transaction import Transaction
from issuelog.vcs import refs
from support.cli import Tracker
from support.faults import COMMANDS, LATE_STEPS, STEPS, arguments, count, kill_before, make_report, require_tidy, state


@pytest.fixture
def tracker(tmp_path: Path) -> Tracker:
    return Tracker.filled(tmp_path / "repository", make_report)


@pytest.fixture
def report(tracker: Tracker) -> str:
    [made] = tracker.ids()
    return made


@pytest.mark.parametrize("step", [*STEPS, *LATE_STEPS])
@pytest.mark.parametrize("command", COMMANDS)
def test_a_killed_change_is_finished_or_never_was(tracker: Tracker, report: str, command: str, step: str) -> None:
    was = count(tracker)
    kill_before(tracker, step, *arguments(tracker, report, command))
    again = tracker.run("new", "--story", "the next", "--customer", "c")
    assert again.code == 0, again.err
    begun = step not in STEPS[:4]
    assert ("finished an interrupted change: CR-" in again.err) == begun
    assert ("removed git's index lock" in again.err) == (step in STEPS[2:4])
    assert count(tracker) == was + (2 if begun else 1)
    require_tidy(tracker)
    if begun and command == "change":
        assert [event["action"] for event in tracker.show(report)["events"]] == ["new", "note"]


@pytest.mark.parametrize("step", ["_fate", "_mend"])
def test_a_killed_recovery_is_recovered(tracker: Tracker, report: str, step: str) -> None:
    kill_before(tracker, "_write_index", *arguments(tracker, report, "create"))
    for _ in range(2):
        kill_before(tracker, step, "note", report, "x", owner=Recovery)
    assert "finished an interrupted change" in tracker.run("note", report, "the next").err
    assert count(tracker) == 4
    require_tidy(tracker)


def test_a_change_that_was_being_put_back_is_settled(
    tracker: Tracker, report: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Transaction, "_move_head", lambda *_: False)
    kill_before(tracker, "_put_back", *arguments(tracker, report, "create"))
    monkeypatch.undo()
    assert "finished an interrupted change" in tracker.run("note", report, "the next").err
    assert count(tracker) == 4
    require_tidy(tracker)


@pytest.mark.parametrize("step", ["_move_head", "_sync_head"])
def test_locks_that_git_died_with_are_recognised(
    tracker: Tracker, report: str, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Where the whole group of processes is killed, git leaves its locks; before HEAD has moved, or after."""
    kill_before(tracker, step, "note", report, "x")
    monkeypatch.setattr(refs, "HELD_SECONDS", 0.0)
    for name in ("HEAD.lock", "refs/heads/main.lock"):
        (tracker.root / ".git" / name).touch()
    tracker.ok("note", report, "the next")
    assert count(tracker) == 4
    require_tidy(tracker)


def foreign(lock: Path) -> None:
    lock.write_text("1" * 40)


def older(lock: Path) -> None:
    lock.touch()
    os.utime(lock, (0, 0))


@pytest.mark.parametrize("make", [foreign, older])
def test_a_lock_that_is_not_recognised_stays(
    tracker: Tracker, report: str, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], None]
) -> None:
    kill_before(tracker, "_move_head", "note", report, "x")
    monkeypatch.setattr(refs, "HELD_SECONDS", 0.0)
    lock = tracker.root / ".git/refs/heads/main.lock"
    make(lock)
    done = tracker.run("note", report, "the next")
    assert (done.code, f"if none runs, remove {lock}" in done.err, lock.exists()) == (7, True, True)
    lock.unlink()
    tracker.ok("note", report, "the next")
    assert count(tracker) == 4
    require_tidy(tracker)


def free(tracker: Tracker) -> None:
    """Do as git says when it finds a lock: remove it."""
    (tracker.root / ".git/index.lock").unlink()


@pytest.mark.parametrize("command", COMMANDS)
def test_what_a_person_committed_of_a_killed_change_stays(tracker: Tracker, report: str, command: str) -> None:
    kill_before(tracker, "_move_head", *arguments(tracker, report, command))
    free(tracker)
    tracker.git("commit", "-qm", "all that is there", "--", "reports")
    was = tracker.git("ls-tree", "-r", "HEAD", "reports")
    done = tracker.run("new", "--story", "the next", "--customer", "c")
    assert (done.code, "put back an interrupted change" in done.err) == (0, True)
    assert tracker.git("ls-tree", "-r", "HEAD~", "reports") == was
    require_tidy(tracker)


@pytest.mark.parametrize("step", ["_write_files", "_write_index", "_move_head"])
def test_a_hand_edit_after_the_kill_is_never_overwritten(tracker: Tracker, report: str, step: str) -> None:
    kill_before(tracker, step, "note", report, "the change")
    path = tracker.path(report)
    path.write_text(text := path.read_text().replace("severity: S3", "severity: S1"))
    done = tracker.run("new", "--story", "the next", "--customer", "c")
    assert (done.code, "put back an interrupted change" in done.err) == (0, True)
    assert path.read_text() == text
    assert count(tracker) == 3
    assert tracker.git("diff", "--cached", "--name-only").split() == ["mine"]


def test_a_commit_after_the_killed_one_is_never_reverted(tracker: Tracker, report: str) -> None:
    kill_before(tracker, "_clean_up", "note", report, "the change")
    free(tracker)
    path = tracker.path(report)
    path.write_text(path.read_text().replace("severity: S3", "severity: S1"))
    tracker.git("commit", "-qm", "by hand", "--", str(path))
    assert "finished an interrupted change" in tracker.run("note", report, "the next").err
    shown = tracker.show(report)
    assert (shown["severity"], [event.get("text") for event in shown["events"]]) == (
        "S1",
        [None, "the change", "the next"],
    )
    require_tidy(tracker)


def test_where_the_objects_are_lost_the_change_is_put_back(tracker: Tracker, report: str) -> None:
    was = state(tracker)
    known = set(tracker.git("cat-file", "--batch-all-objects", "--batch-check=%(objectname)").split())
    kill_before(tracker, "_move_head", *arguments(tracker, report, "change"))
    for name in set(tracker.git("cat-file", "--batch-all-objects", "--batch-check=%(objectname)").split()) - known:
        (tracker.root / ".git/objects" / name[:2] / name[2:]).unlink()
    done = tracker.run("set", report, "severity=S3")  # as it is already
    assert "put back an interrupted change" in done.err
    assert state(tracker) == was


def test_a_torn_record_is_removed(tracker: Tracker, report: str) -> None:
    for torn in (b"", b"{", b"[]", b'{"before": 1}'):
        (tracker.root / ".git/issuelog/journal").write_bytes(torn)
        assert "removed the torn record" in tracker.run("note", report, "x").err
    require_tidy(tracker)


def test_another_work_tree_is_settled_from_here(tracker: Tracker, report: str, tmp_path: Path) -> None:
    tracker.git("worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))
    side = Tracker(tmp_path / "side")
    kill_before(side, "_move_head", "note", report, "over there")
    side.git("worktree", "move", str(side.root), str(tmp_path / "moved"))
    side = Tracker(tmp_path / "moved")
    done = tracker.run("note", report, "over here")
    assert (done.code, f"finished an interrupted change: {report}: note" in done.err) == (0, True)
    assert [event.get("text") for event in side.show(report)["events"]] == [None, "over there"]
    assert side.git("status", "--porcelain") == ""
    require_tidy(tracker)


def test_a_work_tree_that_is_gone_is_forgotten(tracker: Tracker, report: str, tmp_path: Path) -> None:
    tracker.git("worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))
    kill_before(Tracker(tmp_path / "side"), "_move_head", "note", report, "over there")
    tracker.git("worktree", "remove", "--force", str(tmp_path / "side"))
    assert "the work tree side, which is gone" in tracker.run("note", report, "x").err
    require_tidy(tracker)


def test_a_repository_that_was_moved_is_settled(tracker: Tracker, report: str, tmp_path: Path) -> None:
    kill_before(tracker, "_move_head", "note", report, "x")
    moved = Tracker(tracker.root.rename(tmp_path / "moved"))
    moved.ok("note", report, "the next")
    assert count(moved) == 4
    require_tidy(moved)
