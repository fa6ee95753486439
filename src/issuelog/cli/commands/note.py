"""Record something worth knowing in the report's history.

\b
issuelog note 7K3M "the staging cluster was down from 9 to 10"
"""

from __future__ import annotations

from typing import Annotated

import typer

from issuelog.cli import params
from issuelog.cli.results import Changes
from issuelog.cli.session import Session


def note(
    session: Session,
    report: params.Report,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="The note (- or @FILE).")],
) -> Changes:
    """Note."""
    from issuelog.actions import start
    from issuelog.errors import UsageError

    said = session.text(text, "TEXT") or ""
    if not said.strip():
        raise UsageError("the note is empty")
    return session.change(report, start.note(said))
