"""Completion: what is offered for the word that is being typed, and what the shells make of it."""

from __future__ import annotations

import inspect
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, get_args

import pytest

from hostile.payloads import assert_inert
from issuelog import checks, fsck
from issuelog.actions.customer import RECEIVED_KINDS, TOLD_BY_UPDATE
from issuelog.cli import analyses
from issuelog.cli.app import application
from issuelog.cli.catalogue import COMMANDS
from issuelog.cli.choices import CHOICES
from issuelog.cli.known import MOST
from issuelog.customer import templates
from issuelog.exporting import FORMATS
from issuelog.knowledge import figures
from issuelog.model import guards, report
from issuelog.model.form import FIELDS
from support.cli import Done, Tracker, run
from support.completing import HOSTILE, KIM, ORDINARY, hostile_tracker, ids, lively_tracker
from support.known import KNOWN, put_known

SAFE = re.compile(r'[\w @.+,:/=<>"-]+')
SHELLS = ("bash", "zsh", "fish")


def literal(model: Any, field: str) -> list[str]:
    """Return the words that a field of the schema takes."""
    annotation = model.model_fields[field].annotation
    parts = [part for part in get_args(annotation) or (annotation,) if part is not type(None)]
    words = [word for part in parts for word in (get_args(part) or (part,))]
    return [one for word in words for one in ([word] if isinstance(word, str) else [*word])]


WAIVABLE = [one.name for one in vars(guards).values() if isinstance(one, guards.Guard) and one.waivable]
TRUTH: dict[str, Sequence[str]] = {
    "--channel": [*report.Channel],
    "--severity": [*report.Severity],
    "--detected-by": literal(report.Source, "detected_by"),
    "--frequency": [*report.Frequency],
    "--place": [*report.Place],
    "--waive": WAIVABLE,
    "attach --kind": literal(report.Attachment, "kind"),
    "diagnose --kind": [*report.CauseKind],
    "diagnose --confidence": literal(report.Diagnosis, "confidence"),
    "escalate --to": literal(report.Escalation, "to"),
    "fix --kind": [*report.CauseKind],
    "test --mode": literal(report.Test, "mode"),
    "test --result": literal(report.Test, "result"),
    "resolve --kind": [*report.CauseKind],
    "close --as": [one for one in report.Resolution if one != "fixed"],
    "reopen --reason": [*report.ReopenReason],
    "received --kind": RECEIVED_KINDS,
    "update --kind": TOLD_BY_UPDATE,
    "compensate --decision": literal(report.Compensation, "decision"),
    "message draft KIND": templates.kinds(),
    "message lint --kind": templates.kinds(),
    "message templates KIND": templates.kinds(),
    "--lang": templates.languages(),
    "legal --review": literal(report.Legal, "review"),
    "rca why --cause": literal(report.Cause, "kind"),
    "rca why --ends-in": [*report.EndKind],
    "rca check --format": ["text", "github"],
    "rca show --format": analyses.FORMS,
    "rca action --kind": literal(report.Action, "kind"),
    "rca action --strength": literal(report.Action, "strength"),
    "check --explain": [*(rule.id for rule in checks.RULES), "all"],
    "fsck --explain": [*fsck.RULES, "all"],
    "stats --by": [*figures.BY],
    "apply --outcome": literal(report.Tried, "outcome"),
    "export FORMAT": FORMATS,
    "answer QUESTION": [field.name for field in FIELDS],
}
EXAMPLES = {"test --level", "rca why --missing-level", "import FORMAT"}
"""Nothing in the code lists them."""


@pytest.mark.parametrize("name", TRUTH)
def test_the_words_that_are_offered_are_those_that_are_taken(name: str) -> None:
    assert [*CHOICES[name]] == [*TRUTH[name]]


def test_every_table_of_words_belongs_to_a_parameter() -> None:
    assert TRUTH.keys() | EXAMPLES == CHOICES.keys()
    known = {spelling for path, command in every_command() for spelling in spellings(path, command)}
    assert CHOICES.keys() <= known


def every_command() -> Iterator[tuple[str, Any]]:
    """Yield all commands and verbs, as the parser knows them."""
    top: Any = application()
    for name in COMMANDS:
        command = top.get_command(None, name)
        yield name, command
        for verb, sub in getattr(command, "commands", {}).items():
            yield f"{name} {verb}", sub


