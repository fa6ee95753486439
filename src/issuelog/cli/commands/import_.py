"""Record reports from mails or other trackers.

A mail's Date becomes received_at and its Message-ID external_ref. What was imported before is not imported again.

\b
issuelog import mail complaint.eml
issuelog import github issues.json
gh issue list --json number,title,body,author,createdAt,labels,url | issuelog import github -
"""

from __future__ import annotations

from typing import Annotated

import typer

from issuelog.cli.results import Table
from issuelog.cli.session import Session
from issuelog.errors import ExitCode


def import_(
    session: Session,
    format: Annotated[str, typer.Argument(metavar="FORMAT", help="mail or github.")],
    files: Annotated[list[str], typer.Argument(metavar="FILE…", help="Files, or - for standard input.")],
) -> Table:
    """Import each item of the files; what cannot be imported is named, and nothing of it is kept."""
    import sys
    from pathlib import Path

    from issuelog.importing import Importer

    importer = Importer(session.tracker, format, session.settling_secrets)
    rows = []
    for name in files:
        data = sys.stdin.buffer.read() if name == "-" else session.file(Path(name))
        for done in importer.run(data, name, session.moment, dry_run=session.dry_run):
            rows.append(done.row())
            if done.note:
                session.output.warn(done.note)
    hints = [f"next: {row['next']}" for row in rows if row["next"]] if len(rows) == 1 else []
    code = ExitCode.REFUSED if any(row["action"] == "refused" for row in rows) else ExitCode.DONE
    return Table(rows, ("id", "action", "title"), empty="there was nothing to import", notes=hints, code=code)
