"""Replaying a repository's own past: how many of the precedents that people confirmed would have been found."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from issuelog.knowledge.ranking import PLAIN, Emphasis
from issuelog.knowledge.replay import PLACES, Measured, measure
from issuelog.precedent.asked import Asked
from issuelog.precedent.finding import Past
from issuelog.precedent.lessons import School
from issuelog.store.likeness import number_of

_REPLAYED = 100
"""So many hits are looked at for one that was confirmed."""


@dataclass(frozen=True)
class Evaluation:
    """How good precedents are here, with what was learned here and without. A report's own lesson does not count."""

    now: Measured
    plain: Measured
    emphasis: Emphasis
    lessons: int

    def data(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        learned = {"lessons": self.lessons, "emphasis": dict(self.emphasis)}
        return {**self.now.data(), "default": self.plain.data(), "learned": learned}

    def page(self) -> str:
        """Return it as people read it."""
        rows = [(f"recall@{place}", self.now.recall[place], self.plain.recall[place]) for place in PLACES]
        rows.append(("MRR", self.now.mrr, self.plain.mrr))
        lines = [f"{'questions':<11}{self.now.questions:>7}", f"{'':<11}{'here':>7}{'default':>9}"]
        lines += [f"{name:<11}{now:>7.3f}{plain:>9.3f}" for name, now, plain in rows]
        kinds = ", ".join(f"{kind} {weight:g}" for kind, weight in self.emphasis.items())
        learned = "the default is used" if self.emphasis == PLAIN else f"learned emphasis: {kinds}"
        return "\n".join([*lines, f"{self.lessons} lessons; {learned}"])


def evaluate(
    connection: sqlite3.Connection, wanted: Mapping[str, set[str]], asked: Sequence[Asked], step: Callable[[], None]
) -> tuple[Evaluation, School]:
    """Ask again about each report of which an earlier one was confirmed, as on the day when it came."""
    school = School(connection)
    emphasis = school.learn(school.pending())
    unseen, past = school.unseen(), Past(connection)
    now: list[tuple[list[str], set[str]]] = []
    plain: list[tuple[list[str], set[str]]] = []
    for one, right in zip(asked, wanted.values(), strict=True):
        compared = replace(past.compare(one, earlier=True), rejected=frozenset())  # nothing was, when it came
        own = unseen.get(number_of(connection, one.id or "") or 0, emphasis)
        for weights, answers in ((own, now), (PLAIN, plain)):
            answers.append(([found.ref for _, found in past.ranked(compared, weights)[:_REPLAYED]], right))
        step()
    return Evaluation(measure(now), measure(plain), emphasis, len(school.lessons)), school
