"""`known-error`: what a report found out becomes knowledge for everybody, and nothing of the customer goes with it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from issuelog.model.signature import parse as parse_signature
from issuelog.store import known_errors
from issuelog.store.yamlfile import parse
from issuelog.store.yamltext import dump
from support.cli import Tracker
from support.known import KNOWN, known_text, put_known
from support.lives import CLEAN, CLOSABLE, READY, RESOLVE, Life, lived
from support.refusals import refused
from support.terminal import Terminal

SOLVED = (*READY, RESOLVE)
SOON = ("--at", "2026-11-20T08:00Z")
OTHER = "KE-261116-0002"
PUBLISH = "known-error publish ID --title 'Long exports stop' --check 'the log says EXPORT-507'"


@pytest.fixture
def life(tmp_path: Path) -> Life:
    """A resolved report of a customer whose name is in nothing that we wrote."""
    return lived(tmp_path, *SOLVED)


def files(tracker: Tracker) -> list[Path]:
    return sorted(tracker.root.glob("known-errors/*.yaml"))


def known(tracker: Tracker, number: int = 0) -> dict[str, Any]:
    """Return a known error as its file has it."""
    return parse(files(tracker)[number].read_text("utf-8"), "x.yaml").plain()


def published(life: Life, *more: str) -> str:
    return life.ok(PUBLISH, "-q", *more).strip()


def committed(tracker: Tracker, identifier: str, **fields: Any) -> str:
    """Put a known error there, as somebody's commit."""
    path = put_known(tracker, identifier, **fields)
    tracker.git("add", str(path))
    tracker.git("commit", "-q", "-m", "a known error")
    return identifier


# --- Publishing -------------------------------------------------------------------------------------------------


def test_it_takes_what_the_report_knows_and_links_both_in_one_commit(life: Life) -> None:
    before = life.tracker.git("rev-parse", "HEAD").strip()
    life.ok("set ID component=export", "-q")
    done = json.loads(life.ok(PUBLISH, "--json"))
    assert life.tracker.git("rev-list", "--count", f"{before}..HEAD").strip() == "2"
    assert known(life.tracker) == {
        "schema": "1",
        "id": done["known_error"],
        "title": "Long exports stop",
        "component": "export",
        "product": "billing-web",
        "symptom": "EXPORT-507: worker terminated",
        "signature": known(life.tracker)["signature"],
        "cause": "the worker keeps the file in memory",
        "solution": ["the file is written line by line"],
        "check": "the log says EXPORT-507",
        "check_gone": "the steps of the customer",
        "fixed_in": "8.10.3",
        "sources": [life.id],
        "published_at": life.last["at"],
        "published_by": "Ana Reyes <ana@example.com>",
    }
    assert re.fullmatch(r"KE-\d{6}-[0-9A-Z]{4}", done["known_error"])
    assert any("EXPORT-507" in signature for signature in known(life.tracker)["signature"])
    assert life.report["links"]["known_error"] == done["known_error"]
    assert (life.last["action"], life.last["known_error"]) == ("known-error publish", done["known_error"])
    touched = life.tracker.git("show", "--format=", "--name-only").split()
    assert touched == [
        f"known-errors/{done['known_error']}.yaml",
        life.tracker.path(life.id).relative_to(life.tracker.root).as_posix(),
    ]
    assert done["path"] == touched[0]
    assert life.tracker.subjects()[0] == f"{life.id}: known-error publish"
    assert life.tracker.run("check").code == 0
    assert life.tracker.run("fsck").code == 0


def test_every_field_has_an_option_that_goes_before_the_report(life: Life) -> None:
    options = {
        "title": "Long exports",
        "symptom": "it stops",
        "check": "look at the log",
        "cause": "memory",
        "workaround": "export half",
        "check-gone": "export it all",
        "prevention": "stream",
        "affected": ">=8.8,<8.11",
        "fixed-in": "8.11",
        "product": "billing",
        "component": "exporter",
    }
    life.ok(
        "known-error publish ID --solution one --solution two --label slow --label big",
        *(part for name, text in options.items() for part in (f"--{name}", text)),
    )
    named = {"check-gone": "check_gone", "affected": "affected_versions", "fixed-in": "fixed_in"}
    expected = {named.get(name, name): text for name, text in options.items()}
    found = known(life.tracker)
    assert {name: found[name] for name in expected} == expected
    assert (found["solution"], found["labels"]) == (["one", "two"], ["slow", "big"])


def test_texts_come_from_files_and_from_standard_input(life: Life) -> None:
    (life.tracker.root.parent / "cause.txt").write_text("two\nlines\n")
    life.tracker.ok(
        *life.words(PUBLISH), "--cause", f"@{life.tracker.root.parent}/cause.txt", "--symptom", "-", stdin="it stops\n"
    )
    assert (known(life.tracker)["cause"], known(life.tracker)["symptom"]) == ("two\nlines\n", "it stops\n")


