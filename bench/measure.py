"""Measuring: processes beside processes, so that a ratio compares what ran side by side.

Each run of a command comes right after an empty Python process, and after another command where the budget names one;
every figure is a median over the runs, and every ratio the median of the ratios.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from statistics import median

ISSUELOG = "issuelog"
NOT_THERE = "not there"
EMPTY = (sys.executable, "-c", "pass")
_DROPPED = ("GIT_", "ISSUELOG_", "LC_", "PERL", "PYTHON", "TASK", "XDG_")
_ROW_SECONDS = 30
_FEWEST = 3
# Prints the peak memory of the command it is given; light itself, since a process begins with its parent's figure.
_PEAK = """import os, resource, sys
quiet = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
status = os.waitpid(os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=quiet), 0)[1]
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status))"""

Prepare = Callable[[], object]
Command = Sequence[str] | Callable[[], Sequence[str]]
"""What is run, or what says it anew for each run."""


class Failed(Exception):
    """A command ended with an error."""


class TooSlow(Exception):
    """A command took longer than anyone waits."""


@dataclass(frozen=True)
class Budget:
    """What a command may take: a sum of empty processes, of runs of the command beside it, and of seconds."""

    python: float = 0
    beside: float = 0
    seconds: float = 0

    def allowed(self, python: float, beside: float) -> float:
        """Return the seconds that are allowed where an empty process and the command beside it take so long."""
        return self.python * python + self.beside * beside + self.seconds

    def words(self, beside: str) -> str:
        """Return the budget as people read it."""
        parts = [f"{self.beside:g} x {beside}"] if self.beside else []
        parts += [f"{self.python:g} x python"] if self.python else []
        parts += [f"{self.seconds:g} s"] if self.seconds else []
        return " + ".join(parts)


NO_BUDGET = Budget()


@dataclass(frozen=True)
class Sample:
    """One run, in seconds: an empty process, the command beside it (0 where there is none), the command."""

    python: float
    own: float
    beside: float = 0.0


@dataclass(frozen=True)
class Row:
    """A command on so many reports. `budget_used` is 1.0 where the budget is just met.

    Where `median_ms` is None it was not measured, and `note` says why.
    """

    tool: str
    command: str
    reports: int | None
    runs: int = 0
    median_ms: float | None = None
    times_python: float | None = None
    beside: str = ""
    times_beside: float | None = None
    times_issuelog: float | None = None
    budget: str = ""
    budget_used: float | None = None
    note: str = ""


@dataclass(frozen=True)
class Peak:
    """The most memory that a command held, in megabytes."""

    command: str
    reports: int | None
    megabytes: float
    budget: float | None = None


def row_of(
    command: str,
    reports: int | None,
    samples: Sequence[Sample],
    *,
    tool: str = ISSUELOG,
    budget: Budget = NO_BUDGET,
    beside: str = "",
) -> Row:
    """Return what the runs of a command come to."""
    used = [one.own / budget.allowed(one.python, one.beside) for one in samples] if budget != NO_BUDGET else []
    return Row(
        tool,
        command,
        reports,
        len(samples),
        round(median(one.own for one in samples) * 1000, 1),
        round(median(one.own / one.python for one in samples), 2),
        beside,
        round(median(one.own / one.beside for one in samples), 2) if beside else None,
        budget=budget.words(beside),
        budget_used=round(median(used), 2) if used else None,
    )


def sensible(runs: int, first: float) -> int:
    """Return how often to run what took so many seconds: fewer times where it is slow."""
    if first > _ROW_SECONDS:
        return 1
    return min(runs, max(_FEWEST, int(_ROW_SECONDS / first)))


@dataclass(frozen=True)
class Place:
    """A folder in which commands run, with nothing of the user's settings; `extra` goes into their environment."""

    folder: Path
    extra: Mapping[str, str] = field(default_factory=dict)

    def environment(self) -> dict[str, str]:
        """Return an environment in which the folder is the home, and repositories find their own settings alone."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(_DROPPED)}
        own = {"HOME": str(self.folder), "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "LANG": "C.UTF-8"}
        return {**kept, **own, **self.extra}

    def seconds(self, command: Sequence[str], limit: float | None = None) -> float:
        """Run a process and return how long it took. Raises Failed, and TooSlow beyond the limit."""
        return self._run(command, subprocess.DEVNULL, limit)[0]

    def output(self, command: Sequence[str], limit: float | None = None) -> str:
        """Run a process and return what it printed. Raises Failed, and TooSlow beyond the limit."""
        return self._run(command, subprocess.PIPE, limit)[1].decode(errors="replace")

    def succeeds(self, command: Sequence[str]) -> bool:
        """Whether a command ends well."""
        try:
            self.seconds(command)
        except Failed:
            return False
        return True

    def megabytes(self, command: Sequence[str]) -> float:
        """Run a process and return the most memory that it held. Raises Failed."""
        unit = 1 if sys.platform == "darwin" else 1024
        return round(int(self.output([sys.executable, "-c", _PEAK, *command])) * unit / 1e6, 1)

    def git(self, *arguments: str) -> str:
        """Run git here and return what it printed."""
        return self.output(["git", *arguments]).strip()

    def repository(self) -> None:
        """Make the folder, and a repository in it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.git("init", "-q", "-b", "main")
        # Maintenance would run at a moment of its own choosing, in the middle of a measurement.
        settings = {"user.name": "Bench", "user.email": "bench@tracker.example", "gc.auto": "0"}
        for key, value in settings.items():
            self.git("config", key, value)

    def _run(self, command: Sequence[str], stdout: int, limit: float | None) -> tuple[float, bytes]:
        begun = time.perf_counter()
        # A group of its own, so that what is given up takes its children along.
        with subprocess.Popen(
            command,
            cwd=self.folder,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.PIPE,
            start_new_session=True,
        ) as process:
            try:
                printed, said = process.communicate(timeout=limit)
            except BaseException as error:
                os.killpg(process.pid, signal.SIGKILL)
                if isinstance(error, subprocess.TimeoutExpired):
                    raise TooSlow(f"> {limit:.0f} s") from None
                raise
        took = time.perf_counter() - begun
        if process.returncode:
            words = said.decode(errors="replace").strip().splitlines()
            raise Failed(f"{Path(command[0]).name} {' '.join(command[1:])[:60]}: {words[-1] if words else 'failed'}")
        return took, printed or b""


