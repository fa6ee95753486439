"""Watching whether an error comes back: until when, for what, who looked, and what a log had."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from issuelog.actions.build import build
from issuelog.errors import Missing, Refused, UsageError
from issuelog.model.identifier import next_item_id
from issuelog.model.pattern import pattern as checked
from issuelog.model.report import MonitorCheck, Report, State
from issuelog.model.step import Facts, Moment, Step
from issuelog.model.times import iso

SEEN_IN_A_LOG = "watch-log"
_WATCHED = (State.RESOLVED, State.RCA)


def monitor(
    *, until: datetime | None = None, pattern: str | None = None, off: bool = False, check: str | None = None
) -> Step:
    """Say until when a resolved report is watched, and for what in logs; end that; or record that somebody looked."""
    if off and (until or pattern):
        raise UsageError("--off ends the monitoring; it goes with neither --until nor --pattern")
    if not (until or pattern or off or check):
        raise UsageError("--until is missing", hint="issuelog monitor ID --until 30d --pattern REGEX")
    if check is not None and not check.strip():
        raise UsageError("--check is empty")
    if pattern:
        checked(pattern)

    def edit(draft: Report, moment: Moment) -> Facts | None:
        facts: Facts = {}
        if until or pattern:
            _begin(draft, moment, until, pattern)
        if until:
            facts["until"] = iso(until)
        if off:
            facts |= _end(draft, moment)
        if check:
            facts["check"] = _add(draft, moment, note=check)
        return facts or None

    return Step("monitor", edit)


def _begin(draft: Report, moment: Moment, until: datetime | None, pattern: str | None) -> None:
    if draft.state not in _WATCHED:
        what, command = "a fix that is out", f"issuelog resolve {draft.id}"
        if draft.state is State.CLOSED:
            what = "a report that is taken up again; watch-log looks for what is closed as fixed anyway"
            command = f"issuelog reopen {draft.id} --reason recurred --evidence TEXT"
        raise Refused(f"{draft.id} is {draft.state} and cannot be monitored", [Missing("resolved", what, command)])
    ends = until or draft.monitor.until
    if ends is None or ends <= moment.at:
        said = f"--until is {iso(until)}, which is past" if until else "--until is missing: how long it is watched"
        raise UsageError(said, hint="--off ends the monitoring" if until else None)
    draft.monitor.until = ends
    draft.monitor.pattern = pattern or draft.monitor.pattern


def _end(draft: Report, moment: Moment) -> Facts:
    """End the monitoring now; what it was for stays on record."""
    if draft.monitor.until is None or draft.monitor.until <= moment.at:
        return {}
    draft.monitor.until = moment.at
    return {"until": iso(moment.at)}


@dataclass(frozen=True)
class Seen:
    """What a log had of an error: how often, in which log, read how far, and a note with its first and last line."""

    count: int
    source: str
    upto: str
    note: str


def recurred(logs: Sequence[Seen]) -> Step:
    """Record that an error was in logs again; nothing where another command has recorded it meanwhile."""

    def edit(draft: Report, moment: Moment) -> Facts | None:
        known = {check.upto for check in draft.monitor.checks}
        fresh = [seen for seen in logs if seen.upto not in known]
        checks = [
            _add(draft, moment, seen=seen.count, source=seen.source, upto=seen.upto, note=seen.note) for seen in fresh
        ]
        return {"check": checks, "seen": str(sum(seen.count for seen in fresh))} if fresh else None

    return Step(SEEN_IN_A_LOG, edit)


def _add(draft: Report, moment: Moment, **facts: object) -> str:
    new = next_item_id("W", [known.id for known in draft.monitor.checks])
    draft.monitor.checks.append(build(MonitorCheck, id=new, at=moment.at, by=moment.by, **facts))
    return new
