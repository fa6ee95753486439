"""Finding the lines of a log that tell of a known error: nearly all lines are ruled out by a look at their words.

A signature has literal words, and a line without them all is not of it. Of each signature one word is looked up, the
one that fewest others have, so that a thousand signatures cost as much as one. What is left is normalised and compared.
A pattern has anchors, texts of which a match has one, and these are searched in whole blocks.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import NamedTuple

from issuelog.model.pattern import MAX_TEXT, Pattern, TooMuchWork
from issuelog.model.signature import normalise, of_message, signatures

Words = frozenset[bytes]

_BYTES_OF_WORDS = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_")
_TO_WORDS = bytes(byte if byte in _BYTES_OF_WORDS or byte == 10 else 32 for byte in range(256))
"""Makes a space of all that is in no word; a letter beyond ASCII ends a word, in signatures and lines alike."""
_COLOURS = re.compile(rb"\x1b\[[0-9;:?]{0,40}[ -/]{0,4}[@-~]")
_WORD = re.compile(r"[A-Za-z0-9_]+")
_CONTEXT_BEFORE = 80
_CONTEXT_AFTER = 120
_OF_A_TRACE = re.compile(rb"\s|$|Traceback |Caused by|Suppressed|goroutine |at |#\d")
_NUMBERED = re.compile(rb"(?<![A-Za-z0-9_])[A-Za-z_]*+[0-9][A-Za-z0-9_]*+")
_LOOKED_AT = 2 * MAX_TEXT
_PLACES = 3
_QUOTE = re.compile(rb'\\.|"', re.DOTALL)
_REMEMBERED = 5_000
_GOES_ON = re.compile(r" ?[,;(\[{|\"']| - | (?:at|in|on|for)\b")
"""What may follow a message in a line: where it was, and what a program adds; more words make it another message."""


class Found(NamedTuple):
    """A line that tells of errors: its number in the block, and whose signature and whose pattern it has."""

    number: int
    by_signature: list[str]
    by_pattern: list[str]


@dataclass(frozen=True)
class _Known:
    """A signature to be found. With `frames` the error alone tells too little: its trace has to be looked at."""

    loose: str
    error: str
    begins: bytes
    words: Words
    frames: bool
    ids: tuple[str, ...]
    rank: int
    """Its place among all, for the order in which they are told."""


class Sieve:
    """What is looked for: loose signatures, each with the ids that it leads to, and patterns with theirs.

    `give_up` hears whose pattern takes too much work and is looked for no more.
    """

    def __init__(
        self,
        known: Mapping[str, Sequence[str]],
        patterns: Iterable[tuple[str, Pattern]],
        give_up: Callable[[str], object] = lambda _: None,
    ) -> None:
        self._give_up = give_up
        self._patterns = [_Looked(report, pattern) for report, pattern in patterns]
        self._by_word: dict[bytes, list[_Known]] = {}
        self._wordless: list[_Known] = []
        signed = [_known(loose, ids, rank) for rank, (loose, ids) in enumerate(known.items())]
        often = Counter(word for one in signed for word in one.words)
        for one in signed:
            if one.words:
                rarest = min(one.words, key=lambda word: (often[word], -len(word), word))
                self._by_word.setdefault(rarest, []).append(one)
            else:
                self._wordless.append(one)
        self._anchors = frozenset(self._by_word)
        self._tellings = _Tellings()
        self._verdicts: dict[tuple[int, bytes], bool] = {}
        """By line, but for the digits of what the error does not name: in a storm nearly all lines are the same."""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to look for."""
        return not (self._patterns or self._by_word or self._wordless)

    def lines(self, text: bytes) -> list[bytes]:
        """Return the lines of a block, without colours."""
        if b"\x1b" in text:
            text = _COLOURS.sub(b"", text)
        lines = text.split(b"\n")
        if not lines[-1]:
            del lines[-1]
        return lines

    def found(self, lines: Sequence[bytes]) -> Iterator[Found]:
        """Yield the lines of a block that tell of errors, in their order."""
        text = b"\n".join(lines)
        signed = self._signed(lines, text)
        matched = self._matched(lines, text)
        for number in sorted(signed.keys() | matched.keys()):
            yield Found(number, signed.get(number, []), matched.get(number, []))

    def _signed(self, lines: Sequence[bytes], text: bytes) -> dict[int, list[str]]:
        found: dict[int, list[str]] = {}
        for number, known in self._candidates(text):
            ids = [report for one in known if self._tells(lines, number, one) for report in one.ids]
            if ids:
                found[number] = list(dict.fromkeys(ids))
        return found

    def _candidates(self, text: bytes) -> Iterator[tuple[int, list[_Known]]]:
        """Yield the lines that have all words of a signature."""
        if not self._anchors and not self._wordless:
            return
        if rb"\n" in text:
            text = text.replace(rb"\n", b"  ")  # in JSON: it would become a part of the next word
        rules_out = self._anchors.isdisjoint
        for number, line in enumerate(text.translate(_TO_WORDS).split(b"\n")):
            if rules_out(words := line.split()) and not self._wordless:
                continue
            has = frozenset(words)
            known = [one for word in self._anchors & has for one in self._by_word[word] if one.words <= has]
            if known or self._wordless:
                yield number, sorted([*known, *self._wordless], key=lambda one: one.rank)

    def _tells(self, lines: Sequence[bytes], number: int, known: _Known) -> bool:
        line = lines[number][:_LOOKED_AT]
        if known.frames and known.loose in self._tellings.of(_context(lines, number)).looses:
            return True
        key = known.rank, _NUMBERED.sub(lambda word: word[0] if word[0] in known.words else _zeros(word[0]), line)
        if key not in self._verdicts:
            if len(self._verdicts) >= _REMEMBERED:
                self._verdicts.clear()
            self._verdicts[key] = self._is_told_in(line, known)
        return self._verdicts[key]

    def _is_told_in(self, line: bytes, known: _Known) -> bool:
        start, tries = line.find(known.begins), 0
        while known.begins and start >= 0 and tries < _PLACES:
            if any(self._tellings.of(piece).is_of(known) for piece in _pieces(line, start)):
                return True
            start, tries = line.find(known.begins, start + 1), tries + 1
        whole = self._tellings.of(line[:MAX_TEXT])
        return known.loose in whole.looses or (not known.begins and not known.frames and known.error in whole.normal)

    def _matched(self, lines: Sequence[bytes], text: bytes) -> dict[int, list[str]]:
        found: dict[int, list[str]] = {}

        @cache
        def read(number: int) -> str:
            return lines[number][: 4 * MAX_TEXT].decode("utf-8", "replace").rstrip("\r")

        lowered = text.lower() if any(one.pattern.ignores_case for one in self._patterns) else text
        for one in list(self._patterns):
            try:
                for number in one.candidates(lines, lowered if one.pattern.ignores_case else text):
                    if one.pattern.found_in(read(number)):
                        found.setdefault(number, []).append(one.report)
            except TooMuchWork:
                self._patterns.remove(one)
                self._give_up(one.report)
        return found


