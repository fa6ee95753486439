"""Analyze the root cause.

Why it happened, why it reached the customer, and what keeps it from coming back.

\b
issuelog rca start 7K3M --owner kim --due 2w
issuelog rca why 7K3M --cause occurrence --why "the worker ran out of memory" --evidence "its log, 16 Nov 07:41"
issuelog rca why 7K3M --cause occurrence --ends-in design
issuelog rca action 7K3M "stream all exports" --kind prevent --strength strong --owner kim --due 4w --measure "…"
issuelog rca accept 7K3M --reviewer "Li Wei"
"""

from __future__ import annotations

from typing import Annotated

import typer

from issuelog.cli import params
from issuelog.cli.results import Changes, Document
from issuelog.cli.session import Session
from issuelog.errors import UsageError

Owner = Annotated[str | None, typer.Option("--owner", metavar="WHO", help="Who is to see to it.")]
Due = Annotated[str | None, typer.Option("--due", metavar="TIME", help="Until when.")]
Words = Annotated[str, typer.Argument(metavar="TEXT", help="In a sentence.")]


def start(
    session: Session,
    report: params.Report,
    owner: Owner = None,
    due: Due = None,
    summary: Annotated[str | None, typer.Option("--summary", metavar="TEXT", help="What happened.")] = None,
) -> Changes:
    """Begin the analysis of a resolved report."""
    from issuelog.actions import analysis

    when = session.optional_time(due, "--due")
    return session.change(
        report,
        lambda tracker: analysis.start(
            owner=tracker.policy.person(owner) if owner else None, due=when, summary=summary
        ),
    )


def why(
    session: Session,
    report: params.Report,
    cause: Annotated[
        str, typer.Option("--cause", metavar="KIND", help="occurrence: why it happened; escape: why it got out.")
    ],
    text: Annotated[str | None, typer.Option("--why", metavar="TEXT", help="The next why.")] = None,
    evidence: Annotated[str | None, typer.Option("--evidence", metavar="TEXT", help="What shows it.")] = None,
    ends_in: Annotated[
        str | None,
        typer.Option(
            "--ends-in",
            metavar="KIND",
            help="What the last why names: process, policy, design, tooling, training, resource or supplier.",
        ),
    ] = None,
) -> Changes:
    """Ask why once more."""
    from issuelog.actions import analysis

    if cause not in {"occurrence", "escape"}:
        raise UsageError(f"--cause is {cause!r}; it has to be one of occurrence, escape")
    return session.change(report, analysis.why(cause, text=text, evidence=evidence, ends_in=ends_in))


def factor(session: Session, report: params.Report, text: Words) -> Changes:
    """Record what contributed without being a cause."""
    from issuelog.actions import analysis

    return session.change(report, analysis.factor(text))


def action(
    session: Session,
    report: params.Report,
    text: Words,
    kind: Annotated[str, typer.Option("--kind", metavar="K", help="prevent, detect or mitigate.")] = "prevent",
    strength: Annotated[
        str, typer.Option("--strength", metavar="S", help="strong, intermediate, or weak (training, reminders).")
    ] = "intermediate",
    cause: Annotated[str | None, typer.Option("--for", metavar="C1", help="The cause that it answers.")] = None,
    owner: Owner = None,
    due: Due = None,
    measure: Annotated[str | None, typer.Option("--measure", metavar="TEXT", help="How we will know it works.")] = None,
) -> Changes:
    """Plan a measure against the error coming back."""
    from issuelog.actions import analysis

    when = session.optional_time(due, "--due")
    return session.change(
        report,
        lambda tracker: analysis.action(
            text,
            kind=kind,
            strength=strength,
            cause=cause,
            owner=tracker.policy.person(owner) if owner else None,
            due=when,
            measure=measure,
        ),
    )


def accept(
    session: Session,
    report: params.Report,
    reviewer: Annotated[str, typer.Option("--reviewer", metavar="WHO", help="Who read it; not its owner.")],
) -> Changes:
    """Accept the analysis, if it is complete."""
    from issuelog.actions import analysis

    return session.change(report, lambda tracker: analysis.accept(tracker.policy.person(reviewer)))


def show(session: Session, report: params.Shown) -> Document:
    """Show the analysis."""
    from issuelog.store.documents import to_data
    from issuelog.store.yamltext import dump

    found = [stored.report for stored in session.reports(report)]
    data = [one.rca.model_dump(mode="json", exclude_none=True) if to_data(one.rca) else {} for one in found]
    texts = [
        dump(to_data(one.rca)) if has else f"{one.id} has no root cause analysis\n"
        for one, has in zip(found, data, strict=True)
    ]
    return Document(
        data if report == "-" else data[0],
        "---\n".join(texts),
        notes=[f"next: issuelog rca start {one.id}" for one, has in zip(found, data, strict=True) if not has],
    )


VERBS = {"start": start, "why": why, "factor": factor, "action": action, "accept": accept, "show": show}
