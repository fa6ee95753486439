"""Reading YAML: what a report has no use for is refused with its place, and nothing hangs or breaks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from issuelog.errors import InvalidFile
from issuelog.store.layout import MAX_BYTES
from issuelog.store.yamlfile import MAX_DEPTH, MAX_NODES, Mapping, Node, Scalar, Sequence, decode, parse
from issuelog.store.yamltext import dump
from store.made import scraps

HOSTILE = Path(__file__).parents[3] / "shared" / "samples" / "hostile"


def refusal(content: bytes) -> tuple[int, int, str]:
    """The line, the column and the words with which a file is refused."""
    with pytest.raises(InvalidFile) as caught:
        parse(decode(content, "a.yaml"), "a.yaml")
    (problem,) = caught.value.problems
    doubled = "stands twice" in problem.message
    assert (problem.path, problem.rule) == ("a.yaml", "doubled_key" if doubled else "yaml")
    return problem.line, problem.column, problem.message


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("a: &x b\n", 1, 4, "an anchor (&name)"),
        ("a:\n- &x [b]\n", 2, 3, "an anchor (&name)"),
        ("&x a: b\n", 1, 1, "an anchor (&name)"),
        ("a: b\nc: *x\n", 2, 4, "an alias (*name)"),
        ("a: b\n*x : c\n", 2, 1, "an alias (*name)"),
        ("a: !x b\n", 1, 4, "a tag (!name)"),
        ("a: ! b\n", 1, 4, "a tag (!name)"),
        ("a: !!str b\n", 1, 4, "a tag (!name)"),
        ("a:\n  - !!python/object/apply:os.system [ls]\n", 2, 5, "a tag (!name)"),
        ("!!map\na: b\n", 1, 1, "a tag (!name)"),
        ("%YAML 1.1\n---\na: no\n", 1, 1, "a %YAML or %TAG directive"),
        ("%TAG ! tag:x,2000:\n---\na: b\n", 1, 1, "a %YAML or %TAG directive"),
        ("%EVIL x\n---\na: b\n", 1, 6, "unknown directive"),
        ("a: b\n---\nc: d\n", 2, 1, "a second document"),
        ("a: b\n...\n---\n", 3, 1, "a second document"),
        ("a: b\n<<: {c: d}\n", 2, 1, "a merge key (<<)"),
        ("a:\n  b: c\n  b: d\n", 3, 3, "the key 'b' stands twice (first in line 2)"),
        ("a: b\n'a': c\n", 2, 1, "the key 'a' stands twice (first in line 1)"),
        ("a: {b: c, b: d}\n", 1, 11, "the key 'b' stands twice (first in line 1)"),
        ("a: b\n? [c]\n: d\n", 2, 3, "a key has to be text"),
        ("a: b\n? {c: d}\n: e\n", 2, 3, "a key has to be text"),
        ("?\n: c\n", 1, 2, "a key has to be text"),
        ("- a\n", 1, 1, "a mapping of keys to values"),
        ("# c\n\n  [a]\n", 3, 3, "a mapping of keys to values"),
        ("just text\n", 1, 1, "a mapping of keys to values"),
        ("", 1, 1, "a mapping of keys to values"),
        ("# only a comment\n", 1, 1, "a mapping of keys to values"),
        ("---\n", 2, 1, "a mapping of keys to values"),
        ("a:\n\tb: c\n", 2, 1, "a tab cannot stand here; indent with spaces"),
        ("a:\n  - b\n \t- c\n", 3, 2, "a tab cannot stand here; indent with spaces"),
        ("a: b\n  c: d\n", 2, 4, "mapping values are not allowed"),
        ("a: [b\nc: d\n", 2, 2, "expected ',' or ']'"),
        ("a: 'b\n", 2, 1, "unexpected end of stream"),
        ('a: "\\q"\n', 1, 5, "unknown escape character"),
        ("é: 👩\nü: a\0b\n", 2, 5, "control characters are not allowed"),
        ("a: b\x1b[31m\n", 1, 5, "control characters are not allowed"),
        ("a: b\x7f\n", 1, 5, "control characters are not allowed"),
        ("a: b\n\ufeffc: d\n", 2, 2, "did not find expected key"),
    ],
)
def test_what_is_refused_and_where(text: str, line: int, column: int, words: str) -> None:
    found = refusal(text.encode())
    assert found[:2] == (line, column)
    assert words in found[2]


@pytest.mark.parametrize(
    ("content", "line", "column", "byte"),
    [
        (b"\xff", 1, 1, "0xff"),
        ("é: 👩\nüé: ".encode() + b"a\xe9 b", 2, 6, "0xe9"),
        (b"\xef\xbb\xbfa: \xc3(", 1, 4, "0xc3"),
        (b"a: \xed\xa0\x80", 1, 4, "0xed"),
        (b"a: b\n\xff\xfea\x00", 2, 1, "0xff"),
        (b"a: \xe2\x82", 1, 4, "0xe2"),
    ],
)
def test_bytes_that_are_no_utf8(content: bytes, line: int, column: int, byte: str) -> None:
    assert refusal(content) == (line, column, f"byte {byte} is not UTF-8")


def test_limits_hold_to_the_last() -> None:
    deep = "a: " + "[" * (MAX_DEPTH - 1) + "]" * (MAX_DEPTH - 1)
    parse(deep, "a.yaml")
    assert refusal(deep.replace("[]", "[[]]").encode()) == (1, MAX_DEPTH + 3, f"nested deeper than {MAX_DEPTH} levels")
    many = "a:\n" + "- b\n" * (MAX_NODES - 3)
    parse(many, "a.yaml")
    assert refusal(f"{many}- c\n".encode()) == (MAX_NODES - 1, 3, "the file has more than 60,000 parts")
    large = b"a: " + b"b" * (MAX_BYTES - 3)
    parse(decode(large, "a.yaml"), "a.yaml")
    assert refusal(large + b"b") == (1, 1, "the file has 4,000,001 bytes; a report may have 4,000,000")


BOMBS = {
    "brackets": "a: " + "[" * 100_000,
    "braces": "a: " + "{" * 100_000,
    "braces with keys": "a: " + "{a: " * 100_000,
    "dashes": "a:\n" + "- " * 100_000,
    "question marks": "? " * 100_000,
    "stairs": "\n".join(" " * depth + "a:" for depth in range(1500)),
    "aliases": "a: &a [x]\n"
    + "\n".join(
        f"{b}: &{b} [{','.join(f'*{a}' for _ in range(9))}]" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    ),
    "merges": "a: &a {x: y}\n" + "\n".join(f"b{n}: &b{n} {{<<: [{','.join(['*a'] * 50)}]}}" for n in range(500)),
    "keys": "".join(f"k{number}: x\n" for number in range(100_000)),
    "long key": "k" * 100_000 + ": x",
    "quotes": '"' * 100_001,
    "documents": "---\n" * 100_000,
    "directives": "%YAML 1.2\n" * 100_000,
    "spaces": " " * 3_000_000 + "]",
    "comments": "#" * 3_000_000,
    "anchors": "&a " * 100_000,
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
def test_bombs_do_not_go_off(bomb: str) -> None:
    refusal(bomb.encode())


# -- what is read --------------------------------------------------------------------------------------------------


def test_every_scalar_is_text() -> None:
    text = "a: 4.10\nb: no\nc: 0123\nd: 12e4567\ne: 2026-13-45\nf: ~\ng: [1, true]\n1: x\nnull: y\n"
    assert parse(text, "a.yaml").plain() == {
        **{"a": "4.10", "b": "no", "c": "0123", "d": "12e4567", "e": "2026-13-45", "f": "~", "g": ["1", "true"]},
        **{"1": "x", "null": "y"},
    }


def test_a_key_with_nothing_behind_it_says_nothing() -> None:
    assert parse("a:\nb: ''\nc: {}\nd: []\ne:\n  f:\ng:\n  -\n", "a.yaml").plain() == {
        **{"b": "", "c": {}, "d": [], "e": {}, "g": [""]},
    }


def test_places() -> None:
    root = parse("# c\na:\n  - id: A1\n    b: 'x'\n  - é: |\n      y\n\n# d\nz: 1\n", "a.yaml")
    assert root.column == 0

    def place(*path: str | int) -> tuple[int, int]:
        node = root.at(path)
        return node.line + 1, node.column + 1

    assert place() == (2, 1)
    assert place("a") == (3, 3)
    assert place("a", 0, "b") == (4, 8)
    assert place("a", 1, "é") == (5, 8)
    assert place("a", 0, "missing", "deeper") == (3, 5)
    assert place("a", 7) == (3, 3)
    assert place("z", "no mapping") == (9, 4)
    assert (root.key("z").line, root.key("z").column) == (8, 0)
    assert root.key("missing") is root


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_node_covers_its_text_and_no_more(mark: str, newline: str) -> None:
    lines = [
        "é: plain  # c",
        "b: 'it''s'",
        "c: | # c",
        "  x",
        "",
        "  y",
        "",
        "# d",
        "d: >+",
        "  z",
        "",
        "",
        "e:",
        "- w # c",
        "",
        "f: {g: [h]} # i",
        "j:",
    ]
    bare = newline.join(lines) + newline
    root = parse(mark + bare, "a.yaml")
    covered = {key: bare[value.start : value.end].replace("\r", "") for key, (_, value) in root.entries.items()}
    assert covered == {
        "é": "plain",
        "b": "'it''s'",
        "c": "| # c\n  x\n\n  y",
        "d": ">+\n  z\n\n",
        "e": "- w",
        "f": "{g: [h]}",
        "j": "",
    }
    assert (root.line, root.column) == (0, 0)


# -- laws ----------------------------------------------------------------------------------------------------------


def walk(node: Node) -> Iterator[Node]:
    yield node
    if isinstance(node, Mapping):
        for key, value in node.entries.values():
            yield key
            yield from walk(value)
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from walk(item)


def read_or_refused(text: str) -> Mapping | None:
    """What a text holds, sure that its places are right; None where it is refused."""
    try:
        root = parse(text, "a.yaml")
    except InvalidFile as error:
        (problem,) = error.problems
        assert problem.line > 0
        assert problem.column > 0
        return None
    bare = text.lstrip("\ufeff")
    for node in walk(root):
        assert 0 <= node.start <= node.end <= len(bare)
        if isinstance(node, Scalar) and not node.style:
            written = bare[node.start : node.end]
            folded = len(written.splitlines()) > 1 and written.split() == node.value.split()
            assert folded or written == node.value
        elif isinstance(node, Scalar):
            assert bare[node.start] == node.style
    return root


@settings(max_examples=180)
@given(scraps)
@example("\ufeff\ufeffa: b\n")
def test_any_text_is_read_or_refused(text: str) -> None:
    root = read_or_refused(text)
    if root is not None:
        assert parse(dump(root.plain()), "a.yaml").plain() == root.plain()


@settings(max_examples=80)
@given(
    st.binary(max_size=60) | st.tuples(scraps, st.binary(max_size=3)).map(lambda parts: parts[0].encode() + parts[1])
)
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        text = decode(content, "a.yaml")
    except InvalidFile:
        with pytest.raises(UnicodeDecodeError):
            content.decode()
    else:
        read_or_refused(text)


# -- other people's collections ------------------------------------------------------------------------------------


def hostile(name: str) -> Path:
    path = HOSTILE / name
    if not path.exists():
        pytest.skip(f"the samples ({name}) are not here: they are other people's and no part of this repository")
    return path


def assert_a_story_survives(story: str) -> None:
    data = {"title": story.split("\n")[0], "story": story, "steps": [story, {story: story}]}
    assert parse(dump(data), "a.yaml").plain() == data


def test_the_yaml_test_suite() -> None:
    files = sorted(hostile("yaml-test-suite").glob("*.yaml"))
    assert len(files) > 300
    for path in files:
        suite = decode(path.read_bytes(), path.name)
        assert_a_story_survives(suite)
        # Each file is a list of cases; as the value of a key it is a mapping.
        cases = parse("cases:\n" + suite.removeprefix("---\n"), path.name).plain()["cases"]
        for case in cases:
            text = case.get("yaml", "")
            for shown, meant in {"␣": " ", "—": "", "»": "\t", "←": "\r", "⇔": "\ufeff", "↵": "", "∎\n": ""}.items():
                text = text.replace(shown, meant)
            assert_a_story_survives(text)
            read_or_refused(text)


def test_the_big_list_of_naughty_strings() -> None:
    strings = json.loads(hostile("blns.json").read_text("utf-8"))
    assert len(strings) > 400
    for story in strings:
        assert_a_story_survives(story)
    assert_a_story_survives("\n".join(strings))


@pytest.mark.parametrize("beside", ["", "a: \x1b\n", "a: &x b\n", "a: b\na: c\n", "a: [\n"])
def test_a_conflict_is_told_before_what_else_is_wrong(beside: str) -> None:
    text = f"{beside}<<<<<<< ours\nb: c\n=======\nb: d\n>>>>>>> theirs\n"
    with pytest.raises(InvalidFile) as caught:
        parse(text, "a.yaml")
    (problem,) = caught.value.problems
    assert (problem.rule, problem.line) == ("conflict", beside.count("\n") + 1)
