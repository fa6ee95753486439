"""The history, from git.

With a report also the commits of the product that name it, in their message or by a trailer `Issuelog-Report: ID`.

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
    if not session.output.for_people:
        return Table(rows, columns, empty="no history yet", wide=frozenset({"summary"}))
    shown = [{**row, "action": "code" if row["code"] else row["action"]} for row in rows]
    hidden = {"code"} if report is None or any(row["code"] for row in rows) else {"code", "summary"}
    columns = [column for column in columns if column not in hidden]
    return Table(shown, columns, empty="no history yet", wide=frozenset({"summary"}), document=rows)


def _with_code(session: Session, path: Path, made: list[dict[str, Any]], limit: int | None) -> list[dict[str, Any]]:
    """Return the commits of a report and those of the product that name it, each once, the newest first."""
    from heapq import merge

    from issuelog.cli.commits import naming

    own = {row["commit"] for row in made}
    code = [one.data() for one in naming(session, path.stem, _other_ids(session, path)) if one.sha not in own]
    absent = dict.fromkeys(_COLUMNS)
    rows = list(merge(made, [{**absent, **row} for row in code], key=lambda row: str(row["at"]), reverse=True))
    return rows if limit is None or limit < 0 else rows[:limit]


def _other_ids(session: Session, path: Path) -> list[str]:
    """Return what a report was called before; a known error has no other name, and a broken file says none."""
    from issuelog.store import reports

    try:
        return list(reports.read(path, session.tracker.relative(path)).report.also_known_as)
    except IssuelogError:
        return []


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
