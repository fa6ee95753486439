"""Record a phone call with the customer.

\b
issuelog call 7K3M --summary "told Jo that the fix is being tested" --minutes 5 --next-update "tomorrow 9:00"
"""

from __future__ import annotations

from typing import Annotated

import typer

from issuelog.cli import params
from issuelog.cli.results import Changes
from issuelog.cli.session import Session


def call(
    session: Session,
    report: params.Report,
    summary: Annotated[str, typer.Option("--summary", metavar="TEXT", help="What was said.")],
    minutes: Annotated[int | None, typer.Option("--minutes", metavar="N", help="How long it took.")] = None,
    next_update: params.NextUpdate = None,
) -> Changes:
    """Record a call."""
    from issuelog.actions import customer

    when = session.optional_time(next_update, "--next-update")
    return session.change(report, customer.call(summary, minutes=minutes, next_update=when))
