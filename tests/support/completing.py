"""Trackers to complete from, and shells that do it."""

from __future__ import annotations

import os
import pty
import re
import select
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hostile.payloads import WITHOUT_NUL
from support.cli import Tracker
from support.served import served

ORDINARY = "Li 李 <li@x.example>"
KIM = "Kim Lee <kim@example.com>"
HOSTILE = (
    "$(touch owned)",
    "`touch owned`",
    "a;touch owned",
    "x | touch owned",
    "-rf",
    "~root",
    "*",
    "a'b",
    'a"b',
    "{a,b}",
)


START = {
    "bash": (
        ["bash", "--norc", "--noprofile", "-i"],
        'PS1="$ "; bind "set bell-style none"; bind "set enable-bracketed-paste off"; '
        'eval "$(issuelog completion bash)"; '
        """bind -x '"\\C-g": printf "LINE<%s>LINE\\n" "$READLINE_LINE"'""",
    ),
    "zsh": (
        ["zsh", "-f", "-i"],
        'PS1="$ "; unsetopt zle_bracketed_paste prompt_cr prompt_sp; setopt no_beep; LISTMAX=1000; '
        "autoload -Uz compinit; compinit -u -D; source <(issuelog completion zsh); "
        'w() { print -r -- "LINE<$BUFFER>LINE" }; zle -N w; bindkey "^G" w',
    ),
}
"""How each is started, and told to say what stands in its line when Ctrl-G is pressed."""


def lively_tracker(root: Path) -> Tracker:
    """Make a tracker with three reports, and look at it."""
    return _looked_at(Tracker.filled(root, _enliven))


def hostile_tracker(root: Path) -> Tracker:
    """Make a tracker whose customers and colleagues write for shells and terminals, and look at it."""
    return _looked_at(Tracker.filled(root, _be_hostile))


def _looked_at(tracker: Tracker) -> Tracker:
    tracker.ok("list")
    return tracker


def _enliven(tracker: Tracker) -> None:
    """Fill a tracker. The ids are these: what is random may hold what a test types."""
    for report, title, *options in (
        ("CR-261116-7K3M", "Login loops", "--severity=S3", f"--owner={KIM}", "--component=login"),
        ("CR-261117-2QAB", "Export: stops at half", "--severity=S1", f"--owner={KIM}", "--component=export"),
        ("CR-261121-M4XP", "A typo", "--severity=S4", "--owner=ana", "--customer=Fuji"),
    ):
        path = tracker.path(tracker.new("--title", title, *options))
        path.write_text(path.read_text().replace(path.stem, report))
        path.rename(path.with_name(f"{report}.yaml"))
    tracker.git("add", ".")
    tracker.git("commit", "-q", "-m", "ids")


def ids(tracker: Tracker) -> dict[str, str]:
    return {row["title"]: row["id"] for row in tracker.json("list")}


def _be_hostile(tracker: Tracker) -> None:
    for text in HOSTILE:
        tracker.ok("new", "--story", "s", f"--title={text} %F{{red}}%n :a: x", f"--customer={text}", f"--owner={text}")
    for payload in WITHOUT_NUL:
        tracker.ok("new", "--story", "s", "--title", f"{payload.text} x", "--customer", "x", f"--owner={ORDINARY}")


class Shell:
    """A shell at a terminal."""

    def __init__(self, name: str, folder: Path) -> None:
        arguments, setup = START[name]
        self._pid, self._terminal = pty.fork()
        if not self._pid:
            os.chdir(folder)
            os.execvp(arguments[0], arguments)
        self._send(f"{setup}; echo READY:$((0+1))\n", "READY:1\r")

    def _send(self, keys: str, until: str) -> str:
        os.write(self._terminal, keys.encode())
        seen = b""
        while not (found := re.search(until, seen.decode(errors="replace"), re.DOTALL)):
            ready, _, _ = select.select([self._terminal], [], [], 60)
            assert ready, seen
            seen += os.read(self._terminal, 65536)
        self._seen = seen.decode(errors="replace")
        return found[found.re.groups]

    def line_after(self, keys: str) -> str:
        """Return the line that stands there after these keys; `screen` has all that was printed meanwhile."""
        line = self._send(f"{keys}\x07", "LINE<(.*)>LINE")
        self.screen = self._seen
        self._send("\x15echo C$((0+1))LEAN\n", "C1LEAN\r")
        return line

    def close(self) -> None:
        os.close(self._terminal)
        os.waitpid(self._pid, 0)


@contextmanager
def shell(name: str, tracker: Tracker, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shell]:
    """Start a shell at a terminal, in the tracker; skip where it is not installed."""
    monkeypatch.setenv("TERM", "dumb")
    with served() as program:
        at_hand(name, tracker, monkeypatch, str(program / "issuelog"))
        started = Shell(name, tracker.root)
        try:
            yield started
        finally:
            started.close()


def at_hand(
    name: str, tracker: Tracker, monkeypatch: pytest.MonkeyPatch, program: str = f"{sys.executable} -m issuelog"
) -> None:
    """Put `issuelog` where the shell finds it."""
    if not shutil.which(name):
        pytest.skip(f"{name} is not installed")
    folder = tracker.root.parent / "bin"
    folder.mkdir()
    script = folder / "issuelog"
    script.write_text(f'#!/bin/sh\nexec {program} "$@"\n')
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


def by_fish(line: str, tracker: Tracker) -> list[str]:
    script = "issuelog completion fish | source; complete -C $argv[1]"
    done = subprocess.run(
        ["fish", "--no-config", "-c", script, line], cwd=tracker.root, capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    return done.stdout.splitlines()
