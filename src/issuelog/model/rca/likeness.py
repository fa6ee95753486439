"""Whether two texts say nearly the same, and which phrases or people a text names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache

from issuelog.model.rca.words import GROUPS, LEADS, MISSING, NAMES_THAT_ARE_WORDS, NOT
from issuelog.model.text import fold

_WORD = re.compile(r"\w+")
_MAIL = re.compile(r"<([^<>\s]+@[^<>\s]+)>")
_LONG_ENOUGH = 3
"""Letters of a name that may stand alone."""
_ALIKE = 0.8
_LITTLE_EN = (
    "a an the of to in on at for and or but that this it its is was were are be been has had have with by as so "
    "because there did does do"
)
_LITTLE_DE = "der die das ein eine und oder zu in im am an auf für mit von dem den des war ist wurde hat weil es sich"
_LITTLE = frozenset(f"{_LITTLE_EN} {_LITTLE_DE}".split())


_QUOTED = re.compile(
    r"""(?<!\w)'[^'\n]{1,200}'(?!\w)|"[^"\n]{1,200}"|“[^”\n]{1,200}”|„[^“”\n]{1,200}[“”]|`[^`\n]{1,200}`"""
)
_CLAUSE = re.compile(
    r"[:;.\n]\s|,\s(?!(?:if|whether|why|how|ob|wie|warum)\b)|"
    r"\b(?:and|then|by|with|so that|und|dann|durch|mit|indem|damit)\b",
    re.IGNORECASE,
)
_LED = re.compile(rf"(?:^|\b(?:{'|'.join(LEADS)}))\W*$", re.IGNORECASE)
_ARTICLE = re.compile(r"\b(?:the|a|an) $", re.IGNORECASE)


def words(text: str) -> frozenset[str]:
    """Return the words of a text that say something; what is denied is another word than what is said."""
    found: list[str] = []
    denied = False
    for word in _WORD.findall(fold(text).replace("n't", " not")):
        if word in NOT:
            denied = True
        elif word in MISSING and found:
            found[-1] = f"no {found[-1]}"
        elif word not in _LITTLE:
            one = word.removesuffix("s") if len(word) > _LONG_ENOUGH else word
            found.append(f"no {one}" if denied else one)
            denied = False
    return frozenset(found)


def own(text: str) -> str:
    """Return a text without what it only quotes: a message, a label, a line of a log."""
    left = _QUOTED.sub(" ", text)
    return left if _WORD.search(left) else text


def alike(one: str, other: str) -> bool:
    """Whether two texts have nearly the same words, in whatever order."""
    first, second = words(one), words(other)
    if not first or not second:
        return fold(one).strip() == fold(other).strip()
    return len(first & second) / len(first | second) >= _ALIKE


def phrase_in(text: str, lists: Mapping[str, str]) -> str | None:
    """Return the first phrase of a list that a text has, as the text has it."""
    found = [hit for phrases in lists.values() if (hit := _any_of(phrases).search(own(text)))]
    return min(found, key=lambda hit: hit.start())[0] if found else None


def clauses(text: str) -> Iterator[str]:
    """Yield the parts of a text that each say something of their own."""
    yield from (part.strip() for part in _CLAUSE.split(own(text)) if part.strip())


def begun_by(clause: str, lists: Mapping[str, str]) -> str | None:
    """Return the phrase of a list that is what a clause asks for: in English it leads, in German it ends."""
    led = (hit for hit in _any_of(lists["en"]).finditer(clause) if _LED.search(clause[: hit.start()]))
    found = next(led, None) or _any_of(lists["de"]).search(clause)
    return found[0] if found else None


@cache
def _any_of(phrases: str) -> re.Pattern[str]:
    lines = [line.strip() for line in phrases.splitlines() if line.strip()]
    each = [r"[\s-]+".join(re.escape(word).replace(r"\*", r"\w{0,30}") for word in line.split()) for line in lines]
    return re.compile(rf"\b(?:{'|'.join(each)})\b", re.IGNORECASE)


def person_in(text: str, people: Iterable[str], in_full: Iterable[str] = ()) -> str | None:
    """Return the first of the people whom a text names: in full, by a name of its own, or by the mail address.

    Those of `in_full` only by the whole name: a customer's is often that of a firm.
    A single name counts as it is written: Kim is somebody, kim is not, and Will at the beginning of a sentence neither.
    A team is nobody, and `the Lee distance` is none of Lee's.
    """
    alone = frozenset(people)
    said = own(text)
    for who in sorted({*alone, *in_full}):
        mail = _MAIL.search(who)
        name = who.partition("<")[0].strip()
        if who in alone and GROUPS & {*_WORD.findall(name.casefold())}:
            continue
        if mail and mail[1].casefold() in said.casefold():
            return who
        is_whole = " " in name or "@" in name or who not in alone
        if is_whole and name and re.search(rf"\b{re.escape(name)}\b", said, re.IGNORECASE):
            return who
        if "@" not in name and who in alone and any(_is_named(said, part, name) for part in name.split()):
            return who
    return None


def _is_named(said: str, part: str, name: str) -> bool:
    """Whether a text has a part of somebody's name as it is written, and not as what else it means."""
    if part != name and (len(part) < _LONG_ENOUGH or not part[:1].isupper()):
        return False
    if part in NAMES_THAT_ARE_WORDS:
        return False
    return any(not _ARTICLE.search(said[: hit.start()]) for hit in re.finditer(rf"\b{re.escape(part)}\b", said))
