"""`export`: everything as JSON lines, a table that no spreadsheet runs, a document that nothing breaks out of."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostile.made import Pulled, pulled
from hostile.payloads import LINE, TEXT, assert_ascii, assert_inert
from issuelog import exporting
from issuelog.exporting import many
from issuelog.model import markdown
from support.cli import Tracker
from support.lives import CLOSABLE, lived

CLOSE = "close ID --known-error none"
COLUMNS = [
    *next(
        csv.reader(
            [
                "id,title,state,severity,customer,contact,tier,owner,component,labels,channel,received_at,"
                "updated_at,external_ref,product,version,error_message,cause,kind,fixed_in,resolution,closed_at"
            ]
        )
    )
]


@pytest.fixture
def here(tmp_path: Path) -> Pulled:
    return pulled(tmp_path)


def table(text: str) -> list[dict[str, str]]:
    assert text.endswith("\r\n")
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


# --- Which, and where to ----------------------------------------------------------------------------------------


def test_reports_are_chosen_as_for_list_and_come_in_the_order_of_their_ids(tracker: Tracker) -> None:
    ids = sorted(tracker.new("--severity", severity) for severity in ("S1", "S3", "S3"))
    exported = [json.loads(line)["id"] for line in tracker.ok("export", "jsonl").splitlines()]
    assert exported == ids
    chosen = {row["id"] for row in table(tracker.ok("export", "csv", "sev:S3"))}
    assert chosen == {row["id"] for row in tracker.json("list", "sev:S3")} < {*ids}
    assert tracker.run("export", "csv", "nonsense:x").code == 2
    assert tracker.ok("export", "jsonl", "no such words") == ""


def test_ids_come_from_standard_input(tracker: Tracker) -> None:
    ids = [tracker.new() for _ in range(3)]
    wanted = [ids[2], ids[0]]
    text = tracker.ok("export", "jsonl", "-", stdin=f"{ids[2][-4:]}\n{ids[0]}\n{ids[2]}\n")
    assert [json.loads(line)["id"] for line in text.splitlines()] == wanted
    assert tracker.run("export", "jsonl", "-", stdin="CR-000000-0000\n").code == 4


def test_an_unknown_format_names_those_that_there_are(tracker: Tracker) -> None:
    done = tracker.run("export", "xlsx")
    assert (done.code, done.out) == (2, "")
    assert "jsonl, csv, markdown" in done.err


@pytest.mark.parametrize("name", exporting.FORMATS)
def test_json_is_what_export_jsonl_is_for(tracker: Tracker, name: str) -> None:
    tracker.new()
    done = tracker.run("--json", "export", name)
    assert (done.code, done.out) == (2, "")
    assert "issuelog export jsonl" in done.error["hint"]


@pytest.mark.parametrize("name", exporting.FORMATS)
def test_a_file_is_written_as_a_whole_and_says_what_a_pipe_says(tracker: Tracker, tmp_path: Path, name: str) -> None:
    tracker.new(story="ü 語\n")
    file = tmp_path / "out"
    file.write_text("before")
    file.chmod(0o640)
    assert tracker.ok("export", name, "-o", str(file)) == ""
    assert file.read_bytes().decode("utf-8") == tracker.ok("export", name)
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_where_it_fails_the_file_stays_as_it_was(
    tracker: Tracker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracker.new()
    file = tmp_path / "out"
    file.write_text("before")
    monkeypatch.setattr(many, "_values", lambda _: 1 / 0)
    assert tracker.run("export", "csv", "-o", str(file)).code == 70
    assert file.read_text() == "before"
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_dry_run_writes_no_file(tracker: Tracker, tmp_path: Path) -> None:
    tracker.ok("export", "csv", "-n", "-o", str(tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_what_is_no_file_is_not_written_over(tracker: Tracker, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for target in ("pipe", ".", "nowhere/out"):
        assert tracker.run("export", "csv", "-o", str(tmp_path / target)).code == 2
    assert (tmp_path / "pipe").is_fifo()


def test_a_link_is_followed_and_stays(tracker: Tracker, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "out")
    tracker.ok("export", "csv", "-o", str(tmp_path / "link"))
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "out").read_text().startswith("id,")


@pytest.mark.parametrize("name", exporting.FORMATS)
@pytest.mark.parametrize("to_file", [False, True])
def test_a_report_that_cannot_be_read_is_named_and_the_others_are_exported(
    tracker: Tracker, tmp_path: Path, name: str, to_file: bool
) -> None:
    bad, good = tracker.new(), tracker.new()
    tracker.path(bad).write_text("story: [\n")
    options = ("-o", str(tmp_path / "out")) if to_file else ()
    done = tracker.run("export", name, *options)
    text = (tmp_path / "out").read_text() if to_file else done.out
    assert done.code == 6
    assert good in text
    assert bad not in text
    assert f"{bad}.yaml:" in done.err


# --- JSON lines -------------------------------------------------------------------------------------------------


def test_a_line_is_what_show_prints_with_the_contents_of_attachments(tracker: Tracker, tmp_path: Path) -> None:
    content = bytes(range(256))
    (tmp_path / "a.bin").write_bytes(content)
    report = tracker.new("--attach", str(tmp_path / "a.bin"))
    line = tracker.ok("export", "jsonl")
    assert_ascii(line)
    data = json.loads(line)
    assert base64.b64decode(data["attachments"][0].pop("content")) == content
    assert data == tracker.show(report)
    assert json.loads(tracker.ok("export", "jsonl", "--no-attachments")) == tracker.show(report)


def no_attachment(tracker: Tracker, file: Path) -> None:
    file.unlink()


def another_attachment(tracker: Tracker, file: Path) -> None:
    file.write_text("another")


def linked_attachment(tracker: Tracker, file: Path) -> None:
    file.unlink()
    file.symlink_to("/etc/hostname")


def linked_folder(tracker: Tracker, file: Path) -> None:
    file.parent.rename(tracker.root.parent / "moved")
    file.parent.symlink_to(tracker.root.parent / "moved")


def hostile_name(tracker: Tracker, file: Path) -> None:
    """What it would lead to is just what it says was attached."""
    secret = (tracker.root / ".issuelog/config.yaml").read_bytes()
    report = tracker.path(file.parent.name)
    text = report.read_text().replace("file: a.log", "file: ../../.issuelog/config.yaml")
    text = text.replace(hashlib.sha256(b"x\n").hexdigest(), hashlib.sha256(secret).hexdigest())
    report.write_text(text.replace("bytes: 2\n", f"bytes: {len(secret)}\n"))


@pytest.mark.parametrize("spoil", [no_attachment, another_attachment, linked_attachment, linked_folder, hostile_name])
def test_an_attachment_that_is_not_what_was_attached_is_named(tracker: Tracker, tmp_path: Path, spoil: object) -> None:
    (tmp_path / "a.log").write_text("x\n")
    report = tracker.new("--attach", str(tmp_path / "a.log"))
    assert callable(spoil)
    spoil(tracker, tracker.root / "attachments" / report / "a.log")
    done = tracker.run("export", "jsonl")
    assert done.code == 6
    assert f"{report}.yaml:1:1: " in done.err
    assert "exported without it" in done.err
    assert "content" not in json.loads(done.out)["attachments"][0]


# --- CSV --------------------------------------------------------------------------------------------------------


def test_a_table_has_a_row_for_each_report(tmp_path: Path) -> None:
    life = lived(tmp_path, *CLOSABLE, CLOSE)
    text = life.tracker.ok("export", "csv")
    assert text.splitlines()[0] == ",".join(COLUMNS)
    (row,) = table(text)
    report = life.report
    assert row == {
        "id": life.id,
        "title": report["title"],
        "state": "closed",
        "severity": "S1",
        "customer": "Acme GmbH",
        "contact": "",
        "tier": "",
        "owner": "",
        "component": "",
        "labels": "",
        "channel": report["source"]["channel"],
        "received_at": report["source"]["received_at"],
        "updated_at": max(event["at"] for event in report["events"]),
        "external_ref": "",
        "product": "billing-web",
        "version": "8.10",
        "error_message": "EXPORT-507: worker terminated",
        "cause": "the worker keeps the file in memory",
        "kind": "code",
        "fixed_in": report["fix"].get("fixed_in", ""),
        "resolution": "fixed",
        "closed_at": report["closure"]["at"],
    }


RISKY = (
    *("=1+1", "+1", "-1", "@SUM(A1)", "|calc", "%x", "\t=1", "\tx", "\rx", " =1", "\n=1", "\u00a0=1", "\u2003@x"),
    *(f"{sign}1" for sign in "＝＋－＠｜％"),
    *(" ＝1", "\u3000=1"),
)


@pytest.mark.parametrize("text", RISKY)
def test_no_cell_is_a_formula(text: str) -> None:
    assert many._cell(text).startswith("'")


@given(st.text())
def test_whatever_a_cell_holds_it_is_inert_and_comes_back_from_the_table(text: str) -> None:
    cell = many._cell(text)
    assert not cell.lstrip()[:1] or cell.lstrip()[0] not in "=+-@|%\t\r＝＋－＠｜％"
    assert_inert(cell)
    assert list(csv.reader(io.StringIO(many._row([cell, "x"]), newline=""), strict=True)) == [[cell, "x"]]


@pytest.mark.parametrize("text", ["", "x", "a=b", "Export stops", "a\nb", "5-3", 'he said "no", twice'])
def test_what_is_no_formula_stays_as_it_is(text: str) -> None:
    assert many._cell(text) == text


def test_a_hostile_report_is_a_row_like_any_other(here: Pulled) -> None:
    text = here.tracker.ok("export", "csv")
    assert_inert(text.replace("\r\n", "\n"))
    rows = table(text)
    assert {row["id"] for row in rows} == {*here.ids}
    for row in rows:
        assert None not in row
        assert None not in row.values()


# --- Markdown ---------------------------------------------------------------------------------------------------


def outside_fences(text: str) -> list[str]:
    """Return the lines of a document that Markdown gives a meaning; every fence has to be closed."""
    found, fence = [], ""
    for line in text.split("\n"):
        mark = re.match(r"`{3,}", line)
        if fence:
            fence = "" if line.rstrip() == fence else fence
        elif mark:
            fence = mark[0]
        else:
            found.append(line)
    assert not fence
    return found


def test_a_document_says_what_happened_and_begins_with_its_contents(tmp_path: Path) -> None:
    life = lived(tmp_path, *CLOSABLE, CLOSE)
    second = life.tracker.new("--title", "Second *title*", story="two\nlines")
    text = life.tracker.ok("export", "markdown")
    lines = outside_fences(text)
    assert lines[0] == "# Reports"
    assert {line.split(":")[0] for line in lines[2:4]} == {f"* [{one}](#{one.lower()})" for one in (life.id, second)}
    assert [line for line in lines if line.startswith("# ")] == ["# Reports"]
    assert sorted(line for line in lines if line.startswith("## ")) == sorted([f"## {life.id}", f"## {second}"])
    for title in ("Story", "Intake", "Messages", "Diagnosis", "Fix", "RCA"):
        assert f"### {title}" in lines
    assert "I press export and the bar stops\n" in text
    assert "* cause: the worker keeps the file in memory" in lines
    assert "two\nlines\n" in text
    assert r"Second \*title\*" in text
    for message in life.report["messages"]:
        assert message["text"].strip() in text


@given(st.text(st.sampled_from("`~\n\r<>&!-#*_[]() |x\u2028\\\t"), max_size=60))
def test_nothing_breaks_out_of_its_fence_or_its_line(text: str) -> None:
    assert outside_fences(f"a\n{markdown.fenced(text)}b") == ["a", "b"]
    line = markdown.inline(text)
    assert "\n" not in line
    assert not re.search(r"<[a-zA-Z/!?]", line)
    assert not re.search(r"(?<!\\)(?:\\\\)*[`\[\]|~]", line)


def test_hostile_text_in_every_field_breaks_out_of_nothing(here: Pulled) -> None:
    text = here.tracker.ok("export", "markdown")
    assert_inert(text)
    outside = "\n".join(outside_fences(text))
    assert not re.search(r"^\s*>|<[a-zA-Z/!?]", re.sub("`[^`\n]*`", "", outside), re.MULTILINE)
    headings = [line for line in outside.split("\n") if re.match(r"\s*#", line)]
    known = re.compile(r"# Reports|## [A-Z]+-\d{6}-\w{4}|### [A-Z]\w+|#### .*")
    assert [line for line in headings if not known.fullmatch(line)] == []
    assert r"\[red\]" in outside
    assert LINE not in text
    assert TEXT not in text


def test_html_means_nothing(tracker: Tracker) -> None:
    hostile = "<script>alert(1)</script> <img src=x onerror=alert(1)> &lt; [x](javascript:alert(1)) ![](http://x)"
    tracker.new("--title", hostile, "--component", hostile, "--expected", f"a\n{hostile}")
    lines = [re.sub("`[^`]*`", "", line) for line in outside_fences(tracker.ok("export", "markdown"))]
    assert not any("<" in line or re.search(r"(?<!\\)\]\((java|http)", line) for line in lines)
    assert any("&lt;script>alert(1)" in line for line in lines)
