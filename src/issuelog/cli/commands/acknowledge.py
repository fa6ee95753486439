"""Send the first answer.

Thanks, an apology, the reference, and the time of the next word.

\b
issuelog ack 7K3M
issuelog ack 7K3M --impact "your month-end run is held up" --next-update 2h
"""

from __future__ import annotations

from issuelog.cli import params
from issuelog.cli.past import with_past
from issuelog.cli.results import Changes
from issuelog.cli.session import Session


def acknowledge(
    session: Session,
    report: params.Report,
    said: params.Promising,
    impact: params.Impact = None,
) -> Changes:
    """Acknowledge."""
    from issuelog.actions import customer

    words = session.words(said, impact=impact)
    return with_past(session, session.change(report, lambda tracker: customer.acknowledge(tracker.voice, words)))
