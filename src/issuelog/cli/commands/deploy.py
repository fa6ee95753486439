"""Record where the fix runs.

\b
issuelog deploy 7K3M --version 8.10.3 --place production
"""

from __future__ import annotations

from typing import Annotated

import typer

from issuelog.cli import params
from issuelog.cli.results import Changes
from issuelog.cli.session import Session


def deploy(
    session: Session,
    report: params.Report,
    version: Annotated[str, typer.Option("--version", metavar="V", help="The version.")],
    place: Annotated[str, typer.Option("--place", metavar="P", help="Where it runs.")] = "production",
) -> Changes:
    """Deploy."""
    from issuelog.actions import work

    return session.change(report, work.deploy(version=version, place=place))
