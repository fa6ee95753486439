"""Two clones that changed one known error, or published one report: merged by git's driver, or by `sync` without it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from issuelog.model.known_error import KnownError
from issuelog.model.merge import merge_known_errors
from issuelog.store import known_errors
from issuelog.store.yamlfile import parse
from support.cli import Tracker
from support.known import KNOWN, known_text, put_known
from support.lives import READY, RESOLVE, lived

LATER = "2026-12-01T08:00:00Z"
LATEST = "2026-12-02T08:00:00Z"
PUBLISH = ("known-error", "publish", "--check", "the log")


@pytest.fixture
def clones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Tracker, Tracker]:
    """Return two clones with one known error; git finds the `issuelog` of this environment."""
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    ours = Tracker.make(tmp_path / "ours")
    put_known(ours, cause="memory", solution=["restart"], labels=["slow"])
    ours.git("add", "known-errors")
    ours.git("commit", "-q", "-m", "a known error")
    return ours, twin(ours, tmp_path)


def twin(ours: Tracker, folder: Path) -> Tracker:
    ours.git("config", "receive.denyCurrentBranch", "updateInstead")
    ours.git("clone", "-q", str(ours.root), str(folder / "theirs"))
    theirs = Tracker(folder / "theirs")
    theirs.git("config", "merge.issuelog.driver", "issuelog merge-driver %O %A %B %P")
    return theirs


def path(tracker: Tracker) -> Path:
    return tracker.root / "known-errors" / f"{KNOWN}.yaml"


def edited(tracker: Tracker, *edits: tuple[str, str], reviewed: str) -> None:
    """Edit the known error by hand, and review it."""
    text = path(tracker).read_text()
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    path(tracker).write_text(text)
    tracker.git("commit", "-qam", "by hand")
    tracker.ok("known-error", "review", KNOWN, "--at", reviewed, "--by", f"{tracker.root.name} <x@example.com>")


def pull(into: Tracker, other: Tracker) -> None:
    into.git("pull", "-q", "--no-rebase", "--no-edit", str(other.root), "main")


def known(tracker: Tracker) -> Any:
    return parse(path(tracker).read_text(), "x.yaml").plain()


def test_fields_of_both_sides_stay_and_the_later_review_decides(clones: tuple[Tracker, Tracker]) -> None:
    ours, theirs = clones
    edited(ours, ("cause: memory", "cause: too much memory"), ("- slow", "- slow\n  - big"), reviewed=LATEST)
    edited(
        theirs,
        ("cause: memory", "cause: the memory"),
        ("title: filler", "# why not\ntitle: Exports stop"),
        ("- slow", "- slow\n  - old"),
        reviewed=LATER,
    )
    pull(ours, theirs)
    pull(theirs, ours)
    assert path(ours).read_bytes() == path(theirs).read_bytes()
    merged = known(ours)
    assert (merged["cause"], merged["title"], merged["reviewed_at"]) == ("too much memory", "Exports stop", LATEST)
    assert merged["reviewed_by"] == "ours <x@example.com>"
    assert sorted(merged["labels"]) == ["big", "old", "slow"]
    assert "# why not\n" in path(ours).read_text()
    assert ours.run("check").code == 0
    assert ours.git("status", "--porcelain") == ""


def test_retired_on_one_side_and_edited_on_the_other_is_both(clones: tuple[Tracker, Tracker]) -> None:
    ours, theirs = clones
    ours.ok("known-error", "retire", KNOWN, "--because", "8.10 is gone")
    edited(theirs, ("- restart", "- restart it\n  - wait"), reviewed=LATER)
    pull(ours, theirs)
    merged = known(ours)
    assert (merged["retired"]["because"], merged["solution"]) == ("8.10 is gone", ["restart it", "wait"])
    assert ours.run("check").code == 0


def test_sync_merges_without_attributes_and_tells_what_the_later_side_decided(tmp_path: Path) -> None:
    remote = tmp_path / "remote.git"
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(remote)], check=True)
    ours = Tracker.make(tmp_path / "ours")
    ours.git("remote", "add", "origin", str(remote))
    put_known(ours, cause="memory")
    (ours.root / "known-errors" / ".gitattributes").unlink()
    ours.git("add", "-A")
    ours.git("commit", "-q", "-m", "a known error")
    ours.ok("sync")
    theirs = Tracker(tmp_path / "theirs")
    subprocess.run(["git", "clone", "-q", str(remote), str(theirs.root)], check=True)
    edited(ours, ("cause: memory", "cause: our memory"), reviewed=LATEST)
    edited(theirs, ("cause: memory", "cause: their memory"), reviewed=LATER)
    ours.ok("sync")
    done = theirs.run("sync")
    assert done.code == 0, done.err
    assert f"{KNOWN} is merged; of cause the later was taken" in done.out + done.err
    assert known(theirs)["cause"] == "our memory"
    ours.ok("sync")
    assert path(ours).read_bytes() == path(theirs).read_bytes()
    assert theirs.run("check").code == 0


def test_a_conflict_that_git_left_is_repaired(clones: tuple[Tracker, Tracker]) -> None:
    ours, theirs = clones
    edited(ours, ("cause: memory", "cause: our memory"), reviewed=LATEST)
    edited(theirs, ("cause: memory", "cause: their memory"), reviewed=LATER)
    ours.git("config", "--remove-section", "merge.issuelog")
    ours.git("pull", "-q", "--no-rebase", "--no-edit", str(theirs.root), "main", check=False)
    assert "<<<<<<<" in path(ours).read_text()
    assert {row["rule"] for row in json.loads(ours.run("check", "--json").out)} == {"conflict"}
    ours.ok("sync", "--resolve")
    assert known(ours)["cause"] == "our memory"
    assert ours.run("check").code == 0
    assert ours.git("status", "--porcelain") == ""


def doubled(ours: Tracker, theirs: Tracker) -> None:
    """Have both sides add one key, in places that git merges without a conflict."""
    for tracker in (ours, theirs):
        text = path(tracker).read_text()
        line = f"fixed_in: of {tracker.root.name}\n"
        path(tracker).write_text(text.replace("title:", f"{line}title:") if tracker is ours else text + line)
        tracker.git("commit", "-qam", "by hand")


def test_a_key_that_git_doubled_is_found_and_repaired(clones: tuple[Tracker, Tracker]) -> None:
    ours, theirs = clones
    doubled(ours, theirs)
    ours.git("config", "--remove-section", "merge.issuelog")
    pull(ours, theirs)
    assert path(ours).read_text().count("fixed_in:") == 2
    assert {row["rule"] for row in json.loads(ours.run("check", "--json").out)} == {"doubled_key"}
    ours.ok("sync", "--resolve")
    assert path(ours).read_text().count("fixed_in:") == 1
    assert ours.run("check").code == 0


def test_sync_sees_where_git_alone_would_double_a_key(clones: tuple[Tracker, Tracker]) -> None:
    ours, theirs = clones
    for tracker in (ours, theirs):
        (tracker.root / "known-errors" / ".gitattributes").unlink()
        tracker.git("commit", "-qam", "without attributes")
    doubled(ours, theirs)
    theirs.ok("sync")
    assert path(theirs).read_text().count("fixed_in:") == 1
    assert theirs.run("check").code == 0


def test_where_a_version_is_no_known_error_a_conflict_is_left_and_nothing_is_lost(
    clones: tuple[Tracker, Tracker],
) -> None:
    ours, theirs = clones
    edited(ours, ("cause: memory", "cause: our memory"), reviewed=LATEST)
    path(theirs).write_text(path(theirs).read_text().replace("cause: memory", "cause: their memory\nsources: x"))
    theirs.git("commit", "-qam", "by hand")
    ours.git("pull", "-q", "--no-rebase", "--no-edit", str(theirs.root), "main", check=False)
    assert "our memory" in path(ours).read_text()
    assert "their memory" in path(ours).read_text()
    assert ours.run("check").code == 6


def test_two_clones_that_publish_one_report_merge_to_what_is_valid_and_check_explains_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    life = lived(tmp_path, *READY, RESOLVE)
    ours, theirs = life.tracker, twin(life.tracker, tmp_path)
    one = ours.ok(*PUBLISH, life.id, "--title", "Exports stop", "-q").strip()
    other = theirs.ok(*PUBLISH, life.id, "--title", "Long exports", "-q").strip()
    pull(ours, theirs)
    pull(theirs, ours)
    assert ours.show(life.id) == theirs.show(life.id)
    linked = ours.show(life.id)["links"]["known_error"]
    (left,) = {one, other} - {linked}
    assert {row["id"] for row in ours.json("known-error", "list")} == {one, other}
    done = ours.run("check")
    assert done.code == 1
    assert f"{left}.yaml" in done.out
    assert f"{life.id}, of which it was made, names {linked}" in done.out
    ours.ok("known-error", "retire", left, "--because", f"it is {linked}")
    assert ours.run("check").code == 0


BASE = {"cause": "memory", "solution": ["restart"], "labels": ["slow"]}


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ({"cause": "a"}, {"cause": "b"}),
        ({"cause": "a", "reviewed_at": LATER}, {"title": "b"}),
        ({"solution": ["restart", "wait"]}, {"solution": ["restart", "update"]}),
        ({"solution": []}, {"solution": ["restart", "update"]}),
        ({"retired": {"at": LATER, "by": "x", "because": "y"}}, {"retired": {"at": LATEST, "by": "z", "because": "w"}}),
        ({"further": "a"}, {"further": "b"}),
    ],
)
def test_the_merge_is_the_same_whoever_merges_and_is_a_known_error(ours: Any, theirs: Any) -> None:
    base, mine, other = data_of(BASE), data_of({**BASE, **ours}), data_of({**BASE, **theirs})
    merged, _ = merge_known_errors(base, mine, other)
    assert merge_known_errors(base, other, mine)[0] == merged
    assert merge_known_errors(mine, merged, mine)[0] == merged
    assert KnownError.model_validate(merged)


def data_of(fields: dict[str, Any]) -> dict[str, Any]:
    text = known_text(**{key: value for key, value in fields.items() if value != []})
    return parse(known_errors.load(text.encode(), f"{KNOWN}.yaml").text, "x.yaml").plain()


def test_two_known_errors_of_one_id_are_left_to_people(clones: tuple[Tracker, Tracker]) -> None:
    ours, theirs = clones
    second = "KE-261116-0002"
    for tracker, by in ((ours, "rita"), (theirs, "otto")):
        put_known(tracker, second, title=by).write_text(known_text(second, title=by).replace("by: rita", f"by: {by}"))
        tracker.git("add", "known-errors")
        tracker.git("commit", "-q", "-m", "one more")
    ours.git("pull", "-q", "--no-rebase", "--no-edit", str(theirs.root), "main", check=False)
    text = (ours.root / "known-errors" / f"{second}.yaml").read_text()
    assert "title: rita" in text
    assert "title: otto" in text
    done = ours.run("sync", "--resolve")
    assert "two known errors of one id" in done.out + done.err
