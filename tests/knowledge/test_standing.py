"""How far a solution can be relied on."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issuelog.knowledge.standing import Standing, wilson

few = st.integers(0, 40)
standings = st.builds(Standing, few, few, few)


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [
        # R. G. Newcombe, Two-sided confidence intervals for the single proportion, Statistics in Medicine 17 (1998),
        # table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_interval_is_that_of_the_literature(successes: int, trials: int, low: float, high: float) -> None:
    assert wilson(successes, trials) == pytest.approx((low, high), abs=0.00005)


def test_without_a_trial_all_is_possible() -> None:
    assert wilson(0, 0) == (0, 1)
    assert Standing().words == "not tried yet"


@given(standings)
def test_the_interval_lies_around_the_share_that_was_seen(standing: Standing) -> None:
    low, high = standing.interval
    assert 0 <= low <= high <= 1
    if standing.tried:
        share = (standing.worked + standing.partial / 2) / standing.tried
        assert low - 1e-9 <= share <= high + 1e-9


@given(standings)
def test_a_failure_lowers_the_standing_and_a_success_raises_it(standing: Standing) -> None:
    worse = Standing(standing.worked, standing.failed + 1, standing.partial)
    better = Standing(standing.worked + 1, standing.failed, standing.partial)
    assert worse.rank < standing.rank < better.rank


@given(st.integers(1, 40), st.integers(0, 40))
def test_what_worked_in_part_is_better_than_a_failure_and_worse_than_a_success(worked: int, failed: int) -> None:
    in_part = Standing(worked, failed, 1)
    assert Standing(worked, failed + 1).rank < in_part.rank < Standing(worked + 1, failed).rank


@given(st.integers(1, 20), st.integers(2, 20))
def test_what_worked_as_often_but_was_tried_more_has_the_better_standing(worked: int, times: int) -> None:
    assert Standing(worked, 1).rank < Standing(worked * times, times).rank


@pytest.mark.parametrize(
    ("standing", "words"),
    [
        (Standing(4, 1), "worked 4 of 5 times (38–96 %)"),
        (Standing(1), "worked 1 of 1 time (21–100 %)"),
        (Standing(0, 1), "worked 0 of 1 time (0–79 %)"),
        (Standing(3, 1, 1), "worked 3 of 5 times, 1 in part (30–93 %)"),
    ],
)
def test_the_standing_in_words(standing: Standing, words: str) -> None:
    assert standing.words == words


def test_the_standing_of_counts_leaves_out_what_was_not_tried() -> None:
    assert Standing.of({"worked": 2, "partial": 1, "rejected": 7, "duplicate": 9}) == Standing(2, 0, 1)
    assert Standing.of({}).data() == {"worked": 0, "failed": 0, "partial": 0, "low": 0.0, "high": 1.0}
