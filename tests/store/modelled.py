"""Reports made from the model: every field has a chance, and every text may be hostile."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st
from pydantic import BaseModel

from issuelog.model.report import Count, ItemId, Report, ReportId, Sha256, Text, Time
from issuelog.model.times import iso
from store.made import keys, texts

Data = dict[str, Any]

_lines = texts.map(lambda text: text.replace("\r", " ").replace("\n", " ")).filter(bool)
_times = st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1)).map(lambda at: iso(at.replace(tzinfo=UTC)))
_amounts = st.decimals(0, 10**9, places=2).map(str) | st.sampled_from(["0", "12.50", "1E+2", "007"])
_KNOWN = [
    (Time, _times),
    (ReportId, st.sampled_from(["CR-261116-7K3M", "CR-261102-Q4WD"])),
    (Sha256, st.sampled_from(["0" * 64, "12e4567" + "0" * 57, "f" * 64])),
    (ItemId, st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", fullmatch=True)),
    (Text, texts.filter(bool)),
    (Count, st.integers(0, 10**20).map(str)),
    (bool, st.sampled_from(["true", "false", "yes", "no"])),
]
_NAMED = {
    "schema": st.just("1"),
    "title": _lines.map(lambda text: text[:120]),
    "amount": _amounts,
    "currency": st.sampled_from(["EUR", "XXX"]),
    "score": st.integers(1, 5).map(str),
    "upto": st.integers(1, 10**12).map(lambda size: f"{size}:{'0123456789abcdef' * 4}"),
}


# A strategy that is made anew for every draw is looked through anew as well, which took longer than the draws.
@cache
def _value(hint: Any) -> st.SearchStrategy[Any]:
    """What a file may hold for a field of this type."""
    for known, strategy in _KNOWN:
        if hint == known:
            return strategy
    arguments = get_args(hint)
    match get_origin(hint):
        case origin if origin in {Union, UnionType}:
            return st.one_of([_value(argument) for argument in arguments if argument is not type(None)])
        case origin if origin is list:
            return st.lists(_value(arguments[0]), min_size=1, max_size=3)
        case origin if origin is dict:
            return st.dictionaries(keys, texts, min_size=1, max_size=3)
        case origin if origin is Annotated and arguments[0] is not str:
            return _value(arguments[0])
        case origin if origin is Literal:
            return st.sampled_from(arguments)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return st.sampled_from([str(member) for member in hint])
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        return section(hint)
    return _lines


_unknown: st.SearchStrategy[Data] = (
    st.just({})
    | st.just({})
    | st.dictionaries(
        st.sampled_from(["x_mine", "version 2"]),
        texts
        | st.lists(texts | st.just({}) | st.dictionaries(keys, texts, min_size=1, max_size=2), min_size=1, max_size=3),
        max_size=2,
    )
)


@cache
def _hints(model: type[BaseModel]) -> dict[str, Any]:
    return get_type_hints(model, include_extras=True)


@cache
def _optional(model: type[BaseModel], most: int) -> st.SearchStrategy[set[str]]:
    names = [name for name, field in model.model_fields.items() if not field.is_required()]
    return st.sets(st.sampled_from(names), max_size=most) if names else st.just(set())


@st.composite
def section(draw: st.DrawFn, model: type[BaseModel], most: int = 3) -> Data:
    """What a file may hold for a section: what it must have, and some of what it may, in the model's order."""
    hints = _hints(model)
    chosen = draw(_optional(model, most))
    data: Data = {}
    for name, field in model.model_fields.items():
        if field.is_required() or name in chosen:
            key = field.alias or name
            data[key] = draw(_NAMED[key] if key in _NAMED else _value(hints[name]))
    return data | draw(_unknown)


_report = section(Report, most=6)


@st.composite
def reports(draw: st.DrawFn) -> Report:
    """Valid reports, all with one id."""
    return Report.model_validate({**draw(_report), "id": "CR-261116-7K3M"})


FIELDS = [name for name in Report.model_fields if name not in {"schema_", "id"}]
"""The fields of a report that a change may replace."""
