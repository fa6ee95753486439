"""How fast `watch-log` reads: lines a second, on one core, beside `grep -F` on the same log.

python -m bench.watching [--lines 2000000] [--signatures 100] [--patterns 10] [--runs 3] [--only CASE]

The log is made anew each time, from a fixed seed: typical lines of a service, of which one in a hundred tells of a
known error. Slowness never fails.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import BinaryIO, cast

from issuelog.model.pattern import Pattern, pattern
from issuelog.model.signature import of_message
from issuelog.watching.occurrences import Occurrences
from issuelog.watching.sieve import Sieve
from issuelog.watching.streams import read

_NOUNS = (
    "Invoice",
    "Export",
    "Ledger",
    "Customer",
    "Payment",
    "Worker",
    "Session",
    "Cache",
    "Report",
    "Queue",
    "Tenant",
)
_VERBS = ("load", "store", "render", "parse", "convert", "deliver", "lock", "merge", "publish", "import", "archive")
_KINDS = ("ValidationError", "StateException", "LimitError", "MappingException", "ConflictError", "FormatError")
_LEVELS = ("INFO", "INFO", "INFO", "DEBUG", "WARN")
_PATHS = ("/api/v1/invoices", "/api/v1/exports", "/login", "/health", "/static/app.js", "/api/v2/customers/search")


@dataclass(frozen=True)
class Case:
    """What is looked for in a log of how many errors."""

    name: str
    matching: float
    patterns: Callable[[int], str]
    is_storm: bool = False


CASES = (
    Case("1 % matching", 0.01, lambda number: rf"EXPORT-{500 + number}: \w+ (failed|timed out)"),
    Case("nothing matching", 0.0, lambda number: rf"EXPORT-{500 + number}: \w+ (failed|timed out)"),
    Case("patterns that ignore case", 0.01, lambda number: rf"(?i)export-{500 + number}: \w+ (failed|timed out)"),
    Case("patterns without a literal", 0.01, lambda number: rf"[A-Z]{{6}}-\d{{{3 + number % 3}}}[:;] \w+ [ft]"),
    Case("a storm of one error", 0.9, lambda number: rf"EXPORT-{500 + number}: \w+ (failed|timed out)", is_storm=True),
)


def messages(count: int) -> list[str]:
    """Return so many errors, as programs write them."""
    chance = random.Random(6)
    found: dict[str, None] = {}
    while len(found) < count:
        noun, verb, kind = chance.choice(_NOUNS), chance.choice(_VERBS), chance.choice(_KINDS)
        found[
            f"{noun}{kind}: could not {verb} the {chance.choice(_NOUNS).lower()} of {{}} in {chance.choice(_NOUNS)}"
        ] = None
    return list(found)


def lines(count: int, errors: Sequence[str], case: Case) -> Iterator[str]:
    """Yield the lines of a log."""
    chance = random.Random(7)
    for number in range(count):
        minute, second = number // 60_000 % 60, number // 1000 % 60
        at = f"2026-11-22T{number // 3_600_000 % 24:02}:{minute:02}:{second:02}.{number % 1000:03}Z"
        if chance.random() < case.matching:
            error = errors[0] if case.is_storm else chance.choice(errors)
            yield f"{at} ERROR [worker-{number % 16}] billing.jobs: {error.format(chance.randrange(10**6))}"
        else:
            took = chance.randrange(900)
            yield (
                f"{at} {chance.choice(_LEVELS)} [http-{number % 32}] billing.web: GET {chance.choice(_PATHS)}"
                f" id={chance.randrange(10**9)} user={chance.randrange(5000)} status=200 took {took} ms"
            )


def sieve(errors: Sequence[str], patterns: Sequence[Pattern]) -> Sieve:
    """Return what looks for all of these."""
    signed = [of_message(error.format(7)) for error in errors]
    known = {one.loose: (f"CR-261122-{number:04}",) for number, one in enumerate(signed) if one}
    return Sieve(known, [(f"CR-261123-{number:04}", one) for number, one in enumerate(patterns)])


def watch(log: Path, looked: Sieve) -> int:
    """Return how many hits a log has, read as the command reads it."""
    occurrences, hits = Occurrences(), 0
    for block in read([log.name], log.parent, cast(BinaryIO, sys.stdin.buffer)):
        found = looked.lines(block.text)
        for one in looked.found(found):
            hits += len(occurrences.new(found, one.number, [*one.by_signature, *one.by_pattern]))
        occurrences.end(found)
    return hits


def timed(work: Callable[[], object], runs: int) -> float:
    """Return the median of how long it takes, in seconds."""
    took = []
    for _ in range(runs):
        began = time.perf_counter()
        work()
        took.append(time.perf_counter() - began)
    return median(took)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="bench.watching", description="Measure how fast logs are read.")
    parser.add_argument("--lines", type=int, default=2_000_000)
    parser.add_argument("--signatures", type=int, default=100)
    parser.add_argument("--patterns", type=int, default=10)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", metavar="CASE", default="")
    given = parser.parse_args(arguments)
    errors = messages(given.signatures)
    print(f"{given.lines:,} lines, {given.signatures} signatures, {given.patterns} patterns")
    print(f"{'case':<28} {'hits':>10} {'lines/s':>12} {'MB/s':>8} {'grep -F lines/s':>16}")
    with tempfile.TemporaryDirectory() as folder:
        for case in (case for case in CASES if given.only in case.name):
            print(row(case, errors, Path(folder) / "app.log", given), flush=True)


def row(case: Case, errors: Sequence[str], log: Path, given: argparse.Namespace) -> str:
    """Return the line of the table for one case."""
    with log.open("w") as file:
        file.writelines(f"{line}\n" for line in lines(given.lines, errors, case))
    looked = sieve(errors, [pattern(case.patterns(number)) for number in range(given.patterns)])
    hits = watch(log, looked)
    took = timed(lambda: watch(log, looked), given.runs)
    command = ["grep", "-cF", "\n".join(error.partition(":")[0] for error in errors), str(log)]
    grep = timed(lambda: subprocess.run(command, capture_output=True, check=False), given.runs)
    speed, size = given.lines / took, log.stat().st_size / took / 1e6
    return f"{case.name:<28} {hits:>10,} {speed:>12,.0f} {size:>8.0f} {given.lines / grep:>16,.0f}"


if __name__ == "__main__":
    main()
