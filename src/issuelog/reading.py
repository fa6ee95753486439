"""Reading any file of a tracker for the index: a report, a known error, or the reason why it is neither."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from issuelog.errors import Conflict, InvalidFile, NotFound, Problem
from issuelog.model.policy import Policy
from issuelog.model.row import make_row
from issuelog.model.text import one_line
from issuelog.store import reports
from issuelog.store.files import read_regular
from issuelog.store.index import Read, ReadFile
from issuelog.store.layout import KNOWN_ERRORS, MAX_BYTES, Layout
from issuelog.store.passages import words
from issuelog.store.yamlfile import decode, parse


def reader(layout: Layout, policy: Policy) -> ReadFile:
    """Return what reads the files of a tracker, by path."""

    def read(path: str) -> Read:
        shown = layout.relative(path)
        try:
            if shown.startswith(f"{KNOWN_ERRORS}/"):
                return _known_error(Path(path), shown)
            stored = reports.read(Path(path), shown)
            return Read(make_row(stored.report, policy, shown), words=words(stored.root))
        except InvalidFile as error:
            return Read(problems=error.problems)
        except (Conflict, NotFound) as error:
            return Read(problems=[Problem(shown, 1, 1, "file", error.message)], lasting=_is_no_file(path))

    return read


def _is_no_file(path: str) -> bool:
    """Whether something else stands in a file's place; a file that could not be read may be readable next time."""
    try:
        return not stat.S_ISREG(os.lstat(path).st_mode)
    except OSError:
        return False


def _known_error(path: Path, shown: str) -> Read:
    content = read_regular(path, MAX_BYTES)
    if content is None:
        raise NotFound(f"{shown} does not exist")
    root = parse(decode(content, shown), shown)
    title = root.plain().get("title") or root.plain().get("symptom") or path.stem
    return Read(known_error=(path.stem, one_line(str(title), 200)), words=words(root))
