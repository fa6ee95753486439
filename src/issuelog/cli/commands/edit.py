"""Edit a report in your editor.

What you save is validated before it is committed, and never lost.

\b
issuelog edit 7K3M
"""

from __future__ import annotations

from issuelog.cli import params
from issuelog.cli.results import Changes
from issuelog.cli.session import Session


def edit(session: Session, report: params.One) -> Changes:
    """Open the report's file; a draft that does not hold is kept, and opened again by the next `edit`."""
    from issuelog.cli.editor import edit_draft
    from issuelog.editing import Editing

    session.require_editor()
    editing = Editing(session.tracker, session.tracker.find(report))
    return Changes([editing.run(edit_draft, session.settling_secrets, session.moment(), dry_run=session.dry_run)])
