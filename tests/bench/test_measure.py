from __future__ import annotations

import fcntl
import sys
import time
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[2]))

from bench.measure import NO_BUDGET, Budget, Failed, Meter, Place, Sample, TooSlow, row_of, sensible
from bench.work import LARGEST, list_budget, seconds_budget


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_a_budget_is_a_sum() -> None:
    budget = Budget(python=10, beside=2.5, seconds=1)
    assert budget.allowed(python=0.02, beside=0.1) == pytest.approx(10 * 0.02 + 2.5 * 0.1 + 1)
    assert budget.words("git commit") == "2.5 x git commit + 10 x python + 1 s"
    assert NO_BUDGET.words("") == ""


def test_list_may_take_what_the_contract_says() -> None:
    assert [list_budget(size).python for size in (100, 101, 10_000, 10_001, LARGEST)] == [10, 13, 13, 25, 25]


def test_a_budget_in_seconds_speaks_of_10_000_reports_and_fewer() -> None:
    assert seconds_budget(10, 10_000) == Budget(seconds=10)
    assert seconds_budget(10, 10_001) == NO_BUDGET


def test_every_figure_is_a_median_and_a_ratio_is_of_what_ran_side_by_side() -> None:
    samples = [Sample(0.01, 0.4, 0.2), Sample(0.04, 0.6, 0.05), Sample(0.02, 0.2, 0.1)]
    row = row_of("note", 100, samples, budget=Budget(beside=2), beside="git commit")
    assert (row.runs, row.median_ms) == (3, 400)
    assert row.times_python == 15  # of 40, 15, 10
    assert row.times_beside == 2  # of 2, 12, 2
    assert row.budget_used == 1  # of 1, 6, 1
    assert row.budget == "2 x git commit"


def test_a_row_without_a_budget_uses_none_of_it() -> None:
    row = row_of("log", 100, [Sample(0.01, 0.1)])
    assert (row.budget, row.budget_used, row.times_beside) == ("", None, None)


@pytest.mark.parametrize(("first", "runs"), [(0.1, 11), (2.0, 11), (5.0, 6), (20.0, 3), (31.0, 1)])
def test_what_is_slow_runs_less_often(first: float, runs: int) -> None:
    assert sensible(11, first) == runs


def test_fewer_runs_than_sensible_stay_as_few() -> None:
    assert sensible(2, 20.0) == 2


@pytest.mark.parametrize(
    ("pattern", "wanted"),
    [
        (None, {"issuelog list", "issuelog list --json", "cil list"}),
        ("--json", {"issuelog list --json"}),
        ("cil", {"cil list"}),
        ("issuelog *json", {"issuelog list --json"}),
        ("none of them", set()),
    ],
)
def test_only_what_is_asked_for_is_measured(pattern: str | None, wanted: set[str]) -> None:
    known = [("issuelog", "list"), ("issuelog", "list --json"), ("cil", "list")]
    meter = Meter(1, pattern)
    assert {f"{tool} {command}" for tool, command in known if meter.wants(command, tool)} == wanted


def test_a_command_runs_once_to_warm_up_and_then_as_often_as_asked(tmp_path: Path) -> None:
    prepared: list[str] = []
    meter = Meter(3)
    row = meter.measure(Place(tmp_path), "list", python("pass"), 100, prepare=lambda: prepared.append("x"))
    assert (row.runs, len(prepared), len(meter.empty)) == (3, 4, 3)


def test_a_command_may_be_another_in_each_run(tmp_path: Path) -> None:
    numbers = iter(range(10))
    Meter(2).measure(Place(tmp_path), "note", lambda: python(f"open('{next(numbers)}.txt', 'w')"), 100)
    assert {path.name for path in tmp_path.glob("*.txt")} == {"0.txt", "1.txt", "2.txt"}


def test_a_command_that_fails_is_a_row_that_says_so(tmp_path: Path) -> None:
    row = Meter(3).measure(Place(tmp_path), "list", python("raise SystemExit('it broke')"), 100)
    assert row.median_ms is None
    assert row.note.startswith("failed: ")
    assert row.note.endswith("it broke")


def test_a_command_over_its_limit_is_stopped_with_its_children_and_is_a_row_that_says_so(tmp_path: Path) -> None:
    # The child holds a lock for as long as it lives.
    child = "import fcntl, time; held = open('lock', 'w'); fcntl.flock(held, fcntl.LOCK_EX); time.sleep(60)"
    command = python(f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])")
    row = Meter(3).measure(Place(tmp_path), "list", command, 100, limit=1)
    assert (row.median_ms, row.note) == (None, "> 1 s")
    for _ in range(200):
        if is_free(tmp_path / "lock"):
            return
        time.sleep(0.05)
    pytest.fail("the child lives on")


def is_free(lock: Path) -> bool:
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True


def test_failing_and_being_slow_are_told_apart(tmp_path: Path) -> None:
    place = Place(tmp_path)
    with pytest.raises(Failed):
        place.seconds(python("raise SystemExit(3)"))
    with pytest.raises(TooSlow):
        place.seconds(python("import time; time.sleep(60)"), limit=0.2)


def test_memory_is_that_of_the_command(tmp_path: Path) -> None:
    place = Place(tmp_path)
    more = place.megabytes(python("held = bytearray(80_000_000)"))
    assert 80 < more - place.megabytes(python("pass")) + 8 < 120


def test_memory_of_a_command_that_fails_is_no_figure(tmp_path: Path) -> None:
    meter = Meter(1)
    meter.peak(Place(tmp_path), "list", python("raise SystemExit(3)"), 100)
    assert meter.peaks == []


def test_nothing_of_the_users_settings_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GIT_DIR", "TASKRC", "PERL5LIB", "PYTHONSTARTUP", "ISSUELOG_DEBUG"):
        monkeypatch.setenv(name, "theirs")
    seen = Place(tmp_path, {"PERL5LIB": "ours"}).environment()
    assert "theirs" not in seen.values()
    assert (seen["HOME"], seen["PERL5LIB"]) == (str(tmp_path), "ours")
