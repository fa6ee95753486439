"""The whole analysis in an editor: recorded as it was meant, refused in words, and never lost."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

import pytest

from issuelog.analysing.editing import Editing
from issuelog.transaction import Transaction
from support.cli import Tracker
from support.faults import LATE_STEPS, STEPS, kill_before
from support.lives import ACCEPT, ANALYSIS, CONFIRM, READY, RESOLVE, Life, lived


class Editor:
    """An editor that runs lines of Python with the document's text, and remembers what it was shown."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.script = folder / "an editor.py"
        self.seen = folder / "seen"
        monkeypatch.setenv("EDITOR", f"{sys.executable} -IS '{self.script}'")

    def does(self, *lines: str) -> None:
        self.script.write_text(
            "import pathlib, sys, subprocess\npath = pathlib.Path(sys.argv[1])\ntext = path.read_text()\n"
            f"pathlib.Path({str(self.seen)!r}).write_text(text)\n" + "\n".join(lines) + "\npath.write_text(text)\n"
        )


def drafts(tracker: Tracker) -> list[str]:
    return sorted(path.name for path in tracker.root.glob(".git/issuelog/drafts/*"))


BEGUN = (*READY, RESOLVE, CONFIRM, *ANALYSIS)
FRESH = (*READY, RESOLVE, CONFIRM, ANALYSIS[0])


@pytest.fixture
def editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Editor:
    return Editor(tmp_path, monkeypatch)


def test_all_of_it_is_edited_as_one_document(tmp_path: Path, editor: Editor) -> None:
    life = lived(tmp_path, *BEGUN)
    editor.does(
        "text = text.replace('the design assumed 200 lines', 'the design assumed 300 lines')",
        "text += 'factors:\\n  - text: the month end\\n'",
    )
    life.ok("rca edit ID")
    rca = life.report["rca"]
    assert rca["causes"][0]["whys"][1]["why"] == "the design assumed 300 lines"
    assert rca["factors"] == [{"id": "F1", "text": "the month end"}]
    assert rca["actions"][0]["status"] == "open"
    assert "the root cause analysis begun" not in editor.seen.read_text().split("timeline:")[0]
    assert "recorded" in rca["timeline"][0]["text"]
    assert life.last["action"] == "rca edit"
    assert drafts(life.tracker) == []
    assert life.run("check").code == 0


def test_a_document_that_is_left_as_it_is_changes_nothing(tmp_path: Path, editor: Editor) -> None:
    life = lived(tmp_path, *BEGUN)
    before = life.tracker.fingerprint()
    editor.does("pass")
    assert life.run("rca edit ID").code == 9
    assert life.tracker.fingerprint() == before
    assert drafts(life.tracker) == []


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("text += 'status: accepted\\n'", "status is not set by hand"),
        ("text += 'reviewer: me\\n'", "reviewer is not set by hand"),
        ("text = text.replace('kind: occurrence', 'kind: luck')", "causes.1.kind"),
        ("text = text.replace('id: C2', 'id: C1')", "causes has C1 twice"),
        ("text += ': : [\\n'", "draft"),
        ("text += 'actions:\\n  - text: x\\n'", "actions"),
    ],
)
def test_a_document_that_does_not_hold_is_kept_and_opened_again(
    tmp_path: Path, editor: Editor, lines: str, words: str
) -> None:
    life = lived(tmp_path, *BEGUN)
    before = life.tracker.fingerprint()
    editor.does("text = text.replace('200 lines', '400 lines')", lines)
    done = life.run("rca edit ID")
    assert done.code == 6, done.err
    assert words in done.err
    assert f"issuelog rca edit {life.id} opens it again" in done.err
    assert life.tracker.fingerprint() == before
    editor.does("pass")
    life.run("rca edit ID")
    assert "400 lines" in editor.seen.read_text()


