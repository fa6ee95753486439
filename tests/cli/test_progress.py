"""How far something is: one line at a terminal that is gone at the end, and nothing anywhere else."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from issuelog.cli import progress
from issuelog.cli.main import main
from issuelog.cli.output import Output
from issuelog.cli.progress import Progress
from issuelog.tracker import Tracker as Files
from support.cli import Tracker

CLEARED = "\r\x1b[K"
REPORTS = 4


class Screen(io.BytesIO):
    """What is written to a terminal, or to something that is none."""

    def __init__(self, *, terminal: bool = True) -> None:
        super().__init__()
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal


def shown(text: str) -> list[str]:
    """Return the lines that a terminal shows in the end."""
    lines = [""]
    for piece in re.findall(r"\n|\r|\x1b\[K|[^\r\n\x1b]+", re.sub(r"\x1b\[[\d;]*m", "", text)):
        if piece == "\n":
            lines.append("")
        elif piece in {"\r", "\x1b[K"}:
            lines[-1] = "" if piece == "\x1b[K" else lines[-1]
        else:
            lines[-1] += piece
    return lines[:-1] if lines[-1] == "" else lines


def run(tracker: Tracker, *typed: str, stdin: str = "", terminal: bool = True) -> tuple[int, str]:
    """Run a command whose standard output and error are one screen."""
    screen = Screen(terminal=terminal)
    stream = io.TextIOWrapper(screen, encoding="utf-8", newline="", write_through=True)
    before = sys.stdin, sys.stdout, sys.stderr
    sys.stdin, sys.stdout, sys.stderr = io.TextIOWrapper(io.BytesIO(stdin.encode())), stream, stream
    try:
        code = main(["-C", str(tracker.root), *typed])
    finally:
        sys.stdin, sys.stdout, sys.stderr = before
    return code, screen.getvalue().decode()


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Show every step, and not only one in a while."""
    monkeypatch.setattr(progress, "_SECONDS", 0)


@pytest.fixture
def tracker(tmp_path: Path) -> Tracker:
    return Tracker.filled(tmp_path / "repository", fill)


def fill(tracker: Tracker) -> None:
    for _ in range(REPORTS):
        tracker.new()


@pytest.fixture
def ids(tracker: Tracker) -> list[str]:
    return tracker.ids()


LONG: dict[str, tuple[str, str]] = {
    "changing": ("note - x -y", "note: 4 of 4"),
    "reading": ("reindex", "reading reports: 4 of 4"),
    "checking": ("check", "reading reports: 4 of 4"),
    "listing for the first time": ("list", "reading reports: 4 of 4"),
    "searching for the first time": ("search stops", "reading reports: 4 of 4"),
}


def forget(tracker: Tracker) -> None:
    for path in tracker.root.glob(".git/issuelog/index-*"):
        path.unlink()


@pytest.mark.parametrize("what", LONG)
def test_it_is_shown_at_a_terminal_and_gone_at_the_end(tracker: Tracker, ids: list[str], what: str) -> None:
    line, says = LONG[what]
    forget(tracker)
    code, printed = run(tracker, *line.split(), stdin="\n".join(ids))
    assert code == 0
    assert f"{CLEARED}{says}" in printed
    assert not [row for row in shown(printed) if " of 4" in row]
    assert shown(printed)


@pytest.mark.parametrize("what", LONG)
@pytest.mark.parametrize("how", ["in a pipe", "-q", "--json"])
def test_it_is_silent_where_nobody_looks(tracker: Tracker, ids: list[str], what: str, how: str) -> None:
    line, _ = LONG[what]
    forget(tracker)
    typed = [] if how == "in a pipe" else [how]
    code, printed = run(tracker, *line.split(), *typed, stdin="\n".join(ids), terminal=how != "in a pipe")
    assert (code, CLEARED in printed, " of 4" in printed) == (0, False, False)


def test_it_is_silent_for_a_single_one(tmp_path: Path) -> None:
    tracker = Tracker.make(tmp_path / "alone")
    report = tracker.new()
    for line in ("note - x", "check", "reindex"):
        code, printed = run(tracker, *line.split(), stdin=report)
        assert (code, CLEARED in printed) == (0, False), line


