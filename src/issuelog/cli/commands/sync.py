"""Share reports: pull, merge, push.

Reports merge field by field, and nothing is left half merged. It needs no set-up, and without a remote it says so.

\b
issuelog sync
issuelog sync --dry-run
issuelog sync --resolve
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from issuelog.cli.results import Document
from issuelog.cli.session import Session
from issuelog.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from issuelog.resolving import Resolved
    from issuelog.syncing import Synced


def sync(
    session: Session,
    resolve: Annotated[
        bool, typer.Option("--resolve", help="Only repair what git itself merged or left in conflict; share nothing.")
    ] = False,
) -> Document:
    """Share."""
    if resolve and session.dry_run:
        raise UsageError("--resolve has no dry run", hint="git stash, or a second clone, is a place to try it")
    if resolve:
        from issuelog.resolving import Resolving

        return _resolved(Resolving(session.tracker).run(session.moment()))
    from issuelog.syncing import Syncing

    return _synced(Syncing(session.tracker).run(dry_run=session.dry_run), dry_run=session.dry_run)


def _synced(done: Synced, *, dry_run: bool) -> Document:
    data = {"remote": done.remote, "pulled": done.pulled, "pushed": done.pushed, "commit": done.commit}
    if done.remote is None:
        said = "there is no remote: your reports are in this repository alone (git remote add origin URL)"
    elif done.pulled or done.pushed:
        would = "would be " if dry_run else ""
        said = f"{done.remote}: {_commits(done.pulled)} {would}pulled, {_commits(done.pushed)} {would}pushed"
    else:
        said = f"{done.remote}: nothing to share, both are the same"
    return Document({**data, "notes": done.notes}, said, notes=done.notes)


def _resolved(done: Resolved) -> Document:
    if done.left:
        said = "\n".join(f"{path} is left: {why}" for path, why in done.left.items())
    else:
        said = "all is settled" if done.notes or done.commits else "there was nothing to repair"
    data = {"notes": done.notes, "commits": done.commits, "left": done.left, "next": done.next}
    hints = [*done.notes, *([f"next: {done.next}"] if done.next else [])]
    return Document(data, said, code=ExitCode.CONFLICT if done.left else ExitCode.DONE, notes=hints)


def _commits(count: int) -> str:
    return "1 commit" if count == 1 else f"{count} commits"
