"""The pager, at a terminal whose size is known: what fits is printed, what does not goes through the user's pager."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from issuelog.cli.pager import pager_command
from store.test_index_states import REPORT, SETTLED_SECONDS
from support.cli import Tracker

COLUMNS = 80
MARKED = "sed s/^/P:/"


@pytest.fixture
def ten(tracker: Tracker, monkeypatch: pytest.MonkeyPatch) -> Tracker:
    """A tracker with ten reports, for a user who has said nothing of pagers."""
    for name in ("COLUMNS", "LINES"):  # some runners of tests set the second
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("ISSUELOG_PAGER")
    add(tracker, 10)
    return tracker


def read(tracker: Tracker) -> None:
    """Let the index have all the files, so that there is nothing to wait for and no progress to show."""
    time.sleep(SETTLED_SECONDS)
    tracker.run("list")


def add(tracker: Tracker, count: int) -> None:
    for number in range(count):
        name = f"CR-261101-{number:04}"
        path = tracker.root / f"reports/2026/11/{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(REPORT.format(id=name, title=f"Number {number}", state="new", severity="S3", day=0))


def at_terminal(tracker: Tracker, *typed: str, rows: int, **env: str) -> tuple[int, list[str]]:
    """Run issuelog at a terminal of this size; return its exit code and the lines that were shown, without colour."""
    read(tracker)
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, COLUMNS, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-m", "issuelog", *typed],
        cwd=tracker.root,
        env={**os.environ, **env},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    shown = b""
    while select.select([ours], [], [], 60)[0]:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # how Linux says that nobody holds the other end any more
            break
        shown += piece
    os.close(ours)
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown.decode())
    return process.wait(), text.replace("\r\n", "\n").splitlines()


def paged(lines: list[str]) -> list[str]:
    """Return the lines that came through the pager, which have its mark."""
    return [line.removeprefix("P:") for line in lines if line.startswith("P:")]


def test_what_fits_the_screen_is_simply_printed(ten: Tracker) -> None:
    code, lines = at_terminal(ten, "list", rows=12, ISSUELOG_PAGER=MARKED)
    assert (code, len(lines), paged(lines)) == (0, 11, [])


def test_what_does_not_goes_through_the_pager(ten: Tracker) -> None:
    _, all_of_it = at_terminal(ten, "list", rows=50)
    for rows in (11, 5, 1):
        code, lines = at_terminal(ten, "list", rows=rows, ISSUELOG_PAGER=MARKED)
        assert (code, paged(lines)) == (0, all_of_it)
        assert len(paged(lines)) == len(lines)


def test_who_is_asked_for_the_pager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In this order: the first that says anything counts."""
    config = tmp_path / "home" / "gitconfig"
    monkeypatch.delenv("ISSUELOG_PAGER")
    less = tmp_path / "less"
    less.touch(mode=0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert pager_command() == "less"
    monkeypatch.setenv("PAGER", "sed 4")
    assert pager_command() == "sed 4"
    config.write_text(config.read_text() + "[core]\n    pager = sed 3\n")
    assert pager_command() == "sed 3"
    monkeypatch.setenv("GIT_PAGER", "sed 2")
    assert pager_command() == "sed 2"
    monkeypatch.setenv("ISSUELOG_PAGER", "sed 1")
    assert pager_command() == "sed 1"
    for none in ("", "cat", " ", "\t", " cat ", "no-such-pager -x", "/nowhere/less"):
        monkeypatch.setenv("ISSUELOG_PAGER", none)
        assert pager_command() is None


def test_without_git_there_is_still_a_pager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ISSUELOG_PAGER")
    (tmp_path / "less").touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert pager_command() == "less"


@pytest.mark.parametrize("name", ["GIT_PAGER", "PAGER"])
def test_the_pager_of_the_environment(ten: Tracker, name: str) -> None:
    code, lines = at_terminal(ten, "list", rows=5, **{name: MARKED})
    assert (code, len(paged(lines))) == (0, 11)


def test_the_repositorys_own_configuration_names_no_pager(ten: Tracker, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    ten.git("config", "core.pager", f"touch {ran}; cat")
    ten.git("config", "pager.list", f"touch {ran}; cat")
    code, lines = at_terminal(ten, "list", rows=5, PAGER=MARKED)
    assert (code, len(paged(lines))) == (0, 11)
    assert not ran.exists()
    ten.git("config", "--global", "core.pager", MARKED)
    code, lines = at_terminal(ten, "list", rows=5, PAGER="cat")
    assert (code, len(paged(lines))) == (0, 11)
    assert not ran.exists()


@pytest.mark.parametrize("none", ["", "cat", " ", "no-such-pager -x"])
def test_without_a_pager_all_is_printed(ten: Tracker, none: str) -> None:
    code, lines = at_terminal(ten, "list", rows=5, ISSUELOG_PAGER=none)
    assert (code, len(lines)) == (0, 11)
    assert lines[1].startswith("CR-261101-0000")


def test_a_pager_that_is_left_early_is_no_failure(ten: Tracker) -> None:
    add(ten, 1500)  # more than a pipe holds
    for pager in ("head -n 1", "sed q", "true", "sh -c 'exit 3'"):
        code, lines = at_terminal(ten, "list", rows=5, ISSUELOG_PAGER=pager)
        assert (code, lines[1:]) == (0, []), pager


def test_an_interrupt_is_for_the_pager(ten: Tracker, tmp_path: Path) -> None:
    pager = tmp_path / "pager"
    pager.write_text("#!/bin/sh\ntrap 'echo interrupted; exit 0' INT\ncat >/dev/null\nkill -INT 0\nsleep 1\n")
    pager.chmod(0o755)
    code, lines = at_terminal(ten, "list", rows=5, ISSUELOG_PAGER=str(pager))
    assert (code, lines) == (0, ["interrupted"])


@pytest.mark.parametrize("form", [["--json"], ["--ndjson"], ["-q"], ["-0"], ["--format", "{id}"], ["--count"]])
def test_what_is_for_programs_is_not_paged(ten: Tracker, form: list[str]) -> None:
    code, lines = at_terminal(ten, "list", *form, rows=3, ISSUELOG_PAGER=MARKED)
    assert (code, paged(lines)) == (0, [])
    assert lines


def test_a_pipe_and_a_dumb_terminal_have_no_pager(ten: Tracker) -> None:
    done = ten.spawn("list", env={"ISSUELOG_PAGER": MARKED, "LINES": "3"})
    assert (done.code, paged(done.out.splitlines()), done.err) == (0, [], "")
    assert len(done.out.splitlines()) == 10
    code, lines = at_terminal(ten, "list", rows=5, ISSUELOG_PAGER=MARKED, TERM="dumb")
    assert (code, len(lines), paged(lines)) == (0, 11, [])


def test_git_s_own_settings_reach_the_pager_unless_the_user_has_others(ten: Tracker) -> None:
    pager = "sh -c 'echo $LESS $LV; cat >/dev/null'"
    assert at_terminal(ten, "list", rows=5, ISSUELOG_PAGER=pager) == (0, ["FRX -c"])
    assert at_terminal(ten, "list", rows=5, ISSUELOG_PAGER=pager, LESS="R", LV="") == (0, ["R"])


def test_warnings_stay_beside_what_is_paged(ten: Tracker) -> None:
    (ten.root / "reports/2026/11/CR-261101-0003.yaml").write_text("no report")
    code, lines = at_terminal(ten, "list", rows=5, ISSUELOG_PAGER=MARKED)
    assert (code, len(paged(lines))) == (0, 10)
    assert [line for line in lines if "CR-261101-0003.yaml:1:1" in line and not line.startswith("P:")]
