"""The measures of analyses: listing, ending, and looking whether they held."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from issuelog.model.times import iso
from support.cli import Tracker, run
from support.lives import CLOSABLE, Life, lived

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


def planned(tmp_path: Path) -> tuple[Tracker, str, str]:
    """Return a tracker with one action on an S1 of the component import, and a later and an earlier one on an S3."""
    life = lived(tmp_path, *CLOSED, "set ID component=import")
    other = life.tracker.complete("--component", "export", severity="S3")
    plan = {"kind": "prevent", "strength": "strong", "owner": "Bo <b@example.com>"}
    actions = [
        {"id": "A1", "text": "the limit is checked", "due_at": "2099-01-01T00:00:00Z", **plan},
        {"id": "A2", "text": "an alarm on failed exports", "due_at": "2026-01-01T00:00:00Z", **plan},
    ]
    Life(life.tracker, other).by_hand(lambda data: data.update(rca={"status": "draft", "actions": actions}))
    return life.tracker, life.id, other


def test_a_query_says_of_which_reports(tmp_path: Path) -> None:
    tracker, one, other = planned(tmp_path)

    def named(*query: str) -> list[tuple[str, str]]:
        return [(row["report"], row["id"]) for row in tracker.json("actions", "list", *query)]

    every = [(other, "A2"), (one, "A1"), (other, "A1")]
    assert named() == every == [(row["report"], row["id"]) for row in tracker.json("actions")]
    assert named("component:export") == [(other, "A2"), (other, "A1")]
    assert named("sev:S1") == named("-sev:S3") == named("is:closed") == [(one, "A1")]
    assert named("sev:S1,S3") == every
    assert named("sev:S3", "--owner", "b@example.com", "--overdue") == [(other, "A2")]
    assert named("component:none") == []
    assert tracker.run("actions", "list", "colour:red").code == 2
    done = tracker.run("actions", "list", "-", "--json", stdin=f"{one}\n")
    assert [row["report"] for row in done.json] == [one]


def test_in_whatever_form(tmp_path: Path) -> None:
    tracker, one, other = planned(tmp_path)
    assert tracker.ok("actions", "list", "-q").splitlines() == [other, one]
    assert tracker.ok("actions", "list", "-0") == f"{other}\0{one}\0{other}\0"
    assert tracker.ok("actions", "list", "sev:S1", "--format", "{report} {id}") == f"{one} A1\n"
    assert tracker.ok("actions", "--fields", "id,kind", "--overdue") == "A2\tprevent\n"
    rows = [json.loads(line) for line in tracker.ok("actions", "list", "--ndjson").splitlines()]
    assert rows == tracker.json("actions", "list")
    assert tracker.run("actions", "list", "--ndjson", "--json").code == 2


def test_the_actions_of_a_report_are_offered_to_who_types(tmp_path: Path) -> None:
    life = lived(tmp_path, *CLOSED)

    def offered(*words: str) -> list[str]:
        return run("__complete", "-C", str(life.tracker.root), *words).out.splitlines()

    life.tracker.ok("list")
    assert offered("actions", "done", life.id, "") == ["A1\ta nightly export of 10,000 lines"]
    assert offered("actions", "done", life.id[-4:], "a") == ["A1\ta nightly export of 10,000 lines"]
    assert offered("actions", "check", life.id, "") == []
    assert offered("actions", "done", "nothing", "") == []
    life.ok("actions done ID A1 --evidence x")
    life.tracker.ok("list")
    assert offered("actions", "done", life.id, "") == []
    assert offered("actions", "check", life.id, "") == offered("actions", "reopen", life.id, "") != []


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


def test_the_next_step_of_a_closed_report_is_its_open_action_and_then_the_look(tmp_path: Path) -> None:
    life = lived(tmp_path, *CLOSED)
    assert life.ok("next ID") == f"issuelog actions done {life.id} A1 --evidence TEXT\n"
    life.ok("actions done ID A1 --evidence 'the nightly run'")
    assert life.ok("next ID") == f"issuelog show {life.id}\n"
    later = life.run("next ID", "--at", after(35))
    assert later.out == f"issuelog actions check {life.id} A1 --held --evidence TEXT\n"
    assert "whether A1 held" in later.err
    life.ok("actions check ID A1 --held --evidence 'no export stopped'", "--at", after(36))
    assert life.ok("next ID", "--at", after(37)) == f"issuelog show {life.id}\n"
    assert "actions check" in life.ok("next ID", "--at", after(95))


def after(days: int) -> str:
    return iso(datetime.now(UTC) + timedelta(days=days))


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
