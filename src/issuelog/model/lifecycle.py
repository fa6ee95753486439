"""The lifecycle: the table of transitions, and the one function that takes a step.

`next`, `missing`, the refusals, the diagram and the reference are all read off `TRANSITIONS`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from issuelog.errors import Missing, Refused, UsageError
from issuelog.model import guards as g
from issuelog.model.faults import fault, field_of
from issuelog.model.guards import Context, Guard
from issuelog.model.history import NOBODY, WAITING, untold_return
from issuelog.model.identifier import is_ulid, ulid
from issuelog.model.policy import Policy, lenient
from issuelog.model.report import Event, ReopenReason, Report, Resolution, State
from issuelog.model.step import Moment, Step

_UNDONE = (State.NEW, State.ACKNOWLEDGED, State.REPRODUCED)
_OPEN = (*_UNDONE, State.RESOLVED, State.RCA)


@dataclass(frozen=True)
class Transition:
    """One row of the table: from which states a verb leads where, and what it asks for."""

    name: str
    sources: tuple[State, ...]
    target: State
    guards: tuple[Guard, ...] = ()
    command: str = ""

    def missing(self, report: Report, context: Context, waived: Sequence[str] = ()) -> list[Missing]:
        """Return every fact that the report lacks for this transition."""
        return [fact for guard in self.guards if guard.name not in waived for fact in guard.missing(report, context)]


_SOLVED = (
    g.DIAGNOSED,
    g.FIXED,
    g.TESTED_AUTOMATED,
    g.TESTED_MANUAL,
    g.ROLLBACK,
    g.DEPLOYED,
    g.IN_ORDER,
    g.TOLD,
)
_ENDING_GUARDS: dict[Resolution, tuple[Guard, ...]] = {
    Resolution.DUPLICATE: (g.DUPLICATE_TARGET, g.told_closing(Resolution.DUPLICATE)),
    Resolution.NOT_AN_ERROR: (g.told_closing(Resolution.NOT_AN_ERROR),),
    Resolution.WONT_FIX: (g.told_closing(Resolution.WONT_FIX),),
    Resolution.WITHDRAWN: (g.told_closing(Resolution.WITHDRAWN),),
    Resolution.NO_RESPONSE: (g.TWO_CHASERS, g.told_closing(Resolution.NO_RESPONSE)),
    Resolution.CANNOT_REPRODUCE: (g.TWO_ENVIRONMENTS, g.told_closing(Resolution.CANNOT_REPRODUCE)),
    Resolution.SPAM: (),
}

TRANSITIONS = {
    row.name: row
    for row in (
        Transition("acknowledge", (State.NEW,), State.ACKNOWLEDGED, (g.FIRST_ANSWER,), "acknowledge ID"),
        Transition(
            "reproduce",
            (State.ACKNOWLEDGED,),
            State.REPRODUCED,
            (g.INTAKE, g.REPRODUCED),
            "reproduce ID --runs N --hits N --place sandbox --env version=V",
        ),
        Transition("resolve", (State.REPRODUCED,), State.RESOLVED, _SOLVED, "resolve ID"),
        Transition(
            "resolve --without-reproduction",
            (State.ACKNOWLEDGED,),
            State.RESOLVED,
            _SOLVED,
            "resolve ID --without-reproduction REASON",
        ),
        Transition("resolve by precedent", (State.ACKNOWLEDGED,), State.RESOLVED, (g.PRECEDENT, g.TOLD), "resolve ID"),
        Transition("rca start", (State.RESOLVED,), State.RCA, (), "rca start ID"),
        Transition(
            "close",
            (State.RESOLVED, State.RCA),
            State.CLOSED,
            (
                g.RCA_ACCEPTED,
                g.ACTIONS_OWNED,
                g.VERIFIED,
                g.NOTHING_OPEN,
                g.MONITORED,
                g.COMPENSATED,
                g.KNOWN_ERROR,
            ),
            "close ID",
        ),
        *(
            Transition(f"close --as {ending}", _OPEN, State.CLOSED, wanted, f"close ID --as {ending}")
            for ending, wanted in _ENDING_GUARDS.items()
        ),
        Transition(
            "reopen",
            (State.RESOLVED, State.RCA, State.CLOSED),
            State.ACKNOWLEDGED,
            (),
            "reopen ID --reason not_fixed --evidence TEXT",
        ),
    )
}
_SEALED = ("id", "state", "story", "story_sha256", "story_redacted_sha256", "events")
_TOLD_OF_RETURN = {ReopenReason.NOT_FIXED.value: "--kind reopened", ReopenReason.RECURRED.value: "--kind recurrence"}
_MAIN_PATH = {
    State.NEW: "acknowledge",
    State.ACKNOWLEDGED: "reproduce",
    State.REPRODUCED: "resolve",
    State.RESOLVED: "close",
    State.RCA: "close",
}


def waivable(transition: Transition) -> list[str]:
    """Return the names of the guards that may be set aside."""
    return [guard.name for guard in transition.guards if guard.waivable]


def take(report: Report, step: Step, moment: Moment, policy: Policy) -> Report:
    """Return the report after the step, with its event appended; the given one is not changed.

    Raises Refused with everything that is missing, UsageError where a given value is not allowed. Returns an equal
    report where the step changes nothing.
    """
    draft = report.model_copy(deep=True)
    facts = step.edit(draft, moment) or {}
    came_from = went_to = None
    chosen = step.choose(draft)
    if chosen:
        transition = TRANSITIONS[chosen]
        _require(transition, report, draft, step, Context(policy, moment.at, step.alike(draft)))
        came_from, went_to = report.state, transition.target
        draft.state = transition.target
        if step.waiver.guards:
            facts |= {"waived": list(step.waiver.guards), "because": step.waiver.because}
    elif step.waiver.guards:
        raise UsageError(f"{step.action} takes no guard here, so that there is none to waive")
    elif draft == report and not facts:
        return report
    if draft.waiting_on != report.waiting_on:
        facts |= {WAITING: draft.waiting_on or NOBODY}  # the clocks go by it
    draft.events.append(event(step.action, moment, came_from, went_to, facts, newest(report)))
    return revalidated(draft)


def require_sealed(before: Report, after: Report) -> None:
    """Raise Refused where a hand changed what only commands change, or nobody."""
    touched = [name for name in _SEALED if getattr(before, name) != getattr(after, name)]
    if touched:
        raise Refused(
            f"{', '.join(touched)} cannot be edited: the history and the customer's words stay as they are",
            hint="issuelog next   names the command that moves a report on",
        )


def newest(report: Report) -> str | None:
    """Return the latest ULID among the events; ids that somebody made by hand do not count."""
    return max((event.id for event in report.events if is_ulid(event.id)), default=None)


def event(
    action: str,
    moment: Moment,
    came_from: State | None,
    to: State | None,
    facts: dict[str, object],
    newest: str | None,
) -> Event:
    """Return the event that records an action; its id is later than `newest`."""
    head = {
        "id": ulid(moment.now, moment.entropy, newest),
        "at": moment.at,
        "by": moment.by,
        "action": action,
        "from": came_from,
        "to": to,
    }
    return Event.model_validate(head | facts)


def revalidated(draft: Report) -> Report:
    """Return the draft as the schema types it; raises UsageError that names the first value that is not allowed."""
    try:
        return Report.model_validate(draft.model_dump(by_alias=True, exclude_none=True))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise UsageError(f"{field_of(first)} {fault(first)}") from None


def _require(transition: Transition, report: Report, draft: Report, step: Step, context: Context) -> None:
    if report.state not in transition.sources:
        wanted = " or ".join(transition.sources)
        raise Refused(
            f"{report.id} is {report.state}; {step.action} leads on from {wanted}",
            hint=f"issuelog next {report.id}",
        )
    allowed = waivable(transition)
    for name in step.waiver.guards:
        if name not in allowed:
            known = ", ".join(allowed) or "none"
            raise UsageError(f"{name} cannot be waived here; what can: {known}")
    if step.waiver.guards and not step.waiver.because.strip():
        raise UsageError("a waiver needs a reason: --because TEXT")
    missing = transition.missing(draft, context, step.waiver.guards)
    if missing:
        facts = "1 fact is" if len(missing) == 1 else f"{len(missing)} facts are"
        raise Refused(f"{report.id} cannot be {transition.target} yet: {facts} missing", missing)


def unmet(report: Report) -> Iterator[tuple[int, str]]:
    """Yield what a report lacks for the transitions since it last came back, each with its event's number.

    Only what lasts is asked for again, and nothing that a policy asks for: policies change.
    """
    last = max((number for number, event in enumerate(report.events) if event.action == "reopen"), default=0)
    if report.state is State.CLOSED and report.closure.resolution is None:
        yield len(report.events) - 1, "closed without a closure"
        return
    for number, event in enumerate(report.events[last:], last):
        if event.from_ is None or event.to is None or event.to is event.from_:
            continue
        rows = [row for row in TRANSITIONS.values() if _may_be(row, event, report)]
        if not rows:
            yield number, f"no command leads from {event.from_} to {event.to}"
        waived = [str(name) for name in event.fact("waived") or ()]
        found = [_lacking(row, report, Context(lenient(), event.at), waived) for row in rows]
        for what in min(found, key=len, default=()):
            yield number, f"{event.to} without {what}"


def _may_be(row: Transition, event: Event, report: Report) -> bool:
    """Whether an event may record this transition."""
    if event.from_ not in row.sources or event.to is not row.target:
        return False
    ending = report.closure.resolution or Resolution.FIXED
    if event.fact("resolution") not in (None, ending):
        return False
    return row.target is not State.CLOSED or row.name == (
        "close" if ending is Resolution.FIXED else f"close --as {ending}"
    )


def _lacking(row: Transition, report: Report, context: Context, waived: Sequence[str]) -> list[str]:
    return [
        f"{guard.name}: {fact.what}"
        for guard in row.guards
        if guard.lasting and guard.name not in waived
        for fact in guard.missing(report, context)
    ]


@dataclass(frozen=True)
class Next:
    """The one next command, and why."""

    command: str
    why: str


def next_step(report: Report, policy: Policy, context: Context | None = None) -> Next:
    """Return the one command that takes the report on."""
    if report.state is State.CLOSED:
        still = [action for action in report.rca.actions if action.status == "open"]
        if still:
            return Next(
                f"issuelog actions done {report.id} {still[0].id} --evidence TEXT",
                f"action {still[0].id} is open",
            )
        return Next(f"issuelog show {report.id}", "it is closed; nothing is left to do")
    reason = untold_return(report) if report.state is State.ACKNOWLEDGED else None
    if reason:
        told = _TOLD_OF_RETURN.get(reason, "--confirmed TEXT --checking TEXT")
        return Next(f"issuelog update {report.id} {told}", "the customer has not heard that it is open again")
    by_precedent = report.state is State.ACKNOWLEDGED and g.worked(report)
    transition = TRANSITIONS["resolve by precedent" if by_precedent else _MAIN_PATH[report.state]]
    context = context or Context(policy, report.events[-1].at)
    missing = transition.missing(report, context)
    if missing:
        others = sum(fact.guard == missing[0].guard for fact in missing) - 1
        return Next(missing[0].command, missing[0].what + (f"; then {others} more" if others else ""))
    return Next(
        f"issuelog {transition.command.replace('ID', report.id, 1)}",
        f"everything is there to be {transition.target}",
    )
