"""Completion in the shells themselves, at a terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from hostile.payloads import assert_inert
from support.cli import Tracker
from support.completing import KIM, START, at_hand, by_fish, hostile_tracker, ids, lively_tracker, shell


@pytest.fixture
def lively(tmp_path: Path) -> Tracker:
    return lively_tracker(tmp_path / "repository")


@pytest.fixture
def hostile(tmp_path: Path) -> Tracker:
    return hostile_tracker(tmp_path / "repository")


TAB = "\t"
IN_QUOTES = {
    "bash": {
        "list 'customer:Ac": "list 'customer:\"Acme GmbH\"'",
        'list "customer:Ac': 'list "customer:Ac',
        'assign X "Kim L': f'assign X "{KIM}"',
        'attach X "one': 'attach X "one dir"/',
    },
    "zsh": {
        "list 'customer:Ac": "list 'customer:\"Acme GmbH\"' ",
        'list "customer:Ac': r'list "customer:\"Acme GmbH\"" ',
        'assign X "Kim L': f'assign X "{KIM}" ',
        'attach X "one': 'attach X "one dir/',
    },
}
"""What is the same to both, and looks different."""


@pytest.mark.parametrize("name", START)
def test_a_shell_completes_the_line(name: str, lively: Tracker, monkeypatch: pytest.MonkeyPatch) -> None:
    export = ids(lively)["Export: stops at half"]
    escaped = r"Kim\ Lee\ \<kim@example.com\>"
    (lively.root / "one dir/two").mkdir(parents=True)
    with shell(name, lively, monkeypatch) as there:
        for typed, expected in {
            "sho": "show ",
            f"show {export[:-1]}": f"show {export} ",
            f"show {export[-4:].lower()}": f"show {export} ",
            "show C": "show CR-2611",
            "list stat": "list state:",
            "list state:n": "list state:n",
            "list state:new,ack": "list state:new,acknowledged ",
            "list is:o": "list is:o",
            "list is:ov": "list is:overdue ",
            "list --state=ack": "list --state=acknowledged ",
            "list --stat": "list --state ",
            "list -sev:": "list -sev:S",
            "list owner:k": "list owner:kim@example.com ",
            "list owner:kim@ex": "list owner:kim@example.com ",
            "list customer:Ac": r"list customer:\"Acme\ GmbH\" ",
            "assign X ki": f"assign X {escaped} ",
            r"assign X Kim\ L": f"assign X {escaped} ",
            "attach X one": r"attach X one\ dir/",
            "export csv --output=rep": "export csv --output=reports/",
            "note X @rep": "note X @reports/",
            "-C rep": "-C reports/",
            "-C reports/.. sho": "-C reports/.. show ",
            "list | issuelog sho": "list | issuelog show ",
            "nonsense x": "nonsense x",
            **IN_QUOTES[name],
        }.items():
            assert there.line_after(f"issuelog {typed}{TAB}") == f"issuelog {expected}", typed


@pytest.mark.parametrize("name", START)
def test_what_was_typed_of_several_ids_stays_and_they_are_listed(
    name: str, lively: Tracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = lively.path(ids(lively)["A typo"])
    others = [path.with_name(f"{path.stem[:-4]}{last}.yaml") for last in ("VZ01", "2VZ2")]
    for other in others:
        other.write_text(path.read_text().replace(path.stem, other.stem))
    lively.ok("list")
    with shell(name, lively, monkeypatch) as there:
        assert there.line_after(f"issuelog show VZ{TAB}{TAB}") == "issuelog show VZ"
        assert all(other.stem in there.screen for other in others)
        assert ("A typo" in there.screen) == (name == "zsh")


@pytest.mark.parametrize("name", START)
def test_an_issuelog_that_does_not_run_is_silent(name: str, lively: Tracker, monkeypatch: pytest.MonkeyPatch) -> None:
    with shell(name, lively, monkeypatch) as there:
        (lively.root.parent / "bin/issuelog").write_text("#!/bin/sh\necho trouble >&2\nexit 3\n")
        assert there.line_after(f"issuelog sho{TAB}{TAB}") == "issuelog sho"
        assert "trouble" not in there.screen


@pytest.mark.parametrize("name", START)
def test_a_shell_runs_nothing_that_a_stranger_wrote(
    name: str, hostile: Tracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    with shell(name, hostile, monkeypatch) as there:
        for typed in ("show ", "list owner:", "list customer:", "assign X ", 'assign X "', "list 'owner:"):
            line = there.line_after(f"issuelog {typed}{TAB}{TAB}")
            assert "touch" not in line
            assert "\x1b[2J" not in there.screen
            if name == "zsh" and typed == "show ":
                assert "%F{red}%n :a: x" in there.screen
    assert not [*hostile.root.rglob("owned")]


def test_fish_completes_the_line(lively: Tracker, monkeypatch: pytest.MonkeyPatch) -> None:
    at_hand("fish", lively, monkeypatch)
    export = ids(lively)["Export: stops at half"]
    (lively.root / "one dir").mkdir()
    for typed, expected in {
        "sho": {"show\tShow a report"},
        f"show {export[:-1]}": {f"{export}\tExport: stops at half"},
        f"show {export[-4:]}": {f"{export}\tExport: stops at half"},
        "list state:new,ack": {"state:new,acknowledged"},
        "list --state=ack": {"--state=acknowledged"},
        "list owner:Kim": {f"owner:kim@example.com\t{KIM}"},
        "assign X Kim": {KIM},
        'assign X "Kim L': {KIM},
        r"assign X Kim\ L": {KIM},
        "attach X one": {"one dir/"},
        "export csv --output=rep": {"--output=reports/"},
        "note X @rep": {"@reports/"},
        "-C rep": {"reports/"},
        "-C reports/.. sho": {"show\tShow a report"},
        "nonsense x": set(),
    }.items():
        assert {*by_fish(f"issuelog {typed}", lively)} == expected, typed


def test_fish_runs_nothing_that_a_stranger_wrote(hostile: Tracker, monkeypatch: pytest.MonkeyPatch) -> None:
    at_hand("fish", hostile, monkeypatch)
    for typed in ("show ", "list owner:", "assign X ", "list customer:"):
        assert_inert("\n".join(by_fish(f"issuelog {typed}", hostile)))
    assert not [*hostile.root.rglob("owned")]
