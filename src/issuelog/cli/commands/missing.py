"""What we still need from the customer.

With the question to ask for each field, and how complete the intake is.

\b
issuelog missing 7K3M
issuelog missing 7K3M --json
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from issuelog.cli import params
from issuelog.cli.results import Document
from issuelog.cli.session import Session

if TYPE_CHECKING:
    from issuelog.model.form import Field


def missing(session: Session, report: params.Report) -> Document:
    """List the fields that are neither filled nor recorded as unavailable, and how complete the intake is."""
    from issuelog.model import form

    found = session.tracker.read(report).report
    fields = form.missing(found)
    score = form.score(found)
    data = {
        "id": found.id,
        "score": score,
        "missing": [
            {"field": field.name, "question": field.question, "needed_for": field.needed_for} for field in fields
        ],
    }
    lines = [_line(field, aligned=session.output.for_people) for field in fields]
    return Document(
        data,
        "\n".join(lines) or "nothing is missing",
        notes=[f"{found.id} is {score} % complete", *([f"next: issuelog ask {found.id} --missing"] if fields else [])],
    )


def _line(field: Field, *, aligned: bool) -> str:
    if aligned:
        return f"{field.name:<24} {field.needed_for:<10} {field.question}"
    return f"{field.name}\t{field.needed_for}\t{field.question}"
