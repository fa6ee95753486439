"""Change fields.

Validated; an empty value removes a field. Paths are those of the file.

\b
issuelog set 7K3M intake.frequency=always intake.environment.os="Debian 12"
issuelog set 7K3M labels=month-end,export
issuelog set 7K3M intake.unavailable.error_message="the customer closed the window"
"""

from __future__ import annotations

from typing import Annotated

import typer

from issuelog.cli import params
from issuelog.cli.results import Changes
from issuelog.cli.session import Session


def set_(
    session: Session,
    report: params.Report,
    changes: Annotated[list[str], typer.Argument(metavar="FIELD=VALUE…", help="Fields by path, as in the file.")],
) -> Changes:
    """Set fields."""
    from issuelog.actions import start

    return session.change(report, start.set_fields(session.pairs(changes, "FIELD=VALUE")))
