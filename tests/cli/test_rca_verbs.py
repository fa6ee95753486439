"""Analysing a root cause at the command line: filling it, checking it, and when one is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from issuelog.model.rca import RULES
from support.lives import ACCEPT, ANALYSIS, CONFIRM, PAID, READY, RESOLVE, lived

BEGUN = (*READY, RESOLVE, CONFIRM, *ANALYSIS)
FRESH = (*READY, RESOLVE, CONFIRM, ANALYSIS[0])


def test_what_is_missing_is_told_with_its_place_and_a_command_that_helps(tmp_path: Path) -> None:
    life = lived(tmp_path, *FRESH)
    before = life.tracker.fingerprint()
    done = life.run("rca check ID --json")
    assert done.code == 1
    assert [row["number"] for row in done.json] == [*range(1, len(done.json) + 1)]
    lines = life.tracker.path(life.id).read_text().splitlines()
    for row in done.json:
        assert row["rule"] in RULES
        assert row["command"].startswith(("issuelog rca ", "issuelog set "))
        assert life.id in row["command"]
        assert lines[row["line"] - 1].strip()
    assert life.tracker.fingerprint() == before


def test_a_place_in_the_file_is_the_line_of_the_fact(tmp_path: Path) -> None:
    life = lived(tmp_path, *BEGUN)
    life.ok("set ID 'rca.causes.C1.whys.W2.why=it was human error'")
    (row,) = life.run("rca check ID --json").json
    assert (row["rule"], row["place"]) == ("no_person", "rca.causes.C1.whys.W2.why")
    assert "human error" in life.tracker.path(life.id).read_text().splitlines()[row["line"] - 1]
    annotation = life.run("rca check ID --format github")
    assert annotation.code == 1
    assert f"line={row['line']},col={row['column']},title=issuelog no_person::" in annotation.out


def test_each_finding_s_command_supplies_what_it_asks_for(tmp_path: Path) -> None:
    life = lived(tmp_path, *FRESH)
    for _ in range(5):
        found = life.run("rca check ID --json").json
        life.follow(found)
    assert life.ok("rca check ID") == ""
    life.ok(ACCEPT)


def test_an_action_without_a_cause_is_offered_as_the_answer_to_one(tmp_path: Path) -> None:
    life = lived(tmp_path, *BEGUN)

    def take_the_answers(data: Any) -> None:
        del data["rca"]["actions"][0]["cause"], data["rca"]["not_done"]

    life.by_hand(take_the_answers)
    found = [row for row in life.run("rca check ID --json").json if row["rule"] == "answered"]
    assert [row["command"] for row in found] == [
        f"issuelog set {life.id} rca.actions.A1.cause=C1",
        f"issuelog rca not-done {life.id} TEXT --because TEXT --for C2",
    ]
    life.follow(found)
    assert life.run("rca check ID").code == 0


def test_a_complete_analysis_is_accepted_and_an_incomplete_one_for_the_same_reasons_not(tmp_path: Path) -> None:
    life = lived(tmp_path, *BEGUN)
    assert life.run("rca check ID").code == 0
    life.ok("set ID 'rca.actions.A1.text=investigate the memory'")
    found = [row["rule"] for row in life.run("rca check ID --json").json]
    assert found == [fact["guard"] for fact in life.missing(ACCEPT)] == ["prevented", "actions_do"]


def test_what_the_customer_reads_of_it_is_held_to_the_rules_of_messages(tmp_path: Path) -> None:
    life = lived(tmp_path, *BEGUN)
    life.ok("rca tell ID --customer-summary 'You should have updated.'")
    (row,) = life.run("rca check ID --json").json
    assert (row["rule"], row["place"]) == ("customer_words", "rca.customer_summary")
    assert "You should have" in row["what"]
    assert row["helps"]
    assert [fact["guard"] for fact in life.missing(ACCEPT)] == ["customer_words"]
    life.ok("rca tell ID --customer-summary 'We are liable for the damage.'")
    assert [fact["guard"] for fact in life.missing(ACCEPT)] == ["customer_words"]
    life.ok("legal ID --review cleared --note 'read by our lawyers'")
    life.ok(ACCEPT)


def test_the_verbs_fill_what_the_contract_names(tmp_path: Path) -> None:
    life = lived(tmp_path, *BEGUN)
    life.ok("rca tell ID --summary s --spread 'the import too' --customer-summary 'it is fixed'")
    life.ok("rca detect ID --gap 90min")
    rca = life.report["rca"]
    assert (rca["summary"], rca["spread"], rca["customer_summary"]) == ("s", "the import too", "it is fixed")
    assert rca["detection"] == {"how": "a customer called", "should_have": "the export alarm", "gap_minutes": 90}
    assert rca["process_walk"]["design"] == "no limit was set"
    assert rca["not_done"][0]["cause"] == "C2"
    assert rca["actions"][0]["cause"] == "C1"


@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        ("rca walk ID", 2, "STAGE=FINDING"),
        ("rca walk ID lunch=none", 2, "there is no stage 'lunch'"),
        ("rca walk ID design=", 2, "say what there let it pass"),
        ("rca detect ID", 2, "--how"),
        ("rca detect ID --gap soon", 2, "--gap"),
        ("rca tell ID", 2, "--summary"),
        ("rca not-done ID x --because y --for C9", 4, "there are: C1, C2"),
        ("rca action ID x --for C9", 4, "there are: C1, C2"),
        ("rca check ID --format xml", 2, "text or github"),
        ("rca show ID --format pdf", 2, "yaml, md, html"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_words(tmp_path: Path, line: str, code: int, words: str) -> None:
    life = lived(tmp_path, *BEGUN)
    before = life.tracker.fingerprint()
    done = life.run(line)
    assert (done.code, words in done.err) == (code, True), done.err
    assert life.tracker.fingerprint() == before


def test_the_search_finds_the_same_error_of_two_years_and_records_what_follows(tmp_path: Path) -> None:
    life = lived(tmp_path, *FRESH)
    tracker = life.tracker
    earlier = tracker.complete("--at", "400d ago")
    ancient = tracker.complete("--at", "800d ago")
    life.ok("rca recurrence ID --conclusion 'the import had it'")
    found = life.report["rca"]["recurrence"]
    assert earlier in found["matches"]
    assert not {ancient, life.id} & {*found["matches"]}
    assert found["conclusion"] == "the import had it"
    again = life.run("rca recurrence ID")
    assert (again.code, f"the same, or nearly: {earlier}" in again.err) == (0, True)
    assert life.report["rca"]["recurrence"]["conclusion"] == "the import had it"


def test_a_cause_whose_measures_did_not_hold_elsewhere_is_told(tmp_path: Path) -> None:
    life = lived(tmp_path, *BEGUN)
    old = life.tracker.complete("--at", "100d ago")
    path = life.tracker.path(old)
    check = {"id": "K1", "at": "2026-01-01T00:00:00Z", "by": "x", "result": "failed", "evidence": "it stopped again"}
    action = {
        "id": "A1",
        "text": "a test",
        "kind": "prevent",
        "strength": "strong",
        "status": "done",
        "checks": [check],
    }
    cause = {
        "id": "C1",
        "kind": "occurrence",
        "whys": [{"id": "W1", "why": "design notes are never revisited", "evidence": "dates"}],
    }
    from issuelog.store.yamltext import dump

    rca = dump({"rca": {"status": "accepted", "causes": [cause], "actions": [action]}})
    path.write_text(path.read_text().replace("\nevents:", f"\n{rca}events:"))
    (row,) = life.run("rca check ID --json").json
    assert row["rule"] == "earlier_held"
    assert old in row["what"]
    assert "it stopped again" in row["what"]
    life.ok(f"rca recurrence ID --conclusion '{old}: only a test was added; now the limit is gone'")
    assert life.run("rca check ID").code == 0


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ("md", ["## How it was noticed", "a customer called", "## Measures"]),
        ("html", ["<!DOCTYPE html>", "a customer called"]),
        ("8d", [f"## D{number}" for number in range(1, 9)]),
        ("8d-html", ["<!DOCTYPE html>", "D8"]),
        ("yaml", ["status: draft", "causes:"]),
    ],
)
def test_an_analysis_is_shown_as_a_document(tmp_path: Path, form: str, words: list[str]) -> None:
    life = lived(tmp_path, *BEGUN)
    shown = life.ok(f"rca show ID --format {form}")
    assert [word for word in words if word not in shown] == []


def test_foreign_text_means_nothing_in_a_document(tmp_path: Path) -> None:
    life = lived(tmp_path, *BEGUN)
    life.ok("rca tell ID --summary '<script>x</script> [a](javascript:x) \x1b[31m'")
    for form in ("md", "html"):
        shown = life.ok(f"rca show ID --format {form}")
        assert "<script>" not in shown
        assert "\x1b" not in shown
    assert "[a](javascript" not in life.ok("rca show ID --format md")


CLOSE = "close ID --known-error none"
LOW = (*READY, RESOLVE, CONFIRM)


@pytest.mark.parametrize(
    ("history", "severity", "reason"),
    [
        (LOW, "S1", "severity S1"),
        (LOW, "S2", "severity S2"),
        (LOW, "S3", None),
        (LOW, "S4", None),
        ((*LOW, "triage ID --data-loss 'the orders of a day'"), "S4", "data was lost"),
        ((*LOW, "triage ID --data-loss none --security 'Nothing.'"), "S4", None),
        ((*LOW, "triage ID --security 'a key was in the log'"), "S4", "it concerns security"),
        ((*LOW, CLOSE, "reopen ID --reason premature --evidence 'a call'", *LOW[1:]), "S4", "it was reopened"),
        (
            (*LOW, CLOSE, "reopen ID --reason recurred --evidence 'a call' --affected-version 8.11", *LOW[1:]),
            "S4",
            "it recurred",
        ),
    ],
)
def test_closing_obeys_what_policy_asks_for(
    tmp_path: Path, history: tuple[str, ...], severity: str, reason: str | None
) -> None:
    life = lived(tmp_path, *history, *([PAID] if severity in {"S1", "S2"} else []), severity=severity)
    if reason is None:
        life.ok(CLOSE)
        return
    (missing,) = life.missing(CLOSE)
    assert missing["guard"] == "rca_accepted"
    assert reason in missing["what"]
    assert missing["command"] == f"issuelog rca start {life.id}" == life.tracker.json("next", life.id)["command"]


def test_with_an_accepted_analysis_it_closes(tmp_path: Path) -> None:
    life = lived(tmp_path, *LOW, PAID, severity="S2")
    for line in (*ANALYSIS, ACCEPT, CLOSE):
        life.ok(line)


def test_three_alike_within_thirty_days_ask_for_an_analysis_of_a_low_one_too(tmp_path: Path) -> None:
    life = lived(tmp_path, *READY, RESOLVE, CONFIRM, severity="S4")
    close = "close ID --known-error none"
    others = [life.tracker.complete("--at", "70h ago"), life.tracker.complete("--at", "900h ago")]
    assert life.run(close, "-n").code == 0  # two within thirty days, the third is older
    others.append(life.tracker.complete("--at", "80h ago"))
    (missing,) = life.missing(close)
    assert missing["guard"] == "rca_accepted"
    assert others[0] in missing["what"]
    assert others[2] in missing["what"]
    assert others[1] not in missing["what"]
    assert life.tracker.json("next", life.id)["command"] == f"issuelog rca start {life.id}"
    config = life.tracker.root / ".issuelog/config.yaml"
    config.write_text(config.read_text() + "rca_alike: 0\n")
    life.ok(close)


def test_the_same_component_and_kind_of_cause_are_alike_and_another_kind_is_not(tmp_path: Path) -> None:
    life = lived(tmp_path, *READY, RESOLVE, CONFIRM, "set ID component=export", severity="S4")
    other = ("--component", "export", "--error-message", "none_shown", "--at", "70h ago")
    ids = [life.tracker.new(*other, story=f"another story {number}") for number in (1, 2)]
    for one, kind in zip(ids, ("code", "config"), strict=True):
        life.tracker.ok("diagnose", one, "--cause", "x", "--kind", kind)
    assert life.run("close ID --known-error none", "-n").code == 0
    life.tracker.ok("diagnose", ids[1], "--cause", "x", "--kind", "code")
    assert [fact["guard"] for fact in life.missing("close ID --known-error none")] == ["rca_accepted"]
