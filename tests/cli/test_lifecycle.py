"""A report's life by the command line: to the end, back again, and the ways around."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from support.cli import Tracker
from support.lives import (
    ACCEPT,
    ACK,
    AGAIN,
    ANALYSIS,
    ASK,
    AUTO,
    CAUSE,
    CHANGE,
    CLEAN,
    CLOSABLE,
    CONFIRM,
    DEPLOY,
    HIT,
    MANUAL,
    MISS,
    PAID,
    READY,
    RESOLVE,
    Life,
    lived,
)

SHORT_RESOLVE = (
    "resolve ID --cause 'a wrong limit on the page' --kind docs --summary 'the page names the right limit' "
    "--ref pr:12 --tested-automated 'link check' --tested-manual 'read the page'"
)


def actions(report: Any) -> list[str]:
    return [event["action"] for event in report["events"]]


def moves(report: Any) -> list[tuple[str | None, str]]:
    """Return the changes of state that the events record."""
    return [(event.get("from"), event["to"]) for event in report["events"] if event.get("to")]


def test_a_low_severity_report_closes_in_six_commands(tracker: Tracker) -> None:
    life = Life(tracker, tracker.complete(severity="S4"))
    expected = [("new", "new")]
    assert life.state == "new"
    for line, state in (
        (ACK, "acknowledged"),
        (HIT, "reproduced"),
        (SHORT_RESOLVE, "resolved"),
        (CONFIRM, "resolved"),
        ("close ID", "closed"),
    ):
        life.ok(line)
        expected.append((line.split()[0], state))
        report = life.report
        assert report["state"] == state
        assert actions(report) == [action for action, _ in expected]
        assert tracker.subjects()[:-1] == [f"{life.id}: {action}" for action, _ in reversed(expected)]
    assert moves(report) == [
        (None, "new"),
        ("new", "acknowledged"),
        ("acknowledged", "reproduced"),
        ("reproduced", "resolved"),
        ("resolved", "closed"),
    ]
    assert report["closure"]["resolution"] == "fixed"
    assert tracker.git("log", "--format=%(trailers:key=Issuelog-To,valueonly,separator=)").split() == [
        "closed",
        "resolved",
        "reproduced",
        "acknowledged",
        "new",
    ]
    assert tracker.run("check").code == 0


def test_a_critical_report_goes_through_everything(tmp_path: Path) -> None:
    life = lived(tmp_path)
    lines = (
        "triage ID --severity S1 --because 'core function blocked' --users 6 --component export --owner 'Li Wei'",
        ACK,
        "hypothesis add ID 'the worker runs out of memory' --test 'export with a limit of 256 MB'",
        HIT,
        "hypothesis confirm ID H1",
        CAUSE,
        "workaround ID 'Export each week by itself' --limits 'four files instead of one'",
        "escalate ID --to vendor --party Initech --reason 'their driver' --tried 'version 4.2' --due 2d",
        "escalate ID --back --outcome 'it is not their driver'",
        f"{CHANGE} --rollback 'redeploy 8.10.2'",
        AUTO,
        MANUAL,
        DEPLOY,
        RESOLVE,
        f"{CONFIRM} --score 5 --comment 'quick and friendly'",
        *ANALYSIS,
        "rca factor ID 'month end fell on a Monday'",
        ACCEPT,
        PAID,
        "legal ID --review not_needed",
        "close ID --known-error none",
        "actions done ID A1 --evidence 'green for 30 days'",
    )
    for line in lines:
        life.ok(line)
    report = life.report
    assert report["state"] == "closed"
    assert moves(report) == [
        (None, "new"),
        ("new", "acknowledged"),
        ("acknowledged", "reproduced"),
        ("reproduced", "resolved"),
        ("resolved", "rca"),
        ("rca", "closed"),
    ]
    assert len(report["events"]) == 1 + len(lines)
    assert len(life.tracker.subjects()) == 2 + len(lines)
    assert report["hypotheses"][0]["result"] == "confirmed"
    assert report["escalations"][0]["outcome"] == "it is not their driver"
    assert "waiting_on" not in report
    assert report["fix"]["fixed_in"] == "8.10.3"
    assert report["feedback"]["score"] == 5
    assert report["rca"]["status"] == "accepted"
    assert report["rca"]["reviewer"] == "Li Wei <li@example.com>"
    assert report["links"]["known_error"] == "none"
    assert report["rca"]["actions"][0]["status"] == "done"
    assert life.tracker.run("check").code == 0


def test_a_miss_is_recorded_and_leads_nowhere(tmp_path: Path) -> None:
    life = lived(tmp_path, ACK, MISS)
    assert life.state == "acknowledged"
    assert life.report["attempts"][0]["outcome"] == "not_reproduced"
    life.ok("reproduce ID --runs 20 --hits 3 --env version=8.10")
    assert life.state == "reproduced"
    assert life.report["attempts"][1]["outcome"] == "intermittent"


@pytest.mark.parametrize(
    ("history", "line", "state"),
    [
        ((), RESOLVE, "new"),
        ((), "close ID", "new"),
        ((), "rca start ID", "new"),
        ((), "reopen ID --reason not_fixed --evidence seen", "new"),
        ((ACK,), ACK, "acknowledged"),
        ((ACK,), "close ID", "acknowledged"),
        (READY, ACK, "reproduced"),
        ((*READY, RESOLVE), SHORT_RESOLVE, "resolved"),
        ((*CLOSABLE, "close ID --known-error none"), "close ID --as spam", "closed"),
    ],
)
def test_a_step_from_another_state_is_refused(history: tuple[str, ...], line: str, state: str, tmp_path: Path) -> None:
    life = lived(tmp_path, *history)
    before = life.tracker.fingerprint()
    done = life.run(line)
    assert done.code == 5
    assert f"{life.id} is {state}" in done.err
    assert f"issuelog next {life.id}" in done.err
    assert life.tracker.fingerprint() == before


def test_what_was_found_before_a_reopening_proves_nothing_after_it(tmp_path: Path) -> None:
    life = lived(tmp_path, *CLOSABLE, "close ID --known-error none")
    life.ok("reopen ID --reason not_fixed --evidence 'a screenshot of today'")
    report = life.report
    assert report["state"] == "acknowledged"
    assert life.last["reason"] == "not_fixed"
    assert life.last["evidence"] == "a screenshot of today"
    assert "verification" not in report
    assert "closure" not in report
    assert report["rca"]["status"] == "draft"
    assert "fixed_in" not in report["fix"]

    proofs = {"precedent_worked", "diagnosed", "fixed", "tested_automated", "tested_manual", "deployed"}
    assert {fact["guard"] for fact in life.missing("resolve ID")} == {"precedent_worked"}
    without = life.missing("resolve ID --without-reproduction 'seen in the log'")
    assert {fact["guard"] for fact in without} == proofs - {"precedent_worked"}

    life.ok(HIT)
    assert {fact["guard"] for fact in life.missing(RESOLVE)} == proofs - {"precedent_worked"}
    for line in (CAUSE, CHANGE, AUTO, MANUAL, DEPLOY, RESOLVE):
        life.ok(line)
    assert {fact["guard"] for fact in life.missing("close ID")} == {"rca_accepted", "verified"}
    assert life.report["fix"]["fixed_in"] == "8.10.3"


def test_a_new_word_on_a_resolved_report_reopens_it_without_voiding_the_evidence(tmp_path: Path) -> None:
    life = lived(tmp_path, *READY, RESOLVE)
    life.ok("reopen ID --reason new_information --evidence 'it concerns the app as well'")
    assert life.state == "acknowledged"
    life.ok(HIT)
    life.ok(RESOLVE)


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        ("", 2, "--affected-version"),
        ("--affected-version 8.10.2", 5, "8.10.2 is older than 8.10.3"),
        ("--affected-version 8.9", 5, "8.9 is older than 8.10.3"),
        ("--affected-version 8.10.3", 0, ""),
        ("--affected-version 8.10.10", 0, ""),
        ("--affected-version 9.0", 0, ""),
    ],
)
def test_an_error_recurs_only_in_a_version_that_has_the_fix(
    options: str, code: int, words: str, tmp_path: Path
) -> None:
    life = lived(tmp_path, *READY, RESOLVE)
    before = life.tracker.fingerprint()
    done = life.run(f"reopen ID --reason recurred --evidence 'the log of today' {options}")
    assert done.code == code
    assert words in done.err
    assert (life.tracker.fingerprint() == before) == (code != 0)
    assert life.state == ("resolved" if code else "acknowledged")


def test_a_reopened_report_of_low_severity_needs_an_analysis(tmp_path: Path) -> None:
    life = lived(tmp_path, ACK, HIT, SHORT_RESOLVE, severity="S4")
    life.ok("verify ID --not-fixed")
    assert life.missing("close ID")[0]["command"].startswith(f"issuelog reopen {life.id} --reason not_fixed")
    life.ok("reopen ID --reason not_fixed --evidence 'a screenshot'")
    for line in (HIT, SHORT_RESOLVE, CONFIRM):
        life.ok(line)
    assert [fact["guard"] for fact in life.missing("close ID")] == ["rca_accepted"]


def test_a_duplicate_follows_its_original(tmp_path: Path) -> None:
    life = lived(tmp_path, ACK)
    original = life.tracker.new("--title", "The original")
    life.ok(f"duplicate ID --of {original}")
    report = life.report
    assert report["state"] == "closed"
    assert report["links"]["duplicate_of"] == original
    assert report["closure"]["resolution"] == "duplicate"
    assert report["messages"][-1]["kind"] == "duplicate"

    third = life.tracker.new("--title", "The third")
    before = life.tracker.fingerprint()
    refused = life.tracker.run("duplicate", third, "--of", life.id)
    assert refused.code == 5
    assert f"--of {original}" in refused.err
    assert life.tracker.run("duplicate", third, "--of", "ZZZZ").code == 4
    assert life.tracker.run("duplicate", third, "--of", third).code == 2
    assert life.tracker.fingerprint() == before

    life.ok("reopen ID --reason wrong_duplicate --evidence 'another page'")
    assert life.state == "acknowledged"
    assert "duplicate_of" not in life.report.get("links", {})
    life.tracker.ok("duplicate", third, "--of", life.id)


@pytest.mark.parametrize(
    ("ending", "history", "told"),
    [
        ("not_an_error", (), True),
        ("wont_fix", (ACK,), True),
        ("withdrawn", (ACK,), True),
        ("no_response", (ACK, ASK, AGAIN, AGAIN), True),
        ("cannot_reproduce", (ACK, MISS, MISS.replace("Debian", "Fedora")), True),
        ("spam", (), False),
    ],
)
def test_an_ending_without_a_fix(ending: str, history: tuple[str, ...], told: bool, tmp_path: Path) -> None:
    life = lived(tmp_path, *history)
    life.ok(f"close ID --as {ending}", *(["--message", CLEAN] if told else []))
    report = life.report
    assert report["state"] == "closed"
    assert report["closure"]["resolution"] == ending
    assert [one["kind"] for one in report.get("messages", ()) if one["kind"] == ending] == [ending] * told
    assert life.last["action"] == f"close --as {ending}"
    assert life.tracker.subjects()[0] == f"{life.id}: close --as {ending}"


@pytest.mark.parametrize("ending", ["not_an_error", "wont_fix", "cannot_reproduce"])
def test_a_message_that_ends_a_report_apologizes_and_shows_the_way_on(ending: str, tmp_path: Path) -> None:
    life = lived(tmp_path, ACK, MISS, MISS.replace("Debian", "Fedora"))
    line, sorry, way_on = f"close ID --as {ending} --message", "We are sorry for the delay.", "Answer this message."
    for half in (sorry, way_on):
        done = life.run(f"{line} '{half}'")
        assert done.code == 5
        assert "is not fit to send" in done.err
        assert life.state == "acknowledged"
    life.ok(f"{line} '{sorry} {way_on}'")
    assert life.state == "closed"


def test_an_answer_of_the_customer_starts_the_chasing_afresh(tmp_path: Path) -> None:
    life = lived(tmp_path, ACK, ASK, AGAIN, AGAIN)
    life.ok("received ID --kind answer 'I will look tomorrow'")
    assert [fact["guard"] for fact in life.missing("close ID --as no_response")] == ["two_chasers"]


def test_what_was_seen_once_cannot_be_called_irreproducible_for_want_of_tries(tmp_path: Path) -> None:
    life = lived(tmp_path, ACK, MISS, HIT)
    missing = life.missing("close ID --as cannot_reproduce", "--message", CLEAN)
    assert [fact["guard"] for fact in missing] == ["two_environments"]


def test_silence_counts_only_after_the_second_request(tmp_path: Path) -> None:
    life = lived(tmp_path, ACK, HIT, SHORT_RESOLVE, "verify ID --lapsed", severity="S4")
    assert life.missing("close ID")[0]["command"] == f"issuelog verify {life.id} --request"
    life.ok("verify ID --request")
    assert life.missing("close ID")[0]["command"] == f"issuelog verify {life.id} --lapsed"
    life.ok("verify ID --lapsed")
    life.ok("close ID")
    assert [message["kind"] for message in life.report["messages"][-2:]] == ["resolution", "verify_chase"]


def test_asking_waits_on_the_customer_until_every_answer_is_there(tracker: Tracker) -> None:
    life = Life(tracker, tracker.new())
    life.ok("ask ID --missing")
    asked = life.report["questions"]
    assert life.report["waiting_on"] == "customer"
    assert [one["id"] for one in tracker.json("list", "is:waiting")] == [life.id]
    assert life.report["messages"][-1]["kind"] == "ask"
    assert all(question["text"] in life.report["messages"][-1]["text"] for question in asked)

    untyped = life.run("answer ID frequency 'every single time'")
    assert untyped.code == 2
    assert "--value" in untyped.err
    life.ok("answer ID frequency 'every single time' --value always")
    life.ok("answer ID Q4 'A red box appears'")
    life.ok("answer ID first_seen_at 'last Monday' --value 2026-03-02T09:00Z")
    report = life.report
    assert report["intake"]["frequency"] == "always"
    assert report["intake"]["actual"] == "A red box appears"
    assert report["intake"]["first_seen_at"] == "2026-03-02T09:00:00Z"
    assert next(one for one in report["questions"] if one.get("field") == "frequency")["answer"] == "every single time"

    for question in asked:
        assert life.report["waiting_on"] == "customer"
        if question["field"] not in {"frequency", "actual", "first_seen_at"}:
            life.ok(f"answer ID {question['id']} '2026-03-01'")
    assert "waiting_on" not in life.report
    assert tracker.run("answer", life.id, "Q1", "again").code == 4


@pytest.mark.parametrize("history", [(), (ACK,), READY, (*READY, RESOLVE), (*CLOSABLE, "close ID --known-error none")])
@pytest.mark.parametrize("kind", ["confirmation", "not_fixed"])
def test_what_the_customer_says_never_changes_the_state(history: tuple[str, ...], kind: str, tmp_path: Path) -> None:
    life = lived(tmp_path, *history)
    before = life.report
    life.ok(f"received ID --kind {kind} 'it is as I say'")
    after = life.report
    assert after["state"] == before["state"]
    assert after.get("verification") == before.get("verification")
    assert after["messages"][-1]["direction"] == "in"
    assert after["messages"][-1]["text"] == "it is as I say"


def test_an_update_after_a_broken_promise_apologizes(tmp_path: Path) -> None:
    life = lived(tmp_path, ACK)
    line = "update ID --confirmed 'exports over 200 lines stop' --checking 'the memory of the worker'"
    life.ok(line)
    late = life.report["messages"][-1]
    assert late["kind"] == "update_late"
    assert "We apologize" in late["text"]
    assert life.last["late"] == "true"

    life.ok(line)
    kept = life.report["messages"][-1]
    assert kept["kind"] == "update"
    assert "apologize" not in kept["text"]
    assert "late" not in life.last


def test_details_of_the_same_cause_do_not_void_the_tests_after_it(tmp_path: Path) -> None:
    life = lived(tmp_path, *READY)
    life.ok(f"{CAUSE} --introduced-in 8.9 --confidence confirmed")
    life.ok("resolve ID --kind code --fixed-in 8.10.3")
    assert life.state == "resolved"
    assert life.report["diagnosis"]["introduced_in"] == "8.9"
