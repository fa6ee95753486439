"""What is due: every running clock of every report, from the index, the most urgent first."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from issuelog.errors import Conflict, InvalidFile, NotFound, Problem
from issuelog.model.person import is_same
from issuelog.model.times import iso, parse_iso
from issuelog.tracker import Tracker

if TYPE_CHECKING:
    import sqlite3

_RUNNING = "SELECT item, clocks, contact, updated FROM report WHERE clocks <> '[]' OR updated > ?"
_OPEN = "SELECT contact, count(*) FROM report WHERE contact <> '' AND NOT closed AND updated <= ? GROUP BY contact"


@dataclass(frozen=True)
class Duty:
    """One thing that has to happen by `due_at`: which clock of which report, who has to act, and by which command.

    `hit_again` says that the customer has other open reports.
    """

    report: str
    title: str
    severity: str
    state: str
    customer: str | None
    clock: str
    item: str | None
    due_at: datetime
    owner: str | None
    command: str
    hit_again: bool = False

    def is_overdue(self, at: datetime) -> bool:
        """Whether it should have happened before `at`."""
        return self.due_at < at

    def row(self, at: datetime) -> dict[str, Any]:
        """Return it as users see it."""
        return {
            "report": self.report,
            "title": self.title,
            "severity": self.severity,
            "state": self.state,
            "customer": self.customer,
            "clock": self.clock,
            "item": self.item,
            "due_at": iso(self.due_at),
            "overdue": self.is_overdue(at),
            "left_seconds": int((self.due_at - at).total_seconds()),
            "owner": self.owner,
            "hit_again": self.hit_again,
            "command": self.command,
        }


def duties(tracker: Tracker, at: datetime) -> tuple[list[Duty], Sequence[Problem]]:
    """Return what was due at a time, and the problems of the files that could not be read.

    A report that has changed since is taken back to how it stood then.
    """

    def question(index: sqlite3.Connection) -> tuple[list[tuple[str, ...]], Counter[str]]:
        return index.execute(_RUNNING, (iso(at),)).fetchall(), Counter(dict(index.execute(_OPEN, (iso(at),))))

    (rows, open_reports), unread = tracker.ask(question)
    problems = list(unread)
    stood = []
    for item, clocks, contact, updated in rows:
        if updated <= iso(at):
            stood.append((item, clocks, contact))
            continue
        try:
            past = _as_of(tracker, json.loads(item), at)
        except InvalidFile as error:
            problems += error.problems
        except (Conflict, NotFound) as error:  # it is not where it belongs, or has just been moved
            problems.append(Problem(json.loads(item)["path"], 1, 1, "file", error.message))
        else:
            if past:
                stood.append((past["item"], past["clocks"], contact))
                open_reports[contact] += not past["closed"]
    found = [
        duty
        for item, clocks, contact in stood
        for duty in _of_row(json.loads(item), clocks, again=bool(contact) and open_reports[contact] > 1)
    ]
    return sorted(found, key=lambda duty: _urgency(duty, at)), problems


def _as_of(tracker: Tracker, item: dict[str, Any], at: datetime) -> dict[str, Any] | None:
    """Return what the index would have had of a report then; None where it had not been received."""
    from issuelog.model.history import as_of
    from issuelog.model.row import make_row

    past = as_of(tracker.read(item["id"]).report, at)
    return make_row(past, tracker.policy, item["path"]) if past else None


def _of_row(item: dict[str, Any], clocks: str, *, again: bool) -> Iterator[Duty]:
    """Yield what is due of a report by its row in the index."""
    shared = {name: item[name] for name in ("title", "severity", "state", "customer")}
    for clock in json.loads(clocks):
        clock["due_at"] = parse_iso(clock["due_at"])
        yield Duty(report=item["id"], **shared, **clock, hit_again=again)


def _urgency(duty: Duty, at: datetime) -> tuple[object, ...]:
    """Sort what is overdue first: the worst, of these the customers who were hit again; then what comes next."""
    if duty.is_overdue(at):
        return 0, duty.severity, not duty.hit_again, duty.due_at, duty.report
    return 1, duty.due_at, duty.severity, not duty.hit_again, duty.report


def of_person(found: Iterable[Duty], who: str) -> list[Duty]:
    """Return what a person has to see to, who may be written with or without a mail address."""
    return [duty for duty in found if duty.owner and is_same(duty.owner, who)]
