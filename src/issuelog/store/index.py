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
from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from pathlib import Path

from issuelog.errors import Conflict, InvalidFile, Problem
from issuelog.model.row import Row

_VERSION = 2
# A file that changes twice within one tick of the file system's clock would keep its stat.
_RACY_NS = 20_000_000

MakeRow = Callable[[str], Row]
"""Reads one file and returns its row; raises InvalidFile or Conflict where it is no report."""
Prepare = Callable[[], MakeRow]
"""Loads what making rows needs; called only where there is a row to make."""


class Index:
    """The rows of one tracker. `key` names everything else that a row depends on (policy, schema)."""

    def __init__(self, database: Path, key: str) -> None:
        self.database = database
        self.key = f"{_VERSION}:{key}"

    def rows(self, files: Iterable[os.DirEntry[str]], prepare: Prepare) -> tuple[list[Row], list[Problem]]:
        """Return the row of every file that is a report, and the problems of those that are none."""
        found = list(files)
        try:
            with closing(self._open()) as connection:
                return self._refresh(connection, found, prepare)
        except (sqlite3.Error, OSError):
            with suppress(OSError):
                self.database.unlink(missing_ok=True)
            return _made([file.path for file in found], prepare)

    def knows(self, path: Path) -> bool:
        """Whether the file, as it is now, was read before and found to be a valid report."""
        try:
            with closing(self._open()) as connection:
                found = connection.execute("SELECT stat FROM report WHERE path = ?", (os.fsencode(path),)).fetchone()
                return found is not None and found[0] == _stat(path.lstat())
        except (sqlite3.Error, OSError):
            return False

    def _open(self) -> sqlite3.Connection:
        self.database.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self.database, timeout=10)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("CREATE TABLE IF NOT EXISTS about (key TEXT)")
        if connection.execute("SELECT key FROM about").fetchall() != [(self.key,)]:
            with connection:
                connection.execute("DROP TABLE IF EXISTS report")
                connection.execute("CREATE TABLE report (path BLOB PRIMARY KEY, stat TEXT, row TEXT) WITHOUT ROWID")
                connection.execute("DELETE FROM about")
                connection.execute("INSERT INTO about VALUES (?)", (self.key,))
        return connection

    def _refresh(
        self, connection: sqlite3.Connection, files: list[os.DirEntry[str]], prepare: Prepare
    ) -> tuple[list[Row], list[Problem]]:
        # A path is bytes to the system, and need not be text.
        stored = connection.execute("SELECT path, stat, row FROM report")
        known = {os.fsdecode(path): (stat, row) for path, stat, row in stored}
        stats = {file.path: _stat(file.stat(follow_symlinks=False)) for file in files}
        stale = [path for path, stat in stats.items() if not stat or known.get(path, ("",))[0] != stat]
        made, problems = _made(stale, prepare) if stale else ([], [])
        fresh = {row["file"]: row for row in made}
        gone = (known.keys() - stats.keys()) | (set(stale) - fresh.keys())
        if fresh or gone & known.keys():
            with connection:
                connection.executemany("DELETE FROM report WHERE path = ?", [(os.fsencode(path),) for path in gone])
                rows = [(os.fsencode(path), stats[path], json.dumps(row)) for path, row in fresh.items()]
                connection.executemany("REPLACE INTO report VALUES (?, ?, ?)", rows)
        skipped = set(stale)
        return [
            fresh[path] if path in fresh else json.loads(known[path][1])
            for path in stats
            if path in fresh or path not in skipped
        ], problems


def _stat(found: os.stat_result) -> str:
    """Return what tells one version of a file from another; empty where it changed too recently to be told."""
    racy = time.time_ns() - found.st_ctime_ns < _RACY_NS
    return "" if racy else f"{found.st_mtime_ns}:{found.st_ctime_ns}:{found.st_size}:{found.st_ino}"


def _made(paths: list[str], prepare: Prepare) -> tuple[list[Row], list[Problem]]:
    rows: list[Row] = []
    problems: list[Problem] = []
    if not paths:
        return rows, problems
    make_row = prepare()
    for path in paths:
        try:
            rows.append({**make_row(path), "file": path})
        except InvalidFile as error:
            problems.extend(error.problems)
        except Conflict as error:
            problems.append(Problem(path, 1, 1, "file", error.message))
    return rows, problems
