"""What is on the disk when: the order that lets a change survive a power cut at any moment."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from issuelog import transaction
from issuelog.store import files
from issuelog.vcs.git import Git
from support.cli import Tracker


@pytest.fixture
def report(tracker: Tracker) -> str:
    tracker.become(Tracker.new)
    return tracker.ids()[0]


@pytest.fixture
def steps(tracker: Tracker, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is done to the disk, in order: `sync PATH`, `name PATH` (a whole file gets its name), `git COMMAND`."""
    done: list[str] = []
    fsync, replace, run = os.fsync, os.replace, subprocess.run

    def shown(path: object) -> str:
        return os.path.relpath(str(path), tracker.root)

    def syncing(handle: int) -> None:
        done.append(f"sync {shown(Path(f'/proc/self/fd/{handle}').readlink())}")
        fsync(handle)

    def naming(source: Any, target: Any) -> None:
        done.append(f"name {shown(target)}")
        replace(source, target)

    def running(command: Sequence[str], **options: Any) -> Any:
        arguments = [word for word in command[3:] if "=" not in word and word != "-c"]
        done.append(f"git {arguments[0]}")
        return run(command, **options)

    monkeypatch.setattr(os, "fsync", syncing)
    monkeypatch.setattr(os, "replace", naming)
    monkeypatch.setattr(subprocess, "run", running)
    return done


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="names of open files are read from /proc")
def test_the_order_of_what_reaches_the_disk(tracker: Tracker, report: str, steps: list[str]) -> None:
    path = tracker.path(report).relative_to(tracker.root)
    tracker.ok("note", report, "x")
    commit, tree = tracker.git("rev-parse", "HEAD", "HEAD^{tree}").split()
    month, journal = path.parent, ".git/issuelog/journal"
    expected = [
        "git commit-tree",
        f"sync .git/objects/{tree[:2]}",
        "sync .git/issuelog/.journal.issuelog-tmp",
        f"name {journal}",
        "sync .git/issuelog",
        f"sync {month}/.{path.name}.issuelog-tmp",
        f"name {path}",
        f"sync {month}",
        "git update-index",
        "name .git/index",
        "git update-ref",
        "sync .git",
        "sync .git/refs/heads",
        "sync .git/issuelog",
    ]
    position = -1
    for step in expected:
        assert step in steps[position + 1 :], f"{step} does not follow {steps[position]}"
        position = steps.index(step, position + 1)
    synced = {step.removeprefix("sync .git/objects/") for step in steps[: steps.index("git update-ref")]}
    trees = tracker.git("ls-tree", "-r", "-t", "--format=%(objectname) %(path)", "HEAD").splitlines()
    new = [commit, tree] + [row[:40] for row in trees if str(path).startswith(row[41:])]
    assert {name[:2] for name in new} <= synced, "an object's name may be lost in a power cut"
    assert any(step.startswith("sync ") and step.endswith("/index") for step in steps[: steps.index("name .git/index")])


@pytest.mark.parametrize("fails", [False, True])
def test_a_file_system_without_hard_links(
    tracker: Tracker, report: str, monkeypatch: pytest.MonkeyPatch, fails: bool
) -> None:
    """Git's own folder has to have them; the work tree may lie elsewhere."""
    link, path = os.link, tracker.path(report)

    def linking(source: Any, target: Any) -> None:
        if ".git" not in Path(target).parts:
            raise OSError(errno.EPERM, os.strerror(errno.EPERM))
        link(source, target)

    monkeypatch.setattr(os, "link", linking)
    if fails:
        monkeypatch.setattr(transaction.Transaction, "_move_head", lambda *_: 1 / 0)
    was = path.read_bytes()
    done = tracker.run("note", report, "x")
    assert done.code == (70 if fails else 0)
    assert (path.read_bytes() == was) == fails
    assert tracker.git("status", "--porcelain", "--untracked-files=all") == ""


def test_a_copy_that_is_not_whole_is_never_put_back(
    tracker: Tracker, report: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tracker.path(report)
    was = path.read_bytes()

    def half(source: Path, target: Path) -> None:
        target.write_bytes(source.read_bytes()[:10])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def no_link(source: Any, target: Any) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(shutil, "copy2", half)
    monkeypatch.setattr(os, "link", no_link)
    replacement = files.Replacement({path: b"new"})
    with pytest.raises(OSError, match="No space left") as raised:
        replacement.write()
    assert raised.value.filename == str(path)
    replacement.put_back()
    assert path.read_bytes() == was
    assert [each.name for each in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("wanted", [True, False])
def test_git_may_collect_garbage_when_the_lock_is_free(
    tracker: Tracker, report: str, monkeypatch: pytest.MonkeyPatch, wanted: bool
) -> None:
    monkeypatch.setattr(transaction, "_FIRST_OF_MAINTENANCE", "")
    tracker.git("config", "maintenance.auto", str(wanted).lower())
    attempt, free = Git.attempt, []

    def attempting(self: Git, *arguments: str, **options: Any) -> Any:
        if arguments[0] == "maintenance":
            free.append(not [*tracker.root.glob(".git/issuelog/tmp-*"), *tracker.root.glob(".git/index.lock")])
        return attempt(self, *arguments, **options)

    monkeypatch.setattr(Git, "attempt", attempting)
    tracker.ok("note", report, "x")
    assert free == [True] * wanted
