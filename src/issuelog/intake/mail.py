"""One mail (.eml) as an incoming report. A mail is hostile: it may be damaged, endless, or no mail at all."""

from __future__ import annotations

import codecs
import email
import hashlib
import itertools
import mimetypes
import quopri
import re
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import EmailPolicy, Policy
from typing import Any, NamedTuple, Self

from issuelog.errors import InvalidFile, Problem
from issuelog.intake import letters
from issuelog.intake.headers import MAX_REFERENCE, date, decode_base64, decode_words, parameter, person
from issuelog.intake.incoming import Incoming, IncomingFile, Rejected
from issuelog.intake.text import MAX_TITLE, NO_SUBJECT, clean, decode, html_to_text, one_line, title_from

MAX_MAIL = 25_000_000
"""Bytes of a mail: the most that the large mail services take, so that a larger file was not sent as one."""

MAX_FILE = 10_000_000
"""Bytes of one part once decoded: what a tracker keeps of an attachment by default."""

MAX_PARTS = 500
"""Parts of a mail: people attach dozens of files; thousands are an attack, or an archive."""

MAX_DEPTH = 10
"""Multiparts within multiparts: real ones end at five, and every level costs one more look at every line."""

MAX_HEADER = 1_000_000
"""Characters of a header that is read: a subject of 200 kB has been seen; every encoded word takes time."""


def read(data: bytes, name: str) -> Iterator[Incoming | Rejected]:
    """The one report that the mail is."""
    try:
        incoming = _incoming(_parse(data), hashlib.sha256(data).hexdigest())
    except _Unreadable as error:
        problem = Problem(path=name, line=1, column=1, rule="mail", message=str(error))
        raise InvalidFile([problem]) from None
    yield incoming


class _Unreadable(Exception):
    """The mail cannot be imported; the message is the sentence that says why."""


# The parser takes any line with a colon for a header, the beginning of a JSON file as well.
_HEADER_NAME = re.compile(r"[A-Za-z][\w-]*", re.ASCII)
_MEDIA_TYPE = re.compile(r"[\w.+-]{1,100}/[\w.+-]{1,100}", re.ASCII)


class _Part(EmailMessage):
    """A part that watches the limits while the mail is parsed, and leaves enclosed messages unparsed."""

    def __init__(self, policy: Policy[Any] | None = None) -> None:
        super().__init__(policy)
        self._depth = 0
        self._parts = itertools.count(2)  # shared by all parts; the mail itself is the first

    @property
    def media_type(self) -> str:
        """The media type as the mail says it, without what some senders add and forget the semicolon."""
        media_type = _MEDIA_TYPE.match(super().get_content_type())
        return media_type[0] if media_type else "application/octet-stream"

    def get_content_type(self) -> str:
        """What the parser goes by: it would take an enclosed message apart, which is to stay as it came."""
        return "application/octet-stream" if self.media_type.startswith("message/") else self.media_type

    def get_boundary(self, failobj: Any = None) -> Any:
        """The boundary, read without the library's parameters, which can raise."""
        return parameter(self.get("content-type", ""), "boundary").rstrip() or failobj

    def attach(self, payload: Self) -> None:  # type: ignore[override]
        """Called by the parser as soon as it meets a part, so that it goes no further than the limits."""
        payload._depth, payload._parts = self._depth + 1, self._parts
        if payload._depth > MAX_DEPTH:
            raise _Unreadable(f"the parts of this mail are nested more than {MAX_DEPTH} deep")
        if next(self._parts) > MAX_PARTS:
            raise _Unreadable(f"this mail has more than {MAX_PARTS} parts")
        super().attach(payload)


def _plain_header(_name: str, value: str) -> str:
    """A header as text; bytes that should have been encoded are UTF-8, or else what Windows sends."""
    if len(value) > MAX_HEADER:
        raise _Unreadable(f"a header of this mail is longer than {MAX_HEADER // 1_000_000} MB")
    return clean(decode(value.encode("utf-8", "surrogateescape"), "ascii"))


# The headers of the default policy are parsed by a grammar that takes many seconds for some of 50 kB,
# raises RecursionError on nested comments, and runs on every part: so they stay text, and are read below.
_POLICY = EmailPolicy(header_factory=_plain_header, message_factory=_Part)


def _parse(data: bytes) -> _Part:
    if len(data) > MAX_MAIL:
        raise _Unreadable(f"this mail is larger than {MAX_MAIL // 1_000_000} MB")
    text = data.removeprefix(codecs.BOM_UTF8).lstrip(b"\r\n")
    if not text.strip():
        raise _Unreadable("the file is empty, not a mail")
    beginning = text[:10_000]
    if beginning.count(0) * 10 > len(beginning):  # a damaged mail may hold some
        raise _Unreadable("this is a binary file, not a mail (save an Outlook .msg as .eml first)")
    mail: _Part = email.message_from_bytes(text, policy=_POLICY)
    if not any(map(_HEADER_NAME.fullmatch, mail)):
        raise _Unreadable("this is not a mail: it begins with no header line such as 'Subject: ...'")
    return mail


def _incoming(mail: _Part, fingerprint: str) -> Incoming:
    subject = one_line(decode_words(mail.get("subject", "")))
    contents = _Contents(mail)
    customer, contact = _sender(mail)
    reference = one_line(mail.get("message-id", ""))
    return Incoming(
        title=title_from(subject, contents.text),
        story=_story(subject, contents.text),
        channel="email",
        received_at=date(mail.get("date", "")),
        external_ref=reference if 0 < len(reference) <= MAX_REFERENCE else f"sha256:{fingerprint[:32]}",
        customer=customer or None,
        contact=contact or None,
        files=tuple(contents.files),
        letter=letters.read(
            lambda name: _header(mail, name), mail.media_type, subject, contents.text, contents.files, contact
        ),
    )


