"""Add files that the customer sent.

Screenshots, logs (partial ones too), data.

\b
issuelog attach 7K3M red-box.png
issuelog attach 7K3M export.log --partial
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from issuelog.cli import params
from issuelog.cli.results import Changes
from issuelog.cli.session import Session


def attach(
    session: Session,
    report: params.Report,
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="The files.")],
    kind: Annotated[str | None, typer.Option("--kind", metavar="K", help="screenshot, log, data or other.")] = None,
    partial: Annotated[bool, typer.Option("--partial", help="Only a part of the file.")] = False,
) -> Changes:
    """Attach."""
    from issuelog.actions import start

    return session.change(report, start.attach(session.attachments(files), kind=kind, partial=partial))
