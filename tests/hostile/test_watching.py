"""Logs of strangers, and patterns of strangers: found, never obeyed, and never for ever."""

from __future__ import annotations

import gzip
import hashlib
import random
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from hostile.payloads import INLINE, assert_inert
from hostile.watch import no_hang
from support.cli import Done
from support.lives import READY, RESOLVE, Life, lived

ERROR = "EXPORT-507: worker terminated"
FACES = ((), ("--ndjson",), ("--json",), ("--color", "always"), ("--record",), ("--record", "-n"), ("-q",))
AWS_KEY = "AKIA" + "IOSFODNN7" + "EXAMPLX"


@pytest.fixture
def life(tmp_path: Path) -> Life:
    return lived(tmp_path, *READY, RESOLVE, "monitor ID --until 90d --pattern owned")


def watch(life: Life, *typed: object, stdin: str | bytes = "") -> Done:
    with no_hang():
        return life.tracker.run("watch-log", *map(str, typed), stdin=stdin)


def by_hand(life: Life, pattern: str) -> None:
    life.by_hand(lambda data: data["monitor"].update(pattern=pattern))


def ids(done: Done) -> list[str]:
    return [line.split("\t")[2] for line in done.out.splitlines()]


@pytest.mark.parametrize("face", FACES)
def test_hostile_lines_of_a_log_are_inert_wherever_they_are_shown_or_noted(life: Life, face: tuple[str, ...]) -> None:
    lines = [f"{payload.text} {ERROR} ({payload.text})".replace("\n", " ") for payload in INLINE]
    done = watch(life, "-", *face, stdin="".join(f"{line}\n" for line in lines))
    assert done.code == 0
    assert_inert(done.out)
    assert_inert(done.err)
    if face == ():
        assert len(done.out.splitlines()) == len(lines)
    if face == ("--record",):
        assert life.last["seen"] == str(len(lines))
        assert_inert(life.tracker.path(life.id).read_text())
        assert_inert(life.ok("show ID"))


def test_hostile_names_of_logs_and_titles_of_reports_are_inert(life: Life, tmp_path: Path) -> None:
    name = "\x1b[2J\u202eowned\n-.log"
    (tmp_path / name).write_text(f"{ERROR}\n")
    life.by_hand(lambda data: data.update(title="\x1b]0;owned\x07 [red]"))
    for face in FACES:
        done = watch(life, tmp_path / name, *face)
        assert done.code == 0
        assert_inert(done.out)
        assert_inert(done.err)
    assert_inert(watch(life, tmp_path / f"{name}2").err)
    assert "\n" not in life.report["monitor"]["checks"][0]["source"]


def test_a_secret_in_a_log_is_in_no_object_of_git(life: Life) -> None:
    line = f"{ERROR} (key {AWS_KEY}, password=Hunter2-Hunter2)"
    done = watch(life, "-", "--record", stdin=f"{line}\n{line}\n")
    assert done.code == 0
    note = life.report["monitor"]["checks"][0]["note"]
    assert note.count("[redacted ") >= 2
    assert AWS_KEY not in note
    assert "Hunter2" not in note
    everything = life.tracker.git("log", "-p", "--all", "--format=%B")
    assert AWS_KEY not in everything
    assert "Hunter2" not in everything


def test_whatever_a_log_holds_what_matches_is_found(life: Life, tmp_path: Path) -> None:
    noise = random.Random(3).randbytes(300_000)
    error = ERROR.encode()
    content = b"\n".join((noise, error, b"\xff\xfe\0" + error + b"\r", b"x" * 300_000, error))
    (tmp_path / "a.log").write_bytes(b"begin\n" + content)
    (tmp_path / "a.log.gz").write_bytes(gzip.compress(b"begin\n" + content))
    assert ids(watch(life, tmp_path / "a.log")) == [life.id] * 3
    assert ids(watch(life, tmp_path / "a.log.gz")) == [life.id] * 3


def test_a_line_of_any_length_takes_the_memory_of_a_block(life: Life, tmp_path: Path) -> None:
    packed = tmp_path / "bomb.gz"
    with gzip.open(packed, "wb", compresslevel=1) as file:
        for _ in range(400):
            file.write(b"a" * (1 << 20))
        file.write(b"\n" + ERROR.encode() + b"\n")
    command = [sys.executable, "-m", "issuelog", "watch-log", "-q", str(packed)]
    room = 600 << 20  # address space, of which Python and the libraries take most
    done = subprocess.run(
        command,
        cwd=life.tracker.root,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (room, room)),
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{life.id}\n", "")


@pytest.mark.parametrize("pattern", [r"(a+)+\1", "(?=a)b", "((x{99}){99}){99}", "a" * 10_000, "(" * 5000, "\x1b[2J("])
def test_a_pattern_that_is_not_regular_is_passed_over_and_told(life: Life, pattern: str) -> None:
    by_hand(life, pattern)
    done = watch(life, "-", stdin=f"owned\n{ERROR}\n")
    assert ids(done) == [life.id]
    assert "it is not looked for" in done.err
    assert_inert(done.err)
    with no_hang():
        [problem] = life.tracker.run("check", "--json").json
    assert problem["rule"] == "pattern"


def test_a_pattern_that_is_slow_on_a_log_is_given_up_and_the_others_go_on(life: Life, tmp_path: Path) -> None:
    by_hand(life, "a[ab]{190}c")
    chance = random.Random(4)
    lines = ["".join(chance.choices("ab", k=4000)) for _ in range(200)]
    done = watch(life, "-", stdin="\n".join([*lines, ERROR, *lines, ERROR, ""]))
    assert ids(done) == [life.id] * 2
    assert done.err.count("takes too much work") == 1


def test_a_storm_is_one_note(life: Life) -> None:
    storm = "".join(f"{number} {ERROR} ({'x' * 2000})\n" for number in range(3000))
    watch(life, "-", "--record", "-q", stdin=storm)
    [check] = life.report["monitor"]["checks"]
    assert check["seen"] == 3000
    assert check["note"].startswith(f"first: 0 {ERROR}")
    assert f"last: 2999 {ERROR}" in check["note"]
    assert len(check["note"]) < 1000


def test_a_forged_mark_hides_nothing(life: Life) -> None:
    log = f"INFO\n{ERROR}\n"
    whole = hashlib.sha256(log.encode()).hexdigest()
    marks = (f"{len(log)}:{'0' * 64}", f"0:{whole}", f"{10**17}:{whole}", f"{len(log) - 1}:{whole}")
    for number, mark in enumerate(marks):
        check = {"id": f"W{number}", "at": "2026-11-16T08:00:00Z", "by": "x", "upto": mark}
        life.by_hand(lambda data, check=check: data["monitor"].update(checks=[check]))  # type: ignore[misc]
        watch(life, "-", "--record", stdin=log)
        assert life.report["monitor"]["checks"][-1]["seen"] == 1
