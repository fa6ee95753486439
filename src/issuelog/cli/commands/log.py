"""The history, from git.

\b
issuelog log 7K3M
issuelog log --limit 20
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from issuelog.cli.results import Table
from issuelog.cli.session import Session
from issuelog.errors import NotFound

if TYPE_CHECKING:
    from issuelog.tracker import Tracker


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
    rows = history(repository, [repository.relative(path) for path in paths], limit=limit)
    columns = ["at", "by", "action", "from", "to", "commit"]
    if not (report and session.output.for_people):
        columns.append("summary")
    return Table(rows, columns, empty="no history yet", wide=frozenset({"summary"}))


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
