"""A clock's due time is what counting minutes one by one gives, whatever happened to the report meanwhile."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from issuelog.model.policy import Policy
from support.pasts import Past, at

MINUTE = timedelta(minutes=1)
BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = at("03-23 00:00")
"""Before a week whose Sunday has 23 hours."""
HOLIDAY = "2026-03-27"
OPEN = ((9 * 60, 12 * 60), (12 * 60 + 30, 17 * 60))
TARGETS = {"S1": (240, False), "S2": (8 * 60, True), "S3": (20 * 60, True), "S4": (2 * 24 * 60, False)}
"""For `restore`: minutes, and whether of the calendar."""
FIRST_ANSWER = {"S1": (15, False), "S2": (60, False), "S3": (240, True), "S4": (480, True)}
POLICY = Policy.model_validate(
    {
        "calendars": {
            "business": {
                "timezone": "Europe/Berlin",
                "week": {"mon-fri": ["09:00-12:00", "12:30-17:00"], "sat": ["10:00-11:00"]},
                "holidays": [HOLIDAY],
            }
        },
        "targets": {
            severity: {
                clock: f"{of[severity][0]}min{' business' if of[severity][1] else ''}"
                for clock, of in (("restore", TARGETS), ("acknowledge", FIRST_ANSWER))
            }
            for severity in TARGETS
        },
    }
)
DAYS = 20


def _is_open(minute: datetime) -> bool:
    wall = minute.astimezone(BERLIN)
    passed = wall.hour * 60 + wall.minute
    if wall.date().isoformat() == HOLIDAY or wall.weekday() == 6:
        return False
    if wall.weekday() == 5:
        return wall.hour == 10
    return any(begins <= passed < ends for begins, ends in OPEN)


MINUTES = [MONDAY + number * MINUTE for number in range(DAYS * 24 * 60)]
OPENED = [_is_open(minute) for minute in MINUTES]


def counted(start: int, target: tuple[int, bool], pauses: list[tuple[int, int]]) -> int | None:
    """Return the minute at whose beginning the target has passed since `start`; None where it never does."""
    left, by_calendar = target
    for number in range(start, len(MINUTES)):
        if not left:
            return number
        paused = any(begins <= number < ends for begins, ends in pauses)
        left -= (OPENED[number] or not by_calendar) and not paused
    return None


happenings = st.lists(
    st.tuples(
        st.integers(0, 4 * 24 * 60), st.sampled_from(["S1", "S2", "S3", "S4", "ask", "ask", "hear", "hear", "offer"])
    ),
    max_size=7,
    unique_by=lambda one: one[0],
).map(sorted)


@settings(max_examples=60)
@given(st.sampled_from(sorted(TARGETS)), st.integers(0, 6 * 24 * 60), happenings)
def test_a_clock_is_due_when_its_minutes_are_counted(severity: str, start: int, told: list[tuple[int, str]]) -> None:
    def when(number: int) -> str:
        return f"{MINUTES[number]:%m-%d %H:%M}"

    past = Past(severity, when(start)).acknowledged(when(start))
    pauses, asked, end = [], None, len(MINUTES)
    changes: list[tuple[int, str]] = []
    for number, what in [(start + 1 + after, what) for after, what in told]:
        if what == "ask":
            past.asks(when(number))
            asked = asked or number
        elif what == "hear":
            past.hears(when(number), "answer")
            pauses += [(asked, number)] if asked else []
            asked = None
        elif what == "offer":
            past.worked_around(when(number))
            end = min(end, number)
        else:
            past.raised(when(number), what)
            changes.append((number, what))
    pauses += [(asked, len(MINUTES))] if asked else []

    due, has = counted(start, TARGETS[severity], pauses), severity
    for number, wanted in changes:
        if number >= end or (due is not None and due <= number):
            break
        due = counted(start, TARGETS[wanted], pauses)
        if due is not None and wanted < has:
            due = max(due, counted(number, FIRST_ANSWER[wanted], []) or 0)
        has = wanted

    (clock,) = past.clocks("restore", POLICY)
    assert clock.due == (MINUTES[due] if due is not None else None)
    assert clock.end == (MINUTES[end] if end < len(MINUTES) else None)
