"""Repositories that lie, are cloned or are stored in ways that are not simple."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from support.cli import Tracker, run
from support.faults import make_report, require_tidy, state
from support.refusals import assert_error
from support.whole import as_it_was, configured, every_kind, one_commit, tree


@pytest.fixture
def report(tracker: Tracker) -> str:
    """A report, with a person's staged and unstaged work beside it."""
    tracker.become(make_report)
    return tracker.ids()[0]


# Not all of it checked out

SPARSE = {
    "cone": (("--cone",), "{}"),
    "sparse index": (("--cone", "--sparse-index"), "{}"),
    "patterns": (("--no-cone",), "/{}/"),
}


def make_sparse(tracker: Tracker, kind: str, *folders: str) -> None:
    (tracker.root / "src").mkdir()
    (tracker.root / "src/main").write_text("x\n")
    tracker.git("add", "src")
    tracker.git("commit", "-qm", "source", "--", "src")
    options, pattern = SPARSE[kind]
    tracker.git("sparse-checkout", "set", *options, *(pattern.format(folder) for folder in folders))


@pytest.mark.parametrize("kind", SPARSE)
def test_a_sparse_checkout_with_the_reports(tracker: Tracker, report: str, tmp_path: Path, kind: str) -> None:
    make_sparse(tracker, kind, "reports", ".issuelog")
    before = tree(tracker)
    every_kind(tracker, report, tmp_path)
    assert tree(tracker) == before
    assert not (tracker.root / "src").exists()


@pytest.mark.parametrize("kind", SPARSE)
def test_a_sparse_checkout_without_the_reports_never_removes_one(tracker: Tracker, report: str, kind: str) -> None:
    make_sparse(tracker, kind, "src", ".issuelog")
    before = tree(tracker)
    as_it_was(tracker, 4, f"no report goes by '{report}'", "note", report, "x")
    one_commit(tracker, "new", "--story", "s", "--anonymous")
    assert tree(tracker) > before
    one_commit(tracker, "undo")
    assert tree(tracker) == before
    tracker.git("sparse-checkout", "disable")
    one_commit(tracker, "note", report, "x")


@pytest.mark.parametrize("kind", SPARSE)
def test_a_sparse_checkout_without_the_tracker_is_refused(tracker: Tracker, report: str, kind: str) -> None:
    make_sparse(tracker, kind, "src")
    as_it_was(tracker, 3, "no tracker here", "new", "--story", "s", "--anonymous")
    as_it_was(tracker, 7, ".issuelog/config.yaml", "init")


def test_what_is_outside_the_sparse_checkout_is_not_undone(tracker: Tracker, report: str) -> None:
    make_sparse(tracker, "cone", "src", ".issuelog")
    as_it_was(tracker, 7, "nothing was changed", "undo")


def test_nothing_checked_out_at_all(tracker: Tracker, tmp_path: Path) -> None:
    tracker.git("clone", "-q", "--no-checkout", ".", str(tmp_path / "clone"))
    clone = Tracker(tmp_path / "clone")
    as_it_was(clone, 3, "no tracker here", "new", "--story", "s", "--anonymous")
    as_it_was(clone, 7, ".issuelog/config.yaml", "init")


@pytest.mark.parametrize("bit", ["--skip-worktree", "--assume-unchanged"])
def test_bits_that_hide_a_file_from_git_hide_no_hand_edit_from_us(tracker: Tracker, report: str, bit: str) -> None:
    path = tracker.path(report)
    tracker.git("update-index", bit, str(path))
    one_commit(tracker, "note", report, "x")
    tracker.git("update-index", bit, str(path))
    path.write_text(path.read_text() + "# by hand\n")
    as_it_was(tracker, 7, "is hidden from git", "note", report, "y")


# Clones


def cloned(tracker: Tracker, folder: Path, *options: str) -> Tracker:
    """Clone by way of a server, which is a bare repository that gives parts as well."""
    server = folder / "server.git"
    if not server.exists():
        tracker.git("clone", "-q", "--bare", ".", str(server))
        configured("uploadpack.allowFilter=true", "uploadpack.allowAnySHA1InWant=true")(Tracker(server), folder)
    tracker.git("clone", "-q", *options, f"file://{server}", str(folder / "clone"))
    return Tracker(folder / "clone")


