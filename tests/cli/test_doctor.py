"""`doctor` says what is not in order, and mends what needs no decision."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.cli import Tracker


@pytest.fixture
def tracker(tmp_path: Path) -> Tracker:
    return Tracker.make(tmp_path / "r")


def level(tracker: Tracker, what: str) -> str:
    found: dict[str, str] = {row["what"]: row["level"] for row in tracker.run("--json", "doctor").json}
    return found.get(what, "none")


def test_all_is_well_after_init(tracker: Tracker) -> None:
    tracker.new()
    assert {row["level"] for row in tracker.json("doctor")} == {"ok"}
    assert tracker.ok("doctor", "--fix") == tracker.ok("doctor")


def test_a_clone_without_the_driver_is_told_of_it(tracker: Tracker) -> None:
    tracker.git("config", "--unset", "merge.issuelog.driver")
    assert level(tracker, "merge driver") == "warning"
    done = tracker.run("doctor", "--fix")
    assert (done.code, "told git of the merge driver" in done.err) == (0, True), done.err
    assert level(tracker, "merge driver") == "ok"


def test_an_index_that_fell_behind_is_brought_up_and_nothing_else_is_touched(tracker: Tracker) -> None:
    """Git reads the index before it locks it, and can so write one that lacks what came in between."""
    report = tracker.new()
    path = str(tracker.path(report).relative_to(tracker.root))
    tracker.ok("note", report, "lost from the index")
    tracker.git("update-index", "--cacheinfo", f"100644,{tracker.git('rev-parse', f'HEAD~:{path}').strip()},{path}")
    (tracker.root / "mine").write_text("staged\n")
    tracker.git("add", "mine")
    done = tracker.run("doctor")
    assert (done.code, "would revert it" in done.out, "doctor --fix" in done.out) == (1, True, True), done.out
    done = tracker.run("doctor", "--fix")
    assert (done.code, path in done.err) == (0, True), done.out + done.err
    assert tracker.git("status", "--porcelain") == "A  mine\n"


def test_nothing_is_mended_in_the_middle_of_a_merge(tracker: Tracker) -> None:
    (tracker.root / ".git/MERGE_HEAD").write_text(tracker.git("rev-parse", "HEAD"))
    assert tracker.run("doctor", "--fix").code == 7
    assert tracker.run("doctor", "--fix", "--dry-run").code == 2


def test_a_repository_that_git_refuses_is_an_error(tracker: Tracker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    done = tracker.run("doctor")
    assert (done.code, "safe.directory" in done.out) == (1, True), done.out
