"""Patterns of strangers: what is found, what is refused, and that none takes long."""

from __future__ import annotations

import random
import re
import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from issuelog.errors import UsageError
from issuelog.model import pattern as machinery
from issuelog.model.pattern import MAX_PLACES, MAX_SOURCE, MAX_TEXT, TooMuchWork, pattern


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("EXPORT-507", "job 9: EXPORT-507: worker terminated"),
        (r"EXPORT-\d+: worker", "EXPORT-507: worker terminated"),
        ("time ?out.*(acme|initech)", "timeout after 30 s for acme"),
        (r"^ERROR\b", "ERROR: full"),
        (r"full$", "disk full"),
        (r"\bdisk\b", "the disk is full"),
        (r"\Bisk\B", "the disks"),
        ("a{2,3}b", "xaab"),
        ("a{,2}bc", "bc"),
        ("(?P<code>E)(?:5){2}", "E55"),
        ("[^a-c]x[]-]", "zx-"),
        (r"[\d_]+\.csv", "17_2.csv"),
        (r"\x41\u00fc\t", "Aü\t"),
        ("größe", "die größe stimmt"),
        ("{x}|{}", "{x}"),
        ("a.{2}?b*?c+?d??e", "xa12bce"),
    ],
)
def test_what_a_pattern_is_in(source: str, line: str) -> None:
    assert pattern(source).found_in(line)
    assert re.search(source, line)


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("EXPORT-507", "export-507"),
        (r"\bdisk\b", "the disks"),
        (r"^ERROR", "an ERROR"),
        (r"full$", "full disk"),
        ("a{2,3}b", "xab"),
        (r"\d", "none"),
        ("[^a]", "aaa"),
        ("a.b", "a\nb"),
    ],
)
def test_what_it_is_not_in(source: str, line: str) -> None:
    assert not pattern(source).found_in(line)


@pytest.mark.parametrize(
    ("source", "line", "found"),
    [
        ("(?i)Time[-_ ]?OUT", "TIME-out", True),
        ("(?i)größe", "GRÖSSE", False),  # a letter that becomes two is no other letter
        ("(?i)grÖße", "GröSSe Größe", True),
        ("(?i)[a-c]x", "BX", True),
        ("(?i)[^a-c]x", "Bx", False),
        ("(?i)kelvin", "\u212aelvin", False),  # its small letter is k
    ],
)
def test_case_is_ignored_where_that_is_said(source: str, line: str, found: bool) -> None:
    assert pattern(source).found_in(line) is found


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("(?=a)b", "lookahead (?=…) at character 1"),
        ("a(?!b)", "lookahead (?!…) at character 2"),
        ("(?<=a)b", "lookbehind"),
        ("(?<!a)b", "lookbehind"),
        ("(?>a)", "an atomic group"),
        (r"(a)\1", "a backreference at character 4"),
        ("(?P<q>a)(?P=q)", "a backreference (?P=…) at character 9"),
        ("(a)?(?(1)b|c)", "a condition"),
        ("a(?i)b", "a setting other than (?i) at the very beginning at character 2"),
        ("(?s)a.b", "a setting"),
        ("(?#x)a", "a comment"),
        ("a*+", "a possessive repetition"),
        ("a**", "a repetition of a repetition"),
        ("a{2}{3}", "a repetition of a repetition"),
        ("+a", "a + with nothing before it at character 1"),
        ("^*a", "a repetition of what takes no character"),
        ("a{201}", "more than 200 repetitions at character 2"),
        ("a{3,2}", "the wrong way round"),
        ("(ab", "a ( without a ) at character 1"),
        ("ab)", "a ) without a ( at character 3"),
        ("[ab", "it ends within [ ]"),
        ("[z-a]", "a range in [ ] that is none"),
        (r"[a-\d]", "a range in [ ] that is none"),
        ("ab\\", "it ends within an escape"),
        (r"\q", r"the escape \q, which has no meaning"),
        (r"\x4", "an escape that is no character"),
        (r"\U00110000", "an escape that is no character"),
        ("(?P<1>a)", "the name of a group"),
        ("((a{50}){50}){50}", f"more than {MAX_PLACES:,} places"),
        ("(" * 21 + "a" + ")" * 21, "too many groups within groups"),
        ("a" * (MAX_SOURCE + 1), f"it may have {MAX_SOURCE}"),
        (".*", "is in every line"),
        ("(a|b?)", "is in every line"),
        ("", "is in every line"),
        ("$", "is in every line"),
    ],
)
def test_what_cannot_be_watched_for_is_refused_with_its_place(source: str, says: str) -> None:
    with pytest.raises(UsageError, match="pattern") as refused:
        pattern(source)
    assert says in refused.value.message


def test_a_hostile_pattern_is_named_in_one_harmless_line() -> None:
    with pytest.raises(UsageError) as refused:
        pattern("\x1b[2J\n" + "x" * 200 + "(")
    assert "\x1b" not in refused.value.message
    assert "\n" not in refused.value.message
    assert len(refused.value.message) < 200


@pytest.mark.parametrize(
    ("source", "anchors"),
    [
        ("EXPORT-507", ("EXPORT-507",)),
        (r"a\d+bcd.*ef", ("bcd",)),
        ("x(?:abc)+y", ("abc",)),
        ("ab(cd|efg)hij", ("hij",)),
        ("(timeout|refused) x?", ("timeout", "refused")),
        ("(timeout|x*)y?z", ("z",)),
        (r"\d+", ()),
        ("a?b{0,3}[c]", ()),
        ("(?i)Größte X", ("te x",)),
        (r"ab\bcd$", ("abcd",)),
    ],
)
def test_a_line_with_a_match_has_one_of_the_anchors(source: str, anchors: tuple[str, ...]) -> None:
    assert pattern(source).anchors == anchors


