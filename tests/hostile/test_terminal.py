"""Hostile words wherever issuelog prints: visible to a person, and inert."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from hostile.made import Pulled, fields_of, pulled, pulled_copy
from hostile.payloads import INLINE, LINE, TEXT, WITHOUT_NUL, Payload, assert_ascii, assert_inert
from issuelog.cli.catalogue import COMMANDS, module_of
from issuelog.store.yamltext import dump
from support.cli import Done, Tracker

LOOKS = (
    "list",
    "list is:open",
    "list --fields id,title,owner,customer,component",
    "list --format {id}:{title}:{customer}",
    "show ID",
    "show -",
    "log",
    "log ID",
    "next ID",
    "next -",
    "missing ID",
    "check",
    "doctor",
    "actions --all",
    "list -0",
    "list --ndjson",
    "list --count",
    "search red",
    "search --limit 0 --ndjson red",
    "search owned forged",
    "search link nothing",
    "export csv",
    "export markdown",
    "export jsonl --no-attachments",
    "reindex",
    "rca show ID",
    "rca show -",
    "missing -",
)
LINE_ENDS = {"list -0": "\0", "export csv": "\r\n"}
CHANGES = (
    "note ID {0}",
    "assign ID {0}",
    "set ID component={0} intake.environment.os={0}",
    "answer ID {0} {0}",
    "diagnose ID --cause {0} --kind code",
    "undo",
    "close ID --known-error none",
    "reopen ID --reason not_fixed --evidence {0}",
    "rca start ID",
    "new --story {0} --customer {0} --contact {0} --external-ref {0} --step {0} --unavailable tried={0}",
)
FACES = {"pipe": (), "terminal": ("--color", "always"), "quiet": ("-q",)}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pulled:
    # Wide enough for no payload to be cut or broken.
    monkeypatch.setenv("COLUMNS", "9000")
    return pulled(tmp_path)


def words(line: str, here: Pulled, text: str = "") -> list[str]:
    return [here.id if word == "ID" else word.replace("{0}", text) for word in line.split(" ")]


def run(here: Pulled, line: str, *face: str, text: str = "") -> Done:
    return here.tracker.run(*words(line, here, text), *face, stdin="\n".join(here.ids))


def assert_safe(done: Done) -> None:
    assert done.code != 70, done.err
    assert_inert(done.out)
    assert_inert(done.err)


@pytest.mark.parametrize("face", FACES)
def test_a_report_with_hostile_words_in_every_field_is_inert_in_every_look(here: Pulled, face: str) -> None:
    for line in LOOKS:
        done = run(here, line, *FACES[face])
        assert_safe(Done(done.code, done.out.replace(LINE_ENDS.get(line, "\n"), "\n"), done.err))
        assert done.code in {0, 1}, done.err


def test_every_field_of_the_schema_is_in_the_hostile_report(here: Pulled) -> None:
    lacking = set(fields_of()) - set(_names(here.tracker.show(here.id)))
    assert lacking == set()


def _names(value: object) -> list[str]:
    if isinstance(value, dict):
        return [*value, *(name for part in value.values() for name in _names(part))]
    return [name for part in value for name in _names(part)] if isinstance(value, list) else []


@pytest.mark.parametrize("line", ["show ID", "list", "log"])
@pytest.mark.parametrize("face", ["pipe", "terminal"])
def test_what_was_written_can_be_read(here: Pulled, line: str, face: str) -> None:
    printed = run(here, line, *FACES[face]).out
    # A file is YAML, which has its own escapes.
    wanted = [one for one in WITHOUT_NUL if "\\" not in one.shown or line != "show ID" or face != "pipe"]
    if line == "log" and face == "terminal":
        printed += run(here, "log", "--color", "always").out
    for payload in wanted:
        assert payload.shown in printed.replace(r"\x00", ""), payload.name


def test_json_is_ascii_and_says_what_was_written(here: Pulled) -> None:
    for line in (*LOOKS, *CHANGES):
        done = run(here, line, "--json", "--dry-run", text=LINE.replace("\0", ""))
        assert_ascii(done.out + done.err)
    assert json.loads(run(here, "show ID", "--json").out)["story"] == TEXT


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize("line", CHANGES)
def test_diffs_refusals_and_hints_are_inert(here: Pulled, line: str, face: str) -> None:
    before = here.tracker.fingerprint()
    done = run(here, line, "--dry-run", *FACES[face], text=LINE.replace("\0", "").replace(" ", "_"))
    assert_safe(done)
    assert done.out + done.err
    assert here.tracker.fingerprint() == before


def test_what_is_said_after_a_change_is_inert(tmp_path: Path) -> None:
    there = pulled_copy(tmp_path)
    before = there.tracker.git("rev-parse", "HEAD").strip()
    for line in CHANGES:
        assert_safe(run(there, line, text=LINE.replace("\0", "").replace(" ", "_")))
    said = there.tracker.git("log", "--format=%B", f"{before}..HEAD")
    assert said.count("Issuelog-Report: ") > 4
    assert_inert(said)


def test_a_line_of_a_table_stays_one_line(here: Pulled) -> None:
    assert len(run(here, "list").out.splitlines()) == len(here.ids)
    rows = run(here, "log").out.splitlines()
    assert [row.count("\t") for row in rows] == [6] * 2


def test_at_a_real_terminal(here: Pulled) -> None:
    for line in ("show ID", "list", "show \x1b]0;owned\x07[red]"):
        printed = at_a_terminal(here.tracker, *words(line, here))
        assert_inert(printed)
        assert "[red]" in printed


def at_a_terminal(tracker: Tracker, *arguments: str) -> str:
    """Run a command whose streams are a terminal, and return all that it wrote there."""
    ours, theirs = os.openpty()
    command = [sys.executable, "-m", "issuelog", "-C", str(tracker.root), *arguments]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs):
        os.close(theirs)
        written = b""
        while True:
            try:
                piece = os.read(ours, 65536)
            except OSError:  # the other end was closed
                break
            if not piece:
                break
            written += piece
    os.close(ours)
    return written.decode().replace("\r\n", "\n")


# What a user types or pastes


@pytest.mark.parametrize("name", COMMANDS)
def test_hostile_arguments_are_inert_in_every_command(here: Pulled, name: str) -> None:
    text = "".join(payload.text for payload in WITHOUT_NUL)
    before = here.tracker.fingerprint()
    for arguments in command_lines(name, here.id, text):
        assert_safe(here.tracker.run("--dry-run", "--no-input", "--color", "always", *arguments))
    assert here.tracker.fingerprint() == before


def command_lines(name: str, report: str, text: str) -> list[list[str]]:
    """Return a command with hostile words as its id, as each of its options' values, and as an option."""
    from support.reference import parameters

    module = __import__(module_of(name), fromlist=["_"])
    verbs = getattr(module, "VERBS", None) or {"": getattr(module, module.__name__.rpartition(".")[2])}
    lines = [[name, text], [name, f"--{text}"]]
    for verb, function in verbs.items():
        own = parameters(function)
        places = [report if one.metavar == "ID" else text for one in own if not one.flags and one.required]
        needed = [word for one in own if one.flags and one.required for word in (one.flags[0], text)]
        start = [name, *([verb] if verb else []), *places, *needed]
        lines.append(start)
        valued = [one for one in own if one.flags and one.metavar and not one.required]
        lines += [[*start, one.flags[-1], text] for one in valued]
        lines += [[*start, one.flags[-1], f"{text}={text}"] for one in valued if "=" in one.metavar]
    return lines


