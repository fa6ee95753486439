"""Writing YAML: whatever goes in comes out again, for us and for other readers; and what the common edits look like."""

from __future__ import annotations

from difflib import unified_diff
from textwrap import dedent
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from issuelog.store.yamlfile import parse
from issuelog.store.yamltext import Literal, dump, patch
from store.made import LOOK_ALIKES, keys, texts, trees


def read(text: str) -> Any:
    return parse(text, "a.yaml").plain()


def foreign(text: str, version: str) -> Any:
    """What another reader makes of a text."""
    yaml = YAML(typ="safe", pure=True)
    yaml.version = version
    return yaml.load(text)


# -- laws ----------------------------------------------------------------------------------------------------------


@settings(max_examples=120)
@given(trees())
def test_what_is_dumped_reads_back(data: dict[str, Any]) -> None:
    assert read(dump(data)) == data


@pytest.mark.parametrize("version", ["1.1", "1.2"])
@pytest.mark.parametrize("text", LOOK_ALIKES)
def test_a_look_alike_is_text_for_every_reader(text: str, version: str) -> None:
    data = {"before": "x", "value": text, text + "!": [text, {"a": text}], text: "y", "after": "z"}
    assert read(dump(data)) == data
    assert foreign(dump(data), version) == data


@pytest.mark.parametrize("version", ["1.1", "1.2"])
@settings(max_examples=80)
@given(data=trees(leaves=6))
def test_other_readers_see_the_same_text(version: str, data: dict[str, Any]) -> None:
    assert foreign(dump(data), version) == data


@given(st.dictionaries(keys, texts, min_size=1))
def test_a_text_never_breaks_out_of_its_lines(data: dict[str, str]) -> None:
    for line in dump(data).split("\n"):
        assert line == "" or line.isprintable() or set(line) & set("\t\u00a0\u200c\u200d")
        assert "\r" not in line


@pytest.mark.parametrize("unit", ["x", "x y: #", "é", "\n", "a\n", "a\tb", "\u2028", '"', "👩\u200d👧 "])
def test_long_texts_read_back(unit: str) -> None:
    data = {"a": unit * 100_000, "b": {"c": [unit * 1024]}}
    assert read(dump(data)) == data


def test_a_literal_is_written_as_it_is() -> None:
    data = {"schema": Literal("1"), "at": Literal("2026-11-16T08:00:00Z"), "text": "1"}
    assert dump(data) == 'schema: 1\nat: 2026-11-16T08:00:00Z\ntext: "1"\n'


# -- what values look like -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("A CSV file is offered", "A CSV file is offered"),
        ("EXPORT-507: worker terminated", '"EXPORT-507: worker terminated"'),
        ("E507", "E507"),
        ("8.10", '"8.10"'),
        ("8.10.3", "8.10.3"),
        ("1,000", '"1,000"'),
        ("4f9e2c1d8a7b", "4f9e2c1d8a7b"),
        ("12e4567", '"12e4567"'),
        ("no", '"no"'),
        ("<CAF1x9@mail.acme.example>", "<CAF1x9@mail.acme.example>"),
        ("+49 30 5550 0199", "+49 30 5550 0199"),
        ("Ana Reyes <ana@example.com>", "Ana Reyes <ana@example.com>"),
        ("git:4f9e2c1", "git:4f9e2c1"),
        ("40 %, then a red box", "40 %, then a red box"),
        ("नमस्ते 😀", "नमस्ते 😀"),
        ("👩\u200d👧", '"👩\u200d👧"'),
        ("a\u202eb\x1b\0\ufeff\u2028\U000e0001", '"a\\u202eb\\x1b\\0\\ufeff\\u2028\\U000e0001"'),
        ('say "x"\\', 'say "x"\\'),
        (' "\\', '" \\"\\\\"'),
        ("", '""'),
        ("a\nb\n", "|\n  a\n  b"),
        ("a\n\n b", "|-\n  a\n\n   b"),
        ("a\n\n", "|+\n  a\n"),
        ("\na", '"\\na"'),
        ("a\r\nb", '"a\\r\\nb"'),
    ],
)
def test_how_a_text_is_written(text: str, written: str) -> None:
    assert dump({"a": text}) == f"a: {written}\n"


