"""Record an attempt to reproduce the error.

One in which the error showed takes an acknowledged report on.

\b
issuelog reproduce 7K3M --runs 5 --hits 5 --place sandbox --env version=8.10 --env os="Debian 12"
"""

from __future__ import annotations

from typing import Annotated

import typer

from issuelog.cli import params
from issuelog.cli.results import Changes
from issuelog.cli.session import Session


def reproduce(
    session: Session,
    report: params.Report,
    runs: Annotated[int, typer.Option("--runs", metavar="N", help="How often it was run.")],
    hits: Annotated[int, typer.Option("--hits", metavar="N", help="How often the error showed.")],
    place: Annotated[
        str, typer.Option("--place", metavar="P", help="sandbox, vm, container, staging or production.")
    ] = "sandbox",
    env: Annotated[list[str] | None, typer.Option("--env", metavar="KEY=VALUE", help="What it ran in.")] = None,
    command: Annotated[
        str | None, typer.Option("--command", metavar="TEXT", help="What was run (recorded only).")
    ] = None,
    note: Annotated[str | None, typer.Option("--note", metavar="TEXT", help="What was seen.")] = None,
    waive: params.Waive = None,
    because: params.Because = None,
) -> Changes:
    """Reproduce."""
    from issuelog.actions import work
    from issuelog.model.step import Waiver

    step = work.reproduce(
        runs=runs,
        hits=hits,
        place=place,
        env=session.pairs(env or [], "--env"),
        command=command,
        note=note,
        waiver=Waiver(tuple(waive or ()), because or ""),
    )
    return session.change(report, step)
