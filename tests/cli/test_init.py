"""`init` writes a policy file that explains every setting, and in which only what was decided is no comment."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from issuelog.cli.commands import init as command
from issuelog.config import load_policy
from issuelog.model.policy import Agreement, Policy
from support.cli import Tracker

EXAMPLES = {"people", "owners", "policies"}
"""The settings of which the file shows an example, since there are none by default; and the calendar's holidays."""


@pytest.fixture
def bare(tmp_path: Path) -> Tracker:
    return Tracker.make(tmp_path / "r", init=False)


def file_of(tracker: Tracker) -> Path:
    return tracker.root / ".issuelog/config.yaml"


def uncommented(text: str) -> str:
    """Return the file with every setting in force, as somebody makes it who takes every "# " away."""
    return re.sub(r"^# ", "", text, flags=re.MULTILINE)


def keys(model: type[BaseModel]) -> Iterator[str]:
    """Yield the keys of a model and of all that it holds."""
    for name, field in model.model_fields.items():
        yield field.alias or name
        for part in models(field.annotation):
            yield from keys(part)


def models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel) and "minutes" not in annotation.model_fields:
        yield annotation
    for part in get_args(annotation):
        yield from models(part)


def calendar(tracker: Tracker) -> dict[str, Any]:
    return {
        one["key"].removeprefix("calendars.business."): one["value"]
        for one in tracker.json("config", "show", "calendars")
        if one["origin"] != "default"
    }


def test_every_line_of_the_file_holds_once_its_mark_is_taken_away(tracker: Tracker) -> None:
    file = file_of(tracker)
    file.write_text(uncommented(file.read_text()))
    assert tracker.json("check") == []


def test_what_the_file_shows_is_what_holds_by_default(tracker: Tracker) -> None:
    file = file_of(tracker)
    assert load_policy(file) == Policy()
    file.write_text(uncommented(file.read_text()))
    shown = load_policy(file)
    assert all(getattr(shown, name) for name in EXAMPLES)
    business = shown.calendars["business"]
    assert business.holidays
    without = {"business": business.model_copy(update={"holidays": []})}
    assert shown.model_copy(update={name: getattr(Policy(), name) for name in EXAMPLES} | {"calendars": without}) == (
        Policy()
    )


def test_every_setting_there_is_stands_in_the_file_and_is_explained(tracker: Tracker) -> None:
    lines = file_of(tracker).read_text().splitlines()
    named = {found[1] for line in lines if (found := re.match(r"(?:# )? *(?:- )?([\w\"*-]+):", line))}
    assert named >= {*keys(Policy)}
    for above, line in pairwise(lines):
        if re.match(r"(?:# )?\w+:", line):
            assert above.startswith("## "), f"{line} is not explained"


def test_the_examples_speak_of_each_other(tracker: Tracker) -> None:
    file = file_of(tracker)
    file.write_text(uncommented(file.read_text()))
    policy = load_policy(file)
    assert {*policy.owners.values()} <= {*policy.people}
    (agreement,) = policy.policies
    assert {*Agreement.model_fields} == agreement.model_fields_set


def test_only_what_was_decided_is_no_comment(bare: Tracker) -> None:
    bare.ok("init", "--prefix", "BUG")
    assert [line for line in file_of(bare).read_text().splitlines() if line and line[0] != "#"] == ["prefix: BUG"]
    assert bare.new().startswith("BUG-")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--timezone", "Europe/Berlin"], {"timezone": "Europe/Berlin"}),
        (
            ["--timezone", "Europe/Berlin", "--country", "DE", "--region", "BY"],
            {"timezone": "Europe/Berlin", "country": "DE", "region": "BY"},
        ),
        (["--timezone", "UTC"], {"timezone": "UTC"}),
        (["--country", "NO"], {"timezone": "UTC", "country": "NO"}),
        ([], {}),
    ],
)
def test_the_working_hours_are_where_the_team_is(bare: Tracker, options: list[str], expected: dict[str, str]) -> None:
    done = bare.run("init", *options)
    assert done.code == 0, done.err
    assert (expected.get("timezone", "UTC") in done.err, done.err.count("\n")) == (True, 2)
    assert calendar(bare) == expected
    assert bare.json("check") == []
    assert bare.git("status", "--porcelain") == ""


@pytest.mark.parametrize(
    ("said", "zone"),
    [
        ("Asia/Kolkata", "Asia/Kolkata"),
        (":America/New_York", "America/New_York"),
        ("UTC", None),
        ("Etc/UTC", None),
        ("", None),
        ("CET-1CEST,M3.5.0,M10.5.0/3", None),
        ("/etc/passwd", None),
        ("../../etc/passwd", None),
    ],
)
def test_without_a_word_it_is_the_zone_of_the_environment(
    bare: Tracker, monkeypatch: pytest.MonkeyPatch, said: str, zone: str | None
) -> None:
    monkeypatch.setenv("TZ", said)
    bare.ok("init")
    assert calendar(bare).get("timezone") == zone


@pytest.mark.parametrize(
    ("target", "zone"),
    [
        ("/usr/share/zoneinfo/Europe/Berlin", "Europe/Berlin"),
        ("../usr/share/zoneinfo/posix/America/Argentina/Ushuaia", "America/Argentina/Ushuaia"),
        ("/var/db/timezone/zoneinfo/Asia/Tokyo", "Asia/Tokyo"),
        ("/usr/share/zoneinfo/Etc/UTC", None),
        ("/somewhere/else", None),
        (None, None),
    ],
)
def test_without_that_it_is_the_zone_of_the_machine(
    bare: Tracker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str | None, zone: str | None
) -> None:
    monkeypatch.delenv("TZ")
    monkeypatch.setattr(command, "_LOCALTIME", tmp_path / "localtime")
    if target:
        (tmp_path / "localtime").symlink_to(target)
    bare.ok("init")
    assert calendar(bare).get("timezone") == zone


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--timezone", "Europe/Berln"], ["--timezone", "Europe/Berlin"]),
        (["--country", "Germany"], ["--country", "ISO 3166"]),
        (["--country", "DE", "--region", "Bavaria"], ["--region", "Bavaria"]),
        (["--region", "BY"], ["--region", "country"]),
        (["--timezone", "a: b\n- c"], ["--timezone"]),
    ],
)
def test_a_calendar_that_cannot_be_is_refused_and_nothing_is_written(
    bare: Tracker, options: list[str], says: list[str]
) -> None:
    done = bare.run("init", *options)
    assert (done.code, done.out) == (2, "")
    assert all(word in done.err for word in says), done.err
    assert not (bare.root / ".issuelog").exists()


def test_a_dry_run_shows_the_file_as_it_would_be(bare: Tracker) -> None:
    shown = bare.ok("init", "--dry-run", "--timezone", "Asia/Tokyo")
    assert "+    timezone: Asia/Tokyo" in shown.splitlines()
    assert not (bare.root / ".issuelog").exists()
