"""Finding what may be a report or a known error, by what a user typed, and reading it."""

from __future__ import annotations

from pathlib import Path

from issuelog.errors import NotFound
from issuelog.model.identifier import is_report_id, normalise
from issuelog.store import known_errors, reports
from issuelog.store.layout import Layout

_SHOWN_CANDIDATES = 8
_SHOWN_LENGTH = 80


def find(layout: Layout, reference: str) -> str:
    """Return the id of the report or known error that is meant: an id, a unique part of one, or a file's path.

    Raises NotFound, with the candidates where there are several.
    """
    typed = reference.strip()
    wanted = normalise(Path(typed).stem if typed.endswith(".yaml") else typed)
    if is_report_id(wanted):
        if layout.known_error(wanted).is_file():
            return wanted
        return layout.find(wanted)
    known = [*layout.ids(), *known_errors.ids(layout)] if wanted.strip("-") else []
    candidates = [one for one in known if wanted in one]
    if len(candidates) == 1:
        return candidates[0]
    said = repr(typed if len(typed) <= _SHOWN_LENGTH else f"{typed[:_SHOWN_LENGTH]}…")
    if not candidates:
        hint = "issuelog search WORD   looks in all of them"
        raise NotFound(f"no report and no known error goes by {said}", hint=hint)
    shown = ", ".join(candidates[:_SHOWN_CANDIDATES])
    more = f" and {len(candidates) - _SHOWN_CANDIDATES} more" if len(candidates) > _SHOWN_CANDIDATES else ""
    raise NotFound(f"{said} means {len(candidates)}: {shown}{more}", hint="type more of the id")


def read(layout: Layout, identifier: str) -> reports.Stored | known_errors.Stored:
    """Read the report or known error of an id, as it is on disk; raises NotFound, InvalidFile, Conflict."""
    path = layout.known_error(identifier)
    if path.is_file():
        return known_errors.read(path, layout.relative(path))
    path = layout.report(identifier)
    return reports.read(path, layout.relative(path))
