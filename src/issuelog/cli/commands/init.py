"""Make a tracker here.

\b
issuelog init
issuelog init --prefix BUG --timezone Europe/Berlin --country DE --region BY
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from issuelog.cli.results import Document
from issuelog.cli.session import Session
from issuelog.store.layout import CONFIG

_LOCALTIME = Path("/etc/localtime")
"""A link into the list of time zones, by which most systems say theirs."""
_UTC = frozenset({"", "UTC", "UCT", "GMT", "Universal", "Zulu", "GMT0", "GMT+0", "GMT-0", "Greenwich"})


def init(
    session: Session,
    prefix: Annotated[str, typer.Option("--prefix", metavar="P", help="What ids begin with.")] = "CR",
    timezone: Annotated[
        str | None,
        typer.Option("--timezone", metavar="ZONE", help="Where you work: Europe/Berlin. The machine's if not said."),
    ] = None,
    country: Annotated[
        str | None, typer.Option("--country", metavar="CODE", help="Whose public holidays are off: DE (ISO 3166).")
    ] = None,
    region: Annotated[
        str | None, typer.Option("--region", metavar="CODE", help="Which part of the country: BY.")
    ] = None,
) -> Document:
    """Write the policy file and the attributes of the reports folder, as one commit."""
    from issuelog.setup import init as make

    zone = timezone or _machine_zone()
    calendar = {"timezone": zone or "UTC", "country": country, "region": region} if zone or country or region else {}
    made = make(session.folder.resolve(), prefix, session.output.warn, calendar=calendar, dry_run=session.dry_run)
    whose = "as you said" if timezone else "the machine's" if zone else "the machine names no other"
    holidays = f"with the holidays of {'-'.join(filter(None, (country, region)))}" if country else "without holidays"
    hours = f"working hours are in {zone or 'UTC'} ({whose}), {holidays}; calendars in {CONFIG} changes them"
    return Document(
        {"root": str(made.root), "files": made.files, "commit": made.commit},
        "\n".join(made.files) if made.commit else made.preview,
        brief=str(made.root),
        notes=[hours, *(["next: issuelog new"] if made.commit else [])],
    )


def _machine_zone() -> str | None:
    """Return the IANA name of the machine's time zone; None where it is UTC, as a server's is, or cannot be told."""
    from zoneinfo import ZoneInfo

    said = os.environ.get("TZ")
    name = _linked_zone() if said is None else said.removeprefix(":")
    if name.removeprefix("Etc/") in _UTC:
        return None
    try:
        return ZoneInfo(name).key
    except (KeyError, ValueError, OSError):  # rules instead of a name, such as CET-1CEST
        return None


def _linked_zone() -> str:
    try:
        target = str(_LOCALTIME.readlink())
    except OSError:
        return ""
    return target.partition("zoneinfo/")[2].removeprefix("posix/").removeprefix("right/")
