"""Whom a fix concerns.

Lists the open reports of the same error, and the duplicates whose customers have not heard of the fix: of a fixed
report, or of a known error. Each with its version, whether that has the fix, and the command that goes on. Nothing is
recorded and nothing is sent.

\b
issuelog affected 7K3M
issuelog affected KE-261116-9QXA --draft
issuelog affected 7K3M --eml mails/
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from issuelog.cli.results import Document, Table
from issuelog.cli.session import Session
from issuelog.errors import ExitCode, Refused
from issuelog.model.text import one_line

if TYPE_CHECKING:
    from issuelog.knowledge.concerned import Concerned
    from issuelog.model.report import Report

_COLUMNS = ("report", "state", "severity", "customer", "version", "has_fix", "told", "why", "command")


def affected(
    session: Session,
    ref: Annotated[str, typer.Argument(metavar="REF", help="A fixed report or a known error: a part of its id.")],
    draft: Annotated[bool, typer.Option("--draft", help="Draft a message to each customer.")] = False,
    eml: Annotated[
        str | None, typer.Option("--eml", metavar="DIR", help="Write the drafts as mails into this folder.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over files that are there.")] = False,
) -> Table | Document:
    """List whom a fix concerns."""
    from issuelog.cli.past import earlier
    from issuelog.knowledge import concerned

    target = concerned.of(earlier(session, ref))
    concerns = concerned.find(target, lambda question: session.tracker.ask(question)[0], partial(_readable, session))
    found = sorted(concerns, key=lambda one: (one.report.state not in concerned.OPEN, one.report.id))
    drafts = bool(draft or eml)
    rows = [{**_row(one), **(_draft(session, one, eml, force=force) if drafts else {})} for one in found]
    notes = [] if target.is_out else [f"{target.solution.ref} has no fix that is out yet"]
    if drafts and not session.output.json:
        return _letters(rows, notes)
    empty = f"{target.solution.ref} concerns no other report"
    if session.output.for_people and not session.output.quiet:
        return Document(rows, "".join(map(_said, rows)) or empty, notes=notes)
    return Table(rows, _COLUMNS, empty=empty, notes=notes)


def _readable(session: Session, one: str) -> Report | None:
    from issuelog.errors import Conflict, InvalidFile, NotFound

    try:
        return session.tracker.read(one).report
    except NotFound:  # a link that leads nowhere, or to a known error
        return None
    except (InvalidFile, Conflict) as error:
        session.output.warn(f"{one} cannot be read: {error.message}")
        return None


def _row(one: Concerned) -> dict[str, Any]:
    from issuelog.customer.voice import language_of

    report = one.report
    return {
        "report": report.id,
        "title": report.title,
        "state": report.state.value,
        "severity": report.severity.value,
        "customer": report.customer.name or report.customer.contact,
        "contact": report.customer.contact,
        "version": one.version,
        "has_fix": one.has_fix,
        "told": one.is_told,
        "why": list(one.why),
        "kind": one.kind,
        "command": one.command(one.slots(language_of(report))),
    }


def _said(row: dict[str, Any]) -> str:
    """Return a row for people; the command in a line of its own, to be copied."""
    has_fix = {True: "has the fix", False: "has not the fix", None: "whether it has the fix is not known"}
    where = f"{row['version']} {has_fix[row['has_fix']]}" if row["version"] else "version not known"
    told = "was told" if row["told"] else "was not told"
    who = f"{row['report']}  {one_line(row['customer'] or '')}".rstrip()
    facts = one_line(f"{row['state']}, {row['severity']}; {where}; {told} ({', '.join(row['why'])})")
    return f"{who}\n    {facts}\n    {row['command']}\n"


def _draft(session: Session, one: Concerned, folder: str | None, *, force: bool) -> dict[str, Any]:
    """Return the message to a customer as its command would compose it, what the lint says of it, and its file."""
    from issuelog.cli import messages
    from issuelog.customer.occasion import updating
    from issuelog.customer.voice import Words

    if one.kind is None:
        return {"message": None, "findings": [], "eml": None}
    voice, moment = session.voice, session.moment()
    kind = updating(one.report, moment.at) if one.kind == "update" else one.kind
    slots = one.slots(voice.language(one.report, kind))
    words = Words(channel="email" if folder else None, slots=slots)
    made = session.supplying_slots(lambda: voice.compose(one.report, moment, kind, words))
    findings = [messages.finding_data(finding) for finding in voice.findings(one.report, made)]
    path = None
    if folder:
        try:
            path, _ = messages.written(session, one.report, made, f"{folder}/{one.report.id}.eml", force=force)
        except Refused as error:  # there is no address to write to
            session.output.warn(error.message)
    return {"message": made.text, "findings": findings, "eml": str(path) if path else None}


def _letters(rows: Sequence[dict[str, Any]], notes: list[str]) -> Document:
    told = [row for row in rows if row["message"]]
    parts = [f"{row['report']}  {row['customer'] or ''}\n{row['command']}\n\n{row['message']}\n" for row in told]
    errors = [f"{row['report']}: {one['rule']}: {one['message']}" for row in told for one in row["findings"]]
    notes += [f"{row['report']} gets no message: {row['command']}" for row in rows if not row["message"]]
    notes += [f"written: {row['eml']}" for row in told if row["eml"]]
    code = ExitCode.NO if any(one["level"] == "error" for row in told for one in row["findings"]) else ExitCode.DONE
    return Document(list(rows), "\n".join(parts), code=code, notes=[*errors, *notes])
