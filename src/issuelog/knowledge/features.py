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
from math import log, log1p, sqrt
from operator import mul

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
_BEGINNING_TERMS = 200
_TITLE_COUNTS = 3
"""As what a word of the title counts that stands so often in the text."""


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


def terms_of(likeness: Likeness) -> set[str]:
    """Return the terms whose rarity a question needs to know."""
    return {*likeness.title, *likeness.body[:_MOST_BODY_TERMS]}


def features(question: Question, candidates: Sequence[Likeness]) -> dict[str, list[float]]:
    """Return by the name of each feature what it is for each candidate."""
    asked = question.likeness
    lengths = _Lengths.of(candidates)
    words = [_Words(question, one, lengths) for one in candidates]
    tags = _Tags(asked, candidates)
    return {
        "words_rank": _ranks([one.score for one in words]),
        "title_body": _against_best([one.title_in_text for one in words]),
        "rarest": [one.rarest(1) for one in words],
        "rarest_three": [one.rarest(3) for one in words],
        "letters": [_dice(asked.letters, one.letters) for one in candidates],
        "title_length": [log1p(len(one.title)) for one in candidates],
        "body_length": [log1p(len(one.body)) for one in candidates],
        "near_title": _near(_title_counts(asked), [_title_counts(one) for one in candidates]),
        "near_text": _near(_text_counts(asked), [_text_counts(one) for one in candidates]),
        "meaning": [sum(map(mul, asked.meaning, one.meaning)) for one in candidates],
        "age": [log1p(abs(asked.day - one.day)) for one in candidates],
        "same_version": [float(bool(asked.version) and asked.version == one.version) for one in candidates],
        "same_prefix": [_jaccard(asked.prefix, one.prefix) for one in candidates],
        "same_component": [_jaccard(asked.components, one.components) for one in candidates],
        "other_component": [_differ(asked.components, one.components) for one in candidates],
        "same_tags": [_jaccard(tags.asked, tags.of(one)) for one in candidates],
        "other_tags": [_differ(tags.asked, tags.of(one)) for one in candidates],
    }


@dataclass(frozen=True)
class _Lengths:
    """How many terms a title and a text have on average."""

    title: float
    body: float

    @classmethod
    def of(cls, candidates: Sequence[Likeness]) -> _Lengths:
        count = len(candidates) or 1
        title, body = sum(len(one.title) for one in candidates), sum(len(one.body) for one in candidates)
        return cls(title / count or 1.0, body / count or 1.0)


class _Words:
    """The words that a question and a candidate share."""

    def __init__(self, question: Question, candidate: Likeness, lengths: _Lengths) -> None:
        self._question = question
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
    def title_in_text(self) -> float:
        """BM25 of the question's title in the candidate's text."""
        total = 0.0
        for term, weight in self._question.title.items():
            count = self._in_body.get(term)
            if count:
                total += weight * count / (count + 2 * self._body_norm)
        return total

    def rarest(self, count: int) -> float:
        """How rare on average the rarest words are that they share, against a word that occurs nowhere else."""
        return sum(self._rare[:count]) / count / self._question.rarest

    @cached_property
    def _rare(self) -> list[float]:
        weights = self._question.weights
        shared = [weight for term, weight in weights.items() if term in self._in_title or term in self._in_body]
        return sorted(shared, reverse=True)[:3]


class _Tags:
    """What reports say they are about: components, also where only the title names one."""

    def __init__(self, question: Likeness, candidates: Sequence[Likeness]) -> None:
        self._known = frozenset().union(question.components, *(one.components for one in candidates))
        self.asked = self.of(question)

    def of(self, likeness: Likeness) -> frozenset[str]:
        return likeness.components | (self._known & frozenset(likeness.title))


def _near(asked: Mapping[str, float], found: Sequence[Mapping[str, float]]) -> list[float]:
    """Return the cosine of each candidate's words and the question's, where a word tells the more the fewer have it.

    Only the candidates are looked at: what all of them have is what the question is about, and tells nothing any more.
    """
    often = Counter(term for counts in found for term in counts)
    rare = {term: log((len(found) + 1) / (files + 0.5)) for term, files in often.items()}
    nowhere = log(2 * (len(found) + 1))
    mine = {term: count * rare.get(term, nowhere) for term, count in asked.items()}
    length = sqrt(sum([weight * weight for weight in mine.values()]))
    return [_cosine(mine, length, {term: count * rare[term] for term, count in one.items()}) for one in found]


def _cosine(asked: Mapping[str, float], length: float, there: Mapping[str, float]) -> float:
    product = sum([weight * asked[term] for term, weight in there.items() if term in asked])
    return product / (length * sqrt(sum([weight * weight for weight in there.values()]))) if product else 0.0


def _title_counts(likeness: Likeness) -> dict[str, float]:
    return dict.fromkeys(likeness.title, 1.0)


def _text_counts(likeness: Likeness) -> dict[str, float]:
    counts = Counter(likeness.body[:_BEGINNING_TERMS])
    for term in likeness.title:
        counts[term] += _TITLE_COUNTS
    return {term: log1p(count) for term, count in counts.items()}


def _dice(one: frozenset[str], other: frozenset[str]) -> float:
    return 2 * len(one & other) / (len(one) + len(other)) if one and other else 0.0


def _jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other) if one and other else 0.0


def _differ(one: frozenset[str], other: frozenset[str]) -> float:
    return float(bool(one and other and not one & other))


def _ranks(scores: Sequence[float]) -> list[float]:
    """Return the logarithm of each score's rank; those that are equal have one, in whatever order they come."""
    falling = sorted(-score for score in scores)
    return [log1p(bisect_left(falling, -score)) for score in scores]


def _against_best(values: Sequence[float]) -> list[float]:
    best = max(values, default=0.0) or 1.0
    return [value / best for value in values]
