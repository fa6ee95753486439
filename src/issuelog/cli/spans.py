"""Periods that users name, and how long things took as people read it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from issuelog.errors import UsageError

if TYPE_CHECKING:
    from issuelog.cli.session import Session

_TICK = timedelta(seconds=1)


def beginning(session: Session, since: str, until: datetime) -> datetime:
    """Return when a period begins: at a time, or so long before its end. Raises UsageError where it is none."""
    from issuelog.model.times import iso, parse_duration

    try:
        start = until - parse_duration(since)
    except (ValueError, OverflowError):
        start = session.time(since, "--since")
    if start >= until:
        raise UsageError(f"--since is {iso(start)}, which is not before the end of the period, {iso(until)}")
    return start


def end(session: Session, until: str | None) -> datetime:
    """Return when a period ends, which is no longer in it; what happens this second is, where no end was given."""
    return session.time(until, "--until") if until is not None else session.at + _TICK


def took(seconds: float | None, *, is_working: bool) -> str:
    """Return how long something took. A day of working time would be anybody's guess: it is told in hours."""
    from issuelog.model.times import format_duration

    if seconds is None:
        return "–"
    minutes = round(seconds / 60)
    if is_working and minutes >= 60:
        hours, rest = divmod(minutes, 60)
        return f"{hours:,} h {rest} min" if rest and hours < 100 else f"{hours:,} h"
    return format_duration(timedelta(seconds=int(seconds) if seconds < 60 else minutes * 60))


def percent(share: float | None) -> str:
    """Return a share as people read it."""
    return "–" if share is None else f"{100 * share:.0f} %"
