"""What a repository's own past teaches: what people said is the same error, and what is not.

A lesson follows from the files alone. It is kept in the index beside its report, and goes when that changes; it does
not count where other files say by now that something else is the same, or is not.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import asdict
from functools import cached_property

from issuelog.knowledge.learning import Lesson, learned, without_each
from issuelog.knowledge.ranking import PLAIN, Emphasis, odds
from issuelog.knowledge.replay import questions
from issuelog.precedent.asked import Asked
from issuelog.precedent.finding import Compared, Past
from issuelog.store.likeness import Likenesses
from issuelog.store.outcomes import same_errors

IN_PASSING = 3
"""So many lessons are learned where somebody waits for something else."""
_MOST = 100
"""So many reports teach, the newest."""
_CANDIDATES = 50
_OTHER = "SELECT report.id, outcome.ref FROM outcome JOIN report USING (number) WHERE outcome = 'rejected'"
_ORDER = "SELECT id FROM report WHERE id IN (SELECT value FROM json_each(?)) ORDER BY received, id"
_NUMBERS = """
SELECT id, number FROM report WHERE id IN (SELECT value FROM json_each(?1))
UNION ALL SELECT id, number FROM known_error WHERE id IN (SELECT value FROM json_each(?1))
"""


def confirmed(connection: sqlite3.Connection) -> dict[str, set[str]]:
    """Return the reports of which the team said that an earlier one is the same error, with all such."""
    pairs = same_errors(connection)
    return questions(pairs, _in_order(connection, {ref for pair in pairs for ref in pair}))


class School:
    """What the past teaches, as one connection to the index sees it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._same = confirmed(connection)
        self._other: dict[str, set[str]] = {}
        for ref, other in connection.execute(_OTHER):
            self._other.setdefault(ref, set()).add(other)
        self._newest = _in_order(connection, self._same.keys() | self._other.keys())[: -_MOST - 1 : -1]
        self._number = self._numbers(self._newest)
        kept = {number: json.loads(content) for number, content in connection.execute("SELECT * FROM lesson")}
        self._lessons = {
            ref: Lesson(**kept[number]["lesson"])
            for ref, number in self._number.items()
            if number in kept and kept[number]["said"] == self._said(ref)
        }
        self._new: dict[str, Lesson] = {}
        self._known = self._kept_emphasis()
        self.has_learned = False
        """Whether there is something new to be kept."""

    @cached_property
    def _past(self) -> Past:
        return Past(self._connection)

    def pending(self) -> list[str]:
        """Return the reports that teach and that nothing was learned from yet, the newest first."""
        return [ref for ref in self._newest if ref not in self._lessons]

    @property
    def lessons(self) -> dict[int, Lesson]:
        """The lessons by the numbers of their reports, always in one order: by it they are held against each other."""
        return {self._number[ref]: self._lessons[ref] for ref in self._newest if ref in self._lessons}

    def unseen(self) -> dict[int, Emphasis]:
        """Return what would count for each report that teaches, by its number, had nothing been learned from it."""
        if self._known in (None, PLAIN):
            return {}
        return dict(zip(self.lessons, without_each(list(self.lessons.values())), strict=True))

    def learn(self, reports: Iterable[str]) -> Emphasis:
        """Learn from these reports as well; return how much each kind of likeness counts now."""
        new = {ref: self._lesson(ref) for ref in reports}
        self._new |= new
        self._lessons |= new
        if new or self._known is None:
            self._known = learned(list(self.lessons.values()))
            self.has_learned = bool(self._lessons)
        return self._known

    def write(self, connection: sqlite3.Connection) -> None:
        """Keep in the index what was learned."""
        for ref, lesson in self._new.items():
            sql = "INSERT OR REPLACE INTO lesson SELECT number, ? FROM compared WHERE number = ?"
            content = {"said": self._said(ref), "lesson": asdict(lesson)}
            connection.execute(sql, (json.dumps(content), self._number[ref]))
        connection.execute("DELETE FROM emphasis")
        connection.execute("INSERT INTO emphasis VALUES (?, ?)", (self._taught(), json.dumps(self._known)))

    def _kept_emphasis(self) -> Emphasis | None:
        """Return what was learned before; None where that was from other lessons."""
        sql = "SELECT content FROM emphasis WHERE numbers = ?"
        found = self._connection.execute(sql, (self._taught(),)).fetchone()
        if found is None:
            return None
        learned_before = json.loads(found[0])
        return {kind: float(learned_before[kind]) for kind in PLAIN}

    def _taught(self) -> str:
        """Return the numbers of the files that something was learned from."""
        return json.dumps(list(self.lessons))

    def _said(self, ref: str) -> list[list[str]]:
        """Return what the team said that a report is the same as, and what that it is not."""
        return [sorted(of.get(ref, ())) for of in (self._same, self._other)]

    def _lesson(self, ref: str) -> Lesson:
        (found,) = Likenesses(self._connection).of_numbers([self._number[ref]])
        compared = self._past.compare(Asked(found.likeness, (), ref), earlier=True)
        same, other = (set(self._numbers(of.get(ref, ())).values()) for of in (self._same, self._other))
        return _lesson(compared, same, other)

    def _numbers(self, refs: Iterable[str]) -> dict[str, int]:
        return dict(self._connection.execute(_NUMBERS, (json.dumps(list(refs)),)).fetchall())


def _lesson(compared: Compared, same: set[int], other: set[int]) -> Lesson:
    """Return what the best candidates teach, and those of which something was said."""
    likely = odds(compared.worth)
    ranked = sorted(range(len(likely)), key=lambda place: -likely[place])
    numbers = [one.number for one in compared.candidates]
    kept = [
        place
        for rank, place in enumerate(ranked)
        if rank < _CANDIDATES or numbers[place] in same or numbers[place] in other
    ]
    return Lesson(
        {kind: [round(values[place], 3) for place in kept] for kind, values in compared.worth.items()},
        [new for new, place in enumerate(kept) if numbers[place] in same],
        [new for new, place in enumerate(kept) if numbers[place] in other],
    )


def _in_order(connection: sqlite3.Connection, refs: Iterable[str]) -> list[str]:
    return [ref for (ref,) in connection.execute(_ORDER, (json.dumps(list(refs)),))]
