"""Errors that were fixed and may be back: what the index offers to a new report, and taking an old one up again."""

from __future__ import annotations

import shlex

import pytest

from issuelog.knowledge.recurrence import Offer, offers
from issuelog.model.signature import of_report
from issuelog.store.reports import read
from issuelog.tracker import Tracker as Opened
from support.cli import Tracker
from support.known import KNOWN, put_known

TRACE = """Traceback (most recent call last):
  File "/srv/app/billing/views.py", line 12, in invoice
    return total(lines)
  File "/srv/app/billing/sums.py", line {line}, in {frame}
    return amount / count
ZeroDivisionError: division by zero"""
SOLUTION = (
    "--cause=no lines",
    "--kind=code",
    "--summary=an empty invoice has the total 0",
    "--ref=git:4f9e2c1",
    "--tested-automated=an empty invoice",
    "--tested-manual=the steps of the customer",
    "--version=8.10.3",
)


def reported(tracker: Tracker, *options: str, customer: str = "Acme GmbH") -> str:
    report = tracker.complete(
        "--contact", f"jo@{customer.split()[0].lower()}.example", "--customer", customer, *options
    )
    tracker.ok("acknowledge", report)
    return report


def fixed(tracker: Tracker, *options: str) -> str:
    report = reported(tracker, "--received", "2h ago", *options)
    tracker.ok("reproduce", report, "--runs", "3", "--hits", "3")
    tracker.ok("resolve", report, *SOLUTION)
    return report


def offered(tracker: Tracker, report: str) -> list[Offer]:
    """Return what is offered to a report."""
    found = read(tracker.path(report), report).report
    environment = found.intake.environment
    opened = Opened.around(tracker.root, lambda _: None)
    asked, _ = opened.ask(
        lambda index: offers(index, of_report(found), environment.version, environment.product, exclude=report)
    )
    return asked


@pytest.mark.parametrize(
    ("version", "kind"), [("8.11", "recurrence"), ("8.10.3", "recurrence"), ("8.9", "fixed"), ("latest", "unknown")]
)
def test_a_new_report_of_a_fixed_error_is_judged_by_its_version(tracker: Tracker, version: str, kind: str) -> None:
    old = fixed(tracker)
    new = reported(tracker, "--product-version", version, customer="Other Inc")
    (offer,) = offered(tracker, new)
    assert (offer.kind, offer.ref, offer.fixed_in) == (kind, old, "8.10.3")
    tracker.ok(*shlex.split(offer.command)[1:])
    assert tracker.show(new).get("links", {}).get("recurrence_of") == (old if kind == "recurrence" else None)
    assert tracker.run("check").code == 0


def test_the_same_customers_report_is_taken_up_again(tracker: Tracker) -> None:
    old = fixed(tracker)
    new = reported(tracker, "--product-version", "8.11")
    (offer,) = offered(tracker, new)
    tracker.ok(*shlex.split(offer.command)[1:])
    event = tracker.show(old)["events"][-1]
    assert (event["reason"], event["version"], event["to"]) == ("recurred", "8.11", "acknowledged")
    assert new in event["evidence"]
    (offer,) = offered(tracker, new)
    assert (offer.kind, offer.command) == ("open", f"issuelog duplicate {new} --of {old}")


def test_only_the_same_error_of_the_same_product_is_offered(tracker: Tracker) -> None:
    fixed(tracker)
    assert offered(tracker, reported(tracker, "--error-message=IMPORT-12: no such column")) == []
    assert offered(tracker, reported(tracker, "--product", "mobile-app")) == []
    assert offered(tracker, reported(tracker, "--error-message=none_shown")) == []


def test_a_stack_trace_is_known_by_what_is_the_same_in_it(tracker: Tracker) -> None:
    old = fixed(tracker, f"--error-message={TRACE.format(line=40, frame='share')}")
    moved = reported(tracker, f"--error-message={TRACE.format(line=977, frame='share')}", "--product-version=8.11")
    assert [(offer.kind, offer.ref) for offer in offered(tracker, moved)] == [("recurrence", old)]


def test_what_was_found_not_to_be_the_same_is_offered_no_more(tracker: Tracker) -> None:
    old = fixed(tracker)
    new = reported(tracker, "--product-version", "8.11")
    assert [offer.ref for offer in offered(tracker, new)] == [old]
    path = tracker.path(new)
    path.write_text(
        f"{path.read_text()}precedents:\n  rejected:\n    - id: N1\n      ref: {old}\n"
        "      at: 2026-11-16T08:00:00Z\n      by: rita\n"
    )
    assert offered(tracker, new) == []


def test_an_ended_report_that_was_not_fixed_offers_nothing(tracker: Tracker) -> None:
    tracker.ok("close", reported(tracker), "--as", "spam")
    assert offered(tracker, reported(tracker)) == []


def test_a_duplicate_leads_to_its_original(tracker: Tracker) -> None:
    other = ("--error-message=IMPORT-12: no such column",)
    old = reported(tracker)
    tracker.ok("duplicate", reported(tracker, *other), "--of", old)
    tracker.ok("reproduce", old, "--runs", "3", "--hits", "3")
    tracker.ok("resolve", old, *SOLUTION)
    new = reported(tracker, *other, "--product-version=8.11", customer="Other Inc")
    assert [(offer.kind, offer.ref) for offer in offered(tracker, new)] == [("recurrence", old)]


def test_the_later_of_two_open_ones_is_the_duplicate(tracker: Tracker) -> None:
    first = reported(tracker, "--received", "2h ago")
    second = reported(tracker, "--received", "1h ago")
    assert offered(tracker, first) == []
    assert [offer.command for offer in offered(tracker, second)] == [f"issuelog duplicate {second} --of {first}"]


def test_known_errors_are_offered_unless_they_are_retired(tracker: Tracker) -> None:
    new = reported(tracker)
    signature = [str(of_report(read(tracker.path(new), new).report)[0])]
    put_known(tracker, signature=signature, fixed_in="8.10.3", solution=["Update"])
    assert [(offer.kind, offer.ref) for offer in offered(tracker, new)] == [("fixed", KNOWN)]
    put_known(
        tracker,
        signature=signature,
        fixed_in="8.10.3",
        retired={"at": "2026-11-16T08:00:00Z", "by": "rita", "because": "it is wrong"},
    )
    assert offered(tracker, new) == []


@pytest.mark.parametrize(
    ("version", "code", "words"),
    [
        ("8.10.3", 0, ""),
        ("8.10 (build 4711)", 5, "8.10 (build 4711) is older than 8.10.3"),
        ("8.10.3-4711", 0, ""),
        ("2026-11-22", 5, "cannot be told"),
        ("latest", 5, "cannot be told"),
    ],
)
def test_a_report_is_taken_up_as_recurred_where_the_version_has_the_fix(
    tracker: Tracker, version: str, code: int, words: str
) -> None:
    old = fixed(tracker)
    done = tracker.run("reopen", old, "--reason", "recurred", "--affected-version", version, "--evidence", "a log")
    assert done.code == code
    assert words in done.err
    assert tracker.show(old)["state"] == ("acknowledged" if code == 0 else "resolved")


def test_what_is_linked_already_is_offered_no_more(tracker: Tracker) -> None:
    old = fixed(tracker)
    new = reported(tracker, "--product-version", "8.11", customer="Other Inc")
    (offer,) = tracker.json("precedent", new)["offers"]
    assert (offer["ref"], offer["kind"]) == (old, "recurrence")
    tracker.ok(*shlex.split(offer["command"])[1:])
    assert not tracker.json("precedent", new)["offers"]
