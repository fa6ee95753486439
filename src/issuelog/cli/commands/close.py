"""Close a report.

Solved and confirmed, or --as something that needs no fix.

\b
issuelog close 7K3M --known-error none
issuelog close 7K3M --as not_an_error --message @answer.txt
issuelog close 7K3M --as spam
"""

from __future__ import annotations

from typing import Annotated

import typer

from issuelog.cli import params
from issuelog.cli.results import Changes
from issuelog.cli.session import Session
from issuelog.errors import NotFound, UsageError

_NO_ENTRY = "none"


def close(
    session: Session,
    report: params.Report,
    said: params.Saying,
    ending: Annotated[
        str | None,
        typer.Option(
            "--as",
            metavar="R",
            help="duplicate, not_an_error, wont_fix, withdrawn, no_response, cannot_reproduce or spam.",
        ),
    ] = None,
    known_error: Annotated[
        str | None, typer.Option("--known-error", metavar="KE|none", help="Its entry in the known errors, or none.")
    ] = None,
    note: Annotated[str | None, typer.Option("--note", metavar="TEXT", help="A last word for colleagues.")] = None,
    impact: params.Impact = None,
) -> Changes:
    """Close."""
    from functools import partial

    from issuelog.actions import ending as endings
    from issuelog.analysing.past import closing_alike
    from issuelog.model.report import Resolution

    if ending is None:
        entry = _entry(session, known_error)
        return session.change(
            report,
            lambda tracker: endings.close(known_error=entry, note=note, alike=partial(closing_alike, tracker)),
        )
    allowed = [one.value for one in Resolution if one is not Resolution.FIXED]
    if ending not in allowed:
        raise UsageError(f"--as is {ending!r}; it has to be one of {', '.join(allowed)}")
    words = session.words(said, impact=impact)
    resolution = Resolution(ending)
    return session.change(report, lambda tracker: endings.close_as(tracker.voice, words, resolution, note=note))


def _entry(session: Session, known_error: str | None) -> str | None:
    """Return the id of the known error that is meant, or the decision against one; raises NotFound.

    An address is taken as it is: a team may keep its knowledge elsewhere.
    """
    from issuelog.store import known_errors

    if known_error is None or known_error == _NO_ENTRY or "://" in known_error:
        return known_error
    try:
        return known_errors.find(session.tracker.layout, known_error)
    except NotFound as error:
        hint = "issuelog known-error publish ID   makes one of this report     --known-error none   decides against it"
        raise NotFound(error.message, hint=hint) from None