def test_what_another_hand_changed_meanwhile_is_not_lost(tmp_path: Path, editor: Editor) -> None:
    life = lived(tmp_path, *BEGUN)
    path = life.tracker.path(life.id)
    other = path.read_text().replace("their dates", "the dates of all")
    assert other != path.read_text()
    editor.does(
        "text = text.replace('heap profile', 'the heap')",
        f"pathlib.Path({str(path)!r}).write_text({other!r})",
        f"subprocess.run(['git', 'commit', '-qam', 'by hand'], cwd={str(life.tracker.root)!r}, check=True)",
    )
    done = life.run("rca edit ID")
    assert done.code == 7, done.err
    editor.does("text = text.replace('the heap', 'a heap')")
    life.ok("rca edit ID")
    whys = life.report["rca"]["causes"][0]["whys"]
    assert [whys[0]["evidence"], whys[2]["evidence"]] == ["a heap", "the dates of all"]


def test_where_both_changed_the_same_line_a_person_chooses(tmp_path: Path, editor: Editor) -> None:
    life = lived(tmp_path, *BEGUN)
    other = ["-m", "issuelog", "-C", str(life.tracker.root), "set", life.id, "rca.causes.C1.whys.W3.evidence=theirs"]
    editor.does(
        "text = text.replace('their dates', 'mine')", f"subprocess.run({[sys.executable, *other]!r}, check=True)"
    )
    assert life.run("rca edit ID").code == 7
    editor.does("import re; text = text")
    done = life.run("rca edit ID")
    assert done.code == 6
    assert "keep what holds of both" in done.err
    assert "sync" not in done.err
    editor.does(
        "import re", "text = re.sub('<<<<<<< your draft\\n(.*?)=======.*?>>>>>>> now\\n', r'\\1', text, flags=re.S)"
    )
    life.ok("rca edit ID")
    assert life.report["rca"]["causes"][0]["whys"][2]["evidence"] == "mine"


def test_a_measure_that_was_written_in_the_editor_has_its_clock(tmp_path: Path, editor: Editor) -> None:
    life = lived(tmp_path, *FRESH)
    editor.does(
        "text += 'actions:\\n  - text: a test\\n    kind: prevent\\n    strength: strong\\n    owner: kim\\n'",
        "text += '    due_at: 2030-01-01T00:00:00Z\\n'",
    )
    life.ok("rca edit ID")
    rows = json.loads(life.ok("due --json"))
    assert [row["item"] for row in rows if row["clock"] == "action"] == ["A1"]


def test_an_analysis_that_was_not_begun_cannot_be_edited(tmp_path: Path, editor: Editor) -> None:
    life = lived(tmp_path, *READY)
    editor.does("raise SystemExit(3)")
    (missing,) = life.missing("rca edit ID")
    assert missing["command"] == f"issuelog rca start {life.id}"
    assert drafts(life.tracker) == []


def test_an_accepted_analysis_that_is_edited_is_a_draft_again(tmp_path: Path, editor: Editor) -> None:
    life = lived(tmp_path, *BEGUN, ACCEPT)
    editor.does("text = text.replace('their dates', 'the dates of all')")
    life.ok("rca edit ID")
    rca = life.report["rca"]
    assert (rca["status"], rca["causes"][0]["whys"][2]["evidence"]) == ("draft", "the dates of all")
    life.ok(ACCEPT)


@pytest.mark.parametrize(
    "line",
    [
        "text = text.replace('\\ncauses:', '\\n\\n# what I think\\ncauses:')",
        "text = text.replace('kind: occurrence', 'kind:   'occurrence'')",
    ],
)
def test_what_says_the_same_in_another_layout_changes_nothing(tmp_path: Path, editor: Editor, line: str) -> None:
    life = lived(tmp_path, *BEGUN)
    before = life.tracker.fingerprint()
    editor.does("was = text", line, "assert text != was")
    assert life.run("rca edit ID").code == 9
    assert life.tracker.fingerprint() == before
    assert drafts(life.tracker) == []


def refused_once(life: Life, editor: Editor) -> None:
    """Leave a draft behind that does not hold."""
    editor.does("text = text.replace('200 lines', '400 lines') + 'status: accepted\\n'")
    assert life.run("rca edit ID").code == 6


