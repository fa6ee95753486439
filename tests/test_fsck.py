"""Reports against their history: what commands did is in order, and what a hand did to the past is found."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from support.cli import Tracker


@pytest.fixture
def tracker(tmp_path: Path) -> Tracker:
    return Tracker.filled(tmp_path / "r", begin)


def begin(tracker: Tracker) -> None:
    """Make a report with a history."""
    made = tracker.complete()
    tracker.ok("acknowledge", made)
    tracker.ok("note", made, "one")
    tracker.ok("note", made, "two")


@pytest.fixture
def report(tracker: Tracker) -> str:
    [made] = tracker.ids()
    return made


def findings(tracker: Tracker, *arguments: str) -> list[tuple[str, str]]:
    """Return what fsck finds: rule and level; the exit code has to go with it."""
    done = tracker.run("--json", "fsck", *arguments)
    found = [(row["rule"], row["level"]) for row in done.json]
    assert done.code == (1 if any(level == "error" for _, level in found) else 0)
    return found


def by_hand(tracker: Tracker, report: str, change: Callable[[str], str], message: str = "by hand") -> None:
    path = tracker.path(report)
    text = path.read_text()
    assert change(text) != text
    path.write_text(change(text))
    tracker.git("commit", "-qam", message)


def test_what_commands_did_is_in_order(tracker: Tracker, report: str, tmp_path: Path) -> None:
    other = tracker.new()
    (tmp_path / "a.log").write_text("x\n")
    tracker.ok("attach", report, str(tmp_path / "a.log"))
    tracker.ok("undo")
    tracker.ok("undo")
    tracker.ok("duplicate", other, "--of", report)
    tracker.ok("undo", other)
    gone = tracker.new()
    tracker.ok("undo", gone)
    tracker.ok("undo")
    tracker.ok("undo")
    (tmp_path / "mail.eml").write_text("From: jo@acme.example\nSubject: it stops\nMessage-ID: <1@x>\n\nIt stops.\n")
    tracker.ok("import", "mail", str(tmp_path / "mail.eml"))
    assert findings(tracker) == []
    assert "all is well in" in tracker.ok("fsck", "--color", "always")


def test_what_was_merged_is_in_order(tracker: Tracker, report: str, tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(tmp_path / "remote")], check=True)
    tracker.git("remote", "add", "origin", str(tmp_path / "remote"))
    tracker.ok("sync")
    tracker.git("clone", "-q", str(tmp_path / "remote"), str(tmp_path / "theirs"))
    theirs = Tracker(tmp_path / "theirs")
    for number, one in enumerate((tracker, theirs)):
        one.ok("assign", report, f"Person {number}")
        one.ok("hypothesis", "add", report, f"cause {number}")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("issuelog.tracker.random_number", lambda: 7)
            one.new(story=f"of {number}")
    for one in (tracker, theirs, tracker):
        one.ok("sync")
    assert len(tracker.json("list")) == 3
    assert findings(tracker) == findings(theirs) == []


def test_a_hand_edit_that_leaves_the_events_alone_is_in_order(tracker: Tracker, report: str) -> None:
    by_hand(tracker, report, lambda text: text.replace("\ntitle: ", "\n# a comment\ntitle: My "))
    assert findings(tracker) == []


EVENT = """  - id: 01JCT0T5M3E9Q2W4R6T8Y0V1J3
    at: 2026-11-16T08:00:00Z
    by: x
    action: note
    text: forged
