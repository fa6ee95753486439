"""One run of a command: in a process group of its own, for a bounded time, with a bounded memory of what it prints."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from issuelog.model.pattern import MAX_TEXT, Pattern
from issuelog.store.locking import INTERRUPTS
from issuelog.vcs.git import scrubbed

HEAD = 16 << 10
TAIL = 48 << 10
"""Bytes that are kept of what a command prints: so many of its beginning, and of its end."""
GRACE = 2.0
"""Seconds between the request to end and the end."""
TIMED_OUT = 124
"""What a run counts as that took too long, as with `timeout`."""
COLOURS = re.compile(r"\x1b\[[0-9;:?]{0,40}[ -/]{0,4}[@-~]")

MARK = "ISSUELOG_RUN"
"""What a command finds in its environment, and all that it starts: by this they are known."""

_PIECE = 64 << 10
_LONGEST_SECRET = 2000
"""Of a line that is longer so many characters are taken for a part of a secret."""
_BEGIN_OF_KEY = re.compile(rb"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY|PuTTY-User-Key-File-")
_END_OF_KEY = re.compile(rb"-----END [A-Z0-9 ]{0,40}PRIVATE KEY[^\n]{0,20}|Private-MAC: ?\w+")
_DRAINED_AT_MOST = 64
_LONGEST_LINE = 4 * MAX_TEXT


@dataclass(frozen=True)
class Command:
    """What is run, by the shell, as a person typed it: how long it may take, and what is looked for in its output."""

    line: str
    timeout: float
    watched: Pattern | None = None


def fault_of(line: str) -> str | None:
    """Return what the shell has against a command before it runs any of it; None where it can be read."""
    done = subprocess.run(
        ["/bin/sh", "-n", "-c", "--", line], env=scrubbed(), stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    return done.stderr.decode("utf-8", "replace").strip() if done.returncode else None


@dataclass(frozen=True)
class Printed:
    """What a command printed, standard output and error as they came: its beginning, its end, and what is missing."""

    head: bytes
    tail: bytes
    omitted: int

    @property
    def text(self) -> str:
        """It as text, with a line where something was left out."""
        if not self.omitted:
            return (self.head + self.tail).decode("utf-8", "replace")
        head, tail = self._whole_ends()
        omitted = self.omitted + len(self.head) - len(head) + len(self.tail) - len(tail)
        gap = f"\n[… {omitted:,} bytes are left out here …]\n"
        return head.decode("utf-8", "replace") + gap + tail.decode("utf-8", "replace")

    def _whole_ends(self) -> tuple[bytes, bytes]:
        """Return the beginning and the end without the lines and keys that are cut in two.

        Half a secret is not known for one.
        """
        last, first = self.head.rfind(b"\n", -_LONGEST_SECRET), self.tail.find(b"\n", 0, _LONGEST_SECRET)
        head = self.head[: last if last >= 0 else -_LONGEST_SECRET]
        tail = self.tail[first + 1 if first >= 0 else _LONGEST_SECRET :]
        *_, begun = [None, *_BEGIN_OF_KEY.finditer(head)]
        if begun and not _END_OF_KEY.search(head, begun.end()):
            head = head[: begun.start()]
        ended = _END_OF_KEY.search(tail, 0, HEAD)
        if ended and not _BEGIN_OF_KEY.search(tail, 0, ended.start()):
            tail = tail[ended.end() :]
        return head, tail


@dataclass(frozen=True)
class Ran:
    """How a run ended: its exit code as a shell has it (128 and more: by a signal), and how long it took."""

    code: int
    seconds: float
    printed: Printed
    timed_out: bool
    matched: bool
    """Whether a line of the output, also one that was not kept, has what was looked for."""


class Running:
    """A command that has been started."""

    def __init__(self, command: Command, folder: Path) -> None:
        self._process = subprocess.Popen(
            ["/bin/sh", "-c", "--", command.line],
            cwd=folder,
            env=scrubbed() | {MARK: folder.parent.name},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_listen_to_signals,
            bufsize=0,
        )
        self._began = time.monotonic()
        self._deadline = self._began + command.timeout
        self._killed_at: float | None = None
        self._timed_out = False
        assert self._process.stdout
        self.stream = self._process.stdout
        os.set_blocking(self.stream.fileno(), False)
        self._kept = _Kept()
        self._lines = _Lines(command.watched) if command.watched else None

    def read(self) -> bool:
        """Take what is there of the output; return False at its end."""
        try:
            piece = os.read(self.stream.fileno(), _PIECE)
        except BlockingIOError:
            return True
        self._kept.add(piece)
        if self._lines:
            self._lines.add(piece)
        return bool(piece)

    def has_ended(self) -> bool:
        """Whether it has come to its end; one that takes too long is asked to end, and then made to."""
        if self._is_over():
            return True
        now = time.monotonic()
        if not self._timed_out and now >= self._deadline:
            self._timed_out = True
            self.ask_to_end()
        if self._killed_at is not None and now >= self._killed_at:
            self._signal(signal.SIGKILL)
        return False

    def ask_to_end(self) -> None:
        """Ask the command, and all that it has started, to end."""
        self._killed_at = time.monotonic() + GRACE
        self._signal(signal.SIGTERM)

    def result(self) -> Ran:
        """Return how it went, once it has ended; nothing that it started in its group goes on."""
        seconds = time.monotonic() - self._began
        self._signal(signal.SIGKILL)
        code = self._process.wait()
        self._drain()
        self.stream.close()
        if self._lines:
            self._lines.end()
        return Ran(
            TIMED_OUT if self._timed_out else 128 - code if code < 0 else code,
            seconds,
            self._kept.printed(),
            self._timed_out,
            bool(self._lines and self._lines.matched),
        )

    def stop(self) -> None:
        """End it now, and forget it."""
        self._signal(signal.SIGKILL)
        self._process.wait()
        self.stream.close()

    def _drain(self) -> None:
        """Take what is left in the pipe; one that left the group may hold it open, and write on."""
        for _ in range(_DRAINED_AT_MOST):
            try:
                piece = os.read(self.stream.fileno(), _PIECE)
            except BlockingIOError:
                return
            if not piece:
                return
            self._kept.add(piece)
            if self._lines:
                self._lines.add(piece)

    def _is_over(self) -> bool:
        if self._process.returncode is not None:
            return True
        if not hasattr(os, "waitid"):
            return self._process.poll() is not None
        # Not reaped yet: as long as it is there its group's number belongs to nobody else.
        return os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def _signal(self, number: int) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)


def _listen_to_signals() -> None:
    """Let a new process be interrupted: it is started while interrupts wait, so that none is started unnoticed."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, INTERRUPTS)


