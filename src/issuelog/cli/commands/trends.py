"""Show what changed, what comes back, and what to discuss.

The last 90 days against the 90 before. First what is worth a talk, ten lines at most, each with the command that shows
the reports; then counts with their share, rates, what came back, and which clocks were missed. Only what is beyond
chance is said to have grown or shrunk; the rest are figures. Errors are counted without their duplicates.

\b
issuelog trends
issuelog trends --since 30d
issuelog trends component:export --since 2026-07-01
issuelog trends --json | jq -r '.discuss[] | .reason + "  " + .command'
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from issuelog.cli.results import Document, Result, Table
from issuelog.cli.session import Session
from issuelog.cli.spans import beginning, end, percent
from issuelog.model.text import one_line

if TYPE_CHECKING:
    from issuelog.knowledge.trends import Change, Trends

_COLUMNS = (
    *("section", "name", "now", "of_now", "before", "of_before", "share", "cumulative", "changed", "why", "reports"),
)
_MOST = 8
"""Lines of each list at a terminal."""
_TITLES = {
    "reports": "Errors reported",
    "component": "By component",
    "severity": "By severity",
    "kind": "By cause, of those done",
    "missing_level": "By the level of test that would have caught it, of those done",
}


def trends(
    session: Session,
    query: Annotated[
        list[str] | None, typer.Argument(metavar="QUERY…", help="Of which reports; all if not said.")
    ] = None,
    since: Annotated[
        str, typer.Option("--since", metavar="90d|TIME", help="The period, against as long a one before.")
    ] = "90d",
) -> Result:
    """Show what changed."""
    from issuelog.figures import compared
    from issuelog.knowledge.agenda import digest

    until = end(session, None)
    found, count, problems = compared(
        session.tracker, session.terms(query or ()), beginning(session, since, until), until
    )
    for problem in problems:
        session.output.warn(f"{problem}; not counted (issuelog check)")
    notes = [] if found.is_whole else ["the first report is younger than the period before: no change is claimed"]
    if session.output.for_people and count:
        return Document(digest(found), "\n".join(_told(found)), notes=notes)
    data = digest(found)
    rows = list(_rows(data)) if count else []
    return Table(rows, _COLUMNS, "no report matches" if query else "no reports yet", notes=notes, document=data)


def _rows(data: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a digest as lines of the same columns."""
    for matter in data["discuss"]:
        yield {"section": "discuss", "name": matter["command"], "why": matter["reason"], "reports": matter["reports"]}
    for change in (*data["counts"], *data["rates"]):
        yield {**change, "section": change["what"]}
    for one in data["returned"]:
        yield {"section": "returned", "name": one["why"], "why": one["earlier"], "reports": [one["report"]]}
    for one in data["alike"]:
        yield {"section": "alike", "name": one["signature"], "now": one["count"], "reports": one["reports"]}
    for one in data["customers"]:
        yield {"section": "customer", "name": one["customer"], "now": one["now"], "before": one["before"]}
    for one in data["unsatisfied"]:
        yield {"section": "unsatisfied", "name": one["customer"], "why": one["why"], "reports": [one["report"]]}
    for one in data["actions"]:
        yield {"section": "action", "name": one["id"], "why": one["text"], "reports": [one["report"]]}
    for one in data["missed"]:
        yield {"section": "missed", "name": one["clock"], "why": "; ".join(one["why"]), "reports": [one["report"]]}
    for one in data["fixes"]:
        yield {"section": "fix", "name": one["report"], "why": one["title"], "reports": one["open"]}


def _told(found: Trends) -> Iterator[str]:
    """Yield it for people: what to discuss first, then the figures."""
    from issuelog.knowledge.agenda import discuss

    yield f"{_day(found.now.since)} to {_day(found.now.until)}, against {_day(found.before.since)} on"
    matters = discuss(found)
    yield from ("", "To discuss" if matters else "Nothing stands out")
    for number, matter in enumerate(matters, 1):
        yield f"{number:>3}. {one_line(matter.reason)}"
        yield f"     {one_line(matter.command)}"
    for what, title in _TITLES.items():
        yield from _table(title, [_count(one) for one in found.counts if one.what == what])
    yield from _table("Rates", [_rate(one) for one in found.rates], most=len(found.rates))
    customers = [(one["customer"], f"{one['now']:,}", f"before {one['before']:,}") for one in found.customers]
    yield from _table("Customers", customers)


def _count(one: Change) -> tuple[str, ...]:
    before = f"before {one.before:,}"
    if one.what == "reports":
        return one.name, f"{one.now:,}", before, one.changed or ""
    return one.name, f"{one.now:,}", before, percent(one.share), f"sum {percent(one.cumulative)}", one.changed or ""


def _rate(one: Change) -> tuple[str, ...]:
    now, before = (f"{hits:,} of {of or 0:,}" for hits, of in ((one.now, one.of_now), (one.before, one.of_before)))
    share = percent(one.now / one.of_now if one.of_now else None)
    return f"{one.what} {one.name}", share, now, f"before {before}", one.changed or ""


def _table(title: str, rows: Sequence[tuple[str, ...]], most: int = _MOST) -> Iterator[str]:
    if not rows:
        return
    yield from ("", title)
    shown = [[one_line(cell, 60) for cell in row] for row in rows[:most]]
    sizes = [max(len(row[column]) for row in shown) for column in range(len(shown[0]))]
    for first, *others in shown:
        cells = [first.ljust(sizes[0]), *(cell.rjust(size) for cell, size in zip(others, sizes[1:], strict=True))]
        yield f"  {'  '.join(cells)}".rstrip()
    if len(rows) > most:
        yield f"  and {len(rows) - most:,} more (--json has all)"


def _day(at: str) -> str:
    return at[:10]
