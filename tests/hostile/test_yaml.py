"""Files that are no reports, beside one that is: told with their place, never rewritten, and in nobody's way."""

from __future__ import annotations

import json
import re
import tracemalloc
from pathlib import Path

import pytest

from hostile.made import hostile_report, place
from hostile.payloads import assert_ascii, assert_inert
from hostile.watch import no_hang
from issuelog.store.layout import MAX_BYTES
from issuelog.store.yamlfile import decode, parse
from support.cli import Tracker

SAMPLES = Path(__file__).parents[3] / "shared" / "samples" / "hostile"
REPORT = "CR-261116-BAAD"

ALIASES = "a: &a [x]\n" + "".join(
    f"{after}: &{after} [{','.join([f'*{before}'] * 9)}]\n"
    for before, after in zip("abcdefgh", "bcdefghi", strict=True)
)
BROKEN: dict[str, tuple[bytes, str]] = {
    "alias bomb": (ALIASES.encode(), "1:4: an anchor"),
    "alias": (b"schema: 1\nid: *x\n", "2:5: an alias"),
    "merge key": (b"schema: 1\n<<: {id: x}\n", "2:1: a merge key"),
    "python tag": (b"schema: 1\nid: !!python/object/apply:os.system [touch ran]\n", "2:5: a tag"),
    "own tag": (b"schema: !evil 1\n", "1:9: a tag"),
    "deep brackets": (b"a: " + b"[" * 100_000, "1:27: nested deeper than 24"),
    "deep braces": (b"a: " + b"{a: " * 100_000, "nested deeper than 24"),
    "deep dashes": (b"a:\n" + b"- " * 100_000, "nested deeper than 24"),
    "many parts": (b"a:\n" + b"- b\n" * 60_001, "more than 60,000 parts"),
    "huge scalar": (b"a: " + b"x" * MAX_BYTES, "1:1: the file has"),
    "key twice": (b"schema: 1\nid: a\nid: b\n", "3:1: the key 'id' stands twice"),
    "second document": (b"schema: 1\n---\nid: x\n", "2:1: a second document"),
    "directive": (b"%YAML 1.1\n---\nschema: 1\n", "1:1: a %YAML or %TAG directive"),
    "NUL": (b"schema: 1\nid: a\0b\n", "2:6: control characters"),
    "escape": (b"schema: 1\nid: \x1b[2J\n", "2:5: control characters"),
    "invalid UTF-8": (b"schema: 1\nid: \xff\n", "2:5: byte 0xff is not UTF-8"),
    "surrogates": (b"schema: 1\nid: \xed\xa0\x80\n", "2:5: byte 0xed is not UTF-8"),
    "UTF-16": ("schema: 1\n".encode("utf-16"), "1:1: byte 0xff is not UTF-8"),
    "UTF-16 without a mark": ("schema: 1\n".encode("utf-16-le"), "1:2: control characters"),
    "tab": (b"source:\n\tchannel: email\n", "2:1: a tab cannot stand here"),
    "conflict": (b"schema: 1\n<<<<<<< ours\nid: a\n=======\nid: b\n>>>>>>> theirs\n", ":"),
    "empty": (b"", "1:1: the file has to be a mapping"),
    "a list": (b"- a\n", "1:1: the file has to be a mapping"),
    "no end": (b"a: 'b\n", "2:1: found unexpected end"),
}


@pytest.fixture
def good(tracker: Tracker) -> str:
    tracker.become(Tracker.new)
    return tracker.ids()[0]


def commit(tracker: Tracker, content: bytes) -> Path:
    path = place(tracker, REPORT, content)
    tracker.git("add", "reports")
    tracker.git("commit", "-qm", "pulled")
    return path


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_told_with_its_place_and_never_rewritten(tracker: Tracker, good: str, name: str) -> None:
    content, says = BROKEN[name]
    path = commit(tracker, content)
    before = tracker.fingerprint(), path.stat().st_mtime_ns
    with no_hang():
        listed = tracker.run("list")
        assert listed.code == 0
        assert [line.split("\t")[0] for line in listed.out.splitlines()] == [good]
        (warning,) = listed.err.splitlines()
        assert warning.startswith(f"warning: reports/2026/11/{REPORT}.yaml:")
        assert says in warning
        for command in (["show"], ["next"], ["note", "x"]):
            aimed = tracker.run(command[0], REPORT, *command[1:])
            assert (aimed.code, aimed.out) == (6, ""), command
            assert says in aimed.err
            assert re.search(rf"error: reports/2026/11/{REPORT}\.yaml:\d+:\d+: ", aimed.err)
            assert_inert(aimed.err)
        checked = tracker.run("check", "--json")
    assert checked.code == 6
    assert {problem["path"] for problem in checked.json} == {f"reports/2026/11/{REPORT}.yaml"}
    assert_ascii(checked.out)
    assert path.read_bytes() == content
    assert (tracker.fingerprint(), path.stat().st_mtime_ns) == before


