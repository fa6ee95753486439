"""The user's pager, as git uses it: what fits the screen is simply printed, what does not goes through `less`."""

from __future__ import annotations

import io
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, TextIO

_DEFAULTS = {"LESS": "FRX", "LV": "-c"}  # as git sets them where the user does not
_NONE = ("", "cat")


@contextmanager
def paged(stream: TextIO) -> Iterator[TextIO]:
    """Give a stream to write to that pages what does not fit the screen. A pager that is left early ends the output."""
    if not stream.isatty() or os.environ.get("TERM") == "dumb":
        yield stream
        return
    with _Paged(stream) as paging:
        try:
            yield paging
        except BrokenPipeError:
            if not paging.is_running:
                raise


def pager_command() -> str | None:
    """Return the user's pager, None for none: ISSUELOG_PAGER, else what git takes, except from a repository."""
    for name in ("ISSUELOG_PAGER", "GIT_PAGER"):
        if name in os.environ:
            return _unless_none(os.environ[name])
    # Not from the repository's own configuration: it may have been unpacked from a stranger's archive.
    asked = ["git", "config", "--global", "--get", "core.pager"]
    with suppress(OSError):
        said = subprocess.run(asked, capture_output=True, text=True, check=False)
        if said.returncode == 0:
            return _unless_none(said.stdout.strip())
    return _unless_none(os.environ.get("PAGER", "less"))


def _unless_none(command: str) -> str | None:
    words = command.split()
    there = words and command.strip() not in _NONE and shutil.which(words[0])
    return command if there else None


class _Paged(io.StringIO):
    """Holds back what is written until it is more than a screen; then all of it goes to the pager."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self._stream = stream
        self._held: list[str] = []
        self._straight = False
        self._room = shutil.get_terminal_size().lines - 1
        self._pager: subprocess.Popen[str] | None = None
        self._interrupt: Any = None

    @property
    def is_running(self) -> bool:
        """Whether a pager was started."""
        return self._pager is not None

    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._stream.fileno()

    def write(self, text: str) -> int:
        if self._pager and self._pager.stdin:
            return self._pager.stdin.write(text)
        if self._straight:
            return self._stream.write(text)
        self._held.append(text)
        self._room -= text.count("\n")
        if self._room < 0:
            self._let_go()
        return len(text)

    def _let_go(self) -> None:
        """Start the pager with what was held back; without one the terminal gets it, now and from here on."""
        command = pager_command()
        held, self._held = "".join(self._held), []
        if command is None:
            self._stream.write(held)
            self._straight = True
            return
        environment = _DEFAULTS | dict(os.environ)
        self._pager = subprocess.Popen(  # noqa: S602  the user's own words, which git gives to a shell too
            command, shell=True, stdin=subprocess.PIPE, env=environment, text=True, errors="backslashreplace"
        )
        # An interrupt is for the pager; it is ended with a key of its own.
        self._interrupt = signal.signal(signal.SIGINT, signal.SIG_IGN)
        self.write(held)

    def close(self) -> None:
        """Print what was held back, or wait for the user to leave the pager."""
        if self._pager is None:
            self._stream.write("".join(self._held))
            self._held = []
            return
        try:
            with suppress(BrokenPipeError):
                if self._pager.stdin:
                    self._pager.stdin.close()
            self._pager.wait()
        finally:
            signal.signal(signal.SIGINT, self._interrupt)
