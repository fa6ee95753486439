"""Phrases: what rules look for, in words instead of characters.

    it (is|was) [really|all] your (fault|mistake)     a|b: one of these; [a]: or nothing
    you should .. have <done>                         ..: up to six words; <done>: any phrase of that name
    fix* *ed ## ##:##                                 *: any letters, alone any word; #: a digit
    who knows $                                       ^ and $: where a clause begins and ends
    (work|works) for you ... ?                        ...: up to 25 words and marks; marks stand for themselves

A phrase is found by following all of its readings at once, so no text and no phrase makes that slow: a step for each
word of the text and each part of the phrase, times what gaps let through.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Protocol

_CLOSING = {"(": ")", "[": "]"}

MARKS = frozenset(",;:.?!")
GAP = 6
LONG_GAP = 25

_OPTIONAL = re.compile(r"\[(?:[^\[\]]|\[[^\[\]]*\])*\]")
_NESTED = re.compile(r"\([^()]*\)")
_OUTER = re.compile(r"\((?:[^()\[\]]|\([^()\[\]]*\))*\)|[^\s()\[\]]+|[()\[\]]")
# Brackets with words alone are taken as a whole: most are, and it is several times as fast.
_PARTS = re.compile(r"[(\[][^\s()\[\]<$^]+[)\]]|[()\[\]|]|[^\s()\[\]|]+")


@dataclass(frozen=True)
class Sentence:
    """The words of a sentence: folded, each with its place in the text; `opens` are those that
    begin a clause, `titled` those with a capital letter that do not."""

    words: list[str]
    places: list[tuple[int, int]]
    opens: frozenset[int]
    titled: frozenset[int] = frozenset()

    @cached_property
    def shapes(self) -> dict[int, str]:
        """Words with digits in them, each digit as `#`."""
        return {at: shape(word) for at, word in enumerate(self.words) if not word.isalpha()}

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """All words and shapes."""
        return frozenset(self.words).union(self.shapes.values())

    @cached_property
    def _index(self) -> dict[str, list[int]]:
        index: dict[str, list[int]] = {}
        for at, word in enumerate(self.words):
            index.setdefault(word, []).append(at)
        for at, word in self.shapes.items():
            if word != self.words[at]:
                index.setdefault(word, []).append(at)
        return index

    def starts(self, words: frozenset[str] | None) -> Iterable[int]:
        """Return where one of the words stands; everywhere for None."""
        if words is None:
            return range(len(self.words))
        return (at for word in words & self._index.keys() for at in self._index[word])

    def clause(self, at: int) -> int:
        """Return where the clause of the word begins."""
        return max((start for start in self.opens if start <= at), default=0)


def shape(word: str) -> str:
    """Return the word with each digit as `#`."""
    return re.sub(r"\d", "#", word)


class Part(Protocol):
    """A part of a phrase: from a place in a sentence it leads to others.

    `firsts` are the words that it can begin with, or None where these can be many; `optional` is what takes no word.
    """

    firsts: frozenset[str] | None
    optional: bool

    def ends(self, sentence: Sentence, at: int) -> Iterable[int]:
        """Return where it can end that begins at `at`."""
        ...


class _Word:
    """One of these words; looking one up costs the same as any number."""

    optional = False

    def __init__(self, words: Sequence[str]) -> None:
        self.words = words
        parts = [word for word in words if "*" in word]
        self.exact = frozenset(words).difference(parts)
        self.heads = tuple(word[:-1] for word in parts if word[-1] == "*")
        self.tails = tuple(word[1:] for word in parts if word[-1] != "*")
        self.firsts = None if parts else self.exact

    def ends(self, sentence: Sentence, at: int) -> tuple[int, ...]:
        if at >= len(sentence.words):
            return ()
        word = sentence.words[at]
        if word in self.exact or sentence.shapes.get(at) in self.exact:
            return (at + 1,)
        part = word not in MARKS and (word.startswith(self.heads) or word.endswith(self.tails))
        return (at + 1,) if part else ()


class _Choice:
    def __init__(self, choices: list[Sequence[Part]], optional: bool) -> None:
        self.choices = choices
        self.optional = optional
        firsts = [_firsts(choice) for choice in choices]
        known = [each for each in firsts if each is not None]
        self.firsts = frozenset[str]().union(*known) if len(known) == len(firsts) else None

    def ends(self, sentence: Sentence, at: int) -> set[int]:
        found = {at} if self.optional else set()
        return found.union(*(_reach(choice, sentence, at) for choice in self.choices))


class _Gap:
    firsts: frozenset[str] | None = None
    optional = True

    def __init__(self, length: int, within_clause: bool) -> None:
        self.length = length
        self.within_clause = within_clause

    def ends(self, sentence: Sentence, at: int) -> Iterator[int]:
        for end in range(at, min(at + self.length, len(sentence.words)) + 1):
            yield end
            if self.within_clause and (
                end >= len(sentence.words) or sentence.words[end] in MARKS or end + 1 in sentence.opens
            ):
                return


class _Edge:
    firsts: frozenset[str] | None = frozenset()
    optional = True

    def __init__(self, opening: bool) -> None:
        self.opening = opening

    def ends(self, sentence: Sentence, at: int) -> tuple[int, ...]:
        if self.opening:
            return (at,) if at in sentence.opens else ()
        over = at >= len(sentence.words) or sentence.words[at] in MARKS or at in sentence.opens
        return (at,) if over else ()


_SIGNS: dict[str, Callable[[], Part]] = {
    "..": lambda: _Gap(GAP, within_clause=True),
    "...": lambda: _Gap(LONG_GAP, within_clause=False),
    "^": lambda: _Edge(opening=True),
    "$": lambda: _Edge(opening=False),
}


class Name:
    """What a name stands for. It is read when it is looked for."""

    def __init__(self, choices: Sequence[str], names: Names) -> None:
        self._choices = choices
        self._names = names

    @cached_property
    def needles(self) -> list[str]:
        """Words of which one has to be there, or none."""
        needles = [next(iter(_Needles(each, self._names)), []) for each in self._choices]
        return [word for words in needles for word in words] if all(needles) else []

    @cached_property
    def part(self) -> Part:
        """What stands for it."""
        return _choice([_parsed(each, self._names) for each in self._choices], optional=False)


Names = Mapping[str, Name]


class Phrase:
    """One phrase; `names` has what stands for a name in angle brackets. It is read when it is looked for."""

    def __init__(self, text: str, names: Names | None = None) -> None:
        self.text = text
        self._names = names or {}
        self._needles = _Needles(text, self._names)

    @cached_property
    def parts(self) -> Sequence[Part]:
        """What it is made of. Raises ValueError where it is no phrase."""
        parts = _parsed(self.text, self._names)
        if all(part.optional for part in parts):
            raise ValueError("a phrase has to have a word that is not optional")
        return parts

    @cached_property
    def _begins_with(self) -> frozenset[str] | None:
        return _firsts(self.parts)

    def may_be_among(self, vocabulary: frozenset[str]) -> bool:
        """Return whether these words do not rule it out: nearly all phrases are, and cost no more than that."""
        return not any(vocabulary.isdisjoint(words) for words in self._needles)

    def spans(self, sentence: Sentence) -> Iterator[tuple[int, int]]:
        """Return where it is found, as numbers of the first word and the one after the last; the shortest reading."""
        return self.readings(sentence) if self.may_be_among(sentence.vocabulary) else iter(())

    def readings(self, sentence: Sentence) -> Iterator[tuple[int, int]]:
        """Yield the same without a look at the words that have to be there."""
        for start in sentence.starts(self._begins_with):
            ends = _reach(self.parts, sentence, start)
            if ends:
                yield start, min(ends)


def named(phrases: Mapping[str, Sequence[str]]) -> Names:
    """Return what names stand for; a name may use those before it."""
    names: dict[str, Name] = {}
    for name, choices in phrases.items():
        names[name] = Name(choices, names)
    return names


def _firsts(parts: Sequence[Part]) -> frozenset[str] | None:
    """Return the words that a sequence can begin with."""
    words = frozenset[str]()
    for part in parts:
        if part.firsts is None:
            return None
        words |= part.firsts
        if not part.optional:
            return words
    return None


def _reach(parts: Sequence[Part], sentence: Sentence, start: int) -> set[int]:
    places = {start}
    for part in parts:
        places = {end for at in places for end in part.ends(sentence, at)}
        if not places:
            break
    return places


class _Needles:
    """The words of each part of a phrase that is not optional and has some: of each part, one has to be there.

    They are looked up as far as they are asked for and no phrase is read for it: there are hundreds of phrases, a text
    has to do with few of them, and mostly the first part says so.
    """

    def __init__(self, phrase: str, names: Names) -> None:
        self._known: list[list[str]] = []
        self._others = self._found(phrase, names)

    def __iter__(self) -> Iterator[list[str]]:
        yield from self._known
        for words in self._others:
            self._known.append(words)
            yield words

    @staticmethod
    def _found(phrase: str, names: Names) -> Iterator[list[str]]:
        for match in _OUTER.finditer(_OPTIONAL.sub("", phrase)):
            part = match[0]
            if part in "()[]":  # nested too deep to tell
                return
            if part[0] == "<":
                words = names[part[1:-1]].needles if part[1:-1] in names else []
            else:
                choices = part.strip("()") if part.count("(") < 2 else _NESTED.sub("", part[1:-1])
                words = choices.split("|")
                if not choices.replace("|", "").isalpha():
                    words = [_needle(choice) for choice in words]
            if words and all(words):
                yield words


def _needle(words: str) -> str:
    return words if words.isalpha() else max(filter(str.isalpha, words.split()), key=len, default="")


def _parsed(phrase: str, names: Names) -> list[Part]:
    tokens = [*_PARTS.findall(phrase), ""]
    parts, end = _sequence(tokens, 0, names)
    if tokens[end]:
        raise ValueError(f"{tokens[end]!r} without its counterpart")
    return parts


def _sequence(tokens: list[str], at: int, names: Names) -> tuple[list[Part], int]:
    parts: list[Part] = []
    while (token := tokens[at]) not in {"", "|", ")", "]"}:
        if token in {"(", "["}:
            part, at = _group(tokens, at, names)
        elif token in _SIGNS:
            part = _SIGNS[token]()
        elif token[0] == "<" and token[-1] == ">":
            if token[1:-1] not in names:
                raise ValueError(f"there is no name {token}")
            part = names[token[1:-1]].part
        else:
            part = _words(token)
        parts.append(part)
        at += 1
    return parts, at


@cache
def _words(token: str) -> Part:
    """Return the part for a word, or for words in brackets."""
    if token[0] not in "([":
        return _Word((token,))
    word = _Word(token[1:-1].split("|"))
    if token[-1] != _CLOSING[token[0]] or not all(word.words) or not _SIGNS.keys().isdisjoint(word.words):
        raise ValueError(f"{token} is none")
    return _Choice([[word]], optional=True) if token[0] == "[" else word


def _group(tokens: list[str], at: int, names: Names) -> tuple[Part, int]:
    opening = tokens[at]
    choices: list[Sequence[Part]] = []
    while not choices or tokens[at] == "|":
        choice, at = _sequence(tokens, at + 1, names)
        choices.append(choice)
    if tokens[at] != _CLOSING[opening]:
        raise ValueError(f"{opening!r} without its counterpart")
    if not all(choices):
        raise ValueError("nothing between two of ( | )")
    return _choice(choices, optional=opening == "["), at


def _choice(choices: list[Sequence[Part]], optional: bool) -> Part:
    words = [part.words for part, *rest in choices if isinstance(part, _Word) and not rest]
    if words:
        others = [choice for choice in choices if len(choice) > 1 or not isinstance(choice[0], _Word)]
        choices = [[_Word([word for each in words for word in each])], *others]
    if len(choices) == 1 and len(choices[0]) == 1 and not optional:
        return choices[0][0]
    return _Choice(choices, optional)