@pytest.mark.parametrize("name", [name for name in BROKEN if name != "empty"])
def test_a_policy_that_is_broken_is_told_and_never_rewritten(tracker: Tracker, good: str, name: str) -> None:
    content, says = BROKEN[name]
    path = tracker.root / ".issuelog" / "config.yaml"
    path.write_bytes(content)
    with no_hang():
        for command in (["list"], ["note", good, "x"]):
            done = tracker.run(*command)
            assert done.code == 6, command
            assert ".issuelog/config.yaml" in done.err + done.out
            assert says.split(": ")[-1] in done.err + done.out
    assert path.read_bytes() == content


def test_a_mark_at_the_beginning_is_read_over_and_kept(tracker: Tracker, good: str) -> None:
    path = tracker.path(good)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    tracker.git("commit", "-qam", "mark")
    tracker.ok("note", good, "x")
    assert path.read_bytes().startswith(b"\xef\xbb\xbfschema: 1\n")
    tracker.ok("check")


def test_a_file_of_50_mb_is_refused_without_being_read_whole(tracker: Tracker, good: str) -> None:
    path = place(tracker, REPORT, b"")
    with path.open("r+b") as file:
        file.truncate(50_000_000)
    tracker.ok("show", good)  # so that no import is counted below
    for command in (["list"], ["show", REPORT], ["next", REPORT], ["check"], ["doctor"]):
        tracemalloc.start()
        try:
            done = tracker.run(*command)
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert done.code == {"list": 0, "doctor": 1}.get(command[0], 6), done.err
        assert most < 30_000_000, f"{command[0]} held {most:,} bytes"


def test_values_that_other_readers_take_for_something_else_stay_text(tracker: Tracker, good: str) -> None:
    path = tracker.path(good)
    odd = ["no", "0123", "4.10", "12e4567", "2026-13-45", "~", "0x1F", ".inf", "1_000", "190:20:30"]
    path.write_text(path.read_text() + "labels:\n" + "".join(f"  - {value}\n" for value in odd))
    assert tracker.show(good)["labels"] == odd


# Other people's collections, which lie beside the repository


def sample(name: str) -> Path:
    path = SAMPLES / name
    if not path.exists():
        pytest.skip(f"the samples ({name}) are not here: they are other people's and no part of this repository")
    return path


def test_files_of_the_yaml_test_suite_are_reports_or_warnings(tracker: Tracker, good: str) -> None:
    cases = [
        case["yaml"].replace("␣", " ").replace("»", "\t").replace("←", "\r").replace("↵", "").replace("∎\n", "")
        for path in sorted(sample("yaml-test-suite").glob("*.yaml"))
        for case in parse("cases:\n" + decode(path.read_bytes(), path.name).removeprefix("---\n"), path.name).plain()[
            "cases"
        ]
        if "yaml" in case
    ]
    assert len(cases) > 300
    folder = tracker.path(good).parent
    for number, text in enumerate(cases):
        (folder / f"case-{number:03}.yaml").write_text(text)
    listed = tracker.run("list")
    assert listed.code == 0
    assert [line.split("\t")[0] for line in listed.out.splitlines()] == [good]
    assert_inert(listed.err)
    told = {
        match[1] for match in re.finditer(r"^warning: reports/2026/\d\d/case-(\d+)\.yaml:\d+:\d+: ", listed.err, re.M)
    }
    assert told == {f"{number:03}" for number in range(len(cases))}
    assert all(line.startswith("warning: ") for line in listed.err.splitlines())
    assert tracker.run("check").code == 6
    assert [(folder / f"case-{number:03}.yaml").read_text() for number in range(len(cases))] == cases


def test_the_big_list_of_naughty_strings_is_kept_and_inert(tracker: Tracker, monkeypatch: pytest.MonkeyPatch) -> None:
    strings = [text for text in json.loads(sample("blns.json").read_text("utf-8")) if text]
    assert len(strings) > 400
    place(tracker, REPORT, hostile_report(REPORT, "t", intake={"steps": strings}, labels=_lines(strings)))
    found = tracker.show(REPORT)
    assert (found["intake"]["steps"], found["labels"]) == (strings, _lines(strings))
    monkeypatch.setenv("COLUMNS", "9000")
    for line in (["show", REPORT], ["list"], ["check"]):
        for face in ([], ["--color", "always"]):
            done = tracker.run(*line, *face)
            assert_inert(done.out + done.err)
    assert_ascii(tracker.run("show", REPORT, "--json").out)


def _lines(strings: list[str]) -> list[str]:
    return [text for text in strings if "\n" not in text and "\r" not in text]


def test_a_naughty_story_is_recorded_word_for_word(tracker: Tracker, tmp_path: Path) -> None:
    story = "\n".join(json.loads(sample("blns.json").read_text("utf-8")))
    (tmp_path / "story").write_text(story, "utf-8", newline="")
    report = tracker.ok("new", "-q", "-F", str(tmp_path / "story"), "--anonymous", "--title", "t").strip()
    assert tracker.show(report)["story"] == story
    tracker.ok("check")
