"""Facts as words: names of fields, times in the tracker's zone, sections of a report as lines and tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from issuelog.model.paper import Facts, Grid, grid
from issuelog.model.times import in_zone, parse_iso

_LONG = 60
_ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_LABELS = {
    "at": "when",
    "os": "operating system",
    "end_kind": "ends in",
    "missing_level": "level of test that was missing",
    "should_have": "what should have noticed it",
    "gap_minutes": "noticed too late by, in minutes",
    "spread": "where else",
    "customer_summary": "for the customer",
    "not_done": "not done",
    "sha256": "SHA-256",
    "original_sha256": "SHA-256 before secrets were replaced",
    "external_ref": "reference",
    "runs": "runs",
    "hits": "times seen",
    "refs": "changes",
    "seen": "times seen",
    "upto": "read up to",
}


@dataclass(frozen=True)
class Wording:
    """How a document says facts: times are those of a zone."""

    timezone: str

    @cached_property
    def zone(self) -> tzinfo:
        """The zone; UTC where the name is none that this machine knows."""
        try:
            return ZoneInfo(self.timezone)
        except (ValueError, OSError, KeyError):
            return UTC

    def time(self, text: str) -> str:
        """Return a time as people read it, 2026-11-16 09:00 CET; what only looks like one stays as it is."""
        try:
            here = in_zone(parse_iso(text), self.zone)
        except ValueError:
            return text
        return f"{here:%Y-%m-%d %H:%M} {here.tzname()}"

    def value(self, value: Any) -> str:
        """Return a value as a text."""
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, str) and _ISO.fullmatch(value):
            return self.time(value)
        if isinstance(value, Mapping):
            return "\n".join(f"{label(name)}: {self.value(part)}" for name, part in value.items())
        if isinstance(value, list):
            return self._listed([self.value(part) for part in value])
        return "" if value is None else str(value)

    def _listed(self, parts: Sequence[str]) -> str:
        if len(parts) < 2 or not any("\n" in part or len(part) > _LONG for part in parts):
            return ", ".join(parts)
        return "\n".join(f"{number}. {part}" for number, part in enumerate(parts, 1))

    def facts(self, data: Mapping[str, Any] | None, skip: Iterable[str] = ()) -> Facts:
        """Return a section as lines, in its own order; what lies deeper has its path for a name."""
        left = frozenset(skip)
        kept = {name: part for name, part in (data or {}).items() if name not in left}
        return Facts(tuple(self._rows(kept)))

    def _rows(self, data: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
        for name, part in data.items():
            said = f"{path} {label(name)}".strip()
            if isinstance(part, Mapping):
                yield from self._rows(part, said)
            elif words := self.value(part).strip("\n"):
                yield said, words

    def table(self, items: Sequence[Mapping[str, Any]], first: Sequence[str] = (), skip: Iterable[str] = ()) -> Grid:
        """Return things of one kind as a table: some columns first, then every other that one of them has."""
        left = frozenset(skip)
        names = dict.fromkeys([*first, *(name for item in items for name in item)])
        columns = [name for name in names if name not in left]
        return grid(
            [label(name) for name in columns],
            [[self._cell(name, item.get(name)) for name in columns] for item in items],
        )

    def _cell(self, name: str, value: Any) -> str:
        """Return a value as a table has it: of who did something the name, for lines are short."""
        return person(value) if name == "by" and isinstance(value, str) else self.value(value)


def person(by: str) -> str:
    """Return somebody's name without the address; what is no name stays."""
    return by.partition(" <")[0] or by


def label(name: str) -> str:
    """Return a field's name as a person reads it."""
    if name in _LABELS:
        return _LABELS[name]
    return re.sub(r"[ _](at|in)$", "", name).replace("_", " ") if name.endswith("_at") else name.replace("_", " ")
