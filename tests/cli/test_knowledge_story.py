"""One error from its first customer to its fourth, through the command line alone; each command as it was suggested."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path

import pytest

from support.cli import Done, Tracker
from support.known import KNOWN, put_known

STORY = """The month-end run dies.

Traceback (most recent call last):
  File "/srv/app/billing/run.py", line {line}, in run_month
    total = compute_total(lines)
  File "/srv/app/billing/total.py", line 41, in compute_total
    return amount / len(lines)
ZeroDivisionError: division by zero
"""
OTHERS = (
    'java.lang.NullPointerException: Cannot invoke "com.acme.Tariff.rate()" because "tariff" is null\n'
    "\tat com.acme.billing.Rater.rate(Rater.java:211)\n\tat com.acme.billing.Run.invoke(Run.java:77)\n",
    "TypeError: Cannot read properties of undefined (reading 'price')\n"
    "    at CartTotal (https://shop.example/static/js/main.3f2a9c.js:2:14421)\n"
    "    at renderCart (https://shop.example/static/js/main.3f2a9c.js:1:99812)\n",
)
SOLUTION = (
    "--cause=an invoice without lines",
    "--kind=code",
    "--summary=skip invoices without lines",
    "--ref=git:4f9e2c1",
    "--tested-automated=an empty invoice",
    "--tested-manual=the month-end run",
    "--version=8.11",
)
MAIL = """From: Lena Kraus <lena@delta.example>
To: support@vendor.example
Subject: Month end crashes
Date: Sat, 22 Nov 2025 16:00:00 +0100
Message-ID: <abc1@delta.example>

{story}"""


def reported(tracker: Tracker, version: str, customer: str = "Beta", *options: str, line: int = 90) -> tuple[str, Done]:
    """Report the crash, and return the report's id and what was said."""
    where = ("--product", "billing-web", "--product-version", version, "--customer", customer)
    done = tracker.run("new", "--title", "Month end", "--story", STORY.format(line=line), *where, *options)
    assert done.code == 0, done.err
    return done.out.split("\t")[0], done


def solved(tracker: Tracker) -> str:
    """Report the crash for the first time, and solve it."""
    first, _ = reported(tracker, "8.10", "Acme GmbH", "--received", "2h ago", "--contact", "jo@acme.example")
    tracker.ok("acknowledge", first)
    tracker.ok("resolve", first, "--without-reproduction", "seen in the log", *SOLUTION)
    return first


def commands(said: str) -> list[str]:
    """Return the commands that were suggested."""
    lines = [line.strip().removeprefix("next: ") for line in said.splitlines()]
    return [line.partition("   (")[0] for line in lines if line.startswith("issuelog ")]


def typed(tracker: Tracker, command: str) -> str:
    return tracker.ok(*shlex.split(command)[1:])


def offers(tracker: Tracker, *asked: str) -> list[tuple[str, str]]:
    return [(offer["kind"], offer["ref"]) for offer in tracker.json("precedent", *asked)["offers"]]


