"""The JSON Schemas of the files, for editors and other tools."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from issuelog.model import known_error, report

_KINDS: dict[str, tuple[type[BaseModel], int]] = {
    "report": (report.Report, report.SCHEMA),
    "known-error": (known_error.KnownError, known_error.SCHEMA),
}
SCHEMAS = tuple(_KINDS)
"""The kinds of files that have a schema, by their names."""


def schema_of(kind: str) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a kind of file."""
    model, version = _KINDS[kind]
    schema = model.model_json_schema(by_alias=True)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"issuelog {kind.replace('-', ' ')}, schema {version}",
        **{key: value for key, value in schema.items() if key != "title"},
    }
