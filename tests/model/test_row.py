"""A report as the index keeps it: the texts that are sorted and searched in place of what they stand for."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from issuelog.model.policy import Policy
from issuelog.model.report import Report
from issuelog.model.row import CONDITIONS, LINE, NEVER, SHOWN, conditions, make_row, shown, shown_json
from issuelog.model.text import cell, fold
from issuelog.model.times import iso
from issuelog.model.versions import sortable, version_key
from store.modelled import reports

POLICY = Policy()

versions = st.one_of(
    st.from_regex(r"v?\d{1,3}(\.\d{1,3}){0,3}(-?(rc|beta|alpha|dev)\.?\d{0,2})?", fullmatch=True),
    st.lists(st.integers(0, 10**30) | st.sampled_from([0, 0, 1, 10**20, 10**20 - 1]), max_size=4).map(
        lambda parts: ".".join(map(str, parts))
    ),
    st.text("0123456789.-abrc٣४K", max_size=8),
    st.text(max_size=20),
)


@settings(max_examples=150)
@given(versions, versions)
@example("9" * 19, "9" * 21)
@example("1." + "9" * 5000, "1." + "9" * 4999)
@example("1.0-rc", "1.0-rca")
@example("0", "00")
@example("٣", "3")
def test_versions_sort_as_text_as_they_do_by_themselves(one: str, other: str) -> None:
    keys, texts = (version_key(one), version_key(other)), (sortable(one), sortable(other))
    assert (texts[0] < texts[1], texts[0] == texts[1]) == (keys[0] < keys[1], keys[0] == keys[1])
    # A database compares bytes.
    assert (texts[0].encode("utf-8", "replace") < texts[1].encode("utf-8", "replace")) == (keys[0] < keys[1])


@given(versions)
def test_what_a_version_is_asked_for_as_ends_before_the_next(version: str) -> None:
    assert sortable(version) < sortable(version) + "\0" <= sortable(f"{version}.1") + "\0"


unspaced = st.text(st.sampled_from("画面赤いがカ゛かは゜ไทยກខမ丁a é"), max_size=8)
any_text = st.text(max_size=20) | unspaced | st.text(st.characters(categories=["M", "L", "Z"]), max_size=8)


@settings(max_examples=150)
@given(any_text)
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_folding_twice_is_folding_once_for_every_character() -> None:
    for char in map(chr, (*range(0xD800), *range(0xE000, 0x30000))):
        assert fold(fold(char)) == fold(char), hex(ord(char))


@given(any_text)
def test_a_folded_text_is_one_line_without_space_around(text: str) -> None:
    assert fold(text) == " ".join(fold(text).split())
    assert fold(f"  {text}\n\t") == fold(text)


@given(any_text)
def test_case_and_form_make_no_difference(text: str) -> None:
    from unicodedata import normalize

    assert fold(normalize("NFD", text)) == fold(normalize("NFC", text)) == fold(text)
    assert fold(text.casefold()) == fold(text)


@given(unspaced.map(lambda text: text.replace("a", "").replace("é", "")), unspaced, unspaced)
def test_words_of_scripts_without_spaces_are_found_anywhere(words: str, before: str, after: str) -> None:
    from unicodedata import combining

    if not any(combining(char) for char in words[:1] + after[:1]) and not set("゛゜") & {words[:1], after[:1]}:
        assert fold(words) in fold(f"{before} {words} {after}")
        assert fold(words).strip() in fold(f"画{words}面")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("STRASSE", "Straße"),
        ("ﬁle", "FILE"),
        ("Ｅｘｐｏｒｔ", "export"),
        ("cafe\u0301", "CAFÉ"),
        ("ΣΊΣΥΦΟΣ", "σίσυφος"),
        ("a\u00a0b", "A B"),
        ("\u3000x\u2028", "X"),
        ("ﾎﾟ", "ポ"),
    ],
)
def test_what_people_take_for_the_same(one: str, other: str) -> None:
    assert fold(one) == fold(other)


def test_accents_count() -> None:
    assert fold("resume") != fold("résumé")


@settings(max_examples=70)
@given(reports())
def test_a_row_of_any_report(report: Report) -> None:
    row = make_row(report, POLICY, "reports/2026/11/x.yaml")
    item = shown(row["item"], 0)
    assert set(item) == set(SHOWN)
    assert item["title"] == report.title
    assert row["line"].split("\t") == [cell(item[name]) for name in LINE]
    assert "\n" not in row["line"]
    assert all(isinstance(value, (str, int)) for value in row.values())
    assert iso(datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)) < NEVER
    for label in report.labels:
        assert f"\n{fold(label)}\n" in row["labels"]


@given(reports(), st.integers(0, (1 << len(CONDITIONS)) - 1))
def test_both_ways_to_show_a_row_say_the_same(report: Report, mask: int) -> None:
    item = make_row(report, POLICY, "a path")["item"]
    assert json.loads(shown_json(item, mask)) == shown(item, mask)
    assert shown_json(item, mask).isascii()
    assert "\n" not in shown_json(item, mask)


def test_conditions_are_bits_in_their_order() -> None:
    assert conditions(0) == []
    assert conditions(0b100001) == ["waiting", "reopened"]
    assert conditions((1 << len(CONDITIONS)) - 1) == list(CONDITIONS)
