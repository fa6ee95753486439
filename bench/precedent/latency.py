"""How long `precedent ID --json` takes on one core, as a whole process, and how much of it is no start."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median

from bench.measure import EMPTY, say
from bench.precedent.trackers import Imported, spaced
from bench.work import issuelog

RUNS = 15


@dataclass(frozen=True)
class Latency:
    """Milliseconds of so many runs, each for another report.

    `show` is the median of `show ID --json` on the same reports: Python's start, Typer, and one report read. `beyond`
    is the median of what a run of `precedent` took longer than that of `show` at its side.
    """

    reports: int
    runs: int
    cores: int
    median_ms: float
    p95_ms: float
    show_ms: float
    beyond_ms: float
    times_python: float


@dataclass(frozen=True)
class Sample:
    """One round, in seconds."""

    python: float
    show: float
    precedent: float


def measure(tracker: Imported, runs: int = RUNS) -> Latency:
    """Measure with different reports from all over a tracker."""
    say(f"precedent ID, {len(tracker.own):,} reports")
    place, tool = tracker.place, issuelog()
    asked = list(spaced(tracker.own, runs))
    place.seconds([*tool, "precedent", asked[0], "--json"])  # the index is made, by all cores
    with one_core() as cores:
        samples = [
            Sample(
                place.seconds(EMPTY),
                place.seconds([*tool, "show", ref, "--json"]),
                place.seconds([*tool, "precedent", ref, "--json"]),
            )
            for ref in asked
        ]
    return latency_of(len(tracker.own), cores, samples)


def latency_of(reports: int, cores: int, samples: Sequence[Sample]) -> Latency:
    """Return what the rounds come to."""
    took = sorted(one.precedent for one in samples)
    return Latency(
        reports,
        len(samples),
        cores,
        _ms(median(took)),
        _ms(took[int(len(took) * 0.95)]),
        _ms(median(one.show for one in samples)),
        _ms(median(one.precedent - one.show for one in samples)),
        round(median(one.precedent / one.python for one in samples), 2),
    )


@contextmanager
def one_core() -> Iterator[int]:
    """Keep this process and all that it starts on one core, where the system can; hands out how many there are."""
    if not hasattr(os, "sched_setaffinity"):
        yield os.cpu_count() or 1
        return
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(allowed)})
    try:
        yield 1
    finally:
        os.sched_setaffinity(0, allowed)


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)
