"""How a message to the customer comes about: composed or taken as written, linted, and only then recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from issuelog.customer import templates
from issuelog.customer.lint import Finding, lint
from issuelog.errors import Missing, Refused
from issuelog.model.identifier import next_item_id
from issuelog.model.policy import Policy
from issuelog.model.report import Channel, Message, Report
from issuelog.model.step import Moment

_NOT_REPEATED = frozenset({"H02"})
_TWO_WAY = frozenset({Channel.EMAIL, Channel.PHONE, Channel.CHAT, Channel.IN_PERSON, Channel.SOCIAL})


@dataclass(frozen=True)
class Words:
    """What the user said of a message: the text itself or slots for the template, and when the next word comes."""

    text: str | None = None
    channel: str | None = None
    next_update: datetime | None = None
    waived: tuple[str, ...] = ()
    slots: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Voice:
    """Speaks for a tracker: its policy, and its own templates where it has some."""

    policy: Policy
    templates: Path | None = None

    def say(self, draft: Report, moment: Moment, kind: str, words: Words, *, promise: bool = True) -> Message:
        """Append an outgoing message to the draft and return it.

        With `promise` the message names the time of the next word, by policy unless the user gave one. Raises
        Refused where a slot of the template is missing or the lint finds an error.
        """
        next_update = words.next_update
        if promise and next_update is None:
            next_update = self.policy.due(draft.severity, "next_update", moment.at)
        text = words.text or self._compose(draft, moment, kind, words.slots, next_update)
        language = draft.customer.language or "en"
        flags = frozenset({"legal_cleared"} if draft.legal.review == "cleared" else ())
        self._require_clean(draft.id, text, kind, language, flags, words.waived)
        message = Message(
            id=next_item_id("M", [known.id for known in draft.messages]),
            direction="out",
            kind=kind,
            channel=Channel(words.channel) if words.channel else _channel(draft),
            at=moment.at,
            by=moment.by,
            text=text,
            next_update_at=next_update,
            waived=list(words.waived),
        )
        draft.messages.append(message)
        return message

    def _compose(
        self, draft: Report, moment: Moment, kind: str, slots: Mapping[str, str], next_update: datetime | None
    ) -> str:
        zone = zone_of(draft)
        known = {"ref": draft.id, "owner": moment.by.partition(" <")[0]}
        if draft.customer.name:
            known["name"] = draft.customer.name
        if next_update:
            known["next_update"] = spoken(next_update, zone)
        return templates.render(
            kind, known | dict(slots), language=draft.customer.language or "en", overrides=self.templates
        )

    def _require_clean(
        self,
        report_id: str,
        text: str,
        kind: str,
        language: str,
        flags: frozenset[str],
        waived: tuple[str, ...],
    ) -> None:
        found = [
            finding
            for finding in lint(text, kind, language=language, flags=flags, waived=waived)
            if finding.level == "error"
        ]
        if not found:
            return
        facts = [
            Missing(
                f"lint {finding.rule}",
                _said(finding),
                f"--message TEXT   (or --waive-lint {finding.rule})" if finding.waivable else "--message TEXT",
            )
            for finding in found
        ]
        raise Refused(f"the message for {report_id} is not fit to send", facts)


def _said(finding: Finding) -> str:
    # What may be a secret is not repeated where it can be logged.
    shown = f"{finding.text[:4]}…" if finding.rule in _NOT_REPEATED else finding.text
    found = f"{finding.message}: {shown!r}" if finding.text else finding.message
    return f"{found}; better: {finding.instead}" if finding.instead else found


def _channel(draft: Report) -> Channel:
    """Answer on the way the customer came, or by mail where that way leads only to us and there is a contact."""
    one_way = draft.source.channel not in _TWO_WAY
    return Channel.EMAIL if one_way and draft.customer.contact else draft.source.channel


def zone_of(report: Report) -> tzinfo:
    """Return the customer's time zone; UTC where none is known."""
    try:
        return ZoneInfo(report.customer.timezone) if report.customer.timezone else UTC
    except (ZoneInfoNotFoundError, ValueError, OSError):  # also a name that is a folder, or too long for one
        return UTC


def spoken(at: datetime, zone: tzinfo) -> str:
    """Return a time as a customer reads it: 'Mon 16 Nov 2026, 13:00 CET'."""
    return at.astimezone(zone).strftime("%a %-d %b %Y, %H:%M %Z")