@pytest.mark.parametrize("payload", WITHOUT_NUL, ids=lambda payload: payload.name)
def test_what_is_typed_in_place_of_something_known_is_shown_and_not_obeyed(here: Pulled, payload: Payload) -> None:
    for line in (
        "{0}",
        "--{0} list",
        "show {0}",
        "--color {0} list",
        "--at {0} note ID x",
        "--by {0} note ID x",
        "-C {0} list",
        "list is:{0}",
        "list --fields {0}",
        "import {0} x",
        "import mail {0}",
        "check {0}",
        "set ID {0}=x",
        "new --story x --anonymous --severity {0}",
        "new -F {0} --anonymous",
        "attach ID {0}",
        "answer ID {0} x",
        "duplicate ID --of {0}",
        "actions done ID {0} --evidence x",
        "rca {0}",
    ):
        done = run(here, line, text=payload.text)
        assert_safe(done)
        assert done.code, line


# Names of people, branches, files; the policy


def test_the_users_own_name_is_inert(here: Pulled, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_COUNT", "0")
    name = LINE.replace("\0", "")
    (Path(os.environ["HOME"]) / "gitconfig").write_text(f"[user]\n\temail = ana@example.com\n\tname = {quoted(name)}\n")
    for line in ("doctor", "note ID x --dry-run", "log"):
        assert_safe(run(here, line))
    assert r"\x1b]0;owned" in run(here, "doctor").out


def quoted(text: str) -> str:
    """Return a text as git's configuration writes it."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def test_a_hostile_branch_and_a_lock_on_it_are_inert(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from issuelog.vcs import index as git_index

    monkeypatch.setattr(git_index, "WAIT_SECONDS", 0.0)
    there = pulled_copy(tmp_path)
    branch = "evil\u202egnp\u2066\u200b-[red]".replace("[red]", "red]")
    there.tracker.git("switch", "-qc", branch)
    assert_safe(run(there, "note ID x"))
    lock = there.tracker.root / ".git" / "refs" / "heads" / f"{branch}.lock"
    lock.write_text("")
    done = run(there, "note ID x")
    assert_safe(done)
    assert done.code == 7
    assert r"evil\u202egnp" in done.err


HOSTILE_NAMES = ("\x1b]0;owned\x07", "a\u202elmay", "[red][x]", ":smile:", "-rf", "x\nerror: forged", "\x9b31m", "y\r")


def test_hostile_names_of_files_are_inert_and_one_line_each(tmp_path: Path) -> None:
    there = pulled_copy(tmp_path)
    folder = there.tracker.path(there.id).parent
    for name in HOSTILE_NAMES:
        (folder / f"{name}.yaml").write_text("a: [\n")
    listed = there.tracker.run("list")
    assert_safe(listed)
    assert listed.code == 0
    assert len(listed.out.splitlines()) == len(there.ids)
    assert [line.partition(":")[0] for line in listed.err.splitlines()] == ["warning"] * len(HOSTILE_NAMES)
    checked = run(there, "check")
    assert_safe(checked)
    assert checked.code == 6
    assert_safe(run(there, "doctor"))
    for name in HOSTILE_NAMES:
        done = run(there, "check {0}", text=str(folder / f"{name}.yaml"))
        assert_safe(done)
        aimed = there.tracker.run("show", f"{name}.yaml")
        assert_safe(aimed)
        assert aimed.code, name


def test_a_name_that_is_no_text_hides_no_report(tmp_path: Path) -> None:
    there = pulled_copy(tmp_path)
    folder = os.fsencode(there.tracker.path(there.id).parent)
    Path(os.fsdecode(folder + b"/\xff\xfe.yaml")).write_text("a: [\n")
    done = there.tracker.run("list")
    assert_safe(done)
    assert done.code == 0
    assert len(done.out.splitlines()) == len(there.ids)
    assert r"\udcff\udcfe.yaml:2:1" in done.err


@pytest.mark.parametrize(
    "lines",
    [
        "prefix: {0}",
        "{0}: 1",
        "default_severity: {0}",
        "people:\n  kim: [{0}]",
        "targets:\n  S1:\n    acknowledge: {0}",
        "targets:\n  {0}:\n    acknowledge: 1h",
        "calendars:\n  business:\n    timezone: {0}",
        "calendars:\n  business:\n    week:\n      {0}: always",
        "calendars:\n  business:\n    holidays:\n      - {0}",
        "calendars:\n  {0}:\n    week: {0}",
        "rca_required:\n  - {0}",
    ],
)
def test_hostile_values_of_the_policy_are_inert(tmp_path: Path, lines: str) -> None:
    there = pulled_copy(tmp_path)
    value = dump({"a": "".join(payload.text for payload in INLINE)}).removeprefix("a: ").rstrip("\n")
    (there.tracker.root / ".issuelog" / "config.yaml").write_text(lines.replace("{0}", value) + "\n")
    for line in ("list", "check", "doctor", "note ID x", "next ID"):
        for face in FACES.values():
            assert_safe(run(there, line, *face))
    assert run(there, "note ID x").code == 6


def test_hostile_names_of_people_are_inert(tmp_path: Path) -> None:
    there = pulled_copy(tmp_path)
    policy = dump({"people": {"kim": LINE.replace("\0", "") + " <x@example.com>"}})
    (there.tracker.root / ".issuelog" / "config.yaml").write_text(policy)
    for line in ("--by kim note ID x", "--by kim note ID x --dry-run", "assign ID kim", "log ID", "show ID"):
        done = run(there, line)
        assert_safe(done)
        assert done.code == (2 if "--by" in line else 0), done.err


@pytest.mark.parametrize(
    "text",
    [
        "a: [\x1b",
        "a: \u202e[\n",
        "a: *\u202e\n",
        "%\u202e\n",
        "\u202e: 1\n\u202e: 2\n",
        "a: !\u202e b\n",
        'a: "\\\u202e"\n',
    ],
)
def test_messages_of_the_parser_are_inert(tmp_path: Path, text: str) -> None:
    there = pulled_copy(tmp_path)
    path = there.tracker.path(there.id)
    path.write_text(text)
    for line in ("list", "show ID", "check", "note ID x"):
        assert_safe(run(there, line))
    assert run(there, "show ID").code == 6
    config = there.tracker.root / ".issuelog" / "config.yaml"
    config.write_text(text)
    done = run(there, "list")
    assert_safe(done)
    assert done.code == 6
