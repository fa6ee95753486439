"""Other trackers for the command line, filled with the same issues, doing the same work where they can.

They are looked for in the bench's cache, where `make bench-peers` puts them, and on the PATH.
"""

from __future__ import annotations

import json
import re
import shutil
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from bench.issues import WORD, Issue
from bench.measure import EMPTY, Failed, Place, Sample

FILL_SECONDS = 120
LOOK_SECONDS = 30
"""How long a command that fills, and any other, may take before a peer is given up."""
CHANGE = "note ID TEXT"
IMPORT = "import FILE"
"""Rows whose commands are not among those that only look."""
_UUID = "00000000-0000-4000-8000-{:012x}"
_NOTE = "The staging cluster was down from 9 to 10"


@dataclass(frozen=True)
class Store:
    """Where `make bench-peers` puts programs."""

    folder: Path

    def found(self, inside: str, name: str) -> Path | None:
        """Return a program that is installed here or on the PATH."""
        here = self.folder / inside / name
        there = shutil.which(name)
        return here if here.exists() else Path(there) if there else None

    @cached_property
    def perl(self) -> str:
        """The folders in which Debian's unpacked packages keep their Perl modules."""
        root = self.folder / "debian/usr"
        return ":".join(map(str, [root / "share/perl5", *root.glob("lib/*/perl5/*"), *root.glob("lib/*/perl5")]))


class Peer(ABC):
    """Another tracker: how it is filled and asked. `remark` says in what its work differs from ours."""

    name: str
    package: str
    inside: str
    command: str
    asks_version: Sequence[str] = ("--version",)
    says_version = r"(\d[\d.]+)"
    remark: str

    def __init__(self, store: Store) -> None:
        self.store = store

    @property
    def program(self) -> str | None:
        """The program, None where it is not installed."""
        found = self.store.found(self.inside, self.command)
        return str(found) if found else None

    @property
    def run(self) -> str:
        """The program, which has to be installed."""
        assert self.program
        return self.program

    def place(self, folder: Path) -> Place:
        """Return where it works."""
        return Place(folder)

    def version(self, folder: Path) -> str | None:
        """Return its version, None where there is no such program or another of the same name."""
        if self.program is None:
            return None
        try:
            said = self.place(folder).output([self.run, *self.asks_version])
        except (Failed, OSError):
            return None
        number = re.match(self.says_version, said)
        return number[1] if number else None

    @abstractmethod
    def fill(self, place: Place, made: Iterator[Issue]) -> Sample | None:
        """Hold these issues; return how long its own import took, where it has one. Raises Failed, TooSlow."""

    @abstractmethod
    def count(self, place: Place) -> int:
        """Return how many issues its own list shows."""

    @abstractmethod
    def looks(self, number: int) -> dict[str, Sequence[str]]:
        """Return commands that change nothing, by the names of our rows; `number` is the issue to show."""

    @abstractmethod
    def change(self, number: int) -> Sequence[str]:
        """Return the command that adds to an issue."""


class Taskwarrior(Peer):
    """All tasks in a few files, one line each."""

    name = "taskwarrior"
    package = "taskwarrior (Debian)"
    inside = "debian/usr/bin"
    command = "task"
    asks_version = ("rc:/dev/null", "_version")
    remark = "all tasks in four files; no history in git"

    def fill(self, place: Place, made: Iterator[Issue]) -> Sample:
        columns = "id,uuid.short,status.short,entry.age,priority,tags,description.count"
        settings = {
            "data.location": place.folder / "data",
            "confirmation": "off",
            "defaultwidth": "0",
            "report.all.columns": columns,
        }
        settings["report.all.labels"] = columns
        (place.folder / "data").mkdir()
        lines = "".join(f"{key}={value}\n" for key, value in settings.items())
        (place.folder / ".taskrc").write_text(lines, encoding="utf-8")
        with (place.folder / "tasks.json").open("w", encoding="utf-8") as file:
            file.writelines(f"{self._line(issue)}\n" for issue in made)
        return Sample(place.seconds(EMPTY), place.seconds([self.run, "import", "tasks.json"], FILL_SECONDS))

    def _line(self, issue: Issue) -> str:
        came = f"{issue.received:%Y%m%dT%H%M%SZ}"
        facts = {
            "uuid": _UUID.format(issue.number),
            "status": "pending" if issue.is_open else "completed",
            "entry": came,
            "description": issue.title,
            "priority": issue.priority[0].upper(),
            "tags": [issue.component],
            "annotations": [{"entry": came, "description": issue.text}],
        }
        return json.dumps(facts if issue.is_open else {**facts, "end": came}, ensure_ascii=False)

    def count(self, place: Place) -> int:
        return int(place.output([self.run, "rc.verbose=nothing", "count"], LOOK_SECONDS))

    def looks(self, number: int) -> dict[str, Sequence[str]]:
        return {
            "list": [self.run, "all"],
            "list QUERY": [self.run, "status:pending", "priority:H", "all"],
            "show ID": [self.run, _UUID.format(number), "info"],
            "search TEXT": [self.run, f"/{WORD}/", "all"],
        }

    def change(self, number: int) -> Sequence[str]:
        return [self.run, _UUID.format(number), "annotate", _NOTE]