class _Kept:
    """The beginning and the end of what a command prints."""

    def __init__(self) -> None:
        self._head = bytearray()
        self._tail: deque[bytes] = deque()
        self._in_tail = 0
        self._omitted = 0

    def add(self, piece: bytes) -> None:
        room = HEAD - len(self._head)
        self._head += piece[:room]
        if rest := piece[room:]:
            self._tail.append(rest)
            self._in_tail += len(rest)
        while self._in_tail > TAIL:
            surplus = self._in_tail - TAIL
            first = self._tail.popleft()
            if len(first) > surplus:
                self._tail.appendleft(first[surplus:])
            self._omitted += min(surplus, len(first))
            self._in_tail -= min(surplus, len(first))

    def printed(self) -> Printed:
        return Printed(bytes(self._head), b"".join(self._tail), self._omitted)


class _Lines:
    """Looks for a pattern in the lines of a stream as they come, however many there are."""

    def __init__(self, pattern: Pattern) -> None:
        self.matched = False
        self._pattern = pattern
        self._begun = bytearray()

    def add(self, piece: bytes) -> None:
        if self.matched:
            return
        *lines, rest = piece.split(b"\n")
        for line in lines:
            self._take(line)
            self.end()
        self._take(rest)

    def end(self) -> None:
        if self._begun and not self.matched:
            text = COLOURS.sub("", self._begun.decode("utf-8", "replace")).rstrip("\r")
            self.matched = self._pattern.found_in(text)
        self._begun.clear()

    def _take(self, part: bytes) -> None:
        self._begun += part[: max(0, _LONGEST_LINE - len(self._begun))]
