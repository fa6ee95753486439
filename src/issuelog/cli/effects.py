"""Whether a measure held: which reports of the same error came after it was done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from issuelog.cli.results import Table
from issuelog.errors import ExitCode, NotFound, UsageError

if TYPE_CHECKING:
    from issuelog.cli.session import Session
    from issuelog.model.report import Action, Report
    from issuelog.tracker import Change


def returned(session: Session, given: str, item: str) -> Table:
    """Return the reports of the same error that were received since an action was done; exits 1 where there are any."""
    rows = []
    notes = []
    for stored in session.reports(given):
        action = _done(stored.report, item)
        found = _since(session, stored.report, action)
        rows += [{"report": stored.report.id, "action": action.id, "returned": one} for one in found]
        way = "--failed" if found else "--held"
        notes.append(f"next: issuelog actions check {stored.report.id} {action.id} {way} --evidence TEXT")
    code = ExitCode.NO if rows else ExitCode.DONE
    return Table(
        rows,
        ("report", "action", "returned"),
        empty="the same error has not been reported since",
        code=code,
        notes=notes,
    )


def after(session: Session, changes: Sequence[Change], item: str, *, failed: bool) -> None:
    """Say what follows from a look: what contradicts it, and what a measure that did not hold asks for."""
    for change in changes:
        action = _done(change.report, item)
        if failed:
            again = f"issuelog actions reopen {change.report.id} {action.id} --because TEXT"
            session.output.say(
                f"it did not hold: {again}   or a stronger one: issuelog rca action {change.report.id} TEXT"
            )
            continue
        found = _since(session, change.report, action)
        if found:
            session.output.warn(f"the same error was reported since {action.id} was done: {', '.join(found)}")


def _since(session: Session, report: Report, action: Action) -> list[str]:
    from issuelog.analysing.past import same_error

    if action.closed_at is None:
        raise UsageError(f"action {action.id} of {report.id} does not say when it was done")
    return same_error(session.tracker, report, action.closed_at, max(session.at, action.closed_at))


def _done(report: Report, item: str) -> Action:
    found = next((one for one in report.rca.actions if one.id == item.upper()), None)
    if found is None:
        names = ", ".join(one.id for one in report.rca.actions) or "none"
        raise NotFound(f"{report.id} has no action {item!r}; there are: {names}")
    if found.status != "done":
        raise UsageError(
            f"action {found.id} of {report.id} is {found.status}; only what is done can hold",
            hint=f"issuelog actions done {report.id} {found.id} --evidence TEXT",
        )
    return found
