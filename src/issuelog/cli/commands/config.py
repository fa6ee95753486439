"""Show the settings that are in force.

Those of the tracker, which are the team's, and the user's own, such as how mail leaves the machine.

\b
issuelog config show
issuelog config show targets.S1 --origin
issuelog config show --json | jq '.[] | select(.origin != "default")'
issuelog config path
"""

from __future__ import annotations

import os
from typing import Annotated, Any

import typer

from issuelog.cli.results import Table
from issuelog.cli.session import Session
from issuelog.errors import NoTracker
from issuelog.store.layout import CONFIG


def show(
    session: Session,
    key: Annotated[
        str | None, typer.Argument(metavar="KEY", help="A setting or what it begins with: targets.S1")
    ] = None,
    origin: Annotated[bool, typer.Option("--origin", help="Say where each comes from, too.")] = False,
) -> Table:
    """Show every setting, or those below a key, as one would write it into the file; --origin: who says so.

    That is `default`, a file with the line, or a variable of the environment. Secrets are not shown.
    """
    from issuelog.settings import chosen, settings

    found = settings(session.tracker, os.environ)
    if key is not None:
        found = chosen(found, key)
    rows = [{"key": one.key, "value": one.text, "origin": one.origin} for one in found]
    columns = ("key", "value", "origin") if origin else ("key", "value")
    return Table(rows, columns, wide=frozenset({"value", "origin"}), fold=True, document=[vars(one) for one in found])


def path(session: Session) -> Table:
    """Print where the settings are, or would be: the tracker's and the user's own."""
    from issuelog.config import user_file

    try:
        ours = session.tracker.layout.config
    except NoTracker:
        ours = session.folder / CONFIG
    files = {"tracker": ours, "user": user_file(os.environ)}
    rows = [{"path": str(file), "of": whose, "there": file.is_file()} for whose, file in files.items()]
    return Table(rows, ("path", "of", "there"), wide=frozenset({"path"}), fold=True)


VERBS: dict[str, Any] = {"show": show, "path": path}
