"""Tables of what was measured: for the terminal, and for the page on speed.

python -m bench.report [RESULTS.json] [--page PAGE.md]

writes the tables between the page's two lines `<!-- measured -->` and `<!-- end of measured -->`.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bench.measure import ISSUELOG, Peak, Row

_PROJECT = Path(__file__).resolve().parent.parent
RESULTS = Path(__file__).resolve().with_name("results.json")
PAGE = _PROJECT / "docs/concepts/performance.md"
BEGIN, END = "<!-- measured -->\n", "<!-- end of measured -->\n"
_RIGHT = {"reports", "median", "x python", "of budget", "memory"}
_NOTHING = ""

Table = list[tuple[str, ...]]
"""Rows of cells, the first with the headings."""


@dataclass(frozen=True)
class Results:
    """What a run of the bench found."""

    date: str
    python_pass_ms: float
    versions: dict[str, str]
    rows: list[Row]
    peaks: list[Peak]
    peers: list[dict[str, str]]
    missing: list[dict[str, str]]

    @classmethod
    def load(cls, data: dict[str, Any]) -> Results:
        """Return the results that a file holds."""
        rows, peaks = [Row(**row) for row in data["rows"]], [Peak(**peak) for peak in data["peaks"]]
        known = {name: data[name] for name in ("date", "python_pass_ms", "versions", "peers", "missing")}
        return cls(rows=rows, peaks=peaks, **known)


def compared(rows: Sequence[Row]) -> list[Row]:
    """Return the rows with those of the peers compared to ours of the same name and size.

    Each was measured in multiples of an empty process of its own moment; these are divided, not the seconds.
    """
    ours = {(row.command, row.reports): row.times_python for row in rows if row.tool == ISSUELOG}
    made = []
    for row in rows:
        own = ours.get((row.command, row.reports))
        if row.tool != ISSUELOG and own and row.times_python:
            made.append(replace(row, times_issuelog=round(row.times_python / own, 2)))
        else:
            made.append(row)
    return made


def text(found: Results) -> Iterator[str]:
    """Yield the lines that people read at a terminal."""
    yield f"python -c pass: {found.python_pass_ms} ms"
    for table in (_ours(found.rows), _peaks(found.peaks), _theirs(found)):
        if len(table) > 1:
            yield ""
            yield from aligned(table)
    yield ""
    yield from _remarks(found)


def markdown(found: Results) -> str:
    """Return the tables for the page on speed."""
    versions = ", ".join(f"{name} {version}" for name, version in found.versions.items())
    parts = [
        f"Measured on {found.date}: {versions}. `python -c pass` took {found.python_pass_ms:g} ms.",
        *("\n".join(_piped(table)) for table in (_ours(found.rows), _peaks(found.peaks), _theirs(found)) if table[1:]),
        "\n".join(f"* {line}" for line in _remarks(found)),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def written(page: str, tables: str) -> str:
    """Return a page with the tables between its two marks. Raises ValueError where it has none."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the page needs the lines {BEGIN.strip()} and {END.strip()}")
    return f"{before}{begin}\n{tables}\n{end}{after}"


def _ours(rows: Iterable[Row]) -> Table:
    table: Table = [("command", "reports", "median", "x python", "beside it", "budget", "of budget")]
    for row in rows:
        if row.tool != ISSUELOG:
            continue
        beside = f"{row.times_beside:.2f} x {row.beside}" if row.times_beside else _NOTHING
        times = f"{row.times_python:.2f}" if row.times_python else _NOTHING
        table.append((row.command, _count(row.reports), _median(row), times, beside, row.budget, _used(row)))
    return table


def _peaks(peaks: Iterable[Peak]) -> Table:
    table: Table = [("most memory", "reports", "memory", "budget", "of budget")]
    for peak in peaks:
        budget = f"{peak.budget:g} MB" if peak.budget else _NOTHING
        used = _share(peak.megabytes / peak.budget) if peak.budget else _NOTHING
        table.append((peak.command, _count(peak.reports), f"{peak.megabytes:.1f} MB", budget, used))
    return table


def _theirs(found: Results) -> Table:
    """Return a row for each command and size, with a column for each tracker."""
    peers = [peer["name"] for peer in found.peers]
    cells = {(row.tool, row.command, row.reports): row for row in found.rows}
    measured = {(row.command, row.reports) for row in found.rows if row.tool != ISSUELOG}
    table: Table = [("command", "reports", ISSUELOG, *peers)]
    for row in _unique((row.command, row.reports) for row in found.rows):
        if row in measured:
            shown = (_beside_ours(cells.get((tool, *row))) for tool in (ISSUELOG, *peers))
            table.append((row[0], _count(row[1]), *shown))
    return table


def _unique(keys: Iterable[tuple[str, int | None]]) -> list[tuple[str, int | None]]:
    """Return each key once, command by command, the small sizes first."""
    kept = list(dict.fromkeys(keys))
    commands = list(dict.fromkeys(command for command, _ in kept))
    return sorted(kept, key=lambda key: (commands.index(key[0]), key[1] or 0))


def _beside_ours(row: Row | None) -> str:
    if row is None:
        return "-"
    times = f" ({row.times_issuelog:.2f} x)" if row.times_issuelog else _NOTHING
    return f"{_median(row)}{times}"


def _remarks(found: Results) -> Iterator[str]:
    for peer in found.peers:
        yield f"{peer['name']} {peer['version']}: {peer['remark']}"
    for peer in found.missing:
        yield f"{peer['name']} was not found: install {peer['package']}, or run make bench-peers"


def _count(reports: int | None) -> str:
    return f"{reports:,}" if reports else _NOTHING


def _median(row: Row) -> str:
    """Return the time, or in a word why there is none; the whole reason stays in the results."""
    return row.note.partition(":")[0] if row.median_ms is None else f"{row.median_ms:,.1f} ms"


def _used(row: Row) -> str:
    return _NOTHING if row.budget_used is None else _share(row.budget_used)


def _share(used: float) -> str:
    return f"{used:.0%}{' OVER' if used > 1 else ''}"


def aligned(table: Table, right: Collection[str] = _RIGHT) -> Iterator[str]:
    """Yield the lines of a table for a terminal; the columns of these headings end at one place."""
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        cells = zip(row, widths, table[0], strict=True)
        yield "  ".join(
            cell.rjust(width) if head in right else cell.ljust(width) for cell, width, head in cells
        ).rstrip()


def _piped(table: Table) -> Iterator[str]:
    rulers = tuple("---:" if head in _RIGHT else "---" for head in table[0])
    for row in (table[0], rulers, *table[1:]):
        yield f"| {' | '.join(row)} |"


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the page's tables from the results."""
    parser = argparse.ArgumentParser(prog="bench.report", description="Write the tables of the page on speed.")
    parser.add_argument("results", type=Path, nargs="?", default=RESULTS)
    parser.add_argument("--page", type=Path, default=PAGE)
    given = parser.parse_args(arguments)
    found = Results.load(json.loads(given.results.read_text(encoding="utf-8")))
    page = given.page.read_text(encoding="utf-8")
    given.page.write_text(written(page, markdown(found)), encoding="utf-8")


if __name__ == "__main__":
    main()
