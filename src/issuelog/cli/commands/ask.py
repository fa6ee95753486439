"""Ask the customer, all in one message.

The report then waits on the customer.

\b
issuelog ask 7K3M -q "Which browser do you use?"
issuelog ask 7K3M --missing
issuelog ask 7K3M --again
"""

from __future__ import annotations

from typing import Annotated

import typer

from issuelog.cli import params
from issuelog.cli.results import Changes
from issuelog.cli.session import Session
from issuelog.errors import UsageError


def ask(
    session: Session,
    report: params.Report,
    said: params.Promising,
    question: Annotated[list[str] | None, typer.Option("-q", "--question", metavar="TEXT", help="A question.")] = None,
    missing: Annotated[bool, typer.Option("--missing", help="Everything that the form still lacks.")] = False,
    again: Annotated[bool, typer.Option("--again", help="Remind of the questions that are open.")] = False,
) -> Changes:
    """Ask."""
    from issuelog.actions import start

    if again and (question or missing):
        raise UsageError("--again reminds of the open questions, and asks no new ones")
    swallowed = next((text for text in question or () if text.startswith("--")), None)
    if swallowed:
        raise UsageError(f"-q takes a question, not {swallowed!r}", hint="--quiet   prints the answer alone")
    words = session.words(said)
    if again:
        return session.change(report, lambda tracker: start.ask_again(tracker.voice, words))
    return session.change(
        report, lambda tracker: start.ask(tracker.voice, words, texts=question or (), missing=missing)
    )
