"""Kill writers at random moments, and see whether anything is lost that they had told.

python -m support.torture [--kills 500] [--writers 4] [--seed N]     (with tests/ on PYTHONPATH; `make torture`)

Several people work on one tracker at once. Every command is a process of its own, forked from one that has
everything imported, and many die of SIGKILL at a random moment, alone or together with the git that they run; half
of them while they write what others see, which is the shortest part. Each command has an author of its own, so that a
commit says whose it is. At the end every report has to be what the commits in history make of it, and every commit
that a command printed has to be there.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import random
import signal
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from issuelog.cli.main import main as issuelog
from support.cli import Tracker
from support.verdict import Judge, Verdict, content_of

KINDS = {"new": 3, "note": 8, "attach": 4, "set": 3, "undo": 2, "list": 1}
"""What people do, and how often."""
KILLED = 0.7
GROUP = 0.4
AIMED = 0.5
SPAN = 1.2
"""Of the usual time of a command: a kill comes at any moment of it, or just too late."""
ROUNDS_TO_MEASURE = 2
RECENT = 5
PAUSE_SECONDS = 0.001
PATIENCE_SECONDS = 60
_DROPPED = ("GIT_", "ISSUELOG_", "LC_", "XDG_")
_CONFIG = "[user]\n\tname = Ana Reyes\n\temail = ana@example.com\n"
_REPAIRS = ("finished an interrupted", "put back an interrupted", "removed git's index lock", "removed the torn record")


@dataclass
class Command:
    """One process: what it was to do, and what became of it."""

    name: str
    kind: str
    typed: Sequence[str]
    printed: Path
    kill_after: float | None = None
    aimed: bool = False
    with_group: bool = False
    process: int = 0
    began: float = 0.0
    held: float = 0.0
    """When it was first seen to hold git's index, from where on it writes what others see."""
    ended: float = 0.0
    code: int | None = None
    """The exit code; negative where a signal ended it."""

    @property
    def was_killed(self) -> bool:
        return self.code == -signal.SIGKILL

    @property
    def due(self) -> bool:
        since = self.held if self.aimed else self.began
        return self.kill_after is not None and since > 0 and time.monotonic() >= since + self.kill_after

    @property
    def took(self) -> float:
        return self.ended - self.began

    @property
    def worked(self) -> float:
        """How long it held git's index."""
        return self.ended - (self.held or self.ended)

    @property
    def told(self) -> Any:
        """What it printed, None where it did not come to that. Whoever reads it believes it, whatever came next."""
        try:
            return json.loads(self.printed.read_bytes())
        except ValueError:
            return None

    @property
    def commit(self) -> str | None:
        """The commit that it acknowledged."""
        told = self.told
        return told["commit"] if isinstance(told, dict) else None

    @property
    def said(self) -> str:
        return self.printed.with_suffix(".err").read_text("utf-8")

    def start(self) -> None:
        for file in (self.printed, self.printed.with_suffix(".err")):
            file.touch()
        self.began = time.monotonic()
        self.process = os.fork()
        if not self.process:
            self._be()
        with contextlib.suppress(OSError):
            os.setpgid(self.process, self.process)

    def _be(self) -> None:
        code = 70
        try:
            os.setpgid(0, 0)
            with self.printed.open("w") as out, self.printed.with_suffix(".err").open("w", buffering=1) as err:
                sys.stdin, sys.stdout, sys.stderr = io.StringIO(), out, err
                code = issuelog(list(self.typed))
        finally:
            os._exit(code)

    def kill(self) -> None:
        self.kill_after = None
        # Not waited for yet, so its number is still its own.
        (os.killpg if self.with_group else os.kill)(self.process, signal.SIGKILL)

    def has_ended(self) -> bool:
        process, status = os.waitpid(self.process, os.WNOHANG)
        if process:
            self.ended = time.monotonic()
            self.code = os.waitstatus_to_exitcode(status)
        return bool(process)


