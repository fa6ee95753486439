"""Known errors as files: bytes to a typed known error that remembers its text, and back with the smallest edit."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from issuelog.errors import InvalidFile, NotFound, Problem
from issuelog.model.identifier import normalise
from issuelog.model.known_error import KnownError
from issuelog.model.text import one_line
from issuelog.store.files import read_regular
from issuelog.store.index import KnownErrorRow
from issuelog.store.layout import MAX_BYTES, Layout, yaml_files
from issuelog.store.reports import invalid, require_named, to_data, to_json
from issuelog.store.yamlfile import Mapping, decode, parse
from issuelog.store.yamltext import dump, patch

_TITLE = 200
_HELP = 300
"""Characters of what helps that an index keeps."""
_SHOWN_CANDIDATES = 8
_SHOWN_LENGTH = 80
_LISTED = ("title", "component", "product", "labels", "signature", "affected_versions", "fixed_in", "sources")
_TIMES = ("published_at", "reviewed_at")


@dataclass(frozen=True)
class Stored:
    """A known error with the text that it was read from."""

    known_error: KnownError
    text: str
    root: Mapping
    path: str


def read(path: Path, shown: str) -> Stored:
    """Read one file; `shown` names it in messages. Raises NotFound, InvalidFile, Conflict."""
    content = read_regular(path, MAX_BYTES)
    if content is None:
        raise NotFound(f"{shown} does not exist", hint="issuelog known-error list   shows what there is")
    return load(content, shown)


def load(content: bytes, shown: str) -> Stored:
    """Return the known error in a file's bytes. Raises InvalidFile with every problem and its place."""
    text = decode(content, shown)
    root = parse(text, shown)
    try:
        known_error = KnownError.model_validate(root.plain())
    except ValidationError as error:
        raise invalid(error, root, shown) from None
    require_named(known_error.id, root, shown)
    return Stored(known_error, text, root, shown)


def new_text(known_error: KnownError) -> bytes:
    """Return a new file for a known error."""
    return dump(to_data(known_error)).encode("utf-8")


def changed_text(stored: Stored, known_error: KnownError) -> bytes:
    """Return the stored file with only those lines changed in which `known_error` differs; read back and compared."""
    data = to_data(known_error)
    content = patch(stored.text, stored.root, to_data(stored.known_error), data).encode("utf-8")
    try:
        if to_data(load(content, stored.path).known_error) == data:
            return content
        reason = "its layout is not one that a command can edit safely"
    except InvalidFile as error:
        # Its places are those of a text that nobody will see.
        reason = f"with this change, {error.problems[0].message}"
    raise InvalidFile([Problem(stored.path, 1, 1, "layout", reason)], hint="edit it by hand, then: issuelog check")


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


def ids(layout: Layout) -> list[str]:
    """Return the ids of all known errors, by the names of their files."""
    return sorted(path.stem for path in files(layout))


def files(layout: Layout) -> list[Path]:
    """Return every file of a known error, in the order of their names; none where a link stands for the folder."""
    folder = layout.known_errors
    if folder.is_symlink():
        return []
    return sorted(Path(row.path) for row in yaml_files(str(folder)))


def find(layout: Layout, reference: str) -> str:
    """Return the id that a reference means: an id, a unique part of one, or a file's path.

    Raises NotFound, with the candidates where there are several.
    """
    typed = reference.strip()
    name = Path(typed).stem if typed.endswith(".yaml") else typed
    wanted = normalise(name)
    known = ids(layout)
    if wanted in known:
        return wanted
    candidates = [one for one in known if wanted in one] if wanted.strip("-") else []
    if len(candidates) == 1:
        return candidates[0]
    said = repr(one_line(typed, _SHOWN_LENGTH))
    if not candidates:
        raise NotFound(f"no known error goes by {said}", hint="issuelog known-error list   shows what there is")
    shown = ", ".join(candidates[:_SHOWN_CANDIDATES])
    more = f" and {len(candidates) - _SHOWN_CANDIDATES} more" if len(candidates) > _SHOWN_CANDIDATES else ""
    raise NotFound(f"{said} means {len(candidates)} known errors: {shown}{more}", hint="type more of the id")
