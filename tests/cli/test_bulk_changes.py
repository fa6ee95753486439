"""Commands on many reports, named on standard input: one commit each, in order, and it is told what became of all."""

from __future__ import annotations

import importlib
import json
import os
import pty
import re
import select
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from issuelog.cli import params
from issuelog.cli.catalogue import COMMANDS, module_of
from issuelog.cli.options import own_parameters
from issuelog.store.yamltext import dump
from issuelog.tracker import Tracker as Files
from support.cli import Done, Tracker
from support.faults import kill, state
from support.known import KNOWN, put_known
from support.lives import (
    ACCEPT,
    ACK,
    ANALYSIS,
    ASK,
    AUTO,
    CAUSE,
    CHANGE,
    CLEAN,
    CONFIRM,
    DEPLOY,
    HIT,
    MANUAL,
    PAID,
    REOPEN,
    RESOLVE,
    ROLLBACK,
)
from support.terminal import wait_until_it_waits

CHANGE_MANY = {
    *("answer", "acknowledge", "triage", "assign", "ask", "attach", "note", "set", "reproduce", "diagnose"),
    *(
        "apply",
        "monitor",
        "workaround",
        "escalate",
        "fix",
        "test",
        "deploy",
        "resolve",
        "close",
        "reopen",
        "duplicate",
        "update",
    ),
    *("received", "call", "message send", "verify", "compensate", "legal", "apply", "monitor"),
    *("hypothesis add", "hypothesis confirm", "hypothesis reject"),
    *("rca start", "rca why", "rca factor", "rca action", "rca accept", "actions done", "actions drop"),
    *("rca detect", "rca walk", "rca not-done", "rca recurrence", "rca tell", "actions check", "actions reopen"),
}
LOOK_AT_MANY = {"missing", "next", "show", "rca show", "rca check", "sla explain"}
ONE_AT_A_TIME = {"edit", "rca edit", "log", "undo", "fsck"}
"""An editor can show one report; `undo` and `fsck` take commits back or look at files, one at a time."""


def verbs(name: str) -> dict[str, Callable[..., Any]]:
    """Return the functions of a command, by what is typed."""
    module = importlib.import_module(module_of(name))
    if found := getattr(module, "VERBS", None):
        return {f"{name} {verb}": function for verb, function in found.items()}
    return {name: getattr(module, module.__name__.rpartition(".")[2])}


def taking(*kinds: object) -> set[str]:
    return {
        typed
        for name in COMMANDS
        for typed, function in verbs(name).items()
        if any(one.annotation in kinds for one in own_parameters(function))
    }


_made: dict[Path, list[str]] = {}


@pytest.fixture
def tracker(tmp_path: Path) -> Tracker:
    """A tracker with five reports, made once and copied."""
    original = tmp_path.parent / "five"
    if original not in _made:
        first = Tracker.make(original)
        _made[original] = [first.new(story=f"story {number}") for number in range(5)]
    return Tracker.copied(original, tmp_path / "repository")


@pytest.fixture
def ids(tmp_path: Path, tracker: Tracker) -> list[str]:
    """The five, in the order in which they were made."""
    return _made[tmp_path.parent / "five"]


def head(tracker: Tracker) -> str:
    return tracker.git("rev-parse", "HEAD").strip()


def since(tracker: Tracker, before: str) -> list[str]:
    """Return the subjects of the commits since then, the oldest first."""
    return tracker.git("log", "--reverse", "--format=%s", f"{before}..HEAD").splitlines()


def notes(tracker: Tracker, report: str) -> list[str]:
    return [event["text"] for event in tracker.show(report)["events"] if event["action"] == "note"]


def named(ids: Sequence[str]) -> str:
    return "".join(f"{one}\n" for one in ids)


def errors(done: Done) -> list[dict[str, Any]]:
    return [json.loads(line)["error"] for line in done.err.splitlines()]


# --- Which commands ---------------------------------------------------------------------------------------------


def test_which_commands_take_ids_on_standard_input() -> None:
    assert taking(params.Report) == CHANGE_MANY
    assert taking(params.Shown) == LOOK_AT_MANY


