"""Watching logs: reading them whatever they are, finding lines, telling occurrences apart, what was noted before."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from issuelog.errors import Conflict, UsageError
from issuelog.model.pattern import pattern
from issuelog.model.signature import of_message, signatures
from issuelog.watching import streams
from issuelog.watching.occurrences import Occurrences
from issuelog.watching.recording import Ledger
from issuelog.watching.sieve import Sieve
from issuelog.watching.streams import MAX_LINE, Block, follow, read


def from_file(path: Path, content: bytes) -> list[Block]:
    path.write_bytes(content)
    return list(read([path.name], path.parent, io.BytesIO()))


class Drops(io.RawIOBase):
    """A stream that hands out a few bytes at a time."""

    def __init__(self, content: bytes, size: int) -> None:
        self.content, self.size = content, size

    def read(self, size: int = -1) -> bytes:
        found, self.content = self.content[: self.size], self.content[self.size :]
        return found


# --- reading -------------------------------------------------------------------------------------------------------


@given(st.lists(st.binary(max_size=9), max_size=9).map(b"\n".join), st.integers(1, 7))
def test_however_a_log_is_cut_up_its_lines_are_the_same(content: bytes, size: int) -> None:
    head = content[:size]
    assume(not content.startswith((b"\x1f\x8b", b"\xff\xfe", b"\xfe\xff")) and head.count(0) * 3 <= len(head))
    blocks = list(read(["-"], Path(), Drops(content, size)))  # type: ignore[arg-type]
    assert b"".join(block.text for block in blocks) == content
    assert all(block.text.endswith(b"\n") for block in blocks[:-1])
    numbers = [block.first for block in blocks]
    assert numbers == [1 + content[: content.index(b.text, sum(len(a.text) for a in blocks[:n]))].count(b"\n")
                       for n, b in enumerate(blocks)]  # fmt: skip


@pytest.mark.parametrize("size", [1000, 1 << 20])
def test_a_line_without_end_is_cut_and_the_next_is_read(size: int) -> None:
    content = b"first\n" + b"x" * (3 * MAX_LINE) + b"\nlast\n"
    blocks = list(read(["-"], Path(), Drops(content, size)))  # type: ignore[arg-type]
    lines = b"".join(block.text for block in blocks).split(b"\n")
    assert (lines[0], lines[2]) == (b"first", b"last")
    assert blocks[-1].log.lines == 3
    assert max(len(block.text) for block in blocks) <= MAX_LINE + size + 1


def test_a_line_without_end_takes_no_more_memory_than_a_block() -> None:
    class Endless(io.RawIOBase):
        left = 300

        def read(self, size: int = -1) -> bytes:
            self.left -= 1
            return b"x" * (1 << 20) if self.left > 0 else b""

    sizes = [len(block.text) for block in read(["-"], Path(), Endless())]  # type: ignore[arg-type]
    assert sum(sizes) <= (1 << 20) + 2 * MAX_LINE


def test_what_is_compressed_is_unpacked(tmp_path: Path) -> None:
    content = b"".join(b"line %d\n" % number for number in range(100_000))
    assert b"".join(block.text for block in from_file(tmp_path / "a.log.gz", gzip.compress(content))) == content
    piped = read(["-"], tmp_path, io.BytesIO(gzip.compress(content)))
    assert b"".join(block.text for block in piped) == content


def test_what_is_compressed_and_damaged_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    whole = gzip.compress(random.Random(1).randbytes(1 << 19).hex().encode() + b"\n")
    for name, content in (("cut.gz", whole[:-2000]), ("bad.gz", whole[:-2000] + b"\0" * 2000)):
        with pytest.raises(Conflict, match=f"{name} is damaged"):
            from_file(tmp_path / name, content)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32"])
def test_text_in_wide_characters_is_refused_with_the_way_out(tmp_path: Path, encoding: str) -> None:
    with pytest.raises(UsageError, match="16-bit characters") as refused:
        from_file(tmp_path / "a.log", "an error\n".encode(encoding))
    assert "iconv" in str(refused.value.hint)


@pytest.mark.parametrize(("name", "says"), [("none.log", "there is no file none.log"), ("folder", "is a folder")])
def test_what_is_no_log_is_refused(tmp_path: Path, name: str, says: str) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(UsageError, match=says):
        list(read([name], tmp_path, io.BytesIO()))


class Followed:
    """A log that is followed: `told` are its lines so far, what happens meanwhile is done between two looks."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.told: list[str] = []
        self.blocks = follow([path.name], path.parent, lambda: None)

    def look(self) -> list[str]:
        """Look until there is nothing new, and return what was."""
        found: list[str] = []
        for block in self.blocks:
            if block is None:
                return found
            lines = block.text.decode().splitlines()
            found += [f"{block.first + number}:{line}" for number, line in enumerate(lines)]
        raise AssertionError

    def write(self, text: str) -> None:
        with self.path.open("a") as file:
            file.write(text)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Followed]:
    path = tmp_path / "app.log"
    path.write_text("a\nb\n")
    followed = Followed(path)
    yield followed
    followed.blocks.close()  # type: ignore[attr-defined]


