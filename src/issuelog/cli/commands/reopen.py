"""Take a report up again.

\b
issuelog reopen 7K3M --reason not_fixed --evidence "the customer's screenshot of today"
issuelog reopen 7K3M --reason recurred --affected-version 8.11 --evidence "log of 22 November"
"""

from __future__ import annotations

from typing import Annotated

import typer

from issuelog.cli import params
from issuelog.cli.results import Changes
from issuelog.cli.session import Session


def reopen(
    session: Session,
    report: params.Report,
    reason: Annotated[
        str,
        typer.Option(
            "--reason", metavar="R", help="not_fixed, recurred, wrong_duplicate, new_information or premature."
        ),
    ],
    evidence: Annotated[str, typer.Option("--evidence", metavar="TEXT", help="What shows it.")],
    affected_version: Annotated[
        str | None, typer.Option("--affected-version", metavar="V", help="Where it came back.")
    ] = None,
) -> Changes:
    """Reopen."""
    from issuelog.actions import ending

    return session.change(report, ending.reopen(reason=reason, evidence=evidence, version=affected_version))
