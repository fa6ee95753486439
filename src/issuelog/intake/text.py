"""What the importers share: valid text, bytes and HTML as text, JSON, one-line titles, plausible times."""

from __future__ import annotations

import codecs
import html
import json
import re
from datetime import UTC, datetime
from typing import Any

MAX_TITLE = 120
"""Characters of a title: it has to fit on one line of a list."""

MAX_CONTACT = 254
"""Characters of a contact: the longest mail address that SMTP can carry (RFC 5321, erratum 1690)."""

NO_SUBJECT = "(no subject)"

_NOT_TEXT = re.compile("[\0\ud800-\udfff]")
_PLAUSIBLE_YEARS = range(1990, 2100)
_JSON_SPACE = re.compile(r"[ \t\r\n]*")

# Codecs of Python that are no charset of a mail: slow without bound, or an escape syntax.
_NO_CHARSETS = frozenset({"idna", "punycode", "raw_unicode_escape", "unicode_escape"})
# Senders name the smaller charset and use the larger one.
_SUPERSETS = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}


def clean(text: str) -> str:
    """The text as valid Unicode: NUL and lone surrogates, which no file of ours can hold, become U+FFFD."""
    return _NOT_TEXT.sub("\ufffd", text)


def one_line(text: str) -> str:
    """The text as valid Unicode on one line, every run of white space one blank."""
    return " ".join(clean(text).split())


def title_from(subject: str, story: str) -> str:
    """The subject, or the first line of the story that says something, cut to `MAX_TITLE`."""
    first_line = next((line for line in story.splitlines() if line.strip()), "")
    title = one_line(subject) or one_line(first_line) or NO_SUBJECT
    return title if len(title) <= MAX_TITLE else title[: MAX_TITLE - 1] + "…"


