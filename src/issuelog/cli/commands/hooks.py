"""A hook that checks the ids in commit messages.

It is for the product's repository: the one around the tracker, or product_repo of your settings. A message that names a
report which is not there is refused, with the nearest that are; all else passes.

\b
issuelog hooks install
issuelog hooks install --repo ~/src/billing
issuelog hooks status
issuelog hooks uninstall
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from issuelog.cli.results import Document
from issuelog.cli.session import Session

if TYPE_CHECKING:
    from issuelog.hooking import Hook

Repo = Annotated[
    Path | None, typer.Option("--repo", metavar="PATH", help="The repository; the product's unless you say another.")
]


def install(session: Session, repo: Repo = None) -> Document:
    """Put it where git looks for hooks; one that is there already is never overwritten."""
    hook = _hook(session, repo)
    before = hook.state
    everywhere = "core.hooksPath is set for all your repositories: this hook runs in each of them"
    notes = [everywhere] if hook.shared else []
    if hook.is_for_everybody:
        notes.append("it lies among the files of the product: committed, it runs for everybody, as it is called here")
    if session.dry_run and before != "foreign":
        body = "nothing would change" if before == "installed" else f"would write {hook.path}:\n\n{hook.wanted}"
        return Document(_data(hook, changed=False), body, brief=str(hook.path), notes=notes)
    if before == "installed":
        return Document(_data(hook, changed=False), f"{hook.path} is installed already", brief=str(hook.path))
    hook.install()
    return Document(_data(hook, changed=True), f"installed {hook.path}", brief=str(hook.path), notes=notes)


def uninstall(session: Session, repo: Repo = None) -> Document:
    """Remove it; one that is not issuelog's stays."""
    hook = _hook(session, repo)
    state = hook.state
    if state in {"absent", "foreign"}:
        said = "there is no hook" if state == "absent" else "the hook is not issuelog's, and stays"
        return Document(_data(hook, changed=False), f"{hook.path}: {said}", brief=str(hook.path))
    if session.dry_run:
        return Document(_data(hook, changed=False), f"would remove {hook.path}", brief=str(hook.path))
    hook.uninstall()
    return Document(_data(hook, changed=True), f"removed {hook.path}", brief=str(hook.path))


def status(session: Session, repo: Repo = None) -> Document:
    """Say whether it is there."""
    hook = _hook(session, repo)
    notes = {
        "absent": ["issuelog hooks install   puts it there"],
        "outdated": ["issuelog hooks install   renews it: it is of another tracker or version, or cannot be run"],
        "foreign": [f"the line that calls issuelog: {hook.line}"],
    }
    return Document(
        _data(hook, changed=False), f"{hook.state}: {hook.path}", brief=hook.state, notes=notes.get(hook.state, ())
    )


def check(
    session: Session, file: Annotated[Path, typer.Argument(metavar="FILE", help="The message, as git hands it over.")]
) -> Document:
    """Check the ids in a message; the hook calls this."""
    from issuelog.hooking import MAX_MESSAGE, refuse, speaks_of_reports, unknown

    # Not from the tracker's folder, as `-C` names it: git calls hooks in the product's work tree.
    here = Path.cwd()
    message = session.file(here / file, MAX_MESSAGE).decode("utf-8", "replace")
    if not speaks_of_reports(message):
        return Document({"unknown": []}, "")
    tracker = session.tracker
    found = unknown(tracker.layout, tracker.policy.prefix, message, here)
    if found:
        refuse(tracker.layout, found)
    return Document({"unknown": []}, "")


def _hook(session: Session, repo: Path | None) -> Hook:
    from issuelog.cli.commits import product
    from issuelog.hooking import hook_of
    from issuelog.vcs.repository import Repository

    layout = session.tracker.layout
    if repo is None:
        return hook_of(product(session).revisions.repository, layout)
    return hook_of(Repository.around((session.folder / repo.expanduser()).resolve()), layout)


def _data(hook: Hook, *, changed: bool) -> dict[str, Any]:
    return {
        "repository": str(hook.repository.top),
        "path": str(hook.path),
        "state": hook.state,
        "changed": changed,
        "line": hook.line,
    }


VERBS = {"install": install, "uninstall": uninstall, "status": status, "check": check}