def test_what_the_customer_wrote_is_not_taken(tmp_path: Path) -> None:
    life = lived(tmp_path, *SOLVED)

    def edit(data: Any) -> None:
        data["title"] = "I press export and the…"
        data["intake"] |= {"actual": "a pelican", "expected": "a pelican", "error_message": "none_shown"}
        data["messages"][0]["text"] = "a pelican"

    life.by_hand(edit)
    missing = life.missing("known-error publish ID")
    assert {"title", "symptom"} <= {fact["guard"] for fact in missing}
    life.ok(PUBLISH, "--symptom", "it stops")
    assert "pelican" not in files(life.tracker)[0].read_text()
    assert "press export" not in files(life.tracker)[0].read_text()


TRACE = """ValueError: the pelican sings

Traceback (most recent call last):
  File "/srv/app/billing.py", line 12, in total
    return net / count
ZeroDivisionError: division by zero
"""


def test_of_the_story_only_a_stack_trace_is_a_signature(tracker: Tracker) -> None:
    report = tracker.new("--title", "Totals fail", story=TRACE)
    _resolved(tracker, report)
    tracker.ok("known-error", "publish", report, "--symptom", "it stops")
    (signature,) = known(tracker)["signature"]
    assert "ZeroDivisionError" in signature
    assert "billing" in signature


def test_a_subject_of_a_mail_is_no_title_of_ours(tracker: Tracker) -> None:
    mail = tracker.root.parent / "a.eml"
    mail.write_text("From: Jo <jo@acme.example>\nSubject: Help, the pelican\n\nThe export stops.\n")
    (made,) = tracker.json("import", "mail", str(mail))
    report = made["id"]
    _resolved(tracker, report)
    assert tracker.show(report)["title"] == "Help, the pelican"
    found = tracker.run("known-error", "publish", report, "--symptom", "it stops", "--json")
    assert [fact["guard"] for fact in found.error["missing"]] == ["title"]
    tracker.ok("set", report, "title=The export stops")
    tracker.ok("known-error", "publish", report, "--symptom", "it stops")
    assert known(tracker)["title"] == "The export stops"


def _resolved(tracker: Tracker, report: str) -> None:
    """Bring a report of low severity as far as resolved."""
    tracker.ok("triage", report, "--severity", "S4", "--because", "one customer")
    tracker.ok("acknowledge", report)
    tracker.ok(
        *("resolve", report, "--without-reproduction", "the log says it", "--cause", "it is kept in memory"),
        *("--kind", "code", "--summary", "it is streamed", "--ref", "pr:1", "--tested-automated", "5,000 lines"),
        *("--tested-manual", "a long export", "--version", "8.10.3", "--place", "production"),
    )


def test_what_is_missing_is_named_with_the_option_that_supplies_it(life: Life) -> None:
    def edit(data: Any) -> None:
        data["fix"]["tests"] = [{**one, "result": "fail"} for one in data["fix"]["tests"]]
        del data["diagnosis"], data["intake"]["error_message"]

    life.by_hand(edit)
    done = refused(life.tracker, 5, "known-error", "publish", life.id, says="cannot be published yet … --cause TEXT")
    missing = life.missing("known-error publish ID")
    assert {fact["guard"] for fact in missing} >= {"symptom", "cause", "check"}
    for fact in missing:
        assert fact["command"] == f"issuelog known-error publish {life.id} --{fact['guard']} TEXT"
        assert fact["command"] in done.err
    whole = re.search(r"in one: issuelog (known-error publish .*)", done.err)
    assert whole
    life.tracker.ok(*whole[1].split())
    assert known(life.tracker)["cause"] == "TEXT"


def test_what_a_known_error_solved_is_sent_there(tracker: Tracker) -> None:
    committed(tracker, KNOWN, cause="memory", solution=["restart"], check="the log")
    report = tracker.complete(severity="S4")
    tracker.ok("acknowledge", report)
    tracker.ok("apply", report, KNOWN, "--outcome", "worked")
    tracker.ok("resolve", report, "--message", CLEAN)
    done = refused(tracker, 5, "known-error", "publish", report, says=f"{KNOWN} has helped")
    again = re.search(r"issuelog (known-error publish \S+ --into \S+)", done.err)
    assert again
    tracker.ok(*again[1].split())
    assert known(tracker)["sources"] == [report]
    assert tracker.json("known-error", "show", KNOWN)["applied"]["worked"] == 1


@pytest.mark.parametrize("drop", ["solution", "workaround"])
def test_a_solution_or_a_workaround_is_enough(life: Life, drop: str) -> None:
    def edit(data: Any) -> None:
        del data["fix"]["summary"]
        if drop == "solution":
            data["workaround"] = {"text": "export half of it", "offered_at": "2026-11-16T09:00:00Z"}

    life.by_hand(edit)
    if drop == "workaround":
        assert [fact["guard"] for fact in life.missing(PUBLISH)] == ["solution"]
    else:
        published(life)
        assert known(life.tracker)["workaround"] == "export half of it"
        assert "solution" not in known(life.tracker)


@pytest.mark.parametrize("history", [(), READY[:1], READY], ids=["new", "acknowledged", "reproduced"])
def test_a_report_that_is_not_done_is_refused(tmp_path: Path, history: tuple[str, ...]) -> None:
    life = lived(tmp_path, *history)
    done = refused(life.tracker, 5, *life.words(PUBLISH), says=f"issuelog next {life.id}")
    assert "has to be resolved first" in done.err


