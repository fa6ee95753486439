"""Compare reports with their history in git.

Names events without a commit, and commits that rewrote an event, took one away, or set a time back.

\b
issuelog fsck
issuelog fsck 7K3M
issuelog fsck --explain event_removed
"""

from __future__ import annotations

from typing import Annotated

import typer

from issuelog.cli.results import Table
from issuelog.cli.session import Session
from issuelog.errors import ExitCode, UsageError


def fsck(
    session: Session,
    report: Annotated[str | None, typer.Argument(metavar="ID", help="A report; all where none is named.")] = None,
    explain: Annotated[
        str | None, typer.Option("--explain", metavar="RULE", help="What a rule asks for; or: all.")
    ] = None,
) -> Table:
    """Compare. Exits 1 where something is wrong."""
    from issuelog.fsck import RULES, Fsck

    if explain:
        rows = [{"rule": rule, "asks": words} for rule, words in RULES.items() if explain in {rule, "all"}]
        if not rows:
            raise UsageError(f"there is no rule {explain!r}; there are: {', '.join(RULES)}, all")
        return Table(rows, ("rule", "asks"), wide=frozenset({"asks"}), fold=True)
    tracker = session.tracker
    looking = Fsck(tracker)
    findings = list(looking.run(tracker.find(report) if report is not None else None))
    errors = any(finding.level == "error" for finding in findings)
    hints = ["git show COMMIT   shows what it did"] if errors else []
    return Table(
        [vars(finding) for finding in findings],
        ("path", "rule", "level", "message", "commit"),
        empty=f"all is well in {looking.commits} commits",
        code=ExitCode.NO if errors else ExitCode.DONE,
        wide=frozenset({"message"}),
        fold=True,
        notes=hints,
    )
