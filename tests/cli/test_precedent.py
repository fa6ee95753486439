"""Precedents: what was reported before that is like a report, and where it is shown unasked."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing
from itertools import permutations
from pathlib import Path
from string import ascii_lowercase
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hostile.payloads import INLINE, LINE, assert_ascii, assert_inert
from issuelog.model.signature import of_message
from store.naive import index_file, require_right
from support.cli import Done, Tracker
from support.known import KNOWN, put_known

WORDS = "EXPORT-507: worker terminated"
ERROR = f"--error-message={WORDS}"
OTHER_ERROR = "--error-message=PRINT-12: no such tray"
EXPORT = ("--title", "Export of long invoices stops", "Our invoices of 200 lines stop at half")
PRINTER = ("--title", "Printer draws nothing", "An empty sheet comes out")
LOGIN = ("--title", "Login fails after lunch", "My password seems wrong since noon")
SIGNATURE = str(of_message(WORDS))
SOLUTION = (
    *("--cause=no lines", "--kind=code", "--summary=it is written line by line", "--ref=git:4f9e2c1"),
    *("--tested-automated=an empty invoice", "--tested-manual=the steps of the customer", "--version=8.10.3"),
)


def new(tracker: Tracker, said: tuple[str, ...], *options: str) -> str:
    """Record a report with a title and a story, and return its id."""
    *title, story = said
    return tracker.new(*title, *options, story=story)


def hits(tracker: Tracker, *asked: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tracker.json("precedent", *asked)["hits"]
    return found


def refs(tracker: Tracker, *asked: str) -> list[str]:
    return [hit["ref"] for hit in hits(tracker, *asked)]


def is_same(hit: dict[str, Any]) -> bool:
    return "the same error signature" in hit["why"]


def solved(tracker: Tracker, *options: str) -> str:
    report = tracker.complete("--title", "Export stops", *options)
    tracker.ok("acknowledge", report)
    tracker.ok("reproduce", report, "--runs", "3", "--hits", "3")
    tracker.ok("resolve", report, *SOLUTION)
    return report


# --- What is found ----------------------------------------------------------------------------------------------


def test_what_is_like_it_is_found_with_the_reason(tracker: Tracker) -> None:
    old = new(tracker, EXPORT, "--component", "export", "--product", "billing-web")
    new(tracker, PRINTER)
    report = new(
        tracker,
        ("--title", "Export stops", "The export of invoices stops"),
        *("--component", "export", "--product", "Billing-Web"),
    )
    (hit,) = hits(tracker, report)
    assert hit.keys() == {"ref", "score", "why", "state", "solution", "title", "duplicate_of"}
    assert (hit["ref"], hit["state"], hit["solution"], hit["duplicate_of"]) == (old, "new", None, None)
    assert 0 < hit["score"] < 1
    words, *others = hit["why"]
    assert {"export", "stops", "invoices"} <= set(words.removeprefix("words: ").split(", "))
    assert others == ["component: export", "product: billing-web"]


def test_the_same_error_signature_comes_before_all_others(tracker: Tracker) -> None:
    same = new(tracker, PRINTER, ERROR)
    alike = new(tracker, EXPORT, OTHER_ERROR)
    report = new(tracker, EXPORT, "--error-message=EXPORT-507:  worker   terminated")
    first, second = hits(tracker, report)
    assert (first["ref"], second["ref"]) == (same, alike)
    assert (is_same(first), is_same(second)) == (True, False)
    assert first["score"] >= 0.8 > second["score"]


def test_reports_without_a_word_in_common_are_found_by_their_trace(tracker: Tracker) -> None:
    trace = 'Traceback (most recent call last):\n  File "/srv/a.py", line {}, in total\nZeroDivisionError: by zero'
    old = tracker.new("--title", "Abc", story=trace.format(12))
    tracker.new("--title", "Def", story="nothing of it")
    report = tracker.new("--title", "Xyz", story=f"it fails again\n\n{trace.format(14)}\n")
    assert refs(tracker, report)[0] == old
    assert sorted(refs(tracker, "--text", trace.format(99))[:2]) == sorted([old, report])


def test_the_same_signature_is_found_behind_more_words_than_are_looked_for(tracker: Tracker) -> None:
    stories = [" ".join(f"{first}{''.join(pair)}" for pair in permutations(ascii_lowercase, 2)) for first in "qz"]
    old, report = (tracker.new("--title", story[:3], ERROR, story=story) for story in stories)
    (hit,) = hits(tracker, report)
    assert (hit["ref"], is_same(hit)) == (old, True)


def test_a_word_that_everybody_says_tells_less_than_one_that_is_rare(tracker: Tracker) -> None:
    for number in range(5):
        tracker.new("--title", f"Page number{number} fails", story="It fails")
    rare = tracker.new("--title", "Zeppelin fails", story="It fails")
    assert refs(tracker, "--text", "the zeppelin fails")[0] == rare


def test_what_has_the_same_said_of_it_is_found_in_the_order_of_being_alike(tracker: Tracker) -> None:
    texts = [EXPORT, ("--title", "Export of invoices stops", "At half"), ("--title", "Long queue", "of the printer")]
    made = [new(tracker, text, "--received", "2026-11-16T08:00Z") for text in texts]
    found = refs(tracker, "--at", "2026-11-16T09:00Z", "--text", f"{EXPORT[1]}\n{EXPORT[2]}")
    assert found == made


def test_a_report_that_looks_the_same_is_said_once_and_is_never_itself(tracker: Tracker) -> None:
    made = [new(tracker, EXPORT, ERROR) for _ in range(4)]
    for report in made:
        assert sorted(refs(tracker, report)) == sorted({*made} - {report})


def test_a_solved_report_shows_its_solution(tracker: Tracker) -> None:
    old = solved(tracker)
    report = new(tracker, EXPORT, ERROR)
    (hit,) = hits(tracker, report)
    assert (hit["ref"], hit["state"]) == (old, "resolved")
    assert "it is written line by line" in hit["solution"]
    assert "8.10.3" in hit["solution"]


def test_a_duplicate_names_its_original_and_the_solution_of_that(tracker: Tracker) -> None:
    original = tracker.complete("--title", "Quarterly run")
    tracker.ok("acknowledge", original)
    tracker.ok("workaround", original, "Split it by week")
    double = new(tracker, LOGIN, OTHER_ERROR)
    tracker.ok("acknowledge", double)
    tracker.ok("duplicate", double, "--of", original)
    (hit,) = hits(tracker, new(tracker, LOGIN))
    assert (hit["ref"], hit["duplicate_of"]) == (double, original)
    assert "Split it by week" in hit["solution"]


def test_a_known_error_is_found_until_it_is_retired(tracker: Tracker) -> None:
    about: dict[str, Any] = {"title": EXPORT[1], "symptom": "the export stops", "solution": ["Restart the worker"]}
    put_known(tracker, **about, signature=[SIGNATURE])
    report = new(tracker, PRINTER, ERROR)
    (hit,) = hits(tracker, report)
    assert (hit["ref"], hit["state"], is_same(hit)) == (KNOWN, None, True)
    assert "Restart the worker" in hit["solution"]
    assert refs(tracker, "--text", "invoices") == [KNOWN]
    retired = {"at": "2026-11-16T08:00:00Z", "by": "rita", "because": "it is wrong"}
    put_known(tracker, **about, signature=[SIGNATURE], retired=retired)
    assert refs(tracker, report) == []
    assert refs(tracker, "--text", "invoices") == []


def test_what_those_with_the_same_error_mean_is_offered(tracker: Tracker) -> None:
    old = solved(tracker)
    report = new(tracker, LOGIN, ERROR, "--product", "billing-web", "--product-version", "8.11")
    found = tracker.json("precedent", report)
    (offer,) = found["offers"]
    assert (offer["ref"], offer["kind"], offer["fixed_in"]) == (old, "recurrence", "8.10.3")
    done = tracker.run("precedent", report)
    assert f"{offer['why']}\n  {offer['command']}" in done.err
    assert offer["command"].split()[0] == "issuelog"
    assert "it is back in 8.11" in done.err


# --- How it is asked --------------------------------------------------------------------------------------------


def test_a_pipe_has_a_line_for_each_hit(tracker: Tracker) -> None:
    old = new(tracker, EXPORT, ERROR)
    report = new(tracker, EXPORT, ERROR)
    (line,) = tracker.ok("precedent", report[-4:]).splitlines()
    ref, score, state, title, why, solution = line.split("\t")
    assert (ref, state, title, solution) == (old, "new", EXPORT[1], "")
    assert 0.8 <= float(score) <= 1
    assert why.startswith("the same error signature")
    assert tracker.ok("-q", "precedent", report) == f"{old}\n"
    assert tracker.ok("-q", "precedent", "--text", EXPORT[1]).splitlines() == refs(tracker, "--text", EXPORT[1])


def test_people_read_the_reason_and_what_helps_on_lines_of_their_own(tracker: Tracker) -> None:
    put_known(tracker, title=EXPORT[1], solution=["Restart the worker"], signature=[SIGNATURE])
    report, alone = new(tracker, LOGIN, ERROR), new(tracker, PRINTER)
    shown = tracker.ok("--color", "always", "precedent", report).splitlines()
    assert shown[0].startswith(f"{KNOWN}  ")
    assert shown[0].endswith(f"  known error  {EXPORT[1]}")
    assert shown[1].split("  ")[-1].startswith("the same error signature; words: ")
    assert shown[2].endswith("Restart the worker")
    assert tracker.ok("--color", "always", "precedent", alone) == "nothing like it was reported before\n"
    both = tracker.ok("--color", "always", "precedent", "-", stdin=f"{alone}\n{report}\n").splitlines()
    assert both == [f"{alone}: nothing like it was reported before", f"{report}:", *shown]


def test_many_are_answered_in_the_order_in_which_they_are_named(tracker: Tracker) -> None:
    made = [new(tracker, EXPORT, ERROR), new(tracker, PRINTER), new(tracker, EXPORT)]
    named = [made[1], made[2], made[0]]
    stdin = "".join(f"{one}\n" for one in named)
    lines = [json.loads(line) for line in tracker.ok("precedent", "-", "--ndjson", stdin=stdin).splitlines()]
    assert [line["id"] for line in lines] == named
    assert lines == [tracker.json("precedent", one) for one in named]
    assert json.loads(tracker.ok("--json", "precedent", "-", stdin=stdin)) == lines
    assert [len(line["hits"]) for line in lines] == [0, 1, 1]
    rows = [line.split("\t")[:2] for line in tracker.ok("precedent", "-", stdin=stdin).splitlines()]
    assert rows == [[line["id"], hit["ref"]] for line in lines for hit in line["hits"]]
    assert json.loads(tracker.ok("--json", "precedent", "-", stdin=f"{made[0]}\n")) == lines[2:]
    assert tracker.ok("--json", "precedent", "-") == "[]\n"
    assert tracker.ok("precedent", "-", "--ndjson") == ""
    assert tracker.ok("precedent", made[0], "--ndjson") == f"{json.dumps(lines[2])}\n"
    assert tracker.run("precedent", "-", stdin=f"{made[0]}\nZZZZ\n").code == 4


def test_there_are_at_most_as_many_as_asked_for(tracker: Tracker) -> None:
    made = [new(tracker, EXPORT, ERROR) for _ in range(12)]
    every = refs(tracker, made[0], "--limit", "50")
    assert len(every) == 11
    assert refs(tracker, made[0]) == every[:10]
    assert refs(tracker, made[0], "--limit", "3") == every[:3]
    assert tracker.run("precedent", made[0], "--limit", "0").code == 2


def test_what_is_as_like_stands_the_newest_first_whichever_file_was_read_last(tracker: Tracker) -> None:
    times = [f"2026-11-{day:02}T08:00Z" for day in (3, 1, 4, 2, 2, 2)]
    asked = new(tracker, PRINTER, ERROR)
    made = {new(tracker, EXPORT, ERROR, "--received", time): time for time in times}
    newest_first = sorted(made, key=lambda ref: (made[ref], ref), reverse=True)
    assert refs(tracker, asked) == newest_first
    for file in map(tracker.path, made):
        os.utime(file, ns=(0, 0))
        assert refs(tracker, asked) == newest_first
    index_file(tracker).unlink()
    assert refs(tracker, asked) == newest_first


def test_earlier_shows_nothing_that_was_received_later(tracker: Tracker) -> None:
    times = ["2026-11-01T08:00Z", "2026-11-02T08:00Z", "2026-11-03T08:00Z"]
    for title, error in ((EXPORT, ERROR), (PRINTER, OTHER_ERROR)):
        latest, first, middle = (new(tracker, title, error, "--received", times[n]) for n in (2, 0, 1))
        assert sorted(refs(tracker, middle)) == sorted([latest, first])
        assert refs(tracker, middle, "--earlier") == [first]
        assert refs(tracker, first, "--earlier") == []
    put_known(tracker, title=EXPORT[1], signature=[SIGNATURE])  # of the 16th
    assert KNOWN not in refs(tracker, "--text", EXPORT[1], "--earlier", "--at", "2026-11-10T08:00Z")
    assert KNOWN in refs(tracker, "--text", EXPORT[1], "--earlier", "--at", "2026-11-20T08:00Z")
    assert KNOWN in refs(tracker, "--text", EXPORT[1], "--at", "2026-11-10T08:00Z")


def test_a_text_may_be_given_in_each_way(tracker: Tracker, tmp_path: Path) -> None:
    old = new(tracker, EXPORT)
    text = f"{EXPORT[1]}\n\nand so on"
    path = tmp_path / "said.txt"
    path.write_text(text)
    at = ("--at", "2026-11-16T08:00Z")
    wanted = tracker.json(*at, "precedent", "--text", text)
    assert (wanted["id"], [hit["ref"] for hit in wanted["hits"]]) == (None, [old])
    for asked in (("--text", f"@{path}"), ("--file", str(path))):
        assert tracker.json(*at, "precedent", *asked) == wanted
    assert json.loads(tracker.ok(*at, "--json", "precedent", "--text", "-", stdin=text)) == wanted


def test_a_bare_message_is_a_signature(tracker: Tracker) -> None:
    old = new(tracker, PRINTER, ERROR)
    (hit,) = hits(tracker, "--text", WORDS)
    assert (hit["ref"], is_same(hit)) == (old, True)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", "name a report, or give --text or --file"),
        ("ID --text x", "only one of a report, --text and --file may be given"),
        ("ID --file FILE", "only one of a report, --text and --file may be given"),
        ("--text x --file FILE", "only one of a report, --text and --file may be given"),
        ("--text ''", "there is nothing to look for"),
        ("--text -", "there is nothing to look for"),
        ("--file FILE", "there is nothing to look for"),
        ("--file FOLDER", "is not a regular file"),
        ("--text @FOLDER", "is not a regular file"),
        ("--file LINK", "is a symbolic link"),
        ("ID --note x", "--reject REF"),
        ("--text x --reject ID", "--reject needs the report"),
        ("--file FILE --reject ID", "--reject needs the report"),
        ("ID --reject ID", "no precedent of itself"),
        ("--json --ndjson ID", "--ndjson and --json exclude each other"),
    ],
)
def test_what_makes_no_sense_is_told(tracker: Tracker, tmp_path: Path, line: str, words: str) -> None:
    report = new(tracker, EXPORT)
    (tmp_path / "empty").write_text(" \n")
    (tmp_path / "link").symlink_to("empty")
    before = tracker.fingerprint()
    typed = {"ID": report, "FILE": str(tmp_path / "empty"), "FOLDER": str(tmp_path), "''": ""}
    typed |= {"@FOLDER": f"@{tmp_path}", "LINK": str(tmp_path / "link")}
    done = tracker.run("precedent", *(typed.get(word, word) for word in line.split()))
    assert (done.code, done.out) == (2, "")
    assert words in done.err
    assert tracker.fingerprint() == before


def test_what_there_is_not_is_told(tracker: Tracker, tmp_path: Path) -> None:
    report = new(tracker, EXPORT)
    assert tracker.run("precedent", "ZZZZ").code == 4
    assert tracker.run("precedent", report, "--reject", "ZZZZ").code == 4
    assert tracker.run("precedent", "ZZZZ", "--reject", report).code == 4
    assert tracker.run("precedent", "--file", str(tmp_path / "none")).code == 2
    tracker.path(report).write_text("title: [\n")
    assert tracker.run("precedent", report).code == 6


def test_a_file_that_cannot_be_read_is_warned_of_and_the_others_are_searched(tracker: Tracker) -> None:
    old, broken = new(tracker, EXPORT), new(tracker, EXPORT)
    tracker.path(broken).write_text("title: [\n")
    done = tracker.run("--json", "precedent", "--text", EXPORT[1])
    assert [hit["ref"] for hit in done.json["hits"]] == [old]
    assert "not searched (issuelog check)" in done.err
    assert broken in done.err


# --- Texts of every kind ----------------------------------------------------------------------------------------


def test_an_empty_tracker_and_a_report_alone_have_none(tracker: Tracker) -> None:
    empty = tracker.run("precedent", "--text", "export stops")
    assert (empty.code, empty.out) == (0, "")
    report = new(tracker, EXPORT, ERROR)
    assert tracker.json("precedent", report) == {"id": report, "hits": [], "offers": []}
    assert (tracker.run("precedent", report).code, tracker.ok("precedent", report)) == (0, "")


@pytest.mark.parametrize("text", ["Export", "Übersicht", "数据导出失败", "Ошибка", "507", "Straße", "nœud"])
def test_a_report_of_one_word_is_found_by_it_whatever_the_script(tracker: Tracker, text: str) -> None:
    old = tracker.new("--title", text, story="x")
    new(tracker, PRINTER)
    report = tracker.new("--title", text, story="y")
    assert refs(tracker, report) == [old]
    assert sorted(refs(tracker, "--text", text.upper())) == sorted([old, report])


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Tracker:
    """A tracker to which nothing is done any more: made by the first test that asks it."""
    return Tracker(tmp_path_factory.mktemp("asked") / "repository")


def ask(asked: Tracker, text: str) -> Done:
    if not asked.root.exists():
        Tracker.make(asked.root)
        for said in (EXPORT, PRINTER, LOGIN, ("--title", 'AND "OR" near', "NOT everything is AND")):
            new(asked, said, ERROR)
    return asked.run("--json", "precedent", "--text", "-", stdin=text)


OPERATORS = ["AND", "OR", "NOT", "NEAR(export stops, 2)", "export*", "title:export", '"', '""', '"export', "-export"]
OPERATORS += ["^export", "{title} : export", "(", ")", "'", "''; DROP TABLE terms; --", "export + stops", "\\", "%_"]


@pytest.mark.parametrize(
    "text",
    [*OPERATORS, "!?.,;", "😀 👩‍👩‍👧", "\0", "exp\0ort stops\0", "\x1b[31m", LINE, "a", "_", "ﷺ ½ ㎏", "\ufeffexport"],
)
def test_no_text_is_taken_for_anything_but_words(asked: Tracker, text: str) -> None:
    done = ask(asked, text)
    assert done.code == 0, done.err
    assert all(0 <= hit["score"] <= 1 for hit in done.json["hits"])
    if "export" in text.lower():
        assert EXPORT[1] in [hit["title"] for hit in done.json["hits"]]


@settings(max_examples=40)
@given(st.text(min_size=1).filter(str.strip) | st.lists(st.sampled_from(OPERATORS)).map(" ".join).filter(str.strip))
def test_no_text_fails(asked: Tracker, text: str) -> None:
    assert ask(asked, text).code == 0


@pytest.mark.parametrize(
    "part", ["export stops ", "x", "Übersicht ", "aB", "数", "\0", '"', "EXPORT-507: worker terminated\n"]
)
def test_a_megabyte_is_searched_for_like_its_beginning(asked: Tracker, part: str) -> None:
    done = ask(asked, part * (1_000_000 // len(part.encode())))
    assert done.code == 0, done.err
    if part.startswith("export"):
        assert done.json["hits"][0]["title"] == EXPORT[1]


def test_more_than_a_report_may_hold_is_refused(tracker: Tracker, tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"x" * (64 << 20))
    done = tracker.run("precedent", "--file", str(path))
    assert done.code == 2
    path.write_bytes(b"\xff\xfeexport")
    assert tracker.run("precedent", "--file", str(path)).code == 2


def test_what_is_in_a_title_stays_text(tracker: Tracker) -> None:
    title = " ".join(payload.text for payload in INLINE)[:110]
    line = json.dumps({"title": title, "story": f"export {LINE}", "customer": "x", "external_ref": "1"})
    tracker.ok("import", "jsonl", "-", stdin=line + "\n")
    (old,) = (row["id"] for row in tracker.json("list"))
    text = LINE.replace("\0", "")
    put_known(tracker, title=text[:110], symptom="export", workaround=text, fixed_in=text, signature=[SIGNATURE])
    report = tracker.new(ERROR, "--product-version", "8.11 \x1b[2J", story=f"an export {text}")
    for typed in ("precedent", "--color always precedent", "acknowledge"):
        done = tracker.run(*typed.split(), report)
        assert done.code == 0
        assert KNOWN in done.err
        assert typed == "acknowledge" or (old in done.out and KNOWN in done.out)
        assert_inert(done.out)
        assert_inert(done.err)
    for option in ("--json", "--ndjson"):
        assert_ascii(tracker.ok("precedent", report, option))


# --- What is not the same ---------------------------------------------------------------------------------------


def test_what_was_rejected_is_not_shown_again(tracker: Tracker) -> None:
    wrong, right = new(tracker, EXPORT, ERROR), new(tracker, EXPORT, ERROR)
    report = new(tracker, EXPORT, ERROR)
    assert sorted(refs(tracker, report)) == sorted([wrong, right])
    commits = len(tracker.subjects())
    done = tracker.json("precedent", report, "--reject", wrong[-4:], "--note", "another box")
    assert (done["id"], done["action"], len(tracker.subjects())) == (report, "precedent reject", commits + 1)
    (item,) = tracker.show(report)["precedents"]["rejected"]
    assert (item["ref"], item["note"]) == (wrong, "another box")
    found = tracker.json("precedent", report, "--limit", "1")
    assert [hit["ref"] for hit in found["hits"]] == [right]
    assert wrong not in {offer["ref"] for offer in found["offers"]}
    assert wrong in refs(tracker, right)  # of another report nothing was said
    before = tracker.fingerprint()
    again = tracker.run("precedent", report, "--reject", wrong)
    assert (again.code, tracker.fingerprint()) == (0, before)
    assert "nothing to change" in again.err
    assert tracker.run("check").code == 0


def test_a_known_error_can_be_rejected(tracker: Tracker) -> None:
    put_known(tracker, title=EXPORT[1], signature=[SIGNATURE])
    report = new(tracker, EXPORT, ERROR)
    assert refs(tracker, report) == [KNOWN]
    tracker.ok("precedent", report, "--reject", KNOWN)
    assert tracker.json("precedent", report) == {"id": report, "hits": [], "offers": []}


def test_a_rejection_on_trial_changes_nothing(tracker: Tracker) -> None:
    wrong, report = new(tracker, EXPORT), new(tracker, EXPORT)
    before = tracker.fingerprint()
    shown = tracker.ok("precedent", report, "--reject", wrong, "-n")
    assert f"+      ref: {wrong}" in shown
    assert tracker.fingerprint() == before
    assert refs(tracker, report) == [wrong]


# --- Where it is shown unasked ----------------------------------------------------------------------------------


def test_a_new_report_is_told_what_is_like_it_beside_its_answer(tracker: Tracker) -> None:
    old = new(tracker, EXPORT, ERROR, "--received", "2h ago")
    tracker.ok("acknowledge", old)
    tracker.ok("workaround", old, "Split it by week")
    asked = ("new", "--story", EXPORT[2], "--title", "It stops", ERROR, "--customer", "Acme")
    done = tracker.run(*asked)
    (line,) = done.out.splitlines()
    report, action, *_, commit = line.split("\t")
    assert (action, commit) == ("new", tracker.git("rev-parse", "HEAD").strip())
    assert old in done.err
    assert done.err.splitlines()[-1].startswith(f"next: issuelog acknowledge {report}")
    found = tracker.json(*asked)
    assert {hit["ref"] for hit in found["precedents"]} == {old, report}
    assert found["precedents"] == tracker.json("precedent", found["id"])["hits"]
    assert found["offers"] == tracker.json("precedent", found["id"])["offers"] != []


def test_a_first_answer_is_told_what_is_like_it(tracker: Tracker) -> None:
    old = new(tracker, EXPORT, ERROR)
    made = [new(tracker, LOGIN, ERROR), new(tracker, PRINTER)]
    done = tracker.run("-n", "acknowledge", made[0])
    assert (done.code, old in done.out + done.err) == (0, False)
    both = tracker.run("--json", "acknowledge", "-", stdin="".join(f"{one}\n" for one in made))
    assert [[hit["ref"] for hit in one["precedents"]] for one in both.json] == [[old], []]
    done = tracker.run("acknowledge", old)
    assert f"like {made[0]}: {LOGIN[1]} (acknowledged, " in done.err or f"{made[0]} has the same error" in done.err
    assert made[0] not in done.out
    assert made[1] not in done.out + done.err


def test_with_quiet_nothing_is_said_and_nothing_looked_up(tracker: Tracker, monkeypatch: pytest.MonkeyPatch) -> None:
    new(tracker, EXPORT, ERROR)
    report = new(tracker, EXPORT, ERROR)
    monkeypatch.setattr("issuelog.precedent.finding.Past.find", None)
    for asked in (("acknowledge", report), ("new", "--story", "x", "--customer", "A", ERROR)):
        done = tracker.run("-q", *asked)
        assert (done.code, done.err) == (0, "")
        assert len(done.out.splitlines()) == 1


def test_a_trial_looks_nothing_up(tracker: Tracker) -> None:
    old = new(tracker, EXPORT, ERROR)
    done = tracker.run("-n", "new", "--story", EXPORT[2], ERROR, "--customer", "Acme")
    assert (done.code, old in done.err + done.out) == (0, False)


def test_where_nothing_is_like_it_nothing_is_said(tracker: Tracker) -> None:
    new(tracker, EXPORT, ERROR)
    done = tracker.run("new", "--title", PRINTER[1], "--story", PRINTER[2], "--customer", "Acme")
    assert [line.split(":")[0] for line in done.err.splitlines()] == ["next"]
    found = tracker.json("new", "--title", "Zeppelin", "--story", "drawn", "--customer", "Acme", OTHER_ERROR)
    assert found["offers"] == []


def test_what_is_hardly_like_it_is_only_found_by_who_asks(tracker: Tracker, monkeypatch: pytest.MonkeyPatch) -> None:
    same, alike = new(tracker, PRINTER, ERROR), new(tracker, EXPORT)
    monkeypatch.setattr("issuelog.precedent.finding.GOOD_ENOUGH", 1.0)
    found = tracker.json("new", *EXPORT[:2], ERROR, "--story", EXPORT[2], "--customer", "Acme")
    assert [hit["ref"] for hit in found["precedents"]] == [same]
    assert refs(tracker, found["id"]) == [same, alike]


def lines(count: int) -> str:
    return "".join(
        json.dumps(
            {"title": "It stops", "story": "s", "customer": "A", "external_ref": f"T-{n}", "error_message": WORDS}
        )
        + "\n"
        for n in range(count)
    )


def test_an_import_of_few_tells_what_is_like_them(tracker: Tracker) -> None:
    old = new(tracker, EXPORT, ERROR)
    done = tracker.run("import", "jsonl", "-", stdin=lines(1))
    assert (done.code, len(done.out.splitlines())) == (0, 1)
    assert old in done.err
    assert old not in done.out


@pytest.mark.parametrize(("count", "options"), [(11, ()), (1, ("-q",)), (1, ("-n",))])
def test_an_import_of_many_or_in_silence_looks_nothing_up(
    tracker: Tracker, monkeypatch: pytest.MonkeyPatch, count: int, options: tuple[str, ...]
) -> None:
    old = new(tracker, EXPORT, ERROR)
    monkeypatch.setattr("issuelog.precedent.finding.Past.find", None)
    done = tracker.run(*options, "import", "jsonl", "-", stdin=lines(count))
    assert (done.code, len(done.out.splitlines())) == (0, count)
    assert old not in done.err


# --- The index --------------------------------------------------------------------------------------------------


def outcomes(tracker: Tracker) -> list[tuple[str, str, str]]:
    """Return what became of what in which report, as the index has it, which is that of all files."""
    require_right(tracker)
    sql = "SELECT report.id, outcome.ref, outcome FROM outcome JOIN report USING (number) ORDER BY outcome.rowid"
    with closing(sqlite3.connect(index_file(tracker))) as connection:
        return connection.execute(sql).fetchall()


def test_however_it_came_about_the_index_has_what_is_in_the_files(tracker: Tracker) -> None:
    original = new(tracker, EXPORT, ERROR)
    report = new(tracker, PRINTER, OTHER_ERROR)
    known = put_known(tracker, title="camel", signature=[SIGNATURE])
    assert outcomes(tracker) == []
    tracker.ok("precedent", report, "--reject", original)
    tracker.ok("acknowledge", report)
    tracker.ok("precedent", report, "--reject", KNOWN)
    assert outcomes(tracker) == [(report, original, "rejected"), (report, KNOWN, "rejected")]
    tracker.ok("duplicate", report, "--of", original)
    assert outcomes(tracker)[2:] == [(report, original, "duplicate")]
    put_known(tracker, title="camel", retired={"at": "2026-11-16T08:00:00Z", "by": "rita", "because": "wrong"})
    assert len(outcomes(tracker)) == 3
    tracker.path(report).unlink()
    known.unlink()
    assert outcomes(tracker) == []


def test_an_edit_by_hand_is_seen(tracker: Tracker) -> None:
    report = new(tracker, ("--title", "camel", "rides"), ERROR)
    assert refs(tracker, "--text", "camel") == [report]
    path = tracker.path(report)
    path.write_text(path.read_text().replace("camel", "elephant").replace("EXPORT-507", "EXPORT-508"))
    assert refs(tracker, "--text", "camel") == []
    assert refs(tracker, "--text", "elephant") == [report]
    assert [is_same(hit) for hit in hits(tracker, "--text", WORDS.replace("507", "508"))] == [True]
    assert [is_same(hit) for hit in hits(tracker, "--text", WORDS)] == [False]
    path.unlink()
    assert refs(tracker, "--text", "elephant") == []


@pytest.mark.parametrize("value", ["NULL", "x'ff'", "'{'", "CAST(x'ff' AS TEXT)"])
@pytest.mark.parametrize("column", ["compared.day", "compared.components", "terms.title", "terms.body", "report.item"])
def test_a_row_that_is_damaged_is_no_bug(tracker: Tracker, column: str, value: str) -> None:
    old = new(tracker, EXPORT, ERROR, "--component", "export")
    said = refs(tracker, "--text", EXPORT[1])
    assert said == [old]
    table, _, name = column.partition(".")
    with closing(sqlite3.connect(index_file(tracker))) as connection:
        connection.execute(f"UPDATE {table} SET {name} = {value}")
        connection.commit()
    done = tracker.run("precedent", "--text", EXPORT[1])
    assert (done.code, "bug" in done.err) == (0, False), done.err
