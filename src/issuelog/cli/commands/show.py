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


def show(session: Session, report: params.Shown) -> Document:
    """Show."""
    ids = [session.tracker.find(reference) for reference in session.references(report)]
    if not session.output.json and not session.output.for_people:
        return Document(None, "---\n".join(map(session.tracker.text, ids)), brief="\n".join(ids))
    from issuelog.store.documents import to_json

    found = [session.tracker.read(one).report for one in ids]
    data = [to_json(one) for one in found]
    return Document(data if report == "-" else data[0], "", picture=found)
