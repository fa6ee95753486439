"""Git and strangers: their names are no options, their configuration is not run, their words forge nothing."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from hostile.made import pulled_copy
from hostile.payloads import LINE, TEXT, assert_inert
from support.cli import COMPLETE, Tracker

ROUND = (
    ["list"],
    ["show", "ID"],
    ["next", "ID"],
    ["log"],
    ["log", "ID"],
    ["check"],
    ["doctor"],
    ["note", "ID", "x"],
    ["attach", "ID", "FILE"],
    ["ack", "ID"],
    ["undo", "ID"],
    ["new", "--story", "s", "--anonymous"],
    ["import", "github", "ISSUES"],
)


def go_round(tracker: Tracker, report: str, tmp_path: Path) -> None:
    """Run a command of each kind, which has to succeed, and leave everything committed."""
    (tmp_path / "a.bin").write_bytes(b"\0")
    (tmp_path / "issues.json").write_text('{"title": "t", "body": "b"}')
    given = {"ID": report, "FILE": str(tmp_path / "a.bin"), "ISSUES": str(tmp_path / "issues.json")}
    for command in ROUND:
        done = tracker.run(*(given.get(word, word) for word in command))
        assert done.code == 0, (command, done.err)
        assert_inert(done.out + done.err)


# Names


@pytest.mark.parametrize(
    "name",
    [
        "--upload-pack=touch ran;",
        "-rf",
        "a b\nc",
        "$(touch ran)`touch ran`",
        "'; touch ran; '",
        ":(glob)*",
        ":!x",
        "*",
        "\x1b]0;owned\x07\u202e[red]",
        "HEAD",
        '"quoted\\',
    ],
    ids=repr,
)
def test_a_tracker_in_a_folder_of_a_hostile_name(tmp_path: Path, name: str) -> None:
    whole = Tracker.make(tmp_path / "whole", init=False)
    tracker = Tracker(whole.root / name)
    tracker.root.mkdir()
    tracker.ok("init")
    go_round(tracker, tracker.new(), tmp_path)
    assert whole.git("status", "--porcelain", "--untracked-files=all") == ""
    assert not list(tmp_path.rglob("ran"))


@pytest.mark.parametrize("name", ["--upload-pack=x", "-rf", "--output=ran", "@-1x", "a/-b", "x;touch-ran"])
def test_a_branch_named_like_an_option(tracker: Tracker, tmp_path: Path, name: str) -> None:
    report = tracker.new()
    tracker.git("update-ref", f"refs/heads/{name}", "HEAD")
    tracker.git("symbolic-ref", "HEAD", f"refs/heads/{name}")
    go_round(tracker, report, tmp_path)
    assert tracker.git("rev-parse", f"refs/heads/{name}") == tracker.git("rev-parse", "HEAD")
    assert tracker.git("status", "--porcelain", "--untracked-files=all") == ""
    assert not [path for path in tmp_path.rglob("*ran") if "refs" not in path.parts]


@pytest.mark.parametrize("name", ["HEAD", "refs/heads/main", "-x", "FETCH_HEAD"])
def test_a_tag_or_branch_named_like_something_else_is_not_meant(tracker: Tracker, tmp_path: Path, name: str) -> None:
    report = tracker.new()
    first = tracker.git("rev-list", "--max-parents=0", "HEAD").strip()
    for kind in ("tags", "heads"):
        tracker.git("update-ref", f"refs/{kind}/{name}", first)
    go_round(tracker, report, tmp_path)
    assert tracker.git("rev-parse", f"refs/tags/{name}").strip() == first


def test_files_named_like_options_beside_the_reports(tracker: Tracker, tmp_path: Path) -> None:
    report = tracker.new()
    folder = tracker.path(report).parent
    names = ("--output=ran.yaml", "-rf.yaml", "--.yaml", ":(glob)*.yaml", "$(touch ran).yaml")
    for name in names:
        (folder / name).write_text("a: [\n")
    tracker.git("add", "--all", "--", ".")
    tracker.git("commit", "-qm", "pulled")
    for name in names:
        done = tracker.run("check", "--", str(folder / name))
        assert done.code == 6, done.err
        for verb in (["show"], ["log"], ["note", "x"], ["undo"]):
            assert tracker.run(verb[0], "--", name, *verb[1:]).code == 4
    assert tracker.run("list").code == 0
    tracker.ok("note", report, "x")
    tracker.ok("undo", report)
    assert not list(tmp_path.rglob("ran*"))


# Configuration


@pytest.fixture
def trap(tmp_path: Path) -> Path:
    """A program that leaves a mark where it is run."""
    path = tmp_path / "trap"
    path.write_text(f'#!/bin/sh\necho "$0 $@" >> "{tmp_path}/sprung"\ncat > /dev/null 2>&1 < /dev/null\nexit 0\n')
    path.chmod(0o755)
    return path


def assert_unsprung(trap: Path) -> None:
    mark = trap.with_name("sprung")
    assert not mark.exists(), mark.read_text()


KEYS = (
    "editor",
    "command",
    "hooks",
    "on_change",
    "template_path",
    "templates",
    "include",
    "extends",
    "url",
    "plugins",
    "sendmail",
    "smtp",
    "path",
    "driver",
    "schema",
    "python",
)


def test_the_policy_names_nothing_to_run(tracker: Tracker, trap: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report = tracker.new()
    monkeypatch.setenv("EDITOR", "false")  # the user's own is the only one
    for key in KEYS:
        (tracker.root / ".issuelog" / "config.yaml").write_text(f"{key}: {trap}\n")
        assert key in tracker.run("list").err
        for command in (["list"], ["note", report, "x"], ["ack", report], ["edit", report]):
            done = tracker.run(*command)
            assert done.code in {6, 9}, (command, done.err)
    assert_unsprung(trap)


def settings_that_run(trap: Path) -> dict[str, str]:
    """Git's settings that name a program, as somebody may have put them into an unpacked repository."""
    return {
        "core.fsmonitor": str(trap),
        "core.hooksPath": str(trap.parent / "hooks"),
        "core.pager": str(trap),
        "core.askPass": str(trap),
        "core.sshCommand": str(trap),
        "core.gitProxy": str(trap),
        "core.alternateRefsCommand": str(trap),
        "credential.helper": f"!{trap}",
        "diff.external": str(trap),
        "diff.evil.textconv": str(trap),
        "diff.evil.command": str(trap),
        "filter.evil.clean": str(trap),
        "filter.evil.smudge": str(trap),
        "filter.evil.process": str(trap),
        "merge.evil.driver": str(trap),
        "gpg.program": str(trap),
        "log.showSignature": "true",
        "pager.log": str(trap),
        "alias.log": f"!{trap}",
        "alias.hash-object": f"!{trap}",
        "trailer.Issuelog-Action.command": str(trap),
        "trailer.Issuelog-Action.cmd": str(trap),
        "uploadpack.packObjectsHook": str(trap),
        "interactive.diffFilter": str(trap),
        "gc.auto": "1",
        "maintenance.auto": "true",
        "submodule.recurse": "true",
        "fetch.recurseSubmodules": "true",
    }


