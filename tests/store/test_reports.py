"""Reports in files: the example, what is said of a faulty one, and the laws of writing and changing."""

from __future__ import annotations

import json
from difflib import unified_diff
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from issuelog.errors import InvalidFile, NotFound
from issuelog.model.report import Intake, Report, Section
from issuelog.store import reports
from issuelog.store.documents import to_data, to_json
from issuelog.store.reports import Stored, changed_text, load, new_text
from issuelog.store.yamlfile import parse
from store.hand import Hand
from store.modelled import FIELDS
from store.modelled import reports as some_reports

EXAMPLE = (Path(__file__).parents[1] / "data" / "example_report.yaml").read_text("utf-8")
ID = "CR-261116-7K3M"
SHOWN = f"reports/2026/11/{ID}.yaml"


def example(*changes: tuple[str, str]) -> str:
    """The example with some of its text replaced."""
    text = EXAMPLE
    for old, new in changes:
        assert text.count(old) >= 1, f"{old!r} is not in the example"
        text = text.replace(old, new, 1)
    return text


def stored(text: str = EXAMPLE) -> Stored:
    return load(text.encode(), SHOWN)


def diff(before: str, after: bytes) -> list[str]:
    lines = list(unified_diff(before.splitlines(), after.decode().splitlines(), n=0, lineterm=""))[2:]
    return [line for line in lines if not line.startswith("@@")]


def shortest() -> bytes:
    """The example with nothing but what a report has to have."""
    data = parse(EXAMPLE, SHOWN).plain()
    needed = ("schema", "id", "title", "state", "severity", "source", "story", "story_sha256", "events")
    return json.dumps({key: data[key] for key in needed}).encode()


def retitled(found: Stored) -> bytes:
    """The file after a change that concerns its title only."""
    return changed_text(found, found.report.model_copy(update={"title": "Another title"}))


# -- the example ---------------------------------------------------------------------------------------------------


def test_the_example_reads_and_is_written_as_it_is() -> None:
    found = stored()
    assert (found.report.id, found.report.state, found.report.attempts[0].hits) == (ID, "resolved", 5)
    assert found.report.events[1].from_ == "new"
    assert found.report.events[1].fact("message") == "M1"
    assert diff(EXAMPLE, new_text(found.report)) == [
        '-      version: "8.10.3"',
        "+      version: 8.10.3",
        '-  fixed_in: "8.10.3"',
        "+  fixed_in: 8.10.3",
    ]
    assert changed_text(found, found.report) == EXAMPLE.encode()


def test_sections_that_a_file_leaves_out_are_empty_and_belong_to_one_report_each() -> None:
    one, other = (load(shortest(), SHOWN).report for _ in range(2))
    left_out = [name for name in Report.model_fields if isinstance(getattr(one, name), Section) and name != "source"]
    assert len(left_out) > 10
    for name in left_out:
        section = getattr(one, name)
        assert (type(section), section) == (Report.model_fields[name].annotation, type(section)())
        assert section is not getattr(other, name)
    one.intake.environment.version = "8.10"
    assert Intake().environment.version is other.intake.environment.version is None


def test_a_change_touches_its_lines() -> None:
    found = stored()
    event = found.report.events[0].model_copy(update={"id": "01JCTWBZ71T3Y5V7P9A1S3D5F8", "action": "note"})
    customer = found.report.customer.model_copy(update={"tier": None, "language": "de"})
    after = found.report.model_copy(
        update={"state": "rca", "waiting_on": "customer", "customer": customer, "events": [*found.report.events, event]}
    )
    assert diff(EXAMPLE, changed_text(found, after)) == [
        *("-state: resolved", "+state: rca", "+waiting_on: customer"),
        *("-  tier: standard", "-  language: en", "+  language: de"),
        *("+  - id: 01JCTWBZ71T3Y5V7P9A1S3D5F8", "+    at: 2026-11-16T08:04:11Z"),
        *("+    by: Ana Reyes <ana@example.com>", "+    action: note", "+    to: new"),
    ]


def test_what_was_typed_by_hand_stays() -> None:
    text = example(
        *(
            ('version: "8.10"', "version: 4.10 # sic"),
            ("os: Windows 11 23H2", "os: no"),
            ("device: laptop", "device: 0123"),
        ),
        *(
            ("error_code: EXPORT-507", "error_code: 12e4567"),
            ("tried: 4", "tried: 04"),
            ("partial: true", "partial: yes"),
        ),
        ("received_at: 2026-11-16T08:00:00Z", "received_at: 2026-11-16 09:00 +01:00"),
    )
    found = stored(text)
    environment = found.report.intake.environment
    assert (environment.version, environment.os, environment.device) == ("4.10", "no", "0123")
    assert (found.report.intake.error_code, found.report.intake.tried) == ("12e4567", 4)
    assert diff(text, retitled(found)) == [
        "-title: Invoice export stops on invoices with more than 200 lines",
        "+title: Another title",
    ]
    other = found.report.model_copy(update={"intake": found.report.intake.model_copy(update={"failed": 3})})
    assert diff(text, changed_text(found, other)) == ["-  failed: 4", "+  failed: 3"]


