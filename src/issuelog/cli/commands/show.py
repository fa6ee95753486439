"""Show a report.

The one document that everybody works from; piped, it is the file itself.

\b
issuelog show 7K3M
issuelog show 7K3M --json | jq .intake
issuelog show 7K3M > copy.yaml
"""

from __future__ import annotations

from issuelog.cli import params
from issuelog.cli.results import Document
from issuelog.cli.session import Session


def show(session: Session, report: params.Report) -> Document:
    """Show."""
    from issuelog.store.reports import to_json

    found = session.reports(report)
    data = [to_json(stored.report) for stored in found]
    return Document(
        data if report == "-" else data[0],
        "---\n".join(stored.text for stored in found),
        brief="\n".join(stored.report.id for stored in found),
        picture=[stored.report for stored in found],
    )
