"""Versions in the order in which they were released."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issuelog.model.versions import at_or_after, covers, has_fix, is_comparable, sortable, version_key

# Whether 2 and 2.0 are the same release is left open.
numbers = st.lists(st.integers(0, 10**6), min_size=1, max_size=5).filter(lambda parts: parts[-1] > 0)
versions = st.one_of(
    numbers.map(lambda parts: ".".join(map(str, parts))),
    st.from_regex(r"v?\d{1,3}(\.\d{1,3}){0,3}(-?(rc|beta|alpha|dev)\.?\d{0,2})?", fullmatch=True),
    st.text(max_size=20),
)

IN_ORDER = [
    "0.9",
    "1.0.dev1",
    "1.0-alpha",
    "1.0a1.dev1",
    "1.0-alpha.1",
    "1.0-alpha.beta",
    "1.0-beta",
    "1.0b2.post345.dev456",
    "1.0b2.post345",
    "1.0-M1",
    "1.0rc1.dev2",
    "1.0rc1",
    "1.0-rc2",
    "1.0-rc.10",
    "1.0-experimental",
    "1.0-SNAPSHOT",
    "1.0",
    "1.0.post456.dev34",
    "1.0.post456",
    "1.0-4711",
    "1.0.1",
    "1.2",
    "1.10",
    "1.10.2",
    "2.0-rc1",
    "2.0",
    "8.10",
    "8.10.0-4711",
    "Version 8.10 (build 4712)",
    "8.10.1",
    "10.0",
    "10.0.19045.3803",
    "R12",
    "26.4",
    "26.11",
    "2026-09-30",
    "2026.11",
    "20261122",
    "2026-11-23",
    "1!0.5",
]

SAME = [
    ("1.0.Final", "1.0"),
    ("1.0.GA", "v1.0.0"),
    ("Release 1.7.5", "1.7.5"),
    ("R12", "12"),
    ("20261122", "2026-11-22"),
    ("2026.11.22", "20261122"),
    ("8.10.0-4711", "8.10 (build 4711)"),
    ("8.10.0-4711", "8.10.0.4711"),
    ("1.7.5.v2011", "1.7.5-2011"),
    ("1.0c1", "1.0rc1"),
    ("1.0rc", "1.0-rc.0"),
    ("1.0.0+build.5", "1.0.0"),
    ("log4j 1.2.17", "1.2.17"),
    ("log4j-1.2.17", "1.2.17"),
    ("python3.11", "3.11"),
    ("v.8.10", "8.10"),
    ("8.10-linux-x64", "8.10"),
    ("31.1-jre", "31.1"),
    ("8.10 on Windows 11", "8.10"),
    ("8.10 professional", "8.10"),
    ("٨.١٠", "8.10"),
]
HOSTILE = [
    "9" * 10_000,
    "9." * 5_000,
    "-" * 50_000,
    "." * 50_000 + "1",
    "1" + " " * 50_000,
    "rc" * 20_000,
    "\0",
    "²",
    "１",
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


@pytest.mark.parametrize(("one", "other"), SAME)
def test_one_version_in_two_ways_of_writing(one: str, other: str) -> None:
    assert version_key(one) == version_key(other)
    assert sortable(one) == sortable(other)


@given(versions, versions)
def test_the_text_for_databases_sorts_as_the_key(one: str, other: str) -> None:
    assert (sortable(one) < sortable(other)) == (version_key(one) < version_key(other))
    assert (sortable(one).encode() < sortable(other).encode()) == (sortable(one) < sortable(other))


@pytest.mark.parametrize("version", HOSTILE, ids=range(len(HOSTILE)))
def test_no_text_is_too_much(version: str) -> None:
    assert sortable(version) == sortable(version.upper())
    assert at_or_after(version, version)
    assert covers(version, "8.10") in {True, False, None}
    assert covers(">=8.10", version) in {True, False, None}
    assert has_fix("8.10", version) in {True, False, None}


@pytest.mark.parametrize(
    "version",
    ["latest", "", "none", "12e4567", "8.8, 8.9", "8.8 - 8.10", ">=8.8", "8.x", "8.8+", "rc1", "1.2.2026", "9" * 300],
)
def test_what_is_no_single_version_is_compared_with_none(version: str) -> None:
    assert not is_comparable(version, "8.10")
    assert not is_comparable("8.10", version)
    assert has_fix(version, "8.10") is None
    assert has_fix("8.10", version) is None


@pytest.mark.parametrize(
    ("one", "other", "can_be_told"),
    [
        ("8.10", "9.0.1", True),
        ("8.10", "Version 8.10 (build 4711)", True),
        ("2026-11-22", "8.10", False),
        ("2026.1.3", "2026.2", True),
        ("20261122", "2026-11-23", True),
        ("4711", "4712", True),
        ("build 4711", "4712", True),
        ("4711", "8.10", False),
        ("build 4711", "8.10 (build 4712)", False),
        ("9", "8.10", True),
        ("Firefox 131", "131.0", True),
        ("Firefox 131", "Chrome 130", False),
        ("12e4567", "12E4567", True),
        ("12e4567", "12e4568", False),
        ("latest", "latest", False),
    ],
)
def test_only_versions_of_one_scheme_can_be_compared(one: str, other: str, can_be_told: bool) -> None:
    assert is_comparable(one, other) == can_be_told
    assert is_comparable(other, one) == can_be_told


@pytest.mark.parametrize(
    ("version", "fixed_in", "has_it"),
    [
        ("8.10", "8.10.3", False),
        ("8.10.3-rc1", "8.10.3", False),
        ("8", "8.10", None),
        ("8.10", "8", True),
        ("9", "8.10", True),
        ("8.10.0", "8.10.0-4711", None),
        ("8.10", "8.10 (build 4711)", None),
        ("8.9", "8.10 (build 4711)", False),
        ("8.10.0-4710", "8.10.0-4711", False),
        ("8.10.0.4712", "8.10.0-4711", True),
        ("8.10.0-4711", "8.10.0", True),
        ("1.0+hotfix1", "1.0", True),
        ("1.0", "1.0+hotfix1", None),
        ("1.0+hotfix1", "1.0+hotfix1", True),
        ("1.1", "1.0+hotfix1", True),
        ("12e4567", "12e4567", True),
    ],
)
def test_whether_a_version_has_the_fix_is_said_only_where_it_can_be_told(
    version: str, fixed_in: str, has_it: bool | None
) -> None:
    assert has_fix(version, fixed_in) is has_it


@given(versions, versions)
def test_what_can_be_told_goes_by_the_order(one: str, other: str) -> None:
    assert is_comparable(one, other) == is_comparable(other, one)
    has_it = has_fix(one, other)
    if has_it is not None:
        assert has_it == (at_or_after(one, other) or one == other)
        assert is_comparable(one, other)


RANGES: dict[str, dict[str, bool | None]] = {
    ">=8.8,<8.10.2": {"8.7": False, "8.8": True, "8.10.1": True, "8.10.2": False, "8": None, "latest": None},
    ">= 8.8 < 8.10": {"8.9.9": True, "8.10": False, "2026-11-22": None},
    ">=8.8,<8.9,>=9.0,<9.1": {"8.8.5": True, "8.9": False, "9.0.1": True, "9.1": False},
    "<8.0 || >=9,<9.2": {"7": True, "8.1": False, "9.1": True, "9.2": False},
    "8.8 - 8.10": {"8.7": False, "8.8": True, "8.9.3": True, "8.10": True, "8.10.2": None, "8.11": False},
    "from 8.8 to 8.10": {"8.7": False, "8.9": True},
    "8.8-8.10": {"8.9": True, "8.11": False},
    "8.8..8.10": {"8.9": True, "8.11": False},
    "8.10.0-4711": {"8.10.0-4711": True, "8.10.0-4712": False, "8.10.0": None, "8.10.1": False},
    "2026-11": {"2026-11": True, "2026-12": False},
    "8.x": {"7": False, "8": True, "8.0-rc1": True, "8.10.2": True, "9": False},
    "<=8.x": {"7": True, "8.10": True, "9": False},
    ">8.x": {"8.10": False, "9.0": True},
    "8.10.*": {"8.9": False, "8.10.2": True},
    "all before 9": {"8.99": True, "9": False, "9.1": False, "8": True},
    "all versions before 9": {"8.99": True, "9": False},
    "older than 8.10": {"8.9": True, "8.10": False},
    "up to 9": {"8.9": True, "9": True, "9.1": None, "10": False},
    "8.8 and later": {"8.7": False, "8.8": True, "9": True},
    "8.8+": {"8.7": False, "8.8.1": True},
    "since 8.8": {"8.7": False, "8.8": True},
    "8.8 or earlier": {"8.7": True, "8.9": False},
    "ab 8.8": {"8.7": False, "9": True},
    "8.8 bis 8.10": {"8.9": True, "9": False},
    "[8.8,9)": {"8.7": False, "8.8": True, "9": False},
    "(,9]": {"8": True, "9": True, "10": False},
    "8.8, 8.9": {"8.8": True, "8.9": True, "8.8.1": None, "8.10": False},
    "8.5, >=8.8": {"8.5": True, "8.6": False, "8.9": True},
    ">=8.8,<8.9, 9.1": {"8.8": True, "9.0": False, "9.1": True},
    "8.8 and 8.9": {"8.9": True, "8.10": False},
    "versions 8.8 or v8.9": {"8.9": True, "8.10": False},
    "8.10.0": {"8.10.0-4711": True, "8.10.0.7": True, "8.10.1": False},
    "!=8.9": {"8.9": False, "8.8": True},
    "all": {"8.8": True, "latest": True},
    "all except 8.9": {"8.8": None, "8.9": None},
    "the one from Tuesday": {"8.8": None},
    "": {"8.8": None},
    ">=": {"8.8": None},
}


@pytest.mark.parametrize("affected", RANGES)
def test_ranges_as_people_write_them(affected: str) -> None:
    assert {version: covers(affected, version) for version in RANGES[affected]} == RANGES[affected]
    assert {version: covers(affected.upper(), version) for version in RANGES[affected]} == RANGES[affected]


@given(numbers, numbers, numbers)
def test_a_range_holds_what_lies_between_its_ends(one: list[int], two: list[int], three: list[int]) -> None:
    low, high = sorted((dotted(one), dotted(two)), key=version_key)
    version = dotted(three)
    known = [
        covers(f">={low},<{high}", version),
        covers(f"[{low},{high})", version),
        covers(f">= {low} <{high}", version),
    ]
    assert len(set(known)) == 1
    if known[0] is not None:
        assert known[0] == (at_or_after(version, low) and not at_or_after(version, high))


@given(numbers, versions)
def test_what_is_before_the_fix_does_not_have_it(parts: list[int], version: str) -> None:
    fixed_in = dotted(parts)
    before, has_it = covers(f"<{fixed_in}", version), has_fix(version, fixed_in)
    if before is not None and has_it is not None:
        assert before is not has_it


@given(st.text(max_size=60), versions)
def test_any_text_may_stand_where_a_range_does(affected: str, version: str) -> None:
    assert covers(affected, version) in {True, False, None}