@pytest.mark.parametrize("history", [CLOSABLE[:-2], (*CLOSABLE, "close ID --known-error none")], ids=["rca", "closed"])
def test_a_report_in_analysis_or_closed_is_published(tmp_path: Path, history: tuple[str, ...]) -> None:
    life = lived(tmp_path, *history)
    state = life.state
    name = published(life)
    assert (life.state, life.report["links"]["known_error"]) == (state, name)
    assert "a nightly export of 10,000 lines" in known(life.tracker)["prevention"]
    assert life.tracker.run("check").code == 0


def test_a_duplicate_sends_to_its_original(life: Life) -> None:
    other = life.tracker.complete()
    life.tracker.ok("duplicate", other, "--of", life.id, "--message", CLEAN)
    done = refused(life.tracker, 5, "known-error", "publish", other, says=f"is a duplicate of {life.id}")
    assert f"issuelog known-error publish {life.id}" in done.err


def test_what_is_published_already_is_named(life: Life) -> None:
    name = published(life)
    done = refused(life.tracker, 5, *life.words(PUBLISH), says=f"is published already, as {name}")
    again = re.search(r"issuelog (known-error publish \S+ --into \S+)", done.err)
    assert again
    before = life.tracker.fingerprint()
    done = life.tracker.run(*again[1].split())
    assert done.code == 0
    assert "nothing to change" in done.err
    assert life.tracker.fingerprint() == before


def test_a_dry_run_shows_both_files_and_changes_nothing(life: Life) -> None:
    before = life.tracker.fingerprint()
    shown = life.ok(PUBLISH, "--dry-run")
    assert life.tracker.fingerprint() == before
    assert files(life.tracker) == []
    assert re.search(r"^\+symptom: ", shown, re.MULTILINE)
    assert re.search(r"^\+ +known_error: KE-", shown, re.MULTILINE)
    assert f"{life.id}: known-error publish" in shown


def test_undo_takes_both_back(life: Life) -> None:
    before = life.tracker.path(life.id).read_bytes()
    published(life)
    life.tracker.ok("undo", life.id)
    assert files(life.tracker) == []
    assert life.tracker.path(life.id).read_bytes() == before
    life.tracker.ok("undo", life.id)
    assert len(files(life.tracker)) == 1
    assert life.tracker.run("check").code == 0


def test_at_a_terminal_what_is_missing_is_asked_for(life: Life) -> None:
    life.by_hand(lambda data: data["intake"].pop("error_message"))
    terminal = Terminal.start(life.tracker, *life.words(PUBLISH))
    terminal.wait_for("What does somebody see who has it?")
    terminal.types(b"the bar stops\n")
    code, shown = terminal.ended()
    assert code == 0, shown
    assert known(life.tracker)["symptom"] == "the bar stops"
    assert f"known error: {known(life.tracker)['id']}" in shown


# --- What is not for everybody ----------------------------------------------------------------------------------

PRIVATE = {
    "the customer's name": "at Acme GmbH it stops",
    "a part of it": "it was Acme who found it",
    "in other capitals and over two lines": "ACME\nGMBH found it",
    "a mail address": "ask kim.lee@partner.example about it",
    "a telephone number": "call +49 171 123 45 67",
    "a host that only we can reach": "see wiki.intranet about it",
    "an address of ours": "it runs on 10.1.2.3 alone",
    "a secret": "use the key AKIAIOSFODNN7EXAMPLE for it",
    "a password": "the password is hunter2x",
}


@pytest.mark.parametrize("text", PRIVATE.values(), ids=PRIVATE)
@pytest.mark.parametrize("option", ["--cause", "--solution", "--affected"])
def test_what_is_not_for_everybody_is_found_and_refused(life: Life, text: str, option: str) -> None:
    line = text if option != "--affected" else text.replace("\n", " ")
    done = refused(life.tracker, 5, *life.words(PUBLISH), option, line, says="is not for everybody")
    assert f"{option} TEXT" in done.err
    assert "AKIAIOSFODNN7EXAMPLE" not in done.err
    assert "hunter2x" not in done.err


def test_the_contact_is_found_as_well(life: Life) -> None:
    life.ok("set ID 'customer.contact=Jolanta Smith <js@mail.fuji.example>'")
    for text in ("Jolanta has it", "Ms Smith has it", "it is Fuji's set-up", "js@mail.fuji.example has it"):
        done = refused(life.tracker, 5, *life.words(PUBLISH), "--cause", text, says="is not for everybody")
        assert "cause, line 1" in done.err
    published(life, "--cause", "the smith forged a mail, as jo said")


def test_words_that_are_nobodys_may_be_said(life: Life) -> None:
    assert "--may-say Acme" in life.run(PUBLISH, "--cause", "the Acme protocol, RFC 1").err
    published(life, "--cause", "the Acme protocol, RFC 1", "--may-say", "acme")
    assert known(life.tracker)["may_say"] == ["acme"]
    assert life.run("known-error export", str(life.tracker.root.parent / "site")).code == 0


