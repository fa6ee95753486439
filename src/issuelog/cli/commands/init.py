"""Make a tracker here.

\b
issuelog init
issuelog init --prefix BUG
"""

from __future__ import annotations

from typing import Annotated

import typer

from issuelog.cli.results import Document
from issuelog.cli.session import Session


def init(
    session: Session,
    prefix: Annotated[str, typer.Option("--prefix", metavar="P", help="What ids begin with.")] = "CR",
) -> Document:
    """Write the policy file and the attributes of the reports folder, as one commit."""
    from issuelog.setup import init as make

    made = make(session.folder.resolve(), prefix, session.output.warn, dry_run=session.dry_run)
    return Document(
        {"root": str(made.root), "files": made.files, "commit": made.commit},
        "\n".join(made.files) if made.commit else made.preview,
        brief=str(made.root),
        notes=["next: issuelog new"] if made.commit else [],
    )
