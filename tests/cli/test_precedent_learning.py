"""What a team says of two reports adjusts the ranking of its repository, and all of it comes from the files."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from issuelog.precedent import lessons
from support.cli import Tracker

AT = "2026-11-{:02}T08:00:00Z"


def record(tracker: Tracker, title: str, day: int, *more: str) -> str:
    facts = ("--title", title, "--story", "It happened again.", "--anonymous", "--received", AT.format(day))
    return tracker.ok("new", "-q", *facts, *more).strip()


def refs(tracker: Tracker, *asked: str) -> list[str]:
    return [hit["ref"] for hit in tracker.json("precedent", *asked)["hits"]]


def database(tracker: Tracker) -> Path:
    (found,) = (tracker.root / ".git" / "issuelog").glob("index-*.sqlite")
    return found


def taught(tracker: Tracker) -> list[str]:
    """Record pairs of which the component tells which belong together and the words do not; return the later ones."""
    pairs = []
    for number in range(8):
        first = record(tracker, f"alpha{number} stopped", 1 + number, "--component", f"part{number}")
        record(tracker, f"beta{number} halted", 1 + number, "--component", "elsewhere")
        later = record(tracker, f"beta{number} stopped", 10 + number, "--component", f"part{number}")
        tracker.ok("duplicate", later, "--of", first)
        pairs.append(later)
    return pairs


def test_who_is_rejected_takes_the_original_and_its_duplicates_along(tracker: Tracker) -> None:
    original, duplicate, other = (record(tracker, f"export stops {n}", n) for n in (1, 2, 3))
    tracker.ok("duplicate", duplicate, "--of", original)
    report, elsewhere = (record(tracker, "the export stops", n) for n in (4, 5))
    for rejected in (duplicate, original):
        assert set(refs(tracker, report)) == {original, duplicate, other, elsewhere}
        done = tracker.ok("precedent", report, "--reject", rejected)
        assert done
        assert set(refs(tracker, report)) == {other, elsewhere}
        assert {original, duplicate} <= set(refs(tracker, elsewhere))
        tracker.ok("undo")


def test_what_was_rejected_elsewhere_stands_behind_its_equal(tracker: Tracker) -> None:
    one, two = (record(tracker, "export stops", 1) for _ in range(2))
    report, other = (record(tracker, "the export stops", n) for n in (4, 5))
    first, second = refs(tracker, report, "--earlier")
    assert {first, second} == {one, two}
    tracker.ok("precedent", other, "--reject", first, "--at", AT.format(6))
    assert refs(tracker, report)[:3].index(second) < refs(tracker, report).index(first)


def test_the_teams_past_teaches_and_what_was_learned_is_kept(tracker: Tracker, monkeypatch: pytest.MonkeyPatch) -> None:
    taught(tracker)
    found = tracker.json("precedent", "--evaluate")
    assert found["questions"] == found["learned"]["lessons"] == 8
    assert found["mrr"] >= found["default"]["mrr"]
    monkeypatch.setattr(lessons.School, "_lesson", None)  # nothing is learned twice
    again = tracker.json("precedent", "--evaluate")
    assert again == found


def test_another_clone_learns_the_same(tracker: Tracker, tmp_path: Path) -> None:
    taught(tracker)
    there = tmp_path / "there"
    tracker.git("clone", "--quiet", str(tracker.root), str(there))
    assert Tracker(there).json("precedent", "--evaluate") == tracker.json("precedent", "--evaluate")


def test_who_asks_in_passing_learns_a_few_at_a_time(tracker: Tracker) -> None:
    report = taught(tracker)[0]
    for learned in (3, 6, 8, 8):
        refs(tracker, report)
        with closing(sqlite3.connect(database(tracker))) as index:
            assert index.execute("SELECT count(*) FROM lesson").fetchone() == (learned,)


def test_a_lesson_goes_when_its_report_changes(tracker: Tracker) -> None:
    report = taught(tracker)[0]
    tracker.json("precedent", "--evaluate")
    tracker.ok("reopen", report, "--reason", "wrong_duplicate", "--evidence", "it is another one")
    assert tracker.json("precedent", "--evaluate")["learned"]["lessons"] == 7


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE lesson SET content = '{'",
        "UPDATE lesson SET content = '[]'",
        "UPDATE emphasis SET content = 'x'",
        "UPDATE emphasis SET content = '{}'",
        "UPDATE meaning SET direction = 'x'",
    ],
)
def test_what_is_damaged_is_worked_out_again(tracker: Tracker, damage: str) -> None:
    report = taught(tracker)[0]
    before = tracker.json("precedent", "--evaluate")
    wanted = refs(tracker, report)
    with closing(sqlite3.connect(database(tracker))) as index, index:
        index.execute(damage)
    assert refs(tracker, report) == wanted
    assert tracker.json("precedent", "--evaluate") == before


def test_while_somebody_else_writes_nothing_is_kept_and_the_answer_comes(tracker: Tracker) -> None:
    report = taught(tracker)[0]
    wanted = refs(tracker, report)
    with closing(sqlite3.connect(database(tracker), isolation_level=None)) as index:
        kept = index.execute("SELECT number FROM lesson").fetchall()
        index.execute("BEGIN IMMEDIATE")
        assert refs(tracker, report) == wanted
        index.execute("ROLLBACK")
        assert index.execute("SELECT number FROM lesson").fetchall() == kept
