from __future__ import annotations

import statistics
import sys
from pathlib import Path

import pytest

from support.cli import Tracker

sys.path.append(str(Path(__file__).parents[2]))

from bench.generate import build, reports

from issuelog.store.reports import load

SEED = 7


@pytest.fixture(scope="module")
def made() -> list[tuple[str, bytes]]:
    return list(reports(400, SEED))


def test_the_same_seed_gives_the_same_bytes(made: list[tuple[str, bytes]]) -> None:
    assert list(reports(400, SEED)) == made
    assert list(reports(400, SEED + 1)) != made


def test_every_report_loads(made: list[tuple[str, bytes]]) -> None:
    assert len({name for name, _ in made}) == len(made)
    for name, content in made:
        assert load(content, f"{name}.yaml").report.id == name


def test_the_reports_are_a_mix(made: list[tuple[str, bytes]]) -> None:
    found = [load(content, f"{name}.yaml").report for name, content in made]
    sizes = [len(content) for _, content in made]
    days = [report.source.received_at for report in found]
    assert {report.state for report in found} == {"new", "acknowledged", "reproduced", "resolved", "rca", "closed"}
    assert len({report.customer.name for report in found}) > 5
    assert len({report.component for report in found}) > 5
    assert len({report.intake.environment.product for report in found}) > 3
    assert 2_000 < statistics.median(sizes) < 5_000
    assert max(sizes) > 35_000
    assert days == sorted(days)
    assert (days[-1] - days[0]).days > 700


@pytest.mark.parametrize("one_commit", [False, True])
def test_a_built_repository_is_clean_and_sound(tmp_path: Path, one_commit: bool) -> None:
    tracker = Tracker(tmp_path / "built")
    build(tracker.root, 50, seed=SEED, one_commit=one_commit)
    assert tracker.git("status", "--porcelain", "--untracked-files=all") == ""
    assert len(tracker.subjects()) == (2 if one_commit else 51)
    assert tracker.json("check") == []
    assert len(tracker.json("list")) == 50


def test_a_built_repository_takes_a_change(tmp_path: Path) -> None:
    tracker = Tracker(tmp_path / "built")
    build(tracker.root, 3, seed=SEED)
    report = tracker.json("list")[0]["id"]
    tracker.ok("note", report, "seen again")
    assert tracker.git("status", "--porcelain") == ""
    assert tracker.show(report)["events"][-1]["text"] == "seen again"
