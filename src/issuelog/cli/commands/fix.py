"""Say what was changed, and the way back.

A commit is looked up in the product's repository: the one around the tracker, or product_repo of your settings. Without
--ref it says which commits name the report.

\b
issuelog fix 7K3M --kind code --summary "stream the CSV" --ref git:4f9e2c1 --ref pr:1182 --rollback "redeploy 8.10.2"
"""

from __future__ import annotations

from typing import Annotated

import typer

from issuelog.cli import params
from issuelog.cli.results import Changes
from issuelog.cli.session import Session


def fix(
    session: Session,
    report: params.Report,
    kind: Annotated[
        str | None, typer.Option("--kind", metavar="K", help="What was changed: code, config, docs, …")
    ] = None,
    summary: Annotated[str | None, typer.Option("--summary", metavar="TEXT", help="The change, in a sentence.")] = None,
    ref: Annotated[
        list[str] | None, typer.Option("--ref", metavar="REF", help="git:<sha>, pr:<n> or a URL; repeatable.")
    ] = None,
    rollback: Annotated[str | None, typer.Option("--rollback", metavar="TEXT", help="The way back.")] = None,
    fixed_in: Annotated[str | None, typer.Option("--fixed-in", metavar="V", help="The first version with it.")] = None,
) -> Changes:
    """Fix."""
    from issuelog.actions import work
    from issuelog.cli.commits import Fixed, checked

    refs = checked(session, ref or ())
    step = work.fix(kind=kind, summary=summary, refs=refs, rollback=rollback, fixed_in=fixed_in)
    return Fixed.of(session, session.change(report, step), named=bool(ref))
