"""What is wrong with a value, said for people: what stands there, and what would be right."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_SHOWN = 60


def fault(error: Mapping[str, Any]) -> str:
    """Return one of pydantic's errors as the end of a sentence that begins with the field's name."""
    if error["type"] == "missing":
        return "is missing"
    if error["type"] == "extra_forbidden":
        return "is not known here"
    given = _brief(error.get("input"))
    if error["type"] in {"too_long", "string_too_long"} and isinstance(error["input"], str):
        return f"has {len(error['input']):,} characters; it may have {error['ctx']['max_length']:,}"
    if error["type"] == "string_too_short":
        return "is empty"
    if error["type"] in {"enum", "literal_error"}:
        allowed = error["ctx"]["expected"].replace("'", "").replace(" or ", ", ")
        return f"is {given}; it has to be one of {allowed}"
    words: str = error["msg"].removeprefix("Value error, ").removeprefix("Input ")
    if words.startswith(given):
        return words.removeprefix(given).lstrip()
    return f"is {given}: {words[:1].lower()}{words[1:]}"


def field_of(error: Mapping[str, Any]) -> str:
    """Return the field's path with dots."""
    return ".".join(str(part) for part in error["loc"])


def _brief(given: Any) -> str:
    if isinstance(given, str):
        return repr(given if len(given) <= _SHOWN else given[: _SHOWN - 1] + "…")
    return "a list" if isinstance(given, list) else "a mapping" if isinstance(given, dict) else repr(given)
