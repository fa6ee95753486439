"""How the customer was looked after: messages, their word on it, and what followed."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from issuelog.model.report.fields import Count, ItemId, Line, Section, Text, Time
from issuelog.model.report.kinds import Channel


class Message(Section):
    """One message between the customer and us; `waived` names the lint rules that were set aside, and why.

    `external_ref` is what it is called elsewhere: the Message-ID of a mail. `sent_at` and `sent_via` tell of a message
    that issuelog itself handed to the user's mail server.
    """

    id: ItemId
    direction: Literal["out", "in"]
    kind: Line
    channel: Channel
    at: Time
    by: Line
    text: Text
    next_update_at: Time | None = None
    minutes: Count | None = None
    external_ref: Line | None = None
    sent_at: Time | None = None
    sent_via: Line | None = None
    waived: list[Line] = []
    waived_because: Text | None = None


class Verification(Section):
    """Whether the customer confirmed; silence (`lapsed`) is counted apart from a yes."""

    requested_at: Time | None = None
    outcome: Literal["confirmed", "not_fixed", "lapsed", "proxy"] | None = None
    at: Time | None = None
    by: Line | None = None
    note: Text | None = None


class Feedback(Section):
    """What the customer thought of how we did."""

    score: Annotated[int, Field(ge=1, le=5)] | None = None
    comment: Text | None = None
    at: Time | None = None


class MonitorCheck(Section):
    """A look whether the error is back: what somebody noted, or how often a log had it.

    `source` is what was read, and `upto` how far: where the same log is read again, what lies before is not counted.
    """

    id: ItemId
    at: Time
    by: Line
    seen: Count | None = None
    source: Line | None = None
    upto: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,18}:[0-9a-f]{64}$")] | None = None
    note: Text | None = None


class Monitor(Section):
    """What is watched for after the fix, and until when."""

    until: Time | None = None
    pattern: Text | None = None
    checks: list[MonitorCheck] = []


class Compensation(Section):
    """What was decided about making good."""

    decision: Literal["none", "offered", "accepted", "declined"] | None = None
    kind: Line | None = None
    amount: Annotated[Decimal, Field(ge=0, allow_inf_nan=False)] | None = None
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] | None = None
    reason: Text | None = None
    approved_by: Line | None = None
    at: Time | None = None


class Legal(Section):
    """Whether words on liability may be used."""

    review: Literal["not_needed", "in_review", "cleared"] | None = None
    note: Text | None = None
