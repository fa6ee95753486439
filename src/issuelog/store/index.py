"""The index: what lists and searches need of all files, derived from them, and right whatever happened to them.

It remembers the stamp of every file that it was made from, and a digest of the stamps in each folder. A question is
asked while the folders are looked at; where a digest differs, the files whose stamps differ are read again, and the
question is asked once more. So a hand edit, a checkout or a pull is seen at the next look.

A folder's digest is always that of its rows' stamps, and is written with them: whichever of two processes writes last,
rows that are behind the disk never lie under a digest that equals the disk's. A row is held against the disk once more
when it is written, so that no process puts an older one in the place of a newer one. The index can be deleted at any
time, is made anew where it is damaged or of another version, and in memory where it cannot be written.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, TypeVar

from issuelog.store import rows
from issuelog.store.cutoff import is_cut_off
from issuelog.store.parallel import Spread, processors
from issuelog.store.refreshing import Prepare, Refresh, Watch
from issuelog.store.stamps import UNSETTLED, digest_of, digests, stamp

T = TypeVar("T")

_WAIT_SECONDS = 20
_FILES_WORTH_A_PROCESS_TO_LOOK = 4_000
_FILES_ANSWERED_MEANWHILE = 7
"""To answer for so many reports takes as long as to look at one file."""
_EMPTY = digest_of({})
_CANNOT_BE_WRITTEN = ("SQLITE_FULL", "SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_BUSY", "SQLITE_IOERR", "SQLITE_PERM")


class _Replaced(Exception):
    """Another process made the index anew for another policy or version, and nothing of it is ours any more."""


class _CutOff(sqlite3.DatabaseError):
    """The database has lost its end."""


class Index:
    """The index of one tracker's folders. `key` names all that a row depends on besides its file."""

    def __init__(
        self, database: Path, key: str, folders: Callable[[], Iterable[str]], prepare: Prepare, watch: Watch[Any]
    ) -> None:
        self._database = database
        self._key = f"{rows.VERSION}:{key}"
        self._folders = folders
        self._prepare = prepare
        self._watch = watch

    def ask(self, question: Callable[[sqlite3.Connection], T]) -> T:
        """Return the answer to a question about all files as they are now."""
        for _ in range(2):
            try:
                with closing(self._open()) as connection:
                    return self._answer(connection, question)
            except sqlite3.Error as error:
                if getattr(error, "sqlite_errorname", "").startswith(_CANNOT_BE_WRITTEN):
                    break
                self.remove()
            except (ValueError, TypeError, LookupError, AttributeError):  # what comes of a damaged row
                self.remove()
            except (OSError, _Replaced):
                break
        with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
            self._make(connection)
            return self._answer(connection, question)

    def keep(self, write: Callable[[sqlite3.Connection], None]) -> None:
        """Let something be written that can be worked out again; where it cannot be now, nothing is lost."""
        with suppress(sqlite3.Error, OSError, _Replaced), closing(self._open()) as connection:
            connection.execute("PRAGMA busy_timeout = 0")
            self._begin(connection, "IMMEDIATE")
            write(connection)
            connection.execute("COMMIT")

    def knows(self, path: Path) -> bool:
        """Whether the file, as it is now, was read before and found to be without problems."""
        try:
            with closing(self._open()) as connection:
                asked = (os.fsencode(path.parent), os.fsencode(path.name))
                sql = "SELECT stamp FROM file WHERE folder = ? AND name = ? AND problems IS NULL"
                found = connection.execute(sql, asked).fetchone()
                return found is not None and found[0] == stamp(path.lstat()) != UNSETTLED
        except _CutOff:
            self.remove()  # closing has copied the log there, which hides what is missing
            return False
        except (sqlite3.Error, OSError):
            return False

    def glance(self, question: Callable[[sqlite3.Connection], T]) -> T | None:
        """Return the answer to a question about the files as they were last seen; None where nothing is known of them.

        Looks at no file, waits for nobody and leaves no trace.
        """
        try:
            if not self._database.is_file():
                return None
            # Without a log SQLite would make one, and leave it; whoever writes the first one now is not seen.
            mode = "mode=ro" if self._log.exists() and self._log.stat().st_size else "immutable=1"
            uri = f"{self._database.absolute().as_uri()}?{mode}"
            with closing(sqlite3.connect(uri, uri=True, timeout=0, isolation_level=None)) as connection:
                if is_cut_off(connection, self._database, self._log) or not self._is_current(connection):
                    return None
                return question(connection)
        except (sqlite3.Error, OSError):
            return None

    @property
    def _log(self) -> Path:
        return self._database.with_name(f"{self._database.name}-wal")

    def _open(self) -> sqlite3.Connection:
        self._database.parent.mkdir(parents=True, exist_ok=True)
        if self._database.is_symlink():  # it may lead to somebody's own database
            self.remove()
        connection = sqlite3.connect(self._database, timeout=_WAIT_SECONDS, isolation_level=None)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            # The log is synced before it goes into the database: a power cut loses the newest rows, and mixes none up.
            connection.execute("PRAGMA synchronous = NORMAL")
            if is_cut_off(connection, self._database, self._log):
                raise _CutOff
            if not self._is_current(connection):
                self._make(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _is_current(self, connection: sqlite3.Connection) -> bool:
        there = connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'about'").fetchone()
        return bool(there) and connection.execute("SELECT key FROM about").fetchall() == [(self._key,)]

    def _make(self, connection: sqlite3.Connection) -> None:
        connection.execute("BEGIN IMMEDIATE")
        if not self._is_current(connection):
            rows.make(connection)
            connection.execute("INSERT INTO about VALUES (?)", (self._key,))
        connection.execute("COMMIT")

    def remove(self) -> None:
        """Remove the index; the next question makes it anew."""
        for suffix in ("", "-wal", "-shm", "-journal"):
            with suppress(OSError):
                self._database.with_name(self._database.name + suffix).unlink(missing_ok=True)

    def _answer(self, connection: sqlite3.Connection, question: Callable[[sqlite3.Connection], T]) -> T:
        folders = list(self._folders())
        self._begin(connection)
        stored = connection.execute("SELECT folder, digest, files FROM folder").fetchall()
        known = {os.fsdecode(folder): made_from for folder, made_from, _ in stored}
        with _looking(folders, {os.fsdecode(folder): files for folder, _, files in stored}) as looks:
            answer = question(connection)
            connection.execute("COMMIT")
            changed = [folder for folder, seen in looks if not seen or known.get(folder, _EMPTY) != seen]
        gone = known.keys() - set(folders)
        if not changed and not gone:
            return answer
        Refresh(connection, self._begin, self._prepare, self._watch).run(changed, gone)
        self._begin(connection)
        answer = question(connection)
        connection.execute("COMMIT")
        return answer

    def _begin(self, connection: sqlite3.Connection, kind: str = "") -> None:
        """Begin a transaction in what is still our index."""
        connection.execute(f"BEGIN {kind}")
        if not self._is_current(connection):
            raise _Replaced


def _looking(folders: Sequence[str], sizes: Mapping[str, int]) -> Spread[str, tuple[str, bytes]]:
    """Look at folders in shares of like size; our own share is smaller, for we answer a question meanwhile."""
    files = sum(sizes.values())
    processes = min(processors(), files // _FILES_WORTH_A_PROCESS_TO_LOOK) or 1
    shares: list[list[str]] = [[] for _ in range(processes)]
    weights = [files // _FILES_ANSWERED_MEANWHILE, *[0] * (processes - 1)]
    for folder in sorted(folders, key=lambda name: -sizes.get(name, 0)):
        least = weights.index(min(weights))
        shares[least].append(folder)
        weights[least] += sizes.get(folder, 0)
    return Spread(digests, shares[1:], own=shares[0])