@pytest.mark.parametrize("name", sorted(ONE_AT_A_TIME))
def test_a_command_for_one_report_does_not_take_a_list_for_one(tracker: Tracker, name: str) -> None:
    report = tracker.new()
    before = state(tracker)
    done = tracker.run(name, "-", stdin=f"{report}\n")
    assert done.code in {2, 4}, done.err
    assert state(tracker) == before


@pytest.mark.parametrize("line", ["log --yes", "edit ID --keep-going", "show ID --yes", "list -y", "missing ID -y"])
def test_what_changes_nothing_or_one_report_has_no_options_for_many(tracker: Tracker, line: str) -> None:
    report = tracker.new()
    assert tracker.run(*line.replace("ID", report).split()).code == 2


LIFE = (
    "triage ID --severity S1 --because 'the run is blocked' --users 6 --component export",
    "assign ID 'Kim Lee <kim@example.com>'",
    ACK,
    ASK,
    "answer ID Q1 'Edge 123'",
    "received ID 'any news?' --kind chaser",
    "set ID labels=month-end,export",
    "attach ID FILE",
    "note ID 'the staging cluster was down'",
    f"apply ID {KNOWN} --outcome failed",
    HIT,
    "hypothesis add ID 'the worker runs out of memory'",
    "hypothesis add ID 'the disk is full'",
    "hypothesis confirm ID H1",
    "hypothesis reject ID H2",
    "workaround ID 'Export each week by itself' --limits 'four files'",
    "escalate ID --to vendor --party Initech --reason 'their driver' --due 30d",
    "escalate ID --back --outcome 'fixed in their 4.3'",
    f"update ID --message '{CLEAN}' --next-update 30d",
    "call ID --summary 'told them of the fix' --minutes 5",
    "legal ID --review in_review",
    "legal ID --review cleared --note 'wording agreed with counsel'",
    CAUSE,
    CHANGE,
    ROLLBACK,
    AUTO,
    MANUAL,
    DEPLOY,
    RESOLVE,
    "monitor ID --until 30d",
    "monitor ID --off",
    CONFIRM,
    *ANALYSIS,
    "rca factor ID 'the month end'",
    "rca tell ID --summary 'the export stopped at half'",
    ACCEPT,
    PAID,
    "close ID --known-error none",
    "actions done ID A1 --evidence 'the nightly run'",
    "actions check ID A1 --failed --evidence 'it stopped again'",
    "actions reopen ID A1 --because 'it stopped again'",
    REOPEN,
)
"""A line for each command that changes reports, but `duplicate`, `actions drop` and `message send`."""


def test_a_whole_life_of_two_reports_at_once_is_that_of_each(tracker: Tracker, tmp_path: Path) -> None:
    import shlex

    (tmp_path / "a.log").write_text("a line\n")
    put_known(tracker, solution=["Restart the worker"])
    pair = [tracker.complete("--at", "60h ago", severity="S1") for _ in range(2)]
    for number, line in enumerate(LIFE):
        words = ["-" if word == "ID" else word.replace("FILE", str(tmp_path / "a.log")) for word in shlex.split(line)]
        before = head(tracker)
        tracker.ok(*words, "--at", f"{59 - number}h ago", stdin=named(pair))
        assert [subject.partition(":")[0] for subject in since(tracker, before)] == pair, line
    first, second = (normal(tracker, report) for report in pair)
    for one in (first, second):
        assert pair[first is one] in one["rca"]["recurrence"].pop("matches")  # they are the same error
        for event in one["events"]:
            event.pop("matches", None)
    assert first == second
    actions = {name.split(" -")[0] for name in (line.replace(" ID", " -") for line in LIFE)}
    assert actions == CHANGE_MANY - {"duplicate", "actions drop", "message send"}
    assert tracker.run("check").out == ""


def normal(tracker: Tracker, report: str) -> Any:
    """Return a report without what is its own: its id, and those of its events."""
    text = json.dumps(tracker.show(report)).replace(report, "ID")
    return json.loads(re.sub(r"\b01[0-9A-Z]{24}\b|\d\d:\d\d:\d\d(\.\d+)?Z|[0-9a-f]{64}", "X", text))


