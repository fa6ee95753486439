"""What `list` was asked for: `state:new`, `-sev:S4`, `is:overdue`, and words to be found in the text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from issuelog.errors import UsageError
from issuelog.model.row import CONDITIONS, Row

Test = Callable[[Row], bool]

_EXACT = {"state": "state", "sev": "severity", "severity": "severity", "channel": "channel", "id": "id"}
_PARTS = {
    "owner": "owner",
    "component": "component",
    "customer": "customer",
    "title": "title",
    "ref": "external_ref",
}
KEYS = (*_EXACT, *_PARTS, "label", "is")


def compile_query(terms: Sequence[str], words: Sequence[str] = ()) -> Test:
    """Return the test that a finished row has to pass: all terms hold, and all `words` are in its text.

    `key:a,b` means a or b; a leading `-` turns a term round; a term without a key is looked for in the title, the
    error message and the story. Raises UsageError for an unknown key or condition.
    """
    tests = [*(_term(term) for term in terms if term), *(_contains(word) for word in words)]
    return lambda row: all(test(row) for test in tests)


def _term(term: str) -> Test:
    if term.startswith("-") and len(term) > 1:
        inner = _term(term[1:])
        return lambda row: not inner(row)
    key, colon, wanted = term.partition(":")
    if not colon or not key.isalpha():
        return _contains(term)
    values = [value.strip().lower() for value in wanted.split(",")]
    if key == "is":
        return _condition(values)
    if key == "label":
        return lambda row: any(value in map(str.lower, row["labels"]) for value in values)
    if key in _EXACT:
        field = _EXACT[key]
        return lambda row: (row[field] or "").lower() in values
    if key in _PARTS:
        part = _PARTS[key]
        return lambda row: any(_says(row[part], value) for value in values)
    raise UsageError(f"there is no key {key!r} to search by; there are: {', '.join(KEYS)}")


def _contains(word: str) -> Test:
    needle = word.lower()
    return lambda row: needle in row["text"] or needle in row["id"].lower()


def _says(text: str | None, value: str) -> bool:
    """Whether a field contains the value; the value `none` asks for an empty field."""
    return not text if value == "none" else value in (text or "").lower()


def _condition(names: Iterable[str]) -> Test:
    wanted = set(names)
    known = {*CONDITIONS, "open", "closed"}
    for name in wanted:
        if name not in known:
            raise UsageError(f"there is no condition {name!r}; there are: {', '.join(sorted(known))}")
    return lambda row: bool(wanted & {*row["conditions"], "closed" if row["state"] == "closed" else "open"})
