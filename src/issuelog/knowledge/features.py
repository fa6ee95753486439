"""How two reports are alike, in numbers that mean the same in every tracker: shares, ranks and days.

A feature compares the report in question with one candidate; where it is relative, with the best of all candidates.
`ranking` has learned what each is worth. Sources: for words in fields BM25F (Robertson and Zaragoza, The Probabilistic
Relevance Framework, 2009); for recency and component as priors, Runeson et al., Detection of Duplicate Defect Reports
Using Natural Language Processing, 2007.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import exp, log1p

from issuelog.model.likeness import Likeness

_TITLE_WEIGHT = 12.0
_SATURATION = 6.0
"""How soon a further occurrence of a word tells nothing more (k1)."""
_TITLE_LENGTH, _BODY_LENGTH = 0.3, 0.7
"""How far a longer text makes a word in it tell less (b)."""
_WORDS_OF_TITLE = 6.0
"""What a word in the title in question counts, against one in its text."""
_MOST_TERMS = 30
"""So many terms of a question are looked for: the rarer tell nearly all, and the common ones take the time."""
_MOST_BODY_TERMS = 400

NAMES = (
    *("words_rank", "title_body", "body_title", "body_body"),
    *("title_covers", "title_in_body", "body_in_title", "letters"),
    *("rarest", "rarest_three", "title_length", "body_length"),
    *("log_age", "month", "half_year", "reports_between"),
    *("same_version", "same_prefix", "same_component", "other_component", "same_tags", "other_tags"),
)
"""The features, in the order of `features`."""


@dataclass(frozen=True)
class Question:
    """A report in question; `weights` has the rarity (idf) of those of its terms that occur elsewhere."""

    likeness: Likeness
    weights: Mapping[str, float]
    rarest: float
    """The rarity of a term that occurs nowhere else."""

    @cached_property
    def terms(self) -> dict[str, float]:
        """The terms that tell most, the first the most, and what each tells."""
        counts: dict[str, float] = {}
        for term in self.likeness.title:
            counts[term] = counts.get(term, 0) + _WORDS_OF_TITLE
        for term in self.likeness.body[:_MOST_BODY_TERMS]:
            counts[term] = counts.get(term, 0) + 1
        told = {
            term: self.weights[term] * 4 * count / (count + 3) for term, count in counts.items() if term in self.weights
        }
        return dict(sorted(told.items(), key=lambda item: (-item[1], item[0]))[:_MOST_TERMS])

    @cached_property
    def title(self) -> dict[str, float]:
        """The terms of the title, and the rarity of each."""
        return {term: self.weights.get(term, self.rarest) for term in self.likeness.title}

    @cached_property
    def body(self) -> dict[str, float]:
        """The telling terms of the text, and what each tells: how rare it is, and how often it comes."""
        counts = Counter(term for term in self.likeness.body[:_MOST_BODY_TERMS] if term in self.terms)
        return {term: self.weights[term] * count / (count + 1) for term, count in counts.items()}


def terms_of(likeness: Likeness) -> set[str]:
    """Return the terms whose rarity a question needs to know."""
    return {*likeness.title, *likeness.body[:_MOST_BODY_TERMS]}


def features(question: Question, candidates: Sequence[Likeness]) -> list[list[float]]:
    """Return a row of numbers for each candidate, in the order of NAMES."""
    if not candidates:
        return []
    lengths = _Lengths(
        sum(len(one.title) for one in candidates) / len(candidates) or 1.0,
        sum(len(one.body) for one in candidates) / len(candidates) or 1.0,
    )
    found = [_Words(question, one, lengths) for one in candidates]
    ranks = _ranks([one.score for one in found])
    fields = _relative([one.fields for one in found])
    tags = _Tags(question.likeness, candidates)
    return [
        [
            *(ranks[n], *fields[n], *found[n].shares()),
            *(*_when(question.likeness, one), *tags.compared(one)),
        ]
        for n, one in enumerate(candidates)
    ]


@dataclass(frozen=True)
class _Lengths:
    """How many terms a title and a text have on average."""

    title: float
    body: float


class _Words:
    """The words that a question and a candidate share."""

    def __init__(self, question: Question, candidate: Likeness, lengths: _Lengths) -> None:
        self._question, self._candidate = question, candidate
        asked = question.terms
        self._in_title = Counter(candidate.title)
        self._in_body = Counter([term for term in candidate.body if term in asked or term in question.title])
        self._title_norm = 1 - _TITLE_LENGTH + _TITLE_LENGTH * len(candidate.title) / lengths.title
        self._body_norm = 1 - _BODY_LENGTH + _BODY_LENGTH * len(candidate.body) / lengths.body

    @property
    def score(self) -> float:
        """BM25F of the telling terms."""
        total = 0.0
        in_title, in_body = self._in_title, self._in_body
        title_norm, body_norm = self._title_norm, self._body_norm
        for term, weight in self._question.terms.items():
            often = _TITLE_WEIGHT * in_title.get(term, 0) / title_norm + in_body.get(term, 0) / body_norm
            if often:
                total += weight * often / (often + _SATURATION)
        return total

    @property
    def fields(self) -> tuple[float, float, float]:
        """BM25 of the title in the candidate's text, and of the text in its title and its text."""
        question = self._question
        return (
            _bm25(question.title, self._in_body, 2 * self._body_norm),
            _bm25(question.body, self._in_title, 1.2 * self._title_norm),
            _bm25(question.body, self._in_body, 2 * self._body_norm),
        )

    def shares(self) -> list[float]:
        """Return how much of either the other one has, and how rare what they share is."""
        question, candidate = self._question, self._candidate
        title, in_title, in_body = question.title, self._in_title, self._in_body
        whole = sum(title.values()) or 1.0
        usual = whole / len(title) if title else question.rarest  # stands for what only the candidate has
        whole_there = sum(question.weights.get(term, usual) for term in in_title) or 1.0
        shared = (weight for term, weight in question.weights.items() if term in in_title or term in in_body)
        rare = [*sorted(shared, reverse=True)[:3], 0.0, 0.0, 0.0]
        return [
            sum(title[term] for term in in_title if term in title) / whole_there,
            sum(weight for term, weight in title.items() if term in in_body) / whole,
            sum(question.weights[term] for term in in_title if term in question.body) / whole_there,
            _dice(question.likeness.letters, candidate.letters),
            rare[0] / question.rarest,
            sum(rare[:3]) / 3 / question.rarest,
            log1p(len(candidate.title)),
            log1p(len(candidate.body)),
        ]


