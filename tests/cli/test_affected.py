"""Whom a fix concerns, and what their customers are told."""

from __future__ import annotations

import re
import shlex
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from support.cli import Tracker
from support.known import KNOWN, put_known

SIGNATURE = "1 message EXPORT-507: worker terminated"
SOLUTION = (
    "--cause=the worker keeps the file in memory",
    "--kind=code",
    "--summary=exports are written line by line",
    "--ref=git:4f9e2c1",
    "--tested-automated=5,000 lines",
    "--tested-manual=the steps of the customer",
    "--version=8.10.3",
)


def reported(tracker: Tracker, title: str, *options: str) -> str:
    report = tracker.complete("--title", title, "--contact", "jo@acme.example", *options)
    tracker.ok("acknowledge", report)
    return report


def solve(tracker: Tracker, report: str) -> None:
    tracker.ok("reproduce", report, "--runs", "3", "--hits", "3")
    tracker.ok("resolve", report, *SOLUTION)


def concerned(tracker: Tracker, target: str, *options: str) -> dict[str, dict[str, Any]]:
    """Return what is affected, by title."""
    return {row["title"]: row for row in tracker.json("affected", target, *options)}


@pytest.fixture
def old(tracker: Tracker) -> str:
    """A report that was solved; before it was, another was closed as its duplicate."""
    tracker.become(solve_the_old)
    return next(report for report in tracker.ids() if "\ntitle: old\n" in tracker.path(report).read_text())


def solve_the_old(tracker: Tracker) -> None:
    old = reported(tracker, "old")
    tracker.ok("duplicate", reported(tracker, "double"), "--of", old)
    solve(tracker, old)


def test_reports_of_the_same_error_are_listed_with_the_reason(tracker: Tracker, old: str) -> None:
    other = ("--error-message=IMPORT-12: no such column",)
    reported(tracker, "alike")
    reported(tracker, "unlike", *other)
    tracker.ok("set", reported(tracker, "related", *other), f"links.related={old}")
    tracker.ok("set", reported(tracker, "back", *other), f"links.recurrence_of={old}")
    tracker.ok("apply", reported(tracker, "tried", *other), old, "--outcome", "partial")
    rows = concerned(tracker, old[-4:])
    assert {title: row["why"] for title, row in rows.items()} == {
        "alike": ["signature"],
        "back": ["recurrence"],
        "tried": ["tried"],
        "related": ["related"],
        "double": ["duplicate"],
    }
    assert list(rows)[-1] == "double"


def test_what_the_fixed_report_names_as_related_is_listed(tracker: Tracker, old: str) -> None:
    other = reported(tracker, "named", "--error-message=IMPORT-12: no such column")
    tracker.ok("set", old, f"links.related={other}")
    assert concerned(tracker, old)["named"]["why"] == ["related"]


def test_what_is_over_is_not_listed(tracker: Tracker, old: str) -> None:
    tracker.ok("close", reported(tracker, "spam"), "--as", "spam")
    solve(tracker, reported(tracker, "solved"))
    assert list(concerned(tracker, old)) == ["double"]


def test_what_is_not_the_same_is_not_listed(tracker: Tracker, old: str) -> None:
    reported(tracker, "another product", "--product", "mobile-app")
    refused = tracker.path(reported(tracker, "rejected"))
    refused.write_text(
        refused.read_text() + f"precedents:\n  rejected:\n    - id: N1\n      ref: {old}\n"
        "      at: 2026-11-16T08:00:00Z\n      by: rita\n"
    )
    assert list(concerned(tracker, old)) == ["double"]


def test_versions_say_who_needs_the_fix_and_where_it_did_not_hold(tracker: Tracker, old: str) -> None:
    for version in ("8.10.2", "8.11", "latest"):
        reported(tracker, version, "--product-version", version)
    rows = concerned(tracker, old)
    assert {title: rows[title]["has_fix"] for title in ("8.10.2", "8.11", "latest")} == {
        "8.10.2": False,
        "8.11": True,
        "latest": None,
    }
    assert [rows[title]["kind"] for title in ("8.10.2", "8.11", "latest")] == ["update", None, "update"]
    back = rows["8.11"]
    assert back["command"] == f"issuelog set {back['report']} links.recurrence_of={old}"
    tracker.ok(*shlex.split(back["command"])[1:])
    assert concerned(tracker, old)["8.11"]["command"] == f"issuelog next {back['report']}"


