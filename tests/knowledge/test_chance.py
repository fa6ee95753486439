"""What chance alone would do, held against what is known of it, and against laws."""

from __future__ import annotations

from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issuelog.knowledge.chance import beyond_chance, equal_rates, equal_shares, median, slowest_tenth

COUNT = st.integers(0, 60)


@given(COUNT, COUNT)
def test_two_counts_are_tested_by_the_exact_binomial_with_one_half(now: int, before: int) -> None:
    total, least = now + before, min(now, before)
    exact = min(1.0, 2 * sum(comb(total, hits) for hits in range(least + 1)) / 2**total)
    assert equal_rates(now, before) == pytest.approx(exact)


@given(COUNT, COUNT)
def test_which_period_came_first_does_not_change_how_probable_a_difference_is(now: int, before: int) -> None:
    assert equal_rates(now, before) == pytest.approx(equal_rates(before, now))


def test_five_and_none_may_be_chance_and_six_and_none_hardly() -> None:
    assert equal_rates(5, 0) > 0.05 > equal_rates(6, 0)


def test_fishers_tea_tasting_has_its_known_probabilities() -> None:
    """Three of four cups known: 34 of 70 ways are no better; all four: 2 of 70, two-sided."""
    assert equal_shares(3, 4, 1, 4) == pytest.approx(34 / 70)
    assert equal_shares(4, 4, 0, 4) == pytest.approx(2 / 70)


@given(st.data())
def test_a_share_is_as_probable_as_that_of_what_was_not_so(data: st.DataObject) -> None:
    trials, others = data.draw(COUNT), data.draw(COUNT)
    hits, other_hits = data.draw(st.integers(0, trials)), data.draw(st.integers(0, others))
    found = equal_shares(hits, trials, other_hits, others)
    assert 0 < found <= 1
    assert found == pytest.approx(equal_shares(trials - hits, trials, others - other_hits, others))
    assert found == pytest.approx(equal_shares(other_hits, others, hits, trials))


def test_thousands_of_reports_are_no_trouble() -> None:
    assert equal_rates(50_000, 50_100) == pytest.approx(0.752, abs=0.01)
    assert equal_shares(5_000, 9_000, 4_000, 9_000) < 1e-9


def test_who_tests_much_needs_more_to_claim_a_change() -> None:
    assert beyond_chance([0.03]) == [True]
    assert beyond_chance([0.03, *[0.5] * 9]) == [False] * 10
    assert beyond_chance([0.04, 0.001, 0.02, 0.9]) == [False, True, False, False]
    assert beyond_chance([0.03, 0.001, 0.02]) == [True, True, True]
    assert beyond_chance([]) == []


@given(st.lists(st.floats(0, 1)))
def test_nothing_is_beyond_chance_that_would_not_be_so_alone(probabilities: list[float]) -> None:
    shows = beyond_chance(probabilities)
    assert all(p <= 0.05 for p, is_so in zip(probabilities, shows, strict=True) if is_so)


def test_nothing_is_known_of_no_times_and_of_the_slowest_tenth_of_nine() -> None:
    assert median([]) is None
    assert slowest_tenth(range(9)) is None
    assert slowest_tenth([10, *range(1, 10)]) == 9


@given(st.lists(st.integers(0, 1000), min_size=10))
def test_nine_tenths_are_no_slower_than_the_percentile_and_no_lesser_time_will_do(times: list[int]) -> None:
    tenth = slowest_tenth(times)
    assert tenth in times
    assert 10 * sum(time <= tenth for time in times) >= 9 * len(times)
    assert 10 * sum(time < tenth for time in times) < 9 * len(times)


@given(st.lists(st.integers(0, 1000), min_size=1))
def test_half_of_the_times_are_on_either_side_of_the_median(times: list[int]) -> None:
    middle = median(times)
    assert middle is not None
    assert 2 * sum(time <= middle for time in times) >= len(times) <= 2 * sum(time >= middle for time in times)
