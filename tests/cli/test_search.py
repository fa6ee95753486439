"""`search`: every text is found, where it stands, and nothing else; what is typed is words and no operators."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unicodedata import normalize

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hostile.made import place as placed
from issuelog.model.report import Report, seal
from issuelog.model.text import fold
from issuelog.store.passages import passages
from issuelog.store.reports import new_text
from issuelog.store.yamlfile import parse
from support.cli import Done, Tracker
from support.known import KNOWN, put_known

AT = "2026-11-16T08:00:00Z"
ID = "CR-261116-0001"
EVENT = "01KA5V2W00AAAAAAAAAAAAAAAA"

BARE: dict[str, Any] = {
    "schema": 1,
    "id": ID,
    "title": "filler",
    "state": "acknowledged",
    "severity": "S2",
    "waiting_on": "vendor",
    "source": {"channel": "monitoring", "received_at": AT, "recorded_at": AT, "recorded_by": "rita"},
    "story": "filler",
    "story_sha256": "0" * 64,
    "attachments": [{"id": "A7", "file": "filler", "kind": "screenshot", "sha256": "ab" * 32, "bytes": 77}],
    "questions": [{"id": "Q7", "text": "filler", "asked_at": AT}],
    "precedents": {"tried": [{"id": "P7", "ref": "filler", "outcome": "worked", "at": AT}]},
    "hypotheses": [{"id": "H7", "text": "filler", "result": "rejected", "at": AT, "by": "rita"}],
    "attempts": [
        {"id": "R7", "at": AT, "by": "rita", "place": "vm", "runs": 5, "hits": 5, "outcome": "intermittent"},
    ],
    "diagnosis": {"kind": "infrastructure", "confidence": "likely"},
    "escalations": [
        {"id": "E7", "to": "consultant", "party": "filler", "reason": "filler", "due_at": AT, "opened_at": AT},
    ],
    "fix": {
        "kind": "infrastructure",
        "tests": [
            {
                "id": "T7",
                "level": "unit",
                "mode": "automated",
                "scenario": "filler",
                "result": "pass",
                "at": AT,
                "by": "rita",
            }
        ],
        "deployed": [{"id": "D7", "version": "9", "place": "filler", "at": AT}],
    },
    "messages": [
        {"id": "M7", "direction": "in", "kind": "chaser", "channel": "phone", "at": AT, "by": "rita", "text": "filler"},
    ],
    "verification": {"outcome": "lapsed"},
    "monitor": {"checks": [{"id": "W8", "at": AT, "by": "rita", "seen": 2, "upto": f"7:{'ab' * 32}"}]},
    "compensation": {"decision": "declined"},
    "legal": {"review": "cleared"},
    "rca": {
        "status": "draft",
        "timeline": [{"id": "L7", "at": AT, "text": "filler"}],
        "causes": [{"id": "C7", "kind": "escape", "whys": [{"id": "W7", "why": "filler"}], "end_kind": "supplier"}],
        "factors": [{"id": "F7", "text": "filler"}],
        "actions": [{"id": "B7", "text": "filler", "kind": "mitigate", "strength": "weak", "status": "dropped"}],
        "not_done": [{"what": "filler", "why": "filler"}],
    },
    "closure": {"resolution": "withdrawn"},
    "events": [
        {"id": EVENT, "at": AT, "by": "rita", "action": "chaser", "to": "acknowledged", "message": "M7", "test": "T7"},
    ],
}
"""A report without words that anybody would look for."""

_PLACES = """
title severity_reason owner component labels.1 labels.2 source.external_ref story
customer.name customer.contact customer.second_contact customer.tier
intake.error_message intake.error_code intake.steps.1 intake.steps.2 intake.expected intake.actual
intake.changed_before intake.consequences intake.remedy_sought intake.unavailable.first_seen_at
intake.unavailable.error_message intake.environment.product intake.environment.version intake.environment.os
intake.environment.browser intake.environment.device intake.environment.language
impact.data_loss impact.security impact.workaround
attachments.A7.file questions.Q7.text questions.Q7.answer
precedents.tried.P7.ref precedents.tried.P7.note hypotheses.H7.text hypotheses.H7.test
attempts.R7.command attempts.R7.artifact attempts.R7.note attempts.R7.environment.os
diagnosis.cause diagnosis.introduced_in diagnosis.affected_versions diagnosis.first_bad_commit workaround.text
escalations.E7.party escalations.E7.reason escalations.E7.tried_so_far.1 escalations.E7.outcome
fix.summary fix.refs.1 fix.rollback fix.tests.T7.scenario fix.tests.T7.ref fix.deployed.D7.place fix.fixed_in
messages.M7.text verification.note feedback.comment monitor.pattern monitor.checks.W8.source monitor.checks.W8.note
compensation.kind compensation.reason legal.note
rca.owner rca.summary rca.timeline.L7.text rca.causes.C7.whys.W7.why rca.causes.C7.whys.W7.evidence
rca.factors.F7.text rca.detection.how rca.detection.should_have rca.process_walk.action rca.actions.B7.text
rca.actions.B7.owner rca.actions.B7.measure rca.actions.B7.evidence rca.not_done.1.what rca.not_done.1.why
rca.recurrence.conclusion rca.recurrence.matches.1 rca.spread rca.customer_summary closure.note strange.further
"""
PLACES = [*_PLACES.split(), f"events.{EVENT}.text"]
SEVERAL_LINES = {"story", "messages.M7.text", "rca.summary", "intake.expected", f"events.{EVENT}.text"}
NO_WORDS = (
    *("M7", "T7", "W7", "Q7", "E7", ID, EVENT, "2026", "08", "abab", "0000", "rita", "5", "77"),
    *("acknowledged", "S2", "vendor", "monitoring", "screenshot", "worked", "rejected", "intermittent"),
    *("infrastructure", "likely", "consultant", "automated", "pass", "chaser", "phone", "in", "lapsed", "declined"),
    *("cleared", "draft", "escape", "supplier", "mitigate", "weak", "dropped", "withdrawn"),
)
"""Ids, times, hashes, numbers and names of kinds."""


def word_of(name: str) -> str:
    return "q" + re.sub(r"[^a-z0-9]", "", name.lower()) + "z"


def filled(names: list[str]) -> dict[str, Any]:
    """Return the report with a word of its own at each of these places."""
    data = json.loads(json.dumps(BARE))
    for name in names:
        text = f"the first line\nand {word_of(name)} follows" if name in SEVERAL_LINES else f"here {word_of(name)} is"
        *parts, last = name.split(".")
        node = data
        for part, following in zip(parts, [*parts, last][1:], strict=True):
            node = inner(node, part, [] if following.isdigit() else {})
        if isinstance(node, list):
            node.append(text)
        else:
            node[last] = text
    data["story_sha256"] = seal(data["story"])
    return dict(data)


def inner(node: Any, part: str, made: Any) -> Any:
    if isinstance(node, dict):
        return node.setdefault(part, made)
    return node[int(part) - 1] if part.isdigit() else next(item for item in node if item["id"] == part)


def put(tracker: Tracker, number: int, **texts: Any) -> str:
    """Write a report with these texts, and return its id."""
    report = f"CR-261116-{number:04}"
    data = {**BARE, "id": report, **texts}
    data["story_sha256"] = seal(data["story"])
    placed(tracker, report, new_text(Report.model_validate(data)))
    return report


def search(tracker: Tracker, *typed: str) -> Done:
    return tracker.run("search", *typed)


def ids(tracker: Tracker, *typed: str) -> list[str]:
    """Return what is found."""
    done = search(tracker, "-q", *typed)
    assert (done.code, done.err) == (0, "")
    return done.out.split()


def rows(tracker: Tracker, *typed: str) -> list[tuple[str, int]]:
    return [(row["place"], row["line"]) for row in json.loads(tracker.ok("search", "--json", *typed))]


# --- What is found, and where -----------------------------------------------------------------------------------


def test_every_text_of_a_report_is_found_with_its_place_and_its_line(tracker: Tracker) -> None:
    path = placed(tracker, ID, new_text(Report.model_validate(filled(PLACES))))
    put(tracker, 2)
    lines = path.read_text().split("\n")
    for name in PLACES:
        found = json.loads(tracker.ok("search", "--json", word_of(name)))
        assert [(row["id"], row["place"]) for row in found] == [(ID, name)]
        (row,) = found
        assert word_of(name) in row["text"]
        assert word_of(name) in lines[row["line"] - 1], name
        assert row["path"] == path.relative_to(tracker.root).as_posix()


def test_ids_times_hashes_numbers_and_kinds_are_not_found(tracker: Tracker) -> None:
    placed(tracker, ID, new_text(Report.model_validate(BARE)))
    assert ids(tracker, "filler") == [ID]
    assert [word for word in NO_WORDS if ids(tracker, word)] == []


def test_known_errors_are_found_as_well(tracker: Tracker) -> None:
    report = put(tracker, 1, story="the printer melts")
    put_known(tracker, title="Toner", symptom="The printer\nmelts\n", signature=["E-77"], solution=["cool it"])
    found = json.loads(tracker.ok("search", "--json", "melts"))
    assert [(row["id"], row["place"], row["line"], row["title"], row["state"]) for row in found] == [
        (KNOWN, "symptom", 6, "Toner", None),
        (report, "story", found[1]["line"], "filler", "acknowledged"),
    ]
    assert ids(tracker, "E-77", "cool") == [KNOWN]
    assert ids(tracker, "melts", "state:acknowledged") == [report]
    assert ids(tracker, "melts", "--", "-toner") == [report]
    assert ids(tracker, "melts", "--", "-cooler") == [KNOWN, report]


def test_the_best_come_first(tracker: Tracker) -> None:
    note = put(tracker, 1, events=[{**BARE["events"][0], "text": "camel"}])
    message = put(tracker, 2, intake={"error_message": "camel"})
    story = put(tracker, 3, story="camel")
    title = put(tracker, 4, title="camel")
    cause = put(tracker, 5, diagnosis={"cause": "camel"})
    for number in range(6, 30):
        put(tracker, number)
    assert ids(tracker, "camel") == [title, message, story, cause, note]
    scores = [row["score"] for row in json.loads(tracker.ok("search", "--json", "camel"))]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > scores[-1] > 0


SPELLINGS = {
    "as it is": ("Ärger", ["Ärger"]),
    "accents": ("Ärger mit Señor Łuków", ["arger", "ÄRGER", "A\u0308rger", "senor", "Łuków"]),
    "case": ("STRASSE Straße ΣΊΣΥΦΟΣ", ["straße", "strasse", "STRASSE", "σίσυφος"]),
    "forms of a character": ("ﬁle ２０ Å", ["file", "20", "å"]),
    "the beginning of a word": ("exports", ["e", "exp", "export", "exports"]),
    "words within a run": ("印刷が止まる原因", ["止まる", "印刷", "原因", "刷が止"]),
    "scripts with marks": ("हिन्दी ภาษาไทย עברית", ["हिन्दी", "ภาษา", "עברית"]),
    "signs between words": (
        "EXPORT-507: foo_bar (x) c:\\temp",
        ["export-507", "EXPORT 507", "foo_bar", "bar", "(x)", "temp"],
    ),
    "an address": ("see https://a.example/b?c=d", ["https://a.example/b", "a.example"]),
    "over lines": ("the bar\nstops\n\tat half", ['"bar stops at half"', '"stops at"', '"bar  stops"']),
    "what asks a database": ('a AND b OR c NOT d NEAR(e f) ^g h* i:j "k"', ["AND", "OR", "NOT", "NEAR(e", "^g", "h*"]),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_word_is_found_however_it_is_written(tracker: Tracker, spelling: str) -> None:
    text, typed = SPELLINGS[spelling]
    report = put(tracker, 1, story=text)
    put(tracker, 2)
    for word in typed:
        assert ids(tracker, word) == [report], word
        assert {name for name, _ in rows(tracker, word)} == {"story"}, word


@pytest.mark.parametrize(
    "word",
    ["xport", "gef", "端", '"half stops"', '"bar stops half"', "AND", "NOT", "b*d", '"a OR b"', '"NEAR(bar stops)"'],
)
def test_what_is_not_there_is_not_found(tracker: Tracker, word: str) -> None:
    put(tracker, 1, story="Ärger exports the bar stops at half 印刷 a b")
    assert ids(tracker, word) == []


def test_a_place_is_where_the_words_begin_and_nowhere_else(tracker: Tracker) -> None:
    put(tracker, 1, title="export", story="export\nthe portal\n\nof the bar\nstops")
    assert [name for name, _ in rows(tracker, "port")] == ["story"]
    path = next(tracker.root.glob("reports/*/*/*.yaml"))
    lines = path.read_text().split("\n")
    for words, says in (("port", "  the portal"), ('"bar stops"', "  of the bar")):
        ((name, line),) = rows(tracker, words)
        assert (name, lines[line - 1]) == ("story", says)


def test_words_that_stand_in_different_texts_are_no_phrase(tracker: Tracker) -> None:
    report = put(tracker, 1, intake={"steps": ["open the box", "press red"]})
    assert ids(tracker, '"box press"') == []
    assert ids(tracker, "box", "press") == [report]


def test_all_words_count_wherever_they_stand(tracker: Tracker) -> None:
    report = put(tracker, 1, title="camel", story="needle")
    put(tracker, 2, title="camel")
    assert ids(tracker, "camel needle") == [report]
    assert ids(tracker, "needle", "camel") == [report]


def test_a_line_that_is_long_is_shown_around_the_word(tracker: Tracker) -> None:
    put(tracker, 1, story="a " * 3000 + "needle" + " b" * 3000)
    (row,) = json.loads(tracker.ok("search", "--json", "needle"))
    assert "needle" in row["text"]
    assert len(row["text"]) < 200


# --- Narrowing down ---------------------------------------------------------------------------------------------


def test_keys_narrow_it_down(tracker: Tracker) -> None:
    first = put(tracker, 1, story="camel", component="x")
    second = put(tracker, 2, story="camel", component="y")
    third = put(tracker, 3, story="camel", severity="S1")
    put_known(tracker, title="camel")
    assert sorted(ids(tracker, "camel")) == [first, second, third, KNOWN]
    assert sorted(ids(tracker, "camel", "is:open", "-component:x")) == [second, third]
    assert ids(tracker, "camel", "sev:S1") == [third]
    assert ids(tracker, "sev:S2", "camel", "component:y") == [second]
    assert ids(tracker, "camel", "is:closed") == []


def test_a_word_that_is_ruled_out_is_so_in_every_text(tracker: Tracker) -> None:
    with_it = put(tracker, 1, story="camel", messages=[{**BARE["messages"][0], "text": "needles"}])
    without = put(tracker, 2, story="camel")
    assert ids(tracker, "camel", "--", "-needle") == [without]
    assert ids(tracker, "camel", "--", "-needle", "-camel") == []
    assert sorted(ids(tracker, "camel", "--", "-other", "-!!")) == [with_it, without]
    assert ids(tracker, "camel", "--", '-"needles more"', "component:none", "-needle") == [without]


@pytest.mark.parametrize("typed", [["is:open"], ["!!!"], ['""'], [" "], ["--", "-camel"], ["😀"], ["title:x"]])
def test_without_a_word_there_is_nothing_to_search(tracker: Tracker, typed: list[str]) -> None:
    put(tracker, 1, story="camel")
    done = search(tracker, *typed)
    assert (done.code, done.out) == (2, "")
    assert "has no word to search for" in done.err
    assert search(tracker).code == 2
    assert search(tracker, "nosuchkey:x").code == 2


def test_signs_beside_words_are_left_out(tracker: Tracker) -> None:
    report = put(tracker, 1, story="camel")
    assert ids(tracker, "camel", "!!!", "+", '"...') == [report]


# --- How much, and in which form --------------------------------------------------------------------------------


def test_only_the_best_are_shown_and_the_others_counted(tracker: Tracker) -> None:
    made = [put(tracker, number, story="camel camel") for number in range(1, 24)]
    assert len(ids(tracker, "camel")) == 20
    done = search(tracker, "camel")
    assert "the best 20 of 23 (--limit 0 shows all)" in done.err
    assert "the best 2 of 23" in search(tracker, "--limit", "2", "camel").err
    for limit in ("0", "23", "24", str(10**30)):
        assert ids(tracker, "--limit", limit, "camel") == made
        assert search(tracker, "--limit", limit, "camel").err == ""
    assert search(tracker, "--limit", "-1", "camel").code == 2


def test_forms(tracker: Tracker) -> None:
    put(tracker, 1, title="camel", story="a camel\nand a camel")
    found = json.loads(tracker.ok("search", "--json", "camel"))
    assert [list(row) for row in found] == [["id", "title", "state", "score", "place", "path", "line", "text"]] * 3
    lines = tracker.ok("search", "--ndjson", "camel").splitlines()
    assert [json.loads(line) for line in lines] == found
    piped = [line.split("\t") for line in tracker.ok("search", "camel").splitlines()]
    assert piped == [[row["id"], row["place"], str(row["line"]), row["text"]] for row in found]
    assert ids(tracker, "camel") == [found[0]["id"]]
    assert tracker.ok("search", "--json", "elephant") == "[]\n"
    assert tracker.ok("search", "--ndjson", "elephant") == ""
    shown = tracker.ok("search", "--color", "always", "elephant")
    assert "nothing has these words" in shown


def test_exit_codes_tell_whether_something_was_found(tracker: Tracker) -> None:
    put(tracker, 1, story="camel")
    for word, plain, asked in (("camel", 0, 0), ("elephant", 0, 1)):
        assert search(tracker, word).code == plain
        assert search(tracker, "--exit-code", word).code == asked
        assert search(tracker, "--exit-code", "--json", word).code == asked


def test_where_none_has_all_the_words_some_are_better_than_none(tracker: Tracker) -> None:
    report = put(tracker, 1, story="camel")
    put(tracker, 2)
    done = search(tracker, "camel", "elephant")
    assert (done.code, done.out.split("\t")[0]) == (0, report)
    assert "none has all the words; these have some of them" in done.err
    assert search(tracker, "camel").err == ""
    nothing = search(tracker, "elephant", "giraffe")
    assert (nothing.out, nothing.err) == ("", "")
    assert search(tracker, "camel", "elephant", "--", "-camel").out == ""


@pytest.mark.parametrize("face", ["-q", "--json"])
def test_where_it_could_not_be_said_there_are_no_reports_with_some_of_the_words(tracker: Tracker, face: str) -> None:
    put(tracker, 1, story="camel")
    done = search(tracker, face, "camel", "elephant")
    assert (done.code, done.out.strip("[]\n"), done.err) == (0, "", "")


# --- Hostile words ----------------------------------------------------------------------------------------------

OPERATORS = (
    *("AND", "OR", "NOT", "NEAR", "(", ")", "*", "^", '"', ":", "-", "+", "{", "}", "NEAR(a b, 2)", "a AND", "OR b"),
    *('"a" OR "b"', 'a" OR "', "a*b", "^a", "-a", "'; DROP TABLE words; --", "%s", "\\", "a + b", ", 5)"),
)


def test_nothing_that_is_typed_is_an_operator(tracker: Tracker) -> None:
    put(tracker, 1, story="camel")
    for operator in OPERATORS:
        for typed in ([operator], ["elephant", operator], [f'"{operator}"'], [f"elephant{operator}"]):
            done = search(tracker, "--no-input", "--", *typed)
            assert done.code in {0, 2}, (typed, done.err)
            assert done.out == ""
    for column in ("story:camel", "words:camel", "{story}:camel", "story : camel"):
        assert search(tracker, column).code in {0, 2}
    # Forms of a quotation mark that folding makes one.
    for word in ("\uff02", "elephant\uff02", '"elephant\uff02 OR \uff02camel"', '"elephant\uff02* OR camel"'):
        done = search(tracker, word)
        assert (done.code, done.out) == (2 if word == "\uff02" else 0, ""), done.err
    assert ids(tracker, "camel")


def test_very_long_words_and_very_many(tracker: Tracker) -> None:
    long = "x" * 100_000
    report = put(tracker, 1, story=f"{long} camel " + " ".join(f"w{number}" for number in range(600)))
    put(tracker, 2)
    assert ids(tracker, long) == [report]
    assert ids(tracker, long[:30_000]) == [report]
    assert ids(tracker, "y" * 100_000) == []
    many = [f"w{number}" for number in range(499)]
    assert ids(tracker, *many, "camel") == [report]
    assert ids(tracker, " ".join(many)) == [report]
    assert ids(tracker, f'"{" ".join(many)}"') == [report]
    assert search(tracker, *many, "camel", "w499").code == 2
    assert search(tracker, *many, "elephant").out.startswith(report)


def test_text_with_characters_that_end_or_mark_others(tracker: Tracker) -> None:
    report = put(tracker, 1, story="camel\0needle \x01elephant\x02 \ue000 end")
    put(tracker, 2)
    for word in ("camel", "needle", "elephant", "end"):
        assert ids(tracker, word) == [report]
        assert [name for name, _ in rows(tracker, word)] == ["story"]


# --- Files change -----------------------------------------------------------------------------------------------


def test_after_an_edit_by_hand_the_new_words_are_found_and_the_old_are_not(tracker: Tracker) -> None:
    report = put(tracker, 1, title="camel")
    error = put_known(tracker, title="camel")
    assert sorted(ids(tracker, "camel")) == [report, KNOWN]
    for path in (tracker.path(report), error):
        path.write_text(path.read_text().replace("camel", "elephant"))
    assert sorted(ids(tracker, "elephant")) == [report, KNOWN]
    assert ids(tracker, "camel") == []
    error.unlink()
    assert ids(tracker, "elephant") == [report]


def test_a_file_that_is_broken_is_named_and_the_others_are_searched(tracker: Tracker) -> None:
    report, broken = put(tracker, 1, title="camel"), put(tracker, 2, title="camel")
    tracker.path(broken).write_text("title: [camel\n")
    done = search(tracker, "camel")
    assert (done.code, done.out.split("\t")[0]) == (0, report)
    assert f"{broken}.yaml:2:1: " in done.err
    assert "not searched (issuelog check)" in done.err


def make_link(path: Path) -> None:
    path.unlink()
    path.symlink_to("/etc/passwd")


def make_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


BROKEN: dict[str, Callable[[Path], object]] = {
    "is invalid": lambda path: path.write_text("title: [camel\n"),
    "is no text": lambda path: path.write_bytes(b"\xff"),
    "is gone": Path.unlink,
    "is a link": make_link,
    "is a folder": make_folder,
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_file_that_breaks_after_the_index_saw_it_is_named_and_the_others_are_shown(
    tracker: Tracker, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    from issuelog.store.search import Search

    reports = [put(tracker, number, title="camel") for number in (1, 2, 3)]
    original = Search.best

    def best(self: Search, *given: Any) -> Any:
        found = original(self, *given)
        path = tracker.root / "reports" / "2026" / "11" / f"{reports[0]}.yaml"
        if path.is_file() and not path.is_symlink():
            BROKEN[what](path)
        return found

    assert ids(tracker, "camel") == reports
    monkeypatch.setattr(Search, "best", best)
    monkeypatch.setattr("issuelog.store.index.Index._answer", answer_once)
    done = search(tracker, "camel")
    assert done.code == 0
    assert [line.split("\t")[0] for line in done.out.splitlines()] == reports[1:]
    assert done.err.startswith("warning: ")
    assert reports[0] in done.err


def answer_once(self: Any, connection: Any, question: Any) -> Any:
    """Answer from the index as it is: what changes from here on, it has not seen."""
    return question(connection)


def test_a_file_that_lost_the_word_after_the_index_saw_it_is_shown_by_its_title(
    tracker: Tracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = put(tracker, 1, story="camel")
    assert ids(tracker, "camel") == [report]
    monkeypatch.setattr("issuelog.store.index.Index._answer", answer_once)
    put(tracker, 1, story="elephant")
    assert rows(tracker, "camel") == [("title", 3)]


# --- The law ----------------------------------------------------------------------------------------------------

_letters = st.sampled_from("aàbcdeéEÉßxyzXYZαβγΑόбвгБйи0129 \n-_.,:;()*^\"'印刷止が")
_texts = st.text(_letters, min_size=1, max_size=25).filter(lambda text: text.strip())


def tokens(file: str) -> Iterator[str]:
    for passage in passages(parse(file, "x.yaml")):
        yield from words_in(passage.text)


def words_in(text: str) -> list[str]:
    """Return the runs of letters and digits; of Latin letters an accent is no part, of others a mark may be."""
    parted = [normalize("NFD", char) for char in fold(text)]
    bare = (parts[0] if parts[0].isascii() else normalize("NFC", parts) for parts in parted)
    return re.findall(r"[^\W_]+", "".join(bare))


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(_texts, min_size=1, max_size=4), data=st.data())
def test_one_word_finds_the_reports_that_have_a_word_beginning_with_it(
    tracker: Tracker, texts: list[str], data: st.DataObject
) -> None:
    for path in tracker.root.glob("known-errors/*.yaml"):
        path.unlink()
    files = {
        f"KE-261116-{number:04}": put_known(tracker, f"KE-261116-{number:04}", cause=text).read_text()
        for number, text in enumerate(texts)
    }
    there = sorted({token for file in files.values() for token in tokens(file)})
    word = data.draw(st.sampled_from(there) | st.text(st.sampled_from("abéßγ1бйи印かが"), min_size=1, max_size=2))
    word = word[: data.draw(st.integers(1, len(word)))]
    (wanted, *more) = words_in(word)
    expected = {name for name, file in files.items() if any(token.startswith(wanted) for token in tokens(file))}
    found = set(ids(tracker, "--limit", "0", word))
    assert found == expected if not more else found <= expected
