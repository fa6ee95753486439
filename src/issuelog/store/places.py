"""Where in a file lies what a schema finds wrong with its data, said for people."""

from __future__ import annotations

import re
from collections.abc import Mapping as Facts
from collections.abc import Sequence as Row
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from issuelog.errors import Problem
from issuelog.model.faults import OF_A_KEY, fault
from issuelog.store.yamlfile import Mapping, Sequence

Location = tuple[str | int, ...]

_WANTED = re.compile("should be |has to be ")


def problems_of(error: ValidationError, root: Mapping, model: type[BaseModel], path: str, rule: str) -> list[Problem]:
    """Return what a schema found wrong with a file's data; nothing where it is wrong as a whole.

    Of two findings about one value, as a union makes them, the one that is further in is kept.
    """
    found: dict[Location, str] = {}
    for one in error.errors(include_url=False):
        if one["loc"]:
            location = _without_tags(one["loc"], root, missing=one["type"] == "missing")
            words = fault(one, _keys_at(model, one["loc"]))
            found[location] = f"{found[location]}, or {_WANTED.split(words)[-1]}" if location in found else words
    bad_keys = {one["loc"][:-1] for one in error.errors(include_url=False) if one["loc"][-1:] == (OF_A_KEY,)}
    kept = {
        location: words
        for location, words in found.items()
        if not any(location[: len(key)] == key and location != key for key in bad_keys)
        and (location in bad_keys or not any(_is_above(location, other) for other in found))
    }
    return [problem_at(root, location, words, path, rule) for location, words in kept.items()]


def problem_at(root: Mapping, location: Location, words: str, path: str, rule: str) -> Problem:
    """Return a problem of the value at a location; `words` end the sentence that it begins."""
    node = root.at(location)
    return Problem(path, node.line + 1, node.column + 1, rule, f"{spoken(location)} {words}")


def spoken(location: Location) -> str:
    """Return a location as people say it: `policies.1.name` for the first one's."""
    return ".".join(str(part + 1 if isinstance(part, int) else part) for part in location)


def _is_above(one: Location, other: Location) -> bool:
    return len(one) < len(other) and other[: len(one)] == one


def _without_tags(location: Location, root: Mapping, *, missing: bool) -> Location:
    """Return a location without the words by which pydantic tells the members of a union apart."""
    node: object = root
    kept: list[str | int] = []
    for number, part in enumerate(location):
        inner = _inside(node, part)
        if inner is not None or (missing and number == len(location) - 1):
            kept.append(part)
            node = inner
    return tuple(kept)


def _inside(node: object, part: str | int) -> object | None:
    if isinstance(node, Mapping) and part in node.entries:
        return node.entries[str(part)][1]
    if isinstance(node, Sequence) and isinstance(part, int) and part < len(node.items):
        return node.items[part]
    return None


def _keys_at(model: type[BaseModel], location: Row[str | int]) -> list[str]:
    """Return the keys that there are beside the one that a location leads to."""
    for part in location[:-1]:
        annotation = _fields(model).get(part)
        model = _model_in(annotation) or model
    return [str(key) for key in _fields(model)]


def _fields(model: type[BaseModel]) -> Facts[str | int, Any]:
    return {field.alias or name: field.annotation for name, field in model.model_fields.items()}


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """Return the model that an annotation such as `dict[str, M]` or `M | None` holds."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part))), None)
