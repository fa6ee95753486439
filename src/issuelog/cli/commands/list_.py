"""List reports, the most urgent first.

\b
issuelog list
issuelog list is:open sev:S1,S2 -owner:kim export
issuelog list --fields id,title,state state:new
issuelog list -0 is:overdue | xargs -0 -n1 issuelog next
"""

from __future__ import annotations

from typing import Annotated

import typer

from issuelog.cli.results import Table
from issuelog.cli.session import Session
from issuelog.errors import ExitCode, UsageError

_COLUMNS = ("id", "state", "severity", "next_due", "owner", "customer", "title")
_PIPED = ("id", "state", "severity", "received_at", "owner", "component", "customer", "title")
_EVERY = "always"

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
    fields: Annotated[str | None, typer.Option("--fields", metavar="A,B", help="Which columns.")] = None,
    template: Annotated[str | None, typer.Option("--format", metavar="'{id} {title}'", help="A line for each.")] = None,
    zero: Annotated[bool, typer.Option("-0", help="Ids, each ended by NUL, for xargs -0.")] = False,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit 1 where nothing is found.")] = False,
) -> Table:
    """List."""
    from issuelog.model.query import compile_query
    from issuelog.model.row import SHOWN, finish, shown

    named = {"state": state, "severity": severity, "owner": owner, "component": component}
    terms = [*(query or []), *(f"{key}:{value}" for key, value in named.items() if value)]
    wanted = compile_query(terms, [text] if text else [])
    rows, problems = session.tracker.rows()
    for problem in problems:
        session.output.warn(f"{problem}; not shown (issuelog check)")
    finished = [row for row in (finish(row, session.at) for row in rows) if wanted(row)]
    finished.sort(key=_urgency)
    chosen = [name.strip() for name in fields.split(",")] if fields else None
    unknown = [name for name in chosen or () if name not in SHOWN]
    if unknown:
        raise UsageError(f"--fields: there is no {unknown[0]!r}; there are: {', '.join(SHOWN)}")
    return Table(
        [shown(row) for row in finished],
        _COLUMNS if session.output.for_people else _PIPED,
        empty="no reports" if not terms else "no report matches",
        fields=chosen,
        template=template,
        zero=zero,
        code=ExitCode.NO if exit_code and not finished else ExitCode.DONE,
    )


def _urgency(row: dict[str, object]) -> tuple[object, ...]:
    """Open ones first, the overdue before the others, the worst before the rest, the earliest due first."""
    due = row["next_due"]
    return (
        row["state"] == "closed",
        "overdue" not in row["conditions"],  # type: ignore[operator]
        row["severity"],
        due["at"] if isinstance(due, dict) else "9999",
        row["id"],
    )
