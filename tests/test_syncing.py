"""Sharing: two clones and a bare remote, driven by the command line alone."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from issuelog.vcs.git import Git
from support.cli import Tracker
from support.copying import copy_tree
from support.faults import kill


@pytest.fixture
def remote(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    folder = tmp_path / "remote.git"
    if "report" in request.fixturenames:
        copy_tree(shared(tmp_path.parent) / folder.name, folder)
    else:
        make_remote(folder)
    return folder


@pytest.fixture
def ours(remote: Path, request: pytest.FixtureRequest) -> Tracker:
    if "report" in request.fixturenames:
        return copied("ours", remote)
    return make_ours(remote)


@pytest.fixture
def report(ours: Tracker) -> str:
    """A report that is shared already."""
    return ours.ids()[0]


@pytest.fixture
def theirs(report: str, remote: Path) -> Tracker:
    """A clone made after `report` was shared."""
    return copied("theirs", remote)


def shared(folder: Path) -> Path:
    """Return where `ours`, its remote and the clone `theirs` lie with one report: made once, copied for each test."""
    made = folder / "shared"
    remote = made / "remote.git"
    if not made.exists():
        made.mkdir()
        make_remote(remote)
        ours = make_ours(remote)
        ours.complete()
        ours.ok("sync")
        clone(remote)
    return made


def copied(name: str, remote: Path) -> Tracker:
    """Return a copy of what is shared that has this copy of the remote for its own."""
    made = shared(remote.parent.parent)
    copy = Tracker.copied(made / name, remote.parent / name)
    config = copy.root / ".git/config"
    config.write_text(config.read_text().replace(str(made / remote.name), str(remote)))
    return copy


def make_remote(folder: Path) -> None:
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(folder)], check=True)


def make_ours(remote: Path) -> Tracker:
    tracker = Tracker.make(remote.parent / "ours")
    tracker.git("remote", "add", "origin", str(remote))
    return tracker


def clone(remote: Path, name: str = "theirs") -> Tracker:
    target = remote.parent / name
    subprocess.run(["git", "clone", "-q", str(remote), str(target)], check=True)
    return Tracker(target)


def same(*trackers: Tracker) -> bool:
    """Whether all are at one commit, clean, and valid."""
    for tracker in trackers:
        assert tracker.git("status", "--porcelain") == ""
        assert tracker.run("check").code == 0, tracker.run("check").out
    return len({tracker.git("rev-parse", "HEAD") for tracker in trackers}) == 1


def share(*trackers: Tracker) -> None:
    """Sync each, and the first again, so that all have everything."""
    for tracker in (*trackers, *trackers[:-1]):
        tracker.ok("sync")
    assert same(*trackers)


def test_without_a_remote_it_says_so(tmp_path: Path) -> None:
    tracker = Tracker.make(tmp_path / "alone")
    assert "there is no remote" in tracker.ok("sync")
    assert tracker.json("sync")["remote"] is None


def test_the_first_sync_brings_the_branch_to_an_empty_remote(ours: Tracker, remote: Path) -> None:
    ours.new()
    done = ours.json("sync")
    assert done == {"remote": "origin/main", "pulled": 0, "pushed": 2, "commit": None, "notes": []}
    assert ours.git("rev-parse", "@{upstream}") == ours.git("rev-parse", "HEAD")
    assert "both are the same" in ours.ok("sync")


def test_a_clone_gets_the_driver_and_what_is_new(ours: Tracker, theirs: Tracker, report: str) -> None:
    ours.ok("acknowledge", report)
    ours.ok("sync")
    assert theirs.json("sync")["pulled"] == 1
    assert theirs.show(report)["state"] == "acknowledged"
    assert {row["what"]: row["level"] for row in theirs.json("doctor")}["merge driver"] == "ok"


def test_both_acknowledge(ours: Tracker, theirs: Tracker, report: str) -> None:
    ours.ok("acknowledge", report)
    theirs.ok("acknowledge", report, "--by", "Kim <kim@example.com>")
    share(ours, theirs)
    shown = ours.show(report)
    assert shown["state"] == "acknowledged"
    assert [event["action"] for event in shown["events"]].count("acknowledge") == 2
    assert len(shown["messages"]) == 2


def test_both_add_attempts_and_one_resolves_while_the_other_asks(ours: Tracker, theirs: Tracker, report: str) -> None:
    ours.ok("acknowledge", report)
    share(ours, theirs)
    reproduce = ("reproduce", report, "--runs", "2", "--env", "version=8.10", "--place", "sandbox")
    ours.ok(*reproduce, "--hits", "2")
    theirs.ok(*reproduce, "--hits", "1", "--note", "theirs")
    theirs.ok("ask", report, "-q", "Which browser?")
    ours.ok(
        *("resolve", report, "--cause", "a timeout", "--kind", "code", "--summary", "longer", "--ref", "pr:7"),
        *("--tested-automated", "a", "--tested-manual", "b", "--version", "8.11", "--place", "production"),
    )
    theirs.ok("sync")
    ours.ok("sync")
    theirs.ok("sync")
    assert same(ours, theirs)
    shown = ours.show(report)
    assert shown["state"] == "resolved"
    assert shown["waiting_on"] == "customer"
    assert sorted(attempt["hits"] for attempt in shown["attempts"]) == [1, 2]
    assert [question["text"] for question in shown["questions"]] == ["Which browser?"]
    assert len({attempt["id"] for attempt in shown["attempts"]}) == 2


def test_one_attachment_name_on_both_sides(ours: Tracker, theirs: Tracker, report: str, tmp_path: Path) -> None:
    for tracker in (ours, theirs):
        (tmp_path / "a.log").write_text(f"the log of {tracker.root.name}\n")
        tracker.ok("attach", report, str(tmp_path / "a.log"))
    share(ours, theirs)
    folder = ours.root / "attachments" / report
    assert sorted(path.name for path in folder.iterdir()) == ["a-2.log", "a.log"]
    assert {path.read_text() for path in folder.iterdir()} == {"the log of ours\n", "the log of theirs\n"}
    assert {one["file"] for one in ours.show(report)["attachments"]} == {"a.log", "a-2.log"}


def of_one_id(monkeypatch: pytest.MonkeyPatch, *trackers: Tracker, attach: Path) -> str:
    """Let each make a report with the same id, and an attachment of the same name."""
    monkeypatch.setattr("issuelog.tracker.random_number", lambda: 4711)
    ids = set()
    for tracker in trackers:
        attach.write_text(f"of {tracker.root.name}\n")
        ids.add(tracker.new("--attach", str(attach), story=f"I am {tracker.root.name}"))
    monkeypatch.undo()
    assert len(ids) == 1
    return ids.pop()


def test_two_reports_of_one_id_are_both_kept(
    ours: Tracker, theirs: Tracker, report: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    made = of_one_id(monkeypatch, ours, theirs, attach=tmp_path / "a.log")
    ours.ok("note", made, "of the elder")
    share(ours, theirs)
    elder = ours.show(made)
    [younger] = [shown for row in ours.json("list") if made in (shown := ours.show(row["id"])).get("also_known_as", [])]
    assert (elder["story"], younger["story"]) == ("I am ours", "I am theirs")
    for shown, text in ((elder, "of ours\n"), (younger, "of theirs\n")):
        assert (ours.root / "attachments" / shown["id"] / "a.log").read_text() == text
    assert len(ours.json("list")) == 3


def test_two_reports_of_one_id_get_the_same_new_id_whoever_merges(
    ours: Tracker, theirs: Tracker, report: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    of_one_id(monkeypatch, ours, theirs, attach=tmp_path / "a.log")
    trees = set()
    for one, other in ((ours, theirs), (theirs, ours)):
        copy = clone(one.root, f"copy-of-{one.root.name}")
        copy.git("remote", "set-url", "origin", str(other.root))
        copy.ok("sync", "--dry-run")
        copy.run("sync")  # a work tree's checked out branch does not take the push; the merge stays
        trees.add(copy.git("rev-parse", "HEAD^{tree}"))
    assert len(trees) == 1


def test_a_report_that_one_side_deleted_and_the_other_changed_is_kept(
    ours: Tracker, theirs: Tracker, report: str
) -> None:
    theirs.git("rm", "-q", str(theirs.path(report).relative_to(theirs.root)))
    theirs.git("commit", "-qm", "away with it")
    ours.ok("note", report, "still needed")
    share(ours, theirs)
    assert theirs.show(report)["events"][-1]["text"] == "still needed"


def test_a_crosswise_merge(ours: Tracker, theirs: Tracker, report: str) -> None:
    for tracker in (ours, theirs):
        tracker.ok("assign", report, tracker.root.name)
    tips = {tracker: tracker.git("rev-parse", "HEAD").strip() for tracker in (ours, theirs)}
    for tracker, other in ((ours, theirs), (theirs, ours)):
        tracker.git("fetch", "-q", str(other.root), tips[other])
        tracker.git("-c", "merge.issuelog.driver=false", "merge", "-q", "--no-edit", tips[other], check=False)
        tracker.ok("sync", "--resolve")
        tracker.ok("note", report, f"merged by {tracker.root.name}")
    assert len(ours.git("merge-base", "--all", "HEAD", tips[theirs]).split()) == 1
    share(ours, theirs)
    shown = ours.show(report)
    assert [event["action"] for event in shown["events"]].count("assign") == 2
    assert shown["owner"] == "theirs"
    assert {event["text"] for event in shown["events"] if event["action"] == "note"} == {
        "merged by ours",
        "merged by theirs",
    }


def without_attributes(tracker: Tracker) -> None:
    (tracker.root / "reports/.gitattributes").unlink()
    tracker.git("commit", "-qam", "who needs these")


def test_neither_configuration_nor_attributes_are_needed(ours: Tracker, theirs: Tracker, report: str) -> None:
    without_attributes(ours)
    share(ours, theirs)
    for tracker in (ours, theirs):
        tracker.git("config", "--unset", "merge.issuelog.driver")
        tracker.ok("triage", report, "--component", tracker.root.name)
        tracker.ok("note", report, tracker.root.name)
    share(ours, theirs)
    assert ours.show(report)["component"] == "theirs"
    assert [e["not_taken"] for e in ours.show(report)["events"] if e["action"] == "merge"] == [{"component": "ours"}]


def test_what_both_sides_changed_is_told_where_they_are_merged(ours: Tracker, theirs: Tracker, report: str) -> None:
    for tracker, severity in ((theirs, "S1"), (ours, "S2")):
        tracker.ok("triage", report, "--severity", severity, "--because", f"{severity} it is")
    theirs.ok("sync")
    of = f"of severity, severity_reason the later was taken, and issuelog show {report} has the other"
    assert ours.json("sync")["notes"] == [f"{report} is merged; {of}"]
    assert ours.show(report)["severity"] == "S2"
    assert "S1 it is" in json.dumps(ours.show(report)["events"][-1]["not_taken"])


def test_the_users_own_work_stays(ours: Tracker, theirs: Tracker, report: str) -> None:
    theirs.ok("note", report, "theirs")
    theirs.ok("sync")
    ours.ok("note", report, "ours")
    (ours.root / "mine").write_text("staged\n")
    ours.git("add", "mine")
    (ours.root / "mine").write_text("unstaged\n")
    ours.ok("sync")
    assert ours.git("status", "--porcelain") == "AM mine\n"
    assert [event["text"] for event in ours.show(report)["events"][1:]] == ["theirs", "ours"]


def test_a_hand_edit_in_the_way_is_named_and_nothing_changes(ours: Tracker, theirs: Tracker, report: str) -> None:
    theirs.ok("note", report, "theirs")
    theirs.ok("sync")
    path = ours.path(report)
    path.write_text(path.read_text().replace("title: ", "title: My "))
    before = ours.fingerprint(), path.read_bytes()
    done = ours.run("sync")
    assert (done.code, path.name in done.err, "stash" in done.err) == (7, True, True), done.err
    assert (ours.fingerprint(), path.read_bytes()) == before


def test_a_conflict_outside_the_tracker_is_left_to_people_and_nothing_changes(
    ours: Tracker, theirs: Tracker, report: str
) -> None:
    for tracker in (ours, theirs):
        (tracker.root / "code.py").write_text(f"print('{tracker.root.name}')\n")
        tracker.git("add", "code.py")
        tracker.git("commit", "-qm", "code")
        tracker.ok("note", report, tracker.root.name)
    ours.ok("sync")
    before = theirs.fingerprint()
    done = theirs.run("sync")
    assert (done.code, "code.py" in done.err, "git pull" in done.err) == (7, True, True), done.err
    assert theirs.fingerprint() == before
    theirs.git("pull", "-q", "--no-rebase", "--no-edit", check=False)
    left = json.loads(theirs.run("--json", "sync", "--resolve").out)
    assert list(left["left"]) == ["code.py"]
    (theirs.root / "code.py").write_text("print('both')\n")
    theirs.git("add", "code.py")
    theirs.ok("sync", "--resolve")
    share(theirs, ours)
    assert {event["text"] for event in ours.show(report)["events"][1:]} == {"ours", "theirs"}


def test_a_remote_that_moves_in_between_is_pulled_again(
    ours: Tracker, theirs: Tracker, report: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from issuelog.vcs.sharing import Sharing, Upstream

    push: Callable[[Sharing, Upstream, str], bool] = Sharing.push
    moves = iter(range(2))

    def after_somebody_else(self: Sharing, upstream: Upstream, commit: str) -> bool:
        for number in moves:
            subprocess.run(["git", "pull", "-q", "--rebase"], cwd=theirs.root, check=True)
            theirs.git("commit", "-q", "--allow-empty", "-m", f"in between {number}")
            theirs.git("push", "-q")
            break
        return push(self, upstream, commit)

    monkeypatch.setattr(Sharing, "push", after_somebody_else)
    ours.ok("note", report, "x")
    done = ours.json("sync")
    assert done["pulled"] == 2
    monkeypatch.undo()
    share(ours, theirs)


def test_a_remote_that_never_stands_still_ends_in_a_conflict(
    ours: Tracker, theirs: Tracker, report: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from issuelog.vcs.sharing import Sharing

    monkeypatch.setattr(Sharing, "push", lambda *_: False)
    ours.ok("note", report, "x")
    done = ours.run("sync")
    assert (done.code, "nothing was pushed" in done.err) == (7, True)


def test_a_dry_run_tells_and_changes_nothing(ours: Tracker, theirs: Tracker, report: str) -> None:
    theirs.ok("note", report, "theirs")
    theirs.ok("sync")
    ours.ok("note", report, "ours")
    before = ours.fingerprint()
    done = ours.json("sync", "--dry-run")
    assert (done["pulled"], done["pushed"], done["notes"]) == (1, 1, [f"{report} is merged"])
    assert ours.fingerprint() == before


@pytest.mark.parametrize("name", ["detached", "busy", "other remotes", "gone", "unrelated"])
def test_what_cannot_be_shared_is_told(ours: Tracker, report: str, tmp_path: Path, name: str) -> None:
    if name == "detached":
        ours.git("switch", "-q", "--detach")
    elif name == "busy":
        (ours.root / ".git/MERGE_HEAD").write_text(ours.git("rev-parse", "HEAD"))
    elif name == "other remotes":
        ours.git("switch", "-q", "-c", "new")
        ours.git("remote", "rename", "origin", "one")
        ours.git("remote", "add", "two", "x")
    elif name == "gone":
        ours.git("remote", "set-url", "origin", str(tmp_path / "gone"))
    else:
        other = Tracker.make(tmp_path / "other", init=False)
        other.git("commit", "-q", "--allow-empty", "-m", "another beginning")
        ours.git("remote", "set-url", "origin", str(other.root))
    says = {
        "detached": (7, "HEAD is detached"),
        "busy": (7, "a merge is in progress"),
        "other remotes": (7, "shared with none of one, two"),
        "gone": (8, "does not appear to be a git repository"),
        "unrelated": (7, "nothing in common"),
    }[name]
    before = ours.fingerprint()
    done = ours.run("sync")
    assert done.code == says[0], done.err
    assert says[1] in done.err
    assert ours.fingerprint() == before


def test_a_tracker_in_a_folder(remote: Path, tmp_path: Path) -> None:
    top = Tracker.make(tmp_path / "mono", init=False)
    (top.root / "sub").mkdir()
    ours = Tracker(top.root / "sub")
    ours.ok("init")
    top.git("remote", "add", "origin", str(remote))
    report = ours.new()
    ours.ok("sync")
    theirs = Tracker(clone(remote).root / "sub")
    for tracker in (ours, theirs):
        (tmp_path / "a.log").write_text(f"the log of {tracker.root.parent.name}\n")
        tracker.ok("attach", report, str(tmp_path / "a.log"))
        tracker.ok("assign", report, tracker.root.parent.name)
    share(ours, theirs)
    assert len(ours.show(report)["attachments"]) == 2


def merged_by_lines(ours: Tracker, theirs: Tracker) -> str:
    """Let git merge without knowing what a report is; return what it says."""
    theirs.git("fetch", "-q", str(ours.root), "main")
    return theirs.git("-c", "merge.issuelog.driver=false", "merge", "--no-edit", "FETCH_HEAD", check=False)


def note_on_both_and_merge_by_lines(ours: Tracker, theirs: Tracker, report: str) -> None:
    without_attributes(ours)
    share(ours, theirs)
    for tracker in (ours, theirs):
        tracker.ok("note", report, tracker.root.name)
    merged_by_lines(ours, theirs)


def test_a_conflict_that_git_left_is_found_and_repaired(ours: Tracker, theirs: Tracker, report: str) -> None:
    without_attributes(ours)
    share(ours, theirs)
    for tracker in (ours, theirs):
        tracker.ok("note", report, tracker.root.name)
    assert "CONFLICT" in merged_by_lines(ours, theirs)
    done = theirs.run("check")
    assert (done.code, "conflict" in done.out, "sync --resolve" in done.out) == (6, True, True), done.out
    assert "all is settled" in theirs.ok("sync", "--resolve")
    assert same(theirs)
    assert theirs.git("log", "-1", "--format=%P").count(" ") == 1
    assert {event["text"] for event in theirs.show(report)["events"][1:]} == {"ours", "theirs"}
    assert "nothing to repair" in theirs.ok("sync", "--resolve")


@pytest.mark.parametrize("committed", [True, False])
def test_a_conflict_that_somebody_added_as_it_was(ours: Tracker, theirs: Tracker, report: str, committed: bool) -> None:
    note_on_both_and_merge_by_lines(ours, theirs, report)
    theirs.git("add", "-A")
    if committed:
        theirs.git("commit", "-q", "--no-edit")
        theirs.ok("new", "--story", "meanwhile", "--customer", "c")
    assert theirs.run("check").code == 6
    theirs.ok("sync", "--resolve")
    assert same(theirs)
    assert {event["text"] for event in theirs.show(report)["events"][1:]} == {"ours", "theirs"}
    share(ours, theirs)


def test_a_key_that_git_doubled_is_found_and_repaired(ours: Tracker, theirs: Tracker, report: str) -> None:
    without_attributes(ours)
    share(ours, theirs)
    for tracker, where in ((ours, "severity: "), (theirs, "source:")):
        path = tracker.path(report)
        path.write_text(path.read_text().replace(f"\n{where}", f"\ncomponent: export\n{where}", 1))
        tracker.git("commit", "-qam", "by hand")
    assert "CONFLICT" not in merged_by_lines(ours, theirs)
    done = theirs.run("check")
    assert (done.code, "twice" in done.out) == (6, True), done.out
    theirs.ok("sync", "--resolve")
    assert same(theirs)
    assert theirs.show(report)["component"] == "export"
    assert theirs.subjects()[0] == f"{report}: repair merge"


def test_what_no_merge_spoiled_is_left_to_people(ours: Tracker, report: str) -> None:
    path = ours.path(report)
    path.write_text(path.read_text().replace("severity: ", "severity: S3\nseverity: "))
    ours.git("commit", "-qam", "by hand")
    done = ours.run("sync", "--resolve")
    assert (done.code, "issuelog edit" in done.out) == (7, True), done.out


def test_attachments_of_one_name_that_git_left_in_conflict(
    ours: Tracker, theirs: Tracker, report: str, tmp_path: Path
) -> None:
    for tracker in (ours, theirs):
        (tmp_path / "a.log").write_text(f"the log of {tracker.root.name}\n")
        tracker.ok("attach", report, str(tmp_path / "a.log"))
    merged_by_lines(ours, theirs)
    theirs.ok("sync", "--resolve")
    assert same(theirs)
    folder = theirs.root / "attachments" / report
    assert {path.read_text() for path in folder.iterdir()} == {"the log of ours\n", "the log of theirs\n"}


def test_a_stash_that_did_not_fit(ours: Tracker, report: str) -> None:
    without_attributes(ours)
    path = ours.path(report)
    path.write_text(path.read_text().replace("title: ", "title: My "))
    ours.git("stash", "-q")
    ours.ok("set", report, "title=Ours")
    ours.git("stash", "pop", "-q", check=False)
    assert ours.run("check").code == 6
    ours.ok("sync", "--resolve")
    assert ours.run("check").code == 0
    assert json.loads(ours.ok("show", report, "--json"))["events"][-1]["action"] in {"set", "merge"}


def test_a_rebase_goes_on_after_it(ours: Tracker, theirs: Tracker, report: str) -> None:
    without_attributes(ours)
    share(ours, theirs)
    ours.ok("note", report, "ours")
    theirs.ok("note", report, "theirs")
    ours.ok("sync")
    theirs.git("fetch", "-q")
    theirs.git("rebase", "-q", "origin/main", check=False)
    done = theirs.run("sync", "--resolve")
    assert (done.code, "git rebase --continue" in done.err) == (0, True), done.err
    theirs.git("-c", "core.editor=true", "rebase", "--continue")
    assert same(theirs)
    assert [event["text"] for event in theirs.show(report)["events"][1:]] == ["ours", "theirs"]


def before_git_begins(tracker: Tracker, commit: str) -> None:
    """The record is there, and nothing else."""


def in_the_middle(tracker: Tracker, commit: str) -> None:
    """Git has its lock, has taken one file away, begun another, written a third; the index is the old one."""
    (tracker.root / ".git/index.lock").write_bytes(b"DIRC")
    changed = tracker.git("diff", "--name-only", "--diff-filter=M", "HEAD", commit).split()
    (tracker.root / changed[0]).unlink()
    whole = tracker.git("show", f"{commit}:{changed[1]}")
    (tracker.root / changed[1]).write_text(whole[: len(whole) // 2])
    (tracker.root / changed[2]).write_text(tracker.git("show", f"{commit}:{changed[2]}"))
    for number, name in enumerate(tracker.git("diff", "--name-only", "--diff-filter=A", "HEAD", commit).split()):
        (tracker.root / name).parent.mkdir(parents=True, exist_ok=True)
        (tracker.root / name).write_text("" if number % 2 else tracker.git("show", f"{commit}:{name}"))


def with_its_lock_alone(tracker: Tracker, commit: str) -> None:
    """Git has taken its lock, and no more."""
    (tracker.root / ".git/index.lock").touch()


def before_head_moves(tracker: Tracker, commit: str) -> None:
    """Files and index are new, HEAD is old, and git has taken its lock."""
    tracker.git("read-tree", "-m", "-u", "HEAD", commit)
    (tracker.root / ".git/HEAD.lock").touch()
    (tracker.root / ".git/refs/heads/main.lock").write_text(commit)


def after_all(tracker: Tracker, commit: str) -> None:
    """Only the record is left."""
    tracker.git("merge", "-q", "--ff-only", commit)


@pytest.mark.parametrize(
    ("state", "says"),
    [
        (before_git_begins, "put back an interrupted sync"),
        (with_its_lock_alone, "put back an interrupted sync"),
        (in_the_middle, "put back an interrupted sync"),
        (before_head_moves, "finished an interrupted sync"),
        (after_all, ""),
    ],
)
def test_a_sync_that_was_killed_with_its_git_is_settled_by_the_next_command(
    ours: Tracker,
    theirs: Tracker,
    report: str,
    state: Callable[[Tracker, str], None],
    says: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("issuelog.vcs.refs.HELD_SECONDS", 0.01)
    reports = [report, *(ours.new() for _ in range(3))]
    share(ours, theirs)
    for one in reports:
        theirs.ok("note", one, "theirs")
    for _ in range(3):
        theirs.new()
    theirs.ok("sync")
    (ours.root / "mine").write_text("staged\n")
    ours.git("add", "mine")
    (ours.root / "mine").write_text("unstaged\n")

    attempt = Git.attempt

    def killed(self: Git, *arguments: str, **options: Any) -> Any:
        if "merge" in arguments:
            state(ours, arguments[-1])
            os.kill(os.getpid(), signal.SIGKILL)
        return attempt(self, *arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(Git, "attempt", killed)
        kill(ours, lambda: ours.run("sync"))
    done = ours.run("note", report, "ours")
    assert (done.code, says in done.err) == (0, True), done.err
    assert ours.git("status", "--porcelain") == "AM mine\n"
    assert not [*(ours.root / ".git").rglob("*.lock"), *(ours.root / ".git/issuelog").glob("moving*")]
    ours.ok("sync")
    assert ours.git("status", "--porcelain") == "AM mine\n"
    assert len(ours.json("list")) == len(reports) + 3
    assert {event["text"] for event in ours.show(report)["events"][1:]} == {"ours", "theirs"}
    assert ours.run("check").code == ours.run("fsck").code == 0


@pytest.mark.parametrize("content", [b"DIRC of a person's commit", b""])
def test_the_lock_of_a_persons_git_outlives_the_settling(
    ours: Tracker, theirs: Tracker, report: str, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("issuelog.vcs.index.WAIT_SECONDS", 0.1)
    theirs.ok("note", report, "theirs")
    theirs.ok("sync")
    head = ours.git("rev-parse", "HEAD").strip()
    ours.git("fetch", "-q")
    record = ours.root / ".git/issuelog/moving"
    record.write_text(json.dumps({"before": head, "commit": ours.git("rev-parse", "origin/main").strip()}))
    os.utime(record, (1, 1))
    lock = ours.root / ".git/index.lock"
    lock.write_bytes(content)
    done = ours.run("note", report, "ours")
    assert (done.code, "git holds index.lock" in done.err, lock.read_bytes()) == (7, True, content), done.err
    lock.unlink()
    ours.ok("note", report, "ours")


def test_what_git_lays_out_for_a_merge_is_removed_after_a_kill(
    ours: Tracker, theirs: Tracker, report: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for tracker in (theirs, ours):
        tracker.ok("note", report, tracker.root.name)
    theirs.ok("sync")

    def killed(*_: object) -> None:
        (ours.root / ".merge_file_abcdef").write_text("x")
        os.kill(os.getpid(), signal.SIGKILL)

    with monkeypatch.context() as patch:
        patch.setattr("issuelog.vcs.sharing.Sharing.merge", killed)
        kill(ours, lambda: ours.run("sync"))
    (ours.root / ".merge_file_ghijkl").write_text("mine, from before")
    os.utime(ours.root / ".merge_file_ghijkl", (0, 0))
    ours.ok("sync")
    assert [path.name for path in ours.root.glob(".merge_file_*")] == [".merge_file_ghijkl"]
    assert ours.json("sync", "--dry-run")["remote"] == "origin/main"


def test_what_a_person_changed_after_the_kill_stays(
    ours: Tracker, theirs: Tracker, report: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs.ok("note", report, "theirs")
    theirs.ok("sync")
    head = ours.git("rev-parse", "HEAD").strip()
    ours.git("fetch", "-q")
    commit = ours.git("rev-parse", "origin/main").strip()
    (ours.root / ".git/issuelog/moving").write_text(json.dumps({"before": head, "commit": commit}))
    path = ours.path(report)
    path.write_text(path.read_text() + "# mine\n")
    done = ours.run("new", "--story", "s", "--customer", "c")
    assert (done.code, path.name in done.err) == (0, True), done.err
    assert path.read_text().endswith("# mine\n")


def test_a_torn_record_of_a_sync_is_forgotten(ours: Tracker, report: str) -> None:
    (ours.root / ".git/issuelog/moving").write_text('{"before": ')
    ours.ok("note", report, "x")
    assert not (ours.root / ".git/issuelog/moving").exists()


# What a sceptical user has found


def test_a_tag_named_like_the_branch_does_not_mislead_it(ours: Tracker, theirs: Tracker, report: str) -> None:
    ours.git("tag", "main")
    ours.git("config", "--unset", "branch.main.merge")
    ours.ok("note", report, "x")
    assert ours.json("sync")["remote"] == "origin/main"
    theirs.ok("sync")
    assert same(ours, theirs)


@pytest.mark.parametrize("follows", ["origin/main", "main"])
def test_a_branch_that_follows_another_is_not_published_there(ours: Tracker, report: str, follows: str) -> None:
    ours.git("switch", "-q", "-c", "feature", "--track", follows)
    ours.ok("note", report, "unfinished")
    before = ours.git("ls-remote", "origin"), ours.git("rev-parse", "main")
    done = ours.run("sync")
    assert (done.code, "feature follows" in done.err, "git push -u" in done.err) == (7, True, True), done.err
    assert (ours.git("ls-remote", "origin"), ours.git("rev-parse", "main")) == before
    ours.git("push", "-q", "-u", "origin", "feature")
    ours.ok("note", report, "finished")
    assert ours.json("sync")["remote"] == "origin/feature"


def test_what_somebody_else_fetches_meanwhile_is_not_merged(
    ours: Tracker, theirs: Tracker, report: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs.git("push", "-q", "origin", "HEAD:refs/heads/experiment")
    theirs.git("switch", "-q", "-c", "experiment")
    theirs.git("commit", "-q", "--allow-empty", "-m", "experiment")
    theirs.git("push", "-q", "origin", "experiment")
    attempt = Git.attempt

    def with_an_editor_that_fetches(self: Git, *arguments: str, **options: Any) -> Any:
        done = attempt(self, *arguments, **options)
        if "fetch" in arguments:
            subprocess.run(["git", "fetch", "-q", "origin", "experiment"], cwd=ours.root, check=True)
        return done

    monkeypatch.setattr(Git, "attempt", with_an_editor_that_fetches)
    ours.ok("note", report, "x")
    ours.ok("sync")
    assert "experiment" not in ours.subjects()


def test_several_syncs_of_one_clone_queue(ours: Tracker, theirs: Tracker, report: str) -> None:
    for number in range(3):
        theirs.ok("note", report, f"theirs {number}")
        ours.ok("note", report, f"ours {number}")
    command = [sys.executable, "-m", "issuelog", "sync"]
    started = [
        subprocess.Popen(command, cwd=one.root, stderr=subprocess.PIPE, stdout=subprocess.PIPE)
        for one in (ours, theirs, ours, theirs)
    ]
    answers = [(process.communicate(), process.returncode) for process in started]
    assert [code for _, code in answers] == [0] * 4, answers
    share(ours, theirs)
    assert len(ours.show(report)["events"]) == 7


def test_a_broken_report_is_not_pushed(ours: Tracker, theirs: Tracker, report: str) -> None:
    without_attributes(ours)
    share(ours, theirs)
    for tracker in (ours, theirs):
        tracker.ok("note", report, tracker.root.name)
    ours.ok("sync")
    merged_by_lines(ours, theirs)
    theirs.git("add", "-A")
    theirs.git("commit", "-q", "--no-edit")
    done = theirs.run("sync")
    assert (done.code, "nothing was pushed" in done.err, "sync --resolve" in done.err) == (7, True, True), done.err
    theirs.ok("sync", "--resolve")
    share(theirs, ours)


def test_a_merge_of_what_somebody_broke_says_whose_version_it_is(ours: Tracker, theirs: Tracker, report: str) -> None:
    path = theirs.path(report)
    path.write_text(path.read_text().replace("severity: S4", "severity: S9"))
    theirs.git("commit", "-qam", "by hand")
    theirs.git("push", "-q")
    ours.ok("note", report, "x")
    before = ours.fingerprint()
    done = ours.run("sync")
    assert (done.code, "their version is no valid report" in done.err) == (7, True), done.err
    assert ours.fingerprint() == before
    ours.git("config", "merge.issuelog.driver", f"{sys.executable} -m issuelog merge-driver %O %A %B %P")
    assert "CONFLICT" in ours.git("pull", "--no-rebase", "--no-edit", check=False)


def test_a_resolution_by_hand_is_kept(ours: Tracker, theirs: Tracker, report: str) -> None:
    without_attributes(ours)
    share(ours, theirs)
    for tracker in (ours, theirs):
        tracker.ok("set", report, f"title={tracker.root.name}")
    merged_by_lines(ours, theirs)
    path = theirs.path(report)
    whole = theirs.git("show", f"HEAD:{path.relative_to(theirs.root)}")
    path.write_text(whole.replace("title: theirs", "title: By hand"))
    done = theirs.run("sync", "--resolve")
    assert (done.code, "settled by hand" in done.out) == (7, True), done.out
    assert "title: By hand" in path.read_text()
    theirs.git("add", str(path))
    assert "all is settled" in theirs.ok("sync", "--resolve")
    assert theirs.show(report)["title"] == "By hand"


def test_a_merge_by_lines_of_an_earlier_day_is_made_again(ours: Tracker, theirs: Tracker, report: str) -> None:
    """A damaged version was merged on, and stayed damaged."""
    note_on_both_and_merge_by_lines(ours, theirs, report)
    theirs.git("add", "-A")
    theirs.git("commit", "-q", "--no-edit")
    theirs.git("switch", "-q", "-c", "side", "HEAD~1")
    theirs.git("commit", "-q", "--allow-empty", "-m", "on the side")
    theirs.git("merge", "-q", "--no-edit", "main")
    theirs.ok("sync", "--resolve")
    assert theirs.run("check").code == 0
    assert {event["text"] for event in theirs.show(report)["events"][1:]} == {"ours", "theirs"}


def test_an_undo_on_one_side_stays_undone(ours: Tracker, theirs: Tracker, report: str) -> None:
    ours.ok("acknowledge", report)
    share(ours, theirs)
    ours.ok("undo", report)
    theirs.ok("note", report, "n")
    share(ours, theirs)
    shown = ours.show(report)
    assert (shown["state"], [event["action"] for event in shown["events"]]) == ("new", ["new", "note"])
    assert "messages" not in shown


def test_an_undo_of_what_the_other_side_has_built_on_is_not_kept(ours: Tracker, theirs: Tracker, report: str) -> None:
    ours.ok("acknowledge", report)
    share(ours, theirs)
    ours.ok("undo", report)
    theirs.ok("reproduce", report, "--runs", "1", "--hits", "1", "--env", "version=8.10", "--place", "sandbox")
    share(ours, theirs)  # each has to be valid, with all that its guards ask for
    shown = ours.show(report)
    assert shown["state"] == "reproduced"
    assert [message["kind"] for message in shown["messages"]] == ["acknowledge"]


def test_a_repair_cannot_be_tried(ours: Tracker, report: str) -> None:
    assert ours.run("sync", "--resolve", "--dry-run").code == 2


def test_in_the_middle_of_a_rebase_it_says_so(ours: Tracker, report: str) -> None:
    ours.git("switch", "-q", "--detach")
    (ours.root / ".git/rebase-merge").mkdir()
    done = ours.run("sync")
    assert (done.code, "a rebase is in progress" in done.err) == (7, True), done.err
