"""What reports mean: a direction for each, by which two can be near each other that have hardly a word in common.

It is the sum of its terms' directions, which are learned from the tracker's own texts (`latent`): when it has enough of
them, and anew when it has outgrown what they were learned from.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from math import log, sqrt
from operator import mul
from struct import Struct, error
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from issuelog.store.latent import Numbers, Texts

DIMENSIONS = 64
SCHEMA = """
CREATE TABLE learned (files INTEGER);
CREATE TABLE direction (term TEXT PRIMARY KEY, direction BLOB) WITHOUT ROWID;
CREATE TABLE meaning (number INTEGER PRIMARY KEY, direction BLOB)"""
FEWEST_FILES = 500
"""Fewer say too little of what goes with what."""
_GROWTH = 1.5
_TITLE_WEIGHT = 3
_FIRST_TERMS = 100
_MANY = 200
"""For so many it is worth while to load numpy."""
_FORMAT = Struct(f"<{DIMENSIONS}e")
"""Numbers of half precision: a file's direction takes 128 bytes."""
_NOT_DESCRIBED = "SELECT number FROM compared WHERE number NOT IN (SELECT number FROM meaning)"


class Meanings:
    """The directions of terms and texts, as one connection to the index sees them."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._known = bool(connection.execute("SELECT 1 FROM learned").fetchone())

    def of(self, title: Sequence[str], body: Sequence[str]) -> tuple[float, ...]:
        """Return the direction of a text, of length 1; empty where nothing is known of its words."""
        counted = _counted(title, body) if self._known else {}
        sql = f"SELECT term, direction FROM direction WHERE term IN ({', '.join('?' * len(counted))})"  # noqa: S608
        total = [0.0] * DIMENSIONS
        for term, packed in self._connection.execute(sql, tuple(counted)) if counted else ():
            count = counted[term]
            total = [sum_ + count * value for sum_, value in zip(total, unpacked(packed), strict=True)]
        length = sqrt(sum(map(mul, total, total)))
        return tuple(value / length for value in total) if length else ()


def unpacked(direction: bytes) -> tuple[float, ...]:
    """Return a direction as it stands in the tables; raises ValueError where it is none."""
    try:
        return _FORMAT.unpack(direction)
    except error as damage:
        raise ValueError("a direction of another size") from damage


def nearness(one: Sequence[float], other: Sequence[float]) -> float:
    """Return the cosine of two directions of length 1; 0 where either is not known."""
    return float(sum(map(mul, one, other)))


def keep_up(
    connection: sqlite3.Connection, begin: Callable[[sqlite3.Connection, str], None], new: Collection[int]
) -> None:
    """Give these files their directions, or all files new ones if they are many more than was learned from.

    `begin` begins a transaction of this kind, or raises if the index is no more ours.
    """
    (files,) = connection.execute("SELECT count(*) FROM compared").fetchone()
    (learned,) = connection.execute("SELECT coalesce(max(files), 0) FROM learned").fetchone()
    if files >= FEWEST_FILES and files > _GROWTH * learned:
        _learn(connection, begin)
    elif learned:
        if new:
            _describe(connection, begin, new)
        (described,) = connection.execute("SELECT count(*) FROM meaning").fetchone()
        if described != files:  # who put the others was killed before it could describe them
            _describe(connection, begin, [number for (number,) in connection.execute(_NOT_DESCRIBED)])


def _learn(connection: sqlite3.Connection, begin: Callable[[sqlite3.Connection, str], None]) -> None:
    """Learn the directions of all terms anew, and with them those of all files.

    Nobody has to wait while they are worked out; if somebody writes meanwhile it is left for the next time.
    """
    from issuelog.store import latent

    begin(connection, "")
    seen = _writes_of_others(connection)
    numbers, texts = _texts(connection, "")
    connection.execute("COMMIT")
    space = latent.space(texts, DIMENSIONS)
    directions = latent.directions(texts, space)
    begin(connection, "IMMEDIATE")
    if _writes_of_others(connection) == seen:
        for table in ("learned", "direction", "meaning"):
            connection.execute(f"DELETE FROM {table}")  # noqa: S608
        connection.execute("INSERT INTO learned VALUES (?)", (len(numbers),))
        _insert(connection, "direction", space.terms, space.directions)
        _insert(connection, "meaning", numbers, directions)
    connection.execute("COMMIT")


def _describe(
    connection: sqlite3.Connection, begin: Callable[[sqlite3.Connection, str], None], files: Collection[int]
) -> None:
    """Give these files their directions."""
    begin(connection, "IMMEDIATE")
    where = f"WHERE rowid IN ({', '.join(map(str, files))})"
    if len(files) < _MANY:
        meanings = Meanings(connection)
        found = connection.execute(f"SELECT rowid, title, body FROM terms {where}").fetchall()  # noqa: S608
        for number, title, body in found:
            # What nothing is known of has a direction of no length, so that it is described too.
            direction = meanings.of(title.split(), body.split(None, _FIRST_TERMS)) or (0.0,) * DIMENSIONS
            connection.execute("INSERT OR REPLACE INTO meaning VALUES (?, ?)", (number, _FORMAT.pack(*direction)))
    else:
        from issuelog.store import latent

        numbers, texts = _texts(connection, where)
        terms = connection.execute("SELECT term, direction FROM direction").fetchall()
        space = latent.Space([term for term, _ in terms], latent.unpacked([packed for _, packed in terms], DIMENSIONS))
        _insert(connection, "meaning", numbers, latent.directions(texts, space))
    connection.execute("COMMIT")


def _texts(connection: sqlite3.Connection, where: str) -> tuple[list[int], Texts]:
    """Return the numbers of files, and their texts."""
    from issuelog.store.latent import Texts

    numbers: list[int] = []

    def counted() -> Iterator[Mapping[str, float]]:
        for number, title, body in connection.execute(f"SELECT rowid, title, body FROM terms {where}"):  # noqa: S608
            numbers.append(number)
            yield _counted(title.split(), body.split(None, _FIRST_TERMS))

    return numbers, Texts(counted())


def _counted(title: Sequence[str], body: Sequence[str]) -> dict[str, float]:
    """Return how much each term of a text counts: the more often it comes, but less each time."""
    counts = Counter(body[:_FIRST_TERMS])
    for term in title:
        counts[term] += _TITLE_WEIGHT
    return {term: 1 + log(count) for term, count in counts.items()}


def _writes_of_others(connection: sqlite3.Connection) -> int:
    """Return a number that changes when another connection has written."""
    return int(connection.execute("PRAGMA data_version").fetchone()[0])


def _insert(connection: sqlite3.Connection, table: str, keys: Iterable[int | str], directions: Numbers) -> None:
    from issuelog.store.latent import packed

    sql = f"INSERT OR REPLACE INTO {table} VALUES (?, ?)"  # noqa: S608  (another process may have put them meanwhile)
    connection.executemany(sql, zip(keys, packed(directions), strict=True))