"""


def without_the_last_but_one(text: str) -> str:
    events = text.split("\n  - id: 01")
    return "\n  - id: 01".join([*events[:-2], events[-1]])


def without_the_last(text: str) -> str:
    return text.rpartition("\n  - id: 01")[0] + "\n"


TAMPERED: dict[str, tuple[Callable[[str], str], str]] = {
    "added": (lambda text: text + EVENT.replace("01JCT0", "7ZZZZ0"), "event_without_commit"),
    "rewritten": (lambda text: text.replace("text: one", "text: another"), "event_rewritten"),
    "rewritten, the last": (lambda text: text.replace("text: two", "text: another"), "event_rewritten"),
    "given a fact": (lambda text: text.replace("text: one", "text: one\n    x: y"), "event_rewritten"),
    "given to another": (lambda text: "    by: Kim".join(text.rsplit("    by: Ana", 1)), "event_rewritten"),
    "taken away": (without_the_last_but_one, "event_removed"),
    "taken away, the last": (without_the_last, "event_removed"),
    "moved back": (
        lambda text: text.replace("    at: 20", "    at: 19", 3).replace("    at: 19", "    at: 20", 2),
        "time_set_back",
    ),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_an_event_that_a_hand_touched_is_found(tracker: Tracker, report: str, what: str) -> None:
    change, rule = TAMPERED[what]
    by_hand(tracker, report, change)
    head = tracker.git("rev-parse", "HEAD").strip()
    rows = tracker.run("--json", "fsck").json
    assert rule in {row["rule"] for row in rows}, rows
    assert {(row["commit"], row["level"], row["path"].endswith(f"{report}.yaml")) for row in rows} == {
        (head, "error", True)
    }
    # It stays found, whatever comes after it.
    tracker.ok("note", report, "and on")
    assert rule in {rule for rule, _ in findings(tracker, report)}


def test_a_commit_that_only_claims_to_be_a_command_is_found(tracker: Tracker, report: str) -> None:
    trailers = f"\n\nIssuelog-Report: {report}\nIssuelog-Action: acknowledge\n"
    by_hand(tracker, report, lambda text: text + EVENT.replace("01JCT0", "01ZZZZ"), f"{report}: acknowledge{trailers}")
    assert ("event_without_commit", "error") in findings(tracker)


def test_a_commit_that_only_claims_to_undo_is_found(tracker: Tracker, report: str) -> None:
    undone = tracker.git("rev-parse", "HEAD").strip()
    trailers = f"\n\nIssuelog-Report: {report}\nIssuelog-Action: undo note\nIssuelog-Undoes: {undone}\n"
    by_hand(tracker, report, without_the_last_but_one, f"{report}: undo note{trailers}")
    assert ("event_removed", "error") in findings(tracker)


def test_an_event_that_was_made_before_the_last_one_is_found(tracker: Tracker, report: str) -> None:
    trailers = f"\n\nIssuelog-Report: {report}\nIssuelog-Action: note\n"
    by_hand(tracker, report, lambda text: text + EVENT, f"{report}: note{trailers}")
    assert findings(tracker) == [("time_set_back", "error")]


def test_an_event_from_the_future_of_its_commit_is_found(tracker: Tracker, report: str) -> None:
    trailers = f"\n\nIssuelog-Report: {report}\nIssuelog-Action: note\n"
    forged = EVENT.replace("01JCT0", "7ZZZZ0")
    by_hand(tracker, report, lambda text: text + forged, f"{report}: note{trailers}")
    assert findings(tracker) == [("time_set_back", "error")]


def test_a_deleted_report_is_found(tracker: Tracker, report: str) -> None:
    tracker.git("rm", "-q", str(tracker.path(report)))
    tracker.git("commit", "-qm", "away")
    assert findings(tracker) == [("report_removed", "error")]


def test_a_merge_that_drops_an_event_is_found(tracker: Tracker, report: str) -> None:
    tracker.git("switch", "-qc", "side")
    tracker.ok("note", report, "on the side")
    tracker.git("switch", "-q", "main")
    tracker.ok("assign", report, "Kim")
    tracker.git("merge", "-q", "--no-commit", "-s", "ours", "side")
    path = tracker.path(report)
    path.write_text(path.read_text().replace("owner: Kim", "owner: Kim # and nothing of the side"))
    tracker.git("commit", "-qam", "merge")
    assert findings(tracker) == [("event_removed", "error")]


def test_what_is_in_no_commit_yet_is_found(tracker: Tracker, report: str) -> None:
    path = tracker.path(report)
    path.write_text(path.read_text() + EVENT)
    other = path.with_name("CR-261101-0000.yaml")
    other.write_text(path.read_text().replace(report, "CR-261101-0000"))
    rows = tracker.run("--json", "fsck").json
    assert {(row["rule"], row["commit"]) for row in rows} == {("event_without_commit", None)}
    assert {Path(row["path"]).stem for row in rows} == {report, "CR-261101-0000"}


def test_a_version_that_cannot_be_read_is_named_and_the_rest_compared(tracker: Tracker, report: str) -> None:
    by_hand(tracker, report, lambda text: text + "  - {\n", "broken")
    by_hand(tracker, report, lambda text: text.removesuffix("  - {\n"), "mended")
    assert findings(tracker) == [("unreadable", "warning")]
    by_hand(tracker, report, lambda text: text.replace("text: one", "text: another"))
    assert ("event_rewritten", "error") in findings(tracker)


def test_a_shallow_clone_says_so(tracker: Tracker, report: str, tmp_path: Path) -> None:
    tracker.git("clone", "-q", "--depth=2", f"file://{tracker.root}", str(tmp_path / "part"))
    assert findings(Tracker(tmp_path / "part")) == [("shallow", "warning")]


def test_a_tracker_in_a_folder(tmp_path: Path) -> None:
    top = Tracker.make(tmp_path / "mono", init=False)
    (top.root / "sub").mkdir()
    tracker = Tracker(top.root / "sub")
    tracker.ok("init")
    report = tracker.new()
    assert findings(tracker) == []
    by_hand(tracker, report, without_events_of_ours)
    assert findings(tracker)[0] == ("event_rewritten", "error")


def without_events_of_ours(text: str) -> str:
    return text.replace("action: new", "action: renewed")


def test_before_the_first_commit_there_is_nothing_to_compare(tmp_path: Path) -> None:
    tracker = Tracker.make(tmp_path / "r", init=False)
    (tracker.root / ".issuelog").mkdir()
    (tracker.root / ".issuelog/config.yaml").write_text("prefix: CR\n")
    assert findings(tracker) == []


def test_rules_are_explained(tracker: Tracker) -> None:
    assert "never taken away" in tracker.ok("fsck", "--explain", "event_removed")
    assert len(tracker.ok("fsck", "--explain", "all").splitlines()) == 7
    done = tracker.run("fsck", "--explain", "x")
    assert (done.code, "event_removed" in done.err) == (2, True)


def told_whole(tracker: Tracker, tmp_path: Path) -> tuple[Tracker, str]:
    """Return another tracker, and a report of this one as a line to be imported there."""
    return Tracker.make(tmp_path / "other"), tracker.ok("export", "jsonl")


def test_a_whole_report_comes_with_its_history_in_one_commit(tracker: Tracker, report: str, tmp_path: Path) -> None:
    other, text = told_whole(tracker, tmp_path)
    tracker.new()
    for known, line in enumerate((text, tracker.ok("export", "jsonl"))):
        other.ok("import", "jsonl", "-", stdin=line)
        assert len(other.json("list")) == known + 1
    other.ok("note", report, "and on")
    other.ok("undo", report)
    assert findings(other) == []


def test_an_import_of_a_report_that_is_there_already_is_found(tracker: Tracker, report: str) -> None:
    trailers = f"\n\nIssuelog-Report: {report}\nIssuelog-Action: import\n"
    by_hand(tracker, report, lambda text: text + EVENT.replace("01JCT0", "01ZZZZ"), f"{report}: import{trailers}")
    assert ("event_without_commit", "error") in findings(tracker)


@pytest.mark.parametrize(("claimed", "action"), [("ANOTHER", "import"), ("ID", "new"), ("", "")])
def test_a_history_that_came_with_no_import_of_its_own_is_found(
    tracker: Tracker, report: str, tmp_path: Path, claimed: str, action: str
) -> None:
    other = Tracker.make(tmp_path / "other")
    path = other.root / tracker.path(report).relative_to(tracker.root)
    path.parent.mkdir(parents=True)
    path.write_bytes(tracker.path(report).read_bytes())
    name = claimed.replace("ID", report).replace("ANOTHER", "CR-261116-7K3M")
    other.git("add", "-A")
    other.git("commit", "-qm", f"x\n\nIssuelog-Report: {name}\nIssuelog-Action: {action}\n")
    assert ("event_without_commit", "error") in findings(other)


def test_an_imported_event_from_the_future_of_its_import_is_found(
    tracker: Tracker, report: str, tmp_path: Path
) -> None:
    other, text = told_whole(tracker, tmp_path)
    later = re.sub(r'"id":"01[0-9A-Z]{8}', '"id":"01ZZZZZZZZ', text)
    other.ok("import", "jsonl", "-", stdin=later)
    assert {rule for rule, _ in findings(other)} == {"time_set_back"}
