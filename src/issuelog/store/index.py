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

import json
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from issuelog.errors import Problem
from issuelog.model.row import Row
from issuelog.store.cutoff import is_cut_off
from issuelog.store.parallel import Spread, processors, spread
from issuelog.store.stamps import UNSETTLED, digest_of, digests, stamp, stamps

if TYPE_CHECKING:
    from issuelog.model.likeness import Likeness
    from issuelog.model.signature import Signature

T = TypeVar("T")

_VERSION = 11
_WAIT_SECONDS = 20
_FILES_WORTH_A_PROCESS_TO_LOOK = 4_000
_FILES_ANSWERED_MEANWHILE = 7
"""To answer for so many reports takes as long as to look at one file."""
FILES_WORTH_A_PROCESS = 100
"""To read and validate so many takes longer than to begin a process."""
_ROWS_IN_A_TRANSACTION = 2_000
_EMPTY = digest_of({})
_CANNOT_BE_WRITTEN = ("SQLITE_FULL", "SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_BUSY", "SQLITE_IOERR", "SQLITE_PERM")

_NUMBERS = ("closed", "waiting", "escalated", "unverified", "reopened")
_TEXTS = (
    *(
        "id",
        "state",
        "severity",
        "title",
        "customer",
        "contact",
        "tier",
        "language",
        "owner",
        "component",
        "labels",
        "channel",
    ),
    *("ref", "product", "version", "resolution", "waiting_on", "received", "updated", "closed_at", "due", "clock"),
    *("monitored_until", "fixed_in", "external_ref", "threads", "clocks", "actions", "about", "line", "item"),
)
_COLUMNS = (*_NUMBERS, *_TEXTS)
_TABLES = ("file", "report", "known_error", "signature", "outcome", "compared")
WORDS = ("title", "error", "story", "facts", "analysis", "messages", "notes")
"""The groups of texts that are searched."""
TOKENIZER = "unicode61 remove_diacritics 2"
"""How the words of a text are told apart."""
_SCHEMA = f"""
CREATE TABLE about (key TEXT);
CREATE TABLE folder (folder BLOB PRIMARY KEY, digest BLOB, files INTEGER) WITHOUT ROWID;
CREATE TABLE file
    (number INTEGER PRIMARY KEY, folder BLOB, name BLOB, stamp BLOB, problems TEXT, UNIQUE (folder, name));
CREATE INDEX problem ON file (folder, name) WHERE problems IS NOT NULL;
CREATE TABLE report (number INTEGER PRIMARY KEY, {", ".join(f"{name} INTEGER" for name in _NUMBERS)},
    {", ".join(f"{name} TEXT" for name in _TEXTS)});
CREATE INDEX report_id ON report (id);
CREATE INDEX urgency ON report (closed, severity, due, id, line);
CREATE TABLE known_error (number INTEGER PRIMARY KEY, id TEXT, title TEXT, item TEXT);
CREATE VIRTUAL TABLE words USING fts5({", ".join(WORDS)}, tokenize = "{TOKENIZER}");
CREATE TABLE signature (number INTEGER, signature TEXT, loose TEXT);
CREATE INDEX signature_number ON signature (number);
CREATE INDEX signature_loose ON signature (loose);
CREATE TABLE outcome (number INTEGER, ref TEXT, outcome TEXT, at TEXT);
CREATE INDEX outcome_number ON outcome (number);
CREATE INDEX outcome_ref ON outcome (ref);
CREATE TABLE compared (number INTEGER PRIMARY KEY, day REAL, product TEXT, version TEXT, components TEXT, prefix TEXT,
    solution TEXT);
CREATE INDEX compared_day ON compared (day);
CREATE VIRTUAL TABLE terms USING fts5(title, body, beginning UNINDEXED, tokenize = ascii);
CREATE VIRTUAL TABLE term USING fts5vocab(terms, row);
"""
"""`urgency` has all that the usual list needs, in its order: it is read from one place, from its begin to its end.

`terms` and `compared` are what a report is held against others by, which are one word each to `ascii`.
"""


