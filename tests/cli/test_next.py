"""`next` is a guide that can be followed blindly, and `missing` says what to ask for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from issuelog.model import form
from support.cli import COMPLETE, Tracker
from support.lives import ACK, ANALYSIS, CLOSABLE, HIT, READY, RESOLVE, SOLVED, Life, lived

MAIN = {
    "new": "acknowledge ID",
    "acknowledged": "reproduce ID --runs 5 --hits 5 --env version=8.10",
    "reproduced": "resolve ID",
    "resolved": "close ID",
    "rca": "close ID",
}
"""The main way on from each state."""
ENOUGH = 60
"""More commands than any report needs."""

HELPFUL = (
    "--os=Debian 12",
    "--browser=Firefox 140",
    "--device=laptop",
    "--first-seen=2026-03-02T09:00Z",
    "--last-worked=2026-03-01",
    "--changed-before=an update",
    "--second-contact=+49 30 5550 0199",
)


def next_of(life: Life) -> str:
    found = life.tracker.json("next", life.id)
    assert set(found) >= {"command", "why"}
    assert found["why"]
    command: str = found["command"]
    return command


def assert_agreed(life: Life, *more: str) -> None:
    """What `next` says is the first thing that the main way on is refused for, or that way itself."""
    way = MAIN[life.state]
    agreed(life, way, next_of(life), *more)


def agreed(life: Life, way: str, following: str, *more: str) -> None:
    tried = life.run(way, "--dry-run", "--json", *more)
    if tried.code == 5:
        assert following == tried.error["missing"][0]["command"]
    else:
        assert tried.code == 0, tried.err
        assert following.startswith(f"issuelog {way.replace('ID', life.id, 1).split(' --')[0]}")


def walk(life: Life) -> list[str]:
    """Do what `next` says until the report is closed, and return the verbs."""
    verbs: list[str] = []
    while (state := life.state) != "closed":
        assert len(verbs) < ENOUGH, verbs
        following = next_of(life)
        agreed(life, MAIN[state], following)
        words = life.complete(following)
        verbs.append(words[0])
        life.tracker.ok(*words)
    return verbs


@pytest.mark.parametrize("severity", ["S2", "S3"])
def test_following_next_closes_a_complete_report(severity: str, tracker: Tracker) -> None:
    life = Life(tracker, tracker.complete(severity=severity))
    verbs = walk(life)
    assert verbs[:2] == ["acknowledge", "reproduce"]
    assert verbs[-1] == "close"
    assert ("rca" in verbs) == ("compensate" in verbs) == (severity in {"S1", "S2"})
    assert life.tracker.run("check").code == 0


def test_following_next_asks_the_customer_for_what_is_missing(tracker: Tracker) -> None:
    life = Life(tracker, tracker.new("--severity", "S4"))
    verbs = walk(life)
    assert verbs[:2] == ["acknowledge", "ask"]
    assert verbs.count("ask") == 1
    assert verbs.count("answer") == len(form.FIELDS)


def test_following_next_after_closing_ends_the_open_actions(tmp_path: Path) -> None:
    life = lived(tmp_path, *CLOSABLE, "close ID --known-error none")
    assert next_of(life) == f"issuelog actions done {life.id} A1 --evidence TEXT"
    life.tracker.ok(*life.complete(next_of(life)))
    assert next_of(life) == f"issuelog show {life.id}"
    assert life.tracker.json("actions") == []


@pytest.mark.parametrize(("severity", "start"), [("S1", ANALYSIS), ("S4", ())])
def test_what_is_not_fixed_is_reopened_next(severity: str, start: tuple[str, ...], tmp_path: Path) -> None:
    life = lived(tmp_path, *READY, RESOLVE, *start, severity=severity)
    life.ok("verify ID --not-fixed")
    assert_agreed(life)
    assert next_of(life).startswith(f"issuelog reopen {life.id} --reason not_fixed")
    life.tracker.ok(*life.complete(next_of(life)))
    assert life.state == "acknowledged"
    assert next_of(life) == f"issuelog update {life.id} --kind reopened"
    life.tracker.ok(*life.complete(next_of(life)))
    walk(life)


def test_next_and_refusal_agree_after_an_analysis_from_before_the_reopening(tmp_path: Path) -> None:
    life = lived(tmp_path, *CLOSABLE, "reopen ID --reason new_information --evidence 'the app as well'", HIT, RESOLVE)
    assert_agreed(life)
    life.ok("rca accept ID --reviewer 'Li Wei'")
    assert_agreed(life)
    walk(life)


@pytest.mark.parametrize("at", ["1h ago", "now"])
def test_who_writes_to_a_closed_report_is_heard(tracker: Tracker, at: str) -> None:
    report = tracker.new("--at", "2h ago")
    tracker.ok("ack", report, "--at", "2h ago")
    tracker.ok("close", report, "--as", "withdrawn", "--at", "30min ago")
    when = ("--at", at) if at != "now" else ()
    for kind, command in (("thanks", "show"), ("chaser", "reopen"), ("auto_reply", "show"), ("other", "reopen")):
        tracker.ok("received", report, "--kind", kind, "it is back", *when)
        assert tracker.json("next", report)["command"].split()[1:3] == [command, report]
    tracker.ok("reopen", report, "--reason", "not_fixed", "--evidence", "the customer's mail")
    tracker.ok("close", report, "--as", "spam")
    assert "nothing is left" in tracker.json("next", report)["why"]


def test_next_has_one_line_and_says_why_beside_it(tmp_path: Path) -> None:
    life = lived(tmp_path, ACK, HIT, *SOLVED)
    done = life.run("next ID")
    assert done.out == f"issuelog resolve {life.id}\n"
    assert done.err.strip()


def test_a_change_names_the_next_command(tmp_path: Path) -> None:
    life = lived(tmp_path, ACK)
    change = json.loads(life.ok(f"{HIT} --json"))
    head = life.tracker.git("rev-parse", "HEAD").strip()
    assert {key: change[key] for key in ("id", "action", "from", "to", "commit", "next")} == {
        "id": life.id,
        "action": "reproduce",
        "from": "acknowledged",
        "to": "reproduced",
        "commit": head,
        "next": next_of(life),
    }


def test_next_takes_ids_from_standard_input(tracker: Tracker) -> None:
    first, second = tracker.new(), tracker.new()
    tracker.ok("ack", second)
    rows = json.loads(tracker.ok("next", "-", "--json", stdin=f"{first}\n{second}\n"))
    assert [row["id"] for row in rows] == [first, second]
    assert [row["command"] for row in rows] == [f"issuelog acknowledge {first}", f"issuelog ask {second} --missing"]


def test_missing_lists_every_field_with_its_question(tracker: Tracker) -> None:
    found = tracker.json("missing", tracker.new())
    assert found["score"] == 0
    assert all(set(item) >= {"field", "question", "needed_for"} for item in found["missing"])
    assert all(item["question"].endswith("?") for item in found["missing"])
    required = {item["field"] for item in found["missing"] if item["needed_for"] == "reproduce"}
    assert required == {
        "error_message",
        "steps",
        "expected",
        "actual",
        "frequency",
        "environment.product",
        "environment.version",
        "consequences",
    }


def test_the_score_rises_with_each_answer(tracker: Tracker) -> None:
    report = tracker.new()
    scores = [0]
    for setting in (
        "intake.error_message=none_shown",
        "intake.steps=Press Export",
        "intake.expected=A file",
        "intake.actual=A red box",
        "intake.frequency=always",
        "intake.environment.product=billing-web",
        "intake.environment.version=8.10",
        "intake.unavailable.consequences=the customer did not say",
    ):
        tracker.ok("set", report, setting)
        scores.append(tracker.json("missing", report)["score"])
    assert scores == sorted(set(scores))
    assert scores[-1] == 80
    assert all(item["needed_for"] != "reproduce" for item in tracker.json("missing", report)["missing"])


def test_the_score_is_100_when_nothing_is_missing(tracker: Tracker, tmp_path: Path) -> None:
    assert tracker.json("missing", tracker.complete())["score"] == 80
    log = tmp_path / "export.log"
    log.write_text("terminated")
    full = tracker.new(*COMPLETE, *HELPFUL, "--attach", str(log))
    assert tracker.json("missing", full) == {"id": full, "score": 100, "missing": []}
