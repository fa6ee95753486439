"""Known errors as files: bytes to a typed known error that remembers its text, and back with the smallest edit."""

from __future__ import annotations

import json
from dataclasses import dataclass

from issuelog.model.known_error import KnownError
from issuelog.model.text import one_line
from issuelog.store.candidates import having, only, spelled
from issuelog.store.documents import Document, Kind, to_json
from issuelog.store.layout import Layout
from issuelog.store.rows import KnownErrorRow

_TITLE = 200
_HELP = 300
"""Characters of what helps that an index keeps."""
_LISTS = "issuelog known-error list   shows what there is"
_LISTED = ("title", "component", "product", "labels", "signature", "affected_versions", "fixed_in", "sources")
_TIMES = ("published_at", "reviewed_at")


@dataclass(frozen=True)
class Stored(Document[KnownError]):
    """A known error with the text that it was read from."""

    @property
    def known_error(self) -> KnownError:
        """The known error."""
        return self.model


_KIND = Kind(KnownError, Stored, if_absent=_LISTS, if_unsafe="edit it by hand, then: issuelog check")
read = _KIND.read
load = _KIND.load
new_text = _KIND.new_text
changed_text = _KIND.changed_text


def row(known_error: KnownError, path: str) -> KnownErrorRow:
    """Return what the index keeps of a known error."""
    data = to_json(known_error)
    helps = " ".join(known_error.solution) or known_error.workaround or ""
    item = {
        "id": known_error.id,
        **{key: data.get(key) for key in _LISTED},
        "labels": known_error.labels,
        "signature": known_error.signature,
        "sources": known_error.sources,
        "symptom": one_line(known_error.symptom, _HELP),
        "solution": one_line(helps, _HELP) or None,
        **{key: data.get(key) for key in _TIMES},
        "retired_at": data.get("retired", {}).get("at"),
        "path": path,
    }
    return KnownErrorRow(known_error.id, one_line(known_error.title, _TITLE), json.dumps(item))


def find(layout: Layout, reference: str) -> str:
    """Return the id that a reference means: an id, a unique part of one, or a file's path.

    Raises NotFound, with the candidates where there are several.
    """
    wanted, known = spelled(reference), layout.known_error_ids()
    if wanted in known:
        return wanted
    return only(having(wanted, known), reference, none="no known error", many="known errors", hint=_LISTS)