class _Looked:
    """A pattern that is looked for."""

    def __init__(self, report: str, pattern: Pattern) -> None:
        self.report = report
        self.pattern = pattern
        self._anchors = [anchor.encode() for anchor in pattern.anchors]

    def candidates(self, lines: Sequence[bytes], text: bytes) -> Iterable[int]:
        """Return the lines that may have it."""
        if not self._anchors:
            return range(len(lines))
        return sorted({number for anchor in self._anchors for number in _lines_with(anchor, text)})


def _lines_with(needle: bytes, text: bytes) -> Iterator[int]:
    number = counted = 0
    at = text.find(needle)
    while at >= 0:
        number, counted = number + text.count(b"\n", counted, at), at
        yield number
        end = text.find(b"\n", at)
        at = text.find(needle, end) if end >= 0 else -1


def _known(loose: str, ids: Sequence[str], rank: int) -> _Known:
    error, _, frames = loose.partition(" ")[2].partition(" @ ")
    # A word is only sure to be in a line where nothing that stands for something else touches it.
    whole = [part for part in error.split(" ") if "<" not in part and ">" not in part]
    words = frozenset(word.encode() for part in whole for word in _WORD.findall(part))
    begins = _WORD.match(error)
    sure = begins and begins[0].encode() in words
    return _Known(loose, error, begins[0].encode() if begins and sure else b"", words, bool(frames), tuple(ids), rank)


