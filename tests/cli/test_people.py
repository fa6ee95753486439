"""Short names of people, as the policy has them."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from support.cli import Tracker

KIM = "Kim Lee <kim@example.com>"


@pytest.fixture
def team(tracker: Tracker) -> Tracker:
    with (tracker.root / ".issuelog/config.yaml").open("a", encoding="utf-8") as config:
        config.write("people: {kim: Kim Lee <kim@example.com>, li: Li Wei <li@example.com>}\n")
    return tracker


@pytest.mark.parametrize("typed", ["kim", "Kim", " KIM ", KIM])
def test_a_person_goes_by_a_short_name_in_any_case(team: Tracker, typed: str) -> None:
    report = team.new("--owner", typed)
    assert team.show(report)["owner"] == KIM


@pytest.mark.parametrize(
    "command",
    [
        ["assign", "ID", "kimm"],
        ["triage", "ID", "--owner", "kimm"],
        ["new", "--story", "x", "--anonymous", "--owner", "kimm"],
    ],
    ids=lambda command: command[0],
)
def test_a_name_that_nobody_has_is_taken_with_a_warning(team: Tracker, command: Sequence[str]) -> None:
    report = team.new()
    done = team.run(*(report if word == "ID" else word for word in command))
    assert (done.code, "kimm is none of the people" in done.err, "did you mean kim?" in done.err) == (0, True, True)


def test_where_the_policy_names_nobody_every_name_is_taken(tracker: Tracker) -> None:
    report = tracker.new()
    assert "none of the people" not in tracker.run("assign", report, "kimm").err
    assert tracker.show(report)["owner"] == "kimm"
