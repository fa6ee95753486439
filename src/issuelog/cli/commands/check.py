"""Validate the files.

Schema, links, attachments, seals, events against the state, and what the transitions asked for. Fit for CI and as a
pre-commit hook.

\b
issuelog check
issuelog check reports/2026/11/CR-261122-7K3M.yaml
issuelog check --format github
issuelog check --explain seal
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from issuelog.cli.results import Document, Result, Table
from issuelog.cli.session import Session
from issuelog.errors import ExitCode, NoTracker, Problem, UsageError

if TYPE_CHECKING:
    from issuelog.tracker import Tracker

_COLUMNS = ("path", "line", "column", "rule", "level", "message")


def check(
    session: Session,
    files: Annotated[list[Path] | None, typer.Argument(metavar="FILE…", help="Files; all where none is named.")] = None,
    format: Annotated[
        str, typer.Option("--format", metavar="text|github", help="As GitHub's annotations, for a workflow.")
    ] = "text",
    explain: Annotated[
        str | None, typer.Option("--explain", metavar="RULE", help="What a rule asks for, and what helps; or: all.")
    ] = None,
) -> Result:
    """Check. Exits 6 where a file is invalid, 1 where something else is wrong."""
    from issuelog.checks import INVALIDATING, check_tracker

    if format not in {"text", "github"}:
        raise UsageError(f"--format is {format!r}; it has to be text or github")
    if explain:
        return _explained(explain)
    paths = [path if path.is_absolute() else session.folder / path for path in files] if files else None
    tracker = _tracker(session, paths)
    problems = check_tracker(tracker, paths)
    errors = [problem for problem in problems if problem.level == "error"]
    code = ExitCode.DONE
    if errors:
        code = ExitCode.INVALID if any(problem.rule in INVALIDATING for problem in errors) else ExitCode.NO
    rows = [vars(problem) for problem in problems]
    if format == "github" and not session.output.json:
        return Document(rows, "".join(_annotation(tracker, problem) for problem in problems), code=code)
    hints = ["issuelog check --explain RULE   says what helps"] if problems else []
    return Table(rows, _COLUMNS, empty="all is well", code=code, wide=frozenset({"message"}), fold=True, notes=hints)


def _tracker(session: Session, paths: list[Path] | None) -> Tracker:
    """Return the tracker around us, else that of the first file: hooks run at the top of a repository."""
    from issuelog.tracker import Tracker

    try:
        return session.tracker
    except NoTracker:
        if not paths:
            raise
        return Tracker.around(paths[0].parent, session.output.warn)


def _explained(name: str) -> Table:
    from issuelog.checks import RULES

    chosen = [rule for rule in RULES if name in {rule.id, "all"}]
    if not chosen:
        raise UsageError(f"there is no rule {name!r}; there are: {', '.join(rule.id for rule in RULES)}, all")
    rows = [{"rule": rule.id, "asks": rule.words, "helps": rule.remedy} for rule in chosen]
    return Table(rows, ("rule", "asks", "helps"), wide=frozenset({"asks", "helps"}), fold=True)


def _annotation(tracker: Tracker, problem: Problem) -> str:
    """Return a workflow command that GitHub shows beside the line."""
    from issuelog.cli.annotations import annotation

    path = tracker.in_repository(problem.path)
    return annotation(path, problem.line, problem.column, problem.level, problem.rule, problem.message)