def test_duplicates_are_closed_together(tracker: Tracker, ids: list[str]) -> None:
    tracker.ok("acknowledge", "-", stdin=named(ids[:2]))
    tracker.ok("duplicate", "-", "--of", ids[4], stdin=named(ids[:2]))
    assert {tracker.show(one)["links"]["duplicate_of"] for one in ids[:2]} == {ids[4]}


# --- Which reports ----------------------------------------------------------------------------------------------

GIVEN: dict[str, Callable[[list[str]], str]] = {
    "a line each": named,
    "no line end at the end": lambda ids: named(ids).rstrip("\n"),
    "blank lines": lambda ids: "\n\n" + "\n \n".join(ids) + "\n\t\n",
    "lines of Windows": lambda ids: named(ids).replace("\n", "\r\n"),
    "NUL between them": lambda ids: "\0".join(ids) + "\0",
    "each several times": lambda ids: named([*ids, *ids, ids[0]]),
    "by parts of them": lambda ids: named([*(one[-4:].lower() for one in ids), ids[1]]),
    "with blanks": lambda ids: "".join(f"  {one}\t\n" for one in ids),
    "as files": lambda ids: named([f"reports/2026/11/{one}.yaml" for one in ids]),
}


@pytest.mark.parametrize("how", GIVEN)
def test_each_report_is_changed_once_in_the_order_given(tracker: Tracker, ids: list[str], how: str) -> None:
    wanted = [ids[2], ids[0], ids[1]]
    before = head(tracker)
    done = tracker.run("note", "-", "x", stdin=GIVEN[how](wanted))
    assert done.code == 0, done.err
    assert [line.split("\t")[0] for line in done.out.splitlines()] == wanted
    assert since(tracker, before) == [f"{one}: note" for one in wanted]
    assert done.err == "3 changed\n"
    assert [notes(tracker, one) for one in ids] == [["x"], ["x"], ["x"], [], []]


@pytest.mark.parametrize("place", [0, 1, 3])
@pytest.mark.parametrize("wrong", ["CR-000000-0000", "nonsense", "CR-", "../etc/passwd", "-", "--yes"])
def test_a_wrong_id_anywhere_changes_nothing(tracker: Tracker, ids: list[str], place: int, wrong: str) -> None:
    given = ids[:3]
    given.insert(place, wrong)
    before = state(tracker)
    for typed in (["--yes"], ["--json", "--yes"], ["--dry-run"]):
        done = tracker.run("note", "-", "x", *typed, stdin=named(given))
        assert (done.code, done.out) == (4, "")
        assert repr(wrong).strip("'") in done.err
    assert state(tracker) == before


def test_with_keep_going_a_wrong_id_is_named_and_the_others_are_changed(tracker: Tracker, ids: list[str]) -> None:
    before = head(tracker)
    done = tracker.run("note", "-", "x", "--yes", "--keep-going", stdin=named(["nonsense", ids[0], "CR-", ids[1]]))
    assert done.code == 4
    assert since(tracker, before) == [f"{one}: note" for one in ids[:2]]
    assert "'nonsense'" in done.err
    assert done.err.splitlines()[-1] == "2 changed, 2 failed"


@pytest.mark.parametrize("nothing", ["", "\n", " \n\0\n\r\n"])
def test_no_ids_are_no_change_and_no_error(tracker: Tracker, ids: list[str], nothing: str) -> None:
    before = state(tracker)
    for typed, printed in (([], ""), (["-q"], ""), (["--json"], "[]\n"), (["-n"], "")):
        done = tracker.run("note", "-", "x", *typed, stdin=nothing)
        said = "" if printed or typed == ["-q"] else "no ids, nothing to do\n"
        assert (done.code, done.out, done.err) == (0, printed, said)
    for look in ("show", "missing", "next"):
        for typed, printed in (([], ""), (["-q"], ""), (["--json"], "[]\n")):
            done = tracker.run(look, "-", *typed, stdin=nothing)
            assert (done.code, done.out, done.err) == (0, printed, ""), look
    assert tracker.run("rca", "show", "-", "--json", stdin=nothing).out == "[]\n"
    assert tracker.run("rca", "show", "-", "-q", stdin=nothing).out == ""
    assert state(tracker) == before