def _context(lines: Sequence[bytes], number: int) -> bytes:
    """Return a line with the lines of the stack trace before and after it."""
    first, last = number, number + 1
    while first > max(0, number - _CONTEXT_BEFORE) and _OF_A_TRACE.match(lines[first - 1]):
        first -= 1
    while last < min(len(lines), number + _CONTEXT_AFTER) and _OF_A_TRACE.match(lines[last]):
        last += 1
    return b"\n".join(line[:MAX_TEXT] for line in lines[first:last])


def _pieces(line: bytes, start: int) -> Iterator[bytes]:
    """Yield what may be the error that begins at a place: the rest of the line, or of the quoted text that it is in.

    A log of JSON has a whole stack trace in such a text: it is yielded as well.
    """
    if start and line[start - 1] in _BYTES_OF_WORDS and line[max(0, start - 2) : start] != rb"\n":
        return
    quotes = [at for at in _quotes(line, start) if at < start]
    if len(quotes) % 2:
        end = next((at for at in _quotes(line, start + 2 * MAX_TEXT) if at > start), len(line))
        yield _unquoted(line[start:end]).partition(b"\n")[0]
        if rb"\n" in line[quotes[-1] : end]:
            yield _unquoted(line[quotes[-1] + 1 : end])
    yield line[start : start + MAX_TEXT]


def _quotes(line: bytes, upto: int) -> Iterator[int]:
    return (match.start() for match in _QUOTE.finditer(line, 0, min(upto, len(line))) if match[0] == b'"')


def _unquoted(text: bytes) -> bytes:
    if b"\\" not in text:
        return text[:MAX_TEXT]
    try:
        found = json.loads(b'"' + text + b'"', strict=False)
    except ValueError:
        return text[:MAX_TEXT]
    return str(found).encode("utf-8", "replace")[: _CONTEXT_AFTER * 100]


class _Telling:
    """What a piece of a log tells."""

    def __init__(self, piece: bytes) -> None:
        self._text = piece.decode("utf-8", "replace")

    @cached_property
    def normal(self) -> str:
        """The piece, normalised."""
        return normalise(self._text)

    @cached_property
    def looses(self) -> frozenset[str]:
        """The loose signatures of the piece."""
        one = None if "\n" in self._text else of_message(self._text)
        return frozenset(signature.loose for signature in [*signatures(self._text), *([one] if one else [])])

    def is_of(self, known: _Known) -> bool:
        """Whether it begins with a known error."""
        rest = self.normal[len(known.error) :]
        begins = self.normal.startswith(known.error) and " " in known.error and not known.frames
        return (begins and (not rest or bool(_GOES_ON.match(rest)))) or known.loose in self.looses


class _Tellings:
    """Remembers what pieces tell: the same error comes again and again."""

    def __init__(self) -> None:
        self._known: dict[bytes, _Telling] = {}

    def of(self, piece: bytes) -> _Telling:
        """Return what a piece tells."""
        if piece not in self._known:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[piece] = _Telling(piece)
        return self._known[piece]


_TO_ZERO = bytes(48 if 48 <= byte < 58 else byte for byte in range(256))


def _zeros(word: bytes) -> bytes:
    return word.translate(_TO_ZERO)