@pytest.mark.parametrize("options", [["--filter=blob:none"], ["--filter=tree:0"], ["--depth=1"]])
def test_a_clone_that_has_only_a_part(tracker: Tracker, report: str, tmp_path: Path, options: list[str]) -> None:
    tracker.ok("note", report, "before")
    clone = cloned(tracker, tmp_path, *options)
    before = tree(clone)
    every_kind(clone, report, tmp_path)
    assert tree(clone) == before


def test_a_part_that_cannot_be_fetched_is_never_taken_for_empty(tracker: Tracker, tmp_path: Path) -> None:
    """Nothing is checked out but the policy, so that git has no reason to have fetched the rest."""
    report = tracker.new()
    clone = cloned(tracker, tmp_path, "--filter=tree:0", "--no-checkout")
    (clone.root / ".issuelog").mkdir()
    clone.git("show", "HEAD:.issuelog/config.yaml")
    clone.git("read-tree", "HEAD")
    clone.git("checkout-index", ".issuelog/config.yaml")
    for folder in ("reports", "reports/2026"):
        clone.git("rev-parse", f"HEAD:{folder}", check=False)
    (tmp_path / "server.git").rename(tmp_path / "gone")
    head = clone.git("rev-parse", "HEAD")
    done = clone.run("new", "--story", "s", "--anonymous")
    if done.code:
        assert (done.code, clone.git("rev-parse", "HEAD")) == (8, head)
    else:
        (tmp_path / "gone").rename(tmp_path / "server.git")
        assert f"{report}.yaml" in clone.git("ls-tree", "-r", "--name-only", "HEAD")


def lose(tracker: Tracker, name: str) -> Path:
    found = tracker.git("rev-parse", name).strip()
    path = tracker.root / ".git/objects" / found[:2] / found[2:]
    return path.rename(tracker.root.parent / found)


@pytest.mark.parametrize("levels", range(4))
def test_a_folder_whose_tree_git_has_lost_is_never_taken_for_empty(tracker: Tracker, levels: int) -> None:
    """Git's index remembers which trees it was made from, and git then does not read them."""
    report = tracker.new()
    tracker.git("read-tree", "HEAD")
    folder = "/".join(tracker.path(report).relative_to(tracker.root).parts[:levels])
    head = tracker.git("rev-parse", "HEAD")
    name = f"HEAD:{folder}"
    where = tracker.git("rev-parse", name).strip()
    lost = lose(tracker, name)
    done = tracker.run("new", "--story", "s", "--anonymous")
    assert_error(done, 8, "")
    assert tracker.git("rev-parse", "HEAD") == head
    lost.rename(tracker.root / ".git/objects" / where[:2] / where[2:])
    assert tracker.git("status", "--porcelain") == ""
    one_commit(tracker, "note", report, "x")


@pytest.mark.parametrize("how", ["shared", "reference"])
def test_objects_that_lie_in_another_repository(tracker: Tracker, report: str, tmp_path: Path, how: str) -> None:
    options = ["--shared"] if how == "shared" else ["--reference", str(tracker.root)]
    tracker.git("clone", "-q", *options, str(tracker.root), str(tmp_path / "clone"))
    clone, before = Tracker(tmp_path / "clone"), state(tracker)
    assert (clone.root / ".git/objects/info/alternates").is_file()
    every_kind(clone, report, tmp_path)
    assert state(tracker) == before
    clone.git("fsck", "--strict")


# How it is stored


def test_refs_and_objects_that_are_all_packed(tracker: Tracker, report: str, tmp_path: Path) -> None:
    tracker.git("pack-refs", "--all")
    tracker.git("gc", "-q")
    assert not (tracker.root / ".git/refs/heads/main").exists()
    every_kind(tracker, report, tmp_path)
    require_tidy(tracker)


def test_refs_in_a_reftable(tmp_path: Path) -> None:
    root = tmp_path / "reftable"
    made = subprocess.run(["git", "init", "-q", "--ref-format=reftable", str(root)], capture_output=True, check=False)
    if made.returncode:
        pytest.skip("this git knows no reftables")
    tracker = Tracker(root)
    tracker.ok("init")
    every_kind(tracker, make_report(tracker), tmp_path)
    require_tidy(tracker)


