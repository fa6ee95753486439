"""Record what the customer said.

It never changes the state by itself.

\b
issuelog received 7K3M --kind chaser "any news?"
issuelog received 7K3M --kind answer @reply.txt --at "2h ago"
"""

from __future__ import annotations

from typing import Annotated

import typer

from issuelog.cli import params
from issuelog.cli.results import Changes
from issuelog.cli.session import Session
from issuelog.errors import UsageError


def received(
    session: Session,
    report: params.Report,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="The customer's words (- or @FILE).")],
    kind: Annotated[
        str,
        typer.Option(
            "--kind",
            metavar="K",
            help="answer, chaser, confirmation, thanks, not_fixed, other; auto_reply and bounce come from machines.",
        ),
    ] = "other",
    channel: params.Channel = None,
) -> Changes:
    """Record a message of the customer."""
    from issuelog.actions import customer

    if kind not in customer.RECEIVED_KINDS:
        raise UsageError(f"--kind is {kind!r}; it has to be one of {', '.join(customer.RECEIVED_KINDS)}")
    said = session.text(text, "TEXT") or ""
    return session.change(report, lambda tracker: customer.received(tracker.policy, kind, said, channel=channel))
