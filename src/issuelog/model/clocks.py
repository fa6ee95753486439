"""Clocks: what has to happen by when. Functions of a report, its events and the policy; nothing of them is stored.

`KINDS` is the table: for each clock what it waits for, the command that answers it, and the function that finds its
runs. A clock that was answered keeps its end, so that it can be told whether it was kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TypeVar

from issuelog.model.guards import NOT_DEPLOYED, REQUESTING, TRIAL_PLACES, sent
from issuelog.model.history import Span, done, said_by_customer, said_by_us, severities, waits
from issuelog.model.lifecycle import next_step
from issuelog.model.policy import Policy, Target, Terms
from issuelog.model.report import Message, Report, Severity, State

T = TypeVar("T")
OPEN_STATES = frozenset({State.NEW, State.ACKNOWLEDGED, State.REPRODUCED})
NEED_NO_ANSWER = frozenset({"thanks", "confirmation"})
"""Kinds of the customer's messages that ask nothing of us."""
_FOREVER = datetime(9999, 12, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Stretch:
    """What the due time was from some instant on: by the severity, and the target that it has."""

    since: datetime
    severity: Severity
    target: Target | None
    due: datetime | None


@dataclass(frozen=True)
class Clock:
    """One run of a clock: from `start` until `due`; `at` is the same, or far away while the clock is paused.

    `end` is when it was answered, or was no longer asked for; None while it runs. `item` is what it is about: a
    message, an escalation, an action.
    """

    clock: str
    start: datetime
    due: datetime | None
    end: datetime | None = None
    item: str | None = None
    owner: str | None = None
    pauses: tuple[Span, ...] = ()
    stretches: tuple[Stretch, ...] = ()

    @property
    def at(self) -> datetime:
        """When it runs out."""
        return self.due or _FOREVER

    @property
    def is_paused(self) -> bool:
        """Whether it stands still."""
        return self.end is None and self.due is None

    def is_overdue(self, at: datetime) -> bool:
        """Whether it ran out before it was answered, or before `at` while it is not."""
        return self.due is not None and self.due < (self.end or at)


@dataclass(frozen=True)
class Case:
    """A report with what all clocks go by."""

    report: Report
    policy: Policy

    @cached_property
    def terms(self) -> Terms:
        """What the report may count on."""
        return self.policy.terms(self.report)

    @cached_property
    def received(self) -> datetime:
        """When the customer wrote."""
        return self.report.source.received_at

    @cached_property
    def words(self) -> list[Message]:
        """What a person of ours told the customer."""
        return said_by_us(self.report)

    @cached_property
    def waits(self) -> list[Span]:
        """When the report waited on the customer."""
        return waits(self.report)

    @cached_property
    def done(self) -> list[Span]:
        """When it was done."""
        return done(self.report)

    @cached_property
    def reopened(self) -> list[datetime]:
        """When it was taken up again."""
        return [ended for _, ended in self.done if ended is not None]

    @cached_property
    def finished(self) -> datetime | None:
        """When it was done for good."""
        return next((began for began, ended in self.done if ended is None), None)

    def word_after(self, at: datetime) -> datetime | None:
        """Return when the customer next heard from us."""
        return next((word.at for word in self.words if word.at > at), None)

    def run(
        self,
        clock: str,
        start: datetime,
        end: datetime | None,
        *,
        pauses: Sequence[Span] = (),
        item: str | None = None,
    ) -> Iterator[Clock]:
        """Yield a run by the targets of the severities that the report had, if it has such a target.

        A severity that is raised leaves at least the time in which a report of it is acknowledged. What ran out
        before the severity changed stays so.
        """
        closed = [(began, ended or _FOREVER) for began, ended in pauses]
        known = severities(self.report)
        changes = [change for change in known if start < change[0] < (end or _FOREVER)]
        stretches: list[Stretch] = []
        for since, severity in [(start, _severity_at(known, start)), *changes]:
            if stretches and stretches[-1].due and stretches[-1].due <= since:
                break
            due = self.terms.due(severity, clock, start, closed)
            if due and stretches and severity < stretches[-1].severity:
                due = max(due, self.terms.due(severity, "acknowledge", since) or due)
            stretches.append(Stretch(since, severity, self.terms.target(severity, clock), due))
        if stretches[-1].target:
            lasting = tuple(span for span in pauses if (span[1] or _FOREVER) > start and span[0] < (end or _FOREVER))
            yield Clock(clock, start, stretches[-1].due, end, item, None, lasting, tuple(stretches))


def _severity_at(known: Sequence[tuple[datetime, Severity]], at: datetime) -> Severity:
    return next((severity for since, severity in reversed(known) if since <= at), known[0][1])


def _first(*times: datetime | None) -> datetime | None:
    return min((at for at in times if at is not None), default=None)


def _with_next(items: Sequence[T]) -> Iterator[tuple[T, T | None]]:
    """Yield each item with the one that follows it."""
    for number, item in enumerate(items, 1):
        yield item, items[number] if number < len(items) else None


def _within(spans: Sequence[Span], at: datetime) -> Span | None:
    return next((span for span in spans if span[0] <= at < (span[1] or _FOREVER)), None)


def _acknowledge(case: Case) -> Iterator[Clock]:
    """The customer's own time counts, not when it was typed in; whatever happens meanwhile, it never pauses."""
    events = case.report.events
    left_new = next((event.at for event in events if event.to not in {None, State.NEW}), None)
    by_hand = None if case.report.state is State.NEW else events[-1].at
    end = _first(case.words[0].at if case.words else None, left_new or by_hand)
    yield from case.run("acknowledge", case.received, max(end, case.received) if end else None)


def _turns(case: Case) -> Iterator[tuple[datetime, datetime | None, str]]:
    """Yield from when to when it is our turn to say something: (start, end, the clock that runs).

    A turn begins with a word of ours, the customer's answer, or the report's return; while the report waits on the
    customer it is a chaser that is due.
    """
    if not case.words:
        return
    marks = {word.at for word in case.words}
    marks |= {ended for _, ended in case.waits if ended} | {began for began, _ in case.waits} | set(case.reopened)
    starts = sorted(mark for mark in marks if mark >= case.words[0].at)
    for start, following in _with_next(starts):
        if _within(case.done, start):
            continue
        over = next((began for began, _ in case.done if began > start), None)
        yield start, _first(following, over), "chaser" if _within(case.waits, start) else "next_update"


def _next_update(case: Case) -> Iterator[Clock]:
    for start, end, clock in _turns(case):
        if clock == "next_update":
            yield from case.run(clock, start, end)


def _chaser(case: Case) -> Iterator[Clock]:
    for start, end, clock in _turns(case):
        if clock == "chaser":
            yield from case.run(clock, start, end)


def _promise(case: Case) -> Iterator[Clock]:
    """A time that the customer was told is a clock of its own, unless it is just the one that policy gives."""
    by_policy = {(clock.start, clock.due) for clock in (*_next_update(case), *_chaser(case))}
    for word in case.words:
        promised = word.next_update_at
        if promised and (word.at, promised) not in by_policy:
            over = next((began for began, _ in case.done if began > word.at), None)
            yield Clock("promise", word.at, promised, _first(case.word_after(word.at), over), word.id)


def _restored(case: Case) -> datetime | None:
    """When the fix was where customers are, or the report done for good."""
    last = case.reopened[-1] if case.reopened else case.received
    deployed = [one.at for one in case.report.fix.deployed if one.place not in TRIAL_PLACES and one.at >= last]
    return _first(min(deployed, default=None), case.finished)


def _pauses(case: Case) -> list[Span]:
    """Only waiting on the customer stops the work's clocks, and the time in which the report was done."""
    return [*case.waits, *(span for span in case.done if span[1])]


def _restore(case: Case) -> Iterator[Clock]:
    end = _first(_restored(case), case.report.workaround.offered_at)
    yield from case.run("restore", case.received, end, pauses=_pauses(case))


def _fix(case: Case) -> Iterator[Clock]:
    yield from case.run("fix", case.received, _restored(case), pauses=_pauses(case))


def _investigate(case: Case) -> Iterator[Clock]:
    """The search for the cause is bound in time: until it is known, or help is called in."""
    events = case.report.events
    begun = next((event.at for event in events if event.to is State.ACKNOWLEDGED), None)
    starts = [at for at in (begun, *case.reopened) if at]
    steps = [event.at for event in events if event.action in {"diagnose", "escalate"}]
    for start, following in _with_next(starts):
        found = next((at for at in sorted(steps) if at >= start), None)
        over = next((began for began, _ in case.done if began >= start), None)
        yield from case.run("investigate", start, _first(found, over, following), pauses=case.waits)


def _answer(case: Case) -> Iterator[Clock]:
    """What the customer wrote is answered, by a word or by what was done with it; several messages in a row are one."""
    answered: datetime | None = case.words[0].at if case.words else _FOREVER
    settled = [event.at for event in case.report.events if event.action == "verify" or event.to is State.CLOSED]
    for message in said_by_customer(case.report):
        if message.kind in NEED_NO_ANSWER or answered is None or message.at < answered:
            continue
        answered = _first(case.word_after(message.at), *(at for at in settled if at >= message.at))
        yield from case.run("answer", message.at, answered, item=message.id)


def _inform(case: Case) -> Iterator[Clock]:
    """The customer hears of a fix as soon as it is where he is."""
    if case.report.fix.kind in NOT_DEPLOYED:
        return
    for began, ended in _periods(case):
        deployed = [one for one in case.report.fix.deployed if one.place not in TRIAL_PLACES]
        first = min(
            (one for one in deployed if began <= one.at < (ended or _FOREVER)), key=lambda one: one.at, default=None
        )
        if first is None or _within(case.done, first.at):
            continue
        told = next((word.at for word in case.words if word.kind == "resolution" and word.at >= first.at), None)
        over = next((at for at, _ in case.done if at >= first.at), None)
        yield from case.run("inform", first.at, _first(told, over), item=first.id)


def _periods(case: Case) -> Iterator[tuple[datetime, datetime | None]]:
    """Yield the times between one return of the report and the next."""
    starts = [case.received, *case.reopened]
    yield from _with_next(starts)


def _verification(case: Case) -> Iterator[Clock]:
    """A customer who was asked whether it works gets some days; then we remind him, or set the report aside."""
    settled = case.report.verification.at if case.report.verification.outcome else None
    requests = [word for word in case.words if word.kind in REQUESTING]
    for word, following in _with_next(requests):
        span = _within(case.done, word.at)
        if span is None:
            continue
        closed = next(
            (event.at for event in case.report.events if event.to is State.CLOSED and event.at >= word.at), None
        )
        outcome = settled if settled and settled >= word.at else None
        end = _first(outcome, following.at if following else None, closed, span[1])
        yield Clock("verification", word.at, word.at + timedelta(days=case.policy.verify_days), end, word.id)


def _escalation(case: Case) -> Iterator[Clock]:
    for item in case.report.escalations:
        yield Clock("escalation", item.opened_at, item.due_at, item.closed_at, item.id)


def _rca(case: Case) -> Iterator[Clock]:
    analysis = case.report.rca
    if analysis.due_at and analysis.status:
        began = next((event.at for event in case.report.events if event.action == "rca start"), case.received)
        end = analysis.accepted_at if analysis.status == "accepted" else None
        yield Clock("rca", began, analysis.due_at, end, owner=analysis.owner)


def _action(case: Case) -> Iterator[Clock]:
    """A measure stays due until it is done or dropped, also when the report is closed."""
    planned = {event.fact("rca_action"): event.at for event in case.report.events if event.action == "rca action"}
    for action in case.report.rca.actions:
        if action.due_at:
            end = None if action.status == "open" else action.closed_at or action.due_at
            began = planned.get(action.id, case.received)
            yield Clock("action", began, action.due_at, end, action.id, action.owner)


@dataclass(frozen=True)
class Kind:
    """One sort of clock: what it waits for, its runs in a report, and the command that answers it.

    Without a command of its own it is answered by the report's next step.
    """

    words: str
    runs: Callable[[Case], Iterator[Clock]]
    command: str | None = None


_UPDATE = "update ID --confirmed TEXT --checking TEXT"
KINDS = {
    "acknowledge": Kind("the first answer", _acknowledge, "acknowledge ID"),
    "answer": Kind("an answer to the customer", _answer, _UPDATE),
    "promise": Kind("the word that was promised", _promise, _UPDATE),
    "next_update": Kind("the next word", _next_update, _UPDATE),
    "chaser": Kind("a reminder of our questions", _chaser, "ask ID --again"),
    "inform": Kind("word of the fix", _inform, "resolve ID"),
    "verification": Kind("the customer's yes", _verification, "verify ID --request"),
    "investigate": Kind("the cause, or help", _investigate, "escalate ID --to team --party P --reason T --due TIME"),
    "restore": Kind("a workaround or the fix", _restore, "workaround ID TEXT"),
    "fix": Kind("the fix", _fix),
    "escalation": Kind("an answer from outside", _escalation, "escalate ID --back --outcome TEXT"),
    "rca": Kind("the root cause analysis", _rca),
    "action": Kind("a measure", _action, "actions done ID ITEM --evidence TEXT"),
}


def every_clock(report: Report, policy: Policy) -> list[Clock]:
    """Return every run of every clock of a report, those that were answered too, in order of their start."""
    case = Case(report, policy)
    found = [clock for kind in KINDS.values() for clock in kind.runs(case)]
    return sorted(found, key=lambda clock: clock.start)


def clocks(report: Report, policy: Policy) -> list[Clock]:
    """Return the running clocks of a report, the first to run out first; none that is paused."""
    running = [clock for clock in every_clock(report, policy) if clock.end is None and clock.due]
    return sorted(running, key=lambda clock: clock.at)


def command_for(clock: Clock, report: Report, policy: Policy) -> str:
    """Return the command that answers a clock."""
    command = KINDS[clock.clock].command
    if clock.clock == "verification" and len(sent(report, REQUESTING)) > 1:
        command = "verify ID --lapsed"
    if command is None:
        return next_step(report, policy).command
    return "issuelog " + command.replace("ID", report.id, 1).replace("ITEM", clock.item or "", 1)


def lasting_conditions(report: Report) -> list[str]:
    """Return the conditions that hold until the report changes; `row.finish` adds those that time brings."""
    tests = {
        "waiting": report.waiting_on is not None,
        "escalated": any(item.closed_at is None for item in report.escalations),
        "unverified": report.state in {State.RESOLVED, State.RCA} and report.verification.outcome is None,
        "reopened": any(event.action == "reopen" for event in report.events),
    }
    return [name for name, holds in tests.items() if holds]
