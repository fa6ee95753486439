"""Show figures: how many, how long, how often it went well.

Counts by state and severity, times as median and 90th percentile, how often each clock was kept, how often reports came
back, were duplicates or could not be reproduced, what customers verified, and how content they were. Each with the
number that it is from; rates with the interval that they lie in at 95 %, and a dash where nothing is known. A time is
working time where the calendar of its clock closes, else elapsed time.

\b
issuelog stats
issuelog stats --since 90d
issuelog stats is:closed component:export --since 2026-07-01 --until 2026-10-01
issuelog stats --by component
issuelog stats --json | jq '.figures[] | select(.section == "kept")'
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from issuelog.cli.results import Table
from issuelog.cli.session import Session
from issuelog.cli.shape import Shape
from issuelog.cli.spans import beginning, end, percent, took
from issuelog.errors import UsageError

if TYPE_CHECKING:
    from issuelog.knowledge.figures import Figure

_COLUMNS = ("section", "figure", "n", "count", "value", "p90", "low", "high", "unit")
_FOR_PEOPLE = ("section", "figure", "value", "of", "spread")


def stats(
    session: Session,
    query: Annotated[
        list[str] | None, typer.Argument(metavar="QUERY…", help="Of which reports; all if not said.")
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="90d|TIME", help="From then on; from the first report if not said.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="TIME", help="Before then; until now if not said.")
    ] = None,
    group: Annotated[
        str | None,
        typer.Option(
            "--by", metavar="WHAT", help="For each component, severity, customer, owner, kind, channel or month."
        ),
    ] = None,
    *,
    shape: Shape,
) -> Table:
    """Show figures."""
    from issuelog.figures import pasts
    from issuelog.knowledge.figures import BY, Period, figures, groups
    from issuelog.model.times import iso

    if group is not None and group not in BY:
        raise UsageError(
            f"--by is {group!r}; it has to be one of {', '.join(BY)}", hint=f"issuelog stats --by {next(iter(BY))}"
        )
    shape.require_one(session.output)
    ends = end(session, until)
    period = Period(iso(beginning(session, since, ends)) if since is not None else "", iso(ends))
    terms = session.terms(query or ())
    found, _, problems = pasts(session.tracker, terms, session.at)
    for problem in problems:
        session.output.warn(f"{problem}; not counted (issuelog check)")
    known = [past for past in found if past.received < period.until]
    told = figures(known, period)
    document: dict[str, Any] = {
        "period": {"since": period.since or None, "until": period.until},
        "reports": len(known),
        "figures": [figure.row() for figure in told],
        "by": group,
        "groups": None,
    }
    empty = "no report matches" if terms else "no reports yet"
    if group is None:
        rows = document["figures"] if known else []
        table = Table(rows, _COLUMNS, empty, document=document)
        if shape.is_for_people(session.output):
            table.columns, table.rows = _FOR_PEOPLE, _for_people(told if known else [])
        return shape.of(table, session.output)
    parts = [(name, figures(some, period)) for name, some in groups(known, group)]
    document["groups"] = [{"group": name, "figures": [one.row() for one in some]} for name, some in parts]
    rows = [{"group": name, **one.row()} for name, some in parts for one in some]
    table = Table(rows, ("group", *_COLUMNS), empty, wide=frozenset({"group"}), document=document)
    if shape.is_for_people(session.output):
        table.rows = [_in_short(name, some) for name, some in parts]
        table.columns = tuple(table.rows[0]) if table.rows else ("group",)
    return shape.of(table, session.output)


def _for_people(told: Sequence[Figure]) -> list[dict[str, str]]:
    """Return a line for each figure; the section stands once."""
    rows = []
    before = ""
    for one in told:
        rows.append({"section": "" if one.section == before else one.section, **_line(one)})
        before = one.section
    return rows


def _line(one: Figure) -> dict[str, str]:
    """Return a figure with what it is from, and how far it spreads: nine tenths of times, a rate's interval."""
    if one.section == "time":
        is_working = one.unit == "working seconds"
        tenth = f"90 %: {took(one.p90, is_working=is_working)}" if one.p90 is not None else ""
        name, value = f"{one.figure}, {'worked' if is_working else 'elapsed'}", took(one.value, is_working=is_working)
        return {"figure": name, "value": value, "of": f"{one.n:,}", "spread": tenth}
    if one.unit is None:
        return {"figure": one.figure, "value": f"{one.n:,}", "of": "", "spread": ""}
    value = percent(one.value) if one.unit == "share" else _mean(one)
    between = f"{100 * one.low:.0f}–{percent(one.high)}" if one.low is not None else ""
    of = f"{one.count:,} of {one.n:,}" if one.count is not None else f"{one.n:,}"
    return {"figure": one.figure, "value": value, "of": of, "spread": between}


def _mean(one: Figure) -> str:
    return "–" if one.value is None else f"{one.value:g} of 5"


def _in_short(name: str | None, told: Sequence[Figure]) -> dict[str, str]:
    """Return a group in one line, with the numbers that its rates are from; --json has all figures."""
    known = {(one.section, one.figure): one for one in told}

    def share(section: str, figure: str) -> str:
        one = known.get((section, figure))
        return f"{percent(one.value)} ({one.n:,})" if one and one.value is not None else "–"

    closing = next(one for one in told if (one.section, one.figure) == ("time", "close"))
    mean = known["satisfaction", "mean"]
    return {
        "group": name or "(none)",
        "in": f"{known['reports', 'received'].n:,}",
        "out": f"{known['reports', 'closed'].n:,}",
        "open": f"{known['reports', 'open after'].n:,}",
        "to close": took(closing.value, is_working=False),
        "answered": share("kept", "acknowledge"),
        "back": share("rate", "reopened"),
        "content": f"{mean.value:.1f} ({mean.n:,})" if mean.value is not None else "–",
    }
