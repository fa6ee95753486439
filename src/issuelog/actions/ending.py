"""How a report ends, and how it comes back: resolve, close, duplicate, reopen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from issuelog.actions import work
from issuelog.actions.build import build, fill
from issuelog.errors import Refused, SlotsMissing, UsageError
from issuelog.model.guards import Context
from issuelog.model.history import released_in, sent
from issuelog.model.lifecycle import TRANSITIONS
from issuelog.model.report import Closure, ReopenReason, Report, Resolution, State, Verification
from issuelog.model.step import Facts, Moment, Step, Waiver, to
from issuelog.model.versions import has_fix

if TYPE_CHECKING:
    from issuelog.customer.voice import Voice, Words


@dataclass(frozen=True)
class Solution:
    """What `resolve` may still supply of diagnosis, fix, tests and deployment."""

    cause: str | None = None
    kind: str | None = None
    summary: str | None = None
    refs: Sequence[str] = ()
    rollback: str | None = None
    fixed_in: str | None = None
    tested_automated: str | None = None
    tested_manual: str | None = None
    version: str | None = None
    place: str | None = None

    def steps(self, draft: Report) -> list[Step]:
        """Return the steps that these facts amount to, in the order of the work."""
        steps: list[Step] = []
        if self.cause or (self.kind and not draft.diagnosis.kind):
            steps.append(work.diagnose(cause=self.cause, kind=self.kind))
        if self.kind or self.summary or self.refs or self.rollback or self.fixed_in:
            steps.append(
                work.fix(
                    kind=self.kind,
                    summary=self.summary,
                    refs=self.refs,
                    rollback=self.rollback,
                    fixed_in=self.fixed_in,
                )
            )
        for mode, scenario in (("automated", self.tested_automated), ("manual", self.tested_manual)):
            if scenario:
                steps.append(work.test(mode=mode, level="acceptance", scenario=scenario, result="pass"))
        if self.version:
            steps.append(work.deploy(version=self.version, place=self.place or "production"))
        return steps


def resolve(
    voice: Voice,
    words: Words,
    solution: Solution,
    *,
    without_reproduction: str | None = None,
    carrier: Callable[[Report], str | None] = lambda _: None,
    waiver: Waiver = Waiver(),
) -> Step:
    """Tell the customer that it is done and ask for confirmation; supplies what is missing of the solution.

    `carrier` knows the version that carries the fix by its tag, for a report that names none.
    """

    def edit(draft: Report, moment: Moment) -> Facts:
        for step in solution.steps(draft):
            step.edit(draft, moment)
        facts: Facts = {"without_reproduction": without_reproduction} if without_reproduction else {}
        version = None if released_in(draft) else carrier(draft)
        told = _tell(voice, draft, moment, "resolution", words.knowing(version=version), choose(draft), waiver)
        if told:
            draft.verification = Verification(requested_at=moment.at)
        return facts | told

    def choose(draft: Report) -> str:
        if draft.state is not State.ACKNOWLEDGED:
            return "resolve"
        return "resolve --without-reproduction" if without_reproduction else "resolve by precedent"

    return Step("resolve", edit, choose, waiver=waiver)


def close(
    *,
    known_error: str | None = None,
    note: str | None = None,
    alike: Callable[[Report], Sequence[str]] = lambda _: (),
) -> Step:
    """Close a report that was solved; `alike` finds the reports of the same days that are like it."""

    def edit(draft: Report, moment: Moment) -> Facts:
        draft.links = fill(draft.links, known_error=known_error)
        draft.closure = build(Closure, resolution=Resolution.FIXED, at=moment.at, by=moment.by, note=note)
        return {"resolution": Resolution.FIXED.value}

    return Step("close", edit, to("close"), alike=alike)


def close_as(voice: Voice, words: Words, resolution: Resolution, *, note: str | None = None) -> Step:
    """Close a report that needs no fix, telling the customer why and the way on; spam alone needs no message."""

    def edit(draft: Report, moment: Moment) -> Facts:
        facts: Facts = {"resolution": resolution.value}
        told = resolution is Resolution.SPAM or sent(draft, {resolution.value})
        if words.text or not told:
            facts |= _tell(voice, draft, moment, resolution.value, words, f"close --as {resolution}")
        draft.closure = build(Closure, resolution=resolution, at=moment.at, by=moment.by, note=note)
        draft.waiting_on = None
        return facts

    return Step(f"close --as {resolution}", edit, to(f"close --as {resolution}"))


def _tell(
    voice: Voice, draft: Report, moment: Moment, kind: str, words: Words, transition: str, waiver: Waiver = Waiver()
) -> Facts:
    """Tell the customer; where the report has not all that the template asks for, leave it to the guards to say so.

    Where they ask for nothing but the message, the slots are what is missing: raises SlotsMissing.
    """
    absent = voice.lacks(draft, moment, kind, words)
    if not absent:
        return {"message": voice.say(draft, moment, kind, words).id}
    row = TRANSITIONS[transition]
    missing = row.missing(draft, Context(voice.policy, moment.at), waiver.guards)
    if draft.state in row.sources and {fact.guard for fact in missing} == {"told"}:
        said = f"{draft.id} cannot be {row.target} yet: the {kind} message lacks {', '.join(absent)}"
        raise SlotsMissing(said, missing, kind, absent)
    return {}


def duplicate(voice: Voice, words: Words, target: Report) -> Step:
    """Close a report as the same error as `target`, which must be no duplicate itself."""
    if target.links.duplicate_of:
        raise Refused(
            f"{target.id} is itself a duplicate of {target.links.duplicate_of}",
            hint=f"name the original: --of {target.links.duplicate_of}",
        )

    def edit(draft: Report, moment: Moment) -> Facts:
        if draft.id == target.id:
            raise UsageError("a report is no duplicate of itself")
        draft.links = fill(draft.links, duplicate_of=target.id)
        ending = close_as(voice, words.knowing(workaround=target.workaround.text), Resolution.DUPLICATE)
        return {**(ending.edit(draft, moment) or {}), "duplicate_of": target.id}

    return Step("duplicate", edit, to("close --as duplicate"))


def reopen(*, reason: str, evidence: str, version: str | None = None) -> Step:
    """Take a report up again. What proved the old solution proves nothing for a fix that did not hold."""

    def edit(draft: Report, _: Moment) -> Facts:
        if reason not in set(ReopenReason):
            raise UsageError(f"--reason is {reason!r}; it has to be one of {', '.join(ReopenReason)}")
        if reason == ReopenReason.RECURRED:
            _require_affected(draft, version)
        draft.verification = Verification()
        draft.closure = Closure()
        draft.rca.status = "draft" if draft.rca.status else None
        if reason in {ReopenReason.NOT_FIXED, ReopenReason.RECURRED}:
            draft.fix.fixed_in = None
        if reason == ReopenReason.WRONG_DUPLICATE:
            draft.links.duplicate_of = None
        return {"reason": reason, "evidence": evidence, **({"version": version} if version else {})}

    return Step("reopen", edit, to("reopen"))


def _require_affected(draft: Report, version: str | None) -> None:
    fixed_in = draft.fix.fixed_in
    if not version:
        raise UsageError("in which version did it come back? --affected-version V")
    has_it = has_fix(version, fixed_in) if fixed_in else True
    if has_it is None:
        raise Refused(
            f"whether {version} is older or newer than {fixed_in}, which has the fix, cannot be told",
            hint=f"name the exact version; where {fixed_in} is not the one: issuelog set {draft.id} fix.fixed_in=V",
        )
    if not has_it:
        raise Refused(
            f"{version} is older than {fixed_in}, which has the fix: this is no recurrence",
            hint=f"issuelog update {draft.id} --message TEXT   tells the customer to go to {fixed_in}",
        )
