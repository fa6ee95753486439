"""What is recorded of the past: what was searched for, what was tried, and what is not the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issuelog.actions import precedents
from issuelog.errors import Refused, UsageError
from issuelog.model.guards import worked
from issuelog.model.lifecycle import take
from issuelog.model.policy import lenient
from issuelog.model.report import Report
from issuelog.model.step import Moment, Step

AT = datetime(2026, 11, 16, 8, tzinfo=UTC)
OTHER, THIRD = "CR-260101-0001", "KE-260101-0002"


def report() -> Report:
    return Report.model_validate(
        {
            "schema": 1,
            "id": "CR-261116-7K3M",
            "title": "Export stops",
            "state": "acknowledged",
            "severity": "S4",
            "source": {"channel": "email", "received_at": AT, "recorded_at": AT, "recorded_by": "rita"},
            "story": "it stops",
            "story_sha256": "a" * 64,
            "events": [{"id": "e1", "at": AT, "by": "rita", "action": "new", "to": "acknowledged"}],
        }
    )


def after(before: Report, *steps: tuple[int, Step]) -> Report:
    """Return the report after these steps, each so many minutes after the beginning."""
    for minutes, step in steps:
        at = AT + timedelta(minutes=minutes)
        before = take(before, step, Moment(at, "rita", at, b"0123456789"), lenient())
    return before


def test_what_is_not_the_same_is_recorded_once_with_who_said_it() -> None:
    found = after(report(), (1, precedents.reject(OTHER, "another box")), (2, precedents.reject(THIRD)))
    assert [(one.id, one.ref, one.by, one.note) for one in found.precedents.rejected] == [
        ("N1", OTHER, "rita", "another box"),
        ("N2", THIRD, "rita", None),
    ]
    assert (found.events[-1].action, found.events[-1].fact("ref")) == ("precedent reject", THIRD)
    assert after(found, (3, precedents.reject(OTHER))) is found
    assert after(found, (3, precedents.reject(OTHER, "another box"))) is found
    assert len(after(found, (3, precedents.reject(OTHER, "another page"))).precedents.rejected) == 3


def test_a_report_is_the_same_as_itself() -> None:
    with pytest.raises(UsageError):
        after(report(), (1, precedents.reject("CR-261116-7K3M")))


def test_what_was_tried_or_told_apart_says_when_the_past_was_searched() -> None:
    tried = after(report(), (5, precedents.applied(OTHER, "failed"))).precedents
    assert tried.searched_at == tried.tried[0].at
    told_apart = after(report(), (6, precedents.reject(OTHER))).precedents
    assert told_apart.searched_at == told_apart.rejected[0].at


def test_to_a_report_that_is_done_nothing_is_applied_but_it_may_be_told_from_others() -> None:
    done = report()
    done.state = type(done.state).RESOLVED
    for step in (precedents.applied(OTHER, "worked"), precedents.begin(OTHER, "memory")):
        with pytest.raises(Refused):
            after(done, (1, step))
    assert after(done, (1, precedents.reject(OTHER))).precedents.rejected


tries = st.lists(
    st.tuples(st.integers(1, 9), st.sampled_from([OTHER, THIRD]), st.sampled_from(["worked", "failed", "partial"])),
    max_size=6,
)


@given(tries)
def test_it_worked_where_the_last_word_on_one_solution_says_so(tried: list[tuple[int, str, str]]) -> None:
    found = after(report(), *((minutes, precedents.applied(ref, outcome)) for minutes, ref, outcome in tried))
    recorded = [(one.at, place, one.ref, one.outcome) for place, one in enumerate(found.precedents.tried)]
    last = {ref: outcome for _, _, ref, outcome in sorted(recorded)}
    assert last.keys() == {ref for _, ref, _ in tried}
    assert worked(found) == ("worked" in last.values())
    for ref, outcome in last.items():
        known = precedents.last_tried(found, ref)
        assert known is not None
        assert known.outcome == outcome


@given(tries)
def test_only_what_was_taken_over_from_what_failed_is_rejected(tried: list[tuple[int, str, str]]) -> None:
    begun = after(report(), (0, precedents.begin(OTHER, "memory")), (0, precedents.begin(THIRD, "disk", test="df")))
    found = after(begun, *((minutes, precedents.applied(ref, outcome)) for minutes, ref, outcome in tried))
    failed = {one.ref for one in found.precedents.tried if one.outcome == "failed"}
    assert {one.source for one in found.hypotheses if one.result == "rejected"} == failed
