"""Name who works on a report.

\b
issuelog assign 7K3M "Kim Lee <kim@example.com>"
issuelog list -q is:open component:export | issuelog assign - kim
"""

from __future__ import annotations

from typing import Annotated

import typer

from issuelog.cli import params
from issuelog.cli.results import Changes
from issuelog.cli.session import Session


def assign(
    session: Session,
    report: params.Report,
    who: Annotated[str, typer.Argument(metavar="WHO", help="A name, or a short name from the policy's people.")],
) -> Changes:
    """Assign."""
    from issuelog.actions import start

    return session.change(report, start.assign(session.person(who)))
