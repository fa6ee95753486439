"""Letting things go wrong at a named step of a transaction, and looking at what is left afterwards."""

from __future__ import annotations

import os
import signal
import subprocess
import warnings
from collections.abc import Callable

import pytest

from issuelog.transaction import Transaction
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

COMMANDS = ("create", "change", "remove")

State = tuple[object, ...]


def make_report(tracker: Tracker) -> str:
    """Return a report, with a person's staged and unstaged work beside it."""
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
