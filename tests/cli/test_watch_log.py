"""`watch-log`: known errors in logs, as they are printed, followed and noted."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from issuelog.cli import hits
from issuelog.cli.commands import watch_log
from issuelog.model.signature import of_message
from support.cli import Done
from support.known import KNOWN, put_known
from support.lives import ACK, CLOSABLE, READY, RESOLVE, Life, lived
from support.refusals import refused

ERROR = "2026-11-22T10:00:00Z ERROR app.jobs: EXPORT-507: worker terminated"
LOG = f"INFO start\n{ERROR}\nINFO worker 17 died\nINFO end\n"
TRACE = (
    "Traceback (most recent call last):\n"
    '  File "/srv/app/ledger.py", line 12, in close\n'
    "    lock(tenant)\n"
    "LedgerLockError: ledger of tenant 4711 is locked\n"
)


@pytest.fixture
def life(tmp_path: Path) -> Life:
    """A report whose fix is out, monitored for a pattern."""
    return lived(tmp_path, *READY, RESOLVE, "monitor ID --until 90d --pattern 'worker \\d+ died'")


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "app.log"
    path.write_text(LOG)
    return path


def watch(life: Life, *typed: object, stdin: str | bytes = "") -> Done:
    return life.tracker.run("watch-log", *map(str, typed), stdin=stdin)


def places(done: Done) -> list[str]:
    """Return where the hits are, and whose they are."""
    assert done.code == 0, done.err
    cells = [line.split("\t") for line in done.out.splitlines()]
    return [f"{Path(where).name} {one}" for where, _, one, _, _ in cells]


def subjects(life: Life) -> list[str]:
    return [subject for subject in life.tracker.subjects() if subject.endswith(": watch-log")]


# --- what is printed -----------------------------------------------------------------------------------------------


def test_a_line_for_each_hit_says_where_it_is_and_whose(life: Life, log: Path) -> None:
    done = watch(life, log)
    first, second = (line.split("\t") for line in done.out.splitlines())
    assert first[0] == f"{log}:2"
    assert first[1].endswith("Z")
    assert first[2:] == [life.id, life.report["title"], ERROR]
    assert second[0] == f"{log}:3"
    assert second[4] == "INFO worker 17 died"
    assert "2 hits of 1 error in 4 lines" in done.err
    assert f"issuelog reopen {life.id} --reason recurred --affected-version V --evidence {log}:2" in done.err
    assert "--record" in done.err


def test_as_json_it_is_one_list_and_as_ndjson_an_object_a_line(life: Life, log: Path) -> None:
    first, second = watch(life, log, "--json").json
    lines = watch(life, log, "--ndjson").out.splitlines()
    assert [{**json.loads(line), "seen_at": 0} for line in lines] == [{**one, "seen_at": 0} for one in (first, second)]
    assert {**first, "seen_at": 0} == {
        "file": str(log),
        "line": 2,
        "seen_at": 0,
        "id": life.id,
        "title": life.report["title"],
        "state": "resolved",
        "by": "signature",
        "text": ERROR,
    }
    assert second["by"] == "pattern"
    assert watch(life, "-", "--json", stdin="nothing\n").json == []


def test_quiet_names_each_id_once(life: Life, log: Path) -> None:
    done = watch(life, log, log, "-q")
    assert (done.out, done.err) == (f"{life.id}\n", "")


def test_the_exit_code_says_whether_something_was_found(life: Life, log: Path) -> None:
    assert watch(life, log, "--exit-code").code == 1
    assert watch(life, "-", "--exit-code", stdin="nothing\n").code == 0
    assert watch(life, log).code == 0


def test_several_logs_and_standard_input_and_a_compressed_one(life: Life, log: Path, tmp_path: Path) -> None:
    packed = tmp_path / "old.log.gz"
    packed.write_bytes(gzip.compress(f"x\n{ERROR}\n".encode()))
    done = watch(life, log, packed, "-", stdin=f"{ERROR} (job 7)\r\n")
    assert places(done) == [f"{where} {life.id}" for where in ("app.log:2", "app.log:3", "old.log.gz:2", "-:1")]


def test_a_stack_trace_is_one_hit_at_the_line_that_names_the_error(tmp_path: Path) -> None:
    life = lived(
        tmp_path, *READY, "set ID 'intake.error_message=LedgerLockError: ledger of tenant 17 is locked'", RESOLVE
    )
    done = watch(life, "-", stdin=f"INFO\nERROR close failed\n{TRACE}INFO\n{TRACE}")
    assert places(done) == [f"-:6 {life.id}", f"-:11 {life.id}"]


# --- whose errors are looked for -----------------------------------------------------------------------------------


def found(life: Life, line: str = ERROR) -> list[str]:
    return watch(life, "-", "-q", stdin=f"{line}\n").out.split()


def test_an_error_that_is_not_fixed_is_not_looked_for(tmp_path: Path) -> None:
    life = lived(tmp_path, ACK)
    done = watch(life, "-", stdin=f"{ERROR}\n")
    assert (done.code, done.out) == (0, "")
    assert "nothing to look for" in done.err


def test_an_error_that_was_fixed_and_closed_is_and_a_duplicate_is_not(tmp_path: Path) -> None:
    life = lived(tmp_path, *CLOSABLE, "close ID --known-error none")
    other = life.tracker.complete()
    life.tracker.ok("duplicate", other, "--of", life.id)
    assert life.tracker.show(other)["state"] == "closed"
    assert found(life) == [life.id]


def test_a_pattern_is_looked_for_until_the_monitoring_is_over(life: Life) -> None:
    assert found(life, "worker 17 died") == [life.id]
    life.ok("monitor ID --off")
    assert found(life, "worker 17 died") == []
    assert found(life) == [life.id]  # the error itself, since it was fixed


def test_a_report_that_is_taken_up_again_while_it_is_monitored_is_still_looked_for(life: Life) -> None:
    life.ok("reopen ID --reason not_fixed --evidence 'a screenshot'")
    assert found(life) == [life.id]
    assert "reopen" not in watch(life, "-", stdin=f"{ERROR}\n").err


def test_a_known_error_is_looked_for_unless_it_is_retired(tmp_path: Path) -> None:
    life = lived(tmp_path, ACK)
    one = of_message("LedgerLockError: ledger of tenant 17 is locked")
    assert one
    put_known(life.tracker, signature=[str(one)])
    assert found(life, TRACE) == [KNOWN]
    done = watch(life, "-", "--record", stdin=TRACE)
    assert places(done) == [f"-:4 {KNOWN}"]
    assert subjects(life) == []
    put_known(life.tracker, signature=[str(one)], retired={"at": "2026-11-16T08:00:00Z", "by": "rita", "because": "x"})
    assert found(life, TRACE) == []


def test_of_many_reports_with_one_error_some_are_named(life: Life) -> None:
    source = life.tracker.path(life.id)
    for number in range(8):
        copy = source.with_name(f"{life.id[:-4]}000{number}.yaml")
        copy.write_text(source.read_text().replace(life.id, copy.stem).replace("  until: ", "  untold: "))
    assert len(found(life)) == 5
    assert found(life)[0] == life.id  # what is monitored comes first


# --- noting it -----------------------------------------------------------------------------------------------------


def test_what_was_seen_is_noted_on_the_report_in_one_commit(life: Life, log: Path) -> None:
    done = watch(life, log, "--record")
    assert len(done.out.splitlines()) == 2
    assert f"{life.id}: 2 hits noted" in done.err
    assert subjects(life) == [f"{life.id}: watch-log"]
    [check] = life.report["monitor"]["checks"]
    assert (check["id"], check["seen"], check["source"]) == ("W1", 2, "app.log")
    assert check["note"] == f"first: {ERROR}\nlast: INFO worker 17 died"
    assert (life.last["action"], life.last["check"], life.last["seen"]) == ("watch-log", ["W1"], "2")
    assert life.state == "resolved"
    assert life.tracker.json("check") == []


def test_the_same_lines_are_not_noted_twice_whatever_the_log_is_called(life: Life, log: Path, tmp_path: Path) -> None:
    watch(life, log, "--record")
    done = watch(life, log, "--record")
    assert len(done.out.splitlines()) == 2
    assert "nothing new to note" in done.err
    rotated = log.rename(tmp_path / "app.log.1")
    packed = tmp_path / "app.log.2.gz"
    packed.write_bytes(gzip.compress(rotated.read_bytes()))
    watch(life, rotated, packed, "--record")
    watch(life, "-", "--record", stdin=rotated.read_bytes())
    assert len(subjects(life)) == 1
    with rotated.open("a") as file:
        file.write(f"INFO\n{ERROR}\n")
    watch(life, rotated, "--record")
    assert [check["seen"] for check in life.report["monitor"]["checks"]] == [2, 1]
    log.write_text(f"INFO another day\n{LOG}")
    watch(life, log, "--record")
    assert [check["seen"] for check in life.report["monitor"]["checks"]] == [2, 1, 2]


def test_several_logs_are_noted_in_one_commit(life: Life, log: Path, tmp_path: Path) -> None:
    other = tmp_path / "b.log"
    other.write_text(f"{ERROR}\n")
    watch(life, log, other, "--record")
    assert len(subjects(life)) == 1
    checks = life.report["monitor"]["checks"]
    assert [(check["source"], check["seen"]) for check in checks] == [("app.log", 2), ("b.log", 1)]


def test_a_dry_run_shows_what_would_be_noted(life: Life, log: Path) -> None:
    before = life.tracker.fingerprint()
    done = watch(life, log, "--record", "-n")
    assert len(done.out.splitlines()) == 2
    assert "seen: 2\n" in done.err
    assert life.tracker.fingerprint() == before


def test_a_report_that_cannot_be_changed_is_told_and_the_others_are_noted(life: Life, log: Path) -> None:
    source = life.tracker.path(life.id)
    copy = source.with_name(f"{life.id[:-4]}0001.yaml")
    copy.write_text(source.read_text().replace(life.id, copy.stem))
    life.tracker.git("add", ".")
    life.tracker.git("commit", "-qm", "another")
    source.write_text(source.read_text() + "# by hand\n")
    done = watch(life, log, "--record")
    assert done.code == 7
    assert f"not noted: {source.relative_to(life.tracker.root)}" in done.err
    assert subjects(life) == [f"{copy.stem}: watch-log"]
    source.write_text(source.read_text().removesuffix("# by hand\n"))
    assert watch(life, log, "--record").code == 0
    assert len(subjects(life)) == 2


# --- following -----------------------------------------------------------------------------------------------------


class Clock:
    """Does something at each look at a log that is followed, and interrupts in the end."""

    def __init__(self, *deeds: Callable[[], object]) -> None:
        self.deeds = iter(deeds)
        self.now = 0.0

    def sleep(self, _: float) -> None:
        deed = next(self.deeds, None)
        if deed is None:
            raise KeyboardInterrupt
        self.now += 61
        deed()

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def following(life: Life, log: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Done]:
    def follow(*deeds: Callable[[], object], typed: tuple[str, ...] = ()) -> Done:
        clock = Clock(*deeds)
        monkeypatch.setattr(watch_log, "time", clock)
        monkeypatch.setattr(hits, "time", SimpleNamespace(monotonic=clock.monotonic))
        return watch(life, "--follow", log, *typed)

    return follow


def appends(log: Path, text: str) -> Callable[[], object]:
    def deed() -> None:
        with log.open("a") as file:
            file.write(text)

    return deed


def test_a_log_is_followed_until_an_interrupt(following: Callable[..., Done], log: Path, life: Life) -> None:
    def rotates() -> None:
        log.rename(log.with_name("app.log.1"))
        log.write_text(f"{ERROR}\n")

    done = following(appends(log, f"x\n{ERROR[:30]}"), appends(log, f"{ERROR[30:]}\n"), rotates)
    assert done.code == 130
    assert [line.split("\t")[0] for line in done.out.splitlines()] == [f"{log}:{number}" for number in (2, 3, 6, 1)]
    assert "interrupted" in done.err


def test_what_is_followed_is_noted_now_and_then_and_at_the_end(
    following: Callable[..., Done], log: Path, life: Life
) -> None:
    noted: list[int] = []
    one = appends(log, f"{ERROR}\n")
    done = following(one, lambda: noted.append(len(subjects(life))), one, one, typed=("--record",))
    assert done.code == 130
    assert noted == [1]
    assert [check["seen"] for check in life.report["monitor"]["checks"]] == [3, 1, 1]


def test_what_was_seen_in_a_log_that_is_rotated_is_noted_too(
    following: Callable[..., Done], log: Path, life: Life
) -> None:
    def rotates() -> None:
        appends(log, f"x\n{ERROR}")()
        log.rename(log.with_name("app.log.1"))
        log.write_text(f"{ERROR}\n{ERROR}\n")

    following(rotates, typed=("--record",))
    assert sorted(check["seen"] for check in life.report["monitor"]["checks"]) == [1, 2, 2]


def test_an_interrupt_leaves_nothing_seen_unnoted(following: Callable[..., Done], life: Life) -> None:
    done = following(typed=("--record",))
    assert done.code == 130
    assert [check["seen"] for check in life.report["monitor"]["checks"]] == [2]


def test_what_becomes_known_meanwhile_is_looked_for(following: Callable[..., Done], log: Path, life: Life) -> None:
    one = of_message("LedgerLockError: ledger of tenant 17 is locked")
    done = following(
        appends(log, TRACE),
        lambda: put_known(life.tracker, signature=[str(one)]),
        appends(log, "x\n"),
        appends(log, TRACE),
        typed=("-q",),
    )
    assert done.out.split() == [life.id, KNOWN]


def spawned(life: Life, *typed: str, **more: Any) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "issuelog", "watch-log", *typed],
        cwd=life.tracker.root,
        env={name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **more,
    )


def test_each_line_is_out_before_the_next_comes_and_an_interrupt_ends_it(life: Life, log: Path) -> None:
    with spawned(life, "--follow", "--ndjson", str(log)) as process:
        assert process.stdout
        assert process.stderr
        assert json.loads(process.stdout.readline())["line"] == 2
        assert json.loads(process.stdout.readline())["line"] == 3
        appends(log, f"{ERROR}\n")()
        assert json.loads(process.stdout.readline())["line"] == 5
        process.send_signal(signal.SIGINT)
        assert process.wait() == 130
        assert process.stderr.read() == "interrupted\n"


def test_a_pipe_that_stays_open_is_read_line_by_line(life: Life) -> None:
    with spawned(life, "-", stdin=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(f"{ERROR}\n")
        process.stdin.flush()
        assert process.stdout.readline().startswith("-:1\t")
        process.stdin.close()
        assert process.wait() == 0


def test_a_reader_that_goes_away_ends_it(life: Life, log: Path) -> None:
    log.write_text(f"{ERROR}\n" * 20_000)
    with spawned(life, str(log), "--record") as process:
        assert process.stdout
        process.stdout.readline()
        process.stdout.close()
        assert process.wait() == 141
    assert life.report["monitor"]["checks"][0]["seen"] >= 1


# --- what is refused -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("none.log", "there is no file none.log"),
        (".", "is a folder"),
        ("--follow none.log", "there is no file none.log"),
        ("--follow -", "leave out --follow"),
        ("--json --ndjson -", "exclude each other"),
    ],
)
def test_what_makes_no_sense_is_refused(life: Life, typed: str, says: str) -> None:
    done = watch(life, *typed.split())
    assert (done.code, done.out) == (2, "")
    assert says in done.err
    if "--" not in typed:
        refused(life.tracker, 2, "watch-log", *typed.split(), says=says)


def test_a_list_has_no_end_where_a_log_is_followed(life: Life, log: Path) -> None:
    done = watch(life, "--follow", "--json", log)
    assert done.code == 2
    assert "--ndjson" in done.error["hint"]


def test_a_log_that_breaks_off_is_told_after_what_was_found(life: Life, tmp_path: Path) -> None:
    packed = tmp_path / "a.gz"
    packed.write_bytes(gzip.compress(f"{ERROR}\n".encode() + os.urandom(100_000))[:-500])
    done = watch(life, packed, "--json", "--record")
    assert done.code == 7
    assert [one["line"] for one in done.json] == [1]
    assert "is damaged" in done.error["message"]
    assert len(subjects(life)) == 1


def test_a_log_that_cannot_be_read_is_not_taken_for_an_output_that_cannot_be_written(
    life: Life, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken:
        def read1(self, _: int) -> bytes:
            raise OSError(5, "Input/output error")

        read = read1

    monkeypatch.setattr(watch_log, "sys", SimpleNamespace(stdin=SimpleNamespace(buffer=Broken())))
    done = watch(life, "-")
    assert (done.code, done.out) == (7, "")
    assert "- cannot be read: Input/output error" in done.err
