"""Reading the regular part of Python's regular expressions; see `pattern`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

_MOST_REPEATED = 200
_DEEPEST = 20
_SHORT: dict[str, Callable[[str], bool]] = {
    "d": str.isdecimal,
    "w": lambda char: char.isalnum() or char == "_",
    "s": str.isspace,
}
_CONTROLS = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "v": "\v", "a": "\a", "0": "\0"}
_ASSERTIONS = {"b": "edge", "B": "inside", "A": "start", "Z": "end"}
_BOUNDS: dict[str, tuple[int, int | None]] = {"*": (0, None), "+": (1, None), "?": (0, 1)}
_HEX = {"x": 2, "u": 4, "U": 8}
_GROUPS = {
    "=": "lookahead (?=…)",
    "!": "lookahead (?!…)",
    "<": "lookbehind (?<…)",
    ">": "an atomic group (?>…)",
    "(": "a condition (?(…)…)",
    "#": "a comment (?#…)",
    "P=": "a backreference (?P=…)",
}

Takes = Callable[[str], bool]


@dataclass(frozen=True)
class Char:
    """One character; `literal` where only one is meant, folded where the pattern ignores case."""

    takes: Takes
    literal: str = ""


@dataclass(frozen=True)
class Assert:
    """What has to hold at a place: `start`, `end`, `edge` (of a word) or `inside` (no edge)."""

    kind: str


@dataclass(frozen=True)
class Row:
    """Parts one after the other."""

    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Branch:
    """One of several parts."""

    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Repeat:
    """A part several times; without a bound where `most` is None."""

    part: Node
    least: int
    most: int | None


Node = Char | Assert | Row | Branch | Repeat


def read(source: str) -> tuple[Node, bool]:
    """Return a pattern's parts, and whether it ignores case; raises ValueError that says where it is wrong."""
    ignores_case = source.startswith("(?i)")
    reader = _Reader(source, 4 if ignores_case else 0, ignores_case)
    return reader.whole(), ignores_case


def _fold(char: str) -> str:
    """Return a character as it is compared where case is ignored; ASCII letters are equal to none but ASCII letters."""
    small = char.lower()
    return small if len(small) == 1 and small.isascii() == char.isascii() else char


