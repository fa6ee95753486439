"""What an importer hands on: one incoming report, not yet a report of ours."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Automatic = Literal["auto_reply", "bounce"]
"""What a machine sends: that somebody is away, that a message is late; or that one did not reach the customer."""


@dataclass(frozen=True)
class IncomingFile:
    """A file that came with the report; `name` is what the sender called it and is not to be trusted."""

    name: str
    content: bytes
    media_type: str = "application/octet-stream"


@dataclass(frozen=True)
class Letter:
    """What a mail is as a part of a conversation: which mails it answers, the nearest first, and what it says."""

    subject: str
    text: str
    references: tuple[str, ...] = ()
    automatic: Automatic | None = None


@dataclass(frozen=True)
class Incoming:
    """One report as a foreign format gives it. Every text is verbatim; `None` means the source does not say."""

    title: str
    story: str
    channel: str
    received_at: datetime | None = None
    external_ref: str | None = None
    customer: str | None = None
    contact: str | None = None
    language: str | None = None
    severity: str | None = None
    component: str | None = None
    labels: tuple[str, ...] = ()
    files: tuple[IncomingFile, ...] = ()
    facts: dict[str, str] = field(default_factory=dict)
    """Intake facts by field name, e.g. ``{"environment.product": "billing", "error_message": "E507"}``."""
    place: str | None = None
    """Where it stands in a file that holds several, so that it alone is rejected where a value is not allowed."""
    left: tuple[str, ...] = ()
    """Files that it names and does not hold: what they are called there."""
    letter: Letter | None = None
    """What it is besides a report: an answer to a mail, perhaps."""


@dataclass(frozen=True)
class Whole:
    """A report as a whole, with its id and its events: `data` is as a file holds it, every value text.

    `files` are its attachments' contents by the names that the report gives them, which are not to be trusted.
    """

    place: str
    data: dict[str, Any]
    files: dict[str, bytes]


@dataclass(frozen=True)
class Rejected:
    """One item of a source that is not a report, with the reason; `expected` where such items belong in the source."""

    place: str
    reason: str
    expected: bool = False


def report_facts(item: Incoming) -> dict[str, Any]:
    """What a new report of ours says of it, nested as in a file."""
    reachable = item.customer or item.contact
    customer = {
        "name": item.customer,
        "contact": item.contact,
        "language": item.language,
        "anonymous": None if reachable else True,
    }
    intake: dict[str, Any] = {}
    for path, value in item.facts.items():
        section, _, name = path.rpartition(".")
        (intake.setdefault(section, {}) if section else intake)[name] = value
    return {
        "title": item.title,
        "story": item.story,
        "severity": item.severity,
        "component": item.component,
        "labels": list(item.labels),
        "source": {
            "channel": item.channel,
            "received_at": item.received_at,
            "detected_by": "customer",
            "external_ref": item.external_ref,
        },
        "customer": {key: value for key, value in customer.items() if value is not None},
        "intake": intake,
    }
