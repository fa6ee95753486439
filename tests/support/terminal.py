"""A command at a terminal of its own, which a test reads and types at."""

from __future__ import annotations

import os
import pty
import select
import signal
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from issuelog.cli.main import entry
from support.cli import Tracker

_CRASHED = 70


@dataclass
class Terminal:
    """A command that runs at a terminal of its own."""

    process: int
    handle: int
    shown: bytes = b""

    @classmethod
    def start(cls, tracker: Tracker, *typed: str, anew: bool = False) -> Terminal:
        """Start a command: as a child that has everything imported already, or as a program that is started `anew`."""
        process, handle = pty.fork()
        if not process:
            os.chdir(tracker.root)
            if anew:
                os.execv(sys.executable, [sys.executable, "-m", "issuelog", *typed])
            _run_to_the_end(typed)
        return cls(process, handle)

    def read(self) -> bool:
        """Read what is shown; say whether there can be more. Nothing for a minute is a command that hangs."""
        if not select.select([self.handle], [], [], 60)[0]:
            return False
        try:
            piece = os.read(self.handle, 65536)
        except OSError:  # how Linux says that nobody holds the other end any more
            return False
        self.shown += piece
        return bool(piece)

    def wait_for(self, words: str) -> None:
        while words.encode() not in self.shown:
            assert self.read(), f"it ended without {words!r}: {self.shown!r}"

    def asks(self, question: str) -> None:
        """Wait until a question is there, and the answer is waited for."""
        self.wait_for(question)
        wait_until_it_waits(self.process)

    def types(self, typed: bytes) -> None:
        os.write(self.handle, typed)

    def ended(self) -> tuple[int, str]:
        """Wait for the end and return the exit code, with all that was shown."""
        if self.handle >= 0:
            while self.read():
                pass
            os.close(self.handle)
        code = os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1])
        return code, self.shown.decode("utf-8", "replace").replace("\r\n", "\n")

    def closes(self) -> None:
        os.close(self.handle)
        self.handle = -1

    def told_to_end(self) -> None:
        os.kill(self.process, signal.SIGTERM)


def wait_until_it_waits(process: int) -> None:
    """Wait until a process sleeps, where the system tells.

    Python misses a signal that comes in the instant before it begins to read; a person would press the key again.
    """
    state = Path(f"/proc/{process}/stat")
    while state.exists() and state.read_text().rpartition(") ")[2][0] not in "SZ":
        os.sched_yield()


def _run_to_the_end(typed: Sequence[str]) -> None:
    """Run a command with the streams of this child, which never comes back to the test that was forked."""
    code: object = _CRASHED
    try:
        sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w", errors="backslashreplace")  # noqa: SIM115
        sys.argv = ["issuelog", *typed]
        entry()
    except SystemExit as ended:
        code = ended.code
    except BaseException:
        traceback.print_exc()
    finally:
        with suppress(OSError):  # of a terminal that was closed
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code if isinstance(code, int) else _CRASHED)
