"""What asks, interrupted in every way that a person has at a terminal: nothing is left behind, no word is lost."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from support.cli import Tracker
from support.faults import State, state
from support.terminal import Terminal

Interrupt = Callable[[Terminal], None]
BY_KEY: dict[str, tuple[Interrupt, int]] = {
    "ctrl-c": (lambda terminal: terminal.types(b"\x03"), 130),
    "ctrl-d": (lambda terminal: terminal.types(b"\x04"), 9),
}
FROM_OUTSIDE: dict[str, tuple[Interrupt, int]] = {
    "told to end": (Terminal.told_to_end, 130),
    "the terminal closes": (Terminal.closes, 130),
}
INTERRUPTS = BY_KEY | FROM_OUTSIDE

ASKING: dict[str, tuple[list[str], list[bytes], str]] = {
    "new, the story": (["new"], [], "What happened, in the customer's own words?"),
    "new, the customer": (["new"], [b"It stops"], "Who reported it?"),
    "note": (["note", "ID"], [], "What is to be noted?"),
    "diagnose": (["diagnose", "ID"], [], "Why does it happen?"),
    "escalate": (["escalate", "ID", "--to", "vendor"], [b"Kim"], "Why is help needed?"),
    "a secret": (["note", "ID", "the key is AKIAIOSFODNN7QWERTYU"], [], "What is to be done with it?"),
}


@pytest.fixture
def report(tracker: Tracker) -> str:
    tracker.become(Tracker.new)
    return tracker.ids()[0]


def left(tracker: Tracker) -> list[str]:
    """Return what lies in our folder of the git directory, and every lock."""
    private = tracker.root / ".git/issuelog"
    found = [path.name for path in private.rglob("*") if path.is_file() and path.name != "lock"]
    return [*found, *(path.name for path in tracker.root.glob(".git/**/*.lock"))]


def as_it_was(tracker: Tracker, before: State) -> None:
    assert state(tracker) == before
    assert [name for name in left(tracker) if not name.startswith("index-")] == []


@pytest.mark.parametrize("how", INTERRUPTS)
@pytest.mark.parametrize("what", ASKING)
def test_a_question_that_is_interrupted_changes_nothing(tracker: Tracker, report: str, what: str, how: str) -> None:
    typed, answers, question = ASKING[what]
    before = state(tracker)
    words = (report if word == "ID" else word for word in typed)
    terminal = Terminal.start(tracker, *words, anew=what == "note")
    for answer in answers:
        terminal.wait_for("? ")
        terminal.types(answer + b"\n")
    terminal.asks(question)
    interrupt, expected = INTERRUPTS[how]
    interrupt(terminal)
    code, shown = terminal.ended()
    assert code == expected, shown
    if how != "the terminal closes":
        assert ("nothing was changed" if expected == 9 else "interrupted") in shown
    assert "Traceback" not in shown
    as_it_was(tracker, before)
    tracker.ok("note", report, "the next")


def test_answers_make_the_commit(tracker: Tracker) -> None:
    terminal = Terminal.start(tracker, "new", "-q")
    for question, answer in (("own words?", "It stops"), ("Who reported it?", "Acme GmbH")):
        terminal.wait_for(question)
        terminal.types(b"\n")  # no answer: asked again
        terminal.types(answer.encode() + b"\n")
    code, shown = terminal.ended()
    assert code == 0, shown
    told = tracker.show(shown.split()[-1])
    assert (told["story"], told["customer"]["name"]) == ("It stops", "Acme GmbH")


def test_an_answer_that_is_no_text_is_refused(tracker: Tracker) -> None:
    before = state(tracker)
    terminal = Terminal.start(tracker, "new", "--anonymous")
    terminal.wait_for("own words?")
    terminal.types(b"\xff\xfe\n")
    code, shown = terminal.ended()
    assert (code, "what was entered is not UTF-8; nothing was changed" in shown) == (2, True)
    as_it_was(tracker, before)


# The editor


class Editor:
    """An editor: a line of Python that may save, says that it is ready, and waits for the keyboard."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.script = folder / "editor.py"
        monkeypatch.setenv("EDITOR", f"{sys.executable} -IS {self.script}")

    def does(self, *lines: str) -> None:
        start = "import os, pathlib, signal, sys\npath = pathlib.Path(sys.argv[1])\n"
        self.script.write_text(start + "\n".join(lines) + "\n")


