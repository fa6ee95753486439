"""Explain the clocks of a report, or try another policy on the past.

\b
issuelog sla explain 7K3M
issuelog sla explain 7K3M --json | jq '.clocks[] | select(.outcome == "broken")'
issuelog sla simulate stricter.yaml
issuelog sla simulate stricter.yaml 'received:>=2026-07-01' --changed
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from issuelog.cli import params
from issuelog.cli.results import Document, Table
from issuelog.cli.session import Session
from issuelog.errors import NotFound, UsageError

if TYPE_CHECKING:
    from issuelog.sla import Explanation, Replayed, Run

_SUMMARY = ("clock", "severity", "runs", "met", "missed", "would_be_met", "would_be_missed", "open")
_CHANGED = ("report", "severity", "clock", "started_at", "due_at", "would_be_due_at", "ended_at", "met", "would_be_met")


def explain(session: Session, report: params.Shown) -> Document:
    """Print every interval, pause and calendar window that led to a due time, and the policy and why it was chosen.

    A time is in UTC, and behind it in the calendar's zone. With --at it is how things stood then.
    """
    from issuelog.sla import explain as explained

    found = []
    for stored in session.reports(report):
        explanation = explained(stored.report, session.tracker.policy, session.at)
        if explanation is None:
            raise NotFound(f"{stored.report.id} had not been received by then", hint="leave out --at")
        found.append(explanation)
    data = [one.data() for one in found]
    text = "\n".join("\n".join(_lines(one, session.at)) + "\n" for one in found)
    return Document(data if report == "-" else data[0], text)


def simulate(
    session: Session,
    policy: Annotated[
        str, typer.Argument(metavar="POLICY", help="A file like config.yaml; may say only what differs.")
    ],
    query: Annotated[
        list[str] | None, typer.Argument(metavar="QUERY…", help="Of which reports; all if not said.")
    ] = None,
    changed: Annotated[bool, typer.Option("--changed", help="Show the runs that would have ended otherwise.")] = False,
) -> Table:
    """Replay the past under another policy: what was met, and what would have been.

    A clock that still runs counts neither as met nor as missed, until it is overdue.
    """
    from issuelog.config import load_policy
    from issuelog.sla import replay, summary
    from issuelog.store.selection import Selection

    path = session.folder / policy
    if not path.is_file():
        raise UsageError(f"there is no file {policy}")
    _ = session.tracker.policy  # a fault of its own is not one of the other
    other = load_policy(path, over=session.tracker.layout.config, shown=policy)
    selection = Selection(session.terms(query or ()), session.at, ["id"])
    rows, problems = session.tracker.ask(lambda index: list(selection.rows(index, "id")))
    replayed, unread = replay(session.tracker, [row[0] for row in rows], other, session.at)
    for problem in [*problems, *unread]:
        session.output.warn(f"{problem}; not counted (issuelog check)")
    differing = [one for one in replayed if one.met != one.would_be_met]
    figures = summary(replayed)
    document: dict[str, Any] = {
        "policy": policy,
        "reports": len(rows),
        "clocks": figures,
        "changed": [one.row() for one in differing],
    }
    if changed:
        listed = document["changed"] if not session.output.for_people else [_said(one) for one in differing]
        columns = _CHANGED if not session.output.for_people else tuple(listed[0] if listed else ())
        return Table(listed, columns, "no run would have ended otherwise", document=document)
    return Table(figures, _SUMMARY, "no clock has run yet", notes=_note(len(differing)), document=document)


def _said(one: Replayed) -> dict[str, str]:
    """Return a run that would have ended otherwise, for people."""
    words = {True: "kept", False: "broken", None: "open"}
    due, other = one.due, one.other_due
    return {
        "report": one.report,
        "sev": one.severity,
        "clock": one.clock,
        "due": f"{due:%Y-%m-%d %H:%M}" if due else "",
        "would be due": f"{other:%Y-%m-%d %H:%M}" if other else "",
        "answered": f"{one.end:%Y-%m-%d %H:%M}" if one.end else "",
        "was": words[one.met],
        "would be": words[one.would_be_met],
    }


def _note(differing: int) -> Sequence[str]:
    return [f"{differing:,} would have ended otherwise (--changed shows them)"] if differing else []


def _lines(explanation: Explanation, at: datetime) -> Iterator[str]:
    from issuelog.model.times import iso

    report = explanation.report
    yield f"{report.id}  {report.title}"
    yield f"received {iso(report.source.received_at)}, now {report.severity}; policy {explanation.terms.name}: " + (
        explanation.terms.why
    )
    for run in explanation.runs:
        yield ""
        yield from _run(run, at)
    if explanation.backdated:
        yield ""
    for item in explanation.data()["backdated"]:
        yield f"backdated: {item['action']} claims {item['at']}, recorded {item['recorded_at']}"


def _run(run: Run, at: datetime) -> Iterator[str]:
    from issuelog.model.clocks import KINDS
    from issuelog.model.times import format_duration

    clock, zone = run.clock, run.calendar.timezone if run.calendar else "UTC"
    target = f", {run.target}" if run.target else ""
    yield f"{clock.clock}{f' {clock.item}' if clock.item else ''}: {run.outcome}   ({KINDS[clock.clock].words}{target})"
    yield f"  from    {_time(clock.start, zone)}"
    for before, stretch in zip(clock.stretches, clock.stretches[1:], strict=False):
        yield (
            f"  change  {_time(stretch.since, zone)}: {before.severity} to {stretch.severity}, "
            f"{stretch.target or 'no target'}; was due {_time(before.due, zone) if before.due else 'never'}"
        )
    for began, ended in clock.pauses:
        until = f"to {_time(ended, zone)}" if ended else "on, and still"
        yield f"  paused  {_time(began, zone)} {until}"
    for opens, closes in run.windows:
        yield f"  open    {_time(opens, zone)} to {_time(closes, zone)}: {format_duration(closes - opens)}"
    yield f"  due     {_time(clock.due, zone) if clock.due else 'not while it is paused'}"
    if clock.end:
        yield f"  ended   {_time(clock.end, zone)}"
    if clock.due:
        margin = format_duration(abs((clock.end or at) - clock.due))
        late = clock.is_overdue(at)
        yield f"  {'late by' if late else 'left   '} {margin}"
    if run.command:
        yield f"  next    {run.command}"


def _time(at: datetime, zone: str) -> str:
    from issuelog.model.times import in_zone, iso

    return iso(at) if zone == "UTC" else f"{iso(at)} ({in_zone(at, ZoneInfo(zone)):%a %H:%M %Z})"


VERBS: dict[str, Any] = {"explain": explain, "simulate": simulate}
