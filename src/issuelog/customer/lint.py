"""The rules for what a customer may read: what a message must not say, and what it has to say."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from issuelog.errors import UsageError

NEVER_WAIVED = frozenset({"blame", "ignorance"})

_RULES = Path(__file__).parent / "rules"
_SAME_SENTENCE = r"(?:(?! and | but )[^.,;:!?\n]){0,40}?\b"
_STRAIGHT = str.maketrans("‘’", "''")


@dataclass(frozen=True)
class Rule:
    """One rule; it holds for `kinds` of messages, where '*' is every kind."""

    id: str
    group: str
    level: str
    kinds: frozenset[str]
    required: bool
    pattern: re.Pattern[str]
    message: str
    instead: str
    unless: str | None

    def applies_to(self, kind: str) -> bool:
        """Return whether the rule has a say in a message of this kind."""
        return "*" in self.kinds or kind in self.kinds


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


@cache
def rules(language: str = "en") -> tuple[Rule, ...]:
    """Return the rules for a language; region and case do not matter.

    A language without rules of its own gets the English ones, except that no English words are required.
    """
    from issuelog.store.yamlfile import parse

    primary = re.split("[-_]", language)[0].lower()
    path = _RULES / f"{primary}.yaml"
    if not (re.fullmatch("[a-z]{2,8}", primary) and path.is_file()):
        return tuple(replace(rule, kinds=frozenset()) if rule.required else rule for rule in rules("en"))
    entries = parse(path.read_text("utf-8"), str(path)).plain()
    return tuple(_rule(name, entry) for name, entry in entries.items())


def lint(
    text: str,
    kind: str,
    *,
    language: str = "en",
    flags: frozenset[str] = frozenset(),
    waived: Collection[str] = (),
) -> list[Finding]:
    """Return what is wrong with a message, in the order of the text.

    `flags` are facts that switch a rule off (`eta_approved`, `legal_cleared`), `waived` the rules that the
    writer sets aside. No rule sees lines that quote the customer (`> …`). A kind without a template
    (a note, a call) has to keep only the rules that hold for every message.
    """
    known = rules(language)
    _check_waived(known, waived)
    words, places = _own_words(text)
    found: list[Finding] = []
    for rule in known:
        if rule.id in waived or rule.unless in flags or not rule.applies_to(kind):
            continue
        if not rule.required:
            for match in rule.pattern.finditer(words):
                start, end = places[match.start()], places[match.end() - 1] + 1
                found.append(_finding(rule, start, end, text))
        elif not rule.pattern.search(words):
            found.append(_finding(rule, 0, 0, text))
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


def _own_words(text: str) -> tuple[str, list[int]]:
    """Return what we wrote ourselves, evenly spaced, and the place in `text` of each of its characters.

    A line that goes on in lower case is joined to the one before, so that a wrapped phrase is found.
    """
    words: list[str] = []
    places: list[int] = []
    offset = 0
    after_words = False
    for line in text.split("\n"):
        own = [] if line.lstrip().startswith(">") else list(re.finditer(r"\S+", line))
        for index, word in enumerate(own):
            start = offset + word.start()
            if words:
                joined = index > 0 or (after_words and word[0][0].islower())
                words.append(" " if joined else "\n")
                places.append(start - 1)
            words.append(word[0])
            places.extend(range(start, start + len(word[0])))
        after_words = bool(own)
        offset += len(line) + 1
    return "".join(words).translate(_STRAIGHT), places


def _finding(rule: Rule, start: int, end: int, text: str) -> Finding:
    return Finding(rule.id, rule.level, start, end, text[start:end], rule.message, rule.instead, rule.group)


def _rule(name: str, entry: dict[str, Any]) -> Rule:
    required = "require" in entry
    pattern = _any(entry["require"] if required else entry["forbid"])
    if "then" in entry:
        pattern += _SAME_SENTENCE + _any(entry["then"])
    return Rule(
        id=name,
        group=entry["group"],
        level=entry["level"],
        kinds=frozenset(["*"] if entry["kinds"] == "*" else entry["kinds"]),
        required=required,
        pattern=re.compile(pattern, re.IGNORECASE | re.MULTILINE),
        message=entry["message"],
        instead=entry["instead"],
        unless=entry.get("unless"),
    )


def _any(patterns: Sequence[str]) -> str:
    return f"(?:{'|'.join(patterns)})"
