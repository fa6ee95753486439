"""Write many reports for other programs, or the document of one.

First a format, for many: jsonl holds everything, attachments as well, and issuelog import jsonl takes it back without a
loss. csv is a table for spreadsheets, in which no cell is a formula; markdown is a plain list of reports. QUERY is as
for list. Or first a report, for the one document that a team works from: as Markdown, as an HTML file that needs no
other, as JSON, or as an 8D report.

\b
issuelog export 7K3M --out 7K3M.html
issuelog export 7K3M --format 8d-html --without-customer --out for-the-supplier.html
issuelog list -q is:open | issuelog export - --out open.md
issuelog export jsonl -o backup.jsonl
issuelog export csv is:open sev:S1,S2 > open.csv
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from issuelog.cli.session import Session
from issuelog.errors import InvalidFile, NotFound, Problem, UsageError

if TYPE_CHECKING:
    from issuelog.exporting.documents import Documents
    from issuelog.exporting.many import Exporter


def export(
    session: Session,
    what: Annotated[
        str,
        typer.Argument(metavar="FORMAT", help="jsonl, csv or markdown of many; or the ID of one, - for ids on stdin."),
    ],
    query: Annotated[
        list[str] | None,
        typer.Argument(metavar="QUERY…", help="Which reports, as for list; - for ids on standard input."),
    ] = None,
    file: Annotated[
        str | None, typer.Option("-o", "--output", "--out", metavar="FILE", help="Write there, all of it.")
    ] = None,
    format: Annotated[
        str | None,
        typer.Option("--format", metavar="md|html|json|8d|8d-html", help="Of a document; else as FILE ends, or md."),
    ] = None,
    without_customer: Annotated[
        bool, typer.Option("--without-customer", help="For other eyes: the document without who the customer is.")
    ] = False,
    attachments: Annotated[
        bool, typer.Option("--attachments/--no-attachments", help="With the contents of attachments (jsonl).")
    ] = True,
) -> None:
    """Export. Exits 6 where a file could not be read; the others are exported."""
    from issuelog.exporting import FORMATS
    from issuelog.exporting.many import Exporter

    if format or without_customer or what not in FORMATS:
        if query:
            raise UsageError("a document is of one report", hint="issuelog list -q QUERY | issuelog export -")
        _write_documents(session, what, file, format, without_customer=without_customer)
        return
    if session.output.json:
        raise UsageError(f"export {what} has no --json", hint="issuelog export jsonl   is its JSON, an object a line")
    exporter = Exporter(session.tracker)
    ids, exporter.problems[:] = _chosen(session, query or [])
    _write(session, file, ids, exporter, lambda coming: _texts(exporter, what, coming, attachments=attachments))


def _write_documents(
    session: Session, what: str, file: str | None, format: str | None, *, without_customer: bool
) -> None:
    from issuelog.analysing.past import closing_alike
    from issuelog.cli.commits import concerning
    from issuelog.cli.writing import beside
    from issuelog.exporting.documents import Documents, as_named

    form = as_named(format, file, json=session.output.json)
    ids = _found(session, what, is_said=bool(format or without_customer))
    documents = Documents(
        session.tracker,
        at=None if session.at is session.now else session.at,  # not given, so that the same files make the same bytes
        beside=beside(session, file),
        without_customer=without_customer,
        one=what != "-",
        alike=partial(closing_alike, session.tracker),
        commits=partial(concerning, session),
    )
    _write(session, file, ids, documents, lambda coming: documents.written(form, coming))


def _found(session: Session, what: str, *, is_said: bool) -> list[str]:
    """Return the reports that documents are wanted of; a word that is neither a report nor a format is an error."""
    from issuelog.exporting import FORMATS

    try:
        return list(dict.fromkeys(session.tracker.find(one) for one in session.references(what)))
    except NotFound as error:
        if what == "-" or is_said or not (what.isalpha() and what.islower()):
            error.hint = error.hint or "issuelog list   has the ids"
            raise
        known = ", ".join(FORMATS)
        raise UsageError(f"there is neither a format nor a report {what!r}; formats: {known}") from None


def _write(
    session: Session,
    file: str | None,
    ids: Sequence[str],
    source: Exporter | Documents,
    texts: Callable[[Iterator[str]], Iterator[str]],
) -> None:
    """Write what `texts` makes of the ids. Raises InvalidFile where some could not be read, at the end."""
    from issuelog.cli.progress import Progress
    from issuelog.cli.writing import STANDARD_OUTPUT, written

    streams = file in STANDARD_OUTPUT
    with (
        Progress(session.output, "exported", len(ids), streams=streams) as progress,
        written(session, file) as stream,
    ):

        def counted() -> Iterator[str]:
            for one in ids:
                progress.step()
                yield one

        for text in texts(counted()):
            stream.write(text.encode("utf-8"))
    if source.problems:
        raise InvalidFile(source.problems, hint="the other reports are exported   (issuelog check)")


def _chosen(session: Session, query: Sequence[str]) -> tuple[list[str], list[Problem]]:
    """Return the ids of the reports that are meant, and the problems of files that may be meant and are none."""
    from issuelog.store.selection import Selection

    if list(query) == ["-"]:
        return list(dict.fromkeys(session.tracker.find(one) for one in session.references("-"))), []
    selection = Selection(session.terms(query), session.at, ["id"])
    rows, problems = session.tracker.ask(lambda index: list(selection.rows(index, "id")))
    return [row[0] for row in rows], list(problems)


def _texts(exporter: Exporter, format: str, ids: Iterator[str], *, attachments: bool) -> Iterator[str]:
    if format == "jsonl":
        return exporter.jsonl(ids, attachments=attachments)
    return exporter.csv(ids) if format == "csv" else exporter.markdown(ids)
