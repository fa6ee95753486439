"""Business time: which instants are open, and when a number of open minutes has passed."""

from __future__ import annotations

import re
import warnings
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from itertools import pairwise
from typing import Literal
from zoneinfo import ZoneInfo

Interval = tuple[datetime, datetime]
"""From the first instant up to the second."""

_Window = tuple[timedelta, timedelta]
"""What the wall clock shows, since midnight, when a window opens and closes."""

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WINDOW = re.compile(r"(\d?\d):([0-5]\d) ?- ?(\d?\d):([0-5]\d)", re.ASCII)
_DAYS_KEPT = 5_000
_DAY, _SECOND = timedelta(days=1), timedelta(seconds=1)
# The first and last times that every zone can show, with room for the days around them.
_FIRST, _LAST = datetime(1, 1, 3, tzinfo=UTC), datetime(9999, 12, 28, tzinfo=UTC)


@dataclass(frozen=True)
class Holidays:
    """Days off: those of a country and perhaps a region of it (ISO 3166 codes), and those that are named.

    The library that knows them is only imported where a country is named. ValueError for one that it does not know.
    """

    days: frozenset[date]
    country: str | None = None
    region: str | None = None

    def __post_init__(self) -> None:
        _ = self._public  # a wrong country fails now, not at its first use

    def __bool__(self) -> bool:
        return bool(self.days or self.country)

    def __contains__(self, day: object) -> bool:
        if day in self.days or self.country is None:
            return day in self.days
        with _unwarned():
            return day in self._public

    @cached_property
    def _public(self) -> Container[object]:
        if self.country is None:
            if self.region:
                raise ValueError(f"the region {self.region!r} needs its country")
            return ()
        with _unwarned():
            from holidays import country_holidays

            try:
                return country_holidays(self.country.upper(), subdiv=self.region)
            except (NotImplementedError, TypeError) as error:  # TypeError: it has constants such as JAN, too
                raise ValueError(f"no holidays are known: {error}; write ISO 3166 codes, such as DE and BY") from None


