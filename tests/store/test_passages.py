"""The texts of a file, each with its place and the lines on which it stands."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issuelog.model.report import Report
from issuelog.store.passages import GROUPS, passages, words
from issuelog.store.yamlfile import parse
from issuelog.store.yamltext import dump
from store.modelled import section


def found(text: str) -> list[tuple[str, str, int, str]]:
    return [(one.group, one.place, one.line, one.text) for one in passages(parse(text, "x.yaml"))]


STYLES = {
    "plain": ("story: first second\n", [1, 1]),
    "plain over lines": ("story: first\n  second\n", [1, 2]),
    "single quotes": ("story: 'first\n  second'\n", [1, 2]),
    "double quotes": ('story: "first\\nsecond"\n', [1, 1]),
    "as it is": ("story: |\n  first\n  second\n", [2, 3]),
    "as it is, begins with an empty line": ("story: |2-\n\n  first\n\n  second\n\n\n", [3, 5]),
    "as it is, with a comment": ("# first\nstory: |  # second\n  first\n  second\n", [3, 4]),
    "folded": ("story: >-\n  first\n  second\n", [2, 3]),
    "in a list": ("intake:\n  steps:\n  - none\n  - |\n    first\n    second\n", [5, 6]),
    "other ends of lines": ("story: |\r\n  first\r\n  second\r\n", [2, 3]),
    "other ends within a line": ('story: "a\\u2028first\\rsecond"\n', [1, 1]),
}


@pytest.mark.parametrize("style", STYLES)
def test_a_text_has_the_lines_on_which_it_stands(style: str) -> None:
    file, expected = STYLES[style]
    texts = [(one.line, one.lines(file)) for one in passages(parse(file, "x.yaml"))]
    lines = [
        first + number
        for word in ("first", "second")
        for first, several in texts
        for number, line in enumerate(several)
        if word in line
    ]
    assert lines == expected
    in_file = file.splitlines()
    for word, line in zip(("first", "second"), lines, strict=True):
        assert word in in_file[line - 1]


@given(section(Report))
def test_in_a_file_of_ours_every_line_of_a_text_is_where_it_is_said_to_be(data: Any) -> None:
    file = dump(data)
    in_file = file.split("\n")
    for one in passages(parse(file, "x.yaml")):
        for number, line in enumerate(one.lines(file)):
            place = in_file[one.line - 1 + number]
            assert place.endswith(line) if one.node.style != '"' else place.endswith('"')


def test_items_are_named_by_their_ids_and_others_by_their_numbers() -> None:
    text = "rca:\n  causes:\n  - id: C1\n    whys:\n    - why: first\n    - id: W2\n      why: second\n"
    assert [(place, line) for _, place, line, _ in found(text)] == [
        ("rca.causes.C1.whys.1.why", 5),
        ("rca.causes.C1.whys.W2.why", 7),
    ]


@pytest.mark.parametrize(
    ("file", "group"),
    [
        ("title: x", "title"),
        ("symptom: x", "title"),
        ("signature: x", "error"),
        ("intake:\n  error_message: x", "error"),
        ("intake:\n  error_code: x", "error"),
        ("intake:\n  unavailable:\n    error_message: x", "facts"),
        ("story: x", "story"),
        ("impact:\n  workaround: x", "facts"),
        ("fix:\n  summary: x", "analysis"),
        ("solution: x", "analysis"),
        ("questions:\n- answer: x", "messages"),
        ("events:\n- text: x", "notes"),
        ("whatever: x", "notes"),
    ],
)
def test_each_text_weighs_as_its_group(file: str, group: str) -> None:
    assert [one[0] for one in found(file)] == [group]


def test_what_says_more_about_the_error_weighs_more() -> None:
    assert GROUPS["title"] > GROUPS["error"] > GROUPS["story"] > GROUPS["facts"] > GROUPS["notes"]
    assert GROUPS["analysis"] > GROUPS["messages"] >= GROUPS["notes"]


@pytest.mark.parametrize(
    "file",
    [
        "id: x",
        "state: x",
        "story_sha256: x",
        "waiting_on: x",
        "source:\n  received_at: x\n  channel: x\n  detected_by: x",
        "compensation:\n  decision: x",
        "closure:\n  resolution: x",
        "legal:\n  review: x",
        "attachments:\n- id: x\n  sha256: x\n  original_sha256: x\n  bytes: x",
        "events:\n- id: x\n  at: x\n  by: x\n  action: x\n  message: x\n  questions: [x]\n  why: x\n  decision: x",
        "title: ''\nintake:\n  expected:\n",
    ],
)
def test_ids_times_hashes_and_kinds_are_no_texts(file: str) -> None:
    assert found(file) == []


@pytest.mark.parametrize(
    "place",
    [
        "intake.environment.language",
        "intake.environment.status",
        "intake.unavailable.first_seen_at",
        "rca.process_walk.action",
        "rca.causes.C1.whys.W1.why",
        "resolution",
        "cause",
    ],
)
def test_words_under_a_key_that_is_a_kind_elsewhere_are_texts(place: str) -> None:
    data: object = "words"
    for part in reversed(place.split(".")):
        data = {part: data} if part not in {"C1", "W1"} else [{"id": part, **data}]  # type: ignore[dict-item]
    assert [(one[1], one[3]) for one in found(dump(data))] == [(place, "words")]  # type: ignore[arg-type]


@given(st.lists(st.sampled_from(["red", "box", "bar"]), min_size=1, max_size=3))
def test_what_is_searched_is_every_text_in_its_group(texts: list[str]) -> None:
    file = dump({"title": "Title", "intake": {"steps": texts}})
    searched = words(parse(file, "x.yaml"))
    assert searched.keys() == GROUPS.keys()
    assert [word for word in searched["facts"].split() if word.isascii()] == texts
    assert searched["title"] == "title"
    assert searched["notes"] == ""
