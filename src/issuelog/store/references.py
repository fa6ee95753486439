"""Finding what may be a report or a known error, by what a user typed, and reading it."""

from __future__ import annotations

from contextlib import suppress

from issuelog.errors import NotFound
from issuelog.model.identifier import is_report_id
from issuelog.store import known_errors, reports
from issuelog.store.candidates import having, only, spelled
from issuelog.store.layout import Layout


def find(layout: Layout, reference: str) -> str:
    """Return the id of the report or known error that is meant: an id, a unique part of one, or a file's path.

    Raises NotFound, with the candidates where there are several.
    """
    wanted = spelled(reference)
    if is_report_id(wanted):
        if layout.known_error(wanted).is_file():
            return wanted
        with suppress(NotFound):
            return layout.find(wanted)
    found = having(wanted, [*layout.ids(), *layout.known_error_ids()])
    hint = "issuelog search WORD   looks in all of them"
    return only(found, reference, none="no report and no known error", many="reports and known errors", hint=hint)


def read(layout: Layout, identifier: str) -> reports.Stored | known_errors.Stored:
    """Read the report or known error of an id, as it is on disk; raises NotFound, InvalidFile, Conflict."""
    path = layout.known_error(identifier)
    if path.is_file():
        return known_errors.read(path, layout.relative(path))
    path = layout.report(identifier)
    return reports.read(path, layout.relative(path))
