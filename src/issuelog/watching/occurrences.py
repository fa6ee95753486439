"""Telling one occurrence of an error from the next: a stack trace has many lines, and the error in several of them."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

_JOINS = re.compile(
    rb"(?:Caused by|Suppressed|Wrapped by)\b|During handling of the above|The above exception was|\[CIRCULAR REFERENCE"
)
_BEGINS = re.compile(
    rb"(?:Traceback \(most recent|Stack ?trace:|stack backtrace:|goroutine \d+ \[|Stack:|Backtrace:)", re.I
)


class Occurrences:
    """The occurrence that the last hit in a log belongs to, and whether the lines after it still do.

    It goes on over lines that are indented more, over what a later cause is announced by, and over a trace that is
    printed below a line of the log, up to the line in which that trace names its error.
    """

    def __init__(self) -> None:
        self._told: set[str] = set()
        self._goes_on = False
        self._was_joined = False
        self._in_a_trace = False
        self._ends_a_trace = False
        self._depth = 0
        self._before = b""
        self._next = 0

    def new(self, lines: Sequence[bytes], number: int, ids: Collection[str]) -> list[str]:
        """Return those ids whose error shows anew in this line; lines of a block have to come in their order."""
        self._go_to(lines, number)
        line = lines[number]
        if not self._belongs(line):
            before = lines[number - 1] if number else self._before
            self._told = set()
            self._was_joined = self._in_a_trace = False
            self._depth = _depth(line)
            self._ends_a_trace = _depth(before) > self._depth
        self._goes_on = True
        self._next = number + 1
        found = [one for one in ids if one not in self._told]
        self._told.update(found)
        return found

    def end(self, lines: Sequence[bytes]) -> None:
        """Take the rest of a block in; the next block goes on from there."""
        self._go_to(lines, len(lines))
        self._before = lines[-1] if lines else self._before
        self._next = 0

    def _go_to(self, lines: Sequence[bytes], number: int) -> None:
        for line in lines[self._next : number] if self._goes_on else ():
            self._goes_on = self._belongs(line)
            if not self._goes_on:
                break
        self._next = number

    def _belongs(self, line: bytes) -> bool:
        """Take one more line in; whether it belongs to the same occurrence."""
        if not self._goes_on:
            return False
        if not line.strip() or _depth(line) > self._depth:
            return True
        line = line.lstrip()
        if _JOINS.match(line):
            self._was_joined, self._ends_a_trace = True, False
            return True
        if _BEGINS.match(line):
            self._in_a_trace = not self._ends_a_trace or self._was_joined
            return self._in_a_trace
        was_in, self._in_a_trace, self._was_joined = self._in_a_trace, False, False
        self._ends_a_trace = was_in
        return was_in


def _depth(line: bytes) -> int:
    """Return by how much a line is indented; nothing where it is empty."""
    bare = line.lstrip()
    return len(line) - len(bare) if bare else 0
