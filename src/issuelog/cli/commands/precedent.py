"""Find earlier reports and known errors like this one, with the reasons.

Those with the same error signature come first. The score is the probability that it is the same error; from 0.8 on the
signature is the same. `--reject` records that one only looks the same, and it is not shown for this report again.

\b
issuelog precedent 7K3M
issuelog precedent --text "export stops at half, error EXPORT-507"
issuelog precedent 7K3M --reject 2QAB
issuelog list -q is:open | issuelog precedent - --ndjson --limit 3
issuelog precedent --evaluate
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from issuelog.cli.past import NOTHING, offered, page
from issuelog.cli.results import Changes, Document, Table, ndjson_line
from issuelog.cli.session import Session
from issuelog.errors import UsageError

if TYPE_CHECKING:
    import sqlite3

    from issuelog.precedent.asked import Asked
    from issuelog.precedent.finding import Found

_LIMIT = 10
_NOTHING_CONFIRMED = "nothing is confirmed yet: issuelog duplicate ID --of ID2   confirms that they are one"
_COLUMNS = ("ref", "score", "state", "title", "why", "solution")


def precedent(
    session: Session,
    report: Annotated[
        str | None,
        typer.Argument(metavar="ID", help="A report: its id, a part of it, its file, or - for many."),
    ] = None,
    text: Annotated[str | None, typer.Option("--text", metavar="T", help="What is looked for (- or @FILE).")] = None,
    file: Annotated[
        Path | None, typer.Option("--file", metavar="F", help="A text file: a log, a stack trace, a mail.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, metavar="N", help="At most so many.")] = _LIMIT,
    earlier: Annotated[bool, typer.Option("--earlier", help="Only what was received before the report.")] = False,
    reject: Annotated[
        str | None, typer.Option("--reject", metavar="REF", help="Record: this one is not the same.")
    ] = None,
    note: Annotated[str | None, typer.Option("--note", metavar="TEXT", help="Why it is not; with --reject.")] = None,
    evaluate: Annotated[
        bool, typer.Option("--evaluate", help="Replay the confirmed duplicates: how many would have been found?")
    ] = False,
    ndjson: Annotated[bool, typer.Option("--ndjson", help="One JSON object a line.")] = False,
) -> Table | Document | Changes:
    """Find precedents."""
    if evaluate:
        if report or text or file or reject or note or ndjson:
            raise UsageError("--evaluate replays what the team has confirmed, and takes nothing else")
        return _evaluate(session)
    asks = sum(given is not None for given in (report, text, file))
    if asks > 1:
        raise UsageError("only one of a report, --text and --file may be given", hint="issuelog precedent ID")
    if not asks:
        raise UsageError("name a report, or give --text or --file", hint="issuelog precedent ID")
    if ndjson and session.output.json:
        raise UsageError("--ndjson and --json exclude each other")
    if note is not None and reject is None:
        raise UsageError("--note tells why one is not the same: --reject REF")
    if reject is not None:
        return _reject(session, report, reject, session.text(note, "--note"))
    asked = _asked(session, report, text, file)
    found = _answers(session, asked, limit, earlier=earlier)
    rows = [{**hit.data(), **({"id": answer.id} if report == "-" else {})} for answer in found for hit in answer.hits]
    documents = [answer.data() for answer in found]
    columns = ("id", *_COLUMNS) if report == "-" else _COLUMNS
    notes = [] if report == "-" else [line for answer in found for line in offered(answer)]
    if session.output.for_people and not (ndjson or session.output.quiet):
        return Document(documents, page(found, many=report == "-"), notes=notes)
    return Table(
        documents if ndjson else rows,
        columns,
        empty=NOTHING,
        notes=notes,
        document=documents if report == "-" else documents[0],
        line=ndjson_line if ndjson else None,
    )


def _asked(session: Session, report: str | None, text: str | None, file: Path | None) -> list[Asked]:
    from issuelog.precedent.asked import of_report, of_text
    from issuelog.store.layout import MAX_BYTES

    if report is not None:
        return [of_report(stored.report) for stored in session.reports(report)]
    if file is not None:
        said = session.decoded(session.file(file, MAX_BYTES), str(file))
    else:
        said = session.text(text, "--text") or ""
    if not said.strip():
        raise UsageError("there is nothing to look for: the text is empty")
    return [of_text(said, session.at)]


def _answers(session: Session, asked: Sequence[Asked], limit: int, *, earlier: bool) -> list[Found]:
    from issuelog.precedent.finding import Past
    from issuelog.precedent.lessons import IN_PASSING, School

    def answer(index: sqlite3.Connection) -> tuple[School, list[Found]]:
        school = School(index)
        past = Past(index, school.learn(school.pending()[:IN_PASSING]))
        return school, [past.find(one, limit, earlier=earlier) for one in asked]

    (school, found), problems = session.tracker.ask(answer)
    if school.has_learned:
        session.tracker.index.keep(school.write)
    for problem in problems:
        session.output.warn(f"{problem}; not searched (issuelog check)")
    return found


def _evaluate(session: Session) -> Document:
    from issuelog.cli.progress import Progress
    from issuelog.precedent.asked import of_report
    from issuelog.precedent.evaluating import evaluate
    from issuelog.precedent.lessons import confirmed

    wanted, _ = session.tracker.ask(confirmed)
    asked = [of_report(session.tracker.read(ref).report) for ref in wanted]
    with Progress(session.output, "replayed", len(asked)) as progress:
        (found, school), _ = session.tracker.ask(lambda index: evaluate(index, wanted, asked, progress.step))
    session.tracker.index.keep(school.write)
    notes = [] if wanted else [_NOTHING_CONFIRMED]
    return Document(found.data(), found.page(), notes=notes)


def _reject(session: Session, report: str | None, ref: str, note: str | None) -> Changes:
    from issuelog.actions.precedents import reject
    from issuelog.store.references import find

    if report is None:
        raise UsageError("--reject needs the report that it does not fit", hint="issuelog precedent ID --reject REF")
    return session.change(report, reject(find(session.tracker.layout, ref), note))
