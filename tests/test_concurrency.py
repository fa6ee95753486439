"""Many at once: what was acknowledged is in history exactly once, and a person beside it loses nothing."""

from __future__ import annotations

import json
import os
import subprocess
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from support.cli import Tracker

WRITERS = 8
COMMANDS = 4
ALLOWED = {0, 7}


@dataclass(frozen=True)
class Answer:
    """What a writer was told: the exit code, and the commit where it was 0."""

    code: int
    commit: str | None
    error: str
    what: str


def at_once(folder: Path, works: Sequence[Callable[[], list[Answer]]], beside: Callable[[], None]) -> list[Answer]:
    """Do all the works at once, each in a process of its own, and something beside them; return all answers."""
    folder.mkdir()
    children = []
    for number, work in enumerate(works):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # threads of the test runner: the child uses none
            child = os.fork()
        if not child:
            try:
                answers = [vars(answer) for answer in work()]
                (folder / str(number)).write_text(json.dumps(answers))
            finally:
                os._exit(0)
        children.append(child)
    beside()
    for child in children:
        os.waitpid(child, 0)
    return [Answer(**told) for file in sorted(folder.iterdir()) for told in json.loads(file.read_text())]


def answer(tracker: Tracker, what: str, *arguments: str) -> Answer:
    done = tracker.run("--json", *arguments)
    return Answer(done.code, done.json["commit"] if done.code == 0 else None, done.err, what)


def notes(tracker: Tracker, report: str, name: str) -> Callable[[], list[Answer]]:
    texts = [f"{name} {number}" for number in range(COMMANDS)]
    return lambda: [answer(tracker, text, "note", report, text) for text in texts]


def require_whole(tracker: Tracker, answers: Sequence[Answer], commits_before: int, others: int = 0) -> None:
    """Every change that was acknowledged is one commit, no other is, and the repository is sound."""
    assert {told.code for told in answers} <= ALLOWED, answers
    acknowledged = [told.commit for told in answers if told.code == 0]
    history = tracker.git("rev-list", "HEAD").split()
    assert len(history) == len(set(history)) == commits_before + len(acknowledged) + others
    assert set(filter(None, acknowledged)) <= set(history)
    assert not [*tracker.root.glob(".git/**/*.lock"), *tracker.root.glob(".git/issuelog/[tj]*")]
    tracker.git("fsck", "--strict")


def texts_of(tracker: Tracker, report: str) -> list[str]:
    return [event["text"] for event in tracker.show(report)["events"] if event["action"] == "note"]


def said(answers: Sequence[Answer]) -> list[str]:
    return sorted(told.what for told in answers if told.code == 0)


def nothing() -> None:
    return


def reports_of_its_own(tracker: Tracker, name: str) -> Callable[[], list[Answer]]:
    def work() -> list[Answer]:
        done = tracker.run("--json", "new", "--story", name, "--customer", "c")
        created = Answer(done.code, done.json["commit"], done.err, name)
        return [created, *notes(tracker, done.json["id"], name)()]

    return work


def test_different_reports(tracker: Tracker, tmp_path: Path) -> None:
    works = [reports_of_its_own(tracker, f"w{number}") for number in range(WRITERS)]
    answers = at_once(tmp_path / "told", works, nothing)
    assert [told.code for told in answers] == [0] * WRITERS * (1 + COMMANDS)  # they queue: none is turned away
    require_whole(tracker, answers, 1)
    assert tracker.git("status", "--porcelain") == ""
    assert len(tracker.json("list")) == WRITERS


def test_one_report(tracker: Tracker, tmp_path: Path) -> None:
    report = tracker.new()
    answers = at_once(tmp_path / "told", [notes(tracker, report, f"w{n}") for n in range(WRITERS)], nothing)
    require_whole(tracker, answers, 2)
    assert sorted(texts_of(tracker, report)) == said(answers)
    assert len(said(answers)) == WRITERS * COMMANDS
    assert tracker.git("status", "--porcelain") == ""
    ids = [event["id"] for event in tracker.show(report)["events"]]
    assert ids == sorted(set(ids))


def test_two_work_trees(tracker: Tracker, tmp_path: Path) -> None:
    report = tracker.new()
    tracker.git("worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))
    side = Tracker(tmp_path / "side")
    works = [notes(tree, report, f"{tree.root.name} {n}") for tree in (tracker, side) for n in range(2)]
    answers = at_once(tmp_path / "told", works, nothing)
    assert [told.code for told in answers] == [0] * 4 * COMMANDS
    for tree in (tracker, side):
        own = [told for told in answers if told.what.startswith(tree.root.name)]
        require_whole(tree, own, 2)
        assert sorted(texts_of(tree, report)) == said(own)
        assert tree.git("status", "--porcelain") == ""


def test_a_person_who_commits_all_the_time(tracker: Tracker, tmp_path: Path) -> None:
    reports = [tracker.new() for _ in range(4)]
    names = [f"mine-{number}" for number in range(15)]

    def insist(*command: str) -> None:
        """Run git until it comes through: it gives up at once where issuelog holds the index."""
        for _ in range(2000):
            done = subprocess.run(["git", *command], cwd=tracker.root, capture_output=True, check=False)
            if done.returncode == 0:
                return
        raise AssertionError(done.stderr)

    def work_on() -> None:
        for name in names:
            (tracker.root / name).write_text(f"{name}\n")
            insist("add", name)
            insist("commit", "-qm", name, "--", name)

    answers = at_once(tmp_path / "told", [notes(tracker, report, report) for report in reports], work_on)
    require_whole(tracker, answers, 5, others=len(names))
    assert sorted(set(tracker.subjects()) & set(names)) == sorted(names)
    assert set(tracker.git("ls-tree", "--name-only", "HEAD").split()) >= set(names)
    for report in reports:
        assert texts_of(tracker, report) == said([told for told in answers if told.what.startswith(report)])
