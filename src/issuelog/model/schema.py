"""The report's JSON Schema, for editors and other tools."""

from __future__ import annotations

from typing import Any

from issuelog.model.report import SCHEMA, Report


def report_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a report's file."""
    schema = Report.model_json_schema(by_alias=True)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"issuelog report, schema {SCHEMA}",
        **{key: value for key, value in schema.items() if key != "title"},
    }
