"""The diff of each command of a report's life: its own lines and no others, in a history that reads as one."""

from __future__ import annotations

import difflib
import itertools
from pathlib import Path

from issuelog.store import reports
from support.lives import ASK, CLOSABLE, lived

LIFE = (
    "triage ID --severity S1 --because 'the month-end run is blocked' --users 6 --component export",
    *CLOSABLE[:1],
    ASK,
    "answer ID Q1 'Edge 123'",
    "set ID intake.tried=4 labels=month-end,export",
    "hypothesis add ID 'the worker runs out of memory'",
    *CLOSABLE[1:3],
    "hypothesis confirm ID H1",
    "workaround ID 'Export each week by itself' --limits 'four files'",
    *CLOSABLE[3:],
    "close ID --known-error none",
    "actions done ID A1 --evidence 'the nightly run'",
)
REMOVING = {"labels", "state", "waiting_on", "severity", "result", "status", "at", "by"}
"""Fields that a step of this life replaces; what a step adds takes nothing away."""


def test_every_command_changes_its_own_lines_only(tmp_path: Path) -> None:
    life = lived(tmp_path, *LIFE)
    path = life.tracker.path(life.id).relative_to(life.tracker.root).as_posix()
    versions = [
        life.tracker.git("show", f"{commit}:{path}")
        for commit in life.tracker.git("log", "--reverse", "--format=%H", "--", path).split()
    ]
    assert len(versions) == len(LIFE) + 1
    for before, after in itertools.pairwise(versions):
        changed = list(difflib.ndiff(before.splitlines(), after.splitlines()))
        removed = {line[2:].strip().removeprefix("- ").split(":")[0] for line in changed if line.startswith("- ")}
        assert removed <= REMOVING
        assert before.splitlines()[-1] in after.splitlines()


def test_what_many_small_edits_made_is_what_one_writing_makes(tmp_path: Path) -> None:
    life = lived(tmp_path, *LIFE)
    path = life.tracker.path(life.id)
    assert reports.new_text(reports.load(path.read_bytes(), path.name).report) == path.read_bytes()


def test_the_history_reads_as_one(tmp_path: Path) -> None:
    life = lived(tmp_path, *LIFE)
    said = [subject.removeprefix(f"{life.id}: ") for subject in reversed(life.tracker.subjects())]
    verbs = [" ".join(line.split(" ID")[0].split()) for line in LIFE]
    assert said == ["issuelog: init", "new", *verbs]
    assert max(map(len, life.tracker.subjects())) <= 72
