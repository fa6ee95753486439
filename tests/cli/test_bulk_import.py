"""Several reports at once: a commit each, and all of them or none, whatever happens on the way."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from issuelog import bulk, moving
from issuelog.bulk import Bulk
from issuelog.vcs import fastimport
from support.cli import Done, Tracker
from support.faults import kill, make_report, require_tidy, state

COUNT = 5
MAIL = """From: jo@acme.example
Subject: it stops {0}
Message-ID: <{0}@x>
Content-Type: multipart/mixed; boundary=b

--b

It stops.
--b
Content-Disposition: attachment; filename={0}.log

line
line {0}
--b--
"""


def lines(count: int = COUNT, **more: str) -> str:
    found: list[dict[str, str]] = [
        {"title": f"Export {n}", "story": f"It stops at {n} %\n", "customer": "Acme", "external_ref": f"T-{n}", **more}
        for n in range(count)
    ]
    return "".join(f"{json.dumps(line)}\n" for line in found)


def import_lines(tracker: Tracker, text: str = "", *options: str) -> Done:
    return tracker.run("--json", *options, "import", "jsonl", "-", stdin=text or lines())


def count_of(tracker: Tracker) -> int:
    return int(tracker.git("rev-list", "--count", "HEAD"))


def require_nothing_left(tracker: Tracker) -> None:
    """Nothing of an import is to be found beside its commits."""
    git = tracker.root / ".git"
    left = [*git.rglob("*.lock"), *git.rglob("tmp*"), *git.rglob("moving*"), *git.rglob("fast_import_crash*")]
    assert left == []
    assert "issuelog" not in tracker.git("for-each-ref")


def require_whole(tracker: Tracker) -> None:
    assert tracker.ok("check", "--json") == "[]\n"
    assert tracker.ok("fsck", "--json") == "[]\n"
    tracker.git("fsck", "--strict", "--no-dangling")
    require_nothing_left(tracker)


def test_each_report_is_a_commit_as_a_command_makes_it(tracker: Tracker) -> None:
    head = tracker.git("rev-parse", "HEAD").strip()
    rows = import_lines(tracker, "", "--by", "Kim Ü <kim@example.com>").json
    form = "--format=%H|%an|%ae|%cn|%ce|%s|%(trailers:separator=%x2C)|%b"
    commits = tracker.git("log", "--reverse", form, f"{head}..").split("\n\n")
    assert [row["title"] for row in rows] == [f"Export {number}" for number in range(COUNT)]
    for row, commit in zip(rows, commits, strict=False):
        sha, *who, subject, trailers, _ = commit.strip().split("|")
        assert sha == row["commit"]
        assert who == ["Kim Ü", "kim@example.com", "Ana Reyes", "ana@example.com"]
        assert subject == f"{row['id']}: import"
        assert trailers == f"Issuelog-Report: {row['id']},Issuelog-Action: import,Issuelog-To: new"
        touched = tracker.git("show", "--format=", "--name-only", sha).split()
        assert touched == [str(tracker.path(row["id"]).relative_to(tracker.root))]
    assert len({row["id"] for row in rows}) == COUNT
    assert "Acme" not in tracker.git("log", "--format=%B")
    assert tracker.git("status", "--porcelain", "--untracked-files=all") == ""
    assert [row["action"] for row in tracker.json("log")][:COUNT] == ["import"] * COUNT
    require_whole(tracker)
    tracker.ok("undo")
    assert len(tracker.json("list")) == COUNT - 1


def test_several_mails_come_with_their_attachments_byte_for_byte(tracker: Tracker, tmp_path: Path) -> None:
    tracker.git("config", "core.autocrlf", "true")
    tracker.git("config", "core.attributesFile", str(tmp_path / "attributes"))
    (tmp_path / "attributes").write_text("*.log text eol=crlf\n")
    (tracker.root / "attachments/.gitattributes").unlink(missing_ok=True)
    tracker.git("commit", "-qam", "none", check=False)
    mails = []
    for number in range(3):
        mails.append(tmp_path / f"{number}.eml")
        mails[-1].write_text(MAIL.format(number))
    before = count_of(tracker)
    rows = json.loads(tracker.ok("--json", "import", "mail", *map(str, mails), str(mails[0])))
    assert [row["action"] for row in rows] == ["import"] * 3 + ["known"]
    assert count_of(tracker) == before + 3
    for number, row in enumerate(rows[:3]):
        content = (tracker.root / "attachments" / row["id"] / f"{number}.log").read_bytes()
        assert content == f"line\nline {number}".encode()
    require_whole(tracker)


def test_a_mail_that_is_none_among_others_leaves_everything_as_it_was(tracker: Tracker, tmp_path: Path) -> None:
    before = state(tracker)
    mails = []
    for number, text in enumerate([MAIL, MAIL, "\0\0 no mail"]):
        mails.append(str(tmp_path / f"{number}.eml"))
        Path(mails[-1]).write_text(text.format(number))
    assert tracker.run("import", "mail", *mails).code == 6
    assert state(tracker) == before
    require_nothing_left(tracker)


def test_a_person_s_staged_and_unstaged_work_stays(tracker: Tracker) -> None:
    make_report(tracker)
    edited = tracker.path(tracker.new())
    edited.write_bytes(edited.read_bytes() + b"# mine\n")
    (tracker.root / "untracked").write_text("x")
    (tracker.root / "reports/2026/notes").parent.mkdir(parents=True, exist_ok=True)
    (tracker.root / "reports/2026/notes").write_text("x")
    before = (tracker.git("status", "--porcelain=v2"), tracker.git("ls-files", "-s", "mine"))
    assert import_lines(tracker).code == 0
    assert (tracker.git("status", "--porcelain=v2"), tracker.git("ls-files", "-s", "mine")) == before
    assert (tracker.root / "mine").read_text() == "unstaged\n"
    assert edited.read_bytes().endswith(b"# mine\n")


def whole_of(tracker: Tracker, count: int) -> tuple[str, list[str]]:
    rows = import_lines(tracker, lines(count)).json
    return tracker.ok("export", "jsonl"), [row["id"] for row in rows]


def own_file(tracker: Tracker, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("mine")


def staged_file(tracker: Tracker, path: Path) -> None:
    own_file(tracker, path)
    tracker.git("add", "-f", str(path))
    path.unlink()


def linked_folder(tracker: Tracker, path: Path) -> None:
    path.parent.parent.mkdir(parents=True, exist_ok=True)
    (tracker.root.parent / "elsewhere").mkdir()
    path.parent.symlink_to(tracker.root.parent / "elsewhere")


def file_for_folder(tracker: Tracker, path: Path) -> None:
    own_file(tracker, path.parent)


def other_case(tracker: Tracker, path: Path) -> None:
    own_file(tracker, path.with_name(path.name.lower()))


def committed_file_for_folder(tracker: Tracker, path: Path) -> None:
    own_file(tracker, path.parent)
    tracker.git("add", "-f", str(path.parent))
    tracker.git("commit", "-qm", "in the way")
    path.parent.unlink()


IN_THE_WAY: dict[str, Callable[[Tracker, Path], None]] = {
    "a file that is not committed": own_file,
    "an entry of the index": staged_file,
    "a link for a folder": linked_folder,
    "a file for a folder": file_for_folder,
    "a file for a folder, in the last commit": committed_file_for_folder,
    "a name in another case": other_case,
}


@pytest.mark.parametrize("what", IN_THE_WAY)
def test_what_is_in_the_way_stays_and_nothing_is_imported(tracker: Tracker, tmp_path: Path, what: str) -> None:
    text, ids = whole_of(Tracker.make(tmp_path / "source"), 3)
    place = tracker.root / "reports" / "2026" / "11" / f"{ids[1]}.yaml"
    IN_THE_WAY[what](tracker, place)
    before = state(tracker)
    done = import_lines(tracker, text)
    assert done.code == 7, done.err
    assert "nothing was changed" in done.err or "is there" in done.err or "not a folder" in done.err
    assert state(tracker) == before
    require_nothing_left(tracker)


def in_between(
    monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, act: Callable[[], object], times: int = 1
) -> None:
    """Let something happen before a step."""
    original, left = getattr(owner, name), [times]

    def step(*arguments: Any, **options: Any) -> Any:
        if left[0]:
            left[0] -= 1
            act()
        return original(*arguments, **options)

    monkeypatch.setattr(owner, name, step)


@pytest.mark.parametrize("step", ["_require_free", "_take_in", "_publish", "move"])
def test_a_commit_in_between_is_built_upon(tracker: Tracker, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    owner = bulk if step == "move" else Bulk
    in_between(monkeypatch, owner, step, lambda: tracker.git("commit", "-q", "--allow-empty", "-m", "between"))
    rows = import_lines(tracker).json
    assert tracker.subjects()[: COUNT + 1] == [*(f"{row['id']}: import" for row in reversed(rows)), "between"]
    assert [tracker.git("rev-parse", f"{row['commit']}").strip() for row in rows] == [row["commit"] for row in rows]
    assert tracker.git("status", "--porcelain", "--untracked-files=all") == ""
    require_whole(tracker)


def test_commits_that_keep_coming_in_between_end_in_a_conflict(
    tracker: Tracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_between(
        monkeypatch, Bulk, "_publish", lambda: tracker.git("commit", "-q", "--allow-empty", "-m", "between"), times=99
    )
    done = import_lines(tracker)
    assert (done.code, "keep coming in between" in done.err) == (7, True)
    assert {*tracker.subjects()[:3]} == {"between"}
    assert not tracker.json("list")
    require_nothing_left(tracker)


def test_an_index_that_git_holds_for_a_moment_is_waited_for(tracker: Tracker, monkeypatch: pytest.MonkeyPatch) -> None:
    lock = tracker.root / ".git/index.lock"
    in_between(monkeypatch, Bulk, "_publish", lambda: lock.write_text("another git"))
    in_between(monkeypatch, time, "sleep", lock.unlink)
    assert import_lines(tracker).code == 0
    assert len(tracker.json("list")) == COUNT


# --- Faults, interrupts, kills ----------------------------------------------------------------------------------

EARLY = ("_require_free", "_make", "_take_in", "_publish")
"""Steps before anything can be seen."""


def fail() -> None:
    raise OSError(28, "No space left on device")


def interrupt() -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("step", [*EARLY, "add"])
@pytest.mark.parametrize("fault", [fail, interrupt])
def test_a_fault_or_an_interrupt_leaves_everything_as_it_was(
    tracker: Tracker, monkeypatch: pytest.MonkeyPatch, step: str, fault: Callable[[], None]
) -> None:
    make_report(tracker)
    before = state(tracker)
    with monkeypatch.context() as patch:
        in_between(patch, Bulk, step, fault)
        assert import_lines(tracker).code == (7 if fault is fail else 130)
    assert state(tracker) == before
    require_nothing_left(tracker)
    assert import_lines(tracker).code == 0
    require_tidy(tracker)


def test_a_real_interrupt_while_files_are_moved_waits_until_all_is_whole(
    tracker: Tracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_between(monkeypatch, bulk, "move", lambda: signal.pthread_kill(threading.get_ident(), signal.SIGINT))
    done = import_lines(tracker)
    assert (done.code, "the interrupt came too late" in done.err) == (130, True)
    assert len(tracker.json("list")) == COUNT
    require_whole(tracker)


def test_an_interrupt_while_git_makes_the_commits_ends_git_too(
    tracker: Tracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = state(tracker)
    original = fastimport.commit

    def commit(number: int, *arguments: Any) -> bytes:
        if number == 3:
            signal.pthread_kill(threading.get_ident(), signal.SIGINT)
        return original(number, *arguments)

    with monkeypatch.context() as patch:
        patch.setattr(fastimport, "commit", commit)
        assert import_lines(tracker).code == 130
    assert state(tracker) == before
    require_nothing_left(tracker)


@pytest.mark.parametrize("fault", [fail, interrupt])
def test_a_fault_after_the_move_takes_nothing_back(
    tracker: Tracker, monkeypatch: pytest.MonkeyPatch, fault: Callable[[], None]
) -> None:
    in_between(monkeypatch, Bulk, "_sync_files", fault)
    done = import_lines(tracker)
    assert done.code == (0 if fault is fail else 130)
    assert ("the reports are committed, but No space left" in done.err) == (fault is fail)
    assert len(tracker.json("list")) == COUNT
    require_whole(tracker)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize("step", [*EARLY, "add", "_undo_conversions", "_sync_files"])
def test_a_kill_leaves_all_or_nothing(tracker: Tracker, step: str) -> None:
    make_report(tracker)
    before, commits = state(tracker), count_of(tracker)
    with pytest.MonkeyPatch.context() as patch:
        in_between(patch, Bulk, step, die)
        kill(tracker, lambda: import_lines(tracker))
    nothing = step in {*EARLY, "add"}
    if nothing:
        assert state(tracker) == before
    tracker.ok("undo")
    tracker.ok("undo")
    assert count_of(tracker) == commits + 2 + (0 if nothing else COUNT)
    require_tidy(tracker)
    require_nothing_left(tracker)
    assert import_lines(tracker).code == 0


def git_that_dies(tmp_path: Path, command: str, *, when: str) -> Path:
    """Return a folder for the PATH whose git kills its parent, and itself, before or after a command has run."""
    real = subprocess.run(["which", "git"], capture_output=True, text=True, check=True).stdout.strip()
    folder = tmp_path / "bin"
    folder.mkdir()
    script = folder / "git"
    run = f'"{real}" "$@"; ' if when == "after" else ""
    script.write_text(
        f'#!/bin/sh\ncase " $* " in *" {command} "*) {run}kill -9 $PPID; kill -9 $$;; esac\nexec "{real}" "$@"\n'
    )
    script.chmod(0o755)
    return folder


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("command", ["fast-import", "merge"])
def test_a_kill_at_each_step_of_git_leaves_all_or_nothing(
    tracker: Tracker, tmp_path: Path, command: str, when: str
) -> None:
    make_report(tracker)
    before, commits = state(tracker), count_of(tracker)
    folder = git_that_dies(tmp_path, command, when=when)
    (tmp_path / "lines").write_text(lines())
    done = tracker.spawn("import", "jsonl", str(tmp_path / "lines"), env={"PATH": f"{folder}:{os.environ['PATH']}"})
    assert done.code == -signal.SIGKILL
    tracker.ok("list")
    tracker.ok("new", "--story", "the next", "--customer", "c")
    done_whole = (command, when) == ("merge", "after")
    assert count_of(tracker) == commits + 1 + (COUNT if done_whole else 0)
    require_nothing_left(tracker)
    require_tidy(tracker)
    tracker.ok("undo")
    if not done_whole:
        tracker.git("reset", "-q", "--soft", "HEAD~2")
        assert state(tracker) == before


def test_a_kill_while_files_are_moved_is_put_back_or_finished(tracker: Tracker, tmp_path: Path) -> None:
    """Some files are there already and the index is still locked, as git leaves them."""
    make_report(tracker)
    before, commits = state(tracker), count_of(tracker)

    def half(repository: Any, commit: str, lock: int, work: str) -> None:
        moving._write_record(repository, repository.objects.head().expected, commit, work)
        (tracker.root / ".git/index.lock").touch()
        paths = tracker.git("diff", "--name-only", f"HEAD..{commit}").split()
        for path in paths[:2]:
            (tracker.root / path).parent.mkdir(parents=True, exist_ok=True)
            (tracker.root / path).write_text(tracker.git("show", f"{commit}:{path}"))
        (tracker.root / paths[1]).write_text("")
        die()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bulk, "move", half)
        kill(tracker, lambda: import_lines(tracker))
    done = tracker.run("undo")
    assert done.code == 0, done.err
    assert "put back an interrupted import" in done.err
    tracker.ok("undo")
    assert count_of(tracker) == commits + 2
    tracker.git("reset", "-q", "--soft", "HEAD~2")
    assert state(tracker) == before
    require_nothing_left(tracker)


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="names of open files are read from /proc")
def test_what_is_told_is_on_the_disk(tracker: Tracker, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[str] = []
    fsync, moved = os.fsync, moving.move

    def syncing(handle: int) -> None:
        steps.append(os.path.relpath(Path(f"/proc/self/fd/{handle}").readlink(), tracker.root))
        fsync(handle)

    def moving_on(*arguments: Any) -> None:
        steps.append("move")
        moved(*arguments)

    monkeypatch.setattr(os, "fsync", syncing)
    monkeypatch.setattr(bulk, "move", moving_on)
    rows = import_lines(tracker).json
    early, late = steps[: steps.index("move")], steps[steps.index("move") :]
    assert [Path(step).suffix for step in early if "pack-" in step] == [".pack", ".idx"]
    assert early[-1] == ".git/objects/pack"
    for row in rows:
        path = tracker.path(row["id"]).relative_to(tracker.root)
        assert {str(path), *map(str, path.parents)} <= {*late}


def test_many_files_are_brought_to_the_disk_all_at_once(tracker: Tracker, monkeypatch: pytest.MonkeyPatch) -> None:
    synced = []
    monkeypatch.setattr(bulk, "_FEW_FILES", COUNT - 1)
    monkeypatch.setattr(os, "sync", lambda: synced.append(len(list(tracker.root.glob("reports/*/*/*.yaml")))))
    assert import_lines(tracker).code == 0
    assert synced == [COUNT]


# --- One by one -------------------------------------------------------------------------------------------------


def unborn(tracker: Tracker, _: Path) -> None:
    tracker.git("checkout", "-q", "--orphan", "fresh")
    tracker.git("rm", "-rq", "--cached", ".")


def hooks(tracker: Tracker, tmp_path: Path) -> None:
    tracker.git("config", "issuelog.verify", "true")
    hook = tracker.root / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\necho x >> {tmp_path / 'ran'}\n")
    hook.chmod(0o755)


def sparse(tracker: Tracker, _: Path) -> None:
    tracker.git("sparse-checkout", "set", ".issuelog", "reports")


ONE_BY_ONE: dict[str, tuple[Callable[[Tracker, Path], None], str]] = {
    "no commit yet": (unborn, "there is no commit yet"),
    "hooks": (hooks, "issuelog.verify"),
    "a sparse checkout": (sparse, "the checkout is sparse"),
}


@pytest.mark.parametrize("what", ONE_BY_ONE)
def test_where_it_cannot_be_done_at_once_it_goes_one_by_one_and_says_why(
    tracker: Tracker, tmp_path: Path, what: str
) -> None:
    arrange, why = ONE_BY_ONE[what]
    arrange(tracker, tmp_path)
    done = import_lines(tracker)
    assert done.code == 0, done.err
    assert "one by one" in done.err
    assert why in done.err
    assert tracker.subjects()[:COUNT] == [f"{row['id']}: import" for row in reversed(done.json)]
    found = tracker.git("rev-list", "--reverse", f"--max-count={COUNT}", "HEAD").split()
    assert [row["commit"] for row in done.json] == found
    assert len(tracker.json("list")) == COUNT
    if what == "hooks":
        assert (tmp_path / "ran").read_text() == "x\n" * COUNT


def test_signed_commits_go_one_by_one(tracker: Tracker, tmp_path: Path) -> None:
    signer = tmp_path / "signer"
    signer.write_text('#!/bin/sh\ncat >/dev/null\necho "[GNUPG:] SIG_CREATED x" >&2\necho SIGNATURE\n')
    signer.chmod(0o755)
    tracker.git("config", "commit.gpgsign", "true")
    tracker.git("config", "gpg.program", str(signer))
    done = import_lines(tracker)
    assert "commit.gpgsign" in done.err
    for row in done.json:
        assert "SIGNATURE" in tracker.git("cat-file", "-p", row["commit"])


def test_one_report_alone_is_an_ordinary_change(tracker: Tracker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Bulk, "commit", lambda _: 1 / 0)
    (row,) = import_lines(tracker, lines(1)).json
    assert tracker.git("rev-parse", "HEAD").strip() == row["commit"]


# --- Where git is not simple ------------------------------------------------------------------------------------


def test_a_tracker_in_a_folder_of_a_linked_work_tree(tracker: Tracker, tmp_path: Path) -> None:
    tracker.git("worktree", "add", "-q", "-b", "side", str(tmp_path / 'a "b"'))
    side = Tracker(tmp_path / 'a "b"' / "sub")
    side.root.mkdir()
    side.ok("init")
    head = tracker.git("rev-parse", "HEAD")
    rows = import_lines(side).json
    assert side.subjects()[:COUNT] == [f"{row['id']}: import" for row in reversed(rows)]
    assert tracker.git("rev-parse", "HEAD") == head
    assert tracker.git("status", "--porcelain", "--untracked-files=all") == ""
    assert side.git("status", "--porcelain", "--untracked-files=all") == ""
    require_nothing_left(tracker)


def test_a_detached_head_warns(tracker: Tracker) -> None:
    tracker.git("checkout", "-q", "--detach")
    done = import_lines(tracker)
    assert "HEAD is detached" in done.err
    assert len(tracker.json("list")) == COUNT


def test_a_merge_in_progress_is_refused(tracker: Tracker) -> None:
    (tracker.root / ".git/MERGE_HEAD").write_text(tracker.git("rev-parse", "HEAD"))
    before = state(tracker)
    assert import_lines(tracker).code == 7
    assert state(tracker) == before


def test_an_id_is_given_once(tracker: Tracker, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not to two of one import, and not where a report or its attachments are, on the disk or in the last commit."""
    numbers = iter([7, 7, 7, 8, 8, 9, 9, 10, 11, 12, 13, 14])
    monkeypatch.setattr("issuelog.importing.random_number", lambda: next(numbers))
    (first,) = import_lines(tracker, lines(1, received_at="2026-11-01", external_ref="")).json
    orphan = tracker.root / "attachments" / first["id"].replace("0007", "0008") / "x"
    own_file(tracker, orphan)
    rows = import_lines(tracker, lines(3, received_at="2026-11-01", external_ref="")).json
    assert [row["id"][-4:] for row in (first, *rows)] == ["0007", "0009", "000A", "000B"]


