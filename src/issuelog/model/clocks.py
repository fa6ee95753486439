"""Clocks and conditions: functions of the report and the policy; nothing of them is stored in a report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from issuelog.model.policy import Policy
from issuelog.model.report import Report, State

OPEN_STATES = frozenset({State.NEW, State.ACKNOWLEDGED, State.REPRODUCED})


@dataclass(frozen=True)
class Clock:
    """Something that has to happen by `at`."""

    clock: str
    at: datetime


def clocks(report: Report, policy: Policy) -> list[Clock]:
    """Return every running clock of a report, the most urgent first."""
    running: list[Clock] = []
    if report.state is State.NEW:
        due = policy.due(report.severity, "acknowledge", report.source.received_at)
        running += [Clock("acknowledge", due)] if due else []
    elif report.state in OPEN_STATES:
        running += _next_word(report, policy)
    running += [Clock("escalation", item.due_at) for item in report.escalations if item.closed_at is None]
    if report.rca.status == "draft" and report.rca.due_at:
        running.append(Clock("rca", report.rca.due_at))
    running += [Clock("action", item.due_at) for item in report.rca.actions if item.status == "open" and item.due_at]
    return sorted(running, key=lambda clock: clock.at)


def _next_word(report: Report, policy: Policy) -> list[Clock]:
    """The customer hears from us by the time we promised, else within the policy's span after our last word."""
    ours = [message for message in report.messages if message.direction == "out"]
    if not ours:
        return []
    last = max(ours, key=lambda message: message.at)
    if last.next_update_at:
        return [Clock("promise", last.next_update_at)]
    due = policy.due(report.severity, "next_update", last.at)
    return [Clock("next_update", due)] if due else []


def lasting_conditions(report: Report) -> list[str]:
    """Return the conditions that hold until the report changes; `row.finish` adds those that time brings."""
    tests = {
        "waiting": report.waiting_on is not None,
        "escalated": any(item.closed_at is None for item in report.escalations),
        "unverified": report.state in {State.RESOLVED, State.RCA} and report.verification.outcome is None,
        "reopened": any(event.action == "reopen" for event in report.events),
    }
    return [name for name, holds in tests.items() if holds]