CHARACTERS = st.sampled_from("ab_ .\u00fc-1")


def patterns() -> st.SearchStrategy[str]:
    """Patterns of all that is let in, over an alphabet that is small enough for them to be found."""
    one = CHARACTERS.map(re.escape) | st.sampled_from([".", r"\d", r"\W", r"\s", "[ab]", "[^a1]", "[a-z_]", r"[\d.]"])
    empty = st.sampled_from(["^", "$", r"\b", r"\B"])

    def more(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        times = st.sampled_from(["*", "+", "?", "{2}", "{1,2}", "{,2}", "{2,}", "*?", "+?"])
        return (
            st.lists(inner, min_size=1, max_size=4).map("".join)
            | st.builds("({})".format, st.lists(inner, min_size=1, max_size=3).map("|".join))
            | st.builds("(?:{}){}".format, inner, times)
        )

    return st.recursive(one | empty, more, max_leaves=8)


@settings(max_examples=240)
@given(patterns(), st.lists(st.text(CHARACTERS, max_size=12), max_size=6))
def test_a_pattern_is_found_where_python_finds_it(source: str, lines: list[str]) -> None:
    try:
        ours = pattern(source)
    except UsageError:
        assert re.search(source, "") or r"\B" in source
        return
    for line in filter(None, lines):  # whether \B is in an empty text is told differently by versions of Python
        found = ours.found_in(line)
        assert found is bool(re.search(source, line))
        assert not found or not ours.anchors or any(anchor in line for anchor in ours.anchors)


@settings(max_examples=120)
@given(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=40) | st.text("ab(|)[]{}*+?\\^$.1,<=!P:", max_size=12)
)
def test_any_text_is_a_pattern_or_refused(source: str) -> None:
    try:
        found = pattern(source)
    except UsageError:
        return
    found.found_in("abab 1.,")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # it may come to mean something else there
        re.compile(source)  # what is let in is what Python knows


# --- made to be slow -----------------------------------------------------------------------------------------------

EVIL = (
    *("(a+)+$", "(a*)*$!", "(a|aa)+$", "(a|a?)+$b", "([a-zA-Z]+)*$ ", "(.*a){20}$", "(.*)*x", "a*a*a*a*a*a*a*a*b"),
    *(
        "^(([a-z])+.)+[A-Z]([a-z])+$",
        "(x+x+)+y",
        r"(\w+\s?)*$!",
        ".*.*.*.*=.*",
        "(a?){30}a{30}",
        "((a{1,5}){1,5}){1,5}b",
    ),
    *("a.{200}b", "[ab]*a[ab]{150}c", "(a|b)*a(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)c"),
)
TEXTS = ("a" * 5000, "a" * 5000 + "!", "x" * 5000, "ab" * 2500, "a b" * 1700, "=" * 5000)


def work(source: str, lines: list[str]) -> tuple[int, bool]:
    """Return how many steps a pattern took on these lines, and whether it was given up."""
    made = pattern(source)
    try:
        for line in lines:
            made.found_in(line)
    except TooMuchWork:
        return made._machine._work, True
    return made._machine._work, False


@pytest.mark.parametrize("source", EVIL)
def test_no_pattern_takes_more_steps_than_it_is_given(source: str) -> None:
    chance = random.Random(1)
    lines = [*TEXTS, *("".join(chance.choices("ab", k=MAX_TEXT)) for _ in range(20))]
    steps, _ = work(source, lines)
    allowed = machinery._WORK_AT_ALL + machinery._WORK_FOR_A_CHARACTER * sum(len(line[:MAX_TEXT]) for line in lines)
    assert steps <= allowed + MAX_PLACES


def test_a_pattern_that_would_never_be_done_is_given_up_for_good() -> None:
    chance = random.Random(1)
    made = pattern("[ab]*a[ab]{150}c")
    lines = ["".join(chance.choices("ab", k=MAX_TEXT)) for _ in range(50)]
    with pytest.raises(TooMuchWork):
        any(made.found_in(line) for line in lines)
    with pytest.raises(TooMuchWork):
        made.found_in("".join(chance.choices("ab", k=MAX_TEXT)))


@pytest.mark.parametrize("source", [r"EXPORT-\d+: .*(worker|job) \w+ (failed|ended)", r"(?i)time ?out .{0,40} acme"])
def test_an_honest_pattern_is_never_given_up(source: str) -> None:
    chance = random.Random(2)
    words = ["EXPORT-507:", "worker", "job", "x9", "failed", "ended", "time out", "TimeOut", "acme", "12 s", "für", "…"]
    lines = [" ".join(chance.choices(words, k=12)) for _ in range(5000)]
    steps, given_up = work(source, lines)
    assert not given_up
    assert steps < machinery._WORK_AT_ALL


def test_what_is_kept_has_a_bound() -> None:
    made = pattern("[ab]*a[ab]{60}c")
    chance = random.Random(3)
    try:
        for _ in range(40):
            made.found_in("".join(chance.choices("ab", k=MAX_TEXT)))
            assert sum(len(one.places) for one in made._machine._sets.values()) <= machinery._KEPT
    except TooMuchWork:
        pass
    assert pattern("[ab]c").found_in("a" * (MAX_TEXT - 2) + "bc")


def test_the_rest_of_a_long_line_is_not_looked_at() -> None:
    made = pattern("end")
    assert made.found_in("x" * (MAX_TEXT - 3) + "end")
    assert not made.found_in("x" * MAX_TEXT + "end")
