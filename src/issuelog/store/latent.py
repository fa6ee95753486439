"""Latent semantic analysis: directions for terms, such that those that are used in the same texts point one way.

Deerwester et al., Indexing by Latent Semantic Analysis, Journal of the American Society for Information Science 41
(1990); found by the randomised method of Halko, Martinsson and Tropp, Finding Structure with Randomness, SIAM Review 53
(2011). This is all that needs numpy, which takes its time to be loaded.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

_SAMPLE = 12_000
"""So many texts are enough to tell what goes with what."""
_FEWEST_TEXTS = 3
_MOST_TEXTS = 0.2
"""A term that fewer texts have says nothing of others, and one that a greater share of them have says nothing."""
_ROUNDS, _MORE = 4, 8
"""Rounds, and dimensions that are dropped again, by which the random beginning is forgotten."""
_AT_ONCE = 100_000
"""So many numbers times the dimensions are held in memory at once."""

Numbers = NDArray[np.float32]
Places = NDArray[np.int32]


class Texts:
    """Terms of many texts, and how much each counts there."""

    def __init__(self, counted: Iterable[Mapping[str, float]]) -> None:
        self.terms: dict[str, int] = {}
        texts, places, counts = array("i"), array("i"), array("f")
        self.size = 0
        for terms in counted:
            texts.extend([self.size] * len(terms))
            places.extend([self.terms.setdefault(term, len(self.terms)) for term in terms])
            counts.extend(terms.values())
            self.size += 1
        self.texts: Places = np.frombuffer(texts, np.int32)
        self.places: Places = np.frombuffer(places, np.int32)
        self.counts: Numbers = np.frombuffer(counts, np.float32)


@dataclass(frozen=True)
class Space:
    """Terms and their directions; a rarer one is longer."""

    terms: Sequence[str]
    directions: Numbers


def directions(texts: Texts, space: Space) -> Numbers:
    """Return the direction of each text, of length 1; all zero where the space has none of its terms."""
    column = np.full(len(texts.terms), -1, np.int32)
    for place, term in enumerate(space.terms):
        if term in texts.terms:
            column[texts.terms[term]] = place
    columns = column[texts.places]
    kept = columns >= 0
    rows = _sums(texts.texts[kept], columns[kept], texts.counts[kept], space.directions, texts.size)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: Numbers = np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)
    return unit


def space(texts: Texts, dimensions: int) -> Space:
    """Return the directions of those terms that tell something; none where there are fewer than dimensions."""
    having = np.bincount(texts.places, minlength=len(texts.terms))
    telling = np.flatnonzero((having >= _FEWEST_TEXTS) & (having <= _MOST_TEXTS * texts.size))
    step = max(1, -(-texts.size // _SAMPLE))
    sample = texts.size // step
    if min(len(telling), sample) < dimensions + _MORE:
        return Space((), np.zeros((0, dimensions), np.float32))
    rarity = np.log(texts.size / having[telling]).astype(np.float32)
    matrix = _Matrix.of(texts, telling, rarity, step)
    generator = np.random.default_rng(0)
    base = generator.standard_normal((len(telling), dimensions + _MORE)).astype(np.float32)
    for _ in range(_ROUNDS):
        base = np.linalg.qr(matrix.transposed_times(matrix.times(base)))[0]
    seen = matrix.times(base)
    turned = np.linalg.svd(seen.T @ seen)[0][:, :dimensions]
    names = list(texts.terms)
    return Space([names[place] for place in telling], (base @ turned) * rarity[:, None])


@dataclass(frozen=True)
class _Matrix:
    """A row for each text of the sample, of length 1, and a column for each telling term; in the order of rows."""

    rows: Places
    columns: Places
    values: Numbers
    shape: tuple[int, int]

    @classmethod
    def of(cls, texts: Texts, telling: NDArray[np.int64], rarity: Numbers, step: int) -> _Matrix:
        column = np.full(len(texts.terms), -1, np.int32)
        column[telling] = np.arange(len(telling), dtype=np.int32)
        kept = (column[texts.places] >= 0) & (texts.texts % step == 0)
        rows, columns = texts.texts[kept] // step, column[texts.places[kept]]
        values = texts.counts[kept] * rarity[columns]
        count = -(-texts.size // step)
        lengths = np.sqrt(np.bincount(rows, values * values, count)).astype(np.float32)
        return cls(rows, columns, values / lengths[rows], (count, len(telling)))

    def times(self, dense: Numbers) -> Numbers:
        return _sums(self.rows, self.columns, self.values, dense, self.shape[0])

    def transposed_times(self, dense: Numbers) -> Numbers:
        order = np.argsort(self.columns, kind="stable")
        return _sums(self.columns[order], self.rows[order], self.values[order], dense, self.shape[1])


def _sums(to: Places, of: Places, values: Numbers, dense: Numbers, size: int) -> Numbers:
    """Return `size` rows, each the sum of the rows `of` of a matrix times the values that go `to` it, in order."""
    result = np.zeros((size, dense.shape[1]), np.float32)
    begins = np.flatnonzero(np.diff(to, prepend=-1))
    shares = np.searchsorted(begins, np.arange(0, len(to) + _AT_ONCE, _AT_ONCE))
    for first, last in pairwise(shares):
        if first < last:
            begin, end = begins[first], begins[last] if last < len(begins) else len(to)
            products = dense[of[begin:end]] * values[begin:end, None]
            result[to[begins[first:last]]] = np.add.reduceat(products, begins[first:last] - begin)
    return result


def packed(rows: Numbers) -> list[bytes]:
    """Return rows as bytes, each number in half precision."""
    return [row.tobytes() for row in rows.astype("<f2")]


def unpacked(rows: Sequence[bytes], dimensions: int) -> Numbers:
    """Return the rows that these bytes are."""
    return np.frombuffer(b"".join(rows), "<f2").astype(np.float32).reshape(-1, dimensions)
