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
    question: Annotated[list[str] | None, typer.Option("-q", "--question", metavar="TEXT", help="A question.")] = None,
    missing: Annotated[bool, typer.Option("--missing", help="Every question that is still open.")] = False,
    message: params.Message = None,
    edit: params.Edit = False,
    next_update: params.NextUpdate = None,
    channel: params.Channel = None,
    waive_lint: params.WaiveLint = None,
) -> Changes:
    """Ask."""
    from issuelog.actions import start

    words = session.words(
        edit=edit, message=message, next_update=next_update, channel=channel, waive_lint=waive_lint or ()
    )
    return session.change(
        report, lambda tracker: start.ask(tracker.voice, words, texts=question or (), missing=missing)
    )
