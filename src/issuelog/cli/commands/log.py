"""The history, from git.

With a report also the commits of the product that name it, in their message or by a trailer `Issuelog-Report: ID`, and
those that it names: of its fix, and the first one that had the error.

\b
issuelog log 7K3M
issuelog log --limit 20
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from issuelog.cli.results import Table
from issuelog.cli.session import Session
from issuelog.cli.shape import Shape
from issuelog.errors import IssuelogError, NotFound

if TYPE_CHECKING:
    from issuelog.tracker import Tracker

_COLUMNS = ("at", "by", "action", "from", "to", "commit", "summary", "code")


def log(
    session: Session,
    report: Annotated[
        str | None, typer.Argument(metavar="ID", help="A report or a known error; all of them where none is named.")
    ] = None,
    limit: Annotated[int | None, typer.Option("--limit", metavar="N", help="At most so many, the newest.")] = None,
    *,
    shape: Shape,
) -> Table:
    """Show the history."""
    from issuelog.vcs.history import history

    tracker = session.tracker
    layout, repository = tracker.layout, tracker.repository
    paths = [_path(tracker, report)] if report is not None else [layout.reports, layout.known_errors]
    made = history(repository, [repository.relative(path) for path in paths], limit=limit)
    rows = [{**row, "code": None} for row in made]
    if report is not None:
        rows = _with_code(session, paths[0], rows, limit)
    columns = [*_COLUMNS] if report is not None else [*_COLUMNS[:-1]]
    if not shape.is_for_people(session.output):
        return shape.of(Table(rows, columns, empty="no history yet", wide=frozenset({"summary"})), session.output)
    shown = [{**row, "action": "code" if row["code"] else row["action"]} for row in rows]
    hidden = {"code"} if report is None or any(row["code"] for row in rows) else {"code", "summary"}
    columns = [column for column in columns if column not in hidden]
    return Table(shown, columns, empty="no history yet", wide=frozenset({"summary"}), document=rows)


def _with_code(session: Session, path: Path, made: list[dict[str, Any]], limit: int | None) -> list[dict[str, Any]]:
    """Return the commits of a report and those of the product that concern it, each once, the newest first."""
    from heapq import merge

    own = {row["commit"] for row in made}
    code = [row for row in _code(session, path) if row["commit"] not in own]
    absent = dict.fromkeys(_COLUMNS)
    rows = list(merge(made, [{**absent, **row} for row in code], key=lambda row: str(row["at"]), reverse=True))
    return rows if limit is None or limit < 0 else rows[:limit]


def _code(session: Session, path: Path) -> list[dict[str, Any]]:
    """Return the product's commits, the newest first; of a known error, or a broken file, those that have its name."""
    from issuelog.cli.commits import concerning, naming
    from issuelog.store import reports

    try:
        report = reports.read(path, session.tracker.relative(path)).report
    except IssuelogError:
        return [one.data() for one in naming(session, path.stem)]
    found = [one.data() for one in reversed(concerning(session, report))]
    # How a commit names the report says more than that the report names it.
    return [{name: part for name, part in row.items() if name != "why"} | {"code": row["why"][-1]} for row in found]


def _path(tracker: Tracker, reference: str) -> Path:
    """Return the file that a reference means: a report, or where there is none of that name a known error."""
    from issuelog.store import known_errors

    try:
        return tracker.layout.report(tracker.find(reference))
    except NotFound:
        try:
            return tracker.layout.known_error(known_errors.find(tracker.layout, reference))
        except NotFound:
            pass
        raise
