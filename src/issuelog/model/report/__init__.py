"""The report: every section that a file may have, typed.

Sections always exist and are empty until something is known, so that code asks `report.diagnosis.cause` and never
whether there is a diagnosis; an empty section is not written. Unknown keys are kept, so that a newer version's
file survives an older version's change.

Annotations are not deferred here: pydantic would have to read each of them from its text, at every start.
"""

import hashlib
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from issuelog.model.report.analysis import (
    Action,
    Cause,
    Detection,
    EffectCheck,
    Factor,
    NotDone,
    Rca,
    Recurrence,
    TimelineEntry,
    Why,
)
from issuelog.model.report.care import Compensation, Feedback, Legal, Message, Monitor, MonitorCheck, Verification
from issuelog.model.report.fields import Count, ItemId, Line, ReportId, Section, Sha256, Text, Time, section
from issuelog.model.report.kinds import (
    CauseKind,
    Channel,
    EndKind,
    Frequency,
    Place,
    ReopenReason,
    Resolution,
    Severity,
    State,
)
from issuelog.model.report.received import (
    NONE_SHOWN,
    Attachment,
    Customer,
    Environment,
    Impact,
    Intake,
    Question,
    Source,
)
from issuelog.model.report.work import (
    Attempt,
    Deployment,
    Diagnosis,
    Escalation,
    Fix,
    Hypothesis,
    Precedents,
    Rejected,
    Test,
    Tried,
    Workaround,
)

__all__ = [
    "MAX_TITLE",
    "NONE_SHOWN",
    "SCHEMA",
    "Action",
    "Attachment",
    "Attempt",
    "Cause",
    "CauseKind",
    "Channel",
    "Closure",
    "Compensation",
    "Count",
    "Customer",
    "Deployment",
    "Detection",
    "Diagnosis",
    "EffectCheck",
    "EndKind",
    "Environment",
    "Escalation",
    "Event",
    "Factor",
    "Feedback",
    "Fix",
    "Frequency",
    "Hypothesis",
    "Impact",
    "Intake",
    "ItemId",
    "Legal",
    "Line",
    "Links",
    "Message",
    "Monitor",
    "MonitorCheck",
    "NotDone",
    "Place",
    "Precedents",
    "Question",
    "Rca",
    "Recurrence",
    "Rejected",
    "ReopenReason",
    "Report",
    "ReportId",
    "Resolution",
    "Section",
    "Severity",
    "Sha256",
    "Source",
    "State",
    "Test",
    "Text",
    "Time",
    "TimelineEntry",
    "Tried",
    "Verification",
    "Why",
    "Workaround",
    "seal",
]

SCHEMA = 1
MAX_TITLE = 120
"""Characters of a title."""


class Links(Section):
    """Other reports and known errors."""

    duplicate_of: ReportId | None = None
    recurrence_of: ReportId | None = None
    known_error: Line | None = None
    related: list[Line] = []


class Closure(Section):
    """How and why the report ended."""

    resolution: Resolution | None = None
    at: Time | None = None
    by: Line | None = None
    note: Text | None = None


class Event(Section):
    """One step of the report's life. Further keys hold what the action adds."""

    id: Line
    at: Time
    by: Line
    action: Line
    from_: State | None = Field(default=None, alias="from")
    to: State | None = None

    def fact(self, key: str) -> Any:
        """Return what the action added under `key`, or None."""
        return (self.model_extra or {}).get(key)


class Report(Section):
    """One error that a customer reported, from the first alert to what keeps it from coming back."""

    schema_: Annotated[int, Field(ge=1, le=SCHEMA)] = Field(alias="schema")
    id: ReportId
    also_known_as: list[ReportId] = []
    title: Annotated[Line, StringConstraints(max_length=MAX_TITLE)]
    state: State
    severity: Severity
    severity_reason: Text | None = None
    owner: Line | None = None
    component: Line | None = None
    labels: list[Line] = []
    waiting_on: Literal["customer", "vendor"] | None = None
    source: Source
    customer: Customer = section()
    story: Text
    story_sha256: Sha256
    story_redacted_sha256: Sha256 | None = None
    intake: Intake = section()
    impact: Impact = section()
    attachments: list[Attachment] = []
    questions: list[Question] = []
    precedents: Precedents = section()
    hypotheses: list[Hypothesis] = []
    attempts: list[Attempt] = []
    diagnosis: Diagnosis = section()
    workaround: Workaround = section()
    escalations: list[Escalation] = []
    fix: Fix = section()
    messages: list[Message] = []
    verification: Verification = section()
    feedback: Feedback = section()
    monitor: Monitor = section()
    compensation: Compensation = section()
    legal: Legal = section()
    rca: Rca = section()
    links: Links = section()
    closure: Closure = section()
    events: Annotated[list[Event], Field(min_length=1)]

    @property
    def is_sealed(self) -> bool:
        """Whether the story is as it was recorded: in the customer's words, or as it was redacted before the commit."""
        return seal(self.story) == (self.story_redacted_sha256 or self.story_sha256)


def seal(story: str) -> str:
    """Return the SHA-256 that seals a story."""
    return hashlib.sha256(story.encode("utf-8")).hexdigest()
