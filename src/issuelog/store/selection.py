"""A query as SQL: which reports of the index are meant, in which order, and how many of them.

Every value goes in as a parameter; what is put together here are names of columns that this module knows.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from issuelog.errors import UsageError
from issuelog.model.query import SEVERITIES, STATES, Among, Contains, Is, OneOf, Range, Says, Term, Test
from issuelog.model.row import CONDITIONS, NEVER
from issuelog.model.times import iso

_HOLDS = {
    "waiting": "waiting",
    "escalated": "escalated",
    "unverified": "unverified",
    "monitoring": "monitored_until > :now",
    "overdue": "due < :now",
    "reopened": "reopened",
    "open": "NOT closed",
    "closed": "closed",
}
MASK = " + ".join(f"({_HOLDS[name]}) * {1 << bit}" for bit, name in enumerate(CONDITIONS))
"""The conditions that hold, as bits in the order of CONDITIONS."""

MOST = 1 << 62
"""A number that SQL can count to; a greater limit is none."""
URGENCY = "urgency"
ORDERS = {
    "id": "id",
    "title": "title",
    "state": f"instr('{' '.join(STATES)}', state)",
    "severity": "severity",
    "owner": "owner",
    "component": "component",
    "customer": "customer",
    "received": "received",
    "updated": "updated",
    "due": "due",
    "version": "version",
}
"""What a list can be sorted by, besides urgency."""


@dataclass
class Selection:
    """The reports that all terms hold for, at a moment. Without an order: the most urgent first."""

    terms: Sequence[Term]
    now: datetime
    order: Sequence[str] = ()
    limit: int | None = None
    _parameters: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.limit = None if self.limit is None or self.limit > MOST else self.limit
        self._parameters["now"] = iso(self.now)
        self._where = " AND ".join(["1", *(self._term(term) for term in self.terms)])

    def rows(self, connection: sqlite3.Connection, columns: str) -> Iterator[tuple[Any, ...]]:
        """Yield these columns of the reports, in order."""
        left = self.limit
        for where, order in self._parts():
            if left is not None and left <= 0:
                return
            some = f"SELECT {columns} FROM report WHERE {where} AND {self._where} ORDER BY {order}"
            cursor = connection.execute(some if left is None else f"{some} LIMIT {left:d}", self._parameters)
            # Row by row: to close what yields from a cursor closes that too, and fails where its database is closed.
            for row in cursor:
                left = None if left is None else left - 1
                yield row

    def count(self, connection: sqlite3.Connection) -> int:
        """Return how many reports are meant."""
        found = connection.execute(f"SELECT count(*) FROM report WHERE {self._where}", self._parameters).fetchone()[0]
        return int(found) if self.limit is None else min(int(found), self.limit)

    def numbers(self) -> tuple[str, dict[str, Any]]:
        """Return the SELECT of the reports' row numbers, with its parameters."""
        return f"SELECT number FROM report WHERE {self._where}", self._parameters

    def _parts(self) -> Iterator[tuple[str, str]]:
        """Yield what is to be listed one after the other: WHERE and ORDER BY of each part.

        Open ones come first, the overdue before the others, the worst before the rest, the earliest due first. Each
        part is a stretch of the index on these columns, so that nothing has to be sorted.
        """
        if self.order:
            yield "1", ", ".join([*map(_ordered, self.order), "id"])
            return
        for closed in (0, 1):
            for overdue in ("due < :now", "due >= :now"):
                for severity in reversed(SEVERITIES):
                    yield f"closed = {closed} AND severity = '{severity}' AND {overdue}", "due, id"

    def _term(self, term: Term) -> str:
        tests = " OR ".join(self._test(test) for test in term.tests)
        return f"NOT ({tests})" if term.negated else f"({tests})"

    def _test(self, test: Test) -> str:
        match test:
            case Among(ids):
                return f"id IN (SELECT value FROM json_each({self._put(json.dumps(ids))}))"
            case OneOf(column, values):
                marks = ", ".join(self._put(value) for value in values)
                return f"{column} IN ({marks})"
            case Contains(column, text):
                return f"instr({column}, {self._put(text)}) > 0"
            case Range(column, low, high):
                parts = [f"{column} NOT IN ('', '{NEVER}')"]
                parts += [f"{column} >= {self._put(low)}"] if low is not None else []
                parts += [f"{column} < {self._put(high)}"] if high is not None else []
                return f"({' AND '.join(parts)})"
            case Is(condition):
                return f"({_HOLDS[condition]})"
            case Says(words):
                mark = self._put(words)
                texts = " OR ".join(f"instr({column}, {mark})" for column in ("title", "error", "story"))
                return f"(instr(about, {mark}) OR EXISTS (SELECT 1 FROM words WHERE rowid = number AND ({texts})))"

    def _put(self, value: str) -> str:
        name = f"p{len(self._parameters)}"
        self._parameters[name] = value
        return f":{name}"


def read_order(given: str | None) -> list[str]:
    """Return the keys of a sort order, `-key` for descending; raises UsageError for an unknown key."""
    keys = list(dict.fromkeys(key.strip().lower() for key in (given or "").split(",") if key.strip()))
    if keys in ([], [URGENCY]):
        return []
    for key in keys:
        if key.removeprefix("-") not in ORDERS:
            raise UsageError(f"--sort: there is no {key!r}; there are: {', '.join([URGENCY, *ORDERS])}")
    return keys


def _ordered(key: str) -> str:
    return f"{ORDERS[key[1:]]} DESC" if key.startswith("-") else ORDERS[key]
