"""Apply the solution of an earlier report or a known error.

Shows it as steps, and whether the customer's version has the fix already. With --start its cause becomes a hypothesis
of this report. With --outcome it is recorded whether the solution worked; where it failed, what was taken over is
rejected, and the search for the cause begins afresh.

\b
issuelog apply 7K3M KE-261116-9QXA
issuelog apply 7K3M 2QAB --start
issuelog apply 7K3M 2QAB --outcome failed --note "the worker stops all the same"
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from issuelog.cli import params
from issuelog.cli.results import Changes, Document
from issuelog.cli.session import Session
from issuelog.errors import Missing, Refused, UsageError

if TYPE_CHECKING:
    from issuelog.knowledge.solution import Solution
    from issuelog.knowledge.standing import Standing
    from issuelog.model.report import Report

_OUTCOMES = ("worked", "failed", "partial")


def apply(
    session: Session,
    report: params.Report,
    ref: Annotated[str, typer.Argument(metavar="REF", help="An earlier report or a known error: a part of its id.")],
    start: Annotated[bool, typer.Option("--start", help="Take its cause over as a hypothesis.")] = False,
    outcome: Annotated[
        str | None, typer.Option("--outcome", metavar="O", help="Record it: worked, failed or partial.")
    ] = None,
    note: Annotated[
        str | None, typer.Option("--note", metavar="TEXT", help="What was seen (- or @FILE); with --outcome.")
    ] = None,
) -> Changes | Document:
    """Show a solution, or record whether it worked."""
    if outcome is not None and outcome not in _OUTCOMES:
        raise UsageError(f"--outcome is {outcome!r}; it has to be one of {', '.join(_OUTCOMES)}")
    if start and outcome:
        raise UsageError("--start and --outcome exclude each other")
    if note is not None and not outcome:
        raise UsageError("--note tells of an outcome: --outcome worked|failed|partial")
    solution = _solution(session, ref)
    if start:
        return _start(session, report, solution)
    if outcome:
        return _record(session, report, solution, outcome, session.text(note, "--note"))
    return _show(session, report, solution)


def _solution(session: Session, ref: str) -> Solution:
    from issuelog.cli.past import earlier
    from issuelog.knowledge.solution import of_known_error, of_report
    from issuelog.model.report import Report

    found = earlier(session, ref)
    return of_report(found) if isinstance(found, Report) else of_known_error(found)


def _start(session: Session, report: str, solution: Solution) -> Changes:
    from issuelog.actions.precedents import begin

    if not solution.cause:
        raise UsageError(f"{solution.ref} names no cause that could be taken over")
    return session.change(report, begin(solution.ref, solution.cause, test=solution.test))


def _record(session: Session, report: str, solution: Solution, outcome: str, note: str | None) -> Changes:
    from issuelog.actions.precedents import applied, require_other

    if not solution.steps:
        if report != "-":
            report = session.reports(report)[0].report.id
            require_other(report, solution.ref)
        one = "ID" if report == "-" else report
        command = (
            f"issuelog duplicate {one} --of {solution.ref}" if solution.caution else f"issuelog show {solution.ref}"
        )
        fact = Missing("solution", f"a solution in {solution.ref} that could have {_past(outcome)}", command)
        raise Refused(solution.caution or f"{solution.ref} has no solution", [fact])
    if solution.caution:
        session.output.warn(solution.caution)
    return session.change(report, applied(solution.ref, outcome, note=note or None))


def _past(outcome: str) -> str:
    return "worked in part" if outcome == "partial" else outcome


def _show(session: Session, given: str, solution: Solution) -> Document:
    from issuelog.actions.precedents import last_tried
    from issuelog.knowledge.standing import Standing
    from issuelog.store.outcomes import outcomes

    reports = [stored.report for stored in session.reports(given)]
    counts, _ = session.tracker.ask(lambda index: outcomes(index, [solution.ref]))
    standing = Standing.of(counts[solution.ref])
    if solution.caution:
        session.output.warn(solution.caution)
    data = [_data(report, solution, standing) for report in reports]
    text = "\n".join("\n".join(_lines(report, solution, standing)) + "\n" for report in reports)
    notes = [
        f"next: issuelog apply {report.id} {solution.ref} --outcome worked   (or failed, or partial)"
        for report in reports
        if solution.steps and report.id != solution.ref and not last_tried(report, solution.ref)
    ]
    return Document(data if given == "-" else data[0], text, brief=solution.ref, notes=notes)


def _data(report: Report, solution: Solution, standing: Standing) -> dict[str, Any]:
    from issuelog.actions.precedents import last_tried

    version = report.intake.environment.version
    before = last_tried(report, solution.ref)
    return {
        "report": report.id,
        **solution.data(),
        "standing": standing.data(),
        "version": version,
        "has_fix": solution.has_fix(version),
        "affected": solution.covers(version),
        "outcome": before.outcome if before else None,
    }


def _lines(report: Report, solution: Solution, standing: Standing) -> Iterator[str]:
    from issuelog.actions.precedents import last_tried

    before = last_tried(report, solution.ref)
    yield f"{solution.ref}  {solution.title}" + (f"  ({solution.state})" if solution.state else "")
    yield f"for       {solution.symptom}"
    if solution.cause:
        yield f"cause     {solution.cause}"
    yield f"standing  {standing.words}" + (f"; here it was tried: {before.outcome}" if before else "")
    yield f"version   {solution.about(report.intake.environment.version)}"
    yield ""
    for number, step in enumerate(solution.steps, 1):
        yield f"{number}. {step.words}".replace("\n", "\n   ")
    if not solution.steps:
        yield "It has no solution yet."
