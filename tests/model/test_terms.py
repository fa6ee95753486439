"""Texts as terms: what two ways to write the same have in common."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issuelog.model.terms import MOST_TERMS, stem, terms

SENTENCES = st.lists(
    st.sampled_from(["export", "müller", "straße", "übersicht", "ошибка", "σφάλμα", "a", "507", "x9", "wir", "être"])
    | st.text(st.characters(min_codepoint=97, max_codepoint=122), min_size=1, max_size=12)
    | st.text(st.sampled_from("äöüßéñøije"), min_size=1, max_size=6),
    max_size=8,
).map(" ".join)


@given(st.text())
def test_a_term_is_a_word_of_letters_and_digits_in_lower_case(text: str) -> None:
    for term in terms(text):
        assert term
        assert term.isalnum()
        assert term == term.casefold()


@given(SENTENCES)
def test_capitals_make_no_difference(text: str) -> None:
    wanted = terms(text)
    assert terms(text.upper()) == wanted
    assert terms(text.title()) == wanted


@given(st.text(st.characters(exclude_categories=["L", "N"]) | st.just("_")))
def test_what_has_no_letters_and_digits_has_no_terms(text: str) -> None:
    assert terms(text) == []


@given(st.lists(st.text(), max_size=3))
def test_texts_on_lines_of_their_own_have_the_terms_of_each(texts: list[str]) -> None:
    assert terms("\n".join(texts)) == [term for text in texts for term in terms(text)]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("TableView.deleteRow", ["tabl", "view", "delet", "row", "tableviewdeleterow"]),
        ("delete a row of the table view", ["delet", "row", "of", "the", "tabl", "view"]),
        ("HTTPServer parse_xml", ["http", "server", "httpserver", "pars", "xml", "parsexml"]),
        ("EXPORT-507", ["export", "507", "export507"]),
        ("Müller's Übersicht", ["müller", "übersicht"]),
        ("GRÖSSE Größe", ["grösse", "grösse"]),
        ("导出export失败", ["导", "出", "export", "失", "败"]),
        ("ﬁles １２", ["file", "12"]),
        ("½", ["1", "2"]),
        ("NUL\0in it", ["nul", "in", "it"]),
    ],
)
def test_names_are_taken_apart_and_words_are_not(text: str, wanted: list[str]) -> None:
    assert terms(text) == wanted


@pytest.mark.parametrize(
    ("one", "others"),
    [
        ("crash", ["crashes", "crashed", "crashing"]),
        ("query", ["queries"]),
        ("stop", ["stops", "stopped", "stopping"]),
        ("file", ["files"]),
        ("delete", ["deletes", "deleted", "deleting"]),
        ("class", ["classes"]),
    ],
)
def test_the_forms_of_a_word_are_one_term(one: str, others: list[str]) -> None:
    assert {stem(word) for word in others} == {stem(one)}


@given(st.text(st.characters(min_codepoint=97, max_codepoint=122), max_size=15))
def test_a_word_keeps_its_beginning_when_its_ending_goes(word: str) -> None:
    found = stem(word)
    assert len(found) >= min(len(word), 3)
    assert len(found) <= len(word)
    assert word.startswith(found[:-1])


@pytest.mark.parametrize("text", ["a1 " * 400_000, "x" * 1_000_000, "aB" * 500_000, "a_" * 500_000, "é" * 1_000_000])
def test_of_a_long_text_only_the_beginning_has_terms(text: str) -> None:
    found = terms(text)
    assert len(found) <= MOST_TERMS
    assert found[:10] == terms(text[:100_000])[:10]


def test_what_comes_after_a_long_blank_is_not_looked_for() -> None:
    assert terms(" " * 10_000 + "zebra") == ["zebra"]
    assert terms(" " * 100_000 + "zebra") == []
