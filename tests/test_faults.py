"""Whatever goes wrong at whatever step: everything is as it was, or the change is there whole."""

from __future__ import annotations

import errno
import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from issuelog.recovery import Recovery
from issuelog.store import files
from issuelog.transaction import Transaction, _Work
from issuelog.vcs import index
from issuelog.vcs.index import IndexChange
from support.cli import Tracker
from support.faults import COMMANDS, LATE_STEPS, STEPS, arguments, before, count, make_report, require_tidy, state

FAULTS: dict[str, Callable[[], BaseException]] = {
    "exception": lambda: RuntimeError("out of order"),
    "interrupt": KeyboardInterrupt,
    "disk full": lambda: OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/the/file"),
}
CODES = {"exception": 70, "interrupt": 130, "disk full": 7}


@pytest.fixture
def tracker(tmp_path: Path) -> Tracker:
    return Tracker.filled(tmp_path / "repository", make_report)


@pytest.fixture
def report(tracker: Tracker) -> str:
    [made] = tracker.ids()
    return made


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
    was, file = state(tracker), tracker.root / ".git/index"
    for step in STEPS:
        staged = file.read_bytes()
        with monkeypatch.context() as patch:
            before(patch, step, raising(FAULTS[fault]))
            done = tracker.run(*typed)
        assert (step, file.read_bytes() == staged) == (step, True)  # to the byte
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


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_right_after_head_has_moved_keeps_the_commit(
    tracker: Tracker, report: str, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    move_head = Transaction._move_head

    def moved_but(self: Transaction, work: _Work) -> bool:
        move_head(self, work)
        raise FAULTS[fault]()

    monkeypatch.setattr(Transaction, "_move_head", moved_but)
    assert tracker.run("note", report, "the change").code == (130 if fault == "interrupt" else 0)
    assert (count(tracker), tracker.subjects()[0]) == (3, f"{report}: note")
    require_tidy(tracker)


def test_a_disk_that_fails_after_the_commit_takes_nothing_back(
    tracker: Tracker, report: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_only(_: Path) -> bool:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), "/the/lock")

    with monkeypatch.context() as patch:
        patch.setattr(index, "release_if_ours", read_only)
        patch.setattr(Recovery, "run", lambda _: None)
        done = tracker.run("note", report, "the change")
    assert (done.code, "is committed, but /the/lock: Read-only file system" in done.err) == (0, True)
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
