"""Commands beside others in a shell: what one prints the next one reads, and a reader that leaves is no error."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from support.cli import Tracker
from support.served import served

GONE = 141
LOOKED: dict[str, Callable[[list[str]], set[str]]] = {
    "list -q - component:export": lambda ids: {ids[2]},
    "search -q export - component:login": lambda ids: {ids[1]},
    "export csv - component:export | tail -n +2": lambda ids: {ids[2]},
}


class Shell:
    """A shell in a tracker, that knows `issuelog`."""

    def __init__(self, tracker: Tracker, environment: dict[str, str]) -> None:
        self.tracker = tracker
        self.environment = environment

    def run(self, line: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "-o", "pipefail", "-c", line],
            cwd=self.tracker.root,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture(scope="module")
def programs() -> Iterator[Path]:
    """The folder of an `issuelog` that is served."""
    with served() as folder:
        yield folder


@pytest.fixture
def shell(tracker: Tracker, programs: Path) -> Shell:
    return Shell(tracker, {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"})


@pytest.fixture
def real(tracker: Tracker, tmp_path: Path) -> Shell:
    """A shell that starts the program itself: what the interpreter does with its streams at both ends counts too."""
    folder = tmp_path / "bin"
    folder.mkdir()
    script = folder / "issuelog"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m issuelog "$@"\n')
    script.chmod(0o755)
    return Shell(tracker, {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"})


@pytest.fixture
def ids(tracker: Tracker) -> list[str]:
    """Two reports of exports, with one of the login between them."""
    tracker.become(record_three)
    [login] = [report for report in tracker.ids() if "component: login" in tracker.path(report).read_text()]
    one, other = (report for report in tracker.ids() if report != login)
    return [one, login, other]


@pytest.fixture
def report(tracker: Tracker) -> str:
    tracker.become(Tracker.new)
    return tracker.ids()[0]


def record_three(tracker: Tracker) -> None:
    for component in ("export", "login", "export"):
        tracker.new("--component", component)


def test_what_a_list_names_is_changed(shell: Shell, tracker: Tracker, ids: list[str]) -> None:
    done = shell.run("issuelog list -q component:export | issuelog assign -y - 'Kim Lee'")
    assert done.returncode == 0, done.stderr
    assert {line.split("\t")[0] for line in done.stdout.splitlines()} == {ids[0], ids[2]}
    assert [tracker.show(one).get("owner") for one in ids] == ["Kim Lee", None, "Kim Lee"]


def test_what_a_search_names_is_changed_each_once(shell: Shell, tracker: Tracker, ids: list[str]) -> None:
    done = shell.run("issuelog search -q bar | issuelog note - found | cut -f1 | sort")
    assert (done.returncode, done.stdout.split()) == (0, sorted(ids)), done.stderr
    none = shell.run("issuelog search -q elephant | issuelog note - found")
    assert (none.returncode, none.stdout, none.stderr) == (0, "", "no ids, nothing to do\n")


@pytest.mark.parametrize("look", LOOKED)
def test_a_query_with_ids_looks_among_those_alone(shell: Shell, tracker: Tracker, ids: list[str], look: str) -> None:
    for one in ids:
        tracker.ok("note", one, "export")
    done = shell.run(f"printf '%s\\n' {ids[2]} {ids[1]} | issuelog {look}")
    assert (done.returncode, {line.partition(",")[0] for line in done.stdout.split()} & {*ids}) == (
        0,
        LOOKED[look](ids),
    )


@pytest.mark.skipif(not shutil.which("xargs"), reason="there is no xargs")
def test_ids_with_nul_between_them_go_through_xargs(shell: Shell, ids: list[str]) -> None:
    shown = shell.run("issuelog list -0 component:export | xargs -0 -n1 issuelog show -q")
    assert (shown.returncode, sorted(shown.stdout.split())) == (0, sorted([ids[0], ids[2]])), shown.stderr
    noted = shell.run("issuelog list -0 | issuelog note - x -q | issuelog show - | grep -c '    text: x'")
    assert (noted.returncode, noted.stdout) == (0, "3\n"), noted.stderr


def test_where_the_list_fails_nothing_is_changed(shell: Shell, tracker: Tracker, ids: list[str]) -> None:
    before = tracker.fingerprint()
    done = shell.run("issuelog list -q nosuchkey:x | issuelog note - x")
    assert done.returncode == 2
    assert tracker.fingerprint() == before


def test_a_text_comes_through_a_pipe_where_the_id_is_named(shell: Shell, tracker: Tracker, ids: list[str]) -> None:
    done = shell.run(f"issuelog search bar | issuelog note {ids[0]} -")
    assert done.returncode == 0, done.stderr
    assert ids[1] in tracker.show(ids[0])["events"][-1]["text"]


# --- A reader that leaves ---------------------------------------------------------------------------------------

WRITING = (
    *("list", "list --json", "list --ndjson", "list -q", "list -0", "list --count", "list --fields id,title"),
    *("list --format {id}", "search bar", "search --json bar", "search -q bar", "search --ndjson bar"),
    *("export jsonl", "export csv", "export markdown", "show ID", "show - ", "schema", "log", "log ID", "check --json"),
    *("next ID", "missing ID", "actions --json", "rca show ID", "doctor", "reindex", "note ID x", "note - x"),
    *("--help", "note --help", "--version", "completion bash"),
)


ITSELF = (sys.executable, "-m", "issuelog")


def into_nobody(
    tracker: Tracker, *typed: str, stdin: str = "", stderr: bool = True, program: Sequence[str] = ITSELF
) -> subprocess.CompletedProcess[str]:
    """Run a command whose reader has left before it writes anything."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        return subprocess.run(
            [*program, *typed],
            cwd=tracker.root,
            input=stdin,
            stdout=writing,
            stderr=subprocess.PIPE if stderr else None,
            preexec_fn=None if stderr else lambda: os.close(2),
            text=True,
            check=False,
        )
    finally:
        os.close(writing)


