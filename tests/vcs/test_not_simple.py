"""Repositories that are not simple: a change is one whole commit, or is refused with everything as it was."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from support.cli import Tracker
from support.faults import make_report, require_tidy
from support.whole import Arrange, as_it_was, configured, every_kind, one_commit, script, theirs


@pytest.fixture
def report(tracker: Tracker) -> str:
    tracker.become(make_report)
    return tracker.ids()[0]


# What is configured


def info(name: str, text: str) -> Arrange:
    def arrange(tracker: Tracker, _: Path) -> None:
        (tracker.root / ".git/info").mkdir(exist_ok=True)
        (tracker.root / ".git/info" / name).write_text(text)

    return arrange


def excludes_file(tracker: Tracker, tmp_path: Path) -> None:
    (tmp_path / "ignored").write_text("reports/\nattachments/\n*.yaml\n")
    tracker.git("config", "core.excludesFile", str(tmp_path / "ignored"))


def work_tree_config(tracker: Tracker, _: Path) -> None:
    tracker.git("config", "extensions.worktreeConfig", "true")
    tracker.git("config", "--worktree", "core.autocrlf", "true")


def colliding_files(tracker: Tracker, _: Path) -> None:
    tracker.git("config", "core.ignoreCase", "true")
    for name in ("README", "readme"):
        blob = tracker.git("hash-object", "-w", "mine").strip()
        tracker.git("-c", "core.ignoreCase=false", "update-index", "--add", "--cacheinfo", f"100644,{blob},{name}")
        (tracker.root / name).write_text(name)


CONFIGURED: dict[str, Arrange] = {
    "autocrlf=input": configured("core.autocrlf=input", "core.safecrlf=true"),
    "what the file system can": configured(
        "core.fileMode=false", "core.ignoreCase=true", "core.precomposeUnicode=true", "core.symlinks=false"
    ),
    "what is shown": configured("core.quotePath=false", "status.showUntrackedFiles=all", "diff.external=false"),
    "untracked cache, many files": configured("core.untrackedCache=true", "feature.manyFiles=true"),
    "no reflog, no trust in ctime": configured("core.logAllRefUpdates=false", "core.trustctime=false"),
    "said to be bare": configured("core.bare=true"),
    "ignored by info/exclude": info("exclude", "reports/\nattachments/\n*.yaml\n"),
    "ignored by core.excludesFile": excludes_file,
    "configuration of a work tree": work_tree_config,
    "files that differ by case": colliding_files,
}


@pytest.mark.parametrize("name", CONFIGURED)
def test_whatever_is_configured_a_change_is_one_commit(
    tracker: Tracker, report: str, tmp_path: Path, name: str
) -> None:
    CONFIGURED[name](tracker, tmp_path)
    if name == "said to be bare":  # git itself then refuses to look at the work tree
        tracker.ok("note", report, "x")
        tracker.git("config", "core.bare", "false")
        require_tidy(tracker)
    every_kind(tracker, report, tmp_path)


CONVERTING = "* text eol=crlf ident working-tree-encoding=UTF-16LE filter=large\n"


def attributes_of_the_top(tracker: Tracker, _: Path) -> None:
    (tracker.root / ".gitattributes").write_text(CONVERTING)


@pytest.mark.parametrize("arrange", [attributes_of_the_top, info("attributes", CONVERTING)])
def test_no_attribute_of_the_surroundings_reaches_what_is_committed(
    tracker: Tracker, report: str, tmp_path: Path, arrange: Arrange
) -> None:
    """As with LFS: a filter that puts a pointer in place of the content."""
    arrange(tracker, tmp_path)
    configured("filter.large.clean=echo pointer", "filter.large.required=true")(tracker, tmp_path)
    every_kind(tracker, report, tmp_path)
    assert tracker.git("show", f"HEAD:{tracker.path(report).relative_to(tracker.root)}").startswith("schema: 1\n")


def test_reports_themselves_are_clean_where_git_converts_the_rest(tracker: Tracker, report: str) -> None:
    (tracker.root / ".gitattributes").write_text(CONVERTING)
    tracker.git("config", "filter.large.clean", "echo pointer")
    one_commit(tracker, "note", report, "x")
    tracker.path(report).touch()  # git has to read it again
    assert tracker.git("status", "--porcelain", "reports") == ""


def test_a_monitor_of_the_repository_does_not_run(tracker: Tracker, report: str, tmp_path: Path) -> None:
    script(tmp_path / "monitor", f"echo >> '{tmp_path}/ran'; printf '/\\0'")
    tracker.git("config", "core.fsmonitor", str(tmp_path / "monitor"))
    tracker.git("status")
    (tmp_path / "ran").unlink()  # git runs it; we do not
    for typed in (["note", report, "x"], ["undo"], ["log"], ["list"], ["check"], ["doctor"]):
        tracker.ok(*typed)
    assert not (tmp_path / "ran").exists()
    one_commit(tracker, "note", report, "x")


def test_the_identity_is_the_one_that_git_includes_for_this_folder(
    tracker: Tracker, report: str, tmp_path: Path
) -> None:
    (tmp_path / "work").write_text("[user]\n    email = ana@work.example\n")
    with Path(os.environ["GIT_CONFIG_GLOBAL"]).open("a") as config:
        config.write(f'[includeIf "gitdir:{tracker.root}/"]\n    path = {tmp_path}/work\n')
    one_commit(tracker, "note", report, "x")
    assert tracker.git("log", "-1", "--format=%ae %ce").split() == ["ana@work.example"] * 2


# Signing


def test_a_signature_by_ssh(tracker: Tracker, report: str, tmp_path: Path) -> None:
    configured("gpg.format=ssh", "commit.gpgsign=2", "user.signingkey=/no/such/key")(tracker, tmp_path)
    as_it_was(tracker, 8, "/no/such/key", "note", report, "x")
    try:
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "key")], check=True)
    except FileNotFoundError:
        pytest.skip("there is no ssh-keygen")
    tracker.git("config", "user.signingkey", str(tmp_path / "key.pub"))
    one_commit(tracker, "note", report, "x")
    assert "BEGIN SSH SIGNATURE" in tracker.git("cat-file", "commit", "HEAD")


@pytest.mark.parametrize("key", ["commit.gpgsign", "issuelog.verify"])
def test_a_setting_that_is_neither_on_nor_off_is_refused_as_git_does(tracker: Tracker, report: str, key: str) -> None:
    tracker.git("config", key, "maybe")
    as_it_was(tracker, 8, f"bad boolean config value 'maybe' for {key}", "note", report, "x")
    tracker.git("config", key, "0")
    one_commit(tracker, "note", report, "x")


# Hooks


NOT_OURS = ("prepare-commit-msg", "post-commit", "pre-push", "post-index-change", "post-checkout", "post-rewrite")


@pytest.mark.parametrize("verify", ["true", "false"])
def test_hooks_of_other_commands_never_run(tracker: Tracker, report: str, tmp_path: Path, verify: str) -> None:
    tracker.git("config", "issuelog.verify", verify)
    for name in NOT_OURS:
        script(tracker.root / ".git/hooks" / name, f"echo {name} >> '{tmp_path}/ran'; exit 1")
    assert tracker.run("note", report, "x").code == 0
    assert tracker.run("undo").code == 0
    assert not (tmp_path / "ran").exists()


def test_hooks_of_a_template_and_of_a_hooks_path_wait_to_be_asked_for(tmp_path: Path) -> None:
    script(tmp_path / "template/hooks/pre-commit", "echo 'of the template'; exit 1")
    with Path(os.environ["GIT_CONFIG_GLOBAL"]).open("a") as config:
        config.write(f"[init]\n    templateDir = {tmp_path}/template\n")
    tracker = Tracker.make(tmp_path / "templated")
    report = make_report(tracker)
    one_commit(tracker, "note", report, "x")
    tracker.git("config", "issuelog.verify", "true")
    as_it_was(tracker, 8, "of the template", "note", report, "x")
    script(tmp_path / "path/pre-commit", "echo 'of the path'; exit 1")
    tracker.git("config", "core.hooksPath", str(tmp_path / "path"))
    as_it_was(tracker, 8, "of the path", "note", report, "x")
    tracker.git("config", "issuelog.verify", "false")
    one_commit(tracker, "note", report, "x")


def test_a_hook_that_cannot_run_refuses_and_one_that_is_switched_off_does_not(tracker: Tracker, report: str) -> None:
    tracker.git("config", "issuelog.verify", "true")
    hook = tracker.root / ".git/hooks/pre-commit"
    script(hook, "exit 1", mode=0o644)
    one_commit(tracker, "note", report, "x")
    hook.write_text("#!/no/such/interpreter\n")
    hook.chmod(0o755)
    as_it_was(tracker, 8, "pre-commit hook refused", "note", report, "x")
    script(hook, "kill -9 $$")
    as_it_was(tracker, 8, "signal 9", "note", report, "x")


def from_a_hook(tracker: Tracker, name: str, report: str, said: Path) -> None:
    """Let a hook record a note, and not wait for git's lock."""
    call = "import issuelog.vcs.index as index, issuelog.cli.main as cli; index.WAIT_SECONDS = 0; cli.entry()"
    line = f"'{sys.executable}' -c '{call}' note {report} 'from the hook' > '{said}' 2>&1; echo $? >> '{said}'"
    script(tracker.root / ".git/hooks" / name, line)