def test_the_second_customer_does_not_wait_as_long_as_the_first(tmp_path: Path) -> None:
    ours = Tracker.make(tmp_path / "ours")
    first = solved(ours)
    for story in OTHERS:
        ours.ok("new", "--title", "Stops", "--story", story, "--customer", "Gamma", "--product", "shop")

    # An older version: the fix is on the screen at once, and the known error too once there is one.
    second, done = reported(ours, "8.9")
    assert f"{first} has the same error, which is fixed in 8.11: 8.9 is older" in done.err
    assert f"issuelog apply {second} {first}" in commands(done.err)
    known = ours.ok("known-error", "publish", "-q", first, "--title", "No lines", "--symptom", "the run dies").strip()
    assert known.startswith("KE-")
    ours.ok("acknowledge", second)
    for ref in (known, first):
        assert "skip invoices without lines" in ours.ok("apply", second.lower(), ref[-4:].lower())
    ours.ok("apply", second, first, "--start")
    ours.ok("apply", second, first, "--outcome", "failed", "--note", "the run dies all the same")
    assert [one["result"] for one in ours.show(second)["hypotheses"]] == ["rejected"]
    assert offers(ours, second) == []
    assert "failed" in ours.ok("apply", second, first)
    assert "resolve" not in ours.ok("next", second)
    ours.ok("apply", second, first, "--outcome", "worked")
    assert ours.ok("next", second).startswith(f"issuelog resolve {second}")

    # By mail, without a version: what is missing is asked for, nothing is claimed.
    mail = tmp_path / "second.eml"
    mail.write_text(MAIL.format(story=STORY.format(line=12)))
    done = ours.run("import", "mail", str(mail))
    mailed = done.out.split("\t")[0]
    assert "in which version it shows now is not known" in done.err
    assert f"issuelog missing {mailed}" in commands(done.err)

    # A version that has the fix: it is back. No report of a version without the fix is the same.
    third, done = reported(ours, "8.12", "Zeta")
    assert f"{first} has the same error, which was fixed in 8.11: it is back in 8.12" in done.err
    assert f"--of {second}" not in done.err
    (back,) = [command for command in commands(done.err) if "recurrence_of" in command]
    typed(ours, back)
    assert ours.show(third)["links"]["recurrence_of"] == first
    listed = {row["report"]: row["has_fix"] for row in ours.json("affected", first)}
    assert listed == {second: False, third: True, mailed: None}

    # What only looks the same is not shown again, in no clone; both sides' words are kept.
    remote = tmp_path / "remote.git"
    subprocess.run(["git", "clone", "-q", "--bare", str(ours.root), str(remote)], check=True)
    ours.git("remote", "add", "origin", str(remote))
    ours.git("fetch", "-q", "origin")
    ours.git("branch", "-q", "--set-upstream-to=origin/main")
    subprocess.run(["git", "clone", "-q", str(remote), str(tmp_path / "theirs")], check=True)
    theirs = Tracker(tmp_path / "theirs")
    ours.ok("precedent", third, "--reject", mailed)
    theirs.ok("precedent", third, "--reject", second)
    theirs.ok("known-error", "retire", known, "--because", "it did not hold")
    for tracker in (ours, theirs, ours):
        tracker.ok("sync")
    for tracker in (ours, theirs):
        assert {hit["ref"] for hit in tracker.json("precedent", third)["hits"]}.isdisjoint({mailed, second})
        assert "retired" in tracker.ok("known-error", "list", "--all")
        assert tracker.ok("known-error", "list") == ""
    theirs.ok("undo", known)
    assert [row["state"] for row in theirs.json("known-error", "list")] == ["current"]
    theirs.ok("sync")

    # The first customer again: the old report is taken up, and the log agrees.
    log = tmp_path / "app.log"
    log.write_text("INFO start\nERROR ZeroDivisionError: division by zero\n")
    assert ours.run("watch-log", str(log), "--record", "--exit-code", "-q").out == f"{first}\n"
    fourth, done = reported(ours, "8.12", "Acme GmbH")
    (again,) = [command for command in commands(done.err) if command.startswith("issuelog reopen")]
    typed(ours, again)
    assert ours.show(first)["state"] == "acknowledged"
    ours.ok("sync")
    (row,) = ours.json("known-error", "list")
    assert (row["state"], row["stale"]) == ("stale", [f"{first} is open again"])
    ours.ok("duplicate", fourth, "--of", first)
    assert ours.run("duplicate", first, "--of", fourth).code == 5
    for tracker in (ours, theirs):
        tracker.ok("check")
        tracker.ok("fsck")


def test_what_has_no_id_yet_is_offered_what_can_be_looked_at(tracker: Tracker) -> None:
    first = solved(tracker)
    put_known(tracker, symptom="x", signature=["1 message ZeroDivisionError: division by zero"], workaround="wait")
    done = tracker.run("precedent", "--text", "ZeroDivisionError: division by zero")
    assert commands(done.err) == [f"issuelog known-error show {KNOWN}"]
    tracker.ok("known-error", "retire", KNOWN, "--because", "x", "--include-edits")
    done = tracker.run("precedent", "--text", "ZeroDivisionError: division by zero")
    assert commands(done.err) == [f"issuelog show {first}"]
    for command in commands(done.err):
        typed(tracker, command)


def test_a_report_that_is_done_is_offered_nothing(tracker: Tracker) -> None:
    second, _ = reported(tracker, "8.9", "Beta", "--received", "3h ago")
    first = solved(tracker)
    assert offers(tracker, first) == []
    assert second in tracker.ok("precedent", first)


@pytest.mark.parametrize(("version", "expected"), [("8.13", True), ("8.9", False), ("latest", True), (None, True)])
def test_an_open_report_on_the_other_side_of_a_fix_is_not_the_same(
    tracker: Tracker, version: str | None, expected: bool
) -> None:
    solved(tracker)
    options = () if version is None else ("--product-version", version)
    other = tracker.new("--product", "billing-web", "--received", "1h ago", *options, story=STORY.format(line=1))
    third, _ = reported(tracker, "8.12", "Zeta")
    assert (("open", other) in offers(tracker, third)) == expected


