"""Searching words in all texts: the index ranks the files, and the files themselves show the places."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from issuelog.model.query import Says, Term, words_of
from issuelog.model.text import fold, one_line
from issuelog.store.files import read_regular
from issuelog.store.layout import MAX_BYTES
from issuelog.store.passages import GROUPS, passages
from issuelog.store.rows import TOKENIZER, WORDS
from issuelog.store.selection import MOST, Selection
from issuelog.store.yamlfile import BYTE_ORDER_MARK, decode, parse

_BEFORE = 40
_SHOWN = 160
_MARK = "\x01"


@dataclass(frozen=True)
class Hit:
    """A file that has the words: the better it fits, the higher the score. `state` is empty for a known error."""

    id: str
    title: str
    state: str
    score: float
    path: Path


@dataclass(frozen=True)
class Place:
    """One place of a hit: the text's name, its line in the file (from 1), and what it says around the first word."""

    place: str
    line: int
    text: str


@dataclass(frozen=True)
class Search:
    """Words, and further terms that have to hold. With `any_of_them` one of the words is enough."""

    words: Sequence[str]
    terms: Sequence[Term]
    now: datetime
    any_of_them: bool = False

    def best(self, connection: sqlite3.Connection, limit: int | None) -> tuple[list[Hit], int]:
        """Return the best hits, the best first, and how many there are in all."""
        meant, parameters = self._where()
        parameters["match"] = self._match()
        weights = ", ".join(str(GROUPS[group]) for group in WORDS)
        sql = f"""
            SELECT report.item, known_error.id, known_error.title, found.score, file.folder, file.name
            FROM (SELECT rowid AS number, bm25(words, {weights}) AS score FROM words WHERE {meant}) AS found
            JOIN file USING (number) LEFT JOIN report USING (number) LEFT JOIN known_error USING (number)
            ORDER BY found.score, file.name LIMIT {-1 if limit is None else min(limit, MOST):d}"""
        hits = [_hit(*row) for row in connection.execute(sql, parameters)]
        if limit is None or len(hits) < limit:
            return hits, len(hits)
        total = connection.execute(f"SELECT count(*) FROM words WHERE {meant}", parameters).fetchone()[0]
        return hits, int(total)

    def _where(self) -> tuple[str, dict[str, object]]:
        """Return what has to hold of a row of `words`: known errors have no state or owner that could be asked for."""
        further = [term for term in self.terms if not isinstance(term.tests[0], Says)]
        if not further:
            return "words MATCH :match", {}
        numbers, parameters = Selection(further, self.now).numbers()
        # With a plus SQLite asks for the words once, and not once for each of the numbers.
        return f"words MATCH :match AND +rowid IN ({numbers})", dict(parameters)

    def _match(self) -> str:
        """Return the words as FTS5 reads them, without those that are ruled out."""
        wanted = (" OR " if self.any_of_them else " AND ").join(map(_beginning, self.words))
        ruled_out = " OR ".join(map(_beginning, words_of(self.terms, negated=True)))
        return f"({wanted}) NOT ({ruled_out})" if ruled_out else wanted

    def places(self, hit: Hit) -> Iterator[Place]:
        """Yield the places of a hit, read from its file; its title where that does not have the words any more."""
        shown = hit.path.name
        text = decode(read_regular(hit.path, MAX_BYTES) or b"", shown).lstrip(BYTE_ORDER_MARK)
        found = list(passages(parse(text, shown)))
        lines = [passage.lines(text) for passage in found]
        places = [
            Place(found[number].place, found[number].line + line, _around(lines[number][line], at))
            for number, line, at in self._matches(lines)
        ]
        title = next((passage.line for passage in found if passage.place == "title"), 1)
        yield from places or [Place("title", title, one_line(hit.title))]

    def _matches(self, texts: Sequence[Sequence[str]]) -> Iterator[tuple[int, int, int]]:
        """Yield the number of each text and of its line in which one of the words begins, and about where.

        SQLite looks for them here too, so that what it found is what is shown.
        """
        folded = ["\n".join(map(fold, lines)).replace(_MARK, " ").replace("\0", " ") for lines in texts]
        with closing(sqlite3.connect(":memory:")) as connection:
            connection.execute(f'CREATE VIRTUAL TABLE passage USING fts5(text, tokenize = "{TOKENIZER}")')
            connection.executemany("INSERT INTO passage (rowid, text) VALUES (?, ?)", enumerate(folded))
            sql = "SELECT rowid, highlight(passage, 0, ?, '') FROM passage WHERE passage MATCH ? ORDER BY rowid"
            for number, marked in connection.execute(sql, (_MARK, " OR ".join(map(_beginning, self.words)))):
                for line, words in enumerate(marked.split("\n")):
                    if _MARK in words:
                        yield number, line, words.index(_MARK)


def _hit(item: str | None, known: str, title: str, score: float, folder: bytes, name: bytes) -> Hit:
    report = json.loads(item) if item else {"id": known, "title": title, "state": ""}
    path = Path(os.fsdecode(folder), os.fsdecode(name))
    return Hit(report["id"], report["title"], report["state"], round(-score, 2), path)


def _beginning(word: str) -> str:
    """Return what asks FTS5 for words that begin so, quoted: nothing in it is an operator."""
    return '"{}"*'.format(word.replace("\0", " ").replace('"', " "))


def _around(line: str, at: int) -> str:
    begin = max(at - _BEFORE, 0)
    return one_line(("…" if begin else "") + line[begin : begin + _SHOWN] + ("…" if begin + _SHOWN < len(line) else ""))
