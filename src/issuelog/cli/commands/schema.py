"""Print the JSON Schema of a report.

\b
issuelog schema > report.schema.json
"""

from __future__ import annotations

import json

from issuelog.cli.results import Document
from issuelog.cli.session import Session


def schema(_: Session) -> Document:
    """Print the schema."""
    from issuelog.model.schema import report_schema

    found = report_schema()
    return Document(found, json.dumps(found, indent=2, ensure_ascii=True))