def test_the_command_of_a_row_tells_the_customer_what_was_drafted(tracker: Tracker, old: str) -> None:
    reported(tracker, "alike")
    drafts = concerned(tracker, old, "--draft")
    before = {title: row["report"] for title, row in drafts.items()}
    for title in ("alike", "double"):
        assert drafts[title]["findings"] == []
        assert "8.10.3" in drafts[title]["message"]
        assert "exports are written line by line" in drafts[title]["message"]
        tracker.ok(*shlex.split(drafts[title]["command"])[1:])
        said = tracker.show(before[title])["messages"][-1]
        assert said["kind"] == drafts[title]["kind"]
        assert said["text"].split("by ")[0] == drafts[title]["message"].split("by ")[0]
    after = concerned(tracker, old)
    assert list(after) == ["alike"]  # the customer of the duplicate knows now, and nothing is left to do there
    assert (after["alike"]["told"], after["alike"]["kind"]) == (True, None)
    assert after["alike"]["command"] == f"issuelog apply {before['alike']} {old}"


def test_where_the_solution_worked_already_nothing_is_to_be_told(tracker: Tracker, old: str) -> None:
    one = reported(tracker, "alike")
    tracker.ok("apply", one, old, "--outcome", "worked")
    row = concerned(tracker, old)["alike"]
    assert (row["kind"], row["command"]) == (None, f"issuelog next {one}")
    tracker.ok("apply", one, old, "--outcome", "failed")
    assert concerned(tracker, old)["alike"]["kind"] == "update"


def test_people_read_whole_commands(tracker: Tracker, old: str) -> None:
    one = reported(tracker, "alike")
    shown = tracker.ok("--color", "always", "affected", old)
    assert one in shown
    assert "once you use that version" in " ".join(re.sub(r"\x1b\[[0-9;]*m", "", shown).split())
    assert "…" not in shown


def test_drafting_records_nothing(tracker: Tracker, old: str) -> None:
    reported(tracker, "alike")
    before = tracker.fingerprint()
    done = tracker.run("affected", old, "--draft")
    assert done.code == 0
    assert done.out.count("Hello Acme GmbH,") == 2
    assert tracker.fingerprint() == before


def test_a_draft_is_in_the_language_of_the_customer(tracker: Tracker, old: str) -> None:
    tracker.ok("set", reported(tracker, "alike"), "customer.language=de")
    text = concerned(tracker, old, "--draft")["alike"]["message"]
    assert "der Fehler ist ab Version 8.10.3 behoben" in text
    assert text.startswith("Guten Tag")


def test_drafts_are_written_as_mails(tracker: Tracker, old: str) -> None:
    one = reported(tracker, "alike")
    silent = tracker.complete("--title", "no address")
    tracker.ok("acknowledge", silent)
    (tracker.root / "mails").mkdir()
    done = tracker.run("affected", old, "--eml", "mails")
    assert f"{silent}" in done.err
    written = sorted((tracker.root / "mails").iterdir())
    assert [path.stem for path in written] == sorted([one, concerned(tracker, old)["double"]["report"]])
    mail = message_from_bytes(Path(tracker.root / "mails" / f"{one}.eml").read_bytes(), policy=default)
    assert mail["To"].addresses[0].addr_spec == "jo@acme.example"
    assert "8.10.3" in mail.get_body().get_content()  # type: ignore[union-attr]
    again = tracker.run("affected", old, "--eml", "mails")
    assert again.code == 2
    assert "--force" in again.err
    assert tracker.run("affected", old, "--eml", "mails", "--force").code == 0
    assert tracker.run("affected", old, "--eml", "nowhere").code == 2


def test_who_has_no_first_answer_yet_gets_that_first(tracker: Tracker, old: str) -> None:
    new = tracker.complete("--title", "unanswered")
    row = concerned(tracker, old)["unanswered"]
    assert (row["kind"], row["command"]) == (None, f"issuelog acknowledge {new}")
    assert f"{new} gets no message" in tracker.run("affected", old, "--draft").err


def test_before_the_fix_is_out_a_workaround_is_what_there_is_to_tell(tracker: Tracker) -> None:
    first, second = reported(tracker, "first"), reported(tracker, "second")
    assert concerned(tracker, first)["second"]["kind"] is None
    tracker.ok("workaround", first, "Split the export by week")
    done = tracker.run("affected", first)
    assert "no fix that is out yet" in done.err
    row = concerned(tracker, first, "--draft")["second"]
    assert row["kind"] == "workaround"
    assert "Split the export by week" in row["message"]
    tracker.ok(*shlex.split(row["command"])[1:])
    assert tracker.show(second)["workaround"]["text"] == "Split the export by week"
    assert concerned(tracker, first)["second"]["kind"] is None


