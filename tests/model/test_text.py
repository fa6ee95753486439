import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from issuelog.model import text as module
from issuelog.model.text import one_line, visible

ANY_TEXT = st.text(
    st.one_of(
        st.characters(exclude_categories=[]),
        st.characters(categories=["C", "M", "Z", "Lo", "S"]),
        st.sampled_from("a1+\\\n\t\r \u00a0\u200c\u200d\u0301\u0302\ufe0f\u200b\u202e\u3164\u0995\u09cd👩👦🏽❤"),
    )
)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "plain text, [bold]markup[/] and :smile: as they are",
        "two\nlines",
        r"a backslash \x1b and C:\temp",
        "Grüße, naïve café, cafe\u0301 – “quoted” … 5 €",
        "Здравствуйте, こんにちは, 안녕하세요, שלום, مرحبا",
        "family 👩‍👩‍👧‍👦, medium skin 👩🏽‍💻, heart ❤️‍🔥, flag 🏳️‍🌈, nod 🙂‍↔️",
        "Persian می‌خواهم, Bengali র‍্যাব, Hindi क्‍ष",
        "four marks a\u0301\u0302\u0303\u0304",
    ],
)
def test_harmless_text_stays(text: str) -> None:
    assert visible(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred", r"\x1b[31mred"),
        ("\x1b]8;;http://x\x07", r"\x1b]8;;http://x\x07"),
        ("a\x00b\x7f", r"a\x00b\x7f"),
        ("\x9b31m", r"\x9b31m"),
        ("over\rwritten", r"over\rwritten"),
        ("tab\tstop", "tab    stop"),
        ("no\u00a0break, thin\u2009space, \u3000wide", "no break, thin space,  wide"),
        ("abc\u202edcba", r"abc\u202edcba"),
        ("\u2066isolated\u2069", r"\u2066isolated\u2069"),
        ("zero\u200bwidth\u2060\u00ad", r"zero\u200bwidth\u2060\xad"),
        ("line\u2028paragraph\u2029", r"line\u2028paragraph\u2029"),
        ("\ufeffmark", r"\ufeffmark"),
        ("tag\U000e0041\U000e007f", r"tag\U000e0041\U000e007f"),
        ("private \ue000 \U0010fffd", r"private \ue000 \U0010fffd"),
        ("unassigned \u0378 \uffff", r"unassigned \u0378 \uffff"),
        ("lone \ud800 surrogate", r"lone \ud800 surrogate"),
        ("blank \u3164 letter", r"blank \u3164 letter"),
        ("a" + "\u0301" * 6, "a" + "\u0301" * 4 + r"\u0301\u0301"),
        ("a" + "\u0301\u200d" * 5, "a" + "\u0301\u200d" * 3 + "\u0301" + r"\u200d\u0301\u200d"),
        ("\u200dfirst, last\u200d", r"\u200dfirst, last\u200d"),
        ("a\u200d\u200db", r"a\u200d\u200db"),
        ("1\u200c2 +\u200d+", r"1\u200c2 +\u200d+"),
    ],
)
def test_what_cannot_be_seen_is_escaped(text: str, shown: str) -> None:
    assert visible(text) == shown


@settings(deadline=None)
@given(ANY_TEXT)
def test_only_printable_text_and_line_feeds_come_out(text: str) -> None:
    for line in visible(text).split("\n"):
        assert re.sub(r"(?<=.)[\u200c\u200d](?=.)", "", line).isprintable()


@settings(deadline=None)
@given(ANY_TEXT)
def test_visible_text_stays_as_it_is(text: str) -> None:
    assert visible(visible(text)) == visible(text)


@settings(deadline=None)
@given(ANY_TEXT)
def test_no_more_than_four_marks_come_in_a_row(text: str) -> None:
    kinds = "".join(unicodedata.category(char)[0] for char in visible(text) if char not in "\u200c\u200d")
    assert "MMMMM" not in kinds


def test_the_short_cut_takes_only_what_the_long_way_leaves_alone() -> None:
    for char in map(chr, range(0x110000)):
        if module._PLAIN.fullmatch(char):
            assert "".join(module._shown(char)) == char
            assert unicodedata.category(char)[0] != "M"


@pytest.mark.parametrize(
    ("text", "limit", "line"),
    [
        ("  a \r\n\t b\u2028c\u00a0 \x0b", None, "a b c"),
        ("\x1b[2J\nx", None, r"\x1b[2J x"),
        ("exactly", 7, "exactly"),
        ("too long", 7, "too lo…"),
        ("cut at space", 8, "cut at…"),
        ("family 👩‍👩‍👧‍👦", 10, "family 👩…"),
        ("any", 1, "…"),
        ("any", -3, "…"),
        ("", 1, ""),
    ],
)
def test_one_line(text: str, limit: int | None, line: str) -> None:
    assert one_line(text, limit) == line


@settings(deadline=None)
@given(ANY_TEXT, st.none() | st.integers(1, 20))
def test_one_line_is_one_line_within_the_limit(text: str, limit: int | None) -> None:
    line = one_line(text, limit)
    assert visible(line) == line
    assert line == " ".join(line.split())
    assert limit is None or len(line) <= limit
