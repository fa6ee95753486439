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
    "words": -0.3023,
    "words_rank": -0.5626,
    "words_above": -0.1245,
    "title_title": 0.3015,
    "title_body": 1.1736,
    "body_title": 1.7618,
    "body_body": 1.6116,
    "title_covered": -0.3990,
    "title_covers": 1.8742,
    "title_cosine": -1.4382,
    "title_in_body": 1.3572,
    "body_in_title": -0.1183,
    "body_cosine": -5.4129,
    "letters": 2.7249,
    "rarest": 1.4820,
    "rarest_three": 2.8165,
    "shared": 0.6332,
    "title_length": -0.8188,
    "body_length": -0.5334,
    "beginning": 1.6815,
    "log_age": -0.0265,
    "month": 1.1554,
    "half_year": 1.7183,
    "reports_between": -0.0247,
    "same_product": -0.3624,
    "same_version": 0.1837,
    "same_prefix": 0.5694,
    "same_component": 0.5929,
    "other_component": -0.3664,
    "same_tags": 0.6093,
    "other_tags": -0.7412,
}
_BIAS = 3.9816
_SCALE, _SHIFT = 0.5096, -6.1795
"""What makes a probability of it, fitted on the same half: that one of the best ten is a duplicate."""
GOOD_ENOUGH = 0.3
"""From this score on a hit is worth showing unasked: of ten such about four are the same error."""
_WORDS_SHOWN = 5


def scores(question: Question, candidates: Sequence[Likeness]) -> list[float]:
    """Return for each candidate a score from 0 to 1, the probability that it is the same error."""
    weights = [WEIGHTS[name] for name in NAMES]
    found = []
    for row in features(question, candidates):
        told = sum(weight * value for weight, value in zip(weights, row, strict=True)) + _BIAS
        found.append(1 / (1 + exp(-max(-50.0, min(50.0, _SCALE * told + _SHIFT)))))
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
