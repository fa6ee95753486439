"""What a tracker has that may be offered to who is typing, read from its index as it is: reports, people, components.

It comes in part from customers, and goes into a command line: a word that a shell could take for anything else is not
offered.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

    from issuelog.tracker import Tracker

Candidate = tuple[str, str]
"""A word, and what it means."""

MOST = 200
"""More than these nobody reads, a shell asks first whether it is to show them, and bash takes a while to quote them."""
_ROWS_LOOKED_AT = 20_000
"""Of the most urgent reports the people, components and customers are taken: so many are read at once, and no more."""
_SAFE = re.compile(r"(?![-:~=])[A-Za-z0-9 @._+,:/=<>\x80-\U0010ffff-]+")
"""Of what is not plain only spaces, `<` and `>`, which are in the names of people: every shell quotes them alike."""


def is_safe(value: str) -> bool:
    """Whether a shell takes a value for a word, and a terminal shows all of it."""
    from issuelog.model.text import visible

    return _SAFE.fullmatch(value) is not None and visible(value) == value


@dataclass
class Known:
    """What the tracker around a folder has."""

    folder: Path

    def reports(self, typed: str) -> list[Candidate]:
        """Return the reports whose id begins with what was typed, or has it in its last part; the most urgent first."""
        found = self._tracker.index.glance(lambda index: _found(index, typed))
        if found is None:
            named = _named(self._tracker, typed)
            found = [(one, "") for one in dict.fromkeys([*named[:-MOST:-1], *named[:1]])]
        return [(value, meaning) for value, meaning in found if is_safe(value)]

    def people(self) -> Iterator[Candidate]:
        """Yield the short names of the policy, and who works on reports."""
        from issuelog.store.files import read_regular
        from issuelog.store.layout import CONFIG, MAX_BYTES
        from issuelog.store.yamlfile import decode, parse

        content = decode(read_regular(self._tracker.layout.config, MAX_BYTES) or b"", CONFIG)
        policy = parse(content, CONFIG).plain() if content.strip() else {}
        short = policy.get("people") or {}
        for name, person in short.items():
            if is_safe(name):
                yield name, str(person)
        for owner in self.values("owner"):
            if owner not in short.values() and owner not in short and is_safe(owner):
                yield owner, ""

    def values(self, column: str) -> list[str]:
        """Return the values of a column of a line, the most frequent first."""
        from collections import Counter

        from issuelog.model.row import LINE

        # The line is in the index that is sorted by urgency: what is read lies in one place.
        sql = f"SELECT line FROM report ORDER BY closed, severity, due, id, line LIMIT {_ROWS_LOOKED_AT:d}"  # noqa: S608
        lines = self._tracker.index.glance(lambda index: index.execute(sql).fetchall()) or []
        place = LINE.index(column)
        counted = Counter(line.split("\t")[place] for (line,) in lines)
        return [value for value, _ in counted.most_common() if value]

    def known_errors(self) -> Iterator[Candidate]:
        """Yield the known errors, the newest first."""
        sql = "SELECT id, title FROM known_error ORDER BY id DESC"
        for value, title in self._tracker.index.glance(lambda index: index.execute(sql).fetchall()) or []:
            if is_safe(value):
                yield value, title

    def actions(self, report: str, states: Collection[str]) -> Iterator[Candidate]:
        """Yield the measures of a report that are in one of these states; none where several reports may be meant."""
        import json

        named = self.reports(report)
        if len(named) != 1:
            return
        sql = "SELECT actions FROM report WHERE id = ?"
        for (text,) in self._tracker.index.glance(lambda index: index.execute(sql, named[0][:1]).fetchall()) or []:
            for action in json.loads(text):
                if action["status"] in states and is_safe(action["id"]):
                    yield action["id"], action["text"]

    @cached_property
    def _tracker(self) -> Tracker:
        from issuelog.tracker import Tracker

        return Tracker.around(self.folder.resolve(), lambda _: None)


def _found(index: sqlite3.Connection, typed: str) -> list[Candidate]:
    """Return the reports of the index that may be meant, with their titles."""
    from datetime import UTC, datetime

    from issuelog.model.identifier import normalise
    from issuelog.model.query import Contains, Range, Term, Test
    from issuelog.store.selection import Selection

    now = datetime.now(UTC)
    wanted = typed.upper()
    tests: list[Test] = [Range("id", start, f"{start}~") for start in dict.fromkeys((wanted, normalise(typed)))]
    for test in [*tests, Contains("substr(id, -4)", normalise(typed))]:
        terms = [Term((test,))]
        rows = list(Selection(terms, now, limit=MOST).rows(index, "id, line"))
        if len(rows) == MOST:
            # A shell types what all have in common: with the first and the last id, that is common to all there are.
            ends = [Selection(terms, now, [order], 1).rows(index, "id, line") for order in ("id", "-id")]
            rows = [*dict.fromkeys([*rows[: MOST - 2], *chain(*ends)])]
        if rows:
            return [(value, line.rpartition("\t")[2]) for value, line in rows]
    return []


def _named(tracker: Tracker, typed: str) -> list[str]:
    """Return the same by the names of the files, where there is no index yet."""
    from issuelog.model.identifier import ID, normalise

    ids = [one for one in tracker.layout.ids() if ID.fullmatch(one)]
    return [one for one in ids if one.startswith(typed.upper())] or [one for one in ids if normalise(typed) in one[-4:]]
