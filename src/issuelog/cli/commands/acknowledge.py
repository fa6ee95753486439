"""Send the first answer.

Thanks, an apology, the reference, and the time of the next word.

\b
issuelog ack 7K3M
issuelog ack 7K3M --impact "your month-end run is held up" --next-update 2h
"""

from __future__ import annotations

from issuelog.cli import params
from issuelog.cli.results import Changes
from issuelog.cli.session import Session


def acknowledge(
    session: Session,
    report: params.Report,
    message: params.Message = None,
    edit: params.Edit = False,
    next_update: params.NextUpdate = None,
    channel: params.Channel = None,
    impact: params.Impact = None,
    waive_lint: params.WaiveLint = None,
) -> Changes:
    """Acknowledge."""
    from issuelog.actions import customer

    words = session.words(
        edit=edit, message=message, next_update=next_update, channel=channel, waive_lint=waive_lint or (), impact=impact
    )
    return session.change(report, lambda tracker: customer.acknowledge(tracker.voice, words))
