"""How two versions of a report differ."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issuelog.model.difference import Difference, differences

_VALUES = st.text("ab", min_size=1, max_size=2) | st.integers(0, 3)
_NAMES = st.sampled_from(["title", "owner", "impact", "causes", "labels"])


def _sections(value: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    item = st.builds(lambda number, more: {**more, "id": f"C{number}"}, st.integers(1, 3), _mappings(value))
    items = st.lists(item, min_size=1, unique_by=lambda one: one["id"])
    return _mappings(value) | items | st.lists(_VALUES, min_size=1)


def _mappings(value: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(_NAMES, value, min_size=1, max_size=3)


_REPORTS = _mappings(st.recursive(_VALUES, _sections, max_leaves=8))


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 2}, [Difference("a", 1, 2)]),
        ({}, {"a": {"b": 1}}, [Difference("a", None, {"b": 1})]),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 3, "c": 2}}, [Difference("a.b", 1, 3)]),
        ({}, {"x": [{"id": "R1", "n": 1}]}, [Difference("x.R1", None, {"id": "R1", "n": 1})]),
        ({"x": [{"id": "R1", "n": 1}]}, {"x": [{"id": "R1", "n": 2}]}, [Difference("x.R1.n", 1, 2)]),
        ({"x": ["a"]}, {"x": ["a", "b"]}, [Difference("x", ["a"], ["a", "b"])]),
        ({"x": [{"id": "R1"}, {"id": "R2"}]}, {"x": [{"id": "R2"}, {"id": "R1"}]}, []),
        ({"x": [{"id": "R1"}]}, {"x": {"R1": 1}}, [Difference("x", [{"id": "R1"}], {"R1": 1})]),
        ({"x": [{"id": "R1"}, {"id": "R1"}]}, {}, [Difference("x", [{"id": "R1"}, {"id": "R1"}], None)]),
    ],
)
def test_what_differs(before: dict[str, Any], after: dict[str, Any], found: list[Difference]) -> None:
    assert list(differences(before, after)) == found


@given(_REPORTS, _REPORTS)
def test_the_other_way_round_it_is_the_same_with_both_values_exchanged(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    there = {(one.path, repr(one.before), repr(one.after)) for one in differences(before, after)}
    assert there == {(one.path, repr(one.after), repr(one.before)) for one in differences(after, before)}


@given(_REPORTS, _REPORTS)
def test_nothing_that_differs_is_left_out(before: dict[str, Any], after: dict[str, Any]) -> None:
    state = _flat(before)
    for one in differences(before, after):
        state -= {(path, value) for path, value in state if path == one.path or path.startswith(f"{one.path}.")}
        state |= _flat_value(one.path, one.after)
    assert state == _flat(after)


def _flat(data: dict[str, Any]) -> set[tuple[str, str]]:
    return {row for key, value in data.items() for row in _flat_value(key, value)}


def _flat_value(path: str, value: Any) -> set[tuple[str, str]]:
    if value is None:
        return set()
    if isinstance(value, list) and all(isinstance(item, dict) and "id" in item for item in value):
        value = {item["id"]: item for item in value}
    if isinstance(value, dict):
        return {row for key, part in value.items() for row in _flat_value(f"{path}.{key}", part)}
    return {(path, repr(value))}
