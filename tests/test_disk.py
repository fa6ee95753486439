"""A disk that is full, read-only or broken: a command says which file, changes all or nothing, and the next works."""

from __future__ import annotations

import builtins
import errno
import io
import itertools
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from support.cli import Done, Tracker
from support.copying import copy_tree
from support.faults import arguments, count, kill_before, make_report, require_tidy, state
from support.mounts import in_own_mounts, make_read_only, mount, unmount

COMMANDS = ("create", "change")
ERRORS = (errno.ENOSPC, errno.EROFS, errno.EIO)
MEASURE_BYTES = 4096
MOST_BYTES = 1 << 20
CALLS = ((os, "fsync"), (os, "replace"), (os, "link"), (os, "mkdir"), (os, "unlink"), (io, "open"), (builtins, "open"))
"""What writes to the disk, or changes names on it, in the library that issuelog uses for it."""


def require_refused(tracker: Tracker, done: Done, was: object) -> None:
    """The command failed with the file and the reason, in git's words where git failed, and nothing is changed."""
    words = "|".join(map(os.strerror, ERRORS))
    assert (done.code in {7, 8}, done.out) == (True, ""), done
    if done.code == 7:
        assert re.search(rf"error: {tracker.root}/\S+: ({words}); nothing was changed", done.err), done.err
    else:
        assert re.search(rf"error: .*({words}|Out of diskspace)", done.err, re.DOTALL), done.err
    assert "Traceback" not in done.err
    assert state(tracker) == was, done.err


def leftovers(tracker: Tracker) -> list[Path]:
    git = tracker.root / ".git"
    private = git / "issuelog"
    return [*git.rglob("*.lock"), *private.glob("tmp-*"), *private.glob("journal*"), *private.glob(".*")]


def begin_again(tracker: Tracker, kept: Path) -> None:
    """Let a tracker be as one that was kept: a report to which something happens again and again grows."""
    shutil.rmtree(tracker.root, ignore_errors=True)
    copy_tree(kept, tracker.root)


class Fault:
    """Lets the calls that write fail: one of them, or all from that one on."""

    def __init__(self, number: int, root: Path, *, for_good: bool) -> None:
        self.number = number
        self.code = ERRORS[number % len(ERRORS)]
        self.root = root
        self.for_good = for_good
        self.calls = 0

    @property
    def happened(self) -> bool:
        return self.calls > self.number

    def around(self, original: Callable[..., Any], name: str) -> Callable[..., Any]:
        def call(*args: Any, **options: Any) -> Any:
            if self._writes(name, *args, **options):
                self.calls += 1
                if self.calls == self.number + 1 or (self.for_good and self.happened):
                    raise OSError(self.code, os.strerror(self.code), None if name == "fsync" else str(args[0]))
            return original(*args, **options)

        return call

    def _writes(self, name: str, target: Any, *args: Any, **options: Any) -> bool:
        if name == "fsync":
            return True
        if isinstance(target, int) or not Path(target).is_relative_to(self.root):
            return False
        return name != "open" or bool(set("wax+") & set(args[0] if args else options.get("mode", "r")))

    @contextmanager
    def at_work(self) -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            for owner, name in CALLS:
                patch.setattr(owner, name, self.around(getattr(owner, name), name))
            yield


@pytest.mark.parametrize(("command", "for_good"), [("create", False), ("change", False), ("change", True)])
def test_whichever_call_fails_the_change_is_whole_or_not_there(
    tracker: Tracker, tmp_path: Path, command: str, for_good: bool
) -> None:
    report = make_report(tracker)
    tracker.ok("note", report, "everything is imported")
    typed = arguments(tracker, report, command)
    was, commits, kept = state(tracker), count(tracker), tmp_path / "kept"
    tracker.root.rename(kept)
    fates = set()
    for number in itertools.count():
        begin_again(tracker, kept)
        fault = Fault(number, tracker.root, for_good=for_good)
        with fault.at_work():
            done = tracker.run(*typed)
        if not fault.happened:
            break
        committed = done.code == 0
        if committed:
            assert count(tracker) == commits + 1
        elif "the change is half done" in done.err:
            assert (done.code, for_good) == (7, True), done.err
        else:
            require_refused(tracker, done, was)
        fates.add("committed" if committed else "half done" if "half done" in done.err else "refused")
        if leftovers(tracker):
            before = count(tracker)
            again = tracker.run("note", report, "the next")
            assert again.code == 0, (number, done.err, again.err)
            finished = "finished an interrupted change" in again.err and not committed
            assert count(tracker) == before + 1 + finished
            assert leftovers(tracker) == []
    assert done.code == 0
    assert fates >= {"refused", "committed"}
    require_tidy(tracker)


