"""Learning what likeness is worth here: what holds whatever a team has said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import isfinite
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from issuelog.knowledge import learning
from issuelog.knowledge.learning import FEWEST, FOLDS, Lesson, learned, without_each
from issuelog.knowledge.ranking import PLAIN, Emphasis

KINDS = list(PLAIN)
Worths = dict[str, Sequence[float]]


def ranks(lessons: Sequence[Lesson], emphases: Sequence[Emphasis]) -> list[int]:
    """Return at what place each lesson that knows a right answer has its first one; the first is 1."""
    found = []
    for lesson, emphasis in zip(lessons, emphases, strict=True):
        if lesson.same:
            count = len(lesson.worth[KINDS[0]])
            score = [sum(emphasis[kind] * lesson.worth[kind][place] for kind in KINDS) for place in range(count)]
            order = sorted(range(count), key=score.__getitem__, reverse=True)
            found.append(min(order.index(place) for place in lesson.same) + 1)
    return found


def quality(lessons: Sequence[Lesson], emphases: Sequence[Emphasis]) -> tuple[float, int]:
    """Return the sum of 1/rank, and how many are among the first ten."""
    found = ranks(lessons, emphases)
    return sum(1 / rank for rank in found), sum(rank <= 10 for rank in found)


def require_no_worse(lessons: Sequence[Lesson], emphases: Sequence[Emphasis]) -> None:
    now, plain = quality(lessons, emphases), quality(lessons, [PLAIN] * len(lessons))
    assert now[0] >= plain[0] - 1e-9
    assert now[1] >= plain[1]


@st.composite
def said(draw: st.DrawFn, worth: st.SearchStrategy[float], most: int = 13) -> Lesson:
    """A lesson of a few candidates, of which something or nothing was said."""
    count = draw(st.integers(0, most))
    places = st.lists(st.integers(0, count - 1), max_size=2, unique=True) if count else st.just([])
    column = st.lists(worth, min_size=count, max_size=count)
    return Lesson({kind: draw(column) for kind in KINDS}, draw(places), draw(places))


WORTHS = st.integers(-8, 8).map(lambda number: number / 2)
EXTREMES = st.sampled_from([0.0, -0.0, 1e-12, 1.0, 60.0, -60.0, 1e6, -1e6])


def by_one_kind(kind: str, *, count: int = 20, seed: int = 0) -> list[Lesson]:
    """Return lessons in which one kind of likeness tells right from wrong, and the others nothing."""
    chance = Random(seed)
    lessons = []
    for number in range(count):
        right = number % 6
        worth: Worths = {other: [chance.uniform(0, 2) for _ in range(6)] for other in KINDS}
        worth[kind] = [float(place == right) for place in range(6)]
        lessons.append(Lesson(worth, [right]))
    return lessons


@pytest.mark.parametrize("kind", KINDS)
def test_what_alone_tells_right_from_wrong_counts_more_and_the_rest_less(kind: str) -> None:
    lessons = by_one_kind(kind)
    found = learned(lessons)
    assert found[kind] > 1 > max(found[other] for other in KINDS if other != kind)
    assert quality(lessons, [found] * 20) > quality(lessons, [PLAIN] * 20)


def test_with_fewer_lessons_nothing_is_learned() -> None:
    enough = by_one_kind("words", count=FEWEST)
    silent = [replace(lesson, same=()) for lesson in enough]
    assert learned(enough) != PLAIN
    for lessons in ([], enough[1:], [*enough[1:], *silent]):
        assert learned(lessons) == PLAIN


def test_lessons_that_contradict_each_other_let_nothing_grow() -> None:
    chance = Random(1)
    for kind in KINDS:
        lessons = []
        for _ in range(6):
            # What is the same is as often what this kind of likeness is for as what it is against.
            worth: Worths = {other: [0.0, 0.0] for other in KINDS}
            worth[kind] = [chance.uniform(0.5, 2), 0.0]
            lessons += [Lesson(worth, [0]), Lesson(worth, [1])]
        assert max(learned(lessons).values()) <= 1


@pytest.mark.parametrize("seed", range(6))
def test_what_was_said_at_random_makes_nothing_worse_that_was_not_learned_from(seed: int) -> None:
    chance = Random(seed)
    lessons = [
        Lesson({kind: [chance.uniform(-2, 2) for _ in range(12)] for kind in KINDS}, [chance.randrange(12)])
        for _ in range(12)
    ]
    found = learned(lessons)
    if found != PLAIN:
        require_no_worse(lessons, without_each(lessons))
    require_no_worse(lessons, [found] * len(lessons))


def test_where_either_the_lessons_or_those_that_were_kept_apart_would_rank_worse_nothing_is_learned(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lessons = by_one_kind("words")
    good, backwards = learned(lessons), {kind: -1.0 if kind == "words" else 1.0 for kind in KINDS}
    for seen, unseen, wanted in ((good, good, good), (good, backwards, PLAIN), (backwards, good, PLAIN)):
        monkeypatch.setattr(learning, "_fitted", lambda lessons, found=seen: found)
        monkeypatch.setattr(learning, "without_each", lambda lessons, found=unseen: [found] * len(lessons))
        assert learned(lessons) == wanted


@settings(max_examples=30)
@given(st.lists(said(WORTHS), min_size=FEWEST, max_size=8))
def test_what_was_learned_ranks_its_lessons_no_worse_than_the_default(lessons: list[Lesson]) -> None:
    require_no_worse(lessons, [learned(lessons)] * len(lessons))


@settings(max_examples=25)
@given(st.lists(said(EXTREMES, 3), min_size=FEWEST, max_size=7))
@pytest.mark.filterwarnings("error")
def test_extreme_worths_give_numbers_between_bounds_and_always_the_same(lessons: list[Lesson]) -> None:
    found = learned(lessons)
    assert list(found) == KINDS
    for emphasis in (found, *without_each(lessons)):
        assert all(isfinite(one) and learning._LEAST <= one <= learning._MOST for one in emphasis.values())
    assert learned(lessons) == found


@pytest.mark.parametrize("worth", [[1e6, -1e6], [-1e6, 1e6], [1e6, 0.0, -1e6], [3.0, 3.0], [0.0]])
@pytest.mark.filterwarnings("error")
def test_certainty_and_sameness_are_no_trouble(worth: list[float]) -> None:
    lesson = Lesson(dict.fromkeys(KINDS, worth), [0], [len(worth) - 1])
    assert all(learning._LEAST <= one <= learning._MOST for one in learned([lesson] * FEWEST).values())
    alike = Lesson({kind: [worth[0]] * 4 for kind in KINDS}, [2])
    assert learned([alike] * FEWEST) == PLAIN


@pytest.mark.parametrize("kind", KINDS)
def test_rejections_alone_lower_what_made_the_rejected_rank_high(kind: str) -> None:
    lessons = [replace(lesson, same=(), other=lesson.same) for lesson in by_one_kind(kind)]
    found = learned(lessons)
    assert found[kind] < 1
    assert found[kind] == min(found.values())


def test_what_counts_for_a_lesson_was_not_learned_from_it() -> None:
    lessons = by_one_kind("time", count=2 * FOLDS)
    before = without_each(lessons)
    for place, lesson in enumerate(lessons):
        other = replace(lesson, same=[(lesson.same[0] + 1) % 6])
        after = without_each([*lessons[:place], other, *lessons[place + 1 :]])
        assert after[place] == before[place]
        assert after != before


def test_a_lesson_without_candidates_teaches_nothing() -> None:
    lessons = by_one_kind("words")
    empty = Lesson({kind: [] for kind in KINDS}, [])
    assert learned([*lessons, empty]) == learned(lessons)
    assert len(without_each([empty, *lessons])) == len(lessons) + 1
