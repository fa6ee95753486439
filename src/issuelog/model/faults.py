"""What is wrong with a value, said for people: what stands there, and what would be right."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

OF_A_KEY = "[key]"
"""How pydantic ends the place of a key that is wrong itself."""

_SHOWN = 60
_KEYS_NAMED = 24
_MAPPING = "a mapping of keys to values"
_SHOULD_BE = {
    "dict_type": _MAPPING,
    "model_type": _MAPPING,
    "model_attributes_type": _MAPPING,
    "int_parsing": "a valid integer, written in digits alone",
    "int_from_float": "a valid integer",
    "date_parsing": "a day such as 2026-12-25",
    "date_from_datetime_parsing": "a day such as 2026-12-25",
    "date_from_datetime_inexact": "a day such as 2026-12-25, without a time",
}
"""By kind of error, where pydantic speaks of Python."""
_OF_CLASS = {"Target": "a span of time such as 30min, 4h or 4h business"}
"""The same for values that are an object of this class, and that a person writes as text."""
_PATTERNS = {"^[A-Z][A-Z0-9]{0,7}$": "1 to 8 capital letters and digits, a letter first"}


def fault(error: Mapping[str, Any], known: Collection[str] = ()) -> str:
    """Return one of pydantic's errors as the end of a sentence that begins with the field's name.

    `known` are the keys that there are where an unknown one stands.
    """
    if error["type"] == "missing":
        return "is missing"
    if error["type"] == "extra_forbidden":
        return f"is not known here{_instead(str(error['loc'][-1]), known)}"
    given = _brief(error.get("input"))
    if error["type"] in {"too_long", "string_too_long"} and isinstance(error["input"], str):
        return f"has {len(error['input']):,} characters; it may have {error['ctx']['max_length']:,}"
    if error["type"] == "string_too_short":
        return "is empty"
    if error["type"] in {"enum", "literal_error"}:
        allowed = error["ctx"]["expected"].replace("'", "").replace(" or ", ", ")
        if error["loc"][-1] == OF_A_KEY:
            return f"is not known here; there are {allowed}"
        return f"is {given}; it has to be {'one of ' if ', ' in allowed else ''}{allowed}"
    words = _words(error)
    if words.startswith(given):
        return words.removeprefix(given).lstrip()
    return f"is {given}: {words[:1].lower()}{words[1:]}"


def field_of(error: Mapping[str, Any]) -> str:
    """Return the field's path with dots."""
    return ".".join(str(part) for part in error["loc"])


def did_you_mean(word: str, known: Collection[str]) -> str:
    """Return the question whether something close was meant, as the end of a sentence; nothing where nothing is."""
    from difflib import get_close_matches

    folded = {one.casefold(): one for one in known}
    wanted = word.casefold()
    close = [wanted] if wanted in folded else get_close_matches(wanted, folded, n=2, cutoff=0.6)
    return f"; did you mean {' or '.join(folded[one] for one in close)}?" if close else ""


def _instead(key: str, known: Collection[str]) -> str:
    listed = f"; there are {', '.join(known)}" if 0 < len(known) <= _KEYS_NAMED else ""
    return did_you_mean(key, known) or listed


def _words(error: Mapping[str, Any]) -> str:
    """Return what would be right."""
    context = error.get("ctx") or {}
    if error["type"] == "string_pattern_mismatch" and context["pattern"] in _PATTERNS:
        return f"should be {_PATTERNS[context['pattern']]}"
    wanted = _OF_CLASS.get(context.get("class_name", "")) or _SHOULD_BE.get(error["type"])
    if wanted:
        return f"should be {wanted}"
    words: str = error["msg"].removeprefix("Value error, ").removeprefix("Input ")
    lists = error["type"] == "list_type" and isinstance(error["input"], str) and len(error["input"]) <= _SHOWN
    return f"{words}, as in [{_in_a_list(error['input'])}]" if lists else words


def _in_a_list(text: str) -> str:
    return f'"{text}"' if set(text) & set(",[]{}:") else text


def _brief(given: Any) -> str:
    if given is None:
        return "none"
    if isinstance(given, str):
        return repr(given if len(given) <= _SHOWN else given[: _SHOWN - 1] + "…")
    return "a list" if isinstance(given, list) else "a mapping" if isinstance(given, dict) else repr(given)
