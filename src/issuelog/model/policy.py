"""Policy: what `.issuelog/config.yaml` may say, with the defaults. Data only; no key names anything to run.

Annotations are not deferred here, as in `report`.
"""

from datetime import date, datetime, timedelta
from functools import cache, cached_property
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from issuelog.model.calendar import Calendar
from issuelog.model.report import Severity
from issuelog.model.times import parse_duration

ROUND_THE_CLOCK = "always"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Target(_Strict):
    """A span of time in a calendar: `4h business`, or `15min` round the clock."""

    minutes: int
    calendar: str = ROUND_THE_CLOCK


def _target(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    words = value.rsplit(" ", 1)
    span, calendar = (value, ROUND_THE_CLOCK) if len(words) == 1 or words[1][:1].isdigit() else (words[0], words[1])
    try:
        return Target(minutes=int(parse_duration(span).total_seconds()) // 60, calendar=calendar)
    except ValueError:
        # Perhaps the last word is a unit: '2 hours'.
        return Target(minutes=int(parse_duration(value).total_seconds()) // 60)


Span = Annotated[Target, BeforeValidator(_target)]


class Targets(_Strict):
    """The promises of one severity; None means that there is none."""

    acknowledge: Span
    next_update: Span
    restore: Span | None = None
    fix: Span | None = None
    answer: Span | None = None
    inform: Span | None = None


_DEFAULT_TARGETS = {
    Severity.S1: {
        "acknowledge": "15min",
        "next_update": "1h",
        "restore": "4h",
        "fix": "7d",
        "answer": "30min",
        "inform": "30min",
    },
    Severity.S2: {
        "acknowledge": "1h",
        "next_update": "4h",
        "restore": "8h business",
        "fix": "30d",
        "answer": "2h",
        "inform": "2h",
    },
    Severity.S3: {
        "acknowledge": "4h business",
        "next_update": "8h business",
        "restore": "40h business",
        "fix": "60d",
        "answer": "8h business",
        "inform": "8h business",
    },
    Severity.S4: {
        "acknowledge": "8h business",
        "next_update": "16h business",
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
    """When work is done: a time zone, weekly windows, holidays."""

    timezone: str = "UTC"
    week: dict[str, list[str]] | Literal["always"] = {"mon-fri": ["09:00-17:00"]}
    holidays: list[date] = []

    def build(self) -> Calendar:
        """Return the calendar; raises ValueError with what is wrong."""
        return Calendar(timezone=self.timezone, week=self.week, holidays=frozenset(self.holidays))


class Policy(_Strict):
    """A tracker's rules."""

    prefix: Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9]{0,7}$")] = "CR"
    default_severity: Severity = Severity.S3
    targets: Annotated[dict[Severity, Targets], BeforeValidator(_over_defaults)] = Field(
        default_factory=dict, validate_default=True
    )
    calendars: dict[str, CalendarRule] = Field(default_factory=lambda: {"business": CalendarRule()})
    people: dict[str, str] = {}
    rca_required: list[Severity] = [Severity.S1, Severity.S2]
    rollback_required: list[Severity] = [Severity.S1, Severity.S2]
    compensation_decided: list[Severity] = [Severity.S1, Severity.S2]
    known_error_decided: list[Severity] = [Severity.S1, Severity.S2, Severity.S3]
    verify_days: Annotated[int, Field(ge=1)] = 5
    max_attachment_bytes: Annotated[int, Field(ge=1)] = 10_000_000

    def model_post_init(self, _: Any) -> None:
        """Refuse a calendar that does not hold, or a target in a calendar that is not there."""
        for severity, targets in self.targets.items():
            for clock, span in targets:
                if span and span.calendar != ROUND_THE_CLOCK and span.calendar not in self.calendars:
                    raise ValueError(f"{severity} {clock}: there is no calendar {span.calendar!r}")
        _ = self._built

    @cached_property
    def _built(self) -> dict[str, Calendar]:
        return {name: rule.build() for name, rule in self.calendars.items()}

    def due(self, severity: Severity, clock: str, start: datetime) -> datetime | None:
        """Return when `clock` runs out that started at `start`; None without a target, or where no calendar has it."""
        target: Target | None = getattr(self.targets[severity], clock)
        if target is None:
            return None
        try:
            if target.calendar == ROUND_THE_CLOCK:
                return start + timedelta(minutes=target.minutes)
            return self._built[target.calendar].add(start, target.minutes)
        except (OverflowError, ValueError):
            return None  # after the year 9999

    def person(self, who: str) -> str:
        """Return the full name and mail for a short name of the policy's people, else `who` itself."""
        return self.people.get(who, who)


@cache
def lenient() -> Policy:
    """Return a policy that asks for nothing of its own."""
    ages = "3650d"
    nothing = {severity.value: {"acknowledge": ages, "next_update": ages} for severity in Severity}
    asked = ("rca_required", "rollback_required", "compensation_decided", "known_error_decided")
    return Policy.model_validate({"targets": nothing} | {key: [] for key in asked})
