"""Earlier reports and known errors: as users name them, and as they are shown beside what a command did."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from issuelog.model.text import one_line

if TYPE_CHECKING:
    import sqlite3

    from issuelog.cli.results import Changes
    from issuelog.cli.session import Session
    from issuelog.model.known_error import KnownError
    from issuelog.model.report import Report
    from issuelog.precedent.finding import Found, Hit

NOTHING = "nothing like it was reported before"
_SHOWN = 3
_WORTH_READING = 0.005
"""What is less probable is for programs, which want a ranking; to people it is nothing."""
REPORTS_LOOKED_UP = 10
"""For so many reports of one command precedents are looked up unasked."""


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


def with_past(session: Session, changes: Changes) -> Changes:
    """Return changes with the precedents of the reports that they are of, unless nobody reads of them."""
    changed = [change.report for change in changes.changes if change.preview is None]
    if changed and not session.output.quiet and len(changed) <= REPORTS_LOOKED_UP:
        changes.past = {found.id or "": found for found in look_up(session, changed)}
    return changes


def look_up(session: Session, reports: Sequence[Report]) -> list[Found]:
    """Return what the past has for each of some reports that is worth being shown unasked."""
    from issuelog.precedent.asked import of_report
    from issuelog.precedent.finding import Past
    from issuelog.precedent.lessons import School

    def answer(index: sqlite3.Connection) -> list[Found]:
        past = Past(index, School(index).learn(()))
        return [past.find(of_report(report), _SHOWN).good() for report in reports]

    return session.tracker.ask(answer)[0]


def told(found: Found) -> Iterator[str]:
    """Yield in lines what the past has for a report."""
    yield from offered(found)
    named = {offer.ref for offer in found.offers}
    for hit in found.hits:
        if hit.ref not in named:
            yield f"like {hit.ref}: {_said(hit)}"


def offered(found: Found) -> Iterator[str]:
    """Yield in lines what those with the same error mean for a report."""
    for offer in found.offers:
        yield f"{offer.why}\n  {offer.command}"


def page(found: Sequence[Found], *, many: bool) -> str:
    """Return precedents for a person to read: the reason and what helps whole, in lines of their own."""
    return "".join(f"{line}\n" for one in found for line in _page(one, many=many))


def _page(found: Found, *, many: bool) -> Iterator[str]:
    hits = [hit for hit in found.hits if hit.score >= _WORTH_READING]
    if many:
        yield f"{found.id}:" + ("" if hits else f" {NOTHING}")
    elif not hits:
        yield NOTHING
    for hit in hits:
        yield f"{hit.ref}  {hit.score:.2f}  {hit.state or 'known error'}  {one_line(hit.title)}"
        yield f"    why    {one_line('; '.join(hit.why))}"
        if hit.solution:
            yield f"    helps  {one_line(hit.solution)}"


def _said(hit: Hit) -> str:
    helps = f" — {one_line(hit.solution, 120)}" if hit.solution else ""
    return f"{one_line(hit.title, 80)} ({hit.state or 'known error'}, {hit.score:.2f}){helps}"