def test_what_is_said_in_between_stands_on_lines_of_its_own(tracker: Tracker, ids: list[str]) -> None:
    for one in ids[1:3]:
        tracker.ok("acknowledge", one)
    tracker.git("checkout", "-q", "--detach")  # each commit warns of it
    code, printed = run(tracker, "acknowledge", "-", "-y", "--keep-going", stdin="\n".join(ids))
    assert code == 5
    rows = shown(printed)
    assert sum(row.startswith("error: ") for row in rows) == 2
    assert sum(row.startswith("warning: HEAD is detached") for row in rows) == REPORTS
    assert not [row for row in rows if " of 4" in row]


def test_what_was_done_before_a_refusal_stands_on_lines_of_its_own(tracker: Tracker, ids: list[str]) -> None:
    tracker.ok("acknowledge", ids[2])
    code, printed = run(tracker, "acknowledge", "-", "-y", stdin="\n".join(ids))
    assert code == 5
    assert "acknowledge: 2 of 4" in printed
    rows = shown(printed)
    assert not [row for row in rows if " of 4" in row]
    assert "2 changed, 1 failed, 1 not tried" in rows
    assert [row.split("\t")[0] for row in rows if "acknowledged" in row][:1] != []


def test_an_interrupt_takes_the_line_away(tracker: Tracker, ids: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    original = Files.change
    seen: list[str] = []

    def change(self: Files, reference: str, *given: object, **options: object) -> object:
        seen.append(reference)
        if len(seen) == 3:
            raise KeyboardInterrupt
        return original(self, reference, *given, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Files, "change", change)
    code, printed = run(tracker, "note", "-", "x", "-y", stdin="\n".join(ids))
    assert code == 130
    assert shown(printed)[-2:] == ["2 changed, 2 not tried", "interrupted"]
    assert not [row for row in shown(printed) if " of 4" in row]


SAYING: dict[str, Callable[[Output], None]] = {
    "warning": lambda output: output.warn("words"),
    "hint": lambda output: output.say("words"),
}


@pytest.mark.parametrize("what", SAYING)
def test_one_within_another_gives_way_too(monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    screen = Screen()
    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(screen, encoding="utf-8", newline="", write_through=True))
    output = Output(color="never")
    with Progress(output, "outer", 9) as outer:
        outer.step()
        with Progress(output, "inner", 9) as inner:
            inner.step()
            SAYING[what](output)
            inner.step()
        outer.step()
        SAYING[what](output)
    SAYING[what](output)
    rows = shown(screen.getvalue().decode())
    assert [row.removeprefix("warning: ") for row in rows] == ["words"] * 3
    assert outer.count == 2


def test_a_question_on_the_way_stands_on_a_line_of_its_own(
    tracker: Tracker, ids: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from issuelog.cli import prompt, session

    asked: list[str] = []

    def choose(question: str, choices: dict[str, object]) -> object:
        asked.append(question)
        return choices["allow"]

    monkeypatch.setattr(prompt, "choose", choose)
    text = "the key is AKIAIOSFODNN7QWERTYU"
    path = tracker.root / "note.txt"
    path.write_text(text)
    original = session.Session.__init__

    def init(self: session.Session, command: str, **given: object) -> None:
        original(self, command, **given)  # type: ignore[arg-type]
        self.interactive = True

    monkeypatch.setattr(session.Session, "__init__", init)
    code, printed = run(tracker, "note", "-", f"@{path}", "-y", stdin="\n".join(ids))
    assert (code, len(asked)) == (0, 1)
    assert [row.partition(": ")[0] for row in shown(printed) if "a secret would" in row] == ["warning"]
    assert not [row for row in shown(printed) if " of 4" in row]


def test_an_export_to_a_file_says_how_far_it_is(tracker: Tracker, ids: list[str], tmp_path: Path) -> None:
    code, printed = run(tracker, "export", "jsonl", "-o", str(tmp_path / "out.jsonl"))
    assert code == 0
    assert f"{CLEARED}exported: 4 of 4" in printed
    assert shown(printed) == []


def test_an_export_to_a_terminal_is_not_mixed_with_it(tracker: Tracker, ids: list[str]) -> None:
    code, printed = run(tracker, "export", "csv")
    assert code == 0
    assert "exported" not in printed
    assert len(shown(printed)) == REPORTS + 1
