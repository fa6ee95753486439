"""The customer's part: the first answer, updates, what the customer said, confirmation, making good."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from issuelog.actions.build import build, fill
from issuelog.actions.start import add_files
from issuelog.customer.occasion import acknowledging, message_of, requesting, require_ahead, updating
from issuelog.errors import Missing, Refused, UsageError
from issuelog.model.clocks import NEED_NO_ANSWER, clocks
from issuelog.model.guards import REQUESTING, Context, uncorrected
from issuelog.model.history import AUTOMATIC, sent
from issuelog.model.identifier import next_item_id
from issuelog.model.policy import Policy
from issuelog.model.report import Channel, Compensation, Feedback, Message, Report, State, Verification
from issuelog.model.step import Facts, Moment, Step, to
from issuelog.model.times import iso

if TYPE_CHECKING:
    from issuelog.customer.voice import Voice, Words

RECEIVED_KINDS = ("answer", "chaser", "confirmation", "thanks", "not_fixed", "other", "auto_reply", "bounce")
TOLD_BY_UPDATE = (
    *("closed", "compensation", "escalated", "not_reproduced", "rca_summary", "recurrence", "reopened"),
    *("update", "update_late"),
)
"""The kinds of messages that no other command says."""
_TOLD_ONCE_BACK = frozenset({"recurrence", "reopened"})
_OURS_TO_SAY = frozenset({"acknowledge", "answer", "next_update", "promise"})
"""The clocks that a customer who has to ask shows to have been missed."""


def acknowledge(voice: Voice, words: Words) -> Step:
    """Send the first answer; a late one says so and apologizes for it."""

    def edit(draft: Report, moment: Moment) -> Facts:
        kind = acknowledging(draft, voice.policy, moment.at)
        return {"message": voice.say(draft, moment, kind, words).id}

    return Step("acknowledge", edit, to("acknowledge"))


def update(voice: Voice, words: Words, kind: str | None = None) -> Step:
    """Tell the customer where things stand; where the promised time has passed, apologize for that first.

    `kind` is for what no other command tells. Raises UsageError for one that another does.
    """
    if kind and kind not in TOLD_BY_UPDATE:
        raise UsageError(f"--kind is {kind!r}; it has to be one of {', '.join(TOLD_BY_UPDATE)}")

    def edit(draft: Report, moment: Moment) -> Facts:
        usual = updating(draft, moment.at)
        _require_true(draft, kind)
        message = voice.say(draft, moment, kind or usual, words)
        return {"message": message.id, **({"late": "true"} if usual == "update_late" else {})}

    return Step("update", edit)


def _require_true(draft: Report, kind: str | None) -> None:
    """Raise Refused where a message of this kind would tell the customer what is not so."""
    back = draft.links.recurrence_of or any(event.action == "reopen" for event in draft.events)
    if kind == "closed" and draft.state is not State.CLOSED:
        fact = Missing("told", f"the message says that it is closed, and it is {draft.state}", f"close {draft.id}")
    elif kind in _TOLD_ONCE_BACK and not back:
        command = f"update {draft.id} --confirmed TEXT --checking TEXT"
        fact = Missing("told", "the message says that the error is back, and it was never reopened", command)
    elif kind == "compensation" and draft.compensation.decision not in {"offered", "accepted"}:
        command = f"compensate {draft.id} --decision offered --kind KIND --approved-by WHO"
        fact = Missing("told", "the message offers something, and no offer was decided on", command)
    else:
        return
    fact = replace(fact, command=f"issuelog {fact.command}")
    raise Refused(f"the {kind} message would tell the customer of {draft.id} what is not so", [fact])


def received(
    policy: Policy,
    kind: str,
    text: str,
    *,
    channel: str | None = None,
    external_ref: str | None = None,
    files: Sequence[tuple[str, bytes]] = (),
) -> Step:
    """Record what the customer said, with the files that came with it. It never changes the state by itself.

    A customer who has to ask while a word of ours is overdue counts against us. Whoever waited on the customer does so
    no longer, unless nobody but a machine answered, or it says nothing that asks for more of us.
    """
    stored: dict[str, bytes] = {}

    def edit(draft: Report, moment: Moment) -> Facts:
        overdue = any(clock.clock in _OURS_TO_SAY and clock.is_overdue(moment.at) for clock in clocks(draft, policy))
        message = build(
            Message,
            id=next_item_id("M", [known.id for known in draft.messages]),
            direction="in",
            kind=kind,
            channel=channel or draft.source.channel,
            at=moment.at,
            by=draft.customer.name or draft.customer.contact or "customer",
            text=text,
            external_ref=external_ref,
        )
        draft.messages.append(message)
        before = len(draft.attachments)
        stored.clear()
        stored.update(add_files(draft, files, None, partial=False))
        if draft.waiting_on == "customer" and kind not in AUTOMATIC | NEED_NO_ANSWER:
            draft.waiting_on = None
        added = [attachment.id for attachment in draft.attachments[before:]]
        against_us = kind == "chaser" and overdue
        return {
            "message": message.id,
            **({"attachments": added} if added else {}),
            **({"against_us": "true"} if against_us else {}),
        }

    return Step("received", edit, files=stored)


def call(summary: str, *, minutes: int | None, next_update: datetime | None) -> Step:
    """Record a phone call with the customer: what was said, how long, and when the next word comes."""

    def edit(draft: Report, moment: Moment) -> Facts:
        require_ahead(next_update, moment.at)
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


def verify_request(voice: Voice, words: Words) -> Step:
    """Ask the customer whether it works now; asked before, this is the reminder."""

    def edit(draft: Report, moment: Moment) -> Facts:
        lacking = uncorrected(draft, Context(voice.policy, moment.at))
        if lacking:
            raise Refused(
                f"{draft.id} is not corrected yet: there is nothing that the customer could check",
                [Missing("correction", what, f"issuelog {command}") for what, command in lacking],
            )
        message = voice.say(draft, moment, requesting(draft), words)
        draft.verification = fill(draft.verification, requested_at=moment.at)
        return {"message": message.id}

    return Step("verify request", edit)


@dataclass(frozen=True)
class Sending:
    """How a message leaves: its id, the Message-ID of its mail, and by what."""

    message: str
    ref: str
    via: str


def message_send(sent: Mapping[str, Sending]) -> Step:
    """Record that issuelog has handed a mail to the user's mail server; `sent` says which, by report."""

    def edit(draft: Report, moment: Moment) -> Facts:
        done = sent[draft.id]
        place = draft.messages.index(message_of(draft, done.message))
        at = moment.now.replace(microsecond=0)
        draft.messages[place] = fill(draft.messages[place], external_ref=done.ref, sent_at=at, sent_via=done.via)
        return {"message": done.message, "via": done.via}

    return Step("message send", edit)


