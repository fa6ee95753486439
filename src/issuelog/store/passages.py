"""What of a file is searched: its texts, each with its place, in groups that weigh differently.

The same walk fills the search index and finds the places of a hit, so that what was found can be shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from issuelog.model.merge import NAMED_BY
from issuelog.model.text import fold
from issuelog.store.yamlfile import Mapping, Node, Scalar, Sequence

GROUPS = {"title": 8.0, "error": 6.0, "story": 3.0, "facts": 2.0, "analysis": 2.0, "messages": 1.0, "notes": 1.0}
"""The groups of texts, and what a word in each weighs."""

_OF_SECTION = {
    "title": "title",
    "symptom": "title",
    "signature": "error",
    "story": "story",
    "intake": "facts",
    "impact": "facts",
    "customer": "facts",
    "hypotheses": "analysis",
    "diagnosis": "analysis",
    "workaround": "analysis",
    "fix": "analysis",
    "rca": "analysis",
    "solution": "analysis",
    "cause": "analysis",
    "check": "analysis",
    "check_gone": "analysis",
    "prevention": "analysis",
    "messages": "messages",
    "questions": "messages",
}
_ERRORS = frozenset({"error_message", "error_code"})
_OTHERS = "notes"
_BLOCKS = frozenset({"|", ">"})  # their text begins below
_ESCAPED = '"'
_APART = "\n\ue000\n"
"""Stands between two texts: a word that nobody writes, so that quoted words are found only within one text."""
# Ids, times, numbers and names of kinds: nobody looks for them among words, and a word in them would be a false hit.
_NO_WORDS = frozenset(
    {"schema", "id", "state", "severity", "sha256", "story_sha256", "story_redacted_sha256", "original_sha256", "bytes"}
    | {"kind", "direction", "channel", "result", "outcome", "status", "mode", "from", "to", "action", "language"}
    | {"by", "recorded_by", "timezone", "partial", "hits", "runs", "strength", "end_kind", "seen", "upto"}
    | {"published_by", "reviewed_by", "sources"}
)
_WORDS_ALL_THE_SAME = re.compile(r"escalations\..*\.outcome|compensation\.kind")
_KINDS = frozenset(
    {"waiting_on", "source.detected_by", "diagnosis.confidence", "compensation.decision", "legal.review"}
    | {"closure.resolution"}
)
"""More names of kinds, by their places: elsewhere, as in a known error, words may stand under such a key."""
_NO_WORDS_IN_EVENTS = frozenset({*NAMED_BY, "why", "decision", "resolution", "review", "confidence", "until"})
"""What names an item of the report, or a kind, once more."""
_NAMED_FREELY = frozenset({"environment", "unavailable", "process_walk"})
"""Sections whose keys anybody may choose: what such a key is called says nothing of its text."""


@dataclass(frozen=True)
class Passage:
    """One text of a file: `place` as `set` and messages name it (`messages.M1.text`), `line` of its begin, from 1."""

    group: str
    place: str
    line: int
    text: str
    node: Scalar

    def lines(self, file: str) -> list[str]:
        """Return the text by the lines on which it stands; one that is written with escapes as a single line."""
        if self.node.style == _ESCAPED:
            return [self.text.replace("\n", " ")]
        return file[self.node.start : self.node.end].split("\n")[self.node.style in _BLOCKS :]


def passages(root: Mapping) -> Iterator[Passage]:
    """Yield the texts of a report or a known error, in the order of the file."""
    for key, (_, value) in root.entries.items():
        yield from _of(value, _OF_SECTION.get(key, _OTHERS), key, key)


def words(root: Mapping) -> dict[str, str]:
    """Return the texts of each group, as they are searched."""
    found: dict[str, list[str]] = {group: [] for group in GROUPS}
    for passage in passages(root):
        found[passage.group].append(fold(passage.text))
    return {group: _APART.join(texts) for group, texts in found.items()}


def _of(node: Node, group: str, place: str, key: str) -> Iterator[Passage]:
    if key in _NO_WORDS and not _WORDS_ALL_THE_SAME.fullmatch(place):
        return
    if key.endswith("_at") or key == "at" or place in _KINDS:
        return
    if key in _NO_WORDS_IN_EVENTS and place.startswith("events."):
        return
    if isinstance(node, Scalar):
        if node.value:
            first = node.line + 1 + (node.style in _BLOCKS)
            yield Passage("error" if key in _ERRORS else group, place, first, node.value, node)
    elif isinstance(node, Mapping):
        for name, (_, value) in node.entries.items():
            yield from _of(value, group, f"{place}.{name}", "" if key in _NAMED_FREELY else name)
    elif isinstance(node, Sequence):
        for number, item in enumerate(node.items, 1):
            yield from _of(item, group, f"{place}.{_name(item) or number}", "")


def _name(item: Node) -> str:
    known = item.entries.get("id") if isinstance(item, Mapping) else None
    return known[1].value if known and isinstance(known[1], Scalar) else ""
