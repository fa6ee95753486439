"""Ranking: how probable it is that an earlier report tells of the same error, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from math import exp, log

from issuelog.knowledge.curves import CURVES, Curve
from issuelog.knowledge.features import Question, features
from issuelog.model.likeness import Likeness
from issuelog.model.terms import stem

Emphasis = Mapping[str, float]
"""How much each kind of likeness counts, by the names in CURVES; 1 for as much as its curves say."""
PLAIN: Emphasis = dict.fromkeys(CURVES, 1.0)
GOOD_ENOUGH = 0.4
"""From this probability on a hit is worth showing unasked."""
_SHARPNESS, _RIVALS, _BIAS = 1.0813, -1.0003, -0.5936
"""Fitted on the same half as the curves, with as many reports that had no precedent at all."""
_USUAL, _CANDIDATES = 2.0, 400
"""So many candidates are usual; the odds of those that are missing where there are fewer."""
_WORDS_SHOWN = 5
_TELLS_LITTLE = log(2)
"""The rarity of a word that half of all reports have: it is no reason, where there is a better one."""


def worth(question: Question, candidates: Sequence[Likeness]) -> dict[str, list[float]]:
    """Return by the kind of likeness what it adds to the log of the odds of each candidate."""
    found = features(question, candidates)
    return {kind: _summed([_heights(curve, found[name]) for name, curve in of.items()]) for kind, of in CURVES.items()}


def odds(worth: Mapping[str, Sequence[float]], emphasis: Emphasis = PLAIN) -> list[float]:
    """Return the log of the odds of each candidate, but for what all have in common."""
    return _summed([[emphasis[kind] * value for value in values] for kind, values in worth.items()])


def probabilities(odds: Sequence[float]) -> list[float]:
    """Return how probable it is of each that it is the same error, in the order of the odds.

    It depends on the rivals: the best of many that are about as good is hardly ever the one.
    """
    best = max([*odds, _USUAL])
    missing = max(0, _CANDIDATES - len(odds)) * exp(_USUAL - best)
    rivals = best + log(missing + sum(exp(one - best) for one in odds))
    return [1 / (1 + exp(-(_SHARPNESS * one + _RIVALS * rivals + _BIAS))) for one in odds]


def _summed(columns: Sequence[Sequence[float]]) -> list[float]:
    return [sum(row) for row in zip(*columns, strict=True)]


def _heights(curve: Curve, values: Sequence[float]) -> list[float]:
    return [_at(curve, value) for value in values]


def _at(curve: Curve, value: float) -> float:
    """Return the height of a curve at a value; it is level beyond its ends."""
    if value <= curve[0][0]:
        return curve[0][1]
    for (left, low), (right, high) in pairwise(curve):
        if value < right:
            return low + (high - low) * (value - left) / (right - left)
    return curve[-1][1]


def reasons(question: Question, candidate: Likeness) -> list[str]:
    """Return in words what a candidate has in common with the question, what tells most first."""
    return list(_reasons(question, candidate))


def _reasons(question: Question, candidate: Likeness) -> Iterator[str]:
    asked = question.likeness
    there = {*candidate.title, *candidate.body}
    shared = [term for term in question.terms if term in there]
    shared = [term for term in shared if question.weights[term] > _TELLS_LITTLE] or shared
    if shared:
        yield f"words: {', '.join(_as_written(term, asked, candidate) for term in shared[:_WORDS_SHOWN])}"
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
