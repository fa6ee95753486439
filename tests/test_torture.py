"""Kills at random moments lose nothing that was told, and the judge sees what is lost (longer: `make torture`)."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from support.torture import Torture
from support.verdict import Judge

TESTS = Path(__file__).parent


def test_kills_at_random_moments_lose_nothing() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "support.torture", "--kills", "25"],
        cwd=TESTS,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(TESTS), *sys.path])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    counted = dict(line.split(maxsplit=2)[:2] for line in done.stdout.splitlines() if not line.startswith("in "))
    assert int(counted["kills"]) >= 25
    assert int(counted["acknowledged"]) >= 20
    assert (counted["lost"], counted["duplicated"], counted["broken"]) == ("0", "0", "0")


@pytest.fixture
def torture(tmp_path: Path) -> Torture:
    """A report with a note and an attachment, none of whose writers was killed."""
    torture = Torture(tmp_path / "torture", kills=0, writers=1, seed=1)
    for kind in ("new", "note", "attach"):
        command = torture._command(kind)
        done = torture.tracker.run(*command.typed)
        command.code = done.code
        command.printed.write_text(done.out)
        command.printed.with_suffix(".err").write_text(done.err)
        torture._note_reports(command)
    assert found_in(torture) == set()
    return torture


def found_in(torture: Torture) -> set[str]:
    """Return the kinds of faults that the judge finds."""
    verdict = Judge(torture.tracker, torture.commands).judge()
    return {kind for kind in ("lost", "duplicated", "broken") if getattr(verdict, kind)}


def report_of(torture: Torture) -> Path:
    return torture.tracker.path(torture.reports[0])


def forget_the_last_commit(torture: Torture) -> None:
    torture.tracker.git("reset", "-q", "--hard", "HEAD~")


def commit_the_note_again(torture: Torture) -> None:
    """As one who is killed after the commit and begins anew."""
    text = report_of(torture).read_text()
    torture.tracker.ok("--by", "c1 <c1@example.com>", "note", torture.reports[0], "c1")
    assert text != report_of(torture).read_text()


def drop_the_note(torture: Torture) -> None:
    path = report_of(torture)
    path.write_text(path.read_text().replace("text: c1", "text: other"))


def name_an_attachment_differently(torture: Torture) -> None:
    next(torture.tracker.root.glob("attachments/*/*")).rename(torture.tracker.root / "elsewhere")


def leave_a_lock(torture: Torture) -> None:
    (torture.tracker.root / ".git/index.lock").touch()


def leave_a_half_written_file(torture: Torture) -> None:
    path = report_of(torture)
    path.with_name(f".{path.name}.issuelog-tmp").write_text("half")


def refuse_what_is_in_history(torture: Torture) -> None:
    torture.commands[-1].code = 7
    torture.commands[-1].printed.write_text("")


@pytest.mark.parametrize(
    ("damage", "seen"),
    [
        (forget_the_last_commit, {"lost"}),
        (commit_the_note_again, {"duplicated"}),
        (drop_the_note, {"lost", "broken"}),
        (name_an_attachment_differently, {"broken"}),
        (leave_a_lock, {"broken"}),
        (leave_a_half_written_file, {"broken"}),
        (refuse_what_is_in_history, {"broken"}),
    ],
)
def test_the_judge_sees_what_is_wrong(torture: Torture, damage: Callable[[Torture], None], seen: set[str]) -> None:
    damage(torture)
    assert found_in(torture) == seen
