"""Write reports as JSON lines, CSV or Markdown.

jsonl holds everything, attachments as well: issuelog import jsonl takes it back without a loss. csv is a table for
spreadsheets, in which no cell is a formula; markdown is a document to be read. QUERY is as for list.

\b
issuelog export jsonl -o backup.jsonl
issuelog export csv is:open sev:S1,S2 > open.csv
issuelog list -q is:overdue | issuelog export markdown - -o overdue.md
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from issuelog.cli.session import Session
from issuelog.errors import InvalidFile, Problem, UsageError

if TYPE_CHECKING:
    from issuelog.exporting import Exporter

_STANDARD_OUTPUT = {None, "-", "/dev/stdout"}


def export(
    session: Session,
    format: Annotated[str, typer.Argument(metavar="FORMAT", help="jsonl, csv or markdown.")],
    query: Annotated[
        list[str] | None,
        typer.Argument(metavar="QUERY…", help="Which reports, as for list; - for ids on standard input."),
    ] = None,
    file: Annotated[str | None, typer.Option("-o", "--output", metavar="FILE", help="Write there, all of it.")] = None,
    attachments: Annotated[
        bool, typer.Option("--attachments/--no-attachments", help="With the contents of attachments (jsonl).")
    ] = True,
) -> None:
    """Export. Exits 6 where a file could not be read; the others are exported."""
    from issuelog.cli.progress import Progress
    from issuelog.exporting import FORMATS, Exporter

    if format not in FORMATS:
        raise UsageError(f"there is no format {format!r}; there are: {', '.join(FORMATS)}")
    if session.output.json:
        raise UsageError("export has no --json", hint="issuelog export jsonl   is its JSON, an object a line")
    ids, problems = _chosen(session, query or [])
    exporter = Exporter(session.tracker)
    exporter.problems += problems
    streams = file in _STANDARD_OUTPUT
    with (
        Progress(session.output, "exported", len(ids), streams=streams) as progress,
        _written(session, file) as stream,
    ):

        def counted() -> Iterator[str]:
            for one in ids:
                progress.step()
                yield one

        for text in _texts(exporter, format, counted(), attachments=attachments):
            stream.write(text.encode("utf-8"))
    if exporter.problems:
        raise InvalidFile(exporter.problems, hint="the other reports are exported   (issuelog check)")


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


@contextmanager
def _written(session: Session, file: str | None) -> Iterator[BinaryIO]:
    """Offer where to write: standard output, or a file that is there as a whole or not at all."""
    import os
    import sys

    if file in _STANDARD_OUTPUT:
        sys.stdout.flush()
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    named = session.folder / str(file)
    if named.exists() and not named.is_file():
        raise UsageError(f"{file or repr(file)} is not a file", hint="without -o it goes to standard output")
    target = named.resolve()
    if not target.parent.is_dir():
        raise UsageError(f"there is no folder for {file}")
    if session.dry_run:
        with Path(os.devnull).open("wb") as nowhere:
            yield nowhere
        session.output.say(f"{file} would be written")
        return
    part = target.with_name(f".{target.name}.issuelog-{os.getpid()}")
    try:
        with part.open("xb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
