"""Ask the customer, all in one message.

The report then waits on the customer.

\b
issuelog ask 7K3M -q "Which browser do you use?"
issuelog ask 7K3M --missing
"""

from __future__ import annotations

from typing import Annotated

import typer

from issuelog.cli import params
from issuelog.cli.results import Changes
from issuelog.cli.session import Session


def ask(
    session: Session,
    report: params.Report,
    said: params.Promising,
    question: Annotated[list[str] | None, typer.Option("-q", "--question", metavar="TEXT", help="A question.")] = None,
    missing: Annotated[bool, typer.Option("--missing", help="Every question that is still open.")] = False,
) -> Changes:
    """Ask."""
    from issuelog.actions import start

    words = session.words(said)
    return session.change(
        report, lambda tracker: start.ask(tracker.voice, words, texts=question or (), missing=missing)
    )