def test_how_a_tree_is_written() -> None:
    data = {
        "a": {"b": {"c": "x"}, "empty": {}},
        "list": ["x", "two\nlines\n", {"id": "A1", "tags": ["y"]}, [["z"], []], {}],
        "no": [],
        "two words": "x",
        "k" * 1001: {"a": "x"},
    }
    assert dump(data) == dedent(f"""\
        a:
          b:
            c: x
          empty: {{}}
        list:
          - x
          - |
            two
            lines
          - id: A1
            tags:
              - "y"
          -
            -
              - z
            - []
          - {{}}
        "no": []
        "two words": x
        ? "{"k" * 1001}"
        :
          a: x
        """).replace('? "', "? ").replace('k"\n', "k\n")
    assert dump({}) == "{}\n"


# -- what edits look like ------------------------------------------------------------------------------------------

BEFORE = """\
# Our report
title: 'Export stops'   # as told

labels: [a, b] # flow
steps:
- Open
- Press # here
-   Wait
attempts:
    # the first
    -   id: R1
        hits: 1 # of five

    -
        id: R2
        note: |  # long
          one
          two

        place: vm
    # the last
story: >
  folded
  text

owner:
end: x
"""


def old() -> dict[str, Any]:
    found: dict[str, Any] = read(BEFORE)
    return found


def edited(new: dict[str, Any], text: str = BEFORE) -> list[str]:
    """The lines that an edit removes and adds; sure that the new text says what it should."""
    after = patch(text, parse(text, "a.yaml"), read(text), new)
    assert read(after) == new
    diff = list(unified_diff(text.splitlines(), after.splitlines(), n=0, lineterm=""))[2:]
    return [line for line in diff if not line.startswith("@@")]


def without(data: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name != key}


def test_a_changed_text_keeps_its_comment() -> None:
    assert edited(old() | {"title": "x: y"}) == ["-title: 'Export stops'   # as told", '+title: "x: y"   # as told']


def test_an_absent_value_is_filled_in() -> None:
    assert edited(old() | {"owner": "Ana"}) == ["-owner:", "+owner: Ana"]


def test_a_text_becomes_a_block_and_a_block_a_text() -> None:
    assert edited(old() | {"title": "a\nb\n"}) == [
        "-title: 'Export stops'   # as told",
        "+title: |   # as told",
        "+  a",
        "+  b",
    ]
    assert edited(old() | {"story": "short"}) == ["-story: >", "-  folded", "-  text", "+story: short"]
    # The blank line below becomes the text's own.
    assert edited(old() | {"story": "a\n\n"}) == ["-story: >", "-  folded", "-  text", "+story: |+", "+  a"]


def test_keys_are_added_in_the_order_of_the_new_data() -> None:
    new = {"schema": "S1", "title": "Export stops", "state": "new", **without(old(), "title"), "last": {"a": ["b"]}}
    assert edited(new) == ["+schema: S1", "+state: new", "+last:", "+  a:", "+    - b"]


def test_a_removed_key_takes_its_own_lines() -> None:
    assert edited(without(old(), "steps")) == ["-steps:", "-- Open", "-- Press # here", "--   Wait"]
    assert edited(without(old(), "story")) == ["-story: >", "-  folded", "-  text"]


def test_a_value_of_another_kind() -> None:
    assert edited(old() | {"steps": []}) == ["-steps:", "-- Open", "-- Press # here", "--   Wait", "+steps: []"]
    assert edited(old() | {"labels": ["a"]}) == ["-labels: [a, b] # flow", "+labels: # flow", "+  - a"]
    assert edited(old() | {"title": {"en": "x"}}) == [
        "-title: 'Export stops'   # as told",
        "+title:   # as told",
        "+  en: x",
    ]
    assert edited(old() | {"story": ["x"]}) == ["-story: >", "-  folded", "-  text", "+story:", "+  - x"]


