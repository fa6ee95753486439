"""Clocks: what has to happen by when. Functions of a report, its events and the policy; nothing of them is stored.

`KINDS` is the table: for each clock what it waits for, the command that answers it, and the function that finds its
runs. A clock that was answered keeps its end, so that it can be told whether it was kept.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from issuelog.model.case import FOREVER, Case, Clock
from issuelog.model.guards import NOT_DEPLOYED, REQUESTING, TRIAL_PLACES
from issuelog.model.history import Span, open_questions, planned_by, said_by_customer, sent
from issuelog.model.lifecycle import next_step
from issuelog.model.policy import Policy
from issuelog.model.report import Report, State

T = TypeVar("T")
NEED_NO_ANSWER = frozenset({"thanks", "confirmation"})
"""Kinds of the customer's messages that ask nothing of us."""


def _first(*times: datetime | None) -> datetime | None:
    return min((at for at in times if at is not None), default=None)


def _from(times: Sequence[datetime], at: datetime) -> datetime | None:
    """Return the first of some times, which are in order, that is not before another."""
    place = bisect_left(times, at)
    return times[place] if place < len(times) else None


def _after(times: Sequence[datetime], at: datetime) -> datetime | None:
    place = bisect_right(times, at)
    return times[place] if place < len(times) else None


def _with_next(items: Sequence[T]) -> Iterator[tuple[T, T | None]]:
    """Yield each item with the one that follows it."""
    for number, item in enumerate(items, 1):
        yield item, items[number] if number < len(items) else None


def _within(spans: Sequence[Span], at: datetime) -> Span | None:
    return next((span for span in spans if span[0] <= at < (span[1] or FOREVER)), None)


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
    if not case.words and not case.reopened:
        return
    marks = {word.at for word in case.words}
    marks |= {ended for _, ended in case.waits if ended} | {began for began, _ in case.waits} | set(case.reopened)
    begun = min([word.at for word in case.words[:1]] + case.reopened[:1])
    starts = sorted(mark for mark in marks if mark >= begun)
    for start, following in _with_next(starts):
        if case.done_spans.hold(start):
            continue
        over = _after(case.done_spans.begins, start)
        yield start, _first(following, over), "chaser" if case.waiting_spans.hold(start) else "next_update"


def _next_update(case: Case) -> Iterator[Clock]:
    for start, end, clock in _turns(case):
        if clock == "next_update":
            yield from case.run(clock, start, end)


def _chaser(case: Case) -> Iterator[Clock]:
    for start, end, clock in _turns(case):
        if clock == "chaser":
            yield from case.run(clock, start, end)


def _promise(case: Case) -> Iterator[Clock]:
    """A time that the customer was told is a clock of its own, unless policy gives the very same one."""
    by_policy = {(clock.start, clock.due, clock.end) for clock in (*_next_update(case), *_chaser(case))}
    for word in case.words:
        promised = word.next_update_at
        over = _after(case.done_spans.begins, word.at)
        end = _first(case.word_after(word), over, _from(case.closings, word.at))
        if promised and (word.at, promised, end) not in by_policy:
            yield Clock("promise", word.at, promised, end, word.id)


def _restored(case: Case) -> datetime | None:
    """When the fix was where customers are, or the report done for good."""
    last = case.reopened[-1] if case.reopened else case.received
    deployed = [one.at for one in case.report.fix.deployed if one.place not in TRIAL_PLACES and one.at >= last]
    return _first(min(deployed, default=None), case.finished)


def _pauses(case: Case) -> list[Span]:
    """Only waiting on the customer stops the work's clocks, and the time in which the report was done."""
    return [*case.waits, *(span for span in case.done if span[1])]


def _restore(case: Case) -> Iterator[Clock]:
    offered = [event.at for event in case.report.events if event.action == "workaround"]
    end = _first(_restored(case), case.report.workaround.offered_at, *offered)
    yield from case.run("restore", case.received, end, pauses=_pauses(case))


