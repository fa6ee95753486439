"""JSON lines: one object a line, either what is to become a report, or a whole report as `export jsonl` writes it.

Read line by line, so that a file may be larger than the memory. A line is hostile: endless, deep, or no JSON at all.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import json
import re
import secrets
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

from issuelog.errors import InvalidFile, Problem
from issuelog.intake.incoming import Incoming, Rejected, Whole
from issuelog.intake.text import NotJson, Number, after_space, clean, parse_json
from issuelog.model.times import parse_iso
from issuelog.store.layout import MAX_BYTES
from issuelog.store.yamlfile import MAX_DEPTH

MAX_LINE = 256_000_000
"""Bytes of a line, with all attachments in it."""

MAX_TEXT = 4 * MAX_BYTES
"""Bytes of a line without the contents of attachments: a report's file as JSON, where an escape takes up to four."""

INTAKE = {
    "product": "environment.product",
    "version": "environment.version",
    "error_message": "error_message",
}
TEXTS = ("title", "story")
OPTIONAL = ("channel", "received_at", "customer", "contact", "severity", "component", *INTAKE, "external_ref")
_KNOWN = (*TEXTS, *OPTIONAL)
_PHONE = re.compile(r"[+0-9 ()/-]{5,}")

# Base64 is taken out before a line is parsed: it needs no parser, and what is left has a size to be afraid of.
_CONTENT = re.compile(rb'("content"[ \t]*:[ \t]*)"([A-Za-z0-9+/=]{256,}+)"')
_MARK = f"{secrets.token_hex(16)}:"
_SKIPPED_AT_ONCE = 1 << 20


class _Refused(ValueError):
    """A line is not imported; the message is the reason."""


def read(stream: BinaryIO, name: str) -> Iterator[Incoming | Whole | Rejected]:
    """Yield what each line holds. Raises InvalidFile where the first is no JSON at all: that is another format."""
    first = True
    for number, line in enumerate(_lines(stream), 1):
        place = f"line {number}"
        if line is None:
            yield Rejected(place, f"it has more than {MAX_LINE:,} bytes")
        elif content := line.removeprefix(codecs.BOM_UTF8 if number == 1 else b"").strip(b" \t\r\n"):
            try:
                yield _item(content, place)
            except NotJson as error:
                column = error.position + 1
                if first:
                    raise InvalidFile([Problem(name, number, column, "jsonl", str(error))]) from None
                yield Rejected(place, f"{error} (column {column})")
            except _Refused as error:
                yield Rejected(place, str(error))
            first = False


def _lines(stream: BinaryIO) -> Iterator[bytes | None]:
    """Yield every line, None for one that is too long, of which no more is kept."""
    while line := stream.readline(MAX_LINE + 1):
        if len(line) <= MAX_LINE:
            yield line
            continue
        while not line.endswith(b"\n") and (line := stream.readline(_SKIPPED_AT_ONCE)):
            pass
        yield None


def _item(line: bytes, place: str) -> Incoming | Whole:
    line, contents = _without_contents(line)
    if len(line) > MAX_TEXT:
        raise _Refused(f"it has more than {MAX_TEXT:,} bytes beside its attachments")
    data = _parse(line)
    if not isinstance(data, dict):
        raise _Refused("it is not a JSON object")
    if "schema" in data and "events" in data:
        return _whole(_plain(data, contents), place)
    return _incoming(data, place)


def _without_contents(line: bytes) -> tuple[bytes, Sequence[bytes]]:
    """Return the line with a mark in the place of each long content, and the contents."""
    contents: list[bytes] = []

    def mark(found: re.Match[bytes]) -> bytes:
        contents.append(found[2])
        return found[1] + f'"{_MARK}{len(contents) - 1}"'.encode()

    return _CONTENT.sub(mark, line), contents


