from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[2]))

from bench.run import destination, main, options

from bench import cache, report


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache and results of our own."""
    monkeypatch.setenv("BENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(report, "RESULTS", tmp_path / "results.json")
    (tmp_path / "results.json").write_text("of the last full run")
    return tmp_path / "results.json"


@pytest.mark.parametrize(
    "partial", [["--only", "list"], ["--sizes", "100,1000"], ["--sizes", "100,1000,10000"], ["--runs", "3"]]
)
def test_a_partial_run_has_nowhere_to_write_unless_told(partial: list[str], tmp_path: Path) -> None:
    assert destination(options(partial)) is None
    assert destination(options([*partial, "--out", str(tmp_path / "x")])) == tmp_path / "x"


@pytest.mark.parametrize("full", [[], ["--runs", "21"], ["--sizes", "100,1000,10000,100000"]])
def test_a_full_run_writes_the_results(full: list[str], kept: Path, tmp_path: Path) -> None:
    assert destination(options(full)) == kept
    assert destination(options([*full, "--out", str(tmp_path / "x")])) == tmp_path / "x"


def test_a_partial_run_leaves_the_results_of_the_last_full_one(
    kept: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    partial = ["--sizes", "100", "--runs", "1", "--only", "issuelog --version"]
    main(partial)
    assert "--version" in capsys.readouterr().out
    assert kept.read_text() == "of the last full run"
    main([*partial, "--out", str(tmp_path / "out.json")])
    assert kept.read_text() == "of the last full run"
    found = json.loads((tmp_path / "out.json").read_text())
    assert [(row["tool"], row["command"]) for row in found["rows"]] == [("issuelog", "--version")]
    assert found["versions"].keys() >= {"issuelog", "git"}


def test_a_run_takes_away_what_it_worked_in() -> None:
    main(["--sizes", "100", "--runs", "1", "--only", "nothing at all"])
    assert list(cache.folder().iterdir()) == []
