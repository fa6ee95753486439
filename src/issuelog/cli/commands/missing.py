"""What we still need from the customer.

With the question to ask for each field, and how complete the intake is.

\b
issuelog missing 7K3M
issuelog missing 7K3M --json
"""

from __future__ import annotations

from issuelog.cli import params
from issuelog.cli.results import Table
from issuelog.cli.session import Session


def missing(session: Session, report: params.One) -> Table:
    """List the fields that are neither filled nor recorded as unavailable, and how complete the intake is."""
    from issuelog.model import form

    found = session.tracker.read(report).report
    rows = [
        {"field": field.name, "question": field.question, "needed_for": field.needed_for}
        for field in form.missing(found)
    ]
    score = form.score(found)
    return Table(
        rows,
        ("field", "needed_for", "question"),
        empty="nothing is missing",
        notes=[f"{found.id} is {score} % complete", *([f"next: issuelog ask {found.id} --missing"] if rows else [])],
        wide=frozenset({"question"}),
        fold=True,
        document={"id": found.id, "score": score, "missing": rows},
    )