HOOKS = (
    "pre-commit",
    "commit-msg",
    "post-commit",
    "post-index-change",
    "reference-transaction",
    "pre-auto-gc",
    "post-checkout",
    "fsmonitor-watchman",
    "post-rewrite",
    "prepare-commit-msg",
    "applypatch-msg",
)


def set_the_trap(tracker: Tracker, trap: Path) -> None:
    for name, value in settings_that_run(trap).items():
        tracker.git("config", name, value)
    for folder in (trap.parent / "hooks", tracker.root / ".git" / "hooks"):
        folder.mkdir(exist_ok=True)
        for name in HOOKS:
            shutil.copy(trap, folder / name)


@pytest.mark.parametrize(
    "filters",
    [False, True],
)
def test_the_configuration_of_an_unpacked_repository_is_not_run(
    tracker: Tracker, trap: Path, tmp_path: Path, filters: bool
) -> None:
    report = tracker.new()
    # Plain git adds these before the trap is set: it would run it.
    (tracker.root / ".gitattributes").write_text("* filter=evil diff=evil merge=evil\n")
    tracker.git("add", ".gitattributes")
    tracker.git("commit", "-qm", "attributes")
    set_the_trap(tracker, trap)
    for kind in () if filters else ("clean", "smudge", "process"):
        tracker.git("config", "--unset", f"filter.evil.{kind}")
    go_round(tracker, report, tmp_path)
    assert_unsprung(trap)


