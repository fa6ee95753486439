"""The index: rows of all reports, derived from the files, and right whatever happened to them.

Each row remembers the stat of the file that it was made from; a file whose stat differs is read again, so a hand
edit, a checkout or a pull is seen at the next look. It can be deleted at any time; where it cannot be written the
rows are made afresh.
"""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from pathlib import Path

from issuelog.errors import Conflict, InvalidFile, Problem
from issuelog.model.row import Row

_VERSION = 1
# A file that changes twice within one tick of the file system's clock would keep its stat.
_RACY_NS = 20_000_000

MakeRow = Callable[[str], Row]
"""Reads one file and returns its row; raises InvalidFile or Conflict where it is no report."""


class Index:
    """The rows of one tracker. `key` names everything else that a row depends on (policy, schema)."""

    def __init__(self, database: Path, key: str) -> None:
        self.database = database
        self.key = f"{_VERSION}:{key}"

    def rows(self, files: Iterable[os.DirEntry[str]], make_row: MakeRow) -> tuple[list[Row], list[Problem]]:
        """Return the row of every file that is a report, and the problems of those that are none."""
        try:
            with closing(self._open()) as connection:
                return self._refresh(connection, files, make_row)
        except (sqlite3.Error, OSError):
            with suppress(OSError):
                self.database.unlink(missing_ok=True)
            return _without_index(files, make_row)

    def _open(self) -> sqlite3.Connection:
        self.database.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self.database, timeout=10)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("CREATE TABLE IF NOT EXISTS about (key TEXT)")
        if connection.execute("SELECT key FROM about").fetchall() != [(self.key,)]:
            with connection:
                connection.execute("DROP TABLE IF EXISTS report")
                connection.execute("CREATE TABLE report (path TEXT PRIMARY KEY, stat TEXT, row TEXT) WITHOUT ROWID")
                connection.execute("DELETE FROM about")
                connection.execute("INSERT INTO about VALUES (?)", (self.key,))
        return connection

    def _refresh(
        self, connection: sqlite3.Connection, files: Iterable[os.DirEntry[str]], make_row: MakeRow
    ) -> tuple[list[Row], list[Problem]]:
        known = {path: (stat, row) for path, stat, row in connection.execute("SELECT path, stat, row FROM report")}
        rows: list[Row] = []
        problems: list[Problem] = []
        fresh: list[tuple[str, str, str]] = []
        for file in files:
            stat = _stat(file)
            before = known.pop(file.path, None)
            if before and stat and before[0] == stat:
                rows.append(json.loads(before[1]))
                continue
            row = _attempt(file.path, make_row, problems)
            if row is not None:
                rows.append(row)
                fresh.append((file.path, stat, json.dumps(row)))
        if fresh or known:
            with connection:
                connection.executemany("DELETE FROM report WHERE path = ?", [(path,) for path in known])
                connection.executemany("REPLACE INTO report VALUES (?, ?, ?)", fresh)
        return rows, problems


def _stat(file: os.DirEntry[str]) -> str:
    """Return what tells one version of a file from another; empty where it changed too recently to be told."""
    found = file.stat(follow_symlinks=False)
    racy = time.time_ns() - found.st_ctime_ns < _RACY_NS
    return "" if racy else f"{found.st_mtime_ns}:{found.st_ctime_ns}:{found.st_size}:{found.st_ino}"


def _attempt(path: str, make_row: MakeRow, problems: list[Problem]) -> Row | None:
    try:
        return make_row(path)
    except InvalidFile as error:
        problems.extend(error.problems)
    except Conflict as error:
        problems.append(Problem(path, 1, 1, "file", error.message))
    return None


def _without_index(files: Iterable[os.DirEntry[str]], make_row: MakeRow) -> tuple[list[Row], list[Problem]]:
    problems: list[Problem] = []

    def read() -> Iterator[Row]:
        for file in files:
            row = _attempt(file.path, make_row, problems)
            if row is not None:
                yield row

    return list(read()), problems