def test_no_option_lets_a_secret_pass(life: Life) -> None:
    secret = ("--cause", "the key AKIAIOSFODNN7EXAMPLE")
    for more in (("--may-say", "AKIAIOSFODNN7EXAMPLE"), ("--allow-secret",), ("--redact",)):
        refused(life.tracker, 5, *life.words(PUBLISH), *secret, *more, says="is not for everybody")


def test_a_signature_that_names_the_customer_is_left_out(life: Life) -> None:
    life.by_hand(lambda data: data["intake"].update(error_message="EXPORT-507: Acme GmbH has no worker left"))
    done = life.run(PUBLISH, "--symptom", "it stops")
    assert done.code == 0, done.err
    assert "is left out" in done.err
    assert "Acme" not in files(life.tracker)[0].read_text()


def test_at_a_terminal_such_a_text_is_asked_for_anew(life: Life) -> None:
    terminal = Terminal.start(life.tracker, *life.words(PUBLISH), "--cause", "Acme has too many lines")
    terminal.wait_for("cause, said without it:")
    assert b"the customer's name 'Acme'" in terminal.shown
    terminal.types(b"there are too many lines\n")
    assert terminal.ended()[0] == 0
    assert known(life.tracker)["cause"] == "there are too many lines"


# --- A second report --------------------------------------------------------------------------------------------


def second(life: Life, *more: str) -> str:
    """Return another resolved report of the same error, with another message."""
    report = life.tracker.complete("--error-message=EXPORT-508: no memory left", *more)
    _resolved(life.tracker, report)
    life.tracker.ok("diagnose", report, "--affected", "9.x", "--cause", "another cause", "--kind", "code")
    return report


def test_a_second_report_widens_a_known_error(life: Life) -> None:
    name = published(life, "--affected", ">=8.8,<8.11")
    before = known(life.tracker)
    files(life.tracker)[0].write_text(f"# by hand\n{files(life.tracker)[0].read_text()}")
    life.tracker.git("commit", "-qam", "a comment")
    other = second(life)
    life.tracker.ok("known-error", "publish", other, "--into", name[-4:].lower())
    after = known(life.tracker)
    assert after["sources"] == [life.id, other]
    assert after["affected_versions"] == ">=8.8,<8.11; 9.x"
    assert set(before["signature"]) < set(after["signature"])
    assert (after["cause"], after["title"]) == (before["cause"], before["title"])
    assert after["reviewed_by"] == "Ana Reyes <ana@example.com>"
    assert files(life.tracker)[0].read_text().startswith("# by hand\n")
    assert life.tracker.show(other)["links"]["known_error"] == name
    assert life.tracker.run("check").code == 0
    removed = re.findall(
        r"^-(?!--)(.*)", life.tracker.git("show", "-U0", "--format=", "--", "known-errors"), re.MULTILINE
    )
    assert len(removed) <= 1
    life.tracker.ok("undo", other)
    assert known(life.tracker) == before


def test_what_is_said_replaces_what_stood_there(life: Life) -> None:
    name = published(life)
    other = second(life)
    life.tracker.ok(
        "known-error", "publish", other, "--into", name, "--cause", "memory", "--solution", "a", "--label", "x"
    )
    assert (known(life.tracker)["cause"], known(life.tracker)["solution"]) == ("memory", ["a"])


def test_a_known_error_that_is_not_there_is_named(life: Life) -> None:
    refused(life.tracker, 4, *life.words(PUBLISH), "--into", "9QXA", says="no known error goes by '9QXA'")


def test_a_hand_edit_of_the_known_error_is_not_swept_in(life: Life) -> None:
    name = published(life)
    path = files(life.tracker)[0]
    path.write_text(path.read_text().replace("Long exports stop", "Long exports fail"))
    refused(life.tracker, 7, "known-error", "review", name, says="was changed by hand")
    life.tracker.ok("known-error", "review", name, "--include-edits")
    assert life.tracker.subjects()[:2] == [f"{name}: known-error review", f"{name}: hand edit"]
    assert known(life.tracker)["title"] == "Long exports fail"
    path.write_text(path.read_text().replace("Long exports fail", "Acme exports fail"))
    done = refused(life.tracker, 5, "known-error", "review", name, "--include-edits", says="under may_say in")
    assert "title, line 1: the customer's name 'Acme'" in done.err


# --- Reviewing and retiring -------------------------------------------------------------------------------------


def test_a_review_is_recorded(life: Life) -> None:
    name = published(life)
    done = life.tracker.json(
        "known-error", "review", name, "--at", "2027-11-22T09:00Z", "--by", "Li Wei <li@example.com>"
    )
    assert (done["id"], done["action"], done["from"], done["to"]) == (name, "known-error review", None, None)
    assert done["commit"] == life.tracker.git("rev-parse", "HEAD").strip()
    assert known(life.tracker)["reviewed_at"] == "2027-11-22T09:00:00Z"
    assert known(life.tracker)["reviewed_by"] == "Li Wei <li@example.com>"
    assert life.tracker.json("log", name)[0]["action"] == "known-error review"
    life.tracker.ok("undo")
    assert "reviewed_at" not in known(life.tracker)


