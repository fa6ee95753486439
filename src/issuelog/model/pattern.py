"""Regular expressions that a stranger may have written: found in time in proportion to the text, or refused.

Python's own engine tries one way after another, and there are patterns for which these ways never end. So a pattern is
read here, and only what a regular language has is let in: no backreference and no lookaround. It is matched by a
machine that goes over the text once and follows all ways together; the sets of places that it meets are kept, so
that the next text is mostly looked up. What finding new sets takes is counted, and who takes too much is given up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from issuelog.errors import UsageError
from issuelog.model.pattern_syntax import Assert, Branch, Char, Node, Repeat, Row, read
from issuelog.model.text import one_line

MAX_SOURCE = 300
"""Characters of a pattern."""
MAX_PLACES = 1000
"""Places of a pattern in which a text may be, each repetition counted as often as it may be."""
MAX_TEXT = 4096
"""Characters of a line that are looked at."""
_WORK_AT_ALL = 1_000_000
_WORK_FOR_A_CHARACTER = 4
_KEPT = 200_000
_BRANCHES = 20
_UNKNOWN = "\ufffd"
"""What stands for a byte that is no text: it is not in the text itself."""
_END = ""
_SHOWN = 40


class TooMuchWork(Exception):
    """A pattern and a text that together were made to be slow; the pattern is not to be looked for any more."""


@dataclass(frozen=True)
class Pattern:
    """A regular expression that is safe to look for.

    `anchors`: a text that matches has one of these in it, in lower case where the pattern ignores case. Without any,
    every text has to be looked at.
    """

    source: str
    ignores_case: bool
    anchors: tuple[str, ...]
    _machine: _Machine = field(repr=False, compare=False)

    def found_in(self, line: str) -> bool:
        """Whether the line has it, in its first `MAX_TEXT` characters; raises TooMuchWork."""
        return self._machine.run(line[:MAX_TEXT])


def pattern(source: str) -> Pattern:
    """Return a pattern; raises UsageError that says where it is not allowed, and why."""
    if len(source) > MAX_SOURCE:
        raise UsageError(f"the pattern has {len(source):,} characters; it may have {MAX_SOURCE}")
    try:
        tree, ignores_case = read(source)
        machine = _Machine(tree)
    except ValueError as error:
        raise UsageError(f"the pattern {one_line(source, _SHOWN)!r} cannot be watched for: {error}") from None
    if machine.run(""):
        raise UsageError(f"the pattern {one_line(source, _SHOWN)!r} is in every line: name what the line has to have")
    return Pattern(source, ignores_case, _anchors(tree, ascii_alone=ignores_case), machine)


# --- the machine ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Taking:
    """A place that takes a character and leads to the next one."""

    takes: Callable[[str], bool]
    following: int


@dataclass(frozen=True)
class _Fork:
    """A place that leads on to others by itself, where what stands before and after it allows that."""

    ways: tuple[int, ...]
    allows: Callable[[str, str], bool] | None = None


class _Machine:
    """All places of a pattern, and the sets of them that texts have led to so far."""

    def __init__(self, tree: Node) -> None:
        self._places: list[_Taking | _Fork] = []
        self._last = self._add(_Fork(()))
        self._first = self._build(tree, self._last)
        self._sets: dict[tuple[frozenset[int], str], _Set] = {}
        self._kept = 0
        self._work = 0
        self._looked_at = 0
        self._found = _Set(self, frozenset(), "")

    def run(self, text: str) -> bool:
        """Whether the text has the pattern somewhere."""
        self._looked_at += len(text)
        now, found = self._begin, self._found
        for char in text:
            now = now[char]
            if now is found:
                return True
        return now[_END] is found

    @cached_property
    def _begin(self) -> _Set:
        return self._set(frozenset((self._first,)), _END)

    def after(self, here: _Set, char: str) -> _Set:
        """Return where a character leads to, in a search that may begin anywhere."""
        reached = self._reached(here, char)
        self._keep(1 + len(reached))
        if self._last in reached:
            return self._found
        following = {self._first}
        for number in reached:
            place = self._places[number]
            if isinstance(place, _Taking) and char and place.takes(char):
                following.add(place.following)
        # Of what stands before a place only matters whether it is a letter, and whether it is anything.
        return self._set(frozenset(following), "a" if _is_letter(char) else " ")

    def _reached(self, here: _Set, char: str) -> set[int]:
        """Return all places to which a set leads without taking a character, the one that follows being known."""
        reached: set[int] = set()
        ahead = list(here.places)
        while ahead:
            number = ahead.pop()
            if number in reached:
                continue
            reached.add(number)
            place = self._places[number]
            if isinstance(place, _Fork) and (place.allows is None or place.allows(here.before, char)):
                ahead += place.ways
        self._work += len(reached)
        if self._work > _WORK_AT_ALL + _WORK_FOR_A_CHARACTER * self._looked_at:
            raise TooMuchWork
        return reached

    def _keep(self, size: int) -> None:
        """Forget all sets where there is no room for one more of this size."""
        self._kept += size
        if self._kept > _KEPT:
            for known in (*self._sets.values(), self._found):
                known.clear()  # they know each other, and would stay
            self._sets.clear()
            self.__dict__.pop("_begin", None)
            self._kept = size

    def _set(self, places: frozenset[int], before: str) -> _Set:
        key = (places, before)
        if key not in self._sets:
            self._sets[key] = _Set(self, places, before)
        return self._sets[key]

    def _add(self, place: _Taking | _Fork) -> int:
        if len(self._places) >= MAX_PLACES:
            raise ValueError(f"with its repetitions it has more than {MAX_PLACES:,} places")
        self._places.append(place)
        return len(self._places) - 1

    def _build(self, node: Node, following: int) -> int:
        """Add what a part of the pattern needs, and return where it begins; `following` is what comes after it."""
        if isinstance(node, Char):
            return self._add(_Taking(node.takes, following))
        if isinstance(node, Assert):
            return self._add(_Fork((following,), _ASSERTED[node.kind]))
        if isinstance(node, Row):
            for part in reversed(node.parts):
                following = self._build(part, following)
            return following
        if isinstance(node, Branch):
            return self._add(_Fork(tuple(self._build(part, following) for part in node.parts)))
        return self._repeated(node, following)

    def _repeated(self, node: Repeat, following: int) -> int:
        if node.most is None:
            again = self._add(_Fork(()))
            self._places[again] = _Fork((self._build(node.part, again), following))
            following = again
        else:
            end = following
            for _ in range(node.most - node.least):
                following = self._add(_Fork((self._build(node.part, following), end)))
        for _ in range(node.least):
            following = self._build(node.part, following)
        return following


class _Set(dict[str, "_Set"]):
    """A set of places, and where each character leads that was met there."""

    __slots__ = ("before", "machine", "places")

    def __init__(self, machine: _Machine, places: frozenset[int], before: str) -> None:
        self.machine = machine
        self.places = places
        self.before = before

    def __missing__(self, char: str) -> _Set:
        following = self[char] = self.machine.after(self, char)
        return following


def _is_letter(char: str) -> bool:
    return char.isalnum() or char == "_"


def _at_an_edge(before: str, after: str) -> bool:
    return _is_letter(before) != _is_letter(after)


_ASSERTED: dict[str, Callable[[str, str], bool]] = {
    "start": lambda before, _: before == _END,
    "end": lambda _, after: after == _END,
    "edge": _at_an_edge,
    "inside": lambda before, after: not _at_an_edge(before, after),
}


# --- anchors -------------------------------------------------------------------------------------------------------


def _anchors(tree: Node, *, ascii_alone: bool) -> tuple[str, ...]:
    """Return texts of which a match has one, as long as they may be; none where there are no such texts."""
    candidates = [found for found in _needed(tree, ascii_alone=ascii_alone) if len(found) <= _BRANCHES]
    return max(candidates, key=lambda found: min(map(len, found)), default=())


def _needed(node: Node, *, ascii_alone: bool) -> Iterator[tuple[str, ...]]:
    """Yield choices of texts: of each of these a match has one."""
    run = ""
    for part in _flat(node):
        if isinstance(part, Char) and part.literal and _is_sure(part.literal, ascii_alone=ascii_alone):
            run += part.literal
            continue
        if isinstance(part, Assert):
            continue
        if run:
            yield (run,)
        run = ""
        if isinstance(part, Repeat) and part.least:
            yield from _needed(part.part, ascii_alone=ascii_alone)
        if isinstance(part, Branch):
            found = [_anchors(choice, ascii_alone=ascii_alone) for choice in part.parts]
            if all(found):
                yield tuple(dict.fromkeys(text for texts in found for text in texts))
    if run:
        yield (run,)


def _is_sure(char: str, *, ascii_alone: bool) -> bool:
    """Whether a character has the same bytes in every text that matches, but for small letters of ASCII."""
    return char != _UNKNOWN and (char.isascii() or not ascii_alone)


def _flat(node: Node) -> Iterator[Node]:
    if isinstance(node, Row):
        for part in node.parts:
            yield from _flat(part)
    else:
        yield node
