"""Whether two texts say nearly the same, and which phrases or people a text names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache

from issuelog.model.rca.words import NAMES_THAT_ARE_WORDS
from issuelog.model.text import fold

_WORD = re.compile(r"\w+")
_MAIL = re.compile(r"<([^<>\s]+@[^<>\s]+)>")
_LONG_ENOUGH = 3
"""Letters of a name that may stand alone."""
_ALIKE = 0.75
_LITTLE_EN = (
    "a an the of to in on at for and or but that this it its is was were be been was has had have with by as so because"
)
_LITTLE_DE = "der die das ein eine und oder zu in im am an auf für mit von dem den des war ist wurde hat weil es sich"
_LITTLE = frozenset(f"{_LITTLE_EN} {_LITTLE_DE}".split())


def words(text: str) -> frozenset[str]:
    """Return the words of a text that say something."""
    found = _WORD.findall(fold(text))
    return frozenset(word for word in found if word not in _LITTLE)


def alike(one: str, other: str) -> bool:
    """Whether two texts have nearly the same words, in whatever order."""
    first, second = words(one), words(other)
    if not first or not second:
        return fold(one).strip() == fold(other).strip()
    return len(first & second) / len(first | second) >= _ALIKE


def phrase_in(text: str, lists: Mapping[str, str]) -> str | None:
    """Return the first phrase of a list that a text has, as the text has it."""
    found = [hit for phrases in lists.values() if (hit := _any_of(phrases).search(text))]
    return min(found, key=lambda hit: hit.start())[0] if found else None


@cache
def _any_of(phrases: str) -> re.Pattern[str]:
    lines = [line.strip() for line in phrases.splitlines() if line.strip()]
    each = [r"[\s-]+".join(re.escape(word).replace(r"\*", r"\w{0,30}") for word in line.split()) for line in lines]
    return re.compile(rf"\b(?:{'|'.join(each)})\b", re.IGNORECASE)


def person_in(text: str, people: Iterable[str], in_full: Iterable[str] = ()) -> str | None:
    """Return the first of the people whom a text names: in full, by a name of its own, or by the mail address.

    Those of `in_full` only by the whole name: a customer's is often that of a firm.
    A single name counts as it is written: Kim is somebody, kim is not, and Will at the beginning of a sentence neither.
    """
    alone = frozenset(people)
    for who in sorted({*alone, *in_full}):
        mail = _MAIL.search(who)
        name = who.partition("<")[0].strip()
        if mail and mail[1].casefold() in text.casefold():
            return who
        if name and re.search(rf"\b{re.escape(name)}\b", text, re.IGNORECASE):
            return who
        if "@" in name or who not in alone:
            continue
        for part in name.split():
            if len(part) < _LONG_ENOUGH or part in NAMES_THAT_ARE_WORDS or not part[:1].isupper():
                continue
            if re.search(rf"\b{re.escape(part)}\b", text):
                return who
    return None
