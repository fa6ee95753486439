"""The root cause analysis: why it happened, why it escaped, and what keeps it from coming back."""

from __future__ import annotations

from datetime import datetime

from issuelog.actions.build import build
from issuelog.errors import Missing, NotFound, Refused, UsageError
from issuelog.model import rca
from issuelog.model.guards import aimed
from issuelog.model.identifier import next_item_id
from issuelog.model.report import Action, Cause, EndKind, Factor, Rca, Report, State, Why
from issuelog.model.step import Facts, Moment, Step


def start(*, owner: str | None = None, due: datetime | None = None, summary: str | None = None) -> Step:
    """Begin the analysis; takes a resolved report on to `rca`."""

    def edit(draft: Report, moment: Moment) -> Facts:
        draft.rca.status = "draft"
        draft.rca.owner = owner or draft.rca.owner or draft.owner or moment.by
        draft.rca.due_at = due or draft.rca.due_at
        draft.rca.summary = summary or draft.rca.summary
        return {"owner": draft.rca.owner}

    return Step("rca start", edit, lambda _: "rca start")


def _begun(draft: Report) -> Rca:
    if draft.rca.status is None:
        raise Refused(
            f"{draft.id} has no root cause analysis yet",
            [Missing("rca_started", "an analysis that was begun", f"issuelog rca start {draft.id}")],
        )
    if draft.rca.status == "accepted" and draft.state is not State.CLOSED:
        draft.rca.status = "draft"
    return draft.rca


def why(kind: str, *, text: str | None = None, evidence: str | None = None, ends_in: str | None = None) -> Step:
    """Ask why once more of the occurrence or the escape; `ends_in` says what part of the system the last why names."""
    if not text and not ends_in:
        raise UsageError("give --why TEXT, or --ends-in KIND, or both")

    def edit(draft: Report, _: Moment) -> Facts:
        analysis = _begun(draft)
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
        return facts

    return Step("rca why", edit)


def factor(text: str) -> Step:
    """Record something that contributed without being a cause."""

    def edit(draft: Report, _: Moment) -> Facts:
        analysis = _begun(draft)
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
        analysis = _begun(draft)
        new = build(
            Action,
            id=next_item_id("A", [known.id for known in analysis.actions]),
            text=text,
            kind=kind,
            strength=strength,
            cause=cause,
            owner=owner,
            due_at=due,
            measure=measure,
        )
        analysis.actions.append(new)
        return {"rca_action": new.id}

    return Step("rca action", edit)


def accept(reviewer: str) -> Step:
    """Accept the analysis: complete by every rule, and read by somebody who does not own it."""

    def edit(draft: Report, moment: Moment) -> Facts:
        analysis = _begun(draft)
        missing = [
            Missing(finding.rule, finding.what, f"issuelog {aimed(finding.command, draft.id)}")
            for finding in rca.findings(analysis)
        ]
        if reviewer == analysis.owner:
            missing.append(
                Missing(
                    "reviewer",
                    "a reviewer who is not the owner",
                    f"issuelog rca accept {draft.id} --reviewer SOMEBODY_ELSE",
                )
            )
        if missing:
            raise Refused(f"the analysis of {draft.id} cannot be accepted yet", missing)
        analysis.status = "accepted"
        analysis.reviewer = reviewer
        analysis.accepted_at = moment.at
        return {"reviewer": reviewer}

    return Step("rca accept", edit)


def settle(item: str, status: str, *, text: str) -> Step:
    """End an action: `done`, with evidence that it works, or `dropped`, with the reason."""

    def edit(draft: Report, moment: Moment) -> Facts:
        found = next((known for known in draft.rca.actions if known.id == item.upper()), None)
        if found is None:
            names = ", ".join(known.id for known in draft.rca.actions) or "none"
            raise NotFound(f"{draft.id} has no action {item!r}; there are: {names}")
        if found.status != "open":
            raise Refused(f"action {found.id} of {draft.id} is {found.status} already")
        found.status = "done" if status == "done" else "dropped"
        found.evidence = text
        found.closed_at = moment.at
        return {"rca_action": found.id, "status": status}

    return Step(f"actions {'done' if status == 'done' else 'drop'}", edit)
