"""How a message to the customer comes about: composed or taken as written, linted, and only then recorded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from issuelog.customer.lint import Finding, lint
from issuelog.customer.occasion import known, require_ahead
from issuelog.customer.slots import Value
from issuelog.customer.templates import Template, find, promises
from issuelog.errors import Missing, Refused, UsageError
from issuelog.model.guards import ACKNOWLEDGING
from issuelog.model.identifier import next_item_id
from issuelog.model.policy import Policy
from issuelog.model.report import Channel, Message, Report
from issuelog.model.step import Moment
from issuelog.model.times import format_duration, in_zone

_NOT_REPEATED = frozenset({"H02"})
_ASKING = frozenset({"ask", "ask_chase"})
"""Whom we ask hears from us again when we remind of the questions."""
_TWO_WAY = frozenset({Channel.EMAIL, Channel.PHONE, Channel.CHAT, Channel.IN_PERSON, Channel.SOCIAL})


@dataclass(frozen=True)
class Words:
    """What the user said of a message: the text itself or slots for the template, and when the next word comes."""

    text: str | None = None
    channel: str | None = None
    next_update: datetime | None = None
    waived: tuple[str, ...] = ()
    because: str | None = None
    slots: Mapping[str, Value] = field(default_factory=dict)

    def knowing(self, **slots: Value | None) -> Words:
        """Return the same, with these slots where the user has not filled them."""
        return replace(self, slots={**{slot: value for slot, value in slots.items() if value}, **self.slots})


@dataclass(frozen=True)
class Voice:
    """Speaks for a tracker: by its policy, and by its own templates and rules where it has some.

    `supplied` holds what the writer was asked for: slots that no report fills. `noticed` holds what the lint has to say
    of the last message without refusing it.
    """

    policy: Policy
    templates: Path | None = None
    rules: Path | None = None
    supplied: dict[str, str] = field(default_factory=dict)
    noticed: list[Finding] = field(default_factory=list)

    def say(self, draft: Report, moment: Moment, kind: str, words: Words) -> Message:
        """Append an outgoing message to the draft and return it.

        Raises SlotsMissing where the template asks for more than is known, Refused where the lint finds an error.
        """
        message = self.compose(draft, moment, kind, words)
        self._require_clean(draft, message)
        draft.messages.append(message)
        return message

    def compose(self, draft: Report, moment: Moment, kind: str, words: Words) -> Message:
        """Return the message without appending it.

        Where its kind promises the next word it names the time of it, by policy unless the user gave one. Raises
        SlotsMissing, and UsageError where that time has passed.
        """
        if words.waived and not (words.because or "").strip():
            raise UsageError("to set a rule aside needs a reason: --because TEXT")
        if kind not in ACKNOWLEDGING:  # the guard of the first answer says it with all else that is missing
            require_ahead(words.next_update, moment.at)
        next_update = self._next_update(draft, moment, kind, words)
        return Message(
            id=next_item_id("M", [one.id for one in draft.messages]),
            direction="out",
            kind=kind,
            channel=Channel(words.channel) if words.channel else _channel(draft),
            at=moment.at,
            by=moment.by,
            text=words.text or self._template(draft, kind).fill(self._slots(draft, moment, kind, words)),
            next_update_at=next_update,
            waived=list(words.waived),
            waived_because=words.because if words.waived else None,
        )

    def lacks(self, draft: Report, moment: Moment, kind: str, words: Words) -> list[str]:
        """Return the slots that the template asks for, and that neither the report fills nor the user."""
        return [] if words.text else self._template(draft, kind).lacks(self._slots(draft, moment, kind, words))

    def language(self, draft: Report, kind: str) -> str:
        """Return the language in which a message of this kind comes, by its template."""
        return self._template(draft, kind).language

    def findings(self, draft: Report, message: Message) -> list[Finding]:
        """Return what the lint has to say of a message, but for the rules that its writer waived."""
        return self.read(draft, message.kind, message.text, message.waived)

    def read(self, draft: Report, kind: str, text: str, waived: Sequence[str] = ()) -> list[Finding]:
        """Return what the lint has to say of a text that a customer is to read, as in a message of some kind."""
        return lint(
            text,
            kind,
            language=language_of(draft),
            flags=frozenset({"legal_cleared"} if draft.legal.review == "cleared" else ()),
            waived=waived,
            theirs=[draft.story, *(one.text for one in draft.messages if one.direction == "in")],
            overrides=self.rules,
        )

    def _template(self, draft: Report, kind: str) -> Template:
        return find(kind, language_of(draft), self.templates)

    def _next_update(self, draft: Report, moment: Moment, kind: str, words: Words) -> datetime | None:
        if words.next_update or not promises(kind):
            return words.next_update
        terms = self.policy.terms(draft)
        reminded = terms.due(draft.severity, "chaser", moment.at) if kind in _ASKING else None
        return reminded or terms.due(draft.severity, "next_update", moment.at)

    def _slots(self, draft: Report, moment: Moment, kind: str, words: Words) -> dict[str, str]:
        next_update = self._next_update(draft, moment, kind, words)
        slots = known(draft, self.policy, moment, kind) | ({"next_update": next_update} if next_update else {})
        return worded(
            slots | self.supplied | dict(words.slots), zone_of(draft, self.policy), self._template(draft, kind).language
        )

    def _require_clean(self, draft: Report, message: Message) -> None:
        found = self.findings(draft, message)
        self.noticed[:] = [finding for finding in found if finding.level != "error"]
        facts = [
            Missing(
                f"lint {finding.rule}",
                said(finding),
                f"--message TEXT   (or --waive-lint {finding.rule} --because TEXT)"
                if finding.waivable
                else "--message TEXT",
            )
            for finding in found
            if finding.level == "error"
        ]
        if facts:
            raise Refused(f"the message for {draft.id} is not fit to send", facts)


def said(finding: Finding) -> str:
    """Return a finding in words."""
    found = f"{finding.message}: {quoted(finding)!r}" if finding.text else finding.message
    return f"{found}; better: {finding.instead}" if finding.instead else found


def quoted(finding: Finding) -> str:
    """Return the words that a rule found; what may be a secret is not repeated where it can be logged."""
    return f"{finding.text[:4]}…" if finding.rule in _NOT_REPEATED else finding.text


def _channel(draft: Report) -> Channel:
    """Answer on the way the customer came, or by mail where that way leads only to us and there is a contact."""
    one_way = draft.source.channel not in _TWO_WAY
    return Channel.EMAIL if one_way and draft.customer.contact else draft.source.channel


def zone_of(report: Report, policy: Policy) -> tzinfo:
    """Return the customer's time zone; the team's where none is known."""
    try:
        return ZoneInfo(report.customer.timezone or policy.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # also a name that is a folder, or too long for one
        return UTC


def language_of(report: Report) -> str:
    """Return the customer's language; English where none is known."""
    return report.customer.language or "en"