def test_unknown_keys_stay_where_they_are() -> None:
    text = example(
        *(
            ("component: export\n", "component: export\nmine: [1, {a: 2}]\n"),
            ("    hits: 5\n", "    hits: 5\n    mood: ~\n"),
        ),
        *(
            ("impact:\n", "impact:\n  halls: {}\n  cars:\n    # none\n    - {}\n"),
            ("to: resolved", "to: resolved\n    x:"),
        ),
    )
    found = stored(text)
    assert len(diff(text, retitled(found))) == 2
    attempts = [found.report.attempts[0].model_copy(update={"hits": 4, "note": "x"})]
    after = found.report.model_copy(update={"attempts": attempts})
    assert diff(text, changed_text(found, after)) == ["-    hits: 5", "+    hits: 4", "+    note: x"]
    assert to_data(load(new_text(found.report), SHOWN).report) == to_data(found.report)


def test_a_default_is_not_written_into_a_file_that_leaves_it_out() -> None:
    text = example(
        (
            "diagnosis:\n",
            "hypotheses:\n- {id: H1, text: a, at: 2026-11-16, by: x}\n"
            "- id: H2\n  text: b\n  at: 2026-11-16\n  by: x\ndiagnosis:\n",
        )
    )
    found = stored(text)
    assert len(diff(text, retitled(found))) == 2
    first, second = found.report.hypotheses
    after = found.report.model_copy(update={"hypotheses": [first, second.model_copy(update={"test": "t"})]})
    assert diff(text, changed_text(found, after)) == ["+  test: t"]
    after = found.report.model_copy(update={"hypotheses": [first, second.model_copy(update={"result": "rejected"})]})
    assert diff(text, changed_text(found, after)) == ["+  result: rejected"]


def test_a_file_in_json_can_be_changed() -> None:
    text = json.dumps(to_json(stored().report))
    assert load(retitled(stored(text)), SHOWN).report.title == "Another title"


def test_json_has_numbers_and_nothing_empty() -> None:
    found = to_json(stored().report)
    assert (found["schema"], found["attempts"][0]["hits"], found["attachments"][1]["partial"]) == (1, 5, True)
    assert found["events"][1]["from"] == "new"
    assert "feedback" not in found
    assert "questions" not in found


# -- what is said of a faulty file ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "place", "rule", "words"),
    [
        ("state: resolved", "state: solved", "4:8", "enum", "state is 'solved'; it has to be one of new, acknowledged"),
        (
            "place: sandbox",
            "place: cloud",
            "81:12",
            "enum",
            "attempts.R1.place is 'cloud'; it has to be one of sandbox,",
        ),
        ("  channel: email\n", "", "12:3", "missing", "source.channel is missing"),
        ("    runs: 5\n", "", "78:5", "missing", "attempts.R1.runs is missing"),
        ("      at: 2026-11-16T16:00:00Z\n", "", "124:7", "missing", "fix.deployed.D1.at is missing"),
        (
            "at: 2026-11-16T08:00",
            "at: 2026-13-16T08:00",
            "13:16",
            None,
            "source.received_at is not a time; write it like",
        ),
        (
            "    hits: 5",
            "    hits: -5",
            "86:11",
            None,
            "attempts.R1.hits is '-5': should be greater than or equal to 0",
        ),
        ("    hits: 5", "    hits: 5.5", "86:11", None, "attempts.R1.hits is '5.5': should be a valid integer"),
        ("title: Inv", f"title: {'x' * 120}", "3:8", None, "it may have 120"),
        ("title: Inv", 'title: "a\\nb"\nmine: ', "3:8", None, "title is 'a\\nb': it has to be one line"),
        ("severity_reason: core", "severity_reason: [a]\nmine: ", "6:18", None, "severity_reason is a list: should be"),
        ("customer:\n", "customer: Acme\nmine:\n", "18:11", None, "customer is 'Acme': should be"),
        ("customer:\n", "customer: [a]\nmine:\n", "18:11", None, "customer is a list: should be"),
        ("labels:\n", "labels: month-end\nmine:\n", "9:9", None, "labels is 'month-end': should be a valid list"),
        ("  - month-end", "  a: b", "10:3", None, "labels is a mapping: should be a valid list"),
        ("  - month-end", "  - [a]", "10:5", None, "labels.1 is a list: should be"),
        ("partial: true", "partial: maybe", "68:14", None, "attachments.A2.partial is 'maybe': should be"),
        ("  - id: A2\n    file", "  - file", "63:5", "missing", "attachments.2.id is missing"),
        ("id: CR-261116-7K3M", "id: 7K3M", "2:5", None, "id is '7K3M': an id looks like CR-261122-7K3M"),
        ("id: CR-261116-7K3M", "id: CR-261116-7K3N", "2:5", "id", f"the file is named {ID}, its id is CR-261116-7K3N"),
        ("schema: 1", "schema: 2", "1:9", None, "schema is '2': should be less than or equal to 1"),
        ("story_sha256: 5e88", "story_sha256: XX", "28:15", None, "a SHA-256 is 64 hexadecimal digits in lower case"),
    ],
)
def test_a_fault_is_named_with_its_place_and_what_would_be_right(
    old: str, new: str, place: str, rule: str | None, words: str
) -> None:
    with pytest.raises(InvalidFile) as caught:
        stored(example((old, new)))
    (problem,) = caught.value.problems
    assert str(problem).startswith(f"{SHOWN}:{place}: ")
    assert words in problem.message
    assert rule is None or problem.rule == rule