def test_where_there_is_nothing_to_apply_yet_the_command_leads_on(tracker: Tracker) -> None:
    other = "--error-message=IMPORT-12: no such column"
    first, alike, related = reported(tracker, "first"), reported(tracker, "alike"), reported(tracker, "related", other)
    double = reported(tracker, "double")
    tracker.ok("set", first, f"links.related={related}")
    tracker.ok("duplicate", double, "--of", first)
    rows = concerned(tracker, first)
    assert {title: row["command"] for title, row in rows.items()} == {
        "alike": f"issuelog duplicate {alike} --of {first}",
        "related": f"issuelog next {related}",
        "double": f"issuelog next {first}",
    }
    for row in rows.values():
        tracker.ok(*shlex.split(row["command"])[1:])
    tracker.ok("workaround", first, "Split the export by week")
    tracker.ok("workaround", related, "Split the export by week")
    assert concerned(tracker, first)["related"]["command"] == f"issuelog apply {related} {first}"


def test_a_known_error_without_a_solution_leads_to_the_next_step_of_the_report(tracker: Tracker) -> None:
    put_known(tracker, signature=[SIGNATURE], cause="unknown to nobody")
    one = reported(tracker, "alike")
    row = concerned(tracker, KNOWN)["alike"]
    assert (row["kind"], row["command"]) == (None, f"issuelog next {one}")


def test_a_known_error_concerns_what_has_its_signature_or_names_it(tracker: Tracker) -> None:
    put_known(tracker, signature=[SIGNATURE], fixed_in="8.10.3", solution=["Update"], product="billing-web")
    reported(tracker, "alike")
    tracker.ok("set", reported(tracker, "named", "--error-message=IMPORT-12: no column"), f"links.known_error={KNOWN}")
    rows = concerned(tracker, "0001", "--draft")
    assert {title: row["why"] for title, row in rows.items()} == {"alike": ["signature"], "named": ["known_error"]}
    assert all(row["has_fix"] is False and "8.10.3" in row["message"] for row in rows.values())


def test_a_duplicate_leads_to_its_original_and_brings_its_own_duplicates(tracker: Tracker) -> None:
    first, second, third = (reported(tracker, name) for name in ("first", "second", "third"))
    tracker.ok("duplicate", third, "--of", second)
    tracker.ok("duplicate", second, "--of", first)
    solve(tracker, first)
    rows = concerned(tracker, third)
    assert {title: row["why"] for title, row in rows.items()} == {"second": ["duplicate"], "third": ["duplicate"]}


def test_a_list_of_nobody_is_empty(tracker: Tracker) -> None:
    old = reported(tracker, "old")
    assert tracker.json("affected", old) == []
    assert tracker.run("affected", old).out == ""
    assert tracker.run("affected", "ZZZZ").code == 4


def test_a_link_that_leads_nowhere_or_to_a_damaged_report_is_left_out(tracker: Tracker, old: str) -> None:
    alike = reported(tracker, "alike")
    tracker.ok("set", old, f"links.related=gibberish,{alike}")
    path = tracker.path(old)
    path.write_text(path.read_text().replace("- gibberish", f"- CR-200101-0000\n    - {KNOWN}\n    - gibberish"))
    assert list(concerned(tracker, old)) == ["alike", "double"]
    tracker.path(alike).write_text("schema: [")
    done = tracker.run("affected", old)
    assert done.code == 0
    assert alike in done.err
    assert alike not in done.out


def test_hostile_text_in_a_row_stays_text_in_its_command(tracker: Tracker, old: str) -> None:
    said = "$(touch owned) 'x' \"y\"; touch owned"
    tracker.ok("fix", old, "--summary", said)
    reported(tracker, "alike")
    command = concerned(tracker, old)["alike"]["command"]
    words = shlex.split(command)
    confirmed = words[words.index("--confirmed") + 1]
    assert confirmed.endswith(f": {said}")
    assert shlex.quote(confirmed) in command


def test_people_read_whose_each_report_is_and_copy_its_command(tracker: Tracker, old: str) -> None:
    one = reported(tracker, "alike")
    rows = tracker.json("affected", old)
    lines = tracker.ok("--color", "always", "affected", old).splitlines()
    assert f"{one}  Acme GmbH" in lines
    assert [line.strip() for line in lines[2::3]] == [row["command"] for row in rows]
    assert one in tracker.ok("--color", "always", "affected", old, "-q").split("\n")
