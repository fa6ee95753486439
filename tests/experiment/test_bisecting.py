"""The search by halves, on histories of any shape: what it names is what an oracle knows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issuelog.errors import Refused
from issuelog.experiment.bisecting import Bisection, Search
from issuelog.experiment.judging import Verdict
from issuelog.experiment.repeating import Row, Series
from issuelog.experiment.running import Printed
from issuelog.vcs.revisions import Commit


@dataclass
class History:
    """A history in memory that answers what `Revisions` asks git: commit n has the parents that are given for it."""

    parents: Sequence[Sequence[int]]

    def about(self, sha: str) -> Commit:
        return Commit(sha, "Kim <kim@example.com>", "2026-11-16T00:00:00+00:00", f"change {sha}")

    def with_all_before(self, number: int) -> frozenset[int]:
        found, ahead = set[int](), [number]
        while ahead:
            one = ahead.pop()
            if one not in found:
                found.add(one)
                ahead += self.parents[one]
        return frozenset(found)

    def has(self, sha: str, earlier: str) -> bool:
        return int(earlier) in self.with_all_before(int(sha))

    def merge_bases(self, one: str, other: str) -> list[str]:
        both = self.with_all_before(int(one)) & self.with_all_before(int(other))
        return [str(number) for number in both if not any(number in self.with_all_before(o) - {o} for o in both)]

    def oldest_first(self, good: str, bad: str) -> list[str]:
        return [str(one) for one in sorted(self.with_all_before(int(bad)) - self.with_all_before(int(good)))]

    def between(self, good: Sequence[str], bad: str) -> list[str]:
        known = frozenset[int]().union(*(self.with_all_before(int(sha)) for sha in good))
        left = self.with_all_before(int(bad)) - known

        def told(number: int) -> int:
            below = len(self.with_all_before(number) & left)
            return min(below, len(left) - below)

        return [*(str(one) for one in sorted(left - {int(bad)}, key=told, reverse=True)), bad] if left else []


@dataclass
class Oracle:
    """Knows which commits have the error, and which cannot be tried."""

    bad: frozenset[int]
    silent: frozenset[int] = frozenset()
    asked: list[int] = field(default_factory=list)

    def at(self, commit: Commit, count: int, **_: Any) -> Series:
        number = int(commit.sha)
        self.asked.append(number)
        verdict = Verdict.SHOWN if number in self.bad else Verdict.NOT_SHOWN
        verdict = Verdict.SILENT if number in self.silent else verdict
        return Series(commit, [Row(1, 0, 0.1, False, verdict)], {1: Printed(b"", b"", 0)})


@st.composite
def histories(draw: st.DrawFn) -> History:
    """A history whose every commit comes after the first."""
    size = draw(st.integers(2, 24))
    parents: list[Sequence[int]] = [()]
    for number in range(1, size):
        count = draw(st.integers(1, min(2, number)))
        parents.append(draw(st.lists(st.integers(max(0, number - 4), number - 1), min_size=count, max_size=count)))
    return History(parents)


def search(history: History, oracle: Oracle, good: int, bad: int) -> Search:
    bisection = Bisection(history, oracle, 0.95, 1, lambda _: None, lambda: None)  # type: ignore[arg-type]
    return bisection.run(history.about(str(good)), history.about(str(bad)))


@given(history=histories(), data=st.data())
def test_the_commit_after_which_all_have_the_error_is_found(history: History, data: st.DataObject) -> None:
    bad = len(history.parents) - 1
    culprit = data.draw(st.sampled_from(sorted(history.with_all_before(bad) - {0})))
    oracle = Oracle(frozenset(one for one in range(bad + 1) if culprit in history.with_all_before(one)))
    found = search(history, oracle, 0, bad)
    assert found.first_bad
    assert int(found.first_bad.sha) == culprit
    assert len(set(oracle.asked)) == len(oracle.asked)


@given(history=histories(), data=st.data())
def test_with_commits_that_cannot_be_tried_it_is_among_those_that_are_left(
    history: History, data: st.DataObject
) -> None:
    bad = len(history.parents) - 1
    inside = sorted(history.with_all_before(bad) - {0})
    culprit = data.draw(st.sampled_from(inside))
    silent = data.draw(st.frozensets(st.sampled_from(inside))) - {bad}
    oracle = Oracle(frozenset(one for one in range(bad + 1) if culprit in history.with_all_before(one)), silent)
    found = search(history, oracle, 0, bad)
    left = {int(commit.sha) for commit in found.left}
    assert culprit in left
    # Of several that are left nothing could be tried but the last, which is bad.
    assert left - silent <= {int(found.left[-1].sha)}
    assert len(set(oracle.asked)) == len(oracle.asked)


def test_a_straight_history_takes_no_more_than_the_logarithm_of_its_length() -> None:
    history = History([(), *((number,) for number in range(1023))])
    oracle = Oracle(frozenset(range(700, 1024)))
    found = search(history, oracle, 0, 1023)
    assert found.first_bad
    assert found.first_bad.sha == "700"
    assert len(oracle.asked) <= 2 + 10


def test_a_row_of_commits_that_cannot_be_tried_is_leapt_over() -> None:
    history = History([(), *((number,) for number in range(1023))])
    oracle = Oracle(frozenset(range(900, 1024)), frozenset(range(400, 620)))
    found = search(history, oracle, 0, 1023)
    assert found.first_bad
    assert found.first_bad.sha == "900"
    assert len(set(oracle.asked) & oracle.silent) <= 5


def test_an_error_that_went_away_in_between_is_no_search() -> None:
    history = History([(), (0,), (1,), (1,)])
    with pytest.raises(Refused, match="both come"):
        search(history, Oracle(frozenset({1, 3})), 2, 3)