def test_the_history_of_all_has_the_changes_of_known_errors_alone(life: Life) -> None:
    name = published(life)
    life.tracker.ok("known-error", "review", name)
    rows = life.tracker.json("log")
    assert [(row["action"], row["summary"]) for row in rows[:2]] == [
        ("known-error review", f"{name}: known-error review"),
        ("known-error publish", f"{life.id}: known-error publish"),
    ]
    assert len({row["commit"] for row in rows}) == len(rows)
    assert life.tracker.json("log", "--limit", "1") == rows[:1]
    assert life.tracker.json("log", life.id)[0]["action"] == "known-error publish"


def test_what_is_retired_is_out_of_use_and_stays_on_record(life: Life) -> None:
    name = published(life)
    refused(life.tracker, 2, "known-error", "retire", name, says="--because is missing")
    life.tracker.ok("known-error", "retire", name, "--because", "8.10 is not supported any more")
    assert known(life.tracker)["retired"]["because"] == "8.10 is not supported any more"
    assert life.tracker.json("known-error", "list") == []
    assert [row["state"] for row in life.tracker.json("known-error", "list", "--all")] == ["retired"]
    refused(life.tracker, 5, "known-error", "review", name, says="is retired")
    refused(life.tracker, 5, *life.words(PUBLISH), "--into", name, says="is retired")
    done = life.tracker.run("known-error", "retire", name, "--because", "x")
    assert (done.code, done.out) == (0, f"{name}\tknown-error retire\t\t\t\n")
    assert f"{name}: nothing to change" in done.err
    assert life.tracker.run("check").code == 0


@pytest.mark.parametrize("verb", [["review"], ["retire", "--because", "x"]])
def test_a_pipe_reads_one_tab_separated_line_of_a_change(tracker: Tracker, verb: list[str]) -> None:
    name = committed(tracker, KNOWN)
    line = tracker.ok("known-error", verb[0], name, *verb[1:])
    head = tracker.git("rev-parse", "HEAD").strip()
    assert line == f"{name}\tknown-error {verb[0]}\t\t\t{head}\n"
    assert tracker.ok("known-error", verb[0], committed(tracker, OTHER), *verb[1:], "-q") == f"{OTHER}\n"


def test_a_person_reads_what_became_of_a_known_error(tracker: Tracker) -> None:
    name = committed(tracker, KNOWN)
    said = tracker.ok("known-error", "retire", name, "--because", "x", "--color", "always")
    assert said == f"{name}: known-error retire   {tracker.git('rev-parse', '--short=10', 'HEAD')}"
    again = tracker.run("known-error", "retire", name, "--because", "x", "--color", "always")
    assert (again.code, again.out.strip(), again.err) == (0, "", f"{name}: nothing to change\n")


@pytest.mark.parametrize("verb", [["review"], ["retire", "--because", "x"]])
def test_a_dry_run_shows_what_would_be_written(tracker: Tracker, verb: list[str]) -> None:
    name = committed(tracker, KNOWN)
    before = tracker.fingerprint()
    assert f"+{verb[0]}" in tracker.ok("known-error", verb[0], name, *verb[1:], "-n")
    assert tracker.json("known-error", verb[0], name, *verb[1:], "-n")["commit"] is None
    assert tracker.fingerprint() == before


# --- Listing and showing ----------------------------------------------------------------------------------------


def test_a_list_has_what_each_is_about(tracker: Tracker) -> None:
    put_known(
        tracker,
        title="Long exports",
        component="export",
        product="billing",
        affected_versions="<9",
        fixed_in="9",
        labels=["slow"],
        signature=["1 message EXPORT-507"],
        solution=["take 9"],
    )
    (row,) = tracker.json("known-error", "list", *SOON)
    assert row == {
        "id": KNOWN,
        "title": "Long exports",
        "component": "export",
        "product": "billing",
        "labels": ["slow"],
        "signature": ["1 message EXPORT-507"],
        "affected_versions": "<9",
        "fixed_in": "9",
        "sources": [],
        "symptom": "filler",
        "solution": "take 9",
        "published_at": "2026-11-16T08:00:00Z",
        "reviewed_at": None,
        "retired_at": None,
        "path": f"known-errors/{KNOWN}.yaml",
        "state": "current",
        "applied": {"worked": 0, "failed": 0, "partial": 0},
        "stale": [],
    }
    (line,) = tracker.ok("known-error", "list", *SOON).splitlines()
    shown = [
        KNOWN,
        "Long exports",
        "export",
        "billing",
        "<9",
        "9",
        "0",
        "0",
        "0",
        "0",
        row["published_at"],
        "",
        "current",
    ]
    assert line.split("\t") == shown
    assert tracker.ok("known-error", "list", "-q") == f"{KNOWN}\n"


def test_the_newest_come_first_and_words_choose(tracker: Tracker) -> None:
    for number, (title, component) in enumerate((("Export stops", "export"), ("Login loops", "login")), 1):
        put_known(tracker, f"KE-26111{number}-000{number}", title=title, component=component)
    listed = [row["title"] for row in tracker.json("known-error", "list")]
    assert listed == ["Login loops", "Export stops"]
    for words, expected in {
        "export": ["Export stops"],
        "EXPORT stops": ["Export stops"],
        "export login": [],
        "000": ["Login loops", "Export stops"],
    }.items():
        assert [row["title"] for row in tracker.json("known-error", "list", *words.split())] == expected


