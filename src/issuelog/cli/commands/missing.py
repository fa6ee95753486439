"""What we still need from the customer.

With the question to ask for each field, and how complete the intake is.

\b
issuelog missing 7K3M
issuelog missing 7K3M --json
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from issuelog.cli import params
from issuelog.cli.results import Table
from issuelog.cli.session import Session

if TYPE_CHECKING:
    from issuelog.model.report import Report


def missing(session: Session, report: params.Shown) -> Table:
    """List the fields that are neither filled nor recorded as unavailable, and how complete the intake is."""
    documents = [_document(found.report) for found in session.reports(report)]
    many = report == "-"
    rows = [{"id": document["id"], **row} for document in documents for row in document["missing"]]
    notes = [f"{document['id']} is {document['score']} % complete" for document in documents]
    if rows and not many:
        notes.append(f"next: issuelog ask {rows[0]['id']} --missing")
    return Table(
        rows,
        (*(("id",) if many else ()), "field", "needed_for", "question"),
        empty="nothing is missing",
        notes=notes,
        wide=frozenset({"question"}),
        fold=True,
        document=documents if many else documents[0],
    )


def _document(report: Report) -> dict[str, Any]:
    from issuelog.model import form

    rows = [
        {"field": field.name, "question": field.question, "needed_for": field.needed_for}
        for field in form.missing(report)
    ]
    return {"id": report.id, "score": form.score(report), "missing": rows}
