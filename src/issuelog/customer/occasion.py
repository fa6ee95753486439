"""Which message a report calls for, and what it has to say in it without a word of the writer's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from issuelog.customer.slots import Value
from issuelog.errors import NotFound, UsageError
from issuelog.model.clocks import every_clock
from issuelog.model.guards import REQUESTING
from issuelog.model.history import open_questions, released_in, sent
from issuelog.model.policy import Policy
from issuelog.model.report import Message, Question, Report, State
from issuelog.model.step import Moment
from issuelog.model.times import iso

Fact = Callable[[Report, Policy, Moment], Value | None]


def due_now(report: Report, policy: Policy, at: datetime) -> str:
    """Return the kind of the message that the report calls for next."""
    if report.state is State.NEW:
        return acknowledging(report, policy, at)
    if report.state is State.CLOSED:
        return "closed"
    if report.state in {State.RESOLVED, State.RCA} and report.verification.outcome is None:
        return requesting(report)
    if report.waiting_on == "customer" and open_questions(report):
        return "ask_chase"
    return updating(report, at)


def acknowledging(report: Report, policy: Policy, at: datetime) -> str:
    """Return the kind of the first answer; a late one says so and apologizes for it."""
    return "acknowledge_late" if _late_by(report, policy, at) else "acknowledge"


def updating(report: Report, at: datetime) -> str:
    """Return the kind of an update; where the promised time has passed, it apologizes for that first."""
    return "update_late" if broken_promise(report, at) else "update"


def requesting(report: Report) -> str:
    """Return the kind of the question whether it works; asked before, it is the reminder."""
    return "verify_chase" if sent(report, REQUESTING) else "verify_request"


def message_of(report: Report, item_id: str) -> Message:
    """Return a message by its id; raises NotFound with those that there are."""
    found = next((one for one in report.messages if item_id in {one.id, one.id.lower()}), None)
    if found is None:
        known = ", ".join(one.id for one in report.messages) or "none"
        raise NotFound(f"{report.id} has no message {item_id!r}; there are: {known}")
    return found


def broken_promise(report: Report, at: datetime) -> datetime | None:
    """Return the time by which our last message promised the next word, where that has passed."""
    promised = [message.next_update_at for message in report.messages if message.direction == "out"]
    last = promised[-1] if promised else None
    return last if last and last < at else None


def require_ahead(promised: datetime | None, at: datetime) -> None:
    """Raise UsageError where the next word is promised for a time that has passed when we promise it."""
    if promised and promised <= at:
        raise UsageError(
            f"the next word is promised for the past: {iso(promised)}",
            hint="--next-update 4h   or a time to come, such as 'tomorrow 9:00'",
        )


def listed(questions: list[Question]) -> str:
    """Return questions as a message has them, a numbered line each."""
    return "\n".join(f"{number}. {question.text}" for number, question in enumerate(questions, 1))


def known(report: Report, policy: Policy, moment: Moment, kind: str) -> dict[str, Value]:
    """Return the slots that the report fills by itself in a message of this kind."""
    facts = _ALWAYS | _OF_KIND.get(kind, {})
    return {slot: value for slot, fact in facts.items() if (value := fact(report, policy, moment))}


def _late_by(report: Report, policy: Policy, at: datetime) -> timedelta | None:
    """By the clock, so that a severity which was raised since leaves the time that its rule gives."""
    due = next((clock.due for clock in every_clock(report, policy) if clock.clock == "acknowledge"), None)
    return at - due if due and at > due else None


_ALWAYS: dict[str, Fact] = {
    "ref": lambda report, _, __: report.id,
    "owner": lambda _, __, moment: moment.by.partition(" <")[0],
    "name": lambda report, _, __: report.customer.name,
    "promised": lambda report, _, moment: broken_promise(report, moment.at),
    "verify_by": lambda _, policy, moment: policy.verify_by(moment.at),
    "questions": lambda report, _, __: listed(open_questions(report)),
    "cause_plain": lambda report, _, __: report.diagnosis.cause,
    "change_plain": lambda report, _, __: report.fix.summary,
}
_HELPERS = {
    "en": {
        "vendor": "a supplier of ours",
        "consultant": "an outside specialist",
        "team": "further colleagues",
    },
    "de": {
        "vendor": "einer unserer Zulieferer",
        "consultant": "ein externer Spezialist",
        "team": "weitere Kollegen",
    },
}
"""Who helps us, where policy does not let us name them."""


def _helper(report: Report, policy: Policy, _: Moment) -> str | None:
    """Return who was called in last and is not back yet, in the customer's language."""
    called = next((one for one in reversed(report.escalations) if one.closed_at is None), None)
    if called is None:
        return None
    if policy.parties_named:
        return called.party
    return _HELPERS["de" if (report.customer.language or "").lower().startswith("de") else "en"][called.to]


def _offer(report: Report, _: Policy, __: Moment) -> str | None:
    """Return what was offered, in words of any language: 50.00 EUR (credit)."""
    known = report.compensation
    if known.decision not in {"offered", "accepted"}:
        return None
    money = f"{known.amount:f} {known.currency or ''}".strip() if known.amount is not None else None
    return f"{money} ({known.kind})" if money and known.kind else money or known.kind


# Only a message of this kind has such a slot, or it means something else in another.
_OF_KIND: dict[str, dict[str, Fact]] = {
    "acknowledge_late": {"late_by": lambda report, policy, moment: _late_by(report, policy, moment.at)},
    "resolution": {"version": lambda report, _, __: released_in(report)},
    "workaround": {"steps": lambda report, _, __: report.workaround.text},
    **{kind: {"external_role": _helper} for kind in ("escalated", "update", "update_late")},
    "compensation": {"offer": _offer},
}