def applied(tracker: Tracker, known_error: str, *outcomes: tuple[str, str]) -> None:
    """Have a known error applied to a report, by hand, with these outcomes at these times."""
    path = tracker.path(tracker.new())
    data = parse(path.read_text("utf-8"), path.name).plain()
    data["precedents"] = {
        "tried": [
            {"id": f"P{number}", "ref": known_error, "outcome": outcome, "at": at}
            for number, (outcome, at) in enumerate(outcomes, 1)
        ]
    }
    path.write_text(dump(data), "utf-8")


def test_how_often_it_helped_is_counted(tracker: Tracker) -> None:
    put_known(tracker)
    applied(tracker, KNOWN, ("worked", "2026-11-17T08:00:00Z"), ("failed", "2026-11-18T08:00:00Z"))
    applied(tracker, KNOWN, ("worked", "2026-11-19T08:00:00Z"))
    (row,) = tracker.json("known-error", "list", *SOON)
    assert (row["applied"], row["stale"]) == ({"worked": 2, "failed": 1, "partial": 0}, [])
    assert tracker.json("known-error", "show", KNOWN)["applied"] == row["applied"]


def test_it_is_stale_when_nobody_looked_at_it_for_long(tracker: Tracker) -> None:
    put_known(tracker)
    (tracker.root / ".issuelog" / "config.yaml").write_text("known_error_review: 30\n")
    for at, reasons in (("2026-12-16T08:00Z", []), ("2026-12-17T08:00Z", ["not reviewed for 31 days"])):
        (row,) = tracker.json("known-error", "list", "--at", at)
        assert (row["stale"], row["state"]) == (reasons, "stale" if reasons else "current")
    done = tracker.run("known-error", "list", "--at", "2027-01-16T08:00Z")
    assert "1 of them should be looked at again: issuelog known-error list --stale" in done.err
    done = tracker.run("known-error", "list", "--stale", "--at", "2027-01-16T08:00Z")
    assert f"{KNOWN}: not reviewed for 61 days" in done.err
    assert tracker.ok("known-error", "list", "--stale", "--at", "2026-12-16T08:00Z") == ""


def test_it_is_stale_when_it_failed_the_last_time_until_it_is_reviewed(tracker: Tracker) -> None:
    committed(tracker, KNOWN)
    applied(tracker, KNOWN, ("worked", "2026-11-17T08:00:00Z"), ("failed", "2026-11-18T08:00:00Z"))
    assert tracker.json("known-error", "list", *SOON)[0]["stale"] == ["the last application failed (2026-11-18)"]
    tracker.ok("known-error", "review", KNOWN, *SOON)
    assert tracker.json("known-error", "list", *SOON)[0]["stale"] == []


def test_showing_gives_the_file_to_a_pipe_and_a_page_to_a_person(life: Life) -> None:
    name = published(life)
    text = files(life.tracker)[0].read_text()
    assert life.tracker.ok("known-error", "show", name[-4:]) == text
    assert life.tracker.ok("known-error", "show", str(files(life.tracker)[0])) == text
    shown = life.tracker.json("known-error", "show", name)
    assert (shown["id"], shown["solution"], shown["state"]) == (name, ["the file is written line by line"], "current")
    page = life.tracker.ok("known-error", "show", name, "--color", "always")
    assert "Long exports stop" in page
    assert "  1. the file is written line by line" in page
    assert "how to check that it is this error" in page


def test_searching_finds_known_errors_alone(tracker: Tracker) -> None:
    tracker.new("--title", "the camel")
    put_known(tracker, cause="the camel\nthe second camel")
    rows = tracker.json("known-error", "search", "camel")
    assert [(row["id"], row["place"]) for row in rows] == [(KNOWN, "cause"), (KNOWN, "cause")]
    assert tracker.json("known-error", "search", "elephant") == []
    assert tracker.ok("known-error", "search", "came").startswith(f"{KNOWN}\tcause\t")


def test_an_ambiguous_part_names_what_it_may_mean(tracker: Tracker) -> None:
    for name in ("KE-261116-00A1", "KE-261116-00A2"):
        put_known(tracker, name)
    refused(tracker, 4, "known-error", "show", "00a", says="means 2 known errors: KE-261116-00A1, KE-261116-00A2")
    refused(tracker, 4, "show", "KE-261116-00A1", says="is a known error, and no report")


@pytest.mark.parametrize("command", ["show", "next", "acknowledge", "missing"])
def test_a_part_of_a_known_errors_id_leads_to_it_where_a_report_is_asked_for(tracker: Tracker, command: str) -> None:
    put_known(tracker, "KE-261116-8C63")
    says = "KE-261116-8C63 is a known error, and no report … issuelog known-error show KE-261116-8C63"
    refused(tracker, 4, command, "8c63", says=says)
    put_known(tracker, "KE-261117-8C63")
    says = "no such report, but 2 known errors: KE-261116-8C63, KE-261117-8C63 … issuelog known-error show KE"
    refused(tracker, 4, command, "8c63", says=says)
    report = tracker.new()
    assert tracker.run(command, report[-4:]).code == 0


