"""The root cause analysis: why it happened, why it got out, and what keeps it from coming back."""

from typing import Literal

from issuelog.model.report.fields import Count, ItemId, Line, Section, Text, Time, section
from issuelog.model.report.kinds import EndKind


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
    detection: Detection = section()
    process_walk: dict[str, str] = {}
    actions: list[Action] = []
    not_done: list[NotDone] = []
    recurrence: Recurrence = section()
    spread: Text | None = None
    customer_summary: Text | None = None
