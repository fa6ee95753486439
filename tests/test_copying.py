"""A copy of a tracker is one to git as well: nothing in it looks edited, and what was edited still does."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from support.cli import Tracker
from support.copying import copy_tree, index_follows

TICK_SECONDS = 0.02
"""After this long a file has another time than the index."""


@pytest.fixture
def original(tracker: Tracker) -> Tracker:
    tracker.new()
    (tracker.root / "program").write_text("true\n")
    (tracker.root / "program").chmod(0o755)
    (tracker.root / "link").symlink_to("program")
    time.sleep(TICK_SECONDS)
    tracker.git("add", ".")
    tracker.git("commit", "-q", "-m", "more")
    time.sleep(TICK_SECONDS)
    tracker.git("update-index", "--refresh")
    return tracker


def edited(tracker: Tracker) -> list[str]:
    """Return what git takes for edited by what stat says alone."""
    return tracker.git("diff-files", "--name-only").split()


def states(root: Path) -> dict[str, object]:
    found: dict[str, object] = {}
    for path in root.rglob("*"):
        said, name = path.lstat(), str(path.relative_to(root))
        content = path.readlink() if path.is_symlink() else path.read_bytes() if path.is_file() else None
        found[name] = said.st_mode, None if path.is_symlink() else said.st_mtime_ns, content
    return found


def test_a_copy_has_all_that_is_there_with_its_times_and_modes(original: Tracker, tmp_path: Path) -> None:
    (original.root / "empty").mkdir(mode=0o700)
    copy_tree(original.root, tmp_path / "copy")
    assert states(tmp_path / "copy") == states(original.root)


def test_nothing_looks_edited_in_a_copy(original: Tracker, tmp_path: Path) -> None:
    copy_tree(original.root, tmp_path / "copy")
    copy = Tracker(tmp_path / "copy")
    assert len(edited(copy)) > 2, "git looks at more than the times of files"
    assert index_follows(original.root, copy.root)
    assert edited(copy) == []
    assert copy.git("ls-files", "-s") == original.git("ls-files", "-s")
    assert copy.git("fsck", "--strict") == ""


def test_what_was_edited_still_looks_so(original: Tracker, tmp_path: Path) -> None:
    (original.root / "program").write_text("fals\n")
    (original.root / "later").touch()
    time.sleep(TICK_SECONDS)
    original.git("add", "later")  # the index is younger than the edit
    copy = Tracker.copied(original.root, tmp_path / "copy")
    assert edited(copy) == ["program"]
    time.sleep(TICK_SECONDS)
    (copy.root / "link").unlink()
    assert edited(copy) == ["link", "program"]


def test_what_lies_too_close_in_time_is_left_to_git(original: Tracker, tmp_path: Path) -> None:
    index = original.root / ".git/index"
    at = (original.root / "program").stat().st_mtime_ns
    os.utime(index, ns=(at, at))
    copy_tree(original.root, tmp_path / "copy")
    assert not index_follows(original.root, tmp_path / "copy")