def test_a_change_in_a_pre_commit_hook_makes_git_refuse_and_loses_nothing(
    tracker: Tracker, report: str, tmp_path: Path
) -> None:
    from_a_hook(tracker, "pre-commit", report, tmp_path / "said")
    mine = theirs(tracker)
    tracker.git("commit", "-m", "mine", check=False)
    assert (tmp_path / "said").read_text().splitlines()[-1] == "0"
    assert tracker.subjects()[:2] == [f"{report}: note", f"{report}: new"]
    assert theirs(tracker) == mine
    (tracker.root / ".git/hooks/pre-commit").unlink()
    tracker.git("commit", "-qm", "mine")
    assert tracker.git("diff-tree", "--no-commit-id", "--name-only", "-r", "HEAD").split() == ["mine"]


def test_a_change_while_git_holds_the_index_in_a_hook_is_refused(tracker: Tracker, report: str, tmp_path: Path) -> None:
    from_a_hook(tracker, "pre-commit", report, tmp_path / "said")
    tracker.git("commit", "-qam", "mine")
    said = (tmp_path / "said").read_text()
    assert "git holds index.lock" in said
    assert said.splitlines()[-1] == "7"
    assert tracker.subjects()[:2] == ["mine", f"{report}: new"]
    assert tracker.git("status", "--porcelain") == ""


