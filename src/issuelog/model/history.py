"""What the events tell of a report's past: how severe it was, whom it waited on, when it was done, what was backdated.

Spans without a second instant still last.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from issuelog.model.identifier import ulid_time
from issuelog.model.report import Event, Message, Question, ReopenReason, Report, Section, Severity, State
from issuelog.model.times import parse_iso

WAITING, NOBODY = "waiting_on", "nobody"
"""The fact of an event that changed whom the report waits on, and what it says where that is nobody any more."""
BACKDATED_AFTER = timedelta(minutes=10)
"""An event that claims to be this much older than its recording is marked as backdated."""
DONE = frozenset({State.RESOLVED, State.RCA, State.CLOSED})
AUTOMATIC = frozenset({"auto_reply", "bounce"})
"""Kinds of messages that no person wrote."""

_SEVERITIES = frozenset(severity.value for severity in Severity)
_REVIEWS = ("not_needed", "in_review", "cleared")
_OUTCOMES = ("confirmed", "not_fixed", "lapsed", "proxy")

Span = tuple[datetime, datetime | None]


def backdated(event: Event) -> timedelta | None:
    """Return how much later than it claims an event was recorded, None where that is no more than is usual."""
    try:
        late = ulid_time(event.id) - event.at
    except ValueError:  # an id from a foreign hand
        return None
    return late if late > BACKDATED_AFTER else None


def said(report: Report) -> list[Message]:
    """Return what persons said, theirs and ours, in order of time."""
    return sorted((one for one in report.messages if one.kind not in AUTOMATIC), key=lambda message: message.at)


def said_by_us(report: Report) -> list[Message]:
    """Return what a person of ours told the customer, in order of time."""
    return [one for one in said(report) if one.direction == "out"]


def said_by_customer(report: Report) -> list[Message]:
    """Return what the customer told us, in order of time."""
    return [one for one in said(report) if one.direction == "in"]


def fresh_since(report: Report) -> datetime | None:
    """Return when the report last came back as not fixed: evidence from before proves nothing any more."""
    return _came_back(report, {ReopenReason.NOT_FIXED, ReopenReason.RECURRED})


def _came_back(report: Report, reasons: Collection[str] = frozenset(ReopenReason)) -> datetime | None:
    times = [event.at for event in report.events if event.action == "reopen" and str(event.fact("reason")) in reasons]
    return times[-1] if times else None


def open_questions(report: Report) -> list[Question]:
    """Return what we asked and were not answered."""
    return [question for question in report.questions if question.answered_at is None]


def untold_return(report: Report) -> str | None:
    """Return why the report last came back, where the customer has heard nothing from us since."""
    last = next((event for event in reversed(report.events) if event.action == "reopen"), None)
    if last is None or any(word.at >= last.at for word in said_by_us(report)):
        return None
    return str(last.fact("reason"))


def is_fresh(report: Report, at: datetime) -> bool:
    """Whether what was found at a time still proves something."""
    since = fresh_since(report)
    return since is None or at >= since


def released_in(report: Report) -> str | None:
    """Return the version that has the fix, as it is recorded: the first, or the one that was deployed last."""
    deployed = [one.version for one in report.fix.deployed if is_fresh(report, one.at)]
    return report.fix.fixed_in or (deployed[-1] if deployed else None)


def sent(report: Report, kinds: Iterable[str]) -> list[Message]:
    """Return our messages of these kinds since the report last came back."""
    wanted, since = frozenset(kinds), _came_back(report)
    return [
        message
        for message in report.messages
        if message.direction == "out" and message.kind in wanted and (since is None or message.at >= since)
    ]


def severities(report: Report) -> list[tuple[datetime, Severity]]:
    """Return since when the report has had which severity; the first since it was received."""
    changes = [
        (event.at, _severity(event, "severity_from") or report.severity, to)
        for event in report.events
        if (to := _severity(event, "severity_to"))
    ]
    if not changes:
        return [(report.source.received_at, report.severity)]
    changes.sort(key=lambda change: change[0])
    found = [(report.source.received_at, changes[0][1]), *((at, to) for at, _, to in changes)]
    found[-1] = (found[-1][0], report.severity)  # a hand may have changed it since
    return found


def _severity(event: Event, key: str) -> Severity | None:
    """Return the severity that a fact names; a foreign hand may have written anything there."""
    fact = event.fact(key)
    return Severity(fact) if isinstance(fact, str) and fact in _SEVERITIES else None


def waits(report: Report, on: str = "customer") -> list[Span]:
    """Return the spans in which the report waited on somebody."""
    told = [(event.at, event.fact(WAITING) == on) for event in report.events if event.fact(WAITING)]
    return _spans(told, report.waiting_on == on, report.events[-1].at)


def done(report: Report) -> list[Span]:
    """Return the spans in which the report was done: resolved, analysed or closed."""
    told = [(event.at, event.to in DONE) for event in report.events if event.to is not None]
    return _spans(told, report.state in DONE, report.events[-1].at)


def _spans(told: Sequence[tuple[datetime, bool]], holds_now: bool, newest: datetime) -> list[Span]:
    """Return the spans in which something held, of when it was said to and when not.

    A hand may have written what holds now, so that no event tells of it: it counts from the newest event on.
    """
    spans: list[Span] = []
    began: datetime | None = None
    for at, holds in [*told, (newest, holds_now)]:
        if holds and began is None:
            began = at
        elif not holds and began is not None:
            spans.append((began, max(began, at)))
            began = None
    return [*spans, (began, None)] if began is not None else spans


def as_of(report: Report, at: datetime) -> Report | None:
    """Return the report as it stood at a time, as far as clocks go by it; None where it had not been received.

    A report that was recorded later is shown as new: its customer was waiting already.
    """
    if report.source.received_at > at:
        return None
    if all(event.at <= at for event in report.events):
        return report
    past = report.model_copy(deep=True)
    past.severity = [severity for since, severity in severities(report) if since <= at][-1]
    past.events = [event for event in past.events if event.at <= at] or past.events[:1]
    past.state = next((event.to for event in reversed(past.events) if event.to), State.NEW)
    past.waiting_on = _waited_on(report, at)
    past.messages = _until(past.messages, "at", at)
    past.questions = _until(past.questions, "asked_at", at, answered_at=None, answer=None)
    past.escalations = _until(past.escalations, "opened_at", at, closed_at=None)
    past.fix.deployed = _until(past.fix.deployed, "at", at)
    for section, since in ((past.diagnosis, "at"), (past.workaround, "offered_at"), (past.verification, "at")):
        if (getattr(section, since) or at) > at:
            _clear(section)
    if (past.compensation.at or at) > at:
        _clear(past.compensation)  # of an earlier decision the events tell
    past.monitor.checks = _until(past.monitor.checks, "at", at)
    past.monitor.until = _monitored_until(report, past)
    past.legal.review = _reviewed_as_of(report, past)
    _verified_as_of(past)
    _analysis_as_of(past, at)
    return past


def _waited_on(report: Report, at: datetime) -> Any:
    for who in ("customer", "vendor"):
        if any(began <= at and (ended is None or at < ended) for began, ended in waits(report, who)):
            return who
    return None


def _until(items: Sequence[Any], since: str, at: datetime, **undone: None) -> list[Any]:
    """Return the items that were there at a time; what ended later is taken back."""
    found = [item for item in items if getattr(item, since) <= at]
    end = next(iter(undone), None)
    return [item.model_copy(update=undone) if end and (getattr(item, end) or at) > at else item for item in found]


def _clear(section: Section) -> None:
    for name in type(section).model_fields:
        setattr(section, name, None)


def _monitored_until(report: Report, past: Report) -> datetime | None:
    """Return until when it was to be watched: as it is now, unless that was said since."""
    told, known = ([e for e in one.events if e.action == "monitor" and e.fact("until")] for one in (report, past))
    if told == known:
        return report.monitor.until
    try:
        return parse_iso(str(known[-1].fact("until"))) if known else None
    except ValueError:  # a foreign hand
        return None


def _reviewed_as_of(report: Report, past: Report) -> Any:
    told, known = ([event.fact("review") for event in one.events if event.action == "legal"] for one in (report, past))
    if told == known:
        return report.legal.review
    return known[-1] if known and known[-1] in _REVIEWS else None


def _verified_as_of(past: Report) -> None:
    """Take back what was said of the fix since: a later word, or a return of the report, has taken its place."""
    told = [event for event in past.events if event.action in {"verify", "resolve", "reopen"}]
    if told and told[-1].action == "verify":
        outcome = told[-1].fact("outcome")
        past.verification.outcome = outcome if outcome in _OUTCOMES else None
        past.verification.at = told[-1].at


def planned_by(event: Event) -> list[str]:
    """Return the measures that an event tells of."""
    several = event.fact("rca_actions")
    return [str(event.fact("rca_action")), *(map(str, several) if isinstance(several, list) else ())]


def _analysis_as_of(past: Report, at: datetime) -> None:
    """Take the analysis back to what it was: its measures are dated by their events."""
    told = {one for event in past.events for one in planned_by(event)}
    past.rca.actions = [
        action.model_copy(update={"status": "open", "checks": []})
        if action.closed_at and action.closed_at > at
        else action.model_copy(update={"checks": [check for check in action.checks if check.at <= at]})
        for action in past.rca.actions
        if action.id in told
    ]
    past.rca.status = None
    state = State.NEW
    for event in past.events:
        state = event.to or state
        if event.action == "rca accept":
            past.rca.status, past.rca.accepted_at = "accepted", event.at
        elif past.rca.status == "accepted" and state is State.CLOSED:
            continue  # what is added after closing does not open it again
        elif event.action.startswith("rca ") or (event.action == "reopen" and past.rca.status):
            past.rca.status = "draft"
