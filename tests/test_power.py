"""A power cut at any moment: what was told is still there, and the next command works."""

from __future__ import annotations

import filecmp
import json
import os
import random
import shutil
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from support.cli import Tracker
from support.mounts import NotAllowed, in_own_mounts, mount, unmount

CUTS = int(os.environ.get("POWER_CUTS", "6"))
"""More of them: POWER_CUTS=100 pytest tests/test_power.py."""
WRITERS = 2
LONGEST_PAUSE_SECONDS = 0.5
IMAGE_BYTES = 32 << 20
# What nobody syncs stays off the disk for long, so that what is forgotten to be synced is missed.
OPTIONS = "loop,noatime,commit=600"


def test_a_power_cut_at_any_moment_loses_nothing_that_was_told(tmp_path: Path) -> None:
    in_own_mounts(lambda: cut_the_power_often(tmp_path), tmp_path / "told")


def test_every_object_and_reference_is_synced_by_the_git_that_writes_it(
    tracker: Tracker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not every command of git heeds the setting that asks for it."""
    traces = tmp_path / "traces"
    traces.mkdir()
    before = objects(tracker)
    with monkeypatch.context() as patch:
        patch.setenv("GIT_TRACE2_EVENT", str(traces))
        tracker.ok("new", "--story", "s", "--customer", "c")
    flushed = Counter[str]()
    for trace in traces.iterdir():
        events = [json.loads(line) for line in trace.read_text().splitlines()]
        name = next((event["name"] for event in events if event["event"] == "cmd_name"), "none")
        flushed[name] += sum(int(event["value"]) for event in events if event.get("key") == "fsync/hardware-flush")
    assert flushed["update-ref"] == 1
    assert flushed.total() - flushed["update-ref"] >= len(objects(tracker) - before)


def test_the_lock_on_the_index_has_its_mark_before_it_has_its_name(
    tracker: Tracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a power cut leaves an empty one, which nobody would know to be ours."""
    fsync, link, synced, locked = os.fsync, os.link, set[int](), []

    def syncing(handle: int) -> None:
        synced.add(os.fstat(handle).st_ino)
        fsync(handle)

    def linking(source: Path, target: Path) -> None:
        if Path(target).name == "index.lock":
            locked.append(Path(source).stat().st_ino in synced)
        link(source, target)

    monkeypatch.setattr(os, "fsync", syncing)
    monkeypatch.setattr(os, "link", linking)
    tracker.ok("new", "--story", "s", "--customer", "c")
    assert locked == [True]


def objects(tracker: Tracker) -> set[Path]:
    return {path for path in tracker.root.glob(".git/objects/??/*") if len(path.name) > 30}


def cut_the_power_often(folder: Path) -> None:
    image, disk, told = folder / "image", folder / "disk", folder / "commits"
    make_image(image)
    disk.mkdir()
    told.touch()
    mount("-o", OPTIONS, image, disk)
    tracker = Tracker.make(disk / "repository")
    shared = tracker.new()
    # The repository is older than the last seconds: `git init` syncs nothing of what it makes.
    subprocess.run(["sync", "-f", disk], check=True)
    acknowledged: list[str] = []
    writers = [begin(partial(keep_writing, tracker, shared, told, f"w{number}")) for number in range(WRITERS)]
    try:
        for number in range(CUTS):
            time.sleep(random.uniform(0, LONGEST_PAUSE_SECONDS))
            with stopped(writers):
                acknowledged = told.read_text().split()
                copy(image, folder / "copy")
            require_all(folder, shared, acknowledged, f"cut {number} of {CUTS}")
    finally:
        for writer in writers:
            os.killpg(writer, signal.SIGKILL)
            os.waitpid(writer, 0)
    assert acknowledged


def make_image(image: Path) -> None:
    with image.open("wb") as file:
        file.truncate(IMAGE_BYTES)
    options = ["-b", "4096", "-J", "size=4", "-E", "lazy_itable_init=0,lazy_journal_init=0"]
    try:
        done = subprocess.run(["mkfs.ext4", "-q", "-F", *options, image], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise NotAllowed("there is no mkfs.ext4") from None
    assert done.returncode == 0, done.stderr


def begin(work: Callable[[], None]) -> int:
    """Do something in a process group of its own."""
    child = os.fork()
    if not child:
        try:
            os.setpgid(0, 0)
            work()
        finally:
            os._exit(1)
    os.setpgid(child, child)
    return child


def keep_writing(tracker: Tracker, shared: str, told: Path, name: str) -> None:
    """Write on and on, and tell of each commit as soon as the command has told of it."""
    picture = told.with_name(f"{name}.png")
    picture.write_bytes(b"\x89PNG\0" * 1000)
    with told.open("a", buffering=1) as file:
        while True:
            made = tracker.json("new", "--story", name, "--customer", "c", "--attach", str(picture))
            file.write(f"{made['commit']}\n")
            for report in (made["id"], shared):
                file.write(f"{tracker.json('note', report, name)['commit']}\n")


@contextmanager
def stopped(groups: Sequence[int]) -> Iterator[None]:
    for group in groups:
        os.killpg(group, signal.SIGSTOP)
    yield
    for group in groups:
        os.killpg(group, signal.SIGCONT)


def copy(image: Path, target: Path) -> None:
    """Copy an image as it is at one moment: the system writes to it even when nobody else does."""
    for _ in range(100):
        shutil.copyfile(image, target)
        if filecmp.cmp(image, target, shallow=False):
            return
    raise AssertionError("the image does not stand still")


def require_all(folder: Path, shared: str, acknowledged: Sequence[str], which: str) -> None:
    """What has survived is all that was told, sound, and goes on."""
    disk = folder / "survived"
    disk.mkdir(exist_ok=True)
    mount("-o", OPTIONS, folder / "copy", disk)
    tracker = Tracker(disk / "repository")
    lost = set(acknowledged) - set(tracker.git("rev-list", "HEAD").split())
    assert not lost, f"{which}: {len(lost)} of {len(acknowledged)} lost"
    tracker.ok("note", shared, "the next")
    assert tracker.git("status", "--porcelain", "--untracked-files=all") == "", which
    tracker.git("fsck", "--strict", "--no-dangling")
    tracker.ok("check")
    assert not [*disk.glob("**/*.lock"), *disk.glob("repository/.git/issuelog/[tj]*")], which
    unmount(disk)
