"""What the index has to say about likeness: how rare terms are, and which files have the most of them.

SQLite's own ranking only chooses the candidates; it knows neither when a report came nor what it is about.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import log

from issuelog.model.likeness import Likeness
from issuelog.store.meaning import Meanings, nearness, unpacked

MOST_CANDIDATES = 400
_LOOKED_AT = 1_200
"""So many that share words are looked at; which of them are candidates, their meaning says as well."""
_MEANING = 0.5
"""What the same meaning counts, against the most that words do."""
_TITLE_WEIGHT = 12.0
_DAYS_FRESH = 60
_FRESHNESS = 0.4
"""How much more a candidate counts that came right before."""
_CANDIDATES = f"""
SELECT number, -score * (1 + {_FRESHNESS} / (1 + abs(:day - day) / {_DAYS_FRESH}.0)) AS worth, direction FROM (
    SELECT rowid AS number, bm25(terms, {_TITLE_WEIGHT}, 1.0) AS score FROM terms WHERE terms MATCH :match
) JOIN compared USING (number) LEFT JOIN meaning USING (number) WHERE number <> :exclude AND day <= :before
ORDER BY worth DESC, day DESC, number DESC LIMIT {_LOOKED_AT}
"""  # noqa: S608
_LIKENESS = """
SELECT number, coalesce(report.id, known_error.id), terms.title, terms.body, compared.day, terms.beginning,
    compared.product, compared.version, compared.components, compared.prefix, direction
FROM compared JOIN terms ON terms.rowid = number LEFT JOIN meaning USING (number)
    LEFT JOIN report USING (number) LEFT JOIN known_error USING (number) WHERE number IN ({})
"""
_WITH_SIGNATURE = """
SELECT number FROM signature JOIN compared USING (number)
WHERE loose IN ({}) AND number <> ? AND day <= ? AND (
    SELECT count(DISTINCT loose) FROM signature AS own WHERE own.number = signature.number
) <= ? GROUP BY number ORDER BY day DESC, number DESC LIMIT 50
"""
_MOST_SIGNATURES = 8
"""What has more is a log, or wants to be found by everybody, and is not of the same error for sharing one."""
ALWAYS = 1e9
"""A day after all others."""


@dataclass(frozen=True)
class Candidate:
    """A report or known error that is like the one in question.

    `number` is its file's in the index, which has another one whenever it is read again: no order is to depend on it.
    """

    number: int
    ref: str
    likeness: Likeness


class Likenesses:
    """The likenesses of all files, as one connection to the index sees them."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._rarity: dict[str, int] = {}

    @cached_property
    def _all(self) -> int:
        """How many files there are."""
        return int(self._connection.execute("SELECT count(*) FROM compared").fetchone()[0])

    @cached_property
    def _meanings(self) -> Meanings:
        return Meanings(self._connection)

    @property
    def rarest(self) -> float:
        """What a term weighs that only one file has."""
        return self._weight(1)

    def _weight(self, files: int) -> float:
        """Return the inverse document frequency of a term that so many files have."""
        return log(1 + (self._all - files + 0.5) / (files + 0.5))

    def weights(self, terms: Iterable[str], *, own: Iterable[str] = ()) -> dict[str, float]:
        """Return how much each term tells that a file has; of those in `own`, that another one has."""
        mine = set(own)
        counts = {term: self._files(term) - (term in mine) for term in terms}
        return {term: self._weight(count) for term, count in counts.items() if count > 0}

    def _files(self, term: str) -> int:
        if term not in self._rarity:
            found = self._connection.execute("SELECT doc FROM term WHERE term = ?", (term,)).fetchone()
            self._rarity[term] = found[0] if found else 0
        return self._rarity[term]

    def understood(self, likeness: Likeness) -> Likeness:
        """Return it with what it means in this tracker."""
        return replace(likeness, meaning=self._meanings.of(likeness.title, likeness.body))

    def candidates(
        self, terms: Iterable[str], asked: Likeness, *, exclude: int | None = None, before: float = ALWAYS
    ) -> list[Candidate]:
        """Return those that have the most of some terms and mean the most alike, of all up to the day `before`."""
        if not terms:
            return []
        match = " OR ".join(f'"{term}"' for term in terms)  # letters and digits alone: nothing in it is an operator
        named = {"match": match, "day": asked.day, "before": before, "exclude": exclude or 0}
        found = self._connection.execute(_CANDIDATES, named).fetchall()
        if asked.meaning and len(found) > MOST_CANDIDATES:
            most = found[0][1] or 1.0
            worth = {
                number: words / most + _MEANING * (nearness(asked.meaning, unpacked(direction)) if direction else 0.0)
                for number, words, direction in found
            }
            found.sort(key=lambda row: -worth[row[0]])
        return self.of_numbers([number for number, *_ in found[:MOST_CANDIDATES]])

    def of_numbers(self, numbers: Sequence[int]) -> list[Candidate]:
        """Return these files, those that there are."""
        sql = _LIKENESS.format(", ".join(map(str, numbers)))
        found = {row[0]: Candidate(row[0], row[1], _likeness(*row[2:])) for row in self._connection.execute(sql)}
        return [found[number] for number in numbers if number in found]

    def with_signature(self, looses: Sequence[str], *, exclude: int | None = None, before: float = ALWAYS) -> list[int]:
        """Return the numbers of files that have one of these signatures, the newest first."""
        if not looses:
            return []
        sql = _WITH_SIGNATURE.format(", ".join("?" * len(looses)))
        return [
            number for (number,) in self._connection.execute(sql, (*looses, exclude or 0, before, _MOST_SIGNATURES))
        ]


def _likeness(
    title: str,
    body: str,
    day: float,
    beginning: str,
    product: str,
    version: str,
    components: str,
    prefix: str,
    direction: bytes | None,
) -> Likeness:
    return Likeness(
        title.split(),
        body.split(),
        beginning,
        day,
        product,
        version,
        frozenset(components.split()),
        frozenset(prefix.split()),
        unpacked(direction) if direction else (),
    )


def number_of(connection: sqlite3.Connection, ref: str) -> int | None:
    """Return the number of a report or a known error."""
    sql = "SELECT number FROM report WHERE id = ?1 UNION ALL SELECT number FROM known_error WHERE id = ?1"
    found = connection.execute(sql, (ref,)).fetchone()
    return int(found[0]) if found else None
