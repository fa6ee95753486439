"""Record a test of the fix.

\b
issuelog test 7K3M --mode automated --level regression --scenario "an invoice of 5,000 lines" --result pass
issuelog test 7K3M --mode manual --level acceptance --scenario "the customer's own steps" --result pass
"""

from __future__ import annotations

from typing import Annotated

import typer

from issuelog.cli import params
from issuelog.cli.results import Changes
from issuelog.cli.session import Session


def test(
    session: Session,
    report: params.Report,
    mode: Annotated[str, typer.Option("--mode", metavar="M", help="automated or manual.")],
    scenario: Annotated[str, typer.Option("--scenario", metavar="TEXT", help="What was tested.")],
    result: Annotated[str, typer.Option("--result", metavar="R", help="pass or fail.")],
    level: Annotated[str, typer.Option("--level", metavar="L", help="unit, integration, regression, acceptance, …")] = (
        "regression"
    ),
    ref: Annotated[str | None, typer.Option("--ref", metavar="REF", help="Where the test is.")] = None,
) -> Changes:
    """Test."""
    from issuelog.actions import work

    return session.change(report, work.test(mode=mode, level=level, scenario=scenario, result=result, ref=ref))
