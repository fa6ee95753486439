"""Reports that have come some way: made once by real commands, then copied for each test that goes on from there.

The commands of a history lie an hour apart and all in the past, so that what a test does now comes after them.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path
from typing import Any

from issuelog.model.times import iso
from issuelog.store.yamlfile import parse
from issuelog.store.yamltext import dump
from support.cli import Done, Tracker

BEGAN = 60
"""How many hours ago a history begins."""
BEFORE = f"--at '{BEGAN - 1}h ago'"
"""Claims for a command that it was run at the beginning."""

ACK = "acknowledge ID"
HIT = "reproduce ID --runs 5 --hits 5 --env version=8.10"
MISS = "reproduce ID --runs 20 --hits 0 --place sandbox --env os=Debian"
CAUSE = "diagnose ID --cause 'the worker keeps the file in memory' --kind code"
ROLLBACK = "fix ID --rollback 'redeploy 8.10.2'"
CHANGE = "fix ID --kind code --summary 'the file is written line by line' --ref git:4f9e2c1"
AUTO = "test ID --mode automated --scenario 'an invoice of 5,000 lines' --result pass"
MANUAL = "test ID --mode manual --scenario 'the steps of the customer' --result pass"
DEPLOY = "deploy ID --version 8.10.3 --place production"
RESOLVE = "resolve ID"
CONFIRM = "verify ID --confirmed"
ASK = "ask ID -q 'Which browser do you use?'"
AGAIN = "ask ID --again"
PAID = "compensate ID --decision none --because 'the month end was met'"
REOPEN = "reopen ID --reason not_fixed --evidence 'a screenshot of today'"
ANALYSIS = (
    "rca start ID --owner 'Ana Reyes <ana@example.com>'",
    "rca why ID --cause occurrence --why 'the worker kept the file in memory' --evidence 'heap profile'",
    "rca why ID --cause occurrence --why 'the design assumed 200 lines' --evidence 'design note of 2019'",
    "rca why ID --cause occurrence --why 'design notes are never revisited' --evidence 'their dates' --ends-in process",
    "rca why ID --cause escape --why 'no test exported more than 200 lines' --evidence 'the fixtures'",
    "rca why ID --cause escape --why 'fixtures are made by hand' --evidence 'their history'",
    "rca why ID --cause escape --why 'there is no data of real size' --evidence 'the test plan' --ends-in tooling",
    "rca detect ID --how 'a customer called' --should-have 'the export alarm' --gap 6h",
    "rca walk ID requirements=none design='no limit was set' code=none review=none test='no file of real size' "
    "release=none monitoring='no alarm on the size' support=none",
    "rca recurrence ID --conclusion 'it is the first of its kind'",
    "rca not-done ID 'fixtures made by machine' --because 'the nightly export finds it too' --for C2",
    "rca action ID 'a nightly export of 10,000 lines' --strength strong --owner kim --due 30d --measure 'it is green' "
    "--for C1",
)
ACCEPT = "rca accept ID --reviewer 'Li Wei <li@example.com>'"
SOLVED = (CAUSE, CHANGE, ROLLBACK, AUTO, MANUAL, DEPLOY)
READY = (ACK, HIT, *SOLVED)
"""An S1 report that `resolve` takes on."""
CLOSABLE = (*READY, RESOLVE, CONFIRM, *ANALYSIS, ACCEPT, PAID)
"""An S1 report that `close --known-error none` closes."""

CLEAN = """Hello Acme GmbH,

Thank you for reporting this. We are sorry that your month-end run was held up. The export now writes line by line.
No action is needed on your side. Please confirm by Mon 30 Nov 2026, 12:00 UTC that it works for you. If you need
anything else, answer this message and we continue at once. Our next update reaches you by Mon 30 Nov 2026, 12:00 UTC.

