"""What is wrong is told with its exit code and its place, in words for people; and nothing is changed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from issuelog.vcs.index import IndexLock
from support.cli import Done, Tracker, run
from support.lives import Life, lived
from support.refusals import assert_error, refused

CONFIG = ".issuelog/config.yaml"


@pytest.fixture
def life(tmp_path: Path) -> Life:
    return lived(tmp_path, severity="S4")


@pytest.fixture
def tracker(life: Life) -> Tracker:
    return life.tracker


@pytest.fixture
def report(life: Life) -> str:
    return life.id


def rewrite(tracker: Tracker, report: str, old: str, new: str, *, commit: bool = True) -> Path:
    """Edit a report's file by hand; the first place that has `old` gets `new`."""
    path = tracker.path(report)
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    if commit:
        tracker.git("commit", "-qam", "by hand")
    return path


def line_of(path: Path, text: str) -> int:
    return next(number for number, line in enumerate(path.read_text("utf-8").splitlines(), 1) if text in line)


def shown(tracker: Tracker, path: Path) -> str:
    return path.relative_to(tracker.root).as_posix()


# Files of reports


@pytest.mark.parametrize(
    ("old", "new", "column", "says"),
    [
        ("severity: S4", "severity: 'S4", None, ""),
        ("severity: S4", "severity: S9", 11, "severity is 'S9'; it has to be one of S1, S2, S3, S4"),
        ("  channel: internal", "  channel: fax", 12, "source.channel is 'fax'; it has to be one of email, "),
        ("state: new", "state: done", 8, "state is 'done'; it has to be one of new, "),
        ("  frequency: always", "  frequency: [always]", 14, "intake.frequency"),
        ("title: ", "severity: S4\ntitle: ", None, "severity"),
        ("title: ", "title: &a ", None, ""),
        ("title: ", "\ttitle: ", None, ""),
    ],
)
@pytest.mark.parametrize("command", ["show", "acknowledge"])
def test_an_invalid_file_is_told_with_line_and_column(
    command: str, old: str, new: str, column: int | None, says: str, tracker: Tracker, report: str
) -> None:
    path = rewrite(tracker, report, old, new)
    done = refused(tracker, 6, command, report, says=says)
    place = re.search(rf"{re.escape(shown(tracker, path))}:(\d+):(\d+): ", done.err)
    assert place
    if column:
        assert (int(place[1]), int(place[2])) == (line_of(path, new), column)


def test_a_missing_field_is_named(tracker: Tracker, report: str) -> None:
    path = rewrite(tracker, report, "  channel: internal\n", "")
    done = refused(tracker, 6, "note", report, "seen", says="source.channel is missing")
    assert f"{shown(tracker, path)}:{line_of(path, 'source:') + 1}:" in done.err


def test_a_file_that_is_no_report_does_not_hide_the_others(tracker: Tracker, report: str) -> None:
    broken = tracker.new()
    path = rewrite(tracker, broken, "state: new", "state: done")
    done = tracker.run("list", "--json")
    assert done.code == 0
    assert [row["id"] for row in done.json] == [report]
    assert f"{shown(tracker, path)}:" in done.err
    assert tracker.run("check").code == 6


def test_a_hand_edit_that_is_not_committed_is_never_swept_in(tracker: Tracker, report: str) -> None:
    path = rewrite(tracker, report, "severity: S4", "severity: S1", commit=False)
    done = refused(tracker, 7, "ack", report, says="was changed by hand and not committed")
    assert f"git diff HEAD -- {shown(tracker, path)}" in done.err
    tracker.git("add", "-A")
    refused(tracker, 7, "ack", report, says="was changed by hand and not committed")
    tracker.git("restore", "--staged", "--worktree", ".")
    tracker.ok("ack", report)


def test_a_report_deleted_by_hand_is_told(tracker: Tracker, report: str) -> None:
    tracker.path(report).unlink()
    refused(tracker, 4, "ack", report)


# Which report


def test_an_unknown_id_is_not_found(tracker: Tracker, report: str) -> None:
    for command in ("show", "next", "missing", "ack", "log"):
        refused(tracker, 4, command, "ZZZZZ", says="no report goes by 'ZZZZZ' … issuelog list")