def test_a_branch_that_stands_for_another(tracker: Tracker, report: str) -> None:
    tracker.git("branch", "real")
    tracker.git("symbolic-ref", "refs/heads/alias", "refs/heads/real")
    tracker.git("symbolic-ref", "HEAD", "refs/heads/alias")
    one_commit(tracker, "note", report, "x")
    assert tracker.git("log", "-1", "--format=%s", "real").strip() == f"{report}: note"
    assert tracker.git("log", "-1", "--format=%s", "main").strip() == f"{report}: new"


def test_a_new_branch_without_a_commit_beside_reports_that_are_not_in_it(tracker: Tracker, report: str) -> None:
    tracker.git("switch", "-q", "--orphan", "fresh")
    tracker.git("checkout", "main", "--", ".issuelog", "reports")
    before = tracker.git("ls-files", "-s")
    as_it_was(tracker, 7, "is not committed yet", "note", report, "x")
    made = tracker.json("new", "--story", "s", "--anonymous")["id"]
    assert {Path(name).stem for name in tree(tracker) if name} == {made}
    assert set(before.splitlines()) < set(tracker.git("ls-files", "-s").splitlines())


def test_history_that_is_cut_by_a_replacement(tracker: Tracker, report: str, tmp_path: Path) -> None:
    tracker.ok("note", report, "before")
    tracker.git("replace", "--graft", "HEAD")
    every_kind(tracker, report, tmp_path)
    assert tracker.git("rev-list", "--count", "HEAD").strip() == "4"
    assert tracker.git("--no-replace-objects", "rev-list", "--count", "HEAD").strip() == "6"


def test_history_that_is_cut_by_a_graft(tracker: Tracker, report: str, tmp_path: Path) -> None:
    tracker.ok("note", report, "before")
    (tracker.root / ".git/info").mkdir(exist_ok=True)
    (tracker.root / ".git/info/grafts").write_text(tracker.git("rev-parse", "HEAD"))
    every_kind(tracker, report, tmp_path)
    assert tracker.git("rev-list", "--count", "HEAD").strip() == "4"


def test_a_report_whose_content_is_replaced_is_the_one_that_git_shows(tracker: Tracker, report: str) -> None:
    path = tracker.path(report)
    name = f"HEAD:{path.relative_to(tracker.root)}"
    (tracker.root.parent / "other").write_text(path.read_text() + "# replaced\n")
    other = tracker.git("hash-object", "-w", str(tracker.root.parent / "other")).strip()
    tracker.git("replace", tracker.git("rev-parse", name).strip(), other)
    as_it_was(tracker, 7, "was changed by hand", "note", report, "x")
    path.write_text(tracker.git("show", name))
    one_commit(tracker, "note", report, "x")
    assert "# replaced" in tracker.git("show", name)


def test_garbage_is_collected_all_the_while(tracker: Tracker, report: str) -> None:
    """Git may then fail to read what it is just packing, whoever asks: that is refused, and nothing has changed."""
    collecting = tracker.root.parent / "collecting"
    collecting.touch()
    loop = f"while test -e '{collecting}'; do git gc -q; done"
    with subprocess.Popen(["sh", "-c", loop], cwd=tracker.root, stderr=subprocess.DEVNULL):
        try:
            for number in range(8):
                tries = (tracker.run("note", report, str(number)).code for _ in range(20))
                assert next(code for code in tries if code not in {7, 8}) == 0
        finally:
            collecting.unlink()
    assert [event.get("text") for event in tracker.show(report)["events"][1:]] == list("01234567")
    assert len(tracker.subjects()) == 10
    require_tidy(tracker)


# Where it lies


def test_a_git_directory_that_lies_elsewhere(tmp_path: Path) -> None:
    options = ["--separate-git-dir", str(tmp_path / "elsewhere")]
    subprocess.run(["git", "init", "-q", "-b", "main", *options, str(tmp_path / "here")], check=True)
    tracker = Tracker(tmp_path / "here")
    tracker.ok("init")
    every_kind(tracker, make_report(tracker), tmp_path)
    assert (tmp_path / "elsewhere/issuelog/lock").is_file()
    assert (tracker.root / ".git").is_file()


