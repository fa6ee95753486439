"""Every list takes `--fields`, `--format`, `-0` and `--ndjson`, and writes the same lines whatever it lists."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support.cli import Tracker
from support.known import put_known
from support.lives import Life
from support.refusals import assert_error
from support.terminal import Terminal

LISTS = {
    "list": ("list",),
    "due": ("due",),
    "log": ("log",),
    "search": ("search", "export"),
    "stats": ("stats",),
    "stats --by": ("stats", "--by", "severity"),
    "known-error list": ("known-error", "list"),
    "actions list": ("actions", "list"),
}


def fill(tracker: Tracker) -> None:
    put_known(tracker, title="Export stops\twith a tab")
    tracker.complete("--title", "Export stops at half")
    report = tracker.complete("--title", "Export is empty")
    plan = {"kind": "prevent", "strength": "strong", "owner": "Bo <b@example.com>"}
    actions = [{"id": f"A{number}", "text": "an alarm\ton failed exports", **plan} for number in (1, 2)]
    Life(tracker, report).by_hand(lambda data: data.update(rca={"status": "draft", "actions": actions}))


@pytest.fixture
def tracker(tmp_path: Path) -> Tracker:
    return Tracker.filled(tmp_path / "repo", fill)


def columns_of(tracker: Tracker, *words: str) -> list[str]:
    """Return the columns that there are, as the error names them that asks for another."""
    done = tracker.run(*words, "--fields", "nonsense")
    assert_error(done, 2, "--fields: there is no 'nonsense'; there are: ")
    return done.err.strip().rpartition("there are: ")[2].split(", ")


@pytest.mark.parametrize("words", LISTS.values(), ids=LISTS)
def test_the_columns_that_are_asked_for_in_their_order(tracker: Tracker, words: tuple[str, ...]) -> None:
    columns = columns_of(tracker, *words)
    first, second = columns[0], columns[-1]
    whole = [dict(zip(columns, row, strict=True)) for row in rows(tracker.ok(*words, "--fields", ",".join(columns)))]
    assert whole
    assert rows(tracker.ok(*words, "--fields", f"{second},{first}")) == [[row[second], row[first]] for row in whole]
    told = tracker.json(*words, "--fields", first)
    assert all([*row] == [first] for row in told)
    assert len(told) == len(whole)


@pytest.mark.parametrize("words", LISTS.values(), ids=LISTS)
def test_a_line_for_each_by_a_template(tracker: Tracker, words: tuple[str, ...]) -> None:
    first, *_ = columns = columns_of(tracker, *words)
    last = columns[-1]
    wanted = [f"<{one}> {{x {other}\n" for one, other in rows(tracker.ok(*words, "--fields", f"{first},{last}"))]
    assert tracker.ok(*words, "--format", f"<{{{first}}}> {{x {{{last}}}") == "".join(wanted)
    assert_error(tracker.run(*words, "--format", "{nonsense}"), 2, "--format: there is no 'nonsense' … there are: ")


@pytest.mark.parametrize("words", LISTS.values(), ids=LISTS)
def test_lines_that_end_with_nul(tracker: Tracker, words: tuple[str, ...]) -> None:
    first, *_ = columns_of(tracker, *words)
    lines = tracker.ok(*words, "--fields", first).splitlines()
    assert tracker.ok(*words, "-0") == "".join(f"{line}\0" for line in lines)
    assert tracker.ok(*words, "-0", "--fields", first) == tracker.ok(*words, "-0", "--format", f"{{{first}}}")


@pytest.mark.parametrize("words", LISTS.values(), ids=LISTS)
def test_an_object_a_line(tracker: Tracker, words: tuple[str, ...]) -> None:
    first, *_ = columns_of(tracker, *words)
    objects = [json.loads(line) for line in tracker.ok(*words, "--ndjson").splitlines()]
    assert [str(one[first]) for one in objects] == tracker.ok(*words, "--fields", first).splitlines()
    assert tracker.ok(*words, "--ndjson", "--fields", first).splitlines() == [
        json.dumps({first: one[first]}) for one in objects
    ]


@pytest.mark.parametrize("words", LISTS.values(), ids=LISTS)
@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("--ndjson --json", "--ndjson and --json exclude each other"),
        ("--json -0", "--json and -0 exclude each other"),
        ("--fields id --format x", "--fields and --format exclude each other"),
    ],
)
def test_forms_that_exclude_each_other(tracker: Tracker, words: tuple[str, ...], options: str, said: str) -> None:
    done = tracker.run(*words, *options.split())
    assert (done.code, done.out, said in done.err) == (2, "", True)


@pytest.mark.parametrize("words", LISTS.values(), ids=LISTS)
def test_at_a_terminal_a_template_is_written_as_in_a_pipe(tracker: Tracker, words: tuple[str, ...]) -> None:
    first, *_ = columns_of(tracker, *words)
    line = f"=={{{first}}}"
    code, shown = Terminal.start(tracker, *words, "--format", line).ended()
    lines = tracker.ok(*words, "--format", line).splitlines()
    assert (code, [one for one in shown.splitlines() if one.startswith("==")]) == (0, lines)


def rows(text: str) -> list[list[str]]:
    return [line.split("\t") for line in text.splitlines()]
