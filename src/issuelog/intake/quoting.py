"""What a person wrote in a mail, and what their program quoted below it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

_MAX_TEXT = 500_000
"""Characters of a text that is looked at; nobody types so much."""
_MAX_STARTS = 5
"""Places where a quotation may begin that are tried, the first ones: each costs a look at all that follows."""
_MAX_BLOCKS = 60
"""Messages within one quotation."""
_MAX_ATTRIBUTION = 400
_MOST_LINES = 3
"""Lines over which programs break 'On … wrote:'."""
_LEAST_HEADERS = 3

_QUOTED = re.compile(r"(?:[ \t]?>)+ ?")
_BEGINS = re.compile(r"(?:on|am|le|el|il|op|em|den|dnia|w dniu|\d{1,4}[./-])\b", re.I)
_ENDS = (".", "!", "?", ":", ";")
_TIME = re.compile(r"\d[.:/h-]\d|\d{4}")
_WROTE = re.compile(
    r"\b(?:wrote|writes|schrieb|écrit|escribió|escreveu|scritto|schreef|skrev|kirjoitti|pisze|napisał|написал|пишет)"
    r"(?:\([^()]{1,3}\))?\b|@[^<>\s]{1,255}>\s?:$",
    re.I,
)
_SEPARATOR = re.compile(r"[-_*=]{2,}[^-_*=]{0,60}[-_*=]{2,}|[-_*=]{5,}")
_FROM = "from|von|de|da|van|od|från|fra|lähettäjä|от"
_REST = (
    "sent|date|to|cc|subject|reply-to|importance|gesendet|datum|an|kopie|betreff|antwort an|envoyé|à|objet|enviado"
    "|enviado el|fecha|para|asunto|assunto|inviato|data|oggetto|verzonden|aan|onderwerp|skickat|sendt|till|til|ämne"
    "|emne|wysłano|do|temat|отправлено|кому|тема"
)
_HEADER = re.compile(rf"\*{{0,2}}(?:({_FROM})|{_REST})\s?:\*{{0,2}}(?:\s|$)", re.I)


class _Line(NamedTuple):
    """A line without its marks of quotation, and how many those were."""

    depth: int
    text: str


def own_words(text: str, known: Sequence[str]) -> str:
    """The text without the quotation at its end, where all that is quoted is in one of the texts that are known.

    Else, or where nothing would be left, the text as it is: a word that somebody wrote into a quotation is not lost.
    """
    if len(text) > _MAX_TEXT:
        return text
    written = text.rstrip().split("\n")
    lines = [_read(line) for line in written]
    furniture = _furniture(lines)
    wanted = [_words(one) for one in known]
    for start in _starts(lines, furniture)[:_MAX_STARTS]:
        blocks = list(_blocks(lines[start:], furniture[start:]))
        if blocks and len(blocks) <= _MAX_BLOCKS and all(_is_known(block, wanted) for block in blocks):
            return "\n".join(written[:start]).rstrip() or text
    return text


def _read(line: str) -> _Line:
    marks = _QUOTED.match(line)
    return _Line(marks[0].count(">"), line[marks.end() :].strip()) if marks else _Line(0, line.strip())


def _starts(lines: Sequence[_Line], furniture: Sequence[bool]) -> list[int]:
    """The lines at which a quotation may begin that goes on to the end, and that nobody introduces in their words."""
    marked = len(lines)
    while marked and (lines[marked - 1].depth or not lines[marked - 1].text):
        marked -= 1
    first = next((number for number in range(marked, len(lines)) if lines[number].depth), None)
    found = {number for number, is_one in enumerate(furniture) if is_one and not (number and furniture[number - 1])}
    if first is not None:
        said = next((line.text for line in reversed(lines[:first]) if line.text), "")
        found |= set() if said.endswith(":") else {first}
    return sorted(found)


def _blocks(lines: Sequence[_Line], furniture: Sequence[bool]) -> Iterator[_Line]:
    """The messages in a quotation, each as its words."""
    numbered = [(number, line) for number, line in enumerate(lines) if line.text]
    for (is_one, depth), block in groupby(numbered, key=lambda one: (furniture[one[0]], one[1].depth)):
        if not is_one:
            yield _Line(depth, _words(" ".join(line.text for _, line in block)))


def _is_known(block: _Line, known: Sequence[str]) -> bool:
    """Whether it is a part of a text that is known; without marks only a whole one is taken for a quotation."""
    return any(block.text in one for one in known) if block.depth else block.text in known


def _words(text: str) -> str:
    """The words alone: programs break lines anew."""
    return f" {' '.join(text.split())} "


def _furniture(lines: Sequence[_Line]) -> list[bool]:
    """For each line whether a program wrote it to say what it quotes."""
    found = [False] * len(lines)
    for number, line in enumerate(lines):
        if line.text.endswith(":"):
            for other in range(_attribution(lines, number), number + 1):
                found[other] = True
    for _, run in groupby(range(len(lines)), key=lambda number: (lines[number].depth, _is_header(lines[number]))):
        numbers = list(run)
        headers = [_HEADER.match(lines[number].text) for number in numbers]
        if len(headers) >= _LEAST_HEADERS and any(header and header[1] for header in headers):
            for number in numbers:
                found[number] = True
    following = False
    for number in reversed(range(len(lines))):
        text = lines[number].text
        if following and len(text) <= _MAX_ATTRIBUTION and _SEPARATOR.fullmatch(text):
            found[number] = True
        following = found[number] or (following and not text)
    return found


def _is_header(line: _Line) -> bool:
    return bool(_HEADER.match(line.text))


def _attribution(lines: Sequence[_Line], last: int) -> int:
    """The line at which 'On … wrote:' begins that ends at this one; the one after it where it is none.

    Lines above it belong to it only where they begin as such a line does: they may be somebody's own.
    """
    begin, text = last + 1, ""
    for number in range(last, max(-1, last - _MOST_LINES), -1):
        line = lines[number]
        is_own = number < last and line.text.endswith(_ENDS)
        text = f"{line.text} {text}".rstrip()
        if is_own or line.depth != lines[last].depth or not line.text or len(text) > _MAX_ATTRIBUTION:
            break
        if _TIME.search(text) and _WROTE.search(text):
            if _BEGINS.match(text):
                return number
            begin = number if begin > last else begin
    return begin