def test_items_that_are_texts() -> None:
    assert edited(old() | {"steps": ["Open", "Press", "Wait", "Log\nout"]}) == ["+- |-", "+  Log", "+  out"]
    assert edited(old() | {"steps": ["First", "Open", "Press", "Wait"]}) == ["+- First"]
    assert edited(old() | {"steps": ["Open", "Wait"]}) == ["-- Press # here"]
    assert edited(old() | {"steps": ["Open", "Push", "Wait"]}) == ["-- Press # here", "+- Push # here"]
    assert edited(old() | {"steps": ["Press", "Stop", "Wait", "Go"]}) == ["-- Open", "+- Stop", "+- Go"]


def test_one_of_many_equal_items() -> None:
    many, lines = {"a": ["x"] * 300}, "- 'x' # c\n" * 300
    root = parse("a:\n" + lines, "a.yaml")
    assert patch("a:\n" + lines, root, many, {"a": ["v", *many["a"]]}) == f"a:\n- v\n{lines}"
    assert patch("a:\n" + lines, root, many, {"a": [*many["a"], "v"]}) == f"a:\n{lines}- v\n"


def test_items_with_ids() -> None:
    first, second = old()["attempts"]
    third = {"id": "R3", "hits": "0"}
    assert edited(old() | {"attempts": [first, second, third]}) == ["+    - id: R3", '+      hits: "0"']
    assert edited(old() | {"attempts": [first | {"hits": "2"}, second]}) == [
        "-        hits: 1 # of five",
        '+        hits: "2" # of five',
    ]
    assert edited(old() | {"attempts": [first, {"id": "R2", "by": "Li", **second, "note": "short"}]}) == [
        "-        note: |  # long",
        "-          one",
        "-          two",
        "+        by: Li",
        "+        note: short  # long",
    ]
    gone = ["-    -   id: R1", "-        hits: 1 # of five"]
    assert edited(old() | {"attempts": [second]}) == gone
    assert edited(old() | {"attempts": [third, second]}) == [*gone, "+    - id: R3", '+      hits: "0"']


def test_items_without_ids_are_known_by_their_place() -> None:
    text = "whys:\n- why: x # 1\n  note: v\n# 2\n- why: z\n"
    assert edited({"whys": [{"why": "x", "note": "v"}, {"why": "z", "evidence": "e"}]}, text) == ["+  evidence: e"]
    assert edited({"whys": [{"note": "v"}, {"why": "z"}]}, text) == ["-- why: x # 1", "+-"]
    assert edited({"whys": [{"why": "x", "note": "v"}, "z"]}, text) == ["-- why: z", "+- z"]


BLANKS = "a:\n  b: x\n  d: |+\n    p\n\ne: q\n\nc: v\n"


