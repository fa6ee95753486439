"""Foreign text in Markdown: shown as it is, it means nothing to Markdown, to a browser or to a site generator."""

from __future__ import annotations

import re
import string
from itertools import groupby

from issuelog.model.text import one_line, visible

_FENCE = re.compile(r"`{3,}")
# A bar is divided from its backslash differently by different parsers of tables.
_ENTITIES = {"<": "&lt;", ">": "&gt;", "&": "&amp;", "|": "&vert;"}
_INERT = str.maketrans({**{char: f"\\{char}" for char in string.punctuation}, **_ENTITIES})
_BREAK = "\\\n"


def inline(text: str) -> str:
    """Return a text as one line without a meaning; it fits into a heading, a list, a table or the words of a link."""
    return one_line(text).translate(_INERT)


def fenced(text: str) -> str:
    """Return a text as it is, between fences that nothing in it can close."""
    shown = visible(text)
    fence = "`" * (max((len(run) for run in _FENCE.findall(shown)), default=2) + 1)
    return f"{fence}text\n{shown}{'' if shown.endswith(chr(10)) else chr(10)}{fence}\n"


def paragraphs(text: str, indent: str = "") -> str:
    """Return a text in its paragraphs and lines; those after the first line are indented, as in an item of a list."""
    lines = [inline(line) for line in visible(text).split("\n")]
    found = [f"{_BREAK}{indent}".join(group) for filled, group in groupby(lines, bool) if filled]
    return f"\n\n{indent}".join(found) + "\n"
