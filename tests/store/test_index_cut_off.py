"""An index that was cut off at its end is made anew; one is kept whose missing end is still in its log."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest

from issuelog.store.index import Index
from store.naive import index_file, require_right
from store.test_index import opened, settle, write
from support.cli import Tracker

PAGE = 4096
WITHIN_A_PAGE = (1, 100, 2048, 3500, 4000, 4095)


class Left(NamedTuple):
    """What a process left: the database, and the log of what may not be in there yet."""

    database: bytes
    log: bytes

    @classmethod
    def at(cls, file: Path) -> Left:
        log = file.with_name(f"{file.name}-wal")
        return cls(file.read_bytes(), log.read_bytes() if log.exists() else b"")

    def put(self, file: Path) -> None:
        for suffix in ("-wal", "-shm"):
            file.with_name(file.name + suffix).unlink(missing_ok=True)
        file.write_bytes(self.database)
        if self.log:
            file.with_name(f"{file.name}-wal").write_bytes(self.log)

    def cut(self, length: int, garbage: bytes = b"") -> Left:
        return self._replace(database=self.database[:length] + garbage)

    def cuts(self) -> list[int]:
        """Return lengths: the ends of pages, of the last ones of all, and places within those."""
        ends = range(0, len(self.database), PAGE)
        return sorted({*ends[::4], *ends[-3:], *(end + inside for end in ends[-3:] for inside in WITHIN_A_PAGE)})

    def pages(self, scratch: Path) -> bytes | None:
        """Return all pages as SQLite puts them together; None where it sees by itself that some are missing."""
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir()
        self.put(scratch / "index")
        try:
            with (
                closing(sqlite3.connect(scratch / "index")) as source,
                closing(sqlite3.connect(scratch / "pages")) as target,
            ):
                source.backup(target)
        except sqlite3.DatabaseError:
            return None
        return (scratch / "pages").read_bytes()


@pytest.fixture
def removed(monkeypatch: pytest.MonkeyPatch) -> list[Index]:
    """Which indexes were removed."""
    found: list[Index] = []
    remove = Index.remove

    def removing(index: Index) -> None:
        found.append(index)
        remove(index)

    monkeypatch.setattr(Index, "remove", removing)
    return found


def fill(tracker: Tracker, first: int, last: int) -> Path:
    """Let the index have some more reports, and return its file."""
    for number in range(first, last + 1):
        write(tracker, number, f"Export {number} stops")
    settle(tracker)
    return index_file(tracker)


def opens(tracker: Tracker) -> bool:
    """Whether the index is taken for a whole one."""
    try:
        opened(tracker).index._open().close()
    except sqlite3.DatabaseError:
        return False
    return True


def test_one_without_a_log_that_is_cut_off_is_made_anew(tracker: Tracker, removed: list[Index]) -> None:
    database = fill(tracker, 1, 12)
    left = Left.at(database)
    assert not left.log
    for garbage in (b"", bytes(30), b"x" * 30):
        for length in left.cuts():
            if length + len(garbage) < len(left.database):
                left.cut(length, garbage).put(database)
                require_right(tracker)
                assert removed or not length + len(garbage), "an empty file is a new database"
                removed.clear()


def nothing(tracker: Tracker, connection: sqlite3.Connection) -> None:
    """The log was not copied into the database."""


def copied(tracker: Tracker, connection: sqlite3.Connection) -> None:
    """All of the log was copied into the database, which may have been under way."""
    connection.execute("PRAGMA wal_checkpoint").fetchall()


def begun_anew(tracker: Tracker, connection: sqlite3.Connection) -> None:
    """The log was begun anew after that: behind its end lies what is of no use any more."""
    copied(tracker, connection)
    fill(tracker, 1, 1)


def unfinished(tracker: Tracker, connection: sqlite3.Connection) -> None:
    """A transaction was killed, some of which was in the log by then."""
    begun_anew(tracker, connection)
    connection.execute("PRAGMA cache_size = 1")
    connection.execute("BEGIN IMMEDIATE")
    for table in ("report", "file"):
        connection.execute(f"DELETE FROM {table} WHERE number % 2")


@pytest.mark.parametrize("then", [nothing, copied, begun_anew, unfinished])
def test_one_with_a_log_is_made_anew_where_the_log_has_not_all_that_is_missing(
    tracker: Tracker, removed: list[Index], tmp_path: Path, then: Callable[[Tracker, sqlite3.Connection], None]
) -> None:
    fill(tracker, 1, 16)
    with closing(opened(tracker).index._open()) as connection:
        database = fill(tracker, 17, 24)
        then(tracker, connection)
        left = Left.at(database)
    assert left.log
    whole, kept, anew = left.pages(tmp_path / "scratch"), 0, 0
    for length in left.cuts()[1:]:
        cut = left.cut(length)
        is_whole = cut.pages(tmp_path / "scratch") == whole
        cut.put(database)
        if length % PAGE == 0:
            assert opens(tracker) is is_whole, f"cut off at {length}"
            kept, anew = kept + is_whole, anew + (not is_whole)
            cut.put(database)
        opened(tracker).index.knows(write(tracker, 1))
        require_right(tracker)
        assert removed or is_whole
        removed.clear()
    assert kept or then is not copied
    assert anew


def test_one_whose_pages_are_all_in_the_log_is_kept(tracker: Tracker, removed: list[Index]) -> None:
    """A process was killed before its first checkpoint."""
    index = opened(tracker).index
    with closing(index._open()):
        database = fill(tracker, 1, 12)
        left = Left.at(database)
    assert len(left.database) == PAGE < len(left.log)
    left.put(database)
    require_right(tracker)
    assert not removed


@pytest.mark.parametrize("inside", WITHIN_A_PAGE)
def test_nothing_is_taken_from_one_that_was_cut_off(tracker: Tracker, inside: int) -> None:
    report = write(tracker, 1).resolve()
    database = fill(tracker, 2, 12)
    left, index = Left.at(database), opened(tracker).index
    assert index.knows(report)
    assert index.glance(lambda _: True)
    left.cut(len(left.database) - PAGE + inside).put(database)
    assert index.glance(lambda _: True) is None
    assert not index.knows(report)
