"""Merge two versions of a report, called by git.

Lists are merged by item, events united, fields one by one; `init` and `doctor` tell git of it.

\b
git config merge.issuelog.driver "issuelog merge-driver %O %A %B %P"
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from issuelog.cli.results import Document
from issuelog.cli.session import Session
from issuelog.errors import ExitCode


def merge_driver(
    session: Session,
    base: Annotated[Path, typer.Argument(metavar="BASE", help="The version both come from (%O).")],
    ours: Annotated[Path, typer.Argument(metavar="OURS", help="Our version; the result goes here (%A).")],
    theirs: Annotated[Path, typer.Argument(metavar="THEIRS", help="Their version (%B).")],
    path: Annotated[str, typer.Argument(metavar="PATH", help="The report's path (%P).")],
) -> Document:
    """Merge. Exits 1 where a conflict is left, which only happens where a version is no report."""
    from issuelog.merging import drive

    clean = drive(session.folder / base, session.folder / ours, session.folder / theirs, path)
    said = f"{path}: merged" if clean else f"{path}: a conflict is left; mend it, then: issuelog check"
    return Document({"path": path, "clean": clean}, said, code=ExitCode.DONE if clean else ExitCode.NO)
