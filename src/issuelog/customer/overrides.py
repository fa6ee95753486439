"""Files by which a tracker replaces or adds to what is built in: a stranger's, so read with care."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from typing import NoReturn

from issuelog.errors import InvalidFile, Problem

MAX_BYTES = 64_000

_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:[-_][A-Za-z0-9]{1,8}){0,4}")


def fallbacks(language: str) -> list[str]:
    """Return the language and the one without region, best first; nothing that could be more than a file's name."""
    primary = re.split("[-_]", language)[0].lower()
    return [each for each in dict.fromkeys((language, primary)) if _LANGUAGE.fullmatch(each)]


def read(folder: Path, *names: str, rule: str) -> str | None:
    """Return the text of the file that `names` lead to from `folder`, or None where there is none.

    `rule` names the findings. Raises InvalidFile for a link on the way, for what is no regular file, for more than
    MAX_BYTES bytes and for bytes that are no UTF-8.
    """
    path = folder
    _refuse_link(path, folder.joinpath(*names), rule)
    for name in names:
        path = path / name
        _refuse_link(path, folder.joinpath(*names), rule)
    try:
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        _refuse(path, 1, 1, rule, f"cannot be read: {error.strerror}")
    try:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            _refuse(path, 1, 1, rule, "not a regular file")
        content = os.read(file, MAX_BYTES + 1)
    finally:
        os.close(file)
    if len(content) > MAX_BYTES:
        _refuse(path, 1, 1, rule, f"larger than {MAX_BYTES:,} bytes")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = content[: error.start].rpartition(b"\n")[2].decode("utf-8")
        _refuse(path, content.count(b"\n", 0, error.start) + 1, len(before) + 1, rule, "not UTF-8")


def _refuse_link(place: Path, path: Path, rule: str) -> None:
    if place.is_symlink():
        _refuse(path, 1, 1, rule, f"{place.name} is a symbolic link; put a regular file in its place")


def _refuse(path: Path, line: int, column: int, rule: str, message: str) -> NoReturn:
    raise InvalidFile([Problem(str(path), line, column, rule, message)])