def spellings(path: str, command: Any) -> Iterator[str]:
    for parameter in command.params:
        for name in [*parameter.opts, parameter.metavar]:
            yield from (str(name), f"{path} {name}")


@pytest.fixture
def lively(tmp_path: Path) -> Tracker:
    return lively_tracker(tmp_path / "repository")


@pytest.fixture
def hostile(tmp_path: Path) -> Tracker:
    return hostile_tracker(tmp_path / "repository")


def answered(tracker: Tracker, *words: str) -> Done:
    done = run("__complete", "-C", str(tracker.root), *words)
    assert (done.code, done.err) == (0, "")
    return done


def offered(tracker: Tracker, *words: str) -> dict[str, str]:
    """Return what is offered for the last word, with what it means."""
    lines = answered(tracker, *words).out.splitlines()
    found = dict(line.partition("\t")[::2] for line in lines)
    assert len(found) == len(lines)
    return found


def test_what_came_before_is_offered_whether_report_or_known_error(tracker: Tracker) -> None:
    put_known(tracker, title="Long invoices")
    report = tracker.new("--title", "Export stops")
    tracker.ok("list")
    assert offered(tracker, "apply", report, "") == {report: "Export stops", KNOWN: "Long invoices"}
    assert offered(tracker, "affected", "KE-") == {KNOWN: "Long invoices"}
    assert offered(tracker, "fix", report, "--ref", "") == {}


def test_commands_are_offered_with_the_first_line_of_their_help() -> None:
    found = dict(line.split("\t") for line in run("__complete", "").out.splitlines())
    assert set(found) == {*COMMANDS, "ack"}
    for path, command in every_command():
        if path in found:
            assert found[path] == inspect.cleandoc(command.help).splitlines()[0].removesuffix(".")


@pytest.mark.parametrize("words", [("sho",), ("--json", "sho"), ("--color", "never", "sho"), ("help", "sho")])
def test_a_commands_name_is_completed_after_common_options(lively: Tracker, words: tuple[str, ...]) -> None:
    assert offered(lively, *words).keys() == {"show"}


def test_verbs_are_offered_before_and_after_the_report(lively: Tracker) -> None:
    verbs = {"start", "why", "factor", "action", "accept", "show", "check", "edit", "tell"}
    verbs |= {"detect", "walk", "not-done", "recurrence"}
    assert offered(lively, "rca", "").keys() == offered(lively, "rca", "7K3M", "").keys() == verbs
    assert offered(lively, "rca", "")["why"] == "Ask why once more."
    assert offered(lively, "rca", "CR").keys() == {*ids(lively).values()}
    assert offered(lively, "rca", "7K3M", "why", "--cau").keys() == {"--cause"}


