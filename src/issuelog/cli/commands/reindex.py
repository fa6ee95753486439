"""Make the index anew.

It is derived from the files and never has to be made by hand: a look at the files shows what has changed. This is for
when you do not believe it, and takes as long as reading every report.

\b
issuelog reindex
"""

from __future__ import annotations

from issuelog.cli.results import Document
from issuelog.cli.session import Session


def reindex(session: Session) -> Document:
    """Make it anew."""
    tracker = session.tracker
    if not session.dry_run:
        tracker.index.remove()
    (reports, known_errors), problems = tracker.ask(
        lambda index: index.execute(
            "SELECT (SELECT count(*) FROM report), (SELECT count(*) FROM known_error)"
        ).fetchone()
    )
    for problem in problems:
        session.output.warn(f"{problem}; not in the index (issuelog check)")
    data = {"reports": reports, "known_errors": known_errors, "problems": len(problems)}
    return Document(data, f"{reports:,} reports, {known_errors:,} known errors, {len(problems):,} problems")
