"""The write path in every kind of repository, with hooks, signatures and environments of other people's making."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from support.cli import Tracker, run


@pytest.fixture
def report(tracker: Tracker) -> str:
    tracker.become(Tracker.new)
    return tracker.ids()[0]


def in_order(tracker: Tracker) -> None:
    """Disk, index and HEAD agree, and git finds nothing broken."""
    assert tracker.git("status", "--porcelain", "--untracked-files=all") == ""
    tracker.git("fsck", "--strict")
    assert not list(tracker.root.glob(".git/**/*.lock"))


def round_trip(tracker: Tracker, picture: Path) -> None:
    """Take a report through every kind of write: created, changed, with a file, taken back."""
    picture.write_bytes(b"line\r\nline\n\0\xff")
    report = tracker.new("--attach", str(picture))
    tracker.ok("note", report, "a note")
    tracker.ok("undo", report)
    assert [event["action"] for event in tracker.show(report)["events"]] == ["new"]
    attached = tracker.root / "attachments" / report / picture.name
    assert attached.read_bytes() == picture.read_bytes()
    logged = tracker.json("log", report)
    assert [row["action"] for row in logged] == ["undo note", "note", "new"]
    in_order(tracker)


def test_an_unborn_branch(tmp_path: Path) -> None:
    tracker = Tracker.make(tmp_path / "fresh", init=False)
    (tracker.root / "mine").write_text("staged before the first commit\n")
    tracker.git("add", "mine")
    tracker.ok("init")
    assert tracker.subjects() == ["issuelog: init"]
    assert tracker.git("status", "--porcelain") == "A  mine\n"
    assert "mine" not in tracker.git("ls-tree", "-r", "--name-only", "HEAD")


def test_a_detached_head_warns(tracker: Tracker, report: str) -> None:
    tracker.git("checkout", "-q", "--detach")
    done = tracker.run("note", report, "x")
    assert done.code == 0
    assert "HEAD is detached: this commit is on no branch" in done.err
    assert tracker.subjects()[0] == f"{report}: note"
    assert tracker.git("log", "-1", "--format=%s", "main").strip() == f"{report}: new"


def test_a_branch_with_folders_in_its_name(tracker: Tracker, report: str) -> None:
    tracker.git("switch", "-qc", "team/ana/reports")
    tracker.git("pack-refs", "--all")
    tracker.ok("note", report, "x")
    assert tracker.git("log", "-1", "--format=%s", "team/ana/reports").strip() == f"{report}: note"
    in_order(tracker)


@pytest.mark.parametrize("name", ["sub", "with space/ünïcode 日本"])
def test_a_tracker_in_a_folder_of_the_repository(tmp_path: Path, name: str) -> None:
    whole = Tracker.make(tmp_path / "a repository ß", init=False)
    tracker = Tracker(whole.root / name)
    tracker.root.mkdir(parents=True)
    tracker.ok("init")
    (whole.root / "reports").write_text("not ours")
    whole.git("add", "reports")
    round_trip_from = tmp_path / "picture.png"
    round_trip_from.write_bytes(b"\0")
    report = tracker.new("--attach", str(round_trip_from))
    tracker.ok("note", report, "x")
    tracker.ok("undo")
    assert whole.git("status", "--porcelain") == "A  reports\n"
    assert whole.subjects() == [f"{report}: undo note", f"{report}: note", f"{report}: new", "issuelog: init"]
    assert len(tracker.json("log")) == 4


@pytest.mark.parametrize("bare", [False, True])
def test_a_linked_work_tree(tracker: Tracker, report: str, tmp_path: Path, bare: bool) -> None:
    origin = tracker
    if bare:
        tracker.git("clone", "-q", "--bare", ".", str(tmp_path / "bare.git"))
        origin = Tracker(tmp_path / "bare.git")
    (tracker.root / "mine").write_text("staged\n")
    tracker.git("add", "mine")
    before = tracker.fingerprint()
    origin.git("worktree", "add", "-q", "-b", "side", str(tmp_path / "linked"))
    linked = Tracker(tmp_path / "linked")
    linked.ok("note", report, "over here")
    round_trip(linked, tmp_path / "a.png")
    assert f"{report}: note" in linked.git("log", "--format=%s", "side")
    assert tracker.fingerprint() == before


def test_a_submodule(tracker: Tracker, tmp_path: Path) -> None:
    outer = Tracker.make(tmp_path / "outer", init=False)
    outer.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(tracker.root), "inner")
    outer.git("commit", "-qm", "submodule")
    before = outer.git("ls-files", "-s")
    inner = Tracker(outer.root / "inner")
    round_trip(inner, tmp_path / "a.png")
    assert outer.git("ls-files", "-s") == before


def test_a_sha256_repository(tmp_path: Path) -> None:
    root = tmp_path / "long"
    subprocess.run(["git", "init", "-q", "-b", "main", "--object-format=sha256", str(root)], check=True)
    tracker = Tracker(root)
    tracker.ok("init")
    round_trip(tracker, tmp_path / "a.png")
    tracker.ok("undo")  # brings the note back
    tracker.ok("undo")
    report = tracker.new()
    tracker.ok("undo")
    assert not list(root.glob(f"reports/*/*/{report}.yaml"))
    in_order(tracker)


@pytest.mark.parametrize("setting", ["core.autocrlf=true", "core.eol=crlf", "core.splitIndex=true", "index.version=4"])
def test_settings_of_the_index_and_of_line_ends(tmp_path: Path, setting: str) -> None:
    tracker = Tracker.make(tmp_path / "r", init=False)
    tracker.git("config", *setting.split("="))
    (tracker.root / "other").write_text("x\n")
    tracker.git("add", "other")
    tracker.git("commit", "-qm", "other")
    tracker.ok("init")
    round_trip(tracker, tmp_path / "a.bin")
    assert b"\r" not in tracker.path(tracker.new()).read_bytes()


def test_reports_that_git_is_told_to_ignore(tracker: Tracker, tmp_path: Path) -> None:
    (tracker.root / ".gitignore").write_text("reports/\nattachments\n*.yaml\n*.png\n")
    tracker.git("add", ".")
    tracker.git("commit", "-qm", "ignore")
    round_trip(tracker, tmp_path / "a.png")


def test_settings_of_messages_do_not_matter(tracker: Tracker, tmp_path: Path) -> None:
    (tmp_path / "template").write_text("TEMPLATE\n")
    for name, value in {
        "commit.template": str(tmp_path / "template"),
        "commit.cleanup": "scissors",
        "commit.verbose": "true",
        "core.commentChar": ";",
        "i18n.commitEncoding": "ISO-8859-1",
        "log.showSignature": "true",
        "grep.patternType": "fixed",
        "color.ui": "always",
    }.items():
        tracker.git("config", name, value)
    report = tracker.new()
    assert tracker.git("cat-file", "commit", "HEAD").split("\n\n", 1)[1] == (
        f"{report}: new\n\nIssuelog-Report: {report}\nIssuelog-Action: new\nIssuelog-To: new\n"
    )
    tracker.ok("note", report, "x")
    tracker.ok("undo")
    assert [row["action"] for row in tracker.json("log", report)] == ["undo note", "note", "new"]


ELSEWHERE = ("GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY", "GIT_INDEX_FILE", "GIT_SHALLOW_FILE")


def test_the_environment_leads_nowhere_else(tracker: Tracker, report: str, tmp_path: Path) -> None:
    other = Tracker.make(tmp_path / "other", init=False)
    env = {name: str(other.root / ".git" / name) for name in ELSEWHERE} | {
        "GIT_DIR": str(other.root / ".git"),
        "GIT_NAMESPACE": "n",
        "GIT_PREFIX": "p/",
        "GIT_ICASE_PATHSPECS": "1",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "commit.gpgsign",
        "GIT_CONFIG_VALUE_0": "true",
        "GIT_CONFIG_PARAMETERS": "'core.bare'='true'",
    }
    before = sorted(other.root.rglob("*"))
    done = tracker.spawn("note", report, "x", env=env)
    assert done.code == 0, done.err
    logged = tracker.spawn("--json", "log", report, env=env)
    assert [row["action"] for row in logged.json] == ["note", "new"]
    assert sorted(other.root.rglob("*")) == before
    in_order(tracker)


def test_the_environment_hides_no_setting(tracker: Tracker, report: str) -> None:
    tracker.git("config", "gpg.program", "false")
    tracker.git("config", "commit.gpgsign", "true")
    done = tracker.spawn("note", report, "x", env={"GIT_CONFIG": "/dev/null"})
    assert (done.code, "gpg failed to sign the data" in done.err) == (8, True)


def hook(tracker: Tracker, name: str, script: str) -> None:
    path = tracker.root / ".git" / "hooks" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_a_hook_may_record_a_report(tracker: Tracker, report: str) -> None:
    """Git tells a hook of its own index and folders; what is written goes to the real ones."""
    hook(tracker, "post-commit", f"'{sys.executable}' -m issuelog note {report} 'from the hook'")
    (tracker.root / "mine").write_text("x\n")
    (tracker.root / "staged").write_text("x\n")
    tracker.git("add", "mine", "staged")
    tracker.git("commit", "-qm", "mine", "--only", "mine")
    assert tracker.subjects()[:2] == [f"{report}: note", "mine"]
    assert tracker.git("status", "--porcelain") == "A  staged\n"


ALL_HOOKS = (
    "pre-commit",
    "prepare-commit-msg",
    "commit-msg",
    "post-commit",
    "reference-transaction",
    "post-index-change",
)


def test_no_hook_runs_unasked(tracker: Tracker, report: str, tmp_path: Path) -> None:
    for name in ALL_HOOKS:
        hook(tracker, name, f"echo {name} >> '{tmp_path}/ran'; exit 1")
    tracker.ok("note", report, "x")
    assert not (tmp_path / "ran").exists()


def test_hooks_that_are_asked_for_see_the_commit_and_may_word_it(tracker: Tracker, report: str, tmp_path: Path) -> None:
    tracker.git("config", "issuelog.verify", "true")
    (tracker.root / "mine").write_text("staged\n")
    tracker.git("add", "mine")
    hook(tracker, "pre-commit", f"git diff --cached --name-only -- '*.yaml' mine > '{tmp_path}/seen'")
    hook(tracker, "commit-msg", 'echo "Signed-off-by: Ana <ana@example.com>" >> "$1"')
    tracker.ok("note", report, "x")
    path = str(tracker.path(report).relative_to(tracker.root))
    assert (tmp_path / "seen").read_text().split() == [path]
    assert (
        tracker.git("log", "-1", "--format=%(trailers:key=Signed-off-by,valueonly)").strip() == "Ana <ana@example.com>"
    )
    assert tracker.git("status", "--porcelain") == "A  mine\n"


@pytest.mark.parametrize("name", ["pre-commit", "commit-msg", "reference-transaction"])
def test_a_hook_that_refuses_is_heard_and_nothing_changes(tracker: Tracker, report: str, name: str) -> None:
    tracker.git("config", "issuelog.verify", "true")
    hook(tracker, name, "echo 'not on a Friday' >&2; exit 1")
    before = tracker.fingerprint(), tracker.path(report).read_bytes()
    done = tracker.run("note", report, "x")
    assert (done.code, "not on a Friday" in done.err) == (8, True), done.err
    assert (tracker.fingerprint(), tracker.path(report).read_bytes()) == before
    (tracker.root / ".git" / "hooks" / name).unlink()
    in_order(tracker)


def test_a_signature_is_made_where_the_user_wants_one(tracker: Tracker, report: str, tmp_path: Path) -> None:
    signer = tmp_path / "signer"
    signer.write_text("#!/bin/sh\ncat > /dev/null\necho '[GNUPG:] SIG_CREATED ' >&2\necho SIGNED\n")
    signer.chmod(0o755)
    tracker.git("config", "gpg.program", str(signer))
    tracker.git("config", "commit.gpgSign", "yes")
    tracker.ok("note", report, "x")
    assert "\ngpgsig SIGNED\n" in tracker.git("cat-file", "commit", "HEAD")


def test_a_signature_that_fails_is_told_in_gits_words_and_nothing_changes(tracker: Tracker, report: str) -> None:
    tracker.git("config", "gpg.program", "false")
    tracker.git("config", "commit.gpgsign", "true")
    before = tracker.fingerprint(), tracker.path(report).read_bytes()
    done = tracker.run("note", report, "x")
    assert (done.code, "gpg failed to sign the data" in done.err) == (8, True)
    assert (tracker.fingerprint(), tracker.path(report).read_bytes()) == before
    in_order(tracker)


def test_who_commits_has_to_be_known(tracker: Tracker, report: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    tracker.git("config", "user.useConfigOnly", "true")
    before = tracker.fingerprint()
    done = tracker.run("note", report, "x", "--by", "Bo <bo@example.com>")
    assert (done.code, "user.email" in done.err) == (8, True)
    assert tracker.fingerprint() == before


BUSY = {
    "MERGE_HEAD": "merge",
    "CHERRY_PICK_HEAD": "cherry-pick",
    "REVERT_HEAD": "revert",
    "sequencer/todo": "cherry-pick",
    "rebase-merge/onto": "rebase",
    "rebase-apply/onto": "rebase",
    "rebase-apply/applying": "am",
    "BISECT_LOG": "bisect",
}


@pytest.mark.parametrize("name", BUSY)
def test_while_git_is_busy_nothing_is_written(tracker: Tracker, report: str, name: str) -> None:
    sign = tracker.root / ".git" / name
    sign.parent.mkdir(exist_ok=True)
    sign.write_text("")
    before = tracker.git("rev-parse", "HEAD"), tracker.path(report).read_bytes()
    done = tracker.run("note", report, "x")
    assert (done.code, f"a {BUSY[name]} is in progress" in done.err.replace("an ", "a ")) == (7, True)
    assert (tracker.git("rev-parse", "HEAD"), tracker.path(report).read_bytes()) == before


def test_a_bare_repository_is_refused(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", "--bare", str(tmp_path / "bare")], check=True)
    done = run("-C", str(tmp_path / "bare"), "init")
    assert (done.code, "bare repository" in done.err) == (3, True)
