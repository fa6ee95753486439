"""A report is taken back to how it stood: what its clocks say of the past is what they said then."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from issuelog.actions import analysis, customer, ending, monitoring, start, work
from issuelog.customer.voice import Voice, Words
from issuelog.errors import IssuelogError
from issuelog.model.case import Clock
from issuelog.model.clocks import clocks, every_clock, lasting_conditions
from issuelog.model.history import as_of
from issuelog.model.lifecycle import take
from issuelog.model.policy import Policy
from issuelog.model.rca import findings
from issuelog.model.report import Report, Resolution
from issuelog.model.step import Moment, Step
from support.pasts import Past, at

NOON = datetime(2026, 11, 16, 12, tzinfo=UTC)
POLICY = Policy()
VOICE = Voice(POLICY)
ANA = "Ana Reyes <ana@example.com>"
SAID = "We are sorry for the trouble. If you see it again, answer this message."
SOLUTION = ending.Solution(
    cause="a wrong limit",
    kind="code",
    summary="the limit is gone",
    refs=["pr:1"],
    rollback="redeploy",
    tested_automated="5,000 lines",
    tested_manual="the steps",
    version="8.10.3",
)


def _chain(kind: str) -> list[Step]:
    return [
        *(analysis.why(kind, text=f"why {number}", evidence="a log") for number in range(2)),
        analysis.why(kind, text="nobody is asked to look", evidence="the plan", ends_in="process"),
    ]


def _measure(due: datetime) -> Step:
    return analysis.action("a test", kind="prevent", strength="strong", owner="kim", due=due, measure="green")


ANALYSED = [
    analysis.start(due=NOON + timedelta(days=9)),
    *_chain("occurrence"),
    *_chain("escape"),
    analysis.detect(how="a call", should_have="an alarm", gap=timedelta(hours=6)),
    analysis.walk(dict.fromkeys(POLICY.rca_stages, "none"), POLICY.rca_stages),
    analysis.recurrence(lambda _report, _since: (), conclusion="the first of its kind"),
    *(analysis.not_done("more people", because="it is no matter of people", cause=cause) for cause in ("C1", "C2")),
    _measure(NOON),
]
ACKNOWLEDGE = [customer.acknowledge(VOICE, Words())]
RESOLVE = [ending.resolve(VOICE, Words(), SOLUTION, without_reproduction="a vendor saw it")]
REOPEN = [ending.reopen(reason="not_fixed", evidence="a screenshot")]
TURNS: list[list[Step]] = [
    ACKNOWLEDGE,
    RESOLVE,
    [*ACKNOWLEDGE, *RESOLVE],
    [*ACKNOWLEDGE, *RESOLVE, customer.verify(VOICE.policy, "not_fixed"), *REOPEN],
    [*ANALYSED, analysis.accept("Li Wei", partial(findings, policy=POLICY))],
    [analysis.why("occurrence", text="once more", evidence="a log")],
    REOPEN,
    [ending.reopen(reason="premature", evidence="a log")],
    [customer.verify(VOICE.policy, "confirmed")],
    [customer.verify(VOICE.policy, "lapsed")],
    [customer.compensate(decision="none"), ending.close(known_error="none")],
    [ending.close_as(VOICE, Words(SAID), Resolution.WONT_FIX)],
    [ending.close_as(VOICE, Words(), Resolution.SPAM)],
    [customer.update(VOICE, Words(slots={"confirmed": "it stops", "checking": "the memory"}))],
    [customer.call("told Jo", minutes=5, next_update=NOON + timedelta(days=2))],
    *([customer.received(POLICY, kind, "as said")] for kind in ("answer", "chaser", "thanks", "auto_reply")),
    [customer.verify_request(VOICE, Words())],
    *([work.triage(severity=severity, because="as seen")] for severity in ("S1", "S2", "S3", "S4")),
    [work.diagnose(cause="memory", kind="code")],
    [work.deploy(version="8.10.3", place="staging")],
    [work.deploy(version="8.10.3", place="production")],
    [work.workaround(VOICE, "Export each week", words=Words())],
    [work.escalate(to="vendor", party="Initech", reason="driver", tried=[], due=NOON + timedelta(days=40))],
    [work.escalate(to="team", party="core", reason="deep", tried=[], due=NOON + timedelta(days=43))],
    [work.escalate_back(outcome="not theirs")],
    [customer.legal(review="in_review")],
    [customer.legal(review="cleared")],
    [customer.compensate(decision="offered", kind="credit")],
    [monitoring.monitor(until=NOON + timedelta(days=50), pattern="EXPORT-507")],
    [monitoring.monitor(check="nothing in the logs")],
    [monitoring.monitor(off=True)],
    [start.ask(VOICE, Words(), texts=["Which browser?"])],
    [start.ask_again(VOICE, Words())],
    [start.answer("Q1", "Firefox")],
    [start.note("the cluster was down")],
    [_measure(NOON + timedelta(days=5))],
    [analysis.settle("A1", "done", text="it is green")],
    [analysis.settle("A1", "dropped", text="not worth it")],
]
"""What may happen next; a turn that the report does not allow changes nothing."""


def new(severity: str, received: datetime) -> Report:
    """Return a new report, recorded at noon, whose intake is complete."""
    told = dict.fromkeys(("error_message", "expected", "actual", "consequences"), "as said")
    environment = {"product": "billing-web", "version": "8.10"}
    return start.new_report(
        POLICY,
        Moment(NOON, ANA, NOON, b"0123456789"),
        7,
        {
            "title": "Export stops",
            "story": "I press export and the bar stops",
            "severity": severity,
            "source": {"channel": "email", "received_at": received},
            "customer": {"name": "Acme GmbH"},
            "intake": {**told, "steps": ["Press Export"], "frequency": "always", "environment": environment},
        },
    )


GAPS = st.sampled_from([0, 1, 14, 60, 61, 8 * 60, 24 * 60, 5 * 24 * 60 + 1])
"""How many minutes may pass before something happens."""


def is_taken_back(severity: str, unseen: int, turns: list[tuple[list[Step], int]]) -> Report:
    """Let a report live, each turn so many minutes after the one before, and take it back to each of these times."""
    now, report = NOON, new(severity, NOON - timedelta(minutes=unseen))
    seen = {now: report}
    for steps, gap in turns:
        now += timedelta(minutes=gap)
        for step in steps:
            with suppress(IssuelogError):
                report = take(report, step, Moment(now, ANA, now, b"0123456789"), POLICY)
            # Of what happens within one second only the last is a time that one can come back to.
            seen[now] = report
    for then, known in seen.items():
        past = as_of(report, then)
        assert past is not None
        assert every_clock(past, POLICY) == every_clock(known, POLICY)
        assert clocks(past, POLICY) == clocks(known, POLICY)
        assert lasting_conditions(past) == lasting_conditions(known)
        for name in ("state", "severity", "waiting_on"):
            assert getattr(past, name) == getattr(known, name)
        for name in ("outcome", "at"):
            assert getattr(past.verification, name) == getattr(known.verification, name)
        assert past.rca.status == known.rca.status
    return report


@settings(max_examples=60)
@given(
    st.sampled_from(["S1", "S3", "S4"]),
    st.sampled_from([0, 30, 3 * 24 * 60]),
    st.lists(st.tuples(st.sampled_from(TURNS), GAPS), min_size=1, max_size=12),
)
def test_a_report_taken_back_has_the_clocks_that_it_had(
    severity: str, unseen: int, turns: list[tuple[list[Step], int]]
) -> None:
    is_taken_back(severity, unseen, turns)


@pytest.mark.parametrize("gap", [1, 8 * 60, 3 * 24 * 60])
def test_a_report_in_whose_life_everything_happened_is_taken_back_to_each_day_of_it(gap: int) -> None:
    escalate = work.escalate(to="vendor", party="Initech", reason="driver", tried=[], due=NOON + timedelta(days=400))
    asked = start.ask(VOICE, Words(), texts=["Which browser?"])
    closed = [customer.compensate(decision="none"), ending.close(known_error="none")]
    life = [
        *ACKNOWLEDGE,
        work.diagnose(cause="memory", kind="code"),
        escalate,
        work.escalate_back(outcome="not theirs"),
        asked,
        customer.received(POLICY, "answer", "Firefox"),
        work.triage(severity="S1", because="blocked"),
        work.workaround(VOICE, "Export each week", words=Words()),
        work.workaround(VOICE, "Export each day", words=Words()),
        work.diagnose(cause="the limit", kind="code"),
        start.answer("Q1", "Firefox"),
        *RESOLVE,
        customer.verify(VOICE.policy, "not_fixed"),
        *REOPEN,
        *RESOLVE,
        customer.verify_request(VOICE, Words()),
        *ANALYSED,
        analysis.accept("Li Wei", partial(findings, policy=POLICY)),
        analysis.why("occurrence", text="once more", evidence="a log"),
        analysis.accept("Li Wei", partial(findings, policy=POLICY)),
        customer.verify(VOICE.policy, "not_fixed"),
        customer.verify(VOICE.policy, "confirmed"),
        *closed,
        analysis.settle("A1", "done", text="it is green"),
        analysis.why("escape", text="once more", evidence="a log"),
        ending.reopen(reason="premature", evidence="a log"),
        *RESOLVE,
        customer.verify(VOICE.policy, "confirmed"),
    ]
    report = is_taken_back("S3", 30, [([step], gap) for step in life])
    assert [event.action for event in report.events[1:]] == [step.action for step in life]


def names(found: list[Clock]) -> set[str]:
    return {clock.clock for clock in found}


def test_before_it_was_received_there_is_no_report() -> None:
    past = Past("S3").acknowledged("03-09 09:00").report
    assert as_of(past, at("03-06 16:29:59")) is None
    then = as_of(past, at("03-06 16:30"))
    assert then is not None
    assert then.state == "new"


def test_a_report_that_was_recorded_later_was_waiting_already() -> None:
    past = Past("S1", "03-06 09:00", recorded="03-06 16:00").acknowledged("03-06 16:05").report
    then = as_of(past, at("03-06 10:00"))
    assert then is not None
    assert names(clocks(then, POLICY)) == {"acknowledge", "restore", "fix"}
    assert clocks(then, POLICY)[0].is_overdue(at("03-06 10:00"))


@pytest.mark.parametrize("when", ["03-09 09:00", "03-12 09:00"])
def test_a_report_that_nothing_happened_to_since_is_itself(when: str) -> None:
    past = Past("S3").acknowledged("03-09 09:00").report
    assert as_of(past, at(when)) is past


def test_taking_a_report_back_leaves_the_report_as_it_is() -> None:
    past = Past("S3").acknowledged("03-09 09:00").resolved("03-10 09:00").report
    before = past.model_copy(deep=True)
    as_of(past, at("03-09 10:00"))
    assert past == before
