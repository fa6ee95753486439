"""Tell the customer how to go on meanwhile.

\b
issuelog workaround 7K3M "Split the export by week" --limits "each file holds one week"
"""

from __future__ import annotations

from typing import Annotated

import typer

from issuelog.cli import params
from issuelog.cli.results import Changes
from issuelog.cli.session import Session


def workaround(
    session: Session,
    report: params.Report,
    said: params.Promising,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="The steps (- or @FILE).")],
    limits: Annotated[str | None, typer.Option("--limits", metavar="TEXT", help="What it does not do.")] = None,
) -> Changes:
    """Record a workaround and tell the customer."""
    from issuelog.actions import work

    words = session.words(said)
    steps = session.text(text, "TEXT") or ""
    return session.change(report, lambda tracker: work.workaround(tracker.voice, steps, limits=limits, words=words))