def test_what_cannot_be_read_is_named_with_its_place_and_the_others_are_listed(tracker: Tracker) -> None:
    put_known(tracker)
    put_known(tracker, "KE-261116-0002").write_text(known_text("KE-261116-0002").replace("symptom:", "symptoms:"))
    done = tracker.run("known-error", "list", "-q")
    assert (done.code, done.out) == (0, f"{KNOWN}\n")
    assert "known-errors/KE-261116-0002.yaml:1:1: symptom is missing" in done.err
    assert tracker.run("check").code == 6
    assert tracker.run("known-error", "show", "0002").code == 6


def test_what_is_known_is_offered_to_who_is_typing(tracker: Tracker) -> None:
    put_known(tracker, title="Long exports")
    tracker.ok("known-error", "list")
    offered = f"{KNOWN}\tLong exports\n"
    for words in (["show", "KE"], ["review", ""], ["publish", "x", "--into", "long"], ["publish", "--into=KE"]):
        done = tracker.spawn("__complete", "known-error", *words)
        assert done.out.removeprefix("--into=") == offered, words
    assert tracker.spawn("__complete", "close", "x", "--known-error", "").out == f"{offered}none\tIt needs no entry.\n"
    assert tracker.spawn("__complete", "known-error", "ret").out.startswith("retire\t")


# --- Closing with one -------------------------------------------------------------------------------------------


def test_who_has_not_decided_on_an_entry_is_told_both_ways(tmp_path: Path) -> None:
    life = lived(tmp_path, *CLOSABLE)
    publish = f"issuelog known-error publish {life.id}"
    said = refused(life.tracker, 5, "close", life.id).err
    assert publish in said
    assert said.endswith(f"      issuelog close {life.id} --known-error none\n")
    step = life.tracker.json("next", life.id)
    assert (step["command"], publish in step["why"]) == (f"issuelog close {life.id} --known-error none", True)
    life.ok(PUBLISH)
    life.ok("close ID")
    assert life.report["links"]["known_error"] == known(life.tracker)["id"]


def test_closing_names_a_known_error_that_is_there(tmp_path: Path) -> None:
    life = lived(tmp_path, *CLOSABLE)
    done = refused(life.tracker, 4, "close", life.id, "--known-error", "KE-261116-9QXA", says="no known error goes by")
    assert "issuelog known-error publish ID" in done.err
    committed(life.tracker, KNOWN)
    life.ok("close ID --known-error 0001")
    assert life.report["links"]["known_error"] == KNOWN
    assert life.tracker.run("check").code == 0


def test_closing_takes_an_address_where_knowledge_is_kept_elsewhere(tmp_path: Path) -> None:
    life = lived(tmp_path, *CLOSABLE)
    life.ok("close ID --known-error https://kb.example/507")
    assert life.report["links"]["known_error"] == "https://kb.example/507"
    assert life.tracker.run("check").code == 0


def test_publishing_is_the_decision_that_closing_asks_for(tmp_path: Path) -> None:
    life = lived(tmp_path, *CLOSABLE)
    assert {fact["guard"] for fact in life.missing("close ID")} == {"known_error_decided"}
    published(life)
    life.ok("close ID")
    assert life.state == "closed"


# --- Checking ---------------------------------------------------------------------------------------------------


def findings(tracker: Tracker) -> dict[str, str]:
    return {row["rule"]: row["message"] for row in json.loads(tracker.run("check", "--json").out)}


def test_check_sees_links_that_lead_nowhere(life: Life) -> None:
    name = published(life)
    path = files(life.tracker)[0]
    text = path.read_text()
    path.write_text(text.replace(life.id, "CR-260101-0000"))
    assert "there is no report CR-260101-0000" in findings(life.tracker)["link"]
    path.write_text(text)
    life.by_hand(lambda data: data["links"].update(known_error="none"))
    assert f"{life.id}, of which it was made, names none" in findings(life.tracker)["known_error"]
    life.by_hand(lambda data: data["links"].update(known_error=name))
    assert findings(life.tracker) == {}
    path.unlink()
    assert f"there is no known error {name}" in findings(life.tracker)["link"]


def test_check_sees_what_is_wrong_in_a_file(tracker: Tracker) -> None:
    path = put_known(tracker, signature=["1 message EXPORT-507"])
    assert findings(tracker) == {}
    text = path.read_text()
    for edit, rule in (
        (text.replace("1 message EXPORT", "99 EXPORT"), "signature"),
        (f"{text}causes: x\n", "unknown_key"),
        (text.replace(f"id: {KNOWN}", "id: KE-261116-0002"), "id"),
        (text.replace(f"id: {KNOWN}", "id: CR-261116-0001"), "value"),
        (text.replace("title: filler", f"title: {'x' * 121}"), "value"),
        (text.replace("title: filler", "title: filler\ntitle: again"), "doubled_key"),
        (text.replace("2026-11-16T08:00:00Z", "soon"), "value"),
    ):
        path.write_text(edit)
        assert list(findings(tracker)) == [rule], edit
    path.write_text(text)
    (row,) = tracker.json("check", "--explain", "known_error")
    assert "publish" in row["helps"]


