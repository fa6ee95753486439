"""What a list was asked for: `state:new`, `-sev:S4`, `received:>=2026-10-01`, `age:>3d`, `is:overdue`, and words.

A query is read into tests of columns here; the index turns them into SQL.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from issuelog.errors import UsageError
from issuelog.model.row import CONDITIONS, NEVER
from issuelog.model.text import fold
from issuelog.model.times import iso, parse_duration, parse_moment
from issuelog.model.versions import sortable

STATES = ("new", "acknowledged", "reproduced", "resolved", "rca", "closed")
SEVERITIES = ("S4", "S3", "S2", "S1")
"""From the least to the most severe: `sev:>=S2` means S2 and S1."""
CHANNELS = ("email", "phone", "chat", "web", "in_person", "social", "api", "monitoring", "internal")
RESOLUTIONS = (
    "fixed",
    "duplicate",
    "not_an_error",
    "wont_fix",
    "withdrawn",
    "no_response",
    "cannot_reproduce",
    "spam",
)
PARTIES = ("customer", "vendor")
IS = (*CONDITIONS, "open", "closed")
NONE = "none"
"""Asks for an empty field."""
MOST_TESTS = 500
"""The most that a query can ask for: the database takes expressions of 1,000 levels."""


@dataclass(frozen=True)
class OneOf:
    """The column has one of these values."""

    column: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Contains:
    """The column contains the text."""

    column: str
    text: str


@dataclass(frozen=True)
class Range:
    """The column has a value, at or after `low` and before `high`; None leaves a side open."""

    column: str
    low: str | None
    high: str | None


@dataclass(frozen=True)
class Is:
    """The condition holds."""

    condition: str


@dataclass(frozen=True)
class Says:
    """The words are in the title, the error message, the story, or in one of the fields of a line."""

    words: str


@dataclass(frozen=True)
class Among:
    """The report is one of these."""

    ids: tuple[str, ...]


Test = Among | OneOf | Contains | Range | Is | Says


@dataclass(frozen=True)
class Term:
    """Holds where one of the tests does; the other way round where it is `negated`."""

    tests: tuple[Test, ...]
    negated: bool = False


@dataclass(frozen=True)
class _Asked:
    """A value as it was typed: `operator` is one of = > >= < <= .. and `upper` the end of a range."""

    key: str
    operator: str
    value: str
    upper: str
    now: datetime

    def wrong(self, why: str) -> UsageError:
        return UsageError(f"{self.key}: {why}", hint="issuelog list --help   has examples")


_TOKEN = re.compile(r'-?(?:[^\s"]*"[^"]*"?)+[^\s"]*|\S+')
_KEYED = re.compile(r"(-?)([A-Za-z_]+):(.*)", re.DOTALL)
_OPERATORS = (">=", "<=", ">", "<")
_SLIP = re.compile(r"-?([A-Za-z_]+)(>=|<=|>|<|=)(.+)", re.DOTALL)
_SECOND = timedelta(seconds=1)
_VALUE = re.compile(r'"[^"]*"?|,|[^,"]+')
_PART_OF_TIME = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", re.ASCII)


def read_query(arguments: Sequence[str], now: datetime) -> list[Term]:
    """Return the terms of a query, all of which have to hold.

    `key:a,b` means a or b, and a leading `-` turns a term round. Raises UsageError for an unknown key, condition or
    value; it names those that there are.
    """
    terms = [_term(token, now) for argument in arguments for token in _TOKEN.findall(argument)]
    asked = sum(len(term.tests) for term in terms)
    if asked > MOST_TESTS:
        raise UsageError(f"the query asks for {asked:,} things; {MOST_TESTS} is the most")
    return terms


def words_of(terms: Sequence[Term], *, negated: bool = False) -> list[str]:
    """Return the words that are asked for, or with `negated` those that are ruled out."""
    said = [test.words for term in terms if term.negated == negated for test in term.tests if isinstance(test, Says)]
    return [words for words in said if any(map(str.isalnum, words))]


def phrase(words: str) -> Term:
    """Return the term that asks for these words as they are, whatever characters are in them."""
    return Term((Says(fold(words)),))


def _term(token: str, now: datetime) -> Term:
    keyed = _KEYED.fullmatch(token)
    if not keyed or keyed[3].startswith("//"):  # the address of a page has no key
        if (slip := _SLIP.fullmatch(token)) and slip[1].lower() in KEYS:
            key, operator, value = slip.groups()
            raise UsageError(
                f"{token[:80]!r} has no colon behind {key}",
                hint=f"{key}:{operator.removeprefix('=')}{value}, or as words: '\"{token[:80]}\"'",
            )
        without = token.startswith("-") and len(token) > 1
        return Term((Says(fold(token[without:].replace('"', ""))),), without)
    minus, key, values = keyed.groups()
    kind = KEYS.get(key.lower())
    if kind is None:
        raise UsageError(
            f"there is no key {key!r} to search by; there are: {', '.join(KEYS)}",
            hint=f"words that have a colon in them are quoted: '\"{token[:80]}\"'",
        )
    asked = [_asked(key.lower(), value, now) for value in _split(values)] or [_Asked(key.lower(), "=", "", "", now)]
    return Term(tuple(kind(one) for one in asked), bool(minus))


def _split(values: str) -> list[str]:
    """Return the values between the commas; what is quoted stays whole."""
    parts = [""]
    for found in _VALUE.findall(values):
        if found == ",":
            parts.append("")
        else:
            parts[-1] += found.strip('"') if found.startswith('"') else found.strip()
    return [part for part in parts if part]


def _asked(key: str, value: str, now: datetime) -> _Asked:
    operator = next((sign for sign in _OPERATORS if value.startswith(sign)), "=")
    rest = value.removeprefix(operator).strip()
    low, dots, high = rest.partition("..")
    if dots and operator == "=" and key in _ORDERED:
        return _Asked(key, "..", low.strip(), high.strip(), now)
    return _Asked(key, operator, rest, "", now)


def _choice(column: str, values: Sequence[str]) -> Callable[[_Asked], Test]:
    """One of a few words, which have an order."""
    known = {value.lower(): value for value in values}

    def test(asked: _Asked) -> Test:
        if asked.operator == "=" and asked.value.lower() == NONE:
            return OneOf(column, ("",))
        if asked.operator != "=" and asked.key not in _ORDERED:
            raise asked.wrong("takes a value, and no comparison")
        for value in filter(None, (asked.value, asked.upper)):
            if value.lower() not in known:
                raise asked.wrong(f"there is no {value!r}; there are: {', '.join(values)}")
        places = [list(known).index(value.lower()) for value in (asked.value, asked.upper) if value]
        if not places:
            raise asked.wrong(f"a value is missing; there are: {', '.join(values)}")
        first, last = min(places), max(places)
        if asked.operator == ".." and len(places) == 1:
            first, last = (first, len(values) - 1) if asked.value else (0, last)
        chosen = {
            "=": values[first : last + 1],
            "..": values[first : last + 1],
            ">": values[first + 1 :],
            ">=": values[first:],
            "<": values[:first],
            "<=": values[: first + 1],
        }
        return OneOf(column, tuple(chosen[asked.operator]))

    return test


def _part(column: str) -> Callable[[_Asked], Test]:
    """A text that has the value in it."""

    def test(asked: _Asked) -> Test:
        if asked.operator != "=":
            raise asked.wrong("takes a text, and no comparison")
        if not fold(asked.value):
            raise asked.wrong("a value is missing; none asks for an empty field")
        return OneOf(column, ("",)) if asked.value.lower() == NONE else Contains(column, fold(asked.value))

    return test


def _label(asked: _Asked) -> Test:
    if asked.operator != "=":
        raise asked.wrong("takes a label, and no comparison")
    if not fold(asked.value):
        raise asked.wrong("a value is missing; none asks for an empty field")
    return OneOf("labels", ("",)) if asked.value.lower() == NONE else Contains("labels", f"\n{fold(asked.value)}\n")


def _date(column: str) -> Callable[[_Asked], Test]:
    """A time: a day, a month or a year is meant as a whole; in UTC."""

    def test(asked: _Asked) -> Test:
        if asked.operator == "=" and asked.value.lower() == NONE:
            return OneOf(column, ("", NEVER))
        return _between(asked, column, lambda value: _span(value, asked))

    return test


def _between(asked: _Asked, column: str, span: Callable[[str], tuple[str, str]]) -> Range:
    """Return the range that an operator means, where each value stands for the span from its begin to its end."""
    if asked.operator == "..":
        if not asked.value and not asked.upper:
            raise asked.wrong("a range needs a begin or an end")
        low = span(asked.value)[0] if asked.value else None
        high = span(asked.upper)[1] if asked.upper else None
        if low is not None and high is not None and low >= high:
            raise asked.wrong(f"the range ends before it begins; write {asked.upper[:40]}..{asked.value[:40]}")
        return Range(column, low, high)
    if not asked.value:
        raise asked.wrong("a value is missing; none asks for an empty field")
    begin, end = span(asked.value)
    return {
        "=": Range(column, begin, end),
        ">": Range(column, end, None),
        ">=": Range(column, begin, None),
        "<": Range(column, None, begin),
        "<=": Range(column, None, end),
    }[asked.operator]


def _span(text: str, asked: _Asked) -> tuple[str, str]:
    part = _PART_OF_TIME.fullmatch(text)
    try:
        if not part:
            at = parse_moment(text, asked.now)
            is_day = text.lower() in {"today", "yesterday", "tomorrow"}
            return iso(at), iso(at + (timedelta(days=1) if is_day else _SECOND))
        year, month, day = (int(number) if number else None for number in part.groups())
        begin = datetime(year or 0, month or 1, day or 1, tzinfo=UTC)
        if day:
            end = begin + timedelta(days=1)
        elif month:
            end = begin.replace(year=begin.year + month // 12, month=month % 12 + 1)
        else:
            end = begin.replace(year=begin.year + 1)
        return iso(begin), iso(end)
    except (ValueError, OverflowError):
        raise asked.wrong(
            f"{text[:40]!r} is not a time; write it like 2026-11-22, 2026-11, 2026-11-22T09:00Z, today or '2d ago'"
        ) from None


def _age(column: str) -> Callable[[_Asked], Test]:
    """How long ago a time is; older is earlier."""

    def test(asked: _Asked) -> Test:
        def ago(text: str, *, after: bool = False) -> str:
            """Return the time so long ago, or the second after it."""
            try:
                return iso(asked.now - parse_duration(text) + after * _SECOND)
            except OverflowError:
                raise asked.wrong(f"{text[:40]!r} ago is no time") from None
            except ValueError as error:
                raise asked.wrong(str(error)) from None

        if asked.operator == "..":
            if not asked.value and not asked.upper:
                raise asked.wrong("a range needs a begin or an end")
            low = ago(asked.upper) if asked.upper else None
            high = ago(asked.value, after=True) if asked.value else None
            if low is not None and high is not None and low >= high:
                raise asked.wrong(f"the range ends before it begins; write {asked.upper[:40]}..{asked.value[:40]}")
            return Range(column, low, high)
        if asked.operator == "=":
            raise asked.wrong("takes a comparison or a range: age:>3d, age:<2h, age:1d..7d")
        at, after = ago(asked.value), ago(asked.value, after=True)
        return {
            ">": Range(column, None, at),
            ">=": Range(column, None, after),
            "<": Range(column, after, None),
            "<=": Range(column, at, None),
        }[asked.operator]

    return test


def _version(asked: _Asked) -> Test:
    if asked.operator == "=" and asked.value.lower() == NONE:
        return OneOf("version", ("",))
    return _between(asked, "version", lambda value: (sortable(value), sortable(value) + "\0"))


def _is(asked: _Asked) -> Test:
    name = asked.value.lower()
    if asked.operator != "=" or name not in IS:
        raise UsageError(f"there is no condition {asked.value!r}; there are: {', '.join(sorted(IS))}")
    return Is(name)


KEYS: dict[str, Callable[[_Asked], Test]] = {
    "id": _part("lower(id)"),
    "title": _part("title"),
    "state": _choice("state", STATES),
    "severity": _choice("severity", SEVERITIES),
    "sev": _choice("severity", SEVERITIES),
    "owner": _part("owner"),
    "component": _part("component"),
    "customer": _part("customer"),
    "contact": _part("contact"),
    "tier": _part("tier"),
    "label": _label,
    "channel": _choice("channel", CHANNELS),
    "ref": _part("ref"),
    "product": _part("product"),
    "version": _version,
    "waiting": _choice("waiting_on", PARTIES),
    "resolution": _choice("resolution", RESOLUTIONS),
    "received": _date("received"),
    "updated": _date("updated"),
    "closed": _date("closed_at"),
    "due": _date("due"),
    "clock": _part("clock"),
    "age": _age("received"),
    "idle": _age("updated"),
    "is": _is,
}
"""What a query can ask for by name, and how the values of each are read."""
_ORDERED = frozenset({"state", "severity", "sev", "received", "updated", "closed", "due", "version", "age", "idle"})
