"""Patterns that are compiled when they are first used, since every command would pay for them; and tables of words."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any


class Pattern:
    """A regular expression with the methods of `re.Pattern` that are used here."""

    match: Callable[[str], re.Match[str] | None]
    search: Callable[[str], re.Match[str] | None]
    fullmatch: Callable[[str], re.Match[str] | None]
    sub: Callable[[str | Callable[[re.Match[str]], str], str], str]
    split: Callable[[str], list[str]]
    findall: Callable[[str], list[str]]

    def __init__(self, pattern: str, flags: int = 0) -> None:
        self._pattern = pattern
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        compiled = re.compile(self._pattern, self._flags)
        for method in ("match", "search", "fullmatch", "sub", "split", "findall"):
            setattr(self, method, getattr(compiled, method))
        return getattr(self, name)


def words(text: str) -> frozenset[str]:
    """Return a table of words, written as text."""
    return frozenset(text.split())


def phrases(text: str) -> frozenset[str]:
    """Return a table of phrases, written as text with a bar or a new line between them."""
    return frozenset(phrase.strip() for phrase in text.replace("\n", "|").split("|"))