def test_options_are_offered_with_their_help_and_once(lively: Tracker) -> None:
    assert offered(lively, "triage", "--sev") == {"--severity": "S1 (worst) to S4."}
    assert offered(lively, "triage", "--severity", "S1", "--sev") == {}
    assert offered(lively, "triage", "--severity=S1", "--sev") == {}
    assert offered(lively, "new", "--label", "x", "--lab").keys() == {"--label"}
    assert {"--json", "--dry-run", "--by", "--help"} <= offered(lively, "triage", "-").keys()
    assert "-C\tWork as if started in DIR." in run("__complete", "triage", "-").out.splitlines()
    assert offered(lively, "note", "7K3M", "--", "-").keys() == set()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("new", "--channel", "p"), ["phone"]),
        (("new", "--channel=p"), ["--channel=phone"]),
        (("diagnose", "X", "--kind", "co"), ["code", "config"]),
        (("rca", "action", "X", "t", "--kind", "d"), ["detect"]),
        (("close", "X", "--as", "W"), ["wont_fix", "withdrawn"]),
        (("list", "--color", ""), ["auto", "always", "never"]),
        (("check", "--format", ""), ["text", "github"]),
        (("export", "c"), ["csv"]),
        (("answer", "X", "environment.p"), ["environment.product"]),
        (("list", "--sort", "-rec"), ["-received"]),
        (("list", "--sort", "state,-own"), ["state,-owner"]),
        (("list", "--fields", "id,i"), []),
        (("completion", "z"), ["zsh"]),
        (("list", "--state", "new,ack"), ["new,acknowledged"]),
        (("list", "--sev"), ["--severity"]),
        (("list", "--limit", ""), []),
        (("schema", ""), ["report", "known-error"]),
        (("schema", "k"), ["known-error"]),
        (("doctor", ""), []),
        (("nonsense", ""), []),
        (("--nonsense", "sho"), ["show"]),
    ],
)
def test_values_are_completed(lively: Tracker, words: tuple[str, ...], expected: list[str]) -> None:
    if words[1] == "--fields":
        expected = [f"id,{name}" for name in offered(lively, "list", "--fields", "") if "i" in name and name != "id"]
    assert [*offered(lively, *words)] == expected


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("re", ["ref:", "resolution:", "received:"]),
        ("-se", ["-severity:", "-sev:"]),
        ("state:n", ["state:new", "state:none"]),
        ("state:new,re", ["state:new,reproduced", "state:new,resolved"]),
        ("state:new,n", ["state:new,none"]),
        ("-sev:", ["-sev:S1", "-sev:S2", "-sev:S3", "-sev:S4"]),
        ("sev:>=S2", ["sev:>=S2"]),
        ("sev:S1..S", ["sev:S1..S1", "sev:S1..S2", "sev:S1..S3", "sev:S1..S4"]),
        ("is:over", ["is:overdue"]),
        ("waiting:", ["waiting:customer", "waiting:vendor", "waiting:none"]),
        ("owner:", ["owner:kim@example.com", "owner:ana", "owner:none"]),
        ("owner:Lee", ["owner:kim@example.com"]),
        ("component:ex", ["component:export"]),
        ("customer:ac", ['customer:"Acme GmbH"']),
        ("customer:Fu", ["customer:Fuji"]),
        ("received:to", ["received:today"]),
        ("age:", []),
        ("no_key:", []),
    ],
)
def test_a_query_is_completed(lively: Tracker, typed: str, expected: list[str]) -> None:
    for before in (("list", "is:open"), ("export", "csv"), ("search", "word")):
        assert [*offered(lively, *before, typed)] == expected


@pytest.mark.parametrize("term", ["owner:", "component:", "customer:", "state:", "is:", "sev:", "received:"])
def test_every_value_of_a_query_that_is_offered_is_taken(lively: Tracker, term: str) -> None:
    for value in offered(lively, "list", term):
        lively.ok("list", "--", value)


def test_a_value_of_a_query_finds_the_reports_that_have_it(lively: Tracker) -> None:
    by_title = ids(lively)
    for typed, title in (("owner:le", "Export: stops at half"), ("customer:fu", "A typo"), ("id:CR", "Login loops")):
        found = {row for value in offered(lively, "list", typed) for row in lively.ok("list", "-q", value).split()}
        assert by_title[title] in found


@pytest.mark.parametrize(
    "words",
    [
        ("show", ""),
        ("show", "cr-"),
        ("duplicate", "X", "--of", ""),
        ("note", "--dry-run", ""),
        ("undo", ""),
        ("log", ""),
    ],
)
def test_reports_are_offered_with_their_titles_the_most_urgent_first(lively: Tracker, words: tuple[str, ...]) -> None:
    expected = [(row["id"], row["title"]) for row in lively.json("list")]
    assert [*offered(lively, *words).items()] == expected


def test_closed_reports_come_last(lively: Tracker) -> None:
    urgent = ids(lively)["Export: stops at half"]
    lively.ok("close", urgent, "--as", "spam")
    lively.ok("list")
    assert [*offered(lively, "show", "")][-1] == urgent


def test_a_report_is_found_by_a_part_of_the_last_part_of_its_id(lively: Tracker) -> None:
    path = lively.path(ids(lively)["A typo"])
    other = path.with_name(f"{path.stem[:-4]}Z1QZ.yaml")
    other.write_text(path.read_text().replace(path.stem, other.stem))
    lively.ok("list")
    for typed in ("Z1Q", "z1qz", "lqz", "IQ"):  # L and I are read as 1
        assert offered(lively, "show", typed) == {other.stem: "A typo"}
        assert [*offered(lively, "duplicate", "X", f"--of={typed}")] == [f"--of={other.stem}"]


