from __future__ import annotations

import statistics
import sys
from pathlib import Path

import pytest

from support.cli import Tracker

sys.path.append(str(Path(__file__).parents[2]))

from bench.generate import build, lives, reports
from bench.issues import WORD, issues

from issuelog.store.reports import load

SEED = 7


@pytest.fixture(scope="module")
def made() -> list[tuple[str, bytes]]:
    return list(reports(1000, SEED))


def test_the_same_seed_gives_the_same_bytes() -> None:
    made = list(reports(200, SEED))
    assert list(reports(200, SEED)) == made
    assert list(reports(200, SEED + 1)) != made


def test_every_report_loads(made: list[tuple[str, bytes]]) -> None:
    assert len({name for name, _ in made}) == len(made)
    for name, content in made[:400]:
        assert load(content, f"{name}.yaml").report.id == name


def test_the_reports_are_a_mix(made: list[tuple[str, bytes]]) -> None:
    found = [load(content, f"{name}.yaml").report for name, content in made[::2]]
    days = [report.source.received_at for report in found]
    assert {report.state for report in found} == {"new", "acknowledged", "reproduced", "resolved", "rca", "closed"}
    assert len({report.customer.name for report in found}) > 5
    assert len({report.component for report in found}) > 5
    assert len({report.intake.environment.product for report in found}) > 3
    assert days == sorted(days)
    assert (days[-1] - days[0]).days > 700


def test_the_middling_report_has_about_3_kilobytes_and_some_have_50(made: list[tuple[str, bytes]]) -> None:
    sizes = [len(content) for _, content in made]
    assert 2_500 < statistics.median(sizes) < 3_500
    assert 50_000 < max(sizes) < 60_000
    assert 0.005 < sum(size > 40_000 for size in sizes) / len(sizes) < 0.03


def test_an_issue_for_another_tracker_is_a_report_without_its_structure() -> None:
    for (name, data), issue in zip(lives(100, SEED), issues(100, SEED), strict=True):
        assert (issue.title, issue.is_open) == (data["title"], data["state"] != "closed"), name
        assert data["story"].strip() in issue.text
        assert all(message["text"] in issue.text for message in data.get("messages", []))


def test_a_word_to_search_for_is_in_some_issues_and_not_in_all() -> None:
    assert 5 < sum(WORD in issue.text for issue in issues(100, SEED)) < 50


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