@dataclass
class Meter:
    """Measures what is wanted, and keeps the figures."""

    runs: int
    only: str | None = None
    empty: list[float] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    peaks: list[Peak] = field(default_factory=list)

    def wants(self, command: str, tool: str = ISSUELOG) -> bool:
        """Whether a row was asked for."""
        return self.only is None or fnmatchcase(f"{tool} {command}", f"*{self.only}*")

    def measure(
        self,
        place: Place,
        name: str,
        command: Command,
        reports: int | None,
        *,
        tool: str = ISSUELOG,
        budget: Budget = NO_BUDGET,
        prepare: Prepare = lambda: None,
        beside: str = "",
        other: Command = (),
        limit: float | None = None,
        once: bool = False,
    ) -> Row:
        """Run a command many times, each beside an empty process, and beside `other`, which `beside` names.

        `prepare` comes before each run and is not timed, as is what makes the words of a command.
        """
        say(f"{tool} {name}, {reports or 'any'} reports")
        samples: list[Sample] = []
        try:
            runs = 1 if once else sensible(self.runs, self._sample(place, command, prepare, other, limit).own)
            for _ in range(runs):
                samples.append(self._sample(place, command, prepare, other, limit))
        except (Failed, TooSlow) as error:
            return self.skip(name, reports, str(error) if isinstance(error, TooSlow) else f"failed: {error}", tool=tool)
        self.empty += [one.python for one in samples]
        self.rows.append(row_of(name, reports, samples, tool=tool, budget=budget, beside=beside))
        return self.rows[-1]

    def skip(self, name: str, reports: int | None, why: str, *, tool: str = ISSUELOG) -> Row:
        """Record a row that is not measured."""
        say(f"{tool} {name}, {reports or 'any'} reports: {why}")
        self.rows.append(Row(tool, name, reports, note=why))
        return self.rows[-1]

    def peak(
        self, place: Place, name: str, command: Sequence[str], reports: int | None, budget: float | None = None
    ) -> None:
        """Measure the memory of a command."""
        try:
            self.peaks.append(Peak(name, reports, place.megabytes(command), budget))
        except Failed as error:
            say(f"memory of {name}, {reports or 'any'} reports: failed: {error}")

    def _sample(self, place: Place, command: Command, prepare: Prepare, other: Command, limit: float | None) -> Sample:
        prepare()
        second = place.seconds(_words(other)) if other else 0.0
        words = _words(command)
        return Sample(place.seconds(EMPTY), place.seconds(words, limit), second)


def _words(command: Command) -> Sequence[str]:
    return command() if callable(command) else command


def say(text: str) -> None:
    """Tell the person who waits what is going on."""
    sys.stderr.write(f"{text}\n")
