"""What the index tells of the past: the facts that figures are computed from."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from datetime import datetime

from issuelog.errors import Problem
from issuelog.knowledge.figures import Past, Period
from issuelog.knowledge.trends import Trends, trends
from issuelog.model.query import Term
from issuelog.model.times import iso
from issuelog.store.selection import Selection
from issuelog.tracker import Tracker

_COLUMNS = "number, item, facts, actions"


def pasts(tracker: Tracker, terms: Sequence[Term], at: datetime) -> tuple[list[Past], str | None, list[Problem]]:
    """Return the reports that are meant, when the first of all was received, and what could not be read."""
    selection = Selection(terms, at, ["id"])

    def question(index: sqlite3.Connection) -> tuple[list[Past], str | None]:
        signatures: dict[int, list[str]] = {}
        for number, signature in index.execute("SELECT number, signature FROM signature"):
            signatures.setdefault(number, []).append(signature)
        first = index.execute("SELECT min(received) FROM report").fetchone()[0]
        return [
            _past(item, facts, actions, signatures.get(number, ()))
            for number, item, facts, actions in selection.rows(index, _COLUMNS)
        ], first

    (found, first), problems = tracker.ask(question)
    return found, first, problems


def _past(item: str, facts: str, actions: str, signatures: Sequence[str]) -> Past:
    shown = json.loads(item)
    told = [] if actions == "[]" else json.loads(actions)
    about = {name: shown[name] for name in ("id", "title", "severity", "component", "owner")}
    return Past(**about, facts=json.loads(facts), actions=told, signatures=signatures)


def compared(
    tracker: Tracker, terms: Sequence[Term], since: datetime, until: datetime
) -> tuple[Trends, int, list[Problem]]:
    """Return what a period tells against the one before of the same length, of how many reports, and problems."""
    found, first, problems = pasts(tracker, terms, until)
    now = Period(iso(since), iso(until))
    before = Period(iso(since - (until - since)), now.since)
    is_whole = first is not None and first <= before.since
    return trends(found, now, before, is_whole=is_whole), len(found), problems
