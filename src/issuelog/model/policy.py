"""Policy: what `.issuelog/config.yaml` may say, with the defaults. Data only; no key names anything to run.

Annotations are not deferred here, as in `report`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, cached_property
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from issuelog.model.calendar import Calendar, Holidays, Interval
from issuelog.model.report import Report, Severity
from issuelog.model.times import parse_duration

ROUND_THE_CLOCK = "always"
ANY_COMPONENT = "*"
_ALWAYS = Calendar("UTC", "always")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True, populate_by_name=True)


class Target(_Strict):
    """A span of time in a calendar: `4h business`, or `15min` round the clock."""

    minutes: int
    calendar: str = ROUND_THE_CLOCK

    def __str__(self) -> str:
        hours, minutes = divmod(self.minutes, 60)
        if self.calendar != ROUND_THE_CLOCK:
            return f"{_span(hours, minutes)} {self.calendar}"
        return f"{hours // 24}d" if hours >= 48 and not (hours % 24 or minutes) else _span(hours, minutes)


def _span(hours: int, minutes: int) -> str:
    return (f"{hours}h" if hours else "") + (f"{minutes}min" if minutes or not hours else "")


def _target(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if value.strip().lower() in {"none", ""}:
        return None
    words = value.rsplit(" ", 1)
    span, calendar = (value, ROUND_THE_CLOCK) if len(words) == 1 or words[1][:1].isdigit() else (words[0], words[1])
    try:
        return Target(minutes=int(parse_duration(span).total_seconds()) // 60, calendar=calendar)
    except ValueError:
        # Perhaps the last word is a unit: '2 hours'.
        return Target(minutes=int(parse_duration(value).total_seconds()) // 60)


Span = Annotated[Target, BeforeValidator(_target)]
NoSpan = Annotated[Target | None, BeforeValidator(_target)]


class SomeTargets(_Strict):
    """How long each clock of one severity may run, where that differs; `none` for a clock that there is not to be.

    `acknowledge`: until the first answer. `next_update`: until the next word. `chaser`: until we remind a customer
    who owes us an answer. `investigate`: until the cause is known or help is called in. `restore`: until a workaround
    or the fix. `fix`: until the fix. `answer`: until the answer to what the customer wrote. `inform`: until the
    customer hears of the fix that was deployed.
    """

    acknowledge: NoSpan = None
    next_update: NoSpan = None
    chaser: NoSpan = None
    investigate: NoSpan = None
    restore: NoSpan = None
    fix: NoSpan = None
    answer: NoSpan = None
    inform: NoSpan = None


class Targets(SomeTargets):
    """The same in full: every report is acknowledged, and hears from us again."""

    acknowledge: Span
    next_update: Span


_DEFAULT_TARGETS = {
    Severity.S1: {
        "acknowledge": "15min",
        "next_update": "1h",
        "chaser": "4h",
        "investigate": "2h",
        "restore": "4h",
        "fix": "7d",
        "answer": "30min",
        "inform": "30min",
    },
    Severity.S2: {
        "acknowledge": "1h",
        "next_update": "4h",
        "chaser": "8h business",
        "investigate": "8h business",
        "restore": "8h business",
        "fix": "30d",
        "answer": "2h",
        "inform": "2h",
    },
    Severity.S3: {
        "acknowledge": "4h business",
        "next_update": "8h business",
        "chaser": "16h business",
        "investigate": "24h business",
        "restore": "40h business",
        "fix": "60d",
        "answer": "8h business",
        "inform": "8h business",
    },
    Severity.S4: {
        "acknowledge": "8h business",
        "next_update": "16h business",
        "chaser": "24h business",
        "fix": "90d",
        "answer": "16h business",
        "inform": "8h business",
    },
}


def _over_defaults(given: Any) -> Any:
    """Let a policy name only the targets that differ from the defaults."""
    if not isinstance(given, dict) or any(not isinstance(spans, dict) for spans in given.values()):
        return given
    known = {severity.value: dict(spans) for severity, spans in _DEFAULT_TARGETS.items()}
    return known | {severity: known.get(severity, {}) | spans for severity, spans in given.items()}


class CalendarRule(_Strict):
    """When work is done: a time zone, weekly windows, and holidays, by day or as a country has them."""

    timezone: str = "UTC"
    week: dict[str, list[str]] | Literal["always"] = {"mon-fri": ["09:00-17:00"]}
    country: str | None = None
    region: str | None = None
    holidays: list[date] = []

    def build(self) -> Calendar:
        """Return the calendar; raises ValueError with what is wrong."""
        days = Holidays(frozenset(self.holidays), self.country, self.region)
        return Calendar(timezone=self.timezone, week=self.week, holidays=days)


class Agreement(_Strict):
    """Targets for some customers or components, and from when until when it holds (days in UTC, the last excluded).

    It is for a report whose customer's tier or whose component is named; where neither is named, for every report.
    """

    name: Annotated[str, StringConstraints(min_length=1, pattern=r"^[^\r\n]*$")]
    from_: date | None = Field(default=None, alias="from")
    until: date | None = None
    tiers: list[str] = []
    components: list[str] = []
    targets: dict[Severity, SomeTargets] = {}

    def why(self, report: Report) -> str | None:
        """Return why it is for a report, None where it is not."""
        received = report.source.received_at
        if self.from_ and received < datetime.combine(self.from_, time(), UTC):
            return None
        if self.until and received >= datetime.combine(self.until, time(), UTC):
            return None
        for what, wanted, found in (
            ("tier", self.tiers, report.customer.tier),
            ("component", self.components, report.component),
        ):
            if found and found.casefold() in {one.casefold() for one in wanted}:
                return f"{what} {found}"
        return "every report" if not (self.tiers or self.components) else None


@dataclass(frozen=True)
class Terms:
    """What one report may count on: the name of the policy, why it was chosen, and its targets."""

    name: str
    why: str
    targets: Mapping[Severity, Mapping[str, Target | None]]
    calendars: Mapping[str, Calendar]

    def target(self, severity: Severity, clock: str) -> Target | None:
        """Return how long a clock may run."""
        return self.targets[severity][clock]

    def calendar(self, target: Target) -> Calendar:
        """Return the calendar of a target."""
        return _ALWAYS if target.calendar == ROUND_THE_CLOCK else self.calendars[target.calendar]

    def due(self, severity: Severity, clock: str, start: datetime, pauses: Sequence[Interval] = ()) -> datetime | None:
        """Return when a clock runs out that started at `start`; None without a target, or where no calendar has it."""
        target = self.target(severity, clock)
        if target is None:
            return None
        try:
            return self.calendar(target).add(start, target.minutes, pauses)
        except (OverflowError, ValueError):
            return None  # after the year 9999


ENDLESS = "takes years in this calendar; give it less time, or the calendar longer windows"
_MOST_STEPS = 30_000


def is_endless(target: Target, calendar: Calendar) -> bool:
    """Whether a target takes so long in its calendar that nobody means it, and every list would wait for the count."""
    return calendar.steps(target.minutes) > _MOST_STEPS


class Policy(_Strict):
    """A tracker's rules."""

    prefix: Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9]{0,7}$")] = "CR"
    default_severity: Severity = Severity.S3
    targets: Annotated[dict[Severity, Targets], BeforeValidator(_over_defaults)] = Field(
        default_factory=dict, validate_default=True
    )
    policies: list[Agreement] = []
    calendars: dict[str, CalendarRule] = Field(default_factory=lambda: {"business": CalendarRule()})
    people: dict[str, str] = {}
    owners: dict[str, str] = {}
    rca_required: list[Severity] = [Severity.S1, Severity.S2]
    rca_alike: Annotated[int, Field(ge=0, le=1000)] = 3
    rca_stages: Annotated[list[Annotated[str, StringConstraints(pattern=r"^[^\r\n=]+$")]], Field(min_length=1)] = [
        *("requirements", "design", "code", "review", "test", "release", "monitoring", "support")
    ]
    rca_action_days: Annotated[int, Field(ge=1, le=36_500)] = 90
    rca_effect_days: list[Annotated[int, Field(ge=1, le=36_500)]] = [30, 90]
    rollback_required: list[Severity] = [Severity.S1, Severity.S2]
    compensation_decided: list[Severity] = [Severity.S1, Severity.S2]
    known_error_decided: list[Severity] = [Severity.S1, Severity.S2, Severity.S3]
    known_error_review: Annotated[int, Field(ge=1, le=36_500)] = 365
    verify_days: Annotated[int, Field(ge=1)] = 5
    settle_days: Annotated[int, Field(ge=1)] = 5
    parties_named: bool = False
    max_attachment_bytes: Annotated[int, Field(ge=1)] = 10_000_000

    def model_post_init(self, _: Any) -> None:
        """Refuse a calendar that does not hold, and a target in one that is not there."""
        named: list[tuple[str, Mapping[Severity, SomeTargets]]] = [("", self.targets)]
        named += [(f"policy {one.name}: ", one.targets) for one in self.policies]
        for name, targets in named:
            for severity, spans in targets.items():
                for clock, span in spans:
                    if span and span.calendar != ROUND_THE_CLOCK and span.calendar not in self.calendars:
                        raise ValueError(f"{name}{severity} {clock}: there is no calendar {span.calendar!r}")
                    if span and span.calendar != ROUND_THE_CLOCK and is_endless(span, self._built[span.calendar]):
                        raise ValueError(f"{name}{severity} {clock}: {span} {ENDLESS}")
        _ = self._built

    @cached_property
    def _built(self) -> dict[str, Calendar]:
        return {name: rule.build() for name, rule in self.calendars.items()}

    @property
    def timezone(self) -> str:
        """The time zone of the team: that of the calendar `business`, else of the first."""
        named = self.calendars.get("business") or next(iter(self.calendars.values()), CalendarRule())
        return named.timezone

    @cached_property
    def default_terms(self) -> Terms:
        """What a report may count on that no policy of its own is for."""
        return Terms("default", "no other policy is for it", _spans(self.targets, {}), self._built)

    def terms(self, report: Report) -> Terms:
        """Return what a report may count on: by the first policy that was in force when it came and is for it."""
        for agreement in self.policies:
            why = agreement.why(report)
            if why:
                return Terms(agreement.name, why, _spans(self.targets, agreement.targets), self._built)
        return self.default_terms

    def verify_by(self, at: datetime) -> datetime | None:
        """Return until when the customer may confirm who was asked at a time; None after the year 9999."""
        try:
            return at + timedelta(days=self.verify_days)
        except OverflowError:
            return None

    def settle_by(self, at: datetime) -> datetime | None:
        """Return until when it is decided on compensation, or a legal review is over; None after the year 9999."""
        try:
            return at + timedelta(days=self.settle_days)
        except OverflowError:
            return None

    def after(self, at: datetime, days: int) -> datetime | None:
        """Return the time so many days after another; None after the year 9999."""
        try:
            return at + timedelta(days=days)
        except OverflowError:
            return None

    def owner(self, component: str | None) -> str | None:
        """Return who sees to the reports of a component that nobody owns."""
        named = {name.casefold(): who for name, who in self.owners.items()}
        who = named.get((component or ANY_COMPONENT).casefold(), named.get(ANY_COMPONENT))
        return self.person(who) if who else None

    def person(self, who: str) -> str:
        """Return the full name and mail for a short name of the policy's people, in any case, else `who` itself."""
        return {short.casefold(): full for short, full in self.people.items()}.get(who.strip().casefold(), who)


def _spans(
    targets: Mapping[Severity, Targets], changed: Mapping[Severity, SomeTargets]
) -> dict[Severity, dict[str, Target | None]]:
    """Return the targets by severity and clock, with what an agreement says of its own in their place."""
    spans = {severity: dict(known) for severity, known in targets.items()}
    for severity, some in changed.items():
        spans[severity].update({clock: getattr(some, clock) for clock in some.model_fields_set})
    return spans


@cache
def lenient() -> Policy:
    """Return a policy that asks for nothing of its own."""
    ages = "3650d"
    nothing = {severity.value: {"acknowledge": ages, "next_update": ages} for severity in Severity}
    asked = ("rca_required", "rollback_required", "compensation_decided", "known_error_decided")
    return Policy.model_validate({"targets": nothing} | {key: [] for key in asked})
