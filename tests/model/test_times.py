from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from issuelog.model.times import format_duration, iso, parse_duration, parse_iso, parse_moment, relative

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 18, 10, 30, tzinfo=UTC)  # a Wednesday

AWARE = st.datetimes(
    datetime(1, 1, 2),
    datetime(9999, 12, 30),
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=45)), timezone(-timedelta(hours=9))]),
)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]


@settings(deadline=None)
@given(AWARE)
def test_iso_round_trip(at: datetime) -> None:
    whole = at.replace(microsecond=0)
    assert parse_iso(iso(at)) == whole
    assert parse_iso(at.isoformat()) == whole
    assert parse_iso(iso(at)).tzinfo is UTC
    assert parse_iso(iso(at)).microsecond == 0


def test_iso_needs_a_zone() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        iso(datetime(2026, 11, 22))


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-11-22T09:00:00Z", utc(2026, 11, 22, 9)),
        ("2026-11-22T09:00:07Z", utc(2026, 11, 22, 9, 0, 7)),
        ("2026-11-22T09:00Z", utc(2026, 11, 22, 9)),
        ("2026-11-22t09:00z", utc(2026, 11, 22, 9)),
        ("2026-11-22 09:00", utc(2026, 11, 22, 9)),
        ("2026-11-22", utc(2026, 11, 22)),
        ("2026-11-22T10:00:00+01:00", utc(2026, 11, 22, 9)),
        ("2026-11-22 10:00:00 +0100", utc(2026, 11, 22, 9)),
        ("2026-11-22T00:30-08", utc(2026, 11, 22, 8, 30)),
        ("2026-11-22T09:00:00.999999999Z", utc(2026, 11, 22, 9)),
        ("2026-11-22T09:00:00,5", utc(2026, 11, 22, 9)),
        (" 2026-11-22\n", utc(2026, 11, 22)),
    ],
)
def test_parse_iso(text: str, at: datetime) -> None:
    assert parse_iso(text) == at


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-13-45",
        "2026-02-29",
        "2026-11-22T24:00",
        "2026-11-22T09:60",
        "2026-11-22T09:00:60Z",
        "2026-11-22T09:00.5Z",
        "2026-11-22T09:00+24:00",
        "2026-11-22T09:00+01:60",
        "2026-11-22x09:00",
        "2026-11-22T9:00",
        "0000-01-01",
        "0001-01-01T00:00+10:00",
        "20261122",
        "2026-W47-1",
        "22.11.2026",
        "٢٠٢٦-١١-٢٢",
        "soon",
        "2026-11-22T09:00:00Z" + "0" * 5000,
    ],
)
def test_parse_iso_says_what_would_be_right(text: str) -> None:
    with pytest.raises(ValueError, match="is not a time; write it like 2026-11-22T09:00:00Z") as caught:
        parse_iso(text)
    assert len(str(caught.value)) < 150


@pytest.mark.parametrize(
    ("text", "delta"),
    [
        ("15min", timedelta(minutes=15)),
        ("15m", timedelta(minutes=15)),
        ("2h", timedelta(hours=2)),
        ("3d", timedelta(days=3)),
        ("1w", timedelta(weeks=1)),
        ("1h30m", timedelta(minutes=90)),
        ("1 h  30 min", timedelta(minutes=90)),
        ("2 hours", timedelta(hours=2)),
        ("1 Week 1 day 1 hour 1 minute 1 second", timedelta(8, 3661)),
        ("90 s", timedelta(seconds=90)),
        ("0min", timedelta()),
        ("520w", timedelta(weeks=520)),
    ],
)
def test_parse_duration(text: str, delta: timedelta) -> None:
    assert parse_duration(text) == delta


@pytest.mark.parametrize(
    "text",
    ["", "2", "h", "-2h", "1.5h", "30m1h", "2h2h", "1h30", "2 months", "2h ago", "٢h", "9" * 5000 + "h"],
)
def test_parse_duration_says_what_would_be_right(text: str) -> None:
    with pytest.raises(ValueError, match="is not a span of time; write it like 15min"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["3661d", "999999999w"])
def test_a_duration_has_a_limit(text: str) -> None:
    with pytest.raises(ValueError, match="10 years at most"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("delta", "text"),
    [
        (timedelta(), "0 min"),
        (timedelta(seconds=30), "30 s"),
        (timedelta(seconds=90), "1 min"),
        (timedelta(minutes=45), "45 min"),
        (timedelta(hours=3), "3 h"),
        (timedelta(hours=2, minutes=15, seconds=59), "2 h 15 min"),
        (timedelta(days=3), "3 d"),
        (timedelta(days=2, hours=4, minutes=59), "2 d 4 h"),
        (timedelta(days=2, minutes=59), "2 d"),
        (-timedelta(hours=2, minutes=15), "-2 h 15 min"),
        (-timedelta(seconds=30), "-30 s"),
        (-timedelta(milliseconds=1), "0 min"),
    ],
)
def test_format_duration(delta: timedelta, text: str) -> None:
    assert format_duration(delta) == text