def _fix(case: Case) -> Iterator[Clock]:
    yield from case.run("fix", case.received, _restored(case), pauses=_pauses(case))


def _investigate(case: Case) -> Iterator[Clock]:
    """The search for the cause is bound in time: until it is known, or help is called in."""
    events = case.report.events
    begun = next((event.at for event in events if event.to is State.ACKNOWLEDGED), None)
    starts = [at for at in (begun, *case.reopened) if at]
    steps = sorted(event.at for event in events if event.action in {"diagnose", "escalate"})
    for start, following in _with_next(starts):
        found = _from(steps, start) if start != begun else next(iter(steps), None)
        if found and found < start:
            continue
        over = _from(case.done_spans.begins, start)
        yield from case.run("investigate", start, _first(found, over, following), pauses=case.waits)


def _answer(case: Case) -> Iterator[Clock]:
    """What the customer wrote is answered, by a word or by what was done with it; several messages in a row are one."""
    if not case.words:
        return
    answered: datetime | None = case.words[0].at
    place = case.first_word
    for message in said_by_customer(case.report):
        heard = case.heard.get(message.id, -1)
        is_covered = answered is None or (heard < place if heard >= 0 <= place else message.at < answered)
        if message.kind in NEED_NO_ANSWER or is_covered:
            continue
        answered, place = case.answer_to(message)
        yield from case.run("answer", message.at, answered, item=message.id)


def _inform(case: Case) -> Iterator[Clock]:
    """The customer hears of a fix as soon as it is where he is."""
    if case.report.fix.kind in NOT_DEPLOYED:
        return
    deployed = sorted(
        (one for one in case.report.fix.deployed if one.place not in TRIAL_PLACES), key=lambda one: one.at
    )
    times = [one.at for one in deployed]
    told = [word.at for word in case.words if word.kind == "resolution"]
    for began, ended in _periods(case):
        place = bisect_left(times, began)
        if place == len(times) or times[place] >= (ended or FOREVER) or case.done_spans.hold(times[place]):
            continue
        first = deployed[place]
        end = _first(_from(told, first.at), _from(case.done_spans.begins, first.at))
        yield from case.run("inform", first.at, end, item=first.id)


def _periods(case: Case) -> Iterator[tuple[datetime, datetime | None]]:
    """Yield the times between one return of the report and the next."""
    starts = [case.received, *case.reopened]
    yield from _with_next(starts)


def _verification(case: Case) -> Iterator[Clock]:
    """A customer who was asked whether it works gets some days; then we remind him, or set the report aside."""
    settled = [event.at for event in case.report.events if event.action == "verify"]
    settled += [case.report.verification.at] if case.report.verification.at else []  # a hand has written it
    settled.sort()
    requests = [word for word in case.words if word.kind in REQUESTING]
    for word, following in _with_next(requests):
        span = _within(case.done, word.at)
        if span is None:
            continue
        outcome, closed = _from(settled, word.at), _from(case.closings, word.at)
        end = _first(outcome, following.at if following else None, closed, span[1])
        yield Clock("verification", word.at, case.policy.verify_by(word.at), end, word.id)


def _escalation(case: Case) -> Iterator[Clock]:
    for item in case.report.escalations:
        yield Clock("escalation", item.opened_at, item.due_at, _first(item.closed_at, case.closed), item.id)


def _compensation(case: Case) -> Iterator[Clock]:
    """Whether we make good is decided, where policy asks for it, soon after the customer was told of the fix."""
    if case.report.severity not in case.policy.compensation_decided:
        return
    known = case.report.compensation
    times = [event.at for event in case.report.events if event.action == "compensate"]
    decided = _first(*times, (known.at or case.received) if known.decision else None)
    for began, ended in case.done:
        closed = _from(case.closings, began)
        if closed != began and (decided is None or decided > began):
            yield Clock("compensation", began, case.policy.settle_by(began), _first(decided, ended, closed))


