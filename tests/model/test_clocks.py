"""Every clock of the contract: its default targets, what starts, pauses and ends it, and what only looks like that."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from issuelog.model.case import Clock
from issuelog.model.clocks import KINDS, clocks, command_for, every_clock
from issuelog.model.history import backdated
from issuelog.model.policy import Policy
from issuelog.model.report import Report
from support.pasts import RECEIVED, Past, at, short

POLICY = Policy()
SEVERITIES = ("S1", "S2", "S3", "S4")

# Everything starts on Friday 6 March, 16:30, half an hour before the office closes until Monday: real time and
# business time (Monday to Friday, 09:00 to 17:00, UTC) never give the same.
CONTRACT = {
    "acknowledge": ("03-06 16:45", "03-06 17:30", "03-09 12:30", "03-09 16:30"),
    "next_update": ("03-06 17:30", "03-06 20:30", "03-09 16:30", "03-10 16:30"),
    "restore": ("03-06 20:30", "03-09 16:30", "03-13 16:30", None),
    "fix": ("03-13 16:30", "04-05 16:30", "05-05 16:30", "06-04 16:30"),
    "answer": ("03-06 17:00", "03-06 18:30", "03-09 16:30", "03-10 16:30"),
    "inform": ("03-06 17:00", "03-06 18:30", "03-09 16:30", "03-09 16:30"),
}
BESIDES = {
    "chaser": ("03-06 20:30", "03-09 16:30", "03-10 16:30", "03-11 16:30"),
    "investigate": ("03-06 18:30", "03-09 16:30", "03-11 16:30", None),
}
"""Targets that the contract leaves open."""


def with_running(clock: str, severity: str) -> Past:
    """Return a report in which a clock started at RECEIVED."""
    if clock in {"acknowledge", "restore", "fix"}:
        return Past(severity)
    past = Past(severity, "03-06 16:00").acknowledged("03-06 16:15" if clock in {"answer", "inform"} else RECEIVED)
    if clock == "chaser":
        past.asks(RECEIVED)
    elif clock == "answer":
        past.hears(RECEIVED)
    elif clock == "inform":
        past.deployed(RECEIVED)
    return past


@pytest.mark.parametrize(
    ("clock", "severity", "due"),
    [
        pytest.param(clock, severity, due, id=f"{clock}-{severity}")
        for clock, dues in (CONTRACT | BESIDES).items()
        for severity, due in zip(SEVERITIES, dues, strict=True)
    ],
)
def test_the_default_target_of_every_clock_and_severity(clock: str, severity: str, due: str | None) -> None:
    expected = [(RECEIVED, due, None)] if due else []
    assert with_running(clock, severity).runs(clock) == expected


def test_every_clock_has_its_tests_here() -> None:
    others = {"promise", "verification", "escalation", "rca", "action", "effect"}
    decided = {"compensation", "legal", "monitor"}  # tests/cli/test_decisions.py
    assert set(KINDS) == set(CONTRACT) | set(BESIDES) | others | decided


# The first answer.


@pytest.mark.parametrize("kind", ["acknowledge", "update", "call", "spam"])
def test_the_first_word_of_a_person_acknowledges_whatever_it_is_called(kind: str) -> None:
    assert Past("S3").update("03-06 16:50", kind).runs("acknowledge") == [(RECEIVED, "03-09 12:30", "03-06 16:50")]


@pytest.mark.parametrize("kind", ["auto_reply", "bounce"])
def test_an_automatic_reply_acknowledges_nothing_and_answers_nothing(kind: str) -> None:
    past = Past("S3").update("03-06 16:50", kind)
    assert past.runs("acknowledge") == [(RECEIVED, "03-09 12:30", None)]
    assert past.runs("next_update") == []
    past.acknowledged("03-09 10:00").hears("03-09 11:00").update("03-09 11:30", kind)
    assert past.runs("answer") == [("03-09 11:00", "03-10 11:00", None)]
    assert past.runs("next_update") == [("03-09 10:00", "03-10 10:00", None)]


def test_what_the_customer_says_acknowledges_nothing() -> None:
    assert Past("S3").hears("03-06 16:50").runs("acknowledge") == [(RECEIVED, "03-09 12:30", None)]


def test_closing_without_a_word_ends_the_wait_for_the_first_answer() -> None:
    past = Past("S3").moves("03-06 16:50", "close --as spam", "closed")
    assert past.runs("acknowledge") == [(RECEIVED, "03-09 12:30", "03-06 16:50")]
    assert clocks(past.report, POLICY) == []


def test_the_customers_own_time_counts_and_not_when_it_was_typed_in() -> None:
    past = Past("S1", "03-06 09:00", recorded="03-06 16:00")
    assert past.runs("acknowledge") == [("03-06 09:00", "03-06 09:15", None)]


def test_acknowledging_never_pauses() -> None:
    past = Past("S3").event("03-06 16:40", "set", waiting_on="customer")
    assert past.runs("acknowledge") == [(RECEIVED, "03-09 12:30", None)]
    assert past.clocks("acknowledge")[0].pauses == ()


def test_an_answer_that_claims_to_be_from_before_the_report_ends_it_at_once() -> None:
    assert Past("S3").acknowledged("03-06 16:00").runs("acknowledge") == [(RECEIVED, "03-09 12:30", RECEIVED)]


def test_due_to_the_second_is_kept_and_a_second_later_is_broken() -> None:
    clock = Past("S1").acknowledged("03-06 16:45").clocks("acknowledge")[0]
    assert not clock.is_overdue(at("03-09 12:00"))
    late = Past("S1").acknowledged("03-06 16:45:01").clocks("acknowledge")[0]
    assert late.is_overdue(at("03-06 16:40"))


# The next word, and the reminder that takes its place while the customer has to answer.


def test_every_word_of_ours_starts_the_next_word_afresh() -> None:
    past = Past("S3").acknowledged("03-09 09:00").update("03-09 12:00").update("03-10 12:30")
    assert past.runs("next_update") == [
        ("03-09 09:00", "03-09 17:00", "03-09 12:00"),
        ("03-09 12:00", "03-10 12:00", "03-10 12:30"),
        ("03-10 12:30", "03-11 12:30", None),
    ]
    assert [clock.is_overdue(at("03-10 13:00")) for clock in past.clocks("next_update")] == [False, True, False]


def test_there_is_no_next_word_before_the_first() -> None:
    assert Past("S3").hears("03-09 09:00").runs("next_update") == []


def test_a_chaser_takes_the_place_of_the_next_word_while_the_customer_has_to_answer() -> None:
    past = Past("S3").acknowledged("03-09 09:00").asks("03-09 10:00")
    assert past.runs("next_update") == [("03-09 09:00", "03-09 17:00", "03-09 10:00")]
    assert past.runs("chaser") == [("03-09 10:00", "03-11 10:00", None)]
    past.update("03-10 09:00", "ask_chase")
    assert past.runs("chaser")[1:] == [("03-10 09:00", "03-11 17:00", None)]
    past.hears("03-10 12:00", "answer")
    assert past.runs("chaser")[1:] == [("03-10 09:00", "03-11 17:00", "03-10 12:00")]
    assert past.runs("next_update")[1:] == [("03-10 12:00", "03-11 12:00", None)]


def test_waiting_on_a_vendor_replaces_and_pauses_nothing() -> None:
    past = Past("S3").acknowledged("03-09 09:00").escalated("03-09 10:00", "03-20 10:00")
    assert past.runs("chaser") == []
    assert past.runs("next_update") == [("03-09 09:00", "03-09 17:00", None)]
    assert past.runs("restore") == [(RECEIVED, "03-13 16:30", None)]
    assert past.runs("fix") == [(RECEIVED, "05-05 16:30", None)]


@pytest.mark.parametrize("kind", ["thanks", "confirmation", "auto_reply", "bounce"])
def test_what_answers_no_question_leaves_us_waiting(kind: str) -> None:
    past = Past("S3").acknowledged("03-09 09:00").asks("03-09 10:00").hears("03-09 11:00", kind)
    assert past.runs("chaser") == [("03-09 10:00", "03-11 10:00", None)]


def test_there_is_no_next_word_once_it_is_done_and_there_is_again_when_it_comes_back() -> None:
    past = Past("S3").acknowledged("03-09 09:00").resolved("03-09 12:00")
    assert past.runs("next_update") == [("03-09 09:00", "03-09 17:00", "03-09 12:00")]
    past.update("03-09 15:00", "verify_chase")
    assert past.runs("next_update") == [("03-09 09:00", "03-09 17:00", "03-09 12:00")]
    past.reopened("03-10 10:00")
    assert past.runs("next_update")[1:] == [("03-10 10:00", "03-11 10:00", None)]


# Promises.


def test_a_promised_time_is_a_clock_of_its_own() -> None:
    past = Past("S3").acknowledged("03-09 09:00", promise="03-09 11:00")
    assert past.runs("promise") == [("03-09 09:00", "03-09 11:00", None)]
    assert past.runs("next_update") == [("03-09 09:00", "03-09 17:00", None)]
    past.update("03-09 11:01")
    assert past.runs("promise") == [("03-09 09:00", "03-09 11:00", "03-09 11:01")]
    assert past.clocks("promise")[0].is_overdue(at("03-09 10:00"))
    assert not past.clocks("next_update")[0].is_overdue(at("03-10 10:00"))


def test_a_promise_for_the_time_that_policy_gives_is_not_told_twice() -> None:
    past = Past("S3").acknowledged("03-09 09:00", promise="03-09 17:00")
    assert past.runs("promise") == []
    assert past.runs("next_update") == [("03-09 09:00", "03-09 17:00", None)]
    chased = Past("S3").acknowledged("03-09 09:00").says("03-09 10:00", "ask", promise="03-11 10:00")
    chased.event("03-09 10:00", "ask", waiting_on="customer")
    assert chased.runs("promise") == []
    assert chased.runs("chaser") == [("03-09 10:00", "03-11 10:00", None)]


def test_a_second_more_or_less_than_policy_gives_is_a_promise() -> None:
    past = Past("S3").acknowledged("03-09 09:00", promise="03-09 16:59:59")
    assert past.runs("promise") == [("03-09 09:00", "03-09 16:59:59", None)]


def test_a_promise_stays_one_where_the_clock_of_policy_for_it_is_over() -> None:
    # What the customer answers starts a new turn, which is due later than what he was told.
    past = Past("S3").acknowledged("03-09 09:00").says("03-09 10:00", "ask", promise="03-11 10:00")
    past.event("03-09 10:00", "ask", waiting_on="customer").hears("03-10 16:00", "answer")
    assert past.runs("next_update")[1:] == [("03-10 16:00", "03-11 16:00", None)]
    assert past.runs("promise") == [("03-09 10:00", "03-11 10:00", None)]


def test_a_promise_is_kept_by_a_word_or_by_being_done_but_not_by_a_machine() -> None:
    past = Past("S3").acknowledged("03-09 09:00", promise="03-09 11:00").update("03-09 10:00", "auto_reply")
    assert past.runs("promise") == [("03-09 09:00", "03-09 11:00", None)]
    past.hears("03-09 10:05").event("03-09 10:10", "note")
    assert past.runs("promise") == [("03-09 09:00", "03-09 11:00", None)]
    past.resolved("03-09 10:30")
    assert past.runs("promise") == [("03-09 09:00", "03-09 11:00", "03-09 10:30")]


def test_a_promise_that_came_with_the_fix_is_over_when_the_report_is_closed() -> None:
    past = Past("S3").acknowledged("03-09 09:00").says("03-09 10:00", "resolution", promise="03-10 10:00")
    past.moves("03-09 10:00", "resolve", "resolved").event("03-09 11:00", "verify", outcome="confirmed")
    assert past.runs("promise") == [("03-09 10:00", "03-10 10:00", None)]
    past.moves("03-09 12:00", "close", "closed")
    assert past.runs("promise") == [("03-09 10:00", "03-10 10:00", "03-09 12:00")]
    past.update("03-09 13:00", promise="03-10 13:00")  # what is promised afterwards is
    assert past.runs("promise")[1:] == [("03-09 13:00", "03-10 13:00", None)]


def test_words_within_one_second_follow_each_other_as_they_were_written() -> None:
    past = Past("S3").acknowledged("03-09 09:00", promise="03-09 11:00").update("03-09 09:00", promise="03-09 12:00")
    assert past.runs("promise") == [("03-09 09:00", "03-09 11:00", "03-09 09:00"), ("03-09 09:00", "03-09 12:00", None)]
    asked = Past("S3").acknowledged("03-09 09:00").hears("03-09 10:00").update("03-09 10:00")
    assert asked.runs("answer") == [("03-09 10:00", "03-10 10:00", "03-09 10:00")]
    before = Past("S3").hears("03-09 09:00").acknowledged("03-09 09:00")
    assert [run for run in before.runs("answer") if run[2] is None] == []


# Answers.


def test_what_the_customer_writes_is_answered_by_our_next_word() -> None:
    past = Past("S3").acknowledged("03-09 09:00").hears("03-09 10:00").hears("03-09 11:00", "chaser")
    assert past.runs("answer") == [("03-09 10:00", "03-10 10:00", None)]
    past.update("03-09 12:00").hears("03-09 13:00")
    assert past.runs("answer") == [
        ("03-09 10:00", "03-10 10:00", "03-09 12:00"),
        ("03-09 13:00", "03-10 13:00", None),
    ]


@pytest.mark.parametrize("kind", ["thanks", "confirmation", "auto_reply", "bounce"])
def test_what_asks_nothing_needs_no_answer(kind: str) -> None:
    assert Past("S3").acknowledged("03-09 09:00").hears("03-09 10:00", kind).runs("answer") == []


def test_what_came_before_the_first_answer_is_answered_by_that() -> None:
    past = Past("S3").hears("03-06 16:45")
    assert past.runs("answer") == []
    assert past.acknowledged("03-09 09:00").runs("answer") == []


@pytest.mark.parametrize(
    ("action", "facts"),
    [("verify", {"outcome": "not_fixed"}), ("close", {"to": "closed", "from": "resolved"})],
)
def test_what_is_done_with_it_answers_it_too(action: str, facts: dict[str, Any]) -> None:
    past = Past("S3").acknowledged("03-09 09:00").resolved("03-09 10:00").hears("03-09 11:00", "not_fixed")
    assert past.runs("answer") == [("03-09 11:00", "03-10 11:00", None)]
    past.event("03-09 12:00", action, **facts)
    assert past.runs("answer") == [("03-09 11:00", "03-10 11:00", "03-09 12:00")]


@pytest.mark.parametrize("action", ["note", "triage", "deploy", "verify request"])
def test_what_the_customer_does_not_see_answers_nothing(action: str) -> None:
    past = Past("S3").acknowledged("03-09 09:00").hears("03-09 10:00").event("03-09 11:00", action)
    assert past.runs("answer") == [("03-09 10:00", "03-10 10:00", None)]


# Restore and fix.


def test_a_workaround_restores_and_does_not_fix() -> None:
    past = Past("S3").acknowledged("03-09 09:00").worked_around("03-09 12:00")
    assert past.runs("restore") == [(RECEIVED, "03-13 16:30", "03-09 12:00")]
    assert past.runs("fix") == [(RECEIVED, "05-05 16:30", None)]


def test_the_first_workaround_counts_though_there_was_a_better_one_later() -> None:
    past = Past("S3").acknowledged("03-09 09:00").worked_around("03-09 12:00").worked_around("03-20 12:00")
    assert past.runs("restore") == [(RECEIVED, "03-13 16:30", "03-09 12:00")]


@pytest.mark.parametrize("place", ["sandbox", "vm", "container", "staging"])
def test_a_trial_is_no_deployment(place: str) -> None:
    past = Past("S3").acknowledged("03-09 09:00").deployed("03-09 12:00", place)
    assert [past.runs(name)[0][2] for name in ("restore", "fix")] == [None, None]
    assert past.runs("inform") == []


@pytest.mark.parametrize("place", ["production", "the shop in Ulm"])
def test_a_deployment_where_customers_are_restores_and_fixes(place: str) -> None:
    past = Past("S3").acknowledged("03-09 09:00").deployed("03-09 12:00", place).deployed("03-10 12:00", place)
    assert [past.runs(name)[0][2] for name in ("restore", "fix")] == ["03-09 12:00", "03-09 12:00"]


@pytest.mark.parametrize("to", ["resolved", "closed"])
def test_being_done_ends_restore_and_fix(to: str) -> None:
    past = Past("S3").acknowledged("03-09 09:00").moves("03-09 12:00", "close --as wont_fix", to)
    assert [past.runs(name)[0][2] for name in ("restore", "fix")] == ["03-09 12:00", "03-09 12:00"]


def test_waiting_on_the_customer_pauses_restore_and_fix() -> None:
    past = Past("S3").acknowledged("03-09 09:00").asks("03-09 10:00")
    assert past.runs("restore") == [(RECEIVED, None, None)]
    assert past.runs("fix") == [(RECEIVED, None, None)]
    assert not {"restore", "fix"} & {clock.clock for clock in clocks(past.report, POLICY)}
    past.hears("03-11 10:00", "answer")
    assert past.runs("restore") == [(RECEIVED, "03-17 16:30", None)]
    assert past.runs("fix") == [(RECEIVED, "05-07 16:30", None)]


@pytest.mark.parametrize("severity", SEVERITIES)
def test_a_pause_that_still_lasts_has_no_due_time_whatever_the_target(severity: str) -> None:
    past = Past(severity).acknowledged("03-06 16:31").asks("03-06 16:32")
    for name in ("restore", "fix"):
        assert all(clock.is_paused and clock.due is None for clock in past.clocks(name))
    assert {clock.clock for clock in clocks(past.report, POLICY)} == {"chaser"}


def test_two_pauses_add_up_and_one_outside_of_business_hours_costs_nothing() -> None:
    past = Past("S3", "03-09 09:00").acknowledged("03-09 09:00").asks("03-09 16:00").hears("03-10 10:00")
    past.asks("03-10 17:00").hears("03-11 09:00")
    # 40 business hours from Monday 9:00, and the two within business hours in which the customer had to answer.
    assert past.runs("restore") == [("03-09 09:00", "03-16 11:00", None)]


def test_what_ran_out_before_the_pause_stays_due() -> None:
    past = Past("S1").acknowledged("03-06 16:40").asks("03-06 21:00")
    assert past.runs("restore") == [(RECEIVED, "03-06 20:30", None)]
    assert "restore" in {clock.clock for clock in clocks(past.report, POLICY)}


def test_an_answer_to_one_of_several_questions_by_hand_pauses_as_the_events_say() -> None:
    past = Past("S3").acknowledged("03-09 09:00").asks("03-09 10:00").event("03-09 12:00", "answer")
    assert past.runs("restore") == [(RECEIVED, None, None)]
    past.event("03-09 13:00", "answer", waiting_on="nobody")
    assert past.runs("restore") == [(RECEIVED, "03-16 11:30", None)]


def test_reopening_leaves_out_the_time_in_which_it_was_done() -> None:
    past = Past("S3", "03-09 09:00").acknowledged("03-09 09:00").resolved("03-09 13:00")
    assert past.runs("restore") == [("03-09 09:00", "03-13 17:00", "03-09 13:00")]
    past.reopened("03-11 10:00")
    # 36 of the 40 hours were left.
    assert past.runs("restore") == [("03-09 09:00", "03-17 14:00", None)]
    assert past.clocks("fix")[0].due == at("05-08 09:00") + timedelta(days=1, hours=21)


def test_the_vector_of_a_report_that_comes_back() -> None:
    # `reopen_excludes_resolved_span` of spec/sla_vectors.json, as the life of a report.
    week = {"timezone": "Europe/Berlin", "week": {"mon-fri": ["09:00-17:00"]}, "holidays": ["2026-04-06"]}
    policy = Policy.model_validate({"calendars": {"business": week}, "targets": {"S3": {"restore": "8h business"}}})
    past = Past("S3", "04-13 07:00").acknowledged("04-13 07:00").resolved("04-13 11:00").reopened("04-15 08:00")
    assert past.runs("restore", policy) == [("04-13 07:00", "04-15 12:00", None)]


def test_a_deployment_from_before_it_came_back_fixes_nothing() -> None:
    past = Past("S3").acknowledged("03-09 09:00").deployed("03-09 10:00").resolved("03-09 11:00")
    assert past.runs("fix") == [(RECEIVED, "05-05 16:30", "03-09 10:00")]
    past.reopened("03-10 11:00")
    assert past.runs("fix") == [(RECEIVED, "05-06 16:30", None)]
    past.deployed("03-11 11:00")
    assert past.runs("fix") == [(RECEIVED, "05-06 16:30", "03-11 11:00")]


def test_what_was_broken_before_it_came_back_stays_broken() -> None:
    past = Past("S1").acknowledged("03-06 16:40").resolved("03-06 21:00").reopened("03-09 09:00")
    assert past.runs("restore") == [(RECEIVED, "03-06 20:30", None)]


# The search for the cause.


@pytest.mark.parametrize("action", ["diagnose", "escalate"])
def test_the_search_for_the_cause_ends_when_it_is_known_or_help_is_called_in(action: str) -> None:
    past = Past("S3").acknowledged("03-09 09:00").event("03-09 10:00", "hypothesis add")
    assert past.runs("investigate") == [("03-09 09:00", "03-11 17:00", None)]
    assert past.event("03-09 12:00", action).runs("investigate") == [("03-09 09:00", "03-11 17:00", "03-09 12:00")]


def test_the_search_for_the_cause_begins_with_the_first_answer_and_again_when_it_comes_back() -> None:
    assert Past("S3").runs("investigate") == []
    past = Past("S3").acknowledged("03-09 09:00").event("03-09 10:00", "diagnose").resolved("03-09 11:00")
    assert past.runs("investigate") == [("03-09 09:00", "03-11 17:00", "03-09 10:00")]
    past.reopened("03-10 09:00")
    assert past.runs("investigate")[1:] == [("03-10 09:00", "03-12 17:00", None)]


def test_a_cause_that_was_known_before_the_first_answer_is_not_searched_for() -> None:
    past = Past("S3").event("03-06 16:40", "diagnose").acknowledged("03-06 16:50")
    assert past.runs("investigate") == []


def test_waiting_on_the_customer_pauses_the_search() -> None:
    past = Past("S3").acknowledged("03-09 09:00").asks("03-09 10:00").hears("03-10 10:00")
    assert past.runs("investigate") == [("03-09 09:00", "03-12 17:00", None)]


# After deploying.


def test_the_customer_hears_of_the_fix_when_it_is_where_he_is() -> None:
    past = Past("S3").acknowledged("03-09 09:00").deployed("03-09 10:00").update("03-09 11:00")
    assert past.runs("inform") == [("03-09 10:00", "03-10 10:00", None)]
    past.deployed("03-09 12:00")
    assert past.runs("inform") == [("03-09 10:00", "03-10 10:00", None)]
    past.resolved("03-09 15:00")
    assert past.runs("inform") == [("03-09 10:00", "03-10 10:00", "03-09 15:00")]


def test_every_return_of_a_report_has_its_own_word_of_the_fix() -> None:
    past = Past("S3").acknowledged("03-09 09:00").deployed("03-09 10:00").resolved("03-09 11:00")
    past.reopened("03-10 10:00").deployed("03-10 12:00")
    assert past.runs("inform") == [
        ("03-09 10:00", "03-10 10:00", "03-09 11:00"),
        ("03-10 12:00", "03-11 12:00", None),
    ]


@pytest.mark.parametrize("kind", ["docs", "process"])
def test_a_fix_that_is_not_deployed_starts_no_such_clock(kind: str) -> None:
    past = Past("S3").acknowledged("03-09 09:00").deployed("03-09 10:00")
    past.data["fix"]["kind"] = kind
    assert past.runs("inform") == []


# The customer's yes.


def test_a_customer_who_was_asked_whether_it_works_gets_five_days() -> None:
    past = Past("S3").acknowledged("03-09 09:00").resolved("03-09 12:00")
    assert past.runs("verification") == [("03-09 12:00", "03-14 12:00", None)]
    past.update("03-14 13:00", "verify_chase")
    assert past.runs("verification") == [
        ("03-09 12:00", "03-14 12:00", "03-14 13:00"),
        ("03-14 13:00", "03-19 13:00", None),
    ]
    past.verified("03-15 10:00")
    assert past.runs("verification")[1:] == [("03-14 13:00", "03-19 13:00", "03-15 10:00")]


def test_the_days_for_the_customers_yes_are_the_policys() -> None:
    past = Past("S3").acknowledged("03-09 09:00").resolved("03-09 12:00")
    assert past.runs("verification", Policy(verify_days=2)) == [("03-09 12:00", "03-11 12:00", None)]


def test_closing_or_coming_back_ends_the_wait_for_the_customers_yes() -> None:
    past = Past("S3").acknowledged("03-09 09:00").resolved("03-09 12:00")
    past.moves("03-10 12:00", "close --as withdrawn", "closed")
    assert past.runs("verification") == [("03-09 12:00", "03-14 12:00", "03-10 12:00")]
    back = Past("S3").acknowledged("03-09 09:00").resolved("03-09 12:00").reopened("03-11 12:00")
    assert back.runs("verification") == [("03-09 12:00", "03-14 12:00", "03-11 12:00")]


def test_what_the_customer_said_stays_said_when_the_report_comes_back() -> None:
    past = Past("S3").acknowledged("03-09 09:00").resolved("03-09 12:00").verified("03-10 12:00", "not_fixed")
    assert past.runs("verification") == [("03-09 12:00", "03-14 12:00", "03-10 12:00")]
    past.reopened("03-20 12:00")
    assert past.runs("verification") == [("03-09 12:00", "03-14 12:00", "03-10 12:00")]


def test_nobody_is_waited_for_who_was_asked_before_it_was_done() -> None:
    assert Past("S3").acknowledged("03-09 09:00").update("03-09 10:00", "verify_request").runs("verification") == []


# What others owe: escalations, the analysis, and its measures.


def test_an_escalation_is_due_when_it_was_said_to_be_and_until_an_answer_is_there() -> None:
    past = Past("S3").acknowledged("03-09 09:00").escalated("03-09 10:00", "03-12 10:00")
    past.escalated("03-10 10:00", "03-13 10:00", closed="03-11 10:00")
    assert past.runs("escalation") == [
        ("03-09 10:00", "03-12 10:00", None),
        ("03-10 10:00", "03-13 10:00", "03-11 10:00"),
    ]
    assert [clock.item for clock in past.clocks("escalation")] == ["E1", "E2"]


def analysed(**rca: Any) -> Past:
    past = Past("S1").acknowledged("03-06 16:40").resolved("03-06 20:00").verified("03-06 21:00")
    past.moves("03-09 09:00", "rca start", "rca")
    past.data["rca"] = {"status": "draft", "owner": "Kim", "due_at": at("03-20 09:00"), "actions": []} | rca
    return past


def measure(**facts: Any) -> dict[str, Any]:
    known = {
        "id": "A1",
        "text": "a nightly export",
        "kind": "prevent",
        "strength": "strong",
        "due_at": at("04-01 09:00"),
    }
    return known | {"owner": "Li"} | facts


def test_an_analysis_is_due_until_it_is_accepted() -> None:
    assert analysed().runs("rca") == [("03-09 09:00", "03-20 09:00", None)]
    assert [clock.owner for clock in analysed().clocks("rca")] == ["Kim"]
    accepted = analysed(status="accepted", accepted_at=at("03-19 09:00")).event("03-19 09:00", "rca accept")
    assert accepted.runs("rca") == [("03-09 09:00", "03-20 09:00", "03-19 09:00")]
    assert analysed(due_at=None).runs("rca") == []


def test_nobody_waits_for_the_analysis_of_a_report_that_was_closed_without_it() -> None:
    past = analysed().moves("03-10 09:00", "close --as withdrawn", "closed")
    assert past.runs("rca") == [("03-09 09:00", "03-20 09:00", "03-10 09:00")]


def test_a_measure_is_due_also_when_the_report_is_closed() -> None:
    past = analysed(actions=[measure()]).event("03-10 09:00", "rca action", rca_action="A1")
    past.moves("03-11 09:00", "close", "closed")
    assert past.runs("action") == [("03-10 09:00", "04-01 09:00", None)]
    assert [(clock.item, clock.owner) for clock in past.clocks("action")] == [("A1", "Li")]
    assert [clock.clock for clock in clocks(past.report, POLICY)] == ["action"]


@pytest.mark.parametrize("status", ["done", "dropped"])
def test_a_measure_that_is_done_or_dropped_is_not_due(status: str) -> None:
    past = analysed(actions=[measure(status=status, closed_at=at("03-25 09:00"))])
    past.event("03-10 09:00", "rca action", rca_action="A1")
    assert past.runs("action") == [("03-10 09:00", "04-01 09:00", "03-25 09:00")]


def test_a_measure_without_a_date_has_no_clock() -> None:
    assert analysed(actions=[measure(due_at=None)]).runs("action") == []


# Another severity.


@pytest.mark.parametrize(
    ("when", "due"),
    [
        # Start and new target: Friday 20:30, which is later than the change and the new time for a first answer.
        ("03-06 17:00", "03-06 20:30"),
        # The change and a quarter of an hour is later.
        ("03-06 20:20", "03-06 20:35"),
        ("03-09 11:00", "03-09 11:15"),
    ],
)
def test_raising_the_severity_keeps_the_time_that_passed_and_leaves_the_time_of_a_first_answer(
    when: str, due: str
) -> None:
    past = Past("S3").acknowledged("03-06 16:31").raised(when, "S1")
    assert past.runs("restore") == [(RECEIVED, due, None)]


def test_raising_the_severity_before_the_first_answer() -> None:
    assert Past("S3").raised("03-06 16:35", "S1").runs("acknowledge") == [(RECEIVED, "03-06 16:50", None)]
    assert Past("S3").raised("03-07 10:00", "S2").runs("acknowledge") == [(RECEIVED, "03-07 11:00", None)]


def test_lowering_the_severity_gives_the_start_and_the_new_target() -> None:
    past = Past("S2").acknowledged("03-06 16:31").raised("03-09 10:00", "S3")
    assert past.runs("restore") == [(RECEIVED, "03-13 16:30", None)]


def test_what_ran_out_before_the_severity_was_lowered_stays_broken() -> None:
    # `downgrade_keeps_breach` of spec/sla_vectors.json: due to the end of business, lowered on the next morning.
    policy = Policy.model_validate(
        {"calendars": {"business": {"timezone": "Europe/Berlin"}}, "targets": {"S2": {"acknowledge": "8h business"}}}
    )
    past = Past("S2", "04-13 07:00").raised("04-14 09:00", "S4")
    assert past.runs("acknowledge", policy) == [("04-13 07:00", "04-13 15:00", None)]
    just = Past("S2", "04-13 07:00").raised("04-13 14:59", "S4")
    assert just.runs("acknowledge", policy) == [("04-13 07:00", "04-13 15:00", None)]  # S4: 8 business hours as well
    lower = Policy.model_validate({"targets": {"S2": {"acknowledge": "1h"}}})
    assert Past("S2").raised("03-06 17:31", "S4").runs("acknowledge", lower) == [(RECEIVED, "03-06 17:30", None)]
    assert Past("S2").raised("03-06 17:29", "S4").runs("acknowledge", lower) == [(RECEIVED, "03-09 16:30", None)]


def test_what_ran_out_before_the_severity_was_raised_stays_broken() -> None:
    past = Past("S3").raised("03-09 13:00", "S1")
    assert past.runs("acknowledge") == [(RECEIVED, "03-09 12:30", None)]


def test_a_clock_that_the_lower_severity_has_not_is_gone_unless_it_had_run_out() -> None:
    assert Past("S3").raised("03-09 10:00", "S4").runs("restore") == []
    assert Past("S1").raised("03-09 10:00", "S4").runs("restore") == [(RECEIVED, "03-06 20:30", None)]


def test_a_clock_that_only_the_higher_severity_has_begins_as_if_it_had_always_run() -> None:
    past = Past("S4").raised("03-06 17:00", "S1")
    assert past.runs("restore") == [(RECEIVED, "03-06 20:30", None)]


def test_a_change_of_severity_after_the_end_changes_nothing() -> None:
    past = Past("S3").acknowledged("03-09 10:00").raised("03-09 11:00", "S1")
    assert past.runs("acknowledge") == [(RECEIVED, "03-09 12:30", "03-09 10:00")]
    assert past.runs("next_update") == [("03-09 10:00", "03-09 11:15", None)]


def test_every_change_of_severity_is_kept_with_what_it_made_due() -> None:
    past = Past("S3").acknowledged("03-06 16:31").raised("03-06 17:00", "S1").raised("03-06 18:00", "S2")
    found = [(short(one.since), one.severity.value, short(one.due)) for one in past.clocks("restore")[0].stretches]
    assert found == [
        (RECEIVED, "S3", "03-13 16:30"),
        ("03-06 17:00", "S1", "03-06 20:30"),
        ("03-06 18:00", "S2", "03-09 16:30"),
    ]


def test_two_changes_within_one_second_follow_each_other_as_they_were_written() -> None:
    past = Past("S3").raised("03-06 17:00", "S1").raised("03-06 17:00", "S4")
    assert past.runs("acknowledge") == [(RECEIVED, "03-09 16:30", None)]
    first = past.clocks("acknowledge")[0].stretches[0]
    assert (first.severity, short(first.due)) == ("S3", "03-09 12:30")


def test_a_severity_that_a_hand_wrote_counts() -> None:
    past = Past("S3")
    past.data["severity"] = "S1"
    assert past.runs("acknowledge") == [(RECEIVED, "03-06 16:45", None)]


def test_a_pause_counts_under_the_new_severity_too() -> None:
    past = Past("S3").acknowledged("03-06 16:31").asks("03-06 16:40").hears("03-06 17:40").raised("03-06 18:00", "S1")
    assert past.runs("restore") == [(RECEIVED, "03-06 21:30", None)]


# Foreign hands.


@pytest.mark.parametrize("fact", ["severity_to", "severity_from", "waiting_on", "rca_action", "reason", "outcome"])
@pytest.mark.parametrize("value", [["S1"], {"a": "b"}, "", "S9", None])
def test_facts_that_no_command_wrote_break_no_clock(fact: str, value: Any) -> None:
    past = analysed(actions=[measure()])
    first = {"severity_from": "S3", "severity_to": "S1"}
    past.data["events"].append(past.data["events"][-1] | {"id": "a", "action": "rca action", **first, fact: value})
    past.data["events"].append(past.data["events"][-1] | {"id": "b", fact: None})
    report = Report.model_validate(past.data)
    assert every_clock(report, POLICY)
    assert all(command_for(clock, report, POLICY) for clock in clocks(report, POLICY))


def test_an_event_is_backdated_that_claims_to_be_over_ten_minutes_older_than_its_recording() -> None:
    past = Past("S3")
    for claimed in ("03-06 16:20", "03-06 16:19:59", "03-06 17:30"):
        event = past.event(RECEIVED, "note").data["events"][-1]
        event["at"] = at(claimed)
    past.data["events"].append(past.data["events"][-1] | {"id": "by-hand", "at": at("03-01 09:00")})
    late = [backdated(event) for event in past.report.events]
    assert late == [None, None, timedelta(minutes=10, seconds=1), None, None]


# Which policy it is, by which calendar, and who has to act.

AGREEMENTS = {
    "policies": [
        {"name": "old gold", "until": "2026-03-01", "tiers": ["gold"], "targets": {"S3": {"acknowledge": "1h"}}},
        {"name": "gold", "from": "2026-03-01", "tiers": ["Gold"], "targets": {"S3": {"acknowledge": "2h"}}},
        {"name": "billing", "components": ["billing"], "targets": {"S3": {"acknowledge": "3h", "fix": "none"}}},
        {"name": "from June", "from": "2026-06-01", "targets": {"S3": {"acknowledge": "30min"}}},
    ]
}


@pytest.mark.parametrize(
    ("received", "tier", "component", "name", "why", "minutes"),
    [
        ("02-28 23:59", "gold", None, "old gold", "tier gold", 60),
        ("03-01 00:00", "gold", None, "gold", "tier gold", 120),
        ("03-06 16:30", "GOLD", "billing", "gold", "tier GOLD", 120),
        ("03-06 16:30", "silver", "Billing", "billing", "component Billing", 180),
        ("05-31 23:59", "silver", None, "default", "no other policy is for it", None),
        ("06-01 00:00", "silver", None, "from June", "every report", 30),
        ("06-01 00:00", None, "billing", "billing", "component billing", 180),
        ("03-06 16:30", None, None, "default", "no other policy is for it", None),
        ("03-06 16:30", "golden", "billing-web", "default", "no other policy is for it", None),
    ],
)
def test_the_first_policy_in_force_at_receipt_that_matches_tier_or_component_is_chosen(
    received: str, tier: str | None, component: str | None, name: str, why: str, minutes: int | None
) -> None:
    policy, past = Policy.model_validate(AGREEMENTS), Past("S3", received)
    past.data |= {"component": component, "customer": {"name": "Acme", "tier": tier}}
    terms = policy.terms(past.report)
    assert (terms.name, terms.why) == (name, why)
    clock = past.clocks("acknowledge", policy)[0]
    if minutes is None:
        assert clock.due == past.clocks("acknowledge")[0].due
    else:
        assert clock.due == clock.start + timedelta(minutes=minutes)


def test_a_policy_changes_only_the_targets_that_it_names() -> None:
    policy, past = Policy.model_validate(AGREEMENTS), Past("S3")
    past.data["component"] = "billing"
    assert past.runs("fix", policy) == []
    assert past.runs("restore", policy) == past.runs("restore") != []
    other = Past("S2")
    other.data["component"] = "billing"
    assert [other.runs(name, policy) for name in ("acknowledge", "fix")] == [
        other.runs(name) for name in ("acknowledge", "fix")
    ]


def test_a_policy_that_begins_later_changes_nothing_of_what_was_received_before() -> None:
    policy, past = Policy.model_validate(AGREEMENTS), Past("S3", "05-31 23:00")
    past.acknowledged("06-01 10:00")
    assert past.runs("acknowledge", policy) == past.runs("acknowledge")


@pytest.mark.parametrize(
    ("calendar", "due"),
    [
        ({"week": {"mon-fri": ["09:00-12:00", "13:00-17:00"]}}, "03-09 13:30"),  # half an hour, and a break at noon
        ({"week": {"mon-sun": ["09:00-17:00"]}}, "03-07 12:30"),
        ({"holidays": ["2026-03-09"]}, "03-10 12:30"),
        ({"timezone": "America/New_York"}, "03-06 20:30"),  # it is 11:30 there
        ({"timezone": "Asia/Tokyo"}, "03-09 04:00"),  # closed; opens on Monday at midnight UTC
        ({"week": "always"}, "03-06 20:30"),
        ({"week": {}}, None),
    ],
    ids=["break", "weekend", "holiday", "west", "east", "always", "never"],
)
def test_business_time_is_that_of_the_calendar(calendar: dict[str, Any], due: str | None) -> None:
    policy = Policy.model_validate({"calendars": {"business": calendar}})
    start = "03-06 16:30"
    expected = "03-09 04:00" if calendar.get("timezone") == "Asia/Tokyo" else due
    assert Past("S3", start).runs("acknowledge", policy) == [(start, expected, None)]


def test_business_time_keeps_its_hours_when_the_clocks_change() -> None:
    # `biz_4h_over_dst_weekend` of spec/sla_vectors.json.
    policy = Policy.model_validate({"calendars": {"business": {"timezone": "Europe/Berlin"}}})
    assert Past("S3", "03-27 15:00").runs("acknowledge", policy) == [("03-27 15:00", "03-30 10:00", None)]


@pytest.mark.parametrize(
    ("calendar", "due"),
    [
        ({}, "01-06 14:00"),
        ({"country": "DE"}, "01-06 14:00"),  # Epiphany is a holiday in Bavaria alone
        ({"country": "DE", "region": "BY"}, "01-07 14:00"),
        ({"country": "de", "region": "BY", "holidays": ["2026-01-07"]}, "01-08 14:00"),
        ({"country": "DE", "region": "BE"}, "01-06 14:00"),
    ],
)
def test_holidays_are_those_of_the_country_and_the_region(calendar: dict[str, Any], due: str) -> None:
    policy = Policy.model_validate({"calendars": {"business": {"timezone": "Europe/Berlin"} | calendar}})
    # Monday 15:00 in Berlin: two hours, and two on the next working day.
    expected = due.replace("14:00", "10:00")
    assert Past("S3", "01-05 14:00").runs("acknowledge", policy) == [("01-05 14:00", expected, None)]


@pytest.mark.parametrize(
    ("calendar", "fault"),
    [
        ({"country": "XX"}, "no holidays are known"),
        ({"country": "DE", "region": "XX"}, "no holidays are known"),
        ({"region": "BY"}, "needs its country"),
        ({"country": ""}, "no holidays are known"),
    ],
)
def test_a_country_or_region_that_is_none_is_refused(calendar: dict[str, Any], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        Policy.model_validate({"calendars": {"business": calendar}})


def test_who_sees_to_a_report_that_nobody_owns() -> None:
    policy = Policy.model_validate(
        {"people": {"kim": "Kim Lee <kim@example.com>"}, "owners": {"billing": "kim", "*": "the desk"}}
    )
    assert policy.owner("billing") == "Kim Lee <kim@example.com>"
    assert policy.owner("export") == policy.owner(None) == "the desk"
    assert Policy().owner("billing") is None


# All of them.


def test_the_running_clocks_come_in_the_order_in_which_they_run_out() -> None:
    past = Past("S2").acknowledged("03-06 16:31", promise="03-06 17:00").hears("03-06 16:40")
    found = clocks(past.report, POLICY)
    assert [clock.clock for clock in found] == ["promise", "answer", "next_update", "restore", "investigate", "fix"]
    assert found == sorted(found, key=lambda clock: clock.at)
    assert all(clock.end is None for clock in found)


@pytest.mark.parametrize("name", [*CONTRACT, *BESIDES])
def test_every_clock_names_a_command_that_is_for_its_report(name: str) -> None:
    past = with_running(name, "S2")
    clock = past.clocks(name)[0]
    assert isinstance(clock, Clock)
    words = command_for(clock, past.report, POLICY).split()
    assert words[0] == "issuelog"
    assert past.report.id in words