class Cil(Peer):
    """One file an issue, in a repository of git; the nearest to issuelog's design."""

    name = "cil"
    package = "cil (Debian)"
    inside = "debian/usr/bin"
    command = "cil"
    says_version = r"cil version (\S+)"
    remark = "one file an issue; the change sets a status and commits it, since a comment needs a terminal; no search"

    def place(self, folder: Path) -> Place:
        return Place(folder, {"PERL5LIB": self.store.perl})

    def fill(self, place: Place, made: Iterator[Issue]) -> None:
        place.repository()
        place.seconds([self.run, "init"], FILL_SECONDS)
        for issue in made:
            came = f"{issue.received:%Y-%m-%dT%H:%M:%S}"
            lines = {
                "Summary": issue.title,
                "Status": "New" if issue.is_open else "Finished",
                "CreatedBy": f"{issue.customer} <{issue.contact}>",
                "AssignedTo": "",
                "Label": f"Priority-{issue.priority.capitalize()}",
                "Inserted": came,
                "Updated": came,
            }
            text = "".join(f"{key}: {value}\n" for key, value in lines.items()) + f"\n{issue.text}\n"
            (place.folder / f"issues/i_{issue.number:08x}.cil").write_text(text, encoding="utf-8")
        _commit_all(place)

    def count(self, place: Place) -> int:
        return len(re.findall(r"^[0-9a-f]{8} ", place.output([self.run, "summary"], LOOK_SECONDS), re.MULTILINE))

    def looks(self, number: int) -> dict[str, Sequence[str]]:
        return {
            "list": [self.run, "summary"],
            "list QUERY": [self.run, "summary", "--is-open", "--label=Priority-High"],
            "show ID": [self.run, "show", f"{number:08x}"],
        }

    def change(self, number: int) -> Sequence[str]:
        return [self.run, "status", "--commit", "InProgress", f"{number:08x}"]


class Backlog(Peer):
    """One file of Markdown a task, in a repository of git."""

    name = "Backlog.md"
    package = "backlog.md (npm)"
    inside = "npm/node_modules/.bin"
    command = "backlog"
    remark = "one file a task; set to commit each change, as we do; started by npm's launcher; fuzzy search"

    def fill(self, place: Place, made: Iterator[Issue]) -> None:
        place.repository()
        place.seconds([self.run, "init", "bench", "--defaults", "--integration-mode", "none"], FILL_SECONDS)
        for setting in (("autoCommit", "true"), ("remoteOperations", "false")):
            place.seconds([self.run, "config", "set", *setting], FILL_SECONDS)
        tasks = place.folder / "backlog/tasks"
        tasks.mkdir(exist_ok=True)
        for issue in made:
            slug = re.sub(r"\W+", "-", issue.title).strip("-")[:60]
            (tasks / f"task-{issue.number} - {slug}.md").write_text(self._file(issue), encoding="utf-8")
        _commit_all(place)

    def _file(self, issue: Issue) -> str:
        lines = [
            "---",
            f"id: TASK-{issue.number}",
            f"title: {json.dumps(issue.title, ensure_ascii=False)}",
            f"status: {'To Do' if issue.is_open else 'Done'}",
            "assignee: []",
            f"created_date: '{issue.received:%Y-%m-%d %H:%M}'",
            f"labels:\n  - {issue.component}",
            "dependencies: []",
            f"priority: {issue.priority}",
            f"ordinal: {issue.number}000",
            "---",
            "\n## Description\n",
            f"<!-- SECTION:DESCRIPTION:BEGIN -->\n{issue.text}\n<!-- SECTION:DESCRIPTION:END -->\n",
        ]
        return "\n".join(lines)

    def count(self, place: Place) -> int:
        return len(re.findall(r"\bTASK-\d+ - ", place.output([self.run, "task", "list", "--plain"], LOOK_SECONDS)))

    def looks(self, number: int) -> dict[str, Sequence[str]]:
        listed = [self.run, "task", "list", "--plain"]
        return {
            "list": listed,
            "list QUERY": [*listed, "--priority", "high", "--exclude-status", "Done"],
            "show ID": [self.run, "task", str(number), "--plain"],
            "search TEXT": [self.run, "search", WORD, "--plain"],
        }

    def change(self, number: int) -> Sequence[str]:
        return [self.run, "task", "edit", str(number), "--comment", _NOTE, "--plain"]


