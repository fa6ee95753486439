"""Record an attempt to reproduce the error.

One in which the error showed takes an acknowledged report on. With --run issuelog makes the attempt itself: it runs a
command by the shell, many times, each in a clean temporary work tree of the product's repository, and keeps the output.
The error shows if the exit code is not 0, unless --expect-exit or --expect-output say otherwise; 125 says nothing.

\b
issuelog reproduce 7K3M --runs 5 --hits 5 --place sandbox --env version=8.10 --env os="Debian 12"
issuelog reproduce 7K3M --run "make -s test-export" --repeat 50 -j 4 --at-version v8.10 --timeout 2min
issuelog reproduce 7K3M --run "./export 5000" --expect-output "worker \\d+ terminated"
issuelog reproduce 7K3M --again
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from issuelog.cli import params
from issuelog.cli.results import Changes, Document
from issuelog.cli.session import Session
from issuelog.cli.trying import Trying
from issuelog.errors import Refused, UsageError

if TYPE_CHECKING:
    from issuelog.actions.experiments import Counted, Kept
    from issuelog.cli.experimenting import Plan
    from issuelog.model.step import Step, Waiver


def reproduce(
    session: Session,
    report: params.Report,
    trying: Trying,
    runs: Annotated[int | None, typer.Option("--runs", metavar="N", help="How often it was run, by hand.")] = None,
    hits: Annotated[int | None, typer.Option("--hits", metavar="N", help="How often the error showed then.")] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Run the recorded command once more, after showing it and asking.")
    ] = False,
    at_version: Annotated[
        str | None,
        typer.Option("--at-version", metavar="REV", help="Run it at this tag or commit, not the customer's version."),
    ] = None,
    place: Annotated[
        str, typer.Option("--place", metavar="P", help="sandbox, vm, container, staging or production.")
    ] = "sandbox",
    env: Annotated[list[str] | None, typer.Option("--env", metavar="KEY=VALUE", help="What it ran in.")] = None,
    command: Annotated[
        str | None, typer.Option("--command", metavar="TEXT", help="What was run by hand (recorded only).")
    ] = None,
    note: Annotated[str | None, typer.Option("--note", metavar="TEXT", help="What was seen.")] = None,
    waive: params.Waive = None,
    because: params.Because = None,
) -> Changes | Document:
    """Reproduce."""
    from issuelog.actions import work
    from issuelog.model.step import Waiver

    waiver, around = Waiver(tuple(waive or ()), because or ""), session.pairs(env or [], "--env")
    if again or trying.run is not None:
        for option, given in {"--runs": runs, "--hits": hits, "--command": command}.items():
            if given is not None:
                raise UsageError(f"{option} tells of runs by hand, and goes with neither --run nor --again")
        return _by_machine(session, report, trying, _Asked(again, at_version, place, around, note, waiver))
    trying.refuse("goes with --run")
    if at_version is not None:
        raise UsageError("--at-version goes with --run")
    if runs is None or hits is None:
        absent = "--runs" if runs is None else "--hits"
        raise UsageError(f"{absent} is missing", hint="--runs N --hits N   tells of runs by hand; --run CMD makes them")
    step = work.reproduce(runs=runs, hits=hits, place=place, env=around, command=command, note=note, waiver=waiver)
    return session.change(report, step)


@dataclass(frozen=True)
class _Asked:
    """What else was asked of an attempt by machine."""

    again: bool
    at_version: str | None
    place: str
    env: Mapping[str, str]
    note: str | None
    waiver: Waiver


def _by_machine(session: Session, given: str, trying: Trying, asked: _Asked) -> Changes | Document:
    from issuelog.actions.experiments import Counted, Kept, recorded_attempt
    from issuelog.cli import experimenting as shared
    from issuelog.experiment import evidence
    from issuelog.experiment.judging import Verdict

    report = shared.one_report(session, given)
    known = recorded_attempt(report) if asked.again else None
    plan = shared.Plan.of(session, shared.once_more(trying, known) if known else trying)
    commit, version, why = shared.affected(plan, report, asked.at_version or (known.revision if known else None))
    if known and not asked.at_version:
        version, why = known.environment.version or version, f"as in {known.id}"
    environment = {"version": version, "os": evidence.system(), **asked.env}
    lines = [f"revision    {commit.sha} ({why})", f"runs        {plan.repeat:,}, {plan.jobs} at a time"]
    if session.dry_run:
        return shared.planned(plan, lines, revision=commit.sha, environment=environment)
    if known:
        shared.require_yes(session, plan, lines, f"{known.id} of {report.id}, by {known.by}")
    rehearsal = _step(plan, asked, environment, Counted(commit.sha, 1, 1, 0, "reproduced"), Kept("run.log", b"-\n"))
    shared.rehearsed(session, report.id, rehearsal)
    with plan.experiment(session, commit) as experiment:
        series = shared.running(session, experiment, commit, plan.repeat, report.id)
    tally = series.tally
    if not tally.runs:
        raise Refused(f"no run said anything ({series.last_words(Verdict.SILENT)}); nothing was recorded")
    text = evidence.of_series(evidence.head(experiment, environment), series)
    output = evidence.kept("reproduce", text, partial=evidence.is_partial(series))
    counted = Counted(commit.sha, tally.runs, tally.hits, tally.silent, tally.outcome)
    done = shared.recorded(session, report.id, _step(plan, asked, environment, counted, output), [output])
    facts = {**shared.counted(tally), "revision": commit.sha, "artifact": output.name}
    words = f"{tally.outcome.replace('_', ' ')} at {commit.short}: {tally.words}"
    return shared.Tried(done.changes, runs=facts, words=[words, *shared.shown_as(series)])


def _step(plan: Plan, asked: _Asked, environment: Mapping[str, str], counted: Counted, output: Kept) -> Step:
    from issuelog.actions.experiments import attempt

    return attempt(
        counted,
        command=plan.command.line,
        place=asked.place,
        environment=environment,
        expect_exit=plan.rule.exit,
        expect_output=plan.rule.output.source if plan.rule.output else None,
        timeout=int(plan.command.timeout),
        output=output,
        note=asked.note,
        waiver=asked.waiver,
    )
