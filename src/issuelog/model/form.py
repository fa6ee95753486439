"""The intake form: what we need to hear from a customer, in the words we ask it with.

One table serves `new` (its options), `missing`, `ask --missing`, `answer` and the guard of `reproduce`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from issuelog.model.report import Report

REQUIRED = "reproduce"
HELPFUL = "diagnose"
_WEIGHT_REQUIRED = 80


@dataclass(frozen=True)
class Field:
    """One question: `name` is the field's path under `intake` (or `customer.`/`attachments`)."""

    name: str
    option: str
    question: str
    needed_for: str = HELPFUL

    @property
    def required(self) -> bool:
        """Whether a report needs it (or the reason why it cannot be had) to be reproduced."""
        return self.needed_for == REQUIRED

    @property
    def path(self) -> tuple[str, ...]:
        """The field's path in the report."""
        parts = tuple(self.name.split("."))
        return parts if parts[0] in {"customer", "attachments"} else ("intake", *parts)


FIELDS = (
    Field(
        "error_message",
        "--error-message",
        "What exactly does the error message say, word for word?",
        REQUIRED,
    ),
    Field("steps", "--step", "What do you do, step by step, until the error appears?", REQUIRED),
    Field("expected", "--expected", "What should have happened?", REQUIRED),
    Field("actual", "--actual", "What happened instead?", REQUIRED),
    Field("frequency", "--frequency", "How often does it happen: always, often, sometimes, once?", REQUIRED),
    Field("environment.product", "--product", "Which product is it?", REQUIRED),
    Field("environment.version", "--product-version", "Which version of it do you use?", REQUIRED),
    Field(
        "consequences",
        "--consequences",
        "What can you not do because of it, and by when do you need it?",
        REQUIRED,
    ),
    Field("environment.os", "--os", "Which operating system, and which version of it?"),
    Field("environment.browser", "--browser", "Which browser, and which version of it?"),
    Field("environment.device", "--device", "On what kind of device?"),
    Field("first_seen_at", "--first-seen", "When did you first see it?"),
    Field("last_worked_at", "--last-worked", "When did it last work?"),
    Field(
        "changed_before",
        "--changed-before",
        "What changed shortly before: an update, a setting, a new device?",
    ),
    Field(
        "customer.second_contact",
        "--second-contact",
        "How else can we reach you, or whom else, while you are away?",
    ),
    Field("attachments", "--attach", "Could you send a screenshot and the log, even a part of it?"),
)
BY_NAME = {field.name: field for field in FIELDS}
_IN_OTHER_LANGUAGES = {
    "de": {
        "error_message": "Wie lautet die Fehlermeldung, Wort für Wort?",
        "steps": "Was tun Sie, Schritt für Schritt, bis der Fehler erscheint?",
        "expected": "Was hätte geschehen sollen?",
        "actual": "Was ist stattdessen geschehen?",
        "frequency": "Wie oft kommt es vor: immer, oft, manchmal, einmal?",
        "environment.product": "Um welches Produkt geht es?",
        "environment.version": "Welche Version davon verwenden Sie?",
        "consequences": "Was können Sie deshalb nicht tun, und bis wann brauchen Sie es?",
        "environment.os": "Welches Betriebssystem verwenden Sie, und in welcher Version?",
        "environment.browser": "Welchen Browser verwenden Sie, und in welcher Version?",
        "environment.device": "Auf was für einem Gerät?",
        "first_seen_at": "Wann haben Sie es zum ersten Mal bemerkt?",
        "last_worked_at": "Wann hat es zuletzt funktioniert?",
        "changed_before": "Was hat sich kurz davor geändert: ein Update, eine Einstellung, ein neues Gerät?",
        "customer.second_contact": "Wie oder über wen erreichen wir Sie, wenn Sie gerade nicht da sind?",
        "attachments": "Könnten Sie uns ein Bildschirmfoto und das Protokoll schicken, auch nur einen Teil davon?",
    }
}


def question_in(field: Field, language: str) -> str:
    """Return the question in the language of a message; in English where it is not known in that."""
    return _IN_OTHER_LANGUAGES.get(re.split("[-_]", language)[0].lower(), {}).get(field.name, field.question)


def value(report: Report, field: Field) -> Any:
    """Return what the report holds for the field; empty or None where nothing is known."""
    found: Any = report
    for part in field.path:
        found = getattr(found, part)
    return found


def settled(report: Report, field: Field) -> bool:
    """Whether the field has a value, or a recorded reason why it cannot be had."""
    return bool(value(report, field)) or field.name in report.intake.unavailable


def missing(report: Report, *, required_only: bool = False) -> list[Field]:
    """Return the fields that are not settled, the required ones first."""
    return [field for field in FIELDS if not settled(report, field) and (field.required or not required_only)]


def score(report: Report) -> int:
    """Return how complete the intake is, 0 to 100: the required fields weigh 80, the helpful ones 20."""
    required = [settled(report, field) for field in FIELDS if field.required]
    helpful = [settled(report, field) for field in FIELDS if not field.required]
    share = _WEIGHT_REQUIRED * sum(required) / len(required)
    return round(share + (100 - _WEIGHT_REQUIRED) * sum(helpful) / len(helpful))
