"""Record whether liability may be mentioned.

\b
issuelog legal 7K3M --review in_review
issuelog legal 7K3M --review cleared --note "wording agreed with counsel"
"""

from __future__ import annotations

from typing import Annotated

import typer

from issuelog.cli import params
from issuelog.cli.results import Changes
from issuelog.cli.session import Session


def legal(
    session: Session,
    report: params.Report,
    review: Annotated[str, typer.Option("--review", metavar="R", help="not_needed, in_review or cleared.")],
    note: Annotated[str | None, typer.Option("--note", metavar="TEXT", help="What was agreed.")] = None,
) -> Changes:
    """Legal."""
    from issuelog.actions import customer

    return session.change(report, customer.legal(review=review, note=note))
