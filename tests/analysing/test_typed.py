"""An analysis as a document that a person edits: what is read back is what was meant, whatever was typed."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issuelog.analysing.typed import is_recorded, laid_out, typed
from issuelog.errors import InvalidFile, Problem
from issuelog.model.report import EndKind, Rca
from issuelog.store.documents import to_data
from issuelog.store.yamlfile import Data, parse
from issuelog.store.yamltext import dump

PEOPLE = {"kim": "Kim Lee <kim@example.com>"}


def person(who: str) -> str:
    return PEOPLE.get(who, who)


WORDS = st.text(
    st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs"), include_characters="\n\t"),
    min_size=1,
    max_size=40,
).filter(str.strip)
LINE = WORDS.map(lambda text: " ".join(text.split())).filter(bool)
TIME = st.datetimes(datetime(2000, 1, 1), datetime(2099, 1, 1)).map(lambda at: f"{at:%Y-%m-%dT%H:%M:%SZ}")


def numbered(letter: str, one: st.SearchStrategy[Data], most: int = 3) -> st.SearchStrategy[list[Data]]:
    return st.lists(one, max_size=most).map(
        lambda items: [{"id": f"{letter}{number}", **item} for number, item in enumerate(items, 1)]
    )


def facts(needed: dict[str, Any], others: dict[str, Any]) -> st.SearchStrategy[Data]:
    return st.fixed_dictionaries(needed, optional=others)


CHECK = facts({"at": TIME, "by": LINE, "result": st.sampled_from(["held", "failed"]), "evidence": WORDS}, {})
CAUSE = facts(
    {"kind": st.sampled_from(["occurrence", "escape"])},
    {"whys": numbered("W", facts({"why": WORDS}, {"evidence": WORDS})), "end_kind": st.sampled_from([*EndKind])},
)
ACTION = facts(
    {
        "text": WORDS,
        "kind": st.sampled_from(["prevent", "detect", "mitigate"]),
        "strength": st.sampled_from(["strong", "intermediate", "weak"]),
        "status": st.sampled_from(["open", "done", "dropped"]),
    },
    {"owner": LINE, "due_at": TIME, "measure": WORDS, "evidence": WORDS, "checks": numbered("K", CHECK, 2)},
)
ANALYSES = facts(
    {"status": st.sampled_from(["draft", "accepted"])},
    {
        **dict.fromkeys(("owner", "reviewer"), LINE),
        **dict.fromkeys(("summary", "spread", "customer_summary"), WORDS),
        "due_at": TIME,
        "timeline": numbered("L", facts({"at": TIME, "text": WORDS}, {})),
        "causes": numbered("C", CAUSE),
        "factors": numbered("F", facts({"text": WORDS}, {})),
        "detection": facts({}, {"how": WORDS, "should_have": WORDS, "gap_minutes": st.integers(0, 99).map(str)}),
        "process_walk": st.dictionaries(LINE, WORDS, max_size=3),
        "actions": numbered("A", ACTION),
        "not_done": numbered("N", facts({"what": WORDS, "why": WORDS}, {})),
        "recurrence": facts({}, {"searched_at": TIME, "matches": st.lists(LINE, max_size=2), "conclusion": WORDS}),
        "of_a_later_version": LINE,
    },
).map(Rca.model_validate)


def back(data: Data, was: Rca) -> Rca:
    return typed(dump(data).encode(), was, person, "draft.yaml")


def places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield where there is a text that a person may write anew."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield from places(item, (*path, name))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from places(item, (*path, number))
    elif path[-1] in {"why", "evidence", "text", "measure", "summary", "spread", "what", "conclusion", "how"}:
        yield path


def put(data: Any, path: tuple[str | int, ...], value: str) -> None:
    for part in path[:-1]:
        data = data[part]
    data[path[-1]] = value


@given(ANALYSES)
def test_an_analysis_that_is_read_back_is_the_same(analysis: Rca) -> None:
    assert to_data(back(laid_out(analysis), analysis)) == to_data(analysis)


@given(ANALYSES, st.data())
def test_an_edit_of_one_text_changes_that_text_alone(analysis: Rca, chosen: st.DataObject) -> None:
    document = laid_out(analysis)
    known = [*places(document)]
    if known:
        path = chosen.draw(st.sampled_from(known))
        put(document, path, "written anew")
        expected = to_data(analysis)
        put(expected, path, "written anew")
        assert to_data(back(document, analysis)) == expected


NEW: dict[str, Data] = {
    "timeline": {"at": "2027-01-15", "text": "new"},
    "causes": {"kind": "escape"},
    "factors": {"text": "new"},
    "actions": {"text": "new", "kind": "detect", "strength": "weak"},
    "not_done": {"what": "new", "why": "because"},
}


@given(ANALYSES, st.sampled_from([*NEW]), st.data())
def test_new_items_get_ids_that_nothing_has_or_had_and_none_of_what_another_was(
    analysis: Rca, name: str, chosen: st.DataObject
) -> None:
    document = laid_out(analysis)
    ended = {action.id for action in analysis.actions if action.status != "open"}
    items = document.get(name, [])
    kept = [item for item in items if item["id"] in ended or chosen.draw(st.booleans())]
    place = chosen.draw(st.integers(0, len(kept)))
    document[name] = [*kept[:place], NEW[name], NEW[name], *kept[place:]]
    found = to_data(back(document, analysis))[name]
    assert max(Counter(item["id"] for item in found).values()) == 1
    made = found[place : place + 2]
    assert not {item["id"] for item in made} & {item["id"] for item in items}
    for item in made:
        assert item.keys() - {"status"} == {"id", *NEW[name]}
        assert item.get("status", "open") == "open"


def test_a_new_why_has_an_id_of_its_own_in_its_cause() -> None:
    whys = [{"id": "W1", "why": "a"}, {"id": "W2", "why": "b"}]
    was = Rca.model_validate({"causes": [{"id": "C1", "kind": "escape", "whys": whys}]})
    document = {"causes": [{"id": "C1", "kind": "escape", "whys": [{"id": "W1", "why": "a"}, {"why": "c"}]}]}
    assert [why.id for why in back(document, was).causes[0].whys] == ["W1", "W3"]


def test_a_person_with_a_short_name_is_written_in_full_where_the_name_is_new() -> None:
    action = {"id": "A1", "text": "x", "kind": "prevent", "strength": "strong"}
    was = Rca.model_validate({"actions": [{**action, "owner": "kim"}]})
    document = {"owner": "kim", "actions": [{**action, "owner": "kim"}, {**action, "id": "A2", "owner": "kim"}]}
    found = back(document, was)
    assert [found.owner, *(one.owner for one in found.actions)] == [PEOPLE["kim"], "kim", PEOPLE["kim"]]


@given(ANALYSES)
def test_a_draft_that_was_recorded_is_known_by_what_it_says(analysis: Rca) -> None:
    document = laid_out(analysis)
    unnumbered = copy.deepcopy(document)
    for name in ("timeline", "factors", "not_done"):
        for item in unnumbered.get(name, []):
            del item["id"]
    assert is_recorded(dump(unnumbered).encode(), analysis, person)
    unnumbered["summary"] = f"{unnumbered.get('summary')} and more"
    assert not is_recorded(dump(unnumbered).encode(), analysis, person)


DONE = {"id": "A1", "text": "x", "kind": "prevent", "strength": "strong", "status": "done", "evidence": "seen"}
WAS = Rca.model_validate(
    {"status": "draft", "causes": [{"id": "C1", "kind": "escape"}], "actions": [DONE, {**DONE, "id": "A2"}]}
)
TEXT = """\
status: accepted
oner: kim
causes:
  - id: C1
    kind: luck
    whys:
      - id: W1
        why: a
        evidnce: b
      - id: W1
        why: c
