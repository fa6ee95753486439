"""Find known errors in logs.

Names each line that tells of a known error, of a report that was fixed, or of one that is monitored (its pattern as
well): where it is, when it was seen, whose error it is. A stack trace counts as one occurrence.

With --record each report gets a note of how often its error was there, in one commit. Lines that were noted are not
noted again: a log that begins with the same bytes is the same log, whatever it is called.

\b
issuelog watch-log app.log app.log.1.gz
journalctl -u billing -o cat --since today | issuelog watch-log - --exit-code
issuelog watch-log --follow --record /var/log/billing/app.log
issuelog watch-log --ndjson app.log | jq -r .id | sort | uniq -c
"""

from __future__ import annotations

import sys
import time
from typing import Annotated

import typer

from issuelog.cli.results import Result
from issuelog.cli.session import Session
from issuelog.errors import UsageError

_LOOK_SECONDS = 0.5


def watch_log(
    session: Session,
    files: Annotated[list[str], typer.Argument(metavar="FILE…", help="Logs, also .gz, or - for standard input.")],
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as the files grow, as tail -F does.")] = False,
    record: Annotated[bool, typer.Option("--record", help="Note on each report that its error is back.")] = False,
    ndjson: Annotated[bool, typer.Option("--ndjson", help="One JSON object a line.")] = False,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit 1 where something is found.")] = False,
) -> Result:
    """Watch."""
    from issuelog.cli.hits import Hits
    from issuelog.watching import streams
    from issuelog.watching.targets import watched
    from issuelog.watching.watch import Watch

    if ndjson and session.output.json:
        raise UsageError("--ndjson and --json exclude each other")
    if follow and session.output.json:
        raise UsageError("--json is one document, and --follow has no end", hint="--ndjson prints an object a line")
    if follow and streams.STANDARD_INPUT in files:
        raise UsageError("standard input is followed as it is: leave out --follow")
    names, warn = list(dict.fromkeys(files)), session.output.warn
    watch = Watch(session.tracker, watched(session.tracker, session.at, warn), warn, record)
    for problem in watch.watched.problems:
        warn(f"{problem}; not looked for (issuelog check)")
    if watch.is_idle:
        warn("nothing to look for: there is no known error, and no report that was fixed or is monitored")
    if follow:
        growing = streams.follow(names, session.folder, lambda: time.sleep(_LOOK_SECONDS))
        return Hits(session, watch, growing, ndjson=ndjson, exit_code=exit_code)
    blocks = streams.read(names, session.folder, sys.stdin.buffer)
    return Hits(session, watch, blocks, ndjson=ndjson, exit_code=exit_code)