def test_a_change_in_a_pre_push_hook_is_a_commit_that_the_next_push_takes(
    tracker: Tracker, report: str, tmp_path: Path
) -> None:
    tracker.git("clone", "-q", "--bare", ".", str(tmp_path / "up.git"))
    from_a_hook(tracker, "pre-push", report, tmp_path / "said")
    tracker.git("push", "-q", str(tmp_path / "up.git"), "main")
    assert tracker.subjects()[0] == f"{report}: note"
    assert Tracker(tmp_path / "up.git").subjects()[0] == f"{report}: new"
    require_tidy(tracker)


# In the middle of something


def sides(tracker: Tracker) -> None:
    """Make two branches that disagree on a file, both with two commits."""
    file = tracker.root / "both"
    for branch in ("base", "side", "main"):
        if branch == "side":
            tracker.git("switch", "-qc", "side")
        elif branch == "main":
            tracker.git("switch", "-q", "main")
        for number in (1, 2) if branch != "base" else (0,):
            file.write_text(f"{branch} {number}\n")
            tracker.git("add", "both")
            tracker.git("commit", "-qm", f"{branch} {number}", "--", "both")


def apart(tracker: Tracker) -> None:
    """Merge what does not conflict, and stop before the commit."""
    tracker.git("switch", "-qc", "other", "side~2")
    tracker.git("commit", "-q", "--allow-empty", "-m", "other")
    tracker.git("switch", "-q", "side")
    tracker.git("merge", "-q", "--no-ff", "--no-commit", "other")


