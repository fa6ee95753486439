"""Record what was decided on making good.

\b
issuelog compensate 7K3M --decision none --because "no cost to the customer"
issuelog compensate 7K3M --decision offered --kind credit --amount 50.00 --currency EUR --approved-by "Kim Lee"
"""

from __future__ import annotations

from typing import Annotated

import typer

from issuelog.cli import params
from issuelog.cli.results import Changes
from issuelog.cli.session import Session


def compensate(
    session: Session,
    report: params.Report,
    decision: Annotated[str, typer.Option("--decision", metavar="D", help="none, offered, accepted or declined.")],
    kind: Annotated[str | None, typer.Option("--kind", metavar="K", help="credit, refund, gift, …")] = None,
    amount: Annotated[str | None, typer.Option("--amount", metavar="50.00", help="How much.")] = None,
    currency: Annotated[str | None, typer.Option("--currency", metavar="EUR", help="ISO 4217 code.")] = None,
    because: params.Because = None,
    approved_by: Annotated[str | None, typer.Option("--approved-by", metavar="WHO", help="Who approved it.")] = None,
) -> Changes:
    """Compensate."""
    from issuelog.actions import customer

    step = customer.compensate(
        decision=decision, kind=kind, amount=amount, currency=currency, because=because, approved_by=approved_by
    )
    return session.change(report, step)
