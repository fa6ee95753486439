"""Trends: what grew and shrank beyond chance, what comes back, and what a team should talk about."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from support.cli import Tracker
from support.received import receive

NOW = datetime(2026, 7, 1, tzinfo=UTC)
AT = ("--at", "2026-07-01T00:00Z")


def ago(days: float) -> str:
    return f"{NOW - timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}"


def some(count: int, days: tuple[int, int], **facts: Any) -> Iterator[dict[str, Any]]:
    """Yield reports that were received evenly between so many days ago and so many."""
    first, last = days
    for number in range(count):
        yield {**facts, "received_at": ago(first - (first - last) * (number + 0.5) / count)}


def changing(tracker: Tracker) -> None:
    """Half a year in which export got much worse, login much better, and print wavered."""
    receive(
        tracker,
        [
            {"received_at": ago(200), "component": "old"},
            *some(2, (179, 91), component="export"),
            *some(16, (89, 1), component="export"),
            *some(15, (179, 91), component="login"),
            *some(1, (89, 1), component="login"),
            *some(4, (179, 91), component="print"),
            *some(7, (89, 1), component="print", severity="S2", customer="Initech"),
        ],
    )


@pytest.fixture
def changed(tmp_path: Path) -> Tracker:
    """A tracker with such a past, for one test."""
    return Tracker.filled(tmp_path / "changed", changing)


def counted(told: dict[str, Any], what: str) -> dict[str, dict[str, Any]]:
    return {one["name"]: one for one in told["counts"] if one["what"] == what}


def reasons(told: dict[str, Any]) -> str:
    return "\n".join(one["reason"] for one in told["discuss"])


def test_only_what_changed_beyond_chance_is_said_to_have_changed(changed: Tracker) -> None:
    told = changed.json("trends", *AT)
    parts = counted(told, "component")
    assert {name: (one["before"], one["now"], one["changed"]) for name, one in parts.items()} == {
        "export": (2, 16, "grew"),
        "print": (4, 7, None),
        "login": (15, 1, "shrank"),
    }
    assert counted(told, "reports")["received"]["changed"] is None
    assert "component export: 16, before 2 (grew beyond chance)" in reasons(told)
    assert "print" not in reasons(told)


def test_counts_come_with_their_share_and_what_they_make_up_together(changed: Tracker) -> None:
    parts = list(counted(changed.json("trends", *AT), "component").values())
    assert [one["name"] for one in parts] == ["export", "print", "login"]
    assert [one["share"] for one in parts] == [round(count / 24, 4) for count in (16, 7, 1)]
    assert [one["cumulative"] for one in parts] == [round(count / 24, 4) for count in (16, 23, 24)]
    assert [len(one["reports"]) for one in parts] == [16, 7, 1]


def test_a_tracker_younger_than_the_period_before_claims_no_change(changed: Tracker) -> None:
    done = changed.run("trends", "--since", "150d", *AT)
    assert "no change is claimed" in done.err
    told = changed.json("trends", "--since", "150d", *AT)
    assert told["before"]["whole"] is False
    assert not [one for one in [*told["counts"], *told["rates"]] if one["changed"] or one["p"]]


def test_duplicates_make_no_error_grow(changed: Tracker) -> None:
    original = changed.json("list", "component:old")[0]["id"]
    for one in changed.json("list", "component:export", f"received:>={ago(90)}")[:12]:
        changed.ok("duplicate", one["id"], "--of", original, *AT)
    part = counted(changed.json("trends", *AT), "component")["export"]
    assert (part["now"], part["changed"]) == (4, None)


def test_a_rate_that_fell_beyond_chance_is_worth_a_talk(changed: Tracker) -> None:
    for one in changed.json("list", f"received:<{ago(90)}", "component:login"):
        at = datetime.fromisoformat(one["received_at"]) + timedelta(minutes=5)
        changed.ok("acknowledge", one["id"], "--at", f"{at:%Y-%m-%dT%H:%M:%SZ}")
    told = changed.json("trends", *AT)
    (kept,) = [one for one in told["rates"] if (one["what"], one["name"]) == ("kept", "acknowledge")]
    assert (kept["now"], kept["of_now"], kept["before"], kept["changed"]) == (0, 24, 15, "shrank")
    assert "kept acknowledge: 0 of 24, before 15 of 21 (shrank beyond chance)" in reasons(told)
    missed = [one for one in told["missed"] if one["clock"] == "acknowledge"]
    assert len(missed) == 24
    assert {"nobody owned it", "not answered yet", "recorded after it was due"} == {*missed[0]["why"]}


def test_an_error_reported_three_times_in_thirty_days_is_named(tracker: Tracker) -> None:
    same = {"error_message": "EXPORT-507: worker terminated"}
    often = receive(tracker, some(3, (40, 15), **same))
    seldom = {"error_message": "LOGIN-12: token is stale"}
    receive(tracker, some(3, (85, 1), **seldom))
    told = tracker.json("trends", *AT)
    assert [one["reports"] for one in told["alike"]] == [often]
    assert "one error reported 3 times in 30 days" in reasons(told)
    assert tracker.json("trends", "--since", "10d", *AT)["alike"] == []


def returned(tracker: Tracker) -> str:
    """A report that was resolved, was not, and has a measure and an escape."""
    solution = (
        *("--cause=kept in memory", "--kind=docs", "--summary=line by line", "--ref=pr:1", "--version=1.2"),
        *("--tested-automated=lines", "--tested-manual=steps", "--place=production"),
    )
    report = tracker.complete("--at", ago(20), severity="S4")
    skipped = ("--without-reproduction", "seen in the log")
    tracker.ok("acknowledge", report, "--at", ago(19.9))
    tracker.ok("resolve", report, *skipped, *solution, "--at", ago(19))
    tracker.ok("rca", "start", report, "--at", ago(18))
    tracker.ok("rca", "why", report, "--cause", "escape", "--missing-level", "integration", "--at", ago(18))
    tracker.ok("rca", "action", report, "stream it", "--owner", "Li Wei", "--due", ago(10), "--at", ago(18))
    tracker.ok("verify", report, "--not-fixed", "--score", "1", "--at", ago(5))
    tracker.ok("reopen", report, "--reason", "not_fixed", "--evidence", "he says so", "--at", ago(4))
    return report


def test_what_came_back_who_was_not_content_and_what_is_overdue_are_matters_to_discuss(tracker: Tracker) -> None:
    report = returned(tracker)
    told = tracker.json("trends", *AT)
    assert [(one["report"], one["why"]) for one in told["returned"]] == [(report, "not_fixed")]
    assert [(one["report"], one["why"]) for one in told["unsatisfied"]] == [(report, "1 of 5")]
    assert [(one["report"], one["id"]) for one in told["actions"]] == [(report, "A1")]
    assert reasons(told).splitlines()[:3] == [
        f"1 measure overdue, the oldest since {ago(10)[:10]}",
        "1 report whose customer was not satisfied",
        "1 report came back: 1 not fixed",
    ]


def test_an_escape_names_the_test_level_that_was_missing(tracker: Tracker) -> None:
    report = returned(tracker)
    told = tracker.json("trends", *AT)
    assert {name: one["now"] for name, one in counted(told, "missing_level").items()} == {"integration": 1}
    assert "1 escape that a test at level integration would have caught" in reasons(told)
    done = tracker.run("rca", "why", report, "--cause", "occurrence", "--missing-level", "unit")
    assert (done.code, "--cause escape" in done.err) == (2, True)


def test_a_fix_that_is_out_is_told_where_open_reports_show_the_same_error(tracker: Tracker) -> None:
    fixed = returned(tracker)
    (other,) = receive(tracker, some(1, (3, 2), error_message="EXPORT-507: worker terminated"))
    told = tracker.json("trends", *AT)
    assert [(one["report"], one["open"]) for one in told["fixes"]] == [(fixed, [other])]
    assert told["discuss"][-1]["command"] == f"issuelog affected {fixed}"


def test_at_most_ten_matters_and_every_command_shows_what_it_is_about(changed: Tracker) -> None:
    returned(changed)
    errors = [f"ERR-{number}: cannot open the {noun}" for number, noun in enumerate(("file", "door", "mail", "page"))]
    receive(changed, [one for error in errors for one in some(4, (20, 1), error_message=error)])
    told = changed.json("trends", *AT)
    assert 5 < len(told["discuss"]) <= 10
    for matter in told["discuss"]:
        command, *arguments = shlex.split(matter["command"])
        assert command == "issuelog"
        assert changed.ok(*arguments).strip(), matter


def test_a_terminal_shows_what_to_discuss_first_and_a_pipe_has_a_line_for_each(changed: Tracker) -> None:
    shown = changed.ok("--color", "always", "trends", *AT)
    assert shown.index("To discuss") < shown.index("By component") < shown.index("Customers")
    assert "  export  16   before 2  67 %   sum 67 %    grew" in shown
    lines = [line.split("\t") for line in changed.ok("trends", *AT).splitlines()]
    assert {len(line) for line in lines} == {11}
    told = changed.json("trends", *AT)
    sections = [line[0] for line in lines]
    assert sections.count("discuss") == len(told["discuss"])
    assert sections.count("missed") == len(told["missed"])


def test_a_calm_time_says_that_nothing_stands_out(tracker: Tracker) -> None:
    receive(tracker, [{"received_at": ago(200)}])
    tracker.ok("acknowledge", tracker.ids()[0], "--at", ago(199.99))
    assert "Nothing stands out" in tracker.ok("--color", "always", "trends", "--since", "5d", *AT)


def test_an_empty_tracker_has_no_trends(tracker: Tracker) -> None:
    assert tracker.ok("trends") == ""
    assert "no reports yet" in tracker.ok("--color", "always", "trends")
    assert tracker.json("trends")["discuss"] == []


@pytest.mark.parametrize("since", ["soon", "2099-01-01", "0d"])
def test_a_period_that_is_none_is_refused(changed: Tracker, since: str) -> None:
    done = changed.run("trends", "--since", since, *AT)
    assert (done.code, "--since" in done.err) == (2, True)


def test_names_that_others_chose_stay_data(changed: Tracker) -> None:
    evil = "x\x1b[31m'; touch /tmp/evil; \"\u202e"
    receive(changed, some(20, (60, 1), component=evil, customer=evil))
    shown = changed.ok("--color", "always", "trends", *AT)
    assert "\x1b[31m" not in shown
    assert "\u202e" not in shown
    (matter,) = [one for one in changed.json("trends", *AT)["discuss"] if "touch" in one["reason"]]
    assert shlex.split(matter["command"])[:2] == ["issuelog", "list"]
    assert len(shlex.split(matter["command"])) == 4