# --- The site ---------------------------------------------------------------------------------------------------


def site(tracker: Tracker, *more: str) -> Path:
    folder = tracker.root.parent / "site"
    tracker.ok("known-error", "export", str(folder), *more)
    return folder


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_site_has_an_index_and_a_page_for_each(tracker: Tracker) -> None:
    put_known(
        tracker,
        title="Long exports",
        symptom="it *stops*",
        component="export",
        fixed_in="9",
        cause="memory\n\nmuch of it",
        solution=["take 9", "restart\nall of it"],
    )
    put_known(tracker, "KE-261117-0002", title="Short ones", workaround="wait")
    done = tracker.json("known-error", "export", str(tracker.root.parent / "site"))
    folder = tracker.root.parent / "site"
    assert names(folder) == sorted(done["written"])
    index = (folder / "index.md").read_text()
    assert f"| [Long exports]({KNOWN}.md) | it \\*stops\\* | fixed in 9 | 2026-11-16 |" in index
    assert re.findall(r"^## (.*)$", index, re.MULTILINE) == ["Other", "export"]
    page = (folder / f"{KNOWN}.md").read_text()
    assert "## Cause\n\nmemory\n\nmuch of it\n" in page
    assert "1. take 9\n2. restart\\\n   all of it\n" in page
    assert "rita" not in page  # who published it is nobody's business


def test_a_site_follows_the_known_errors_alone(tracker: Tracker) -> None:
    put_known(tracker)
    put_known(tracker, "KE-261117-0002", title="Short ones")
    folder = site(tracker)
    first = {path.name: path.read_bytes() for path in folder.iterdir()}
    done = tracker.json("known-error", "export", str(folder), "--at", "2030-01-01T00:00Z")
    assert (done["written"], done["removed"]) == ([], [])
    (tracker.root / "known-errors" / "KE-261117-0002.yaml").unlink()
    done = tracker.json("known-error", "export", str(folder), "-n")
    assert (done["written"], done["removed"]) == (["index.md"], ["KE-261117-0002.md"])
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == first
    tracker.ok("known-error", "export", str(folder))
    assert names(folder) == [f"{KNOWN}.md", "index.md"]
    committed(tracker, KNOWN)
    tracker.ok("known-error", "retire", KNOWN, "--because", "x")
    tracker.ok("known-error", "export", str(folder))
    assert names(folder) == ["index.md"]


def test_a_site_overwrites_nothing_of_somebody_elses(tracker: Tracker) -> None:
    put_known(tracker)
    folder = tracker.root.parent / "site"
    folder.mkdir()
    (folder / "index.md").write_text("mine\n")
    refused(tracker, 2, "known-error", "export", str(folder), says="no earlier export")
    (folder / "index.md").unlink()
    (folder / ".nojekyll").write_text("")
    refused(tracker, 2, "known-error", "export", str(folder), says="no earlier export")
    (folder / ".nojekyll").unlink()
    site(tracker)
    (folder / "_config.yml").write_text("theme: x\n")
    (folder / "KE-260101-0000.md").write_text("mine\n")
    refused(tracker, 7, "known-error", "export", str(folder), says="KE-260101-0000.md is no page of an earlier export")
    (folder / "KE-260101-0000.md").unlink()
    site(tracker)
    assert (folder / "_config.yml").read_text() == "theme: x\n"
    refused(tracker, 2, "known-error", "export", str(tracker.root / "known-errors"), says="is the tracker's own")
    refused(tracker, 2, "known-error", "export", str(tracker.root / ".git" / "x"), says="is the tracker's own")
    refused(tracker, 2, "known-error", "export", str(folder / "index.md"), says="is not a folder")
    refused(tracker, 2, "known-error", "export", str(folder), "--format", "html", says="there is: md")


def test_no_page_is_written_where_one_names_a_customer(life: Life) -> None:
    published(life)
    path = files(life.tracker)[0]
    path.write_text(path.read_text().replace("Long exports stop", "Acme's exports stop"))
    folder = life.tracker.root.parent / "site"
    done = life.tracker.run("known-error", "export", str(folder))
    assert (done.code, folder.exists()) == (5, False)
    assert "title, line 1: the customer's name 'Acme'" in done.err


def test_no_page_is_written_where_a_file_is_invalid(tracker: Tracker) -> None:
    put_known(tracker).write_text("a: [\n")
    folder = tracker.root.parent / "site"
    assert tracker.run("known-error", "export", str(folder)).code == 6
    assert not folder.exists()


def test_the_example_of_the_guide_is_a_known_error() -> None:
    page = (Path(__file__).parents[2] / "docs" / "guides" / "known-errors.md").read_text("utf-8")
    example = page.partition("```yaml\n# known-errors/")[2].partition("```\n")[0]
    name, _, text = example.partition("\n")
    found = known_errors.load(text.encode(), name).known_error
    lacking = {key for key in type(found).model_fields if not getattr(found, key)}
    assert (found.model_extra, lacking) == ({}, {"retired"})
    assert all(parse_signature(one) for one in found.signature)
