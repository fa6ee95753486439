"""Figures: counts, times, rates and satisfaction of a period, and of what reports have in common."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support.cli import Tracker
from support.received import receive

POLICY = """
calendars:
  business:
    timezone: Europe/Berlin
    week: {mon-fri: ["09:00-17:00"]}
targets:
  S3: {acknowledge: 4h business}
  S4: {acknowledge: 8h}
"""
SOLUTION = (
    *("--cause=kept in memory", "--kind=docs", "--summary=line by line", "--ref=pr:1", "--version=1.2"),
    *("--tested-automated=lines", "--tested-manual=steps", "--place=production"),
)
NOW = "2026-03-31T12:00Z"


def lived(tracker: Tracker) -> None:
    """One report on Friday, answered on Monday, resolved, not fixed, and fixed at last; and one that waits."""
    with (tracker.root / ".issuelog/config.yaml").open("a", encoding="utf-8") as config:
        config.write(POLICY)
    tracker.git("commit", "-qam", "policy")
    first = tracker.complete("--component", "export", "--at", "2026-03-06T15:00Z", severity="S3")
    receive(
        tracker,
        [{"component": "login", "severity": "S1", "received_at": "2026-03-20T10:00:00Z", "customer": "Initech"}],
    )

    def take(at: str, verb: str, *options: str) -> None:
        tracker.ok(verb, first, *options, "--at", f"2026-03-{at}Z")

    take("09T09:00", "acknowledge", "--next-update", "2026-03-09T15:00Z")
    take("09T10:00", "reproduce", "--runs", "2", "--hits", "2", "--place", "staging")
    take("09T12:00", "resolve", *SOLUTION)
    take("10T12:00", "verify", "--not-fixed", "--score", "2")
    take("10T13:00", "reopen", "--reason", "not_fixed", "--evidence", "the customer says so")


@pytest.fixture
def life(tmp_path: Path) -> Tracker:
    """A tracker with a past, for one test."""
    return Tracker.filled(tmp_path / "life", lived)


def figure(told: dict[str, Any], section: str, name: str, unit: str | None = None) -> dict[str, Any]:
    found = [one for one in told["figures"] if (one["section"], one["figure"]) == (section, name)]
    (one,) = [one for one in found if unit is None or one["unit"] == unit]
    return dict(one)


def count(tracker: Tracker, name: str, *options: str) -> int:
    return int(figure(tracker.json("stats", "--at", NOW, *options), "reports", name)["n"])


def test_reports_are_counted_by_what_happened_in_the_period(life: Tracker) -> None:
    names = ("received", "resolved", "closed", "reopened", "open before", "open after")
    assert [count(life, name) for name in names] == [2, 1, 0, 1, 0, 2]
    assert [count(life, name, "--since", "2026-03-10") for name in names] == [1, 0, 0, 1, 1, 2]
    early = ("--since", "2026-03-01", "--until", "2026-03-10")
    assert [count(life, name, *early) for name in names] == [1, 1, 0, 0, 0, 1]


def test_states_are_those_at_the_end_of_the_period(life: Tracker) -> None:
    then = life.json("stats", "--until", "2026-03-10", "--at", NOW)
    assert [one["figure"] for one in then["figures"] if one["section"] == "state" and one["n"]] == ["resolved"]
    assert then["reports"] == 1


def test_an_answer_is_measured_in_working_time_where_its_calendar_closes_and_in_elapsed_time_elsewhere(
    life: Tracker,
) -> None:
    """From Friday 16:00 to Monday 10:00 in Berlin there are two hours of work; an S1 is answered round the clock."""
    told = life.json("stats", "--at", NOW)
    worked = figure(told, "time", "acknowledge")
    assert (worked["unit"], worked["n"], worked["value"]) == ("working seconds", 1, 2 * 3600)
    assert worked["p90"] is None
    resolved = figure(told, "time", "resolve")
    assert resolved["unit"] == "seconds"
    life.ok("acknowledge", life.ids()[1], "--at", "2026-03-20T10:30Z", "--next-update", "2026-03-20T11:00Z")
    both = life.json("stats", "--at", NOW)
    assert figure(both, "time", "acknowledge", "seconds")["value"] == 30 * 60
    assert figure(both, "time", "acknowledge", "working seconds")["value"] == 2 * 3600


def test_what_nothing_is_known_of_is_none_and_never_zero(life: Tracker) -> None:
    told = life.json("stats", "--at", NOW)
    closing = figure(told, "time", "close")
    assert (closing["n"], closing["value"], closing["p90"]) == (0, None, None)
    later = life.json("stats", "--since", "2026-03-20", "--at", NOW)
    mean, answered = figure(later, "satisfaction", "mean"), figure(later, "satisfaction", "4 or 5")
    assert (mean["n"], mean["value"], answered["value"], answered["low"]) == (0, None, None, None)
    shown = life.ok("--color", "always", "stats", "--at", NOW)
    assert re.search(r"^ +close, elapsed +– +0$", shown, re.MULTILINE)


def test_rates_say_of_how_many_they_are_and_between_what_they_lie(life: Tracker) -> None:
    told = life.json("stats", "--at", NOW)
    back = figure(told, "rate", "reopened")
    assert (back["count"], back["n"], back["value"]) == (1, 1, 1.0)
    assert 0.15 < back["low"] < 0.25
    assert back["high"] == 1.0
    assert figure(told, "verified", "not_fixed")["value"] == 1.0
    assert figure(told, "verified", "confirmed")["count"] == 0
    assert figure(told, "satisfaction", "mean")["value"] == 2
    assert figure(told, "satisfaction", "4 or 5")["value"] == 0
    assert figure(told, "rate", "not reproduced")["value"] == 0
    assert figure(told, "rate", "complete at once")["value"] == 1


def test_a_clock_is_kept_or_broken_when_it_was_answered_or_ran_out(life: Tracker) -> None:
    def kept(*options: str) -> tuple[int, int]:
        found = [
            one
            for one in life.json("stats", "--at", NOW, *options)["figures"]
            if (one["section"], one["figure"]) == ("kept", "acknowledge")
        ]
        return (found[0]["count"], found[0]["n"]) if found else (0, 0)

    assert kept() == (1, 2)  # the S1 of the 20th was never answered
    assert kept("--until", "2026-03-20T10:00:01Z") == (1, 1)
    assert kept("--since", "2026-03-21") == (0, 0)
    life.ok("acknowledge", life.ids()[1], "--at", "2026-03-21T10:00Z")
    assert kept() == (1, 2)  # an answer that comes late does not mend it


def test_duplicates_and_recurrences_are_counted(life: Tracker) -> None:
    first, second = life.ids()
    life.ok("duplicate", second, "--of", first, "--at", "2026-03-21T10:00Z")
    told = life.json("stats", "--at", NOW)
    assert (figure(told, "rate", "duplicates")["count"], figure(told, "rate", "duplicates")["n"]) == (1, 2)
    assert count(life, "closed") == 1
    assert figure(told, "rate", "recurred")["count"] == 0
    life.ok("set", second, f"links.recurrence_of={first}")
    assert figure(life.json("stats", "--at", NOW), "rate", "recurred")["count"] == 1


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("component", ["export", "login"]),
        ("severity", ["S1", "S3"]),
        ("customer", ["Acme GmbH", "Initech"]),
        ("kind", ["docs", None]),
        ("month", ["2026-03"]),
    ],
)
def test_figures_can_be_had_by_what_reports_have_in_common(life: Tracker, by: str, expected: list[str | None]) -> None:
    told = life.json("stats", "--by", by, "--at", NOW)
    assert [one["group"] for one in told["groups"]] == expected
    received = [figure(one, "reports", "received")["n"] for one in told["groups"]]
    assert sum(received) == figure(told, "reports", "received")["n"] == 2
    lines = life.ok("stats", "--by", by, "--at", NOW).splitlines()
    assert {line.split("\t")[0] for line in lines} == {name or "" for name in expected}
    assert (expected[0] or "") in life.ok("--color", "always", "stats", "--by", by, "--at", NOW)


def test_a_query_picks_the_reports(life: Tracker) -> None:
    assert count(life, "received", "component:login") == 1
    assert life.ok("stats", "component:nothing", "--at", NOW) == ""
    assert "no report matches" in life.ok("--color", "always", "stats", "component:nothing")


def test_a_pipe_has_a_line_for_each_figure_and_json_the_same(life: Tracker) -> None:
    rows = life.json("stats", "--at", NOW)["figures"]
    lines = [line.split("\t") for line in life.ok("stats", "--at", NOW).splitlines()]
    assert [line[:2] for line in lines] == [[row["section"], row["figure"]] for row in rows]
    assert [json.loads(line) for line in life.ok("stats", "--at", NOW, "--ndjson").splitlines()] == rows


def test_an_empty_tracker_says_so(tracker: Tracker) -> None:
    assert tracker.ok("stats") == ""
    assert "no reports yet" in tracker.ok("--color", "always", "stats")
    assert tracker.json("stats")["reports"] == 0


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--by", "weather"), "--by is 'weather'; it has to be one of component,"),
        (("--since", "soon"), "--since: 'soon' is not a time"),
        (("--since", "2026-03-01", "--until", "2026-02-01"), "not before the end of the period"),
        (("color:red",), "color"),
        (("--ndjson", "--json"), "exclude each other"),
    ],
)
def test_wrong_input_is_named(life: Tracker, options: tuple[str, ...], words: str) -> None:
    done = life.run("stats", *options)
    assert (done.code, words in done.err) == (2, True), done.err


def test_a_file_that_cannot_be_read_is_not_counted_and_named(life: Tracker) -> None:
    life.path(life.ids()[0]).write_text("schema: 1\n")
    done = life.run("--json", "stats", "--at", NOW)
    assert (done.code, done.json["reports"]) == (0, 1)
    assert "not counted (issuelog check)" in done.err


def test_names_that_customers_chose_cannot_paint_the_terminal(life: Tracker) -> None:
    receive(life, [{"customer": "Ltd\x1b[31m\u202e Evil", "received_at": "2026-03-22T10:00:00Z"}])
    shown: Callable[..., str] = life.ok
    for told in (shown("stats", "--by", "customer"), shown("--color", "always", "stats", "--by", "customer")):
        assert "\x1b[31m" not in told
        assert "\u202e" not in told
        assert "Ltd" in told
