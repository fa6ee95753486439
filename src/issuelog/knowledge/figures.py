"""Figures of a period: how many reports, how long things took, how often they went well. Pure arithmetic over facts.

A time is text, which sorts as it does; `""` is before everything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from issuelog.knowledge.chance import median, slowest_tenth
from issuelog.knowledge.standing import wilson
from issuelog.model.query import SEVERITIES, STATES

TIMES = ("acknowledge", "reproduce", "restore", "resolve", "close")
OUTCOMES = ("confirmed", "lapsed", "not_fixed", "proxy")
"""What a verification can end with."""
CONTENT = 4
"""The least score of a customer who is content."""
_DONE = frozenset({"resolved", "rca", "closed"})


class Run(NamedTuple):
    """A run of a clock."""

    clock: str
    start: str
    due: str | None
    end: str | None
    why: Sequence[str]

    def kept(self, until: str) -> bool | None:
        """Whether it had been kept by then; None where that was open."""
        if self.end is not None and self.end <= until:
            return self.due is None or self.end <= self.due
        return False if self.due is not None and self.due < until else None

    @property
    def decided(self) -> str:
        """When it was known whether it was kept."""
        return min(at for at in (self.due, self.end) if at is not None)


class Took(NamedTuple):
    """How long something took: when it was over, the seconds, and whether that is working time."""

    name: str
    at: str
    seconds: int
    is_working: bool


@dataclass(frozen=True)
class Past:
    """A report as figures see it: `facts` of `model/facts.py`, beside what lists have."""

    id: str
    title: str
    severity: str
    component: str | None
    owner: str | None
    facts: dict[str, Any]
    actions: Sequence[dict[str, Any]] = ()
    signatures: Sequence[str] = ()

    @property
    def received(self) -> str:
        """When the customer wrote."""
        return str(self.facts["received"])

    @cached_property
    def runs(self) -> list[Run]:
        """All runs of its clocks that have a time."""
        return [Run(*run) for run in self.facts["runs"]]

    def state(self, at: str) -> str:
        """Return its state at a time."""
        return next((to for since, to in reversed(self.facts["moves"]) if since <= at), "new")

    def done_in(self, period: Period) -> str | None:
        """Return when it was first done in a period: resolved, or closed without."""
        return next((began for began, _ in self.facts["done"] if period.has(began)), None)

    def came_back(self, after: str, until: str) -> list[str]:
        """Return why it was opened again between two times."""
        return [reason for at, reason in self.facts["returns"] if after <= at < until]


class Period(NamedTuple):
    """From an instant until another, which is no longer in it."""

    since: str
    until: str

    def has(self, at: str | None) -> bool:
        """Whether a time is in it."""
        return at is not None and self.since <= at < self.until


@dataclass(frozen=True)
class Figure:
    """One figure: of how many (`n`), how many of them (`count`), and what comes of it (`value`); None is not known.

    `low` and `high` are between what the rate lies at 95 %, `p90` is what nine tenths of the times do not exceed.
    """

    section: str
    figure: str
    n: int
    count: int | None = None
    value: float | None = None
    p90: float | None = None
    low: float | None = None
    high: float | None = None
    unit: str | None = None

    def row(self) -> dict[str, Any]:
        """Return it as users see it."""
        return {
            "section": self.section,
            "figure": self.figure,
            "n": self.n,
            "count": self.count,
            "value": self.value,
            "p90": self.p90,
            "low": self.low,
            "high": self.high,
            "unit": self.unit,
        }


def figures(pasts: Sequence[Past], period: Period) -> list[Figure]:
    """Return all figures of a period."""
    known = [past for past in pasts if past.received < period.until]
    return [
        *_counts(known, period),
        *_times(known, period),
        *_kept(known, period),
        *_rates(known, period),
        *_satisfaction(known, period),
    ]


def rate(section: str, figure: str, hits: int, trials: int) -> Figure:
    """Return a rate with its interval; without a trial nothing is known of it."""
    if not trials:
        return Figure(section, figure, 0, 0, unit="share")
    low, high = wilson(hits, trials)
    return Figure(section, figure, trials, hits, _even(hits / trials), None, _even(low), _even(high), "share")


def _even(share: float) -> float:
    return round(share, 4)


def _counts(known: Sequence[Past], period: Period) -> Iterator[Figure]:
    received = [past for past in known if period.has(past.received)]
    reached = Counter(
        to for past in known for to in {to for at, to in past.facts["moves"] if period.has(at)} if to in _DONE
    )
    returns = sum(period.has(at) for past in known for at, _ in past.facts["returns"])
    last = [past.state(period.until) for past in known]
    first = [past.state(period.since) for past in known if past.received < period.since]
    yield Figure("reports", "received", len(received))
    yield Figure("reports", "resolved", reached["resolved"])
    yield Figure("reports", "closed", reached["closed"])
    yield Figure("reports", "reopened", returns)
    yield Figure("reports", "open before", sum(state != "closed" for state in first))
    yield Figure("reports", "open after", sum(state != "closed" for state in last))
    states = Counter(past.state(period.until) for past in received)
    yield from (Figure("state", state, states[state]) for state in STATES)
    severities = Counter(past.severity for past in received)
    yield from (Figure("severity", severity, severities[severity]) for severity in sorted(SEVERITIES))


def _times(known: Sequence[Past], period: Period) -> Iterator[Figure]:
    """Times that were over in the period; working time and elapsed time are never mixed."""
    took: dict[tuple[str, bool], list[int]] = {}
    for past in known:
        for one in past.facts["times"]:
            name, at, seconds, is_working = one
            if period.has(at):
                took.setdefault((name, is_working), []).append(seconds)
    for name in TIMES:
        kinds = [is_working for is_working in (True, False) if (name, is_working) in took] or [False]
        for is_working in kinds:
            found = took.get((name, is_working), [])
            unit = "working seconds" if is_working else "seconds"
            yield Figure("time", name, len(found), None, median(found), slowest_tenth(found), unit=unit)


def _kept(known: Sequence[Past], period: Period) -> Iterator[Figure]:
    """By clock: how often what was decided in the period was kept."""
    kept: dict[str, list[bool]] = {}
    for past in known:
        for run in past.runs:
            outcome = run.kept(period.until)
            if outcome is not None and period.has(run.decided):
                kept.setdefault(run.clock, []).append(outcome)
    yield from (rate("kept", clock, sum(found), len(found)) for clock, found in sorted(kept.items()))


def recurring(pasts: Iterable[Past]) -> dict[str, list[str]]:
    """Return when each report's error was reported anew, as a later report says."""
    found: dict[str, list[str]] = {}
    for past in pasts:
        if earlier := past.facts["recurrence_of"]:
            found.setdefault(earlier, []).append(past.received)
    return found


