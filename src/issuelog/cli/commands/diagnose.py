"""Say why the error happens.

\b
issuelog diagnose 7K3M --cause "the worker builds the whole CSV in memory" --kind code --introduced-in 8.9
"""

from __future__ import annotations

from typing import Annotated

import typer

from issuelog.cli import params
from issuelog.cli.results import Changes
from issuelog.cli.session import Session


def diagnose(
    session: Session,
    report: params.Report,
    cause: Annotated[str | None, typer.Option("--cause", metavar="TEXT", help="Why it happens.")] = None,
    kind: Annotated[
        str | None,
        typer.Option("--kind", metavar="K", help="code, config, data, docs, process, infrastructure, vendor or usage."),
    ] = None,
    confidence: Annotated[str | None, typer.Option("--confidence", metavar="C", help="likely or confirmed.")] = None,
    introduced_in: Annotated[
        str | None, typer.Option("--introduced-in", metavar="V", help="The first version that has it.")
    ] = None,
    affected: Annotated[
        str | None, typer.Option("--affected", metavar="RANGE", help="The versions that have it.")
    ] = None,
) -> Changes:
    """Diagnose."""
    from issuelog.actions import work

    said = session.need(session.text(cause, "--cause"), "--cause", "Why does it happen?")
    step = work.diagnose(cause=said, kind=kind, confidence=confidence, introduced_in=introduced_in, affected=affected)
    return session.change(report, step)
