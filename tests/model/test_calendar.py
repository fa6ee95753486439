import json
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from issuelog.model.calendar import Calendar, Interval
from issuelog.model.times import parse_iso

VECTORS = json.loads((Path(__file__).parents[1] / "data" / "sla_vectors.json").read_text())
MINUTE = timedelta(minutes=1)
OFFICE = Calendar("Europe/Berlin", {"mon-fri": ["09:00-17:00"]})


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]


def calendar_of(name: str) -> Calendar:
    data = VECTORS["calendars"][name]
    return Calendar(data["timezone"], data["week"], [date.fromisoformat(day) for day in data.get("holidays", ())])


@pytest.mark.parametrize("vector", [v for v in VECTORS["vectors"] if "due" in v], ids=lambda v: v["name"])
def test_worked_examples(vector: dict[str, Any]) -> None:
    calendar, start, due = (
        calendar_of(vector["calendar"]),
        parse_iso(vector["start"]),
        parse_iso(vector["due"]),
    )
    pauses = [(parse_iso(begins), parse_iso(ends)) for begins, ends in vector["pauses"]]
    assert calendar.add(start, vector["target_min"], pauses) == due == parse_iso(vector["due_local"])
    assert calendar.open_minutes(start, due, pauses) == vector["target_min"]


def test_worked_example_of_a_downgrade() -> None:
    vector = next(v for v in VECTORS["vectors"] if v["name"] == "downgrade_keeps_breach")
    assert calendar_of("biz").add(parse_iso(vector["start"]), 480) == parse_iso(vector["s2_due"])


# Weeks, zones and days with every kind of edge: shown twice, skipped, at midnight, a day that never was.
CALENDARS = st.builds(
    Calendar,
    st.sampled_from(["Europe/Berlin", "America/Havana", "America/St_Johns", "Australia/Lord_Howe", "Pacific/Apia"]),
    st.sampled_from(
        [
            "always",
            {},
            {"mon-sun": ["00:00-24:00"]},
            {"mon-fri": ["09:00-17:00"]},
            {"fri-mon": ["00:00-00:30", "01:30-02:30", "02:30-03:00", "23:15-24:00"], "wed": ["12:00-13:00"]},
            {"sun": ["02:15-02:45"], "thu-sat": ["00:10-05:00"]},
        ]
    ),
    st.frozensets(st.sampled_from([date(2026, 3, 8), date(2026, 10, 25), date(2011, 12, 31)])),
)
AROUND = st.sampled_from(
    [
        utc(2026, 3, 29, 1),  # Berlin forward
        utc(2026, 10, 25, 1),  # Berlin back
        utc(2026, 3, 8, 5),  # Havana forward at midnight
        utc(2026, 11, 1, 5),  # Havana back to midnight
        utc(2010, 11, 7, 2, 31),  # St John's back over midnight
        utc(2026, 4, 4, 15),  # Lord Howe back by half an hour
        utc(2011, 12, 30, 10),  # Apia without a Friday
        utc(2026, 4, 14, 12),
    ]
)
OFFSETS = st.integers(-30 * 60, 30 * 60)


@st.composite
def ranges(draw: st.DrawFn) -> tuple[datetime, datetime, list[Interval]]:
    middle = draw(AROUND)
    times = [middle + draw(OFFSETS) * MINUTE for _ in range(2)]
    pauses = draw(st.lists(st.tuples(OFFSETS, OFFSETS), max_size=3))
    return times[0], times[1], [(middle + begins * MINUTE, middle + ends * MINUTE) for begins, ends in pauses]


DAYS = {
    "mon-sun": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
    "mon-fri": ["mon", "tue", "wed", "thu", "fri"],
    "fri-mon": ["fri", "sat", "sun", "mon"],
    "thu-sat": ["thu", "fri", "sat"],
    "wed": ["wed"],
    "sun": ["sun"],
}


def open_by_the_clock(calendar: Calendar, start: datetime, end: datetime) -> list[datetime]:
    """Look at the wall clock every minute; while it repeats an hour, the latest time it has shown counts."""
    zone, at, reached, found = ZoneInfo(calendar.timezone), start - timedelta(hours=2), datetime.min, []
    while at < end:
        reached = max(reached, at.astimezone(zone).replace(tzinfo=None))
        if at >= start and is_open(calendar, reached):
            found.append(at)
        at += MINUTE
    return found


