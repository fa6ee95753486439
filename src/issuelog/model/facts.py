"""What figures are computed from: of each report the facts that count, as plain values that the index keeps as JSON.

Times are text, which sorts as they do. Nothing here depends on the present, so that it holds until the file changes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from issuelog.model.guards import TRIAL_PLACES
from issuelog.model.history import done
from issuelog.model.report import Report, State
from issuelog.model.times import iso

if TYPE_CHECKING:
    from issuelog.model.case import Clock
    from issuelog.model.policy import Policy, Terms

MEASURED_BY = {"acknowledge": "acknowledge", "restore": "restore", "resolve": "fix"}
"""The clock whose calendar says how a time is measured; other times are elapsed time."""


def facts(report: Report, runs: Sequence[Clock], policy: Policy) -> dict[str, Any]:
    """Return the facts of a report, by all runs of its clocks."""
    feedback = report.feedback
    out = [one.at for one in report.fix.deployed if one.place not in TRIAL_PLACES]
    newest = report.events[-1].at
    return {
        "received": iso(report.source.received_at),
        "customer": report.customer.name or report.customer.contact,
        "kind": report.fix.kind or report.diagnosis.kind,
        "channel": report.source.channel.value,
        "moves": [[iso(event.at), event.to.value] for event in report.events if event.to],
        "done": [[iso(began), _iso(ended)] for began, ended in done(report)],
        "returns": [[iso(event.at), str(event.fact("reason"))] for event in report.events if event.action == "reopen"],
        "runs": [
            [run.clock, iso(run.start), _iso(run.due), _iso(run.end), _why_late(run, report)]
            for run in runs
            if run.due or run.end
        ],
        "times": [list(one) for one in _times(report, runs, policy)],
        "questions": len(report.questions),
        "tried": [attempt.hits > 0 for attempt in report.attempts],
        "verified": list(_verified(report)),
        "score": [feedback.score, iso(feedback.at or newest)] if feedback.score else None,
        "duplicate_of": report.links.duplicate_of,
        "recurrence_of": report.links.recurrence_of,
        "levels": [cause.missing_level for cause in report.rca.causes if cause.kind == "escape"],
        "out": _iso(min(out, default=None)),
    }


def _verified(report: Report) -> Iterator[list[str]]:
    """Yield what customers said of fixes, and when: a return of the report takes it out of the file's section."""
    told = [event for event in report.events if event.action == "verify" and event.fact("outcome")]
    yield from ([str(event.fact("outcome")), iso(event.at)] for event in told)
    now = report.verification
    if now.outcome and not told:  # a hand has written it
        yield [now.outcome, iso(now.at or report.events[-1].at)]


def _iso(at: datetime | None) -> str | None:
    return iso(at) if at else None


def _times(report: Report, runs: Sequence[Clock], policy: Policy) -> Iterator[tuple[str, str, int, bool]]:
    """Yield what took how long: its name, when it was over, the seconds, and whether they are working time.

    Working time leaves out what the calendar has closed and the time in which the clock stood still.
    """
    terms = policy.terms(report)
    first = {run.clock: run for run in reversed(runs) if run.clock in MEASURED_BY.values()}
    for name, end in _ends(report, first).items():
        if end is None:
            continue
        run = first.get(MEASURED_BY.get(name, ""))
        worked = _worked(run, end, terms) if run else None
        elapsed = max(0, int((end - report.source.received_at).total_seconds()))
        yield name, iso(end), elapsed if worked is None else worked, worked is not None


def _ends(report: Report, first: dict[str, Clock]) -> dict[str, datetime | None]:
    """Return when each thing was over, None where it is not."""
    from issuelog.model.history import said_by_us

    reached: dict[State, datetime] = {}
    for event in report.events:
        if event.to:
            reached.setdefault(event.to, event.at)
    words = said_by_us(report)
    acknowledged = first["acknowledge"].end if "acknowledge" in first else (words[0].at if words else None)
    offered = [run.end for name in ("restore",) if (run := first.get(name)) and run.end]
    offered = offered or [at for at in [report.workaround.offered_at] if at]
    closed = [event.at for event in report.events if event.to is State.CLOSED]
    return {
        "acknowledge": acknowledged,
        "reproduce": reached.get(State.REPRODUCED),
        "restore": min(offered, default=None),
        "resolve": reached.get(State.RESOLVED),
        "close": closed[-1] if closed and report.state is State.CLOSED else None,
    }


def _worked(run: Clock, end: datetime, terms: Terms) -> int | None:
    """Return the seconds of working time from a clock's start; None where its calendar never closes."""
    target = run.stretches[-1].target if run.stretches else None
    calendar = terms.calendar(target) if target else None
    if calendar is None or calendar.is_always:
        return None
    pauses = [(began, ended or end) for began, ended in run.pauses]
    return int(calendar.open_time(run.start, end, pauses).total_seconds())


def _why_late(run: Clock, report: Report) -> list[str]:
    """Return what may have made a run late, were it late: what the file tells, not more."""
    if run.due is None or (run.end is not None and run.end <= run.due):
        return []
    why = []
    if report.source.recorded_at > run.due:
        why.append("recorded after it was due")
    if len(run.stretches) > 1 and run.stretches[-1].severity < run.stretches[0].severity:
        why.append(f"raised to {run.stretches[-1].severity.value} meanwhile")
    if not (run.owner or report.owner):
        why.append("nobody owned it")
    outside = [item for item in report.escalations if item.opened_at < run.due]
    if any(item.closed_at is None or item.closed_at > run.due for item in outside):
        why.append("waited on help from outside")
    return why
