"""All that a document says of a report, as JSON has it: the report, its clocks, its past in words, and what is missing.

It follows from the files and the commits alone, unless a time is given for which it is wanted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from issuelog.exporting.told import in_words
from issuelog.model import form
from issuelog.model.case import Clock
from issuelog.model.clocks import KINDS, command_for, every_clock, lasting_conditions
from issuelog.model.guards import Context
from issuelog.model.heard import next_of
from issuelog.model.history import backdated
from issuelog.model.lifecycle import TRANSITIONS
from issuelog.model.policy import Policy
from issuelog.model.report import Event, Report, State
from issuelog.model.times import iso
from issuelog.store.documents import to_json
from issuelog.vcs.commits import Concerning

Facts = dict[str, Any]
_WAY = {
    State.NEW: ("acknowledge", "reproduce", "resolve", "close"),
    State.ACKNOWLEDGED: ("reproduce", "resolve", "close"),
    State.REPRODUCED: ("resolve", "close"),
    State.RESOLVED: ("close",),
    State.RCA: ("close",),
    State.CLOSED: (),
}
"""The transitions that a report has before it until it is closed."""


def gathered(
    report: Report,
    policy: Policy,
    at: datetime | None,
    history: Sequence[Mapping[str, Any]] = (),
    alike: Sequence[str] = (),
    commits: Sequence[Concerning] = (),
) -> Facts:
    """Return what is known of a report; without a time, of a clock that runs only its due time is told.

    `alike` are the reports of the same days that are like it: for the sake of them it may need an analysis. `commits`
    are those of the product that have to do with it, `history` those of its file.
    """
    now = at or max(event.at for event in report.events)
    step = next_of(report, policy, now, alike)
    return {
        "id": report.id,
        "as_of": iso(at) if at else None,
        "timezone": policy.timezone,
        "conditions": lasting_conditions(report),
        "next": {"command": step.command, "why": step.why},
        "missing": list(_missing(report, Context(policy, now, alike))),
        "clocks": [_clock(clock, report, policy, at) for clock in every_clock(report, policy)],
        "timeline": [_told(event) for event in sorted(report.events, key=lambda event: (event.at, event.id))],
        "commits": [{**one.data(), "words": one.words} for one in commits],
        "history": [dict(row) for row in reversed(history)],
        "report": to_json(report),
    }


def _told(event: Event) -> dict[str, Any]:
    late = backdated(event)
    return {**in_words(event), "recorded_at": iso(event.at + late) if late else None}


def _missing(report: Report, context: Context) -> Iterator[dict[str, str]]:
    """Yield what a report still lacks on its way to the end, each once, and what would be good to know."""
    told = set()
    for name in _WAY[report.state]:
        transition = TRANSITIONS[name]
        for fact in transition.missing(report, context):
            if fact.what not in told:
                told.add(fact.what)
                yield {"for": transition.target.value, "what": fact.what, "command": fact.command}
    if report.state in {State.NEW, State.ACKNOWLEDGED, State.REPRODUCED}:
        for field in form.missing(report):
            if not field.required:
                what = f"{field.name}: {field.question}"
                yield {"for": "diagnosis", "what": what, "command": f"issuelog ask {report.id} --missing"}
    for action in report.rca.actions:
        if action.status == "open":
            command = f"issuelog actions done {report.id} {action.id} --evidence TEXT"
            yield {"for": "prevention", "what": f"action {action.id} is open: {action.text}", "command": command}


def _clock(clock: Clock, report: Report, policy: Policy, at: datetime | None) -> dict[str, Any]:
    return {
        "clock": clock.clock,
        "what": KINDS[clock.clock].words,
        "item": clock.item,
        "started_at": iso(clock.start),
        "due_at": iso(clock.due) if clock.due else None,
        "ended_at": iso(clock.end) if clock.end else None,
        "outcome": _outcome(clock, at),
        "owner": clock.owner,
        "command": None if clock.end else command_for(clock, report, policy),
    }


def _outcome(clock: Clock, at: datetime | None) -> str:
    """Return what became of a clock; whether one that runs is overdue is known at a time alone."""
    if clock.end is not None:
        return "broken" if clock.is_overdue(clock.end) else "kept"
    if clock.is_paused:
        return "paused"
    return "overdue" if at and clock.is_overdue(at) else "running"
