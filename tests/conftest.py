"""A hermetic environment for every test: nothing of the machine's, the user's or the CI's settings is seen."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from support.cli import Tracker

# Git is slow beside what Hypothesis expects, and a machine may be slow beside another: time is never a verdict.
# Each run draws other examples: many runs look further than one with more of them.
settings.register_profile("issuelog", deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("issuelog")

_DROPPED = ("GIT_", "ISSUELOG_", "LC_", "XDG_")
_CONFIG = """[user]
    name = Ana Reyes
    email = ana@example.com
[init]
    defaultBranch = main
"""
_MEMORY = Path("/dev/shm")
_ROOM_BYTES = 2 << 30


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Make the repositories of all tests in memory where it has room: every commit waits for the disk several times.

    What they hold goes with the run; `--basetemp FOLDER` keeps it.
    """
    if config.option.basetemp is None and _can_hold_repositories(_MEMORY):
        config.option.basetemp = tempfile.mkdtemp(prefix="issuelog-tests-", dir=_MEMORY)
        config.add_cleanup(lambda: _remove(config.option.basetemp))


def pytest_xdist_auto_num_workers() -> int | None:
    """Run one process more than there are processors: what a test waits for is a tenth of its time."""
    if os.environ.get("PYTEST_XDIST_AUTO_NUM_WORKERS"):
        return None  # the user's word
    return len(os.sched_getaffinity(0)) + 1 if hasattr(os, "sched_getaffinity") else None


def _remove(folder: str) -> None:
    """Remove a folder by a program: there are very many files in it, and Python takes several times as long."""
    subprocess.run(["rm", "-rf", "--", folder], check=False)


def _can_hold_repositories(folder: Path) -> bool:
    if not os.access(folder, os.W_OK):
        return False
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize >= _ROOM_BYTES and not found.f_flag & os.ST_NOEXEC


def pytest_collection_finish() -> None:
    # What is imported by now stays, and is much: looking through it again and again took a tenth of the time.
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)


@pytest.fixture(autouse=True)
def hermetic(tmp_path: Path) -> Iterator[None]:
    # A patch of its own: a test that undoes its patches in the middle would get the user's environment back.
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith(_DROPPED) or name in {"CI", "NO_COLOR", "FORCE_COLOR", "EDITOR", "VISUAL", "PAGER"}:
                patch.delenv(name)
        # A job in the background is started with interrupts ignored, one under `nohup` with terminals that close; its
        # children would be as well.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
        home = tmp_path / "home"
        home.mkdir()
        (home / "gitconfig").write_text(_CONFIG)
        for name, value in {
            "HOME": str(home),
            "GIT_CONFIG_GLOBAL": str(home / "gitconfig"),
            "GIT_CONFIG_NOSYSTEM": "1",
            "TZ": "UTC",
            "COLUMNS": "100",
            "ISSUELOG_PAGER": "",
            "LANG": "C.UTF-8",
            "TERM": "xterm",
        }.items():
            patch.setenv(name, value)
        yield


@pytest.fixture
def tracker(tmp_path: Path) -> Tracker:
    """A tracker in a new repository."""
    return Tracker.make(tmp_path / "repository")
