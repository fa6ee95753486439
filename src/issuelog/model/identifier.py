"""Ids: of reports (`CR-261122-7K3M`), of events (ULIDs) and of the items in a report's lists (`A3`)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32."""

ID = re.compile(r"[A-Z][A-Z0-9]{0,7}-\d{6}-[0-9A-HJKMNP-TV-Z]{4}", re.ASCII)
"""The form of a report id, to be matched whole; `is_report_id` also looks at the date."""

KNOWN_ERROR = "KE"
"""What the ids of known errors begin with."""

# Only the first ten characters, the time, are ever decoded; a hand-written rest may be any.
_ULID = re.compile(r"([0-7][0-9A-HJKMNP-TV-Z]{9})[0-9A-Z]{16}", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_LOOK_ALIKES = str.maketrans("ILO", "110")


def report_id(prefix: str, day: date, number: int) -> str:
    """Return the id of a report of `day` (2000 to 2099), with `number` (below 32**4) as its last part."""
    if not 2000 <= day.year <= 2099:
        raise ValueError(f"a report id needs a day from 2000 to 2099, not {day:%Y-%m-%d}")
    if not 0 <= number < 32**4:
        raise ValueError(f"a report id needs a number from 0 to {32**4 - 1}, not {number}")
    made = f"{prefix}-{day:%y%m%d}-{_encode(number, 4)}"
    if not ID.fullmatch(made):
        raise ValueError(f"{prefix!r} cannot begin an id; write 1 to 8 of A-Z and 0-9, a letter first")
    return made


def renumbered(identifier: str, number: int) -> str:
    """Return a report id of the same prefix and day, with another number for its last part."""
    return f"{identifier.rpartition('-')[0]}-{_encode(number, 4)}"


def is_report_id(text: str) -> bool:
    """Tell whether the text is a whole report id with a real date in it."""
    if not ID.fullmatch(text):
        return False
    digits = text.split("-")[1]
    try:
        date(2000 + int(digits[:2]), int(digits[2:4]), int(digits[4:]))
    except ValueError:
        return False
    return True


def is_known_error_id(text: str) -> bool:
    """Tell whether the text is a whole id of a known error; those of a tracker whose reports begin so look alike."""
    return text.startswith(f"{KNOWN_ERROR}-") and is_report_id(text)


def normalise(text: str) -> str:
    """Return a typed id, or a part of one, in capitals and with I, L, O as 1, 1, 0 in the last part."""
    head, dash, last = text.strip().upper().rpartition("-")
    return head + dash + last.translate(_LOOK_ALIKES)


def year_month(identifier: str) -> tuple[str, str]:
    """Return the folders of a report, `("2026", "11")`; ValueError if it is no report id."""
    if not is_report_id(identifier):
        raise ValueError(f"{identifier[:40]!r} is not a report id; one looks like CR-261122-7K3M")
    digits = identifier.split("-")[1]
    return "20" + digits[:2], digits[2:4]


def ulid(at: datetime, entropy: bytes, newest: str | None = None) -> str:
    """Return a ULID of 26 characters from `at` and 10 random bytes that sorts after `newest`.

    Its time is `at`, or 1 ms after that of `newest` if that is later. ValueError for a time before 1970.
    """
    if len(entropy) != 10:
        raise ValueError(f"a ULID needs 10 bytes of entropy, not {len(entropy)}")
    milliseconds = (at - _EPOCH) // _MILLISECOND
    if newest is not None:
        milliseconds = max(milliseconds, _ulid_milliseconds(newest) + 1)
    if not 0 <= milliseconds < 2**48:
        raise ValueError(f"a ULID cannot hold the time {at}, or one after {newest}")
    return _encode(milliseconds, 10) + _encode(int.from_bytes(entropy), 16)


def is_ulid(text: str) -> bool:
    """Whether `text` is a ULID."""
    return _ULID.fullmatch(text) is not None


def ulid_time(text: str) -> datetime:
    """Return the time in a ULID, to the millisecond; ValueError if it is none."""
    try:
        return _EPOCH + _ulid_milliseconds(text) * _MILLISECOND
    except OverflowError:
        raise ValueError(f"the ULID {text} is of a time after the year 9999") from None


def next_item_id(letter: str, existing: Iterable[str]) -> str:
    """Return the letter and one more than the highest number that an existing id has after it."""
    taken = set(existing)
    numbered = re.compile(re.escape(letter) + r"(\d{1,9})(?!\d)", re.ASCII)
    number = 1 + max((int(found[1]) for item in taken if (found := numbered.match(item))), default=0)
    while f"{letter}{number}" in taken:  # longer numbers, from a foreign hand, are not counted
        number += 1
    return f"{letter}{number}"


def _ulid_milliseconds(text: str) -> int:
    found = _ULID.fullmatch(text)
    if not found:
        raise ValueError(f"{text[:40]!r} is not a ULID; one looks like 01JCT0T5M3E9Q2W4R6T8Y0V1J3")
    milliseconds = 0
    for char in found[1]:
        milliseconds = milliseconds * 32 + ALPHABET.index(char)
    return milliseconds


def _encode(number: int, length: int) -> str:
    return "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(length)))
