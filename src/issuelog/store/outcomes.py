"""What became of earlier solutions, from the index: each report's last word on each precedent counts once."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable

TRIED = ("worked", "failed", "partial")
"""The outcomes of a solution that was applied; others say whether it was the same error."""

_LAST = """
SELECT ref, outcome, count(*) FROM (
    SELECT ref, outcome, row_number() OVER (PARTITION BY ref, number ORDER BY at DESC, rowid DESC) AS place FROM outcome
    WHERE ref IN (SELECT value FROM json_each(:refs)) AND outcome IN (SELECT value FROM json_each(:outcomes))
) WHERE place = 1 GROUP BY ref, outcome
"""
"""Of one instant, the later in the report's file is the last."""
_ALL = """
SELECT coalesce(report.number, known_error.number) AS tried, became, count(*) FROM (
    SELECT ref, CASE outcome WHEN 'rejected' THEN 'failed' ELSE outcome END AS became,
        row_number() OVER (PARTITION BY ref, number ORDER BY at DESC, rowid DESC) AS place
    FROM outcome WHERE outcome <> 'duplicate' AND number <> ? AND strftime('%s', at) + 0 <= ?
) AS last LEFT JOIN report ON report.id = last.ref LEFT JOIN known_error ON known_error.id = last.ref
WHERE place = 1 AND tried IS NOT NULL GROUP BY tried, became
"""

_SAME = """
SELECT report.id, last.ref FROM (
    SELECT number, ref, outcome, row_number() OVER (PARTITION BY ref, number ORDER BY at DESC, rowid DESC) AS place
    FROM outcome WHERE outcome IN (SELECT value FROM json_each(?))
) AS last JOIN report USING (number) WHERE place = 1 AND outcome = 'worked'
UNION SELECT report.id, outcome.ref FROM outcome JOIN report USING (number) WHERE outcome = 'duplicate'
"""


def outcomes(connection: sqlite3.Connection, refs: Iterable[str]) -> dict[str, Counter[str]]:
    """Return how often each of these solutions worked, failed and worked in part: once for each report it was tried in.

    One that a later word of the same report took back is not counted.
    """
    wanted = list(dict.fromkeys(refs))
    found: dict[str, Counter[str]] = {ref: Counter() for ref in wanted}
    parameters = {"refs": json.dumps(wanted), "outcomes": json.dumps(TRIED)}
    for ref, outcome, count in connection.execute(_LAST, parameters):
        found[ref][outcome] = count
    return found


def all_outcomes(connection: sqlite3.Connection, *, but_of: int, until: float) -> dict[int, Counter[str]]:
    """Return for the numbers of all files what became of them elsewhere, but in one file, and until a time in seconds.

    What was said to be another error failed there as well.
    """
    found: dict[int, Counter[str]] = {}
    for number, outcome, count in connection.execute(_ALL, (but_of, until)):
        found.setdefault(number, Counter())[outcome] = count
    return found


def same_errors(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    """Return the reports and what they are the same error as: a duplicate's original, and what solved them at last."""
    return connection.execute(_SAME, (json.dumps(TRIED),)).fetchall()
