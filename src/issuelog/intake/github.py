"""GitHub issues: what the REST API answers, and what ``gh issue list --json`` prints."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from issuelog.errors import InvalidFile, Problem
from issuelog.intake.incoming import Incoming, Rejected
from issuelog.intake.text import (
    MAX_CONTACT,
    NotJson,
    after_space,
    clean,
    one_line,
    parse_json,
    plausible_utc,
    title_from,
)

_PULL_REQUEST = "it is a pull request, not an issue"


def read(data: bytes, name: str) -> Iterator[Incoming | Rejected]:
    """The issues of an array, of a single object, or of objects one after the other (one a line)."""
    text = _decode(data, name)
    for place, item in _items(text, name):
        reason = _reason_against(item)
        if reason:
            yield Rejected(place, reason, expected=reason == _PULL_REQUEST)
        else:
            yield _incoming(item)


def _decode(data: bytes, name: str) -> str:
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        column = len(before.rpartition(b"\n")[2].decode("utf-8")) + 1
        raise _invalid(name, before.count(b"\n") + 1, column, "this byte is not UTF-8") from None


def _items(text: str, name: str) -> list[tuple[str, Any]]:
    """Every element of an array and every value beside one, with its place; all are read, or none."""
    # No number is of use here, and int() raises ValueError over 4,300 digits.
    decoder = json.JSONDecoder(parse_int=_no_number, parse_float=_no_number)
    items: list[tuple[str, Any]] = []
    position, line, elements = 0, 1, 0
    while (start := after_space(text, position)) < len(text):
        line += text.count("\n", position, start)
        try:
            value, position = parse_json(decoder, text, start)
        except NotJson as error:
            at = error.position
            raise _invalid(name, text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at), str(error)) from None
        if isinstance(value, list):
            items += ((f"item {elements + number}", item) for number, item in enumerate(value, 1))
            elements += len(value)
        else:
            items.append((f"line {line}", value))
        line += text.count("\n", start, position)
    if not position:
        raise _invalid(name, 1, 1, "the file is empty: expected a JSON array of issues, or one issue a line")
    return items


def _no_number(_digits: str) -> None:
    return None


def _invalid(name: str, line: int, column: int, message: str) -> InvalidFile:
    return InvalidFile([Problem(path=name, line=line, column=column, rule="github", message=message)])


def _reason_against(item: Any) -> str | None:
    if not isinstance(item, dict):
        return "it is not a JSON object"
    if item.get("pull_request") is not None:
        return _PULL_REQUEST
    if not _text(item, "title").strip() and not _text(item, "body").strip():
        return "it has neither a title nor a body"
    return None


def _incoming(issue: dict[str, Any]) -> Incoming:
    title, body = _text(issue, "title"), _text(issue, "body")
    user = _object(issue, "user") or _object(issue, "author")
    return Incoming(
        title=title_from(title, body),
        story=body if body.strip() else title,
        channel="web",
        received_at=_time(_text(issue, "created_at", "createdAt")),
        external_ref=one_line(_text(issue, "html_url", "url")) or None,
        customer=one_line(_text(user, "login")) or None,
        contact=_profile(user),
        labels=_labels(issue.get("labels")),
    )


def _text(item: dict[str, Any], *keys: str) -> str:
    """The first of the keys that holds a string which is not empty."""
    values = (item.get(key) for key in keys)
    return next((clean(value) for value in values if isinstance(value, str) and value), "")


def _object(item: dict[str, Any], key: str) -> dict[str, Any]:
    value = item.get(key)
    return value if isinstance(value, dict) else {}


def _time(text: str) -> datetime | None:
    try:
        return plausible_utc(datetime.fromisoformat(text))
    except ValueError:
        return None


def _profile(user: dict[str, Any]) -> str | None:
    """The page of the user; `url` alone may be the API's, which shows people nothing."""
    page = one_line(_text(user, "html_url", "url"))
    return page if page and "/users/" not in page and len(page) <= MAX_CONTACT else None


def _labels(labels: Any) -> tuple[str, ...]:
    """Label names; the API allows a label to be a string or an object."""
    if not isinstance(labels, list):
        return ()
    names = (_text(label, "name") if isinstance(label, dict) else label for label in labels)
    return tuple(line for name in names if isinstance(name, str) and (line := one_line(name)))
