"""`list` as people and programs use it: forms, orders, queries, what is wrong with them, the board at a terminal."""

from __future__ import annotations

import itertools
import json
import os
import re
import subprocess
import sys
import unicodedata
from datetime import UTC, datetime, tzinfo
from pathlib import Path

import pytest

from issuelog.cli import render
from issuelog.model.row import SHOWN
from store.test_index_states import REPORT
from support.cli import Tracker

TITLES = {
    "CR-261101-AAAA": ("S2", "new", "Export stops at 40 % and the bar turns red for everybody in accounting"),
    "CR-261102-BBBB": ("S1", "new", "画面が赤くなってエクスポートが止まります。再起動しても直りません。助けてください"),
    "CR-261103-CCCC": ("S3", "acknowledged", "💥💥 e\u0301e\u0301 {id} \\t [bold]not bold[/]"),
    "CR-261104-DDDD": ("S4", "closed", "Short"),
}
FIRST = "CR-261102-BBBB"
URGENT = ["CR-261102-BBBB", "CR-261101-AAAA", "CR-261103-CCCC", "CR-261104-DDDD"]
AT = ("--at", "2026-12-01T12:00:00Z")


def write(root: Path, name: str, severity: str, state: str, title: str) -> Path:
    path = root / f"reports/2026/11/{name}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    text = REPORT.format(id=name, title=json.dumps(title, ensure_ascii=False), state=state, severity=severity, day=0)
    path.write_text(text)
    return path


@pytest.fixture
def listed(tracker: Tracker) -> Tracker:
    """A tracker with four reports."""
    for name, (severity, state, title) in TITLES.items():
        write(tracker.root, name, severity, state, title)
    owned = "owner: Kim Lee <kim@example.com>\nlabels: [a b]\n"
    path = tracker.root / f"reports/2026/11/{FIRST}.yaml"
    path.write_text(path.read_text() + owned)
    return tracker


def test_the_plain_form_is_a_line_for_each_with_tabs(listed: Tracker) -> None:
    lines = [line.split("\t") for line in listed.ok("list").splitlines()]
    assert [line[0] for line in lines] == URGENT
    received, title = "2026-11-20T09:00:00Z", TITLES[FIRST][2]
    assert lines[0] == [FIRST, "new", "S1", received, "Kim Lee <kim@example.com>", "", "", title]


def test_json_has_all_and_lines_of_json_have_the_same(listed: Tracker) -> None:
    items = listed.json("list", *AT)
    assert [item["id"] for item in items] == URGENT
    assert all(set(item) == set(SHOWN) for item in items)
    assert [json.loads(line) for line in listed.ok("list", "--ndjson", *AT).splitlines()] == items
    assert listed.ok("list", "--ndjson").isascii()


@pytest.mark.parametrize("names", [["id"], ["title", "id"], list(SHOWN)])
def test_fields_are_those_that_were_asked_for(listed: Tracker, names: list[str]) -> None:
    asked = "--fields", ", ".join(names)
    wanted = [{name: item[name] for name in names} for item in listed.json("list")]
    assert listed.json("list", *asked) == wanted
    assert [json.loads(line) for line in listed.ok("list", "--ndjson", *asked).splitlines()] == wanted
    assert [len(line.split("\t")) for line in listed.ok("list", *asked).splitlines()] == [len(names)] * 4


def test_a_line_may_end_with_nul(listed: Tracker) -> None:
    assert listed.ok("list", "-0") == "".join(f"{name}\0" for name in URGENT)
    assert listed.ok("list", "-0", "-q") == listed.ok("list", "-0")
    assert listed.ok("list", "-0", "--fields", "id,state").split("\0")[0] == f"{FIRST}\tnew"
    assert listed.ok("list", "-0", "--format", "{state}", "sev:S1,S4") == "new\0closed\0"


def test_a_template_is_filled_and_no_value_is_looked_into(listed: Tracker) -> None:
    done = listed.ok("list", "--format", r"{id}\t<{title}>\n", "sev:S3")
    assert done == "CR-261103-CCCC\t<" + TITLES["CR-261103-CCCC"][2] + ">\n\n"
    assert listed.ok("list", "--format", "{next_due}|{conditions}|{owner}", "state:closed") == "||\n"
    assert listed.ok("list", "--format", "a\tb\x1b{}", "state:closed") == "a\tb\\x1b{}\n"


