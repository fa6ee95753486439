"""What `reproduce`, `diagnose` and `test` share where they run a command: their options, and how they record what came.

The command is what a person types. None is ever taken from a report, but for `reproduce --again`, which shows it to
somebody at a terminal and asks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from issuelog.cli.results import Changes, Document
from issuelog.cli.session import Session
from issuelog.cli.trying import DEFAULT_RUNS, DEFAULT_TIMEOUT, MOST_JOBS, Trying
from issuelog.errors import Cancelled, IssuelogError, UsageError

if TYPE_CHECKING:
    from issuelog.actions.experiments import Kept
    from issuelog.experiment.judging import Rule, Tally
    from issuelog.experiment.repeating import Experiment, Series
    from issuelog.experiment.running import Command
    from issuelog.model.report import Attempt, Report
    from issuelog.model.step import Step
    from issuelog.vcs.revisions import Commit, Revisions
    from issuelog.vcs.worktree import Taken


@dataclass(frozen=True)
class Plan:
    """What is to be run: checked, so that nothing of it fails after an hour."""

    command: Command
    rule: Rule
    repeat: int
    jobs: int
    revisions: Revisions

    @classmethod
    def of(cls, session: Session, trying: Trying) -> Plan:
        """Return what the options ask for; raises UsageError."""
        from issuelog.experiment.judging import MOST_RUNS, Rule
        from issuelog.experiment.running import Command

        line = trying.run or ""
        if not line.strip():
            raise UsageError("--run is empty")
        if "\0" in line:
            raise UsageError("--run has a NUL in it")
        repeat = DEFAULT_RUNS if trying.repeat is None else trying.repeat
        if not 1 <= repeat <= MOST_RUNS:
            raise UsageError(f"--repeat has to be between 1 and {MOST_RUNS:,}")
        if not 1 <= trying.jobs <= MOST_JOBS:
            raise UsageError(f"--jobs has to be between 1 and {MOST_JOBS}")
        rule = Rule.of(trying.expect_exit, trying.expect_output)
        command = Command(line, _seconds(trying.timeout or DEFAULT_TIMEOUT), rule.output)
        return cls(command, rule, repeat, trying.jobs, _with_a_product(session))

    def words(self) -> list[str]:
        """Return it as people read it."""
        from issuelog.experiment.judging import says_of_time

        return [
            f"command     {visibly(self.command.line)}",
            f"rule        {self.rule.words}; exit code 125 says nothing",
            f"time        {says_of_time(self.command.timeout)}",
            f"repository  {self.revisions.repository.top}",
        ]

    def data(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "command": self.command.line,
            "rule": self.rule.words,
            "timeout": int(self.command.timeout),
            "repeat": self.repeat,
            "jobs": self.jobs,
            "repository": str(self.revisions.repository.top),
        }

    def taken(self, commit: Commit, paths: Sequence[str]) -> Taken | None:
        """Return files of a commit that are taken along; raises UsageError where it has none of such a name."""
        from issuelog.vcs.worktree import Taken

        for path in paths:
            if not path or not self.revisions.holds(commit.sha, path):
                raise UsageError(f"--with: {commit.short} has no {path!r}; write the path from the top, without ./")
        return Taken(commit.sha, tuple(paths)) if paths else None

    @contextmanager
    def experiment(self, session: Session, commit: Commit, taken: Taken | None = None) -> Iterator[Experiment]:
        """Have the work trees for it, until the end."""
        from issuelog.experiment.repeating import Experiment
        from issuelog.experiment.rooms import rooms
        from issuelog.experiment.running import fault_of

        if fault := fault_of(self.command.line):
            raise UsageError(f"the shell cannot read the command: {fault}")
        repository = self.revisions.repository
        with rooms(repository, self.jobs, commit.sha, session.output.warn) as found:
            yield Experiment(self.command, self.rule, found, taken)


def _seconds(text: str) -> float:
    from issuelog.model.times import parse_duration

    try:
        seconds = parse_duration(text).total_seconds()
    except ValueError as error:
        raise UsageError(f"--timeout: {error}") from None
    if seconds < 1:
        raise UsageError("--timeout has to be 1s or more")
    return seconds


def product(session: Session) -> Revisions:
    """Return the history of the product: the repository that the user's settings name, else that of the tracker."""
    from issuelog.errors import NoTracker
    from issuelog.vcs.repository import Repository
    from issuelog.vcs.revisions import Revisions

    named = session.user.user.product_repo
    if named is None:
        return Revisions(session.tracker.repository)
    origin = session.user.origins["product_repo"]
    try:
        return Revisions(Repository.around(Path(named).expanduser().resolve()))
    except (NoTracker, RuntimeError):
        raise UsageError(
            f"product_repo is {named}, and there is no git repository with a work tree ({origin})"
        ) from None


def _with_a_product(session: Session) -> Revisions:
    """Return the history of the product; raises UsageError where there is a tracker and nothing else.

    A command that finds nothing of what it looks for there would reproduce any error.
    """
    from issuelog.cli.commits import is_there
    from issuelog.vcs.product import Product

    revisions = product(session)
    if not is_there(session, Product(revisions)):
        raise UsageError(
            f"{revisions.repository.top} holds the tracker alone, and no product to run a command in",
            hint=f"product_repo: PATH in {session.user.path}   names the product's repository",
        )
    return revisions


