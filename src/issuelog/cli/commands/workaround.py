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
    text: Annotated[str, typer.Argument(metavar="TEXT", help="The steps (- or @FILE).")],
    limits: Annotated[str | None, typer.Option("--limits", metavar="TEXT", help="What it does not do.")] = None,
    message: params.Message = None,
    edit: params.Edit = False,
    next_update: params.NextUpdate = None,
    channel: params.Channel = None,
    waive_lint: params.WaiveLint = None,
) -> Changes:
    """Record a workaround and tell the customer."""
    from issuelog.actions import work

    words = session.words(
        edit=edit, message=message, next_update=next_update, channel=channel, waive_lint=waive_lint or ()
    )
    steps = session.text(text, "TEXT") or ""
    return session.change(report, lambda tracker: work.workaround(tracker.voice, steps, limits=limits, words=words))
