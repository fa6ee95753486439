"""Say whether everything is in place.

Git, this clone and the files; and what a team needs before it can rely on its clocks and messages: owners, calendars,
policies, templates. With --fix what needs no decision is mended: the merge driver of this clone, an index that fell
behind.

\b
issuelog doctor
issuelog doctor --fix
"""

from __future__ import annotations

import os
from typing import Annotated

import typer

from issuelog.cli.results import Table
from issuelog.cli.session import Session
from issuelog.errors import ExitCode, UsageError


def doctor(
    session: Session,
    fix: Annotated[bool, typer.Option("--fix", help="Mend what needs no decision, then look.")] = False,
) -> Table:
    """Look. Exits 1 where something has to be mended."""
    from issuelog.setup import diagnose, mend

    if fix and session.dry_run:
        raise UsageError("--fix has no dry run", hint="issuelog doctor   says what is to be mended")
    mended = mend(session.tracker) if fix else []
    if mended:
        del session.tracker  # look anew
    rows = [vars(finding) for finding in diagnose(session.tracker, session.at, os.environ)]
    code = ExitCode.NO if any(row["level"] == "error" for row in rows) else ExitCode.DONE
    columns = ("what", "level", "found", "command")
    return Table(rows, columns, code=code, wide=frozenset({"found", "command"}), fold=True, notes=mended)
