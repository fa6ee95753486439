"""Applying what solved an earlier error, and recording whether it solved this one."""

from __future__ import annotations

import re
from typing import Any

import pytest

from support.cli import Tracker
from support.known import KNOWN, put_known
from support.lives import CLEAN

SOLUTION = (
    "--cause=the worker keeps the file in memory",
    "--kind=code",
    "--summary=the file is written line by line",
    "--ref=git:4f9e2c1",
    "--tested-automated=5,000 lines",
    "--tested-manual=the steps of the customer",
    "--version=8.10.3",
)


def solved(tracker: Tracker, *options: str) -> str:
    """Return a report that was solved."""
    report = tracker.complete("--title", "The old one", *options)
    tracker.ok("acknowledge", report)
    tracker.ok("reproduce", report, "--runs", "3", "--hits", "3")
    tracker.ok("resolve", report, *SOLUTION)
    return report


def acknowledged(tracker: Tracker, *options: str) -> str:
    """Return a report that is worked on."""
    report = tracker.complete("--title", "The new one", *options)
    tracker.ok("acknowledge", report)
    return report


def tried(tracker: Tracker, report: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tracker.show(report).get("precedents", {}).get("tried", [])
    return found


def test_the_solution_of_a_report_is_shown_as_steps(tracker: Tracker) -> None:
    old = solved(tracker)
    tracker.ok("workaround", old, "Split the export by week")
    new = acknowledged(tracker)
    before = tracker.fingerprint()
    done = tracker.run("apply", new, old[-4:])
    steps = re.findall(r"^\d+\. (.*)", done.out, re.MULTILINE)
    assert steps == [
        "Meanwhile: Split the export by week",
        "The fix: the file is written line by line",
        "See git:4f9e2c1",
        "Go to version 8.10.3 or later",
        steps[-1],
    ]
    assert re.fullmatch(r"It runs in production since \d{4}-\d\d-\d\d \(8\.10\.3\)", steps[-1])
    assert "EXPORT-507: worker terminated" in done.out
    assert "the worker keeps the file in memory" in done.out
    assert "not tried yet" in done.out
    assert "8.10 is older than 8.10.3, which has the fix" in done.out
    assert f"issuelog apply {new} {old} --outcome worked" in done.err
    assert tracker.fingerprint() == before


def test_the_solution_of_a_known_error_is_shown_as_steps(tracker: Tracker) -> None:
    put_known(
        tracker,
        title="Long invoices stop the export",
        symptom="EXPORT-507",
        check="The log says OOM",
        workaround="Split the export",
        solution=["Set worker.memory to 1 GB", "Restart the worker"],
        check_gone="An export of 5,000 lines ends",
        affected_versions=">=8.8,<8.10.3",
    )
    new = acknowledged(tracker)
    found = tracker.json("apply", new, KNOWN)
    assert [(step["kind"], step["text"]) for step in found["steps"]] == [
        ("check", "The log says OOM"),
        ("workaround", "Split the export"),
        ("solution", "Set worker.memory to 1 GB"),
        ("solution", "Restart the worker"),
        ("check_gone", "An export of 5,000 lines ends"),
    ]
    assert (found["ref"], found["state"], found["affected"], found["has_fix"]) == (KNOWN, None, True, None)
    assert "8.10 is among the versions that have the error: >=8.8,<8.10.3" in tracker.ok("apply", new, KNOWN)


@pytest.mark.parametrize(
    ("version", "has_fix", "words"),
    [
        ("8.10.2", False, "is older than 8.10.3"),
        ("8.11", True, "the error is back"),
        ("latest", None, "cannot be told"),
    ],
)
def test_whether_the_customer_has_the_fix_is_said(
    tracker: Tracker, version: str, has_fix: bool | None, words: str
) -> None:
    old = solved(tracker)
    new = acknowledged(tracker, "--product-version", version)
    assert tracker.json("apply", new, old)["has_fix"] is has_fix
    assert words in tracker.ok("apply", new, old)


def test_an_outcome_is_recorded_in_one_commit(tracker: Tracker) -> None:
    old, new = solved(tracker), acknowledged(tracker)
    commits = len(tracker.subjects())
    done = tracker.json("apply", new, old[-4:], "--outcome", "partial", "--note", "only short exports")
    assert done["action"] == "apply"
    assert len(tracker.subjects()) == commits + 1
    (item,) = tried(tracker, new)
    assert {key: item[key] for key in ("id", "ref", "outcome", "note")} == {
        "id": "P1",
        "ref": old,
        "outcome": "partial",
        "note": "only short exports",
    }
    event = tracker.show(new)["events"][-1]
    assert (event["action"], event["precedent"], event["ref"], event["outcome"]) == ("apply", "P1", old, "partial")
    assert tracker.json("apply", new, old)["outcome"] == "partial"


def test_what_worked_leads_to_telling_the_customer(tracker: Tracker) -> None:
    old, new = solved(tracker), acknowledged(tracker)
    assert tracker.json("apply", new, old, "--outcome", "worked")["next"] == f"issuelog resolve {new} --message TEXT"
    assert tracker.json("next", new)["command"] == f"issuelog resolve {new} --message TEXT"
    assert tracker.json("resolve", new, "--message", CLEAN)["to"] == "resolved"
    assert tracker.run("check").code == 0


def test_who_meets_it_next_is_led_to_what_solved_it_and_not_to_what_did_not(tracker: Tracker) -> None:
    old, other, new = solved(tracker), solved(tracker), acknowledged(tracker)
    tracker.ok("apply", new, other, "--outcome", "failed")
    tracker.ok("apply", new, old, "--outcome", "worked")
    tracker.ok("resolve", new, "--message", CLEAN)
    assert tracker.json("apply", acknowledged(tracker), new)["steps"] == [{"kind": "precedent", "text": old}]


def test_failed_means_starting_afresh(tracker: Tracker) -> None:
    old, new = solved(tracker), acknowledged(tracker)
    tracker.ok("hypothesis", "add", new, "the disk is full")
    tracker.ok("apply", new, old, "--start")
    inherited = tracker.show(new)["hypotheses"][1]
    assert (inherited["text"], inherited["source"]) == ("the worker keeps the file in memory", old)
    done = tracker.json("apply", new, old, "--outcome", "failed")
    assert done["next"].startswith(f"issuelog reproduce {new} ")
    after = tracker.show(new)
    assert [known.get("result", "open") for known in after["hypotheses"]] == ["open", "rejected"]
    assert after["events"][-1]["rejected"] == ["H2"]
    assert tracker.json("next", new)["command"].startswith(f"issuelog reproduce {new} ")


def test_what_somebody_has_judged_himself_is_not_rejected_with_the_solution(tracker: Tracker) -> None:
    old, new = solved(tracker), acknowledged(tracker)
    tracker.ok("apply", new, old, "--start")
    tracker.ok("hypothesis", "confirm", new, "H1")
    tracker.ok("apply", new, old, "--outcome", "failed")
    assert tracker.show(new)["hypotheses"][0]["result"] == "confirmed"
    assert "rejected" not in tracker.show(new)["events"][-1]


def test_what_a_later_word_took_back_solves_nothing(tracker: Tracker) -> None:
    old, new = solved(tracker), acknowledged(tracker)
    tracker.ok("apply", new, old, "--outcome", "worked")
    tracker.ok("apply", new, old, "--outcome", "failed", "--note", "it came back after an hour")
    refused = tracker.run("--json", "resolve", new, "--message", CLEAN)
    assert refused.code == 5
    assert "precedent_worked" in {fact["guard"] for fact in refused.error["missing"]}
    # Another one that worked is not touched by it.
    tracker.ok("apply", new, solved(tracker), "--outcome", "worked")
    assert tracker.json("resolve", new, "--message", CLEAN)["to"] == "resolved"


def test_the_last_word_is_the_latest_and_not_the_one_that_was_typed_last(tracker: Tracker) -> None:
    old, new = solved(tracker), acknowledged(tracker)
    tracker.ok("apply", new, old, "--outcome", "worked")
    tracker.ok("--at", "2h ago", "apply", new, old, "--outcome", "failed")
    assert tracker.json("apply", new, old)["outcome"] == "worked"
    assert tracker.json("next", new)["command"].startswith(f"issuelog resolve {new}")
    assert tracker.json("apply", acknowledged(tracker), old)["standing"]["worked"] == 1


def test_the_same_outcome_once_more_changes_nothing(tracker: Tracker) -> None:
    old, new = solved(tracker), acknowledged(tracker)
    tracker.ok("apply", new, old, "--outcome", "failed", "--note", "it stops all the same")
    before = tracker.fingerprint()
    again = tracker.run("apply", new, old, "--outcome", "failed")
    assert (again.code, tracker.fingerprint()) == (0, before)
    assert "nothing to change" in again.err
    tracker.ok("apply", new, old, "--outcome", "failed", "--note", "on the second machine as well")
    assert [item["id"] for item in tried(tracker, new)] == ["P1", "P2"]


def test_what_failed_for_one_customer_lowers_it_for_the_next(tracker: Tracker) -> None:
    old = solved(tracker)
    standings = [tracker.json("apply", acknowledged(tracker), old)["standing"]]
    for outcome in ("worked", "failed"):
        one = acknowledged(tracker)
        tracker.ok("apply", one, old, "--outcome", "partial")  # taken back by what follows
        tracker.ok("apply", one, old, "--outcome", outcome)
        standings.append(tracker.json("apply", acknowledged(tracker), old)["standing"])
    assert [(one["worked"], one["failed"], one["partial"]) for one in standings] == [(0, 0, 0), (1, 0, 0), (1, 1, 0)]
    assert standings[0]["low"] < standings[2]["low"] < standings[1]["low"]
    assert "worked 1 of 2 times (9–91 %)" in tracker.ok("apply", acknowledged(tracker), old)


def test_a_report_is_no_precedent_of_itself(tracker: Tracker) -> None:
    new = acknowledged(tracker)
    tracker.ok("workaround", new, "Split the export by week")
    for options in (("--outcome", "worked"), ("--start",)):
        tracker.run("diagnose", new, "--cause", "memory", "--kind", "code")
        done = tracker.run("apply", new, new, *options)
        assert done.code == 2
        assert "no precedent of itself" in done.err
    assert tried(tracker, new) == []


def test_what_there_is_not_is_told_with_the_candidates(tracker: Tracker) -> None:
    put_known(tracker)
    new, other = acknowledged(tracker), acknowledged(tracker)
    assert tracker.run("apply", new, "ZZZZ").code == 4
    assert tracker.run("apply", new, "").code == 4
    both = tracker.run("apply", new, "-")
    assert both.code == 4
    several = tracker.run("apply", new, "26")
    assert several.code == 4
    assert all(one in several.err for one in (new, other, KNOWN))


def test_what_is_not_solved_has_no_solution_that_could_have_worked(tracker: Tracker) -> None:
    other, new = acknowledged(tracker), acknowledged(tracker)
    refused = tracker.run("--json", "apply", new, other, "--outcome", "worked")
    assert refused.code == 5
    assert other in refused.error["message"]
    assert "duplicate" in refused.error["missing"][0]["command"]
    assert tried(tracker, new) == []
    shown = tracker.run("apply", new, other)
    assert shown.code == 0
    assert "itself not solved" in shown.err
    assert "It has no solution yet." in shown.out
    # With a workaround there is something to try.
    tracker.ok("workaround", other, "Split the export by week")
    recorded = tracker.run("apply", new, other, "--outcome", "partial")
    assert recorded.code == 0
    assert "itself not solved" in recorded.err


def test_a_duplicate_has_the_solution_of_its_original(tracker: Tracker) -> None:
    old = solved(tracker)
    double, new = acknowledged(tracker), acknowledged(tracker)
    tracker.ok("duplicate", double, "--of", old)
    done = tracker.run("apply", new, double, "--outcome", "worked")
    assert f"{double} is a duplicate of {old}" in done.err
    assert [item["ref"] for item in tried(tracker, new)] == [old]


def test_to_what_is_done_nothing_is_applied(tracker: Tracker) -> None:
    old, new = solved(tracker), solved(tracker)
    refused = tracker.run("--json", "apply", new, old, "--outcome", "failed")
    assert refused.code == 5
    assert f"issuelog reopen {new}" in refused.error["hint"]
    tracker.ok("reopen", new, "--reason", "not_fixed", "--evidence", "a screenshot")
    tracker.ok("apply", new, old, "--outcome", "failed")
    assert [item["outcome"] for item in tried(tracker, new)] == ["failed"]


def test_what_worked_before_the_report_came_back_proves_nothing(tracker: Tracker) -> None:
    old, new = solved(tracker), acknowledged(tracker)
    tracker.ok("--at", "3h ago", "apply", new, old, "--outcome", "worked")
    tracker.ok("resolve", new, "--message", CLEAN)
    tracker.ok("reopen", new, "--reason", "not_fixed", "--evidence", "a screenshot")
    refused = tracker.run("--json", "resolve", new, "--message", CLEAN)
    assert "precedent_worked" in {fact["guard"] for fact in refused.error["missing"]}
    tracker.ok("apply", new, old, "--outcome", "worked")  # and may be said anew
    assert len(tried(tracker, new)) == 2


def test_a_cause_is_taken_over_once(tracker: Tracker) -> None:
    old, new = solved(tracker), acknowledged(tracker)
    tracker.ok("apply", new, old, "--start")
    before = tracker.fingerprint()
    assert "nothing to change" in tracker.run("apply", new, old, "--start").err
    assert tracker.fingerprint() == before
    put_known(tracker, solution=["Restart it"])
    without = tracker.run("apply", new, KNOWN, "--start")
    assert without.code == 2
    assert "names no cause" in without.err


@pytest.mark.parametrize(
    "options",
    [("--outcome", "maybe"), ("--start", "--outcome", "worked"), ("--note", "it did not help")],
)
def test_options_that_make_no_sense_are_told(tracker: Tracker, options: tuple[str, ...]) -> None:
    old, new = solved(tracker), acknowledged(tracker)
    before = tracker.fingerprint()
    assert tracker.run("apply", new, old, *options).code == 2
    assert tracker.fingerprint() == before


def test_one_solution_is_recorded_for_several_reports(tracker: Tracker) -> None:
    old = solved(tracker)
    reports = [acknowledged(tracker) for _ in range(2)]
    tracker.ok("apply", "-", old, "--outcome", "worked", stdin="\n".join(reports))
    assert [tried(tracker, report)[0]["ref"] for report in reports] == [old, old]
    shown = tracker.run("--json", "apply", "-", old, stdin="\n".join(reports)).json
    assert [one["report"] for one in shown] == reports


def test_a_retired_known_error_is_named_as_such(tracker: Tracker) -> None:
    put_known(
        tracker, solution=["Restart it"], retired={"at": "2026-11-16T08:00:00Z", "by": "rita", "because": "it is wrong"}
    )
    done = tracker.run("apply", acknowledged(tracker), KNOWN)
    assert done.code == 0
    assert "is retired: it is wrong" in done.err


def test_hostile_words_of_a_known_error_are_shown_as_text(tracker: Tracker) -> None:
    put_known(tracker, title="a\x1b[31mb", symptom="[red]x[/red]", solution=["one\ntwo\x9b"], workaround="\u202eabc")
    shown = tracker.ok("apply", acknowledged(tracker), KNOWN)
    assert "\x1b" not in shown
    assert "\x9b" not in shown
    assert "\u202e" not in shown
    assert "[red]x[/red]" in shown
