"""Say why the error happens, or find the commit.

With --bisect issuelog searches between a revision without the error and one with it for the commit that brought it
in. It runs a command by the shell, in clean temporary work trees of the product's repository. The error shows if the
exit code is not 0, unless --expect-exit or --expect-output say otherwise; 125 skips a commit. An error that shows in
some runs only is tried often enough to be sure.

\b
issuelog diagnose 7K3M --cause "the worker builds the whole CSV in memory" --kind code --introduced-in 8.9
issuelog diagnose 7K3M --bisect v8.8..v8.10 --run "make -s test-export" -j 4
"""

from __future__ import annotations

from typing import Annotated

import typer

from issuelog.cli import params
from issuelog.cli.results import Changes, Document
from issuelog.cli.session import Session
from issuelog.cli.trying import Trying
from issuelog.errors import UsageError


def diagnose(
    session: Session,
    report: params.Report,
    trying: Trying,
    cause: Annotated[str | None, typer.Option("--cause", metavar="TEXT", help="Why it happens.")] = None,
    kind: Annotated[
        str | None,
        typer.Option("--kind", metavar="K", help="code, config, data, docs, process, infrastructure, vendor or usage."),
    ] = None,
    confidence: Annotated[
        str | None,
        typer.Option(
            "--confidence", metavar="C", help="likely or confirmed; with --bisect how sure it has to be: 0.95."
        ),
    ] = None,
    introduced_in: Annotated[
        str | None, typer.Option("--introduced-in", metavar="V", help="The first version that has it.")
    ] = None,
    affected: Annotated[
        str | None, typer.Option("--affected", metavar="RANGE", help="The versions that have it.")
    ] = None,
    bisect: Annotated[
        str | None,
        typer.Option("--bisect", metavar="GOOD..BAD", help="Find the commit between these with --run."),
    ] = None,
) -> Changes | Document:
    """Diagnose."""
    from issuelog.actions import work
    from issuelog.cli.bisecting import bisected

    if bisect is None:
        trying.refuse("goes with --bisect GOOD..BAD")
        said = session.need(session.text(cause, "--cause"), "--cause", "Why does it happen?")
        step = work.diagnose(
            cause=said, kind=kind, confidence=confidence, introduced_in=introduced_in, affected=affected
        )
        return session.change(report, step)
    if trying.run is None:
        raise UsageError("--run is missing: the command in which the error shows")
    sure = _share(confidence)
    details = [session.text(cause, "--cause"), kind, introduced_in, affected]
    also = work.diagnose(cause=details[0], kind=kind, introduced_in=introduced_in, affected=affected)
    return bisected(session, report, trying, bisect, sure, also if any(details) else None, introduced_in)


def _share(confidence: str | None) -> float:
    from issuelog.cli.experimenting import certain

    try:
        return certain(float(confidence) if confidence else None)
    except ValueError:
        raise UsageError(f"--confidence is {confidence!r}; with --bisect it is how sure it has to be: 0.95") from None
