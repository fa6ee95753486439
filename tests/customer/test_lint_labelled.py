"""The labelled sentences hold what they claim, and the rules do as well on the part for tuning as they did."""

from __future__ import annotations

import pytest

from issuelog.customer.rulebook import language_of
from support.lint_scores import LANGUAGES, PARTS, Labelled, Score, labelled, markdown, score

FLOORS = {"en": (0.96, 0.97), "de": (0.95, 0.95)}


def test_there_are_enough_sentences_and_half_of_them_are_harmless() -> None:
    for language in LANGUAGES:
        sentences = [sentence for part in PARTS for sentence in labelled(language, part)]
        assert len(sentences) >= 250
        assert sum(not sentence.rules for sentence in sentences) >= len(sentences) / 2.1


def test_no_sentence_is_in_both_parts() -> None:
    for language in LANGUAGES:
        texts = [sentence.text for part in PARTS for sentence in labelled(language, part)]
        assert len(set(texts)) == len(texts)


def test_labels_are_rules_and_each_is_in_both_parts() -> None:
    for language in LANGUAGES:
        known = {rule.id for rule in language_of(language).rules if not rule.required}
        for part in PARTS:
            assert {rule for sentence in labelled(language, part) for rule in sentence.rules} <= known
        assert known <= {rule for sentence in labelled(language, "tuning") for rule in sentence.rules} | {"B11"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_rules_do_as_well_as_they_did(language: str) -> None:
    reached = score(labelled(language, "tuning"), language).by_rule
    precision, recall = FLOORS[language]
    assert reached.precision >= precision
    assert reached.recall >= recall


def test_a_score_counts_hits_misses_and_false_alarms() -> None:
    sentences = [
        Labelled("It is your fault.", frozenset({"B01"})),
        Labelled("Who knows?", frozenset({"K01"})),
        Labelled("Thank you.", frozenset({"B02"})),
        Labelled("Thanks.", frozenset()),
    ]
    scores = score(sentences, "en")
    assert scores.by_rule == Score(hits=1, misses=2, alarms=1)
    assert scores.by_group == Score(hits=2, misses=1, alarms=0)
    assert (scores.by_rule.precision, scores.by_rule.recall) == (1 / 2, 1 / 3)
    assert scores.each["K02"] == Score(alarms=1)
    assert [sentence.text for sentence, _ in scores.wrong] == ["Who knows?", "Thank you."]
    table = markdown(scores, "A title")
    assert "| Who knows? | K01 | K02 |" in table
    assert "| Thanks. |" not in table
