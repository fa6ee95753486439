"""`diagnose --bisect`: from two revisions and a command to the commit that is recorded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from issuelog.cli import experimenting as shared
from issuelog.cli.progress import Progress
from issuelog.cli.results import Changes, Document
from issuelog.cli.session import Session
from issuelog.cli.trying import Trying
from issuelog.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from issuelog.actions.experiments import Kept
    from issuelog.experiment.bisecting import Search
    from issuelog.model.step import Step
    from issuelog.vcs.revisions import Commit


def bisected(
    session: Session, given: str, trying: Trying, span: str, confidence: float, also: Step | None, version: str | None
) -> Changes | Document:
    """Search the commit that brought the error in, show how far it is, and record it."""
    from issuelog.actions.experiments import FirstBad, first_bad
    from issuelog.experiment import evidence
    from issuelog.experiment.bisecting import Bisection

    report = shared.one_report(session, given)
    plan = shared.Plan.of(session, trying)
    revisions = plan.revisions
    names = span.split("..")
    if len(names) != 2 or not all(name.strip() and not name.startswith(".") for name in names):
        raise UsageError(f"--bisect is {span!r}; write it as GOOD..BAD, the revision without the error first")
    good, bad = map(revisions.commit, names)
    if session.dry_run:
        lines = [f"good        {good.sha} {good.subject}", f"bad         {bad.sha} {bad.subject}"]
        lines.append(f"commits     {len(revisions.between([good.sha], bad.sha)):,}")
        return shared.planned(plan, lines, good=good.sha, bad=bad.sha, confidence=confidence)
    head = evidence.kept("run", "-\n", partial=False)
    rehearsal = FirstBad(bad.sha, bad.author, bad.subject, None, 1, 1)
    shared.rehearsed(session, report.id, first_bad(rehearsal, output=head, diagnosis=also))
    with plan.experiment(session, bad) as experiment, Progress(session.output, "bisect: runs") as progress:
        search = Bisection(
            revisions,
            experiment,
            confidence,
            plan.repeat,
            tell=lambda step: session.output.say(
                f"{step.word:8}{step.commit.short}  {shared.visibly(step.commit.subject)}  ({step.words})"
            ),
            tick=progress.step,
        ).run(good, bad)
    environment = {"version": f"{names[0]}..{names[1]}", "os": evidence.system()}
    text = evidence.of_search(evidence.head(experiment, environment), search, confidence)
    found, output = search.first_bad, evidence.kept("bisect", text, partial=True)
    if not found:
        return _undecided(session, report.id, search, output)
    release = None if version else revisions.first_release(found.sha)
    step = first_bad(
        FirstBad(found.sha, found.author, found.subject, release, len(search.steps), search.needed),
        output=output,
        diagnosis=also,
    )
    done = shared.recorded(session, report.id, step, [output])
    facts = {**_data(search), "introduced_in": version or release, "artifact": output.name}
    words = [
        evidence.said_of_runs(search, confidence),
        f"the first commit with the error: {found.short} {found.subject}",
        f"  by {found.author}, {found.at}" + (f"; first released in {release}" if release else ""),
    ]
    return shared.Tried(done.changes, runs=facts, words=words)


@dataclass
class Narrowed(shared.Tried):
    """The commits that it may be."""

    left: Sequence[Commit] = ()

    @property
    def plain(self) -> bool:
        """The commits are for the eye as they are for a pipe."""
        return True

    def piped(self) -> Iterator[str]:
        """Yield the commits, the oldest first."""
        for commit in self.left:
            yield f"{commit.sha}  {shared.visibly(commit.subject)}\n"

    quiet = piped


def _undecided(session: Session, report: str, search: Search, output: Kept) -> Narrowed:
    """Say which commits it may be. How the search went is kept; none is recorded: it would be taken for a fact."""
    from issuelog.actions.experiments import narrowed

    step = narrowed([commit.sha for commit in search.left], steps=len(search.steps), output=output)
    done = shared.recorded(session, report, step, [output])
    words = [
        f"the first commit with the error is one of these {len(search.left)}: "
        "not all of them could be tried (exit code 125)",
        f"{output.name} is attached, and no commit recorded; let the command work at these too, "
        "or name closer revisions: --bisect GOOD..BAD",
    ]
    facts = {**_data(search), "introduced_in": None, "artifact": output.name}
    return Narrowed(done.changes, code=ExitCode.NO, runs=facts, words=words, left=search.left)


def _data(search: Search) -> dict[str, object]:
    found = search.first_bad
    return {
        "first_bad_commit": found.sha if found else None,
        "author": found.author if found else None,
        "subject": found.subject if found else None,
        "candidates": [commit.sha for commit in search.left],
        "runs_for_good": search.needed,
        "steps": [
            {"commit": step.commit.sha, "is": step.word, "runs": step.tally.runs, "hits": step.tally.hits}
            for step in search.steps
        ],
    }
