"""How well the rules find what a person would object to: precision and recall on the labelled sentences.

A finding that the label does not have is a false alarm, a label without a finding is a miss. Rules are tuned on the
`tuning` part alone; the `unseen` part says what to expect of other texts. `python -m tests.support.lint_scores`
prints both as Markdown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from issuelog.customer.lint import Finding, lint, rules
from issuelog.store.yamlfile import parse

DATA = Path(__file__).parents[1] / "data" / "lint"
LANGUAGES = ("en", "de")
PARTS = ("tuning", "unseen")


@dataclass(frozen=True)
class Labelled:
    """A sentence and the rules that a person says it breaks."""

    text: str
    rules: frozenset[str]


@dataclass
class Score:
    """Counts of labels found, labels missed, and false alarms."""

    hits: int = 0
    misses: int = 0
    alarms: int = 0

    @property
    def precision(self) -> float:
        """Which part of the findings is right."""
        return self.hits / ((self.hits + self.alarms) or 1)

    @property
    def recall(self) -> float:
        """Which part of what is wrong is found."""
        return self.hits / ((self.hits + self.misses) or 1)

    def add(self, labels: frozenset[str], found: frozenset[str]) -> None:
        """Count one sentence."""
        self.hits += len(labels & found)
        self.misses += len(labels - found)
        self.alarms += len(found - labels)


@dataclass
class Scores:
    """The scores of one file, and every sentence that went wrong.

    They are of all rules, all groups and each rule; `refused` is of errors that cannot be waived: a label is a rule
    that has such errors, a finding one of them, and either counts once in a sentence.
    """

    by_rule: Score = field(default_factory=Score)
    by_group: Score = field(default_factory=Score)
    flagged: Score = field(default_factory=Score)
    refused: Score = field(default_factory=Score)
    each: dict[str, Score] = field(default_factory=dict)
    wrong: list[tuple[Labelled, frozenset[str]]] = field(default_factory=list)


def labelled(language: str, part: str) -> list[Labelled]:
    """Return the sentences of a file."""
    path = DATA / f"{language}-{part}.yaml"
    entries = parse("sentences:\n" + path.read_text("utf-8"), str(path)).plain()["sentences"]
    return [Labelled(entry["text"], frozenset(entry.get("rules", ()))) for entry in entries]


def found_in(text: str, language: str) -> list[Finding]:
    """Return what the rules find; a note has to keep those that hold for every message."""
    return lint(text, "note", language=language)


def score(sentences: list[Labelled], language: str) -> Scores:
    """Return how the rules do on these sentences."""
    groups = {rule.id: rule.group for rule in rules(language)}
    refusing = {rule.id for rule in rules(language) if rule.protected}
    scores = Scores()
    for sentence in sentences:
        findings = found_in(sentence.text, language)
        found = frozenset(finding.rule for finding in findings)
        scores.by_rule.add(sentence.rules, found)
        scores.by_group.add(_mapped(sentence.rules, groups.__getitem__), _mapped(found, groups.__getitem__))
        scores.flagged.add(_mapped(sentence.rules, lambda _: "any"), _mapped(found, lambda _: "any"))
        scores.refused.add(
            frozenset("never" for rule in sentence.rules if rule in refusing),
            frozenset("never" for finding in findings if finding.level == "error" and not finding.waivable),
        )
        for rule in sorted(sentence.rules | found):
            scores.each.setdefault(rule, Score()).add(sentence.rules & {rule}, found & {rule})
        if found != sentence.rules:
            scores.wrong.append((sentence, found))
    return scores


def _mapped(names: frozenset[str], to: Callable[[str], str]) -> frozenset[str]:
    return frozenset(to(name) for name in names)


def markdown(scores: Scores, title: str, level: int = 2) -> str:
    """Return a section: a table of scores, and the sentences that went wrong."""
    rows = [
        ("all rules", scores.by_rule),
        ("all groups", scores.by_group),
        ("anything at all", scores.flagged),
        ("blame and ignorance as errors", scores.refused),
        *sorted(scores.each.items()),
    ]
    lines = [
        f"{'#' * level} {title}",
        "",
        "| | found | missed | false alarms | precision | recall |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    lines += [
        f"| {name} | {each.hits} | {each.misses} | {each.alarms} | {each.precision:.2f} | {each.recall:.2f} |"
        for name, each in rows
    ]
    lines += ["", "| sentence | missed | false alarms |", "|---|---|---|"]
    lines += [
        f"| {_cell(sentence.text)} | {_names(sentence.rules - found)} | {_names(found - sentence.rules)} |"
        for sentence, found in scores.wrong
    ]
    return "\n".join(lines) + "\n"


def _names(names: frozenset[str]) -> str:
    return ", ".join(sorted(names))


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")


def main() -> None:
    """Print the scores of both parts of each language, and how often each rule is labelled."""
    for language in LANGUAGES:
        for part in PARTS:
            sentences = labelled(language, part)
            counted = Counter(rule for sentence in sentences for rule in sentence.rules)
            print(markdown(score(sentences, language), f"{language}, {part}: {len(sentences)} sentences"))
            print(f"{sum(counted.values())} labels of {len(counted)} rules\n")


if __name__ == "__main__":
    main()
