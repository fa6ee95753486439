"""Learning what likeness is worth in one repository, from what its people said is the same error and what is not.

Only how much each kind of likeness counts is learned, four numbers, so that a handful of lessons cannot lead astray:
the listwise softmax that the curves were learned by, with a normal prior around what they say (MAP). It is held
against lessons that it was not learned from, and nothing is changed where it would have ranked those worse.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from issuelog.knowledge.ranking import PLAIN, Emphasis, odds
from issuelog.knowledge.replay import Measured, measure

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FEWEST = 5
"""Fewer lessons say nothing."""
FOLDS = 5
_SPREAD = 0.5
"""How far from 1 an emphasis is expected to be, as a standard deviation."""
_LEAST, _MOST = 0.25, 4.0
_STEPS = 30
_STRIDE = 0.5


@dataclass(frozen=True)
class Lesson:
    """What likeness was worth of a report's best candidates, which of them were the same, and which were not."""

    worth: Mapping[str, Sequence[float]]
    same: Sequence[int]
    other: Sequence[int] = ()


def learned(lessons: Sequence[Lesson]) -> Emphasis:
    """Return how much each kind of likeness counts here; what the curves say where nothing better is found."""
    telling = [lesson for lesson in lessons if lesson.same or lesson.other]
    if len(telling) < FEWEST:
        return PLAIN
    found = _fitted(telling)
    unseen = _measured(telling, without_each(telling))
    plain, seen = (_measured(telling, [one] * len(telling)) for one in (PLAIN, found))
    return found if not (_is_worse(unseen, plain) or _is_worse(seen, plain)) else PLAIN


def without_each(lessons: Sequence[Lesson]) -> list[Emphasis]:
    """Return for each lesson what is learned without it, and without others of its fold; all may be empty."""
    folds = [_fitted([one for place, one in enumerate(lessons) if place % FOLDS != fold]) for fold in range(FOLDS)]
    return [folds[place % FOLDS] for place in range(len(lessons))]


def _measured(lessons: Sequence[Lesson], emphases: Sequence[Emphasis]) -> Measured:
    answers = []
    for lesson, emphasis in zip(lessons, emphases, strict=True):
        score = odds(lesson.worth, emphasis)
        ranked = sorted(range(len(score)), key=lambda place: -score[place])
        if lesson.same:
            answers.append(([str(place) for place in ranked], {str(place) for place in lesson.same}))
    return measure(answers)


def _is_worse(one: Measured, other: Measured) -> bool:
    return one.mrr < other.mrr or one.recall[10] < other.recall[10]


def _fitted(lessons: Sequence[Lesson]) -> Emphasis:
    """Return the most probable emphasis: Newton's method, held between bounds."""
    import numpy as np

    kinds = list(PLAIN)
    emphasis = np.ones(len(kinds))
    tables = [
        (np.array([lesson.worth[kind] for kind in kinds]).T, lesson)
        for lesson in lessons
        if lesson.same or lesson.other
    ]
    for _ in range(_STEPS):
        slope = (1 - emphasis) / _SPREAD**2
        curvature = np.eye(len(kinds)) / _SPREAD**2
        for table, lesson in tables:
            score = table @ emphasis
            share = _shares(score)
            mean = share @ table
            around = (table - mean).T @ ((table - mean) * share[:, None])
            if lesson.same:
                same = list(lesson.same)
                slope += _shares(score[same]) @ table[same] - mean
                curvature += around
            for place in lesson.other:
                held = share[place] / max(1 - share[place], 1e-6)
                slope -= held * (table[place] - mean)
                curvature += held * around
        emphasis = np.clip(emphasis + _STRIDE * np.linalg.solve(curvature, slope), _LEAST, _MOST)
    return {kind: round(float(value), 4) for kind, value in zip(kinds, emphasis, strict=True)}


def _shares(score: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the softmax of scores; the least of them may be too small to be told from nothing."""
    import numpy as np

    share = np.exp(score - score.max())
    return np.asarray(share / share.sum())
