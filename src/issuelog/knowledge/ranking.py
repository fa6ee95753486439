"""Ranking: how probable it is that an earlier report tells of the same error, and why.

The weights were learned from the earlier half of the labelled duplicates of a public tracker, by a listwise softmax
over the candidates of each (Cao et al., Learning to Rank: From Pairwise Approach to Listwise Approach, 2007), with a
penalty on large ones. docs/concepts/precedent.md has what they reach.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import exp

from issuelog.knowledge.features import NAMES, Question, features
from issuelog.model.likeness import Likeness
from issuelog.model.terms import stem

WEIGHTS = {
    "words_rank": -0.1993,
    "title_body": 0.5449,
    "body_title": 0.5331,
    "body_body": 0.1365,
    "title_covers": 0.3102,
    "title_in_body": 0.3920,
    "body_in_title": 0.1826,
    "letters": 0.8633,
    "rarest": 0.6413,
    "rarest_three": 0.7653,
    "title_length": -0.3565,
    "body_length": -0.1550,
    "log_age": -0.0154,
    "month": 0.4784,
    "half_year": 0.7053,
    "reports_between": -0.0079,
    "same_version": 0.0880,
    "same_prefix": 0.2536,
    "same_component": 0.2057,
    "other_component": -0.1402,
    "same_tags": 0.2535,
    "other_tags": -0.3321,
}
"""What each feature adds to the log of the odds; one that is not here adds nothing. No likeness counts against."""
_BIAS = -4.1336
"""Fitted on the same half, so that the score is about the share of duplicates among the best ten."""
GOOD_ENOUGH = 0.3
"""From this score on a hit is worth showing unasked: of four such about one is the same error."""
_WORDS_SHOWN = 5


def scores(question: Question, candidates: Sequence[Likeness]) -> list[float]:
    """Return for each candidate a score from 0 to 1: about the probability that it is the same error."""
    weights = [WEIGHTS.get(name, 0.0) for name in NAMES]
    found = []
    for row in features(question, candidates):
        odds = _BIAS + sum(weight * value for weight, value in zip(weights, row, strict=True))
        found.append(1 / (1 + exp(-max(-50.0, min(50.0, odds)))))
    return found


def reasons(question: Question, candidate: Likeness) -> list[str]:
    """Return in words what a candidate has in common with the question, what tells most first."""
    return list(_reasons(question, candidate))


def _reasons(question: Question, candidate: Likeness) -> Iterator[str]:
    asked = question.likeness
    there = {*candidate.title, *candidate.body}
    shared = [term for term in question.terms if term in there][:_WORDS_SHOWN]
    if shared:
        yield f"words: {', '.join(_as_written(term, asked, candidate) for term in shared)}"
    components = asked.components & candidate.components
    if components:
        yield f"component: {' '.join(sorted(components))}"
    if asked.product and asked.product == candidate.product:
        same = asked.version and asked.version == candidate.version
        yield f"product: {asked.product} {asked.version}" if same else f"product: {asked.product}"


def _as_written(term: str, *likenesses: Likeness) -> str:
    """Return a word that has this term, where one stands at the beginning of a text; else the term."""
    words = (word for likeness in likenesses for word in likeness.beginning.split())
    return next((word for word in words if word == term or stem(word) == term), term)
