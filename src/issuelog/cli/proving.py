"""`test --run`: a test that shows the error before the fix, and not after it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from issuelog.cli import experimenting as shared
from issuelog.cli.results import Changes, Document
from issuelog.cli.session import Session
from issuelog.cli.trying import Trying
from issuelog.errors import ExitCode, Refused, UsageError

if TYPE_CHECKING:
    from issuelog.experiment.repeating import Experiment, Series
    from issuelog.model.step import Step
    from issuelog.vcs.revisions import Commit


@dataclass(frozen=True)
class Proving:
    """What was asked besides the command."""

    level: str
    scenario: str | None
    ref: str | None
    at_version: str | None
    fixed_at: str | None
    taking: tuple[str, ...]
    confidence: float | None


def proved(session: Session, given: str, trying: Trying, asked: Proving) -> Changes | Document:
    """Run the command before and after the fix, and record what that shows."""
    from issuelog.actions.experiments import Kept, proof, tested_before

    if asked.fixed_at is None:
        raise UsageError("--fixed-at is missing: the commit with the fix")
    report = shared.one_report(session, given)
    plan, sure = shared.Plan.of(session, trying), shared.certain(asked.confidence)
    before = plan.revisions.commit(asked.at_version or tested_before(report))
    after = plan.revisions.commit(asked.fixed_at)
    if before.sha == after.sha:
        raise UsageError(f"--fixed-at is the commit with the error, {before.short}")
    taken = plan.taken(after, asked.taking)
    if session.dry_run:
        lines = [f"before      {before.sha} {before.subject}", f"after       {after.sha} {after.subject}"]
        lines += [f"with        {shared.visibly(path)}" for path in asked.taking]
        return shared.planned(plan, lines, before=before.sha, after=after.sha, confidence=sure, taken=[*asked.taking])
    prove = partial(
        proof,
        command=plan.command.line,
        before=before.sha,
        after=after.sha,
        level=asked.level,
        scenario=asked.scenario or f"{plan.command.line}   (the error shows at {before.short})",
        ref=asked.ref,
    )
    shared.rehearsed(session, report.id, prove(passed=True, outputs=[Kept("run.log", b"-\n")]))
    with plan.experiment(session, before, taken) as experiment:
        shown = _before(session, experiment, before, plan.repeat, report.id)
        gone = _after(session, experiment, after, shown, sure, report.id)
    return _recorded(session, report.id, experiment, prove, shown, gone)


def _before(session: Session, experiment: Experiment, commit: Commit, repeat: int, report: str) -> Series:
    from issuelog.experiment.judging import Verdict

    shown = shared.running(session, experiment, commit, repeat, f"{report} before")
    _require_told(shown, "--at-version")
    if not shown.tally.hits:
        raise Refused(
            f"the error does not show at {commit.short} ({shown.last_words(Verdict.NOT_SHOWN)}): "
            "a test that passes before the fix proves nothing; nothing was recorded",
            hint="--at-version REV   names another commit with the error; --repeat N   tries more often",
        )
    return shown


def _after(
    session: Session, experiment: Experiment, commit: Commit, shown: Series, confidence: float, report: str
) -> Series:
    from issuelog.experiment.judging import runs_needed

    count = max(shown.tally.runs, runs_needed(shown.tally, confidence))
    gone = shared.running(session, experiment, commit, count, f"{report} after")
    _require_told(gone, "--fixed-at")
    return gone


def _require_told(series: Series, option: str) -> None:
    """Raise Refused where a run said nothing: what it would have shown is not known."""
    from issuelog.experiment.judging import Verdict

    if series.tally.silent:
        said = series.last_words(Verdict.SILENT)
        raise Refused(
            f"the command says nothing at {series.commit.short} ({said}); nothing was recorded",
            hint=f"{option} REV   names another commit",
        )


def _recorded(
    session: Session, report: str, experiment: Experiment, prove: Callable[..., Step], shown: Series, gone: Series
) -> Changes:
    from issuelog.experiment import evidence

    lines = evidence.head(experiment, {"os": evidence.system()})
    outputs = [
        evidence.kept(stem, evidence.of_series(lines, series), partial=evidence.is_partial(series))
        for stem, series in (("before", shown), ("after", gone))
    ]
    passed = not gone.tally.hits
    done = shared.recorded(session, report, prove(passed=passed, outputs=outputs), outputs)
    facts = {
        "result": "pass" if passed else "fail",
        "before": {"revision": shown.commit.sha, **shared.counted(shown.tally)},
        "after": {"revision": gone.commit.sha, **shared.counted(gone.tally)},
        "artifacts": [output.name for output in outputs],
    }
    words = [
        f"before, at {shown.commit.short}: {shown.tally.words}",
        *shared.shown_as(shown),
        f"after, at {gone.commit.short}: {gone.tally.words}",
        "pass: it is gone" if passed else "fail: it still shows, and that was recorded",
    ]
    code = ExitCode.DONE if passed else ExitCode.NO
    return shared.Tried(done.changes, code=code, runs=facts, words=words)