def _parse(line: bytes) -> Any:
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotJson(f"byte 0x{line[error.start]:02x} is not UTF-8", error.start) from None
    value, end = parse_json(_DECODER, text, 0)
    if after_space(text, end) < len(text):
        raise NotJson("not valid JSON: more than one value", end)
    return value


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object; of a key that stands twice nobody could say which is meant."""
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise _Refused(f"the key {_short(next(key for key in keys if keys.count(key) > 1))} stands twice")
    return found


_DECODER = json.JSONDecoder(object_pairs_hook=_distinct, parse_int=Number, parse_float=Number, parse_constant=Number)


def _incoming(data: dict[str, Any], place: str) -> Incoming:
    for key, value in data.items():
        if key not in _KNOWN:
            raise _Refused(f"the key {_short(key)} is not known; there are: {', '.join(_KNOWN)}")
        if value is not None and type(value) is not str:
            raise _Refused(f"{key} is {_kind(value)}; it has to be text")
    given = {key: clean(value) for key, value in data.items() if value}
    for key in TEXTS:
        if not given.get(key, "").strip():
            raise _Refused(f"{key} is missing")
    contact = given.get("contact")
    return Incoming(
        title=given["title"],
        story=given["story"],
        channel=given.get("channel") or _channel_of(contact),
        received_at=_time(given["received_at"]) if "received_at" in given else None,
        external_ref=given.get("external_ref"),
        customer=given.get("customer"),
        contact=contact,
        severity=given.get("severity"),
        component=given.get("component"),
        facts={field: given[key] for key, field in INTAKE.items() if key in given},
        place=place,
    )


def _channel_of(contact: str | None) -> str:
    """Without a word on it, a report came the way that the contact names."""
    if contact and "@" in contact:
        return "email"
    return "phone" if contact and _PHONE.fullmatch(contact) else "internal"


def _time(text: str) -> Any:
    try:
        return parse_iso(text)
    except ValueError as error:
        raise _Refused(f"received_at: {error}") from None


def _whole(data: dict[str, Any], place: str) -> Whole:
    """Return a report whose attachments' contents stand beside it, and not in it."""
    files: dict[str, bytes] = {}
    attachments = data.get("attachments")
    for item in attachments if isinstance(attachments, list) else ():
        if isinstance(item, dict) and "content" in item:
            file, content = item.get("file"), item.pop("content")
            if not isinstance(file, str) or not isinstance(content, str):
                raise _Refused("an attachment's file and content have to be text")
            if file in files:
                raise _Refused(f"two attachments are named {_short(file)}")
            try:
                files[file] = base64.b64decode(content, validate=True)
            except (binascii.Error, ValueError):
                raise _Refused(f"the content of {_short(file)} is not base64") from None
    return Whole(place, data, files)


def _plain(value: Any, contents: Sequence[bytes], depth: int = 0) -> Any:
    """Return a value as a file holds it: every scalar as text, and nothing that says nothing."""
    if isinstance(value, str):
        return _text(value, contents)
    if depth >= MAX_DEPTH:
        raise _Refused(f"it is nested deeper than {MAX_DEPTH} levels")
    if isinstance(value, dict):
        return {_text(key, ()): _plain(part, contents, depth + 1) for key, part in value.items() if part is not None}
    if isinstance(value, list):
        return ["" if part is None else _plain(part, contents, depth + 1) for part in value]
    return "true" if value else "false"


def _text(value: str, contents: Sequence[bytes]) -> str:
    if contents and value.startswith(_MARK):
        return contents[int(value.removeprefix(_MARK))].decode("ascii")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise _Refused("it has half a character in it (a lone surrogate)") from None
    return str(value)


def _kind(value: Any) -> str:
    if isinstance(value, Number):
        return "a number"
    return "true or false" if isinstance(value, bool) else "a list" if isinstance(value, list) else "an object"


def _short(text: str) -> str:
    return repr(text if len(text) <= 40 else f"{text[:39]}…")
