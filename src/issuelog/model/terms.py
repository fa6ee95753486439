"""Texts as terms, by which reports are held against each other: words without endings, and names in their parts.

`TableView.deleteRow` has the terms of table, view, delete and row, and one for the whole, so that it is like "delete a
row of the table view" and like another one of that name. The endings are those of English, where they tell least; a
word of another language keeps all that these do not fit.
"""

from __future__ import annotations

import re
from functools import lru_cache

from issuelog.model.text import fold

MOST_TERMS = 1_500
"""So many terms of one text are kept: what comes later is the rest of a log."""
_MOST_CHARACTERS = 30_000
_LONGEST = 40
_NAME = re.compile(r"[^\W_]+(?:[._:$/-][^\W_]+|_+[^\W_]+)*")
_PART = re.compile(r"[A-Z]+(?![^\W\d_A-Z])|[A-Z]?[^\W\d_A-Z]+|\d+")
"""Part of a name: a run of capitals, or a word, whose letters need not be of ASCII; or a number."""
_WORD = re.compile(r"[^\W_]+")
_ENDINGS = (
    ("ies", "y"),
    ("sses", "ss"),
    ("ing", ""),
    ("edly", ""),
    ("ed", ""),
    ("ations", "at"),
    ("ation", "at"),
    ("ions", "ion"),
    ("es", "e"),
    ("ly", ""),
)
_SHORTEST_STEM = 3
_NO_PLURALS = ("ss", "us", "is")
_STAY_DOUBLE = "lsz"


def terms(text: str) -> list[str]:
    """Return the terms of a text in its order; each is a word of letters and digits in lower case."""
    found: list[str] = []
    for name in _NAME.findall(text[:_MOST_CHARACTERS]):
        found += _of_name(name)
        if len(found) >= MOST_TERMS:
            break
    return found[:MOST_TERMS]


@lru_cache(maxsize=50_000)
def _of_name(name: str) -> tuple[str, ...]:
    parts = [part for part in _PART.findall(_one_case(name)) if len(part) > 1 or not part.isascii()]
    found = [term for part in parts for term in _of_part(part)]
    whole = "".join(char for char in fold(name) if char.isalnum())
    if len(parts) > 1 and len(whole) <= _LONGEST:
        found.append(whole)
    return tuple(found)


def _one_case(name: str) -> str:
    """Return a name as its parts can be told apart: in one that is all in capitals they say nothing."""
    return name.lower() if name.isupper() else name


def _of_part(part: str) -> list[str]:
    if part.isascii():
        return [stem(part.lower()[:_LONGEST])]
    words = [word[:_LONGEST] for word in _WORD.findall(fold(part))]
    return [stem(word) if word.isascii() else word for word in words]


def stem(word: str) -> str:
    """Return a word of ASCII in lower case without its ending: `crashes`, `crashed` and `crashing` are `crash`."""
    if len(word) <= _SHORTEST_STEM or not word.isalpha():
        return word
    for ending, instead in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            word = word[: len(word) - len(ending)] + instead
            break
    else:
        if word.endswith("s") and not word.endswith(_NO_PLURALS):
            word = word[:-1]
    if word.endswith("e") and len(word) > _SHORTEST_STEM + 1:
        word = word[:-1]
    if len(word) > _SHORTEST_STEM and word[-1] == word[-2] and word[-1] not in _STAY_DOUBLE:
        word = word[:-1]
    return word
