"""Publish what was learned, and find it again.

A known error has what helps whoever meets the error next: symptom, cause, workaround, solution. No customer is in it.

\b
issuelog known-error publish 7K3M --symptom "the bar stops at half" --check "the log says EXPORT-507"
issuelog known-error publish 4QRT --into 9QXA
issuelog known-error list export
issuelog known-error search "worker terminated"
issuelog known-error review 9QXA
issuelog known-error export site
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from issuelog.cli import params
from issuelog.cli.knowing import PublishedChange, Telling, exported, kept, listed, page, places, said_anew
from issuelog.cli.results import Document, Table
from issuelog.cli.session import Session
from issuelog.cli.shape import Shape
from issuelog.errors import UsageError

One = Annotated[str, typer.Argument(metavar="KE", help="A known error: its id, a part of it, or its file.")]
_LIMIT = 20


def publish(
    session: Session,
    report: params.One,
    telling: Telling,
    into: Annotated[
        str | None, typer.Option("--into", metavar="KE", help="Add the report to a known error that is there.")
    ] = None,
) -> PublishedChange:
    """Make a known error of a report that was solved."""
    from issuelog.cli.prompt import ask
    from issuelog.publishing.facts import Lacking
    from issuelog.publishing.privacy import Private
    from issuelog.publishing.publisher import Publishing

    told = telling.facts(session)
    publishing = Publishing(session.tracker)
    while True:
        try:
            done = publishing.publish(report, told, session.moment(), into=into, dry_run=session.dry_run)
            return PublishedChange(done)
        except Lacking as error:
            if not session.interactive:
                raise
            for asked in error.asked:
                said = ask(asked.question)
                told[asked.field] = [said] if asked.field == "solution" else said
        except Private as error:
            if not session.interactive:
                raise
            told |= said_anew(session, error)


def list_(
    session: Session,
    words: Annotated[
        list[str] | None, typer.Argument(metavar="WORD…", help="Only those that have all of these words.")
    ] = None,
    stale: Annotated[bool, typer.Option("--stale", help="Only those that somebody should look at again.")] = False,
    every: Annotated[bool, typer.Option("--all", help="Those that are retired as well.")] = False,
    *,
    shape: Shape,
) -> Table:
    """List known errors, the newest first."""
    from issuelog.publishing.overview import matching, overview

    days = session.tracker.policy.known_error_review
    rows, problems = session.tracker.ask(lambda index: overview(index, session.at, days))
    for problem in problems:
        session.output.warn(f"{problem}; not shown (issuelog check)")
    found = [row for row in matching(rows, words or []) if every or row["state"] != "retired"]
    table = listed(found, stale_alone=stale, for_people=shape.is_for_people(session.output))
    return shape.of(table, session.output)


def show(session: Session, known_error: One) -> Document:
    """Show a known error; piped, it is the file itself."""
    from issuelog.publishing.overview import overview
    from issuelog.store import known_errors
    from issuelog.store.documents import to_json

    tracker = session.tracker
    name = known_errors.find(tracker.layout, known_error)
    path = tracker.layout.known_error(name)
    stored = known_errors.read(path, tracker.relative(path))
    rows, _ = tracker.ask(lambda index: overview(index, session.at, tracker.policy.known_error_review))
    row = next(row for row in rows if row["id"] == name)
    about = {key: row[key] for key in ("state", "applied", "stale", "path")}
    body = page(stored.known_error, row) if session.output.for_people else stored.text
    return Document({**to_json(stored.known_error), **about}, body, brief=name)


def search(
    session: Session,
    words: Annotated[list[str], typer.Argument(metavar="WORD…", help="Words; one also finds those that begin so.")],
    limit: Annotated[int, typer.Option("--limit", min=0, metavar="N", help="At most so many; 0 for all.")] = _LIMIT,
) -> Table:
    """Search known errors, the best hits first."""
    from issuelog.model.query import words_of
    from issuelog.publishing.overview import KnownErrors

    terms = session.terms(words)
    wanted = words_of(terms)
    if not wanted:
        raise UsageError(f"{' '.join(words)!r} has no word to search for")
    looking = KnownErrors(wanted, terms, session.at)
    (hits, total), problems = session.tracker.ask(lambda index: looking.best(index, limit or None))
    for problem in problems:
        session.output.warn(f"{problem}; not searched (issuelog check)")
    rows = [row for hit in hits for row in places(session, looking, hit)]
    more = [f"the best {len(hits)} of {total:,} (--limit 0 shows all)"] if total > len(hits) else []
    return Table(
        rows, ("id", "place", "line", "text"), empty="none has these words", wide=frozenset({"text"}), notes=more
    )


def review(session: Session, known_error: One) -> Document | Table:
    """Record that a known error is right still."""
    from issuelog.publishing.publisher import Publishing

    done = Publishing(session.tracker).review(known_error, session.moment(), dry_run=session.dry_run)
    return kept(done, for_people=session.output.for_people)


def retire(session: Session, known_error: One, because: params.Because = None) -> Document | Table:
    """Take a known error out of use; it stays on record."""
    from issuelog.publishing.publisher import Publishing

    why = session.need(because, "--because", "Why is it of no use any more?")
    done = Publishing(session.tracker).retire(known_error, why, session.moment(), dry_run=session.dry_run)
    return kept(done, for_people=session.output.for_people)


def export(
    session: Session,
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Where the pages go; new, empty, or an earlier export.")
    ],
    format: Annotated[str, typer.Option("--format", metavar="md", help="md: Markdown, a page for each.")] = "md",
) -> Document:
    """Write those in use as Markdown pages, with an index."""
    from issuelog.publishing.site import Site

    if format != "md":
        raise UsageError(f"there is no format {format!r}; there is: md")
    target = folder if folder.is_absolute() else session.folder / folder
    return exported(folder, Site(session.tracker).write(target, dry_run=session.dry_run), dry_run=session.dry_run)


VERBS = {
    "publish": publish,
    "list": list_,
    "show": show,
    "search": search,
    "review": review,
    "retire": retire,
    "export": export,
}
