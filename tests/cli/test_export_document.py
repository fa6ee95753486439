"""`export ID`: the document that a team works from, in which nothing that anybody wrote is lost or acts as markup."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from hostile.made import Pulled, place, plain_report, pulled
from hostile.payloads import LINE, TEXT, assert_ascii, assert_inert
from issuelog.exporting.documents import FORMS
from issuelog.model import html, markdown
from issuelog.model.paper import Facts, Grid, Link, Paper, Part, Steps, Todo, Verbatim, Words
from issuelog.model.report import Report, seal
from issuelog.model.schema import schema_of
from issuelog.model.text import one_line, visible
from issuelog.store.reports import new_text
from support.cli import Tracker
from support.lives import CLOSABLE, Life, lived
from support.terminal import Terminal

PARSER = MarkdownIt("gfm-like", {"linkify": False})
READ = ("md", "html")
"""The forms of the whole document that a person reads."""
ID = "CR-261116-0001"
AT = "2026-11-16T08:00:00Z"


class Page(HTMLParser):
    """What a browser makes of a file: its tags, and its words without the style."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.said: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []
        self.words = " ".join("".join(self.said).split())

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in {"meta", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.said.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


def words_of(tokens: Sequence[Token]) -> str:
    return " ".join(
        f"{token.content if not token.children else ''} {words_of(token.children or ())}" for token in tokens
    )


def read(text: str, form: str) -> str:
    """Return the words of a document as a reader sees them, white space evened out."""
    if form.endswith("html"):
        return Page(text).words
    return " ".join(words_of(PARSER.parse(text)).split())


def headings(text: str) -> list[str]:
    tokens = PARSER.parse(text)
    return [inline.content.replace("\\", "") for mark, inline in pairwise(tokens) if mark.type == "heading_open"]


@pytest.fixture
def life(tmp_path: Path) -> Life:
    """A report that went through nearly everything."""
    return lived(tmp_path, *CLOSABLE)


@pytest.fixture
def here(tmp_path: Path) -> Pulled:
    return pulled(tmp_path)


# --- What is in it ----------------------------------------------------------------------------------------------


def marked(schema: dict[str, Any], definitions: dict[str, Any], path: str, marks: dict[str, str]) -> Any:
    """Return a value of a schema in which each free text names its place; `marks` gets all of them."""
    if "$ref" in schema:
        return marked(definitions[schema["$ref"].rpartition("/")[2]], definitions, path, marks)
    if "anyOf" in schema:
        return marked(schema["anyOf"][0], definitions, path, marks)
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("format") == "date-time":
        return AT
    kind = schema["type"]
    if kind == "object":
        known = {
            name: marked(part, definitions, f"{path}.{name}", marks)
            for name, part in schema.get("properties", {}).items()
        }
        if schema.get("additionalProperties") not in (None, False):
            known["beyond"] = marks.setdefault(f"{path}.beyond", f"mark{len(marks)}mark")
        return known
    if kind == "array":
        return [marked(schema["items"], definitions, path, marks)]
    if kind != "string":
        return {"integer": 3, "boolean": True, "number": 3}[kind]
    if schema.get("pattern") not in (None, r"^[^\r\n]*$") or "minLength" not in schema:
        return TYPED.get(path.rpartition(".")[2], "X1")
    return marks.setdefault(path, f"mark{len(marks)}mark")


TYPED = {
    **{"id": "X1", "story_sha256": "0" * 64, "story_redacted_sha256": "0" * 64, "sha256": "0" * 64},
    **{"original_sha256": "0" * 64, "duplicate_of": ID, "recurrence_of": ID, "also_known_as": ID},
    **{"amount": "1.00", "currency": "EUR", "upto": f"7:{'0' * 64}", "score": "3"},
    **{"revision": "0" * 40, "before": "0" * 40, "after": "0" * 40, "first_bad_commit": "0" * 40},
}


@pytest.fixture
def filled(tracker: Tracker) -> tuple[Tracker, dict[str, str]]:
    """A tracker with a report that has every field there is, with a text in each that stands nowhere else."""
    schema = schema_of("report")
    marks: dict[str, str] = {}
    data = marked(schema, schema["$defs"], "", marks)
    head = {"schema": 1, "id": ID, "state": "resolved", "severity": "S1", "also_known_as": ["CR-261116-0002"]}
    data |= head | {"story_sha256": seal(data["story"]), "story_redacted_sha256": seal(data["story"])}
    del marks[".events.id"]
    data["events"][0] |= {"from": None, "to": "new", "id": "01JCT0T5M3E9Q2W4R6T8Y0V1J3"}
    place(tracker, ID, new_text(Report.model_validate(data)))
    return tracker, marks


@pytest.mark.parametrize("form", [*READ, "json"])
def test_no_field_of_a_report_is_lost(filled: tuple[Tracker, dict[str, str]], form: str) -> None:
    tracker, marks = filled
    text = tracker.ok("export", ID, "--format", form)
    assert len(marks) > 100
    said = read(text, form) if form in READ else text
    assert [path for path, mark in marks.items() if mark not in said] == []


def test_it_says_what_happened_in_the_order_in_which_it_is_read(life: Life) -> None:
    text = life.ok("export ID")
    assert headings(text)[0] == life.id
    assert [one for one in headings(text) if one in PARTS] == PARTS
    said = read(text, "md")
    for words in (
        "I press export and the bar stops",
        "the customer told of the fix (message: M2) reproduced → resolved",
        "R1: reproduced, 5 of 5 runs, sandbox",
        "the worker keeps the file in memory",
        "git:4f9e2c1",
        "redeploy 8.10.2",
        "no test exported more than 200 lines the fixtures",
        "a nightly export of 10,000 lines",
        "the first answer",
    ):
        assert words in said, words
    for message in life.report["messages"]:
        assert message["text"].strip() in text


PARTS = [
    *("What the customer said", "What we know from the customer", "Timeline", "Attempts to reproduce", "Diagnosis"),
    *("Fix", "Messages", "Verification", "Compensation", "Root cause analysis", "Clocks", "Still missing", "History"),
]


def test_what_is_empty_is_left_out_and_what_is_missing_is_named_with_its_command(tracker: Tracker) -> None:
    report = tracker.new("--severity", "S1")
    text = tracker.ok("export", report)
    assert not {"Fix", "Messages", "Escalations", "Root cause analysis", "Attachments"} & {*headings(text)}
    for command in (
        f"issuelog acknowledge {report}",
        f"issuelog ask {report} --missing",
        f"issuelog diagnose {report} --cause TEXT --kind code",
        f"issuelog compensate {report} --decision none --because TEXT",
        f"issuelog rca start {report}",
    ):
        assert f"`{command}`" in text, command


def test_of_what_is_done_nothing_is_missing(tmp_path: Path) -> None:
    life = lived(tmp_path, *CLOSABLE, "close ID --known-error none")
    known = json.loads(life.ok("export ID --format json"))
    assert [fact["for"] for fact in known["missing"]] == ["prevention"]
    life.ok("actions done ID A1 --evidence 'it is green'")
    assert "Still missing" not in headings(life.ok("export ID"))


def test_times_are_in_the_zone_of_the_tracker(tracker: Tracker) -> None:
    config = tracker.root / ".issuelog/config.yaml"
    config.write_text(f"{config.read_text()}\ncalendars:\n  business:\n    timezone: Europe/Berlin\n")
    report = tracker.new("--at", "2026-07-01T10:00Z")
    assert "2026-07-01 12:00 CEST" in read(tracker.ok("export", report), "md")


def test_clocks_say_met_and_missed_and_only_a_given_time_makes_one_overdue(tracker: Tracker) -> None:
    report = tracker.new("--severity", "S1", "--at", "2026-07-01T10:00Z")
    rows = {clock["clock"]: clock for clock in json.loads(tracker.ok("export", report, "--json"))["clocks"]}
    assert rows["acknowledge"]["outcome"] == "running"
    later = json.loads(tracker.ok("export", report, "--json", "--at", "2026-07-02T10:00Z"))
    assert later["as_of"] == "2026-07-02T10:00:00Z"
    assert {clock["clock"]: clock["outcome"] for clock in later["clocks"]}["acknowledge"] == "overdue"
    tracker.ok("acknowledge", report, "--at", "2026-07-01T10:20Z")
    assert "the first answer 2026-07-01 10:00 UTC 2026-07-01 10:15 UTC 2026-07-01 10:20 UTC missed" in read(
        tracker.ok("export", report), "md"
    )


def test_what_was_entered_later_than_it_says_has_the_time_of_its_entry(tracker: Tracker) -> None:
    report = tracker.new("--at", "3h ago")
    tracker.ok("note", report, "seen")
    new, note = json.loads(tracker.ok("export", report, "--json"))["timeline"]
    assert new["at"] < new["recorded_at"]
    assert note["recorded_at"] is None
    row = next(one for one in tracker.ok("export", report).splitlines() if "| recorded |" in one)
    assert row.endswith(f"| {new['recorded_at'].replace('T', ' ')[:16]} UTC |")


def test_show_says_at_a_terminal_what_happened_in_the_words_of_the_document(
    life: Life, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.setenv("PAGER", "cat")
    code, shown = Terminal.start(life.tracker, "show", life.id, "--color", "never").ended()
    assert code == 0
    told = json.loads(life.ok("export ID --json"))["timeline"]
    assert [row["words"] for row in told if row["words"] not in shown] == []
    assert "recorded; entered 2 d " in shown


def test_json_is_the_report_and_what_follows_from_it(life: Life) -> None:
    text = life.ok("export ID --format json")
    assert_ascii(text)
    known = json.loads(text)
    assert known["report"] == life.report
    assert known["next"] == {key: life.tracker.json("next", life.id)[key] for key in ("command", "why")}
    commits = [{key: row[key] for key in row if key != "code"} for row in life.tracker.json("log", life.id)]
    assert known["history"] == commits[::-1]
    assert [row["action"] for row in known["timeline"]] == [event["action"] for event in life.report["events"]]
    explained = life.tracker.json("sla", "explain", life.id)["clocks"]
    assert [(one["clock"], one["due_at"]) for one in known["clocks"]] == [
        (one["clock"], one["due_at"]) for one in explained
    ]
    assert json.loads(life.ok("export ID --json")) == known


@pytest.mark.parametrize("form", FORMS)
def test_the_same_files_make_the_same_bytes(life: Life, form: str) -> None:
    assert life.ok("export ID --format", form) == life.ok("export ID --format", form)


# --- 8D ---------------------------------------------------------------------------------------------------------


def eight(text: str) -> dict[str, str]:
    """Return what stands in each discipline, by its number."""
    return {one[:2]: one for one in re.split(r"^## (?=D\d)", text, flags=re.MULTILINE)[1:]}


def test_an_8d_report_has_its_disciplines_each_with_what_belongs_to_it(tmp_path: Path) -> None:
    life = lived(tmp_path, *CLOSABLE)
    life.ok("escalate ID --to vendor --party Initech --reason 'their driver' --due 2d")
    life.ok("rca factor ID 'the week of the move'")
    found = eight(life.ok("export ID --format 8d"))
    assert [*found] == ["D1", "D2", "D3", "D4", "D5", "D6", "D7", "D8"]
    for number, words in {
        "D1": ("Li Wei", "Initech"),
        "D2": ("I press export and the bar stops", "Press Export", "EXPORT-507", "The month-end run is blocked"),
        "D3": (f"issuelog workaround {life.id} TEXT",),
        "D4": ("the worker keeps the file in memory", "the fixtures", "the week of the move"),
        "D5": ("the file is written line by line", "an invoice of 5,000 lines", "redeploy 8.10.2"),
        "D6": ("8.10.3", "confirmed"),
        "D7": ("a nightly export of 10,000 lines", "it is green"),
        "D8": (f"issuelog next {life.id}",),
    }.items():
        for word in words:
            assert word in found[number].replace("\\", ""), (number, word)
    page = Page(life.ok("export ID --format 8d-html"))
    assert page.words.index("D1: The team") < page.words.index("D8: How it ended")


def test_a_discipline_of_which_nothing_is_known_names_the_command_that_helps(tracker: Tracker) -> None:
    report = tracker.new()
    found = eight(tracker.ok("export", report, "--format", "8d"))
    for number, command in (("D4", "diagnose"), ("D5", "fix"), ("D6", "deploy"), ("D7", "rca action"), ("D8", "next")):
        assert f"`issuelog {command} {report}" in found[number]


# --- How it is asked for ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "begins"), [("a.html", "<!DOCTYPE html>"), ("a.json", "{"), ("a.md", "# "), ("a.txt", "# ")]
)
def test_the_ending_of_a_file_says_what_it_is_to_be(life: Life, tmp_path: Path, name: str, begins: str) -> None:
    assert life.ok("export ID --out", str(tmp_path / name)) == ""
    assert (tmp_path / name).read_text().startswith(begins)
    life.ok("export ID --format json --out", str(tmp_path / name))
    json.loads((tmp_path / name).read_text())


def test_many_reports_are_one_document_with_a_table_of_contents_or_a_line_of_json_each(tracker: Tracker) -> None:
    ids = [tracker.new("--title", f"Error {number}") for number in range(3)]
    text = tracker.ok("export", "-", stdin="\n".join([*ids, ids[0]]))
    assert [one for one in headings(text) if one in ids] == ids
    assert re.findall(r"^\* \[(.*?)\]\(#(.*?)\)", text, re.MULTILINE) == [(one, one.lower()) for one in ids]
    page = Page(tracker.ok("export", "-", "--format", "html", stdin="\n".join(ids)))
    anchors = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(anchors) == len({*anchors})
    assert {str(attrs["href"]) for attrs in page.all("a")} == {f"#{anchor}" for anchor in anchors}
    lines = tracker.ok("export", "-", "--json", stdin="\n".join(ids)).splitlines()
    assert [json.loads(line)["id"] for line in lines] == ids
    assert tracker.ok("export", "-", "--json", stdin="") == ""


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        ("export ID --format pdf", 2, "md, html, json, 8d, 8d-html"),
        ("export ID --format md --json", 2, "exclude each other"),
        ("export ID is:open", 2, "of one report"),
        ("export CR-000000-0000", 4, "CR-000000-0000"),
        ("export csv --format html", 4, "csv"),
        ("export xlsx", 2, "jsonl, csv, markdown"),
    ],
)
def test_what_cannot_be_meant_is_told(life: Life, words: str, code: int, says: str) -> None:
    done = life.run(words)
    assert (done.code, done.out) == (code, "")
    assert says in done.err


