"""Record supposed causes.

\b
issuelog hypothesis add 7K3M "the worker runs out of memory" --test "export 5,000 lines with a limit of 256 MB"
issuelog hypothesis confirm 7K3M H1
issuelog hypothesis reject 7K3M H2
"""

from __future__ import annotations

from typing import Annotated

import typer

from issuelog.cli import params
from issuelog.cli.results import Changes
from issuelog.cli.session import Session

Which = Annotated[str, typer.Argument(metavar="HYPOTHESIS", help="Its id, e.g. H1.")]


def add(
    session: Session,
    report: params.Report,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What may be the cause.")],
    test: Annotated[str | None, typer.Option("--test", metavar="TEXT", help="How it could be tested.")] = None,
) -> Changes:
    """Record a supposed cause."""
    from issuelog.actions import work

    return session.change(report, work.hypothesis_add(text, test=test))


def confirm(session: Session, report: params.Report, hypothesis: Which) -> Changes:
    """Record that it is the cause."""
    from issuelog.actions import work

    return session.change(report, work.hypothesis_judge(hypothesis, "confirmed"))


def reject(session: Session, report: params.Report, hypothesis: Which) -> Changes:
    """Record that it is not the cause."""
    from issuelog.actions import work

    return session.change(report, work.hypothesis_judge(hypothesis, "rejected"))


VERBS = {"add": add, "confirm": confirm, "reject": reject}
