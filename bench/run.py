"""How fast issuelog is, beside what it may cost (product budget: multiples of an empty Python process).

python -m bench.run [--sizes 100,1000,10000] [--runs 11]

Each command runs as a whole process right after an empty one (and a change after a bare `git commit --only` too), so
that a ratio compares what ran side by side; every figure is a median. The repositories lie in the folder for
temporary files (TMPDIR): on a disk in memory a sync costs nothing, and a change seems faster than it is.
Slowness never fails: the table says what is over its budget.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from statistics import median

_HERE = Path(__file__).resolve().parent
_RESULTS = _HERE / "results.json"
_EMPTY = [sys.executable, "-c", "pass"]
_FEW = 3
_MAX_LIST_TIMES = ((100, 10), (10_000, 13))
_MAX_LIST_TIMES_BEYOND = 25
_COLD_SECONDS = 10
_COLD_REPORTS = 10_000
_TICK_SECONDS = 0.05
"""Longer than two changes of a file can look like one."""

_DROPPED = ("GIT_", "ISSUELOG_", "LC_", "XDG_", "PYTHON")
# Prints the peak memory of the command it is given; light itself, since a process begins with its parent's figure.
_PEAK = """import os, resource, sys
quiet = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
os.waitpid(os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=quiet), 0)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"""


@dataclass(frozen=True)
class Budget:
    """What a command may take, as a sum of empty processes, bare commits and seconds."""

    python: float = 0
    git: float = 0
    seconds: float = 0

    def allowed(self, python: float, git: float) -> float:
        """Return the seconds that are allowed where an empty process and a bare commit take so long."""
        return self.python * python + self.git * git + self.seconds

    def __str__(self) -> str:
        parts = [f"{self.git:g} x git"] if self.git else []
        parts += [f"{self.python:g} x python"] if self.python else []
        parts += [f"{self.seconds:g} s"] if self.seconds else []
        return " + ".join(parts)


@dataclass(frozen=True)
class Measure:
    """One row: a command on so many reports. `budget_used` is 1.0 where the budget is just met."""

    command: str
    reports: int | None
    median_ms: float
    times_python: float
    times_git: float | None
    budget: str
    budget_used: float | None


@dataclass(frozen=True)
class Peak:
    """The most memory that a command held."""

    command: str
    reports: int | None
    megabytes: float


def _nothing() -> None:
    """Prepare nothing."""


@dataclass
class Bench:
    """Runs processes in one folder and keeps what they took."""

    folder: Path
    runs: int
    empty: list[float] = field(default_factory=list)
    measures: list[Measure] = field(default_factory=list)
    peaks: list[Peak] = field(default_factory=list)

    def seconds(self, command: Sequence[str]) -> float:
        """Run a process, which has to succeed, and return how long it took."""
        begun = time.perf_counter()
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=_environment(self.folder),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            check=False,
        )
        took = time.perf_counter() - begun
        if done.returncode:
            raise SystemExit(f"{command[1:]} failed: {done.stderr.decode(errors='replace')}")
        return took

    def measure(
        self,
        name: str,
        command: Sequence[str],
        reports: int | None,
        *,
        budget: Budget = Budget(),
        prepare: Callable[[], None] = _nothing,
        git: Callable[[], Sequence[str]] | None = None,
        runs: int | None = None,
    ) -> None:
        """Run a command many times, each beside an empty process, and beside the git command that `git` prepares."""
        _say(f"{name}, {reports or 'any'} reports")
        prepare()
        self.seconds(command)
        took: list[tuple[float, float, float]] = []
        for _ in range(runs or self.runs):
            prepare()
            bare = self.seconds(git()) if git else 0.0
            took.append((self.seconds(_EMPTY), bare, self.seconds(command)))
        self.empty += [python for python, _, _ in took]
        allowed = budget.allowed(1, 1) > 0
        self.measures.append(
            Measure(
                name,
                reports,
                round(median(own for _, _, own in took) * 1000, 1),
                round(median(own / python for python, _, own in took), 2),
                round(median(own / bare for _, bare, own in took), 2) if git else None,
                str(budget),
                round(median(own / budget.allowed(python, bare) for python, bare, own in took), 2) if allowed else None,
            )
        )

    def peak(self, name: str, command: Sequence[str], reports: int | None) -> None:
        """Measure the memory of a command."""
        done = subprocess.run(
            [sys.executable, "-c", _PEAK, *command],
            cwd=self.folder,
            env=_environment(self.folder),
            stdout=subprocess.PIPE,
            check=True,
        )
        unit = 1 if sys.platform == "darwin" else 1024
        self.peaks.append(Peak(name, reports, round(int(done.stdout) * unit / 1e6, 1)))


def _environment(folder: Path) -> dict[str, str]:
    """Return an environment without the user's settings, in which repositories find their own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_DROPPED)}
    return kept | {"HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "LANG": "C.UTF-8"}


def issuelog() -> list[str]:
    """Return the command that users call, in the environment of this interpreter."""
    script = Path(sys.executable).with_name("issuelog")
    return [str(script)] if script.exists() else [sys.executable, "-m", "issuelog"]


def list_budget(reports: int) -> Budget:
    """Return what `list` and `show` may take."""
    return Budget(python=next((times for size, times in _MAX_LIST_TIMES if reports <= size), _MAX_LIST_TIMES_BEYOND))


def measure_size(bench: Bench, size: int) -> None:
    """Measure every command on a tracker of `size` reports, made in the bench's folder."""
    _say(f"making {size:,} reports")
    subprocess.run([sys.executable, "-m", "bench.generate", str(bench.folder), str(size)], cwd=_HERE.parent, check=True)
    files = sorted(bench.folder.glob("reports/*/*/*.yaml"), key=lambda path: (path.stat().st_size, path.name))
    # Of middling size, so that reading one of them is neither the best case nor the worst.
    shown, changed, edited, committed = (files[(len(files) // 2 + step) % len(files)] for step in range(4))
    tool, budget = issuelog(), list_budget(size)
    refreshed = [*tool, "list"]

    def settle() -> None:
        time.sleep(_TICK_SECONDS)
        bench.seconds(refreshed)

    def edit() -> None:
        _append(edited)
        time.sleep(_TICK_SECONDS)

    def without_index() -> None:
        for database in bench.folder.glob(".git/issuelog/*.sqlite*"):
            database.unlink()

    def bare_commit() -> list[str]:
        _append(committed)
        return ["git", "commit", "--quiet", "--only", "--message", "bare", "--", str(committed)]

    cold = Budget(seconds=_COLD_SECONDS) if size <= _COLD_REPORTS else Budget()
    few = min(bench.runs, _FEW) if size >= _COLD_REPORTS else bench.runs
    bench.measure("list, cold index", refreshed, size, budget=cold, prepare=without_index, runs=few)
    settle()
    bench.measure("list", refreshed, size, budget=budget)
    bench.measure("list --json", [*tool, "list", "--json"], size, budget=budget)
    bench.measure("list QUERY", [*tool, "list", "is:open", "sev:S1,S2", "export"], size, budget=budget)
    bench.peak("list", refreshed, size)
    bench.peak("list --json", [*tool, "list", "--json"], size)
    bench.measure("list, one file edited", refreshed, size, prepare=edit)
    bench.measure("show", [*tool, "show", shown.stem], size, budget=budget)
    bench.measure("next", [*tool, "next", shown.stem], size)
    bench.measure("log ID", [*tool, "log", shown.stem], size)
    note = [*tool, "note", changed.stem, "The staging cluster was down from 9 to 10"]
    bench.measure("note", note, size, budget=Budget(python=10, git=2.5), git=bare_commit)


def _append(path: Path) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write("# edited by hand\n")


def table(measures: Sequence[Measure], peaks: Sequence[Peak]) -> Iterator[str]:
    """Yield the lines that people read."""
    heads = ("command", "reports", "median ms", "x python", "x git", "budget", "of budget")
    rows = [heads]
    for one in measures:
        times_git = f"{one.times_git:.2f}" if one.times_git else ""
        used = "" if one.budget_used is None else f"{one.budget_used:.0%}{' OVER' if one.budget_used > 1 else ''}"
        size = f"{one.reports:,}" if one.reports else ""
        rows.append(
            (one.command, size, f"{one.median_ms:,.1f}", f"{one.times_python:.2f}", times_git, one.budget, used)
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(heads))]
    for row in rows:
        cells = (
            cell.ljust(width) if column in {0, 5, 6} else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        yield "  ".join(cells).rstrip()
    yield ""
    for peak in peaks:
        size = f", {peak.reports:,} reports" if peak.reports else ""
        yield f"peak memory of {peak.command}{size}: {peak.megabytes:,.1f} MB"


def results(bench: Bench) -> dict[str, object]:
    """Return the figures as the file for comparison holds them; nothing that names the machine."""
    git = subprocess.run(["git", "version"], capture_output=True, text=True, check=True).stdout.split()[2]
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "runs": bench.runs,
        "versions": {
            "issuelog": metadata.version("issuelog"),
            "python": platform.python_version(),
            "git": git,
            "typer": metadata.version("typer"),
        },
        "python_pass_ms": round(median(bench.empty) * 1000, 1),
        "measures": [asdict(one) for one in bench.measures],
        "peaks": [asdict(one) for one in bench.peaks],
    }


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, and write `results.json` beside this file."""
    parser = argparse.ArgumentParser(prog="bench.run", description="Measure how fast issuelog is.")
    parser.add_argument("--sizes", default="100,1000,10000", help="how many reports, several with commas")
    parser.add_argument("--runs", type=int, default=11, help="how often each command runs")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="issuelog-bench-") as folder:
        bench = Bench(Path(folder), given.runs)
        bench.measure("--version", [*issuelog(), "--version"], None, budget=Budget(python=3))
        bench.peak("python -c pass", _EMPTY, None)
        for size in map(int, given.sizes.split(",")):
            bench.folder = Path(folder) / str(size)
            measure_size(bench, size)
    found = results(bench)
    sys.stdout.write(f"python -c pass: {found['python_pass_ms']} ms\n\n")
    sys.stdout.write("\n".join(table(bench.measures, bench.peaks)) + "\n")
    _RESULTS.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