def _legal(case: Case) -> Iterator[Clock]:
    """What waits on the legal department is asked after; what a hand has settled since is settled."""
    told = [(event.at, event.fact("review")) for event in case.report.events if event.action == "legal"]
    settled = None if case.report.legal.review == "in_review" else case.report.events[-1].at
    for (began, review), following in _with_next(told):
        if review == "in_review":
            over = following[0] if following else settled
            yield Clock("legal", began, case.policy.settle_by(began), _first(over, _from(case.closings, began)))


def _monitor(case: Case) -> Iterator[Clock]:
    """Somebody looks whether it is back before the watch is over; a log in which it was seen is a look too."""
    known, last = case.report.monitor, case.reopened[-1] if case.reopened else case.received
    told = [event.at for event in case.report.events if event.action == "monitor" and event.fact("until")]
    begun = [at for at in told if at >= last]
    if known.until is None or not begun or begun[0] > known.until:
        return
    looked = sorted(check.at for check in known.checks)
    ended = [at for at in told if at == known.until]  # by a word, and not because its time was over
    end = _first(_from(looked, begun[0]), *ended, _from(case.closings, begun[0]))
    yield Clock("monitor", begun[0], known.until, end)


def _rca(case: Case) -> Iterator[Clock]:
    analysis = case.report.rca
    if analysis.due_at and analysis.status:
        began = next((event.at for event in case.report.events if event.action == "rca start"), case.received)
        end = _first(analysis.accepted_at if analysis.status == "accepted" else None, case.closed)
        yield Clock("rca", began, analysis.due_at, end, owner=analysis.owner)


def _action(case: Case) -> Iterator[Clock]:
    """A measure stays due until it is done or dropped, also when the report is closed."""
    told = [event for event in case.report.events if event.action in {"rca action", "rca edit"}]
    planned = {one: event.at for event in told for one in planned_by(event)}
    for action in case.report.rca.actions:
        if action.due_at:
            end = None if action.status == "open" else action.closed_at or action.due_at
            began = planned.get(action.id, case.received)
            yield Clock("action", began, action.due_at, end, action.id, action.owner)


def _effect(case: Case) -> Iterator[Clock]:
    """Some time after a measure was done somebody looks whether it held; a look answers what was due until then."""
    for action in case.report.rca.actions:
        if action.status != "done" or action.closed_at is None:
            continue
        looked = sorted(check.at for check in action.checks if check.at >= action.closed_at)
        again = [check.at for check in action.checks if check.result == "failed" and check.at >= action.closed_at]
        failed = min(again, default=None)
        for number, days in enumerate(sorted({*case.policy.rca_effect_days})):
            due = case.policy.after(action.closed_at, days)
            if due is None:
                continue
            late = next((at for at in looked if at >= due), None)
            nth = looked[number] if number < len(looked) else None
            yield Clock("effect", action.closed_at, due, _first(late, nth, failed), action.id, action.owner)


@dataclass(frozen=True)
class Kind:
    """One sort of clock: what it waits for, from when to when it runs, its runs in a report, and what answers it.

    Without a command of its own it is answered by the report's next step.
    """

    words: str
    begins: str
    ends: str
    runs: Callable[[Case], Iterator[Clock]]
    command: str | None = None


