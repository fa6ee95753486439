from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[2]))

from bench.issues import issues
from bench.measure import Meter, Place
from bench.work import Work

from bench import cache, work

SIZE = 12


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of our own."""
    monkeypatch.setenv("BENCH_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_a_tracker_is_made_once_and_again_when_the_generator_changes(
    kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = cache.tracker(SIZE)
    assert len(list(made.glob("reports/*/*/*.yaml"))) == SIZE
    (made / "mark").touch()
    assert cache.tracker(SIZE) == made
    assert (made / "mark").exists()
    (kept / "trackers/notes").mkdir()
    monkeypatch.setattr(cache, "_SOURCES", [*cache._SOURCES, cache])
    again = cache.tracker(SIZE)
    assert again != made
    assert not (again / "mark").exists()
    assert not made.exists()
    assert (kept / "trackers/notes").exists(), "only what the bench made is taken away"


def test_a_tracker_that_was_not_finished_is_made_anew(kept: Path) -> None:
    part = kept / "trackers" / cache.fingerprint() / f"{SIZE}.part"
    part.mkdir(parents=True)
    (part / "half").touch()
    assert not (cache.tracker(SIZE) / "half").exists()


def test_every_measurement_leaves_the_copy_as_it_was_and_the_kept_tracker_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "_PULLED", SIZE // 2)
    meter = Meter(1)
    measured = Work(meter, tmp_path, SIZE)
    before = state(cache.copy(SIZE, tmp_path / "untouched"))
    for name in ("list, one file edited", "list, 1,000 files pulled", "note ID TEXT", "list, cold index"):
        meter.only = f"issuelog {name}"
        measured.measure()
        assert meter.rows[-1].median_ms, meter.rows[-1]
        assert state(measured.place) == before, name
    assert state(cache.copy(SIZE, tmp_path / "again")) == before


def state(place: Place) -> object:
    files = {path.name: path.read_bytes() for path in place.folder.glob("reports/*/*/*.yaml")}
    return place.git("rev-parse", "HEAD"), place.git("status", "--porcelain"), files


def test_a_pull_changes_as_many_reports_as_its_name_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "_PULLED", 5)
    measured = Work(Meter(1), tmp_path, SIZE)
    changed = measured.place.git("diff", "--name-only", measured.base, measured.pulled).splitlines()
    assert len(changed) == 5


def test_a_command_that_is_not_there_is_a_row_that_says_so(tmp_path: Path) -> None:
    meter = Meter(1)
    Work(meter, tmp_path, SIZE)._look("brew TEXT", "brew", "coffee")
    assert [(row.command, row.median_ms, row.note) for row in meter.rows] == [("brew TEXT", None, "not there")]


def test_an_issue_is_a_line_of_json() -> None:
    lines = [issue.json_line() for issue in issues(SIZE)]
    found = [json.loads(line) for line in lines]
    assert not any("\n" in line for line in lines)
    assert len({one["external_ref"] for one in found}) == SIZE
    assert all(one["title"] and one["story"] and one["received_at"].endswith("+00:00") for one in found)
