"""After a torture: what was told has to be there, once and whole, and nothing else."""

from __future__ import annotations

import subprocess
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from support.cli import Tracker

if TYPE_CHECKING:
    from support.torture import Command

TURNED_AWAY = {"undo": {4, 5, 7}, "note": {4}, "attach": {4}, "set": {4}}
"""What a command may say but 0: `undo` may have taken the report away, or have nothing left to undo."""
_TRAILERS = [f"%(trailers:key=Issuelog-{key},valueonly,separator=)" for key in ("Report", "Undoes")]
_FORMAT = "%x00".join(["%H", "%an", *_TRAILERS])


class State(NamedTuple):
    """Of one report, what commands change here."""

    title: str
    notes: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


@dataclass
class Verdict:
    """What was found afterwards; each fault in words."""

    lost: list[str] = field(default_factory=list)
    duplicated: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    in_history: int = 0

    @property
    def faults(self) -> list[str]:
        return [*self.lost, *self.duplicated, *self.broken]


@dataclass
class Judge:
    """Knows a tracker, and all the commands that were run in it but `init`."""

    tracker: Tracker
    commands: Sequence[Command]

    def judge(self) -> Verdict:
        """Compare what was told with what is there."""
        verdict = Verdict()
        self._judge_answers(verdict)
        self._judge_history(verdict)
        self._judge_contents(verdict)
        self._judge_tidiness(verdict)
        return verdict

    def _judge_answers(self, verdict: Verdict) -> None:
        for command in self.commands:
            if command.code == 0:
                if command.told is None or (command.commit is None and command.kind != "list"):
                    verdict.broken.append(f"{command.name}: exit 0 without an answer")
            elif not command.was_killed and command.code not in TURNED_AWAY.get(command.kind, set()):
                verdict.broken.append(f"{command.name}: {command.kind} ended with {command.code}: {command.said}")

    def _judge_history(self, verdict: Verdict) -> None:
        commits = defaultdict(list)
        for commit, author, _, _ in self._history():
            commits[author].append(commit)
        known = {command.name: command for command in self.commands}
        verdict.in_history = sum(map(len, commits.values()))
        for name in commits.keys() - known.keys():
            verdict.broken.append(f"{commits[name]} belong to no command")
        for name, command in known.items():
            found = commits.get(name, [])
            if command.commit and command.commit not in found:
                verdict.lost.append(f"{name}: {command.kind} told of {command.commit}, which is not in history")
            if len(found) > 1:
                verdict.duplicated.append(f"{name}: {command.kind} is in history as {found}")
            if found and not command.commit and not command.was_killed:
                verdict.broken.append(f"{name}: {command.kind} ended with {command.code}, but is in history: {found}")

    def _judge_contents(self, verdict: Verdict) -> None:
        expected = {report: state for report, state in self._replayed().items() if state}
        present = {path.stem: path for path in self.tracker.root.glob("reports/*/*/*.yaml")}
        verdict.lost += [f"{report} has no file" for report in expected.keys() - present.keys()]
        verdict.duplicated += [f"{report} has a file" for report in present.keys() - expected.keys()]
        for report in expected.keys() & present.keys():
            self._judge_report(verdict, report, expected[report])

    def _judge_report(self, verdict: Verdict, report: str, expected: State) -> None:
        shown = self.tracker.show(report)
        found = State(
            shown["title"],
            tuple(event["text"] for event in shown["events"] if event["action"] == "note"),
            tuple(one["file"] for one in shown.get("attachments", [])),
        )
        if found == expected:
            pass
        elif missing := Counter(expected.notes + expected.files) - Counter(found.notes + found.files):
            verdict.lost.append(f"{report} lacks {list(missing)}")
        elif extra := Counter(found.notes + found.files) - Counter(expected.notes + expected.files):
            verdict.duplicated.append(f"{report} has {list(extra)} once more than told")
        else:
            verdict.broken.append(f"{report} is {found}, not {expected}")
        folder = self.tracker.root / "attachments" / report
        on_disk = {path.name: path.read_bytes() for path in folder.iterdir()} if folder.exists() else {}
        if on_disk != {name: content_of(name) for name in expected.files}:
            verdict.broken.append(f"{folder.name} has the files {sorted(on_disk)}, not {sorted(expected.files)}")

    def _judge_tidiness(self, verdict: Verdict) -> None:
        root = self.tracker.root
        private = root / ".git/issuelog"
        left = [*root.glob(".git/**/*.lock"), *private.glob("journal*"), *private.glob("tmp-*"), *private.glob(".*")]
        verdict.broken += [f"{path.relative_to(root)} is left over" for path in left]
        for words in (["status", "--porcelain", "--untracked-files=all"], ["fsck", "--strict", "--no-dangling"]):
            done = subprocess.run(["git", *words], cwd=root, capture_output=True, text=True, check=False)
            if done.returncode or done.stdout:
                verdict.broken.append(f"git {words[0]}: {done.stdout}{done.stderr}")
        checked = self.tracker.run("check")
        if checked.code:
            verdict.broken.append(f"issuelog check: {checked.out}{checked.err}")

    def _history(self) -> list[list[str]]:
        """Return commit, author, report, and the commit that it undoes, the oldest first, of all but `init`."""
        rows = self.tracker.git("log", "--reverse", f"--format={_FORMAT}").splitlines()
        return [row.split("\0") for row in rows][1:]

    def _replayed(self) -> dict[str, State | None]:
        """Return what the commits in history have made of every report, None where `undo` took it away."""
        known = {command.name: command for command in self.commands}
        states: dict[str, State | None] = {}
        before: dict[str, State | None] = {}
        for commit, author, report, undoes in self._history():
            state = before[commit] = states.get(report)
            if author in known:
                states[report] = before[undoes] if undoes else changed(state, known[author])
        return states


def changed(state: State | None, command: Command) -> State:
    """Return what a command makes of a report."""
    if state is None:
        return State(command.name, files=(f"{command.name}.txt",) if "--attach" in command.typed else ())
    if command.kind == "set":
        return state._replace(title=command.name)
    if command.kind == "note":
        return state._replace(notes=(*state.notes, command.name))
    return state._replace(files=(*state.files, f"{command.name}.txt"))


def content_of(name: str) -> bytes:
    """Return the bytes of a file that is attached, of a size that takes more than one write."""
    return f"{name}\n".encode() * 2000
