"""The lint of messages: what is wrong with a text that a customer is to read, where, and what to say instead.

Which rules there are says `rulebook.py`.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path

from issuelog.customer.phrases import Phrase, Sentence
from issuelog.customer.rulebook import NEVER_WAIVED, Frame, Rule, language_of
from issuelog.customer.sentences import own_words, sentences
from issuelog.errors import UsageError


@dataclass(frozen=True)
class Finding:
    """What a rule found: where (character offsets; 0, 0 for something missing) and what to say instead."""

    rule: str
    level: str
    start: int
    end: int
    text: str
    message: str
    instead: str
    group: str

    @property
    def waivable(self) -> bool:
        """Whether `--waive-lint` may set the rule aside."""
        return self.group not in NEVER_WAIVED


def rules(language: str = "en", overrides: Path | None = None) -> tuple[Rule, ...]:
    """Return the rules for a language; region and case do not matter.

    A language without rules of its own gets the English ones, except that no English words are required.
    """
    return language_of(language, overrides).rules


def lint(
    text: str,
    kind: str,
    *,
    language: str = "en",
    flags: frozenset[str] = frozenset(),
    waived: Collection[str] = (),
    theirs: Sequence[str] = (),
    overrides: Path | None = None,
) -> list[Finding]:
    """Return what is wrong with a message, in the order of the text.

    `flags` are facts that switch a rule off (`eta_approved`, `legal_cleared`), `waived` the rules that the
    writer sets aside, `theirs` what the customer wrote to us: no rule but the one for secrets sees their own words
    quoted (see `own_words`). `overrides` is the tracker's folder of rules. A kind without a template (a note, a call)
    has to keep only the rules that hold for every message. Raises UsageError for a rule that cannot be waived, and
    InvalidFile for a fault in the tracker's rules.
    """
    known = language_of(language, overrides)
    _check_waived(known.rules, waived)
    own = own_words(text, known.spelling, theirs)
    heard = sentences(own, known.spelling)
    found: list[Finding] = []
    vocabulary = frozenset[str]().union(*(sentence.vocabulary for sentence in heard))
    for rule in known.rules:
        if rule.id in waived or rule.unless in flags or not rule.applies_to(kind):
            continue
        look = partial(_spans, rule=rule, heard=heard, vocabulary=vocabulary, frames=known.frames)
        sure = chain(look(rule.phrases), _patterns(rule, text if rule.in_quotes else own))
        if not rule.required:
            for start, end, certain in _apart(sure, look(rule.doubtful)):
                found.append(_finding(rule, start, end, rule.level if certain else "warning", text))
        elif next(sure, None) is None:
            found.append(_finding(rule, 0, 0, rule.level, text))
    return sorted(found, key=lambda finding: (finding.start, finding.end, finding.rule))


def _check_waived(known: Iterable[Rule], waived: Collection[str]) -> None:
    groups = {rule.id: rule.group for rule in known}
    for name in waived:
        if name not in groups:
            raise UsageError(f"there is no rule {name!r}; there are {', '.join(groups)}")
        if groups[name] in NEVER_WAIVED:
            raise UsageError(
                f"rule {name} cannot be waived: no message blames the customer or says that we do not know",
                "change the words; each finding says what to write instead",
            )


def _spans(
    phrases: Iterable[Phrase],
    rule: Rule,
    heard: Sequence[Sentence],
    vocabulary: frozenset[str],
    frames: Mapping[str, Frame],
) -> Iterator[tuple[int, int]]:
    likely = [phrase for phrase in phrases if phrase.may_be_among(vocabulary)]
    for sentence in heard if likely else ():
        for start, end in chain.from_iterable(phrase.spans(sentence) for phrase in likely):
            if not _excused(rule, sentence, start, end, frames):
                yield sentence.places[start][0], sentence.places[end - 1][1]


def _excused(rule: Rule, sentence: Sentence, start: int, end: int, frames: Mapping[str, Frame]) -> bool:
    if sentence.titled.issuperset(range(start, end)):
        return True  # the name of something
    alike = (span for phrase in rule.excepted for span in phrase.spans(sentence))
    if any(first < end and start < last for first, last in alike):
        return True
    return any(frames[name].holds(sentence, start, end) for name in rule.not_in if name in frames)


def _patterns(rule: Rule, text: str) -> Iterator[tuple[int, int]]:
    lowered = text.lower() if rule.patterns else ""
    return chain.from_iterable(pattern.spans(text, lowered) for pattern in rule.patterns)


def _apart(sure: Iterable[tuple[int, int]], doubtful: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int, bool]]:
    """Yield spans that do not overlap, and whether they are sure.

    Of those that do it is the one that is sure, then the one that begins first, and of these the longest.
    """
    taken: list[tuple[int, int]] = []
    for spans, certain in ((sure, True), (doubtful, False)):
        for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
            at = bisect(taken, (start, end))
            if (at == 0 or taken[at - 1][1] <= start) and (at == len(taken) or end <= taken[at][0]):
                taken.insert(at, (start, end))
                yield start, end, certain


def _finding(rule: Rule, start: int, end: int, level: str, text: str) -> Finding:
    return Finding(rule.id, level, start, end, text[start:end], rule.message, rule.instead, rule.group)
