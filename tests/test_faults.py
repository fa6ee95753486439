"""Whatever goes wrong at whatever step: everything is as it was, or the change is there whole and once."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import threading
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

from issuelog.recovery import Recovery
from issuelog.store import files
from issuelog.transaction import Transaction
from issuelog.vcs import refs
from issuelog.vcs.index import IndexChange
from support.cli import Tracker

STEPS = (
    "_write_objects",
    "_take_index_lock",
    "_is_still_true",
    "_write_journal",
    "_write_files",
    "_write_index",
    "_move_head",
)
LATE_STEPS = ("_sync_head", "_clean_up")
"""Steps after the commit point."""

FAULTS: dict[str, Callable[[], BaseException]] = {
    "exception": lambda: RuntimeError("out of order"),
    "interrupt": KeyboardInterrupt,
    "disk full": lambda: OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/the/file"),
}
CODES = {"exception": 70, "interrupt": 130, "disk full": 7}
COMMANDS = ("create", "change", "remove")

State = tuple[object, ...]


@pytest.fixture
def report(tracker: Tracker) -> str:
    """A report, and a person's staged and unstaged work beside it."""
    made = tracker.new()
    (tracker.root / "mine").write_text("staged\n")
    tracker.git("add", "mine")
    (tracker.root / "mine").write_text("unstaged\n")
    return made


def arguments(tracker: Tracker, report: str, command: str) -> list[str]:
    """Return a command that brings files, that changes one, or that removes one."""
    picture = tracker.root.parent / "picture.png"
    picture.write_bytes(b"\x89PNG\0")
    return {
        "create": ["new", "--story", "s", "--customer", "c", "--attach", str(picture)],
        "change": ["note", report, "the change"],
        "remove": ["undo"],
    }[command]


def state(tracker: Tracker) -> State:
    """Return all that a person can see: HEAD, index, status, every file and folder."""
    inside = [path for path in tracker.root.rglob("*") if ".git" not in path.parts]
    return (
        tracker.fingerprint(),
        tracker.git("ls-files", "-s", "-v", "-t"),
        sorted((str(path), path.read_bytes() if path.is_file() else b"") for path in inside),
    )


def require_tidy(tracker: Tracker) -> None:
    """Nothing is left over, and git finds nothing broken."""
    git = tracker.root / ".git"
    private = git / "issuelog"
    left = [*git.rglob("*.lock"), *private.glob("tmp-*"), *private.glob("journal*"), *private.glob(".*")]
    assert left == []
    assert tracker.git("status", "--porcelain", "--untracked-files=all") == "AM mine\n"
    done = subprocess.run(["git", "fsck", "--strict"], cwd=tracker.root, capture_output=True, text=True, check=True)
    assert "missing" not in done.stdout + done.stderr


def count(tracker: Tracker) -> int:
    return int(tracker.git("rev-list", "--count", "HEAD"))


def before(monkeypatch: pytest.MonkeyPatch, step: str, fault: Callable[[], object], owner: type = Transaction) -> None:
    """Let `fault` happen before a step."""
    original = getattr(owner, step)

    def with_fault(self: object, *args: object, **options: object) -> object:
        fault()
        return original(self, *args, **options)

    monkeypatch.setattr(owner, step, with_fault)


def raising(make: Callable[[], BaseException]) -> Callable[[], object]:
    def fault() -> object:
        raise make()

    return fault


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("command", COMMANDS)
def test_a_fault_before_the_commit_leaves_everything_as_it_was(
    tracker: Tracker, report: str, monkeypatch: pytest.MonkeyPatch, command: str, fault: str
) -> None:
    typed = arguments(tracker, report, command)
    was, index = state(tracker), tracker.root / ".git/index"
    for step in STEPS:
        bytes_before = index.read_bytes()
        with monkeypatch.context() as patch:
            before(patch, step, raising(FAULTS[fault]))
            done = tracker.run(*typed)
        assert index.read_bytes() == bytes_before
        assert (step, done.code) == (step, CODES[fault]), done.err
        if fault == "disk full":
            assert "/the/file: No space left on device; nothing was changed" in done.err
        assert (step, state(tracker)) == (step, was)
    require_tidy(tracker)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("step", LATE_STEPS)