def test_a_file_is_followed_as_it_grows(log: Followed) -> None:
    assert log.look() == ["1:a", "2:b"]
    assert log.look() == []
    log.write("c\nd\n")
    assert log.look() == ["3:c", "4:d"]


def test_half_a_line_waits_for_its_other_half(log: Followed) -> None:
    log.write("half ")
    assert log.look() == ["1:a", "2:b"]
    log.write("and half\n")
    assert log.look() == ["3:half and half"]


def test_a_file_that_is_replaced_is_read_to_its_end_and_then_the_new_one(log: Followed) -> None:
    log.look()
    log.write("last\nwithout end")
    log.path.rename(log.path.with_name("app.log.1"))
    log.write("new\n")
    assert log.look() == ["3:last", "4:without end", "1:new"]


def test_a_file_that_was_moved_away_is_read_on_and_waited_for(log: Followed) -> None:
    log.look()
    moved = log.path.rename(log.path.with_name("app.log.1"))
    assert log.look() == []
    with moved.open("a") as file:
        file.write("late\n")
    assert log.look() == ["3:late"]
    log.write("new\n")
    assert log.look() == ["1:new"]


def test_a_file_that_is_cut_is_read_from_its_beginning(log: Followed) -> None:
    log.look()
    os.truncate(log.path, 0)
    assert log.look() == []
    log.write("x\n")
    assert log.look() == ["1:x"]


