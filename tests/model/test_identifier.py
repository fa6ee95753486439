from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from issuelog.model.identifier import (
    ALPHABET,
    ID,
    is_report_id,
    next_item_id,
    normalise,
    report_id,
    ulid,
    ulid_time,
    year_month,
)

DAY = date(2026, 11, 22)
AT = datetime(2026, 11, 22, 9, tzinfo=UTC)
ENTROPY = bytes(range(10))
MILLISECOND = timedelta(milliseconds=1)
TIMES = st.datetimes(datetime(1970, 1, 1), timezones=st.just(UTC))


@pytest.mark.parametrize(
    ("number", "last"), [(0, "0000"), (31, "000Z"), (32, "0010"), (248_948, "7K3M"), (32**4 - 1, "ZZZZ")]
)
def test_report_id(number: int, last: str) -> None:
    assert report_id("CR", DAY, number) == f"CR-261122-{last}"


@settings(deadline=None)
@given(
    st.from_regex(r"[A-Z][A-Z0-9]{0,7}", fullmatch=True),
    st.dates(date(2000, 1, 1), date(2099, 12, 31)),
    st.integers(0, 32**4 - 1),
)
def test_every_report_id_is_one(prefix: str, day: date, number: int) -> None:
    made = report_id(prefix, day, number)
    assert is_report_id(made)
    assert normalise(made.lower()) == made
    assert year_month(made) == (f"{day:%Y}", f"{day:%m}")
    assert [ALPHABET.index(char) for char in made[-4:]] == [number >> bits & 31 for bits in (15, 10, 5, 0)]


@pytest.mark.parametrize(
    ("prefix", "day", "number", "fault"),
    [
        ("CR", date(1999, 12, 31), 0, "a day from 2000 to 2099"),
        ("CR", date(2100, 1, 1), 0, "a day from 2000 to 2099"),
        ("CR", DAY, -1, "a number from 0"),
        ("CR", DAY, 32**4, "a number from 0"),
        ("cr", DAY, 0, "cannot begin an id"),
        ("", DAY, 0, "cannot begin an id"),
        ("1C", DAY, 0, "cannot begin an id"),
        ("NINECHARS", DAY, 0, "cannot begin an id"),
        ("C-R", DAY, 0, "cannot begin an id"),
    ],
)
def test_what_makes_no_report_id(prefix: str, day: date, number: int, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        report_id(prefix, day, number)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "7K3M",
        "cr-261122-7K3M",
        "CR-261122-7k3m",
        "CR-261122-7K3",
        "CR-261122-7K3MM",
        "CR-261122-7K3M\n",
        "CR-261122-7K3I",
        "CR-261122-7K3U",
        "CR-261322-7K3M",
        "CR-260229-7K3M",
        "CR-261122-7K3M/..",
        "CR-٢٦١١٢٢-7K3M",
        "ＣR-261122-7K3M",
    ],
)
def test_is_no_report_id(text: str) -> None:
    assert not is_report_id(text)
    with pytest.raises(ValueError, match="one looks like CR-261122-7K3M"):
        year_month(text)


def test_the_form_alone_does_not_judge_the_date() -> None:
    assert ID.fullmatch("CR-261322-7K3M")
    assert is_report_id("CR-240229-7K3M")


@pytest.mark.parametrize(
    ("typed", "id_"),
    [
        ("7k3m", "7K3M"),
        ("oil0", "0110"),
        ("cr-261122-7k3o", "CR-261122-7K30"),
        ("oil-261122-7k3l", "OIL-261122-7K31"),
        (" CR-261122-7K3M ", "CR-261122-7K3M"),
        ("", ""),
    ],
)
def test_normalise(typed: str, id_: str) -> None:
    assert normalise(typed) == id_


@settings(deadline=None)
@given(TIMES, st.binary(min_size=10, max_size=10))
def test_ulid_holds_its_time(at: datetime, entropy: bytes) -> None:
    made = ulid(at, entropy)
    assert len(made) == 26
    assert set(made) <= set(ALPHABET)
    assert timedelta() <= at - ulid_time(made) < MILLISECOND


@settings(deadline=None)
@given(st.lists(st.tuples(TIMES.filter(lambda at: at.year < 9999), st.binary(min_size=10, max_size=10)), min_size=2))
def test_ulids_ascend_whatever_the_clock_does(steps: list[tuple[datetime, bytes]]) -> None:
    newest = None
    for at, entropy in steps:
        made = ulid(at, entropy, newest)
        assert ulid_time(made) > at - MILLISECOND
        if newest is not None:
            assert made > newest
            assert ulid_time(made) >= ulid_time(newest) + MILLISECOND
        newest = made


def test_ulid_is_the_time_and_the_entropy() -> None:
    assert ulid(AT, bytes(10)) == "01M817QNM0" + "0" * 16
    assert ulid(AT, b"\xff" * 10) == "01M817QNM0" + "Z" * 16
    assert ulid(AT, ENTROPY, ulid(AT, ENTROPY))[:10] == "01M817QNM1"
    assert ulid(AT, ENTROPY, ulid(AT - MILLISECOND, ENTROPY))[:10] == "01M817QNM0"


@pytest.mark.parametrize(
    ("at", "entropy", "newest", "fault"),
    [
        (AT, bytes(9), None, "10 bytes"),
        (datetime(1969, 12, 31, tzinfo=UTC), bytes(10), None, "cannot hold"),
        (AT, bytes(10), "7" + "Z" * 25, "cannot hold"),
        (AT, bytes(10), "A7", "is not a ULID"),
    ],
)
def test_what_makes_no_ulid(at: datetime, entropy: bytes, newest: str | None, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        ulid(at, entropy, newest)


@pytest.mark.parametrize("text", ["", "0" * 25, "0" * 27, "8" + "0" * 25, "I" * 26, "0" * 25 + "a", "0" * 26 + "\n"])
def test_what_is_no_ulid(text: str) -> None:
    with pytest.raises(ValueError, match="is not a ULID"):
        ulid_time(text)


def test_a_hand_written_rest_does_not_hide_the_time_of_a_ulid() -> None:
    assert ulid_time("01M817QNM0E9Q2W4R6T8Y0U1I3") == AT


def test_a_ulid_can_be_later_than_any_datetime() -> None:
    with pytest.raises(ValueError, match="after the year 9999"):
        ulid_time("7" + "Z" * 25)


@pytest.mark.parametrize(
    ("existing", "following"),
    [
        ([], "A1"),
        (["A1", "A2"], "A3"),
        (["A2", "A1", "B9"], "A3"),
        (["A10", "A9"], "A11"),
        (["A2-1", "A1"], "A3"),
        (["A03"], "A4"),
        (["", "A", "a7", "AB4", "xA8", "A٣", "7"], "A1"),
        (["A999999999"], "A1000000000"),
        (["A999999999", "A1000000000"], "A1000000001"),
        (["A" + "9" * 5000], "A1"),
    ],
)
def test_next_item_id(existing: list[str], following: str) -> None:
    assert next_item_id("A", existing) == following


@settings(deadline=None)
@given(st.lists(st.from_regex(r"\A[AB][0-9]{0,12}(-[0-9])?\Z") | st.text()), st.sampled_from(["A", "R"]))
def test_the_next_item_id_is_new(existing: list[str], letter: str) -> None:
    assert next_item_id(letter, existing) not in existing
