"""What holds for every change in every repository: one whole commit, or a refusal with everything as it was."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from support.cli import Done, Tracker
from support.faults import state
from support.refusals import refused

Arrange = Callable[[Tracker, Path], object]
OURS = ("reports", "attachments")


def configured(*settings: str) -> Arrange:
    """Arrange for settings, each as `key=value`."""

    def arrange(tracker: Tracker, _: Path) -> None:
        for setting in settings:
            tracker.git("config", *setting.split("=", 1))

    return arrange


def theirs(tracker: Tracker) -> object:
    """Return all that is a person's: what they staged and what they did not, and the bytes of their files."""
    outside = ["--", ".", *(f":!{folder}" for folder in OURS)]
    files = [path for path in tracker.root.rglob("*") if path.is_file() and not {".git", *OURS} & {*path.parts}]
    return (
        tracker.git("status", "--porcelain=v2", "--untracked-files=all", *outside),
        tracker.git("ls-files", "-s", "-t", "-v", *outside),
        sorted((str(path), path.read_bytes()) for path in files),
    )


def tree(tracker: Tracker) -> set[str]:
    """Return what the last commit holds."""
    return set(tracker.git("ls-tree", "-r", "-z", "--name-only", "HEAD").split("\0"))


def one_commit(tracker: Tracker, *typed: str) -> Done:
    """Run a command that has to make exactly one commit, of our files alone; disk, index and HEAD agree on them."""
    before, head = theirs(tracker), tracker.git("rev-parse", "HEAD")
    done = tracker.run(*typed)
    assert done.code == 0, done.err
    assert tracker.git("rev-parse", "HEAD~") == head
    assert theirs(tracker) == before
    touched = tracker.git("diff-tree", "--no-commit-id", "--name-only", "-r", "HEAD").split()
    assert touched
    assert {path.split("/")[0] for path in touched} <= {*OURS}
    assert tracker.git("diff-index", "--cached", "--name-only", "HEAD", "--", *touched) == ""
    for path in touched:
        on_disk = (tracker.root / path).is_file() and tracker.git("hash-object", "--no-filters", path)
        assert on_disk == (tracker.git("rev-parse", "-q", "--verify", f"HEAD:{path}", check=False) or False)
    return done


def every_kind(tracker: Tracker, report: str, tmp_path: Path) -> None:
    """Take every kind of write: one that changes a file, one that brings files, one that removes them."""
    (tmp_path / "a.txt").write_bytes(b"line $Id$\r\nline\n")
    one_commit(tracker, "note", report, "x")
    one_commit(tracker, "new", "--story", "s", "--anonymous", "--attach", str(tmp_path / "a.txt"))
    one_commit(tracker, "undo")


def as_it_was(tracker: Tracker, code: int, says: str, *typed: str) -> None:
    """Run a command that has to be refused, in words and as JSON, and to leave every byte as it was."""
    before = state(tracker)
    refused(tracker, code, *typed, says=says)
    assert state(tracker) == before


def script(path: Path, text: str, mode: int = 0o755) -> None:
    """Write a shell script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(mode)
