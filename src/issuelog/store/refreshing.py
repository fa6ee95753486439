"""Bringing the index up to the disk: the files whose stamps differ are read again."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import islice
from typing import Any, NamedTuple, TypeVar

from issuelog.store import meaning, rows
from issuelog.store.parallel import spread
from issuelog.store.rows import Read, ReadFile
from issuelog.store.stamps import UNSETTLED, digest_of, stamp, stamps

T = TypeVar("T")

FILES_WORTH_A_PROCESS = 100
"""To read and validate so many takes longer than to begin a process."""
_ROWS_IN_A_TRANSACTION = 2_000

Prepare = Callable[[], ReadFile]
"""Loads what reading needs; called only where there is a file to read."""
Watch = Callable[[Iterable[T], int], Iterable[T]]
"""Hands on what comes, of which there will be so many, and may show how far it is."""


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


class Refresh:
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
        self._new: set[int] = set()

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
            for folder, files in by_folder.items():
                self._write(folder, files)
        meaning.keep_up(self._connection, self._begin, self._new)

    def _known(self, folder: str) -> dict[str, bytes]:
        found = self._connection.execute("SELECT name, stamp FROM file WHERE folder = ?", (os.fsencode(folder),))
        return {os.fsdecode(name): seen for name, seen in found}

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
        self, folder: str, files: Sequence[_New], *, missing: Iterable[str] = (), gone: Iterable[str] = ()
    ) -> None:
        """Write the rows of files of one folder, and the digest of all that it has now, in one transaction."""
        connection = self._connection
        try:
            self._begin(connection, "IMMEDIATE")
            for name in (*gone, *(name for name in missing if not os.path.lexists(f"{folder}/{name}"))):
                self._remove(folder, name)
            for new in files:
                self._put(new)
            known = self._known(folder)
            connection.execute("DELETE FROM folder WHERE folder = ?", (os.fsencode(folder),))
            if known:
                digest = (os.fsencode(folder), digest_of(known), len(known))
                connection.execute("INSERT INTO folder VALUES (?, ?, ?)", digest)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise

    def _of_now(self, new: _New) -> _New | None:
        """Return what was read if it is the newest, else what is there now: another process may have put that."""
        path = f"{new.folder}/{new.name}"
        try:
            now = stamp(os.lstat(path))
        except (FileNotFoundError, NotADirectoryError):
            return None
        return new if now == new.stamp != UNSETTLED else _New(new.folder, new.name, now, self._read_file(path))

    def _remove(self, folder: str, name: str) -> None:
        sql = "SELECT number FROM file WHERE folder = ? AND name = ?"
        found = self._connection.execute(sql, (os.fsencode(folder), os.fsencode(name))).fetchone()
        if found:
            rows.remove(self._connection, found[0])

    def _put(self, read: _New) -> None:
        """Put a file's rows in the place of what was there."""
        self._remove(read.folder, read.name)
        new = self._of_now(read)
        if new is not None:
            seen = new.stamp if new.content.lasting else UNSETTLED
            file = (os.fsencode(new.folder), os.fsencode(new.name), seen)
            self._new.add(rows.put(self._connection, *file, new.content))
