"""What a searcher's answers are worth: how often the first 1, 5 and 10 hold an earlier report of the same error."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from bench.precedent.labelled import LabelledSet

DEPTHS = (1, 5, 10)
_SAMPLES = 1000
_SEED = 1

Answers = Mapping[str, Sequence[str]]
"""Ids for each query, the best first; a query without an answer is a miss."""


@dataclass(frozen=True)
class Score:
    """What the answers to so many queries are worth. `interval` has recall@10 in 95 of 100 samples like this one."""

    queries: int
    recall: Sequence[float]
    mrr: float
    interval: tuple[float, float]


def rank(labelled: LabelledSet, query: str, answer: Iterable[str]) -> int | None:
    """Return the place of the first right one, from 1.

    What is no earlier report takes no place, nor does what was named before.
    """
    place, right = labelled.place, labelled.truth[query]
    earlier = [one for one in dict.fromkeys(answer) if place.get(one, len(place)) < place[query]]
    return next((number for number, one in enumerate(earlier, 1) if one in right), None)


def score(labelled: LabelledSet, answers: Answers, queries: Sequence[str]) -> Score:
    """Return what the answers to these queries are worth."""
    ranks = [rank(labelled, query, answers.get(query, ())) for query in queries]
    hits = [[one is not None and one <= depth for one in ranks] for depth in DEPTHS]
    return Score(
        len(ranks),
        [_mean(found) for found in hits],
        _mean([1 / one if one else 0.0 for one in ranks]),
        _interval(hits[-1]),
    )


def _mean(values: Sequence[float]) -> float:
    return round(sum(values) / (len(values) or 1), 4)


def _interval(hits: Sequence[bool]) -> tuple[float, float]:
    """Return the bounds of 95 % of the means of samples drawn from these, the same each time."""
    if not hits:
        return 0.0, 0.0
    random = Random(_SEED)
    means = sorted(_mean(random.choices(hits, k=len(hits))) for _ in range(_SAMPLES))
    return means[int(_SAMPLES * 0.025)], means[int(_SAMPLES * 0.975)]
