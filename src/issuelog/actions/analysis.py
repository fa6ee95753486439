"""The root cause analysis: why it happened, why it escaped, and what keeps it from coming back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from issuelog.actions.build import build, fill
from issuelog.errors import Missing, NotFound, Refused, UsageError
from issuelog.model import rca
from issuelog.model.guards import aimed
from issuelog.model.identifier import next_item_id
from issuelog.model.rca.rules import SEARCHED_DAYS
from issuelog.model.report import (
    Action,
    Cause,
    EffectCheck,
    EndKind,
    Factor,
    NotDone,
    Rca,
    Recurrence,
    Report,
    State,
    Why,
)
from issuelog.model.step import Facts, Moment, Step
from issuelog.model.times import shifted


def start(
    *,
    owner: str | None = None,
    due: datetime | None = None,
    summary: str | None = None,
    spread: str | None = None,
    customer_summary: str | None = None,
) -> Step:
    """Begin the analysis; takes a resolved report on to `rca`."""

    def edit(draft: Report, moment: Moment) -> Facts:
        draft.rca.status = "draft"
        draft.rca.owner = owner or draft.rca.owner or draft.owner or moment.by
        draft.rca.due_at = due or draft.rca.due_at
        draft.rca.summary = summary or draft.rca.summary
        draft.rca.spread = spread or draft.rca.spread
        draft.rca.customer_summary = customer_summary or draft.rca.customer_summary
        return {"owner": draft.rca.owner}

    return Step("rca start", edit, lambda _: "rca start")


def begun(draft: Report) -> Rca:
    """Return a report's analysis, a draft again where it was accepted; raises Refused where none was begun."""
    if draft.rca.status is None:
        raise Refused(
            f"{draft.id} has no root cause analysis yet",
            [Missing("rca_started", "an analysis that was begun", f"issuelog rca start {draft.id}")],
        )
    if draft.rca.status == "accepted" and draft.state is not State.CLOSED:
        draft.rca.status = "draft"
    return draft.rca


def why(
    kind: str,
    *,
    text: str | None = None,
    evidence: str | None = None,
    ends_in: str | None = None,
    missing_level: str | None = None,
) -> Step:
    """Ask why once more of the occurrence or the escape; `ends_in` says what part of the system the last why names.

    `missing_level` is the level of test that would have kept an escape in.
    """
    if not text and not ends_in and not missing_level:
        raise UsageError("give --why TEXT, --ends-in KIND or --missing-level LEVEL, or several of them")
    if missing_level and kind != "escape":
        raise UsageError("--missing-level says what would have caught it, so it goes with --cause escape")

    def edit(draft: Report, _: Moment) -> Facts:
        analysis = begun(draft)
        cause = next((known for known in analysis.causes if known.kind == kind), None)
        if cause is None:
            cause = build(Cause, id=next_item_id("C", [known.id for known in analysis.causes]), kind=kind)
            analysis.causes.append(cause)
        facts: Facts = {"cause": cause.id}
        if text:
            step = build(
                Why,
                id=next_item_id("W", [known.id or "" for known in cause.whys]),
                why=text,
                evidence=evidence,
            )
            cause.whys.append(step)
            facts["why"] = step.id
        if ends_in:
            if ends_in not in set(EndKind):
                raise UsageError(f"--ends-in is {ends_in!r}; it has to be one of {', '.join(EndKind)}")
            cause.end_kind = EndKind(ends_in)
        if missing_level:
            cause.missing_level = missing_level
        return facts

    return Step("rca why", edit)


def factor(text: str) -> Step:
    """Record something that contributed without being a cause."""

    def edit(draft: Report, _: Moment) -> Facts:
        analysis = begun(draft)
        new = build(Factor, id=next_item_id("F", [known.id for known in analysis.factors]), text=text)
        analysis.factors.append(new)
        return {"factor": new.id}

    return Step("rca factor", edit)