@contextmanager
def _unwarned() -> Iterator[None]:
    """Keep what the library of holidays says of itself to developers from those who use a calendar."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@dataclass(frozen=True)
class Calendar:
    """When a team works: weekly windows on the wall clock of an IANA time zone, except on holidays.

    `week` maps days (`mon`, `mon-fri`) to windows (`09:00-17:00`, the end `24:00` at the latest); `always` is
    round the clock. A window lasts from the first instant at which the wall clock has reached its beginning
    to the first at which it has reached its end; durations are the time that really passes, also when the
    clock is changed meanwhile. Results are in UTC. ValueError names what is wrong.
    """

    timezone: str
    week: Mapping[str, Sequence[str]] | Literal["always"]
    holidays: Container[date] = ()

    def __post_init__(self) -> None:
        _ = self._zone, self._windows_of_weekday  # a wrong calendar fails now, not at its first use

    @property
    def is_always(self) -> bool:
        """Whether it is open round the clock, on every day."""
        return self.week == "always" and not self.holidays

    def add(self, start: datetime, minutes: int, pauses: Sequence[Interval] = ()) -> datetime:
        """Return the instant at which so many open minutes outside the pauses have passed since `start`.

        No minutes is `start` itself, open or not. ValueError for minutes that are negative or never pass.
        """
        if minutes < 0:
            raise ValueError(f"a time limit of {minutes} minutes is negative")
        if not minutes:
            return start.astimezone(UTC)
        if not any(self._windows_of_weekday):
            raise ValueError("a week without an open window cannot hold a time limit")
        left = timedelta(minutes=minutes)
        for opens, closes in self.intervals(start, _LAST, pauses):
            if closes - opens >= left:
                return opens + left
            left -= closes - opens
        raise ValueError(f"{minutes} open minutes after {start} is later than the year 9999")

    def open_time(self, start: datetime, end: datetime, pauses: Sequence[Interval] = ()) -> timedelta:
        """Return the open time from `start` to `end` outside the pauses; none if `end` is not later."""
        return sum((self._open_between(*part) for part in _outside(pauses, start, end)), timedelta())

    def open_minutes(self, start: datetime, end: datetime, pauses: Sequence[Interval] = ()) -> float:
        """Return `open_time` in minutes."""
        return self.open_time(start, end, pauses) / timedelta(minutes=1)

    def windows(self, start: datetime, end: datetime) -> Iterator[Interval]:
        """Yield the open intervals between `start` and `end` in order, one per window and day."""
        start, end = max(start.astimezone(UTC), _FIRST), min(end.astimezone(UTC), _LAST)
        if start >= end:
            return
        if self.is_always:
            yield start, end
            return
        # No zone is further ahead of UTC than two days, even while its clock is set back.
        yield from self._windows_from(start.astimezone(self._zone).date(), end.date() + 3 * _DAY, start, end)

    def _windows_from(self, day: date, until: date, start: datetime, end: datetime) -> Iterator[Interval]:
        """Yield what lies between `start` and `end` of the windows of some days, the last of them before `until`."""
        while day < until:
            for opens, closes in self._windows_of(day):
                begins, ends = max(opens, start), min(closes, end)
                if begins < ends:
                    yield begins, ends
            day += _DAY

    def _open_between(self, start: datetime, end: datetime) -> timedelta:
        """Return the open time; whole years are counted once: the times of a file may lie centuries apart."""
        start, end = max(start.astimezone(UTC), _FIRST), min(end.astimezone(UTC), _LAST)
        # Years with so much room around them that the windows of all their days lie in between.
        first, last = start.year + 2, end.year - 1
        if self.is_always or first >= last:
            return _length(self.windows(start, end))
        before = self._windows_from(start.astimezone(self._zone).date(), date(first, 1, 1), start, end)
        after = self._windows_from(date(last, 1, 1), end.date() + 3 * _DAY, start, end)
        return sum((self._open_in(year) for year in range(first, last)), _length(before) + _length(after))

    def _open_in(self, year: int) -> timedelta:
        if year not in self._years:
            self._years[year] = _length(self._windows_from(date(year, 1, 1), date(year + 1, 1, 1), _FIRST, _LAST))
        return self._years[year]

    @cached_property
    def _years(self) -> dict[int, timedelta]:
        return {}

    def _windows_of(self, day: date) -> Sequence[Interval]:
        """Return the windows of a day: found once, since the clocks of all reports ask for the same days."""
        known = self._known
        if day not in known:
            if len(known) >= _DAYS_KEPT:
                known.clear()
            midnight, windows = datetime.combine(day, time()), self._windows_of_weekday[day.weekday()]
            known[day] = (
                [(self._instant(midnight + opens), self._instant(midnight + closes)) for opens, closes in windows]
                if day not in self.holidays
                else []
            )
        return known[day]

    @cached_property
    def _known(self) -> dict[date, Sequence[Interval]]:
        return {}

    def steps(self, minutes: int) -> int:
        """Return over how many days and windows so many minutes stretch, as if there were no holidays."""
        windows = [closes - opens for of_day in self._windows_of_weekday for opens, closes in of_day]
        open_time = sum(windows, timedelta())
        return int(timedelta(minutes=minutes) / open_time * (len(windows) + len(_WEEKDAYS))) if open_time else 0

    def intervals(self, start: datetime, end: datetime, pauses: Sequence[Interval]) -> Iterator[Interval]:
        """Yield the open intervals outside the pauses, which may overlap and be in any order."""
        for begins, ends in _outside(pauses, start, end):
            yield from self.windows(begins, ends)

    def _instant(self, wall: datetime) -> datetime:
        """Return the first instant at which the wall clock has reached `wall`."""
        late = wall.replace(tzinfo=self._zone).astimezone(UTC)
        early = wall.replace(tzinfo=self._zone, fold=1).astimezone(UTC)
        # The first reading is the later one only for a time that the clock skips: find where it jumps.
        while late - early > _SECOND:
            middle = early + (late - early) // _SECOND // 2 * _SECOND
            if middle.astimezone(self._zone).replace(tzinfo=None) >= wall:
                late = middle
            else:
                early = middle
        return late

    @cached_property
    def _zone(self) -> ZoneInfo:
        try:
            return ZoneInfo(self.timezone)
        except (KeyError, ValueError, OSError):  # not there, no name for a file, or a file of something else
            raise ValueError(f"{self.timezone!r} is no time zone known here; write one like Europe/Berlin") from None

    @cached_property
    def _windows_of_weekday(self) -> Sequence[Sequence[_Window]]:
        week = {"mon-sun": ["00:00-24:00"]} if self.week == "always" else self.week
        texts: list[list[str]] = [[] for _ in _WEEKDAYS]
        for days, windows in week.items():
            for weekday in _parse_days(days):
                texts[weekday] += windows
        return [_parse_windows(name, of_day) for name, of_day in zip(_WEEKDAYS, texts, strict=True)]


def _outside(pauses: Sequence[Interval], start: datetime, end: datetime) -> Iterator[Interval]:
    """Yield what lies between the pauses, in order; some of it ends before it begins."""
    for begins, ends in sorted(pauses):
        if begins < ends:
            yield start, min(begins, end)
            start = max(start, ends)
    yield start, end


def _length(intervals: Iterable[Interval]) -> timedelta:
    return sum((closes - opens for opens, closes in intervals), timedelta())


def _parse_days(text: str) -> list[int]:
    """Return the weekdays, Monday being 0, of a name or a range of two; a range may run over Sunday."""
    names = text.strip().lower().split("-")
    if len(names) > 2 or not set(names) <= set(_WEEKDAYS):
        raise ValueError(f"{text!r} is not a day; write {', '.join(_WEEKDAYS)} or a range like mon-fri")
    first, last = _WEEKDAYS.index(names[0]), _WEEKDAYS.index(names[-1])
    return [(first + n) % 7 for n in range((last - first) % 7 + 1)]


def _parse_windows(day: str, texts: Sequence[str]) -> list[_Window]:
    """Return the windows of one day in order."""
    windows = sorted(_parse_window(day, text) for text in texts)
    if any(second[0] < first[1] for first, second in pairwise(windows)):
        raise ValueError(f"the windows of {day} overlap: {', '.join(texts)}")
    return windows


def _parse_window(day: str, text: str) -> _Window:
    found = _WINDOW.fullmatch(text.strip())
    if not found:
        raise ValueError(f"{text!r} on {day} is not a window; write it like 09:00-17:00")
    opens_hour, opens_minute, closes_hour, closes_minute = map(int, found.groups())
    opens = timedelta(hours=opens_hour, minutes=opens_minute)
    closes = timedelta(hours=closes_hour, minutes=closes_minute)
    if closes > _DAY:
        raise ValueError(f"the window {text} on {day} ends after 24:00")
    if closes <= opens:
        raise ValueError(f"the window {text} on {day} must end later on the same day")
    return opens, closes
