"""What of the past an analysis has to know: the same error before, since, and measures that did not hold."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import datetime

from issuelog.errors import IssuelogError
from issuelog.model import signature
from issuelog.model.rca import ALIKE_DAYS, Failed, why_required
from issuelog.model.report import Report, State
from issuelog.model.text import fold
from issuelog.model.times import iso, shifted
from issuelog.tracker import Tracker

_MOST = 200
_SEARCHED = 50
_SAME = """
SELECT DISTINCT report.id FROM signature JOIN report USING (number)
WHERE loose IN (SELECT value FROM json_each(:loose)) AND report.id <> :id
    AND received BETWEEN :since AND :until ORDER BY received, report.id LIMIT :most
"""
_OF_COMPONENT = """
SELECT id FROM report WHERE component = :component AND id <> :id AND received BETWEEN :since AND :until
ORDER BY received, id LIMIT :most
"""
_RECEIVED = "SELECT id, received FROM report WHERE id IN (SELECT value FROM json_each(?))"
_NOT_HELD = """
SELECT id FROM report
WHERE actions <> '[]' AND id <> ? AND received <= ? AND (actions LIKE '%"held": false%' OR reopened)
ORDER BY received DESC, id LIMIT ?
"""


def same_error(tracker: Tracker, report: Report, since: datetime, until: datetime) -> list[str]:
    """Return the other reports of the same error signature that were received between two times."""
    found, _ = tracker.ask(lambda index: _ids(index, _SAME, report, since, until))
    return found


def alike(tracker: Tracker, report: Report) -> list[str]:
    """Return the other reports of the same error, or of its component and kind of cause, received in the same days.

    With the report they lie within ALIKE_DAYS; only as many days as hold most of them count.
    """
    received = report.source.received_at

    def question(index: sqlite3.Connection) -> tuple[list[str], list[str]]:
        span = (shifted(received, -ALIKE_DAYS), shifted(received, ALIKE_DAYS))
        same = _ids(index, _SAME, report, *span)
        near = _ids(index, _OF_COMPONENT, report, *span) if report.component and report.diagnosis.kind else []
        return same, near

    (same, near), _ = tracker.ask(question)
    read = {one: found for one in dict.fromkeys([*same, *near]) if (found := _read(tracker, one))}
    kind = report.diagnosis.kind
    fitting = [one for one, found in read.items() if one in same or (kind and found.diagnosis.kind == kind)]
    times = {one: read[one].source.received_at for one in fitting}
    best: list[str] = []
    for first in [*times.values(), received]:
        last = shifted(first, ALIKE_DAYS)
        if first <= received <= last:
            within = [one for one, at in times.items() if first <= at <= last]
            best = max(best, within, key=len)
    return sorted(best)


def before(tracker: Tracker, report: Report, since: datetime) -> list[str]:
    """Return what was the same before: earlier reports and known errors that are good precedents, since a time."""
    from issuelog.precedent.asked import of_report
    from issuelog.precedent.finding import Past

    def question(index: sqlite3.Connection) -> list[str]:
        refs = [hit.ref for hit in Past(index).find(of_report(report), _SEARCHED, earlier=True).good().hits]
        received = dict(index.execute(_RECEIVED, (json.dumps(refs),)).fetchall())
        return [ref for ref in refs if ref not in received or received[ref] >= iso(since)]

    found, _ = tracker.ask(question)
    return found


def not_held(tracker: Tracker, report: Report) -> list[Failed]:
    """Return the earlier analyses whose measures did not hold: by a look, or since the error came back after them."""
    given = (report.id, iso(report.source.received_at), _MOST)
    ids, _ = tracker.ask(lambda index: [one for (one,) in index.execute(_NOT_HELD, given)])
    return [failed for one in ids if (found := _read(tracker, one)) and (failed := _failed(found))]


def _failed(report: Report) -> Failed | None:
    why = next(_why_not_held(report), None)
    roots = [cause.whys[-1].why for cause in report.rca.causes if cause.whys]
    return Failed(report.id, roots, why) if why and roots else None


def _why_not_held(report: Report) -> Iterator[str]:
    back = [event.at for event in report.events if event.action == "reopen" and event.fact("reason") == "recurred"]
    for action in report.rca.actions:
        failed = [check for check in action.checks if check.result == "failed"]
        if failed:
            yield f"{action.id}: {failed[-1].evidence}"
        if action.closed_at and action.status == "done" and any(at > action.closed_at for at in back):
            yield f"it came back after {action.id} was done"


def closing_alike(tracker: Tracker, report: Report) -> Sequence[str]:
    """Return what `alike` finds, where it may decide whether an analysis is asked for."""
    is_settled = report.rca.status == "accepted" or why_required(report, tracker.policy)
    if report.state not in {State.RESOLVED, State.RCA} or is_settled or tracker.policy.rca_alike == 0:
        return ()
    return alike(tracker, report)


def _ids(index: sqlite3.Connection, sql: str, report: Report, since: datetime, until: datetime) -> list[str]:
    given = {
        "id": report.id,
        "loose": json.dumps([one.loose for one in signature.of_report(report)]),
        "component": fold(report.component or ""),
        "since": iso(since),
        "until": iso(until),
        "most": _MOST,
    }
    return [one for (one,) in index.execute(sql, given)]


def _read(tracker: Tracker, report_id: str) -> Report | None:
    try:
        return tracker.read(report_id).report
    except IssuelogError:  # that file's trouble is for `check` to tell
        return None
