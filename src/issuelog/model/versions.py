"""Comparing version names as people write them."""

from __future__ import annotations

import re

_PART = re.compile(r"\d+|[a-z]+", re.IGNORECASE)


def version_key(version: str) -> tuple[tuple[int, int, str], ...]:
    """Return a sort key: numbers by value, words (rc, beta) before the plain release of the same numbers."""
    parts = _PART.findall(version.removeprefix("v"))
    key = [(1, int(part), "") if part.isdigit() else (-1, 0, part.lower()) for part in parts]
    return (*key, (0, 0, ""))


def at_or_after(version: str, fixed_in: str) -> bool:
    """Whether `version` is `fixed_in` or later."""
    return version_key(version) >= version_key(fixed_in)
