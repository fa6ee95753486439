"""Known errors in files: what is written is read as it was meant, and a change touches its own lines alone."""

from __future__ import annotations

import json
from contextlib import suppress
from random import Random
from typing import Any

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from issuelog.errors import InvalidFile, NotFound
from issuelog.model.known_error import KnownError
from issuelog.store import known_errors
from issuelog.store.documents import to_data
from issuelog.store.known_errors import changed_text, load, new_text, row
from issuelog.store.layout import Layout
from store.hand import Hand
from support.cli import Tracker
from support.known import AT, KNOWN, known_text, put_known

SHOWN = f"known-errors/{KNOWN}.yaml"
HEAD: dict[str, Any] = {"schema": 1, "id": KNOWN, "published_at": AT}
# No file holds half of a pair; a line is one line, and a title is short.
texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)
lines = texts.filter(lambda text: not set(text) & set("\r\n"))
ids = st.integers(0, 9999).map(lambda number: f"CR-261116-{number:04}")
times = st.datetimes().map(lambda at: at.replace(microsecond=0).isoformat() + "Z")
retired = st.fixed_dictionaries({"at": times, "by": lines, "because": texts})
OPTIONAL: dict[str, st.SearchStrategy[Any]] = {
    **dict.fromkeys(("component", "product", "affected_versions", "fixed_in", "reviewed_by", "further"), lines),
    **dict.fromkeys(("cause", "workaround", "check", "check_gone", "prevention"), texts),
    **dict.fromkeys(("labels", "signature", "may_say"), st.lists(lines, max_size=3)),
    "solution": st.lists(texts, max_size=3),
    "sources": st.lists(ids, max_size=3),
    "reviewed_at": times,
    "retired": retired,
}
some = st.fixed_dictionaries({"title": lines, "symptom": texts, "published_by": lines}, optional=OPTIONAL).map(
    lambda given: KnownError.model_validate({**HEAD, **given})
)


def test_every_field_is_tried() -> None:
    assert KnownError.model_fields.keys() - OPTIONAL.keys() == {
        *("schema_", "id", "title", "symptom", "published_at", "published_by")
    }


@given(some)
def test_what_is_written_is_read_as_it_was(known: KnownError) -> None:
    content = new_text(known)
    assert load(content, SHOWN).known_error == known
    assert changed_text(load(content, SHOWN), known) == content
    assert json.loads(row(known, SHOWN).item)["id"] == KNOWN


@given(some, st.dictionaries(st.sampled_from(sorted(OPTIONAL)), st.none(), max_size=3), some, st.integers(0, 2**32))
def test_a_change_of_a_file_by_hand_is_what_was_meant(
    known: KnownError, gone: dict[str, None], other: KnownError, seed: int
) -> None:
    """However a hand laid the file out; what it added is kept."""
    hand = Hand(Random(seed))
    try:
        stored = load(hand.write(to_data(known)).encode(), SHOWN)
    except InvalidFile:
        reject()  # it wrote of a text what is none
    data = to_data(stored.known_error)
    data |= {key: value for key, value in to_data(other).items() if key in {"cause", "solution", "title", "retired"}}
    after = KnownError.model_validate({key: value for key, value in data.items() if key not in gone})
    with suppress(InvalidFile):  # a layout that cannot be edited is told, and left
        assert to_data(load(changed_text(stored, after), SHOWN).known_error) == to_data(after)


def test_a_small_change_keeps_comments_quotes_and_order() -> None:
    text = f"# why not\n{known_text(cause='memory')}".replace("cause: memory", "cause: 'memory'  # so far")
    stored = load(text.encode(), SHOWN)
    after = changed_text(stored, stored.known_error.model_copy(update={"fixed_in": "9"})).decode()
    assert after == text.replace("cause:", 'fixed_in: "9"\ncause:')


def test_a_file_in_json_is_edited_as_well() -> None:
    text = json.dumps({**HEAD, "title": "x", "symptom": "x", "published_by": "x"})
    stored = load(text.encode(), SHOWN)
    content = changed_text(stored, stored.known_error.model_copy(update={"title": "y"}))
    assert load(content, SHOWN).known_error.title == "y"


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        (("symptom: filler\n", ""), "1:1: symptom is missing"),
        (("schema: 1", "schema: 2"), "1:9: schema is '2'"),
        ((f"id: {KNOWN}", "id: KE-261116-00O1"), "2:5: id is 'KE-261116-00O1': the id of a known error looks like"),
        ((f"id: {KNOWN}", "id: KE-261332-0001"), "2:5: id is"),
        ((f"id: {KNOWN}", "id: KE-261116-0002"), f"2:5: the file is named {KNOWN}, its id is KE-261116-0002"),
        (("title: filler", "title: []"), "3:8: title is a list"),
        (("symptom: filler", "symptom: filler\nsources: [x]"), "5:11: sources.1 is 'x': an id looks like"),
        (("symptom: filler", "symptom: filler\nretired: {at: soon}"), "retired.at is not a time"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(edit: tuple[str, str], says: str) -> None:
    with pytest.raises(InvalidFile) as error:
        load(known_text().replace(*edit).encode(), SHOWN)
    assert says in error.value.message


def test_ids_are_found_by_any_unique_part(tracker: Tracker) -> None:
    layout = Layout(tracker.root)
    assert layout.known_error_ids() == []
    for name in ("KE-261116-0A01", "KE-261117-0B02"):
        put_known(tracker, name)
    (tracker.root / "known-errors" / ".hidden.yaml").write_text("")
    assert layout.known_error_ids() == ["KE-261116-0A01", "KE-261117-0B02"]
    for part in ("0a01", "ke-261116", "KE-261116-0AO1", "KE-261116-oaol", "x/KE-261116-0A01.yaml"):
        assert known_errors.find(layout, part) == "KE-261116-0A01", part
    for part in ("", "-", "9QXA", "KE", "0"):
        with pytest.raises(NotFound):
            known_errors.find(layout, part)


def test_what_a_hand_adds_is_not_lost() -> None:
    stored = load(f"{known_text()}further:\n  more: 1\n".encode(), SHOWN)
    after = changed_text(stored, stored.known_error.model_copy(update={"cause": "x"})).decode()
    assert "further:\n  more: 1\n" in after