def test_one_that_cannot_be_read_leaves_the_file_as_it_was_and_of_many_the_others_are_written(
    tracker: Tracker, tmp_path: Path
) -> None:
    bad, good = tracker.new(), tracker.new()
    tracker.path(bad).write_text("story: [\n")
    out = tmp_path / "out.md"
    out.write_text("before")
    assert tracker.run("export", bad, "--out", str(out)).code == 6
    assert out.read_text() == "before"
    done = tracker.run("export", "-", "--out", str(out), stdin=f"{bad}\n{good}\n")
    assert done.code == 6
    assert f"{bad}.yaml:" in done.err
    assert f"# {good}" in out.read_text()


def test_a_dry_run_writes_nothing(life: Life, tmp_path: Path) -> None:
    life.ok("export ID -n --out", str(tmp_path / "out.html"))
    assert not (tmp_path / "out.html").exists()


# --- For other eyes ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS)
def test_without_the_customer_nothing_tells_who_it_is(tracker: Tracker, tmp_path: Path, form: str) -> None:
    (tmp_path / "acme-invoice.log").write_text("x\n")
    report = tracker.ok(
        *("new", "-q", "--title", "Export stops at Acme", "--customer", "Acme GmbH", "--severity", "S1"),
        *("--contact", "Jo Miller <jo.miller@acme-works.example>", "--attach", str(tmp_path / "acme-invoice.log")),
        *("--story", "Jo Miller here of ACME GMBH, call +49 30 1234567 or mail me@elsewhere.example"),
    ).strip()
    tracker.ok("acknowledge", report)
    tracker.ok("received", report, "--kind", "other", "It is worse. Miller")
    tracker.ok("compensate", report, "--decision", "offered", "--kind", "credit-note", "--approved-by", "Kim")
    whole = tracker.ok("export", report, "--format", form)
    told = tracker.ok("export", report, "--format", form, "--without-customer")
    for words in ("acme", "miller", "1234567", "elsewhere", "credit-note", "compensat"):
        assert words not in told.lower(), words
    if not form.startswith("8d"):
        assert "credit-note" in whole.replace("\\", "")
    assert "the customer" in told


