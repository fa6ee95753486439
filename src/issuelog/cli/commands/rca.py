"""Analyze the root cause.

Why it happened, why it reached the customer, and what keeps it from coming back.

\b
issuelog rca start 7K3M --owner kim --due 2w
issuelog rca why 7K3M --cause occurrence --why "the worker ran out of memory" --evidence "its log, 16 Nov 07:41"
issuelog rca why 7K3M --cause occurrence --ends-in design
issuelog rca action 7K3M "stream all exports" --for C1 --strength strong --owner kim --due 4w --measure "…"
issuelog rca detect 7K3M --how "a customer called" --should-have "the export alarm" --gap 6h
issuelog rca walk 7K3M design="no limit was set" test="no file of real size" code=none review=none
issuelog rca recurrence 7K3M --conclusion "the import had it in March; the same limit is missing there"
issuelog rca check 7K3M
issuelog rca accept 7K3M --reviewer "Li Wei"
"""

from __future__ import annotations

from typing import Annotated

import typer

from issuelog.cli import params
from issuelog.cli.results import Changes, Document, Result
from issuelog.cli.session import Session
from issuelog.errors import UsageError

Owner = Annotated[str | None, typer.Option("--owner", metavar="WHO", help="Who is to see to it.")]
Due = Annotated[str | None, typer.Option("--due", metavar="TIME", help="Until when.")]
Summary = Annotated[str | None, typer.Option("--summary", metavar="TEXT", help="What happened.")]
For = Annotated[str | None, typer.Option("--for", metavar="C1", help="The cause that it answers.")]
Words = Annotated[str, typer.Argument(metavar="TEXT", help="In a sentence.")]


def start(
    session: Session,
    report: params.Report,
    owner: Owner = None,
    due: Due = None,
    summary: Summary = None,
) -> Changes:
    """Begin the analysis of a resolved report."""
    from issuelog.actions import analysis

    when = session.optional_time(due, "--due")
    who = session.person(owner) if owner else None
    return session.change(report, analysis.start(owner=who, due=when, summary=summary))


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
    missing_level: Annotated[
        str | None,
        typer.Option(
            "--missing-level", metavar="LEVEL", help="What level of test would have caught an escape: unit, …"
        ),
    ] = None,
) -> Changes:
    """Ask why once more."""
    from issuelog.actions import analysis

    if cause not in {"occurrence", "escape"}:
        raise UsageError(f"--cause is {cause!r}; it has to be one of occurrence, escape")
    return session.change(
        report, analysis.why(cause, text=text, evidence=evidence, ends_in=ends_in, missing_level=missing_level)
    )


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
    cause: For = None,
    owner: Owner = None,
    due: Due = None,
    measure: Annotated[str | None, typer.Option("--measure", metavar="TEXT", help="How we will know it works.")] = None,
) -> Changes:
    """Plan a measure against the error coming back."""
    from issuelog.actions import analysis

    when = session.optional_time(due, "--due")
    return session.change(
        report,
        analysis.action(
            text,
            kind=kind,
            strength=strength,
            cause=cause,
            owner=session.person(owner) if owner else None,
            due=when,
            measure=measure,
        ),
    )


def tell(
    session: Session,
    report: params.Report,
    summary: Summary = None,
    spread: Annotated[
        str | None, typer.Option("--spread", metavar="TEXT", help="Where else it could happen, and what was looked at.")
    ] = None,
    customer_summary: Annotated[
        str | None, typer.Option("--customer-summary", metavar="TEXT", help="What the customer may read of it.")
    ] = None,
) -> Changes:
    """Say what happened, where else, and what the customer reads."""
    from issuelog.actions import analysis

    return session.change(report, analysis.tell(summary=summary, spread=spread, customer_summary=customer_summary))