def test_bytes_that_are_no_text_are_refused(tracker: Tracker, ids: list[str]) -> None:
    before = state(tracker)
    done = tracker.run("note", "-", "x", stdin=b"\xff\n")
    assert (done.code, "ids: byte 0 is not UTF-8" in done.err) == (2, True)
    assert state(tracker) == before


@pytest.mark.parametrize(
    ("line", "other"),
    [("note - -", "TEXT"), ("received - -", "TEXT"), ("acknowledge - -m -", "--message"), ("diagnose - --cause -", "")],
)
def test_ids_and_a_text_cannot_both_be_standard_input(tracker: Tracker, ids: list[str], line: str, other: str) -> None:
    before = state(tracker)
    done = tracker.run(*line.split(), stdin=named(ids[:1]))
    assert (done.code, done.out) == (2, "")
    if other:
        assert f"standard input cannot be {other} and ids" in done.err
        assert "@FILE" in done.err
    assert state(tracker) == before


# --- Before more than three -------------------------------------------------------------------------------------


def test_more_than_three_are_not_changed_unasked(tracker: Tracker, ids: list[str]) -> None:
    before = state(tracker)
    for typed in ([], ["--keep-going"], ["-q"], ["--json"], ["--no-input"]):
        done = tracker.run("note", "-", "x", *typed, stdin=named(ids[:4]))
        assert (done.code, done.out) == (2, "")
        assert "note: this changes 4 reports" in done.err
        assert "--yes" in done.err
    assert state(tracker) == before
    assert tracker.ok("note", "-", "x", "-n", stdin=named(ids)).count("+    text: x") == 5
    assert state(tracker) == before
    assert len(tracker.ok("note", "-", "x", stdin=named(ids[:3])).splitlines()) == 3
    assert len(tracker.ok("note", "-", "x", "-y", stdin=named(ids)).splitlines()) == 5
    assert len(tracker.ok("note", "-", "x", stdin=named([*ids[:3], *ids[:3]])).splitlines()) == 3


def at_a_terminal(tracker: Tracker, *typed: str, stdin: str, answer: bytes, waits_for: str) -> tuple[int, str]:
    """Run a command at a terminal of its own, with its ids in a pipe, and answer what it asks."""
    reading, writing = os.pipe()
    process, handle = pty.fork()
    if not process:
        os.dup2(reading, 0)
        os.close(writing)
        os.chdir(tracker.root)
        os.execv(sys.executable, [sys.executable, "-m", "issuelog", *typed])
    os.close(reading)
    os.write(writing, stdin.encode())
    os.close(writing)
    shown, answered = b"", not waits_for
    while select.select([handle], [], [], 60)[0]:
        try:
            piece = os.read(handle, 65536)
        except OSError:  # nobody holds the other end any more
            break
        shown += piece
        if not answered and waits_for.encode() in shown:
            wait_until_it_waits(process)
            os.write(handle, answer)
            answered = True
    os.close(handle)
    assert answered, shown
    code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    return code, shown.decode().replace("\r\n", "\n")


QUESTION = "note: change 4 reports? [y/N] "


@pytest.mark.parametrize(
    ("answer", "expected"),
    [(b"y\n", 0), (b"YES\n", 0), (b"n\n", 9), (b"\n", 9), (b"yesterday\n", 9), (b"\x04", 9), (b"\x03", 130)],
)
def test_at_a_terminal_the_person_is_asked(tracker: Tracker, ids: list[str], answer: bytes, expected: int) -> None:
    before = state(tracker)
    code, shown = at_a_terminal(tracker, "note", "-", "x", stdin=named(ids[:4]), answer=answer, waits_for=QUESTION)
    assert code == expected, shown
    assert shown.count(QUESTION) == 1
    assert "Traceback" not in shown
    assert [notes(tracker, one) for one in ids] == [*[["x"] if not expected else []] * 4, []]
    if expected:
        assert state(tracker) == before


@pytest.mark.parametrize(("typed", "count"), [(["-y"], 5), (["-n"], 5), ([], 3)])
def test_at_a_terminal_nobody_is_asked_where_that_is_not_needed(
    tracker: Tracker, ids: list[str], typed: list[str], count: int
) -> None:
    code, shown = at_a_terminal(tracker, "note", "-", "x", *typed, stdin=named(ids[:count]), answer=b"", waits_for="")
    assert (code, "?" in shown) == (0, False), shown


