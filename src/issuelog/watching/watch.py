"""The watch: blocks of logs go in, hits come out, and what was seen of a report's error is noted on it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import accumulate
from typing import Literal

from issuelog.actions.monitoring import Seen, recurred
from issuelog.errors import IssuelogError
from issuelog.model.step import Moment
from issuelog.tracker import Change, Tracker
from issuelog.watching.occurrences import Occurrences
from issuelog.watching.recording import Ledger
from issuelog.watching.sieve import Found, Sieve
from issuelog.watching.streams import Block, Log
from issuelog.watching.targets import Target, Watched

_SHOWN = 2000
"""Characters of a line that are shown."""


@dataclass(frozen=True)
class Hit:
    """A line of a log that tells of a known error."""

    file: str
    line: int
    seen_at: datetime
    target: Target
    by: Literal["signature", "pattern"]
    text: str


@dataclass
class _Of:
    """What is known of one log so far."""

    log: Log
    occurrences: Occurrences
    ledger: Ledger | None


@dataclass
class Watch:
    """Looks for what is watched. With `records` it keeps what is to be noted on reports."""

    tracker: Tracker
    watched: Watched
    warn: Callable[[str], object]
    records: bool = False
    counts: Counter[str] = field(default_factory=Counter)
    """Hits so far, by id."""
    _sieve: Sieve = field(init=False)
    _logs: dict[str, _Of] = field(default_factory=dict)
    _waiting: dict[str, list[Seen]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._sieve = self._made()

    def renew(self, watched: Watched) -> None:
        """Look for something else from now on, where it is something else."""
        before, self.watched = self.watched, watched
        if (before.signatures, list(before.patterns)) != (watched.signatures, list(watched.patterns)):
            self._sieve = self._made()

    def _made(self) -> Sieve:
        return Sieve(self.watched.signatures, self.watched.patterns, self._gave_up)

    def _gave_up(self, report: str) -> None:
        self.warn(f"{report}: its pattern takes too much work on such lines; it is not looked for any more")

    @property
    def is_idle(self) -> bool:
        """Whether there is nothing to look for."""
        return self._sieve.is_empty

    def hits(self, block: Block, seen_at: datetime) -> Iterator[Hit]:
        """Yield the hits of a block; those of one occurrence are one."""
        of = self._log(block.log)
        lines = self._sieve.lines(block.text)
        hits: list[tuple[int, Hit]] = []
        for found in self._sieve.found(lines):
            ids = dict.fromkeys([*found.by_signature, *found.by_pattern])
            new = of.occurrences.new(lines, found.number, ids)
            text = lines[found.number].decode("utf-8", "replace").rstrip("\r") if new else ""
            hits += [(found.number, self._hit(block, found, one, text, seen_at)) for one in new]
        of.occurrences.end(lines)
        self.counts.update(hit.target.id for _, hit in hits)
        if of.ledger:
            self._keep(of.ledger, block.text, hits)
        for _, hit in hits:
            yield hit

    def _hit(self, block: Block, found: Found, one: str, text: str, seen_at: datetime) -> Hit:
        shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
        by: Literal["signature", "pattern"] = "signature" if one in found.by_signature else "pattern"
        return Hit(block.log.name, block.first + found.number, seen_at, self.watched.targets[one], by, shown)

    def _log(self, log: Log) -> _Of:
        known = self._logs.get(log.name)
        if known is None or known.log is not log:
            if known and known.ledger:
                self._take(known.ledger)
            ledger = Ledger(log.name, self._marks_of) if self.records else None
            known = self._logs[log.name] = _Of(log, Occurrences(), ledger)
        return known

    def _marks_of(self, report: str) -> list[str]:
        try:
            return [check.upto for check in self.tracker.read(report).report.monitor.checks if check.upto]
        except IssuelogError as error:
            self.warn(f"{report}: {error.message}")
            return []

    def _keep(self, ledger: Ledger, text: bytes, hits: Sequence[tuple[int, Hit]]) -> None:
        noted = [(number, hit) for number, hit in hits if hit.target.is_report]
        ends = list(accumulate(len(line) + 1 for line in text.split(b"\n"))) if noted else []
        ledger.take(text, [(min(ends[number], len(text)), hit.target.id, hit.text) for number, hit in noted])

    # --- noting it

    def _take(self, ledger: Ledger) -> None:
        for report, seen in ledger.seen().items():
            self._waiting.setdefault(report, []).append(seen)

    def record(self, moment: Callable[[], Moment], *, dry_run: bool = False) -> Iterator[Change | IssuelogError]:
        """Note what was seen since the last time, a commit a report; yields an error where that was not possible.

        What could not be noted waits for the next time.
        """
        for of in self._logs.values():
            if of.ledger:
                self._take(of.ledger)
        for report, logs in list(self._waiting.items()):
            try:
                yield self.tracker.change(report, recurred(logs), moment(), dry_run=dry_run)
            except IssuelogError as error:
                yield error
            else:
                del self._waiting[report]
