"""Noting on a report that its error is in a log again: how often, once for the same lines.

A note says how far the log was read, and has a hash of all of it up to there. Where a log that is read later begins
with the same bytes, whatever it is called, what lies before that place was noted, and is not counted again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath

from issuelog.actions.monitoring import Seen
from issuelog.model.text import one_line
from issuelog.redaction import find, redact

_SHOWN = 300
_NAME = 120


@dataclass
class _Tally:
    """What was seen of one report's error in a log, and was not noted yet."""

    count: int = 0
    first: str = ""
    last: str = ""
    upto: str = ""


@dataclass
class Ledger:
    """What was seen in one log. `marks_of` returns the places up to which a report says that logs were read."""

    source: str
    marks_of: Callable[[str], Iterable[str]]
    _tallies: dict[str, _Tally] = field(default_factory=dict)
    _marks: dict[str, list[str]] = field(default_factory=dict)
    _asked: set[str] = field(default_factory=set)
    _ahead: list[int] = field(default_factory=list)
    _hash: hashlib._Hash = field(default_factory=hashlib.sha256)
    _size: int = 0

    def take(self, text: bytes, hits: Sequence[tuple[int, str, str]]) -> None:
        """Take a block in, with its hits: where the line ends in it, the report, and the line."""
        for _, report, _ in hits:
            self._ask(report)
        begin, done = self._size, 0
        ends = sorted({end for end, _, _ in hits} | {mark - begin for mark in self._passed(begin + len(text))})
        waiting = list(reversed(hits))
        for end in ends:
            self._hash.update(text[done:end])
            done = end
            mark = f"{begin + end}:{self._hash.hexdigest()}"
            while waiting and waiting[-1][0] <= end:
                _, report, line = waiting.pop()
                self._count(report, line, mark)
            for report in self._marks.get(mark, ()):
                self._tallies.pop(report, None)  # all of it was noted before
        self._hash.update(text[done:])
        self._size += len(text)

    def _ask(self, report: str) -> None:
        """Ask for a report's marks at its first hit: none of this log lies before it."""
        if report in self._asked:
            return
        self._asked.add(report)
        for mark in self.marks_of(report):
            self._marks.setdefault(mark, []).append(report)
            self._ahead.append(_place(mark))
        self._ahead = sorted((mark for mark in self._ahead if mark > self._size), reverse=True)

    def _passed(self, upto: int) -> Iterator[int]:
        while self._ahead and self._ahead[-1] <= upto:
            yield self._ahead.pop()

    def _count(self, report: str, line: str, mark: str) -> None:
        tally = self._tallies.setdefault(report, _Tally(first=line))
        tally.count += 1
        tally.last, tally.upto = line, mark

    def seen(self) -> dict[str, Seen]:
        """Return what is to be noted, by report, and begin anew."""
        found = {report: self._told(tally) for report, tally in self._tallies.items()}
        self._tallies.clear()
        return found

    def _told(self, tally: _Tally) -> Seen:
        note = f"first: {_harmless(tally.first)}" + (f"\nlast: {_harmless(tally.last)}" if tally.count > 1 else "")
        name = one_line(PurePath(self.source).name, _NAME) if self.source != "-" else "standard input"
        return Seen(tally.count, name, tally.upto, note)


def _harmless(line: str) -> str:
    """Return a line of a log as it may be committed: without secrets, and short."""
    return one_line(redact(line, find(line)), _SHOWN)


def _place(mark: str) -> int:
    return int(mark.partition(":")[0])
