"""What of a report is held against other reports: its words, when it came, and what it says it is about."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from issuelog.model.terms import terms
from issuelog.model.text import fold

if TYPE_CHECKING:
    from issuelog.model.known_error import KnownError
    from issuelog.model.report import Report

_BEGINNING = 300
"""Characters of a text that say what it is about, before its logs and listings."""
_PREFIX = re.compile(r"(?P<prefix>[^:\n]{1,40}):\s")
_COMPONENTS = re.compile(r"[,;/|]")
_WORD = re.compile(r"\w+")
_DAY_SECONDS = 86_400


@dataclass(frozen=True)
class Likeness:
    """What of a report is compared. `title` and `body` are terms in order; `day` is when it came, in days since 1970.

    `beginning` is how its title and text begin, word by word in lower case. `components` are the terms of what it
    names as its component, and `prefix` those before a colon in its title, where many write one. `meaning` is its
    direction among all that a tracker has words for, of length 1; empty where nothing is known of them.
    """

    title: Sequence[str]
    body: Sequence[str]
    beginning: str
    day: float
    product: str = ""
    version: str = ""
    components: frozenset[str] = frozenset()
    prefix: frozenset[str] = frozenset()
    meaning: Sequence[float] = ()

    @cached_property
    def letters(self) -> frozenset[str]:
        """The title's groups of letters, across words: what is written apart here may be one word there."""
        return groups(f" {' '.join(self.title)} ")


def groups(text: str) -> frozenset[str]:
    """Return the groups of four letters that a text has, spaces among them."""
    return frozenset([text[at : at + 4] for at in range(len(text) - 3)])


def of_text(
    title: str,
    body: str,
    received_at: datetime,
    *,
    product: str | None = None,
    version: str | None = None,
    component: str | None = None,
) -> Likeness:
    """Return the likeness of something that was said at this time."""
    named = _PREFIX.match(title)
    return Likeness(
        title=terms(title),
        body=terms(body),
        beginning=" ".join(_WORD.findall(f"{title} {body[:_BEGINNING]}".lower())),
        day=received_at.timestamp() / _DAY_SECONDS,
        product=fold(product or ""),
        version=fold(version or ""),
        components=frozenset(term for name in _COMPONENTS.split(component or "") for term in terms(name)),
        prefix=frozenset(terms(named["prefix"])) if named else frozenset(),
    )


def of_report(report: Report) -> Likeness:
    """Return the likeness of a report: what was said of the error, and what is known of it by now."""
    intake, environment = report.intake, report.intake.environment
    said = [intake.error_code, intake.error_message, *intake.steps, intake.actual, intake.expected]
    where = [environment.os, environment.browser, environment.device, intake.changed_before]
    learned = [report.diagnosis.cause, report.workaround.text, report.fix.summary, report.rca.summary]
    return of_text(
        report.title,
        _joined([report.story, *said, *where, *learned]),
        report.source.received_at,
        product=environment.product,
        version=environment.version,
        component=report.component,
    )


def of_known_error(known: KnownError) -> Likeness:
    """Return the likeness of a known error."""
    return of_text(
        known.title,
        _joined([known.symptom, *known.signature, known.cause, known.workaround, *known.solution, known.check]),
        known.published_at,
        product=known.product,
        component=known.component,
    )


def _joined(texts: Iterable[str | None]) -> str:
    return "\n".join(text for text in texts if text)
