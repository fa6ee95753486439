"""Close a report as the same as another.

The customer is told.

\b
issuelog duplicate 7K3M --of 2QAB
"""

from __future__ import annotations

from typing import Annotated

import typer

from issuelog.cli import params
from issuelog.cli.results import Changes
from issuelog.cli.session import Session


def duplicate(
    session: Session,
    report: params.Report,
    said: params.Promising,
    of: Annotated[str, typer.Option("--of", metavar="ID2", help="The original.")],
) -> Changes:
    """Mark as a duplicate."""
    from issuelog.actions import ending

    words = session.words(said)
    return session.change(report, lambda tracker: ending.duplicate(tracker.voice, words, tracker.read(of).report))
