"""The measures of analyses: which there are, and whether they held."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from issuelog.cli.results import Table
from issuelog.errors import ExitCode, NotFound, UsageError

if TYPE_CHECKING:
    from issuelog.cli.session import Session
    from issuelog.model.report import Action, Report
    from issuelog.tracker import Change

_COLUMNS = ("report", "id", "status", "kind", "owner", "due_at", "text", "overdue", "held")


class Measures(Table):
    """Measures; where only names are wanted, their reports, each once."""

    def names(self) -> Iterator[str]:
        """Yield the ids of the reports."""
        return iter(dict.fromkeys(row["report"] for row in self.rows))


def measures(session: Session, query: Sequence[str], *, everything: bool, overdue: bool, owner: str | None) -> Measures:
    """Return the measures of the reports that a query asks for, the earliest due first; the open ones unless all."""
    from issuelog.model.person import is_same
    from issuelog.model.times import iso
    from issuelog.store.selection import Selection

    numbers, values = Selection(session.terms(query), session.at).numbers()
    sql = f"SELECT actions FROM report WHERE actions <> '[]' AND number IN ({numbers})"  # noqa: S608 (parameters only)
    (found, problems) = session.tracker.ask(lambda index: index.execute(sql, values).fetchall())
    for problem in problems:
        session.output.warn(f"{problem}; not shown (issuelog check)")
    now = iso(session.at)
    who = session.tracker.policy.person(owner) if owner else None
    rows: list[dict[str, Any]] = []
    for action in (action for (text,) in found for action in json.loads(text)):
        is_open = action["status"] == "open"
        row = {**action, "overdue": is_open and bool(action["due_at"]) and action["due_at"] < now}
        if (not is_open and not everything) or (overdue and not row["overdue"]):
            continue
        if who and not (row["owner"] and is_same(row["owner"], who)):
            continue
        rows.append(row)
    rows.sort(key=lambda row: (row["due_at"] or "9999", row["report"], row["id"]))
    late = sum(row["overdue"] for row in rows)
    notes = [f"{late} overdue" if late < len(rows) else "all of them overdue"] if late else []
    empty = "no open actions" if not everything else "no actions"
    return Measures(rows, _COLUMNS, empty=empty, wide=frozenset({"text"}), notes=notes)


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


def matches(session: Session, changes: Sequence[Change]) -> None:
    """Say what a search of two years found, from which somebody is to conclude."""
    for change in changes:
        found = change.report.rca.recurrence.matches
        what = f"the same, or nearly: {', '.join(found)}" if found else "nothing like it in two years"
        session.output.say(f"{change.report.id}: {what}")


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