@settings(deadline=None)
@given(st.integers(0, 3660 * 24 * 60))
def test_a_shown_duration_can_be_typed(minutes: int) -> None:
    delta = timedelta(minutes=minutes)
    assert timedelta() <= delta - parse_duration(format_duration(delta)) < timedelta(hours=1)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("now", NOW),
        ("2026-11-22T10:00:00+01:00", utc(2026, 11, 22, 9)),
        ("2026-11-22 09:00", utc(2026, 11, 22, 9)),
        ("2h ago", utc(2026, 11, 18, 8, 30)),
        ("2 hours ago", utc(2026, 11, 18, 8, 30)),
        ("in 2h", utc(2026, 11, 18, 12, 30)),
        ("2h", utc(2026, 11, 18, 12, 30)),
        ("+2h", utc(2026, 11, 18, 12, 30)),
        ("-2h", utc(2026, 11, 18, 8, 30)),
        ("14:00", utc(2026, 11, 18, 14)),
        ("today 14:00", utc(2026, 11, 18, 14)),
        ("today at 14:00", utc(2026, 11, 18, 14)),
        ("Today", utc(2026, 11, 18)),
        ("yesterday", utc(2026, 11, 17)),
        ("yesterday 09:30", utc(2026, 11, 17, 9, 30)),
        ("tomorrow 9:00", utc(2026, 11, 19, 9)),
        ("fri 17:00", utc(2026, 11, 20, 17)),
        ("Friday", utc(2026, 11, 20)),
        ("wed 10:31", utc(2026, 11, 18, 10, 31)),
        ("wed 10:30", utc(2026, 11, 25, 10, 30)),
        ("wed", utc(2026, 11, 25)),
        ("tues 17:00", utc(2026, 11, 24, 17)),
    ],
)
def test_parse_moment(text: str, at: datetime) -> None:
    assert parse_moment(text, NOW + timedelta(microseconds=5)) == at


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("today 14:00", utc(2026, 11, 18, 13)),
        ("2026-11-22 09:00", utc(2026, 11, 22, 8)),
        ("2026-11-22T09:00Z", utc(2026, 11, 22, 9)),
        ("2026-07-22", utc(2026, 7, 21, 22)),
        ("wed 11:31", utc(2026, 11, 18, 10, 31)),
        ("2h ago", utc(2026, 11, 18, 8, 30)),
    ],
)
def test_wall_clock_times_are_in_the_zone(text: str, at: datetime) -> None:
    assert parse_moment(text, NOW, BERLIN) == at


def test_today_is_the_day_in_the_zone() -> None:
    assert parse_moment("today 08:00", utc(2026, 11, 18, 23, 30), BERLIN) == utc(2026, 11, 19, 7)


def test_a_weekday_keeps_its_time_over_a_change_of_the_clock() -> None:
    assert parse_moment("mon 9:00", utc(2026, 3, 27, 12), BERLIN) == utc(2026, 3, 30, 7)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "soon",
        "at",
        "in",
        "2",
        "in 2h ago",
        "-2h ago",
        "fr 17:00",
        "fri17:00",
        "someday",
        "25:00",
        "tomorrow 9",
        "11y",
    ],
)
def test_parse_moment_gives_examples(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a time; write it like .* 2h ago, in 30min, today 14:00"):
        parse_moment(text, NOW)


def test_a_moment_past_the_last_year_is_refused() -> None:
    with pytest.raises(ValueError, match="is not a time"):
        parse_moment("tomorrow", datetime(9999, 12, 31, tzinfo=UTC))


@pytest.mark.parametrize(
    ("delta", "text"),
    [
        (timedelta(), "just now"),
        (timedelta(seconds=-59), "just now"),
        (timedelta(minutes=-5), "5 min ago"),
        (timedelta(hours=-3, minutes=-40), "3 h ago"),
        (timedelta(hours=2, seconds=-1), "in 2 h"),
        (timedelta(hours=1, minutes=59), "in 1 h"),
        (timedelta(days=2), "in 2 d"),
        (timedelta(days=-400), "400 d ago"),
    ],
)
def test_relative(delta: timedelta, text: str) -> None:
    assert relative(NOW + delta, NOW) == text
