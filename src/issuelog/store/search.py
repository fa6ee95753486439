"""Searching words in all texts: the index ranks the files, and the files themselves show the places."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from issuelog.model.query import Says, Term
from issuelog.model.text import bare, one_line
from issuelog.store.files import read_regular
from issuelog.store.index import WORDS
from issuelog.store.layout import MAX_BYTES
from issuelog.store.passages import GROUPS, passages
from issuelog.store.selection import Selection
from issuelog.store.yamlfile import decode, parse

_BEFORE = 40
_SHOWN = 160


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
        total = connection.execute(f"SELECT count(*) FROM words WHERE {meant}", parameters).fetchone()[0]
        weights = ", ".join(str(GROUPS[group]) for group in WORDS)
        sql = f"""
            SELECT report.item, known_error.id, known_error.title, found.score, file.folder, file.name
            FROM (SELECT rowid AS number, bm25(words, {weights}) AS score FROM words WHERE {meant}) AS found
            JOIN file USING (number) LEFT JOIN report USING (number) LEFT JOIN known_error USING (number)
            ORDER BY found.score, file.name LIMIT {-1 if limit is None else limit:d}"""
        return [_hit(*row) for row in connection.execute(sql, parameters)], int(total)

    def _where(self) -> tuple[str, dict[str, object]]:
        """Return what has to hold of a row of `words`: known errors have no state or owner that could be asked for."""
        further = [term for term in self.terms if term.negated or not isinstance(term.tests[0], Says)]
        if not further:
            return "words MATCH :match", {}
        numbers, parameters = Selection(further, self.now).numbers()
        return f"words MATCH :match AND rowid IN ({numbers})", dict(parameters)

    def _match(self) -> str:
        """Return the words as FTS5 reads them, each as the beginning of one, quoted: nothing in it is an operator."""
        quoted = ['"{}"*'.format(word.replace("\0", " ").replace('"', " ")) for word in self.words]
        return (" OR " if self.any_of_them else " AND ").join(quoted)

    def places(self, hit: Hit) -> Iterator[Place]:
        """Yield the places of a hit, read from its file; the title where no text has a word as it stands."""
        content = read_regular(hit.path, MAX_BYTES)
        shown = hit.path.name
        nothing = True
        for passage in passages(parse(decode(content or b"", shown), shown)):
            for number, line in enumerate(passage.text.splitlines() or [""]):
                at = _first(line, self.words)
                if at is not None:
                    nothing = False
                    yield Place(passage.place, passage.line + number, _around(line, at))
        if nothing:
            yield Place("title", 1, one_line(hit.title))


def _hit(item: str | None, known: str, title: str, score: float, folder: bytes, name: bytes) -> Hit:
    report = json.loads(item) if item else {"id": known, "title": title, "state": ""}
    path = Path(os.fsdecode(folder), os.fsdecode(name))
    return Hit(report["id"], report["title"], report["state"], round(-score, 2), path)


def _first(line: str, words: Sequence[str]) -> int | None:
    """Return about where in a line the first of the words stands."""
    text = bare(line)
    found = [at for word in words if (at := text.find(bare(word))) >= 0]
    return min(found) if found else None


def _around(line: str, at: int) -> str:
    begin = max(at - _BEFORE, 0)
    return one_line(("…" if begin else "") + line[begin : begin + _SHOWN] + ("…" if begin + _SHOWN < len(line) else ""))
