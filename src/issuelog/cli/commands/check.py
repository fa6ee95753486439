"""Validate the files.

Schema, links, attachments, seals, and events against the state.

\b
issuelog check
issuelog check reports/2026/11/CR-261122-7K3M.yaml
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from issuelog.cli.results import Table
from issuelog.cli.session import Session
from issuelog.errors import ExitCode


def check(
    session: Session,
    files: Annotated[list[Path] | None, typer.Argument(metavar="FILE…", help="Files; all where none is named.")] = None,
) -> Table:
    """Check. Exits 6 where a file is invalid, 1 where something else is wrong."""
    from issuelog.checks import INVALIDATING, check_tracker

    paths = [path if path.is_absolute() else session.folder / path for path in files] if files else None
    problems = check_tracker(session.tracker, paths)
    rows = [vars(problem) for problem in problems]
    errors = [problem for problem in problems if problem.level == "error"]
    code = ExitCode.DONE
    if errors:
        code = ExitCode.INVALID if any(problem.rule in INVALIDATING for problem in errors) else ExitCode.NO
    columns = ("path", "line", "column", "rule", "level", "message")
    return Table(rows, columns, empty="all is well", code=code, wide=frozenset({"message"}), fold=True)