def test_whichever_call_fails_while_a_killed_change_is_settled_the_next_command_settles_it(
    tracker: Tracker, tmp_path: Path
) -> None:
    report, commits, killed = make_report(tracker), count(tracker), tmp_path / "killed"
    kill_before(tracker, "_write_index", "note", report, "the change")
    tracker.root.rename(killed)
    for number in itertools.count():
        begin_again(tracker, killed)
        fault = Fault(number, tracker.root, for_good=False)
        with fault.at_work():
            done = tracker.run("note", report, "the second")
        assert "Traceback" not in done.err
        assert done.code == 0 or (done.code == 7 and f"error: {tracker.root}/" in done.err), done.err
        tracker.ok("note", report, "the next")
        assert count(tracker) == commits + 2 + (done.code == 0), done.err
        assert leftovers(tracker) == []
        assert fault.happened
        if "finished an interrupted change" in done.err and "/journal: " in done.err:
            break  # what comes later is as without a recovery
    assert number > len(ERRORS)
    require_tidy(tracker)


@contextmanager
def filled(disk: Path, leaving: int) -> Iterator[None]:
    """Let only some bytes be free on a disk."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        with pytest.raises(OSError, match="No space left"):  # noqa: PT012
            while True:
                file.write(bytes(MEASURE_BYTES))
        file.truncate(max(0, file.tell() - leaving))
    yield
    filler.unlink()


@pytest.mark.parametrize("command", COMMANDS)
def test_a_disk_that_is_full(tmp_path: Path, command: str) -> None:
    def work() -> None:
        disk = tmp_path / "disk"
        disk.mkdir()
        mount("-t", "tmpfs", "-o", "size=8m", "tmpfs", disk)
        tracker = Tracker.make(disk / "repository")
        report = make_report(tracker)
        typed = arguments(tracker, report, command)
        was = state(tracker)
        for free in range(0, MOST_BYTES, MEASURE_BYTES):
            with filled(disk, free):
                done = tracker.run(*typed)
                assert free or tracker.run("list", "-q").out.split() == [report]
            if done.code == 0:
                break
            require_refused(tracker, done, was)
            require_tidy(tracker)
        assert (done.code, free > 0) == (0, True)
        tracker.ok("note", report, "the next")
        assert count(tracker) == 4
        require_tidy(tracker)

    in_own_mounts(work, tmp_path / "told")


READS = ("list", "show {}", "log {}", "check", "next {}", "missing {}")


def require_only_reading(tracker: Tracker, report: str) -> None:
    was = state(tracker)
    for command in COMMANDS:
        require_refused(tracker, tracker.run(*arguments(tracker, report, command)), was)
    for line in READS:
        done = tracker.run(*line.format(report).split())
        assert (line, done.code in {0, 1}) == (line, True), done.err


@pytest.mark.parametrize("part", [".", ".git", ".git/objects", ".git/issuelog", "reports"])
def test_a_tree_that_is_mounted_read_only(tracker: Tracker, tmp_path: Path, part: str) -> None:
    report = make_report(tracker)

    def work() -> None:
        make_read_only(tracker.root / part)
        require_only_reading(tracker, report)
        unmount(tracker.root / part)

    in_own_mounts(work, tmp_path / "told")
    tracker.ok("note", report, "the next")
    assert count(tracker) == 3
    require_tidy(tracker)


@pytest.fixture
def may_be_kept_out(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    folder.mkdir(mode=0o500)
    if os.access(folder, os.W_OK):
        pytest.skip("this user may write wherever it wants")


@pytest.mark.usefixtures("may_be_kept_out")
def test_a_tree_that_the_user_may_not_write(tracker: Tracker) -> None:
    report = make_report(tracker)
    folders = [tracker.root, *(path for path in tracker.root.rglob("*") if path.is_dir())]
    for folder in folders:
        folder.chmod(0o500)
    done = tracker.run("note", report, "x")
    assert (done.code, "Permission denied; nothing was changed" in done.err) == (7, True), done.err
    assert tracker.run("show", report).code == 0
    for folder in folders:
        folder.chmod(0o700)
    tracker.ok("note", report, "the next")
    require_tidy(tracker)
