"""The measures against errors coming back.

\b
issuelog actions
issuelog actions list --overdue --owner kim
issuelog actions list component:export sev:S1,S2
issuelog actions done 7K3M A1 --evidence "the nightly test exports 10,000 lines"
issuelog actions drop 7K3M A2 --because "the export was replaced"
issuelog actions check 7K3M A1 --held --evidence "no export stopped in 30 days"
"""

from __future__ import annotations

from typing import Annotated

import typer

from issuelog.cli import params
from issuelog.cli.results import Changes, Table
from issuelog.cli.session import Session
from issuelog.cli.shape import Shape
from issuelog.errors import UsageError

Item = Annotated[str, typer.Argument(metavar="ACTION", help="Its id, e.g. A1.")]
All = Annotated[bool, typer.Option("--all", help="Also what is done or dropped.")]
Overdue = Annotated[bool, typer.Option("--overdue", help="Only what should be done by now.")]
Owner = Annotated[str | None, typer.Option("--owner", metavar="WHO", help="Only what this person is to do.")]


def listing(
    session: Session,
    query: Annotated[
        list[str] | None,
        typer.Argument(metavar="QUERY…", help="Only of these reports, as in `list`: component:export, sev:S1, words."),
    ] = None,
    everything: All = False,
    overdue: Overdue = False,
    owner: Owner = None,
    *,
    shape: Shape,
) -> Table:
    """List the open actions, the earliest due first."""
    from issuelog.cli.effects import measures

    return shape.of(measures(session, query or (), everything=everything, overdue=overdue, owner=owner), session.output)


def every(
    session: Session, everything: All = False, overdue: Overdue = False, owner: Owner = None, *, shape: Shape
) -> Table:
    """List the open actions of all reports."""
    return listing(session, None, everything, overdue, owner, shape=shape)


def done(
    session: Session,
    report: params.Report,
    item: Item,
    evidence: Annotated[str, typer.Option("--evidence", metavar="TEXT", help="What shows that it works.")],
) -> Changes:
    """End an action that works."""
    from issuelog.actions import analysis

    return session.change(report, analysis.settle(item, "done", text=evidence))


def drop(
    session: Session,
    report: params.Report,
    item: Item,
    because: Annotated[str, typer.Option("--because", metavar="TEXT", help="Why it will not be done.")],
) -> Changes:
    """End an action that will not be done."""
    from issuelog.actions import analysis

    return session.change(report, analysis.settle(item, "dropped", text=because))


def reopen(
    session: Session,
    report: params.Report,
    item: Item,
    because: Annotated[str, typer.Option("--because", metavar="TEXT", help="Why it is to be done again.")],
) -> Changes:
    """Take an action up again that did not hold."""
    from issuelog.actions import analysis

    return session.change(report, analysis.resume(item, because=because))


def check(
    session: Session,
    report: params.Report,
    item: Item,
    held: Annotated[bool, typer.Option("--held", help="The error stayed away.")] = False,
    failed: Annotated[bool, typer.Option("--failed", help="It came back all the same.")] = False,
    evidence: Annotated[str | None, typer.Option("--evidence", metavar="TEXT", help="What shows it.")] = None,
) -> Changes | Table:
    """Say whether an action held; by itself: which came back since."""
    from issuelog.actions import analysis
    from issuelog.cli.effects import after, returned

    if held and failed:
        raise UsageError("--held and --failed exclude each other")
    if not held and not failed:
        if evidence:
            raise UsageError("--evidence goes with --held or --failed")
        return returned(session, report, item)
    shown = session.need(evidence, "--evidence", "What shows it?")
    done = session.change(report, analysis.check(item, "held" if held else "failed", evidence=shown))
    after(session, done.changes, item, failed=failed)
    return done


VERBS = {"list": listing, "done": done, "drop": drop, "check": check, "reopen": reopen}
DEFAULT = every
