"""Record reports from mails or other trackers.

mail is a mail (.eml), an mbox or a Maildir, whichever FILE is. A mail's Date becomes received_at and its Message-ID
external_ref. A mail that answers one of a report's, or in whose subject the customer has the report's id, becomes a
message of that report, and changes no state.

github, bugzilla, jira and zendesk are JSON as these trackers answer it, or one item a line. What was the state there is
not taken over: each becomes a new report. Comments and internal notes are not imported.

What was imported before, by its external_ref or as a whole report, is not imported again. Several reports appear all at
once, with a commit each, or none of them: one that cannot be imported stops the others, unless with --keep-going.

jsonl is one JSON object a line: title and story, with any of channel, received_at, customer, contact, severity,
component, product, version, error_message, external_ref; or a whole report as `issuelog export jsonl` writes it.

\b
issuelog import mail complaint.eml
issuelog import mail inbox/*.eml support.mbox ~/Maildir --dry-run
issuelog import mail another.eml --to 7K3M
issuelog import jsonl reports.jsonl
issuelog import bugzilla bugs.json --keep-going
issuelog import jira search.json
issuelog import zendesk tickets.json
gh issue list --json number,title,body,author,createdAt,labels,url | issuelog import github -
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, BinaryIO, TypeVar

import typer

from issuelog.cli.results import Table
from issuelog.cli.session import Session
from issuelog.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from issuelog.importing import Imported

T = TypeVar("T")
_NAMED = 5


def import_(
    session: Session,
    format: Annotated[str, typer.Argument(metavar="FORMAT", help="mail, github, bugzilla, jira, zendesk or jsonl.")],
    files: Annotated[
        list[str], typer.Argument(metavar="FILE…", help="Files (for mail a Maildir as well), or - for standard input.")
    ],
    to: Annotated[
        str | None, typer.Option("--to", metavar="ID", help="The report that the mails belong to, whatever they say.")
    ] = None,
    keep_going: Annotated[
        bool, typer.Option("--keep-going", help="Import the others where some cannot be imported.")
    ] = False,
) -> Table:
    """Import all items of the files, or name those that cannot be imported and import none."""
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

    with Importer(
        session.tracker,
        format,
        settle,
        to=to,
        dry_run=session.dry_run,
        keep_going=keep_going,
        several=len(files) > 1,
    ) as importer:
        with progress:
            for name in files:
                folder = session.folder / name
                if name != "-" and folder.is_dir():
                    importer.take_folder(folder, name, session.moment, progress.step)
                    continue
                with _opened(session, name) as stream:
                    importer.take(stream, name, session.moment, progress.step)
        done = importer.finish()
    _tell(session, done)
    rows = [one.row() for one in done]
    hints = [*_past(session, done), *(one.then() for one in done if one.next and len(rows) == 1)]
    actions = {row["action"] for row in rows}
    code = ExitCode.DONE
    if importer.failed:
        code = ExitCode.INVALID if "rejected" in actions else ExitCode.REFUSED
        if not keep_going:
            session.output.warn("nothing was imported (--keep-going imports what can be)")
    return Table(rows, ("id", "action", "title"), empty="there was nothing to import", notes=hints, code=code)


def _past(session: Session, done: Sequence[Imported]) -> Iterator[str]:
    """Yield what the past has for new reports, where they are not too many to be looked up unasked."""
    from issuelog.cli.past import REPORTS_LOOKED_UP, look_up, told

    new = [one.id for one in done if one.action == "import" and one.id and one.commit]
    if new and len(new) <= REPORTS_LOOKED_UP and not session.output.quiet:
        for found in look_up(session, [session.tracker.read(one).report for one in new]):
            before = f"{found.id}: " if len(new) > 1 else ""
            yield from (f"{before}{line}" for line in told(found))


def _tell(session: Session, done: Sequence[Imported]) -> None:
    """Warn of what was not imported; of what may be said of most of it, only for the first."""
    known = [one for one in done if one.action == "known"]
    for one in done:
        if one.note and one not in known[_NAMED:]:
            session.output.warn(one.note)
    if len(known) > _NAMED:
        session.output.warn(f"{len(known) - _NAMED:,} more are already here")
    lacking = [one for one in done if one.lacks]
    for one in lacking[:_NAMED]:
        session.output.warn(one.lacks)
    if len(lacking) > _NAMED:
        session.output.warn(f"{len(lacking) - _NAMED:,} more name files that are not in the export")


@contextmanager
def _opened(session: Session, name: str) -> Iterator[BinaryIO]:
    """Offer a file that the user named; it may be larger than the memory."""
    import sys

    if name == "-":
        yield sys.stdin.buffer
        return
    path = session.folder / name
    if not path.exists():
        raise UsageError(f"there is no file {name}")
    with path.open("rb") as stream:  # a link or a pipe as well: the user has named it
        yield stream