def _rates(known: Sequence[Past], period: Period) -> Iterator[Figure]:
    received = [past for past in known if period.has(past.received)]
    done = [(past, at) for past in known if (at := past.done_in(period)) is not None]
    anew = recurring(known)
    returned = [(past, past.came_back(at, period.until)) for past, at in done]
    recurred = [
        "recurred" in reasons or any(period.has(at) for at in anew.get(past.id, ())) for past, reasons in returned
    ]
    yield rate("rate", "reopened", sum(bool(reasons) for _, reasons in returned), len(done))
    yield rate("rate", "recurred", sum(recurred), len(done))
    yield rate("rate", "duplicates", sum(past.facts["duplicate_of"] is not None for past in received), len(received))
    tried = [past.facts["tried"] for past in received if past.facts["tried"]]
    yield rate("rate", "not reproduced", sum(not any(hits) for hits in tried), len(tried))
    begun = [past for past in received if past.state(period.until) != "new"]
    yield rate("rate", "complete at once", sum(not past.facts["questions"] for past in begun), len(begun))
    told = [outcome for past in known for outcome, at in past.facts["verified"] if period.has(at)]
    verified = [outcome for outcome in told if outcome in OUTCOMES]
    yield from (rate("verified", outcome, verified.count(outcome), len(verified)) for outcome in OUTCOMES)


def _satisfaction(known: Sequence[Past], period: Period) -> Iterator[Figure]:
    """Who answered, of those whose report was done or who answered in the period, and what they said."""
    scores = {past.id: past.facts["score"][0] for past in known if period.has((past.facts["score"] or [0, None])[1])}
    asked = scores.keys() | {past.id for past in known if past.done_in(period)}
    yield rate("satisfaction", "answered", len(scores), len(asked))
    mean = round(sum(scores.values()) / len(scores), 2) if scores else None
    yield Figure("satisfaction", "mean", len(scores), None, mean, unit="of 5")
    yield rate("satisfaction", "4 or 5", sum(score >= CONTENT for score in scores.values()), len(scores))


BY: dict[str, Callable[[Past], str | None]] = {
    "component": lambda past: past.component,
    "severity": lambda past: past.severity,
    "customer": lambda past: past.facts["customer"],
    "owner": lambda past: past.owner,
    "kind": lambda past: past.facts["kind"],
    "channel": lambda past: past.facts["channel"],
    "month": lambda past: past.received[:7],
}
"""What reports can be told apart by; the month is that in which the customer wrote."""


def groups(pasts: Iterable[Past], by: str) -> list[tuple[str | None, list[Past]]]:
    """Return the reports by what they have in common, the largest group first; months in their order."""
    found: dict[str | None, list[Past]] = {}
    for past in pasts:
        found.setdefault(BY[by](past), []).append(past)
    in_order = by in {"month", "severity"}
    return sorted(found.items(), key=lambda item: (0 if in_order else -len(item[1]), item[0] is None, item[0] or ""))
