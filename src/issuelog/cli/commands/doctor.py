"""Say whether everything is in place.

\b
issuelog doctor
"""

from __future__ import annotations

from issuelog.cli.results import Table
from issuelog.cli.session import Session
from issuelog.errors import ExitCode


def doctor(session: Session) -> Table:
    """Look. Exits 1 where something has to be mended."""
    from issuelog.setup import diagnose

    rows = [vars(finding) for finding in diagnose(session.tracker)]
    code = ExitCode.NO if any(row["level"] == "error" for row in rows) else ExitCode.DONE
    return Table(
        rows, ("what", "level", "found", "command"), code=code, wide=frozenset({"found", "command"}), fold=True
    )
