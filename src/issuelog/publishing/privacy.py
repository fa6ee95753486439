"""What must not stand in a known error: who reported it, secrets, and hosts that only we can reach."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from shlex import quote
from typing import Any

from issuelog import redaction
from issuelog.customer.lint import rules
from issuelog.errors import Missing, Refused
from issuelog.model.identifier import is_known_error_id
from issuelog.model.known_error import KnownError
from issuelog.model.naming import MAIL, PHONE, names_of, spelled
from issuelog.model.report import Report
from issuelog.model.text import fold
from issuelog.store.documents import to_json
from issuelog.store.layout import KNOWN_ERRORS

_SECRETS_AND_HOSTS = "H02"
_LISTED_AT_MOST = 20
_SHOWN = 4
_HOST = re.compile(r"[\w.-]+")
_NOT_SHOWN = frozenset(
    {"schema", "id", "sources", "may_say", "published_at", "published_by", "reviewed_at", "reviewed_by", "retired"}
)
"""Fields that are not exported, or that nobody typed."""


OPTIONS = {"affected_versions": "--affected", "labels": "--label"}
"""Options that are not called as the field that they supply."""


def option_of(field: str) -> str:
    """Return the option that supplies a field."""
    return OPTIONS.get(field, f"--{field.replace('_', '-')}")


@dataclass(frozen=True)
class Finding:
    """Words that should not be public: in which field and line (from 1), and what they seem to be."""

    field: str
    line: int
    what: str
    words: str

    def __str__(self) -> str:
        return f"{self.field}, line {self.line}: {self.what} {self.words!r}"


class Private(Refused):
    """A known error would tell what is not for everybody; `name` is the report or the known error that says it."""

    def __init__(self, name: str, known: KnownError, findings: Iterable[Finding]) -> None:
        self.findings = tuple(islice(findings, _LISTED_AT_MOST))
        self.texts = dict(texts(known))
        missing = [Missing("public", str(found), _remedy(name, found)) for found in self.findings]
        words = dict.fromkeys(found.words for found in self.findings)
        allowed = " ".join(f"--may-say {quote(one)}" for one in words)
        if is_known_error_id(name):
            allowed = f"list them under may_say in {KNOWN_ERRORS}/{name}.yaml"
        super().__init__(
            f"what {name} tells is not for everybody: say it without; nothing was changed",
            missing,
            hint=f"where such words are nobody's: {allowed}",
        )

    def details(self) -> dict[str, Any]:
        """The places."""
        return {**super().details(), "findings": [vars(found) for found in self.findings]}


def _remedy(name: str, found: Finding) -> str:
    if is_known_error_id(name):
        return f"edit {KNOWN_ERRORS}/{name}.yaml, then: issuelog check"
    return f"issuelog known-error publish {name} {option_of(found.field)} TEXT"


def private(known: KnownError, reports: Iterable[Report]) -> list[Finding]:
    """Return what in a known error is not for everybody; `reports` are those that it comes from."""
    names = {words: what for report in reports for what, words in names_of(report)}
    allowed = {fold(words) for words in known.may_say}
    return [
        found
        for field, text in texts(known)
        for found in dict.fromkeys(_found(field, text, names))
        if fold(found.words) not in allowed
    ]


def texts(known: KnownError) -> Iterator[tuple[str, str]]:
    """Yield the texts of a known error that others read, each with its field."""
    for field, value in to_json(known).items():
        if field in _NOT_SHOWN:
            continue
        for text in value if isinstance(value, list) else [value]:
            yield field, str(text)


def _found(field: str, text: str, names: Mapping[str, str]) -> Iterator[Finding]:
    """Yield what is found in a text, in its order; of what overlaps only the longest."""
    line, counted, done = 1, 0, 0
    for start, end, what, words in sorted(_spans(text, names), key=lambda span: (span[0], -span[1])):
        if start >= done:
            line, counted, done = line + text.count("\n", counted, start), start, end
            yield Finding(field, line, what, words)


def _spans(text: str, names: Mapping[str, str]) -> Iterator[tuple[int, int, str, str]]:
    """Yield where something stands that is not for everybody, what it is, and how it is shown."""
    patterns = [(spelled(words), what) for words, what in names.items()]
    for pattern, what in (*patterns, (MAIL, "the mail address"), (PHONE, "the telephone number")):
        for match in pattern.finditer(text):
            yield *match.span(), what, match[0]
    for secret, kind in redaction.find(text).items():
        start = text.index(secret)
        yield start, start + len(secret), f"a secret ({kind})", f"{secret[:_SHOWN]}…"
    for start, end in _hosts(text):
        # What has a sign in it is no name of a host, and may be a secret.
        host = text[start:end] if _HOST.fullmatch(text[start:end]) else "…"
        yield start, end, "a host that only we can reach, or a secret", host


def _hosts(text: str) -> Iterator[tuple[int, int]]:
    rule = next(rule for rule in rules() if rule.id == _SECRETS_AND_HOSTS)
    for pattern in rule.patterns:
        yield from pattern.spans(text, text.lower())
