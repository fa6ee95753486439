"""The one place that makes foreign text safe for a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

# Printable in every version of Unicode, and free of combining marks: most text needs no closer look.
_PLAIN = re.compile("[\n -~\u00a1-\u00ac\u00ae-\u02ff\u2010-\u2027\u20ac]*")

_JOINERS = "\u200c\u200d"
_MARKS_IN_A_ROW = 4
# Letters and marks by category, but with nothing to see.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")


def visible(text: str) -> str:
    r"""Return the text with all that is neither printable nor a line feed as an escape such as ``\x1b``.

    A tab becomes four spaces, any other kind of space an ordinary one. Joiners stay between letters or emoji;
    of combining marks in a row four stay. Backslashes are not doubled: the result is for reading only.
    """
    if _PLAIN.fullmatch(text):
        return text
    return _settle_joiners("".join(_shown(text)))


def one_line(text: str, limit: int | None = None) -> str:
    """Return `visible` text with each run of white space as one space, cut with '…' to `limit` characters."""
    line = visible(" ".join(text.split()))
    if limit is None or len(line) <= limit:
        return line
    return line[: max(limit, 1) - 1].rstrip(" " + _JOINERS) + "…"


def cell(value: Any) -> str:
    """Return a value as one cell of a line: safe, without a tab or line feed of its own."""
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return " ".join(cell(part) for part in value.values())
    if isinstance(value, (list, tuple)):
        return ",".join(cell(part) for part in value)
    return one_line(str(value))


def fold(text: str) -> str:
    """Return the text as it is searched: upper case, forms of a character and kinds of white space are all one."""
    if text.isascii():
        return " ".join(text.lower().split())
    from unicodedata import normalize

    folded = normalize("NFKC", normalize("NFKC", text).casefold())
    return " ".join(_unspaced().sub(r" \g<0> ", folded).split())


@cache
def _unspaced() -> re.Pattern[str]:
    """Return what finds the scripts that put no space between words: each of their characters is taken for one.

    Not compiled before it is needed: it takes longer than all the rest of this module.
    """
    return re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")


def _shown(text: str) -> Iterator[str]:
    """Yield what each character becomes; joiners pass, since they depend on what their neighbours became."""
    from unicodedata import category  # here, because plain text does without loading it

    marks = 0
    for char in text:
        if char in _JOINERS:
            yield char
            continue
        kind = category(char)
        marks = marks + 1 if kind[0] == "M" else 0
        if char == "\t":
            yield "    "
        elif kind == "Zs":
            yield " "
        elif char == "\n" or (char.isprintable() and char not in _BLANK and marks <= _MARKS_IN_A_ROW):
            yield char
        else:
            yield _escape(char)


def _settle_joiners(text: str) -> str:
    """Keep a joiner only between characters that it can shape, as in Persian, Bengali and family emoji."""
    parts = re.split(f"([{_JOINERS}])", text)
    for at in range(1, len(parts), 2):
        if not (_joins(parts[at - 1][-1:]) and _joins(parts[at + 1][:1])):
            parts[at] = _escape(parts[at])
    return "".join(parts)


def _joins(char: str) -> bool:
    from unicodedata import category

    # Emoji are symbols of several categories; ASCII symbols are none of them.
    return char.isalpha() or (char > "\x7f" and category(char)[0] in "MS")


def _escape(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")
