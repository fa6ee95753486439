"""Replaying the past: which earlier reports a search should have found, and how often it did.

The rules are those of the field (Runeson et al., 2007): every report that has an earlier one of the same error is asked
about, among all that came before it; any of the earlier ones is a hit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

PLACES = (1, 5, 10)
"""How many of the best are looked at."""


def questions(same: Iterable[tuple[str, str]], order: Sequence[str]) -> dict[str, set[str]]:
    """Return each report that has an earlier one of the same error, with all of these.

    `same` has pairs of which somebody said that they are; what is the same as a third is the same. `order` is that in
    which the reports came; others are left out.
    """
    place = {ref: number for number, ref in enumerate(order)}
    group: dict[str, set[str]] = {}
    for one, other in same:
        if one in place and other in place:
            joined = group.get(one, {one}) | group.get(other, {other})
            group.update(dict.fromkeys(joined, joined))
    found = {ref: {one for one in group[ref] if place[one] < place[ref]} for ref in order if ref in group}
    return {ref: earlier for ref, earlier in found.items() if earlier}


@dataclass(frozen=True)
class Measured:
    """How good a search was: the share of questions whose answer was among the best so many, and the mean of 1/rank."""

    questions: int
    recall: Mapping[int, float]
    mrr: float

    def data(self) -> dict[str, float | int]:
        """Return it as JSON has it."""
        recall = {f"recall_at_{place}": round(share, 4) for place, share in self.recall.items()}
        return {"questions": self.questions, **recall, "mrr": round(self.mrr, 4)}


def measure(ranked: Iterable[tuple[Sequence[str], set[str]]]) -> Measured:
    """Return how good these answers are, each with what it should have found."""
    ranks = [next((number for number, ref in enumerate(found, 1) if ref in wanted), None) for found, wanted in ranked]
    count = len(ranks) or 1
    return Measured(
        len(ranks),
        {place: sum(rank is not None and rank <= place for rank in ranks) / count for place in PLACES},
        sum(1 / rank for rank in ranks if rank) / count,
    )
