"""Record something worth knowing.

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
    text: Annotated[str | None, typer.Argument(metavar="TEXT", help="The note (- or @FILE).")] = None,
    edit: params.Edit = False,
) -> Changes:
    """Note."""
    from issuelog.actions import start

    said = session.need(session.text(text, "TEXT", edit=edit), "TEXT", "What is to be noted?")
    return session.change(report, start.note(said))
