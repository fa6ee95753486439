"""Earlier reports and known errors, as users name them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from issuelog.cli.session import Session
    from issuelog.model.known_error import KnownError
    from issuelog.model.report import Report


def earlier(session: Session, ref: str) -> Report | KnownError:
    """Return the report or known error that is meant; for a duplicate its original, and it is said."""
    from issuelog.store import references
    from issuelog.store.reports import Stored

    layout, passed = session.tracker.layout, {""}
    found = references.find(layout, ref)
    while True:
        stored = references.read(layout, found)
        if not isinstance(stored, Stored):
            return stored.known_error
        original = stored.report.links.duplicate_of
        if not original or original in passed:
            return stored.report
        session.output.say(f"{found} is a duplicate of {original}: that has the solution")
        passed.add(found)
        found = original
