from __future__ import annotations

from pathlib import Path

import pytest

from support.cli import Tracker


@pytest.fixture
def report(tracker: Tracker) -> str:
    tracker.become(Tracker.new)
    return tracker.ids()[0]


def texts(tracker: Tracker, report: str) -> list[str]:
    return [event["text"] for event in tracker.show(report)["events"] if "text" in event]


def require_clean(tracker: Tracker) -> None:
    assert tracker.git("status", "--porcelain", "--untracked-files=all") == ""


def test_the_last_change_is_taken_back_by_a_new_commit(tracker: Tracker, report: str) -> None:
    path = tracker.path(report)
    was = path.read_bytes()
    tracker.ok("note", report, "wrong")
    undone = tracker.git("rev-parse", "HEAD").strip()
    told = tracker.json("undo")
    assert path.read_bytes() == was
    assert tracker.subjects()[:2] == [f"{report}: undo note", f"{report}: note"]
    assert told["undone"] == {"commit": undone, "summary": f"{report}: note"}
    assert told["commit"] == tracker.git("rev-parse", "HEAD").strip()
    trailers = tracker.git("log", "-1", "--format=%(trailers:only)").split("\n")
    assert trailers[:3] == [
        f"Issuelog-Report: {report}",
        "Issuelog-Action: undo note",
        f"Issuelog-Undoes: {undone}",
    ]
    require_clean(tracker)


def test_it_is_what_git_revert_makes(tracker: Tracker, report: str) -> None:
    tracker.ok("note", report, "wrong")
    tracker.ok("undo")
    made = tracker.git("rev-parse", "HEAD^{tree}")
    tracker.git("reset", "-q", "--hard", "HEAD~")
    tracker.git("revert", "--no-edit", "HEAD")
    assert tracker.git("rev-parse", "HEAD^{tree}") == made


def test_undoing_an_undo_brings_the_change_back_and_so_on(tracker: Tracker, report: str) -> None:
    tracker.ok("note", report, "once more")
    was = tracker.path(report).read_bytes()
    for number in range(4):
        tracker.ok("undo", report)
        assert (tracker.path(report).read_bytes() == was) == bool(number % 2)
    actions = [subject.partition(": ")[2] for subject in tracker.subjects()]
    assert actions == ["redo", "undo redo", "redo", "undo note", "note", "new", "init"]


def test_a_new_report_goes_with_its_attachments_and_folders(tracker: Tracker, tmp_path: Path) -> None:
    picture = tmp_path / "box.png"
    picture.write_bytes(b"\x89PNG\r\n\0\xff")
    report = tracker.new("--attach", str(picture))
    was = tracker.path(report).read_bytes()
    tracker.ok("undo")
    assert sorted(path.name for path in tracker.root.iterdir()) == [
        ".git",
        ".issuelog",
        "attachments",
        "known-errors",
        "reports",
    ]
    assert [path.name for path in (tracker.root / "attachments").iterdir()] == [".gitattributes"]
    assert [path.name for path in (tracker.root / "reports").iterdir()] == [".gitattributes"]
    require_clean(tracker)
    assert tracker.run("show", report).code == 4
    tracker.ok("undo")
    assert tracker.path(report).read_bytes() == was
    assert (tracker.root / "attachments" / report / "box.png").read_bytes() == picture.read_bytes()
    require_clean(tracker)


def test_what_others_keep_in_the_same_folder_stays(tracker: Tracker) -> None:
    kept, gone = tracker.new(), tracker.new()
    tracker.ok("undo")
    assert tracker.path(kept).is_file()
    assert not list(tracker.root.glob(f"reports/*/*/{gone}.yaml"))


def test_the_last_change_of_a_named_report(tracker: Tracker, report: str) -> None:
    other = tracker.new()
    tracker.ok("note", report, "first")
    tracker.ok("note", other, "second")
    tracker.ok("undo", report.rpartition("-")[2].lower())
    assert tracker.subjects()[0] == f"{report}: undo note"
    assert (texts(tracker, report), texts(tracker, other)) == ([], ["second"])


