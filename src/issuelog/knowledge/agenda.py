"""What a team should talk about: the matters that a digest of trends leads to."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from issuelog.knowledge.figures import Period
from issuelog.knowledge.trends import ALIKE_WITHIN, UNNAMED, Change, Trends

LINES = 10
"""So many matters a talk can have, and so many reports a command names."""
_BETTER_HIGH = frozenset({"kept", "satisfaction"})
_WORSE = frozenset({"reopened", "recurred", "not reproduced", "not_fixed", "lapsed"})


@dataclass(frozen=True)
class Matter:
    """Something to discuss: why, the reports that it is about, and the command that shows them."""

    reason: str
    reports: tuple[str, ...]
    command: str

    def row(self) -> dict[str, Any]:
        """Return it as users see it."""
        return {"reason": self.reason, "reports": list(self.reports), "command": self.command}


def digest(found: Trends) -> dict[str, Any]:
    """Return what changed, and what to discuss of it first, as JSON has it."""
    return {
        "period": {"since": found.now.since, "until": found.now.until},
        "before": {"since": found.before.since, "until": found.before.until, "whole": found.is_whole},
        "discuss": [matter.row() for matter in discuss(found)],
        "counts": [change.row() for change in found.counts],
        "rates": [change.row() for change in found.rates],
        "returned": list(found.returned),
        "alike": list(found.alike),
        "customers": list(found.customers),
        "unsatisfied": list(found.unhappy),
        "actions": list(found.actions),
        "missed": list(found.missed),
        "fixes": list(found.fixes),
    }


def discuss(found: Trends) -> list[Matter]:
    """Return what a team should talk about, the most pressing first, ten at most."""
    matters = [
        *_of_actions(found),
        *_of_unhappy(found),
        *_of_returns(found),
        *_of_changes(found, worse=True),
        *_of_missed(found),
        *_of_escapes(found),
        *_of_fixes(found),
        *_of_changes(found, worse=False),
    ]
    return matters[:LINES]


def _of_actions(found: Trends) -> Iterator[Matter]:
    if found.actions:
        nobody = sum(not action["owner"] for action in found.actions)
        said = f", {nobody} owned by nobody" if nobody else ""
        reason = (
            f"{_some(len(found.actions), 'measure')} overdue{said}, the oldest since {found.actions[0]['due_at'][:10]}"
        )
        yield Matter(reason, _ids(found.actions), "issuelog actions")


def _of_unhappy(found: Trends) -> Iterator[Matter]:
    if found.unhappy:
        ids = _ids(found.unhappy)
        yield Matter(f"{_some(len(ids), 'report')} whose customer was not satisfied", ids, _look(ids))


def _of_returns(found: Trends) -> Iterator[Matter]:
    for same in found.alike[:3]:
        ids = tuple(same["reports"])
        reason = f"one error reported {same['count']} times in {ALIKE_WITHIN.days} days: {same['signature'][:80]}"
        yield Matter(reason, ids, _look(ids))
    if found.returned:
        ids, whys = _ids(found.returned), Counter(one["why"] for one in found.returned)
        said = ", ".join(f"{count} {why.replace('_', ' ')}" for why, count in whys.most_common())
        yield Matter(f"{_some(len(ids), 'report')} came back: {said}", ids, _look(ids))


def _of_changes(found: Trends, *, worse: bool) -> Iterator[Matter]:
    changes = [change for change in (*found.counts, *found.rates) if change.changed and _is_worse(change) == worse]
    for change in sorted(changes, key=lambda change: change.p or 0):
        counts = [str(change.now), str(change.before)]
        if change.of_now is not None and change.of_before is not None:
            counts = [f"{change.now} of {change.of_now}", f"{change.before} of {change.of_before}"]
        reason = f"{change.what} {change.name}: {counts[0]}, before {counts[1]} ({change.changed} beyond chance)"
        yield Matter(reason, change.reports, _listing(change, found.now))


def _is_worse(change: Change) -> bool:
    grew = change.changed == "grew"
    if change.of_now is None:
        return grew
    if change.what in _BETTER_HIGH or change.name in {"confirmed", "complete at once"}:
        return not grew
    return grew if change.name in _WORSE else False


def _of_missed(found: Trends) -> Iterator[Matter]:
    clocks = Counter(one["clock"] for one in found.missed)
    for clock, count in clocks.most_common(2):
        missed = [one for one in found.missed if one["clock"] == clock]
        whys = Counter(why for one in missed for why in one["why"])
        said = "; ".join(f"{why}: {times}" for why, times in whys.most_common(3))
        ids = _ids(missed)
        yield Matter(f"clock {clock} missed {_times(count)}{f' ({said})' if said else ''}", ids, _look(ids))


def _of_escapes(found: Trends) -> Iterator[Matter]:
    for change in found.counts:
        if change.what == "missing_level" and change.now:
            is_said = change.name != UNNAMED
            reason = f"{_some(change.now, 'escape')} " + (
                f"that a test at level {change.name} would have caught" if is_said else "without the missing test level"
            )
            yield Matter(reason, change.reports, _look(change.reports))


def _of_fixes(found: Trends) -> Iterator[Matter]:
    for fix in found.fixes[:2]:
        ids = (fix["report"], *fix["open"])
        reason = (
            f"the fix of {fix['report']} is out, and {_some(len(fix['open']), 'open report')} may have the same error"
        )
        yield Matter(reason, ids, f"issuelog affected {fix['report']}")


def _ids(rows: Iterable[dict[str, Any]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(row["report"] for row in rows))


def _look(ids: Sequence[str]) -> str:
    """Return the command that shows some reports, the first ten of many: JSON names all."""
    return f"issuelog show {ids[0]}" if len(ids) == 1 else f"issuelog list id:{','.join(ids[:LINES])}"


def _listing(change: Change, now: Period) -> str:
    if len(change.reports) <= LINES or change.what not in {"reports", "component", "severity"}:
        return _look(change.reports) if change.reports else f"issuelog stats --since {now.since}"
    terms = [f"received:{now.since}..{now.until}"]
    if change.what == "severity":
        terms.append(f"severity:{change.name}")
    elif change.what == "component":
        name = change.name.replace('"', "")
        terms.append("component:none" if change.name == UNNAMED else f'component:"{name}"')
    return f"issuelog list {' '.join(map(shlex.quote, terms))}"


def _some(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"