@pytest.mark.parametrize("line", ["raise SystemExit(3)", "import os; os.kill(os.getpid(), 2)"])
def test_a_kept_draft_outlives_an_editor_that_fails(tmp_path: Path, editor: Editor, line: str) -> None:
    life = lived(tmp_path, *BEGUN)
    refused_once(life, editor)
    editor.does(line)
    done = life.run("rca edit ID")
    assert done.code in {9, 130}, done.err
    assert "your text is kept" in done.err
    editor.does("text = text.replace('status: accepted\\n', '')")
    life.ok("rca edit ID")
    assert "400 lines" in life.report["rca"]["causes"][0]["whys"][1]["why"]


@pytest.mark.parametrize("line", ["text = ''", "text = ' \\n'"])
def test_a_draft_that_was_emptied_is_given_up(tmp_path: Path, editor: Editor, line: str) -> None:
    life = lived(tmp_path, *BEGUN)
    refused_once(life, editor)
    editor.does(line)
    assert life.run("rca edit ID").code == 9
    assert drafts(life.tracker) == []


def test_a_key_that_is_misspelt_is_not_lost(tmp_path: Path, editor: Editor) -> None:
    life = lived(tmp_path, *BEGUN)
    editor.does("text += 'customer_sumary: it is fixed\\n'")
    done = life.run("rca edit ID")
    assert done.code == 6
    assert "customer_sumary is not known; did you mean customer_summary?" in done.err


def test_a_dry_run_shows_the_change_and_keeps_the_text(tmp_path: Path, editor: Editor) -> None:
    life = lived(tmp_path, *BEGUN)
    before = life.tracker.fingerprint()
    editor.does("text = text.replace('200 lines', '400 lines')")
    shown = life.ok("rca edit ID -n")
    assert "+      - why: the design assumed 400 lines" in shown or "400 lines" in shown
    assert life.tracker.fingerprint() == before
    editor.does()
    life.ok("rca edit ID")
    assert "400 lines" in life.report["rca"]["causes"][0]["whys"][1]["why"]


@pytest.mark.parametrize(
    ("step", "owner"),
    [*((step, Transaction) for step in (*STEPS, *LATE_STEPS)), ("_forget", Editing), ("_commit", Editing)],
)
def test_a_kill_leaves_the_report_whole_and_the_words_kept(
    tmp_path: Path, editor: Editor, step: str, owner: type
) -> None:
    life = lived(tmp_path, *BEGUN)
    editor.does("text = text.replace('200 lines', '400 lines')", "text += 'factors:\\n  - text: the month end\\n'")
    kill_before(life.tracker, step, "rca", "edit", life.id, owner=owner)
    assert life.run("check").code == 0
    editor.does()
    again = life.run("rca edit ID")
    assert again.code in {0, 9}, again.err
    rca = life.report["rca"]
    assert "400 lines" in rca["causes"][0]["whys"][1]["why"]
    assert rca["factors"] == [{"id": "F1", "text": "the month end"}]
    assert life.tracker.subjects().count(f"{life.id}: rca edit") == 1
    assert drafts(life.tracker) == []
    life.ok("note ID 'it goes on'")
    assert life.tracker.git("status", "--porcelain") == ""


def test_told_to_end_the_editor_is_ended_and_what_it_saved_is_kept(tmp_path: Path, editor: Editor) -> None:
    life = lived(tmp_path, *BEGUN)
    editor.does(
        "path.write_text(text.replace('200 lines', '400 lines'))",
        "import os",
        f"os.kill(os.getppid(), {int(signal.SIGTERM)})",
        "import time; time.sleep(60)",
    )
    before = life.tracker.fingerprint()
    done = life.tracker.spawn("rca", "edit", life.id, env={"EDITOR": os.environ["EDITOR"]})
    assert done.code != 0
    assert life.tracker.fingerprint() == before
    editor.does()
    life.ok("rca edit ID")
    assert "400 lines" in life.report["rca"]["causes"][0]["whys"][1]["why"]