def verify(
    policy: Policy,
    outcome: str,
    *,
    by: str | None = None,
    note: str | None = None,
    score: int | None = None,
    comment: str | None = None,
) -> Step:
    """Record whether the customer confirmed (`confirmed`, `not_fixed`, `lapsed`), or who did instead (`proxy`).

    Silence that is taken for an answer sooner than the customer was told is recorded as such.
    """
    if outcome == "proxy" and not by:
        raise UsageError("who confirmed for the customer? --proxy WHO")

    def edit(draft: Report, moment: Moment) -> Facts:
        said_by = by or (draft.customer.name or draft.customer.contact if outcome != "lapsed" else moment.by)
        facts: dict[str, Any] = {"outcome": outcome, "at": moment.at, "by": said_by, "note": note}
        draft.verification = fill(draft.verification or Verification(), **facts)
        if score is not None or comment:
            draft.feedback = build(Feedback, score=score, comment=comment, at=moment.at)
        asked = sent(draft, REQUESTING)
        until = policy.verify_by(asked[-1].at) if asked and outcome == "lapsed" else None
        return {"outcome": outcome, **({"sooner_than": iso(until)} if until and until > moment.at else {})}

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
    if decision == "none" and (kind or amount or currency):
        raise UsageError("--decision none offers nothing; it goes with neither --kind nor --amount")

    def edit(draft: Report, moment: Moment) -> Facts:
        before = draft.compensation
        if decision == "offered" and not (kind or amount or before.kind or before.amount):
            raise UsageError("what is offered? --kind credit, or --amount 50.00 --currency EUR --approved-by WHO")
        if decision in {"accepted", "declined"} and before.decision not in {"offered", "accepted", "declined"}:
            command = f"issuelog compensate {draft.id} --decision offered --kind KIND --approved-by WHO"
            fact = Missing("offered", f"an offer: nothing was offered that could be {decision}", command)
            raise Refused(f"the compensation for {draft.id} cannot be {decision} yet", [fact])
        draft.compensation = fill(
            Compensation() if decision == "none" else before,
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
