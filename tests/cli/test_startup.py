"""What a command does not need it does not import: most of a short command's time is imports."""

from __future__ import annotations

import json
import subprocess
import sys
import time

import pytest

from support.cli import Tracker

# Runs one command line as the installed script does and reports what was imported on the way, on the last line.
PROBE = """
import json, sys
from issuelog.cli.main import main
code = main(sys.argv[1:])
sys.stdout.flush()
sys.stderr.write("\\n" + json.dumps([code, sorted(sys.modules)]))
"""


def imported(tracker: Tracker, *arguments: str) -> set[str]:
    """Run a command, which has to succeed, and return the top packages that it imported."""
    done = subprocess.run(
        [sys.executable, "-c", PROBE, *arguments],
        cwd=tracker.root,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )
    code, modules = json.loads(done.stderr.splitlines()[-1])
    assert code == 0, done.stderr
    return {name.partition(".")[0] for name in modules}


@pytest.fixture
def report(tracker: Tracker) -> str:
    tracker.become(record)
    return tracker.ids()[0]


def record(tracker: Tracker) -> None:
    tracker.complete("--title", "Export stops at half")


def test_version_imports_no_library(tracker: Tracker) -> None:
    assert imported(tracker, "--version") & {"typer", "pydantic", "rich", "git", "ruamel", "jinja2"} == set()


@pytest.mark.parametrize("arguments", [("list",), ("list", "--json"), ("list", "is:open", "export")])
def test_a_piped_list_of_a_warm_index_reads_no_report(tracker: Tracker, report: str, arguments: tuple[str]) -> None:
    _warm(tracker)
    assert imported(tracker, *arguments) & {"pydantic", "rich", "git", "jinja2", "ruamel"} == set()


def test_a_list_reads_a_report_again_that_was_edited_by_hand(tracker: Tracker, report: str) -> None:
    _warm(tracker)
    path = tracker.path(report)
    path.write_text(path.read_text().replace("stops at half", "stops early"))
    assert {"pydantic", "ruamel"} <= imported(tracker, "list")
    assert "stops early" in tracker.ok("list")


def test_show_draws_nothing_off_a_terminal(tracker: Tracker, report: str) -> None:
    assert imported(tracker, "show", report) & {"rich", "git", "jinja2"} == set()


@pytest.mark.parametrize("verb", [("note", "seen again"), ("assign", "Kim Lee <kim@example.com>")])
def test_a_change_needs_neither_pictures_nor_gitpython(tracker: Tracker, report: str, verb: tuple[str, str]) -> None:
    command, text = verb
    assert imported(tracker, command, report, text) & {"rich", "git"} == set()


def test_a_message_to_the_customer_needs_neither_pictures_nor_gitpython(tracker: Tracker, report: str) -> None:
    assert imported(tracker, "acknowledge", report) & {"rich", "git"} == set()


@pytest.mark.parametrize("command", ["list", "show"])
def test_a_terminal_gets_pictures(tracker: Tracker, report: str, command: str) -> None:
    arguments = [command, *([report] if command == "show" else []), "--color", "always"]
    assert "rich" in imported(tracker, *arguments)


def test_only_the_history_needs_gitpython(tracker: Tracker, report: str) -> None:
    assert "git" in imported(tracker, "log", report)


def test_the_completion_of_an_id_reads_no_report(tracker: Tracker, report: str) -> None:
    _warm(tracker)
    for words in (("show", "CR-2"), ("assign", report, "")):
        assert imported(tracker, "__complete", *words) & {"pydantic", "rich", "git", "jinja2"} == set()


def test_the_completion_of_a_commands_name_needs_no_parser(tracker: Tracker) -> None:
    assert imported(tracker, "__complete", "sh") & {"typer", "pydantic", "rich", "git", "ruamel", "jinja2"} == set()


def _warm(tracker: Tracker) -> None:
    """Let the index read every file: the second look is the first that trusts a file that was just written."""
    time.sleep(0.05)
    tracker.ok("list")
