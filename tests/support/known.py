"""Known errors as files, written by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from issuelog.store.yamltext import Literal, dump
from support.cli import Tracker

AT = "2026-11-16T08:00:00Z"
KNOWN = "KE-261116-0001"


def known_text(identifier: str = KNOWN, **fields: Any) -> str:
    """Return a known error's file with these fields."""
    head = {"schema": Literal("1"), "id": identifier, "title": "filler", "symptom": "filler"}
    return dump({**head, **fields, "published_at": Literal(AT), "published_by": "rita"})


def put_known(tracker: Tracker, identifier: str = KNOWN, **fields: Any) -> Path:
    """Write a known error with these fields, and return its file."""
    path = tracker.root / "known-errors" / f"{identifier}.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(known_text(identifier, **fields))
    return path
