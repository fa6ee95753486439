"""The index under attack: other processes in between, full and read-only disks, damage, files that nobody can read."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import time
import warnings
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from issuelog.errors import Conflict
from issuelog.store import documents, parallel, refreshing
from issuelog.store import index as module
from issuelog.store.index import Index
from issuelog.store.rows import Read, ReadFile
from issuelog.store.stamps import stamps
from issuelog.tracker import Tracker as Files
from store.naive import AT, full_read, index_file, require_right, require_right_list
from store.test_index_states import REPORT, SETTLED_SECONDS
from support.cli import Tracker
from support.mounts import in_own_mounts, make_read_only, mount

ERRORS = ("FULL", "READONLY", "READONLY_DIRECTORY", "CANTOPEN", "BUSY", "IOERR_WRITE", "PERM", "CORRUPT", "NOTADB")
STATEMENTS = ("PRAGMA", "BEGIN", "BEGIN IMMEDIATE", "INSERT", "SELECT folder", "COMMIT")


def write(tracker: Tracker, number: int, title: str = "Export stops", severity: str = "S2") -> Path:
    name = f"CR-2611{number % 28 + 1:02}-{number:04}"
    path = tracker.root / f"reports/2026/11/{name}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(REPORT.format(id=name, title=title, state="new", severity=severity, day=number % 10))
    return path


def settle(tracker: Tracker) -> None:
    """Let the index have all files as they are, and trust their stamps."""
    time.sleep(SETTLED_SECONDS)
    require_right(tracker)


def opened(tracker: Tracker) -> Files:
    return Files.around(tracker.root.resolve(), print)


def in_between(files: Files, event: Callable[[], object]) -> None:
    """Let something happen once, right after the first file was read for the index."""
    prepare = files.index._prepare
    events = [event]

    def prepared() -> ReadFile:
        read = prepare()

        def reading(path: str) -> Read:
            content = read(path)
            if events:
                events.pop()()
            return content

        return reading

    files.index._prepare = prepared


def titles(tracker: Tracker) -> dict[str, str]:
    """Return the titles in the index, whatever is in the files."""
    with closing(sqlite3.connect(index_file(tracker))) as connection:
        return dict(connection.execute("SELECT id, title FROM report"))


def listed(files: Files) -> dict[str, str]:
    return files.ask(lambda connection: dict(connection.execute("SELECT id, title FROM report")))[0]


def test_another_process_with_another_policy_gets_no_rows_of_ours(tracker: Tracker) -> None:
    write(tracker, 1, severity="S1")
    before = full_read(tracker)[0]
    files = opened(tracker)
    policy = tracker.root / ".issuelog/config.yaml"

    def policy_changes() -> None:
        policy.write_text("prefix: CR\ntargets:\n  S1:\n    acknowledge: 500h\n")
        require_right(tracker)

    in_between(files, policy_changes)
    dues, _ = files.ask(lambda connection: [row[0] for row in connection.execute("SELECT due FROM report")])
    assert dues == [item["next_due"]["at"] for item in before]
    settle(tracker)


def test_another_process_makes_the_index_anew_before_we_ask(tracker: Tracker, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tracker, 1)
    refresh = refreshing.Refresh.run

    def run(self: Any, *arguments: Any) -> None:
        refresh(self, *arguments)
        with closing(sqlite3.connect(index_file(tracker))) as connection:
            connection.execute("UPDATE about SET key = 'of another version'")
            connection.execute("DELETE FROM report")
            connection.commit()
        monkeypatch.setattr(refreshing.Refresh, "run", refresh)

    monkeypatch.setattr(refreshing.Refresh, "run", run)
    assert listed(opened(tracker)) == {path.stem: "export stops"}
    settle(tracker)


def test_an_older_row_does_not_come_after_a_newer_one(tracker: Tracker) -> None:
    path = write(tracker, 1, "older")
    time.sleep(SETTLED_SECONDS)
    files = opened(tracker)

    def edited() -> None:
        write(tracker, 1, "newer")
        settle(tracker)

    in_between(files, edited)
    assert listed(files) == {path.stem: "newer"}
    assert titles(tracker) == {path.stem: "newer"}


def test_a_row_does_not_come_back_after_its_file_is_gone(tracker: Tracker) -> None:
    path = write(tracker, 1)
    time.sleep(SETTLED_SECONDS)
    files = opened(tracker)

    def deleted() -> None:
        path.unlink()
        settle(tracker)

    in_between(files, deleted)
    assert listed(files) == {}
    assert titles(tracker) == {}


def test_a_row_is_not_taken_away_when_its_file_came_back(tracker: Tracker, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tracker, 1)
    settle(tracker)
    content = path.read_text()
    path.unlink()
    look = stamps
    events = [None]

    def looked(folder: str) -> dict[str, bytes]:
        found = look(folder)
        if events:
            events.pop()
            path.write_text(content)
            settle(tracker)
        return found

    monkeypatch.setattr(refreshing, "stamps", looked)
    assert listed(opened(tracker)) == {path.stem: "export stops"}
    settle(tracker)


def test_a_file_that_changes_while_it_is_read_is_read_again(tracker: Tracker) -> None:
    path = write(tracker, 1)
    time.sleep(SETTLED_SECONDS)
    files = opened(tracker)
    in_between(files, lambda: write(tracker, 1, "newer"))
    assert listed(files) == {path.stem: "newer"}
    settle(tracker)


def test_what_could_not_be_read_is_tried_again(tracker: Tracker, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tracker, 1)
    time.sleep(SETTLED_SECONDS)

    def refuse(*_: object) -> bytes:
        raise Conflict("it cannot be read: Too many open files")

    with monkeypatch.context() as patch:
        patch.setattr(documents, "read_regular", refuse)
        done = tracker.run("list")
        assert (done.code, done.out) == (0, "")
        assert "Too many open files" in done.err
    assert tracker.ok("list", "-q") == f"{path.stem}\n"
    require_right(tracker)


def folder_is_empty(tracker: Tracker) -> None:
    for path in tracker.root.glob("reports/*/*/*"):
        path.unlink()


def folder_is_gone(tracker: Tracker) -> None:
    (tracker.root / "reports").rename(tracker.root / "elsewhere")


def folder_has_a_link(tracker: Tracker) -> None:
    write(tracker, 2).with_name("CR-261101-0002.yaml").symlink_to("nowhere")


def file_is_broken(tracker: Tracker) -> None:
    write(tracker, 1).write_text("no report")


@pytest.mark.parametrize("happens", [folder_is_empty, folder_is_gone, folder_has_a_link, file_is_broken, settle])
def test_what_is_known_is_not_read_again_and_nothing_is_written(
    tracker: Tracker, monkeypatch: pytest.MonkeyPatch, happens: Callable[[Tracker], None]
) -> None:
    write(tracker, 1)
    settle(tracker)
    happens(tracker)
    settle(tracker)

    def refuse(*_: object) -> None:
        raise AssertionError("there is nothing to refresh")

    monkeypatch.setattr(refreshing.Refresh, "run", refuse)
    require_right(tracker)


def test_what_was_found_valid_is_known_until_it_changes(tracker: Tracker) -> None:
    good, bad = write(tracker, 1), write(tracker, 2)
    bad.write_text("no report")
    index = opened(tracker).index
    assert not index.knows(good.resolve())
    settle(tracker)
    assert index.knows(good.resolve())
    assert not index.knows(bad.resolve())
    assert not index.knows(good.with_name("CR-261101-0003.yaml"))
    good.write_text(good.read_text() + "\n")
    assert not index.knows(good.resolve())
    time.sleep(SETTLED_SECONDS)
    assert not index.knows(good.resolve())


class Failing(sqlite3.Connection):
    """A database on a disk where statements of one kind fail."""

    statement = ""
    error = ""
    failed = 0

    def execute(self, sql: str, parameters: Any = ()) -> sqlite3.Cursor:
        if sql.startswith(self.statement) and sql != "BEGIN " + self.statement:
            type(self).failed += 1
            failure = sqlite3.OperationalError("made to fail")
            failure.sqlite_errorname = f"SQLITE_{self.error}"
            raise failure
        return super().execute(sql, parameters)


@pytest.mark.parametrize("statement", STATEMENTS)
@pytest.mark.parametrize("error", ERRORS)
def test_a_database_that_fails_is_done_without(
    tracker: Tracker, monkeypatch: pytest.MonkeyPatch, statement: str, error: str
) -> None:
    write(tracker, 1)
    connect: Callable[..., sqlite3.Connection] = sqlite3.connect

    class Here(Failing):
        failed = 0

    Here.statement, Here.error = statement, error

    def connected(database: object, **options: Any) -> sqlite3.Connection:
        return connect(str(database), **options, **({} if database == ":memory:" else {"factory": Here}))

    monkeypatch.setattr(sqlite3, "connect", connected)
    require_right_list(tracker, tracker.run("list", "--json", "--at", AT))
    assert Here.failed
    monkeypatch.undo()
    settle(tracker)


@pytest.mark.parametrize("asked", [("--json",), ("--fields", "id,title,next_due"), ("--count",)])
@pytest.mark.parametrize("column", ["item", "line", "problems"])
@pytest.mark.parametrize("value", ["'{'", "x'ff'", "'[]'", "NULL", "CAST(x'ff' AS TEXT)"])
def test_a_row_that_is_damaged_is_no_bug(tracker: Tracker, column: str, value: str, asked: tuple[str, ...]) -> None:
    write(tracker, 1)
    write(tracker, 2).write_text("no report")
    settle(tracker)
    said = tracker.run("list", *asked)
    table = "file" if column == "problems" else "report"
    with closing(sqlite3.connect(index_file(tracker))) as connection:
        connection.execute(f"UPDATE {table} SET {column} = {value}")
        connection.commit()
    done = tracker.run("list", *asked)
    assert (done.code, "bug" in done.err) == (0, False), done.err
    if value != "'[]'" and value != "NULL" and (column == "problems" or asked[0] == "--fields"):
        assert done == said


def an_index(tracker: Tracker, reports: int) -> tuple[Path, bytes]:
    """Return the file of an index of so many reports, and what is in it."""
    for number in range(1, reports + 1):
        write(tracker, number)
    settle(tracker)
    database = index_file(tracker)
    return database, database.read_bytes()


def test_every_page_of_the_index_may_be_damaged(tracker: Tracker) -> None:
    database, whole = an_index(tracker, 39)
    size = int.from_bytes(whole[16:18], "big")
    for page in range(0, len(whole), size):
        for garbage in (bytes(size), b"\xff" * size):
            database.write_bytes(whole[:page] + garbage + whole[page + size :])
            require_right_list(tracker, tracker.run("list", "--json", "--at", AT))
    settle(tracker)


def test_no_byte_of_the_index_can_make_a_list_fail(tracker: Tracker) -> None:
    database, whole = an_index(tracker, 9)
    chance = random.Random(1)
    for place in chance.sample(range(len(whole)), 80):
        database.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << chance.randrange(8)]) + whole[place + 1 :])
        done = tracker.run("list", *chance.choice([["--json"], ["--fields", "id,conditions"], ["--count"], ["fails"]]))
        assert (done.code, done.err) == (0, "")
    database.write_bytes(whole)
    settle(tracker)


def test_an_index_in_the_place_of_a_folder_or_behind_a_link_is_not_followed(tracker: Tracker, tmp_path: Path) -> None:
    write(tracker, 1)
    require_right(tracker)
    own, database = tmp_path / "somebodys.sqlite", index_file(tracker)
    with closing(sqlite3.connect(own)) as connection:
        connection.execute("CREATE TABLE precious (thing TEXT)")
    before = own.read_bytes()
    database.unlink()
    database.symlink_to(own)
    require_right(tracker)
    assert own.read_bytes() == before
    database.unlink()
    database.mkdir()
    require_right_list(tracker, tracker.run("list", "--json", "--at", AT))
    assert database.is_dir()


def test_a_tree_that_is_read_only(tracker: Tracker, tmp_path: Path) -> None:
    def work() -> None:
        make_read_only(tracker.root)
        require_right_list(tracker, tracker.run("list", "--json", "--at", AT))

    write(tracker, 1)
    in_own_mounts(work, tmp_path / "told")
    settle(tracker)
    in_own_mounts(work, tmp_path / "told")
    write(tracker, 1, "newer than the index")
    in_own_mounts(work, tmp_path / "told")


def test_a_disk_without_room_for_the_index(tracker: Tracker, tmp_path: Path) -> None:
    for number in range(1, 30):
        write(tracker, number)

    def work() -> None:
        private = tracker.root / ".git" / "issuelog"
        private.mkdir(exist_ok=True)
        for pages in (4, 16, 32, 64):
            mount("-t", "tmpfs", "-o", f"size={pages * 4}k", "tmpfs", private)
            for number in range(1, 30):
                write(tracker, number, f"with {pages} pages")
            require_right_list(tracker, tracker.run("list", "--json", "--at", AT))

    in_own_mounts(work, tmp_path / "told")


def child(action: Callable[[], object]) -> int:
    """Do something in a child; its exit code is 0 where nothing was raised."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # threads of the test runner: the child uses none
        process = os.fork()
    if not process:
        code = 1
        try:
            action()
            code = 0
        finally:
            os._exit(code)
    return process