_UPDATE = "update ID --confirmed TEXT --checking TEXT"
_ESCALATE = "escalate ID --to team --party P --reason T --due TIME"
KINDS = {
    "acknowledge": Kind(
        "the first answer", "the customer wrote", "a person of ours answered", _acknowledge, "acknowledge ID"
    ),
    "answer": Kind("an answer to the customer", "the customer wrote again", "our next word", _answer, _UPDATE),
    "promise": Kind("the word that was promised", "we named a time", "our next word", _promise, _UPDATE),
    "next_update": Kind(
        "the next word", "our last word, the customer's answer, a reopening", "our next word", _next_update, _UPDATE
    ),
    "chaser": Kind(
        "a reminder of our questions",
        "we asked, or last reminded",
        "a reminder, or the answer",
        _chaser,
        "ask ID --again",
    ),
    "inform": Kind("word of the fix", "it was deployed", "the customer was told", _inform, "resolve ID"),
    "verification": Kind(
        "the customer's yes",
        "we asked whether it works",
        "an outcome, or a reminder",
        _verification,
        "verify ID --request",
    ),
    "investigate": Kind(
        "the cause, or help",
        "the first answer, or a reopening",
        "a diagnosis or an escalation",
        _investigate,
        _ESCALATE,
    ),
    "restore": Kind(
        "a workaround or the fix",
        "the customer wrote",
        "a workaround, or the fix deployed",
        _restore,
        "workaround ID TEXT",
    ),
    "fix": Kind("the fix", "the customer wrote", "deployed where customers are, or done", _fix),
    "escalation": Kind(
        "an answer from outside",
        "help was called in",
        "it is back",
        _escalation,
        "escalate ID --back --outcome TEXT --which ITEM",
    ),
    "compensation": Kind(
        "a decision on compensation",
        "it was resolved, where policy asks for one",
        "a decision",
        _compensation,
        "compensate ID --decision none --because TEXT",
    ),
    "legal": Kind(
        "the legal review", "it was asked for", "it is over", _legal, "legal ID --review cleared --note TEXT"
    ),
    "monitor": Kind(
        "a look whether it is back", "it is watched", "somebody looked", _monitor, "monitor ID --check TEXT"
    ),
    "rca": Kind("the root cause analysis", "it was started", "it was accepted", _rca),
    "action": Kind("a measure", "it was planned", "done or dropped", _action, "actions done ID ITEM --evidence TEXT"),
    "effect": Kind(
        "a look whether a measure held",
        "it was done",
        "somebody looked",
        _effect,
        "actions check ID ITEM --held --evidence TEXT",
    ),
}


def every_clock(report: Report, policy: Policy) -> list[Clock]:
    """Return every run of every clock of a report, those that were answered too, in order of their start."""
    case = Case(report, policy)
    found = [clock for kind in KINDS.values() for clock in kind.runs(case)]
    return sorted(found, key=lambda clock: clock.start)


def clocks(report: Report, policy: Policy) -> list[Clock]:
    """Return the running clocks of a report, the first to run out first; none that is paused."""
    return running_of(every_clock(report, policy))


def running_of(runs: Iterable[Clock]) -> list[Clock]:
    """Return those of a report's clocks that run, the first to run out first; none that is paused."""
    running = [clock for clock in runs if clock.end is None and clock.due]
    return sorted(running, key=lambda clock: clock.at)


def command_for(clock: Clock, report: Report, policy: Policy) -> str:
    """Return the command that answers a clock."""
    command = KINDS[clock.clock].command
    if clock.clock == "chaser" and not open_questions(report):
        command = _UPDATE  # a hand has written that the report waits
    if clock.clock == "verification" and len(sent(report, REQUESTING)) > 1:
        command = "verify ID --lapsed"
    if command is None:
        return next_step(report, policy).command
    return "issuelog " + command.replace("ID", report.id, 1).replace("ITEM", clock.item or "", 1)


def lasting_conditions(report: Report) -> list[str]:
    """Return the conditions that hold until the report changes; `row.finish` adds those that time brings."""
    tests = {
        "waiting": report.waiting_on is not None,
        "escalated": report.state is not State.CLOSED and any(item.closed_at is None for item in report.escalations),
        "unverified": report.state in {State.RESOLVED, State.RCA} and report.verification.outcome is None,
        "reopened": any(event.action == "reopen" for event in report.events),
    }
    return [name for name, holds in tests.items() if holds]
