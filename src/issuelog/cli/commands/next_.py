"""The one next command, and why.

\b
issuelog next 7K3M
issuelog list -q is:open | issuelog next -
"""

from __future__ import annotations

from issuelog.cli import params
from issuelog.cli.results import Document, Table
from issuelog.cli.session import Session


def next_(session: Session, report: params.Shown) -> Document | Table:
    """Print the next command."""
    from issuelog.analysing.past import closing_alike
    from issuelog.model.heard import next_of

    policy = session.tracker.policy
    rows = []
    for found in session.reports(report):
        step = next_of(found.report, policy, session.at, closing_alike(session.tracker, found.report))
        rows.append({"id": found.report.id, "command": step.command, "why": step.why})
    if report == "-":
        return Table(rows, ("id", "command", "why"), wide=frozenset({"why"}))
    only = rows[0]
    return Document({"command": only["command"], "why": only["why"]}, only["command"], notes=[only["why"]])
