"""Clocks of hostile files: times, events, policies that nobody means hang nothing and hide no other report."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import issuelog.model.clocks
from hostile.made import place, plain_report
from hostile.payloads import assert_inert
from hostile.watch import no_hang
from support.cli import Tracker

REPORT = "CR-261116-0001"
_BUG = 70
_START = datetime(2026, 11, 16, 8, tzinfo=UTC)


def at(minutes: int) -> str:
    return f"{_START + timedelta(minutes=minutes):%Y-%m-%dT%H:%M:%SZ}"


def event(number: int, when: str, action: str, **facts: Any) -> dict[str, Any]:
    return {"id": f"01JCT0T5M3E9Q2W4R6T8Y{number:05}", "at": when, "by": "Ana", "action": action, **facts}


def message(number: int, when: str, kind: str = "update", direction: str = "out", **more: Any) -> dict[str, Any]:
    said = {"id": f"M{number}", "direction": direction, "kind": kind, "channel": "email", "at": when, "by": "Ana"}
    return {**said, "text": "x", **more}


def commands(report: str) -> list[list[str]]:
    return [
        ["list"],
        ["due"],
        ["due", "--at", "2026-12-01"],
        ["due", "--at", "0001-01-03"],
        ["due", "--at", "9999-12-31"],
        ["sla", "explain", report],
        ["sla", "simulate", ".issuelog/config.yaml"],
        ["next", report],
        ["message", "draft", report, "update_late", "--slot", "confirmed=it", "--slot", "checking=that"],
        ["check"],
        ["fsck"],
        ["log", report],
        ["export", "markdown"],
    ]


def assert_no_bug(tracker: Tracker, good: str) -> None:
    """No command fails by this report, and the other one is listed all the same."""
    for command in commands(REPORT):
        with no_hang():
            done = tracker.run(*command)
        assert done.code != _BUG, (command, done.err)
        assert_inert(done.out + done.err)
        if command in (["list"], ["due"]):
            assert done.code == 0, done.err
            assert good in done.out, command


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Tokyo"])
@pytest.mark.parametrize("when", ["0001-01-01T00:00:00Z", "9999-12-30T23:59:59Z", "9999-12-31T23:59:59Z"])
def test_times_at_the_ends_of_time(tracker: Tracker, when: str, zone: str) -> None:
    good = tracker.new("--severity", "S1")
    tracker.root.joinpath(".issuelog/config.yaml").write_text(f"calendars: {{business: {{timezone: {zone}}}}}\n")
    for received in (when, at(0)):
        place(
            tracker,
            REPORT,
            plain_report(
                REPORT,
                state="resolved",
                customer={"name": "Jo", "contact": "jo@acme.example", "timezone": zone},
                source={"channel": "email", "received_at": received, "recorded_at": received, "recorded_by": "Ana"},
                messages=[
                    message(1, when, "verify_request"),
                    message(2, when, direction="in"),
                    message(3, when, next_update_at=when),
                ],
                escalations=[
                    {"id": "E1", "to": "team", "party": "x", "reason": "y", "due_at": when, "opened_at": when}
                ],
                fix={"deployed": [{"id": "D1", "version": "1", "place": "customers", "at": when}]},
                rca={"status": "draft", "due_at": when},
                events=[
                    event(1, at(0), "new", to="new"),
                    event(2, at(1), "resolve", to="resolved", **{"from": "new"}),
                    event(3, when, "ask", waiting_on="customer", severity_to="S1"),
                ],
            ),
        )
        assert_no_bug(tracker, good)


FACTS: list[Any] = ["", "x\x1b[2J", "S9", [], ["S1", ["S2"]], {}, {"S1": {"x": ["y"]}}, "\u202e", "0", "no"]


@pytest.mark.parametrize("fact", FACTS, ids=range(len(FACTS)))
def test_facts_of_any_kind_in_events_in_any_order(tracker: Tracker, fact: Any) -> None:
    good = tracker.new()
    keys = (
        "waiting_on",
        "severity_to",
        "severity_from",
        "reason",
        "outcome",
        "resolution",
        "rca_action",
        "waived",
        "message",
        "attachments",
    )
    actions = ("close", "verify", "reopen", "rca action", "rca accept", "ask", "set")
    states = ("closed", "resolved", "reproduced", "rca", "new", "acknowledged", "closed")
    events = [
        event(number, at(-number * 60), action, **{"from": "new", "to": state}, **dict.fromkeys(keys, fact))
        for number, (action, state) in enumerate(zip(actions, states, strict=True))
    ]
    place(tracker, REPORT, plain_report(REPORT, state="closed", events=events))
    assert_no_bug(tracker, good)


def waits(count: int) -> dict[str, Any]:
    who = ("customer", "nobody")
    events = [event(n, at(n), "ask", waiting_on=who[n % 2]) for n in range(count)]
    return {"events": events, "messages": [message(1, at(0))]}


def severities(count: int) -> dict[str, Any]:
    events = [event(n, at(n), "set", severity_to=f"S{n % 2 + 1}", waiting_on="customer") for n in range(count)]
    return {"events": events, "messages": [message(n, at(n)) for n in range(count)]}


def returns(count: int) -> dict[str, Any]:
    moves = (("close", "acknowledged", "closed"), ("reopen", "closed", "acknowledged"))
    events = [
        event(n, at(n), moves[n % 2][0], **{"from": moves[n % 2][1], "to": moves[n % 2][2]}) for n in range(count)
    ]
    deployed = [{"id": f"D{n}", "version": "1", "place": "customers", "at": at(n)} for n in range(count)]
    return {"state": "acknowledged", "events": events, "fix": {"deployed": deployed}}


def promises(count: int) -> dict[str, Any]:
    said = [message(n, at(n), next_update_at=at(n + 1)) for n in range(count)]
    return {"messages": said, "events": [event(n, at(n), "close", to="closed") for n in range(count)]}


@pytest.mark.parametrize("many", [waits, severities, returns, promises])
def test_thousands_of_anything_cost_in_proportion(tracker: Tracker, many: Callable[[int], dict[str, Any]]) -> None:
    def cost(count: int) -> int:
        place(tracker, REPORT, plain_report(REPORT, **many(count)))
        steps = counted(lambda: tracker.ok("sla", "explain", REPORT, "--at", at(500)))
        assert steps > count
        return steps

    cost(10)  # what is done only once in a process
    assert cost(200) < 2.5 * cost(100)


def counted(work: Callable[[], object]) -> int:
    """Return how many steps of the interpreter the clocks take while something is done."""
    steps = 0
    folder = str(Path(issuelog.model.clocks.__file__).parent)

    def trace(frame: FrameType, what: str, _: object) -> Any:
        nonlocal steps
        if not frame.f_code.co_filename.startswith(folder):
            return None
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        steps += what == "opcode"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return steps


def test_one_report_that_lies_elsewhere_does_not_hide_what_was_due(tracker: Tracker) -> None:
    good = tracker.new("--received", "2026-11-16T08:00Z")
    content = plain_report(REPORT, events=[event(1, "9999-01-01T00:00:00Z", "new", to="new")])
    for folder in ("2025/01", "2026/11"):
        path = tracker.root / f"reports/{folder}/{REPORT}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        assert good in tracker.ok("due", "--at", "2026-11-17T08:00Z"), folder
        path.unlink()


WINDOWS = ", ".join(
    f'"{hour:02}:{minute:02}-{hour:02}:{minute + 1:02}"' for hour in range(24) for minute in range(0, 59, 2)
)
POLICIES = {
    "a minute a week": 'calendars: {business: {}, c: {week: {mon: ["09:00-09:01"]}}}\ntargets: {S3: {fix: 3650d c}}',
    "a minute a day": 'calendars: {business: {}, c: {week: {mon-sun: ["09:00-09:01"]}}}\ntargets: {S3: {fix: 365d c}}',
    "720 windows a day": f"calendars: {{business: {{}}, c: {{week: {{mon-sun: [{WINDOWS}]}}}}}}\n"
    "targets: {S3: {fix: 3650d c}}",
    "of an agreement": 'calendars: {business: {}, c: {week: {mon: ["09:00-09:01"]}}}\n'
    "policies: [{name: x, targets: {S3: {fix: 3650d c}}}]",
    "a constant of the library": "calendars: {business: {country: JAN}}",
    "another": "calendars: {business: {country: PUBLIC}}",
    "a zone that is a path": "calendars: {business: {timezone: ../../etc/passwd}}",
    "a zone that is a folder": "calendars: {business: {timezone: America}}",
    "a zone that is endless": f"calendars: {{business: {{timezone: {'x/' * 3000}}}}}",
    "a number without end": f"verify_days: {'9' * 5000}",
}


@pytest.mark.parametrize("name", POLICIES)
def test_a_policy_that_nobody_means_is_refused_with_its_place(tracker: Tracker, name: str) -> None:
    tracker.new("--severity", "S3")
    tracker.root.joinpath(".issuelog/config.yaml").write_text(POLICIES[name] + "\n")
    for command in ("list", "due"):
        with no_hang():
            done = tracker.run(command)
        assert (done.code, done.out) == (6, ""), done.err
        assert ".issuelog/config.yaml:" in done.err
        assert_inert(done.err)


def test_a_policy_of_extremes_holds(tracker: Tracker) -> None:
    good = tracker.new("--severity", "S3")
    place(
        tracker,
        REPORT,
        plain_report(
            REPORT,
            state="resolved",
            messages=[message(1, at(5), "verify_request")],
            events=[event(1, at(0), "new", to="new"), event(2, at(1), "resolve", to="resolved")],
        ),
    )
    agreements = "".join(f"- {{name: a{n}, tiers: [t{n}], targets: {{S3: {{fix: {n + 1}d}}}}}}\n" for n in range(1000))
    holidays = ", ".join(f"2026-{month:02}-{day:02}" for month in range(1, 13) for day in range(1, 29))
    tracker.root.joinpath(".issuelog/config.yaml").write_text(
        f"verify_days: 99999999999999\ntargets: {{S3: {{answer: 0min, acknowledge: 0min, fix: 3650d}}}}\n"
        f"calendars: {{business: {{holidays: [0001-01-01, {holidays}, 9999-12-31]}}}}\npolicies:\n{agreements}"
    )
    assert_no_bug(tracker, good)
