"""Times as they are read, typed and shown. Every time is an aware datetime in UTC with whole seconds."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta, tzinfo

_ISO = re.compile(  # narrower than fromisoformat, which also takes 24:00 in newer versions of Python
    r"(\d{4}-\d\d-\d\d)"
    r"(?:[T ]((?!24)\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?) ?(Z|[+-](?:[01]\d|2[0-3])(?::?[0-5]\d)?)?)?",
    re.ASCII | re.IGNORECASE,
)
_DURATION = re.compile(
    r"(?=\d)"
    r"(?:(\d{1,9}) ?w(?:eeks?)?)? ?"
    r"(?:(\d{1,9}) ?d(?:ays?)?)? ?"
    r"(?:(\d{1,9}) ?h(?:rs?|ours?)?)? ?"
    r"(?:(\d{1,9}) ?m(?:ins?|inutes?)?)? ?"
    r"(?:(\d{1,9}) ?s(?:ecs?|econds?)?)?",
    re.ASCII,
)
_UNITS = {"w": 604_800, "d": 86_400, "h": 3_600, "min": 60, "s": 1}  # in the order of _DURATION's groups
_LONGEST = 10 * 366 * _UNITS["d"]

_FROM_NOW = re.compile(r"(in |[+-] ?)?(\d.*?)( ago)?")
_WALL_CLOCK = re.compile(r"(?=.)([a-z]*)(?:(?:^| (?:at )?)(\d{1,2}):(\d\d))?", re.ASCII)
_DAYS = {"": 0, "today": 0, "yesterday": -1, "tomorrow": 1}
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def iso(at: datetime) -> str:
    """Return the one written form, `2026-11-22T09:00:00Z`; ValueError if `at` has no time zone."""
    return _whole_seconds(at).replace(tzinfo=None).isoformat() + "Z"


def in_zone(at: datetime, zone: tzinfo) -> datetime:
    """Return a time as a zone has it; as it is where that would be before the year 1 or after 9999."""
    try:
        return at.astimezone(zone)
    except OverflowError:
        return at


def shifted(at: datetime, days: int) -> datetime:
    """Return the time so many days later or earlier, but none that no calendar has."""
    try:
        return at + timedelta(days=days)
    except OverflowError:
        return datetime.max.replace(microsecond=0, tzinfo=UTC) if days > 0 else datetime.min.replace(tzinfo=UTC)


def parse_iso(text: str) -> datetime:
    """Return the time that an ISO 8601 text gives; without a zone it is UTC, a date alone is its midnight.

    A fraction of a second is dropped. ValueError says what would be right.
    """
    return _parse_iso(text.strip(), UTC)


def parse_duration(text: str) -> timedelta:
    """Return the span that `15min`, `2 hours` or `1h30m` means, 10 years at most; else ValueError."""
    found = _DURATION.fullmatch(_words(text))
    if not found:
        raise ValueError(f"{text[:40]!r} is not a span of time; write it like 15min, 2h, 1h30m, 3d or 1w")
    counts = (int(count or 0) for count in found.groups())
    seconds = sum(count * unit for count, unit in zip(counts, _UNITS.values(), strict=True))
    if seconds > _LONGEST:
        raise ValueError(f"{text[:40]!r} is too long; a span of time is 10 years at most")
    return timedelta(seconds=seconds)


def format_duration(delta: timedelta) -> str:
    """Return the span in its largest unit and the one below: `45 min`, `2 h 15 min`, `2 d 4 h`."""
    seconds = abs(delta) // timedelta(seconds=1)
    sign = "-" if seconds and delta < timedelta() else ""
    for unit, below in (("d", "h"), ("h", "min")):
        if seconds >= _UNITS[unit]:
            rest = seconds % _UNITS[unit] // _UNITS[below]
            return f"{sign}{seconds // _UNITS[unit]} {unit}" + (f" {rest} {below}" if rest else "")
    return f"{sign}{seconds} s" if 0 < seconds < _UNITS["min"] else f"{sign}{seconds // _UNITS['min']} min"


def relative(at: datetime, now: datetime) -> str:
    """Return how far `at` is from `now`, in one unit: `just now`, `3 h ago`, `in 2 d`."""
    delta = at - now
    if abs(delta) < timedelta(minutes=1):
        return "just now"
    # To the nearest minute first: what was set for 2 h does not read "in 1 h" a second later.
    minutes = timedelta(minutes=round(abs(delta) / timedelta(minutes=1)))
    span = " ".join(format_duration(minutes).split()[:2])
    return f"in {span}" if delta > timedelta() else f"{span} ago"


def parse_moment(text: str, now: datetime, zone: tzinfo = UTC) -> datetime:
    """Return the time that a person means by ISO 8601, `2h ago`, `in 2h`, `2h`, `today 14:00` or `fri 17:00`.

    A wall-clock time without an offset is in `zone`; a day without a time is its midnight; a weekday is the
    next one after `now`. ValueError gives examples.
    """
    now, words = _whole_seconds(now), _words(text)
    if _ISO.fullmatch(words):
        return _parse_iso(words, zone)
    if words == "now":
        return now
    try:
        if found := _WALL_CLOCK.fullmatch(words):
            return _wall_clock(found, now.astimezone(zone))
        return _from_now(words, now)
    except (ValueError, OverflowError):
        raise ValueError(
            f"{text[:40]!r} is not a time; write it like 2026-11-22T09:00Z, 2h ago, in 30min, today 14:00, "
            "yesterday 9:30 or fri 17:00"
        ) from None


def _parse_iso(text: str, zone: tzinfo) -> datetime:
    found = _ISO.fullmatch(text)
    try:
        if found:
            day, clock, offset = found.groups()
            at = datetime.fromisoformat(f"{day}T{clock or '00:00'}{(offset or '').upper()}")
            return _whole_seconds(at if offset else at.replace(tzinfo=zone))
    except (ValueError, OverflowError):
        pass  # a month 13, or year 1 east of Greenwich: the same sentence helps
    raise ValueError(f"{text[:40]!r} is not a time; write it like 2026-11-22T09:00:00Z or 2026-11-22")


def _from_now(words: str, now: datetime) -> datetime:
    found = _FROM_NOW.fullmatch(words)
    if not found or (found[1] and found[3]):
        raise ValueError(words)
    sign, span, ago = found.groups()
    delta = parse_duration(span)
    return now - delta if ago or (sign and sign[0] == "-") else now + delta


def _wall_clock(found: re.Match[str], now: datetime) -> datetime:
    """Return what a day, a time of day or both mean in the zone of `now`."""
    day, hour, minute = found.groups()
    clock = time(int(hour or 0), int(minute or 0), tzinfo=now.tzinfo)
    if day in _DAYS:
        return _whole_seconds(datetime.combine(now + timedelta(days=_DAYS[day]), clock))
    weekday = next((n for n, name in enumerate(_WEEKDAYS) if len(day) >= 3 and name.startswith(day)), None)
    if weekday is None:
        raise ValueError(day)
    at = datetime.combine(now + timedelta(days=(weekday - now.weekday()) % 7), clock)
    return _whole_seconds(at if at > now else at + timedelta(days=7))


def _whole_seconds(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError(f"{at} has no time zone")
    return at.astimezone(UTC).replace(microsecond=0)


def _words(text: str) -> str:
    return " ".join(text.lower().split())
