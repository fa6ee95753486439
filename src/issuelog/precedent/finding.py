"""Finding precedents: those with the same error signature before all others, and these by how probable they are."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from issuelog.knowledge.features import Question, terms_of
from issuelog.knowledge.ranking import GOOD_ENOUGH, PLAIN, Emphasis, odds, probabilities, reasons, worth
from issuelog.knowledge.recurrence import Offer, offers
from issuelog.knowledge.standing import Standing
from issuelog.precedent.asked import Asked
from issuelog.store.likeness import ALWAYS, Candidate, Likenesses, number_of
from issuelog.store.outcomes import all_outcomes

_AT_LEAST_WITH_SIGNATURE = 0.8
_FACTS = """
SELECT number, coalesce(report.item, known_error.item), solution, (
    SELECT ref FROM outcome WHERE outcome.number = compared.number AND outcome = 'duplicate'
) FROM compared LEFT JOIN report USING (number) LEFT JOIN known_error USING (number) WHERE number IN ({})
"""
_SOLUTIONS = "SELECT id, solution FROM report JOIN compared USING (number) WHERE id IN ({})"
_REJECTED = """
WITH rejected AS (SELECT ref FROM outcome WHERE number = ? AND outcome = 'rejected'),
same (id) AS (
    SELECT ref FROM rejected
    UNION SELECT outcome.ref FROM outcome JOIN report USING (number) WHERE outcome = 'duplicate' AND id IN rejected
)
SELECT number FROM report WHERE id IN same UNION SELECT number FROM known_error WHERE id IN same
UNION SELECT number FROM outcome WHERE outcome = 'duplicate' AND ref IN same
"""
"""What is not the same is neither the same as what that is a duplicate of, nor as the duplicates of either."""
_DAY_SECONDS = 86_400


@dataclass(frozen=True)
class Hit:
    """A precedent. `score` is from 0 to 1: from 0.8 on it has the same error signature, below it the probability.

    A known error has no state. `solution` says in short what helps, `original` whose duplicate it is.
    """

    ref: str
    title: str
    score: float
    why: Sequence[str]
    state: str | None
    solution: str | None
    original: str | None = None

    @property
    def is_good(self) -> bool:
        """Whether it is worth being shown unasked."""
        return self.score >= GOOD_ENOUGH * _AT_LEAST_WITH_SIGNATURE

    def data(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "ref": self.ref,
            "score": round(self.score, 4),
            "why": list(self.why),
            "state": self.state,
            "solution": self.solution,
            "title": self.title,
            "duplicate_of": self.original,
        }


@dataclass(frozen=True)
class Found:
    """What the past has for a report: precedents, the best first, and what those with the same error mean for it."""

    id: str | None
    hits: Sequence[Hit]
    offers: Sequence[Offer]

    def data(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "id": self.id,
            "hits": [hit.data() for hit in self.hits],
            "offers": [offer.data() for offer in self.offers],
        }

    def good(self) -> Found:
        """Return what of it is worth being shown unasked."""
        return replace(self, hits=[hit for hit in self.hits if hit.is_good])


@dataclass(frozen=True)
class Compared:
    """What a report was held against: the candidates, and what likeness to each is worth.

    `standings` add to the odds of each that its solution worked, and take from them that it did not. `same` are the
    numbers of those with the same signature, `rejected` of those of which somebody said that they are another error.
    """

    asked: Asked
    question: Question
    candidates: Sequence[Candidate]
    worth: Mapping[str, Sequence[float]]
    standings: Sequence[float]
    same: frozenset[int]
    rejected: frozenset[int]


class Past:
    """All that was reported, as one connection to the index sees it; what is asked several times is looked up once."""

    def __init__(self, connection: sqlite3.Connection, emphasis: Emphasis = PLAIN) -> None:
        self._connection = connection
        self._likenesses = Likenesses(connection)
        self._emphasis = emphasis

    def find(self, asked: Asked, limit: int, *, earlier: bool = False) -> Found:
        """Return the best precedents. With `earlier` only what came before the report in question."""
        compared = self.compare(asked, earlier=earlier)
        hits = list(self._told(compared, self.ranked(compared, self._emphasis)[:limit]))
        offered = offers(self._connection, asked.signatures, asked.version, asked.product, asked.id)
        return Found(asked.id, hits, [offer for offer in offered if offer.ref != asked.recurrence_of])

    def compare(self, asked: Asked, *, earlier: bool = False) -> Compared:
        """Hold a report against those that are most like it."""
        own = number_of(self._connection, asked.id) if asked.id else None
        before = asked.likeness.day if earlier else ALWAYS
        mine = {*asked.likeness.title, *asked.likeness.body} if own is not None else ()
        weights = self._likenesses.weights(terms_of(asked.likeness), own=mine)
        question = Question(self._likenesses.understood(asked.likeness), weights, self._likenesses.rarest)
        same = self._likenesses.with_signature([one.loose for one in asked.signatures], exclude=own, before=before)
        found = self._likenesses.candidates(question.terms, question.likeness, exclude=own, before=before)
        known = {one.number for one in found}
        found += self._likenesses.of_numbers([number for number in same if number not in known])
        tried = all_outcomes(self._connection, but_of=own or 0, until=before * _DAY_SECONDS)
        standings = [Standing.of(tried.get(one.number, {})).log_odds for one in found]
        rejected = frozenset(number for (number,) in self._connection.execute(_REJECTED, (own,)))
        likely = worth(question, [one.likeness for one in found])
        return Compared(asked, question, found, likely, standings, frozenset(same), rejected)

    def ranked(self, compared: Compared, emphasis: Emphasis) -> list[tuple[float, Candidate]]:
        """Return the candidates with their scores, the best first; none that somebody rejected."""
        pairs = zip(odds(compared.worth, emphasis), compared.standings, strict=True)
        likely = probabilities([one + standing for one, standing in pairs])
        high = _AT_LEAST_WITH_SIGNATURE
        scored = [
            (high + (1 - high) * score if one.number in compared.same else high * score, one)
            for score, one in zip(likely, compared.candidates, strict=True)
            if one.number not in compared.rejected
        ]
        return sorted(scored, key=lambda item: (item[0], item[1].likeness.day, item[1].ref), reverse=True)

    def _facts(self, ranked: Sequence[tuple[float, Candidate]]) -> dict[int, tuple[str, str, str | None]]:
        sql = _FACTS.format(", ".join(str(one.number) for _, one in ranked))
        found = self._connection.execute(sql)
        return {number: (item, solution, original) for number, item, solution, original in found}

    def _told(self, compared: Compared, ranked: Sequence[tuple[float, Candidate]]) -> Iterator[Hit]:
        facts = self._facts(ranked)
        originals = [original for *_, original in facts.values() if original]
        asked = _SOLUTIONS.format(", ".join("?" * len(originals)))
        solutions: dict[str, str] = dict(self._connection.execute(asked, originals).fetchall())
        for score, one in ranked:
            item, solution, original = facts[one.number]
            shown = json.loads(item)
            why = reasons(compared.question, one.likeness)
            yield Hit(
                one.ref,
                shown["title"],
                score,
                ["the same error signature", *why] if one.number in compared.same else why,
                shown.get("state"),
                solution or solutions.get(original or "") or None,
                original,
            )
