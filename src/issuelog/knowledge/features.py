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
from math import exp, log, log1p, sqrt

from issuelog.model.likeness import Likeness, groups

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
    *("words", "words_rank", "words_above"),
    *("title_title", "title_body", "body_title", "body_body"),
    *("title_covered", "title_covers", "title_cosine", "title_in_body", "body_in_title", "body_cosine", "letters"),
    *("rarest", "rarest_three", "shared", "title_length", "body_length"),
    "beginning",
    *("log_age", "month", "half_year", "reports_between"),
    *("same_product", "same_version", "same_prefix", "same_component", "other_component", "same_tags", "other_tags"),
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
    words = _standing([one.score for one in found])
    fields = _relative([one.fields for one in found])
    tags = _Tags(question.likeness, candidates)
    beginnings = _beginnings(question.likeness.beginning, [one.beginning for one in candidates])
    return [
        [
            *(*words[n], *fields[n], *found[n].shares(), beginnings[n]),
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
    def fields(self) -> tuple[float, float, float, float]:
        """BM25 of each of the two fields of the question in each of the candidate's."""
        question = self._question
        return (
            _bm25(question.title, self._in_title, 1.2 * self._title_norm),
            _bm25(question.title, self._in_body, 2 * self._body_norm),
            _bm25(question.body, self._in_title, 1.2 * self._title_norm),
            _bm25(question.body, self._in_body, 2 * self._body_norm),
        )

    def shares(self) -> list[float]:
        """Return how much of either the other one has, and how rare what they share is."""
        question, candidate, title = self._question, self._candidate, self._question.title
        whole = sum(title.values()) or 1.0
        usual = whole / len(title) if title else question.rarest
        shared = [title[term] for term in self._in_title if term in title]
        other = whole_there = 0.0
        for term in self._in_title:
            weight = question.weights.get(term)
            whole_there += weight or usual
            if weight and term in question.body:
                other += weight
        in_body = sum(weight for term, weight in title.items() if term in self._in_body)
        rare = sorted(
            (weight for term, weight in question.weights.items() if term in self._in_title or term in self._in_body),
            reverse=True,
        )[:_MOST_TERMS]
        squares = sum(weight * weight for weight in shared)
        square = sum(weight * weight for weight in title.values())
        square_there = squares + (len(self._in_title) - len(shared)) * usual * usual
        body = sum(weight for term, weight in question.body.items() if term in self._in_body)
        top = question.rarest
        return [
            sum(shared) / whole,
            sum(shared) / (whole_there or 1.0),
            squares / sqrt(square * square_there) if squares else 0.0,
            in_body / whole,
            other / (whole_there or 1.0),
            body / (sum(question.body.values()) * sqrt(1 + len(candidate.body) / 50)) if body else 0.0,
            _dice(question.likeness.letters, candidate.letters),
            rare[0] / top if rare else 0.0,
            sum(rare[:3]) / 3 / top,
            len(rare) / _MOST_TERMS,
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


def _standing(scores: Sequence[float]) -> list[tuple[float, float, float]]:
    """Return each score against the best, its rank, and how far it is above the others."""
    best = max(scores) or 1.0
    mean = sum(scores) / len(scores)
    spread = sqrt(sum((score - mean) ** 2 for score in scores) / len(scores)) or 1.0
    falling = sorted(-score for score in scores)  # those that are equal have one rank, in whatever order they come
    return [(score / best, log1p(bisect_left(falling, -score)), (score - mean) / spread) for score in scores]


def _relative(rows: Sequence[tuple[float, ...]]) -> list[list[float]]:
    """Return each column against its best."""
    best = [max(column) or 1.0 for column in zip(*rows, strict=True)]
    return [[value / most for value, most in zip(row, best, strict=True)] for row in rows]


def _beginnings(question: str, candidates: Sequence[str]) -> list[float]:
    """Return how like the beginnings of the texts are, by groups of letters: what is written otherwise, or wrongly.

    A group tells the more, the fewer of the candidates have it.
    """
    asked = groups(question)
    found = [groups(text) for text in candidates]
    often = Counter(gram for grams in found for gram in grams)
    told = {gram: log((len(found) + 1) / count) ** 2 for gram, count in often.items()}
    most = sum(told.get(gram, 0.0) for gram in asked)
    return [
        sum([told[gram] for gram in asked & grams]) / (sqrt(most * sum([told[gram] for gram in grams])) or 1.0)
        for grams in found
    ]


def _when(question: Likeness, candidate: Likeness) -> tuple[float, float, float, float]:
    """Return how long before the question it was received, and how many reports lie between; after is like before."""
    age = abs(question.day - candidate.day)
    return (log1p(age), exp(-age / 30), exp(-age / 180), log1p(abs(question.place - candidate.place)))


class _Tags:
    """What reports say they are about: components, also where only the title names one, products and versions."""

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
            float(bool(question.product) and question.product == candidate.product),
            float(bool(question.version) and question.version == candidate.version),
            _jaccard(question.prefix, candidate.prefix),
            _jaccard(question.components, candidate.components),
            float(_differ(question.components, candidate.components)),
            _jaccard(mine, theirs),
            float(_differ(mine, theirs)),
        )