def test_the_least_is_the_ids(listed: Tracker) -> None:
    assert listed.ok("list", "-q").split() == URGENT


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (["--ndjson", "--json"], "--ndjson and --json exclude each other"),
        (["--ndjson", "-0"], "--ndjson and -0 exclude each other"),
        (["--json", "-0"], "--json and -0 exclude each other"),
        (["--json", "--format", "{id}"], "--format and --json exclude each other"),
        (["--ndjson", "--format", "{id}"], "--format and --ndjson exclude each other"),
        (["--ndjson", "--json", "--count"], "exclude each other"),
        (["--fields", "id", "--format", "{id}"], "--fields and --format exclude each other"),
        (["--format", "{size}"], "--format: there is no 'size'; there are: id, title"),
        (["--format", "{size}", "no such report"], "--format: there is no 'size'"),
        (["--fields", "id,size"], "--fields: there is no 'size'; there are: id, title"),
        (["--fields", ""], "--fields: there is no ''"),
        (["--fields", "size", "--json"], "--fields: there is no 'size'"),
        (["--fields", "size", "--ndjson"], "--fields: there is no 'size'"),
        (["--sort", "size"], "--sort: there is no 'size'; there are: urgency, id"),
        (["--limit", "-1"], "--limit"),
        (["--limit", "many"], "--limit"),
        (["--state", ""], "state: a value is missing"),
        (["--owner", ""], "owner: a value is missing"),
        (["--severity", "S9"], "severity: there is no 'S9'"),
        (["colour:red"], "there is no key 'colour'"),
        (["age:7d..1d"], "the range ends before it begins"),
        ([*["x"] * 10_000], "500 is the most"),
        (["received:\0"], "is not a time"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_listed(listed: Tracker, typed: list[str], said: str) -> None:
    done = listed.run("list", *typed)
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert "bug" not in done.err


@pytest.mark.parametrize(
    ("option", "query"),
    [
        (["--state", "new,closed"], ["state:new,closed"]),
        (["--severity", ">=S2"], ["sev:>=S2"]),
        (["--owner", "Kim Lee"], ['owner:"Kim Lee"']),
        (["--owner", "nobody,kim LEE"], ['owner:nobody,"kim lee"']),
        (["--owner", "none"], ["owner:none"]),
        (["--component", "x y", "--state", "new"], ['component:"x y"', "state:new"]),
        (["--text", "bar turns"], ['"bar turns"']),
        (["--text", "state:new"], ['"state:new"']),
        (["--text", "{id}"], ['"{id}"']),
        (["--state", "new", "sev:S1"], ["state:new sev:S1"]),
    ],
)
def test_an_option_is_a_short_way_to_ask(listed: Tracker, option: list[str], query: list[str]) -> None:
    assert listed.ok("list", *option) == listed.ok("list", *query)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (["label:a b"], []),  # what is not quoted is two words
        (['label:"a b"'], [FIRST]),
        (["赤く"], [FIRST]),
        (["is:open", "--", "-赤く"], ["CR-261101-AAAA", "CR-261103-CCCC"]),
        (["BAR 40"], ["CR-261101-AAAA"]),
        (["is:open sev:S1,S3"], [FIRST, "CR-261103-CCCC"]),
        (["\0"], []),
        (["x" * 100_000], []),
        (["version:" + "9" * 5_000], []),
    ],
)
def test_queries_of_a_command_line(listed: Tracker, query: list[str], found: list[str]) -> None:
    assert listed.ok("list", "-q", *query).split() == found


def test_order_limit_and_count(listed: Tracker) -> None:
    assert listed.ok("list", "-q", "--sort", "-id").split() == sorted(TITLES, reverse=True)
    assert listed.ok("list", "-q", "--limit", "2").split() == URGENT[:2]
    assert listed.ok("list", "-q", "--limit", "0") == ""
    assert listed.ok("list", "-q", "--limit", "9" * 30).split() == URGENT
    assert listed.ok("list", "--count") == "4\n"
    assert listed.ok("list", "--count", "--limit", "9" * 30) == "4\n"
    assert listed.ok("list", "--count", "--limit", "3", "is:open") == "3\n"
    assert listed.json("list", "--count", "is:closed") == {"count": 1}


@pytest.mark.parametrize(
    "form", [[], ["--json"], ["--ndjson"], ["-q"], ["-0"], ["--count"], ["--format", "{id}"], ["--color", "always"]]
)
def test_the_exit_code_tells_whether_there_is_any_where_that_is_asked_for(listed: Tracker, form: list[str]) -> None:
    assert listed.run("list", "--exit-code", *form).code == 0
    assert listed.run("list", "nothing", *form).code == 0
    done = listed.run("list", "--exit-code", "nothing", *form)
    assert (done.code, done.err) == (1, "")
    assert listed.run("list", "--exit-code", "--limit", "0", *form).code == 1


