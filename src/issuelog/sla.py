"""How each clock of a report came about, and what another policy would have made of the past."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from issuelog.errors import Conflict, InvalidFile, NotFound, Problem
from issuelog.model.calendar import Calendar, Interval
from issuelog.model.case import Clock
from issuelog.model.clocks import command_for, every_clock
from issuelog.model.history import as_of, backdated
from issuelog.model.identifier import ulid_time
from issuelog.model.policy import Policy, SomeTargets, Target, Terms
from issuelog.model.report import Event, Report
from issuelog.model.times import iso
from issuelog.store.parallel import spread
from issuelog.store.refreshing import FILES_WORTH_A_PROCESS
from issuelog.tracker import Tracker

GOVERNED = frozenset(SomeTargets.model_fields)
"""The clocks that a policy has targets for."""


@dataclass(frozen=True)
class Run:
    """A run of a clock with all that led to its due time."""

    clock: Clock
    outcome: str
    target: Target | None
    calendar: Calendar | None
    windows: Sequence[Interval]
    command: str | None

    def row(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        clock = self.clock
        return {
            "clock": clock.clock,
            "item": clock.item,
            "outcome": self.outcome,
            "started_at": iso(clock.start),
            "due_at": _iso(clock.due),
            "ended_at": _iso(clock.end),
            "target": str(self.target) if self.target else None,
            "timezone": self.calendar.timezone if self.calendar else None,
            "severities": [
                {
                    "at": iso(stretch.since),
                    "severity": stretch.severity.value,
                    "target": str(stretch.target) if stretch.target else None,
                    "due_at": _iso(stretch.due),
                }
                for stretch in clock.stretches
            ],
            "pauses": [{"from": iso(began), "to": _iso(ended)} for began, ended in clock.pauses],
            "windows": [{"from": iso(opens), "to": iso(closes)} for opens, closes in self.windows],
            "command": self.command,
        }


@dataclass(frozen=True)
class Explanation:
    """Every run of a report's clocks, by which policy and why by that one, and the events that were backdated."""

    report: Report
    terms: Terms
    runs: Sequence[Run]
    backdated: Sequence[Event]

    def data(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        report = self.report
        return {
            "report": report.id,
            "title": report.title,
            "severity": report.severity.value,
            "received_at": iso(report.source.received_at),
            "policy": {"name": self.terms.name, "why": self.terms.why},
            "clocks": [run.row() for run in self.runs],
            "backdated": [
                {
                    "event": event.id,
                    "action": event.action,
                    "at": iso(event.at),
                    "recorded_at": iso(ulid_time(event.id)),
                }
                for event in self.backdated
            ],
        }


def explain(report: Report, policy: Policy, at: datetime) -> Explanation | None:
    """Return how the clocks of a report stood at a time, and why; None where it had not been received."""
    past = as_of(report, at)
    if past is None:
        return None
    terms = policy.terms(past)
    runs = [_run(clock, past, policy, terms, at) for clock in every_clock(past, policy)]
    return Explanation(past, terms, runs, [event for event in past.events if backdated(event)])


def _run(clock: Clock, report: Report, policy: Policy, terms: Terms, at: datetime) -> Run:
    target = clock.stretches[-1].target if clock.stretches else None
    calendar = terms.calendar(target) if target else None
    windows: list[Interval] = []
    if calendar and not calendar.is_always:
        pauses = [(began, ended or at) for began, ended in clock.pauses]
        windows = list(calendar.intervals(clock.start, clock.due or max(at, clock.start), pauses))
    command = None if clock.end else command_for(clock, report, policy)
    return Run(clock, outcome(clock, at), target, calendar, windows, command)


def outcome(clock: Clock, at: datetime) -> str:
    """Return what became of a clock: kept, broken; or running, overdue, paused at a time."""
    if clock.end is not None:
        return "broken" if clock.is_overdue(at) else "kept"
    if clock.is_paused:
        return "paused"
    return "overdue" if clock.is_overdue(at) else "running"


def _iso(at: datetime | None) -> str | None:
    return iso(at) if at else None


@dataclass(frozen=True)
class Replayed:
    """One run of a clock under the policy in force and under another: whether it was met; None where that is open."""

    report: str
    severity: str
    clock: str
    start: datetime
    due: datetime | None
    other_due: datetime | None
    end: datetime | None
    met: bool | None
    would_be_met: bool | None

    def row(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "report": self.report,
            "severity": self.severity,
            "clock": self.clock,
            "started_at": iso(self.start),
            "due_at": _iso(self.due),
            "would_be_due_at": _iso(self.other_due),
            "ended_at": _iso(self.end),
            "met": self.met,
            "would_be_met": self.would_be_met,
        }


def replay(tracker: Tracker, ids: Sequence[str], other: Policy, at: datetime) -> tuple[list[Replayed], list[Problem]]:
    """Return every clock that a policy governs, under the tracker's and under another, and what could not be read."""
    policy = tracker.policy

    def work(share: Sequence[str]) -> Iterator[list[Replayed] | list[Problem]]:
        for report_id in share:
            try:
                report = as_of(tracker.read(report_id).report, at)
                yield list(_compared(report, policy, other, at)) if report else []
            except InvalidFile as error:
                yield list(error.problems)
            except (Conflict, NotFound) as error:
                yield [Problem(report_id, 1, 1, "file", error.message)]

    found: list[Replayed] = []
    problems: list[Problem] = []
    with spread(work, ids, FILES_WORTH_A_PROCESS) as results:
        for some in tracker.watch(results, len(ids)):
            for one in some:
                (found if isinstance(one, Replayed) else problems).append(one)
    found.sort(key=lambda one: (one.start, one.report, one.clock))
    return found, problems


def _compared(report: Report, policy: Policy, other: Policy, at: datetime) -> Iterator[Replayed]:
    now, then = _governed(report, policy), _governed(report, other)
    for key in now.keys() | then.keys():
        ours, theirs = now.get(key), then.get(key)
        known = ours or theirs
        assert known
        yield Replayed(
            report.id,
            known.stretches[-1].severity.value,
            known.clock,
            known.start,
            ours.due if ours else None,
            theirs.due if theirs else None,
            known.end,
            _met(ours, at),
            _met(theirs, at),
        )


def _governed(report: Report, policy: Policy) -> dict[tuple[str, datetime, str | None], Clock]:
    clocks = [clock for clock in every_clock(report, policy) if clock.clock in GOVERNED]
    return {(clock.clock, clock.start, clock.item): clock for clock in clocks}


def _met(clock: Clock | None, at: datetime) -> bool | None:
    """Whether a clock was kept; None where there is none, or it still runs."""
    if clock is None or (clock.end is None and not clock.is_overdue(at)):
        return None
    return not clock.is_overdue(at)


def summary(replayed: Iterable[Replayed]) -> list[dict[str, Any]]:
    """Return by clock and severity how many runs were over, and how many were met and would have been."""
    groups: dict[tuple[str, str], list[Replayed]] = {}
    for one in replayed:
        groups.setdefault((one.clock, one.severity), []).append(one)
    return [
        {
            "clock": clock,
            "severity": severity,
            "runs": len(runs),
            "met": sum(run.met is True for run in runs),
            "missed": sum(run.met is False for run in runs),
            "would_be_met": sum(run.would_be_met is True for run in runs),
            "would_be_missed": sum(run.would_be_met is False for run in runs),
            "open": sum(run.met is None for run in runs),
        }
        for (clock, severity), runs in sorted(groups.items())
    ]
