"""Pictures for people at a terminal; the only user of Rich. Every foreign text arrives here as safe `Text`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import chain, islice
from typing import Any, TextIO

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table as RichTable
from rich.text import Text

from issuelog.cli.listing import Board
from issuelog.cli.results import Changes, Document, Result, Table
from issuelog.cli.terminal import colored
from issuelog.exporting.told import said
from issuelog.model.history import backdated
from issuelog.model.report import Report
from issuelog.model.text import cell, one_line, visible
from issuelog.model.times import format_duration, parse_iso, relative

_STATE = {
    "new": "bold red",
    "acknowledged": "yellow",
    "reproduced": "blue",
    "resolved": "green",
    "rca": "magenta",
    "closed": "dim",
}
_SEVERITY = {"S1": "bold red", "S2": "yellow", "S3": "cyan", "S4": "dim"}
_DISPENSABLE = ("owner", "customer", "next_due", "kind", "by", "level", "state", "severity")
_BOARD = ("id", "state", "severity", "next_due", "owner", "customer", "title")
_ROWS_TO_MEASURE = 1_000
_LEAST_WIDE = 24
_MOST = {"customer": 20, "owner": 16, "component": 16}
_GAP = 2
SEVERITY_WORDS = {"S1": "S1 critical", "S2": "S2 high", "S3": "S3 medium", "S4": "S4 low"}


class _Console(Console):
    """Rich's console, but a reader that goes away is told to the caller instead of ending the process."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def show(result: Result, stream: TextIO, *, color: str) -> None:
    """Draw a result on a stream."""
    plain = not colored(sys.stdout, color)
    console = _Console(
        file=stream,
        no_color=plain,
        force_terminal=True if color == "always" else None,
        highlight=False,
        markup=False,
        emoji=False,
    )
    for part in _drawn(result, console.width):
        console.print(part, soft_wrap=isinstance(part, Text))


def _drawn(result: Result, width: int) -> Iterator[RenderableType]:
    if isinstance(result, Changes):
        yield from _changes(result)
    elif isinstance(result, Board):
        yield from _board(result, width)
    elif isinstance(result, Table) and result.fold and result.rows:
        yield _folded(result, width)
    elif isinstance(result, Table):
        yield from _table(result.rows, result.columns, result.wide, width, result.empty)
    elif isinstance(result, Document) and result.picture:
        yield from map(_report, result.picture)
    else:
        yield Text("".join(map(str, result.piped())).rstrip("\n"))


def _changes(result: Changes) -> Iterator[RenderableType]:
    for change in result.changes:
        if change.preview is not None:
            yield _diff(change.preview or "nothing would change")
            continue
        if change.commit is None:
            continue
        line = Text.assemble((change.report.id, "bold"), ": ", change.action)
        if change.to and change.to != change.came_from:
            line.append("   ")
            if change.came_from:
                line.append(f"{change.came_from} → ", "dim")
            line.append(change.to, _STATE.get(change.to, ""))
        line.append(f"   {change.commit[:10]}", "dim")
        yield line


def _diff(text: str) -> Text:
    styles = {"+": "green", "-": "red", "@": "cyan"}
    drawn = Text()
    for line in visible(text).splitlines():
        drawn.append(f"{line}\n", styles.get(line[:1], ""))
    return drawn


def _board(result: Board, width: int) -> Iterator[RenderableType]:
    asked = result.names is not None
    names = result.names if result.names is not None else _BOARD
    return _table(result.items(), names, frozenset({"title"}), width, result.empty, all_of_them=asked)


def _table(
    rows: Iterable[Mapping[str, Any]],
    names: Sequence[str],
    wide: frozenset[str],
    width: int,
    empty: str,
    *,
    all_of_them: bool = False,
) -> Iterator[Text]:
    """Yield aligned lines, as they come: the widths are those of the first rows, and what is longer later is cut."""
    now = datetime.now(UTC)
    cells = ([_cell(name, row.get(name), now) for name in names] for row in rows)
    first = list(islice(cells, _ROWS_TO_MEASURE))
    if not first:
        yield Text(empty, "dim")
        return
    columns = dict(zip(names, zip(*first, strict=True), strict=True))
    sizes = _sizes(columns, wide, width, all_of_them=all_of_them)
    places = [(names.index(name), size) for name, size in sizes.items()]
    yield _line([(Text(name.replace("_", " "), "dim"), size) for name, size in sizes.items()], width)
    for row in chain(first, cells):
        yield _line([(row[place], size) for place, size in places], width)


def _line(cells: Sequence[tuple[Text, int]], width: int) -> Text:
    line = Text(no_wrap=True)
    for number, (text, size) in enumerate(cells, 1):
        text.truncate(size, overflow="ellipsis", pad=number < len(cells))
        line.append_text(text)
        if number < len(cells):
            line.append(" " * _GAP)
    line.rstrip()
    line.truncate(width, overflow="ellipsis")
    return line


def _folded(result: Table, width: int) -> RenderableType:
    """Return a table whose wide columns are broken into lines."""
    now = datetime.now(UTC)
    columns = {name: [_cell(name, row.get(name), now) for row in result.rows] for name in result.columns}
    sizes = _sizes(columns, result.wide, width)
    table = RichTable(box=None, pad_edge=False, header_style="dim", show_edge=False)
    for name, size in sizes.items():
        folds = name in result.wide
        table.add_column(
            name.replace("_", " "), no_wrap=not folds, overflow="fold" if folds else "ellipsis", width=size
        )
    for row in range(len(result.rows)):
        table.add_row(*(columns[name][row] for name in sizes))
    return table


