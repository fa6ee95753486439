"""List reports, the most urgent first.

\b
issuelog list
issuelog list is:open sev:S1,S2 -owner:kim export
issuelog list 'received:>=2026-10-01' age:1d..7d 'customer:"Acme Corp"'
issuelog list is:closed --sort -updated --limit 20
issuelog list --fields id,title,state state:new
issuelog list -0 is:overdue | xargs -0 -n1 issuelog next

\b
Keys: id, title, state, severity (sev), owner, component, customer, contact, tier, label, channel, ref, product,
version, waiting (on customer or vendor), resolution, received, updated, closed, due, clock, age, idle, is.
key:a,b means a or b; -key:a rules it out; key:none asks for an empty field. States, severities, versions and times
take > >= < <= (quoted for the shell) and ranges (a..b, a.., ..b); sev:>=S2 means S2 and worse. Times are in UTC.
Words are looked for in the title, error message, story, customer, owner, component and labels; "quoted words" stay
together; to rule out a word write it behind --, as in: issuelog list is:open -- -export
"""

from __future__ import annotations

from typing import Annotated

import typer

from issuelog.cli import listing
from issuelog.cli.listing import Board, Form, Listing
from issuelog.cli.results import Document, Result
from issuelog.cli.session import Session
from issuelog.cli.shape import Shape
from issuelog.errors import ExitCode
from issuelog.model.query import phrase
from issuelog.store.selection import Selection, read_order

Filter = Annotated[str | None, typer.Option(metavar="X", help="Only these; several with commas.")]


def list_(
    session: Session,
    query: Annotated[
        list[str] | None,
        typer.Argument(metavar="QUERY…", help="key:value, -key:value, is:condition, or words in the text."),
    ] = None,
    state: Filter = None,
    severity: Filter = None,
    owner: Filter = None,
    component: Filter = None,
    text: Annotated[
        str | None, typer.Option("--text", metavar="TEXT", help="Words in title, message or story.")
    ] = None,
    sort: Annotated[
        str | None, typer.Option("--sort", metavar="KEY,-KEY", help="By these, - for descending; urgency if not said.")
    ] = None,
    limit: Annotated[int | None, typer.Option("--limit", min=0, metavar="N", help="At most so many.")] = None,
    *,
    shape: Shape,
    count: Annotated[bool, typer.Option("--count", help="Only how many there are.")] = False,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit 1 where nothing is found.")] = False,
) -> Result:
    """List."""
    named = {"state": state, "severity": severity, "owner": owner, "component": component}
    given = [*(query or []), *(f"{key}:{_whole(value)}" for key, value in named.items() if value is not None)]
    terms = [*session.terms(given), *([phrase(text)] if text else [])]
    shape.require_one(session.output)
    form = _form(session, shape)
    selection = Selection(terms, session.at, read_order(sort), limit)
    if count:
        number, problems = session.tracker.ask(selection.count)
        result: Result = Document({"count": number}, f"{number}\n")
    elif form is None:
        rows, problems = session.tracker.ask(lambda index: list(selection.rows(index, listing.ITEM)))
        number, result = len(rows), Board(rows, shape.names, "no report matches" if terms else "no reports")
    else:
        pieces, problems = session.tracker.ask(lambda index: form.text(selection.rows(index, form.columns)))
        number, result = len(pieces), Listing(form, pieces)
    for problem in problems:
        session.output.warn(f"{problem}; not shown (issuelog check)")
    result.code = ExitCode.NO if exit_code and not number else ExitCode.DONE
    return result


def _whole(values: str) -> str:
    """Return values as a query takes them, each with the spaces in it."""
    return ",".join(f'"{value}"' for value in values.replace('"', "").split(","))


def _form(session: Session, shape: Shape) -> Form | None:
    """Return the form that the options ask for, None for a table."""
    output, fields, end = session.output, shape.names, shape.end
    if shape.template is not None:
        return listing.template(shape.template, end)
    if shape.ndjson:
        return listing.fields_json(fields, lines=True) if fields else listing.NDJSON
    if output.json:
        return listing.fields_json(fields) if fields else listing.JSON
    if output.quiet or (shape.zero and not fields):
        return listing.ids(end)
    if output.for_people:
        if fields:
            listing.fields(fields)
        return None
    return listing.fields(fields, end) if fields else listing.LINES
