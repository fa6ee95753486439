"""What anybody could have without us, replayed: each report is searched for, then added, so nothing later is known.

SQLite's FTS5 and BM25 know words alone: no time, no component, no signature.
"""

from __future__ import annotations

import re
import sqlite3
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from heapq import nlargest
from math import log
from multiprocessing import get_context
from typing import Protocol

from bench.precedent.labelled import Labelled, LabelledSet

LIMIT = 20
_WORD = re.compile(r"\w+")


class Rival(Protocol):
    """Something that finds reports."""

    def add(self, report: Labelled) -> None:
        """Make a report known."""

    def search(self, report: Labelled) -> list[str]:
        """Return the ids of those like it, the best first."""


class FullText:
    """FTS5 as it comes: all words of the report joined by OR, ordered by its own bm25."""

    def __init__(self) -> None:
        self._database = sqlite3.connect(":memory:")
        self._database.execute("CREATE VIRTUAL TABLE report USING fts5(title, body, id UNINDEXED)")

    def add(self, report: Labelled) -> None:
        self._database.execute("INSERT INTO report VALUES (?, ?, ?)", (report.title, report.body, report.id))

    def search(self, report: Labelled) -> list[str]:
        words = dict.fromkeys(_WORD.findall(f"{report.title} {report.body}".lower()))
        if not words:
            return []
        sql = f"SELECT id FROM report WHERE report MATCH ? ORDER BY rank LIMIT {LIMIT}"
        match = " OR ".join(f'"{word}"' for word in words)
        return [found for (found,) in self._database.execute(sql, (match,))]


class Bm25:
    """BM25 in plain Python with its usual settings, in which a word in a title counts as three.

    It counts as often as the report in question has it, too: without that, BM25 finds no more than FTS5 does.
    """

    K1 = 1.2
    B = 0.75
    TITLE = 3

    def __init__(self) -> None:
        self._ids: list[str] = []
        self._lengths = array("d")
        self._total = 0.0
        self._having: dict[str, tuple[array[int], array[int]]] = defaultdict(lambda: (array("l"), array("l")))

    def add(self, report: Labelled) -> None:
        counts = self._counts(report)
        for word, count in counts.items():
            numbers, times = self._having[word]
            numbers.append(len(self._ids))
            times.append(count)
        self._ids.append(report.id)
        self._lengths.append(counts.total())
        self._total += counts.total()

    def search(self, report: Labelled) -> list[str]:
        count = len(self._ids)
        mean = self._total / count if self._total else 1.0
        norms = [self.K1 * (1 - self.B + self.B * length / mean) for length in self._lengths]
        scores: dict[int, float] = defaultdict(float)
        for word, asked in self._counts(report).items():
            if word in self._having:
                numbers, times = self._having[word]
                weight = asked * log(1 + (count - len(numbers) + 0.5) / (len(numbers) + 0.5)) * (self.K1 + 1)
                for number, often in zip(numbers, times, strict=True):
                    scores[number] += weight * often / (often + norms[number])
        return [self._ids[number] for number in nlargest(LIMIT, scores, key=lambda one: (scores[one], one))]

    def _counts(self, report: Labelled) -> Counter[str]:
        found = Counter(_WORD.findall(report.body.lower()))
        for word in _WORD.findall(report.title.lower()):
            found[word] += self.TITLE
        return found


RIVALS: dict[str, Callable[[], Rival]] = {
    "FTS5, all words OR-ed": FullText,
    "BM25, title x 3": Bm25,
}


def replay(labelled: LabelledSet, rival: Rival, queries: Iterable[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield what a rival finds for each query among the reports before it."""
    wanted = set(queries)
    for report in labelled.reports:
        if report.id in wanted:
            yield report.id, rival.search(report)
            wanted.discard(report.id)
            if not wanted:
                return
        rival.add(report)


def answers(labelled: LabelledSet, jobs: int) -> dict[str, dict[str, list[str]]]:
    """Return what each rival answers to all queries, with so many processes at work."""
    found: dict[str, dict[str, list[str]]] = {}
    with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
        shares = [labelled.queries[at::jobs] for at in range(jobs)]  # the later, the slower: each has some of all
        for name in RIVALS:
            parts = pool.map(_share, [(labelled, name, share) for share in shares])
            found[name] = dict(one for part in parts for one in part)
    return found


def _share(task: tuple[LabelledSet, str, list[str]]) -> list[tuple[str, list[str]]]:
    labelled, name, queries = task
    return list(replay(labelled, RIVALS[name](), queries))