def test_a_fault_after_the_commit_keeps_it(
    tracker: Tracker, report: str, monkeypatch: pytest.MonkeyPatch, step: str, fault: str
) -> None:
    with monkeypatch.context() as patch:
        before(patch, step, raising(FAULTS[fault]))
        done = tracker.run("note", report, "the change")
    assert done.code == {**CODES, "disk full": 0}[fault]
    assert ("is committed, but /the/file" in done.err) == (fault == "disk full")
    assert tracker.subjects()[0] == f"{report}: note"
    tracker.ok("note", report, "the next")
    assert count(tracker) == 4
    require_tidy(tracker)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_real_interrupt_waits_until_the_change_is_whole(
    tracker: Tracker, report: str, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    typed = arguments(tracker, report, command)
    with monkeypatch.context() as patch:
        before(patch, "_write_index", lambda: signal.pthread_kill(threading.get_ident(), signal.SIGINT))
        done = tracker.run(*typed)
    assert (done.code, "the interrupt came too late" in done.err) == (130, True)
    assert count(tracker) == 3
    require_tidy(tracker)


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("number", range(4))
def test_a_disk_that_stays_full_keeps_nobody_from_putting_back(
    tracker: Tracker, report: str, monkeypatch: pytest.MonkeyPatch, command: str, number: int
) -> None:
    """From the given write on, no more can be written at all."""
    typed = arguments(tracker, report, command)
    was, calls = state(tracker), []

    def full(original: Callable[..., object]) -> Callable[..., object]:
        def write(*args: object) -> object:
            calls.append(args)
            if len(calls) > number:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return original(*args)

        return write

    with monkeypatch.context() as patch:
        patch.setattr(files, "_write_new", full(files._write_new))
        patch.setattr(IndexChange, "write", full(IndexChange.write))
        done = tracker.run(*typed)
    if len(calls) > number:
        assert (done.code, "No space left on device" in done.err) == (7, True)
        assert state(tracker) == was
    require_tidy(tracker)


def test_what_cannot_be_put_back_is_told_and_settled_by_the_next_command(
    tracker: Tracker, report: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_only(*_: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), "/the/file")

    with monkeypatch.context() as patch:
        before(patch, "_move_head", raising(FAULTS["disk full"]))
        patch.setattr(files.Replacement, "put_back", read_only)
        done = tracker.run("note", report, "the change")
    assert done.code == 7
    assert "the change is half done: the next command finishes or undoes it" in done.err
    assert "an interrupted change" in tracker.run("note", report, "the next").err
    require_tidy(tracker)


def kill(tracker: Tracker, action: Callable[[], object]) -> None:
    """Do something in a child that is killed on the way."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # threads of the test runner: the child uses none
        child = os.fork()
    if not child:
        try:
            action()
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status)
    assert os.WTERMSIG(status) == signal.SIGKILL


def kill_before(tracker: Tracker, step: str, *typed: str, owner: type = Transaction) -> None:
    with pytest.MonkeyPatch.context() as patch:
        before(patch, step, lambda: os.kill(os.getpid(), signal.SIGKILL), owner)
        kill(tracker, lambda: tracker.run(*typed))


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


def test_locks_that_git_died_with_are_recognised(
    tracker: Tracker, report: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kill_before(tracker, "_move_head", "note", report, "x")
    monkeypatch.setattr(refs, "HELD_SECONDS", 0.0)
    for name in ("HEAD.lock", "refs/heads/main.lock"):
        (tracker.root / ".git" / name).touch()
    tracker.ok("note", report, "the next")
    assert count(tracker) == 4
    require_tidy(tracker)


def test_a_lock_that_is_not_recognised_stays(tracker: Tracker, report: str, monkeypatch: pytest.MonkeyPatch) -> None:
    kill_before(tracker, "_move_head", "note", report, "x")
    monkeypatch.setattr(refs, "HELD_SECONDS", 0.0)
    lock = tracker.root / ".git/refs/heads/main.lock"
    lock.write_text("1" * 40)
    done = tracker.run("note", report, "the next")
    assert (done.code, str(lock) in done.err, lock.exists()) == (7, True, True)
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
