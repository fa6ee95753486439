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