def test_without_a_terminal_of_its_own_nobody_is_asked(tracker: Tracker, ids: list[str]) -> None:
    """Standard error is a terminal, but not ours: there is no `/dev/tty` to ask."""
    import subprocess

    ours, theirs = os.openpty()
    command = [sys.executable, "-m", "issuelog", "note", "-", "x"]
    done = subprocess.run(
        command, cwd=tracker.root, input=named(ids).encode(), stderr=theirs, check=False, start_new_session=True
    )
    os.close(theirs)
    said = os.read(ours, 65536).decode()
    os.close(ours)
    assert (done.returncode, "this changes 5 reports" in said) == (2, True), said


# --- One is refused ---------------------------------------------------------------------------------------------


@pytest.fixture
def mixed(tracker: Tracker, ids: list[str]) -> list[str]:
    """The reports, of which the second and the fourth are acknowledged: `acknowledge` refuses them."""
    for one in (ids[1], ids[3]):
        tracker.ok("acknowledge", one)
    return ids


def test_it_stops_at_the_first_refusal_and_shows_what_was_done(tracker: Tracker, mixed: list[str]) -> None:
    before = head(tracker)
    done = tracker.run("acknowledge", "-", "-y", stdin=named(mixed))
    assert done.code == 5
    assert [line.split("\t")[0] for line in done.out.splitlines()] == mixed[:1]
    assert since(tracker, before) == [f"{mixed[0]}: acknowledge"]
    summary, error, *_ = done.err.splitlines()
    assert summary == "1 changed, 1 failed, 3 not tried"
    assert error.startswith("error: ")
    assert mixed[1] in error


def test_where_the_first_is_refused_it_says_that_nothing_was_done(tracker: Tracker, mixed: list[str]) -> None:
    before = state(tracker)
    done = tracker.run("acknowledge", "-", stdin=named(mixed[1:3]))
    assert (done.code, done.out) == (5, "")
    assert done.err.startswith("1 failed, 1 not tried\nerror: ")
    assert mixed[1] in done.err
    assert state(tracker) == before


def test_with_keep_going_the_others_are_done(tracker: Tracker, mixed: list[str]) -> None:
    before = head(tracker)
    done = tracker.run("acknowledge", "-", "-y", "--keep-going", stdin=named(mixed))
    assert done.code == 5
    others = [mixed[0], mixed[2], mixed[4]]
    assert [line.split("\t")[0] for line in done.out.splitlines()] == others
    assert since(tracker, before) == [f"{one}: acknowledge" for one in others]
    lines = done.err.splitlines()
    assert [line for line in lines if line.startswith("error: ") and mixed[1] in line]
    assert [line for line in lines if line.startswith("error: ") and mixed[3] in line]
    assert lines[-1] == "3 changed, 2 failed"


def test_with_keep_going_the_first_failure_is_the_exit_code(tracker: Tracker, mixed: list[str]) -> None:
    path = tracker.path(mixed[2])
    path.write_text(path.read_text().replace("story 2", "edited"))
    refused_first = tracker.run("acknowledge", "-", "--keep-going", stdin=named(mixed[1:3]))
    edited_first = tracker.run("acknowledge", "-", "--keep-going", stdin=named([mixed[2], mixed[1]]))
    assert (refused_first.code, edited_first.code) == (5, 7)
    assert refused_first.err.splitlines()[-1] == "2 failed"


def test_of_one_report_keep_going_changes_nothing(tracker: Tracker, mixed: list[str]) -> None:
    done = tracker.run("acknowledge", mixed[1], "--keep-going")
    assert (done.code, done.out) == (5, "")