Ana Reyes"""
"""A message that is fit for every kind."""

_TYPED = {"frequency": "always", "first_seen_at": "2026-03-02T09:00Z", "last_worked_at": "2026-03-01"}
_PLACEHOLDER = re.compile(r"(?<![\w-])(SOMEBODY_ELSE|REASON|VALUE|TEXT|TIME|NAME|WHO|SHA|ID2|N|V)(?![\w-])")
_ANSWERS = cycle(
    ("the file lay in memory", "lines were few once", "nobody measures sizes", "tests are small", "data is old")
)
"""Answers to why, one unlike the other."""
_made: dict[tuple[Path, str, tuple[str, ...]], tuple[Path, str]] = {}


@dataclass(frozen=True)
class Life:
    """A report in a repository of its own. In its commands `ID` is the report."""

    tracker: Tracker
    id: str

    def words(self, line: str) -> list[str]:
        """Return a command line's arguments."""
        return [self.id if word == "ID" else word for word in shlex.split(line)]

    def run(self, line: str, *more: str) -> Done:
        """Run a command."""
        return self.tracker.run(*self.words(line), *more)

    def ok(self, line: str, *more: str) -> str:
        """Run a command, which has to succeed."""
        return self.tracker.ok(*self.words(line), *more)

    def missing(self, line: str, *more: str) -> list[dict[str, str]]:
        """Run a command, which has to be refused, and return the facts that it names."""
        done = self.run(line, "--json", *more)
        assert (done.code, done.out) == (5, ""), done.err
        found: list[dict[str, str]] = done.error["missing"]
        return found

    @property
    def report(self) -> Any:
        """The report as JSON."""
        return self.tracker.show(self.id)

    @property
    def state(self) -> str:
        """The report's state."""
        found: str = self.report["state"]
        return found

    @property
    def last(self) -> Any:
        """The last event."""
        return self.report["events"][-1]

    def by_hand(self, edit: Callable[[Any], None]) -> None:
        """Edit the report's file as a person would, and commit it with git."""
        path = self.tracker.path(self.id)
        data = parse(path.read_text("utf-8"), path.name).plain()
        edit(data)
        path.write_text(dump(data), "utf-8")
        self.tracker.git("commit", "-qam", "by hand")

    def complete(self, command: str, given: Mapping[str, str] | None = None) -> list[str]:
        """Return the arguments of a command that issuelog named, with something in each of its gaps."""
        name, *words = shlex.split(command)
        assert name == "issuelog", command
        assert self.id in words, command
        known = {
            "TEXT": "as the note of 16 November says",
            "REASON": "the vendor confirmed it",
            "TIME": iso(datetime.now(UTC) + timedelta(minutes=30)),
            "VALUE": "2027-01-15T12:00:00Z",
            "NAME": "Debian 12",
            "WHO": "Li Wei <li@example.com>",
            "SOMEBODY_ELSE": "Li Wei <li@example.com>",
            "SHA": "4f9e2c1",
            "N": "5",
            "V": "8.10.3",
            **(given or {}),
        }
        filled = []
        for before, word in zip(["", *words], words, strict=False):
            values = known | {"TEXT": CLEAN} if before == "--message" else known
            if before == "--why":
                values = known | {"TEXT": next(_ANSWERS)}
            filled.append(word if word == self.id else _PLACEHOLDER.sub(lambda gap, of=values: of[gap[1]], word))  # type: ignore[misc]
        if filled[0] == "answer":
            asked = next(one for one in self.report["questions"] if one["id"] == filled[2])
            filled += ["--value", _TYPED[asked["field"]]] if asked.get("field") in _TYPED else []
        return filled

    def follow(self, missing: list[dict[str, str]], given: Mapping[str, str] | None = None) -> None:
        """Run each command that a refusal names."""
        for command in dict.fromkeys(fact["command"] for fact in missing):
            self.tracker.ok(*self.complete(command, given))


def lived(tmp_path: Path, *history: str, severity: str = "S1") -> Life:
    """Return a report with a complete intake after these commands, in a new copy of its repository."""
    made, report = _after(tmp_path.parent / "lives", severity, history)
    return Life(Tracker.copied(made, tmp_path / "repository"), report)


def _after(folder: Path, severity: str, history: tuple[str, ...]) -> tuple[Path, str]:
    """Return the repository in which the report went through all of the history, made from one that lacks the last."""
    key = (folder, severity, history)
    if key not in _made:
        if not history:
            tracker = Tracker.make(folder / severity)
            life = Life(tracker, tracker.complete("--at", f"{BEGAN}h ago", severity=severity))
        else:
            source, report = _after(folder, severity, history[:-1])
            life = Life(Tracker.copied(source, folder / f"{severity}-{len(_made)}"), report)
            life.ok(history[-1], "--at", f"{BEGAN - len(history)}h ago")
        _made[key] = life.tracker.root, life.id
    return _made[key]