def one_report(session: Session, given: str) -> Report:
    """Return the one report that is meant: what runs for minutes is asked for one by one."""
    if given == "-":
        raise UsageError("a command is run for one report at a time: give its id instead of -")
    return session.tracker.read(given).report


def affected(plan: Plan, report: Report, named: str | None) -> tuple[Commit, str, str]:
    """Return the commit to run at, what its version is called, and why it was chosen."""
    revisions = plan.revisions
    if named is not None:
        return revisions.commit(named), named, "--at-version"
    version = report.intake.environment.version
    if version and (found := revisions.tagged(version)):
        return found, version, "the tag of the customer's version"
    head = revisions.commit("HEAD")
    return head, revisions.described(head.sha), "HEAD: no tag has the customer's version"


def certain(confidence: float | None) -> float:
    """Return how sure it has to be; raises UsageError where nothing can be."""
    found = 0.95 if confidence is None else confidence
    if not 0.5 <= found <= 0.9999:
        raise UsageError("--confidence has to be between 0.5 and 0.9999")
    return found


def visibly(text: str) -> str:
    """Return a command on one line, with nothing in it that would move what a person reads."""
    from issuelog.model.text import visible

    return visible(text).replace("\n", r"\n")


def once_more(trying: Trying, known: Attempt) -> Trying:
    """Return the options as they were recorded, where they are not given anew."""
    new = {"--run": trying.run, "--expect-exit": trying.expect_exit, "--expect-output": trying.expect_output}
    for option, given in new.items():
        if given is not None:
            raise UsageError(f"{option} and --again exclude each other: --again runs what was recorded")
    return replace(
        trying,
        run=known.command,
        timeout=trying.timeout or (f"{known.timeout}s" if known.timeout else None),
        repeat=max(1, known.runs + (known.silent or 0)) if trying.repeat is None else trying.repeat,
        expect_exit=known.expect_exit,
        expect_output=known.expect_output,
    )


def require_yes(session: Session, plan: Plan, lines: Sequence[str], where: str) -> None:
    """Show a command that a report holds, and ask whether it is to be run.

    Raises UsageError where nobody sits at a terminal, and then not even `--yes` helps: whoever can write to the tracker
    could run what they like on the machine. Raises Cancelled at a no.
    """
    if not session.interactive:
        raise UsageError(
            f"the command of {where} is run only after somebody has read it at a terminal",
            hint="issuelog reproduce ID --run CMD   runs what you give it, also in a script",
        )
    from issuelog.cli.prompt import confirm

    shown = "\n".join(["", f"recorded in {visibly(where)}", *plan.words(), *lines, ""])
    if not confirm(f"{shown}\nThis command came with the report. Run it here?"):
        raise Cancelled("nothing was run")


def running(session: Session, experiment: Experiment, commit: Commit, count: int, label: str) -> Series:
    """Run it so many times, and show how far it is."""
    from issuelog.cli.progress import Progress

    runs = "once, in a clean work tree" if count == 1 else f"{count:,} times, each in a clean work tree"
    session.output.say(f"{label}: running at {commit.short} {runs}")
    with Progress(session.output, label, count) as progress:
        return experiment.at(commit, count, tick=progress.step)


@dataclass
class Tried(Changes):
    """A change with what the runs said."""

    runs: Mapping[str, Any] = field(default_factory=dict)
    words: Sequence[str] = ()

    @property
    def data(self) -> Any:
        """The change, and what the runs said."""
        return {**super().data, **self.runs}

    def hints(self) -> Iterator[str]:
        """Yield what the runs said, then what a change says."""
        yield from self.words
        yield from super().hints()


def shown_as(series: Series) -> list[str]:
    """Return in what the error showed, if it did: a command that failed for another reason is seen at once."""
    from issuelog.experiment.judging import Verdict

    said = series.last_words(Verdict.SHOWN)
    return [f"it showed as {said}"] if said else []


def counted(tally: Tally) -> dict[str, Any]:
    """Return a tally as JSON has it."""
    low, high = tally.interval
    return {
        "outcome": tally.outcome,
        "runs": tally.runs,
        "hits": tally.hits,
        "silent": tally.silent,
        "rate": round(tally.rate, 4),
        "low": round(low, 4),
        "high": round(high, 4),
    }


def rehearsed(session: Session, report: str, step: Step) -> None:
    """Find out before anything is run whether what may come of it could be recorded. Raises what recording would."""
    tracker = session.tracker
    session.settling_secrets(lambda: tracker.change(report, step, session.moment(), dry_run=True))


def recorded(session: Session, report: str, step: Step, outputs: Sequence[Kept]) -> Changes:
    """Record it; where that fails now the output is kept beside the repository, and the error says where."""
    try:
        return session.change(report, step)
    except IssuelogError as error:
        from issuelog.store.files import write_durably

        folder = session.tracker.repository.private / "drafts"
        for output in outputs:
            write_durably(folder / output.name, output.content)
        kept = f"the output is kept in {', '.join(str(folder / output.name) for output in outputs)}"
        error.hint = f"{error.hint}; {kept}" if error.hint else kept
        raise


def planned(plan: Plan, lines: Sequence[str], **facts: Any) -> Document:
    """Return what `--dry-run` says: what would be run, where, and how it would be judged."""
    return Document({**plan.data(), **facts}, "\n".join(["would run", *plan.words(), *lines]) + "\n")
