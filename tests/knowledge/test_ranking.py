"""How reports are held against each other: what holds whatever each likeness is worth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import isfinite, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issuelog.knowledge.features import NAMES, Question, features, terms_of
from issuelog.knowledge.ranking import WEIGHTS, reasons, scores
from issuelog.model.likeness import Likeness, of_text

AT = datetime(2026, 11, 16, 8, tzinfo=UTC)
WORDS = "export import invoice customer printer browser upload login report table row column title page button".split()
SAID = st.one_of(
    st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join),
    st.sampled_from(["ui: export stops", "Übersicht für Müller", "导出失败", "😀", "AND * NEAR(", "EXPORT-507"]),
    st.text(max_size=20),
)
TAG = st.none() | st.sampled_from(["ui", "ui, api", "8.10", "latest", "", "ß"])
TIMES = st.integers(-4_000, 4_000).map(lambda days: AT + timedelta(days=days))
LIKENESSES = st.builds(of_text, SAID, SAID, TIMES, product=TAG, version=TAG, component=TAG).flatmap(
    lambda one: st.integers(0, 100_000).map(lambda place: replace(one, place=place))
)


def asked(likeness: Likeness, others: Sequence[Likeness]) -> Question:
    """Return a question whose words are as rare as they are among the others."""
    often = Counter(term for one in others for term in terms_of(one))
    rarity = {term: log(1 + (len(others) - often[term] + 0.5) / (often[term] + 0.5)) for term in often}
    weights = {term: rarity[term] for term in terms_of(likeness) if term in rarity}
    return Question(likeness, weights, log(1 + (len(others) + 0.5) / 1.5))


def test_every_likeness_is_weighed() -> None:
    assert set(WEIGHTS) == set(NAMES)
    assert len(set(NAMES)) == len(NAMES)


@given(LIKENESSES, st.lists(LIKENESSES, max_size=5))
def test_the_likeness_of_any_two_is_told_in_numbers(one: Likeness, others: list[Likeness]) -> None:
    found = features(asked(one, others), others)
    assert [len(row) for row in found] == [len(NAMES)] * len(others)
    assert all(isfinite(value) for row in found for value in row)


@given(LIKENESSES, st.lists(LIKENESSES, max_size=5))
def test_a_score_is_a_probability(one: Likeness, others: list[Likeness]) -> None:
    found = scores(asked(one, others), others)
    assert len(found) == len(others)
    assert all(0 <= score <= 1 for score in found)


@given(LIKENESSES, st.lists(LIKENESSES, min_size=1, max_size=5), st.data())
def test_a_score_does_not_depend_on_the_order_of_the_others(
    one: Likeness, others: list[Likeness], data: st.DataObject
) -> None:
    order = data.draw(st.permutations(range(len(others))))
    question = asked(one, others)
    found = scores(question, others)
    assert scores(question, [others[n] for n in order]) == pytest.approx([found[n] for n in order])


@given(LIKENESSES, st.lists(LIKENESSES, max_size=5))
def test_reasons_name_what_both_have(one: Likeness, others: list[Likeness]) -> None:
    question = asked(one, others)
    for other in others:
        found = reasons(question, other)
        both = {*one.title, *one.body} & {*other.title, *other.body} & question.terms.keys()
        assert any(reason.startswith("words: ") for reason in found) == bool(both)
        assert any(reason.startswith("component: ") for reason in found) == bool(one.components & other.components)
        assert any(reason.startswith("product: ") for reason in found) == bool(
            one.product and one.product == other.product
        )


SENTENCES = st.lists(st.sampled_from(WORDS), min_size=3, max_size=8, unique=True).map(" ".join)


@given(SENTENCES, SENTENCES, st.lists(st.tuples(SENTENCES, SENTENCES), min_size=1, max_size=6))
def test_the_same_report_once_more_comes_first(title: str, body: str, others: list[tuple[str, str]]) -> None:
    same = of_text(title, body, AT)
    candidates = [same, *(of_text(*other, AT) for other in others if set(other[0].split()) != set(title.split()))]
    found = scores(asked(same, candidates), candidates)
    assert found[0] == max(found)
