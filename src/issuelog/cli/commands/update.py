"""Tell the customer where things stand.

\b
issuelog update 7K3M --confirmed "exports over 200 lines stop" --checking "the memory of the worker" --next-update 4h
issuelog update 7K3M --kind reopened
issuelog update 7K3M --kind escalated --slot external_role="the maker of the driver" --confirmed … --checking …
"""

from __future__ import annotations

from typing import Annotated

import typer

from issuelog.cli import params
from issuelog.cli.results import Changes
from issuelog.cli.session import Session


def update(
    session: Session,
    report: params.Report,
    said: params.Promising,
    confirmed: Annotated[str | None, typer.Option("--confirmed", metavar="TEXT", help="What we are sure of.")] = None,
    checking: Annotated[str | None, typer.Option("--checking", metavar="TEXT", help="What is being checked.")] = None,
    impact: params.Impact = None,
    kind: Annotated[
        str | None,
        typer.Option(
            "--kind", metavar="KIND", help="Another message that no other command says: escalated, reopened, …"
        ),
    ] = None,
) -> Changes:
    """Update."""
    from issuelog.actions import customer

    words = session.words(said, confirmed=confirmed, checking=checking, impact=impact)
    return session.change(report, lambda tracker: customer.update(tracker.voice, words, kind))
