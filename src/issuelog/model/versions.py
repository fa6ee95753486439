"""Comparing version names as people write them."""

from __future__ import annotations

import re

_ZERO = (1, 0, "")  # a number is its length and its digits: a hostile one has more digits than can be counted with
_PART = re.compile(r"\d+|[a-z]+", re.IGNORECASE)


def version_key(version: str) -> tuple[tuple[int, int, str], ...]:
    """Return a sort key: numbers by value, words (rc, beta) before the plain release of the same numbers."""
    key: list[tuple[int, int, str]] = []
    for part in (*_PART.findall(version.removeprefix("v")), ""):
        if part.isdigit():
            digits = (part if part.isascii() else "".join(str(int(digit)) for digit in part)).lstrip("0")
            key.append((1, len(digits), digits))
            continue
        while key and key[-1] == _ZERO:  # 8.10 and 8.10.0 are the same release
            key.pop()
        key.append((-1, 0, part.lower()) if part else (0, 0, ""))
    return tuple(key)


def at_or_after(version: str, fixed_in: str) -> bool:
    """Whether `version` is `fixed_in` or later."""
    return version_key(version) >= version_key(fixed_in)


def sortable(version: str) -> str:
    """Return a text that sorts as `version_key` does, for databases."""
    return "".join(f"{kind + 1}{number:020d}{word}\x01" for kind, number, word in version_key(version))
