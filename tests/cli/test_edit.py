from __future__ import annotations

import sys
from pathlib import Path

import pytest

from support.cli import Done, Tracker
from support.faults import LATE_STEPS, STEPS, kill_before


class Editor:
    """An editor that runs a line of Python with the file's text, and remembers what it was shown."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.script = folder / "an editor.py"
        self.seen = folder / "seen"
        monkeypatch.setenv("EDITOR", f"{sys.executable} -IS '{self.script}' --wait")

    def does(self, *lines: str) -> None:
        self.script.write_text(
            "import pathlib, sys, subprocess\n"
            "path = pathlib.Path(sys.argv[2])\n"
            "text = path.read_text()\n"
            f"pathlib.Path({str(self.seen)!r}).write_text(text)\n" + "\n".join(lines) + "\npath.write_text(text)\n"
        )

    def replaces(self, old: str, new: str) -> None:
        self.does(f"assert {old!r} in text", f"text = text.replace({old!r}, {new!r})")


@pytest.fixture
def editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Editor:
    return Editor(tmp_path, monkeypatch)


@pytest.fixture
def report(tracker: Tracker) -> str:
    tracker.become(record)
    return tracker.ids()[0]


def record(tracker: Tracker) -> None:
    path = tracker.path(tracker.new("--title", "Export stops"))
    path.write_text(path.read_text().replace("title: Export stops", "title: Export stops  # as they call it"))
    tracker.git("commit", "-qam", "a comment by hand")


def drafts(tracker: Tracker) -> list[str]:
    return sorted(path.name for path in tracker.root.glob(".git/issuelog/drafts/*"))


def refused(tracker: Tracker, report: str, code: int) -> Done:
    """Edit, which has to be refused and to change nothing."""
    before = tracker.fingerprint()
    done = tracker.run("edit", report)
    assert done.code == code, done.err
    assert tracker.fingerprint() == before
    return done


def require_kept(tracker: Tracker, report: str, done: Done, text: str) -> None:
    assert f"issuelog edit {report} opens it again" in done.err
    assert text in (tracker.root / f".git/issuelog/drafts/{report}.yaml").read_text()


def test_a_saved_edit_is_a_commit_of_its_own_lines_and_an_event(tracker: Tracker, report: str, editor: Editor) -> None:
    editor.replaces("severity: S3", "severity: S2")
    tracker.ok("edit", report)
    assert tracker.subjects()[0] == f"{report}: edit"
    lines = tracker.git("show", "--format=", "-U0").splitlines()
    changed = [line for line in lines if line[0] in "+-" and line[:3] not in ("+++", "---")]
    assert changed[:2] == ["-severity: S3", "+severity: S2"]
    assert all(line.startswith("+") for line in changed[2:])
    assert {"+    action: edit", "+    fields:", "+      - severity"} <= set(changed)
    assert "# as they call it" in tracker.path(report).read_text()
    assert tracker.show(report)["events"][-1]["fields"] == ["severity"]
    assert drafts(tracker) == []


def test_comments_alone_may_be_edited(tracker: Tracker, report: str, editor: Editor) -> None:
    editor.replaces("# as they call it", "# as the CUSTOMER calls it")
    tracker.ok("edit", report)
    assert "# as the CUSTOMER calls it" in tracker.git("show", f"HEAD:{tracker.path(report).relative_to(tracker.root)}")


@pytest.mark.parametrize("lines", [[], ["text = ''"]])
def test_where_nothing_was_edited_nothing_is_changed(
    tracker: Tracker, report: str, editor: Editor, lines: list[str]
) -> None:
    editor.does(*lines)
    assert "nothing was edited" in refused(tracker, report, 9).err
    assert drafts(tracker) == []


def test_an_invalid_text_is_kept_and_opened_again(tracker: Tracker, report: str, editor: Editor) -> None:
    editor.replaces("severity: S3", "severity: S9")
    done = refused(tracker, report, 6)
    assert f"{tracker.path(report).relative_to(tracker.root)}:5:11: severity is 'S9'" in done.err
    require_kept(tracker, report, done, "severity: S9")
    editor.replaces("severity: S9", "severity: S1")
    again = tracker.run("edit", report)
    assert (again.code, "going on with the draft of your last edit" in again.err) == (0, True)
    assert tracker.show(report)["severity"] == "S1"
    assert drafts(tracker) == []


def test_a_draft_that_is_taken_back_by_hand_is_forgotten(tracker: Tracker, report: str, editor: Editor) -> None:
    editor.replaces("severity: S3", "severity: S9")
    refused(tracker, report, 6)
    editor.replaces("severity: S9", "severity: S3")
    refused(tracker, report, 9)
    assert drafts(tracker) == []


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("state: new", "state: closed", "state"),
        ("I press export", "I pressed export", "story"),
        ("action: new", "action: newer", "events"),
    ],
)
def test_sealed_fields_stay(tracker: Tracker, report: str, editor: Editor, old: str, new: str, field: str) -> None:
    editor.replaces(old, new)
    done = refused(tracker, report, 5)
    assert f"{field} cannot be edited" in done.err
    require_kept(tracker, report, done, new)


def beside(tracker: Tracker, *command: str) -> str:
    """Return a line that lets somebody else change the report while the editor is open."""
    return f"subprocess.run({[sys.executable, '-m', 'issuelog', '-C', str(tracker.root), *command]!r}, check=True)"


def test_what_was_changed_underneath_is_not_overwritten_and_the_next_edit_merges(
    tracker: Tracker, report: str, editor: Editor
) -> None:
    editor.does(beside(tracker, "note", report, "beside"), "text = text.replace('severity: S3', 'severity: S2')")
    done = tracker.run("edit", report)
    assert (done.code, "was changed by somebody else while you edited it" in done.err) == (7, True)
    require_kept(tracker, report, done, "severity: S2")
    assert tracker.subjects()[0] == f"{report}: note"
    editor.does("text = text.replace('severity: S2', 'severity: S1')")
    again = tracker.run("edit", report)
    assert (again.code, "is merged into the draft" in again.err) == (0, True), again.err
    assert "text: beside" in editor.seen.read_text()
    shown = tracker.show(report)
    assert (shown["severity"], [event["action"] for event in shown["events"]]) == ("S1", ["new", "note", "edit"])
    assert drafts(tracker) == []


def test_where_both_changed_the_same_line_a_person_chooses(tracker: Tracker, report: str, editor: Editor) -> None:
    others = beside(tracker, "set", report, "title=Export crashes")
    editor.does(others, "text = text.replace('title: Export stops', 'title: Export ends')")
    assert tracker.run("edit", report).code == 7
    editor.does()
    done = refused(tracker, report, 6)
    assert "you have to choose" in done.err
    marks = ("<<<<<<< your draft", "title: Export ends", "title: Export crashes", ">>>>>>> now")
    assert [mark for mark in marks if mark not in editor.seen.read_text()] == []
    editor.does(
        "import re",
        "text = re.sub('<<<<<<< your draft\\n(.*?)=======.*?>>>>>>> now\\n', r'\\1', text, flags=re.S)",
    )
    tracker.ok("edit", report)
    assert tracker.show(report)["title"] == "Export ends"


def test_a_hand_edit_that_is_not_committed_is_not_swept_in(tracker: Tracker, report: str, editor: Editor) -> None:
    path = tracker.path(report)
    path.write_text(text := path.read_text().replace("Export stops", "Export stops at 99 %"))
    editor.replaces("severity: S3", "severity: S2")
    done = refused(tracker, report, 7)
    require_kept(tracker, report, done, "severity: S2")
    assert path.read_text() == text


def test_an_editor_that_fails_cancels_and_keeps_what_it_saved(tracker: Tracker, report: str, editor: Editor) -> None:
    editor.does("path.write_text(text + '# saved before the crash\\n')", "sys.exit(3)")
    done = refused(tracker, report, 9)
    assert "the editor ended with 3" in done.err
    require_kept(tracker, report, done, "# saved before the crash")


def test_an_editor_that_fails_at_once_leaves_no_draft(tracker: Tracker, report: str, editor: Editor) -> None:
    editor.does("sys.exit(1)")
    done = refused(tracker, report, 9)
    assert "is kept" not in done.err
    assert drafts(tracker) == []


def test_an_editor_that_is_not_there(tracker: Tracker, report: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDITOR", "no-such-editor")
    assert "no-such-editor" in refused(tracker, report, 2).err
    assert drafts(tracker) == []


def test_a_dry_run_shows_the_change_and_keeps_the_text(tracker: Tracker, report: str, editor: Editor) -> None:
    editor.replaces("severity: S3", "severity: S2")
    before = tracker.fingerprint()
    shown = tracker.ok("edit", report, "-n")
    assert "+severity: S2" in shown
    assert tracker.fingerprint() == before
    editor.does("text += '# and done\\n'")
    tracker.ok("edit", report)
    assert tracker.show(report)["severity"] == "S2"


@pytest.mark.parametrize("step", [*STEPS, *LATE_STEPS])
def test_words_outlive_a_kill_at_whatever_step(tracker: Tracker, report: str, editor: Editor, step: str) -> None:
    editor.replaces("severity: S3", "severity: S2")
    kill_before(tracker, step, "edit", report)
    editor.does()
    assert tracker.run("edit", report).code in {0, 9}
    tracker.ok("note", report, "it goes on")
    assert tracker.show(report)["severity"] == "S2"
    assert tracker.subjects().count(f"{report}: edit") == 1
    assert drafts(tracker) == []
