"""Many runs of a command at one commit, several at a time, each in a work tree that is clean when it begins."""

from __future__ import annotations

import selectors
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, field

from issuelog.errors import UsageError
from issuelog.experiment.judging import Rule, Tally, Verdict
from issuelog.experiment.running import GRACE, Command, Printed, Ran, Running
from issuelog.model.pattern import TooMuchWork
from issuelog.redaction import find, redact
from issuelog.store.locking import uninterrupted
from issuelog.vcs.revisions import Commit
from issuelog.vcs.worktree import Taken, Worktree

KEPT = {Verdict.SHOWN: 3, Verdict.NOT_SHOWN: 1, Verdict.SILENT: 1}
"""Of so many runs of each kind the output is kept."""

_POLL = 0.02


@dataclass(frozen=True)
class Row:
    """One run of many."""

    number: int
    code: int
    seconds: float
    timed_out: bool
    verdict: Verdict


@dataclass
class Series:
    """Runs at one commit: how each went, and what some of them printed, by their numbers."""

    commit: Commit
    rows: list[Row] = field(default_factory=list)
    outputs: dict[int, Printed] = field(default_factory=dict)

    @property
    def tally(self) -> Tally:
        """What they say together."""
        counts = [sum(row.verdict is verdict for row in self.rows) for verdict in Verdict]
        return Tally(*counts)

    def add(self, ran: Ran, verdict: Verdict) -> None:
        """Add a run."""
        if sum(row.verdict is verdict for row in self.rows) < KEPT[verdict]:
            self.outputs[len(self.rows) + 1] = ran.printed
        self.rows.append(Row(len(self.rows) + 1, ran.code, ran.seconds, ran.timed_out, verdict))

    def last_words(self, verdict: Verdict) -> str:
        """Return the last line that the first run of this kind printed, without secrets, with its exit code."""
        row = next((row for row in self.rows if row.verdict is verdict), None)
        if row is None:
            return ""
        text = self.outputs[row.number].text
        lines = [line for line in redact(text, find(text)).splitlines() if line.strip()]
        return f"exit code {row.code}" + (f": {lines[-1].strip()[:200]}" if lines else ", and it printed nothing")


@dataclass(frozen=True)
class Experiment:
    """A command, the rule by which the error shows in it, and the work trees that it may run in."""

    command: Command
    rule: Rule
    rooms: Sequence[Worktree]
    taken: Taken | None = None

    def at(
        self,
        commit: Commit,
        count: int,
        *,
        until: Sequence[Verdict] = (),
        tick: Callable[[], None] = lambda: None,
    ) -> Series:
        """Run it so many times at a commit, or until one of these verdicts; `tick` hears of each run that ended."""
        series = Series(commit)
        with closing(self._runs(commit, count)) as coming:
            for ran in coming:
                verdict = self.rule.judge(ran)
                series.add(ran, verdict)
                tick()
                if verdict in until:
                    break
        return series

    def _runs(self, commit: Commit, count: int) -> Generator[Ran]:
        """Yield the runs as they end. Where that is broken off, what runs is ended."""
        free, busy, started = list(self.rooms), dict[Running, Worktree](), 0
        with selectors.DefaultSelector() as selector:
            try:
                while started < count or busy:
                    while free and started < count:
                        room = free.pop()
                        room.clean(commit.sha, self.taken)
                        with uninterrupted():
                            run = Running(self.command, room.folder)
                            busy[run] = room
                        selector.register(run.stream, selectors.EVENT_READ, run)
                        started += 1
                    _listen(selector)
                    for run in [run for run in busy if run.has_ended()]:
                        if run.stream in selector.get_map():
                            selector.unregister(run.stream)
                        ran = run.result()
                        free.append(busy.pop(run))
                        yield ran
            except TooMuchWork:
                raise UsageError("--expect-output: the pattern takes too much work on this output") from None
            finally:
                _end(list(busy))


def _listen(selector: selectors.BaseSelector) -> None:
    """Take what the commands print, for a moment."""
    if not selector.get_map():
        time.sleep(_POLL)
        return
    for key, _ in selector.select(_POLL):
        if not key.data.read():
            selector.unregister(key.fileobj)


def _end(running: Sequence[Running]) -> None:
    """End commands that nobody waits for any more: first they are asked to."""
    if not running:
        return
    with uninterrupted():
        for run in running:
            run.ask_to_end()
        deadline = time.monotonic() + GRACE
        while time.monotonic() < deadline and not all(run.has_ended() for run in running):
            time.sleep(_POLL)
        for run in running:
            run.stop()
