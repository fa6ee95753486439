"""A command line that is wrong is told what would be right; nothing is changed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from issuelog.errors import ExitCode
from support.cli import Tracker
from support.lives import Life, lived
from support.refusals import refused


@pytest.fixture
def life(tmp_path: Path) -> Life:
    return lived(tmp_path, severity="S4")


@pytest.fixture
def tracker(life: Life) -> Tracker:
    return life.tracker


@pytest.fixture
def report(life: Life) -> str:
    return life.id


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["acknowlege", "ID"], "there is no command 'acknowlege' … did you mean acknowledge"),
        (["zzzzzz"], "there is no command 'zzzzzz' … issuelog --help"),
        (["rca", "shw"], "there is no command 'rca shw' … did you mean rca show?"),
        (["rca", "zzzzzz"], "there is no command 'rca zzzzzz' … issuelog rca --help"),
        (["reproduce", "ID", "--run"], "Option '--run' requires an argument … issuelog reproduce --help"),
        (["stats", "--since"], "Option '--since' requires an argument … issuelog stats --help"),
        (["stats", "--by", "nonsense"], "--by is 'nonsense' … issuelog stats --by component"),
        (["rca", "wy", "ID"], "'rca wy' … rca why"),
        (["show", "ID", "--colour", "never"], "--colour"),
        (["show"], "ID"),
        (["reproduce", "ID", "--runs", "5"], "--hits"),
        (["reproduce", "ID", "--runs", "many", "--hits", "1"], "--runs … many"),
        (["reproduce", "ID", "--runs", "5", "--hits", "6"], "--hits … 5"),
        (["duplicate", "ID"], "--of"),
        (["new", "--anonymous"], "--story"),
        (["new", "--story", "x"], "--customer … --anonymous"),
        (["escalate", "ID"], "--to"),
        (["diagnose", "ID"], "--cause"),
        (["verify", "ID"], "--confirmed … --proxy"),
        (["verify", "ID", "--confirmed", "--lapsed"], "give one of"),
        (["show", "ID", "--color", "sometimes"], "--color is 'sometimes' … auto, always, never"),
        (["ack", "ID", "--at", "someday"], "--at … 'someday' is not a time … 2h ago"),
        (["ack", "ID", "--next-update", "soon"], "--next-update … 'soon' is not a time"),
        (["ack", "ID", "--by", "Ana"], "--by is 'Ana' … NAME <MAIL>"),
        (["set", "ID", "intake.expected"], "'intake.expected' is not KEY=VALUE"),
        (["reproduce", "ID", "--runs", "1", "--hits", "1", "--env", "8.10"], "--env … '8.10' is not KEY=VALUE"),
        (["new", "--story", "x", "--anonymous", "--unavailable", "=lost"], "--unavailable"),
        (["list", "stat:new"], "no key 'stat' … state"),
        (["list", "received>2026-01-01"], "no colon behind received … received:>2026-01-01"),
        (["list", "owner=kim"], "no colon behind owner … owner:kim"),
        (["deploy", "ID", "--version", "2", "--place", "stagin"], "--place is 'stagin' … staging"),
        (["deploy", "ID", "--version", "2", "--place", "Staging"], "--place is 'Staging' … staging"),
        (["ack", "ID", "--impact", " "], "--impact is empty … leave it out"),
        (["note", "ID", "-e", "--no-input"], "--no-input excludes an editor"),
        (["edit", "ID", "--no-input"], "--no-input excludes an editor"),
        (["rca", "edit", "ID", "--no-input"], "--no-input excludes an editor"),
        (["list", "is:late"], "no condition 'late' … overdue"),
        (["list", "--fields", "id,name"], "--fields … 'name' … title"),
        (["new", "--story", "", "--anonymous"], "--story"),
        (["new", "--story", " \n ", "--anonymous"], "--story … is empty"),
        (["new", "-F", "gone.txt", "--anonymous"], "there is no file gone.txt"),
        (["new", "--story", "@gone.txt", "--anonymous"], "there is no file gone.txt"),
        (["new", "--story", "x", "-F", "gone.txt", "--anonymous"], "--story and -F"),
        (["new", "--story", "x", "--anonymous", "--title", "t" * 121], "title … 120"),
        (["attach", "ID", "gone.png"], "there is no file gone.png"),
        (["answer", "ID", "Q1"], "TEXT"),
        (["note", "ID", " "], "empty"),
        (["ask", "ID"], "no question is given … --missing"),
        (["ask", "ID", "-q", "--missing"], "-q takes a question, not '--missing' … --quiet"),
        (["ack", "ID", "--message", ""], "--message is empty … leave --message out"),
        (["ack", "ID", "--message", "-"], "--message is empty"),
        (["set", "ID", "customer.timezone=Asia/Nowhere"], "customer.timezone is 'Asia/Nowhere' … Europe/Berlin"),
        (["new", "--story", "x", "--customer", "Jo", "--timezone", "Mars/X"], "customer.timezone is 'Mars/X'"),
    ],
)
def test_a_wrong_command_line(arguments: list[str], says: str, tracker: Tracker, report: str) -> None:
    refused(tracker, 2, *(report if word == "ID" else word for word in arguments), says=says)


@pytest.mark.parametrize(
    ("arguments", "allowed"),
    [
        ("new --story x --anonymous --severity S9", "S1, S2, S3, S4"),
        ("new --story x --anonymous --channel fax", "email, phone, chat, web, in_person, social, api, monitoring"),
        ("new --story x --anonymous --frequency never", "always, often, sometimes, once, unknown"),
        ("new --story x --anonymous --detected-by luck", "customer, monitoring, internal"),
        ("triage ID --severity S9 --because blocked", "S1, S2, S3, S4"),
        ("ack ID --channel fax", "email, phone, chat"),
        ("reproduce ID --runs 1 --hits 1 --place moon", "sandbox, vm, container, staging, production"),
        ("diagnose ID --cause x --kind luck", "code, config, data, docs, process, infrastructure, vendor, usage"),
        ("diagnose ID --cause x --kind code --confidence some", "likely, confirmed"),
        ("fix ID --kind luck", "code, config, data, docs"),
        ("test ID --mode robot --scenario x --result pass", "automated, manual"),
        ("test ID --mode manual --scenario x --result maybe", "pass, fail"),
        ("escalate ID --to boss --party x --reason x --due 2d", "vendor, consultant, team"),
        ("received ID --kind shout hello", "answer, chaser, confirmation, thanks, not_fixed, other"),
        ("compensate ID --decision maybe", "none, offered, accepted, declined"),
        ("legal ID --review maybe", "not_needed, in_review, cleared"),
        ("close ID --as fixed", "duplicate, not_an_error, wont_fix, withdrawn, no_response, cannot_reproduce, spam"),
        ("reopen ID --reason mood --evidence x", "not_fixed, recurred, wrong_duplicate, new_information, premature"),
        ("rca why ID --cause luck --why x", "occurrence, escape"),
        ("set ID intake.frequency=never", "always, often, sometimes, once, unknown"),
        ("set ID source.channel=fax", "email, phone, chat"),
    ],
)
def test_a_value_that_is_not_allowed_is_told_with_those_that_are(
    arguments: str, allowed: str, tracker: Tracker, report: str
) -> None:
    refused(tracker, 2, *(report if word == "ID" else word for word in arguments.split()), says=allowed)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("story=other", "story is not set by hand"),
        ("story_sha256=0", "story_sha256 is not set by hand"),
        ("state=closed", "state is not set by hand"),
        ("events.1.at=now", "events is not set by hand"),
        ("id=CR-261116-7K3M", "id is not set by hand"),
        ("severity=S1", "severity is not set by hand … issuelog triage"),
        ("rca.status=accepted", "rca.status is not set by hand … issuelog rca accept"),
        ("links.duplicate_of=CR-261116-7K3M", "links.duplicate_of is not set by hand … issuelog duplicate"),
        ("intake.colour=red", "no field 'colour' … error_message"),
        ("nothing=x", "no field 'nothing' … title"),
        ("intake=x", "intake is a section"),
        ("attempts.R9.note=x", "no item 'R9'"),
        ("intake.first_seen_at=someday", "intake.first_seen_at"),
        ("impact.users=-1", "impact.users"),
        ("compensation.currency=euro", "compensation.currency"),
        ("title=", "title"),
    ],
)
def test_a_field_that_cannot_be_set(change: str, says: str, tracker: Tracker, report: str) -> None:
    refused(tracker, 2, "set", report, change, says=says)


def test_a_story_that_is_not_utf_8(tracker: Tracker, tmp_path: Path) -> None:
    path = tmp_path / "story.txt"
    path.write_bytes(b"I press \xff")
    refused(tracker, 2, "new", "-F", str(path), "--anonymous", says="byte 8 is not UTF-8")
    refused(tracker, 2, "new", "--story", "-", "--anonymous", stdin=b"\xfe", says="byte 0 is not UTF-8")


def test_a_folder_in_place_of_a_file(tracker: Tracker, report: str, tmp_path: Path) -> None:
    refused(tracker, 2, "attach", report, str(tmp_path), says=f"{tmp_path.name} is not a regular file")


def test_an_attachment_over_the_limit_of_a_new_report(tracker: Tracker, tmp_path: Path) -> None:
    limit(tracker, 10)
    (tmp_path / "more.txt").write_text("0123456789+")
    new = ["new", "--story", "x", "--anonymous", "--attach", str(tmp_path / "more.txt")]
    refused(tracker, 2, *new, says="more.txt has more than the 10 bytes that are allowed")


def limit(tracker: Tracker, size: int) -> None:
    config = tracker.root / ".issuelog" / "config.yaml"
    config.write_text(f"{config.read_text()}\nmax_attachment_bytes: {size}\n")
    tracker.git("commit", "-qam", "limit")


def test_an_attachment_over_the_limit(tracker: Tracker, report: str, tmp_path: Path) -> None:
    limit(tracker, 10)
    (tmp_path / "log.txt").write_text("0123456789")
    (tmp_path / "more.txt").write_text("0123456789+")
    too_large = "more.txt has more than the 10 bytes that are allowed"
    refused(tracker, 2, "attach", report, str(tmp_path / "more.txt"), says=too_large)
    both = ["attach", report, str(tmp_path / "log.txt"), str(tmp_path / "more.txt")]
    refused(tracker, 2, *both, says="more.txt")
    tracker.ok("attach", report, str(tmp_path / "log.txt"))


@pytest.mark.parametrize("where", ["before", "after"])
def test_an_error_as_json(where: str, tracker: Tracker, report: str) -> None:
    words = ["--json", "show", "ZZZZZ"] if where == "before" else ["show", "ZZZZZ", "--json"]
    done = tracker.run(*words)
    assert (done.code, done.out) == (4, "")
    assert json.loads(done.err) == {
        "error": {
            "code": "not_found",
            "message": "no report goes by 'ZZZZZ'",
            "hint": "issuelog list   shows what there is",
        }
    }


def test_the_code_of_an_error_is_one_word_for_each_exit_code(tracker: Tracker, report: str) -> None:
    for arguments, code, name in (
        (["show"], ExitCode.USAGE, "usage"),
        (["-C", "/", "list"], ExitCode.NO_TRACKER, "no_tracker"),
        (["show", "ZZZZZ"], ExitCode.NOT_FOUND, "not_found"),
        (["close", report], ExitCode.REFUSED, "refused"),
    ):
        done = tracker.run(*arguments, "--json")
        assert (done.code, done.error["code"]) == (code, name)


def test_hostile_words_in_an_error_are_shown_and_not_obeyed(tracker: Tracker) -> None:
    done = tracker.run("show", "\x1b]0;owned\x07[red]")
    assert done.code == 4
    assert "\x1b" not in done.err
    assert "[red]" in done.err


def test_a_receipt_that_is_still_to_come_is_taken_with_a_warning(tracker: Tracker) -> None:
    done = tracker.run("new", "--story", "x", "--anonymous", "--received", "2099-01-01")
    assert (done.code, "--received lies in the future (2099-01-01" in done.err) == (0, True)