# --- Progress ---------------------------------------------------------------------------------------------------


class Terminal:
    def __init__(self) -> None:
        self.shown = ""

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> None:
        self.shown += text

    def flush(self) -> None:
        pass


@pytest.mark.parametrize(
    ("options", "total", "last"), [({}, None, "read: 12,000"), ({}, 20_000, "read: 12,000 of 20,000")]
)
def test_progress_is_one_line_that_is_gone_at_the_end(
    monkeypatch: pytest.MonkeyPatch, options: dict[str, bool], total: int | None, last: str
) -> None:
    from issuelog.cli import progress
    from issuelog.cli.output import Output

    terminal, now = Terminal(), [0.0]
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    with progress.Progress(Output(), "read", total) as shown:
        for number in range(12_000):
            now[0] = (number + 1) / 4096
            shown.step()
        now[0] += 1
        shown.count -= 1
        shown.step()
        *_, before, final = terminal.shown.split("\r\x1b[K")
        assert final == last
        assert before != last
        assert len(terminal.shown.split("\r")) <= 12_000 / 4096 * 10 + 2, "more than ten times a second"
    assert terminal.shown.endswith("\r\x1b[K")
    for quiet in (Output(quiet=True), Output(json=True)):
        terminal.shown = ""
        with progress.Progress(quiet, "read") as shown:
            now[0] += 1
            shown.step()
        assert terminal.shown == ""
