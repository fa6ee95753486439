"""The measures of analyses: listing, ending, and looking whether they held."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.lives import CLOSABLE, lived

CLOSED = (*CLOSABLE, "close ID --known-error none")
DONE = (*CLOSED, "actions done ID A1 --evidence 'the nightly run'")


def test_what_is_overdue_is_marked_and_can_be_asked_for(tmp_path: Path) -> None:
    life = lived(tmp_path, *CLOSED)
    (row,) = life.tracker.json("actions")
    assert (row["id"], row["overdue"], row["held"]) == ("A1", False, None)
    assert life.tracker.json("actions", "list", "--overdue") == []
    (late,) = life.tracker.json("actions", "list", "--overdue", "--at", "2040-01-01")
    assert late["overdue"] is True
    assert [row["clock"] for row in life.tracker.json("due", "--at", "2040-01-01")] == ["action"]


def test_the_actions_of_one_person(tmp_path: Path) -> None:
    life = lived(tmp_path, *CLOSED)
    owner = life.report["rca"]["actions"][0]["owner"]
    assert len(life.tracker.json("actions", "list", "--owner", owner)) == 1
    assert life.tracker.json("actions", "list", "--owner", "Nobody <n@example.com>") == []


@pytest.mark.parametrize("line", ["actions done ID A1 --evidence ' '", "actions drop ID A1 --because ''"])
def test_an_action_does_not_end_without_words(tmp_path: Path, line: str) -> None:
    life = lived(tmp_path, *CLOSED)
    done = life.run(line)
    assert done.code == 2
    assert "is empty" in done.err


def test_done_is_looked_after_at_30_and_90_days_until_somebody_looked(tmp_path: Path) -> None:
    life = lived(tmp_path, *DONE)
    rows = life.tracker.json("due")
    assert [row["clock"] for row in rows] == ["effect", "effect"]
    assert 28 * 86_400 < rows[0]["left_seconds"] < 30 * 86_400 < 88 * 86_400 < rows[1]["left_seconds"]
    assert rows[0]["command"] == f"issuelog actions check {life.id} A1 --held --evidence TEXT"
    life.ok("actions check ID A1 --held --evidence 'no export stopped'")
    (left,) = life.tracker.json("due")
    assert left["due_at"] == rows[1]["due_at"]
    life.ok("actions check ID a1 --held --evidence 'none again'")
    assert life.tracker.json("due") == []
    assert [row["held"] for row in life.tracker.json("actions", "--all")] == [True]
    assert life.run("check").code == 0


def test_a_look_after_the_last_day_answers_for_all(tmp_path: Path) -> None:
    life = lived(tmp_path, *DONE)
    life.ok("actions check ID A1 --held --evidence 'a quiet year'", "--at", "2040-01-01")
    assert life.tracker.json("due", "--at", "2040-01-02") == []


def test_policy_may_want_no_looks(tmp_path: Path) -> None:
    life = lived(tmp_path, *DONE)
    config = life.tracker.root / ".issuelog/config.yaml"
    config.write_text(config.read_text() + "rca_effect_days: []\n")
    assert life.tracker.json("due") == []


def test_what_came_back_is_told_from_the_files(tmp_path: Path) -> None:
    life = lived(tmp_path, *DONE)
    assert life.ok("actions check ID A1") == ""
    life.tracker.complete("--at", "100h ago")  # before it was done
    back = life.tracker.complete()
    done = life.run("actions check ID A1 --json")
    assert (done.code, [row["returned"] for row in done.json]) == (1, [back])
    assert "--failed" in life.run("actions check ID A1").err
    held = life.run("actions check ID A1 --held --evidence 'nobody called'")
    assert held.code == 0
    assert back in held.err


def test_a_measure_that_did_not_hold_is_taken_up_again(tmp_path: Path) -> None:
    life = lived(tmp_path, *DONE)
    done = life.run("actions check ID A1 --failed --evidence 'it stopped again'")
    assert done.code == 0
    assert f"issuelog actions reopen {life.id} A1 --because TEXT" in done.err
    assert life.tracker.json("due") == []
    life.ok("actions reopen ID A1 --because 'it stopped again'")
    action = life.report["rca"]["actions"][0]
    assert (action["status"], "evidence" in action) == ("open", False)
    assert [check["result"] for check in action["checks"]] == ["failed"]
    assert [row["clock"] for row in life.tracker.json("due")] == ["action"]


def test_done_again_begins_its_looks_anew(tmp_path: Path) -> None:
    life = lived(tmp_path, *DONE)
    life.ok("actions check ID A1 --failed --evidence 'it stopped again'")
    life.ok("actions reopen ID A1 --because 'it stopped again'")
    life.ok("actions done ID A1 --evidence 'the limit is gone'", "--at", "2040-01-01")
    assert [row["clock"] for row in life.tracker.json("due", "--at", "2040-01-02")] == ["effect", "effect"]


@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        ("actions check ID A1 --held --failed --evidence x", 2, "exclude each other"),
        ("actions check ID A1 --held", 2, "--evidence is missing"),
        ("actions check ID A1 --evidence x", 2, "goes with --held or --failed"),
        ("actions check ID A9 --held --evidence x", 4, "there are: A1"),
        ("actions check ID A1 --held --evidence x", 5, "only what is done can hold"),
        ("actions reopen ID A1 --because x", 5, "is open"),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path: Path, line: str, code: int, words: str) -> None:
    life = lived(tmp_path, *CLOSED)
    done = life.run(line)
    assert (done.code, words in done.err) == (code, True), done.err


def test_an_action_that_has_ended_names_the_way_back(tmp_path: Path) -> None:
    life = lived(tmp_path, *DONE)
    done = life.run("actions done ID A1 --evidence 'again'")
    assert done.code == 5
    assert f"issuelog actions reopen {life.id} A1" in done.err
