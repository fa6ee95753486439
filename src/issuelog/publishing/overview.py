"""Known errors in a list: what each is about, how often it helped, and whether somebody should look at it again."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from issuelog.model.history import DONE
from issuelog.model.identifier import KNOWN_ERROR
from issuelog.model.text import fold
from issuelog.model.times import parse_iso
from issuelog.store.search import Search

OUTCOMES = ("worked", "failed", "partial")
_SEARCHED = ("id", "title", "symptom", "component", "product", "labels", "signature", "affected_versions", "fixed_in")
Row = dict[str, Any]


@dataclass
class Applied:
    """How often a known error was applied, with what outcome, and how and when the last time."""

    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(OUTCOMES, 0))
    last: tuple[str, str] = ("", "")


class KnownErrors(Search):
    """A search in known errors alone."""

    def _where(self) -> tuple[str, dict[str, object]]:
        # With a plus SQLite asks for the words once, and not once for each of the numbers.
        return "words MATCH :match AND +rowid IN (SELECT number FROM known_error)", {}


def overview(connection: sqlite3.Connection, now: datetime, review_days: int) -> list[Row]:
    """Return all known errors, the newest first."""
    applied = _applied(connection)
    rows = connection.execute("SELECT item FROM known_error ORDER BY id DESC").fetchall()
    items = [json.loads(item) for (item,) in rows]
    open_again = _open(connection, {source for item in items for source in item["sources"]})
    found = [_row(item, applied, open_again, now, review_days) for item in items]
    return sorted(found, key=lambda row: (row["published_at"], row["id"]), reverse=True)


def matching(rows: Iterable[Row], words: Sequence[str]) -> list[Row]:
    """Return those that have every one of these words, wherever in what a list shows of them."""
    wanted = [fold(word) for word in words]
    return [row for row in rows if all(word in _text(row) for word in wanted)]


def stale(looked_at: datetime, last: tuple[str, str], now: datetime, review_days: int) -> list[str]:
    """Return why somebody should look at a known error again: its last review is long ago, or it did not help since."""
    reasons = []
    if now - looked_at > timedelta(days=review_days):
        reasons.append(f"not reviewed for {(now - looked_at).days} days")
    at, outcome = last
    if outcome == "failed" and parse_iso(at) > looked_at:
        reasons.append(f"the last application failed ({at[:10]})")
    return reasons


def _applied(connection: sqlite3.Connection) -> dict[str, Applied]:
    found: dict[str, Applied] = {}
    sql = "SELECT ref, outcome, at FROM outcome WHERE ref LIKE ? ORDER BY at, outcome"
    for ref, outcome, at in connection.execute(sql, (f"{KNOWN_ERROR}-%",)):
        if outcome in OUTCOMES:
            one = found.setdefault(ref.upper(), Applied())
            one.counts[outcome] += 1
            one.last = (at, outcome)
    return found


def _open(connection: sqlite3.Connection, sources: set[str]) -> set[str]:
    sql = """SELECT id FROM report WHERE id IN (SELECT value FROM json_each(?))
        AND state NOT IN (SELECT value FROM json_each(?))"""
    return {one for (one,) in connection.execute(sql, (json.dumps(sorted(sources)), json.dumps(sorted(DONE))))}


def _row(item: Row, every: dict[str, Applied], open_again: set[str], now: datetime, review_days: int) -> Row:
    applied = every.get(item["id"], Applied())
    looked_at = max(parse_iso(at) for at in (item["published_at"], item["reviewed_at"]) if at)
    reasons = [] if item["retired_at"] else stale(looked_at, applied.last, now, review_days)
    if not item["retired_at"]:
        reasons += [f"{one} is open again" for one in item["sources"] if one in open_again]
    state = "retired" if item["retired_at"] else "stale" if reasons else "current"
    return {**item, "state": state, "applied": applied.counts, "stale": reasons}


def _text(row: Row) -> str:
    values = (row[name] for name in _SEARCHED)
    return fold(" ".join(" ".join(value) if isinstance(value, list) else str(value or "") for value in values))
