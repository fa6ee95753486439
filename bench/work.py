"""What is measured of issuelog, on trackers of a given size, beside what it may take."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

from bench import cache
from bench.issues import WORD, issues
from bench.measure import EMPTY, NO_BUDGET, NOT_THERE, Budget, Failed, Meter, Place

LARGEST = 100_000
_LIST_TIMES = ((100, 10), (10_000, 13))
_LIST_TIMES_BEYOND = 25
_LIST_MEGABYTES = 100
_COLD_SECONDS = 10
_IMPORT_SECONDS = 60
_PRECEDENT_SECONDS = 1
_SECONDS_UP_TO = 10_000
"""Of how many reports the budgets in seconds speak."""
_PULLED = 1000
_TICK_SECONDS = 0.05
"""Longer than two changes of a file can look like one."""

GROWTH = Budget(beside=2.5)
"""What `list` of the largest tracker may take, in times of the smallest."""
CHANGE = Budget(python=10, beside=2.5)
VERSION = Budget(python=3)


def issuelog() -> list[str]:
    """Return the command that users call, in the environment of this interpreter."""
    script = Path(sys.executable).with_name("issuelog")
    return [str(script)] if script.exists() else [sys.executable, "-m", "issuelog"]


def list_budget(reports: int) -> Budget:
    """Return what `list` and `show` may take."""
    return Budget(python=next((times for size, times in _LIST_TIMES if reports <= size), _LIST_TIMES_BEYOND))


def seconds_budget(seconds: float, reports: int) -> Budget:
    """Return a budget in seconds where it speaks of so many reports."""
    return Budget(seconds=seconds) if reports <= _SECONDS_UP_TO else NO_BUDGET


class Work:
    """A tracker of one size, copied when it is first needed, and the measurements on it.

    Each measurement leaves the tracker as it found it.
    """

    def __init__(self, meter: Meter, folder: Path, size: int) -> None:
        self.meter = meter
        self.folder = folder
        self.size = size
        self.tool = issuelog()

    @cached_property
    def place(self) -> Place:
        """The copy."""
        return cache.copy(self.size, self.folder / f"{self.size}")

    @cached_property
    def base(self) -> str:
        """The commit that every measurement starts from."""
        return self.place.git("rev-parse", "HEAD")

    @cached_property
    def files(self) -> list[Path]:
        """The reports, from the smallest to the largest."""
        found = [(path.stat().st_size, path) for path in self.place.folder.glob("reports/*/*/*.yaml")]
        return [path for _, path in sorted(found)]

    def middling(self, number: int) -> Path:
        """Return a report of middling size, so that reading it is neither the best case nor the worst."""
        return self.files[(len(self.files) // 2 + number) % len(self.files)]

    @cached_property
    def pulled(self) -> str:
        """A commit that changes many reports, all over the tracker."""
        for path in self.files[:: self.size // _PULLED][:_PULLED]:
            _append(path)
        self.place.git("commit", "-qam", "what others did")
        commit = self.place.git("rev-parse", "HEAD")
        self.undo()
        return commit

    def measure(self) -> None:
        """Measure what is wanted."""
        for name, row in ROWS.items():
            if self.meter.wants(name):
                try:
                    row(self, name)
                except Failed as error:
                    self.meter.skip(name, self.size, f"failed: {error}")

    def undo(self) -> None:
        """Put the tracker back to where every measurement starts, its index up to date."""
        self.place.git("reset", "-q", "--hard", self.base)
        self.settle()

    def settle(self) -> None:
        """Let the index read what changed, at a time when nothing looks as if it still might change."""
        time.sleep(_TICK_SECONDS)
        self.place.seconds([*self.tool, "list"])

    def without_index(self) -> None:
        """Delete everything that issuelog remembers of the reports."""
        for database in self.place.folder.glob(".git/issuelog/*.sqlite*"):
            database.unlink()

    def cold(self, name: str) -> None:
        command = [*self.tool, "list"]
        budget = seconds_budget(_COLD_SECONDS, self.size)
        self.meter.measure(self.place, name, command, self.size, budget=budget, prepare=self.without_index)
        self.without_index()
        self.meter.peak(self.place, name, command, self.size)

    def list(self, name: str) -> None:
        self._look(name, "list", budget=list_budget(self.size), memory=True)

    def list_json(self, name: str) -> None:
        self._look(name, "list", "--json", budget=list_budget(self.size), memory=True)

    def list_query(self, name: str) -> None:
        self._look(name, "list", "is:open", "sev:S1,S2", budget=list_budget(self.size))

    def list_edited(self, name: str) -> None:
        edited = self.middling(0)

        def edit() -> None:
            _append(edited)
            time.sleep(_TICK_SECONDS)

        self.settle()
        self.meter.measure(self.place, name, [*self.tool, "list"], self.size, prepare=edit)
        self.undo()

    def list_pulled(self, name: str) -> None:
        if self.size < _PULLED:
            return

        def pull() -> None:
            self.undo()
            self.place.git("merge", "-q", "--ff-only", self.pulled)
            time.sleep(_TICK_SECONDS)

        self.meter.measure(self.place, name, [*self.tool, "list"], self.size, prepare=pull)
        self.undo()

    def show(self, name: str) -> None:
        self._look(name, "show", self.middling(1).stem, budget=list_budget(self.size))

    def search(self, name: str) -> None:
        self._look(name, "search", WORD, memory=True)

    def next(self, name: str) -> None:
        self._look(name, "next", self.middling(1).stem)

    def log(self, name: str) -> None:
        self._look(name, "log", self.middling(1).stem)

    def precedent(self, name: str) -> None:
        self._look(name, "precedent", self.middling(1).stem, budget=Budget(seconds=_PRECEDENT_SECONDS))

    def complete(self, name: str) -> None:
        command = [*self.tool, "__complete", "show", "CR-2"]
        if not self.place.succeeds(command):
            self.meter.skip(name, self.size, NOT_THERE)
            return
        self.settle()
        self.meter.measure(self.place, name, command, self.size)

    def note(self, name: str) -> None:
        changed, committed = self.middling(2), self.middling(3)

        def bare_commit() -> list[str]:
            _append(committed)
            return ["git", "commit", "--quiet", "--only", "--message", "bare", "--", str(committed)]

        command = [*self.tool, "note", changed.stem, "The staging cluster was down from 9 to 10"]
        self.settle()
        self.meter.measure(self.place, name, command, self.size, budget=CHANGE, beside="git commit", other=bare_commit)
        self.undo()

    def import_(self, name: str) -> None:
        if self.size > _SECONDS_UP_TO:
            return
        place = Place(self.folder / f"import-{self.size}")
        place.repository()
        if "jsonl" not in place.output([*self.tool, "import", "--help"]):
            self.meter.skip(name, self.size, NOT_THERE)
            return
        lines = self.folder / f"{self.size}.jsonl"
        with lines.open("w", encoding="utf-8") as file:
            file.writelines(f"{issue.json_line()}\n" for issue in issues(self.size))

        def empty() -> None:
            shutil.rmtree(place.folder)
            place.repository()
            place.seconds([*self.tool, "init"])

        once = self.size >= _SECONDS_UP_TO
        budget = seconds_budget(_IMPORT_SECONDS, self.size)
        command = [*self.tool, "import", "jsonl", str(lines)]
        self.meter.measure(place, name, command, self.size, budget=budget, prepare=empty, once=once)

    def _look(self, name: str, *words: str, budget: Budget = NO_BUDGET, memory: bool = False) -> None:
        """Measure a command that changes nothing."""
        if not self.place.succeeds([*self.tool, words[0], "--help"]):
            self.meter.skip(name, self.size, NOT_THERE)
            return
        command = [*self.tool, *words]
        self.settle()
        self.meter.measure(self.place, name, command, self.size, budget=budget)
        if memory:
            allowed = _LIST_MEGABYTES if words == ("list",) and self.size == LARGEST else None
            self.meter.peak(self.place, name, command, self.size, allowed)


ROWS: dict[str, Callable[[Work, str], None]] = {
    "list, cold index": Work.cold,
    "list": Work.list,
    "list QUERY": Work.list_query,
    "list --json": Work.list_json,
    "list, one file edited": Work.list_edited,
    "list, 1,000 files pulled": Work.list_pulled,
    "show ID": Work.show,
    "search TEXT": Work.search,
    "next ID": Work.next,
    "log ID": Work.log,
    "precedent ID": Work.precedent,
    "complete an id": Work.complete,
    "note ID TEXT": Work.note,
    "import FILE": Work.import_,
}
"""What is measured at each size, by the name of its row."""


def measure_start(meter: Meter, folder: Path) -> None:
    """Measure what depends on no tracker."""
    if meter.wants("--version"):
        meter.measure(Place(folder), "--version", [*issuelog(), "--version"], None, budget=VERSION)
        meter.peak(Place(folder), "python -c pass", EMPTY, None)


def measure_growth(meter: Meter, small: Work, large: Work) -> None:
    """Measure `list` of two trackers in turn: how it grows with the number of reports."""
    name = f"list, beside {small.size:,}"
    if small.size >= large.size or not meter.wants(name):
        return
    small.settle()
    large.settle()
    meter.measure(
        large.place,
        name,
        [*large.tool, "list"],
        large.size,
        budget=GROWTH if (small.size, large.size) == (100, LARGEST) else NO_BUDGET,
        beside=f"list of {small.size:,}",
        other=[*small.tool, "-C", str(small.place.folder), "list"],
    )


def _append(path: Path) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write("# edited by hand\n")