def test_people_are_those_of_the_policy_and_those_who_have_reports(lively: Tracker) -> None:
    lively.root.joinpath(".issuelog/config.yaml").write_text('people:\n  li: "Li Wei <li@example.com>"\n')
    assert offered(lively, "assign", "X", "") == {
        "li": "Li Wei <li@example.com>"
    }  # of the index before nothing is known
    lively.ok("list")
    assert [*offered(lively, "assign", "X", "")] == ["li", KIM, "ana"]
    assert [*offered(lively, "note", "X", "y", "--by", "wei")] == ["li"]
    assert [*offered(lively, "new", "--owner=KIM")] == [f"--owner={KIM}"]


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        (("attach", "X", "a"), ":files\n"),
        (("import", "mail", ""), ":files\n"),
        (("export", "csv", "--output=a"), ":files\t--output=\n"),
        (("note", "X", "@a"), ":files\t@\n"),
        (("-C", ""), ":folders\n"),
        (("note", "X", "a"), ""),
    ],
)
def test_paths_are_left_to_the_shell(lively: Tracker, words: tuple[str, ...], asked: str) -> None:
    assert answered(lively, *words).out == asked


@pytest.mark.parametrize(("last", "with_index"), [("CR-991231-0000", True), ("CR-190101-0000", False)])
def test_no_more_are_offered_than_are_read_and_they_have_in_common_what_all_have(
    lively: Tracker, last: str, with_index: bool
) -> None:
    path = lively.path(ids(lively)["A typo"])
    text = path.read_text()
    for report_id in (last, *(f"{path.stem[:-4]}{number:04}" for number in range(MOST + 5))):
        one = lively.root / "reports" / f"20{report_id[3:5]}" / report_id[5:7] / f"{report_id}.yaml"
        one.parent.mkdir(parents=True, exist_ok=True)
        one.write_text(text.replace(path.stem, report_id).replace("Fuji", f"Fuji{report_id}"))
    if with_index:
        lively.ok("list")
        assert len(offered(lively, "list", "customer:")) == MOST
    else:
        index_of(lively).unlink()
    found = [*offered(lively, "show", "CR-")]
    assert MOST - 2 <= len(found) <= MOST
    assert in_common(found) == in_common([*found, last]) == "CR-"


def in_common(words: Sequence[str]) -> str:
    first, last = min(words), max(words)
    return first[: next((at for at, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first))]


def index_of(tracker: Tracker) -> Path:
    return next(tracker.root.glob(".git/issuelog/index-*.sqlite"))


def test_without_an_index_there_are_ids_and_none_is_made(lively: Tracker) -> None:
    expected = {*ids(lively).values()}
    index_of(lively).unlink()
    assert offered(lively, "show", "CR-") == dict.fromkeys(expected, "")
    assert offered(lively, "list", "owner:").keys() == {"owner:none"}
    assert not [*lively.root.glob(".git/issuelog/index-*")]


def test_it_looks_at_no_report_and_leaves_no_trace(lively: Tracker) -> None:
    path = lively.path(ids(lively)["A typo"])
    path.write_text(path.read_text().replace("A typo", "Edited"))
    before = written(lively), lively.fingerprint()
    assert "A typo" in offered(lively, "show", "").values()
    assert (written(lively), lively.fingerprint()) == before


def written(tracker: Tracker) -> dict[str, tuple[int, int, int]]:
    """Return what tells a file that was written or replaced; when it was read last is the system's affair."""
    files = {one.name: one.stat() for one in index_of(tracker).parent.iterdir()}
    return {name: (found.st_ino, found.st_size, found.st_mtime_ns) for name, found in files.items()}


def test_it_reads_what_another_is_writing(lively: Tracker) -> None:
    connection = sqlite3.connect(index_of(lively), isolation_level=None)
    try:
        connection.execute("UPDATE report SET line = replace(line, 'A typo', 'Just read')")
        connection.execute("BEGIN EXCLUSIVE")
        assert "Just read" in offered(lively, "show", "").values()
    finally:
        connection.close()


def break_index(tracker: Tracker) -> None:
    index_of(tracker).write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)


def break_policy(tracker: Tracker) -> None:
    tracker.root.joinpath(".issuelog/config.yaml").write_text("people: [\n")


def break_git(tracker: Tracker) -> None:
    tracker.root.joinpath(".git/HEAD").unlink()


def no_tracker(tracker: Tracker) -> None:
    shutil.rmtree(tracker.root / ".issuelog")


def bare(tracker: Tracker) -> None:
    for path in tracker.root.iterdir():
        if path.name != ".git":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    tracker.git("config", "core.bare", "true")