def test_what_needed_no_change_is_counted_apart(tracker: Tracker, ids: list[str]) -> None:
    tracker.ok("assign", ids[1], "Kim Lee")
    before = head(tracker)
    done = tracker.run("assign", "-", "Kim Lee", stdin=named(ids[:3]))
    assert since(tracker, before) == [f"{ids[0]}: assign", f"{ids[2]}: assign"]
    assert done.err.splitlines() == [f"{ids[1]}: nothing to change", "2 changed, 1 as they were"]
    assert [row["commit"] is None for row in json.loads(tracker.ok("assign", "-", "K", "--json", stdin=named(ids[:1])))]
    assert tracker.run("assign", "-", "L", "-n", stdin=named(ids[:2])).err == "2 would change\n"


def test_json_is_a_list_and_each_error_an_object_on_a_line(tracker: Tracker, mixed: list[str]) -> None:
    done = tracker.run("acknowledge", "-", "-y", "--json", "--keep-going", stdin=named(mixed))
    assert done.code == 5
    assert [(row["id"], row["action"], row["to"]) for row in done.json] == [
        (one, "acknowledge", "acknowledged") for one in (mixed[0], mixed[2], mixed[4])
    ]
    assert [error["code"] for error in errors(done)] == ["refused"] * 2
    assert [one in error["message"] for one, error in zip((mixed[1], mixed[3]), errors(done), strict=True)] == [
        True
    ] * 2
    one = tracker.run("note", "-", "x", "--json", stdin=named(mixed[:1]))
    assert [row["id"] for row in one.json] == mixed[:1]
    stopped = tracker.run("acknowledge", "-", "--json", stdin=named([*mixed[1:3]]))
    assert (stopped.code, stopped.out, len(errors(stopped))) == (5, "", 1)


def test_json_of_what_was_done_before_a_refusal(tracker: Tracker, mixed: list[str]) -> None:
    done = tracker.run("acknowledge", "-", "--json", stdin=named(mixed[:3]))
    assert (done.code, [row["id"] for row in done.json]) == (5, mixed[:1])
    (error,) = errors(done)
    assert mixed[1] in error["message"]


def test_quiet_prints_the_ids_of_what_was_changed(tracker: Tracker, mixed: list[str]) -> None:
    done = tracker.run("acknowledge", "-", "-qy", "--keep-going", stdin=named(mixed))
    assert done.out.split() == [mixed[0], mixed[2], mixed[4]]
    assert "changed" not in done.err
    assert tracker.run("note", "-", "x", "-q", stdin=named(mixed[:3])).out.split() == mixed[:3]


# --- Something happens in the middle ----------------------------------------------------------------------------


def at_the_second(monkeypatch: pytest.MonkeyPatch, action: Callable[[str], object]) -> None:
    """Let something happen before the second report is changed."""
    original = Files.change
    seen: list[str] = []

    def change(self: Files, reference: str, *given: Any, **options: Any) -> Any:
        seen.append(reference)
        if len(seen) == 2:
            action(reference)
        return original(self, reference, *given, **options)

    monkeypatch.setattr(Files, "change", change)


