from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

sys.path.append(str(Path(__file__).parents[2]))

from bench.measure import Peak, Row
from bench.report import Results, compared, markdown, text, written

from bench import report

PEERS = [
    {"name": name, "version": "1.2.3", "remark": f"{name} does something else"}
    for name in ("taskwarrior", "cil", "Backlog.md", "todoman")
]


def results(**other: Any) -> Results:
    rows = [
        Row("issuelog", "--version", None, 11, 21.3, 1.64, budget="3 x python", budget_used=0.55),
        Row("issuelog", "list", 100_000, 11, 240.4, 20.0, budget="25 x python", budget_used=0.8),
        Row("issuelog", "search TEXT", 100, note="not there"),
        Row(
            "issuelog",
            "note ID TEXT",
            100_000,
            11,
            12_311.5,
            25.65,
            beside="git commit",
            times_beside=13.94,
            budget="2.5 x git commit + 10 x python",
            budget_used=1.79,
        ),
        *(Row(peer["name"], "list", 100_000, 3, 24_312.6, 1880.0) for peer in PEERS[:3]),
        Row("todoman", "list", 100_000, note="filling > 120 s"),
        Row("cil", "list", 100, 3, 1.0, 1.0),
    ]
    facts = {
        "date": "2026-11-22",
        "python_pass_ms": 12.0,
        "versions": {"issuelog": "0.1.0", "git": "2.39.5"},
        "rows": compared(rows),
        "peaks": [Peak("list", 100_000, 120.0, 100), Peak("list --json", 100_000, 80.0)],
        "peers": PEERS,
        "missing": [{"name": "another", "package": "another (Debian)"}],
    }
    return Results(**{**facts, **other})


def line(lines: str, *parts: str) -> str:
    """Return the one line that has all these parts."""
    found = [line for line in lines.splitlines() if all(part in line for part in parts)]
    assert len(found) == 1, (parts, found)
    return found[0]


def test_the_tables_fit_into_120_columns() -> None:
    table = list(text(results(missing=[])))
    assert max(map(len, table)) <= 120
    assert len(table) > 15


def test_what_is_over_its_budget_is_marked_and_what_is_not_is_not() -> None:
    shown = "\n".join(text(results()))
    assert line(shown, "note ID TEXT", "13.94 x git commit").endswith("179% OVER")
    assert line(shown, "list", "25 x python").endswith("80%")
    assert line(shown, "list", "120.0 MB").endswith("120% OVER")


def test_what_was_not_measured_says_why() -> None:
    shown = "\n".join(text(results()))
    assert "not there" in line(shown, "search TEXT")
    assert "filling > 120 s" in line(shown, "24,312.6 ms (94.00 x)")
    assert "another was not found: install another (Debian)" in shown


def test_why_a_command_failed_is_kept_out_of_the_table() -> None:
    failed = Row("issuelog", "list", 100, note="failed: a long story")
    shown = "\n".join(text(results(rows=[failed])))
    assert line(shown, "list", "failed").split() == ["list", "100", "failed"]


def test_peers_are_compared_in_multiples_of_an_empty_process_of_their_own_moment() -> None:
    # The machine was half as fast when the peer was measured.
    rows = [Row("issuelog", "list", 100, 3, 100.0, 10.0), Row("cil", "list", 100, 3, 400.0, 20.0)]
    assert [row.times_issuelog for row in compared(rows)] == [None, 2.0]


def test_a_peer_without_a_row_of_ours_is_compared_with_nothing() -> None:
    rows = [Row("issuelog", "list", 100, note="not there"), Row("cil", "list", 100, 3, 400.0, 20.0)]
    assert [row.times_issuelog for row in compared(rows)] == [None, None]


def test_the_sizes_of_one_command_stand_together_the_small_ones_first() -> None:
    rows = [Row("cil", command, size, 1, 1.0, 1.0) for size in (100, 1_000) for command in ("list", "show ID")]
    shown = [cells.split("  ") for cells in text(results(rows=rows, peaks=[])) if "1.0 ms" in cells]
    assert [[cell.strip() for cell in row if cell][:2] for row in shown] == [
        ["list", "100"],
        ["list", "1,000"],
        ["show ID", "100"],
        ["show ID", "1,000"],
    ]


def test_without_peers_there_is_no_table_of_them() -> None:
    ours = [row for row in results().rows if row.tool == "issuelog"]
    shown = "\n".join(text(results(rows=ours, peers=[])))
    assert "taskwarrior" not in shown


def test_markdown_has_the_same_figures_in_sound_tables() -> None:
    tables = markdown(results())
    figures = ["12,311.5 ms", "25.65", "13.94 x git commit", "2.5 x git commit + 10 x python", "179% OVER"]
    assert line(tables, "note ID TEXT") == f"| note ID TEXT | 100,000 | {' | '.join(figures)} |"
    assert "Measured on 2026-11-22: issuelog 0.1.0, git 2.39.5." in tables
    for block in tables.split("\n\n"):
        if block.startswith("|"):
            assert len({row.count("|") for row in block.splitlines()}) == 1
            assert set(block.splitlines()[1]) <= set("|-: ")


def test_results_come_back_from_the_file_as_they_were() -> None:
    found = results()
    assert Results.load({"runs": 11, **json.loads(json.dumps(asdict(found)))}) == found


def test_the_page_keeps_its_prose_and_gets_its_tables_anew(tmp_path: Path) -> None:
    page, kept = tmp_path / "performance.md", tmp_path / "results.json"
    page.write_text(f"# Speed\n\nBefore.\n\n{report.BEGIN}old\n{report.END}\nAfter.\n")
    kept.write_text(json.dumps(asdict(results())))
    for _ in range(2):
        report.main([str(kept), "--page", str(page)])
        now = page.read_text()
        assert now == f"# Speed\n\nBefore.\n\n{report.BEGIN}\n{markdown(results())}\n{report.END}\nAfter.\n"


@pytest.mark.parametrize("page", ["", report.BEGIN, report.END, f"{report.END}{report.BEGIN}"])
def test_a_page_without_the_two_marks_is_left_alone(page: str) -> None:
    with pytest.raises(ValueError, match="the page needs the lines"):
        written(page, "tables")