def test_every_fault_is_named_at_once() -> None:
    with pytest.raises(InvalidFile) as caught:
        stored(example(("state: resolved", "state: x"), ("runs: 5", "runs: x"), ("  channel: email\n", "")))
    assert [problem.message.split()[0] for problem in caught.value.problems] == [
        *("state", "source.channel", "attempts.R1.runs"),
    ]
    assert caught.value.hint == "correct it in your editor, then: issuelog check"


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"x\.yaml does not exist"):
        reports.read(tmp_path / "x.yaml", "x.yaml")


# -- what cannot be written ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "update", "words"),
    [
        (
            EXAMPLE.replace("component: export\n", "component: export\rmine: x\n"),
            {"component": None},
            "its layout is not one that a command can edit safely",
        ),
        (EXAMPLE, {"severity_reason": "x" * 4_000_000}, "with this change, the file has"),
        (EXAMPLE, {"labels": ["x"] * 60_000}, "with this change, the file has more than 60,000 parts"),
        (EXAMPLE, {"title": "x" * 121}, "with this change, title has 121 characters"),
    ],
    ids=["layout", "size", "parts", "title"],
)
def test_a_change_that_cannot_be_written_is_refused(text: str, update: dict[str, Any], words: str) -> None:
    found = stored(text)
    with pytest.raises(InvalidFile) as caught:
        changed_text(found, found.report.model_copy(update=update))
    (problem,) = caught.value.problems
    assert (problem.path, problem.rule) == (SHOWN, "layout")
    assert words in problem.message
    assert caught.value.hint == "issuelog edit   changes it by hand"


def test_a_huge_amount_stays_small() -> None:
    found = stored(example(("links:\n", "compensation:\n  amount: 1e999999999\nlinks:\n")))
    assert len(new_text(found.report)) < 2 * len(EXAMPLE)
    assert len(diff(found.text, retitled(found))) == 2


# -- laws ----------------------------------------------------------------------------------------------------------


@settings(max_examples=60)
@given(some_reports())
def test_a_new_report_reads_back(report: Report) -> None:
    text = new_text(report)
    assert load(text, SHOWN).report == report
    assert new_text(load(text, SHOWN).report) == text


@settings(max_examples=60)
@given(
    some_reports(), some_reports(), st.sets(st.sampled_from(FIELDS), max_size=4), st.integers(0, 10**9), st.booleans()
)
def test_a_change_is_written_and_concerns_nothing_else(
    before: Report, other: Report, changed: set[str], seed: int, by_hand: bool
) -> None:
    hand = Hand(Random(seed))
    text = hand.write(to_data(before)) if by_hand else new_text(before).decode()
    found = stored(text)
    after = found.report.model_copy(update={name: getattr(other, name) for name in changed})
    written = changed_text(found, after)
    note(f"{text}\n=====\n{written.decode()}")
    assert to_data(load(written, SHOWN).report) == to_data(after)
    lines = iter(written.decode().removeprefix(hand.mark).split(hand.newline))
    for line in hand.lines:
        if not line.blank and not changed.intersection(line.owner[:1]):
            assert line.text in lines
    if not by_hand:
        assert list(parse(written.decode(), SHOWN).entries) == list(to_data(after))
        assert changed_text(load(written, SHOWN), found.report) == text.encode() or "|+" in text
