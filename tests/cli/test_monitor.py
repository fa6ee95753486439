"""`monitor`: until when a fixed error is watched, for what, and that somebody looked."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from issuelog.model.times import iso, parse_iso
from support.lives import ACK, CLOSABLE, READY, RESOLVE, Life, lived
from support.refusals import refused

PATTERN = r"EXPORT-507|worker \d+ terminated"


@pytest.fixture
def life(tmp_path: Path) -> Life:
    """A report whose fix is out."""
    return lived(tmp_path, *READY, RESOLVE)


def conditions(life: Life) -> list[str]:
    [item] = life.tracker.json("list", life.id.lower())
    return list(item["conditions"])


def test_a_fixed_report_is_watched_until_a_time_and_for_a_pattern(life: Life) -> None:
    change = life.tracker.json("monitor", life.id, "--until", "30d", "--pattern", PATTERN)
    assert (change["action"], change["from"], change["to"]) == ("monitor", None, None)
    monitor = life.report["monitor"]
    assert monitor["pattern"] == PATTERN
    assert timedelta(days=29) < parse_iso(monitor["until"]) - datetime.now(UTC) < timedelta(days=31)
    assert life.last["until"] == monitor["until"]
    assert life.tracker.subjects()[0] == f"{life.id}: monitor"
    assert "monitoring" in conditions(life)
    assert life.tracker.ok("list", "-q", "is:monitoring").split() == [life.id]


def test_while_it_is_watched_it_is_not_closed_and_afterwards_it_is(tmp_path: Path) -> None:
    life = lived(tmp_path, *CLOSABLE)
    life.ok("monitor ID --until 30d")
    [missing] = life.missing("close ID --known-error none")
    assert missing["guard"] == "monitoring_over"
    life.ok("monitor ID --off")
    assert "monitoring" not in conditions(life)
    life.ok("close ID --known-error none")
    assert life.state == "closed"


def test_the_end_and_the_pattern_can_be_changed_each_by_itself(life: Life) -> None:
    life.ok("monitor ID --until 30d")
    life.ok("monitor ID --pattern timeout")
    until = life.report["monitor"]["until"]
    life.ok("monitor ID --until 60d")
    assert life.report["monitor"]["pattern"] == "timeout"
    assert life.report["monitor"]["until"] > until


def test_what_somebody_saw_is_kept_with_name_and_time(life: Life) -> None:
    at = iso(datetime.now(UTC) - timedelta(hours=2))
    life.ok("monitor ID --check 'no hits in the logs of staging'", "--at", at)
    life.tracker.ok("monitor", life.id, "--check", "-", "--by", "Kim <kim@example.com>", stdin="one hit,\nby a robot")
    first, second = life.report["monitor"]["checks"]
    assert first == {
        "id": "W1",
        "at": at,
        "by": "Ana Reyes <ana@example.com>",
        "note": "no hits in the logs of staging",
    }
    assert (second["id"], second["by"], second["note"]) == ("W2", "Kim <kim@example.com>", "one hit,\nby a robot")
    assert life.last["check"] == "W2"
    assert "no hits in the logs of staging" in life.ok("show ID")
    assert life.tracker.ok("search", "-q", "staging").split() == [life.id]


def test_the_monitoring_can_be_ended_and_the_record_of_it_stays(life: Life) -> None:
    life.ok(f"monitor ID --until 30d --pattern '{PATTERN}'")
    life.ok("monitor ID --off --check 'quiet for a week'")
    monitor = life.report["monitor"]
    assert parse_iso(monitor["until"]) <= datetime.now(UTC)
    assert monitor["pattern"] == PATTERN
    assert [check["note"] for check in monitor["checks"]] == ["quiet for a week"]
    assert life.ok("monitor ID --off", "-q").split() == [life.id]  # over is over: nothing to change
    assert life.report["monitor"] == monitor


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("monitor ID", "--until is missing … issuelog monitor ID --until 30d"),
        ("monitor ID --pattern x", "--until is missing: how long"),
        ("monitor ID --until 2020-01-01", "which is past … --off ends the monitoring"),
        ("monitor ID --until soon", "--until: "),
        ("monitor ID --off --until 3d", "--off ends the monitoring"),
        ("monitor ID --until 3d --pattern '(a+)+\\1'", "a backreference at character 6"),
        ("monitor ID --until 3d --pattern '.*'", "is in every line"),
        ("monitor ID --check ' '", "--check is empty"),
        ("set ID 'monitor.pattern=(?=a)'", "issuelog monitor ID --pattern REGEX"),
    ],
)
def test_what_is_not_clear_is_refused(life: Life, typed: str, says: str) -> None:
    refused(life.tracker, 2, *life.words(typed), says=says)


def test_what_is_not_fixed_is_not_watched_yet(tmp_path: Path) -> None:
    life = lived(tmp_path, ACK)
    [missing] = life.missing("monitor ID --until 30d")
    assert missing["command"] == f"issuelog resolve {life.id}"


def test_what_is_closed_is_taken_up_again_instead(tmp_path: Path) -> None:
    life = lived(tmp_path, *CLOSABLE, "close ID --known-error none")
    [missing] = life.missing("monitor ID --until 30d --pattern x")
    assert missing["command"].startswith(f"issuelog reopen {life.id} --reason recurred")
    life.ok("monitor ID --check 'no hits since'")  # whoever looks may say so
    assert life.report["monitor"]["checks"][0]["note"] == "no hits since"


def test_a_pattern_that_was_written_by_hand_is_checked(life: Life) -> None:
    life.ok("monitor ID --until 30d --pattern timeout")
    assert life.tracker.json("check") == []
    life.by_hand(lambda data: data["monitor"].update(pattern="(a+)+(?=b)"))
    done = life.tracker.run("check", "--json")
    assert done.code == 1
    [problem] = done.json
    assert problem["rule"] == "pattern"
    assert "lookahead (?=…) at character 6" in problem["message"]
    line = life.tracker.path(life.id).read_text().splitlines()[problem["line"] - 1]
    assert line.strip().startswith("pattern:")


def test_a_check_that_is_a_text_alone_is_refused_with_its_place(life: Life) -> None:
    life.by_hand(lambda data: data.update(monitor={"checks": ["no hits"]}))
    done = life.tracker.run("show", life.id)
    assert done.code == 6
    assert "monitor.checks.1 is 'no hits': should be a mapping of keys to values" in done.err


def test_checks_of_two_clones_are_both_kept(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")  # for git's driver
    life.tracker.git("checkout", "-q", "-b", "other")
    life.ok("monitor ID --check 'quiet in Berlin'")
    life.tracker.git("checkout", "-q", "main")
    life.ok("monitor ID --check 'quiet in Graz'")
    life.tracker.ok("doctor", "--fix")
    life.tracker.git("merge", "-q", "--no-edit", "other")
    checks = {check["id"]: check["note"] for check in life.report["monitor"]["checks"]}
    assert sorted(checks.values()) == ["quiet in Berlin", "quiet in Graz"]
    events = [event for event in life.report["events"] if event["action"] == "monitor"]
    assert sorted(event["check"] for event in events) == sorted(checks)
    assert life.tracker.json("check") == []


def test_a_dry_run_shows_the_change_and_makes_none(life: Life) -> None:
    before = life.tracker.fingerprint()
    shown = life.ok("monitor ID --until 2030-01-01 --pattern timeout -n")
    assert "+  until: 2030-01-01T00:00:00Z" in shown
    assert "+  pattern: timeout" in shown
    assert life.tracker.fingerprint() == before