def test_only_one_change_at_a_time(tracker: Tracker, report: str) -> None:
    tracker.ok("note", report, "first")
    tracker.ok("note", report, "second")
    tracker.ok("undo", report)
    assert texts(tracker, report) == ["first"]


@pytest.mark.parametrize("committed", [True, False])
def test_what_was_changed_since_is_never_lost(tracker: Tracker, report: str, committed: bool) -> None:
    tracker.ok("note", report, "wrong")
    path = tracker.path(report)
    path.write_text(text := path.read_text().replace("severity: S3", "severity: S1"))
    if committed:
        tracker.git("commit", "-qam", "by hand")
    before = tracker.fingerprint()
    done = tracker.run("undo", report)
    words = f"was changed again after '{report}: note'" if committed else "was changed by hand and not committed"
    assert (done.code, words in done.err) == (7, True), done.err
    assert path.read_text() == text
    assert tracker.fingerprint() == before


def test_changes_of_other_files_since_do_not_matter(tracker: Tracker, report: str) -> None:
    tracker.ok("note", report, "wrong")
    (tracker.root / "mine").write_text("x\n")
    tracker.git("add", "mine")
    tracker.git("commit", "-qm", "Issuelog-Report: in a subject is no trailer")
    tracker.git("commit", "-q", "--allow-empty", "-m", "x\n\nIssuelog-Report: ../../etc\nIssuelog-Action: new\n")
    tracker.ok("undo")
    assert texts(tracker, report) == []
    assert (tracker.root / "mine").exists()


def test_where_there_is_nothing_to_undo(tracker: Tracker) -> None:
    before = tracker.fingerprint()
    done = tracker.run("undo")
    assert (done.code, "there is nothing to undo" in done.err) == (5, True)
    assert tracker.fingerprint() == before


def test_a_report_that_is_not_there(tracker: Tracker, report: str) -> None:
    assert tracker.run("undo", "CR-261122-0000").code == 4


def test_what_a_shallow_clone_does_not_know_is_not_undone(tracker: Tracker, report: str, tmp_path: Path) -> None:
    tracker.ok("note", report, "x")
    tracker.git("clone", "-q", "--depth=1", f"file://{tracker.root}", str(tmp_path / "shallow"))
    shallow = Tracker(tmp_path / "shallow")
    before = shallow.fingerprint()
    done = shallow.run("undo")
    assert (done.code, "git fetch --unshallow" in done.err) == (5, True)
    assert shallow.fingerprint() == before


def test_a_dry_run_shows_what_would_be_taken_back(tracker: Tracker, report: str) -> None:
    tracker.ok("note", report, "wrong")
    before = tracker.fingerprint()
    shown = tracker.ok("undo", "-n")
    assert f"{report}: undo note" in shown
    assert "-    text: wrong" in shown
    assert tracker.fingerprint() == before


def test_a_change_of_two_reports_is_taken_back_in_both(tracker: Tracker, report: str) -> None:
    other = tracker.new()
    paths = [tracker.path(report), tracker.path(other)]
    before = [path.read_bytes() for path in paths]
    for path in paths:
        path.write_text(path.read_text().replace("\nseverity: ", "\ncomponent: export\nseverity: "))
    trailers = f"Issuelog-Report: {report}\nIssuelog-Action: relate"
    tracker.git("commit", "-qam", f"{report}: relate\n\n{trailers}")
    after = [path.read_bytes() for path in paths]
    tracker.ok("undo", report)
    assert [path.read_bytes() for path in paths] == before
    assert tracker.git("status", "--porcelain") == ""
    tracker.ok("undo", report)
    assert [path.read_bytes() for path in paths] == after
    tracker.ok("note", other, "and on")
    assert tracker.run("undo", report).code == 7
    assert paths[0].read_bytes() == after[0]
