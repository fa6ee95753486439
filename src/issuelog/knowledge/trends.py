"""What changed from one period to the next, and what comes back. Pure arithmetic over facts.

A change is claimed only where it is beyond chance, see `chance.py`: all that is tested together errs in one of twenty
digests at most. Whatever is too little to show anything is not tested.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from issuelog.knowledge.chance import LEVEL, beyond_chance, equal_rates, equal_shares
from issuelog.knowledge.figures import Figure, Past, Period, figures
from issuelog.model.times import iso, parse_iso

ALIKE, ALIKE_WITHIN = 3, timedelta(days=30)
"""So many reports of one error in so short a time are a matter of their own."""
UNHAPPY = 2
"""The greatest score of a customer who is not content."""
CUSTOMERS = 10
"""So many customers are told of, those with the most reports."""
UNNAMED = "(not said)"
_TESTED = frozenset({"kept", "rate", "verified", "satisfaction"})


@dataclass(frozen=True)
class Change:
    """How something was before and is now; `changed` is grew or shrank where that is beyond chance.

    Of a rate `now` and `before` are how often it was so, of `of_now` and `of_before` times. `share` and `cumulative`
    are of all that have the same `what`, the most frequent first.
    """

    what: str
    name: str
    now: int
    before: int
    reports: tuple[str, ...] = ()
    of_now: int | None = None
    of_before: int | None = None
    share: float | None = None
    cumulative: float | None = None
    p: float | None = None
    changed: str | None = None

    def row(self) -> dict[str, Any]:
        """Return it as users see it."""
        return {**vars(self), "reports": list(self.reports)}


@dataclass(frozen=True)
class Trends:
    """All that a digest has. `is_whole` says that there were reports in all of the period before."""

    now: Period
    before: Period
    is_whole: bool
    counts: Sequence[Change]
    rates: Sequence[Change]
    returned: Sequence[dict[str, Any]]
    alike: Sequence[dict[str, Any]]
    customers: Sequence[dict[str, Any]]
    unhappy: Sequence[dict[str, Any]]
    actions: Sequence[dict[str, Any]]
    missed: Sequence[dict[str, Any]]
    fixes: Sequence[dict[str, Any]]


def trends(pasts: Sequence[Past], now: Period, before: Period, *, is_whole: bool) -> Trends:
    """Return what a period tells, against the one before."""
    known = sorted((past for past in pasts if past.received < now.until), key=lambda past: (past.received, past.id))
    counts, rates = list(_counts(known, now, before)), list(_rates(known, now, before))
    if is_whole:
        tested = _tested([*counts, *rates])
        counts, rates = tested[: len(counts)], tested[len(counts) :]
    return Trends(
        now,
        before,
        is_whole,
        counts,
        rates,
        list(_returned(known, now)),
        list(_alike(known, now)),
        list(_customers(known, now, before)),
        list(_unhappy(known, now)),
        list(_overdue(known, now)),
        list(_missed(known, now)),
        list(_fixes(known, now)),
    )


def _counts(known: Sequence[Past], now: Period, before: Period) -> Iterator[Change]:
    """Count errors, so without duplicates: ten reports of one error do not come independently of each other.

    A cause and what let it escape are known at the end: they are counted when the report is done.
    """
    errors = [past for past in known if past.facts["duplicate_of"] is None]
    received = [[past for past in errors if period.has(past.received)] for period in (now, before)]
    done = [[past for past in errors if past.done_in(period)] for period in (now, before)]
    yield from _pareto("reports", *([("received", past.id) for past in some] for some in received))
    yield from _pareto("component", *([(past.component or UNNAMED, past.id) for past in some] for some in received))
    yield from _pareto("severity", *([(past.severity, past.id) for past in some] for some in received))
    yield from _pareto("kind", *([(past.facts["kind"] or UNNAMED, past.id) for past in some] for some in done))
    levels = (
        [(level or UNNAMED, past.id) for past in some for level in past.facts["levels"]]  # one for each escape
        for some in done
    )
    yield from _pareto("missing_level", *levels)


def _pareto(what: str, now: Sequence[tuple[str, str]], before: Sequence[tuple[str, str]]) -> Iterator[Change]:
    """Yield what there is most of first, with the share of all that it and those before it make up."""
    counts, earlier = Counter(name for name, _ in now), Counter(name for name, _ in before)
    reports: dict[str, list[str]] = {}
    for name, report in now:
        reports.setdefault(name, []).append(report)
    total, so_far = sum(counts.values()), 0
    for name in sorted(counts.keys() | earlier.keys(), key=lambda name: (-counts[name], -earlier[name], name)):
        so_far += counts[name]
        shares = (round(counts[name] / total, 4), round(so_far / total, 4)) if total else (None, None)
        yield Change(
            what,
            name,
            counts[name],
            earlier[name],
            tuple(dict.fromkeys(reports.get(name, ()))),
            share=shares[0],
            cumulative=shares[1],
        )


def _rates(known: Sequence[Past], now: Period, before: Period) -> Iterator[Change]:
    earlier = {(one.section, one.figure): one for one in figures(known, before)}
    for one in figures(known, now):
        if one.section not in _TESTED or one.unit != "share":
            continue
        other = earlier.get((one.section, one.figure), Figure(one.section, one.figure, 0, 0))
        if one.n or other.n:
            yield Change(one.section, one.figure, one.count or 0, other.count or 0, of_now=one.n, of_before=other.n)


def _tested(changes: Sequence[Change]) -> list[Change]:
    """Return the same with what chance alone would do, and which way those went that are beyond it.

    What could not show anything, however it fell, is left out: R. E. Tarone, A Modified Bonferroni Method for Discrete
    Data, Biometrics 46 (1990), 515-522.
    """
    probable = [_probability(change) if _can_show(change) else None for change in changes]
    tested = [number for number, p in enumerate(probable) if p is not None]
    shows = beyond_chance([p for p in probable if p is not None])
    beyond = {number for number, is_so in zip(tested, shows, strict=True) if is_so}
    return [
        replace(
            change,
            p=None if p is None else float(f"{p:.3g}"),
            changed=("grew" if _growth(change) > 0 else "shrank") if number in beyond else None,
        )
        for number, (change, p) in enumerate(zip(changes, probable, strict=True))
    ]


def _can_show(change: Change) -> bool:
    if change.of_now is None or change.of_before is None:
        return equal_rates(change.now + change.before, 0) <= LEVEL
    hits, trials, others = change.now + change.before, change.of_now, change.of_before
    extremes = (min(hits, trials), max(0, hits - others))
    return min(equal_shares(here, trials, hits - here, others) for here in extremes) <= LEVEL


def _probability(change: Change) -> float:
    if change.of_now is None or change.of_before is None:
        return equal_rates(change.now, change.before)
    return equal_shares(change.now, change.of_now, change.before, change.of_before)


def _growth(change: Change) -> float:
    if not change.of_now or not change.of_before:
        return change.now - change.before
    return change.now / change.of_now - change.before / change.of_before


def _returned(known: Sequence[Past], now: Period) -> Iterator[dict[str, Any]]:
    """Yield what came back in the period: opened again, or reported anew as the same error."""
    for past in known:
        yield from (
            {"report": past.id, "title": past.title, "at": at, "why": reason, "earlier": None}
            for at, reason in past.facts["returns"]
            if now.has(at)
        )
        if past.facts["recurrence_of"] and now.has(past.received):
            earlier = past.facts["recurrence_of"]
            yield {"report": past.id, "title": past.title, "at": past.received, "why": "recurrence", "earlier": earlier}


def _alike(known: Sequence[Past], now: Period) -> Iterator[dict[str, Any]]:
    """Yield the errors that were reported so often within so short a time, the last of them in the period.

    The reports are those of the time in which there were most.
    """
    same: dict[str, list[Past]] = {}
    for past in known:
        for signature in dict.fromkeys(past.signatures):
            same.setdefault(signature, []).append(past)
    found: list[dict[str, Any]] = []
    for signature, some in same.items():
        times = [past.received for past in some]
        fullest: list[str] = []
        for last in range(ALIKE - 1, len(some)):
            first = bisect_left(times, iso(parse_iso(times[last]) - ALIKE_WITHIN))
            if now.has(times[last]) and last - first + 1 >= max(ALIKE, len(fullest) + 1):
                fullest = [past.id for past in some[first : last + 1]]
        if fullest:
            found.append({"signature": signature, "count": len(fullest), "reports": fullest})
    yield from sorted(found, key=lambda one: (-len(one["reports"]), one["signature"]))


def _customers(known: Sequence[Past], now: Period, before: Period) -> Iterator[dict[str, Any]]:
    counts = Counter(past.facts["customer"] for past in known if now.has(past.received))
    earlier = Counter(past.facts["customer"] for past in known if before.has(past.received))
    counts.pop(None, None)
    for customer, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:CUSTOMERS]:
        yield {"customer": customer, "now": count, "before": earlier[customer]}


def _unhappy(known: Sequence[Past], now: Period) -> Iterator[dict[str, Any]]:
    for past in known:
        score, scored = past.facts["score"] or (None, None)
        is_low = score is not None and score <= UNHAPPY and now.has(scored)
        is_back = any(outcome == "not_fixed" and now.has(at) for outcome, at in past.facts["verified"])
        if is_low or is_back:
            why = f"{score} of 5" if is_low else "said that it is not fixed"
            yield {"report": past.id, "customer": past.facts["customer"], "why": why, "title": past.title}


def _overdue(known: Sequence[Past], now: Period) -> Iterator[dict[str, Any]]:
    late = [
        action
        for past in known
        for action in past.actions
        if action["status"] == "open" and action["due_at"] and action["due_at"] < now.until
    ]
    yield from sorted(late, key=lambda action: (action["due_at"], action["report"], action["id"]))


def _missed(known: Sequence[Past], now: Period) -> Iterator[dict[str, Any]]:
    for past in known:
        for run in past.runs:
            if run.kept(now.until) is False and now.has(run.decided):
                answered = run.end if run.end and run.end <= now.until else None
                why = [*run.why, *([] if answered else ["not answered yet"])]
                yield {"report": past.id, "clock": run.clock, "due_at": run.due, "ended_at": answered, "why": why}


def _fixes(known: Sequence[Past], now: Period) -> Iterator[dict[str, Any]]:
    """Yield the fixes that came out, where open reports show the same error: their customers want to hear of it."""
    waiting: dict[str, list[str]] = {}
    for past in known:
        if past.state(now.until) in {"new", "acknowledged", "reproduced"}:
            for signature in past.signatures:
                waiting.setdefault(signature, []).append(past.id)
    for past in known:
        if now.has(past.facts["out"]):
            alike = {other for signature in past.signatures for other in waiting.get(signature, ())} - {past.id}
            if alike:
                yield {"report": past.id, "title": past.title, "open": sorted(alike)}
