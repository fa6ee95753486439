"""Every guard of every row refuses, changes nothing, and names the command that lifts the refusal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from issuelog.model.lifecycle import TRANSITIONS
from issuelog.model.text import one_line
from issuelog.model.times import iso
from support.lives import (
    ACCEPT,
    ACK,
    AGAIN,
    ANALYSIS,
    ASK,
    AUTO,
    BEFORE,
    CAUSE,
    CHANGE,
    CLEAN,
    CLOSABLE,
    CONFIRM,
    DEPLOY,
    HIT,
    MANUAL,
    MISS,
    PAID,
    READY,
    REOPEN,
    RESOLVE,
    ROLLBACK,
    SOLVED,
    Life,
    lived,
)

Amend = Callable[[Any, str], None]
"""Edits a report's data; gets another report's id as well."""

CLOSE = "close ID --known-error none"
SAID = f"--message '{CLEAN}'"
DOCUMENTED = "fix ID --kind docs --summary 'the page names the limit' --ref pr:12 --rollback 'revert the page'"
BACK = (*READY, RESOLVE, REOPEN)
PAST, FUTURE = "2020-01-02T12:00:00Z", "2099-01-02T12:00:00Z"


@dataclass(frozen=True)
class Case:
    """A report that lacks one guard of a row, and the command that is refused for it."""

    row: str
    guard: str
    history: tuple[str, ...]
    attempt: str
    names: str
    """What the refusal has to say."""
    rounds: int = 1
    """How often a refusal has to be followed until the command passes; a fact may need a second one after it."""
    given: Mapping[str, str] = field(default_factory=dict)
    amend: Amend | None = None

    def __str__(self) -> str:
        return f"{self.row}: {self.names}"

    def begin(self, tmp_path: Path) -> tuple[Life, Mapping[str, str]]:
        """Return the report, and what fills the gaps of the commands."""
        life = lived(tmp_path, *self.history)
        duplicate = self.row == "close --as duplicate"
        other = life.tracker.new("--title", "The original") if duplicate else life.id
        amend = self.amend
        if amend:
            life.by_hand(lambda data: amend(data, other))
        return life, {"ID2": other, **self.given}


def without(history: Iterable[str], *absent: str) -> tuple[str, ...]:
    return tuple(line for line in history if line not in absent)


def worked(data: Any, _: str) -> None:
    data["precedents"] = {"tried": [{"id": "P1", "ref": "KE-260220-2QAB", "outcome": "worked", "at": PAST}]}


def duplicates(data: Any, other: str) -> None:
    data["links"] = {"duplicate_of": other}


def solving(row: str, by: tuple[str, ...], attempt: str) -> list[Case]:
    """Return the cases of a row that asks for a whole solution, `by` being what comes before the diagnosis."""
    ready = (*by, *SOLVED)
    documented = (*by, CAUSE, DOCUMENTED, AUTO, MANUAL)
    again = (*READY, RESOLVE, REOPEN, *by[1:], CAUSE, CHANGE, AUTO, MANUAL, DEPLOY)
    return [
        Case(row, "diagnosed", without(ready, CAUSE), f"{attempt} {SAID}", "no cause and its kind", rounds=2),
        Case(row, "fixed", without(ready, CHANGE), f"{attempt} {SAID}", "no kind, no summary, no reference"),
        Case(row, "tested_automated", without(documented, AUTO), attempt, "no automated test that passed"),
        Case(row, "tested_manual", without(documented, MANUAL), attempt, "no manual test that passed"),
        Case(row, "rollback", without(ready, ROLLBACK), attempt, "S1 needs a rollback"),
        Case(row, "deployed", without(ready, DEPLOY), attempt, "the fix is not deployed"),
        Case(row, "in_order", ready, f"{attempt} {BEFORE}", "the customer was told before it was done"),
        Case(row, "in_order", (*without(ready, CAUSE), CAUSE), attempt, "ran before the diagnosis"),
        Case(row, "in_order", (*without(ready, MANUAL), MANUAL), attempt, "came before the diagnosis and the tests"),
        Case(row, "told", again, f"{attempt} {BEFORE}", "no message that asks the customer to confirm"),
    ]


CASES = [
    Case("acknowledge", "first_answer", (), "acknowledge ID --next-update 60d", "policy allows"),
    Case("acknowledge", "first_answer", (), "acknowledge ID --next-update '1h ago'", "promised for the past"),
    Case(
        "reproduce",
        "intake_complete",
        (ACK, "set ID intake.expected= intake.frequency="),
        HIT,
        "expected: What should have happened?",
        rounds=2,
    ),
    Case("reproduce", "reproduced", BACK, f"{HIT} {BEFORE}", "no attempt in which the error showed"),
    *solving("resolve", (ACK, HIT), "resolve ID"),
    *solving("resolve --without-reproduction", (ACK,), "resolve ID --without-reproduction 'a vendor saw it'"),
    Case("resolve by precedent", "precedent_worked", (ACK, *SOLVED), "resolve ID", "nor a precedent that worked"),
    Case("resolve by precedent", "told", (ACK,), "resolve ID", "no message that asks", amend=worked),
    Case("close", "rca_accepted", without(CLOSABLE, *ANALYSIS, ACCEPT), CLOSE, "root cause analysis", rounds=5),
    Case("close", "rca_accepted", without(CLOSABLE, ANALYSIS[-1], ACCEPT), CLOSE, "no preventive action", rounds=2),
    Case("close", "rca_accepted", without(CLOSABLE, ACCEPT), CLOSE, "is not accepted"),
    Case(
        "close",
        "actions_owned",
        (*CLOSABLE, "set ID rca.actions.A1.owner= rca.actions.A1.due_at="),
        CLOSE,
        "action A1 has no due date",
        given={"TIME": FUTURE},
    ),
    Case("close", "verified", without(CLOSABLE, CONFIRM), CLOSE, "the customer has not confirmed"),
    Case(
        "close",
        "verified",
        (*without(CLOSABLE, CONFIRM), "verify ID --lapsed"),
        CLOSE,
        "the customer was asked only once",
        rounds=2,
    ),
    Case("close", "nothing_open", (*CLOSABLE, ASK), CLOSE, "question Q1 is open"),
    Case(
        "close",
        "nothing_open",
        (*CLOSABLE, "escalate ID --to vendor --party Initech --reason 'their driver' --due 2d"),
        CLOSE,
        "escalation E1 to Initech is open",
    ),
    Case(
        "close",
        "monitoring_over",
        (*CLOSABLE, f"set ID monitor.until={FUTURE}"),
        CLOSE,
        f"monitoring runs until {FUTURE}",
        given={"TIME": PAST},
    ),
    Case("close", "compensation_decided", without(CLOSABLE, PAID), CLOSE, "no decision on compensation"),
    Case("close", "known_error_decided", CLOSABLE, "close ID", "whether the known-error base gets an entry"),
    Case("close --as duplicate", "duplicate_target", (), "close ID --as duplicate", "the report that it duplicates"),
    Case("close --as duplicate", "told", BACK, f"close ID --as duplicate {BEFORE}", "no message", amend=duplicates),
    Case("close --as not_an_error", "told", (ACK,), "close ID --as not_an_error", "no message to the customer"),
    Case("close --as wont_fix", "told", (ACK,), "close ID --as wont_fix", "no message to the customer"),
    Case("close --as withdrawn", "told", BACK, f"close ID --as withdrawn {BEFORE}", "no message to the customer"),
    Case("close --as no_response", "two_chasers", (ACK, ASK, AGAIN), "close ID --as no_response", "(so far: 1)"),
    Case(
        "close --as no_response",
        "told",
        (*BACK, ASK, AGAIN, AGAIN),
        f"close ID --as no_response {BEFORE}",
        "no message",
    ),
    Case(
        "close --as cannot_reproduce",
        "two_environments",
        (ACK, MISS),
        f"close ID --as cannot_reproduce {SAID}",
        "attempts in two environments",
    ),
    Case(
        "close --as cannot_reproduce",
        "told",
        (ACK, MISS, MISS.replace("sandbox", "vm")),
        "close ID --as cannot_reproduce",
        "no message to the customer",
    ),
]
GUARDS = {(row.name, guard.name): guard for row in TRANSITIONS.values() for guard in row.guards}
FIRST = {(case.row, case.guard): case for case in reversed(CASES)}
WAIVABLE = [case for key, case in FIRST.items() if key in GUARDS and GUARDS[key].waivable]
FIRM = [case for key, case in FIRST.items() if key in GUARDS and not GUARDS[key].waivable]


def test_every_guard_of_every_row_has_a_case() -> None:
    assert set(FIRST) == set(GUARDS)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_guard_refuses_and_its_command_lifts_the_refusal(case: Case, tmp_path: Path) -> None:
    life, given = case.begin(tmp_path)
    before = life.tracker.fingerprint()

    # Both at one moment: a refusal may name times that are reckoned from it.
    moment = () if "--at" in case.attempt else ("--at", iso(datetime.now(UTC)))
    missing = life.missing(case.attempt, *moment)
    said = life.run(case.attempt, *moment)

    assert {fact["guard"] for fact in missing} == {case.guard}
    assert (said.code, said.out) == (5, "")
    assert case.names in said.err
    for fact in missing:
        assert one_line(fact["what"]) in said.err
        assert fact["command"].startswith("issuelog ")
        assert fact["command"] in said.err
    assert life.tracker.fingerprint() == before

    for _ in range(case.rounds):
        life.follow(missing, given)
        if life.state == TRANSITIONS[case.row].target:
            return
        done = life.run(case.attempt, "--json")
        missing = done.error["missing"] if done.code == 5 else []
    assert life.state == TRANSITIONS[case.row].target, f"still missing: {missing}"


@pytest.mark.parametrize("case", WAIVABLE, ids=str)
def test_a_waivable_guard_is_set_aside_with_a_reason_that_the_event_records(case: Case, tmp_path: Path) -> None:
    life, _ = case.begin(tmp_path)
    life.ok(case.attempt, "--waive", case.guard, "--because", "agreed with the customer")
    assert life.state == TRANSITIONS[case.row].target
    assert life.last["waived"] == [case.guard]
    assert life.last["because"] == "agreed with the customer"


@pytest.mark.parametrize("case", FIRM, ids=str)
def test_a_firm_guard_cannot_be_set_aside(case: Case, tmp_path: Path) -> None:
    life, _ = case.begin(tmp_path)
    before = life.tracker.fingerprint()
    done = life.run(case.attempt, "--waive", case.guard, "--because", "agreed with the customer")
    assert (done.code, done.out) == (2, "")
    assert life.tracker.fingerprint() == before


@pytest.mark.parametrize("case", WAIVABLE, ids=str)
def test_a_waiver_needs_a_known_guard_and_a_reason(case: Case, tmp_path: Path) -> None:
    life, _ = case.begin(tmp_path)
    before = life.tracker.fingerprint()
    for options, words in (
        (["--waive", case.guard], "--because"),
        (["--waive", case.guard, "--because", "  "], "--because"),
        (["--waive", "nonsense", "--because", "agreed"], "nonsense cannot be waived here"),
    ):
        done = life.run(case.attempt, *options)
        assert (done.code, done.out) == (2, "")
        assert words in done.err
    assert life.tracker.fingerprint() == before


def test_a_waiver_of_one_guard_leaves_the_others(tmp_path: Path) -> None:
    life = lived(tmp_path, *without(READY, AUTO, MANUAL))
    missing = life.missing(RESOLVE, "--waive", "tested_automated", "--because", "the runner is down")
    assert {fact["guard"] for fact in missing} == {"tested_manual"}


def test_a_refusal_names_every_missing_fact_at_once(tmp_path: Path) -> None:
    life = lived(tmp_path, ACK, HIT)
    assert [fact["guard"] for fact in life.missing(RESOLVE)] == [
        "diagnosed",
        "fixed",
        "tested_automated",
        "tested_manual",
        "rollback",
        "deployed",
        "told",
    ]


def test_an_analysis_is_accepted_by_somebody_who_does_not_own_it(tmp_path: Path) -> None:
    life = lived(tmp_path, *without(CLOSABLE, ACCEPT))
    before = life.tracker.fingerprint()
    (missing,) = life.missing("rca accept ID --reviewer 'Ana Reyes <ana@example.com>'")
    assert missing["guard"] == "reviewer"
    assert life.tracker.fingerprint() == before
    life.follow([missing])
    life.ok(CLOSE)


def test_an_analysis_that_is_not_complete_is_not_accepted(tmp_path: Path) -> None:
    life = lived(tmp_path, *without(CLOSABLE, ANALYSIS[3], ACCEPT))
    missing = life.missing(ACCEPT)
    assert {fact["guard"] for fact in missing} == {"deep_enough", "systemic_end"}
    life.follow(missing)
    life.ok(ACCEPT)


def test_an_accepted_analysis_that_is_changed_has_to_be_accepted_again(tmp_path: Path) -> None:
    life = lived(tmp_path, *CLOSABLE)
    life.ok("rca factor ID 'month end fell on a Monday'")
    assert [fact["guard"] for fact in life.missing(CLOSE)] == ["rca_accepted"]
    life.ok(ACCEPT)
    life.ok(CLOSE)