def _bm25(asked: Mapping[str, float], there: Mapping[str, int], norm: float) -> float:
    total = 0.0
    for term, weight in asked.items():
        count = there.get(term)
        if count:
            total += weight * count / (count + norm)
    return total


def _dice(one: frozenset[str], other: frozenset[str]) -> float:
    return 2 * len(one & other) / (len(one) + len(other)) if one and other else 0.0


def _jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other) if one and other else 0.0


def _differ(one: frozenset[str], other: frozenset[str]) -> bool:
    return bool(one and other and not one & other)


def _ranks(scores: Sequence[float]) -> list[float]:
    """Return the logarithm of each score's rank; those that are equal have one, in whatever order they come."""
    falling = sorted(-score for score in scores)
    return [log1p(bisect_left(falling, -score)) for score in scores]


def _relative(rows: Sequence[tuple[float, ...]]) -> list[list[float]]:
    """Return each column against its best."""
    best = [max(column) or 1.0 for column in zip(*rows, strict=True)]
    return [[value / most for value, most in zip(row, best, strict=True)] for row in rows]


def _when(question: Likeness, candidate: Likeness) -> tuple[float, float, float, float]:
    """Return how long before the question it was received, and how many reports lie between; after is like before."""
    age = abs(question.day - candidate.day)
    return (log1p(age), exp(-age / 30), exp(-age / 180), log1p(abs(question.place - candidate.place)))


class _Tags:
    """What reports say they are about: components, also where only the title names one, and versions."""

    def __init__(self, question: Likeness, candidates: Sequence[Likeness]) -> None:
        self._question = question
        self._known = frozenset().union(question.components, *(one.components for one in candidates))
        self._mine = self._of(question)

    def _of(self, likeness: Likeness) -> frozenset[str]:
        return likeness.components | (self._known & frozenset(likeness.title))

    def compared(self, candidate: Likeness) -> tuple[float, ...]:
        """Return what is the same, and what is said to be another."""
        mine, theirs = self._mine, self._of(candidate)
        question = self._question
        return (
            float(bool(question.version) and question.version == candidate.version),
            _jaccard(question.prefix, candidate.prefix),
            _jaccard(question.components, candidate.components),
            float(_differ(question.components, candidate.components)),
            _jaccard(mine, theirs),
            float(_differ(mine, theirs)),
        )