actions:
  - id: A1
    text: x
    kind: prevent
    strength: strong
    evidence: mine
    cause: C9
  - id: A1
    text: y
    kind: prevent
    strength: strong
    due_at: soon
process_walk: all of it
"""


def problems(text: str | bytes, was: Rca = WAS) -> tuple[Problem, ...]:
    with pytest.raises(InvalidFile) as refused:
        typed(text.encode() if isinstance(text, str) else text, was, person, "draft.yaml")
    return tuple(refused.value.problems)


def test_everything_that_is_wrong_is_told_at_once_with_its_line() -> None:
    found = problems(TEXT)
    lines = TEXT.splitlines()
    assert [(one.rule, lines[one.line - 1][one.column - 1 :]) for one in found] == [
        ("sealed", "status: accepted"),
        ("unknown_key", "oner: kim"),
        ("schema", "luck"),
        ("unknown_key", "evidnce: b"),
        ("ids", "id: W1"),
        ("actions", "actions:"),
        ("sealed", "evidence: mine"),
        ("reference", "cause: C9"),
        ("ids", "id: A1"),
        ("schema", "soon"),
        ("schema", "all of it"),
    ]
    said = "\n".join(one.message for one in found)
    assert "oner is not known; did you mean owner?" in said
    assert "action A2 is done; it stays" in said
    assert "there are: C1" in said


def test_a_cause_that_something_answers_is_not_taken_out() -> None:
    (one,) = problems(
        "actions: [{id: A1, text: x, kind: prevent, strength: strong, cause: C1}, {id: A2, text: x, "
        "kind: prevent, strength: strong}]\n"
    )
    assert (one.rule, "there are: none" in one.message) == ("reference", True)


def test_a_cause_that_was_missing_before_is_not_held_against_another_edit() -> None:
    action = {"id": "A1", "text": "x", "kind": "prevent", "strength": "strong", "cause": "C7"}
    was = Rca.model_validate({"actions": [action]})
    assert back({"summary": "s", "actions": [action]}, was).summary == "s"


@pytest.mark.parametrize(
    "text",
    [
        "summary: !!python/object/apply:os.system [id]\n",
        "summary: &a x\nspread: *a\n",
        "%TAG ! tag:example.com,2000:\n---\nsummary: x\n",
        "summary: x\n---\nsummary: y\n",
        "summary: x\nsummary: y\n",
        "- a\n- b\n",
        "a\n",
        "summary: [\n",
        "{" * 40 + "\n",
        "causes: 5\n",
        "causes: {C1: x}\n",
        "causes: [5, x, [y]]\n",
        "causes: [{id: [1], kind: escape}]\n",
        "actions: [{id: {a: b}}]\n",
        "actions: [{id: A1, cause: [C1]}]\n",
        "timeline: [{at: {}, text: []}]\n",
        "detection: [how]\n",
        "detection: {gap_minutes: -5}\n",
        "owner: [kim]\n",
        "recurrence: never\n",
        "summary: a\x00b\n",
        b"summary: \xff\n",
        "summary: " + "x" * 6_000_000,
        "<<<<<<< your draft\nsummary: a\n=======\nsummary: b\n>>>>>>> now\n",
    ],
)
def test_what_is_no_analysis_is_refused_with_a_place(text: str | bytes) -> None:
    for one in problems(text, Rca()):
        assert one.path == "draft.yaml"
        assert one.line >= 1
        assert one.column >= 1
        assert one.message


ANYTHING = st.recursive(
    WORDS | st.just(""),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(LINE, inside, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*Rca.model_fields]) | LINE, ANYTHING, max_size=4))
def test_whatever_is_typed_is_an_analysis_or_refused_in_words(data: Data) -> None:
    text = dump(data)
    parse(text, "what the test made")
    with suppress(InvalidFile):
        typed(text.encode(), WAS, person, "draft.yaml")