def _sizes(
    columns: Mapping[str, Sequence[Text]], wide: frozenset[str], width: int, *, all_of_them: bool = False
) -> dict[str, int]:
    """Return the columns to show and their widths: ids and states whole, the wide ones take what is left.

    Left out is what is empty in every row and, on a narrow terminal, what can best be done without.
    """
    sizes = {
        name: min(max(len(name), *(cell.cell_len for cell in cells)), _MOST.get(name, width))
        for name, cells in columns.items()
        if all_of_them or any(cell.plain for cell in cells)
    }

    def left() -> int:
        return width - sum(size + _GAP for name, size in sizes.items() if name not in wide)

    for name in () if all_of_them else _DISPENSABLE:
        if left() < _LEAST_WIDE:
            sizes.pop(name, None)
    shared = max(left() // max(len(wide & set(sizes)), 1), _LEAST_WIDE)
    return {name: min(size, shared) if name in wide else size for name, size in sizes.items()}


def _cell(name: str, value: Any, now: datetime) -> Text:
    if name in {"at", "due_at"} or name.endswith("_at"):
        return Text(relative(parse_iso(value), now) if value else "")
    if name == "next_due" and isinstance(value, Mapping):
        due = parse_iso(value["at"])
        return Text(f"{value['clock']} {relative(due, now)}", "bold red" if due < now else "")
    if name == "left":
        return Text(str(value), "bold red" if str(value).endswith(" late") else "")
    if name == "severity" and value:
        return Text(SEVERITY_WORDS.get(value, value), _SEVERITY.get(value, ""))
    if name == "state" and value:
        return Text(str(value), _STATE.get(str(value), ""))
    if name == "commit" and value:
        return Text(str(value)[:10], "dim")
    if name in {"by", "owner"} and value:
        return Text(one_line(str(value)).partition(" <")[0])
    return Text(cell(value))


def _report(report: Report) -> RenderableType:
    """The one document that everybody works from: what happened, what is known, what was said, what is next."""
    head = Text.assemble(
        (report.id, "bold"),
        "  ",
        (report.state.value, _STATE[report.state]),
        "  ",
        (SEVERITY_WORDS[report.severity], _SEVERITY[report.severity]),
    )
    parts: list[RenderableType] = [head, Text(one_line(report.title), "bold"), Text()]
    parts += _section("", _facts(report))
    parts += _prose("story", report.story)
    for name in ("intake", "impact", "diagnosis", "workaround", "fix", "verification", "feedback", "monitor"):
        parts += _section(name, dict(_flat(getattr(report, name).model_dump(mode="json", exclude_none=True))))
    for name in ("attachments", "questions", "hypotheses", "attempts", "escalations"):
        parts += _items(name, [item.model_dump(mode="json", exclude_none=True) for item in getattr(report, name)])
    for name in ("compensation", "legal", "rca", "links", "closure"):
        parts += _section(name, dict(_flat(getattr(report, name).model_dump(mode="json", exclude_none=True))))
    for message in report.messages:
        way = "to the customer" if message.direction == "out" else f"from {message.by}"
        parts += _prose(
            f"{message.id}  {message.kind}, {way}, {message.channel}, {message.at:%Y-%m-%d %H:%M}Z", message.text
        )
    parts += _items("events", [_event(item) for item in report.events])
    return Group(*parts)


def _facts(report: Report) -> dict[str, Any]:
    customer = " ".join(filter(None, (report.customer.name, report.customer.contact)))
    return {
        "customer": customer or "anonymous",
        "owner": report.owner,
        "component": report.component,
        "labels": ", ".join(report.labels),
        "received": f"{report.source.received_at:%Y-%m-%d %H:%M}Z by {report.source.channel}",
        "waiting on": report.waiting_on,
    }


def _event(item: Any) -> dict[str, Any]:
    moved = f"{item.from_} → {item.to}" if item.from_ else (item.to or "")
    who = item.by.partition(" <")[0]
    late = backdated(item)
    words = f"{said(item)}; entered {format_duration(late)} later" if late else said(item)
    return {"at": f"{item.at:%Y-%m-%d %H:%M}Z", "who": who, "what": words, "state": moved}


def _flat(data: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in data.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        elif isinstance(value, list) and value and isinstance(value[0], Mapping):
            for item in value:
                yield from _flat({k: v for k, v in item.items() if k != "id"}, f"{prefix}{key}.{item.get('id', '')}.")
        elif value not in (None, [], ""):
            yield f"{prefix}{key}", value


def _section(title: str, facts: Mapping[str, Any]) -> list[RenderableType]:
    given = {key: value for key, value in facts.items() if value not in (None, "", [])}
    if not given:
        return []
    grid = RichTable.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for key, value in given.items():
        words = (
            "\n".join(f"{n}. {one_line(str(v))}" for n, v in enumerate(value, 1))
            if isinstance(value, list)
            else visible(str(value))
        )
        grid.add_row(Text(one_line(key)), Text(words.rstrip("\n")))
    heading: list[RenderableType] = [Text(title, "bold")] if title else []
    return [*heading, Padding(grid, (0, 0, 1, 2 if title else 0))]


def _items(title: str, items: list[dict[str, Any]]) -> list[RenderableType]:
    if not items:
        return []
    names = list(dict.fromkeys(name for item in items for name in item if name not in {"sha256"}))
    table = RichTable(box=None, pad_edge=False, header_style="dim", show_edge=False)
    for name in names:
        table.add_column(one_line(name), overflow="fold")
    for item in items:
        table.add_row(*(Text(cell(item.get(name))) for name in names))
    return [Text(title, "bold"), Padding(table, (0, 0, 1, 2))]


def _prose(title: str, text: str) -> list[RenderableType]:
    return [Text(one_line(title), "bold"), Padding(Text(visible(text).rstrip("\n")), (0, 0, 1, 2))]