def detect(
    session: Session,
    report: params.Report,
    how: Annotated[str | None, typer.Option("--how", metavar="TEXT", help="How it was noticed.")] = None,
    should_have: Annotated[
        str | None, typer.Option("--should-have", metavar="TEXT", help="What should have noticed it.")
    ] = None,
    gap: Annotated[str | None, typer.Option("--gap", metavar="6h", help="How much later that was.")] = None,
) -> Changes:
    """Tell the detection gap."""
    from issuelog.actions import analysis
    from issuelog.model.times import parse_duration

    try:
        late = parse_duration(gap) if gap else None
    except ValueError as error:
        raise UsageError(f"--gap: {error}") from None
    return session.change(report, analysis.detect(how=how, should_have=should_have, gap=late))


def walk(
    session: Session,
    report: params.Report,
    found: Annotated[
        list[str] | None, typer.Argument(metavar="STAGE=FINDING…", help="What there let it pass, or none.")
    ] = None,
) -> Changes:
    """Walk the stages of the process."""
    from issuelog.actions import analysis
    from issuelog.cli.analyses import stages

    told = stages(session, found or ())
    return session.change(report, lambda tracker: analysis.walk(told, tracker.policy.rca_stages))


def not_done(
    session: Session,
    report: params.Report,
    text: Words,
    because: Annotated[str, typer.Option("--because", metavar="TEXT", help="Why it is not done.")],
    cause: For = None,
) -> Changes:
    """Record a decision not to act."""
    from issuelog.actions import analysis

    return session.change(report, analysis.not_done(text, because=because, cause=cause))


def recurrence(
    session: Session,
    report: params.Report,
    conclusion: Annotated[
        str | None, typer.Option("--conclusion", metavar="TEXT", help="What follows from what was found.")
    ] = None,
) -> Changes:
    """Search two years for the same error."""
    from functools import partial

    from issuelog.actions import analysis
    from issuelog.analysing.past import before
    from issuelog.cli.effects import matches

    done = session.change(report, lambda tracker: analysis.recurrence(partial(before, tracker), conclusion=conclusion))
    matches(session, done.changes)
    return done


def check(
    session: Session,
    report: params.Shown,
    format: Annotated[
        str, typer.Option("--format", metavar="text|github", help="As GitHub's annotations, for a workflow.")
    ] = "text",
) -> Result:
    """Say what is missing. Exits 1 where something is."""
    from issuelog.cli.analyses import checked

    return checked(session, report, format)


def edit(session: Session, report: params.One) -> Changes:
    """Write all of it in your editor."""
    from functools import partial

    from issuelog.analysing.editing import Editing
    from issuelog.cli.commits import concerning
    from issuelog.cli.editor import edit_draft

    editing = Editing(session.tracker, session.tracker.find(report), partial(concerning, session))
    session.require_editor()
    return Changes([editing.run(edit_draft, session.settling_secrets, session.moment(), dry_run=session.dry_run)])


def accept(
    session: Session,
    report: params.Report,
    reviewer: Annotated[str, typer.Option("--reviewer", metavar="WHO", help="Who read it; not its owner.")],
) -> Changes:
    """Accept the analysis, if it is complete."""
    from functools import partial

    from issuelog.actions import analysis
    from issuelog.analysing.checking import findings

    who = session.person(reviewer)
    return session.change(report, lambda tracker: analysis.accept(who, partial(findings, tracker)))


def show(
    session: Session,
    report: params.Shown,
    format: Annotated[
        str, typer.Option("--format", metavar="yaml|md|html|8d|8d-html", help="As its file has it, or as a document.")
    ] = "yaml",
    without_customer: Annotated[
        bool, typer.Option("--without-customer", help="For other eyes: the document without who the customer is.")
    ] = False,
) -> Document:
    """Show the analysis."""
    from issuelog.cli.analyses import shown

    return shown(session, report, format, without_customer=without_customer)


VERBS = {
    "start": start,
    "why": why,
    "factor": factor,
    "detect": detect,
    "walk": walk,
    "action": action,
    "not-done": not_done,
    "recurrence": recurrence,
    "tell": tell,
    "edit": edit,
    "check": check,
    "accept": accept,
    "show": show,
}
