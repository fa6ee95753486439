"""The labelled sentences hold what they claim, and the rules do as well on the part for tuning as they did."""

from __future__ import annotations

import pytest

from issuelog.customer.rulebook import language_of
from support.lint_scores import LANGUAGES, PARTS, Labelled, Score, labelled, markdown, score

# What the rules reach on the part that they are tuned on, less a little: precision and recall, and the precision of
# what refuses a message for good.
FLOORS = {"en": (0.98, 0.98, 0.98), "de": (0.98, 0.98, 0.98)}
ENOUGH = {("en", "tuning"): 900, ("en", "unseen"): 300, ("de", "tuning"): 280, ("de", "unseen"): 150}


@pytest.mark.parametrize(("language", "part"), ENOUGH)
def test_there_are_enough_sentences_and_half_of_them_are_harmless(language: str, part: str) -> None:
    sentences = labelled(language, part)
    assert len(sentences) >= ENOUGH[language, part]
    assert sum(not sentence.rules for sentence in sentences) * 2 >= len(sentences)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_is_there_twice(language: str) -> None:
    texts = [sentence.text for part in PARTS for sentence in labelled(language, part)]
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize(("language", "part"), ENOUGH)
def test_labels_are_rules_and_each_is_among_those_to_tune(language: str, part: str) -> None:
    known = {rule.id for rule in language_of(language).rules if not rule.required}
    labels = {rule for sentence in labelled(language, part) for rule in sentence.rules}
    assert labels <= known
    assert part != "tuning" or labels == known


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_rules_do_as_well_as_they_did(language: str) -> None:
    reached = score(labelled(language, "tuning"), language)
    precision, recall, refusing = FLOORS[language]
    assert reached.by_rule.precision >= precision
    assert reached.by_rule.recall >= recall
    assert reached.refused.precision >= refusing


def test_a_score_counts_hits_misses_and_false_alarms() -> None:
    sentences = [
        Labelled("It is your fault.", frozenset({"B01"})),
        Labelled("Who knows?", frozenset({"K01"})),
        Labelled("Thank you.", frozenset({"B02"})),
        Labelled("You deleted the folder.", frozenset()),
        Labelled("Thanks.", frozenset()),
    ]
    scores = score(sentences, "en")
    assert scores.by_rule == Score(hits=1, misses=2, alarms=2)
    assert scores.by_group == Score(hits=2, misses=1, alarms=1)
    assert scores.refused == Score(hits=2, misses=1, alarms=0)
    assert (scores.by_rule.precision, scores.by_rule.recall) == (1 / 3, 1 / 3)
    assert scores.each["K02"] == Score(alarms=1)
    assert [sentence.text for sentence, _ in scores.wrong] == ["Who knows?", "Thank you.", "You deleted the folder."]
    table = markdown(scores, "A title")
    assert "| Who knows? | K01 | K02 |" in table
    assert "| Thanks. |" not in table