def applied(tracker: Tracker) -> None:
    tracker.git("format-patch", "-q", "-1", "-o", str(tracker.root.parent), "side")
    tracker.git("am", "-q", *map(str, tracker.root.parent.glob("*.patch")), check=False)


def between(what: str, *commits: str) -> Callable[[Tracker], None]:
    """Stop a series at a conflict, and commit that by hand: only the series itself is left to be seen."""

    def start(tracker: Tracker) -> None:
        tracker.git(what, *commits, check=False)
        (tracker.root / "both").write_text("chosen\n")
        tracker.git("add", "both")
        tracker.git("commit", "-qm", "by hand")

    return start


def git(*arguments: str) -> Callable[[Tracker], object]:
    return lambda tracker: tracker.git(*arguments, check=False)


def bisect(tracker: Tracker) -> None:
    tracker.git("bisect", "start", "HEAD", "HEAD~2")


MIDDLE: dict[str, tuple[str, Callable[[Tracker], object]]] = {
    "merge without a conflict": ("merge", apart),
    "rebase with a conflict": ("rebase", git("rebase", "--merge", "side")),
    "rebase of patches": ("rebase", git("rebase", "--apply", "side")),
    "rebase that waits for an edit": (
        "rebase",
        git("-c", "sequence.editor=sed -i.bak s/pick/edit/", "rebase", "-i", "HEAD~1"),
    ),
    "cherry-pick": ("cherry-pick", git("cherry-pick", "side")),
    "cherry-pick, between two commits": ("cherry-pick", between("cherry-pick", "side~", "side")),
    "revert": ("revert", git("revert", "--no-edit", "HEAD~")),
    "revert, between two commits": ("revert", between("revert", "--no-edit", "HEAD~", "HEAD~2")),
    "am": ("am", applied),
    "bisect": ("bisect", bisect),
}


@pytest.mark.parametrize("name", MIDDLE)
def test_in_the_middle_of_what_git_does_nothing_is_written_and_the_way_out_is_told(tracker: Tracker, name: str) -> None:
    report = tracker.new()
    sides(tracker)
    what, start = MIDDLE[name]
    start(tracker)
    way_out = f"git {what} --abort" if what != "bisect" else "git bisect reset"
    for typed in (["note", report, "x"], ["new", "--story", "s", "--anonymous"], ["undo"]):
        as_it_was(tracker, 7, f" {what} is in progress; nothing was changed … {way_out}", *typed)
    tracker.git(*way_out.split()[1:])
    one_commit(tracker, "note", report, "x")


def squashed(tracker: Tracker) -> None:
    tracker.git("merge", "-q", "--squash", "side", check=False)


def popped(tracker: Tracker) -> None:
    (tracker.root / "both").write_text("put away\n")
    tracker.git("stash", "-q")
    (tracker.root / "both").write_text("main 3\n")
    tracker.git("commit", "-qam", "main 3")
    tracker.git("stash", "pop", "-q", check=False)


@pytest.mark.parametrize("start", [squashed, popped])
def test_a_conflict_of_other_files_in_the_index_stays_as_it_is(
    tracker: Tracker, tmp_path: Path, start: Callable[[Tracker], None]
) -> None:
    report = tracker.new()
    sides(tracker)
    start(tracker)
    unmerged = tracker.git("ls-files", "-u")
    assert unmerged
    every_kind(tracker, report, tmp_path)
    assert tracker.git("ls-files", "-u") == unmerged