@pytest.mark.parametrize("form", ["md", "html", "8d", "8d-html"])
def test_an_analysis_without_the_customer_says_so_and_tells_nothing_of_them(life: Life, form: str) -> None:
    life.ok("set ID", "customer.name=Acme GmbH", "customer.contact=Jo Miller <jo@acme-works.example>")
    life.ok("rca factor ID 'Jo Miller called from +49 30 1234567, see jo@acme-works.example'")
    assert "Miller" in life.ok("rca show ID --format", form)
    told = life.ok("rca show ID --without-customer --format", form)
    assert not [words for words in ("acme", "miller", "1234567") if words in told.lower()]
    assert "The customer is left out" in told


def test_the_file_s_own_words_are_not_refused_a_customer_by_halves(life: Life) -> None:
    for line in ("rca show ID --without-customer", "rca show ID --without-customer --json"):
        done = life.run(line)
        assert (done.code, done.out) == (2, "")
        assert "--without-customer is for documents, and --format yaml is what the file says" in done.err
        assert "--format md|html|8d|8d-html" in done.err


def test_a_company_that_writes_by_its_own_name_hides_no_other_company(tracker: Tracker) -> None:
    report = tracker.new("--customer", "Acme GmbH")
    tracker.ok("received", report, "--kind", "other", "It is worse.")
    tracker.ok("note", report, "Initech GmbH looks into it for Acme")
    assert "Initech GmbH looks into it for [the customer]" in read(
        tracker.ok("export", report, "--without-customer"), "md"
    )


