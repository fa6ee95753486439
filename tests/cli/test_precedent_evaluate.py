"""`precedent --evaluate`: how many of the confirmed duplicates would have been found when they came."""

from __future__ import annotations

import pytest

from issuelog.errors import ExitCode
from issuelog.knowledge.ranking import PLAIN
from support.cli import Tracker

ALIKE = ("Export of invoices stops at half", "Invoices: the export stops at half of the rows")
OTHER = "The printer in the basement smells of smoke"


def record(tracker: Tracker, title: str, day: int) -> str:
    facts = ("--title", title, "--story", f"{title}, since today.", "--anonymous", "--received", f"2026-11-{day:02}")
    return tracker.ok("new", "-q", *facts).strip()


def test_the_original_that_came_before_is_looked_for(tracker: Tracker) -> None:
    first, second, other = (record(tracker, title, day) for day, title in enumerate((*ALIKE, OTHER), 1))
    tracker.ok("duplicate", second, "--of", first)
    measured = {"questions": 1, "recall_at_1": 1, "recall_at_5": 1, "recall_at_10": 1, "mrr": 1}
    found = tracker.json("precedent", "--evaluate")
    assert found == {**measured, "default": measured, "learned": {"lessons": 1, "emphasis": dict(PLAIN)}}
    tracker.ok("duplicate", other, "--of", first)
    found = tracker.json("precedent", "--evaluate")
    assert found["questions"] == 2
    assert 0.5 <= found["mrr"] <= 1  # the smoking printer is like nothing that came before it, or behind the first


def test_where_nothing_is_confirmed_it_says_so(tracker: Tracker) -> None:
    record(tracker, OTHER, 1)
    done = tracker.run("precedent", "--evaluate")
    assert done.code == ExitCode.DONE
    assert "nothing is confirmed yet" in done.err
    assert tracker.json("precedent", "--evaluate")["questions"] == 0


@pytest.mark.parametrize("more", [("7K3M",), ("--text", "export"), ("--ndjson",)])
def test_it_takes_nothing_else(tracker: Tracker, more: tuple[str, ...]) -> None:
    assert tracker.run("precedent", "--evaluate", *more).code == ExitCode.USAGE
