"""The rules for what a customer may read, per language.

They are data, in `rules/<language>.yaml`, whose head says how they are written. A tracker adds to them or changes them
by `.issuelog/lint/<language>.yaml`, a file of the same shape: `B10: off`, `K04: {level: error}`, or a rule of its own.
That file may be a stranger's. So it can neither switch off nor weaken what protects a customer, and it has phrases and
no regular expressions: no phrase can make a command hang (see `phrases.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from issuelog.customer import overrides as own_files
from issuelog.customer.phrases import Names, Phrase, Sentence, named
from issuelog.customer.sentences import Spelling
from issuelog.errors import InvalidFile, Problem

if TYPE_CHECKING:
    from issuelog.store.yamlfile import Node

NEVER_WAIVED = frozenset({"blame", "ignorance"})
LEVELS = ("warning", "error")
FLAGS = ("eta_approved", "legal_cleared")
GROUPS = ("blame", "ignorance", "promise", "empathy", "hygiene", "content")
MAX_OWN_PHRASES = 300
MAX_PHRASE = 200

_RULES = Path(__file__).parent / "rules"
_ID = re.compile(r"[A-Z]{1,8}\d{2,3}")


@dataclass(frozen=True)
class Pattern:
    """A regular expression, looked for where one of the texts of `near` is: most messages have none of them."""

    near: list[str]
    regex: str

    def spans(self, text: str, lowered: str) -> Iterator[tuple[int, int]]:
        """Yield where it is found; `lowered` is the text in small letters."""
        if not self.near or any(each in lowered for each in self.near):
            for match in re.finditer(self.regex, text, re.IGNORECASE | re.MULTILINE):
                yield match.span()


@dataclass(frozen=True)
class Rule:
    """One rule; it holds for `kinds` of messages, where '*' is every kind.

    It looks for `phrases` and `patterns`; with `required`, one of them has to be there. `doubtful` phrases are no more
    than a warning. A phrase is let through where it overlaps one of `excepted`, and in the frames of `not_in` (a
    negation, a question).
    """

    id: str
    group: str
    level: str
    kinds: frozenset[str]
    message: str
    instead: str
    required: bool = False
    phrases: tuple[Phrase, ...] = ()
    doubtful: tuple[Phrase, ...] = ()
    patterns: tuple[Pattern, ...] = ()
    excepted: tuple[Phrase, ...] = ()
    not_in: tuple[str, ...] = ()
    unless: str | None = None
    in_quotes: bool = False

    @property
    def protected(self) -> bool:
        """Whether no tracker may switch it off or weaken it."""
        return self.group in NEVER_WAIVED and self.level == "error"

    def applies_to(self, kind: str) -> bool:
        """Return whether the rule has a say in a message of this kind."""
        return "*" in self.kinds or kind in self.kinds


@dataclass(frozen=True)
class Frame:
    """What changes the sense of the words after it in the same clause, or of the whole sentence."""

    phrases: tuple[Phrase, ...]
    whole_sentence: bool

    def holds(self, sentence: Sentence, start: int, end: int) -> bool:
        """Return whether the words from `start` to `end` stand in it."""
        first = 0 if self.whole_sentence else sentence.clause(start)
        last = len(sentence.words) if self.whole_sentence else end
        return any(first <= at and over <= last for phrase in self.phrases for at, over in phrase.spans(sentence))


@dataclass(frozen=True)
class Language:
    """What is known of a language: its rules, how it is written, and what rules can refer to by name."""

    rules: tuple[Rule, ...]
    spelling: Spelling = field(default_factory=Spelling)
    frames: Mapping[str, Frame] = field(default_factory=dict)
    names: Names = field(default_factory=dict)


def language_of(language: str, overrides: Path | None = None) -> Language:
    """Return what is known of a language, with the changes that the tracker's folder `overrides` makes to it.

    Region and case do not matter. A language without rules of its own gets the English ones, except that no English
    words are required. Raises InvalidFile for a fault in the tracker's file.
    """
    names = own_files.fallbacks(language)
    built_in = _built_in(names[-1] if names else "")
    if overrides:
        for name in names:
            text = own_files.read(overrides, f"{name}.yaml", rule="lint")
            if text is not None:
                return replace(built_in, rules=_Own(built_in, text, str(overrides / f"{name}.yaml")).rules())
    return built_in


@cache
def _built_in(primary: str) -> Language:
    from issuelog.store.yamlfile import parse

    path = _RULES / f"{primary}.yaml"
    if not path.is_file():
        english = _built_in("en")
        return replace(
            english,
            rules=tuple(replace(rule, kinds=frozenset()) if rule.required else rule for rule in english.rules),
        )
    entries = parse(path.read_text("utf-8"), str(path)).plain()
    facts = entries.pop("language")
    spelling = Spelling(
        short=facts["short"],
        capital=frozenset(facts.get("capital", "").split()),
        names_have_capitals=facts["names_have_capitals"] == "true",
        abbreviations=frozenset(facts["abbreviations"].split()),
    )
    names = named({name: spelling.folded(choices).splitlines() for name, choices in facts["names"].items()})
    return Language(
        rules=tuple(_rule(name, entry, names, spelling) for name, entry in entries.items()),
        spelling=replace(
            spelling,
            quotes=_compiled(facts["quotes"], names, spelling),
            labels=_compiled(facts["labels"], names, spelling),
        ),
        frames={
            name: Frame(_compiled(frame["words"], names, spelling), frame["scope"] == "sentence")
            for name, frame in facts["frames"].items()
        },
        names=names,
    )


def _rule(name: str, entry: Mapping[str, Any], names: Names, spelling: Spelling) -> Rule:
    required = "require" in entry
    return Rule(
        id=name,
        group=entry["group"],
        level=entry["level"],
        kinds=frozenset(entry.get("kinds", "*")),
        message=entry["message"],
        instead=entry["instead"],
        required=required,
        phrases=_compiled(entry.get("require" if required else "forbid", ""), names, spelling),
        doubtful=_compiled(entry.get("doubtful", ""), names, spelling),
        patterns=tuple(Pattern(near.split(), regex) for near, regex in entry.get("patterns", ())),
        excepted=_compiled(entry.get("except", ""), names, spelling),
        not_in=tuple(entry.get("not_in", ())),
        unless=entry.get("unless"),
        in_quotes=entry.get("in_quotes") == "true",
    )


def _compiled(lines: str, names: Names, spelling: Spelling) -> tuple[Phrase, ...]:
    return tuple(Phrase(line, names) for line in spelling.folded(lines).splitlines())


class _Own:
    """A tracker's own rules for a language: what they may say is checked here, with the place of each fault."""

    def __init__(self, built_in: Language, text: str, path: str) -> None:
        from issuelog.store.yamlfile import parse

        self._built_in = built_in
        self._path = path
        self._root = parse(text, path)
        self._phrases = 0

    def rules(self) -> tuple[Rule, ...]:
        """Return the rules in force."""
        rules = {rule.id: rule for rule in self._built_in.rules}
        for name, entry in self._root.plain().items():
            known = rules.get(name)
            if known and entry == "off":
                self._require(not known.protected, (name,), f"{name} protects the customer and cannot be switched off")
                del rules[name]
            else:
                self._require(isinstance(entry, dict), (name,), "a rule is a mapping, or off for one that is built in")
                rules[name] = self._changed(known, entry) if known else self._new(name, entry)
        return tuple(rules.values())

    def _changed(self, rule: Rule, entry: dict[str, Any]) -> Rule:
        self._require_keys(rule.id, entry, ("level", "kinds", "message", "instead", "forbid", "require"))
        words = "require" if rule.required else "forbid"
        self._require(not {"require", "forbid"} & entry.keys() - {words}, (rule.id,), f"{rule.id} has {words}")
        weaker = entry.get("level", rule.level) != "error" or "kinds" in entry
        self._require(not (rule.protected and weaker), (rule.id,), f"{rule.id} protects the customer; no weaker")
        return replace(
            rule,
            level=self._one_of(rule.id, entry, "level", LEVELS, rule.level),
            kinds=self._kinds(rule.id, entry) if "kinds" in entry else rule.kinds,
            message=self._line(rule.id, entry, "message", rule.message),
            instead=self._line(rule.id, entry, "instead", rule.instead),
            phrases=rule.phrases + self._compiled(rule.id, entry, words),
        )

    def _new(self, name: str, entry: dict[str, Any]) -> Rule:
        self._require(bool(_ID.fullmatch(name)), (name,), "the id of a rule is capital letters and digits, as in X01")
        self._require_keys(
            name, entry, ("group", "level", "kinds", "message", "instead", "forbid", "require", "except", "unless")
        )
        self._require(("require" in entry) != ("forbid" in entry), (name,), "a rule has either forbid or require")
        return Rule(
            id=name,
            group=self._one_of(name, entry, "group", GROUPS, "content"),
            level=self._one_of(name, entry, "level", LEVELS, "warning"),
            kinds=self._kinds(name, entry),
            message=self._line(name, entry, "message", ""),
            instead=self._line(name, entry, "instead", ""),
            required="require" in entry,
            phrases=self._compiled(name, entry, "require" if "require" in entry else "forbid"),
            excepted=self._compiled(name, entry, "except"),
            unless=self._one_of(name, entry, "unless", FLAGS, "") or None,
        )

    def _require_keys(self, name: str, entry: dict[str, Any], keys: tuple[str, ...]) -> None:
        for key in entry:
            hint = "; patterns are for what is built in, write phrases" if key == "patterns" else ""
            self._require(key in keys, (name, key), f"no {key!r} here; there are {', '.join(keys)}{hint}")

    def _one_of(self, name: str, entry: dict[str, Any], key: str, values: tuple[str, ...], default: str) -> str:
        value = entry.get(key, default)
        self._require(key not in entry or value in values, (name, key), f"{key} is one of {', '.join(values)}")
        return str(value)

    def _line(self, name: str, entry: dict[str, Any], key: str, default: str) -> str:
        value = entry.get(key, default)
        fits = isinstance(value, str) and 0 < len(value) <= MAX_PHRASE and value.isprintable()
        self._require(fits, (name, key), f"{key} is one line of at most {MAX_PHRASE} characters")
        return str(value)

    def _kinds(self, name: str, entry: dict[str, Any]) -> frozenset[str]:
        kinds = entry.get("kinds", "*")
        lists = kinds == "*" or (isinstance(kinds, list) and all(isinstance(kind, str) for kind in kinds))
        self._require(lists, (name, "kinds"), "kinds is a list of kinds of messages, or '*'")
        return frozenset(kinds)

    def _compiled(self, name: str, entry: dict[str, Any], key: str) -> tuple[Phrase, ...]:
        phrases = entry.get(key, [])
        if isinstance(phrases, str):
            phrases = phrases.splitlines()
        self._require(isinstance(phrases, list), (name, key), f"{key} is phrases, one on each line, or a list of them")
        self._phrases += len(phrases)
        self._require(self._phrases <= MAX_OWN_PHRASES, (name, key), f"more than {MAX_OWN_PHRASES} phrases")
        return tuple(self._phrase(text, (name, key, at)) for at, text in enumerate(phrases))

    def _phrase(self, text: object, place: tuple[str | int, ...]) -> Phrase:
        fits = isinstance(text, str) and len(text) <= MAX_PHRASE
        self._require(fits, place, f"a phrase is a text of at most {MAX_PHRASE} characters")
        try:
            phrase = Phrase(self._built_in.spelling.folded(str(text)), self._built_in.names)
            _ = phrase.parts  # read now, while its place is known
            return phrase
        except ValueError as error:
            self._refuse(place, str(error))

    def _require(self, holds: bool, place: tuple[str | int, ...], message: str) -> None:
        if not holds:
            self._refuse(place, message)

    def _refuse(self, place: tuple[str | int, ...], message: str) -> NoReturn:
        node: Node = self._root.at(place)
        raise InvalidFile([Problem(self._path, node.line + 1, node.column + 1, "lint", message)])
