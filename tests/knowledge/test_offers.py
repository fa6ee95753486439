"""What earlier errors of the same signature offer to a new report: by their versions, states and products."""

from __future__ import annotations

import shlex
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issuelog.knowledge.recurrence import Earlier, Offer, judge
from issuelog.model.versions import has_fix

OLD, NEW = "CR-260101-0001", "CR-261122-0002"


def report(ref: str = OLD, *, state: str = "closed", fixed_in: str | None = "8.10.3", **facts: Any) -> Earlier:
    return Earlier(ref, state, facts.pop("product", "billing-web"), fixed_in, **facts)


def known(ref: str = "KE-260101-0001", *, fixed_in: str | None = "8.10.3", **facts: Any) -> Earlier:
    return Earlier(ref, None, facts.pop("product", None), fixed_in, **facts)


def offered(*found: Earlier, version: str | None = "8.11", product: str | None = "Billing-Web") -> list[Offer]:
    return judge(found, version, product, NEW)


def kinds(*found: Earlier, version: str | None = "8.11", product: str | None = "Billing-Web") -> list[tuple[str, str]]:
    return [(offer.kind, offer.ref) for offer in offered(*found, version=version, product=product)]


@pytest.mark.parametrize(
    ("version", "kind"),
    [
        ("8.10.3", "recurrence"),
        ("8.11", "recurrence"),
        ("8.10.3-4711", "recurrence"),
        ("8.10.2", "fixed"),
        ("8.10.3-rc1", "fixed"),
        ("8.9", "fixed"),
        ("8", "unknown"),
        ("latest", "unknown"),
        ("2026-11-22", "unknown"),
        (None, "unknown"),
    ],
)
def test_the_version_decides_whether_it_is_back(version: str | None, kind: str) -> None:
    assert kinds(report(), version=version) == [(kind, OLD)]


def test_an_error_that_is_back_is_linked_or_reopened_where_it_is_the_same_customers() -> None:
    (linked,) = offered(report())
    assert linked.command == f"issuelog set {NEW} links.recurrence_of={OLD}"
    assert "fixed in 8.10.3" in linked.why
    assert "back in 8.11" in linked.why
    (again,) = offered(report(is_ours=True), version="8.11; rm -rf ~")
    assert again.kind == "unknown"
    (again,) = offered(report(is_ours=True), version="8.11 on 'Mars'")
    words = shlex.split(again.command)
    assert words[:5] == ["issuelog", "reopen", OLD, "--reason", "recurred"]
    assert words[words.index("--affected-version") + 1] == "8.11 on 'Mars'"
    assert NEW in words[words.index("--evidence") + 1]


def test_an_older_version_is_offered_the_fix() -> None:
    (offer,) = offered(report(), version="8.9")
    assert offer.command == f"issuelog apply {NEW} {OLD}"
    assert offer.fixed_in == "8.10.3"
    assert "8.9 is older" in offer.why


def test_what_cannot_be_compared_is_said_and_nothing_is_claimed() -> None:
    (offer,) = offered(report(), version="latest")
    assert "cannot be told" in offer.why
    (asked,) = offered(report(), version=None)
    assert asked.command == f"issuelog missing {NEW}"
    (nowhere,) = offered(report(fixed_in=None))
    assert nowhere.kind == "unknown"
    assert "not recorded" in nowhere.why


def test_of_one_day_the_earliest_is_the_original_whatever_its_id() -> None:
    (offer,) = offered(report("CR-260202-ZZZZ", state="new"), report("CR-260202-0003", state="new"))
    assert offer.ref == "CR-260202-ZZZZ"


def test_an_open_report_of_the_same_error_is_the_original() -> None:
    older, newer = report(OLD, state="reproduced"), report("CR-260202-0003", state="new")
    (offer,) = offered(newer, older)
    assert (offer.kind, offer.command) == ("open", f"issuelog duplicate {NEW} --of {OLD}")
    assert kinds(report(state="new", is_later=True)) == []


