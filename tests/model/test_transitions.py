"""The table of transitions, and what holds for every sequence of steps."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from issuelog.actions import analysis, customer, ending, start, work
from issuelog.customer.voice import Voice, Words
from issuelog.errors import IssuelogError, Refused, UsageError
from issuelog.model.guards import Context
from issuelog.model.lifecycle import TRANSITIONS, next_step, take, waivable
from issuelog.model.policy import Policy
from issuelog.model.rca import findings
from issuelog.model.report import Report, Resolution, State
from issuelog.model.step import Moment, Step, Waiver, to

NOON = datetime(2026, 11, 16, 12, tzinfo=UTC)
POLICY = Policy()
VOICE = Voice(POLICY)
ANA = "Ana Reyes <ana@example.com>"
SORRY = "We are sorry for the trouble. If you see it again, answer this message."


def moment(hours: float = 0, entropy: bytes = b"0123456789") -> Moment:
    at = NOON + timedelta(hours=hours)
    return Moment(at, ANA, at, entropy)


def new(severity: str = "S4", **facts: Any) -> Report:
    """Return a new report whose intake is complete."""
    environment = {"product": "billing-web", "version": "8.10"}
    told = dict.fromkeys(("error_message", "expected", "actual", "consequences"), "as said")
    return start.new_report(
        POLICY,
        moment(),
        7,
        {
            "title": "Export stops",
            "story": "I press export and the bar stops",
            "severity": severity,
            "source": {"channel": "email"},
            "customer": {"name": "Acme GmbH"},
            "intake": {**told, "steps": ["Press Export"], "frequency": "always", "environment": environment},
            **facts,
        },
    )


def go(report: Report, *steps: Step) -> Report:
    for hours, step in enumerate(steps, 1):
        report = take(report, step, moment(hours), POLICY)
    return report


ACKNOWLEDGE = customer.acknowledge(VOICE, Words())
REPRODUCE = work.reproduce(runs=5, hits=5, place="vm", env={"version": "8.10"})
SOLUTION = ending.Solution(
    cause="a wrong limit",
    kind="docs",
    summary="the page names the limit",
    refs=["pr:1"],
    tested_automated="links",
    tested_manual="read",
)
RESOLVE = ending.resolve(VOICE, Words(), SOLUTION)
CONFIRM = customer.verify(VOICE.policy, "confirmed")
REOPEN = ending.reopen(reason="not_fixed", evidence="a screenshot")
CLOSE = ending.close()
STEPS: list[Step] = [
    ACKNOWLEDGE,
    REPRODUCE,
    RESOLVE,
    CONFIRM,
    REOPEN,
    CLOSE,
    customer.update(VOICE, Words(slots={"confirmed": "it stops", "checking": "the memory"})),
    customer.received(VOICE.policy, "chaser", "any news?"),
    customer.call("told Jo", minutes=5, next_update=None),
    customer.verify_request(VOICE, Words()),
    customer.verify(VOICE.policy, "not_fixed"),
    customer.verify(VOICE.policy, "lapsed"),
    customer.compensate(decision="none"),
    customer.legal(review="cleared"),
    work.triage(severity="S1", because="blocked"),
    work.triage(component="export"),
    work.reproduce(runs=5, hits=0, place="staging", env={"version": "8.10"}),
    work.diagnose(cause="memory", kind="code"),
    work.fix(kind="code", summary="streams", refs=["git:4f9e2c1"], rollback="redeploy"),
    work.test(mode="manual", level="acceptance", scenario="the steps", result="pass"),
    work.test(mode="automated", level="unit", scenario="5,000 lines", result="fail"),
    work.deploy(version="8.10.3", place="production"),
    work.hypothesis_add("memory"),
    work.hypothesis_judge("H1", "rejected"),
    work.workaround(VOICE, "Export each week", words=Words()),
    work.escalate(to="vendor", party="Initech", reason="driver", tried=[], due=NOON),
    work.escalate_back(outcome="not theirs"),
    start.ask(VOICE, Words(), texts=["Which browser?"]),
    start.ask_again(VOICE, Words()),
    start.answer("Q1", "Firefox"),
    start.set_fields({"intake.environment.os": "Debian"}),
    start.set_fields({"intake.frequency": "never"}),
    start.assign(ANA),
    start.note("the cluster was down"),
    ending.resolve(VOICE, Words(), SOLUTION, without_reproduction="a vendor saw it"),
    ending.reopen(reason="recurred", evidence="log", version="9.0"),
    ending.close_as(VOICE, Words(SORRY), Resolution.WONT_FIX),
    ending.close_as(VOICE, Words(), Resolution.SPAM),
    analysis.start(),
    analysis.why("occurrence", text="no limit", evidence="code", ends_in="design"),
    analysis.action("a test", kind="prevent", strength="strong", owner="kim", due=NOON, measure="green"),
    analysis.accept("Li Wei", partial(findings, policy=POLICY)),
    analysis.settle("A1", "done", text="it is green"),
]


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.sampled_from(STEPS), st.integers(-3, 72), st.binary(min_size=10, max_size=10)), max_size=25),
    st.sampled_from(["S1", "S4"]),
)
def test_any_sequence_of_steps_leaves_a_sound_history(taken: list[tuple[Step, int, bytes]], severity: str) -> None:
    report = new(severity)
    for step, hours, entropy in taken:
        before = report.model_copy(deep=True)
        after = report
        with suppress(IssuelogError):
            after = take(report, step, moment(hours, entropy), POLICY)

        assert report == before, "take() changed its argument"
        assert after.events[: len(before.events)] == before.events, "an event was changed or removed"
        assert len(after.events) - len(before.events) == (after is not report)
        assert [event.id for event in after.events] == sorted({event.id for event in after.events})
        moved = [event for event in after.events if event.to]
        assert [event.from_ for event in moved] == [None, *(event.to for event in moved[:-1])]
        assert after.state == moved[-1].to
        assert (after.id, after.story, after.story_sha256) == (before.id, before.story, before.story_sha256)
        report = after


@given(st.lists(st.sampled_from(STEPS), max_size=12))
def test_a_report_in_any_condition_has_one_next_command(taken: list[Step]) -> None:
    report = new("S1")
    for hours, step in enumerate(taken):
        with suppress(IssuelogError):
            report = take(report, step, moment(hours), POLICY)
    found = next_step(report, POLICY, Context(POLICY, NOON))
    assert found.command.startswith("issuelog ")
    assert report.id in found.command.split()
    assert found.why


def test_the_main_path_goes_through_every_state_but_the_analysis() -> None:
    report = new()
    seen = [report.state]
    for hours, step in enumerate((ACKNOWLEDGE, REPRODUCE, RESOLVE, CONFIRM, CLOSE), 1):
        report = take(report, step, moment(hours), POLICY)
        seen.append(report.state)
    assert seen == ["new", "acknowledged", "reproduced", "resolved", "resolved", "closed"]


def test_every_state_has_a_way_in_and_every_state_but_closed_a_way_out() -> None:
    rows = TRANSITIONS.values()
    assert {row.target for row in rows} == set(State) - {State.NEW}
    assert {source for row in rows if row.name != "reopen" for source in row.sources} == set(State) - {State.CLOSED}
    assert {row.target for row in rows if State.CLOSED in row.sources} == {State.ACKNOWLEDGED}


def test_every_ending_has_a_row_from_every_open_state() -> None:
    for ending_ in set(Resolution) - {Resolution.FIXED}:
        row = TRANSITIONS[f"close --as {ending_}"]
        assert set(row.sources) == set(State) - {State.CLOSED}
        assert row.target is State.CLOSED


def test_only_what_the_contract_marks_can_be_waived() -> None:
    rest = {"tested_automated", "tested_manual", "rollback", "deployed"}
    assert {name: set(waivable(row)) for name, row in TRANSITIONS.items() if waivable(row)} == {
        "reproduce": {"intake_complete"},
        "resolve": rest,
        "resolve --without-reproduction": rest,
    }


def test_a_step_that_changes_nothing_returns_the_report_itself() -> None:
    report = new(owner=ANA)
    assert take(report, start.assign(ANA), moment(), POLICY) is report


@pytest.mark.parametrize("source", list(State))
@pytest.mark.parametrize("name", list(TRANSITIONS))
def test_a_row_is_taken_from_its_sources_alone(name: str, source: State) -> None:
    report = new().model_copy(update={"state": source})
    row = TRANSITIONS[name]
    step = Step(name, lambda _draft, _moment: None, to(name))
    allowed = source in row.sources
    if allowed and not row.missing(report, Context(POLICY, NOON)):
        assert take(report, step, moment(), POLICY).state is row.target
        return
    with pytest.raises(Refused) as refused:
        take(report, step, moment(), POLICY)
    assert bool(refused.value.missing) == allowed


def test_a_waiver_is_part_of_the_event() -> None:
    bare = go(new(intake={"steps": ["Press Export"]}), ACKNOWLEDGE)
    with pytest.raises(Refused):
        take(bare, REPRODUCE, moment(2), POLICY)
    waiver = Waiver(("intake_complete",), "seen in the log")
    step = work.reproduce(runs=1, hits=1, place="vm", env={"os": "Debian"}, waiver=waiver)
    event = take(bare, step, moment(2), POLICY).events[-1]
    assert event.fact("waived") == ["intake_complete"]
    assert event.fact("because") == "seen in the log"


def test_events_follow_one_another_though_the_clock_goes_back() -> None:
    report = take(new(), start.note("first"), moment(5), POLICY)
    report = take(report, start.note("second"), moment(1), POLICY)
    assert [event.id for event in report.events] == sorted(event.id for event in report.events)
    assert report.events[-1].at == NOON + timedelta(hours=1)


@pytest.mark.parametrize(
    "make",
    [
        lambda: work.triage(severity="S9", because="blocked"),
        lambda: work.reproduce(runs=0, hits=0, place="vm", env={}),
        lambda: work.reproduce(runs=5, hits=6, place="vm", env={}),
        lambda: customer.verify(VOICE.policy, "proxy"),
        lambda: customer.compensate(decision="offered", amount="50.00"),
        lambda: analysis.why("escape"),
    ],
)
def test_a_step_that_cannot_be_is_refused_before_it_is_taken(make: Callable[[], Step]) -> None:
    with pytest.raises(UsageError):
        make()


def test_a_reopened_report_asks_for_a_fresh_deployment_to_know_what_it_is_fixed_in() -> None:
    deployed = ending.resolve(VOICE, Words(), replace(SOLUTION, kind="code", version="8.10.3"))
    report = go(new(), ACKNOWLEDGE, REPRODUCE, deployed)
    assert report.fix.fixed_in == "8.10.3"
    reopened = take(report, REOPEN, moment(6), POLICY)
    assert reopened.fix.fixed_in is None
    assert [item.version for item in reopened.fix.deployed] == ["8.10.3"]
    again = take(reopened, work.deploy(version="8.10.4", place="production"), moment(7), POLICY)
    assert again.fix.fixed_in == "8.10.4"
