"""What a person may do about the customer's last word."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from issuelog.model import guards
from issuelog.model.clocks import NEED_NO_ANSWER, clocks, command_for
from issuelog.model.guards import Context
from issuelog.model.history import AUTOMATIC, open_questions
from issuelog.model.lifecycle import Next, next_step
from issuelog.model.policy import Policy
from issuelog.model.report import Report, State


def next_of(report: Report, policy: Policy, at: datetime, alike: Sequence[str] = ()) -> Next:
    """Return the one next command; the customer's word to a closed report comes before that nothing is left to do.

    So does the question whether a measure held, from the day on which it is due.
    `alike` are the reports of the same days that are like it.
    """
    word = next_after_word(report, policy, at) if _is_heard_since_closing(report) else None
    return word or _next_look(report, policy, at) or next_step(report, policy, Context(policy, at, alike))


def _next_look(report: Report, policy: Policy, at: datetime) -> Next | None:
    is_settled = report.state is State.CLOSED and all(action.status != "open" for action in report.rca.actions)
    looks = (clock for clock in clocks(report, policy) if clock.clock == "effect") if is_settled else ()
    due = next((clock for clock in looks if clock.at <= at), None)
    if due is None:
        return None
    return Next(command_for(due, report, policy), f"whether {due.item} held was to be seen on {due.at:%Y-%m-%d}")


def _is_heard_since_closing(report: Report) -> bool:
    """By the order in which it was recorded: a mail from before the closing may be read after it."""
    told = [event for event in report.events if event.action == "received" or event.to is State.CLOSED]
    return report.state is State.CLOSED and bool(told and report.messages) and told[-1].action == "received"


def next_after_word(report: Report, policy: Policy, at: datetime) -> Next | None:
    """Return what a person may do about the last message, where it asks for something; else None.

    The customer's words change no state: whoever reads them does.
    """
    message = report.messages[-1]
    if message.kind == "bounce":
        return Next(f"issuelog set {report.id} customer.contact=VALUE", "our message did not reach the customer")
    if message.direction != "in" or message.kind in AUTOMATIC:
        return None
    if report.state is State.CLOSED:
        command = f"issuelog reopen {report.id} --reason not_fixed --evidence TEXT"
        return Next(command, "it is closed: only if it is not over") if message.kind not in NEED_NO_ANSWER else None
    if report.state in {State.RESOLVED, State.RCA} and guards.VERIFIED.missing(report, Context(policy, at)):
        said = {"not_fixed": "--not-fixed", "confirmation": "--confirmed"}.get(message.kind)
        return Next(f"issuelog verify {report.id} {said or '--confirmed'}", "" if said else "or --not-fixed")
    if message.kind == "chaser":
        return Next(f"issuelog update {report.id} --confirmed TEXT --checking TEXT", "the customer asks for news")
    asked = next(iter(open_questions(report)), None)
    if asked:
        return Next(f"issuelog answer {report.id} {asked.id} TEXT", f"where it answers {asked.id}")
    return None