def _header(mail: _Part, name: str) -> str:
    """A header that a mail can be read without: one that is too long says nothing."""
    try:
        return str(mail.get(name, ""))
    except _Unreadable:
        return ""


def _sender(mail: _Part) -> tuple[str, str]:
    """Name and address of the sender, from the first header that has an address."""
    customer, contact = person(mail.get("from", ""))
    for header in ("reply-to", "sender", "return-path"):
        if contact:
            break
        other, contact = person(mail.get(header, ""))
        customer = customer or other
    return customer, contact


def _story(subject: str, text: str) -> str:
    if not text:
        return (subject or NO_SUBJECT) + "\n"
    return f"Subject: {subject}\n\n{text}" if len(subject) > MAX_TITLE else text


# --- Flowed text -----------------------------------------------------------------------------------------


def _unflow(text: str, delete_space: bool) -> str:
    """Text of ``format=flowed`` (RFC 3676) with its paragraphs on one line each."""
    pieces: list[str] = []
    open_depth = -1
    for line in text.split("\n"):
        content = line.lstrip(">")
        depth = len(line) - len(content)
        content = content.removeprefix(" ")
        signature = content == "-- "
        if depth != open_depth or signature:
            pieces.append("\n" + ">" * depth + (" " if depth else ""))
        flows = content.endswith(" ") and not signature
        pieces.append(content[:-1] if flows and delete_space else content)
        open_depth = depth if flows else -1
    return "".join(pieces)[1:]


# --- Parts -----------------------------------------------------------------------------------------------

# Not the tables of the machine, so that a part has the same name everywhere.
_EXTENSIONS = mimetypes.MimeTypes()
_ENCLOSED_MAILS = frozenset({"message/global", "message/news"})
_LEADING_BLANK_LINES = re.compile(r"\ufeff?(?:[^\S\n]*+\n)*+")


class _Text(NamedTuple):
    text: str
    plain: bool


class _Contents:
    """What a mail holds: its text, and every other part as a file."""

    def __init__(self, mail: _Part) -> None:
        self.files: list[IncomingFile] = []
        self._leaves = 0
        text = "\n\n".join(found.text for found in self._texts(mail, root=True))
        self.text = text + "\n" if text else ""

    def _texts(self, part: _Part, root: bool = False) -> list[_Text]:
        """The texts in or under the part that say something."""
        if part.is_multipart():
            found = [self._texts(child) for child in part.iter_parts() if isinstance(child, _Part)]
            if part.media_type == "multipart/alternative":
                return _best(found)
            return [text for texts in found for text in texts]
        self._leaves += 1
        content = self._content(part)
        name = _file_name(part)
        # A multipart without parts has lost its boundary: what there is of it is text.
        is_text = part.media_type in ("text/plain", "text/html") or part.media_type.startswith("multipart/")
        if is_text and (root or not (name or _is_attachment(part))):
            text = _leaf_text(part, content)
            return [text] if text.text else []
        self.files.append(IncomingFile(name or self._default_name(part), content, part.media_type))
        return []

    def _content(self, part: _Part) -> bytes:
        content = _decode_transfer(part)
        if len(content) > MAX_FILE:
            limit = MAX_FILE // 1_000_000
            raise _Unreadable(f"part {self._leaves} of this mail is larger than {limit} MB")
        return content

    def _default_name(self, part: _Part) -> str:
        media_type = "message/rfc822" if part.media_type in _ENCLOSED_MAILS else part.media_type
        other = ".txt" if media_type.startswith(("text/", "message/")) else ".bin"
        return f"part-{self._leaves}{_EXTENSIONS.guess_extension(media_type) or other}"


def _best(alternatives: list[list[_Text]]) -> list[_Text]:
    """Of several forms of the same text the plain one; one that says nothing is no form of it."""
    telling = [texts for texts in alternatives if texts]
    return next((texts for texts in telling if texts[0].plain), telling[0] if telling else [])


def _leaf_text(part: _Part, content: bytes) -> _Text:
    content_type = part.get("content-type", "")
    text = clean(decode(content, parameter(content_type, "charset")))
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    plain = part.media_type != "text/html"
    if not plain:
        text = html_to_text(text)
    elif parameter(content_type, "format").lower() == "flowed":
        text = _unflow(text, parameter(content_type, "delsp").lower() == "yes")
    return _Text(_LEADING_BLANK_LINES.sub("", text, count=1).rstrip(), plain)


def _decode_transfer(part: _Part) -> bytes:
    encoding = part.get("content-transfer-encoding", "").strip().lower()
    if "uu" not in encoding:
        del part["content-transfer-encoding"]  # so that the library hands over the bytes as they came
    content: Any = part.get_payload(decode=True)
    raw: bytes = content or b""
    if encoding == "base64":
        return decode_base64(raw)
    return quopri.decodestring(raw) if encoding == "quoted-printable" else raw


def _file_name(part: _Part) -> str:
    name = parameter(part.get("content-disposition", ""), "filename")
    return one_line(name or parameter(part.get("content-type", ""), "name"))


def _is_attachment(part: _Part) -> bool:
    disposition: str = part.get("content-disposition", "")
    return disposition.partition(";")[0].strip().lower() == "attachment"
