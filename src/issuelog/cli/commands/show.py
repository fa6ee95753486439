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

    stored = session.tracker.read(report)
    return Document(to_json(stored.report), stored.text, brief=stored.report.id, picture=stored.report)