def test_a_file_that_is_not_there_is_not_followed(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no file"):
        next(follow(["none"], tmp_path, lambda: None))


# --- finding -------------------------------------------------------------------------------------------------------


def sieve(*errors: str, **patterns: str) -> Sieve:
    """Return what looks for errors, called by their number, and patterns by their name."""
    signed = [of_message(error) for error in errors]
    assert all(signed), errors
    known = {one.loose: [str(number)] for number, one in enumerate(signed) if one}
    return Sieve(known, [(name, pattern(source)) for name, source in patterns.items()])


def found(looked: Sieve, *lines: str) -> dict[int, str]:
    """Return what each line tells of, by its number."""
    whole = looked.lines("".join(f"{line}\n" for line in lines).encode("utf-8", "surrogateescape"))
    return {one.number: " ".join([*one.by_signature, *one.by_pattern]) for one in looked.found(whole)}


EXPORT = "EXPORT-507: worker 12 terminated"
LEDGER = "LedgerLockError: ledger of tenant 17 is locked"


@pytest.mark.parametrize(
    "line",
    [
        "EXPORT-507: worker 9 terminated",
        "2026-11-22T10:00:01.123Z ERROR [w-1] app.jobs: EXPORT-507: worker 4711 terminated",
        "Nov 22 10:00:01 host app[17]: EXPORT-507: worker 4711 terminated (job 9)",
        '{"level": "error", "message": "EXPORT-507: worker 4711 terminated", "job": 9}',
        "\x1b[31mEXPORT-507\x1b[0m: \x1b[1mworker 9 terminated\x1b[0m\r",
        'level=error msg="EXPORT-507: worker 8 terminated" request=12',
        "EXPORT-507: worker 9 terminated, job 3",
    ],
)
def test_a_line_with_the_error_is_found_in_whatever_stands_around_it(line: str) -> None:
    assert found(sieve(EXPORT, LEDGER), "nothing", line, "nothing") == {1: "0"}


@pytest.mark.parametrize(
    "line",
    [
        "EXPORT-508: worker 9 terminated",
        "EXPORT-507: worker terminated",
        "terminated worker 12: EXPORT-507",
        "worker 9 of EXPORT-507 terminated",
        "EXPORT-507: worker 9 terminated normally",
        "XEXPORT-507: worker 9 terminated",
    ],
)
def test_a_line_with_the_same_words_but_another_error_is_not(line: str) -> None:
    assert found(sieve(EXPORT, LEDGER), line) == {}


def test_an_error_and_a_pattern_in_one_line() -> None:
    looked = sieve(EXPORT, LEDGER, p=r"worker \d+", q="(?i)LOCKED", r=r"^\d{3} ")
    lines = ("x EXPORT-507: worker 3 terminated", "404 Locked", f"at: {LEDGER}", "free", "worker 12")
    assert found(looked, *lines) == {0: "0 p", 1: "q r", 2: "1 q", 4: "p"}


def test_an_error_whose_name_says_too_little_is_known_by_its_trace() -> None:
    trace = (
        "java.lang.NullPointerException",
        "\tat com.acme.billing.Export.run(Export.java:12)",
        "\tat com.acme.billing.Job.start(Job.java:9)",
    )
    other = ("java.lang.NullPointerException", "\tat com.acme.mail.Sender.send(Sender.java:3)")
    [one] = signatures("\n".join(trace))
    looked = Sieve({one.loose: ["npe"]}, [])
    assert found(looked, "start", *other, "INFO", *trace, "INFO") == {4: "npe"}


def test_a_trace_within_json_is_found() -> None:
    trace = ("java.lang.NullPointerException: null", "\tat com.acme.billing.Export.run(Export.java:12)")
    [one] = signatures("\n".join(trace))
    line = json.dumps({"level": "ERROR", "logger": "a", "stack_trace": "\n".join(trace), "job": 7})
    python = ("Traceback (most recent call last):", '  File "a.py", line 1, in f', "    g()", LEDGER)
    looked = sieve(LEDGER, EXPORT)
    assert found(Sieve({one.loose: ["npe"]}, []), "{}", line) == {1: "npe"}
    assert found(looked, json.dumps({"message": "failed", "exc_info": "\n".join(python)})) == {0: "0"}
    assert found(looked, json.dumps({"message": 'it said "no": größe: ' + EXPORT, "x": LEDGER})) == {0: "0 1"}


def test_a_text_without_words_of_ours_is_found() -> None:
    looked = sieve("ファイルを開けません: 予期しないエラー")
    assert found(looked, "INFO ok", "エラー", "ファイルを開けません: 予期しないエラー") == {2: "0"}


def test_bytes_that_are_no_text_hide_nothing_and_stop_nothing() -> None:
    looked = sieve(EXPORT, p="größe|timeout")
    noise = random.Random(5).randbytes(200_000)
    whole = looked.lines(b"\0\xff " + EXPORT.encode() + b"\n" + noise + b"\n\xfe timeout \xc3\n")
    hits = list(looked.found(whole))
    assert (hits[0].number, hits[-1].number) == (0, len(whole) - 1)


def test_the_same_storm_is_normalised_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from issuelog.watching import sieve as module

    calls: list[str] = []
    monkeypatch.setattr(module, "normalise", lambda text: (calls.append(text), text)[1])  # type: ignore[func-returns-value]
    looked = sieve(LEDGER)
    found(looked, *(f"12:00:{second:02} {LEDGER}" for second in range(60)))
    assert len(calls) <= 1


def test_a_line_that_lacks_a_word_of_an_error_is_not_normalised(monkeypatch: pytest.MonkeyPatch) -> None:
    from issuelog.watching import sieve as module

    monkeypatch.delattr(module, "normalise")
    monkeypatch.delattr(module, "signatures")
    assert found(sieve(LEDGER), "LedgerLockError: ledger of account 17 is locked") == {}
    with pytest.raises(NameError):
        found(sieve(LEDGER), LEDGER)


def test_what_is_remembered_of_a_line_holds_for_no_line_with_another_code() -> None:
    lines = ("export gave status 500 for job 404 today", "export gave status 404 for job 123 today")
    assert found(sieve("export gave status 404 for job 17 today"), *lines) == {1: "0"}
    assert found(sieve("export gave status 404 for job 17 today"), *reversed(lines)) == {0: "0"}


def test_a_pattern_that_takes_too_much_work_is_given_up_and_the_others_are_not() -> None:
    given_up: list[str] = []
    slow, good = pattern("[ab]*a[ab]{150}c"), pattern("fine")
    looked = Sieve({}, [("slow", slow), ("good", good)], given_up.append)
    chance = random.Random(1)
    lines = ["".join(chance.choices("ab", k=4000)) + " fine" for _ in range(60)]
    assert set(found(looked, *lines).values()) == {"good"}
    assert given_up == ["slow"]
    assert set(found(looked, "aac fine").values()) == {"good"}


def plainly(errors: list[str], lines: list[str]) -> dict[int, str]:
    """What the sieve is to find, asked the slow way."""
    signed = {one.loose: str(number) for number, one in enumerate(map(of_message, errors)) if one}
    told = [(number, of_message(line)) for number, line in enumerate(lines)]
    return {number: signed[one.loose] for number, one in told if one and one.loose in signed}


WORDS = st.sampled_from(
    ["worker", "export", "ledger", "failed", "12", "0x7f3a", "'a b'", "of", "tenant", "größe", "X-1"]
)
SENTENCES = st.lists(WORDS, min_size=3, max_size=6).map(" ".join)


@given(st.lists(SENTENCES, min_size=1, max_size=5), st.lists(SENTENCES, max_size=8))
def test_what_is_equal_to_a_known_error_is_always_found(errors: list[str], others: list[str]) -> None:
    errors = [error for error in errors if of_message(error)]
    lines = [*others, *errors, *(error.replace("12", "47") for error in errors)]
    expected = plainly(errors, lines)
    looked = found(sieve(*errors), *lines)
    assert all(one in looked.get(number, "").split() for number, one in expected.items())


# --- occurrences ---------------------------------------------------------------------------------------------------

BOOM = "ValueError: boom"
PYTHON = ["Traceback (most recent call last):", '  File "a.py", line 1, in f', "    g()", BOOM]
JAVA = ["a.b.XException: boom", "\tat a.b.C.d(C.java:1)", "\t... 3 more"]


def told(lines: list[str], hits: dict[int, list[str]], *, cut: int = 0) -> list[tuple[int, str]]:
    """Return the occurrences in a log with these hits, read in one block or in two."""
    seen, done = Occurrences(), []
    for begin, end in ((0, cut), (cut, len(lines))) if cut else ((0, len(lines)),):
        part = [line.encode() for line in lines[begin:end]]
        for number in sorted(number for number in hits if begin <= number < end):
            done += [(number, one) for one in seen.new(part, number - begin, hits[number])]
        seen.end(part)
    return done


def hits_in(lines: list[str], word: str = "boom") -> dict[int, list[str]]:
    return {number: ["A"] for number, line in enumerate(lines) if word in line}


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["boom", "boom", "boom"], [0, 1, 2]),
        (["boom", "", "boom"], [0, 2]),
        (["boom", "INFO", "boom"], [0, 2]),
        (["  boom", "  boom", "    frame", "  boom"], [0, 1, 3]),
        ([f"  {line}" for line in [*PYTHON, *PYTHON, "ERROR: boom", *PYTHON]], [3, 7, 8]),
        (PYTHON, [3]),
        (PYTHON * 2, [3, 7]),
        ([*PYTHON, "", *PYTHON], [3, 8]),
        (["ERROR job failed: boom", *PYTHON], [0]),
        (["ERROR job failed: boom", *PYTHON, "ERROR job failed: boom", *PYTHON], [0, 5]),
        (["ERROR job failed", *PYTHON, "INFO", "boom"], [4, 6]),
        ([*PYTHON, "", "During handling of the above exception, another exception occurred:", "", *PYTHON], [3]),
        ([*PYTHON, "", "The above exception was the direct cause of the following exception:", "", *PYTHON], [3]),
        (JAVA, [0]),
        (JAVA * 2, [0, 3]),
        ([*JAVA, "Caused by: a.b.Y: boom", "\tat a.b.C.d(C.java:1)"], [0]),
        ([*JAVA, "Caused by: a.b.Y: boom", "\tat a.b.C.d(C.java:1)", *JAVA], [0, 5]),
        (["Error: boom", "    at f (a.js:1:2)", "Error: boom", "    at f (a.js:1:2)"], [0, 2]),
        (["panic: boom", "", "goroutine 1 [running]:", "main.f()", "\t/a.go:1 +0x1d"], [0]),
    ],
)
def test_a_stack_trace_is_one_occurrence_and_the_next_is_another(lines: list[str], expected: list[int]) -> None:
    hits = hits_in(lines)
    for cut in range(len(lines)):
        assert [number for number, _ in told(lines, hits, cut=cut)] == expected, cut