def links(tracker: Tracker) -> None:
    tracker.root.joinpath("reports").rename(tracker.root / "elsewhere")
    tracker.root.joinpath("reports").symlink_to("elsewhere")
    index_of(tracker).unlink()


def pipes(tracker: Tracker) -> None:
    index = index_of(tracker)
    index.unlink()
    os.mkfifo(index)


@pytest.mark.parametrize("trouble", [break_index, break_policy, break_git, no_tracker, bare, links, pipes])
@pytest.mark.parametrize(
    "words", [("show", "CR"), ("assign", "X", ""), ("list", "owner:"), ("new", "--component", ""), ("rca", "why", "CR")]
)
def test_trouble_is_silent(lively: Tracker, trouble: Any, words: tuple[str, ...]) -> None:
    trouble(lively)
    for line in answered(lively, *words).out.splitlines():
        assert SAFE.fullmatch(line.partition("\t")[0])
    assert offered(lively, "list", "--state", "ne").keys() >= {"new"}


@pytest.mark.parametrize(
    "words", [(), ("-C", "/nowhere", "show", ""), ("\udcff", ""), ("show", "\udcff"), ("show", "--of=" * 50)]
)
def test_odd_words_are_silent(words: tuple[str, ...]) -> None:
    done = run("__complete", *words)
    assert (done.code, done.out, done.err) == (0, "", "")


def test_it_is_silent_where_nobody_reads_and_in_a_folder_that_is_gone(lively: Tracker, tmp_path: Path) -> None:
    for command in (
        "{} -m issuelog __complete '' >&-",
        "{} -m issuelog __complete '' > /dev/full",
        "mkdir gone; cd gone; rmdir ../gone; {} -m issuelog __complete show ''",
        "LC_ALL=C PYTHONCOERCECLOCALE=0 PYTHONUTF8=0 {} -m issuelog __complete show ''",
    ):
        done = subprocess.run(
            ["sh", "-c", f"unset PYTHONUNBUFFERED; {command.format(sys.executable)}"],
            cwd=lively.root,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, ""), command


@pytest.mark.parametrize("words", [("show", ""), ("list", "owner:"), ("list", "customer:"), ("assign", "X", "")])
def test_hostile_text_is_inert(hostile: Tracker, words: tuple[str, ...]) -> None:
    out = answered(hostile, *words).out
    assert_inert(out)
    values = [line.split("\t")[0] for line in out.splitlines()]
    assert values
    assert [value for value in values if not SAFE.fullmatch(value)] == []
    assert not {value.rpartition(":")[2] for value in values} & {*HOSTILE}


def test_of_the_people_only_those_are_offered_whom_a_shell_takes_for_words(hostile: Tracker) -> None:
    hostile.root.joinpath(".issuelog/config.yaml").write_text(
        'people:\n  li: "Li\\e[2J\\n\\tLi <li@example.com>"\n  "$(touch owned)": x\n  -rf: x\n  "a\\eb": x\n'
    )
    hostile.ok("list")
    assert offered(hostile, "assign", "X", "") == {"li": r"Li\x1b[2J Li <li@example.com>", ORDINARY: ""}
    spoken = hostile.spawn("__complete", "assign", "X", "", env={"PYTHONIOENCODING": "ascii"})
    assert spoken == Done(0, "li\tLi\\x1b[2J Li <li@example.com>\n", "")


def test_the_script_of_every_shell_is_printed(tracker: Tracker, monkeypatch: pytest.MonkeyPatch) -> None:
    for shell in SHELLS:
        script = tracker.ok("completion", shell)
        assert "__complete" in script
        assert tracker.json("completion", shell) == {"shell": shell, "script": script}
        monkeypatch.setenv("SHELL", f"/usr/local/bin/{shell}")
        assert tracker.ok("completion") == script


@pytest.mark.parametrize(("given", "shell"), [([], "/bin/tcsh"), ([], ""), (["powershell"], "/bin/bash")])
def test_a_shell_that_is_not_known_is_told_with_those_that_are(
    tracker: Tracker, monkeypatch: pytest.MonkeyPatch, given: list[str], shell: str
) -> None:
    monkeypatch.setenv("SHELL", shell)
    done = tracker.run("completion", *given)
    assert done.code == 2
    assert "bash, zsh, fish" in done.err
