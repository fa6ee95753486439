"""What is looked for in logs: the errors that are known, and those that were fixed or are monitored."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from issuelog.errors import IssuelogError, Problem, UsageError
from issuelog.model.pattern import Pattern, pattern
from issuelog.model.times import iso
from issuelog.tracker import Tracker

_AT_MOST = 5
"""Reports and known errors that one signature leads to: those that are watched first, then the newest."""


@dataclass(frozen=True)
class Target:
    """A report or a known error; `state` is that of a report."""

    id: str
    title: str
    state: str | None = None

    @property
    def is_report(self) -> bool:
        """Whether a recurrence can be noted on it."""
        return self.state is not None


@dataclass(frozen=True)
class Watched:
    """All that is looked for, and the problems of files of which that is not known."""

    targets: Mapping[str, Target]
    signatures: Mapping[str, Sequence[str]]
    patterns: Sequence[tuple[str, Pattern]]
    problems: Sequence[Problem] = field(default_factory=tuple)


_REPORTS = """
SELECT item, monitored_until > ?, loose FROM report LEFT JOIN signature USING (number)
WHERE state IN ('resolved', 'rca') OR monitored_until > ? OR (state = 'closed' AND resolution = 'fixed')
ORDER BY monitored_until > ? DESC, received DESC, id
"""
_KNOWN_ERRORS = "SELECT id, title, item, loose FROM known_error JOIN signature USING (number) ORDER BY id DESC"


def watched(tracker: Tracker, at: datetime, warn: Callable[[str], object]) -> Watched:
    """Return what is looked for in logs; `warn` hears of what cannot be."""
    now = iso(at)

    def question(index: sqlite3.Connection) -> tuple[list[tuple[str, bool, str]], list[tuple[str, str, str, str]]]:
        return index.execute(_REPORTS, (now, now, now)).fetchall(), index.execute(_KNOWN_ERRORS).fetchall()

    (reports, known_errors), problems = tracker.ask(question)
    targets: dict[str, Target] = {}
    looses: dict[str, list[str]] = {}
    patterned: dict[str, None] = {}
    for item, is_monitored, loose in reports:
        facts = json.loads(item)
        target = targets.setdefault(facts["id"], Target(facts["id"], facts["title"], facts["state"]))
        if is_monitored:
            patterned[target.id] = None
        if loose:
            looses.setdefault(loose, []).append(target.id)
    for known_id, title, item, loose in known_errors:
        if json.loads(item)["retired_at"]:
            continue
        targets[known_id] = Target(known_id, title)
        if loose:
            looses.setdefault(loose, []).insert(0, known_id)
    signatures = {loose: tuple(dict.fromkeys(ids))[:_AT_MOST] for loose, ids in looses.items()}
    return Watched(targets, signatures, list(_patterns(tracker, patterned, warn)), problems)


def _patterns(
    tracker: Tracker, reports: Mapping[str, None], warn: Callable[[str], object]
) -> Iterator[tuple[str, Pattern]]:
    """Yield the patterns of monitored reports; their files may have been written by anybody."""
    for report in reports:
        try:
            wanted = tracker.read(report).report.monitor.pattern
            if wanted:
                yield report, pattern(wanted)
        except UsageError as error:
            warn(f"{report}: {error.message}; it is not looked for   (issuelog check)")
        except IssuelogError as error:
            warn(f"{report}: {error.message}")
