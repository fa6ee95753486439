"""Record the answer to a question.

It fills the field that was asked for.

\b
issuelog answer 7K3M Q1 "Firefox 140 on Debian"
issuelog answer 7K3M frequency "every single time" --value always
"""

from __future__ import annotations

from typing import Annotated

import typer

from issuelog.cli import params
from issuelog.cli.results import Changes
from issuelog.cli.session import Session


def answer(
    session: Session,
    report: params.Report,
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="Its id (Q1), or the field it asks for.")],
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What the customer said (- or @FILE).")],
    value: Annotated[str | None, typer.Option("--value", metavar="V", help="What the field is to hold.")] = None,
) -> Changes:
    """Record an answer."""
    from issuelog.actions import start

    said = session.text(text, "TEXT") or ""
    return session.change(report, start.answer(question, said, value=value))
