"""The report: every section that a file may have, typed.

Sections always exist and are empty until something is known, so that code asks `report.diagnosis.cause` and never
whether there is a diagnosis; an empty section is not written. Unknown keys are kept, so that a newer version's
file survives an older version's change.

Annotations are not deferred here: pydantic would have to read each of them from its text, at every start.
"""

import hashlib
import re
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)

from issuelog.model.identifier import is_report_id
from issuelog.model.times import iso, parse_iso

SCHEMA = 1
MAX_TITLE = 120
"""Characters of a title."""
NONE_SHOWN = "none_shown"
"""What `intake.error_message` says when the customer saw no message."""


class State(StrEnum):
    """Where a report stands; everything else that may be said of it is a condition."""

    NEW = "new"
    ACKNOWLEDGED = "acknowledged"
    REPRODUCED = "reproduced"
    RESOLVED = "resolved"
    RCA = "rca"
    CLOSED = "closed"


class Severity(StrEnum):
    """How much the error hurts: S1 most."""

    S1 = "S1"
    S2 = "S2"
    S3 = "S3"
    S4 = "S4"


class Channel(StrEnum):
    """How words travelled between the customer and us."""

    EMAIL = "email"
    PHONE = "phone"
    CHAT = "chat"
    WEB = "web"
    IN_PERSON = "in_person"
    SOCIAL = "social"
    API = "api"
    MONITORING = "monitoring"
    INTERNAL = "internal"


class Frequency(StrEnum):
    """How often the customer meets the error."""

    ALWAYS = "always"
    OFTEN = "often"
    SOMETIMES = "sometimes"
    ONCE = "once"
    UNKNOWN = "unknown"


class Place(StrEnum):
    """Where an attempt to reproduce ran, or where a version was deployed."""

    SANDBOX = "sandbox"
    VM = "vm"
    CONTAINER = "container"
    STAGING = "staging"
    PRODUCTION = "production"


class CauseKind(StrEnum):
    """What kind of thing was wrong, and so what kind of thing is fixed."""

    CODE = "code"
    CONFIG = "config"
    DATA = "data"
    DOCS = "docs"
    PROCESS = "process"
    INFRASTRUCTURE = "infrastructure"
    VENDOR = "vendor"
    USAGE = "usage"


class Resolution(StrEnum):
    """How a report ended."""

    FIXED = "fixed"
    DUPLICATE = "duplicate"
    NOT_AN_ERROR = "not_an_error"
    WONT_FIX = "wont_fix"
    WITHDRAWN = "withdrawn"
    NO_RESPONSE = "no_response"
    CANNOT_REPRODUCE = "cannot_reproduce"
    SPAM = "spam"


class ReopenReason(StrEnum):
    """Why a report that was done is not."""

    NOT_FIXED = "not_fixed"
    RECURRED = "recurred"
    WRONG_DUPLICATE = "wrong_duplicate"
    NEW_INFORMATION = "new_information"
    PREMATURE = "premature"


class EndKind(StrEnum):
    """What kind of thing the last why of a cause names: a part of the system, never a person."""

    PROCESS = "process"
    POLICY = "policy"
    DESIGN = "design"
    TOOLING = "tooling"
    TRAINING = "training"
    RESOURCE = "resource"
    SUPPLIER = "supplier"


def _time(value: Any) -> Any:
    return parse_iso(value) if isinstance(value, str) else value


def _report_id(value: str) -> str:
    if isinstance(value, str) and is_report_id(value):
        return value
    raise ValueError("an id looks like CR-261122-7K3M")


def _one_line(value: str) -> str:
    if "\n" in value or "\r" in value:
        raise ValueError("it has to be one line")
    return value


def _sealed(value: Any) -> Any:
    if isinstance(value, str) and not re.fullmatch(r"[0-9a-f]{64}", value):
        raise ValueError("a SHA-256 is 64 hexadecimal digits in lower case")
    return value


