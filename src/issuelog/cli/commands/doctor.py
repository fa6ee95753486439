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
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from issuelog.cli.results import Table
from issuelog.cli.session import Session
from issuelog.errors import ExitCode, InvalidFile, IssuelogError, UsageError

if TYPE_CHECKING:
    from issuelog.readiness import Finding


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
    found = [*diagnose(session.tracker, session.at, os.environ)]
    beside = next((number for number, one in enumerate(found, 1) if one.what == "hooks"), len(found))
    found[beside:beside] = _product(session)
    rows = [vars(finding) for finding in found]
    code = ExitCode.NO if any(row["level"] == "error" for row in rows) else ExitCode.DONE
    columns = ("what", "level", "found", "command")
    return Table(rows, columns, code=code, wide=frozenset({"found", "command"}), fold=True, notes=mended)


def _product(session: Session) -> Iterator[Finding]:
    """Yield whether git checks the ids in the messages of the product's commits."""
    from issuelog.cli.commits import is_there, product
    from issuelog.hooking import hook_of
    from issuelog.readiness import Finding

    try:
        settings = f"product_repo: PATH in {session.user.path}"
    except InvalidFile:
        return  # told where the settings are looked at
    try:
        repository = product(session)
        hook = hook_of(repository.revisions.repository, session.tracker.layout)
        state, is_product = hook.state, is_there(session, repository)
    except IssuelogError as error:
        yield Finding("commit hook", "warning", error.message, settings)
        return
    if state == "outdated":
        yield Finding("commit hook", "warning", f"outdated: {hook.path}", "issuelog hooks install")
    elif state == "absent":
        offer = "issuelog hooks install   lets git check ids in messages" if is_product else f"no product; {settings}"
        yield Finding("commit hook", "ok", f"absent ({offer})")
    else:
        whose = ", not issuelog's (issuelog hooks status   has the line that calls it)" if state == "foreign" else ""
        yield Finding("commit hook", "ok", f"{'there' if whose else state}: {hook.path}{whose}")
