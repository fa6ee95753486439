"""The commit-msg hook: where it is put, what it refuses, and that it is never in the way."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.cli import Done, Tracker, run

MARK = "# issuelog:commit-msg"
THEIRS = "#!/bin/sh\necho theirs\n"


@pytest.fixture
def product(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tracker:
    """A product in a repository of its own, which the user's settings name."""
    made = Tracker.make(tmp_path / "product", init=False)
    monkeypatch.setenv("ISSUELOG_PRODUCT_REPO", str(made.root))
    return made


def hook(repository: Tracker) -> Path:
    return repository.root / ".git" / "hooks" / "commit-msg"


def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let hooks find issuelog."""
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")


def commit(folder: Path, message: str, *options: str) -> tuple[int, str]:
    words = ["git", "commit", "-q", "--allow-empty", "-m", message, *options]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


def check(tracker: Tracker, message: str | bytes, monkeypatch: pytest.MonkeyPatch) -> Done:
    """Check a message as the hook does, in the tracker's own repository."""
    path = tracker.root / ".git" / "COMMIT_EDITMSG"
    path.write_bytes(message if isinstance(message, bytes) else message.encode())
    monkeypatch.chdir(tracker.root)
    return run("hooks", "check", ".git/COMMIT_EDITMSG")


def test_a_message_that_names_no_report_is_refused_by_git_with_the_nearest(
    tracker: Tracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed(monkeypatch)
    report = tracker.new()
    tracker.ok("hooks", "install")
    assert commit(tracker.root, f"stream the lines ({report})") == (0, "")
    wrong = report[:-1] + ("A" if report[-1] != "A" else "B")
    before = tracker.git("rev-parse", "HEAD")
    code, said = commit(tracker.root, f"stream the lines\n\nIssuelog-Report: {wrong}")
    assert code == 1
    assert f"'{wrong}' in the message names no report; did you mean {report}?" in said
    assert tracker.git("rev-parse", "HEAD") == before
    assert commit(tracker.root, f"about {wrong}", "--no-verify")[0] == 0


def test_a_tracker_elsewhere_is_found_from_the_product_whatever_its_folder_is_called(
    product: Tracker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed(monkeypatch)
    tracker = Tracker.make(tmp_path / 'it\'s $(touch x); a "tracker"')
    report = tracker.new()
    tracker.ok("hooks", "install")
    linked = tmp_path / "linked"
    assert commit(product.root, f"fix {report}") == (0, "")
    product.git("worktree", "add", "-q", str(linked))
    for folder in (product.root, linked):
        code, said = commit(folder, "fix CR-261116-ZZZZ")
        assert (code, "'CR-261116-ZZZZ' in the message names no report" in said) == (1, True)
    assert not list(tmp_path.rglob("x"))


@pytest.mark.parametrize("lost", ["tracker", "program", "policy"])
def test_a_hook_that_cannot_check_says_so_and_is_not_in_the_way(
    product: Tracker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    tracker = Tracker.make(tmp_path / "tracker")
    tracker.ok("hooks", "install")
    installed(monkeypatch)
    if lost == "program":
        folders = os.environ["PATH"].split(os.pathsep)
        monkeypatch.setenv("PATH", os.pathsep.join(one for one in folders if not Path(one, "issuelog").exists()))
    if lost == "tracker":
        tracker.root.rename(tmp_path / "moved")
    if lost == "policy":
        (tracker.root / ".issuelog" / "config.yaml").write_text("prefix: [")
    code, said = commit(product.root, "fix CR-261116-ZZZZ")
    assert (code, "issuelog: the ids in this message were not checked" in said) == (0, True)


def test_a_merge_passes_whatever_a_branch_is_called(tracker: Tracker, monkeypatch: pytest.MonkeyPatch) -> None:
    installed(monkeypatch)
    tracker.ok("hooks", "install")
    tracker.git("checkout", "-q", "-b", "fix/CR-261116-ZZZZ")
    assert commit(tracker.root, "on the branch") == (0, "")
    tracker.git("checkout", "-q", "main")
    tracker.git("merge", "-q", "--no-ff", "--no-edit", "fix/CR-261116-ZZZZ")
    assert tracker.subjects()[0] == "Merge branch 'fix/CR-261116-ZZZZ'"


def test_issuelog_s_own_commits_pass_where_hooks_run(tracker: Tracker, monkeypatch: pytest.MonkeyPatch) -> None:
    installed(monkeypatch)
    tracker.ok("hooks", "install")
    tracker.git("config", "issuelog.verify", "true")
    report = tracker.new()  # its commit names a report that is not there yet
    tracker.ok("undo")
    assert tracker.subjects()[0] == f"{report}: undo new"


@pytest.mark.parametrize(
    "message",
    [
        "",
        "plain words, CR-7 and CVE-2026-1234, UTF-8 — ü",
        "BUG-261116-ZZZZ is of another tracker",
        "# about CR-261116-ZZZZ\nplain",
        "plain\n# ------------------------ >8 ------------------------\n+CR-261116-ZZZZ\n",
        "XCR-261116-ZZZZ CR-261116-ZZZZZ CR-261116-ZZZ",
        "Issuelog-Report:\n",
        b"\xff\xfe no UTF-8 \x00",
    ],
)
def test_what_names_no_report_at_all_passes(
    tracker: Tracker, monkeypatch: pytest.MonkeyPatch, message: str | bytes
) -> None:
    done = check(tracker, message, monkeypatch)
    assert (done.code, done.out, done.err) == (0, "", "")


def test_the_comments_are_those_that_git_cuts_off(tracker: Tracker, monkeypatch: pytest.MonkeyPatch) -> None:
    tracker.git("config", "core.commentChar", ";")
    assert check(tracker, "; CR-261116-ZZZZ", monkeypatch).code == 0
    assert (
        check(tracker, "; ------------------------ >8 ------------------------\nCR-261116-ZZZZ", monkeypatch).code == 0
    )
    assert check(tracker, "# CR-261116-ZZZZ", monkeypatch).code == 4


@pytest.mark.parametrize("form", ["{}", "{}: x", "(see {}.)", "Issuelog-Report: {}", "{}-export", "Fixes #1, {}"])
def test_a_report_that_is_there_passes_in_any_case(
    tracker: Tracker, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    report = tracker.new()
    for named in (report, report.lower()):
        assert check(tracker, form.format(named), monkeypatch).code == 0
    assert check(tracker, form.format("CR-261116-ZZZZ"), monkeypatch).code == 4


def test_a_trailer_wants_the_id_in_full_and_names_it(tracker: Tracker, monkeypatch: pytest.MonkeyPatch) -> None:
    report = tracker.new()
    done = check(tracker, f"x\n\nissuelog-report: {report[-4:]}, {report}", monkeypatch)
    assert (done.code, f"did you mean {report}?" in done.err) == (4, True)
    assert check(tracker, f"x\n\nIssuelog-Report: {report}, {report}", monkeypatch).code == 0


def test_a_hook_of_somebody_else_s_is_never_touched_and_the_line_for_it_is_told(tracker: Tracker) -> None:
    hook(tracker).parent.mkdir(exist_ok=True)
    hook(tracker).write_text(THEIRS)
    for command in (("install",), ("install", "-n")):
        done = tracker.run("hooks", *command)
        assert (done.code, hook(tracker).read_text()) == (7, THEIRS)
        assert 'issuelog hooks check "$1" || [ $? -ne 4 ] || exit 1' in done.err
    assert "not issuelog's, and stays" in tracker.ok("hooks", "uninstall")
    assert tracker.json("hooks", "status")["state"] == "foreign"
    assert hook(tracker).read_text() == THEIRS


def test_the_line_that_is_told_works_in_a_hook_of_somebody_else_s(
    tracker: Tracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed(monkeypatch)
    hook(tracker).parent.mkdir(exist_ok=True)
    hook(tracker).write_text(THEIRS)
    line = tracker.run("--json", "hooks", "install").error["hint"].partition("add this line to it: ")[2]
    hook(tracker).write_text(f"#!/bin/sh -e\n{line}\n")
    hook(tracker).chmod(0o755)
    assert commit(tracker.root, "plain")[0] == 0
    assert commit(tracker.root, "CR-261116-ZZZZ")[0] == 1
    (tracker.root / ".issuelog" / "config.yaml").write_text("prefix: [")
    assert commit(tracker.root, "CR-261116-ZZZZ")[0] == 0


@pytest.mark.parametrize("kind", ["link", "folder", "pipe"])
def test_what_is_no_file_in_the_place_of_the_hook_is_left_alone(tracker: Tracker, tmp_path: Path, kind: str) -> None:
    path, other = hook(tracker), tmp_path / "other"
    path.parent.mkdir(exist_ok=True)
    other.write_text(f"#!/bin/sh\n{MARK}\n")
    if kind == "link":
        path.symlink_to(other)
    elif kind == "folder":
        path.mkdir()
    else:
        os.mkfifo(path)
    assert [tracker.run("hooks", verb).code for verb in ("install", "uninstall", "status")] == [7, 0, 0]
    assert os.path.lexists(path)
    assert other.read_text() == f"#!/bin/sh\n{MARK}\n"


def test_doctor_says_in_a_line_whether_it_is_there(
    tracker: Tracker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told() -> tuple[str, str, str]:
        (row,) = [row for row in tracker.run("--json", "doctor").json if row["what"] == "commit hook"]
        return row["level"], row["found"].split(": ")[0], row["command"]

    assert told()[:2] == ("ok", "absent (no product; product_repo")
    (tracker.root / "app.py").write_text("1\n")
    tracker.git("add", "app.py")
    tracker.git("commit", "-qm", "begin")
    assert told() == ("ok", "absent (issuelog hooks install   lets git check ids in messages)", "")
    tracker.ok("hooks", "install")
    assert told() == ("ok", "installed", "")
    hook(tracker).chmod(0o644)
    assert told() == ("warning", "outdated", "issuelog hooks install")
    hook(tracker).write_text(THEIRS)
    assert told() == ("ok", "there", "")
    monkeypatch.setenv("ISSUELOG_PRODUCT_REPO", str(tmp_path / "nowhere"))
    level, found, command = told()
    assert (level, "nowhere" in found, command.startswith("product_repo: PATH in ")) == ("warning", True, True)


def test_a_dry_run_writes_and_removes_nothing(tracker: Tracker) -> None:
    shown = tracker.ok("hooks", "install", "-n")
    assert MARK in shown
    assert not hook(tracker).exists()
    tracker.ok("hooks", "install")
    assert hook(tracker).read_text() in shown + "\n"
    assert "would remove" in tracker.ok("hooks", "uninstall", "-n")
    assert tracker.json("hooks", "status")["state"] == "installed"


def test_our_hook_is_renewed_where_it_is_not_as_it_should_be(tracker: Tracker) -> None:
    tracker.ok("hooks", "install")
    good = hook(tracker).read_text()
    assert tracker.json("hooks", "install")["changed"] is False
    hook(tracker).write_text(f"#!/bin/sh\n{MARK} of an older version\n")
    hook(tracker).chmod(0o644)
    assert tracker.json("hooks", "status")["state"] == "outdated"
    assert tracker.json("hooks", "install") == {
        "repository": str(tracker.root),
        "path": str(hook(tracker)),
        "state": "installed",
        "changed": True,
        "line": 'issuelog hooks check "$1"',
    }
    assert (hook(tracker).read_text(), os.access(hook(tracker), os.X_OK)) == (good, True)
    hook(tracker).chmod(0o644)
    assert tracker.json("hooks", "status")["state"] == "outdated"
    assert tracker.json("hooks", "uninstall")["changed"] is True
    assert tracker.json("hooks", "uninstall")["changed"] is False
    assert not hook(tracker).exists()


def test_it_lies_where_git_looks_for_hooks(tracker: Tracker, tmp_path: Path) -> None:
    tracker.git("config", "core.hooksPath", "ci/hooks")
    tracker.ok("hooks", "install")
    assert (tracker.root / "ci" / "hooks" / "commit-msg").is_file()
    tracker.git("config", "--unset", "core.hooksPath")
    tracker.git("config", "--global", "core.hooksPath", str(tmp_path / "all"))
    done = tracker.run("hooks", "install")
    assert (tmp_path / "all" / "commit-msg").is_file()
    assert "set for all your repositories" in done.err
    tracker.git("config", "core.hooksPath", "/dev/null")
    assert tracker.run("hooks", "install").code == 7


@pytest.mark.parametrize(("folder", "said"), [(".husky", True), ("", False)])
def test_one_that_would_be_committed_is_said_to_run_for_everybody(tracker: Tracker, folder: str, said: bool) -> None:
    if folder:
        tracker.git("config", "core.hooksPath", folder)
    assert ("committed, it runs for everybody" in tracker.run("hooks", "install").err) is said


def test_a_tracker_in_a_folder_is_named_from_the_top_where_hooks_run(tmp_path: Path) -> None:
    product = Tracker.make(tmp_path / "product", init=False)
    inside = Tracker(product.root / "the errors")
    inside.root.mkdir()
    inside.ok("init")
    inside.ok("hooks", "install")
    assert "issuelog -C 'the errors' hooks check \"$1\"\n" in hook(product).read_text()


def test_another_repository_can_be_named(tracker: Tracker, tmp_path: Path) -> None:
    other = Tracker.make(tmp_path / "other", init=False)
    tracker.ok("hooks", "install", "--repo", "../other")
    assert f'issuelog -C {tracker.root} hooks check "$1"\n' in hook(other).read_text()
    assert not hook(tracker).exists()
    assert tracker.run("hooks", "install", "--repo", "../nowhere").code == 3