def test_an_ambiguous_id_lists_the_candidates(tracker: Tracker, report: str) -> None:
    other = tracker.new()
    done = refused(tracker, 4, "show", "cr-", says=f"means 2 reports … {report} … {other}")
    assert "type more of the id" in done.err


def test_a_wrong_id_among_several_changes_none_of_them(tracker: Tracker, report: str) -> None:
    refused(tracker, 4, "assign", "-", "Kim Lee", stdin=f"{report}\nZZZZZ\n", says="ZZZZZ")


# Where


def test_without_a_repository_or_a_tracker(tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    nowhere.mkdir()
    assert_error(run("-C", str(nowhere), "list"), 3, "no git repository … git init")
    assert_error(run("-C", str(nowhere), "init"), 3, "no git repository … git init")
    plain = Tracker.make(tmp_path / "plain", init=False)
    refused(plain, 3, "list", says="no tracker … issuelog init")
    refused(plain, 3, "new", "--story", "x", "--anonymous", says="no tracker")
    assert_error(run("-C", str(tmp_path / "gone"), "list"), 2, "is not a folder")


def test_a_bare_repository_has_no_place_for_reports(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", "--bare", str(tmp_path / "bare.git")], check=True)
    assert_error(run("-C", str(tmp_path / "bare.git"), "init"), 3, "bare repository")
    assert_error(run("-C", str(tmp_path / "bare.git"), "list"), 3, "repository")


@pytest.mark.parametrize("command", [["list"], ["new", "--story", "x", "--anonymous"], ["show", "7K3M"]])
def test_every_command_says_that_a_repository_is_bare(command: list[str], tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", "--bare", str(tmp_path / "bare.git")], check=True)
    assert_error(run("-C", str(tmp_path / "bare.git"), *command), 3, "bare repository")


def test_a_second_init_is_refused(tracker: Tracker) -> None:
    refused(tracker, 2, "init", says="a tracker here already")
    refused(Tracker.make(tracker.root / "other", init=False), 2, "init", "--prefix", "bug-1", says="--prefix")


# Git


def test_without_an_identity_git_s_words_and_the_remedy_are_told(tracker: Tracker, report: str) -> None:
    Path(os.environ["GIT_CONFIG_GLOBAL"]).write_text("[user]\n    useConfigOnly = true\n")
    refused(tracker, 8, "ack", report, says="git does not know who you are … git config --global user.name")
    refused(tracker, 8, "new", "--story", "x", "--anonymous", says="git config --global user.email")
    tracker.ok("show", report)


def make_hook(tracker: Tracker) -> None:
    hook = tracker.root / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'the words of the hook' >&2\nexit 1\n")
    hook.chmod(0o755)


def test_a_failing_hook_refuses_with_its_words_where_hooks_are_asked_for(tracker: Tracker, report: str) -> None:
    make_hook(tracker)
    tracker.git("config", "issuelog.verify", "true")
    refused(tracker, 8, "ack", report, says="pre-commit hook refused … the words of the hook")
    tracker.git("config", "issuelog.verify", "false")
    tracker.ok("ack", report)


def test_a_hook_that_nobody_asked_for_does_not_run(tracker: Tracker, report: str) -> None:
    make_hook(tracker)
    done = tracker.run("ack", report)
    assert done.code == 0
    assert "the words of the hook" not in done.err


def test_nothing_is_written_in_the_middle_of_a_merge(tracker: Tracker, report: str) -> None:
    tracker.git("switch", "-qc", "side")
    (tracker.root / "notes.txt").write_text("side\n")
    tracker.git("add", "notes.txt")
    tracker.git("commit", "-qm", "side")
    tracker.git("switch", "-q", "main")
    (tracker.root / "notes.txt").write_text("main\n")
    tracker.git("add", "notes.txt")
    tracker.git("commit", "-qm", "main")
    tracker.git("merge", "-q", "side", check=False)
    refused(tracker, 7, "ack", report, says="a merge is in progress … git merge --abort")
    tracker.git("merge", "--abort")
    tracker.ok("ack", report)


def test_an_index_that_git_holds_is_left_alone(tracker: Tracker, report: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("issuelog.vcs.index.WAIT_SECONDS", 0.2)
    monkeypatch.setattr(IndexLock.take, "__defaults__", (0.2,))
    lock = tracker.root / ".git" / "index.lock"
    lock.write_bytes(b"")
    text = tracker.path(report).read_bytes()
    assert_error(tracker.run("ack", report), 7, "git holds index.lock … try again")
    assert lock.exists()
    assert tracker.path(report).read_bytes() == text
    lock.unlink()
    tracker.ok("ack", report)


# Files in the way


def test_a_file_in_place_of_the_reports_folder(tracker: Tracker) -> None:
    shutil.rmtree(tracker.root / "reports")
    (tracker.root / "reports").write_text("not a folder\n")
    refused(tracker, 7, "new", "--story", "x", "--anonymous", says="reports is not a folder")
    assert (tracker.root / "reports").read_text() == "not a folder\n"


def test_a_link_in_place_of_the_reports_folder_is_not_followed(tracker: Tracker, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    shutil.move(tracker.root / "reports", elsewhere)
    (tracker.root / "reports").symlink_to(elsewhere)
    before = sorted(elsewhere.rglob("*"))
    refused(tracker, 7, "new", "--story", "x", "--anonymous", says="reports is not a folder")
    assert sorted(elsewhere.rglob("*")) == before


def without_privilege() -> list[str]:
    """Return what to put before a command so that permissions count for it, also where the tests run as root."""
    if os.geteuid() != 0:
        return []
    if not shutil.which("setpriv"):
        pytest.skip("root may write everywhere, and there is no setpriv to take that from it")
    lacking = "-dac_override,-dac_read_search,-fowner"
    return ["setpriv", f"--bounding-set={lacking}", f"--inh-caps={lacking}"]


def fail_to_write(tracker: Tracker, report: str) -> Done:
    """Acknowledge a report while its folder cannot be written."""
    month = tracker.path(report).parent
    command = [*without_privilege(), sys.executable, "-m", "issuelog", "ack", report]
    month.chmod(0o555)
    try:
        done = subprocess.run(command, cwd=tracker.root, capture_output=True, text=True, check=False)
    finally:
        month.chmod(0o755)
    return Done(done.returncode, done.stdout, done.stderr)


def test_a_folder_that_cannot_be_written(tracker: Tracker, report: str) -> None:
    before = tracker.fingerprint()
    assert_error(fail_to_write(tracker, report), 7, "Permission denied … nothing was changed")
    assert tracker.fingerprint() == before


def test_a_failed_write_leaves_nothing_behind(tracker: Tracker, report: str) -> None:
    assert fail_to_write(tracker, report).code == 7
    assert not (tracker.root / ".git" / "index.lock").exists()
    tracker.ok("note", report, "seen")
    assert tracker.show(report)["state"] == "new"


# The policy


@pytest.mark.parametrize(
    ("line", "column", "says"),
    [
        ("colour: red", 9, "colour"),
        ("default_severity: S9", 19, "default_severity"),
        ("max_attachment_bytes: many", 23, "max_attachment_bytes"),
        ("verify_days: 0", 14, "verify_days"),
        ("people: kim", 9, "people"),
        ("prefix: cr", None, "prefix"),
        ("targets: {S1: {acknowledge: 15min, next_update: someday}}", None, "targets.S1.next_update"),
        ("calendars: {business: {timezone: Mars/Olympus}}", None, "Mars/Olympus"),
        ("people: [", None, ""),
    ],
)
def test_a_policy_that_does_not_hold(line: str, column: int | None, says: str, tracker: Tracker, report: str) -> None:
    config = tracker.root / CONFIG
    text = "".join(kept for kept in config.read_text().splitlines(True) if not kept.startswith("prefix"))
    config.write_text(f"{text}\n{line}\n")
    for command in (["ack", report], ["new", "--story", "x", "--anonymous"]):
        done = refused(tracker, 6, *command, says=says)
        place = re.search(rf"{re.escape(CONFIG)}:(\d+):(\d+): ", done.err)
        assert place
        if column:
            assert (int(place[1]), int(place[2])) == (line_of(config, line), column)


def test_a_list_under_a_policy_that_does_not_hold(tracker: Tracker, report: str) -> None:
    config = tracker.root / CONFIG
    config.write_text(f"{config.read_text()}\nverify_days: 0\n")
    refused(tracker, 6, "list", says=f"{CONFIG}:{line_of(config, 'verify_days: 0')}:14: verify_days")
