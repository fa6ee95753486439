"""List what is due, the most urgent first.

Everything that has a clock: first answers, promised and regular updates, answers, reminders, workarounds, fixes,
escalations, and the measures of root cause analyses, also of closed reports. Each with who has to act, and the command
that answers it. A terminal shows a line for each report, with its most urgent clock (--all shows every clock); a pipe
and --json have every clock. With --at it is what was due then.

\b
issuelog due
issuelog due --within 4h --mine
issuelog due --within 1h --exit-code -q || notify-send "issuelog: something is due"
issuelog due --json | jq -r '.[] | select(.overdue) | .report'
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from issuelog.cli.results import Table
from issuelog.cli.session import Session
from issuelog.cli.shape import Shape
from issuelog.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from issuelog.due import Duty

_OPTIONS = re.compile(r" --.*")
_COLUMNS = ("report", "severity", "clock", "due_at", "overdue", "left_seconds", "owner", "title", "command")
_FOR_PEOPLE = ("left", "sev", "clock", "who", "command", "title")


def due(
    session: Session,
    within: Annotated[
        str | None, typer.Option("--within", metavar="4h", help="Only what is overdue or runs out within this time.")
    ] = None,
    mine: Annotated[bool, typer.Option("--mine", help="Only what you have to see to.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="Every clock of a report at a terminal, too.")] = False,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit 1 where something is overdue, or due within the time.")
    ] = False,
    *,
    shape: Shape,
) -> Table:
    """List what is due."""
    from issuelog.due import duties, of_person

    until = _until(session, within)
    found, problems = duties(session.tracker, session.at)
    for problem in problems:
        session.output.warn(f"{problem}; not shown (issuelog check)")
    if mine:
        found = of_person(found, session.by)
    if until:
        found = [duty for duty in found if duty.due_at <= until]
    is_late = any(duty.is_overdue(session.at) or until for duty in found)
    code = ExitCode.NO if exit_code and is_late else ExitCode.DONE
    rows = [duty.row(session.at) for duty in found]
    table = Table(rows, _COLUMNS, "nothing is due", code, _summary(found, session.at), frozenset({"title"}))
    if session.output.quiet and not session.output.json:
        table.rows = _for_people(found, session.at, everything=everything)  # which reports, each once
    elif shape.is_for_people(session.output):
        table.columns, table.rows = _FOR_PEOPLE, _for_people(found, session.at, everything=everything)
    return shape.of(table, session.output)


def _until(session: Session, within: str | None) -> datetime | None:
    from issuelog.model.times import parse_duration

    try:
        return session.at + parse_duration(within) if within is not None else None
    except (ValueError, OverflowError) as error:
        raise UsageError(f"--within: {error}") from None


def _for_people(found: Sequence[Duty], at: datetime, *, everything: bool) -> list[dict[str, Any]]:
    """Return a line for each report, with how many further clocks it has; or one for each clock."""
    from issuelog.model.times import format_duration

    by_report: dict[str, list[Duty]] = {}
    for duty in found:
        by_report.setdefault(f"{duty.report} {duty.clock} {duty.item}" if everything else duty.report, []).append(duty)
    rows = []
    for duties in by_report.values():
        first = duties[0]
        left = format_duration(abs(first.due_at - at))
        more = f" (+{len(duties) - 1})" if len(duties) > 1 else ""
        rows.append(
            first.row(at)
            | {
                "left": f"{left} late" if first.is_overdue(at) else f"in {left}",
                "sev": first.severity,
                "clock": f"{first.clock}{more}",
                "who": (first.owner or "nobody yet").partition(" <")[0],
                "command": _OPTIONS.sub(" …", first.command.removeprefix("issuelog ")),
            }
        )
    return rows


def _summary(found: Sequence[Duty], at: datetime) -> list[str]:
    if not found:
        return []
    late = sum(duty.is_overdue(at) for duty in found)
    reports = len({duty.report for duty in found})
    return [f"{late:,} overdue, {len(found) - late:,} to come, in {reports:,} report{'s' if reports != 1 else ''}"]
