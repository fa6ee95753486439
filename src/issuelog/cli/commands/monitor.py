"""Watch whether a fixed error comes back.

Until that time the report cannot be closed, `list is:monitoring` has it, and `watch-log` looks for its pattern in logs,
besides the error itself, which it knows. A pattern is a regular expression without backreferences and lookaround;
(?i) at its beginning ignores case.

\b
issuelog monitor 7K3M --until 30d --pattern 'EXPORT-507|worker \\d+ terminated'
issuelog monitor 7K3M --check "no hits in the logs of staging"
issuelog monitor 7K3M --off
"""

from __future__ import annotations

from typing import Annotated

import typer

from issuelog.cli import params
from issuelog.cli.results import Changes
from issuelog.cli.session import Session


def monitor(
    session: Session,
    report: params.Report,
    until: Annotated[
        str | None, typer.Option("--until", metavar="TIME", help="How long: a time, or 30d from now.")
    ] = None,
    pattern: Annotated[
        str | None, typer.Option("--pattern", metavar="REGEX", help="What a line of a log has where it is back.")
    ] = None,
    off: Annotated[bool, typer.Option("--off", help="It is over now.")] = False,
    check: Annotated[
        str | None, typer.Option("--check", metavar="TEXT", help="Record that somebody looked, and what was there.")
    ] = None,
) -> Changes:
    """Monitor."""
    from issuelog.actions import monitoring

    text = session.text(check, "--check")
    ends = session.optional_time(until, "--until")
    return session.change(report, monitoring.monitor(until=ends, pattern=pattern, off=off, check=text))
