"""What came from the customer: the report itself, what we know of it, and what we asked."""

from typing import Literal

from issuelog.model.report.fields import Count, ItemId, Line, Section, Sha256, Text, Time, section
from issuelog.model.report.kinds import Channel, Frequency

NONE_SHOWN = "none_shown"
"""What `intake.error_message` says when the customer saw no message."""


class Source(Section):
    """How and when the report reached us."""

    channel: Channel
    received_at: Time
    recorded_at: Time
    recorded_by: Line
    detected_by: Literal["customer", "monitoring", "internal"] | None = None
    external_ref: Line | None = None


class Customer(Section):
    """Who reported the error, and how to reach them."""

    name: Line | None = None
    contact: Line | None = None
    second_contact: Line | None = None
    tier: Line | None = None
    language: Line | None = None
    timezone: Line | None = None
    anonymous: bool | None = None


class Environment(Section):
    """What the error was met in; further keys are welcome."""

    product: Line | None = None
    version: Line | None = None
    os: Line | None = None
    browser: Line | None = None
    device: Line | None = None


class Intake(Section):
    """What we ask a customer for; `unavailable` holds a reason for each field that cannot be had."""

    error_message: Text | None = None
    error_code: Line | None = None
    steps: list[Text] = []
    expected: Text | None = None
    actual: Text | None = None
    frequency: Frequency | None = None
    tried: Count | None = None
    failed: Count | None = None
    first_seen_at: Time | None = None
    last_worked_at: Time | None = None
    changed_before: Text | None = None
    environment: Environment = section()
    consequences: Text | None = None
    remedy_sought: Text | None = None
    unavailable: dict[str, str] = {}


class Impact(Section):
    """How far the error reaches."""

    users: Count | None = None
    accounts: Count | None = None
    data_loss: Line | None = None
    security: Line | None = None
    workaround: Line | None = None


class Attachment(Section):
    """A file that came with the report; `file` is its name under `attachments/<id>/`.

    `original_sha256` is that of the file as it came, where secrets in it were redacted.
    """

    id: ItemId
    file: Line
    kind: Literal["screenshot", "log", "data", "other"]
    sha256: Sha256
    original_sha256: Sha256 | None = None
    bytes: Count
    partial: bool | None = None


class Question(Section):
    """Something we asked the customer; `field` names the intake field that the answer fills."""

    id: ItemId
    field: Line | None = None
    text: Text
    asked_at: Time
    answered_at: Time | None = None
    answer: Text | None = None
