"""How fast issuelog is, beside what it may cost, and beside other trackers.

python -m bench.run [--sizes 100,1000,10000,100000] [--runs 11] [--only PATTERN] [--out FILE]

The trackers lie in the bench's cache (see `bench.cache`), each run works on copies there: on a disk in memory a sync
costs nothing, and a change seems faster than it is. Slowness never fails: the table says what is over its budget.
Only a full run writes `results.json`; any run writes the file that `--out` names.
"""

from __future__ import annotations

import argparse
import json
import platform
import signal
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from statistics import median

from bench import cache, report
from bench.measure import Meter, Place
from bench.peers import Store
from bench.trial import Peers
from bench.work import Work, measure_growth, measure_start

SIZES = (100, 1_000, 10_000, 100_000)
RUNS = 11


def options(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Return what was asked for."""
    parser = argparse.ArgumentParser(prog="bench.run", description="Measure how fast issuelog is.")
    parser.add_argument("--sizes", type=_sizes, default=SIZES, help="how many reports, several with commas")
    parser.add_argument("--runs", type=int, default=RUNS, help="how often each command runs; slow ones run less often")
    parser.add_argument("--only", metavar="PATTERN", help="only rows with this in 'TOOL COMMAND'; * is anything")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the results there")
    return parser.parse_args(arguments)


def destination(given: argparse.Namespace) -> Path | None:
    """Return the file that the results go to: `results.json` for a full run alone."""
    if given.out:
        return Path(given.out)
    full = given.only is None and given.runs >= RUNS and set(given.sizes) >= set(SIZES)
    return report.RESULTS if full else None


def measured(given: argparse.Namespace, folder: Path) -> report.Results:
    """Measure all that was asked for, in a folder that is thrown away."""
    meter = Meter(given.runs, given.only)
    peers = Peers.look(Store(cache.folder() / "peers"), folder)
    works = [Work(meter, folder, size) for size in sorted(given.sizes)]
    measure_start(meter, folder)
    for work in works:
        work.measure()
        peers.measure(meter, folder, work.size)
    measure_growth(meter, works[0], works[-1])
    return report.Results(
        date=datetime.now(UTC).date().isoformat(),
        python_pass_ms=round(median(meter.empty) * 1000, 1) if meter.empty else 0.0,
        versions=_versions(folder),
        rows=report.compared(meter.rows),
        peaks=meter.peaks,
        peers=[{"name": peer.name, "version": version, "remark": peer.remark} for peer, version in peers.found],
        missing=[{"name": peer.name, "package": peer.package} for peer in peers.missing],
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, and write the results where they belong."""
    given = options(arguments)
    with tempfile.TemporaryDirectory(prefix="run-", dir=cache.folder()) as folder:
        found = measured(given, Path(folder))
    sys.stdout.write("\n".join(report.text(found)) + "\n")
    if target := destination(given):
        target.write_text(json.dumps({"runs": given.runs, **asdict(found)}, indent=2) + "\n", encoding="utf-8")


def _sizes(text: str) -> tuple[int, ...]:
    return tuple(int(size) for size in text.split(","))


def _versions(folder: Path) -> dict[str, str]:
    """Return the versions of what the figures depend on; nothing that names the machine."""
    return {
        "issuelog": metadata.version("issuelog"),
        "Python": platform.python_version(),
        "git": Place(folder).git("version").split()[2],
        "Typer": metadata.version("typer"),
    }


if __name__ == "__main__":
    # Whoever ends the bench ends its children too, and what it worked in is taken away.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    main()