# --- Files ------------------------------------------------------------------------------------------------------


@pytest.fixture
def attached(tracker: Tracker, tmp_path: Path) -> tuple[Tracker, str]:
    for name in ("a b.log", "page.html", "drawn.SVG"):
        (tmp_path / name).write_text("x\n")
    return tracker, tracker.new(*(word for name in sorted(tmp_path.glob("*.*")) for word in ("--attach", str(name))))


def test_attachments_are_linked_where_the_document_lies_beside_them(attached: tuple[Tracker, str]) -> None:
    tracker, report = attached
    (tracker.root / "docs/more").mkdir(parents=True)
    tracker.ok("export", report, "--out", str(tracker.root / "docs/more/report.html"))
    text = (tracker.root / "docs/more/report.html").read_text()
    links = [str(attrs["href"]) for attrs in Page(text).all("a") if not str(attrs["href"]).startswith("#")]
    assert links == [f"../../attachments/{report}/a_b.log"]
    assert (tracker.root / "docs/more" / links[0]).is_file()
    assert f"(<attachments/{report}/a_b.log>)" in tracker.ok("export", report)
    assert "page.html" in text


def test_elsewhere_nothing_tells_how_folders_are_called(attached: tuple[Tracker, str], tmp_path: Path) -> None:
    tracker, report = attached
    tracker.ok("export", report, "--out", str(tmp_path / "report.html"))
    text = (tmp_path / "report.html").read_text()
    assert "a_b.log" in text
    assert "attachments/" not in text
    assert str(tmp_path) not in text


