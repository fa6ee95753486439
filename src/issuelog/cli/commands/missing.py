"""What is still needed of the customer, with the question to ask for each.

\b
issuelog missing 7K3M
issuelog missing 7K3M --json
"""

from __future__ import annotations

from issuelog.cli import params
from issuelog.cli.results import Document
from issuelog.cli.session import Session


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
    lines = [f"{field.name}\t{field.needed_for}\t{field.question}" for field in fields]
    return Document(
        data,
        "\n".join(line.expandtabs(24) if session.output.for_people else line for line in lines) or "nothing is missing",
        notes=[f"{found.id} is {score} % complete", *([f"next: issuelog ask {found.id} --missing"] if fields else [])],
    )
