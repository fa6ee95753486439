"""The history, from git.

\b
issuelog log 7K3M
issuelog log --limit 20
"""

from __future__ import annotations

from typing import Annotated

import typer

from issuelog.cli.results import Table
from issuelog.cli.session import Session


def log(
    session: Session,
    report: Annotated[str | None, typer.Argument(metavar="ID", help="A report; all where none is named.")] = None,
    limit: Annotated[int | None, typer.Option("--limit", metavar="N", help="At most so many, the newest.")] = None,
) -> Table:
    """Show the history."""
    from issuelog.vcs.history import history

    tracker = session.tracker
    report_id = tracker.find(report) if report is not None else None
    path = tracker.layout.report(report_id) if report_id else tracker.layout.reports
    rows = history(tracker.repository, tracker.repository.relative(path), limit=limit)
    columns = ["at", "by", "action", "from", "to", "commit"]
    if not (report_id and session.output.for_people):
        columns.append("summary")
    return Table(rows, columns, empty="no history yet", wide=frozenset({"summary"}))
