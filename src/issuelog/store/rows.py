"""The tables of the index, and what a file's rows are. All of it is derived from the files."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, NamedTuple

from issuelog.errors import Problem
from issuelog.model.row import Row
from issuelog.store import meaning

if TYPE_CHECKING:
    from issuelog.model.likeness import Likeness
    from issuelog.model.signature import Signature

VERSION = 14
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
    *("monitored_until", "fixed_in", "external_ref", "threads", "clocks", "actions", "facts", "about", "line", "item"),
)
_COLUMNS = (*_NUMBERS, *_TEXTS)
_TABLES = ("file", "report", "known_error", "signature", "outcome", "compared", "meaning", "lesson")
WORDS = ("title", "error", "story", "facts", "analysis", "messages", "notes")
"""The groups of texts that are searched."""
TOKENIZER = "unicode61 remove_diacritics 2"
"""How the words of a text are told apart."""
SCHEMA = f"""
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
CREATE VIRTUAL TABLE term USING fts5vocab(terms, row);{meaning.SCHEMA};
CREATE TABLE lesson (number INTEGER PRIMARY KEY, content TEXT);
CREATE TABLE emphasis (numbers TEXT, content TEXT);
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


def make(connection: sqlite3.Connection) -> None:
    """Make the tables anew in the place of what is there."""
    names = connection.execute("SELECT type, name FROM sqlite_schema WHERE type = 'table'").fetchall()
    for kind, name in names:
        if not name.startswith(("words_", "terms_", "sqlite_")):
            connection.execute(f"DROP {kind} {name}")
    for statement in SCHEMA.split(";\n"):
        connection.execute(statement)


def remove(connection: sqlite3.Connection, number: int) -> None:
    """Remove all rows of a file."""
    for table in _TABLES:
        connection.execute(f"DELETE FROM {table} WHERE number = ?", (number,))
    for table in ("words", "terms"):
        connection.execute(f"DELETE FROM {table} WHERE rowid = ?", (number,))


def put(connection: sqlite3.Connection, folder: bytes, name: bytes, stamp: bytes, content: Read) -> int:
    """Put the rows of a file that has none; return its number."""

    def insert(table: str, *values: object) -> int:
        marks = ", ".join("?" * len(values))
        return connection.execute(f"INSERT INTO {table} VALUES ({marks})", values).lastrowid or 0

    found = json.dumps([asdict(problem) for problem in content.problems]) if content.problems else None
    number = insert("file", None, folder, name, stamp, found)
    if content.row:
        insert("report", number, *(content.row[column] for column in _COLUMNS))
    if content.known_error:
        insert("known_error", number, *content.known_error)
    if content.words:
        insert(f"words (rowid, {', '.join(WORDS)})", number, *(content.words[group] for group in WORDS))
    for signature in content.signatures:
        insert("signature", number, str(signature), signature.loose)
    for outcome in content.outcomes:
        insert("outcome", number, *outcome)
    if (likeness := content.likeness) is not None:
        tags = (" ".join(sorted(words)) for words in (likeness.components, likeness.prefix))
        insert("compared", number, likeness.day, likeness.product, likeness.version, *tags, content.solution)
        texts = (" ".join(likeness.title), " ".join(likeness.body), likeness.beginning)
        insert("terms (rowid, title, body, beginning)", number, *texts)
    return number


def problems(connection: sqlite3.Connection) -> list[Problem]:
    """Return the problems of all files that are neither a report nor a known error."""
    found = connection.execute("SELECT problems FROM file WHERE problems IS NOT NULL ORDER BY folder, name")
    return [Problem(**problem) for (text,) in found for problem in json.loads(text)]