@dataclass(frozen=True)
class _Tongue:
    """How a language says times: weekdays from Monday, months, the order of both, and units as one and as several."""

    days: tuple[str, ...]
    months: tuple[str, ...]
    form: str
    units: tuple[tuple[str, str], ...]
    zones: Mapping[str, str] = field(default_factory=dict)


# Not by the machine's locale: a customer's language is seldom that of the machine.
_TONGUES = {
    "en": _Tongue(
        ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
        "{day} {at.day} {month} {at.year}, {at:%H:%M} {zone}",
        (("day", "days"), ("hour", "hours"), ("minute", "minutes")),
    ),
    "de": _Tongue(
        ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
        (
            *("Januar", "Februar", "März", "April", "Mai", "Juni"),
            *("Juli", "August", "September", "Oktober", "November", "Dezember"),
        ),
        "{day}, {at.day}. {month} {at.year}, {at:%H:%M} Uhr {zone}",
        (("Tag", "Tage"), ("Stunde", "Stunden"), ("Minute", "Minuten")),
        {"CET": "MEZ", "CEST": "MESZ"},
    ),
}


def worded(slots: Mapping[str, Value], zone: tzinfo, language: str) -> dict[str, str]:
    """Return slots as a customer reads them: times in the zone and spans, both in the language."""
    return {slot: _worded(value, zone, language) for slot, value in slots.items()}


def _worded(value: Value, zone: tzinfo, language: str) -> str:
    if isinstance(value, datetime):
        return spoken(value, zone, language)
    return lasting(value, language) if isinstance(value, timedelta) else value


def spoken(at: datetime, zone: tzinfo, language: str = "en") -> str:
    """Return a time as a customer reads it: 'Mon 16 Nov 2026, 13:00 CET'.

    In a language of which we know only a tracker's own templates it has no words: '2026-11-16 13:00 CET'.
    """
    here = in_zone(at, zone)
    tongue = _tongue(language)
    if tongue is None:
        return f"{here:%Y-%m-%d %H:%M} {here.tzname()}"
    name = here.tzname() or ""
    return tongue.form.format(
        day=tongue.days[here.weekday()], month=tongue.months[here.month - 1], at=here, zone=tongue.zones.get(name, name)
    )


def lasting(span: timedelta, language: str = "en") -> str:
    """Return a span as a customer reads it, in its largest unit and the one below: '2 hours 15 minutes'."""
    tongue = _tongue(language)
    minutes = max(1, span // timedelta(minutes=1))
    if tongue is None:
        return format_duration(timedelta(minutes=minutes))
    days, rest = divmod(minutes, 24 * 60)
    counts = [*zip((days, *divmod(rest, 60)), tongue.units, strict=True)]
    first = next(place for place, (count, _) in enumerate(counts) if count)
    return " ".join(f"{count} {unit[count != 1]}" for count, unit in counts[first : first + 2] if count)


def _tongue(language: str) -> _Tongue | None:
    return _TONGUES.get(language.replace("_", "-").split("-")[0].lower())