@pytest.mark.parametrize("form", [[], ["--json"], ["-q"], ["--count"], ["--color", "always"]])
def test_a_broken_file_is_a_warning_and_the_others_are_shown(listed: Tracker, form: list[str]) -> None:
    (listed.root / "reports/2026/11/CR-261105-EEEE.yaml").write_text("schema: [\n")
    done = listed.run("list", *form)
    assert done.code == 0
    assert re.fullmatch(
        r"\S*warning\S*: reports/2026/11/CR-261105-EEEE.yaml:2:1: .*; not shown \(issuelog check\)\n", done.err
    )
    assert "4" in done.out or FIRST in done.out


def test_a_reader_that_goes_away_ends_it_without_a_word(tracker: Tracker) -> None:
    for number in range(800):
        write(tracker.root, f"CR-261101-{number:04}", "S2", "new", f"Export {number} stops " + "x" * 60)
    for form, unbuffered in itertools.product(("--json", "--no-input"), ("", "1")):
        command = f'"{sys.executable}" -m issuelog list {form} | head -c 10; echo " ${{PIPESTATUS[0]}}"'
        env = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
        words = ["bash", "-c", command]
        done = subprocess.run(words, cwd=tracker.root, env=env, capture_output=True, text=True, check=True)
        assert done.stdout.endswith(" 141\n")
        assert done.stderr == ""


class Frozen(datetime):
    """Half an hour after the reports came."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Frozen:
        return cls(2026, 11, 20, 9, 30, tzinfo=UTC)


def board(listed: Tracker, monkeypatch: pytest.MonkeyPatch, columns: int, *typed: str) -> list[str]:
    monkeypatch.setattr(render, "datetime", Frozen)
    monkeypatch.setenv("COLUMNS", str(columns))
    drawn = listed.ok("--color", "always", "list", *typed)
    return [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in drawn.splitlines()]


def width(text: str) -> int:
    """Return how many columns a terminal takes for a text."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )


@pytest.mark.parametrize("columns", [20, 40, 60, 80, 100, 120, 200])
@pytest.mark.parametrize("typed", [[], ["--fields", ",".join(SHOWN)], ["--fields", "title,id"]])
def test_a_board_is_never_wider_than_the_terminal(
    listed: Tracker, monkeypatch: pytest.MonkeyPatch, columns: int, typed: list[str]
) -> None:
    lines = board(listed, monkeypatch, columns, *typed)
    assert len(lines) == 5
    assert max(map(width, lines)) <= columns
    assert all(line == line.rstrip() for line in lines)


@pytest.mark.parametrize("columns", [40, 60, 80, 100, 120, 200])
def test_the_columns_of_a_board_stand_below_each_other(
    listed: Tracker, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    heading, *rows = board(listed, monkeypatch, columns)
    begins = [found.start() for found in re.finditer(r"\S+(?: \S+)*", heading)]
    assert len(begins) > 1
    for begin in begins[1:]:
        assert all(_cut(row, begin).endswith("  ") for row in rows if width(row) > begin)
    assert [re.findall(r"CR-\d+-\w{4}", row) for row in rows] == [[name] for name in URGENT]


def _cut(line: str, columns: int) -> str:
    """Return as much of a line as has so many columns, which must not end within a character."""
    cut = next(end for end in range(len(line) + 1) if width(line[:end]) >= columns)
    assert width(line[:cut]) == columns
    return line[:cut]


BOARD_OF_100 = r"""
id              state         severity     next due                owner    title
CR-261102-BBBB  new           S1 critical  acknowledge 15 min ago  Kim Lee  画面が赤くなってエクス …
CR-261101-AAAA  new           S2 high      acknowledge in 30 min            Export stops at 40 % an…
CR-261103-CCCC  acknowledged  S3 medium    restore in 6 d                   💥💥 éé {id} \t [bold]n…
CR-261104-DDDD  closed        S4 low                                        Short
""".lstrip()
BOARD_OF_40 = r"""
id              title
CR-261102-BBBB  画面が赤くなってエクス …
CR-261101-AAAA  Export stops at 40 % an…
CR-261103-CCCC  💥💥 éé {id} \t [bold]n…
CR-261104-DDDD  Short
""".lstrip()


def test_a_board_as_people_see_it(listed: Tracker, monkeypatch: pytest.MonkeyPatch) -> None:
    assert board(listed, monkeypatch, 100) == BOARD_OF_100.splitlines()
    assert board(listed, monkeypatch, 40) == BOARD_OF_40.splitlines()


def test_an_empty_board_says_so(tracker: Tracker, monkeypatch: pytest.MonkeyPatch) -> None:
    assert board(tracker, monkeypatch, 80) == ["no reports"]
    assert board(tracker, monkeypatch, 80, "is:open") == ["no report matches"]
    assert tracker.ok("list") == ""
    assert tracker.json("list") == []
