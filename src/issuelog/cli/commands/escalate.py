"""Call in help, or record what came back.

Until it is back the report cannot be closed, `due` has it, and updates to the customer say that somebody helps: whom
by name only where policy allows it (`parties_named`). Only a vendor is waited on; our own clocks run on.

\b
issuelog escalate 7K3M --to vendor --party "Initech" --reason "their driver" --tried "version 4.2" --due 2d
issuelog escalate 7K3M --back --outcome "fixed in their 4.3"
"""

from __future__ import annotations

from typing import Annotated

import typer

from issuelog.cli import params
from issuelog.cli.results import Changes
from issuelog.cli.session import Session
from issuelog.errors import UsageError


def escalate(
    session: Session,
    report: params.Report,
    to: Annotated[str | None, typer.Option("--to", metavar="WHOM", help="vendor, consultant or team.")] = None,
    party: Annotated[str | None, typer.Option("--party", metavar="NAME", help="Who it is.")] = None,
    reason: Annotated[str | None, typer.Option("--reason", metavar="TEXT", help="Why help is needed.")] = None,
    tried: Annotated[
        list[str] | None, typer.Option("--tried", metavar="TEXT", help="What was tried; repeatable.")
    ] = None,
    due: Annotated[str | None, typer.Option("--due", metavar="TIME", help="Until when.")] = None,
    back: Annotated[bool, typer.Option("--back", help="It came back.")] = False,
    outcome: Annotated[str | None, typer.Option("--outcome", metavar="TEXT", help="What they found.")] = None,
    which: Annotated[str | None, typer.Option("--which", metavar="E1", help="Which one came back.")] = None,
) -> Changes:
    """Escalate."""
    from issuelog.actions import work

    if back and (to or party or reason or tried or due):
        raise UsageError("--back records what came back; it goes with --outcome and --which alone")
    if not back and (outcome or which):
        raise UsageError("--outcome and --which go with --back")
    if back:
        said = session.need(outcome, "--outcome", "What did they find?")
        return session.change(report, work.escalate_back(outcome=said, escalation=which))
    step = work.escalate(
        to=session.need(to, "--to", "To whom: vendor, consultant, team?"),
        party=session.need(party, "--party", "Who is it?"),
        reason=session.need(reason, "--reason", "Why is help needed?"),
        tried=tried or [],
        due=session.time(session.need(due, "--due", "Until when?"), "--due"),
    )
    return session.change(report, step)
