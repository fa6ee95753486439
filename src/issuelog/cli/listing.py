"""A list of reports, in each form that can be asked for. A form names the columns that it needs of the index."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from issuelog.cli.results import Result, tabbed
from issuelog.cli.shape import filled, require_known
from issuelog.errors import ExitCode
from issuelog.model.row import SHOWN, Row, shown, shown_json
from issuelog.store.selection import MASK

_AT_ONCE = 2_000
"""Lines that are written together: one by one, writing would take longer than all the rest."""


@dataclass(frozen=True)
class Form:
    """How reports are written: what it takes of each, and the text that becomes of it."""

    columns: str
    write: Callable[[tuple[Any, ...]], str]
    between: str = ""
    around: tuple[str, str] = ("", "")

    def text(self, rows: Iterable[tuple[Any, ...]]) -> list[bytes]:
        """Return the text of the rows in UTF-8, in pieces of many lines; nothing where there are none."""
        each = iter(rows)
        pieces: list[bytes] = []
        while some := [self.write(row) for row in islice(each, _AT_ONCE)]:
            pieces.append(((self.between if pieces else "") + self.between.join(some)).encode())
        return pieces


class Lines(Form):
    """The lines that the index has ready: bytes that nothing has to be made of, which halves the time of a list."""

    def text(self, rows: Iterable[tuple[Any, ...]]) -> list[bytes]:
        """Return the lines in pieces of many."""
        each = iter(rows)
        pieces = []
        while some := [row[0] for row in islice(each, _AT_ONCE)]:
            pieces.append(b"\n".join([*some, b""]))
        return pieces


ITEM = f"item, {MASK}"
LINES = Lines("CAST(line AS BLOB)", lambda row: str(row[0]))
NDJSON = Form(ITEM, lambda row: f"{shown_json(*row)}\n")
JSON = Form(ITEM, lambda row: shown_json(*row), ",\n", ("[", "]\n"))


def ids(end: str = "\n") -> Form:
    """Return the form that has the ids alone."""
    return Form("id", lambda row: f"{row[0]}{end}")


def fields(names: Sequence[str], end: str = "\n") -> Form:
    """Return the form that has these fields, separated by tabs. Raises UsageError for an unknown one."""
    require_known(names, SHOWN)

    def write(row: tuple[Any, ...]) -> str:
        item = shown(*row)
        return tabbed((item[name] for name in names), end)

    return Form(ITEM, write)


def fields_json(names: Sequence[str], *, lines: bool = False) -> Form:
    """Return the form that has these fields as JSON: one document, or one object a line."""
    fields(names)
    if lines:
        return Form(ITEM, lambda row: f"{json.dumps(_some(shown(*row), names))}\n")
    return Form(ITEM, lambda row: json.dumps(_some(shown(*row), names)), ",\n", ("[", "]\n"))


def _some(item: Row, names: Sequence[str]) -> Row:
    return {name: item[name] for name in names}


def template(text: str, end: str = "\n") -> Form:
    """Return the form that fills `{field}` in a template. Raises UsageError for an unknown field."""
    filled(text, dict.fromkeys(SHOWN))
    return Form(ITEM, lambda row: filled(text, shown(*row)) + end)


@dataclass
class Listing(Result):
    """Reports in a form that was asked for; a terminal shows it as a pipe has it."""

    form: Form
    pieces: Sequence[bytes]
    code: ExitCode = ExitCode.DONE

    @property
    def plain(self) -> bool:
        """It is written as it was asked for, on a terminal too."""
        return True

    def json(self) -> Iterator[str | bytes]:
        """Yield the document, in pieces."""
        return self.piped()

    def piped(self) -> Iterator[str | bytes]:
        """Yield the text, in pieces."""
        before, after = self.form.around
        yield before
        yield from self.pieces
        yield after


@dataclass
class Board(Result):
    """Reports for people at a terminal: a table of the columns that they asked for, or else of the usual ones."""

    rows: Sequence[tuple[Any, ...]]
    names: Sequence[str] | None
    empty: str
    code: ExitCode = ExitCode.DONE

    def items(self) -> Iterator[Row]:
        """Yield the reports as they are shown."""
        return (shown(*row) for row in self.rows)
