"""Many at once: what was acknowledged is in history exactly once, and a person beside it loses nothing."""

from __future__ import annotations

import json
import os
import subprocess
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from issuelog.store import locking
from issuelog.store.locking import locked
from support.cli import Tracker

WRITERS = 20
COMMANDS = 2
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


def one_note(tracker: Tracker, report: str, name: str) -> Callable[[], list[Answer]]:
    return lambda: [answer(tracker, name, "note", report, name)]


def reports_of_its_own(tracker: Tracker, name: str) -> Callable[[], list[Answer]]:
    def work() -> list[Answer]:
        done = tracker.run("--json", "new", "--story", name, "--customer", "c")
        created = Answer(done.code, done.json["commit"], done.err, name)
        return [created, *one_note(tracker, done.json["id"], name)()]

    return work


def test_different_reports(tracker: Tracker, tmp_path: Path) -> None:
    tracker.new(story="before")
    works = [reports_of_its_own(tracker, f"w{number}") for number in range(WRITERS)]
    answers = at_once(tmp_path / "told", works, nothing)
    assert [told.code for told in answers] == [0] * WRITERS * 2  # they queue: none is turned away
    require_whole(tracker, answers, 2)
    assert tracker.git("status", "--porcelain") == ""
    listed = {row["title"]: row["id"] for row in tracker.json("list") if row["title"] != "before"}
    assert sorted(listed) == sorted(f"w{number}" for number in range(WRITERS))
    for name, report in listed.items():
        assert texts_of(tracker, report) == [name]


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
    works = [notes(tree, report, f"{tree.root.name} {n}") for tree in (tracker, side) for n in range(4)]
    answers = at_once(tmp_path / "told", works, nothing)
    assert [told.code for told in answers] == [0] * 8 * COMMANDS
    for tree in (tracker, side):
        own = [told for told in answers if told.what.startswith(tree.root.name)]
        require_whole(tree, own, 2)
        assert sorted(texts_of(tree, report)) == said(own)
        assert tree.git("status", "--porcelain") == ""


def test_who_waits_too_long_for_the_lock_goes_away_and_changes_nothing(
    tracker: Tracker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locking, "LOCK_SECONDS", 0.1)
    report = tracker.new()
    before = tracker.fingerprint()
    works = [one_note(tracker, report, f"w{number}") for number in range(WRITERS)]
    with locked(tracker.root / ".git/issuelog/lock"):
        answers = at_once(tmp_path / "told", works, nothing)
    assert [told.code for told in answers] == [7] * WRITERS
    assert all("another issuelog has held the lock" in told.error for told in answers)
    require_whole(tracker, answers, 2)
    assert tracker.fingerprint() == before
    monkeypatch.undo()
    tracker.ok("note", report, "the lock is free again")


Way = Callable[[str], Sequence[Sequence[str]]]
WAYS: dict[str, Way] = {
    "only what is theirs": lambda name: [["add", name], ["commit", "-qm", name, "--", name]],
    "all that is there": lambda name: [["add", "--all"], ["commit", "-qm", name]],
    "all that is known": lambda name: [["add", "--intent-to-add", name], ["commit", "-qam", name]],
}


@pytest.mark.parametrize("way", WAYS)
def test_a_person_who_commits_all_the_time(tracker: Tracker, tmp_path: Path, way: str) -> None:
    reports = [tracker.new() for _ in range(4)]
    names = [f"mine-{number}" for number in range(8)]

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
            for command in WAYS[way](name):
                insist(*command)

    answers = at_once(tmp_path / "told", [notes(tracker, report, report) for report in reports * 2], work_on)
    require_whole(tracker, answers, 5, others=len(names))
    assert sorted(set(tracker.subjects()) & set(names)) == sorted(names)
    assert set(tracker.git("ls-tree", "--name-only", "HEAD").split()) >= set(names)
    for report in reports:
        own = [told for told in answers if told.what.startswith(report)]
        assert sorted(texts_of(tracker, report)) == said(own)
    for name in names:
        assert tracker.git("log", "-1", "--format=", "--name-only", f"--grep=^{name}$").split() == [name]