@pytest.mark.parametrize("name", ["../../x.log", "javascript:alert(1)", "a>b(.log", ".hidden", "x.log?y", "%2e%2e"])
@pytest.mark.parametrize("form", READ)
def test_a_name_that_is_none_of_a_file_is_no_link(tracker: Tracker, name: str, form: str) -> None:
    item = {"id": "A1", "file": name, "kind": "log", "sha256": "0" * 64, "bytes": 1}
    place(tracker, ID, plain_report(attachments=[item]))
    text = tracker.ok("export", ID, "--format", form)
    assert name in read(text, form)
    links = re.findall(r"\]\(<?([^#>)]*)", text) if form == "md" else [one["href"] for one in Page(text).all("a")]
    assert [link for link in links if not str(link).startswith("#")] == []


# --- Nothing acts as markup -------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS)
def test_hostile_text_in_every_field_is_shown_and_does_nothing(here: Pulled, form: str) -> None:
    text = here.tracker.ok("export", here.id, "--format", form)
    assert_inert(text)
    assert LINE not in text
    assert TEXT not in text
    if form == "json":
        assert_ascii(text)
    elif form.endswith("html"):
        page = Page(text)
        assert {tag for tag, _ in page.tags} <= TAGS
        assert [attrs for _, attrs in page.tags if any(name.startswith("on") or name == "src" for name in attrs)] == []
    else:
        kinds = {token.type for token in every(PARSER.parse(text))}
        assert not kinds & {"html_block", "html_inline", "image", "blockquote_open", "hr", "code_block"}


