"""The measures against errors coming back.

\b
issuelog actions
issuelog actions done 7K3M A1 --evidence "the nightly test exports 10,000 lines"
issuelog actions drop 7K3M A2 --because "the export was replaced"
"""

from __future__ import annotations

import json
from typing import Annotated

import typer

from issuelog.cli import params
from issuelog.cli.results import Changes, Table
from issuelog.cli.session import Session

Item = Annotated[str, typer.Argument(metavar="ACTION", help="Its id, e.g. A1.")]


def listing(
    session: Session,
    everything: Annotated[bool, typer.Option("--all", help="Also what is done or dropped.")] = False,
) -> Table:
    """List the open actions, the most urgent first."""
    (found, problems) = session.tracker.ask(
        lambda index: index.execute("SELECT actions FROM report WHERE actions <> '[]'").fetchall()
    )
    for problem in problems:
        session.output.warn(f"{problem}; not shown (issuelog check)")
    actions = [action for (text,) in found for action in json.loads(text)]
    rows = [action for action in actions if action["status"] == "open" or everything]
    rows.sort(key=lambda row: (row["due_at"] or "9999", row["report"], row["id"]))
    columns = ("report", "id", "status", "kind", "owner", "due_at", "text")
    return Table(rows, columns, empty="no open actions", wide=frozenset({"text"}))


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


VERBS = {"list": listing, "done": done, "drop": drop}
DEFAULT = listing
