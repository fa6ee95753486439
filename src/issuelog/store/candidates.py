"""What a user's reference means among the ids that there are, and the words where it means none or several."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from issuelog.errors import NotFound
from issuelog.model.identifier import normalise

SUFFIX = ".yaml"
_SHOWN = 8
_SHOWN_LENGTH = 80


def spelled(reference: str) -> str:
    """Return an id, a part of one or the path of a file as ids are spelled."""
    typed = reference.strip()
    return normalise(Path(typed).name.removesuffix(SUFFIX) if typed.endswith(SUFFIX) else typed)


def having(part: str, ids: Iterable[str]) -> list[str]:
    """Return the ids that have a part; a part of nothing but dashes is in none."""
    return [one for one in ids if part in one] if part.strip("-") else []


def only(candidates: Sequence[str], reference: str, *, none: str, many: str, hint: str) -> str:
    """Return the one candidate. Raises NotFound where there is none, which the hint helps with, or several."""
    if len(candidates) == 1:
        return candidates[0]
    if not candidates:
        raise NotFound(f"{none} goes by {_said(reference)}", hint=hint)
    raise NotFound(f"{_said(reference)} means {counted(candidates, many)}", hint="type more of the id")


def counted(candidates: Sequence[str], many: str) -> str:
    """Return several candidates in words: how many, and the first of them."""
    more = f" and {len(candidates) - _SHOWN} more" if len(candidates) > _SHOWN else ""
    return f"{len(candidates)} {many}: {', '.join(candidates[:_SHOWN])}{more}"


def _said(reference: str) -> str:
    typed = reference.strip()
    return repr(typed if len(typed) <= _SHOWN_LENGTH else f"{typed[:_SHOWN_LENGTH]}…")
