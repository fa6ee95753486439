"""What the past had to offer: taking over a cause, recording whether a solution worked, and what is not the same."""

from __future__ import annotations

from issuelog.actions.build import build, fill
from issuelog.errors import Refused, UsageError
from issuelog.model.history import DONE, is_fresh
from issuelog.model.identifier import next_item_id
from issuelog.model.report import Hypothesis, Rejected, Report, State, Tried
from issuelog.model.step import Facts, Moment, Step


def begin(ref: str, cause: str, *, test: str | None = None) -> Step:
    """Take over the cause of an earlier error as an open hypothesis, until its solution has been tried."""

    def edit(draft: Report, moment: Moment) -> Facts | None:
        _require_open(draft, ref)
        if any(known.source == ref and known.result == "open" for known in draft.hypotheses):
            return None
        new = next_item_id("H", [known.id for known in draft.hypotheses])
        made = build(Hypothesis, id=new, text=cause, test=test, source=ref, at=moment.at, by=moment.by)
        draft.hypotheses.append(made)
        return {"hypothesis": new, "ref": ref}

    return Step("apply start", edit)


def applied(ref: str, outcome: str, *, note: str | None = None) -> Step:
    """Record whether an earlier solution worked. Where it failed, what was taken over from it is rejected.

    The same outcome once more changes nothing, unless a note says something new.
    """

    def edit(draft: Report, moment: Moment) -> Facts | None:
        _require_open(draft, ref)
        before = last_tried(draft, ref)
        if before and before.outcome == outcome and note in {None, before.note}:
            return None
        new = next_item_id("P", [known.id for known in draft.precedents.tried])
        draft.precedents.tried.append(build(Tried, id=new, ref=ref, outcome=outcome, at=moment.at, note=note))
        draft.precedents.searched_at = moment.at
        fallen = _reject_inherited(draft, ref, moment) if outcome == "failed" else []
        return {"precedent": new, "ref": ref, "outcome": outcome, **({"rejected": fallen} if fallen else {})}

    return Step("apply", edit)


def reject(ref: str, note: str | None = None) -> Step:
    """Record that an earlier error looks like this one and is not the same."""

    def edit(draft: Report, moment: Moment) -> Facts | None:
        require_other(draft.id, ref)
        before = [known for known in draft.precedents.rejected if known.ref == ref]
        if before and note in {None, before[-1].note}:
            return None
        new = next_item_id("N", [known.id for known in draft.precedents.rejected])
        draft.precedents.rejected.append(build(Rejected, id=new, ref=ref, at=moment.at, by=moment.by, note=note))
        draft.precedents.searched_at = moment.at
        return {"not_same": new, "ref": ref}

    return Step("precedent reject", edit)


def last_tried(report: Report, ref: str) -> Tried | None:
    """Return what became of an earlier solution at last, since the report came back."""
    tried = [known for known in report.precedents.tried if known.ref == ref and is_fresh(report, known.at)]
    return sorted(tried, key=lambda known: known.at)[-1] if tried else None


def _reject_inherited(draft: Report, ref: str, moment: Moment) -> list[str]:
    """Reject what was taken over from a precedent and nobody has judged since; return its ids."""
    fallen = [known for known in draft.hypotheses if known.source == ref and known.result == "open"]
    for known in fallen:
        draft.hypotheses[draft.hypotheses.index(known)] = fill(known, result="rejected", at=moment.at, by=moment.by)
    return [known.id for known in fallen]


def require_other(report: str, ref: str) -> None:
    """Raise UsageError where what was named as an earlier one is the report itself."""
    if ref == report:
        raise UsageError(f"{ref} is this report, and no precedent of itself")


def _require_open(draft: Report, ref: str) -> None:
    """Raise Refused where the report is done: it has to come back before another solution is tried."""
    require_other(draft.id, ref)
    if draft.state in DONE:
        reason = "not_fixed" if draft.state is not State.CLOSED else "new_information"
        raise Refused(
            f"{draft.id} is {draft.state}: nothing is left to apply to it",
            hint=f"issuelog reopen {draft.id} --reason {reason} --evidence TEXT   takes it up again",
        )