class _Reader:
    """Reads a pattern from its begin to its end."""

    def __init__(self, source: str, at: int, ignores_case: bool) -> None:
        self._source = source
        self._at = at
        self._ignores_case = ignores_case
        self._depth = 0

    def whole(self) -> Node:
        """Return all of it."""
        node = self._branches()
        if self._at < len(self._source):
            raise self._wrong("a ) without a (")
        return node

    def _wrong(self, what: str, at: int | None = None) -> ValueError:
        return ValueError(f"{what} at character {(self._at if at is None else at) + 1}")

    def _peek(self) -> str:
        return self._source[self._at : self._at + 1]

    def _next(self, what: str) -> str:
        char = self._peek()
        if not char:
            raise self._wrong(f"it ends within {what}")
        self._at += 1
        return char

    def _skip(self, text: str) -> bool:
        if self._source.startswith(text, self._at):
            self._at += len(text)
            return True
        return False

    def _branches(self) -> Node:
        parts = [self._row()]
        while self._skip("|"):
            parts.append(self._row())
        return parts[0] if len(parts) == 1 else Branch(tuple(parts))

    def _row(self) -> Node:
        parts = []
        while self._peek() not in ("", "|", ")"):
            parts.append(self._repeated(self._one()))
        return Row(tuple(parts))

    def _repeated(self, part: Node) -> Node:
        at = self._at
        bounds = self._bounds()
        if bounds is None:
            return part
        if isinstance(part, Assert):
            raise self._wrong("a repetition of what takes no character", at)
        self._skip("?")  # whether the shortest or the longest is taken makes no difference to whether there is one
        if self._skip("+"):
            raise self._wrong("a possessive repetition", at)
        if self._peek() in ("*", "+", "?") or self._counted_here():
            raise self._wrong("a repetition of a repetition")
        return Repeat(part, *bounds)

    def _bounds(self) -> tuple[int, int | None] | None:
        for sign, usual in _BOUNDS.items():
            if self._skip(sign):
                return usual
        end = self._counted_here()
        if not end:
            return None
        at = self._at
        least, comma, most = self._source[at + 1 : end].partition(",")
        self._at = end + 1
        bounds = int(least or 0), (int(most) if most else None) if comma else int(least)
        if bounds[0] > _MOST_REPEATED or (bounds[1] or 0) > _MOST_REPEATED:
            raise self._wrong(f"more than {_MOST_REPEATED} repetitions", at)
        if bounds[1] is not None and bounds[1] < bounds[0]:
            raise self._wrong("a repetition whose bounds are the wrong way round", at)
        return bounds

    def _counted_here(self) -> int:
        """Return where `{m,n}` ends that begins here, or 0: a brace that counts nothing is a brace."""
        if self._peek() != "{":
            return 0
        end = self._source.find("}", self._at)
        least, comma, most = self._source[self._at + 1 : max(end, 0)].partition(",")
        numbers = [number for number in (least, most) if number]
        sound = all(number.isascii() and number.isdigit() and len(number) < 10 for number in numbers)
        return end if end > 0 and sound and (numbers or comma) else 0

    def _one(self) -> Node:
        at = self._at
        char = self._next("a part")
        if char == "(":
            return self._group(at)
        if char == "[":
            return Char(self._class(at))
        if char == "\\":
            return self._escaped(at)
        if char in "^$":
            return Assert("start" if char == "^" else "end")
        if char == ".":
            return Char(lambda found: found != "\n")
        if char in "*+?":
            raise self._wrong(f"a {char} with nothing before it", at)
        return self._literal(char)

    def _group(self, at: int) -> Node:
        if self._skip("?"):
            self._kind_of_group(at)
        self._depth += 1
        if self._depth > _DEEPEST:
            raise self._wrong("too many groups within groups", at)
        node = self._branches()
        if not self._skip(")"):
            raise self._wrong("a ( without a )", at)
        self._depth -= 1
        return node

    def _kind_of_group(self, at: int) -> None:
        """Go past what begins a group that is only a group; raise for every other."""
        if self._skip(":"):
            return
        if self._skip("P<"):
            name, closed, _ = self._source[self._at :].partition(">")
            if not closed or not name.isidentifier():
                raise self._wrong("the name of a group", at)
            self._at += len(name) + 1
            return
        found = next((words for sign, words in _GROUPS.items() if self._source.startswith(sign, self._at)), None)
        raise self._wrong(found or "a setting other than (?i) at the very beginning", at)

    def _escaped(self, at: int) -> Node:
        char = self._next("an escape")
        if char in _ASSERTIONS:
            return Assert(_ASSERTIONS[char])
        if char.isdigit() and char != "0":
            raise self._wrong("a backreference", at)
        found = self._escape(char, at)
        return self._literal(found) if isinstance(found, str) else Char(found)

    def _escape(self, char: str, at: int) -> str | Takes:
        """Return what an escape stands for: a character, or several."""
        if char.lower() in _SHORT and char in "dDwWsS":
            takes = _SHORT[char.lower()]
            return takes if char.islower() else lambda found: not takes(found)
        if char in _HEX:
            digits = self._source[self._at : self._at + _HEX[char]]
            self._at += _HEX[char]
            try:
                return chr(int(digits if len(digits) == _HEX[char] and digits.isalnum() else "", 16))
            except (ValueError, OverflowError):
                raise self._wrong("an escape that is no character", at) from None
        if char in _CONTROLS:
            return _CONTROLS[char]
        if char.isalnum():
            raise self._wrong(f"the escape \\{char}, which has no meaning", at)
        return char

    def _literal(self, char: str) -> Char:
        if not self._ignores_case:
            return Char(char.__eq__, char)
        folded = _fold(char)
        return Char(lambda found: _fold(found) == folded, folded)

    def _class(self, at: int) -> Takes:
        """Return what a class in brackets takes."""
        negated = self._skip("^")
        single: set[str] = set()
        ranges: list[tuple[str, str]] = []
        several: list[Takes] = []
        first = True
        while first or self._peek() != "]":
            first = False
            begin = self._in_class(at)
            if not isinstance(begin, str):
                several.append(begin)
            elif self._peek() == "-" and self._source[self._at + 1 : self._at + 2] not in ("]", ""):
                self._at += 1
                end = self._in_class(at)
                if not isinstance(end, str) or end < begin:
                    raise self._wrong("a range in [ ] that is none", at)
                ranges.append((begin, end))
            else:
                single.add(begin)
        self._at += 1

        def takes(char: str) -> bool:
            return char in single or any(a <= char <= z for a, z in ranges) or any(one(char) for one in several)

        def takes_any_case(char: str) -> bool:
            return takes(char) or takes(_fold(char)) or takes(_capital(char))

        wanted = takes_any_case if self._ignores_case else takes
        return (lambda char: not wanted(char)) if negated else wanted

    def _in_class(self, at: int) -> str | Takes:
        char = self._next("[ ]")
        if char != "\\":
            return char
        escaped = self._next("an escape")
        return "\b" if escaped == "b" else self._escape(escaped, at)


def _capital(char: str) -> str:
    large = char.upper()
    return large if len(large) == 1 and _fold(large) == _fold(char) else char
