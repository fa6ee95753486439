"""What the exports of trackers share: JSON in every layout, items of which any value may be of any kind."""

from __future__ import annotations

import codecs
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple, TypedDict

from issuelog.errors import InvalidFile, Problem
from issuelog.intake.text import (
    MAX_CONTACT,
    NotJson,
    Number,
    after_space,
    clean,
    one_line,
    parse_json,
    plausible_utc,
    title_from,
)

Object = Mapping[str, Any]
NOT_AN_OBJECT = "it is not a JSON object"
_MOST_DIGITS = 30

# Numbers stay digits: no value of one is of use here, and int() raises ValueError over 4,300 of them.
_DECODER = json.JSONDecoder(parse_int=Number, parse_float=Number, parse_constant=Number)


class Words(TypedDict):
    """What a report cannot be without."""

    title: str
    story: str


class Export(NamedTuple):
    """What a file holds: its items, each with its place, and the objects in which lists of them came."""

    items: list[tuple[str, Any]]
    wrappers: list[Object]


def parse(data: bytes, name: str, tracker: str, wrapped_in: str | None = None) -> Export:
    """Read every element of an array and every value beside one; all are read, or none.

    An object that has a list under the key `wrapped_in` stands for that list. Raises InvalidFile.
    """
    text = _decode(data, name, tracker)
    export = Export([], [])
    position, line, elements = 0, 1, 0
    while (start := after_space(text, position)) < len(text):
        line += text.count("\n", position, start)
        try:
            value, position = parse_json(_DECODER, text, start)
        except NotJson as error:
            at = error.position
            column = at - text.rfind("\n", 0, at)
            raise _invalid(name, text.count("\n", 0, at) + 1, column, tracker, str(error)) from None
        found = value.get(wrapped_in) if wrapped_in and isinstance(value, dict) else value
        if isinstance(found, list):
            export.items.extend((f"item {elements + number}", item) for number, item in enumerate(found, 1))
            elements += len(found)
            if found is not value:
                export.wrappers.append(value)
        else:
            export.items.append((f"line {line}", value))
        line += text.count("\n", start, position)
    if not position:
        raise _invalid(name, 1, 1, tracker, "the file is empty: expected a JSON array of issues, or one issue a line")
    return export


def _decode(data: bytes, name: str, tracker: str) -> str:
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        column = len(before.rpartition(b"\n")[2].decode("utf-8")) + 1
        raise _invalid(name, before.count(b"\n") + 1, column, tracker, "this byte is not UTF-8") from None


def _invalid(name: str, line: int, column: int, tracker: str, message: str) -> InvalidFile:
    return InvalidFile([Problem(path=name, line=line, column=column, rule=tracker, message=message)])


def text(item: Object, *keys: str) -> str:
    """Return the first of the keys that holds a string which is not empty; a number is none."""
    values = (item.get(key) for key in keys)
    return next((clean(value) for value in values if _is_text(value) and value), "")


def line(item: Object, *keys: str) -> str | None:
    """Return the same on one line, None where it says nothing."""
    return one_line(text(item, *keys)) or None


def contact(item: Object, *keys: str) -> str | None:
    """Return the same where it can be an address of somebody."""
    found = line(item, *keys)
    return found if found and len(found) <= MAX_CONTACT else None


def digits(item: Object, key: str) -> str | None:
    """Return the number that an item is called by, which some exports write as text."""
    value = item.get(key)
    is_one = isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= _MOST_DIGITS
    return str(value) if is_one else None


def part(item: Object, key: str) -> Object:
    """Return an object in an item; an empty one where there is none."""
    value = item.get(key)
    return value if isinstance(value, dict) else {}


def parts(item: Object, key: str) -> list[Object]:
    """Return the objects of a list in an item."""
    value = item.get(key)
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def names(item: Object, key: str) -> tuple[str, ...]:
    """Return the names in a list in an item, whose elements are text, or objects that have a name."""
    value = item.get(key)
    if not isinstance(value, list):
        return ()
    found = (text(one, "name") if isinstance(one, dict) else one for one in value)
    return tuple(shown for one in found if _is_text(one) and (shown := one_line(one)))


def time(item: Object, *keys: str) -> datetime | None:
    """Return a moment; None where it is none that can be."""
    try:
        return plausible_utc(datetime.fromisoformat(text(item, *keys)))
    except ValueError:
        return None


def words(title: str, story: str) -> Words:
    """Return title and story, which stand in for each other."""
    return Words(title=title_from(title, story), story=story if story.strip() else title)


def facts(**found: str | None) -> dict[str, str]:
    """Return what is known of the environment, by the names of the fields."""
    return {f"environment.{name}": value for name, value in found.items() if value}


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and not isinstance(value, Number)