class KnownErrorRow(NamedTuple):
    """What the index has of a known error. `item` is the JSON of all that a list of them needs."""

    id: str
    title: str
    item: str


class Outcome(NamedTuple):
    """What became of an earlier report or known error in a later report.

    `worked`, `failed` and `partial` tell of its solution; `duplicate` and `rejected` whether it was the same error.
    """

    ref: str
    outcome: str
    at: str


@dataclass(frozen=True)
class Read:
    """What a file holds: a report's row, or a known error's; or the problems of what is none."""

    row: Row | None = None
    known_error: KnownErrorRow | None = None
    words: Mapping[str, str] | None = None
    likeness: Likeness | None = None
    solution: str = ""
    """What helps, in short; empty where nothing is known to."""
    signatures: Sequence[Signature] = ()
    outcomes: Sequence[Outcome] = ()
    problems: Sequence[Problem] = ()
    lasting: bool = True
    """Whether it holds until the file changes; not where the file could not be read."""


ReadFile = Callable[[str], Read]
"""Reads the file of this path; raises nothing that belongs to one file."""
Prepare = Callable[[], ReadFile]
"""Loads what reading needs; called only where there is a file to read."""
Watch = Callable[[Iterable[T], int], Iterable[T]]
"""Hands on what comes, of which there will be so many, and may show how far it is."""


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
        self._key = f"{_VERSION}:{key}"
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
            names = connection.execute("SELECT type, name FROM sqlite_schema WHERE type = 'table'").fetchall()
            for kind, name in names:
                if not name.startswith(("words_", "terms_", "sqlite_")):
                    connection.execute(f"DROP {kind} {name}")
            for statement in _SCHEMA.split(";\n"):
                connection.execute(statement)
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
        _Refresh(connection, self._begin, self._prepare, self._watch).run(changed, gone)
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


class _Stale(NamedTuple):
    """A file that has to be read again, and its stamp from before it is read."""

    folder: str
    name: str
    stamp: bytes


class _New(NamedTuple):
    """The same, read."""

    folder: str
    name: str
    stamp: bytes
    content: Read


