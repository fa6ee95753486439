"""The query of `list` against a filter that is too simple to be wrong."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issuelog.errors import UsageError
from issuelog.model.query import KEYS, compile_query
from issuelog.model.row import CONDITIONS, Row

STATES = ["new", "acknowledged", "closed"]
OWNERS = [None, "Ana Reyes <ana@example.com>", "Kim Lee <kim@example.com>"]
LABELS = ["export", "Month-End"]
TEXTS = ["export stops at 40 %", "red box\nEXPORT-507".lower(), "login: fails"]
FIELDS = {"owner": "owner", "customer": "customer", "component": "component", "title": "title", "ref": "external_ref"}
EXACT = {"state": "state", "sev": "severity", "severity": "severity", "channel": "channel", "id": "id"}


def row(**facts: Any) -> Row:
    return {
        "id": "CR-261116-7K3M",
        "title": "Export stops",
        "state": "new",
        "severity": "S2",
        "customer": "Acme GmbH",
        "owner": None,
        "component": None,
        "channel": "email",
        "labels": [],
        "external_ref": None,
        "conditions": [],
        "text": "export stops\ni press export",
        **facts,
    }


rows = st.builds(
    row,
    id=st.sampled_from(["CR-261116-7K3M", "CR-261117-2QAB"]),
    state=st.sampled_from(STATES),
    severity=st.sampled_from(["S1", "S4"]),
    customer=st.sampled_from(["Acme GmbH", "Initech", None]),
    owner=st.sampled_from(OWNERS),
    component=st.sampled_from([None, "export", "login"]),
    channel=st.sampled_from(["email", "phone"]),
    labels=st.lists(st.sampled_from(LABELS), unique=True),
    external_ref=st.sampled_from([None, "https://tracker.example/12"]),
    conditions=st.lists(st.sampled_from(CONDITIONS), unique=True),
    text=st.sampled_from(TEXTS),
)
values = st.sampled_from(["new", "CLOSED", "S1", "s4", "kim", "none", "acme", "export", "email", "7k3m", "", "12"])
keyed = st.builds(
    lambda key, wanted: f"{key}:{','.join(wanted)}",
    st.sampled_from([*FIELDS, *EXACT, "label"]),
    st.lists(values, min_size=1, max_size=3),
)
conditions = st.builds("is:{}".format, st.sampled_from([*CONDITIONS, "open", "closed"]))
words = st.sampled_from(["export", "EXPORT", "red", "7k3m", "40 %", "zebra", "EXPORT-507"])
terms = st.builds(lambda minus, term: minus + term, st.sampled_from(["", "-"]), st.one_of(keyed, conditions, words))


def naive(term: str, found: Row) -> bool:
    """Whether a row passes a term, said as the documentation says it."""
    if term.startswith("-"):
        return not naive(term[1:], found)
    if ":" not in term:
        return term.lower() in found["text"] or term.lower() in found["id"].lower()
    key, _, wanted = term.partition(":")
    for value in wanted.lower().split(","):
        if key == "is":
            state = "closed" if found["state"] == "closed" else "open"
            holds = value == state or value in found["conditions"]
        elif key == "label":
            holds = value in [label.lower() for label in found["labels"]]
        elif key in EXACT:
            holds = found[EXACT[key]].lower() == value
        elif value == "none":
            holds = not found[FIELDS[key]]
        else:
            holds = value in (found[FIELDS[key]] or "").lower()
        if holds:
            return True
    return False


@given(st.lists(terms, max_size=4), rows)
def test_a_query_agrees_with_a_naive_filter(query: list[str], found: Row) -> None:
    assert compile_query(query)(found) == all(naive(term, found) for term in query)


@given(terms, terms, rows)
def test_terms_are_anded_in_any_order_and_turned_round_by_a_minus(one: str, other: str, found: Row) -> None:
    assert compile_query([one, other])(found) == compile_query([other, one])(found)
    assert compile_query([f"-{one}"])(found) != compile_query([one])(found)


@given(rows)
def test_nothing_asked_is_everything_found(found: Row) -> None:
    assert compile_query([])(found)
    assert compile_query([""], [])(found)


@pytest.mark.parametrize(
    ("term", "facts", "passes"),
    [
        ("state:new", {}, True),
        ("state:new,closed", {"state": "closed"}, True),
        ("state:close", {"state": "closed"}, False),
        ("sev:s2", {}, True),
        ("owner:none", {}, True),
        ("-owner:none", {"owner": "kim"}, True),
        ("customer:ACME", {}, True),
        ("label:month-end", {"labels": ["Month-End"]}, True),
        ("label:month", {"labels": ["Month-End"]}, False),
        ("is:open", {"state": "rca"}, True),
        ("is:closed", {"state": "rca"}, False),
        ("is:overdue,waiting", {"conditions": ["waiting"]}, True),
        ("-is:overdue", {"conditions": ["overdue"]}, False),
        ("export", {}, True),
        ("Press", {}, True),
        ("7k3m", {}, True),
        ("-", {"text": "a - b"}, True),
        ("EXPORT-507:", {"text": "export-507: worker terminated"}, True),
        ("40%:", {"text": "stops at 40%: red"}, True),
    ],
)
def test_what_a_term_means(term: str, facts: dict[str, Any], passes: bool) -> None:
    assert compile_query([term])(row(**facts)) == passes


def test_words_are_not_read_as_terms() -> None:
    assert compile_query([], ["state:new"])(row(text="the state:new of things"))
    assert not compile_query([], ["-export"])(row())


@pytest.mark.parametrize(
    ("term", "named"),
    [("stat:new", KEYS), ("is:late", CONDITIONS), ("is:", CONDITIONS), ("-nobody:kim", KEYS)],
)
def test_an_unknown_key_or_condition_is_told_with_the_known_ones(term: str, named: tuple[str, ...]) -> None:
    with pytest.raises(UsageError) as error:
        compile_query([term])
    assert all(name in error.value.message for name in named)