def test_of_several_fixes_the_nearest_is_offered_and_the_latest_did_not_hold() -> None:
    first = report("CR-260101-0001", fixed_in="8.8")
    second = report("CR-260201-0001", fixed_in="8.10")
    third = report("CR-260301-0001", fixed_in="9.1")
    assert kinds(third, first, second, version="8.7") == [("fixed", first.ref)]
    assert kinds(second, first, version="9.0") == [("recurrence", second.ref)]
    # It was back once, and is fixed again in a version that this customer does not have.
    assert kinds(third, second, version="9.0") == [("fixed", third.ref)]


def test_the_same_stack_trace_comes_before_the_same_message() -> None:
    same, like = report("CR-260201-0001", fixed_in="8.9"), report(fixed_in="8.10", is_exact=False)
    assert kinds(like, same) == [("recurrence", same.ref)]
    (offer,) = offered(like)
    assert "the same error message" in offer.why


def test_a_later_fix_of_a_like_message_hides_no_error_that_is_back_with_its_trace() -> None:
    same, like = report("CR-260201-0001", fixed_in="8.9"), report(fixed_in="9.0", is_exact=False)
    assert kinds(same, like) == [("recurrence", same.ref), ("fixed", like.ref)]
    assert kinds(report("CR-260201-0001", fixed_in="8.9", is_exact=False), like) == [("fixed", like.ref)]


def test_another_product_offers_nothing() -> None:
    assert kinds(report(product="mobile-app")) == []
    assert kinds(report(product=None)) == [("recurrence", OLD)]
    assert kinds(report(product="mobile-app"), product=None) == [("recurrence", OLD)]


def test_a_known_error_offers_its_solution() -> None:
    base = known()
    assert kinds(base, version="8.9") == [("fixed", base.ref)]
    assert kinds(base, version="latest") == [("unknown", base.ref)]
    (without,) = offered(known(fixed_in=None))
    assert (without.kind, without.command) == ("known", f"issuelog apply {NEW} {base.ref}")
    (of_others,) = offered(known(fixed_in=None, affected="<8.5"))
    assert "in other versions, <8.5" in of_others.why


def test_a_known_error_that_is_back_leads_to_the_report_it_was_made_of() -> None:
    (offer,) = offered(known(sources=(OLD,)))
    assert offer.command == f"issuelog set {NEW} links.recurrence_of={OLD}"
    assert kinds(known(sources=(OLD,)), report()) == [("recurrence", OLD)]
    (alone,) = offered(known())
    assert alone.command == f"issuelog apply {NEW} {alone.ref}"


def test_few_known_errors_are_offered() -> None:
    found = [known(f"KE-260101-000{number}", fixed_in=None) for number in range(8)]
    assert kinds(*found) == [("known", one.ref) for one in found[:3]]


earliers = st.builds(
    Earlier,
    st.integers(1, 9).map("CR-260101-000{}".format),
    st.sampled_from(["new", "acknowledged", "reproduced", "resolved", "rca", "closed", None]),
    st.sampled_from([None, "billing-web", "mobile-app"]),
    st.sampled_from([None, "8.8", "8.10.3", "9.0", "latest", "2026-11-22"]),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
versions = st.sampled_from([None, "8.8", "8.9", "8.10.3", "9.0", "latest", "2026-11-22", "8"])


@given(st.lists(earliers, max_size=6, unique_by=lambda one: one.ref), versions)
def test_no_offer_claims_more_than_the_versions_say(found: list[Earlier], version: str | None) -> None:
    same = {one.ref: one for one in found if one.product in {None, "billing-web"}}
    fixes = [one for one in same.values() if one.fixed_in and one.state not in {"new", "acknowledged", "reproduced"}]
    for offer in judge(found, version, "billing-web", NEW):
        fixed_in = same[offer.ref].fixed_in
        if offer.kind == "fixed":
            assert has_fix(str(version), str(fixed_in)) is False
        if offer.kind == "recurrence":
            assert has_fix(str(version), str(fixed_in)) is True
            assert not any(has_fix(str(version), str(fix.fixed_in)) is False for fix in fixes if fix.is_exact)
