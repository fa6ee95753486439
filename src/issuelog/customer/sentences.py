"""A text as sentences of words: folded, spelled out, each with its place; and the customer's own words left out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from unicodedata import normalize

from issuelog.customer.phrases import Phrase, Sentence

_EXTENSIONS = "log|csv|txt|ini|json|xml|ya?ml|pdf|zip|exe|dll|sql|html?|js|py|conf|cfg|xlsx?|docx?|png|jpe?g|sh|bat"
_TOKEN = re.compile(
    r"(?P<line>\n\s*)"
    # The name of a file and one with underscores are a word each, and none of a sentence.
    r"|(?P<code>\b[\w-]{1,60}(?:\.[\w-]{1,60}){0,3}\.(?:" + _EXTENSIONS + r")\b|[^\W_]{1,60}(?:_[^\W_]{1,60}){1,9})"
    r"|(?P<number>\d+(?:[.:,/-]\d+)*[^\W\d_]*)"
    r"|(?P<initials>\b[^\W\d_](?:\.[^\W\d_]\b){1,4}\.?|\b[a-z]\.[ ][^\W\d_]\.)"
    r"|(?P<word>%|[^\W_]+(?:['’‘][^\W\d_]+)*)"
    r"|(?P<end>[.!?…]+)"
    r"|(?P<mark>[,;:()\[\]–—|•\0]+)"
)
_NEXT = re.compile(r"\S")
_ITEM = re.compile(r"[-*•–]\s|\(?(?:\d{1,2}|[a-z])[.)]\s")
_BROKEN_AT = 50
"""A shorter line that is followed by a capital letter was ended on purpose."""

MAX_WORDS = 200
"""A longer sentence is cut: it is none that a person wrote."""

_QUOTED_LINE = re.compile(r"^[ \t]*>.*$", re.MULTILINE)
_QUOTE = re.compile(r'"[^"]{1,1000}"|“[^”]{1,1000}”|„[^“”"]{1,1000}["“”]|«[^»]{1,1000}»|»[^«]{1,1000}«|`[^`\n]{1,200}`')
_LEFT_OUT = re.compile(r"\.{3}|…|\[\.\.\.\]")
_AROUND = 200
_FOLDED = {"ä": "ae", "ö": "oe", "ü": "ue", "’": "'", "‘": "'"}


@dataclass(frozen=True)
class Spelling:
    """How a language writes: what is short for what, which words differ by their capital, and how one quotes."""

    short: dict[str, str] = field(default_factory=dict)  # a word, or `*` and an ending, and what it stands for
    capital: frozenset[str] = frozenset()
    abbreviations: frozenset[str] = frozenset()  # words, and shapes of numbers, whose full stop ends nothing
    quotes: tuple[Phrase, ...] = ()  # what introduces the customer's own words
    labels: tuple[Phrase, ...] = ()  # what stands beside the quoted name of a thing
    names_have_capitals: bool = False  # and other words have none, but the first of a sentence

    def folded(self, phrase: str) -> str:
        """Return a phrase, or many, with the words as those of a text are, but for short forms."""
        if not self.capital:
            return fold(phrase)
        parts = re.split(rf"\b({'|'.join(self.capital)})\b", phrase)
        return "".join(part if part in self.capital else fold(part) for part in parts)

    def words(self, text: str) -> list[str]:
        """Return the words that one written word stands for."""
        if text in self.capital:
            return [text]
        word = fold(text)
        if word in self.short:
            return self.short[word].split()
        if "'" in word:
            for ending, full in self.short.items():
                if ending[0] == "*" and word.endswith(ending[1:]):
                    return [*self.words(word[: 1 - len(ending)]), *full.split()]
        return [word]


def fold(word: str) -> str:
    """Return a word without capitals, umlauts, and typographic apostrophes."""
    if word.isascii():
        return word.casefold()
    word = normalize("NFKC", word).casefold()
    for sign, written in _FOLDED.items():
        word = word.replace(sign, written)
    return word


def sentences(text: str, spelling: Spelling) -> list[Sentence]:
    """Return the sentences of a text: they end at . ! ? with exceptions, blank lines, and items of a list."""
    found: list[Sentence] = []
    words: list[str] = []
    places: list[tuple[int, int]] = []
    opens = {0}
    titled: set[int] = set()
    line = 0

    def end() -> None:
        nonlocal words, places, opens, titled
        if words:
            found.append(Sentence(words, places, frozenset(opens), frozenset(titled - opens)))
            words, places, opens, titled = [], [], {0}, set()

    def mark(sign: str, match: re.Match[str]) -> None:
        if words:
            words.append(sign)
            places.append(match.span())
            opens.add(len(words))

    for match in _TOKEN.finditer(text):
        kind, token = match.lastgroup, match[0]
        if kind == "line":
            if token.count("\n") > 1 or _ITEM.match(text, match.end()):
                end()
            elif match.start() - line < _BROKEN_AT and not text[match.end() : match.end() + 1].islower():
                opens.add(len(words))
            line = match.end()
        elif kind == "mark":
            mark(":" if ":" in token else ",", match)
        elif kind == "end":
            if not set(token) & set("!?") and _is_no_end(text, match.end(), words, spelling):
                if not _is_abbreviation(words, spelling):
                    mark(",", match)
            else:
                mark(next((sign for sign in "?!" if sign in token), "."), match)
                end()
        else:
            written = token.replace(".", "").replace(" ", "") if kind == "initials" else token
            each = spelling.words(written)
            if spelling.names_have_capitals and written[0].isupper() and written[1:].islower():
                titled.add(len(words))
            words.extend(each)
            places.extend([match.span()] * len(each))
            if len(words) >= MAX_WORDS:
                end()
    end()
    return found


def _is_abbreviation(words: list[str], spelling: Spelling) -> bool:
    return bool(words) and not spelling.abbreviations.isdisjoint((words[-1], re.sub(r"\d", "#", words[-1])))


def _is_no_end(text: str, at: int, words: list[str], spelling: Spelling) -> bool:
    """Whether a full stop ends no sentence: an abbreviation, in a word, or before a small letter."""
    after = _NEXT.search(text, at)
    if _is_abbreviation(words, spelling):
        return True
    return bool(after and (after[0].islower() or (after.start() == at and after[0].isalnum())))


def own_words(text: str, spelling: Spelling, theirs: Sequence[str] = ()) -> str:
    """Return the text with the customer's own words blanked out, at the same places.

    Theirs are lines that begin with `>`, and what stands in quotation marks and is in one of `theirs`: what they
    wrote to us. Where nothing of that is known, it is a quote that the sentence introduces as theirs.
    """
    known = " ".join(_plain(each) for each in theirs)
    own = list(text)
    for start, end in [*_quoted_lines(text), *_quotes(text, spelling, known)]:
        own[start:end] = ["\n" if char == "\n" else "\0" for char in own[start:end]]
    return "".join(own)


def _quoted_lines(text: str) -> Iterator[tuple[int, int]]:
    return (match.span() for match in _QUOTED_LINE.finditer(text))


def _quotes(text: str, spelling: Spelling, known: str) -> Iterator[tuple[int, int]]:
    for match in _QUOTE.finditer(text):
        parts = [_plain(part) for part in _LEFT_OUT.split(match[0][1:-1])]
        is_theirs = (
            all(part in known for part in parts) if known else _is_introduced(text, match, spelling.quotes, spelling)
        )
        if is_theirs or match[0][0] == "`" or _is_introduced(text, match, spelling.labels, spelling):
            yield match.span()


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", fold(text)))


def _is_introduced(text: str, quote: re.Match[str], by: Iterable[Phrase], spelling: Spelling) -> bool:
    before = sentences(text[max(quote.start() - _AROUND, 0) : quote.start()] + "\0", spelling)[-1:]
    after = sentences(text[quote.end() : quote.end() + _AROUND], spelling)[:1]
    return any(any(phrase.spans(sentence)) for sentence in before + after for phrase in by)