def test_another_error_in_the_same_trace_is_told_too() -> None:
    lines = [*JAVA, "Caused by: a.b.Y: bang", "\tat a.b.C.d(C.java:1)"]
    assert told(lines, {0: ["A"], 3: ["B", "A"]}) == [(0, "A"), (3, "B")]


# --- what was noted ------------------------------------------------------------------------------------------------


def counted(content: bytes, marks: dict[str, list[str]], *, size: int = 1000) -> dict[str, tuple[int, str]]:
    """Return what a ledger has of a log in which every line names its report: how many are new, and read how far."""
    ledger = Ledger("a.log", lambda report: marks.get(report, []))
    at = 0
    lines = content.splitlines(keepends=True)
    for begin in range(0, len(lines), size):
        part = lines[begin : begin + size]
        ends = [sum(map(len, part[: number + 1])) for number in range(len(part))]
        named = [(end, line.decode().split()[0], line.decode()) for end, line in zip(ends, part, strict=True)]
        ledger.take(b"".join(part), [one for one in named if one[1] != "-"])
        at += ends[-1]
    return {report: (seen.count, seen.upto) for report, seen in ledger.seen().items()}


LOG = b"- x\nA 1\nB 1\nA 2\n- y\nA 3\n"


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_what_was_noted_of_a_log_is_not_counted_again(size: int) -> None:
    first = counted(LOG, {}, size=size)
    assert {report: count for report, (count, _) in first.items()} == {"A": 3, "B": 1}
    assert first["A"][1] == f"{len(LOG)}:{hashlib.sha256(LOG).hexdigest()}"
    marks = {report: [upto] for report, (_, upto) in first.items()}
    assert counted(LOG, marks, size=size) == {}
    more = counted(LOG + b"- z\nA 4\nB 2\nA 5\n", marks, size=size)
    assert {report: count for report, (count, _) in more.items()} == {"A": 2, "B": 1}