def test_a_kill_in_the_middle_leaves_whole_changes(
    tracker: Tracker, ids: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = head(tracker)
    with pytest.MonkeyPatch.context() as patch:
        at_the_second(patch, lambda _: os.kill(os.getpid(), signal.SIGKILL))
        kill(tracker, lambda: tracker.run("note", "-", "x", "-y", stdin=named(ids)))
    assert since(tracker, before) == [f"{ids[0]}: note"]
    assert tracker.git("status", "--porcelain") == ""
    assert tracker.run("check").code == 0
    tracker.ok("note", "-", "y", "-y", stdin=named(ids))
    assert [notes(tracker, one) for one in ids] == [["x", "y"], ["y"], ["y"], ["y"], ["y"]]


def test_an_interrupt_in_the_middle_shows_what_was_done(
    tracker: Tracker, ids: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = head(tracker)
    at_the_second(monkeypatch, lambda _: signal.raise_signal(signal.SIGINT))
    done = tracker.run("note", "-", "x", "-y", stdin=named(ids))
    assert done.code == 130
    assert [line.split("\t")[0] for line in done.out.splitlines()] == ids[:1]
    assert done.err.splitlines() == ["1 changed, 4 not tried", "interrupted"]
    assert since(tracker, before) == [f"{ids[0]}: note"]


def test_a_report_that_a_hand_edits_meanwhile_is_told_and_left(
    tracker: Tracker, ids: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tracker.path(ids[1])
    edited = path.read_text().replace("story 1", "my edit")
    at_the_second(monkeypatch, lambda _: path.write_text(edited))
    done = tracker.run("note", "-", "x", "-y", "--keep-going", stdin=named(ids))
    assert done.code == 7
    assert ids[1] in done.err
    assert done.err.splitlines()[-1] == "4 changed, 1 failed"
    assert path.read_text() == edited
    assert tracker.git("status", "--porcelain").split() == ["M", path.relative_to(tracker.root).as_posix()]


def test_a_secret_is_refused_for_each_and_redacted_in_all(tracker: Tracker, ids: list[str]) -> None:
    before = state(tracker)
    text = "the key is AKIAIOSFODNN7QWERTYU"
    done = tracker.run("note", "-", text, stdin=named(ids[:2]))
    assert (done.code, done.out, "AKIAIOSFODNN7QWERTYU" in done.err) == (5, "", False), done.err
    keeping = tracker.run("note", "-", text, "--keep-going", stdin=named(ids[:2]))
    assert (keeping.code, keeping.err.splitlines()[-1]) == (done.code, "2 failed")
    assert [one in keeping.err for one in ids] == [True, True, False, False, False]
    assert [one in done.err for one in ids] == [True, False, False, False, False]
    assert state(tracker) == before
    tracker.ok("note", "-", text, "--redact", stdin=named(ids[:2]))
    assert "AKIAIOSFODNN7QWERTYU" not in tracker.git("log", "-p")
    assert [len(notes(tracker, one)) for one in ids] == [1, 1, 0, 0, 0]


def test_a_time_in_the_future_is_warned_of_once(tracker: Tracker, ids: list[str]) -> None:
    done = tracker.run("note", "-", "x", "--at", "2099-01-01T00:00Z", stdin=named(ids[:3]))
    assert done.err.count("--at lies in the future") == 1


@pytest.mark.parametrize("given", [["no-such-id"], ["CR-"]])
def test_a_text_from_the_editor_is_not_lost_where_the_ids_are_wrong(
    tracker: Tracker, ids: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: list[str]
) -> None:
    script = tmp_path / "editor.py"
    script.write_text("import pathlib, sys\npathlib.Path(sys.argv[1]).write_text('my words')\n")
    monkeypatch.setenv("EDITOR", f"{sys.executable} {script}")
    for done in (
        tracker.run("note", "-", "-e", stdin=named(given)),
        tracker.run("note", "-", "-e", stdin=named(ids)),
    ):
        assert done.code in {2, 4}
        draft = re.search(r"your text is kept: --message @(\S+)", done.err)
        assert draft, done.err
        assert Path(draft[1]).read_text() == "my words"


# --- Looks at many ----------------------------------------------------------------------------------------------


def test_looks_show_each_report_once_in_the_order_given(tracker: Tracker, ids: list[str]) -> None:
    wanted = [ids[2], ids[0]]
    given = named([*wanted, *wanted])
    for line in ("missing -", "next -"):
        rows = json.loads(tracker.ok(*line.split(), "--json", stdin=given))
        assert [row["id"] for row in rows] == wanted, line
        assert list(
            dict.fromkeys(row.split("\t")[0] for row in tracker.ok(*line.split(), stdin=given).splitlines())
        ) == (wanted)
    assert tracker.ok("show", "-", "-q", stdin=given).split() == wanted
    texts = [tracker.path(one).read_text() for one in wanted]
    assert tracker.ok("show", "-", stdin=given) == "---\n".join(texts)


def test_what_is_missing_of_many_is_what_is_missing_of_each(tracker: Tracker, ids: list[str]) -> None:
    tracker.ok("set", ids[1], "intake.expected=a file", "intake.frequency=always")
    together = json.loads(tracker.ok("missing", "-", "--json", stdin=named(ids)))
    assert together == [tracker.json("missing", one) for one in ids]
    assert together[0] != together[1]
    lines = tracker.ok("missing", "-", stdin=named(ids)).splitlines()
    assert lines == [f"{one}\t{line}" for one in ids for line in tracker.ok("missing", one).splitlines()]
    said = tracker.run("missing", "-", stdin=named(ids)).err.splitlines()
    assert said == [f"{row['id']} is {row['score']} % complete" for row in together]


def test_the_analyses_of_many_are_those_of_each(tracker: Tracker, ids: list[str]) -> None:
    path = tracker.path(ids[1])
    path.write_text(path.read_text().replace("\nevents:", "\nrca:\n  summary: the summary\nevents:"))
    together = tracker.run("rca", "show", "-", stdin=named(ids[:3]))
    assert together.out == "---\n".join(tracker.ok("rca", "show", one) for one in ids[:3])
    assert together.err.count("next: issuelog rca start") == 2
    assert json.loads(tracker.ok("rca", "show", "-", "--json", stdin=named(ids[:2]))) == [
        {},
        tracker.json("rca", "show", ids[1]),
    ]


@pytest.mark.parametrize("look", ["show -", "missing -", "next -", "rca show -"])
def test_a_look_at_one_that_is_not_there_or_broken_shows_none(tracker: Tracker, ids: list[str], look: str) -> None:
    wrong = tracker.run(*look.split(), stdin=named([ids[0], "nonsense"]))
    assert (wrong.code, wrong.out) == (4, "")
    tracker.path(ids[1]).write_text("title: [\n")
    broken = tracker.run(*look.split(), stdin=named(ids[:2]))
    assert (broken.code, broken.out) == (6, "")


def test_the_measures_are_those_of_every_report(tracker: Tracker, ids: list[str]) -> None:
    due = ["2026-12-24T08:00:00Z", None, "2026-12-01T08:00:00Z", "2026-12-24T08:00:00Z", None, "2027-01-01T08:00:00Z"]
    for number, one in enumerate(ids[1:]):
        items = [
            {
                "id": f"A{item}",
                "text": f"measure\n{number} {item}",
                "kind": "prevent",
                "strength": "strong",
                "status": ("open", "done", "dropped")[(number + item) % 3],
                **({"owner": "kim"} if item % 2 else {}),
                **({"due_at": when} if (when := due[(number * 2 + item) % len(due)]) else {}),
            }
            for item in range(1, 4)
        ]
        path = tracker.path(one)
        path.write_text(path.read_text().replace("\nevents:", f"\n{dump({'rca': {'actions': items}})}events:"))
    assert tracker.run("check").code == 0
    every = [
        {"report": one, "due_at": None, "owner": None, **{key: item[key] for key in item}}
        for one in ids
        for item in tracker.show(one).get("rca", {}).get("actions", [])
    ]
    every.sort(key=lambda row: (row["due_at"] is None, row["due_at"], row["report"], row["id"]))
    assert len(every) == 12
    known = ("report", "id", "status", "kind", "owner", "due_at", "text")
    for options, wanted in (
        (["--all"], every),
        ([], [row for row in every if row["status"] == "open"]),
    ):
        rows = json.loads(tracker.ok("actions", "--json", *options))
        assert [{key: row[key] for key in known} for row in rows] == [
            {key: row[key] for key in known} for row in wanted
        ]


def test_an_index_made_anew_is_what_it_was(tracker: Tracker, ids: list[str]) -> None:
    put_known(tracker)
    broken = tracker.path(ids[4])
    broken.write_text("title: [\n")
    before = tracker.run("list", "--json"), tracker.run("search", "--json", "bar", "--limit", "0")
    (index,) = tracker.root.glob(".git/issuelog/index-*.sqlite")
    index.write_bytes(b"no database")
    done = tracker.run("reindex", "--json")
    assert done.json == {"reports": 4, "known_errors": 1, "problems": 1}
    assert ids[4] in done.err
    assert tracker.ok("reindex") == "4 reports, 1 known errors, 1 problems\n"
    assert (tracker.run("list", "--json"), tracker.run("search", "--json", "bar", "--limit", "0")) == before
    inode = index.stat().st_ino
    tracker.ok("reindex", "-n")
    assert index.stat().st_ino == inode
    assert tracker.git("status", "--porcelain").splitlines() == [
        f" M {broken.relative_to(tracker.root)}",
        f"?? known-errors/{KNOWN}.yaml",
    ]