class Torture:
    """Writers in one tracker, and what they did."""

    def __init__(self, folder: Path, *, kills: int, writers: int, seed: int) -> None:
        self.folder = folder
        self.kills = kills
        self.writers = writers
        self.random = random.Random(seed)
        self.tracker = Tracker.make(folder / "repository")
        self.commands: list[Command] = []
        self.reports: list[str] = []
        self.usual: dict[str, float] = {}
        self.usual_work: dict[str, float] = {}
        (folder / "told").mkdir()

    @property
    def hits(self) -> int:
        return sum(command.was_killed for command in self.commands)

    def run(self) -> None:
        """Measure, kill, and let every writer go on once more, which repairs."""
        for _ in range(2):
            self._all([self._command("new")])
        # What was changed since is not taken away by `undo`: this one stays everybody's.
        self._all([self._command("note", self.reports[0])])
        measured = [kind for kind in KINDS for _ in range(ROUNDS_TO_MEASURE)]
        self._all([self._command(kind) for kind in self.random.sample(measured, len(measured))])
        for kind in KINDS:
            done = [one for one in self.commands if one.kind == kind]
            self.usual[kind] = statistics.median(one.took for one in done)
            self.usual_work[kind] = statistics.median(one.worked for one in done)
        self._kill_enough()
        self._wait_for_orphans()
        self._all([self._command("new") for _ in range(self.writers)])

    def _kill_enough(self) -> None:
        running: list[Command] = []
        while running or self.hits < self.kills:
            while len(running) < self.writers and self.hits < self.kills:
                running.append(self._doomed())
                running[-1].start()
            self._look_after(running)

    def _all(self, commands: Sequence[Command]) -> None:
        """Run commands to their end, as many at once as there are writers."""
        waiting, running = list(commands), list[Command]()
        while waiting or running:
            while waiting and len(running) < self.writers:
                running.append(waiting.pop())
                running[-1].start()
            self._look_after(running)

    def _look_after(self, running: list[Command]) -> None:
        time.sleep(PAUSE_SECONDS)
        for command in list(running):
            if not command.held and (self.tracker.root / f".git/issuelog/tmp-{command.process}/index-lock").exists():
                command.held = time.monotonic()
            if command.has_ended():
                running.remove(command)
                self._note_reports(command)
            elif command.due:
                command.kill()

    def _note_reports(self, command: Command) -> None:
        told = command.told
        if command.kind == "new" and told:
            self.reports.append(told["id"])

    def _doomed(self) -> Command:
        kind = self.random.choices(list(KINDS), list(KINDS.values()))[0]
        command = self._command(kind)
        if self.random.random() < KILLED:
            command.aimed = self.usual_work[kind] > 0 and self.random.random() < AIMED
            usual = self.usual_work if command.aimed else self.usual
            command.kill_after = self.random.uniform(0, SPAN * usual[kind])
            command.with_group = self.random.random() < GROUP
        return command

    def _command(self, kind: str, report: str | None = None) -> Command:
        name = f"c{len(self.commands)}"
        author = ["-C", str(self.tracker.root), "--json", "--by", f"{name} <{name}@example.com>"]
        command = Command(name, kind, [*author, *self._words(kind, name, report)], self.folder / "told" / f"{name}.out")
        self.commands.append(command)
        return command

    def _words(self, kind: str, name: str, report: str | None) -> list[str]:
        if kind == "new":
            attached = ["--attach", str(self._file(name))] if self.random.random() < 0.3 else []
            return ["new", "--story", name, "--customer", "Acme GmbH", *attached]
        if kind == "list":
            return ["list"]
        if kind == "undo" and self.random.random() < 0.5:
            return ["undo"]
        # The first is everybody's; the others are as new as work is.
        report = report or self.random.choice([self.reports[0], *self.reports[-RECENT:]])
        rest = {"note": [name], "attach": [str(self._file(name))], "set": [f"title={name}"], "undo": []}
        return [kind, report, *rest[kind]]

    def _file(self, name: str) -> Path:
        path = self.folder / f"{name}.txt"
        path.write_bytes(content_of(path.name))
        return path

    def _wait_for_orphans(self) -> None:
        """Wait for the git processes that outlive the commands that started them."""
        until = time.monotonic() + PATIENCE_SECONDS
        for command in self.commands:
            with contextlib.suppress(ProcessLookupError):
                while time.monotonic() < until:
                    os.killpg(command.process, 0)
                    time.sleep(PAUSE_SECONDS)

    def table(self, verdict: Verdict) -> str:
        """Return what happened, in a few lines."""
        repairs = Counter(words for one in self.commands for words in _REPAIRS for _ in range(one.said.count(words)))
        killed = [one for one in self.commands if one.was_killed]
        refused = Counter(f"{one.kind} {one.code}" for one in self.commands if one.code and not one.was_killed)
        by_group, told = sum(one.with_group for one in killed), sum(one.commit is not None for one in killed)
        rows = {
            "processes": f"{len(self.commands)}",
            "acknowledged": f"{sum(one.commit is not None for one in self.commands)}",
            "in history": f"{verdict.in_history}",
            "kills": f"{len(killed)} ({by_group} with their git, {told} right after the answer)",
            "repairs": f"{repairs.total()}{listed(repairs)}",
            "turned away": f"{refused.total()}{listed(refused)}",
            "lost": f"{len(verdict.lost)}",
            "duplicated": f"{len(verdict.duplicated)}",
            "broken": f"{len(verdict.broken)}",
        }
        return "".join(f"{name:<14}{value}\n" for name, value in rows.items())


def listed(counted: Counter[str]) -> str:
    return f" ({', '.join(f'{number} {what}' for what, number in counted.most_common())})" if counted else ""


@contextlib.contextmanager
def at_home() -> Iterator[Path]:
    """Offer a folder, and let git see no settings but ours."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        (folder / "gitconfig").write_text(_CONFIG)
        kept = {key: value for key, value in os.environ.items() if not key.startswith(_DROPPED)}
        ours = {"HOME": name, "GIT_CONFIG_GLOBAL": str(folder / "gitconfig"), "GIT_CONFIG_NOSYSTEM": "1"}
        os.environ.clear()
        os.environ.update({**kept, **ours, "LANG": "C.UTF-8", "TZ": "UTC"})
        yield folder


def import_everything(folder: Path) -> None:
    """Run every command once in a tracker of its own, so that a fork has all that it needs."""
    tracker = Tracker.make(folder)
    (folder / "file.txt").write_bytes(b"x")
    report = tracker.new()
    for line in ("note {} x", "set {} title=x", "attach {} file.txt", "undo {}", "list", "show {}", "check"):
        tracker.ok(*line.format(report).split())


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="support.torture", description=__doc__, add_help=True)
    parser.add_argument("--kills", type=int, default=500, help="how many kills have to hit")
    parser.add_argument("--writers", type=int, default=4, help="how many write at once")
    parser.add_argument("--seed", type=int, default=None, help="of what happens when; random unless given")
    given = parser.parse_args(arguments)
    seed = random.randrange(10**6) if given.seed is None else given.seed
    with at_home() as folder:
        import_everything(folder / "warm")
        torture = Torture(folder, kills=given.kills, writers=given.writers, seed=seed)
        torture.run()
        verdict = Judge(torture.tracker, torture.commands).judge()
        print(torture.table(verdict), end="")
    if verdict.faults:
        print(f"\nseed {seed}: something is wrong", *verdict.faults, sep="\n  ")
    return 1 if verdict.faults else 0


if __name__ == "__main__":
    sys.exit(main())