def action(
    text: str,
    *,
    kind: str,
    strength: str,
    cause: str | None = None,
    owner: str | None = None,
    due: datetime | None = None,
    measure: str | None = None,
) -> Step:
    """Plan a measure: who, until when, and how we will know that it works."""

    def edit(draft: Report, _: Moment) -> Facts:
        analysis = begun(draft)
        new = build(
            Action,
            id=next_item_id("A", [known.id for known in analysis.actions]),
            text=text,
            kind=kind,
            strength=strength,
            cause=_cause_of(draft, cause),
            owner=owner,
            due_at=due,
            measure=measure,
        )
        analysis.actions.append(new)
        return {"rca_action": new.id}

    return Step("rca action", edit)


def tell(*, summary: str | None = None, spread: str | None = None, customer_summary: str | None = None) -> Step:
    """Say in short what happened, where else it could happen, and what the customer may read of it."""
    given = {"summary": summary, "spread": spread, "customer_summary": customer_summary}
    told = {name: text for name, text in given.items() if text}
    if not told:
        raise UsageError("give --summary TEXT, --spread TEXT or --customer-summary TEXT, or several of them")

    def edit(draft: Report, _: Moment) -> Facts:
        draft.rca = fill(begun(draft), **told)
        return {"fields": [f"rca.{name}" for name in told]}

    return Step("rca tell", edit)