def every(tokens: Sequence[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from every(token.children or ())


TAGS = {
    *(
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "article",
        "section",
        "nav",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
    ),
    *("p", "a", "ul", "ol", "li", "dl", "dt", "dd", "div", "table", "thead", "tbody", "tr", "th", "td", "pre"),
    *("code", "span", "br"),
}


def paper(text: str) -> Paper:
    line = Part(text, (Facts(((text, text),)), Grid((text,), ((text,), (Link(text, "a/b"),)))), ())
    long = Part("x", (Words(text), Verbatim(text), Steps((text,)), Todo(((text, text),))), (line,))
    return Paper(ID, text, (Words(text),), (line, long))


PIECES = st.text(st.sampled_from("`~\\*_[]()<>&|#!-+=\"'{}%$:;/. \n\tx1\r\x1b\u202e\u2028"), max_size=40)


def harmless(text: str) -> str:
    return "\n".join("w" if one_line(line) else "" for line in visible(text).split("\n"))


def shape(tokens: Sequence[Token]) -> list[tuple[str, str, object]]:
    """Return what a document is made of: everything but its words."""
    found: list[tuple[str, str, object]] = []
    for token in tokens:
        if token.type not in {"text", "text_special", "code_inline"}:
            found.append((token.type, token.tag, sorted(token.attrs.items())))
        found += shape(token.children or ())
    return found


@settings(max_examples=100)
@given(PIECES.filter(one_line))
def test_a_document_has_the_same_structure_whatever_the_words(text: str) -> None:
    made, plain = ("".join(markdown.written([paper(one)], "t")) for one in (text, harmless(text)))
    assert shape(PARSER.parse(made)) == shape(PARSER.parse(plain))
    mine, theirs = (Page("".join(html.written([paper(one)], one))) for one in (text, harmless(text)))
    assert [tag for tag, _ in mine.tags] == [tag for tag, _ in theirs.tags]
    assert " ".join(visible(text).split()) in mine.words


def test_the_page_needs_no_other_file_and_runs_nothing(life: Life) -> None:
    text = life.ok("export ID --format html")
    page = Page(text)
    (policy,) = [attrs["content"] for attrs in page.all("meta") if "http-equiv" in attrs]
    assert str(policy).startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in str(policy)
    assert not re.search(r"url\(|@import|https?:", text)
    assert {tag for tag, _ in page.tags} <= TAGS
    anchors = {attrs["id"] for _, attrs in page.tags if "id" in attrs}
    assert {str(attrs["href"]).removeprefix("#") for attrs in page.all("a")} <= anchors
    assert "prefers-color-scheme: dark" in text
    assert "@media print" in text


def test_the_style_is_the_one_that_the_policy_allows(life: Life) -> None:
    import base64
    import hashlib

    text = life.ok("export ID --format html")
    style = text[text.index("<style>") + 7 : text.index("</style>")]
    seal_of_style = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"sha256-{seal_of_style}" in text
