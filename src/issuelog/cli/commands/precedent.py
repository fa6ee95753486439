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
from issuelog.cli.results import Changes, Document, Table
from issuelog.cli.session import Session
from issuelog.errors import UsageError

if TYPE_CHECKING:
    import sqlite3

    from issuelog.precedent import Asked, Found

_LIMIT = 10
_REPLAYED = 100
"""So many hits are looked at for one that was confirmed."""
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
    if sum(given is not None for given in (report, text, file)) != 1:
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
        ndjson=ndjson,
    )


def _asked(session: Session, report: str | None, text: str | None, file: Path | None) -> list[Asked]:
    from issuelog.precedent import of_report, of_text
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
    from issuelog.precedent import Past

    def answer(index: sqlite3.Connection) -> list[Found]:
        past = Past(index)
        return [past.find(one, limit, earlier=earlier) for one in asked]

    found, problems = session.tracker.ask(answer)
    for problem in problems:
        session.output.warn(f"{problem}; not searched (issuelog check)")
    return found


def _evaluate(session: Session) -> Document:
    from issuelog.cli.progress import Progress
    from issuelog.knowledge.replay import PLACES, measure
    from issuelog.precedent import Past, confirmed, of_report

    wanted, _ = session.tracker.ask(confirmed)
    asked = [of_report(session.tracker.read(ref).report) for ref in wanted]

    def replay(index: sqlite3.Connection) -> list[list[str]]:
        past = Past(index)
        ranked = []
        with Progress(session.output, "replayed", len(asked)) as progress:
            for one in asked:
                ranked.append([hit.ref for hit in past.find(one, _REPLAYED, earlier=True).hits])
                progress.step()
        return ranked

    ranked, _ = session.tracker.ask(replay)
    found = measure(zip(ranked, wanted.values(), strict=True))
    lines = [f"recall@{place:<4}{found.recall[place]:.3f}" for place in PLACES]
    body = "\n".join([f"questions  {found.questions}", *lines, f"MRR        {found.mrr:.3f}"])
    notes = [] if wanted else ["nothing is confirmed yet: issuelog duplicate ID --of ID2   confirms that they are one"]
    return Document(found.data(), body, notes=notes)


def _reject(session: Session, report: str | None, ref: str, note: str | None) -> Changes:
    from issuelog.actions.precedents import reject
    from issuelog.store.references import find

    if report is None:
        raise UsageError("--reject needs the report that it does not fit", hint="issuelog precedent ID --reject REF")
    return session.change(report, reject(find(session.tracker.layout, ref), note))