class Todoman(Peer):
    """One iCalendar file a task, and an SQLite cache beside them."""

    name = "todoman"
    package = "todoman (PyPI)"
    inside = "pypi/bin"
    command = "todo"
    says_version = r"todoman, version (\S+)"
    remark = "one file a task and a cache; no git; no notes, so the change sets a field; searches titles alone"

    def fill(self, place: Place, made: Iterator[Issue]) -> None:
        settings = place.folder / ".config/todoman/config.py"
        settings.parent.mkdir(parents=True)
        path, cached = str(place.folder / "lists/*"), str(place.folder / "cache.sqlite3")
        lines = [f"path = {path!r}", f"cache_path = {cached!r}", "default_list = 'bench'"]
        settings.write_text("\n".join(lines) + "\n", encoding="utf-8")
        tasks = place.folder / "lists/bench"
        tasks.mkdir(parents=True)
        for issue in made:
            (tasks / f"{issue.number}.ics").write_text(self._file(issue), encoding="utf-8", newline="\r\n")
        place.seconds([self.run, "list"], FILL_SECONDS)

    def _file(self, issue: Issue) -> str:
        came = f"{issue.received:%Y%m%dT%H%M%SZ}"
        ended = "STATUS:NEEDS-ACTION" if issue.is_open else f"STATUS:COMPLETED\nCOMPLETED:{came}\nPERCENT-COMPLETE:100"
        return (
            "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//bench//EN\nBEGIN:VTODO\n"
            f"UID:bench-{issue.number}\nDTSTAMP:{came}\nCREATED:{came}\n"
            f"SUMMARY:{_calendar_text(issue.title)}\nDESCRIPTION:{_calendar_text(issue.text)}\n"
            f"PRIORITY:{ {'high': 1, 'medium': 5, 'low': 9}[issue.priority] }\nCATEGORIES:{issue.component}\n{ended}\n"
            "END:VTODO\nEND:VCALENDAR\n"
        )

    def count(self, place: Place) -> int:
        return len(json.loads(place.output([self.run, "--porcelain", "list", "--status", "ANY"], LOOK_SECONDS)))

    def looks(self, number: int) -> dict[str, Sequence[str]]:
        return {
            "list": [self.run, "list", "--status", "ANY"],
            "list QUERY": [self.run, "list", "--priority", "high"],
            "show ID": [self.run, "show", str(number)],
            "search TEXT": [self.run, "list", "--status", "ANY", "--grep", WORD],
        }

    def change(self, number: int) -> Sequence[str]:
        return [self.run, "edit", str(number), "--location", f"Room {time.time_ns()}"]


KINDS: tuple[type[Peer], ...] = (Taskwarrior, Cil, Backlog, Todoman)


def _commit_all(place: Place) -> None:
    place.seconds(["git", "add", "--all"], FILL_SECONDS)
    place.seconds(["git", "commit", "--quiet", "--message", "fill"], FILL_SECONDS)


def _calendar_text(text: str) -> str:
    """Return a text as iCalendar escapes it."""
    return re.sub(r"([\\;,])", r"\\\1", text).replace("\n", "\\n")
