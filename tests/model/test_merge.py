"""Laws of the merge: whatever two people did to one report apart, both made the same of it, and nothing is lost."""

from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from issuelog.actions import start, work
from issuelog.actions.customer import received
from issuelog.errors import IssuelogError
from issuelog.model.lifecycle import take
from issuelog.model.merge import merge, state_of
from issuelog.model.policy import Policy
from issuelog.model.report import Report
from issuelog.model.step import Moment, Step
from issuelog.store.documents import to_data

NOON = datetime(2026, 11, 16, 12, tzinfo=UTC)
POLICY = Policy()
texts = st.sampled_from(["one", "two", "three"])
steps = st.one_of(
    texts.map(start.note),
    texts.map(start.assign),
    texts.map(lambda text: start.set_fields({"intake.expected": text})),
    st.lists(texts, min_size=1, unique=True).map(lambda labels: start.set_fields({"labels": ",".join(labels)})),
    texts.map(lambda text: received(Policy(), "other", text)),
    texts.map(work.hypothesis_add),
    st.sampled_from(["confirmed", "rejected"]).map(lambda result: work.hypothesis_judge("H1", result)),
    texts.map(lambda text: work.triage(severity="S2", because=text)),
    texts.map(lambda text: work.diagnose(cause=text, kind="code")),
    texts.map(lambda text: work.test(mode="manual", level="unit", scenario=text, result="pass")),
    texts.map(lambda text: work.fix(summary=text, refs=[text])),
)
sides = st.lists(steps, max_size=4)


def moment(minute: int, who: int) -> Moment:
    at = NOON + timedelta(minutes=minute, seconds=who)
    return Moment(at, f"Person {who} <{who}@example.com>", at, bytes([who]) * 10)


def new() -> Report:
    facts = {"title": "x", "story": "y", "source": {"channel": "email"}, "customer": {"name": "Jo"}}
    return start.new_report(POLICY, moment(0, 0), 1, facts)


def after(report: Report, taken: list[Step], who: int) -> Report:
    for minute, step in enumerate(taken, 1):
        try:
            report = take(report, step, moment(minute + 10 * (who == 3), who), POLICY)
        except IssuelogError:
            continue  # what could not be done was not done
    return report


def data(report: Report) -> dict[str, Any]:
    return to_data(report)


@given(sides, sides, sides)
def test_both_sides_make_the_same_valid_report_of_it(first: list[Step], ours: list[Step], theirs: list[Step]) -> None:
    base = after(new(), first, 1)
    mine, other = data(after(base, ours, 2)), data(after(base, theirs, 4))
    given_in = copy.deepcopy((mine, other))
    merged = merge(data(base), mine, other)
    assert merged == merge(data(base), other, mine)
    assert (mine, other) == given_in
    assert to_data(Report.model_validate(merged)) == merged


@given(sides, sides, sides)
def test_no_event_and_no_item_is_lost(first: list[Step], ours: list[Step], theirs: list[Step]) -> None:
    base = after(new(), first, 1)
    mine, other = data(after(base, ours, 2)), data(after(base, theirs, 4))
    merged = merge(data(base), mine, other)
    wanted = {event["id"] for side in (mine, other) for event in side["events"]}
    found = [event["id"] for event in merged["events"]]
    assert wanted <= set(found)
    assert len(found) == len(set(found))
    for name in ("messages", "hypotheses"):
        ids = [item["id"] for item in merged.get(name, [])]
        assert len(ids) == len(set(ids))
        said = {item["text"] for side in (mine, other) for item in side.get(name, [])}
        assert said <= {item["text"] for item in merged.get(name, [])}


@given(sides, sides)
def test_what_one_side_alone_changed_is_taken(first: list[Step], ours: list[Step]) -> None:
    base = after(new(), first, 1)
    mine = data(after(base, ours, 2))
    assert merge(data(base), mine, data(base)) == mine
    assert merge(data(base), mine, mine) == mine


@given(sides, sides, sides)
def test_merging_again_changes_nothing(first: list[Step], ours: list[Step], theirs: list[Step]) -> None:
    base = after(new(), first, 1)
    mine, other = data(after(base, ours, 2)), data(after(base, theirs, 4))
    merged = merge(data(base), mine, other)
    assert merge(mine, merged, mine) == merged
    assert merge(other, merged, other) == merged


@given(sides, steps, sides, sides)
def test_with_an_undo_on_one_side_both_make_the_same_of_it(
    first: list[Step], undone: Step, ours: list[Step], theirs: list[Step]
) -> None:
    before = after(new(), first, 1)
    base = after(before, [undone], 5)
    mine, other = data(after(before, ours, 2)), data(after(base, theirs, 4))
    merged = merge(data(base), mine, other)
    assert merged == merge(data(base), other, mine)
    assert to_data(Report.model_validate(merged)) == merged
    assert merge(mine, merged, mine) == merged
    known = {event["id"] for event in data(base)["events"]}
    added = [event["id"] for side in (mine, other) for event in side["events"] if event["id"] not in known]
    assert set(added) <= {event["id"] for event in merged["events"]}


def test_what_the_two_sides_take_away_together_leaves_nothing_behind() -> None:
    base = after(new(), [start.set_fields({"labels": "one,two"})], 1)
    mine = data(after(base, [start.set_fields({"labels": "one"})], 2))
    other = data(after(base, [start.set_fields({"labels": "two"})], 4))
    assert "labels" not in merge(data(base), mine, other)


def test_the_later_side_decides_and_the_other_value_is_kept() -> None:
    base = new()
    mine = data(after(base, [start.assign("Ana")], 2))
    other = data(after(base, [start.note("x"), start.assign("Kim")], 4))
    merged = merge(data(base), mine, other)
    assert merged["owner"] == "Kim"
    assert merged["events"][-1]["action"] == "merge"
    assert merged["events"][-1]["not_taken"] == {"owner": "Ana"}


def test_items_that_both_added_under_one_id_are_both_kept_and_their_events_follow() -> None:
    base = new()
    mine = data(after(base, [work.hypothesis_add("memory")], 2))
    other = data(after(base, [work.hypothesis_add("disk")], 4))
    merged = merge(data(base), mine, other)
    assert {item["id"]: item["text"] for item in merged["hypotheses"]} == {"H1": "disk", "H2": "memory"}
    named = {event["by"]: event.get("hypothesis") for event in merged["events"]}
    assert (named["Person 2 <2@example.com>"], named["Person 4 <4@example.com>"]) == ("H2", "H1")


def test_a_transition_that_was_reached_is_not_undone_by_an_older_step_that_came_late() -> None:
    events = [
        {"id": "1", "action": "new", "to": "new"},
        {"id": "2", "action": "acknowledge", "from": "new", "to": "acknowledged"},
        {"id": "3", "action": "reproduce", "from": "acknowledged", "to": "reproduced"},
        {"id": "4", "action": "acknowledge", "from": "new", "to": "acknowledged"},
    ]
    assert state_of(events) == "reproduced"
