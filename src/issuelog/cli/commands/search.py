"""Search words in reports and known errors, the best hits first.

Looks in the title, error message, story, intake, messages, analysis and notes; a word also finds longer ones that
begin with it. Keys narrow it down as in `list`.

\b
issuelog search export timeout
issuelog search '"stops at half"' component:export
issuelog search -q EXPORT-507 | issuelog note - "see the fix of 7K3M"
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any

import typer

from issuelog.cli.results import Table
from issuelog.cli.session import Session
from issuelog.cli.shape import Shape
from issuelog.errors import Conflict, ExitCode, InvalidFile, NotFound, UsageError
from issuelog.model.query import words_of

if TYPE_CHECKING:
    from issuelog.store.search import Hit, Search

_COLUMNS = ("id", "place", "line", "text")
_LIMIT = 20


class Found(Table):
    """Hits; a report may have several places, and is named once where only ids are wanted."""

    def names(self) -> Iterator[str]:
        """Yield the ids."""
        return iter(dict.fromkeys(super().names()))


def search(
    session: Session,
    query: Annotated[list[str], typer.Argument(metavar="WORD…", help="Words, and keys as `list` takes them.")],
    limit: Annotated[
        int, typer.Option("--limit", min=0, metavar="N", help="At most so many reports; 0 for all.")
    ] = _LIMIT,
    *,
    shape: Shape,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit 1 where nothing is found.")] = False,
) -> Table:
    """Search."""
    from issuelog.store.search import Search

    shape.require_one(session.output)
    terms = session.terms(query)
    words = words_of(terms)
    if not words:
        said = " ".join(query)
        raise UsageError(f"{said!r} has no word to search for", hint="issuelog list QUERY   lists by keys alone")
    looking = Search(words, terms, session.at)
    (hits, total), problems = session.tracker.ask(lambda index: looking.best(index, limit or None))
    notes = []
    if not hits and len(words) > 1 and not (session.output.quiet or session.output.json):  # where it cannot be said
        looking = Search(words, terms, session.at, any_of_them=True)
        (hits, total), problems = session.tracker.ask(lambda index: looking.best(index, limit or None))
        notes += ["none has all the words; these have some of them"] if hits else []
    for problem in problems:
        session.output.warn(f"{problem}; not searched (issuelog check)")
    # Where only ids are wanted the files need not be read for the places.
    rows = [row for hit in hits for row in ([{"id": hit.id}] if session.output.quiet else _rows(session, looking, hit))]
    if not hits:
        notes += _by_id(session, words)
    if total > len(hits):
        notes.append(f"the best {len(hits)} of {total:,} (--limit 0 shows all)")
    code = ExitCode.NO if exit_code and not hits else ExitCode.DONE
    found = Found(rows, _COLUMNS, empty="nothing has these words", wide=frozenset({"text"}), notes=notes, code=code)
    return shape.of(found, session.output)


def _by_id(session: Session, words: Sequence[str]) -> list[str]:
    """Return what helps where a word is in no text, for it is a part of an id."""
    with suppress(NotFound):
        return [f"{words[0]} is a report: issuelog show {session.tracker.find(words[0])}"]
    return []


def _rows(session: Session, looking: Search, hit: Hit) -> Iterator[dict[str, Any]]:
    whole = {"id": hit.id, "title": hit.title, "state": hit.state or None, "score": hit.score}
    path = session.tracker.relative(hit.path)
    try:
        for found in looking.places(hit):
            yield {**whole, "place": found.place, "path": path, "line": found.line, "text": found.text}
    except (InvalidFile, Conflict) as error:  # changed since the index looked at it
        session.output.warn(str(error.problems[0]) if isinstance(error, InvalidFile) else error.message)