def ended(process: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def test_two_that_build_it_at_once(tracker: Tracker) -> None:
    for number in range(1, 60):
        write(tracker, number)
    at_once = [child(lambda: require_right_list(tracker, tracker.run("list", "--json", "--at", AT))) for _ in range(3)]
    assert [ended(process) for process in at_once] == [0, 0, 0]
    settle(tracker)


def test_lists_and_changes_at_the_same_time_leave_it_right(tracker: Tracker) -> None:
    for number in range(1, 20):
        write(tracker, number)
    tracker.git("add", "-A")
    tracker.git("commit", "-q", "-m", "reports")
    edited = write(tracker, 20).stem

    def list_often() -> None:
        for turn in range(12):
            write(tracker, 20, f"Turn {turn} of {os.getpid()}")
            done = tracker.run("list", "--json", "--at", AT)
            assert done.code == 0
            assert len(done.json) + len(done.err.splitlines()) == 20

    def change_often() -> None:
        for number in range(1, 6):
            tracker.ok("note", f"CR-2611{number % 28 + 1:02}-{number:04}", "seen")

    at_once = [child(action) for action in (list_often, list_often, list_often, change_often)]
    assert [ended(process) for process in at_once] == [0, 0, 0, 0]
    require_right(tracker)
    settle(tracker)
    assert edited in tracker.ok("list")


def test_a_killed_refresh_leaves_an_index_that_the_next_list_corrects(
    tracker: Tracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refreshing, "_ROWS_IN_A_TRANSACTION", 3)
    chance = random.Random(2)
    for turn in range(15):
        for number in range(1, 25):
            write(tracker, number, f"Turn {turn}", severity=chance.choice(["S1", "S3"]))
        process = child(lambda: tracker.run("list"))
        time.sleep(chance.random() * 0.04)
        os.kill(process, signal.SIGKILL)
        ended(process)
        require_right(tracker)
    settle(tracker)


@pytest.mark.parametrize("rows", range(8))
def test_a_refresh_that_is_killed_after_any_row(tracker: Tracker, monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    monkeypatch.setattr(refreshing, "_ROWS_IN_A_TRANSACTION", 2)
    for number in range(1, 8):
        write(tracker, number)
    settle(tracker)
    for number in range(1, 8):
        write(tracker, number, "Newer", severity="S1")
    time.sleep(SETTLED_SECONDS)
    put = refreshing.Refresh._put
    left = [*range(rows)]

    def killed(self: Any, new: Any) -> None:
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)
        left.pop()
        put(self, new)

    with monkeypatch.context() as patch:
        patch.setattr(refreshing.Refresh, "_put", killed)
        assert ended(child(lambda: tracker.run("list"))) == (-signal.SIGKILL if rows < 7 else 0)
    require_right(tracker)


def test_a_cold_build_in_several_processes_is_right(tracker: Tracker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refreshing, "FILES_WORTH_A_PROCESS", 5)
    monkeypatch.setattr(module, "_FILES_WORTH_A_PROCESS_TO_LOOK", 5)
    monkeypatch.setattr(module, "processors", lambda: 3)
    monkeypatch.setattr(parallel, "processors", lambda: 3)
    for number in range(1, 40):
        write(tracker, number)
    (tracker.root / "reports/2026/10").mkdir()
    settle(tracker)
    write(tracker, 3, "Changed")
    settle(tracker)


def test_an_index_that_is_removed_is_made_anew(tracker: Tracker) -> None:
    write(tracker, 1)
    settle(tracker)
    index: Index = opened(tracker).index
    index.remove()
    assert not index_file(tracker).exists()
    require_right(tracker)
    assert index_file(tracker).exists()
