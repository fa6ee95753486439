"""The engineers' part: triage, hypotheses, attempts, diagnosis, escalation, fix, tests, deployment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from issuelog.actions.build import build, fill
from issuelog.errors import Missing, NotFound, Refused, UsageError
from issuelog.model.guards import TRIAL_PLACES
from issuelog.model.history import fresh_since
from issuelog.model.identifier import next_item_id
from issuelog.model.report import (
    Attempt,
    Deployment,
    Escalation,
    Hypothesis,
    Report,
    Severity,
    State,
    Test,
    Workaround,
)
from issuelog.model.step import Facts, Moment, Step, Waiver
from issuelog.model.times import iso

if TYPE_CHECKING:
    from issuelog.customer.voice import Voice, Words

_NEARLY = 0.85
"""So much of a name has to be that of another for it to be taken for a slip."""


def triage(
    *,
    severity: str | None = None,
    because: str | None = None,
    users: int | None = None,
    accounts: int | None = None,
    component: str | None = None,
    owner: str | None = None,
    data_loss: str | None = None,
    security: str | None = None,
) -> Step:
    """Say how much the error hurts, whom, and who takes it. A change of severity needs a reason."""

    if severity and severity not in set(Severity):
        raise UsageError(f"--severity is {severity!r}; it has to be one of {', '.join(Severity)}")

    def edit(draft: Report, _: Moment) -> Facts | None:
        before = draft.model_copy(deep=True)
        facts: Facts = {}
        if severity:
            if severity != draft.severity and not because:
                raise UsageError("a change of severity needs a reason: --because TEXT")
            facts = (
                {"severity_from": draft.severity.value, "severity_to": severity} if severity != draft.severity else {}
            )
            draft.severity = Severity(severity)
        draft.severity_reason = because or draft.severity_reason
        draft.component = component or draft.component
        draft.owner = owner or draft.owner
        draft.impact = fill(draft.impact, users=users, accounts=accounts, data_loss=data_loss, security=security)
        return facts if draft != before else None

    return Step("triage", edit)


def hypothesis_add(text: str, *, test: str | None = None) -> Step:
    """Record a supposed cause, and how it could be tested."""

    def edit(draft: Report, moment: Moment) -> Facts:
        new = next_item_id("H", [known.id for known in draft.hypotheses])
        draft.hypotheses.append(build(Hypothesis, id=new, text=text, test=test, at=moment.at, by=moment.by))
        return {"hypothesis": new}

    return Step("hypothesis add", edit)


def hypothesis_judge(hypothesis: str, result: str) -> Step:
    """Record that a hypothesis turned out true (`confirmed`) or not (`rejected`)."""

    def edit(draft: Report, moment: Moment) -> Facts:
        found = next((known for known in draft.hypotheses if known.id == hypothesis.upper()), None)
        if found is None:
            names = ", ".join(known.id for known in draft.hypotheses) or "none"
            raise NotFound(f"{draft.id} has no hypothesis {hypothesis!r}; there are: {names}")
        judged = fill(found, result=result, at=moment.at, by=moment.by)
        draft.hypotheses[draft.hypotheses.index(found)] = judged
        return {"hypothesis": found.id, "result": result}

    return Step(f"hypothesis {'confirm' if result == 'confirmed' else 'reject'}", edit)


def reproduce(
    *,
    runs: int,
    hits: int,
    place: str,
    env: Mapping[str, str],
    command: str | None = None,
    note: str | None = None,
    waiver: Waiver = Waiver(),
) -> Step:
    """Record an attempt. One in which the error showed takes an acknowledged report on to `reproduced`."""
    if runs < 1:
        raise UsageError("--runs has to be 1 or more")
    if not 0 <= hits <= runs:
        raise UsageError(f"--hits has to lie between 0 and the number of runs ({runs})")

    def edit(draft: Report, moment: Moment) -> Facts:
        environment = dict(env) or _environment_of(draft)
        if not environment:
            raise UsageError("where did it run? --env KEY=VALUE, e.g. --env version=8.10")
        attempt = build(
            Attempt,
            id=next_item_id("R", [known.id for known in draft.attempts]),
            at=moment.at,
            by=moment.by,
            place=place,
            environment=environment,
            runs=runs,
            hits=hits,
            outcome="not_reproduced" if not hits else "reproduced" if hits == runs else "intermittent",
            command=command,
            note=note,
        )
        draft.attempts.append(attempt)
        return {"attempt": attempt.id, "outcome": attempt.outcome}

    def choose(draft: Report) -> str | None:
        return "reproduce" if draft.attempts[-1].hits and draft.state is State.ACKNOWLEDGED else None

    return Step("reproduce", edit, choose, waiver=waiver)


def _environment_of(draft: Report) -> dict[str, str]:
    """Without a word on it, an attempt ran with the version that the customer uses."""
    version = draft.intake.environment.version
    return {"version": version} if version else {}


def diagnose(
    *,
    cause: str | None = None,
    kind: str | None = None,
    confidence: str | None = None,
    introduced_in: str | None = None,
    affected: str | None = None,
) -> Step:
    """Say why the error happens. Further details of the same cause do not make the diagnosis a later one."""

    def edit(draft: Report, moment: Moment) -> Facts:
        before, since = draft.diagnosis, fresh_since(draft)
        same = (cause or before.cause, kind or before.kind) == (before.cause, before.kind)
        holds = before.at if same and before.at and (since is None or before.at >= since) else None
        draft.diagnosis = fill(
            before,
            cause=cause,
            kind=kind,
            confidence=confidence,
            introduced_in=introduced_in,
            affected_versions=affected,
            at=holds or moment.at,
        )
        return {"kind": str(draft.diagnosis.kind)} if draft.diagnosis.kind else {}

    return Step("diagnose", edit)


def workaround(voice: Voice, text: str, *, limits: str | None = None, words: Words) -> Step:
    """Record how the customer can go on, and tell the customer."""

    def edit(draft: Report, moment: Moment) -> Facts:
        draft.workaround = build(Workaround, text=text, offered_at=moment.at)
        return {"message": voice.say(draft, moment, "workaround", words.knowing(steps=text, limits=limits)).id}

    return Step("workaround", edit)


def escalate(*, to: str, party: str, reason: str, tried: Sequence[str], due: datetime) -> Step:
    """Call in help: whom, why, what was tried so far, and until when."""

    def edit(draft: Report, moment: Moment) -> Facts:
        if draft.state is State.CLOSED:
            command = f"issuelog reopen {draft.id} --reason new_information --evidence TEXT"
            raise Refused(f"{draft.id} is closed: nobody works on it", [Missing("open", "an open report", command)])
        if due <= moment.at:
            raise UsageError(f"--due is {iso(due)}, which is past", hint="--due 2d   or a time to come")
        new = build(
            Escalation,
            id=next_item_id("E", [known.id for known in draft.escalations]),
            to=to,
            party=party,
            reason=reason,
            tried_so_far=list(tried),
            due_at=due,
            opened_at=moment.at,
        )
        draft.escalations.append(new)
        if to == "vendor":
            draft.waiting_on = "vendor"
        return {"escalation": new.id, "party": party}

    return Step("escalate", edit)


def escalate_back(*, outcome: str, escalation: str | None = None) -> Step:
    """Record what the help that was called in found out. Where several are open it has to be named."""

    def edit(draft: Report, moment: Moment) -> Facts:
        open_ones = [known for known in draft.escalations if known.closed_at is None]
        wanted = [known for known in open_ones if escalation is None or known.id == escalation.upper()]
        if not wanted:
            names = ", ".join(known.id for known in open_ones) or "none"
            raise NotFound(f"{draft.id} has no such open escalation; open: {names}")
        if len(wanted) > 1:
            names = ", ".join(f"{known.id} {known.party}" for known in wanted)
            raise NotFound(f"{draft.id} has several open escalations: {names}", hint=f"--which {wanted[0].id}")
        found = wanted[0]
        found.closed_at = moment.at
        found.outcome = outcome
        if draft.waiting_on == "vendor" and not any(known is not found and known.to == "vendor" for known in open_ones):
            draft.waiting_on = None
        return {"escalation": found.id}

    return Step("escalate back", edit)


def fix(
    *,
    kind: str | None = None,
    summary: str | None = None,
    refs: Sequence[str] = (),
    rollback: str | None = None,
    fixed_in: str | None = None,
) -> Step:
    """Say what was changed, where to see it, and how to get back."""

    def edit(draft: Report, moment: Moment) -> Facts | None:
        before = draft.fix
        fresh = [ref for ref in dict.fromkeys(refs) if ref not in before.refs]
        kept = [ref for ref in before.refs if not _is_beginning(ref, fresh)]
        draft.fix = fill(
            before,
            kind=kind,
            summary=summary,
            refs=[*kept, *fresh],
            rollback=rollback,
            fixed_in=fixed_in,
            at=moment.at if kind or summary or refs else None,
        )
        return {"refs": fresh} if fresh else None

    return Step("fix", edit)


def _is_beginning(ref: str, refs: Sequence[str]) -> bool:
    """Whether a commit is among `refs` in full that was recorded by the beginning of its id."""
    return ref.startswith("git:") and any(one.startswith(ref) for one in refs)


def test(*, mode: str, level: str, scenario: str, result: str, ref: str | None = None) -> Step:
    """Record a test of the fix."""

    def edit(draft: Report, moment: Moment) -> Facts:
        new = build(
            Test,
            id=next_item_id("T", [known.id for known in draft.fix.tests]),
            level=level,
            mode=mode,
            scenario=scenario,
            result=result,
            ref=ref,
            at=moment.at,
            by=moment.by,
        )
        draft.fix.tests.append(new)
        return {"test": new.id, "result": result}

    return Step("test", edit)


def deploy(*, version: str, place: str) -> Step:
    """Record that a version with the fix runs somewhere; the first in production is `fixed_in` unless that is known.

    Any place is one where customers are, but for those of trials: raises UsageError for what is nearly one of these.
    """
    from difflib import get_close_matches

    known = {one.value for one in TRIAL_PLACES}
    near = get_close_matches(place.strip().casefold(), known, n=1, cutoff=_NEARLY)
    if near and place not in known:
        raise UsageError(f"--place is {place!r}; did you mean {near[0]}?")

    def edit(draft: Report, moment: Moment) -> Facts:
        new = build(
            Deployment,
            id=next_item_id("D", [known.id for known in draft.fix.deployed]),
            version=version,
            place=place,
            at=moment.at,
        )
        draft.fix.deployed.append(new)
        draft.fix.fixed_in = draft.fix.fixed_in or version
        return {"deployment": new.id}

    return Step("deploy", edit)
