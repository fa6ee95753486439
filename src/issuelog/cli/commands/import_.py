"""Record reports from mails or other trackers.

A mail's Date becomes received_at and its Message-ID external_ref. What was imported before is not imported again.
Several reports appear all at once, with a commit each, or none of them.

jsonl is one JSON object a line: title and story, with any of channel, received_at, customer, contact, severity,
component, product, version, error_message, external_ref; or a whole report as `issuelog export jsonl` writes it.

\b
issuelog import mail complaint.eml
issuelog import mail inbox/*.eml --dry-run
issuelog import jsonl reports.jsonl
gh issue list --json number,title,body,author,createdAt,labels,url | issuelog import github -
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, BinaryIO, TypeVar

import typer

from issuelog.cli.results import Table
from issuelog.cli.session import Session
from issuelog.errors import ExitCode, UsageError

T = TypeVar("T")


def import_(
    session: Session,
    format: Annotated[str, typer.Argument(metavar="FORMAT", help="mail, github or jsonl.")],
    files: Annotated[list[str], typer.Argument(metavar="FILE…", help="Files, or - for standard input.")],
) -> Table:
    """Import each item of the files; what cannot be imported is named, and nothing of it is kept."""
    from issuelog.cli.progress import Progress
    from issuelog.importing import Importer
    from issuelog.redaction import SecretFound

    progress = Progress(session.output, "read")

    def settle(make: Callable[[], T]) -> T:
        try:
            return make()
        except SecretFound:
            progress.clear()
            return session.settling_secrets(make)

    with Importer(session.tracker, format, settle, dry_run=session.dry_run) as importer:
        with progress:
            for name in files:
                with _opened(session, name) as stream:
                    importer.take(stream, name, session.moment, progress.step)
        done = importer.finish()
    for one in done:
        if one.note:
            session.output.warn(one.note)
    rows = [one.row() for one in done]
    hints = [f"next: {row['next']}" for row in rows if row["next"]] if len(rows) == 1 else []
    code = ExitCode.REFUSED if any(row["action"] == "refused" for row in rows) else ExitCode.DONE
    return Table(rows, ("id", "action", "title"), empty="there was nothing to import", notes=hints, code=code)


@contextmanager
def _opened(session: Session, name: str) -> Iterator[BinaryIO]:
    """Offer a file that the user named; it may be larger than the memory."""
    import sys

    from issuelog.store.files import read_regular

    if name == "-":
        yield sys.stdin.buffer
        return
    path = session.folder / name
    if read_regular(path, 0) is None:
        raise UsageError(f"there is no file {name}")
    with path.open("rb") as stream:
        yield stream
