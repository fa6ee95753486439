"""Replaying the past: who should have been found, and how often that was so."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issuelog.knowledge.replay import measure, questions

REFS = "abcdefgh"


def test_what_is_the_same_as_a_third_is_the_same() -> None:
    found = questions([("c", "a"), ("d", "c")], "abcd")
    assert found == {"c": {"a"}, "d": {"a", "c"}}


def test_which_way_round_it_was_said_does_not_matter() -> None:
    assert questions([("a", "b")], "ab") == questions([("b", "a")], "ab") == {"b": {"a"}}


def test_what_is_no_report_of_ours_is_left_out() -> None:
    assert questions([("b", "KE-1"), ("b", "b")], "ab") == {}


def test_the_first_right_answer_counts_by_its_rank() -> None:
    found = measure([(["x", "a"], {"a", "b"}), (["b"], {"b"}), (["x"], {"c"}), ([*"uvwxyz", "c"], {"c"})])
    assert found.recall == {1: 1 / 4, 5: 2 / 4, 10: 3 / 4}
    assert found.mrr == pytest.approx((1 / 2 + 1 + 0 + 1 / 7) / 4)


def test_without_questions_nothing_is_divided_by_nothing() -> None:
    assert measure([]).data() == {"questions": 0, "recall_at_1": 0, "recall_at_5": 0, "recall_at_10": 0, "mrr": 0}


@given(st.lists(st.tuples(st.sampled_from(REFS), st.sampled_from(REFS)), max_size=12), st.permutations(REFS))
def test_who_is_asked_about_came_later_than_all_that_should_be_found(
    same: list[tuple[str, str]], order: list[str]
) -> None:
    found = questions(same, order)
    place = {ref: number for number, ref in enumerate(order)}
    assert all(place[earlier] < place[ref] for ref, group in found.items() for earlier in group)
    joined = {ref for pair in same for ref in pair if pair[0] != pair[1]}
    firsts = joined - found.keys()
    assert all(ref in joined for ref in found)
    assert all(any(first in group for group in found.values()) for first in firsts)