Time = Annotated[
    datetime,
    BeforeValidator(_time),
    PlainSerializer(iso, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
ReportId = Annotated[str, BeforeValidator(_report_id)]
Sha256 = Annotated[str, BeforeValidator(_sealed)]
Line = Annotated[
    str,
    StringConstraints(min_length=1),
    AfterValidator(_one_line),
    Field(json_schema_extra={"pattern": r"^[^\r\n]*$"}),
]
ItemId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]
"""The id of an item: it goes into commands that people copy."""
Text = Annotated[str, StringConstraints(min_length=1)]
Count = Annotated[int, Field(ge=0)]


class Section(BaseModel):
    """A part of a report. Unknown keys are kept.

    Validators are built when first used, all in one go: built class by class they take half of a command's start-up.
    """

    model_config = ConfigDict(extra="allow", populate_by_name=True, defer_build=True)


def _nothing() -> Any:
    """Return what an absent section is read from: by its parent's validator, which spares it one of its own."""
    return {}


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
    environment: Environment = Field(default_factory=_nothing, validate_default=True)
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


class Tried(Section):
    """An earlier solution that was applied to this report."""

    id: ItemId
    ref: Line
    outcome: Literal["worked", "failed", "partial"]
    at: Time
    note: Text | None = None


class Rejected(Section):
    """An earlier report or known error that looked like this one, and is not the same."""

    id: ItemId
    ref: Line
    at: Time
    by: Line
    note: Text | None = None


class Precedents(Section):
    """What the past had to offer."""

    searched_at: Time | None = None
    tried: list[Tried] = []
    rejected: list[Rejected] = []


class Hypothesis(Section):
    """A supposed cause and how it was tested; `source` is the earlier report or known error that it was taken from."""

    id: ItemId
    text: Text
    test: Text | None = None
    source: Line | None = None
    result: Literal["open", "confirmed", "rejected"] = "open"
    at: Time
    by: Line


class Attempt(Section):
    """An attempt to reproduce: the error showed `hits` times in `runs`.

    One by machine ran `command` at the commit `revision` of the product; the rest says by what rule the error showed,
    after how many seconds a run was ended, and how many more runs said nothing. `artifact` is the file with the output.
    """

    id: ItemId
    at: Time
    by: Line
    place: Place
    environment: Environment = Field(default_factory=_nothing, validate_default=True)
    runs: Count
    hits: Count
    outcome: Literal["reproduced", "intermittent", "not_reproduced"]
    command: Text | None = None
    revision: Line | None = None
    expect_exit: Line | None = None
    expect_output: Line | None = None
    timeout: Count | None = None
    silent: Count | None = None
    artifact: Line | None = None
    note: Text | None = None


class Diagnosis(Section):
    """Why the error happens."""

    cause: Text | None = None
    kind: CauseKind | None = None
    confidence: Literal["likely", "confirmed"] | None = None
    introduced_in: Line | None = None
    affected_versions: Line | None = None
    first_bad_commit: Line | None = None
    at: Time | None = None


class Workaround(Section):
    """How the customer can go on before the fix."""

    text: Text | None = None
    offered_at: Time | None = None


class Escalation(Section):
    """Help that was called in, and until when it is expected."""

    id: ItemId
    to: Literal["vendor", "consultant", "team"]
    party: Line
    reason: Text
    tried_so_far: list[Text] = []
    due_at: Time
    opened_at: Time
    closed_at: Time | None = None
    outcome: Text | None = None


class Test(Section):
    """A test of the fix before it was deployed.

    One by machine ran `command` at two commits of the product: the error shows at `before`, and not at `after`.
    """

    id: ItemId
    level: Line
    mode: Literal["automated", "manual"]
    scenario: Text
    result: Literal["pass", "fail"]
    ref: Line | None = None
    command: Text | None = None
    before: Line | None = None
    after: Line | None = None
    artifacts: list[Line] = []
    at: Time
    by: Line


class Deployment(Section):
    """A version that carries the fix, and where it runs."""

    id: ItemId
    version: Line
    place: Line
    at: Time


class Fix(Section):
    """What was changed so that the error cannot happen again."""

    kind: CauseKind | None = None
    summary: Text | None = None
    refs: list[Line] = []
    rollback: Text | None = None
    tests: list[Test] = []
    deployed: list[Deployment] = []
    fixed_in: Line | None = None
    at: Time | None = None


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


class Why(Section):
    """One step of a five-whys chain."""

    id: ItemId | None = None
    why: Text
    evidence: Text | None = None


class Cause(Section):
    """A chain of whys: `occurrence`, why it happened; `escape`, why it reached the customer.

    `missing_level` is the level of test that would have caught it, and was missing: it belongs to an escape.
    """

    id: ItemId
    kind: Literal["occurrence", "escape"]
    whys: list[Why] = []
    end_kind: EndKind | None = None
    missing_level: Line | None = None


class Factor(Section):
    """Something that contributed without being a cause."""

    id: ItemId
    text: Text


class TimelineEntry(Section):
    """A moment of the analysis's timeline."""

    id: ItemId
    at: Time
    text: Text


class Detection(Section):
    """How the error was noticed, how it should have been, and how many minutes lie between."""

    how: Text | None = None
    should_have: Text | None = None
    gap_minutes: Count | None = None


class EffectCheck(Section):
    """A look, some time after a measure was done, whether it held: whether the error stayed away."""

    id: ItemId
    at: Time
    by: Line
    result: Literal["held", "failed"]
    evidence: Text


class Action(Section):
    """A measure that keeps the error from coming back."""

    id: ItemId
    text: Text
    kind: Literal["prevent", "detect", "mitigate"]
    strength: Literal["strong", "intermediate", "weak"]
    cause: Line | None = None
    owner: Line | None = None
    due_at: Time | None = None
    measure: Text | None = None
    status: Literal["open", "done", "dropped"] = "open"
    evidence: Text | None = None
    closed_at: Time | None = None
    checks: list[EffectCheck] = []


class NotDone(Section):
    """A measure that was considered and decided against."""

    id: ItemId | None = None
    what: Text
    why: Text
    cause: Line | None = None


class Recurrence(Section):
    """What a search of the past found."""

    searched_at: Time | None = None
    since: Time | None = None
    matches: list[Line] = []
    conclusion: Text | None = None


class Rca(Section):
    """The root cause analysis."""

    status: Literal["draft", "accepted"] | None = None
    owner: Line | None = None
    reviewer: Line | None = None
    due_at: Time | None = None
    accepted_at: Time | None = None
    summary: Text | None = None
    timeline: list[TimelineEntry] = []
    causes: list[Cause] = []
    factors: list[Factor] = []
    detection: Detection = Field(default_factory=_nothing, validate_default=True)
    process_walk: dict[str, str] = {}
    actions: list[Action] = []
    not_done: list[NotDone] = []
    recurrence: Recurrence = Field(default_factory=_nothing, validate_default=True)
    spread: Text | None = None
    customer_summary: Text | None = None


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
    customer: Customer = Field(default_factory=_nothing, validate_default=True)
    story: Text
    story_sha256: Sha256
    story_redacted_sha256: Sha256 | None = None
    intake: Intake = Field(default_factory=_nothing, validate_default=True)
    impact: Impact = Field(default_factory=_nothing, validate_default=True)
    attachments: list[Attachment] = []
    questions: list[Question] = []
    precedents: Precedents = Field(default_factory=_nothing, validate_default=True)
    hypotheses: list[Hypothesis] = []
    attempts: list[Attempt] = []
    diagnosis: Diagnosis = Field(default_factory=_nothing, validate_default=True)
    workaround: Workaround = Field(default_factory=_nothing, validate_default=True)
    escalations: list[Escalation] = []
    fix: Fix = Field(default_factory=_nothing, validate_default=True)
    messages: list[Message] = []
    verification: Verification = Field(default_factory=_nothing, validate_default=True)
    feedback: Feedback = Field(default_factory=_nothing, validate_default=True)
    monitor: Monitor = Field(default_factory=_nothing, validate_default=True)
    compensation: Compensation = Field(default_factory=_nothing, validate_default=True)
    legal: Legal = Field(default_factory=_nothing, validate_default=True)
    rca: Rca = Field(default_factory=_nothing, validate_default=True)
    links: Links = Field(default_factory=_nothing, validate_default=True)
    closure: Closure = Field(default_factory=_nothing, validate_default=True)
    events: Annotated[list[Event], Field(min_length=1)]

    @property
    def is_sealed(self) -> bool:
        """Whether the story is as it was recorded: in the customer's words, or as it was redacted before the commit."""
        return seal(self.story) == (self.story_redacted_sha256 or self.story_sha256)


def seal(story: str) -> str:
    """Return the SHA-256 that seals a story."""
    return hashlib.sha256(story.encode("utf-8")).hexdigest()
