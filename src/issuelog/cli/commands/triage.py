"""Say how much it hurts, and who takes it.

\b
issuelog triage 7K3M --severity S2 --because "core function blocked" --users 6 --component export --owner kim
"""

from __future__ import annotations

from typing import Annotated

import typer

from issuelog.cli import params
from issuelog.cli.results import Changes
from issuelog.cli.session import Session


def triage(
    session: Session,
    report: params.Report,
    severity: Annotated[str | None, typer.Option("--severity", metavar="S", help="S1 (worst) to S4.")] = None,
    because: params.Because = None,
    users: Annotated[int | None, typer.Option("--users", metavar="N", help="How many users it hits.")] = None,
    accounts: Annotated[int | None, typer.Option("--accounts", metavar="N", help="How many accounts.")] = None,
    component: Annotated[str | None, typer.Option("--component", metavar="C", help="The part of the product.")] = None,
    owner: Annotated[str | None, typer.Option("--owner", metavar="WHO", help="Who works on it.")] = None,
    data_loss: Annotated[
        str | None, typer.Option("--data-loss", metavar="TEXT", help="What was lost, or none.")
    ] = None,
    security: Annotated[
        str | None, typer.Option("--security", metavar="TEXT", help="What was exposed, or none.")
    ] = None,
) -> Changes:
    """Triage."""
    from issuelog.actions import work

    return session.change(
        report,
        work.triage(
            severity=severity,
            because=because,
            users=users,
            accounts=accounts,
            component=component,
            owner=session.person(owner) if owner else None,
            data_loss=data_loss,
            security=security,
        ),
    )
