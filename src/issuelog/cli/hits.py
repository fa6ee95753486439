"""What is found in logs, printed while they are read."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from shlex import quote
from typing import TYPE_CHECKING, Any

from issuelog.cli.results import Result
from issuelog.errors import ExitCode, IssuelogError
from issuelog.model.text import cell, one_line
from issuelog.model.times import iso

if TYPE_CHECKING:
    from issuelog.cli.session import Session
    from issuelog.model.step import Moment
    from issuelog.watching.streams import Block
    from issuelog.watching.watch import Hit, Watch

_SECONDS_BETWEEN_NOTES = 60
_HINTS = 5
_TAKEN_UP_AGAIN = frozenset({"resolved", "rca", "closed"})


class Hits(Result):
    """The hits in logs, as they come; a log that is followed yields None whenever there is nothing new."""

    def __init__(
        self, session: Session, watch: Watch, blocks: Iterator[Block | None], *, ndjson: bool, exit_code: bool
    ) -> None:
        self._session = session
        self._watch = watch
        self._blocks = blocks
        self._ndjson = ndjson
        self._exit_code = exit_code
        self._first: dict[str, Hit] = {}
        self._lines = 0
        self._tried = False

    @property
    def plain(self) -> bool:
        """Whether a terminal shows it as a pipe has it: always, since it has no end to wait for."""
        return True

    def json(self) -> Iterator[str]:
        """Yield one list; it is whole also where the reading was broken off."""
        before = "["
        try:
            for hit in self._hits():
                yield f"{before}\n  {json.dumps(_data(hit))}"
                before = ","
        except KeyboardInterrupt:
            yield _end(before)
            raise
        except IssuelogError:
            yield _end(before) if before == "," else ""
            raise
        yield _end(before)

    def piped(self) -> Iterator[str]:
        """Yield a line for each hit."""
        for hit in self._hits():
            where = f"{hit.file}:{hit.line}"
            cells = (where, iso(hit.seen_at), hit.target.id, hit.target.title, hit.text)
            yield f"{json.dumps(_data(hit))}\n" if self._ndjson else "\t".join(map(cell, cells)) + "\n"
            sys.stdout.flush()

    def quiet(self) -> Iterator[str]:
        """Yield each id once."""
        told: set[str] = set()
        for hit in self._hits():
            if hit.target.id not in told:
                told.add(hit.target.id)
                yield f"{hit.target.id}\n"
                sys.stdout.flush()

    def hints(self) -> Iterator[str]:
        """Yield what was found in all, and what helps."""
        counts = self._watch.counts
        found = f"{_many(counts.total(), 'hit')} of {_many(len(counts), 'error')}" if counts else "no hits"
        yield f"{found} in {_many(self._lines, 'line')}"
        reports = [hit for hit in self._first.values() if hit.target.is_report]
        for hit in [hit for hit in reports if hit.target.state in _TAKEN_UP_AGAIN][:_HINTS]:
            evidence = quote(one_line(f"{hit.file}:{hit.line}"))
            reopen = f"issuelog reopen {hit.target.id} --reason recurred --affected-version V --evidence {evidence}"
            yield f"it is back? {reopen}"
        if reports and not self._watch.records:
            yield "--record   notes it on the reports"
        if reports and self._watch.records and not self._tried:
            yield "nothing new to note: it was noted before"

    def _hits(self) -> Iterator[Hit]:
        noted = time.monotonic()
        try:
            for block in self._blocks:
                if block:
                    self._lines += block.text.count(b"\n") + (not block.text.endswith(b"\n"))
                    for hit in self._watch.hits(block, datetime.now(UTC)):
                        self._first.setdefault(hit.target.id, hit)
                        yield hit
                if time.monotonic() - noted >= _SECONDS_BETWEEN_NOTES:
                    self._look_again()
                    noted = time.monotonic()
        finally:
            self._record()
        if self._exit_code and self._watch.counts:
            self.code = self.code or ExitCode.NO

    def _look_again(self) -> None:
        """Note what was seen so far; and look for what is known by now."""
        from issuelog.watching.targets import watched

        self._record()
        self.code = ExitCode.DONE  # what could not be noted waits for the next time
        self._watch.renew(watched(self._session.tracker, datetime.now(UTC), self._session.output.warn))

    def _record(self) -> None:
        output = self._session.output
        if not self._watch.records:
            return
        for done in self._watch.record(self._moment, dry_run=self._session.dry_run):
            self._tried = True
            if isinstance(done, IssuelogError):
                output.warn(f"not noted: {done.message}")
                self.code = self.code or done.code
            elif done.preview is not None:
                output.say(done.preview)
            elif done.commit:
                seen = done.report.events[-1].fact("seen")
                output.say(f"{done.report.id}: {_many(int(seen), 'hit')} noted ({done.commit[:10]})")

    def _moment(self) -> Moment:
        """Return when it is noted: now, unless another time is claimed."""
        moment = self._session.moment()
        is_claimed = self._session.at != self._session.now
        return moment if is_claimed else replace(moment, at=datetime.now(UTC).replace(microsecond=0))


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _end(before: str) -> str:
    return "[]\n" if before == "[" else "\n]\n"


def _data(hit: Hit) -> dict[str, Any]:
    return {
        "file": hit.file,
        "line": hit.line,
        "seen_at": iso(hit.seen_at),
        "id": hit.target.id,
        "title": hit.target.title,
        "state": hit.target.state,
        "by": hit.by,
        "text": hit.text,
    }
