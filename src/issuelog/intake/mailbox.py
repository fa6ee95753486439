"""Many mails at once: an mbox, read as a stream, and a Maildir. Neither is changed, and no link is followed.

An mbox is told by its first line. Lines that only look like the beginning of a mail were quoted by most programs that
wrote one (`>From `), but not by all: so a line begins a mail where it has an address, a date or `-`, and a header next.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, NamedTuple

from issuelog.errors import Conflict, InvalidFile
from issuelog.intake import mail
from issuelog.intake.incoming import Incoming, Rejected
from issuelog.intake.mail import MAX_MAIL
from issuelog.store.files import read_regular

_AT_ONCE = 1 << 16
_EMPTY_LINES = 1000
_PARTS = ("new", "cur")
_LINE = re.compile(
    rb"From (?:"
    rb"(?:-|[^\s@]{0,300}@[^\s@]{1,300})[ \t]*"
    rb"|[^\r\n]{0,600}?\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),?[ \t][^\r\n]{0,60}\d:\d\d[^\r\n]{0,60}"
    rb")\r?\n?"
)
_HEADER = re.compile(rb"[!-9;-~]{1,200}[ \t]*:")
_QUOTED = re.compile(rb">+From ")
_IN_HEADERS = 20_000
"""Bytes of a mail in which the marks of a mail program are looked for."""
_EXPUNGED = re.compile(rb"^X-Mozilla-Status:[ \t]*[0-9a-f]{3}[89a-f]\b", re.I | re.M)
_DELETED = re.compile(rb"^X-Status:[ \t]*[A-Z]*D", re.I | re.M)
_OWN_NOTE = re.compile(rb"^X-IMAP(?:base)?:.*\n(?:.*\n)*?Subject: DON'T DELETE THIS MESSAGE", re.I | re.M)


class _Found(NamedTuple):
    """A mail of an mbox, None for one that is too large, and the line on which it begins."""

    line: int
    content: bytes | None


def read(stream: BinaryIO, name: str) -> Iterator[Incoming | Rejected]:
    """Yield the mails of an mbox, or the one mail that the file is. Raises InvalidFile where it is neither."""
    before: list[bytes] = []
    while not (first := stream.readline(_AT_ONCE)).strip() and first and len(before) < _EMPTY_LINES:
        before.append(first)
    if not _LINE.fullmatch(first.removeprefix(codecs.BOM_UTF8)):
        yield from mail.read(b"".join([*before, first, stream.read(MAX_MAIL + 1)]), name)
        return
    for number, found in enumerate(_split(stream, len(before) + 1), 1):
        place = f"mail {number} (line {found.line})"
        if found.content is None:
            yield Rejected(place, f"it is larger than {MAX_MAIL // 1_000_000} MB")
        else:
            yield _one(found.content, place)


def is_maildir(folder: Path) -> bool:
    """Whether a folder is a Maildir."""
    return any(_mails(folder / part) is not None for part in _PARTS)


def read_maildir(folder: Path) -> Iterator[Incoming | Rejected]:
    """Yield the mails of a Maildir: those in new/ and cur/, in the order in which they came there."""
    for part in _PARTS:
        for path in _mails(folder / part) or ():
            place = f"{part}/{path.name}"
            flags = path.name.rpartition(":2,")[2] if ":2," in path.name else ""
            try:
                content = read_regular(path, MAX_MAIL)
            except Conflict as error:
                yield Rejected(place, error.message, expected=True)
                continue
            if content is None:
                yield Rejected(
                    place, "it is gone, or has another name now: the same import again finds it", expected=True
                )
            elif "T" in flags or "D" in flags:
                yield Rejected(place, _marked("deleted" if "T" in flags else "a draft"), expected=True)
            else:
                yield _one(content, place)


def _mails(folder: Path) -> list[Path] | None:
    """Return the files of a folder, None where there is none, or a link in its place."""
    if folder.is_symlink() or not folder.is_dir():
        return None
    return sorted(path for path in folder.iterdir() if not path.name.startswith("."))


def _one(content: bytes, place: str) -> Incoming | Rejected:
    """Return one mail of several."""
    headers = re.split(rb"\r?\n\r?\n", content[:_IN_HEADERS], maxsplit=1)[0]
    if _EXPUNGED.search(headers) or _DELETED.search(headers):
        return Rejected(place, _marked("deleted"), expected=True)
    if _OWN_NOTE.search(headers + b"\n"):
        return Rejected(place, "it is a note of the mail server to itself", expected=True)
    try:
        (item,) = mail.read(content, place)
    except InvalidFile as error:
        return Rejected(place, error.problems[0].message)
    return replace(item, place=place) if isinstance(item, Incoming) else item


def _marked(what: str) -> str:
    return f"the mail program has marked it as {what}"


def _split(stream: BinaryIO, number: int) -> Iterator[_Found]:
    """Yield the mails after the line of this number, without the lines between them and the marks of quoting."""
    kept: list[bytes] = []
    size, begins = 0, number
    separator: bytes | None = None  # what begins a mail if a header comes next
    at_start = True
    while line := stream.readline(_AT_ONCE):
        if at_start:
            number += 1
            if separator is not None and _HEADER.match(line):
                yield _Found(begins, _content(kept, size))
                kept, size, begins, separator = [], 0, number - 1, None
            if separator is not None:
                size, separator = _keep(kept, separator, size), None
            if line.startswith(b"From ") and _LINE.fullmatch(line):
                separator = line
                continue
            if line.startswith(b">") and _QUOTED.match(line):
                line = line[1:]
        size = _keep(kept, line, size)
        at_start = line.endswith(b"\n")
    if separator is not None:
        size = _keep(kept, separator, size)
    yield _Found(begins, _content(kept, size))


def _keep(kept: list[bytes], line: bytes, size: int) -> int:
    """Keep a line as long as the mail may be one, and return the mail's size so far."""
    size += len(line)
    if size > MAX_MAIL:
        kept.clear()
    else:
        kept.append(line)
    return size


def _content(kept: list[bytes], size: int) -> bytes | None:
    """Return a mail without the empty line that parts it from the next, None where it is too large."""
    if size > MAX_MAIL:
        return None
    end = b"\r\n" if kept and kept[-1] == b"\r\n" else b"\n"
    if kept and kept[-1] == end:
        kept.pop()
    return b"".join(kept)
