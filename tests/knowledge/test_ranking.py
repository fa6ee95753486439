"""How reports are held against each other: what holds whatever each likeness is worth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import isfinite, log
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issuelog.knowledge.curves import CURVES
from issuelog.knowledge.features import Question, features, terms_of
from issuelog.knowledge.ranking import odds, probabilities, reasons, worth
from issuelog.model.likeness import Likeness, of_text

AT = datetime(2026, 11, 16, 8, tzinfo=UTC)
WORDS = ["export", "import", "invoice", "customer", "printer", "upload", "login", "report", "table", "row", "column"]
SAID = st.one_of(
    st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join),
    st.sampled_from(["ui: export stops", "Übersicht für Müller", "导出失败", "😀", "AND * NEAR(", "EXPORT-507"]),
    st.text(max_size=20),
)
TAG = st.none() | st.sampled_from(["ui", "ui, api", "8.10", "latest", "", "ß"])
TIMES = st.integers(-4_000, 4_000).map(lambda days: AT + timedelta(days=days))
MEANINGS = st.just(()) | st.sampled_from([(1.0, 0.0), (0.6, 0.8), (0.0, -1.0)])
LIKENESSES = st.builds(of_text, SAID, SAID, TIMES, product=TAG, version=TAG, component=TAG).flatmap(
    lambda one: MEANINGS.map(lambda meaning: replace(one, meaning=meaning))
)


def asked(likeness: Likeness, others: Sequence[Likeness]) -> Question:
    """Return a question whose words are as rare as they are among the others."""
    often = Counter(term for one in others for term in terms_of(one))
    rarity = {term: log(1 + (len(others) - often[term] + 0.5) / (often[term] + 0.5)) for term in often}
    weights = {term: rarity[term] for term in terms_of(likeness) if term in rarity}
    return Question(likeness, weights, log(1 + (len(others) + 0.5) / 1.5))


def scores(question: Question, others: Sequence[Likeness]) -> list[float]:
    return probabilities(odds(worth(question, others)))


def test_every_likeness_is_weighed_and_each_once() -> None:
    weighed = [name for curves in CURVES.values() for name in curves]
    assert sorted(weighed) == sorted(features(asked(of_text("a", "b", AT), []), []))


def test_no_curve_turns_back() -> None:
    for curves in CURVES.values():
        for name, curve in curves.items():
            values, heights = zip(*curve, strict=True)
            assert list(values) == sorted(set(values)), name
            assert list(heights) in (sorted(heights), sorted(heights, reverse=True)), name


@given(LIKENESSES, st.lists(LIKENESSES, max_size=5))
def test_the_likeness_of_any_two_is_told_in_numbers(one: Likeness, others: list[Likeness]) -> None:
    found = features(asked(one, others), others)
    assert {len(column) for column in found.values()} == {len(others)}
    assert all(isfinite(value) for column in found.values() for value in column)


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


def drawn(seed: int, *, with_text: bool) -> list[Likeness]:
    """Return reports of one day with words drawn at random."""
    chance = Random(seed)
    words = [f"{chance.choice(WORDS)}{number}x" for number in range(chance.choice([300, 3000]))]

    def said(least: int, most: int) -> str:
        return " ".join(chance.choice(words) for _ in range(chance.randint(least, most)))

    return [of_text(said(3, 8), said(5, 60) if with_text else "", AT) for _ in range(chance.randint(2, 12))]


def require_first(reports: Sequence[Likeness]) -> None:
    found = scores(asked(reports[0], reports), reports)
    assert found[0] == max(found)


@given(st.integers(0, 1_000_000))
def test_the_same_title_once_more_comes_first(seed: int) -> None:
    require_first(drawn(seed, with_text=False))


@given(st.integers(0, 1_000_000))
def test_the_same_report_once_more_comes_first(seed: int) -> None:
    require_first(drawn(seed, with_text=True))
