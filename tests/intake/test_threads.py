"""Which report a mail belongs to, and in which order mails are looked at."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issuelog.intake.incoming import Incoming, Letter
from issuelog.intake.threads import addresses, answered, in_order, in_subject, is_from, says_more
from issuelog.model.report import Customer
from issuelog.model.threading import message_id

REPORT, OTHER = "CR-261122-7K3M", "CR-261122-9QXA"


def letter(*references: str, subject: str = "") -> Letter:
    return Letter(subject, "", references)


def test_the_report_of_the_nearest_mail_comes_first_and_one_that_is_not_here_not_at_all() -> None:
    known = {"<a@x>": REPORT, "b@x": OTHER}
    ours = message_id(OTHER, "M1", "us@billing.example")
    assert answered(letter("<z@x>", "<a@x>", ours, "<b@x>"), known, lambda _: True) == [REPORT, OTHER]
    assert answered(letter(ours.upper(), "<a@x>"), known, lambda one: one == OTHER) == [OTHER]
    assert answered(letter("<z@x>"), known, lambda _: True) == []


@pytest.mark.parametrize(
    ("subject", "found"),
    [
        (f"Re: [{REPORT}] x", [REPORT]),
        (f"{REPORT.lower()}, {OTHER}: {REPORT}", [REPORT, OTHER]),
        (f"1{REPORT} {REPORT}X -{REPORT} {REPORT}-1", []),
        ("CR-261399-7K3M 7K3M CR-261122", []),
        (f"{'x' * 1000} {REPORT}", []),
    ],
)
def test_an_id_is_found_as_a_word_of_the_subject(subject: str, found: list[str]) -> None:
    assert in_subject(letter(subject=subject)) == found


@pytest.mark.parametrize(
    ("subject", "title", "more"),
    [
        ("Re: Export stops", "Export stops", False),
        (f"AW: WG: [{REPORT}] RE: export  stops", "Export stops", False),
        (f"Re: {REPORT}: Export stops", "Export stops", False),
        (f"Re: [{REPORT}]", "Export stops", False),
        ("", "Export stops", False),
        ("Re: " + "x" * 200, "x" * 119 + "…", False),
        ("Re: Export stops now", "Export stops", True),
        ("Import", "Export stops", True),
    ],
)
def test_whether_a_subject_says_more_than_the_title(subject: str, title: str, more: bool) -> None:
    assert says_more(letter(subject=subject), title) == more


def test_an_address_is_the_customer_s_or_of_their_house_unless_it_is_everybody_s() -> None:
    known = Customer(contact="Jo <Jo@Acme.example>", second_contact="+49 30 1234 / boss@gmail.com")
    for same in ("jo@acme.EXAMPLE", "kim@acme.example", "boss@gmail.com"):
        assert is_from(same, known)
    for other in ("eve@gmail.com", "jo@acme.example.evil.example", "jo@sub.acme.example", "Jo", "", None):
        assert not is_from(other, known)
    assert not is_from("jo@acme.example", Customer())
    assert addresses("a@x, b@Y <c@z>", None) == {"a@x", "b@y", "c@z"}


def mail(name: str, references: list[str], minutes: int | None = None) -> Incoming:
    at = datetime(2026, 11, 22, tzinfo=UTC) + timedelta(minutes=minutes) if minutes is not None else None
    return Incoming("t", "s", "email", at, external_ref=name, letter=letter(*references))


def order(*mails: Incoming) -> list[str | None]:
    return [one.external_ref for one in in_order(mails, lambda one: one)]


def test_mails_are_looked_at_by_their_dates_but_an_answer_after_what_it_answers() -> None:
    assert order(mail("c", [], 3), mail("none", []), mail("a", [], 1), mail("b", [], 2)) == ["a", "b", "c", "none"]
    assert order(mail("late", [], 9), mail("early", ["late"], 1), mail("b", [], 2)) == ["late", "early", "b"]
    chain = [mail(str(number), [str(number + 1)], number) for number in range(5000)]
    assert order(*chain) == [str(number) for number in reversed(range(5000))]


NAMES = st.sampled_from("abcdef")


@given(st.lists(st.tuples(NAMES, st.lists(NAMES, max_size=3), st.none() | st.integers(0, 9)), max_size=8))
def test_every_mail_comes_once_whatever_they_answer(mails: list[tuple[str, list[str], int | None]]) -> None:
    given_ones = [mail(*one) for one in mails]
    found = list(in_order(given_ones, lambda one: one))
    assert sorted(map(id, found)) == sorted(map(id, given_ones))
