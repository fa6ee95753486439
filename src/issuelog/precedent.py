"""Precedents: the earlier reports and known errors that are most like a report, with the reason and what helped."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from issuelog.knowledge.features import Question, terms_of
from issuelog.knowledge.ranking import GOOD_ENOUGH, reasons, scores
from issuelog.knowledge.recurrence import Offer, offers
from issuelog.knowledge.replay import questions
from issuelog.model import likeness, signature
from issuelog.model.likeness import Likeness
from issuelog.model.report import NONE_SHOWN, Report
from issuelog.model.signature import Signature
from issuelog.model.traces.reading import MESSAGE
from issuelog.store.likeness import ALWAYS, Candidate, Likenesses, number_of

_AT_LEAST_WITH_SIGNATURE = 0.8
_FACTS = """
SELECT number, coalesce(report.id, known_error.id), coalesce(report.item, known_error.item), solution
FROM compared LEFT JOIN report USING (number) LEFT JOIN known_error USING (number) WHERE number IN ({})
"""
_ORIGINAL = """
SELECT outcome.ref, original.solution FROM outcome JOIN report ON report.id = outcome.ref
JOIN compared AS original ON original.number = report.number WHERE outcome.number = ? AND outcome = 'duplicate'
"""
_SAME = """
SELECT report.id, outcome.ref FROM outcome JOIN report USING (number) WHERE outcome IN ('duplicate', 'worked')
"""
_ORDER = "SELECT id FROM report ORDER BY received, id"
_REJECTED = "SELECT ref FROM outcome WHERE number = ? AND outcome = 'rejected'"


@dataclass(frozen=True)
class Asked:
    """What precedents are looked for: a report's likeness, and its id if it has one.

    The signatures are those that identify an error: of a stack trace, or of the error message itself.
    """

    likeness: Likeness
    signatures: Sequence[Signature]
    id: str | None = None
    version: str | None = None
    product: str | None = None
    recurrence_of: str | None = None


def of_report(report: Report) -> Asked:
    """Return what to look for to find a report's precedents."""
    intake = report.intake
    typed = [text for text in (intake.error_message, intake.error_code) if text and text != NONE_SHOWN]
    messages = {str(message) for text in typed if (message := signature.of_message(text))}
    found = [one for one in signature.of_report(report) if one.kind != MESSAGE or str(one) in messages]
    where = intake.environment
    return Asked(likeness.of_report(report), found, report.id, where.version, where.product, report.links.recurrence_of)


def of_text(text: str, at: datetime) -> Asked:
    """Return what to look for to find precedents of something that somebody says or that stands in a log."""
    title, _, body = text.strip().partition("\n")
    traces = [one for one in signature.signatures(text) if one.kind != MESSAGE]
    bare = None if body else signature.of_message(text)
    return Asked(likeness.of_text(title, body, at), traces or ([bare] if bare else []))


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


class Past:
    """All that was reported, as one connection to the index sees it; what is asked several times is looked up once."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._likenesses = Likenesses(connection)

    def find(self, asked: Asked, limit: int, *, earlier: bool = False) -> Found:
        """Return the best precedents: those with the same error signature before all others.

        With `earlier` only what came before the report in question.
        """
        hits = self._hits(asked, limit, earlier=earlier)
        offered = offers(self._connection, asked.signatures, asked.version, asked.product, asked.id)
        return Found(asked.id, hits, [offer for offer in offered if offer.ref != asked.recurrence_of])

    def _hits(self, asked: Asked, limit: int, *, earlier: bool) -> list[Hit]:
        own = number_of(self._connection, asked.id) if asked.id else None
        before = asked.likeness.day if earlier else ALWAYS
        mine = {*asked.likeness.title, *asked.likeness.body} if own is not None else ()
        weights = self._likenesses.weights(terms_of(asked.likeness), own=mine)
        question = Question(self._likenesses.placed(asked.likeness), weights, self._likenesses.rarest)
        same = self._likenesses.with_signature([one.loose for one in asked.signatures], exclude=own, before=before)
        found = self._likenesses.candidates(question.terms, asked.likeness.day, exclude=own, before=before)
        known = {one.number for one in found}
        found += self._likenesses.of_numbers(number for number in same if number not in known)
        ranked = self._ranked(question, found, frozenset(same))
        return list(self._told(question, ranked, self._rejected(own), frozenset(same), limit))

    def _rejected(self, own: int | None) -> set[str]:
        return {ref for (ref,) in self._connection.execute(_REJECTED, (own,))}

    def _ranked(
        self, question: Question, found: Sequence[Candidate], same: frozenset[int]
    ) -> list[tuple[float, Candidate]]:
        """Return the candidates with their scores, the best first."""
        likely = scores(question, [one.likeness for one in found])
        high = _AT_LEAST_WITH_SIGNATURE
        scored = [
            (high + (1 - high) * score if one.number in same else high * score, one)
            for score, one in zip(likely, found, strict=True)
        ]
        return sorted(scored, key=lambda item: (-item[0], -item[1].number))

    def _told(
        self,
        question: Question,
        ranked: Sequence[tuple[float, Candidate]],
        rejected: set[str],
        same: frozenset[int],
        limit: int,
    ) -> Iterator[Hit]:
        wanted = ranked[: limit + len(rejected)]
        sql = _FACTS.format(", ".join(str(one.number) for _, one in wanted))
        facts = {number: rest for number, *rest in self._connection.execute(sql)}
        told = 0
        for score, one in wanted:
            ref, item, solution = facts[one.number]
            if ref in rejected or told == limit:
                continue
            told += 1
            original, its_solution = self._connection.execute(_ORIGINAL, (one.number,)).fetchone() or (None, None)
            shown = json.loads(item)
            why = reasons(question, one.likeness)
            yield Hit(
                ref,
                shown["title"],
                score,
                ["the same error signature", *why] if one.number in same else why,
                shown.get("state"),
                (solution or its_solution) or None,
                original,
            )


def confirmed(connection: sqlite3.Connection) -> dict[str, set[str]]:
    """Return the reports of which the team said that an earlier one is the same error, with all such."""
    order = [ref for (ref,) in connection.execute(_ORDER)]
    return questions(connection.execute(_SAME).fetchall(), order)
