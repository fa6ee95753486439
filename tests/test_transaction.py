"""A change is one commit of exactly its files, beside whatever a person has going on in the same repository."""

from __future__ import annotations

import hashlib
import stat
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from issuelog import transaction
from issuelog.errors import Conflict, GitRefused
from issuelog.snapshot import Plan, Snapshot
from issuelog.store import locking
from issuelog.store.locking import locked
from issuelog.transaction import Transaction
from issuelog.vcs import index as git_index
from issuelog.vcs.git import Git
from issuelog.vcs.message import CommitMessage
from issuelog.vcs.repository import Repository
from support.cli import Tracker

AUTHOR = "Ana Reyes <ana@example.com>"


ONCE_EACH = {"diff-index", "cat-file", "config", "unpack-objects", "commit-tree", "update-index", "add", "update-ref"}


@pytest.fixture
def report(tracker: Tracker) -> str:
    tracker.become(Tracker.new)
    return tracker.ids()[0]


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "red box.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n\0\xff")
    return path


def everything(tracker: Tracker) -> dict[str, tuple[bytes, int]]:
    """Return every file and folder of the work tree, with its bytes and mode."""
    found = {}
    for path in tracker.root.rglob("*"):
        if ".git" not in path.parts:
            content = str(path.readlink()).encode() if path.is_symlink() else path.is_file() and path.read_bytes()
            found[str(path.relative_to(tracker.root))] = (content or b"", stat.S_IMODE(path.lstat().st_mode))
    return found


def state(tracker: Tracker) -> object:
    return tracker.fingerprint(), everything(tracker), tracker.git("ls-files", "-t", "-v", "--debug")


def refused(tracker: Tracker, code: int, *arguments: str) -> str:
    """Run a command that has to be refused and to leave everything as it was; return what it said."""
    before = state(tracker)
    done = tracker.run(*arguments)
    assert done.code == code, done.err
    assert state(tracker) == before
    assert not list(tracker.root.glob(".git/issuelog/tmp-*")) + list(tracker.root.glob(".git/**/*.lock"))
    assert not (tracker.root / ".git/issuelog/journal").exists()
    return done.err


def make_work(tracker: Tracker) -> None:
    """Leave a person's work of every kind in the repository."""
    root = tracker.root
    for name in ("staged", "unstaged", "both", "removed", "gone", "renamed", "run", "held"):
        (root / name).write_text(f"{name}\n")
    tracker.git("add", ".")
    tracker.git("commit", "-qm", "the user's")
    for name in ("staged", "both"):
        (root / name).write_text("staged change\n")
    (root / "run").chmod(0o755)
    (root / "added").write_text("new\n")
    tracker.git("add", "staged", "both", "run", "added")
    for name in ("both", "unstaged"):
        (root / name).write_bytes(b"not staged\r\n\0\xff")
    tracker.git("rm", "-q", "--cached", "removed")
    (root / "gone").unlink()
    tracker.git("mv", "renamed", "über all")
    (root / "intended").write_text("later\n")
    tracker.git("add", "--intent-to-add", "intended")
    tracker.git("update-index", "--skip-worktree", "held")
    (root / "untracked").mkdir()
    (root / "untracked" / "file").write_text("mine\n")


def theirs(tracker: Tracker) -> tuple[object, ...]:
    """Return all of the user's work, without what lies in the folders of the tracker."""
    outside = [":!reports", ":!attachments"]
    return (
        tracker.git("status", "--porcelain=v2", "--untracked-files=all", "--", ".", *outside),
        tracker.git("ls-files", "-s", "-t", "-v", "--debug", "--", ".", *outside),
        tracker.git("diff", "--binary", "--", ".", *outside),
        {path: kept for path, kept in everything(tracker).items() if not path.startswith(("reports", "attachments"))},
    )


COMMANDS: dict[str, Callable[[str, Path], list[str]]] = {
    "new": lambda _, picture: ["new", "--story", "s", "--customer", "c", "--attach", str(picture)],
    "note": lambda report, _: ["note", report, "a note"],
    "attach": lambda report, picture: ["attach", report, str(picture)],
    "undo": lambda _, __: ["undo"],
}


@pytest.mark.parametrize("command", COMMANDS)
def test_the_users_work_is_neither_touched_nor_swept_in(
    tracker: Tracker, report: str, picture: Path, command: str
) -> None:
    make_work(tracker)
    before, commits = theirs(tracker), len(tracker.subjects())
    tracker.ok(*COMMANDS[command](report, picture))
    assert theirs(tracker) == before
    assert len(tracker.subjects()) == commits + 1
    touched = tracker.git("diff-tree", "--no-commit-id", "--name-only", "-r", "HEAD").splitlines()
    assert touched
    assert all(path.startswith(("reports/", "attachments/")) for path in touched)