def plausible_utc(moment: datetime) -> datetime | None:
    """The moment in UTC (which is assumed where it names no zone), or None where the year is absurd."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    try:
        moment = moment.astimezone(UTC)
    except OverflowError:  # the first or last day of the calendar
        return None
    return moment if moment.year in _PLAUSIBLE_YEARS else None


class Number(str):
    """A number of a JSON text as it was typed: the schema types it, and int() fails over 4,300 digits."""

    __slots__ = ()


class NotJson(ValueError):
    """A text is no JSON that can be read; `position` is where that was found."""

    def __init__(self, reason: str, position: int) -> None:
        super().__init__(reason)
        self.position = position


def parse_json(decoder: json.JSONDecoder, text: str, start: int) -> tuple[Any, int]:
    """Return the value that begins at `start`, and where it ends; raises NotJson."""
    try:
        return decoder.raw_decode(text, start)
    except json.JSONDecodeError as error:
        raise NotJson(f"not valid JSON: {error.msg}", error.pos) from None
    except RecursionError:
        raise NotJson("this value is nested too deeply", start) from None


def after_space(text: str, position: int) -> int:
    """Return where the next value begins, past what JSON takes for white space."""
    space = _JSON_SPACE.match(text, position)
    return space.end() if space else position


def decode(data: bytes, charset: str) -> str:
    """The bytes as text, whatever the charset is called and whether or not it is the true one."""
    codec = _codec(charset)
    # UTF-8 is hardly ever valid by accident, and a Latin charset is often named by habit.
    for candidate in ("utf-8",) if codec == "cp1252" else (codec, "utf-8"):
        try:
            return data.decode(candidate)
        except ValueError:
            continue
    if codec in ("utf-8", "cp1252"):
        text = data.decode("utf-8", "replace")
        foreign = len(text) - len(text.encode("ascii", "ignore"))
        # A character or two cut in half do not make it another charset.
        codec = "cp1252" if text.count("\ufffd") * 2 > foreign else "utf-8"
    return data.decode(codec, "replace")


def _codec(charset: str) -> str:
    try:
        codec = codecs.lookup(charset).name
        b"\0\0\0\0".decode(codec)  # base64, zlib and others are codecs, but decode no text
    except (LookupError, ValueError):
        return "utf-8"
    return "utf-8" if codec.replace("-", "_") in _NO_CHARSETS else _SUPERSETS.get(codec, codec)


# Nothing here can run past the next "<", so that a search is linear in the length of the page.
_TAG = re.compile(
    r"""<(?:(?P<slash>/?)(?P<name>[a-zA-Z][\w:.-]*+)(?=[\s/>])
            (?P<attributes>(?:[^<>"']|"[^"<]*"|'[^'<]*')*+|[^<>]*+)>
        |!--|[!?][^<>]*+>)""",
    re.VERBOSE,
)
_HREF = re.compile(r"""(?:^|[\s"'])href\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_LINK = re.compile(r"(?:https?|ftp|mailto|tel):", re.IGNORECASE)
_SCHEME = re.compile(r"(?:(?:https?|ftp)://|mailto:|tel:)", re.IGNORECASE)
_HUGE_REFERENCE = re.compile(r"&#\d{8,};?")

_INVISIBLE = frozenset({"script", "style", "title"})
_PARAGRAPHS = re.compile(r"p|h[1-6r]|[uod]l|table|blockquote|pre")
_LINES = re.compile(r"address|article|center|d[dt]|div|footer|form|header|li|section|tr")
_GAPS = ("", " ", " | ", "\n", "\n\n")
_BLANK, _CELL, _LINE, _PARAGRAPH = 1, 2, 3, 4
_MAX_INDENT = 8
"""Levels of a list that are indented: a page may nest a million."""


def html_to_text(markup: str) -> str:
    """The text of an HTML page: paragraphs, lists, table rows, links as ``text (url)``."""
    page = _Page()
    position = 0
    # Not html.parser: unclosed constructs take it quadratic time, and some make it raise AssertionError.
    while tag := _TAG.search(markup, position):
        page.text(markup[position : tag.start()])
        position = tag.end()
        if tag[0] == "<!--":
            end = markup.find("-->", position)
            position = len(markup) if end < 0 else end + 3
        elif tag["name"]:
            page.tag(tag["name"].lower(), bool(tag["slash"]), tag["attributes"])
    page.text(markup[position:])
    return page.result()


def _unescape(text: str) -> str:
    # html.unescape() hands all digits to int(), which raises ValueError over 4,300 of them.
    return html.unescape(_HUGE_REFERENCE.sub("\ufffd", text))


class _Page:
    """Collects text; a gap is written only when more text follows, the widest one that was asked for."""

    def __init__(self) -> None:
        self._written: list[str] = []
        self._gap = 0
        self._bullet = ""
        self._invisible = ""
        self._preformatted = 0
        self._lists: list[int | None] = []
        self._href = ""
        self._link_start = 0

    def text(self, source: str) -> None:
        """Text between two tags, entities not yet decoded."""
        if self._invisible or not source:
            return
        text = _unescape(source)
        if self._preformatted:
            self._write(text)
            return
        if text[:1].isspace():
            self._need(_BLANK)
        if words := " ".join(text.split()):
            self._write(words)
            if text[-1].isspace():
                self._need(_BLANK)

    def tag(self, name: str, closing: bool, attributes: str) -> None:
        """A start tag or an end tag."""
        if self._invisible:
            if closing and name == self._invisible:
                self._invisible = ""
        elif name in _INVISIBLE:
            self._invisible = "" if closing else name
        elif name == "br":
            self._need(_LINE if self._gap < _LINE else _PARAGRAPH)
        elif name in ("td", "th"):
            self._need(_CELL)
        elif name == "a":
            self._end_link()
            self._start_link("" if closing else attributes)
        elif _PARAGRAPHS.fullmatch(name):
            self._need(_PARAGRAPH)
            self._paragraph(name, closing)
        elif _LINES.fullmatch(name):
            self._need(_LINE)
            if name == "li":
                self._bullet = "" if closing else self._next_bullet()

    def result(self) -> str:
        """What was collected, without blanks at the ends of lines."""
        self._end_link()
        return "\n".join(line.rstrip() for line in "".join(self._written).split("\n")).strip("\n")

    def _need(self, gap: int) -> None:
        self._gap = max(self._gap, gap)

    def _write(self, text: str) -> None:
        self._written += (_GAPS[self._gap] if self._written else "", self._bullet, text)
        self._gap, self._bullet = 0, ""

    def _paragraph(self, name: str, closing: bool) -> None:
        if name == "pre":
            self._preformatted = max(0, self._preformatted + (-1 if closing else 1))
        elif name in ("ul", "ol") and not closing:
            self._lists.append(0 if name == "ol" else None)
        elif name in ("ul", "ol") and self._lists:
            self._lists.pop()

    def _next_bullet(self) -> str:
        indent = "  " * min(len(self._lists) - 1, _MAX_INDENT)
        number = self._lists[-1] if self._lists else None
        if number is None:
            return indent + "- "
        self._lists[-1] = number + 1
        return f"{indent}{number + 1}. "

    def _start_link(self, attributes: str) -> None:
        href = _HREF.search(attributes)
        self._href = one_line(_unescape(href[href.lastindex or 0])) if href else ""
        self._link_start = len(self._written)

    def _end_link(self) -> None:
        href, self._href = self._href, ""
        if not _LINK.match(href):  # "#top", "javascript:" and the like lead nowhere from here
            return
        text = "".join(self._written[self._link_start :]).strip()
        if not text:
            self._write(href)
        elif text.rstrip("/") not in (href.rstrip("/"), _SCHEME.sub("", href, count=1).rstrip("/")):
            self._written.append(f" ({href})")