@pytest.mark.parametrize(
    ("before", "new", "after"),
    [
        ("a: x", {"a": "x", "b": "v"}, "a: x\nb: v\n"),
        ("a: x # c", {"a": "v"}, "a: v # c"),
        ("a: x", {"a": "v\nz"}, "a: |-\n  v\n  z\n"),
        ("a: x\r\nb: v\r\n", {"a": "p\nq", "b": "v"}, "a: |-\r\n  p\r\n  q\r\nb: v\r\n"),
        ("\ufeffa: x\n", {"b": "v", "a": "x"}, "\ufeffb: v\na: x\n"),
        ("\ufeffa: x\nb: v\n", {"b": "v"}, "\ufeffb: v\n"),
        ("a: x\n\nb: v\n\nc: z\n", {"a": "x", "c": "z"}, "a: x\n\nc: z\n"),
        ("a: |+\n  x\n\nb: v\n\nc: z\n", {"a": "x\n\n", "c": "z"}, "a: |+\n  x\n\nc: z\n"),
        ("a: x\n    # deep\nb: v\n", {"a": "p\nq", "b": "v"}, 'a: "p\\nq"\n    # deep\nb: v\n'),
        ("a: x\n    # deep\nb: v\n", {"b": "v"}, "b: v\n"),
        ("a:\n  b: x\n  # own\n# not\nc: v\n", {"c": "v"}, "# not\nc: v\n"),
        ("a:\n  -\n    # see x-y\n    id: A1\n  - id: A2\n", {"a": [{"id": "A2"}]}, "a:\n  - id: A2\n"),
        ("a:\n  # why\n  x\n", {"a": ["v"]}, "a:\n  - v\n"),
        ("a: {b: x, c: v} # d\n", {"a": {"b": "x", "c": "z"}}, "a: # d\n  b: x\n  c: z\n"),
        ("{a: x, b: v} # d\n", {"a": "x", "b": "z"}, "a: x\nb: z # d\n"),
        ("{a: x} # d\n", {"a": "x"}, "{a: x} # d\n"),
        ("a:\n  b: x\n\nc: v\n", {"a": {"b": "x", "d": "p\n\n"}, "e": "q", "c": "v"}, BLANKS),
        ("a:\r\n- b: x\r\n  c: v\r\n", {"a": [{"c": "v"}]}, "a:\r\n-\r\n  c: v\r\n"),
        ("a: | # c\r\n  x\r\n", {"a": "v"}, "a: v # c\r\n"),
        ("a: |+\r\n  x\r\n\r\nb: v\r\n", {"a": "q", "b": "v"}, "a: q\r\nb: v\r\n"),
        ("\ufeff\ufeffa: |\n  x\nb: v\n", {"a": "w", "b": "v"}, "\ufeff\ufeffa: w\nb: v\n"),
        ("? a\n: - x\n  - v\n", {"a": ["v"]}, "? a\n:\n  - v\n"),
        ("? a\n: b: x\n  c: v\n", {"a": {"d": "w", "c": "v"}}, "? a\n:\n  d: w\n  c: v\n"),
        ("a: x\n    # deep\nb: v\n", {"a": ["p\nq"], "b": "v"}, "a:\n  - |-\n    p\n    q\nb: v\n"),
        ("a: | # c\n  x\n", {"a": ["p"]}, "a: # c\n  - p\n"),
        ("a: # head\n  - x # tail\nb: v\n", {"a": "p", "b": "v"}, "a: p # head\nb: v\n"),
        ("a:\n- x\n# c\n- v\n- w\n", {"a": ["w"]}, "a:\n# c\n- w\n"),
        ("a:\n- x # 1\n- v\n- x # 2\n", {"a": ["v", "x"]}, "a:\n- v\n- x # 2\n"),
        ("a:\n- p\n- # own\n  - x\n- v\n", {"a": ["q", ["x"], "w"]}, "a:\n- q\n- # own\n  - x\n- w\n"),
        ("? a # :\n: x\n", {"a": ["v"]}, "? a # :\n:\n  - v\n"),
        ("a: x\n", {}, "{}\n"),
        ("a:\n  -\n  - x\n", {"a": ["v", "x"]}, "a:\n  - v\n  - x\n"),
        ("--- # head\na: x\n... # tail\n", {"a": "x", "b": "v"}, "--- # head\na: x\nb: v\n... # tail\n"),
    ],
)
def test_edits_of_odd_layouts(before: str, new: dict[str, Any], after: str) -> None:
    edited(new, before)
    assert patch(before, parse(before, "a.yaml"), read(before), new) == after


def test_what_is_not_in_the_old_data_stays() -> None:
    text = "a:\n  b: x\n  # own\n  mine: 'v'\nc: {d: x, mine: z}\ne:\n- {id: A1, f: x, mine: z}\nmine: |\n  w\n"
    old = {"a": {"b": "x"}, "c": {"d": "x"}, "e": [{"id": "A1", "f": "x"}]}
    new = {"a": {}, "c": {"d": "q"}, "e": [{"id": "A1", "f": "q"}]}
    assert patch(text, parse(text, "a.yaml"), old, new) == (
        "a:\n  # own\n  mine: 'v'\nc:\n  d: q\n  mine: z\ne:\n- id: A1\n  f: q\n  mine: z\nmine: |\n  w\n"
    )


def test_a_default_that_the_file_leaves_out_stays_out() -> None:
    text = "a:\n  id: A1\n"
    assert patch(text, parse(text, "a.yaml"), {"a": {"id": "A1", "s": "open"}}, {"a": {"id": "A2", "s": "open"}}) == (
        "a:\n  id: A2\n"
    )
