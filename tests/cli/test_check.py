"""`check` as a hook, in a workflow, and against forged reports."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from issuelog import checks
from issuelog.checks import RULES
from issuelog.store import parallel
from support.cli import Tracker
from support.lives import CLOSABLE, lived


@pytest.fixture
def tracker(tmp_path: Path) -> Tracker:
    return Tracker.make(tmp_path / "r")


def found(tracker: Tracker, *arguments: str) -> list[tuple[str, str]]:
    return [(row["rule"], row["level"]) for row in tracker.run("--json", "check", *arguments).json]


def forge(tracker: Tracker, report: str, old: str, new: str, count: int = 1) -> None:
    path = tracker.path(report)
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, count))


def cut(tracker: Tracker, report: str, section: str) -> None:
    """Take a section out of a report."""
    path = tracker.path(report)
    text, taken = re.subn(rf"(?m)^{section}:.*\n(?:[ \n-].*\n|\n)*", "", path.read_text())
    assert taken == 1
    path.write_text(text)


def test_each_rule_is_explained_and_an_unknown_one_is_refused(tracker: Tracker) -> None:
    shown = tracker.ok("check", "--explain", "all").splitlines()
    assert [line.split("\t")[0] for line in shown] == [rule.id for rule in RULES]
    assert "customer told it" in tracker.ok("check", "--explain", "seal")
    done = tracker.run("check", "--explain", "sael")
    assert (done.code, "seal" in done.err) == (2, True)
    assert tracker.run("check", "--format", "xml").code == 2


def test_a_forged_state_lacks_what_its_transition_asked_for(tracker: Tracker) -> None:
    report = tracker.complete()
    forge(tracker, report, "\nstate: new", "\nstate: acknowledged")
    assert found(tracker) == [("state", "error")]
    path = tracker.path(report)
    path.write_text(
        path.read_text() + "  - id: 01ZZZZ0T5M3E9Q2W4R6T8Y0V1J\n    at: 2026-11-22T10:00:00Z\n"
        "    by: x\n    action: acknowledge\n    from: new\n    to: acknowledged\n"
    )
    done = tracker.run("--json", "check")
    assert done.code == 1
    assert [(row["rule"], row["message"]) for row in done.json] == [
        ("guard", "acknowledged without first_answer: no first answer to the customer")
    ]


def test_a_transition_that_no_command_makes_is_found(tracker: Tracker) -> None:
    report = tracker.complete()
    forge(tracker, report, "\nstate: new", "\nstate: rca")
    path = tracker.path(report)
    path.write_text(
        path.read_text() + "  - id: 01ZZZZ0T5M3E9Q2W4R6T8Y0V1J\n    at: 2026-11-22T10:00:00Z\n"
        "    by: x\n    action: rca\n    from: new\n    to: rca\n"
    )
    assert "no command leads from new to rca" in tracker.run("check").out


@pytest.mark.parametrize(
    ("section", "guard"),
    [
        ("messages", "first_answer"),
        ("attempts", "reproduced"),
        ("diagnosis", "diagnosed"),
        ("fix", "tested_manual"),
        ("verification", "verified"),
        ("intake", "intake_complete"),
    ],
)
def test_evidence_that_was_taken_out_of_a_closed_report_is_missed(tmp_path: Path, section: str, guard: str) -> None:
    life = lived(tmp_path, *CLOSABLE, "close ID --known-error none")
    assert found(life.tracker) == []
    cut(life.tracker, life.id, section)
    assert f"without {guard}" in life.tracker.run("check").out


def test_what_a_policy_asks_for_later_is_not_asked_of_the_past(tmp_path: Path) -> None:
    life = lived(tmp_path, *CLOSABLE, "close ID --known-error none")
    config = life.tracker.root / ".issuelog/config.yaml"
    config.write_text("rca_required: []\nverify_days: 1\ntargets:\n  S1:\n    next_update: 1min\n")
    assert found(life.tracker) == []


def test_two_files_of_one_id(tracker: Tracker) -> None:
    report = tracker.new()
    path = tracker.path(report)
    other = tracker.root / "reports/2020/01" / path.name
    other.parent.mkdir(parents=True)
    other.write_bytes(path.read_bytes())
    assert set(found(tracker)) == {("place", "error"), ("duplicate_id", "error")}
    path.unlink()
    assert found(tracker) == [("place", "error")]


def test_a_file_that_no_report_names(tracker: Tracker, tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text("x\n")
    report = tracker.new("--attach", str(tmp_path / "a.log"))
    (tracker.root / "attachments" / report / "b.log").write_text("y\n")
    done = tracker.run("check")
    assert (done.code, "b.log is none of its attachments" in done.out) == (0, True)


def test_a_linked_year_is_named(tracker: Tracker, tmp_path: Path) -> None:
    tracker.new()
    (tmp_path / "elsewhere").mkdir()
    (tracker.root / "reports/2001").symlink_to(tmp_path / "elsewhere")
    assert found(tracker) == [("file", "error")]


def test_annotations_for_github_name_file_and_line_and_cannot_be_forged(tmp_path: Path) -> None:
    top = Tracker.make(tmp_path / "mono", init=False)
    (top.root / "sub").mkdir()
    tracker = Tracker(top.root / "sub")
    tracker.ok("init")
    report = tracker.new()
    forge(tracker, report, "\nseverity: S3", '\nseverity: "S9%0A::error::forged\\n::error::x"')
    done = tracker.run("check", "--format", "github")
    [line] = done.out.splitlines()
    path = tracker.path(report).relative_to(top.root)
    assert done.code == 6
    assert line.startswith(f"::error file={path},line=5,col=11,title=issuelog value::severity is ")
    assert "S9%250A" in line
    assert tracker.run("--json", "check", "--format", "github").json[0]["rule"] == "value"


def test_annotations_are_none_where_all_is_well(tracker: Tracker) -> None:
    tracker.new()
    assert tracker.ok("check", "--format", "github") == ""


def test_the_hook_finds_the_tracker_of_the_files_that_it_is_given(tmp_path: Path) -> None:
    """As the pre-commit framework runs it: at the top, with the files that its pattern picks."""
    hooks = (Path(__file__).parents[2] / ".pre-commit-hooks.yaml").read_text()
    pattern = re.search(r"files: (.+)", hooks)
    entry = re.search(r"entry: (.+)", hooks)
    assert pattern is not None
    assert entry is not None
    top = Tracker.make(tmp_path / "mono", init=False)
    (top.root / "sub").mkdir()
    tracker = Tracker(top.root / "sub")
    tracker.ok("init")
    report = tracker.new()
    listed = top.git("ls-files").splitlines()
    chosen = [name for name in listed if re.search(pattern[1], name)]
    assert [Path(name).stem for name in chosen] == [report]
    command = [sys.executable, "-m", *entry[1].split(), *chosen]
    assert subprocess.run(command, cwd=top.root, check=False).returncode == 0
    forge(tracker, report, "\nseverity: S3", "\nseverity: S9")
    assert subprocess.run(command, cwd=top.root, check=False, capture_output=True).returncode == 6


@pytest.mark.parametrize(
    ("section", "says"),
    [
        ("closure", "closed without a closure"),
        ("rca", "rca.causes has no C1, which an event names"),
        ("messages", "messages has no M1, which an event names"),
    ],
)
def test_what_events_name_and_is_gone_is_missed(tmp_path: Path, section: str, says: str) -> None:
    life = lived(tmp_path, *CLOSABLE, "close ID --known-error none")
    cut(life.tracker, life.id, section)
    done = life.tracker.run("check")
    assert (done.code, says in done.out) == (1, True), done.out


def test_another_ending_than_the_event_says(tmp_path: Path) -> None:
    life = lived(tmp_path, *CLOSABLE, "close ID --known-error none")
    forge(life.tracker, life.id, "  resolution: fixed", "  resolution: spam")
    assert ("guard", "error") in found(life.tracker)


def test_an_attachment_that_was_taken_out_is_missed(tracker: Tracker, tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text("x\n")
    report = tracker.new()
    tracker.ok("attach", report, str(tmp_path / "a.log"))
    cut(tracker, report, "attachments")
    assert set(found(tracker)) == {("reference", "error"), ("orphan", "warning")}


def test_a_duplicate_of_itself(tracker: Tracker) -> None:
    report = tracker.new()
    forge(tracker, report, "\nevents:", f"\nlinks:\n  duplicate_of: {report}\nevents:")
    assert found(tracker) == [("link", "error")]


# --- Many files, in several processes ---------------------------------------------------------------------------

MANY = 260


@pytest.fixture
def many(tracker: Tracker, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Files of which every third has a problem of one kind or another, and as many processes as there can be."""
    monkeypatch.setattr(parallel, "processors", lambda: 3)
    first = tracker.new()
    text = tracker.path(first).read_text()
    paths = []
    for number in range(MANY):
        report = f"CR-261122-{number:04}"
        path = tracker.root / "reports" / "2026" / "11" / f"{report}.yaml"
        new = text.replace(first, report)
        if number % 3 == 0:
            new = (new.replace("severity: S3", "severity: S9"), "title: [x\n", f"strange: 1\n{new}")[number % 9 // 3]
        path.write_text(new)
        paths.append(path)
    return paths


def forks(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Count the processes that are begun."""
    begun: list[int] = []
    original = os.fork

    def fork() -> int:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # threads of the test runner: the child uses none
            process = original()
        begun.append(process)
        return process

    monkeypatch.setattr(os, "fork", fork)
    return begun


def test_many_files_in_several_processes_have_the_problems_of_each_in_order(
    tracker: Tracker, many: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = forks(monkeypatch)
    together = tracker.run("--json", "check")
    assert len(begun) == 2
    monkeypatch.setattr(parallel, "processors", lambda: 1)
    alone = tracker.run("--json", "check")
    assert len(begun) == 2
    assert (together.code, together.out) == (alone.code, alone.out)
    assert together.code == 6
    assert len(together.json) == len(many[::3])
    one_by_one = [problem for path in sorted(many) for problem in tracker.run("--json", "check", str(path)).json]
    assert together.json == one_by_one


def test_files_that_are_named_are_checked_in_the_order_in_which_they_are(
    tracker: Tracker, many: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = forks(monkeypatch)
    backwards = list(reversed(many))
    done = tracker.run("--json", "check", *map(str, backwards))
    assert len(begun) == 2
    wrong = [
        path.relative_to(tracker.root).as_posix() for path in backwards if (MANY - backwards.index(path) - 1) % 3 == 0
    ]
    assert [row["path"] for row in done.json] == wrong


@pytest.mark.parametrize("place", [0, 1, 100, MANY])
@pytest.mark.parametrize("wrong", ["outside", "gone"])
def test_a_usage_error_in_any_process_ends_it_all(
    tracker: Tracker, many: list[Path], tmp_path: Path, place: int, wrong: str
) -> None:
    path = tmp_path / "outside.yaml" if wrong == "outside" else tracker.root / "reports/2026/11/CR-261122-ZZZZ.yaml"
    if wrong == "outside":
        path.write_text("x: 1\n")
    given = [*many[:place], path, *many[place:]]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        done = tracker.run("check", *map(str, given))
    assert (done.code, done.out) == (2, "")
    assert path.name in done.err
    assert "Traceback" not in done.err


def test_a_process_that_dies_leaves_no_file_unchecked(
    tracker: Tracker, many: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = tracker.run("--json", "check", *map(str, many[:5]))
    whole = [problem for path in many for problem in tracker.run("--json", "check", str(path)).json]
    assert expected.json == [
        row for row in whole if row["path"] in {str(p.relative_to(tracker.root)) for p in many[:5]}
    ]
    us = os.getpid()
    original = checks.check_file

    def check_file(given: object, path: Path) -> object:
        if os.getpid() != us and path == many[130]:
            os.kill(os.getpid(), signal.SIGKILL)
        return original(given, path)  # type: ignore[arg-type]

    begun = forks(monkeypatch)
    monkeypatch.setattr(checks, "check_file", check_file)
    done = tracker.run("--json", "check")
    assert (len(begun), done.code, done.json) == (2, 6, whole)


def test_the_exit_code_is_that_of_the_worst_file(tracker: Tracker, many: list[Path]) -> None:
    for path in many[::3]:
        path.unlink()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        assert tracker.run("check").code == 0
        many[1].write_text(many[1].read_text().replace("bar stops", "bar halts"))
        assert tracker.run("check").code == 1
        many[-2].write_text("x: [")
        assert tracker.run("check").code == 6