@pytest.mark.parametrize("line", WRITING)
def test_a_reader_that_left_ends_a_command_silently(tracker: Tracker, report: str, line: str, programs: Path) -> None:
    typed = [report if word == "ID" else word for word in line.split()]
    done = into_nobody(tracker, *typed, stdin=f"{report}\n", program=[str(programs / "issuelog")])
    assert (done.returncode, done.stderr) == (GONE, "")


@pytest.mark.parametrize(
    "line", ["list --json", "list -q", "export jsonl", "show -", "note - x", "log", "--help", "--version", "doctor"]
)
def test_so_it_ends_the_program_itself(tracker: Tracker, report: str, line: str) -> None:
    """What the interpreter does with its streams at the end is the same for all, and depends on how it was written."""
    done = into_nobody(tracker, *line.split(), stdin=f"{report}\n")
    assert (done.returncode, done.stderr) == (GONE, "")


@pytest.mark.parametrize("line", ["list", "search bar", "export csv", "schema", "check --json"])
def test_so_it_does_where_nobody_hears_errors_either(tracker: Tracker, line: str) -> None:
    tracker.new()
    assert into_nobody(tracker, *line.split(), stderr=False).returncode == GONE


def test_a_change_whose_reader_left_has_happened(tracker: Tracker) -> None:
    report = tracker.new()
    assert into_nobody(tracker, "note", "-", "x", stdin=f"{report}\n").returncode == GONE
    assert tracker.subjects()[0] == f"{report}: note"
    assert tracker.git("status", "--porcelain") == ""


def test_more_than_a_pipe_holds_goes_to_a_reader_that_takes_one_byte(real: Shell, tracker: Tracker) -> None:
    for _ in range(4):
        tracker.new(story="a long story " * 20_000)
    for line in ("export jsonl", "export markdown"):
        done = real.run(f"issuelog {line} | head -c1 | wc -c")
        assert (done.returncode, done.stdout.strip(), done.stderr) == (GONE, "1", ""), line


# --- Streams that are closed ------------------------------------------------------------------------------------

CLOSED = ("2>&-", "<&-", ">&-", "<&- 2>&-", ">&- 2>&-", "<&- >&- 2>&-")


@pytest.mark.parametrize("closed", CLOSED)
def test_streams_that_are_closed_are_no_reason_to_fail(real: Shell, tracker: Tracker, report: str, closed: str) -> None:
    wanted = tracker.ok("list")
    listed = real.run(f"issuelog list {closed}")
    assert (listed.returncode, listed.stdout) == (0, "" if ">&-" in closed.split() else wanted), listed.stderr
    noted = real.run(f"issuelog note {report} x {closed}")
    assert noted.returncode == 0, noted.stderr
    assert tracker.show(report)["events"][-1]["text"] == "x"
    assert real.run(f"issuelog show nonsense {closed}").returncode == 4
    assert "Traceback" not in listed.stderr + noted.stderr
    assert tracker.run("check").code == 0
    assert tracker.git("status", "--porcelain") == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_change_that_cannot_be_shown_has_happened_and_says_so(real: Shell, tracker: Tracker) -> None:
    report = tracker.complete("--title", "Export stops")
    before = tracker.git("rev-list", "--count", "HEAD")
    done = real.run(f"issuelog note {report} hello > /dev/full")
    assert done.returncode == 7
    assert "standard output cannot be written: No space left on device; what the command did stays done" in done.stderr
    assert int(tracker.git("rev-list", "--count", "HEAD")) == int(before) + 1


def test_an_export_to_standard_output_by_its_name_comes_after_what_is_there(
    real: Shell, tracker: Tracker, ids: list[str], tmp_path: Path
) -> None:
    file = tmp_path / "out.csv"
    done = real.run(f"(echo begun; issuelog export csv -o /dev/stdout; echo done) > '{file}'")
    assert done.returncode == 0, done.stderr
    first, *rows, last = file.read_text().splitlines()
    assert (first, len(rows), last) == ("begun", 1 + len(ids), "done")