def detect(*, how: str | None = None, should_have: str | None = None, gap: timedelta | None = None) -> Step:
    """Say how the error was noticed, what should have noticed it, and how much later that was."""
    minutes = None if gap is None else max(0, int(gap.total_seconds() // 60))
    if not (how or should_have) and minutes is None:
        raise UsageError("give --how TEXT, --should-have TEXT or --gap TIME, or several of them")

    def edit(draft: Report, _: Moment) -> Facts:
        analysis = begun(draft)
        analysis.detection = fill(analysis.detection, how=how, should_have=should_have, gap_minutes=minutes)
        return {"fields": ["rca.detection"]}

    return Step("rca detect", edit)


def walk(found: Mapping[str, str], stages: Sequence[str]) -> Step:
    """Say for stages of the process what there let the error pass, or none."""
    known = {stage.casefold(): stage for stage in stages}
    for stage, finding in found.items():
        if stage.casefold() not in known:
            raise UsageError(f"there is no stage {stage!r}; there are: {', '.join(stages)}")
        if not finding.strip():
            raise UsageError(f"{stage}: say what there let it pass, or none")

    def edit(draft: Report, _: Moment) -> Facts:
        walked = begun(draft).process_walk
        told = {**walked, **{known[stage.casefold()]: finding for stage, finding in found.items()}}
        order = [stage for stage in stages if stage in told]
        draft.rca.process_walk = {name: told[name] for name in [*order, *(one for one in told if one not in order)]}
        return {"stages": sorted(found)}

    return Step("rca walk", edit)


def not_done(what: str, *, because: str, cause: str | None = None) -> Step:
    """Record a measure that was considered and decided against."""

    def edit(draft: Report, _: Moment) -> Facts:
        analysis = begun(draft)
        new = build(
            NotDone,
            id=next_item_id("N", [known.id or "" for known in analysis.not_done]),
            what=what,
            why=because,
            cause=_cause_of(draft, cause),
        )
        analysis.not_done.append(new)
        return {"not_done": new.id}

    return Step("rca not-done", edit)


def _cause_of(draft: Report, cause: str | None) -> str | None:
    """Return a cause's id as the report has it; raises NotFound."""
    if cause is None:
        return None
    known = [one.id for one in draft.rca.causes]
    if cause.upper() not in known:
        raise NotFound(f"{draft.id} has no cause {cause!r}; there are: {', '.join(known) or 'none'}")
    return cause.upper()


Search = Callable[[Report, datetime], Sequence[str]]
"""Returns what was the same before, since a time."""


def recurrence(search: Search, *, conclusion: str | None = None) -> Step:
    """Search two years of reports and known errors for the same error, and say what follows from it."""

    def edit(draft: Report, moment: Moment) -> Facts:
        known = begun(draft).recurrence
        since = shifted(moment.at, -SEARCHED_DAYS)
        matches = list(search(draft, since))
        draft.rca.recurrence = Recurrence(
            searched_at=moment.at, since=since, matches=matches, conclusion=conclusion or known.conclusion
        )
        return {"matches": matches}

    return Step("rca recurrence", edit)


Check = Callable[[Report], Sequence[rca.Finding]]
"""Returns all that stands between an analysis and its acceptance."""


def accept(reviewer: str, check: Check) -> Step:
    """Accept the analysis: `check` finds nothing, and somebody has read it who does not own it."""

    def edit(draft: Report, moment: Moment) -> Facts:
        analysis = begun(draft)
        analysis.reviewer = reviewer
        missing = [
            Missing(finding.rule, finding.what, f"issuelog {aimed(finding.command, draft.id)}")
            for finding in check(draft)
        ]
        if missing:
            raise Refused(f"the analysis of {draft.id} cannot be accepted yet", missing)
        analysis.status = "accepted"
        analysis.accepted_at = moment.at
        return {"reviewer": reviewer}

    return Step("rca accept", edit)


def settle(item: str, status: str, *, text: str) -> Step:
    """End an action: `done`, with evidence that it works, or `dropped`, with the reason."""
    if not text.strip():
        raise UsageError("--evidence is empty: what shows that it works?" if status == "done" else "--because is empty")

    def edit(draft: Report, moment: Moment) -> Facts:
        found = _action_of(draft, item)
        if found.status != "open":
            raise Refused(
                f"action {found.id} of {draft.id} is {found.status} already",
                hint=f"issuelog actions reopen {draft.id} {found.id} --because TEXT",
            )
        found.status = "done" if status == "done" else "dropped"
        found.evidence = text
        found.closed_at = moment.at
        return {"rca_action": found.id, "status": status}

    return Step(f"actions {'done' if status == 'done' else 'drop'}", edit)


def resume(item: str, *, because: str) -> Step:
    """Take an action up again that was done and did not hold, or that was dropped."""

    def edit(draft: Report, _: Moment) -> Facts:
        found = _action_of(draft, item)
        if found.status == "open":
            raise Refused(f"action {found.id} of {draft.id} is open")
        was = found.status
        found.status, found.evidence, found.closed_at = "open", None, None
        return {"rca_action": found.id, "status": "open", "was": was, "because": because}

    return Step("actions reopen", edit)


def check(item: str, result: str, *, evidence: str) -> Step:
    """Record whether an action that was done has held: whether the error stayed away."""
    if not evidence.strip():
        raise UsageError("--evidence is empty: what shows that it held, or not?")

    def edit(draft: Report, moment: Moment) -> Facts:
        found = _action_of(draft, item)
        if found.status != "done":
            raise Refused(
                f"action {found.id} of {draft.id} is {found.status}; only what is done can hold",
                [
                    Missing(
                        "action_done",
                        f"action {found.id} is not done",
                        f"issuelog actions done {draft.id} {found.id} --evidence TEXT",
                    )
                ],
            )
        new = build(
            EffectCheck,
            id=next_item_id("K", [known.id for known in found.checks]),
            at=moment.at,
            by=moment.by,
            result=result,
            evidence=evidence,
        )
        found.checks.append(new)
        return {"rca_action": found.id, "result": result}

    return Step("actions check", edit)


def _action_of(draft: Report, item: str) -> Action:
    found = next((known for known in draft.rca.actions if known.id == item.upper()), None)
    if found is None:
        names = ", ".join(known.id for known in draft.rca.actions) or "none"
        raise NotFound(f"{draft.id} has no action {item!r}; there are: {names}")
    return found
