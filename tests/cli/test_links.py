"""`set links.…`: a link leads to a report or a known error that is there."""

from __future__ import annotations

from typing import Any

import pytest

from support.cli import Tracker
from support.known import KNOWN, put_known
from support.refusals import refused

LISTS = "issuelog list"


def links(tracker: Tracker, report: str) -> Any:
    return tracker.show(report)["links"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("links.recurrence_of=CR-200101-0000", f"no report goes by 'CR-200101-0000' … {LISTS}"),
        ("links.recurrence_of=ZZZZZ", f"no report goes by 'ZZZZZ' … {LISTS}"),
        (f"links.recurrence_of={KNOWN}", f"is a known error, and no report … issuelog known-error show {KNOWN}"),
        ("links.known_error=KE-200101-0000", "no known error goes by … issuelog known-error list"),
        ("links.known_error=ke-200101-0000", "no known error goes by … issuelog known-error list"),
        ("links.related=CR-200101-0000", "no report and no known error goes by … issuelog search"),
        ("links.related=TICKET-1, cr-200101-0000", "no report and no known error goes by … issuelog search"),
        ("links.related=KE-200101-0000", "no report and no known error goes by … issuelog search"),
    ],
)
def test_a_link_to_what_is_not_there_is_refused(tracker: Tracker, change: str, says: str) -> None:
    put_known(tracker)
    refused(tracker, 4, "set", tracker.new(), change, says=says)


def test_a_link_is_written_with_the_whole_id_of_what_is_there(tracker: Tracker) -> None:
    put_known(tracker)
    first, second, report = tracker.new(), tracker.new(), tracker.new()
    tracker.ok("set", report, f"links.recurrence_of={first[-4:].lower()}", f"links.known_error={KNOWN.lower()}")
    tracker.ok("set", report, f"links.related={second.lower()},{KNOWN}")
    assert links(tracker, report) == {"recurrence_of": first, "known_error": KNOWN, "related": [second, KNOWN]}
    assert tracker.run("check").code == 0
    tracker.ok("set", report, "links.recurrence_of=", "links.known_error=", "links.related=")
    assert "links" not in tracker.show(report)


def test_what_is_no_id_may_name_something_elsewhere(tracker: Tracker) -> None:
    report, other = tracker.new(), tracker.new()
    tracker.ok("set", report, "links.related=TICKET-1,0000", "links.known_error=https://kb.example/7")
    assert links(tracker, report) == {"known_error": "https://kb.example/7", "related": ["TICKET-1", "0000"]}
    tracker.ok("set", report, f"links.related=one, with a comma\n{other}")
    assert links(tracker, report)["related"] == ["one, with a comma", other]


def test_check_finds_related_what_is_neither_a_report_nor_a_known_error(tracker: Tracker) -> None:
    report = tracker.new()
    tracker.ok("set", report, "links.related=TICKET-1")
    path = tracker.path(report)
    path.write_text(path.read_text().replace("TICKET-1", KNOWN))
    done = tracker.run("check")
    assert (done.code, f"there is no report or known error {KNOWN}" in done.out) == (1, True), done
    put_known(tracker)
    assert tracker.run("check").code == 0