def is_open(calendar: Calendar, wall: datetime) -> bool:
    if wall.date() in calendar.holidays or calendar.week == "always":
        return wall.date() not in calendar.holidays
    return any(
        text[:5] <= f"{wall:%H:%M}" < text[6:]
        for days, texts in calendar.week.items()
        if f"{wall:%a}".lower() in DAYS[days]
        for text in texts
    )


@settings(deadline=None)
@given(CALENDARS, ranges())
def test_open_time_is_what_counting_minutes_gives(
    calendar: Calendar, given_range: tuple[datetime, datetime, list[Interval]]
) -> None:
    start, end, pauses = given_range
    minutes = open_by_the_clock(calendar, start, end)
    spans = list(calendar.windows(start, end))
    assert [a + n * MINUTE for a, b in spans for n in range((b - a) // MINUTE)] == minutes
    counted = [m for m in minutes if not any(begins <= m < ends for begins, ends in pauses)]
    assert calendar.open_time(start, end, pauses) == MINUTE * len(counted)


@settings(deadline=None)
@given(CALENDARS.filter(lambda calendar: calendar.week != {}), ranges(), st.integers(1, 3000))
def test_add_finds_the_first_instant_with_so_much_open_time(
    calendar: Calendar, given_range: tuple[datetime, datetime, list[Interval]], minutes: int
) -> None:
    start, _, pauses = given_range
    due = calendar.add(start, minutes, pauses)
    assert due.tzinfo is UTC
    assert calendar.open_minutes(start, due, pauses) == minutes
    assert calendar.open_minutes(start, due - MINUTE, pauses) == minutes - 1


@settings(deadline=None)
@given(CALENDARS, ranges())
def test_open_time_adds_up(calendar: Calendar, given_range: tuple[datetime, datetime, list[Interval]]) -> None:
    start, end, pauses = given_range
    middle = start + (end - start) / 3
    assert calendar.open_time(start, end, pauses) == calendar.open_time(start, middle, pauses) + (
        calendar.open_time(middle, end, pauses)
    )


@pytest.mark.parametrize(
    ("window", "day", "minutes"),
    [
        ("00:00-24:00", date(2026, 3, 29), 23 * 60),
        ("00:00-24:00", date(2026, 10, 25), 25 * 60),
        ("01:00-05:00", date(2026, 3, 29), 3 * 60),
        ("01:00-05:00", date(2026, 10, 25), 5 * 60),
        ("02:15-02:45", date(2026, 3, 29), 0),
        ("02:30-04:00", date(2026, 3, 29), 60),
        ("01:00-02:30", date(2026, 10, 25), 90),
        ("02:30-04:00", date(2026, 10, 25), 150),
    ],
)
def test_windows_over_a_change_of_the_clock(window: str, day: date, minutes: int) -> None:
    calendar = Calendar("Europe/Berlin", {"sun": [window]})
    noon = datetime.combine(day, time(12), tzinfo=UTC)
    assert calendar.open_minutes(noon - timedelta(days=1), noon + timedelta(days=1)) == minutes


def test_seconds_are_kept() -> None:
    assert OFFICE.add(utc(2026, 4, 13, 14, 59, 30), 1) == utc(2026, 4, 14, 7, 0, 30)
    assert OFFICE.open_minutes(utc(2026, 4, 13, 14, 59, 30), utc(2026, 4, 13, 20)) == 0.5


def test_no_minutes_is_the_start_even_when_closed() -> None:
    saturday = utc(2026, 4, 18, 11)
    assert OFFICE.add(saturday, 0) == saturday
    assert Calendar("UTC", {}).add(saturday.astimezone(ZoneInfo("Asia/Tokyo")), 0) == saturday


def test_round_the_clock_is_one_window_unless_there_are_holidays() -> None:
    start, end = utc(2026, 4, 1), utc(2026, 4, 4)
    assert list(Calendar("UTC", "always").windows(start, end)) == [(start, end)]
    assert Calendar("UTC", "always", [date(2026, 4, 2)]).open_minutes(start, end) == 2 * 24 * 60


def test_pauses_may_overlap_and_be_in_any_order_and_a_reversed_one_is_none() -> None:
    nine, ten, eleven, noon = (utc(2026, 4, 13, hour) for hour in (9, 10, 11, 12))
    pauses = [(eleven, noon), (noon, nine), (nine, eleven), (ten, eleven)]
    assert OFFICE.open_time(nine - 30 * MINUTE, noon, pauses) == 30 * MINUTE
    assert OFFICE.add(nine - 30 * MINUTE, 60, pauses) == noon + 30 * MINUTE


@settings(deadline=None, max_examples=30)
@given(CALENDARS, AROUND, OFFSETS, st.integers(0, 12), st.integers(-30, 400))
def test_years_of_open_time_are_those_of_their_windows(
    calendar: Calendar, start: datetime, minutes: int, years: int, days: int
) -> None:
    end = start + timedelta(days=365 * years + days)
    start += minutes * MINUTE
    windows = [closes - opens for opens, closes in calendar.windows(start, end)]
    assert calendar.open_time(start, end) == sum(windows, timedelta())
    pause = (start + timedelta(days=400), start + timedelta(days=400 + 30 * years))
    assert calendar.open_time(start, end, [pause]) == sum(
        (closes - opens for opens, closes in calendar.intervals(start, end, [pause])), timedelta()
    )


def test_a_pause_of_centuries_is_no_long_way() -> None:
    assert OFFICE.add(utc(2026, 4, 13), 60, [(utc(2026, 4, 1), utc(9000, 1, 1))]) == utc(9000, 1, 1, 9)


def test_windows_may_be_spread_over_several_keys_and_touch() -> None:
    calendar = Calendar("UTC", {"Mon-Wed": ["13:00 - 17:00"], "mon": ["9:00-12:00", "12:00-13:00"], "tue": []})
    monday = utc(2026, 4, 13)
    assert calendar.open_minutes(monday, monday + timedelta(days=1)) == 8 * 60
    assert calendar.open_minutes(monday, monday + timedelta(days=7)) == 16 * 60


@pytest.mark.parametrize(
    ("timezone", "week", "fault"),
    [
        ("Europe/Nowhere", {}, "'Europe/Nowhere' is no time zone"),
        ("Europe", {}, "'Europe' is no time zone"),
        ("../etc/passwd", {}, "is no time zone"),
        ("", {}, "is no time zone"),
        ("a\x00b", {}, "is no time zone"),
        ("UTC", {"monday": []}, "'monday' is not a day; write mon, tue"),
        ("UTC", {"mon-wed-fri": []}, "'mon-wed-fri' is not a day"),
        ("UTC", {"": []}, "'' is not a day"),
        ("UTC", {"mon": ["9-17"]}, "'9-17' on mon is not a window; write it like 09:00-17:00"),
        ("UTC", {"mon": ["09:60-17:00"]}, "'09:60-17:00' on mon is not a window"),
        ("UTC", {"mon": ["09:00-24:01"]}, "09:00-24:01 on mon ends after 24:00"),
        ("UTC", {"mon": ["22:00-06:00"]}, "22:00-06:00 on mon must end later on the same day"),
        ("UTC", {"mon": ["09:00-09:00"]}, "09:00-09:00 on mon must end later on the same day"),
        (
            "UTC",
            {"mon": ["12:00-17:00", "09:00-12:01"]},
            "the windows of mon overlap: 12:00-17:00, 09:00-12:01",
        ),
        ("UTC", {"mon-fri": ["09:00-17:00"], "sat-mon": ["16:00-18:00"]}, "the windows of mon overlap"),
    ],
)
def test_a_wrong_calendar_is_refused(timezone: str, week: dict[str, list[str]], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        Calendar(timezone, week)


@pytest.mark.parametrize(
    ("calendar", "start", "minutes", "fault"),
    [
        (OFFICE, utc(2026, 4, 13), -1, "is negative"),
        (Calendar("UTC", {}), utc(2026, 4, 13), 1, "a week without an open window"),
        (Calendar("UTC", {"mon-sun": []}), utc(2026, 4, 13), 1, "a week without an open window"),
        (OFFICE, utc(9999, 12, 1), 100_000, "later than the year 9999"),
        (OFFICE, utc(9999, 12, 31, 23, 59), 1, "later than the year 9999"),
    ],
)
def test_what_cannot_be_added(calendar: Calendar, start: datetime, minutes: int, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        calendar.add(start, minutes)


def test_the_ends_of_time_are_no_error() -> None:
    first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    assert OFFICE.add(first, 60).year == 1
    assert OFFICE.open_time(last - timedelta(days=9), last) > timedelta()