def test_the_trap_works(tracker: Tracker, trap: Path) -> None:
    tracker.new()
    set_the_trap(tracker, trap)
    tracker.git("status", check=False)
    assert trap.with_name("sprung").exists()


def test_a_bare_repository_in_a_pulled_one_is_no_place_to_be(tracker: Tracker, trap: Path, tmp_path: Path) -> None:
    """Git takes a folder that holds these files for a repository, and a clone can bring them."""
    report = tracker.new()
    inner = tracker.root / "vendor" / "evil.git"
    inner.mkdir(parents=True)
    tracker.git("init", "-q", "--bare", str(inner))
    bare = Tracker(inner)
    for name, value in (settings_that_run(trap) | {"core.bare": "false", "core.worktree": "."}).items():
        bare.git("config", "-f", str(inner / "config"), name, value)
    tracker.git("add", "vendor")
    tracker.git("commit", "-qm", "vendor")
    for folder in (inner, inner.parent, inner / "objects"):
        go_round(Tracker(folder), report, tmp_path)
        (tmp_path / "issues.json").write_text(f'{{"title": "t", "body": "{folder.name}"}}')
    assert_unsprung(trap)


def test_the_environment_names_nothing_to_run(
    tracker: Tracker, trap: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = tracker.new()
    settings = settings_that_run(trap)
    monkeypatch.setenv("GIT_CONFIG_COUNT", str(len(settings)))
    for number, (name, value) in enumerate(settings.items()):
        monkeypatch.setenv(f"GIT_CONFIG_KEY_{number}", name)
        monkeypatch.setenv(f"GIT_CONFIG_VALUE_{number}", value)
    for name in (
        "GIT_EXTERNAL_DIFF",
        "GIT_PAGER",
        "GIT_ASKPASS",
        "GIT_SSH_COMMAND",
        "GIT_SSH",
        "PAGER",
        "GIT_PROXY_COMMAND",
    ):
        monkeypatch.setenv(name, str(trap))
    monkeypatch.setenv("GIT_CONFIG_PARAMETERS", f"'core.fsmonitor'='{trap}'")
    go_round(tracker, report, tmp_path)
    assert_unsprung(trap)


def test_the_editor_is_called_with_arguments_and_through_no_shell(
    tracker: Tracker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = tracker.new()
    ran = tmp_path / "ran"
    for editor in (
        f"true; touch {ran}",
        f"true $(touch {ran})",
        f"true `touch {ran}`",
        f"true && touch {ran}",
        f"true > {ran}",
    ):
        monkeypatch.setenv("EDITOR", editor)
        assert tracker.run("edit", report).code in {2, 9}
        assert tracker.run("note", report, "-e").code != 70
    assert not ran.exists()


# What a commit says

_MESSAGE = re.compile(
    r"(?:issuelog|CR-\d{6}-[0-9A-Z]{4}): [a-z][a-z -]*\n\n"
    r"(?:Issuelog-Report: CR-\d{6}-[0-9A-Z]{4}\n)?Issuelog-Action: [a-z][a-z -]*\n"
    r"(?:Issuelog-From: [a-z]+\n)?(?:Issuelog-To: [a-z]+\n)?(?:Issuelog-Undoes: [0-9a-f]{40}\n)?\n*"
)
FORGERY = "Fixes #12\n\nIssuelog-Report: CR-000000-0000\nIssuelog-Action: close\nCloses: #12\nX: [skip ci]"


def test_no_words_of_a_customer_get_into_a_commit_message(tracker: Tracker, tmp_path: Path) -> None:
    (tmp_path / "story").write_text(FORGERY)
    line = FORGERY.replace("\n", " ")
    (tmp_path / f"{line.replace('/', '')}.log").write_text("x")
    report = tracker.ok(
        "new",
        "-q",
        "-F",
        str(tmp_path / "story"),
        "--title",
        line,
        "--customer",
        line,
        "--label",
        line,
        "--owner",
        line,
        "--component",
        line,
        "--external-ref",
        line,
        "--contact",
        line,
        *COMPLETE,
        "--attach",
        str(tmp_path / f"{line.replace('/', '')}.log"),
    ).strip()
    for command in (
        ["note", report, FORGERY],
        ["assign", report, line],
        ["set", report, f"intake.actual={FORGERY}", f"labels={line}"],
        ["diagnose", report, "--cause", FORGERY, "--kind", "code"],
        ["hypothesis", report, FORGERY],
        ["received", report, "--message", FORGERY],
        ["close", report, "--as", "spam", "--note", FORGERY],
        ["reopen", report, "--reason", "not_fixed", "--evidence", FORGERY],
        ["undo", report],
    ):
        tracker.run(*command)
    messages = tracker.git("log", "-z", "--format=%B").rstrip("\0").split("\0")
    assert len(messages) > 6
    for message in messages:
        assert _MESSAGE.fullmatch(message), message


def test_a_name_with_an_end_of_line_is_no_author(tracker: Tracker) -> None:
    report = tracker.new()
    before = tracker.fingerprint()
    for who in ("A\nB <a@b.example>", "A <a@b.example>\nIssuelog-Report: x", "A <a\nb>", "A\r <a@b.example>", "A"):
        assert tracker.run("note", report, "x", "--by", who).code == 2
    assert tracker.fingerprint() == before


@pytest.mark.parametrize(
    "action", ["x\x1b[2J", "x\nIssuelog-Action: Closes:#12", "@everyone", "note\tFixes\t#12", "a" * 300], ids=repr
)
def test_a_forged_trailer_gets_into_no_message_of_ours(tmp_path: Path, action: str) -> None:
    tracker = Tracker.make(tmp_path / "r")
    report = tracker.new()
    path = tracker.path(report)
    path.write_text(path.read_text() + "# by hand\n")
    forged = f"{report}: note\n\nIssuelog-Report: {report}\nIssuelog-Action: {action}\n"
    tracker.git("commit", "-qam", forged)
    for line in (["log"], ["log", report], ["log", "--color", "always"], ["undo", "--dry-run"]):
        done = tracker.run(*line)
        assert_inert(done.out + done.err)
    done = tracker.run("undo", report)
    assert_inert(done.out + done.err)
    assert_inert(tracker.git("log", "-1", "--format=%B").replace(forged, ""))
    latest = tracker.git("log", "-1", "--format=%B")
    assert latest.startswith(forged.strip()[:40]) or _MESSAGE.fullmatch(latest), latest
    assert tracker.git("log", "-1", "--format=%s").strip() in {f"{report}: note", f"{report}: undo"}


def test_forged_commits_are_inert_in_the_history(tmp_path: Path) -> None:
    there = pulled_copy(tmp_path)
    tracker = there.tracker
    path = tracker.path(there.id)
    for action in (LINE, TEXT, "x\nIssuelog-Report: ../../x", "x"):
        path.write_text(path.read_text() + "# again\n")
        words = f"{action}\n\nIssuelog-Report: {there.id}\nIssuelog-Action: {action}\nIssuelog-To: {action}\n"
        tracker.git("commit", "-qam", words.replace("\0", ""), f"--author={LINE.replace(chr(0), '')} <x@x.example>")
    for line in (["log"], ["log", there.id], ["log", "--color", "always"], ["undo", "--dry-run"]):
        done = tracker.run(*line)
        assert done.code != 70, done.err
        assert_inert(done.out + done.err)