WAIT = "print('ready', flush=True); sys.stdin.readline()"
DIE_OF_CTRL_C = "signal.signal(signal.SIGINT, signal.SIG_DFL)"
SAVE = "path.write_text(path.read_text() + '# my words')"


@pytest.fixture
def editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Editor:
    return Editor(tmp_path, monkeypatch)


EDITING = {
    "edit": ["edit", "ID"],
    "note": ["note", "ID", "-e"],
    "new": ["new", "-e", "--anonymous"],
}


def edit(tracker: Tracker, report: str, command: str) -> Terminal:
    return Terminal.start(tracker, *(report if word == "ID" else word for word in EDITING[command]))


@pytest.mark.parametrize("saves", [False, True])
@pytest.mark.parametrize("how", ["ctrl-c", *FROM_OUTSIDE])
@pytest.mark.parametrize("command", EDITING)
def test_an_editor_that_is_interrupted_leaves_only_what_it_saved(
    tracker: Tracker, report: str, editor: Editor, command: str, how: str, saves: bool
) -> None:
    editor.does(DIE_OF_CTRL_C, SAVE if saves else "", WAIT)
    before = state(tracker)
    terminal = edit(tracker, report, command)
    terminal.wait_for("ready")
    INTERRUPTS[how][0](terminal)
    code, shown = terminal.ended()
    assert (code, "Traceback" in shown) == (130, False), shown
    if not saves:
        as_it_was(tracker, before)
        return
    assert state(tracker) == before
    drafts = [path for path in tracker.root.glob(".git/issuelog/drafts/*") if "base" not in path.name]
    assert [path.read_text().endswith("# my words") for path in drafts] == [True]
    if how != "the terminal closes":
        assert str(drafts[0]) in shown.replace("\n", "")


def test_ctrl_c_in_an_editor_that_takes_it_as_a_command_is_no_interrupt(
    tracker: Tracker, report: str, editor: Editor
) -> None:
    editor.does("signal.signal(signal.SIGINT, lambda *_: path.write_text('after Ctrl-C'))", WAIT)
    terminal = edit(tracker, report, "note")
    terminal.wait_for("ready")
    terminal.types(b"\x03")
    terminal.wait_for("^C")
    terminal.types(b"\n")
    code, shown = terminal.ended()
    assert code == 0, shown
    assert tracker.show(report)["events"][-1]["text"] == "after Ctrl-C"
    assert list(tracker.root.glob(".git/issuelog/drafts/*")) == []


ENDS: dict[str, tuple[str, int]] = {
    "saves nothing": ("", 9),
    "saves an empty file": ("path.write_text(' \\n')", 9),
    "removes the file": ("path.unlink()", 9),
    "fails": ("sys.exit(3)", 9),
    "dies": ("os.kill(os.getpid(), signal.SIGKILL)", 9),
    "is interrupted": ("sys.exit(130)", 130),
}


@pytest.mark.parametrize("how", ENDS)
@pytest.mark.parametrize("command", EDITING)
def test_an_editor_that_leaves_nothing_cancels(
    tracker: Tracker, report: str, editor: Editor, command: str, how: str
) -> None:
    line, expected = ENDS[how]
    editor.does(line)
    before = state(tracker)
    done = tracker.run(*(report if word == "ID" else word for word in EDITING[command]))
    assert (done.code, "nothing was changed" in done.err) == (expected, True), done.err
    as_it_was(tracker, before)


@pytest.mark.parametrize("command", ["note", "new"])
def test_what_a_failing_editor_saved_is_kept_and_the_error_says_where(
    tracker: Tracker, report: str, editor: Editor, command: str
) -> None:
    editor.does(SAVE, "sys.exit(3)")
    before = state(tracker)
    done = tracker.run(*(report if word == "ID" else word for word in EDITING[command]))
    (draft,) = tracker.root.glob(".git/issuelog/drafts/*")
    assert (done.code, f"what was saved is in {draft}" in done.err) == (9, True), done.err
    assert draft.read_text() == "# my words"
    assert state(tracker) == before


@pytest.mark.parametrize("command", EDITING)
def test_an_editor_that_is_not_there_leaves_no_draft(
    tracker: Tracker, report: str, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setenv("EDITOR", "no-such-editor")
    before = state(tracker)
    done = tracker.run(*(report if word == "ID" else word for word in EDITING[command]))
    assert (done.code, "no-such-editor" in done.err) == (2, True)
    as_it_was(tracker, before)