class _Refresh:
    """Brings the rows of some folders up to the disk."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        begin: Callable[[sqlite3.Connection, str], None],
        prepare: Prepare,
        watch: Watch[Any],
    ) -> None:
        self._connection = connection
        self._begin = begin
        self._prepare = prepare
        self._watch = watch

    @cached_property
    def _read_file(self) -> ReadFile:
        return self._prepare()

    def run(self, folders: Iterable[str], gone: Iterable[str]) -> None:
        """Read again what has changed. Rows are kept as they come: who breaks it off has not waited for nothing.

        What is gone as a whole is not looked at: a link may stand in its place by now.
        """
        for folder in gone:
            self._write(folder, (), gone=self._known(folder))
        stale: list[_Stale] = []
        for folder in folders:
            found = stamps(folder)
            known = self._known(folder)
            stale += [_Stale(folder, name, now) for name, now in found.items() if not now or known.get(name) != now]
            left = known.keys() - found.keys()
            self._write(folder, (), missing=left)
        read = iter(self._watch(self._read(stale), len(stale)))
        while some := list(islice(read, _ROWS_IN_A_TRANSACTION)):
            by_folder: dict[str, list[_New]] = {}
            for new in some:
                by_folder.setdefault(new.folder, []).append(new)
            for folder, rows in by_folder.items():
                self._write(folder, rows)

    def _known(self, folder: str) -> dict[str, bytes]:
        rows = self._connection.execute("SELECT name, stamp FROM file WHERE folder = ?", (os.fsencode(folder),))
        return {os.fsdecode(name): seen for name, seen in rows}

    def _read(self, stale: Sequence[_Stale]) -> Iterator[_New]:
        if not stale:
            return
        read = self._read_file

        def work(share: Sequence[_Stale]) -> Iterator[_New]:
            for file in share:
                yield _New(*file, read(f"{file.folder}/{file.name}"))

        with spread(work, stale, FILES_WORTH_A_PROCESS) as results:
            yield from results

    def _write(
        self, folder: str, rows: Sequence[_New], *, missing: Iterable[str] = (), gone: Iterable[str] = ()
    ) -> None:
        """Write rows of one folder, and the digest of all that it has now, in one transaction."""
        connection = self._connection
        try:
            self._begin(connection, "IMMEDIATE")
            for name in (*gone, *(name for name in missing if not os.path.lexists(f"{folder}/{name}"))):
                self._remove(self._number(folder, name))
            for new in rows:
                self._put(new)
            known = self._known(folder)
            connection.execute("DELETE FROM folder WHERE folder = ?", (os.fsencode(folder),))
            if known:
                self._insert("folder", (os.fsencode(folder), digest_of(known), len(known)))
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise

    def _number(self, folder: str, name: str) -> int | None:
        sql = "SELECT number FROM file WHERE folder = ? AND name = ?"
        found = self._connection.execute(sql, (os.fsencode(folder), os.fsencode(name))).fetchone()
        return int(found[0]) if found else None

    def _remove(self, number: int | None) -> None:
        if number is not None:
            for table in _TABLES:
                self._connection.execute(f"DELETE FROM {table} WHERE number = ?", (number,))
            for table in ("words", "terms"):
                self._connection.execute(f"DELETE FROM {table} WHERE rowid = ?", (number,))

    def _put(self, read: _New) -> None:
        """Put a row in the place of what was there."""
        self._remove(self._number(read.folder, read.name))
        new = self._of_now(read)
        if new is None:
            return
        content = new.content
        found = json.dumps([asdict(problem) for problem in content.problems]) if content.problems else None
        seen = new.stamp if content.lasting else UNSETTLED
        file = (None, os.fsencode(new.folder), os.fsencode(new.name), seen, found)
        number = self._insert("file", file).lastrowid
        if content.row:
            self._insert("report", (number, *(content.row[column] for column in _COLUMNS)))
        if content.known_error:
            self._insert("known_error", (number, *content.known_error))
        if content.words:
            self._insert(f"words (rowid, {', '.join(WORDS)})", (number, *(content.words[group] for group in WORDS)))
        for signature in content.signatures:
            self._insert("signature", (number, str(signature), signature.loose))
        for outcome in content.outcomes:
            self._insert("outcome", (number, *outcome))
        if content.likeness:
            self._put_likeness(number, content.likeness, content.solution)

    def _put_likeness(self, number: int | None, likeness: Likeness, solution: str) -> None:
        tags = (" ".join(sorted(words)) for words in (likeness.components, likeness.prefix))
        self._insert("compared", (number, likeness.day, likeness.product, likeness.version, *tags, solution))
        texts = (" ".join(likeness.title), " ".join(likeness.body), likeness.beginning)
        self._insert("terms (rowid, title, body, beginning)", (number, *texts))

    def _of_now(self, new: _New) -> _New | None:
        """Return what was read if it is the newest, else what is there now: another process may have put that."""
        path = f"{new.folder}/{new.name}"
        try:
            now = stamp(os.lstat(path))
        except (FileNotFoundError, NotADirectoryError):
            return None
        return new if now == new.stamp != UNSETTLED else _New(new.folder, new.name, now, self._read_file(path))

    def _insert(self, table: str, values: Sequence[object]) -> sqlite3.Cursor:
        return self._connection.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(values))})", values)


def problems(connection: sqlite3.Connection) -> list[Problem]:
    """Return the problems of all files that are neither a report nor a known error."""
    found = connection.execute("SELECT problems FROM file WHERE problems IS NOT NULL ORDER BY folder, name")
    return [Problem(**problem) for (text,) in found for problem in json.loads(text)]
