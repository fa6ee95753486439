"""Record a test of the fix.

With --run issuelog makes the test itself: it runs a command by the shell, in clean temporary work trees of the
product's repository, first at a commit with the error and then at the fix. The error has to show before, and must not
after: a test that passes before proves nothing, and is refused. Both outputs are kept. The error shows if the exit code
is not 0, unless --expect-exit or --expect-output say otherwise.

\b
issuelog test 7K3M --mode automated --level regression --scenario "an invoice of 5,000 lines" --result pass
issuelog test 7K3M --mode manual --level acceptance --scenario "the customer's own steps" --result pass
issuelog test 7K3M --run "pytest -q tests/test_export.py" --fixed-at 4f9e2c1 --with tests/test_export.py
"""

from __future__ import annotations

from typing import Annotated

import typer

from issuelog.cli import params
from issuelog.cli.results import Changes, Document
from issuelog.cli.session import Session
from issuelog.cli.trying import Confidence, Trying
from issuelog.errors import UsageError


def test(
    session: Session,
    report: params.Report,
    trying: Trying,
    mode: Annotated[str | None, typer.Option("--mode", metavar="M", help="automated or manual.")] = None,
    scenario: Annotated[str | None, typer.Option("--scenario", metavar="TEXT", help="What was tested.")] = None,
    result: Annotated[str | None, typer.Option("--result", metavar="R", help="pass or fail.")] = None,
    level: Annotated[str, typer.Option("--level", metavar="L", help="unit, integration, regression, acceptance, …")] = (
        "regression"
    ),
    ref: Annotated[str | None, typer.Option("--ref", metavar="REF", help="Where the test is.")] = None,
    fixed_at: Annotated[
        str | None, typer.Option("--fixed-at", metavar="REV", help="The commit with the fix; with --run.")
    ] = None,
    at_version: Annotated[
        str | None,
        typer.Option("--at-version", metavar="REV", help="The commit with the error, not that of the attempt."),
    ] = None,
    taking: Annotated[
        list[str] | None,
        typer.Option("--with", metavar="PATH", help="Take this test of the fix along to where there was none yet."),
    ] = None,
    confidence: Confidence = None,
) -> Changes | Document:
    """Test."""
    from issuelog.actions import work
    from issuelog.cli.proving import Proving, proved

    if trying.run is not None:
        for option, given in {"--mode": mode, "--result": result}.items():
            if given is not None:
                raise UsageError(f"{option} tells of a test by hand; with --run it is found out")
        said = Proving(level, scenario, ref, at_version, fixed_at, tuple(taking or ()), confidence)
        return proved(session, report, trying, said)
    trying.refuse("goes with --run")
    machine = {"--fixed-at": fixed_at, "--at-version": at_version, "--with": taking, "--confidence": confidence}
    for option, value in machine.items():
        if value:
            raise UsageError(f"{option} goes with --run")
    if mode is None or scenario is None or result is None:
        absent = next(
            name for name, given in {"mode": mode, "scenario": scenario, "result": result}.items() if not given
        )
        raise UsageError(f"--{absent} is missing", hint="--run CMD --fixed-at REV   makes the test itself")
    return session.change(report, work.test(mode=mode, level=level, scenario=scenario, result=result, ref=ref))
