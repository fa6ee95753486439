"""Record the answer to a question.

It fills the field that was asked for, or says why nobody can fill it.

\b
issuelog answer 7K3M Q1 "Firefox 140 on Debian"
issuelog answer 7K3M frequency "every single time" --value always
issuelog answer 7K3M last_worked_at "nobody took a note" --unavailable
"""

from __future__ import annotations

from typing import Annotated

import typer

from issuelog.cli import params
from issuelog.cli.results import Changes
from issuelog.cli.session import Session
from issuelog.errors import UsageError


def answer(
    session: Session,
    report: params.Report,
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="Its id (Q1), or the field it asks for.")],
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What the customer said (- or @FILE).")],
    value: Annotated[str | None, typer.Option("--value", metavar="V", help="What the field is to hold.")] = None,
    unavailable: Annotated[
        bool, typer.Option("--unavailable", help="The field cannot be had, and TEXT is why.")
    ] = False,
) -> Changes:
    """Record an answer."""
    from issuelog.actions import start

    said = session.text(text, "TEXT") or ""
    if not said.strip():
        raise UsageError("TEXT is empty", hint="what the customer said, or why nobody can say it with --unavailable")
    if unavailable and value is not None:
        raise UsageError("--value and --unavailable exclude each other")
    return session.change(report, start.answer(question, said, value=value, unavailable=unavailable))