@pytest.mark.parametrize("size", [1, 2, 100])
def test_a_log_that_begins_otherwise_is_another(size: int) -> None:
    marks = {report: [upto] for report, (_, upto) in counted(LOG, {}).items()}
    assert {report: count for report, (count, _) in counted(b"-" + LOG[1:].replace(b"x", b"z"), marks).items()} == {
        "A": 3,
        "B": 1,
    }
    assert counted(LOG[:-4], marks, size=size)["A"][0] == 2  # a part of it, of which no mark is known


@pytest.mark.parametrize("size", [1, 2, 3])
def test_a_mark_of_another_log_does_no_harm(size: int) -> None:
    marks = {"A": ["2:" + "0" * 64, "7:" + "0" * 64, "1000:" + "0" * 64], "B": ["3:" + "0" * 64]}
    assert counted(LOG, marks, size=size) == counted(LOG, {})


def test_nothing_in_a_stream_is_read_before_it_is_there() -> None:
    """A pipe that stays open has its lines told at once."""
    inner, outer = os.pipe()
    os.write(outer, b"one\ntwo")
    with os.fdopen(inner, "rb") as stream:
        blocks = read(["-"], Path(), stream)
        assert next(blocks).text == b"one\n"
        os.write(outer, b"\n")
        assert next(blocks).text == b"two\n"
        os.close(outer)
        assert list(blocks) == []


def test_a_block_is_large_enough_to_be_fast() -> None:
    class Counts(io.BytesIO):
        reads = 0

        def read1(self, size: int | None = -1, /) -> bytes:
            self.reads += 1
            return super().read1(size if size is not None else -1)

    stream = Counts(b"x" * 99 + b"\n")
    stream.write((b"x" * 99 + b"\n") * 50_000)
    stream.seek(0)
    source: BinaryIO = stream
    assert sum(block.text.count(b"\n") for block in read(["-"], Path(), source)) == 50_000
    assert stream.reads < 50_000 * 100 // streams._BLOCK + 5
