"""Take back the last change.

By a new commit; undoing an undo brings the change back.

\b
issuelog undo
issuelog undo 7K3M
"""

from __future__ import annotations

from typing import Annotated

import typer

from issuelog.cli.results import Document
from issuelog.cli.session import Session
from issuelog.errors import UsageError


def undo(
    session: Session,
    report: Annotated[
        str | None, typer.Argument(metavar="ID", help="The last change of this report or known error.")
    ] = None,
) -> Document:
    """Undo."""
    from issuelog.store import references
    from issuelog.undo import undo_last

    tracker = session.tracker
    if tracker.include_edits:
        raise UsageError("undo takes no edits along", hint="issuelog note ID TEXT --include-edits   commits them first")
    report_id = references.find(tracker.layout, report) if report is not None else None
    done = undo_last(tracker, report_id, session.moment(), dry_run=session.dry_run)
    data = {
        "id": done.report,
        "action": "redo" if done.redone else "undo",
        "from": None,
        "to": None,
        "commit": done.commit,
        "next": f"issuelog log {done.report}" if done.exists else "issuelog log",
        "undone": {"commit": done.undone, "summary": done.summary},
    }
    did = f"{'brought back' if done.redone else 'took back'} {done.summary.partition(': ')[2]!r}"
    return Document(
        data,
        f"{done.report}: {did} ({done.undone[:10]})" if done.commit else done.preview or "",
        brief=done.report,
        notes=["undo again takes this back"] if done.commit else [],
    )