def test_what_was_tried_is_not_offered_again(tracker: Tracker) -> None:
    first = solved(tracker)
    second, _ = reported(tracker, "8.9")
    assert offers(tracker, second) == [("fixed", first)]
    tracker.ok("apply", second, first, "--outcome", "partial")
    assert offers(tracker, second) == [("fixed", first)]
    tracker.ok("apply", second, first, "--outcome", "failed")
    assert offers(tracker, second) == []


def test_people_read_the_reason_and_what_helps_whole(tracker: Tracker) -> None:
    first = solved(tracker)
    second, _ = reported(tracker, "8.9")
    shown = tracker.ok("--color", "always", "precedent", second)
    assert "helps  The fix: skip invoices without lines; Go to version 8.11 or later" in shown
    assert "why    the same error signature" in shown
    assert tracker.ok("--color", "always", "precedent", second, "-q") == f"{first}\n"
    many = tracker.ok("--color", "always", "precedent", "-", stdin=f"{second}\n{first}\n")
    assert [line[:-1] for line in many.splitlines() if line.endswith(":")] == [second, first]
    assert "nothing like it" in tracker.ok("--color", "always", "precedent", "--text", "zebra")


def test_a_refused_outcome_names_the_report_in_its_command(tracker: Tracker) -> None:
    one, other = (tracker.new(story=story) for story in OTHERS)
    done = tracker.run("apply", one[-4:].lower(), other, "--outcome", "worked")
    assert done.code == 5
    assert f"issuelog duplicate {one} --of {other}" in done.err
    assert tracker.run("apply", one, one, "--outcome", "worked").code == 2


def test_check_warns_of_precedents_that_are_not_there(tracker: Tracker) -> None:
    first = solved(tracker)
    second, _ = reported(tracker, "8.9")
    tracker.ok("apply", second, first, "--outcome", "failed")
    tracker.ok("precedent", second, "--reject", first)
    assert tracker.json("check") == []
    path = tracker.path(second)
    path.write_text(path.read_text().replace(f"ref: {first}", "ref: CR-261122-ZZZZ"))
    found = tracker.json("check")
    assert [(one["rule"], one["level"]) for one in found] == [("link", "warning")] * 2
    assert "there is no report or known error CR-261122-ZZZZ" in found[0]["message"]
    path.write_text(path.read_text().replace("ref: CR-261122-ZZZZ", "ref: the vendor's note 17"))
    assert tracker.json("check") == []
    for looks in (("precedent", second), ("apply", second, first), ("affected", first), ("next", second), ("list",)):
        tracker.ok(*looks)


def test_a_known_errors_last_change_is_taken_back_by_its_name(tracker: Tracker) -> None:
    first = solved(tracker)
    known = tracker.ok("known-error", "publish", "-q", first, "--title", "x", "--symptom", "x").strip()
    tracker.ok("known-error", "retire", known, "--because", "x")
    tracker.ok("note", first, "something else")
    assert "took back 'known-error retire'" in tracker.ok("undo", known[-4:].lower())
    assert tracker.ok("known-error", "list", "-q") == f"{known}\n"


def test_a_report_stuffed_with_words_and_traces_does_not_come_before_the_true_one(tracker: Tracker) -> None:
    mine = OTHERS[1]
    true = tracker.new("--received", "1h ago", "--title", "White page in the cart", story=f"A white page.\n{mine}")
    words = "month end run dies invoice export cart page white nightly stopped login password crash error total " * 20
    stuffed = "\n\n".join((words, STORY.format(line=1), *OTHERS))
    for number in range(3):
        tracker.new("--received", "2h ago", "--title", f"cart page white nightly login month {number}", story=stuffed)
    asked = tracker.new("--title", "The cart is white", story=f"A white page instead of the cart.\n{mine}")
    assert tracker.json("precedent", asked)["hits"][0]["ref"] == true


def test_a_log_of_many_errors_is_not_the_same_error_as_each_of_them(tracker: Tracker) -> None:
    errors = "\n\n".join(
        STORY.format(line=1).replace("ZeroDivisionError: division by zero", f"Trouble{word}Error: broken")
        for word in ("One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")
    )
    tracker.new("--title", "All that went wrong", story=errors)
    asked = tracker.new(
        "--title",
        "Trouble",
        story=STORY.format(line=1).replace("ZeroDivisionError: division by zero", "TroubleTwoError: broken"),
    )
    assert all("the same error signature" not in hit["why"] for hit in tracker.json("precedent", asked)["hits"])
