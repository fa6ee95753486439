"""Versions in the order in which they were released."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issuelog.model.versions import at_or_after, version_key

# Whether 2 and 2.0 are the same release is left open.
numbers = st.lists(st.integers(0, 10**6), min_size=1, max_size=5).filter(lambda parts: parts[-1] > 0)
versions = st.one_of(
    numbers.map(lambda parts: ".".join(map(str, parts))),
    st.from_regex(r"v?\d{1,3}(\.\d{1,3}){0,3}(-?(rc|beta|alpha|dev)\.?\d{0,2})?", fullmatch=True),
    st.text(max_size=20),
)

IN_ORDER = [
    "0.9",
    "1.0-alpha",
    "1.0-beta",
    "1.0rc1",
    "1.0-rc2",
    "1.0-rc.10",
    "1.0",
    "1.0.1",
    "1.2",
    "1.10",
    "1.10.2",
    "2.0-rc1",
    "2.0",
    "10.0",
    "2026.11",
]


def dotted(parts: list[int]) -> str:
    return ".".join(map(str, parts))


@given(numbers, numbers)
def test_plain_versions_are_ordered_as_their_numbers(one: list[int], other: list[int]) -> None:
    assert (version_key(dotted(one)) < version_key(dotted(other))) == (one < other)
    assert (version_key(dotted(one)) == version_key(dotted(other))) == (one == other)


@given(versions, versions, versions)
def test_the_order_is_total(one: str, two: str, three: str) -> None:
    assert at_or_after(one, one)
    assert at_or_after(one, two) or at_or_after(two, one)
    if at_or_after(one, two) and at_or_after(two, one):
        assert version_key(one) == version_key(two)
    if at_or_after(one, two) and at_or_after(two, three):
        assert at_or_after(one, three)


@given(numbers, st.sampled_from(["rc", "beta", "-alpha.", "-dev"]), st.integers(0, 99))
def test_a_candidate_comes_before_its_release_and_after_the_last(parts: list[int], word: str, number: int) -> None:
    candidate = f"{dotted(parts)}{word}{number}"
    assert not at_or_after(candidate, dotted(parts))
    assert at_or_after(candidate, dotted([*parts[:-1], parts[-1] - 1]))


@given(st.lists(versions, max_size=8), st.randoms(use_true_random=False))
def test_sorting_does_not_depend_on_the_order_before(found: list[str], chance: random.Random) -> None:
    shuffled = list(found)
    chance.shuffle(shuffled)
    assert [version_key(one) for one in sorted(found, key=version_key)] == [
        version_key(one) for one in sorted(shuffled, key=version_key)
    ]


def test_releases_are_in_order() -> None:
    assert sorted(set(IN_ORDER), key=version_key) == IN_ORDER


@pytest.mark.parametrize(
    ("version", "fixed_in", "has_it"),
    [
        ("8.10.3", "8.10.3", True),
        ("8.10.10", "8.10.3", True),
        ("8.9", "8.10", False),
        ("v8.10.3", "8.10.3", True),
        ("8.10.3", "v8.10.3", True),
        ("8.10.3-rc1", "8.10.3", False),
        ("8.10.03", "8.10.3", True),
        ("9", "8.10.3", True),
    ],
)
def test_whether_a_version_has_the_fix(version: str, fixed_in: str, has_it: bool) -> None:
    assert at_or_after(version, fixed_in) == has_it
