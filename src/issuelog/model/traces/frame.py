"""One frame of a stack trace, and how it is named."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from issuelog.model.traces.lazily import Pattern

MAX_NAME = 45
"""Characters of a frame's name."""


class Frame(NamedTuple):
    """A frame as a signature names it; one without a name tells nothing, but belongs to its trace."""

    kind: str
    name: str
    own: bool


Reader = Callable[[str, str], Frame | None]

INSTANCE = Pattern(r"\d{4,}|(?<=[-_.])(?=[0-9a-f]*\d)[0-9a-f]{6,}")


def named(kind: str, name: str, own: bool) -> Frame:
    """Return a frame with a name in one word, of which the end is kept: the function."""
    name = "".join(char for char in name if char.isprintable() and not char.isspace())
    return Frame(kind, name[-MAX_NAME:].lstrip(".:"), own and bool(name))


def base_name(path: str) -> str:
    """Return the last part of a path."""
    return re.split(r"[\\/]", path)[-1]
