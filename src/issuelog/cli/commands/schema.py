"""Print the JSON Schema of a file.

That of a report, or of a known error.

\b
issuelog schema > report.schema.json
issuelog schema known-error > known-error.schema.json
"""

from __future__ import annotations

import json
from typing import Annotated

import typer

from issuelog.cli.results import Document
from issuelog.cli.session import Session
from issuelog.errors import UsageError


def schema(
    _: Session, kind: Annotated[str, typer.Argument(metavar="report|known-error", help="Of which kind.")] = "report"
) -> Document:
    """Print the schema."""
    from issuelog.model.schema import SCHEMAS, schema_of

    if kind not in SCHEMAS:
        raise UsageError(f"there is no schema of {kind!r}; there are: {', '.join(SCHEMAS)}")
    found = schema_of(kind)
    return Document(found, json.dumps(found, indent=2, ensure_ascii=True))
