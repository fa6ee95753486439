"""Two clones that changed one report, merged by git with the driver that `init` sets up."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from support.cli import Tracker


@pytest.fixture
def clones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Tracker, Tracker, str]:
    """Return two clones with one acknowledged report; git finds the `issuelog` of this environment."""
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    ours = Tracker.make(tmp_path / "ours")
    report = ours.complete()
    ours.ok("acknowledge", report)
    ours.git("clone", "-q", str(ours.root), str(tmp_path / "theirs"))
    theirs = Tracker(tmp_path / "theirs")
    for row in theirs.json("doctor"):
        if row["what"] == "merge driver":
            assert row["level"] == "warning"
    theirs.git("config", "merge.issuelog.driver", "issuelog merge-driver %O %A %B %P")
    return ours, theirs, report


def pull(into: Tracker, other: Tracker) -> None:
    into.git("pull", "-q", "--no-rebase", "--no-edit", str(other.root), "main")


def test_both_added_an_attempt_and_one_went_on(clones: tuple[Tracker, Tracker, str]) -> None:
    ours, theirs, report = clones
    ours.ok("reproduce", report, "--runs", "2", "--hits", "2", "--env", "version=8.10")
    ours.ok("triage", report, "--component", "export")
    theirs.ok("reproduce", report, "--runs", "3", "--hits", "0", "--env", "version=8.9")
    theirs.ok("note", report, "not with 8.9")
    pull(ours, theirs)
    pull(theirs, ours)
    merged = ours.show(report)
    assert merged == theirs.show(report)
    assert merged["state"] == "reproduced"
    assert {(one["id"], one["runs"]) for one in merged["attempts"]} in ({("R1", 2), ("R2", 3)}, {("R1", 3), ("R2", 2)})
    assert [event["action"] for event in merged["events"]].count("reproduce") == 2
    assert ours.run("check").code == 0
    assert ours.git("status", "--porcelain") == ""


def test_the_merge_is_the_same_whoever_merges(clones: tuple[Tracker, Tracker, str]) -> None:
    ours, theirs, report = clones
    ours.ok("assign", report, "Ana")
    theirs.ok("assign", report, "Kim")
    pull(ours, theirs)
    theirs.git("fetch", "-q", str(ours.root), "main")
    theirs.git("merge", "-q", "--no-edit", "FETCH_HEAD~1")
    ours_at, theirs_at = (tracker.path(report).read_bytes() for tracker in (ours, theirs))
    assert ours_at == theirs_at
    last = ours.show(report)["events"][-1]
    assert (last["action"], last["not_taken"]) == ("merge", {"owner": "Ana"})


def test_comments_of_both_sides_stay(clones: tuple[Tracker, Tracker, str]) -> None:
    ours, theirs, report = clones
    for tracker, line in ((ours, "title: "), (theirs, "intake:")):
        path = tracker.path(report)
        path.write_text(path.read_text().replace(f"\n{line}", f"\n# of {tracker.root.name}\n{line}"))
        tracker.git("commit", "-qam", "by hand")
        tracker.ok("assign", report, tracker.root.name)
        tracker.ok("note", report, tracker.root.name)
    pull(ours, theirs)
    pull(theirs, ours)
    text = ours.path(report).read_text()
    assert text == theirs.path(report).read_text()
    assert "\n# of ours\ntitle: " in text
    assert "\n# of theirs\nintake:" in text
    assert ours.run("check").code == 0
    assert {event["text"] for event in ours.show(report)["events"] if event["action"] == "note"} == {"ours", "theirs"}


def test_where_a_version_is_no_report_a_conflict_is_left_and_nothing_is_lost(
    clones: tuple[Tracker, Tracker, str],
) -> None:
    ours, theirs, report = clones
    ours.ok("assign", report, "Ana")
    broken = theirs.path(report)
    broken.write_text(broken.read_text().replace("severity: S4", "severity: S9\nowner: Kim"))
    theirs.git("commit", "-qam", "by hand")
    ours.git("pull", "-q", "--no-rebase", "--no-edit", str(theirs.root), "main", check=False)
    left = ours.path(report).read_text()
    assert "owner: Ana" in left
    assert "owner: Kim" in left
    done = ours.run("note", report, "x")
    assert done.code == 7
    assert "merge is in progress" in done.err
    assert ours.run("check").code == 6