@pytest.mark.parametrize("command", COMMANDS)
def test_afterwards_disk_index_and_head_agree(tracker: Tracker, report: str, picture: Path, command: str) -> None:
    tracker.ok(*COMMANDS[command](report, picture))
    tracker.git("diff-index", "--quiet", "--cached", "HEAD")
    tracker.git("diff-files", "--quiet")  # what stat says is in the index: git need not read the files again
    assert tracker.git("status", "--porcelain", "--untracked-files=all") == ""
    left = sorted(path.name for path in (tracker.root / ".git/issuelog").iterdir())
    # `new` asks the index of all reports whether there was one like it.
    assert left == ["lock"] or (command == "new" and len(left) == 2 and left[0].startswith("index-"))


def test_git_is_started_no_oftener_than_a_change_needs_it(
    tracker: Tracker, report: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: Counter[str] = Counter()
    attempt = Git.attempt

    def counted(git: Git, *arguments: str, **options: Any) -> subprocess.CompletedProcess[bytes]:
        started[arguments[2] if arguments[0] == "-c" else arguments[0]] += 1
        return attempt(git, *arguments, **options)

    monkeypatch.setattr(Git, "attempt", counted)
    tracker.ok("note", report, "a note")
    assert started == dict.fromkeys(ONCE_EACH, 1)


def test_a_report_and_its_attachments_are_one_commit(tracker: Tracker, picture: Path) -> None:
    report = tracker.new("--attach", str(picture))
    paths = tracker.git("show", "--format=%s", "--name-only", "HEAD").split("\n")
    assert paths == [
        f"{report}: new",
        "",
        f"attachments/{report}/red_box.png",
        f"reports/{paths[3][8:15]}/{report}.yaml",
        "",
    ]
    stored = tracker.root / "attachments" / report / "red_box.png"
    assert hashlib.sha256(stored.read_bytes()).hexdigest() == tracker.show(report)["attachments"][0]["sha256"]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_dry_run_changes_nothing(tracker: Tracker, report: str, picture: Path, command: str) -> None:
    make_work(tracker)
    before = state(tracker), sorted((tracker.root / ".git").rglob("*"))
    assert "Issuelog-Action: " in tracker.ok(*COMMANDS[command](report, picture), "-n")
    assert (state(tracker), sorted((tracker.root / ".git").rglob("*"))) == before


def test_what_changes_nothing_commits_nothing(tracker: Tracker) -> None:
    repository = Repository.around(tracker.root)
    before = state(tracker)

    def decide(snapshot: Snapshot) -> Plan:
        content = snapshot.content(".issuelog/config.yaml")
        return Plan({".issuelog/config.yaml": content, "absent": None}, CommitMessage(None, "nothing"), AUTHOR)

    assert Transaction(repository).run(decide) is None
    assert state(tracker) == before


def stage_and_revert(tracker: Tracker, path: str) -> None:
    file = tracker.root / path
    before = file.read_bytes()
    file.write_text("title: mine\n")
    tracker.git("add", path)
    file.write_bytes(before)


def stage_a_conflict(tracker: Tracker, path: str) -> None:
    blob = tracker.git("rev-parse", f"HEAD:{path}").strip()
    rows = [f"0 {'0' * 40}\t{path}\n", *(f"100644 {blob} {stage}\t{path}\n" for stage in (1, 2, 3))]
    command = ["git", "update-index", "--index-info"]
    subprocess.run(command, cwd=tracker.root, input="".join(rows), text=True, check=True)


STAGED: dict[str, tuple[str, Callable[[Tracker, str], object]]] = {
    "content": ("has staged changes", stage_and_revert),
    "mode": ("has staged changes", lambda tracker, path: tracker.git("update-index", "--chmod=+x", path)),
    "removal": ("is removed from git's index", lambda tracker, path: tracker.git("rm", "-q", "--cached", path)),
    "conflict": ("has conflicts that are not resolved", stage_a_conflict),
}


@pytest.mark.parametrize("kind", STAGED)
def test_a_file_with_staged_changes_is_left_alone(tracker: Tracker, report: str, kind: str) -> None:
    path = str(tracker.path(report).relative_to(tracker.root))
    words, stage = STAGED[kind]
    stage(tracker, path)
    said = refused(tracker, 7, "note", report, "x")
    assert f"{path} {words}; nothing was changed" in said
    command = said.split("hint: ")[1].split()
    tracker.git(*command[1:])
    tracker.ok("note", report, "x")


def test_an_index_that_fell_behind_is_named(tracker: Tracker, report: str) -> None:
    """Git reads the index before it locks it, and can so write one that lacks what came in between."""
    path = str(tracker.path(report).relative_to(tracker.root))
    tracker.ok("note", report, "lost from the index")
    tracker.git("update-index", "--cacheinfo", f"100644,{tracker.git('rev-parse', f'HEAD~:{path}').strip()},{path}")
    done = tracker.run("new", "--story", "another", "--customer", "c")
    assert done.code == 0
    assert f"git's index is behind in {path}" in done.err
    assert tracker.git("diff", "--cached", "--name-only").strip() == path


def commit_beside(tracker: Tracker, name: str) -> None:
    """Commit as a person would who works in the same repository: with an index of its own, so that no lock stops it."""
    subprocess.run(
        f"export GIT_INDEX_FILE=.git/beside; git read-tree HEAD; git update-index --add --cacheinfo "
        f"100644,$(echo {name} | git hash-object -w --stdin),{name}; git update-ref HEAD $(git commit-tree -p HEAD "
        f'-m "plain {name}" $(git write-tree)); rm .git/beside',
        shell=True,
        cwd=tracker.root,
        check=True,
    )


@pytest.mark.parametrize("step", ["_write_objects", "_take_index_lock", "_write_journal", "_write_index", "_move_head"])
def test_a_plain_commit_in_between_stays_and_the_change_comes_after_it(
    tracker: Tracker, report: str, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    original, names = getattr(Transaction, step), ["beside"]

    def with_a_commit_before(self: Transaction, *arguments: object) -> object:
        if names:
            commit_beside(tracker, names.pop())
        return original(self, *arguments)

    monkeypatch.setattr(Transaction, step, with_a_commit_before)
    tracker.ok("note", report, "after it")
    assert tracker.subjects()[:2] == [f"{report}: note", "plain beside"]
    changed = tracker.git("diff-tree", "-r", "--name-only", "HEAD~", "HEAD").split()
    assert changed == [str(tracker.path(report).relative_to(tracker.root))]
    assert tracker.git("show", f"HEAD:{changed[0]}") == tracker.path(report).read_text()


def test_a_commit_of_the_same_report_in_between_is_built_upon(
    tracker: Tracker, report: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    original, path = Transaction._write_objects, tracker.path(report)

    def after_a_hand_edit(self: Transaction, snapshot: Snapshot, plan: Plan) -> object:
        text = path.read_text()
        if "severity: S3" in text:
            path.write_text(text.replace("severity: S3", "severity: S1"))
            tracker.git("commit", "-qam", "by hand")
        return original(self, snapshot, plan)

    monkeypatch.setattr(Transaction, "_write_objects", after_a_hand_edit)
    tracker.ok("note", report, "after it")
    shown = tracker.show(report)
    assert (shown["severity"], shown["events"][-1]["text"]) == ("S1", "after it")
    assert tracker.subjects()[:2] == [f"{report}: note", "by hand"]


def test_where_plain_commits_keep_coming_nothing_is_changed(
    tracker: Tracker, report: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    original, before = Transaction._move_head, everything(tracker)
    names = iter("abcdefgh")

    def too_late(self: Transaction, work: transaction._Work) -> bool:
        commit_beside(tracker, next(names))
        return original(self, work)

    monkeypatch.setattr(Transaction, "_move_head", too_late)
    done = tracker.run("note", report, "x")
    assert (done.code, "keep coming in between" in done.err) == (7, True)
    assert everything(tracker) == before
    assert f"{report}: note" not in tracker.subjects()


def test_a_hand_edit_while_the_commit_is_made_is_never_overwritten(
    tracker: Tracker, report: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Signing may wait for a passphrase, long enough to save a file in an editor."""
    original, path = Transaction._write_objects, tracker.path(report)

    def and_meanwhile(self: Transaction, snapshot: Snapshot, plan: Plan) -> object:
        work = original(self, snapshot, plan)
        path.write_text(path.read_text() + "# by hand\n")
        return work

    monkeypatch.setattr(Transaction, "_write_objects", and_meanwhile)
    done = tracker.run("note", report, "x")
    assert (done.code, "changed by hand" in done.err) == (7, True)
    assert path.read_text().endswith("# by hand\n")
    assert len(tracker.subjects()) == 2


def test_who_waits_too_long_for_the_lock_goes_away(
    tracker: Tracker, report: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locking, "LOCK_SECONDS", 0.1)
    with locked(tracker.root / ".git/issuelog/lock"):
        assert "another issuelog has held the lock" in refused(tracker, 7, "note", report, "x")
    tracker.ok("note", report, "x")


@pytest.mark.parametrize("lock", ["index.lock", "HEAD.lock", "refs/heads/main.lock"])
def test_a_lock_of_gits_stays(tracker: Tracker, report: str, monkeypatch: pytest.MonkeyPatch, lock: str) -> None:
    monkeypatch.setattr(git_index, "WAIT_SECONDS", 0.0)
    path = tracker.root / ".git" / lock
    path.write_text("DIRC")
    before = everything(tracker)
    done = tracker.run("note", report, "x")
    assert (done.code, f"if none runs, remove {path}" in done.err) == (7, True), done.err
    assert path.read_text() == "DIRC"
    path.unlink()
    assert (everything(tracker), tracker.git("status", "--porcelain")) == (before, "")
    tracker.ok("note", report, "x")


@pytest.mark.parametrize("name", ["reports", "reports/{year}", "reports/{year}/{month}"])
def test_nothing_is_written_through_a_link(tracker: Tracker, tmp_path: Path, name: str) -> None:
    path = tracker.path(tracker.new())
    month, year = path.parent.name, path.parent.parent.name
    folder = tracker.root / name.format(year=year, month=month)
    folder.rename(tmp_path / "elsewhere")
    folder.symlink_to(tmp_path / "elsewhere")
    elsewhere = sorted(tmp_path.joinpath("elsewhere").rglob("*"))
    assert "is not a folder" in refused(tracker, 7, "new", "--story", "s", "--customer", "c")
    assert sorted(tmp_path.joinpath("elsewhere").rglob("*")) == elsewhere


def test_what_lies_in_the_way_is_refused(tracker: Tracker, report: str, picture: Path) -> None:
    attachments = tracker.root / "attachments"
    attachments.rename(tracker.root / "Attachments")
    said = refused(tracker, 7, "attach", report, str(picture))
    assert "attachments differs only by case from Attachments" in said
    (tracker.root / "Attachments").rename(attachments)
    subprocess.run(["git", "init", "-q", str(attachments)], check=True)
    assert "is a repository of its own" in refused(tracker, 7, "attach", report, str(picture))
    (attachments / ".git").rename(tracker.root.parent / "away")
    (attachments / report).write_text("a file")
    assert "is not a folder" in refused(tracker, 7, "attach", report, str(picture))


def test_modes_are_kept(tracker: Tracker, report: str) -> None:
    path = tracker.path(report)
    path.chmod(0o700)
    tracker.git("commit", "-qam", "executable")
    tracker.ok("note", report, "x")
    assert stat.S_IMODE(path.stat().st_mode) == 0o700
    assert tracker.git("ls-tree", "HEAD", str(path.relative_to(tracker.root))).startswith("100755 ")
    assert tracker.git("status", "--porcelain") == ""


def test_a_link_under_the_name_of_a_temporary_file_is_not_followed(
    tracker: Tracker, report: str, tmp_path: Path
) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    path = tracker.path(report)
    for suffix in ("tmp", "old"):
        path.with_name(f".{path.name}.issuelog-{suffix}").symlink_to(victim)
    tracker.ok("note", report, "x")
    assert victim.read_text() == "precious"
    assert not path.is_symlink()


def test_a_git_that_is_too_old_is_told(tracker: Tracker, report: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise GitRefused("unknown option -z")

    monkeypatch.setattr(Repository, "version", lambda _: (2, 30, 2))
    monkeypatch.setattr(Transaction, "_write_objects", refuse)
    with pytest.raises(GitRefused, match=r"git is 2\.30\.2; issuelog needs 2\.38"):
        Transaction(Repository.around(tracker.root)).run(lambda _: Plan({"a": b"1"}, CommitMessage(None, "x"), AUTHOR))


def test_a_refusal_of_the_caller_changes_nothing(tracker: Tracker) -> None:
    before = state(tracker)

    def decide(_: Snapshot) -> Plan:
        raise Conflict("no")

    with pytest.raises(Conflict, match="no"):
        Transaction(Repository.around(tracker.root)).run(decide)
    assert state(tracker) == before