def test_a_tracker_that_is_reached_through_a_link(
    tracker: Tracker, report: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "link").symlink_to(tracker.root)
    every_kind(Tracker(tmp_path / "link"), report, tmp_path)
    monkeypatch.chdir(tmp_path / "link" / "reports")
    monkeypatch.setenv("PWD", str(tmp_path / "link" / "reports"))
    assert run("note", report, "x").code == 0
    assert tracker.subjects()[0] == f"{report}: note"
    require_tidy(tracker)


@pytest.mark.parametrize("name", [b"with space", b"two\nlines", b"not \xff UTF-8", b"\xc3\xa9 and e\xcc\x81"])
@pytest.mark.parametrize("folder", [b".", b"folder "])
def test_a_path_of_any_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: bytes, folder: bytes) -> None:
    top = tmp_path / os.fsdecode(name)
    here = top / os.fsdecode(folder + name if folder != b"." else folder)
    here.mkdir(parents=True)
    subprocess.run(["git", "init", "-q", str(top)], check=True)
    monkeypatch.chdir(here)
    commands = (
        ["init"],
        ["new", "-q", "--story", "s", "--anonymous"],
        ["check"],
        ["list"],
        ["log"],
        ["undo"],
        ["undo"],
    )
    for number, typed in enumerate(commands):
        done = run(*typed)
        assert done.code == 0, f"{typed}: {done.err}"
        commits = subprocess.run(["git", "rev-list", "--count", "HEAD"], capture_output=True, check=True).stdout
        assert int(commits) == [1, 2, 2, 2, 2, 3, 4][number]
        status = subprocess.run(["git", "status", "--porcelain"], capture_output=True, check=True).stdout
        assert status == b""


def test_settings_of_the_environment_for_git_alone_are_told_apart(
    tracker: Tracker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    before = state(tracker)
    with monkeypatch.context() as patch:
        patch.setenv("GIT_DIR", str(tracker.root / ".git"))
        patch.setenv("GIT_WORK_TREE", str(tmp_path / "elsewhere"))
        done = run("-C", str(tmp_path / "elsewhere"), "init")
    assert_error(done, 3, "no git repository here")
    assert state(tracker) == before


@contextmanager
def of_another_user() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
        yield


def test_a_repository_of_another_user_is_read_and_not_written(tracker: Tracker, report: str) -> None:
    before = state(tracker)
    for typed in (["note", report, "x"], ["new", "--story", "s", "--anonymous", "--by", "Bo <bo@example.com>"]):
        with of_another_user():
            done = tracker.run(*typed)
        assert_error(done, 8, "dubious ownership … git config --global --add safe.directory")
    with of_another_user():
        assert tracker.ok("list", "-q").split() == [report]
    assert state(tracker) == before
    require_tidy(tracker)


def test_a_git_file_that_leads_nowhere_is_told_and_nothing_is_laid_there(tracker: Tracker, tmp_path: Path) -> None:
    report = tracker.new()
    tracker.git("worktree", "add", "-q", str(tmp_path / "linked"))
    tracker.root.rename(tmp_path / "moved")
    before = sorted(tmp_path.rglob("*"))
    for typed in (["list"], ["note", report, "x", "--by", "Bo <bo@example.com>"], ["log"]):
        assert_error(run("-C", str(tmp_path / "linked"), *typed), 3, "is no git repository … git worktree repair")
    assert sorted(tmp_path.rglob("*")) == before
    Tracker(tmp_path / "moved").git("worktree", "repair")
    one_commit(Tracker(tmp_path / "linked"), "note", report, "x")


def test_a_folder_git_that_is_none_is_passed_over_as_git_does(tracker: Tracker, tmp_path: Path) -> None:
    inner = Tracker(tracker.root / "inner")
    inner.root.mkdir()
    inner.ok("init")
    report = inner.new()
    (inner.root / ".git").mkdir()
    before = sorted(inner.root.rglob("*"))
    head = tracker.git("rev-parse", "HEAD")
    assert_error(inner.run("note", report, "x"), 7, "inner is a repository of its own")
    assert tracker.git("rev-parse", "HEAD") == head
    assert inner.ok("list", "-q").split() == [report]
    assert sorted(inner.root.rglob("*")) == before
