"""How well and how fast `precedent` finds what was reported before.

python -m bench.precedent [--data FILE]... [--first N] [--sizes 1000,10000,100000] [--jobs 2] [--out FILE]

The sets are `../shared/precedent/*.jsonl.gz`, beside the project; they are no part of it. Each is imported once into a
tracker in the bench's cache. Slowness never fails. Only a full run writes `precedent.json`; any run writes the file
that `--out` names.

`precedent` runs with `--earlier` in a tracker that holds the whole set: it is offered nothing later, but how rare a
word is it knows from all reports. The rivals are replayed, and know that from the earlier ones alone. The time is
measured with the same texts, and not with the reports of `bench.generate`: those tell of eight troubles in all, so a
word there is in every eighth report, which no real tracker is like.
"""

from __future__ import annotations

import argparse
import json
import platform
import signal
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from bench.measure import ISSUELOG, say
from bench.precedent import rivals
from bench.precedent.labelled import LabelledSet, load
from bench.precedent.latency import Latency, measure
from bench.precedent.scoring import DEPTHS, Score, score
from bench.precedent.trackers import imported, sized
from bench.report import Table, aligned

_BENCH = Path(__file__).resolve().parent.parent
SHARED = _BENCH.parent.parent / "shared/precedent"
RESULTS = _BENCH / "precedent.json"
SIZES = (1_000, 10_000, 100_000)


@dataclass(frozen=True)
class Quality:
    """What one way to search is worth, on all queries of a set and on the later half of them."""

    name: str
    all: Score
    later: Score


@dataclass(frozen=True)
class OfSet:
    """What was measured on one set."""

    data: str
    reports: int
    quality: list[Quality]
    latency: list[Latency]


def options(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Return what was asked for."""
    parser = argparse.ArgumentParser(prog="bench.precedent", description="Measure how well precedents are found.")
    parser.add_argument("--data", type=Path, action="append", metavar="FILE", help="a labelled set; may be repeated")
    parser.add_argument("--first", type=int, metavar="N", help="only the first reports of each set")
    parser.add_argument("--sizes", type=_sizes, default=SIZES, help="reports to measure the time with; '' for none")
    parser.add_argument("--only", choices=("quality", "latency"), help="one of the two")
    parser.add_argument("--jobs", type=int, default=2, help="processes at work on the quality")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the results there")
    return parser.parse_args(arguments)


def destination(given: argparse.Namespace) -> Path | None:
    """Return the file that the results go to: `precedent.json` for a full run alone."""
    if given.out:
        return Path(given.out)
    full = not given.data and given.first is None and given.only is None and set(given.sizes) >= set(SIZES)
    return RESULTS if full else None


def quality(labelled: LabelledSet, jobs: int) -> list[Quality]:
    """Return what `precedent` is worth on a set, and its rivals."""
    found = {ISSUELOG: imported(labelled).answers(labelled.queries, jobs)}
    say("asking the rivals")
    found |= rivals.answers(labelled, jobs)
    return [
        Quality(name, score(labelled, answers, labelled.queries), score(labelled, answers, labelled.later))
        for name, answers in found.items()
    ]


def measured(path: Path, given: argparse.Namespace) -> OfSet:
    """Measure on one set."""
    labelled = load(path, given.first)
    say(f"{path.name}: {len(labelled.reports):,} reports, {len(labelled.queries):,} queries")
    worth = [] if given.only == "latency" else quality(labelled, given.jobs)
    sizes = () if given.only == "quality" else sorted(given.sizes)
    times = [measure(imported(sized(labelled, size))) for size in sizes]
    return OfSet(path.name, len(labelled.reports), worth, times)


def text(found: OfSet) -> Iterator[str]:
    """Yield the lines that people read."""
    yield f"{found.data}, {found.reports:,} reports"
    if found.quality:
        heads = (*(f"@{depth}" for depth in DEPTHS), "MRR")
        table: Table = [("", "queries", *heads, f"95 % of @{DEPTHS[-1]}")]
        table += [_worth(f"{one.name}, all", one.all) for one in found.quality]
        table += [_worth(f"{one.name}, later half", one.later) for one in found.quality]
        yield from ("", *aligned(table, table[0][1:]))
    if found.latency:
        table = [("precedent ID --json", "reports", "median", "p95", "show ID --json", "beyond it", "x python")]
        yield from ("", *aligned([*table, *map(_time, found.latency)], table[0][1:]))


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, and write the results where they belong."""
    given = options(arguments)
    paths = given.data or sorted(SHARED.glob("*.jsonl.gz"))
    if not paths:
        sys.stdout.write(f"No labelled reports are in {SHARED}, so there is nothing to measure: name some by --data.\n")
        return
    found = [measured(path, given) for path in paths]
    sys.stdout.write("\n\n".join("\n".join(text(one)) for one in found) + "\n")
    if target := destination(given):
        about = {"date": datetime.now(UTC).date().isoformat(), "versions": _versions()}
        whole = {**about, "sets": [asdict(one) for one in found]}
        target.write_text(json.dumps(whole, indent=2) + "\n", encoding="utf-8")


def _worth(name: str, found: Score) -> tuple[str, ...]:
    figures = (f"{figure:.3f}" for figure in (*found.recall, found.mrr))
    return (name, f"{found.queries:,}", *figures, "{:.3f} to {:.3f}".format(*found.interval))


def _time(found: Latency) -> tuple[str, ...]:
    figures = (found.median_ms, found.p95_ms, found.show_ms, found.beyond_ms)
    cores = "one core" if found.cores == 1 else f"{found.cores} cores"
    return (cores, f"{found.reports:,}", *(f"{figure:,.1f} ms" for figure in figures), f"{found.times_python:.1f}")


def _sizes(text: str) -> tuple[int, ...]:
    return tuple(int(size) for size in text.split(",") if size)


def _versions() -> dict[str, str]:
    return {
        "issuelog": metadata.version("issuelog"),
        "Python": platform.python_version(),
        "SQLite": sqlite3.sqlite_version,
    }


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    main()
