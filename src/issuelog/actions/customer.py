"""The customer's part: the first answer, updates, what the customer said, confirmation, making good."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from issuelog.actions.build import build, fill
from issuelog.customer.voice import Voice, Words, spoken, zone_of
from issuelog.errors import UsageError
from issuelog.model.guards import REQUESTING, sent
from issuelog.model.identifier import next_item_id
from issuelog.model.policy import Policy
from issuelog.model.report import Channel, Feedback, Message, Report, Verification
from issuelog.model.step import Facts, Moment, Step, to
from issuelog.model.times import format_duration

RECEIVED_KINDS = ("answer", "chaser", "confirmation", "thanks", "not_fixed", "other")


def acknowledge(voice: Voice, words: Words) -> Step:
    """Send the first answer; a late one says so and apologizes for it."""

    def edit(draft: Report, moment: Moment) -> Facts:
        due = voice.policy.due(draft.severity, "acknowledge", draft.source.received_at)
        late = moment.at - due if due and moment.at > due else None
        slots = dict(words.slots) | ({"late_by": format_duration(late)} if late else {})
        said = Words(words.text, words.channel, words.next_update, words.waived, slots)
        return {"message": voice.say(draft, moment, "acknowledge_late" if late else "acknowledge", said).id}

    return Step("acknowledge", edit, to("acknowledge"))


def update(voice: Voice, words: Words) -> Step:
    """Tell the customer where things stand; where the promised time has passed, apologize for that first."""

    def edit(draft: Report, moment: Moment) -> Facts:
        promised = [message.next_update_at for message in draft.messages if message.direction == "out"]
        last = promised[-1] if promised else None
        broken = last is not None and last < moment.at
        slots = dict(words.slots) | ({"promised": spoken(last, zone_of(draft))} if last and broken else {})
        said = Words(words.text, words.channel, words.next_update, words.waived, slots)
        message = voice.say(draft, moment, "update_late" if broken else "update", said)
        return {"message": message.id, **({"late": "true"} if broken else {})}

    return Step("update", edit)


def received(kind: str, text: str, *, channel: str | None = None) -> Step:
    """Record what the customer said. It never changes the state by itself."""

    def edit(draft: Report, moment: Moment) -> Facts:
        promised = [message.next_update_at for message in draft.messages if message.direction == "out"]
        overdue = bool(promised and promised[-1] and promised[-1] < moment.at)
        message = build(
            Message,
            id=next_item_id("M", [known.id for known in draft.messages]),
            direction="in",
            kind=kind,
            channel=channel or draft.source.channel,
            at=moment.at,
            by=draft.customer.name or draft.customer.contact or "customer",
            text=text,
        )
        draft.messages.append(message)
        return {"message": message.id, **({"against_us": "true"} if kind == "chaser" and overdue else {})}

    return Step("received", edit)


def call(summary: str, *, minutes: int | None, next_update: datetime | None) -> Step:
    """Record a phone call with the customer: what was said, how long, and when the next word comes."""

    def edit(draft: Report, moment: Moment) -> Facts:
        message = build(
            Message,
            id=next_item_id("M", [known.id for known in draft.messages]),
            direction="out",
            kind="call",
            channel=Channel.PHONE,
            at=moment.at,
            by=moment.by,
            text=summary,
            minutes=minutes,
            next_update_at=next_update,
        )
        draft.messages.append(message)
        return {"message": message.id}

    return Step("call", edit)


def verify_by(policy: Policy, at: datetime) -> datetime:
    """Return until when we ask the customer to confirm."""
    return at + timedelta(days=policy.verify_days)


def verify_request(voice: Voice, words: Words) -> Step:
    """Ask the customer whether it works now; asked before, this is the reminder."""

    def edit(draft: Report, moment: Moment) -> Facts:
        kind = "verify_chase" if sent(draft, REQUESTING) else "verify_request"
        slots = {"verify_by": spoken(verify_by(voice.policy, moment.at), zone_of(draft)), **words.slots}
        said = Words(words.text, words.channel, words.next_update, words.waived, slots)
        message = voice.say(draft, moment, kind, said, promise=False)
        draft.verification = fill(draft.verification, requested_at=moment.at)
        return {"message": message.id}

    return Step("verify request", edit)


def verify(
    outcome: str,
    *,
    by: str | None = None,
    note: str | None = None,
    score: int | None = None,
    comment: str | None = None,
) -> Step:
    """Record whether the customer confirmed (`confirmed`, `not_fixed`, `lapsed`), or who did instead (`proxy`)."""
    if outcome == "proxy" and not by:
        raise UsageError("who confirmed for the customer? --proxy WHO")

    def edit(draft: Report, moment: Moment) -> Facts:
        said_by = by or (draft.customer.name or draft.customer.contact if outcome != "lapsed" else moment.by)
        facts: dict[str, Any] = {"outcome": outcome, "at": moment.at, "by": said_by, "note": note}
        draft.verification = fill(draft.verification or Verification(), **facts)
        if score is not None or comment:
            draft.feedback = build(Feedback, score=score, comment=comment, at=moment.at)
        return {"outcome": outcome}

    return Step("verify", edit)


def compensate(
    *,
    decision: str,
    kind: str | None = None,
    amount: str | None = None,
    currency: str | None = None,
    because: str | None = None,
    approved_by: str | None = None,
) -> Step:
    """Record what was decided about making good; money needs a currency and an approval."""
    if amount and not currency:
        raise UsageError("an amount needs its currency: --currency EUR")

    if amount and not approved_by:
        raise UsageError("money needs an approval: --approved-by WHO")

    def edit(draft: Report, moment: Moment) -> Facts:
        draft.compensation = fill(
            draft.compensation,
            decision=decision,
            kind=kind,
            amount=amount,
            currency=currency,
            reason=because,
            approved_by=approved_by,
            at=moment.at,
        )
        return {"decision": decision}

    return Step("compensate", edit)


def legal(*, review: str, note: str | None = None) -> Step:
    """Record whether words on liability may be used."""

    def edit(draft: Report, _: Moment) -> Facts | None:
        before = draft.legal
        draft.legal = fill(before, review=review, note=note)
        return {"review": review} if draft.legal != before else None

    return Step("legal", edit)
