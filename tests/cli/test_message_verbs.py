"""`message draft`, `lint`, `show` and `templates`: what would be said, what may be said, and what was said."""

from __future__ import annotations

import email
import email.policy
import json
import os
import sys
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest

from hostile.payloads import TEXT, assert_inert
from issuelog.customer.templates import kinds, slots_of
from issuelog.model.threading import report_of
from support.cli import Done, Tracker, run
from support.refusals import refused
from support.terminal import Terminal

JO = ("--contact", "jo@acme.example", "--channel", "email")
BLAMING = "Hello,\n\nyou should have\nread the manual."
FILLED = ("--slot", "confirmed=the export stops", "--slot", "checking=the worker's memory")


@pytest.fixture
def report(tracker: Tracker) -> str:
    tracker.become(record)
    return tracker.ids()[0]


def record(tracker: Tracker) -> None:
    tracker.new(*JO)


def mail_of(content: str | bytes) -> EmailMessage:
    data = content if isinstance(content, bytes) else content.encode()
    mail = email.message_from_bytes(data, policy=email.policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


# draft


SAYING: dict[str, tuple[list[str], list[str]]] = {
    "acknowledge": (["ack"], []),
    "acknowledge_late": (["ack"], []),
    "update": (["update"], [*FILLED]),
    "update_late": (["update"], [*FILLED]),
    "verify_request": (["verify", "--request"], []),
    "withdrawn": (["close", "--as", "withdrawn"], []),
    "wont_fix": (["close", "--as", "wont_fix"], ["--slot", "reason=r", "--slot", "alternative=a"]),
}
"""Commands that say something, and the slots that they are given."""


@pytest.mark.parametrize("kind", SAYING)
def test_what_is_drafted_is_what_the_command_says(tracker: Tracker, report: str, kind: str) -> None:
    tracker.ok("set", report, "customer.language=de", "customer.timezone=Asia/Tokyo")
    if not kind.startswith("ack"):
        tracker.ok("ack", report)
    if kind == "verify_request":
        tracker.ok("fix", report, "--kind", "docs", "--summary", "der Text ist berichtigt", "--ref", "pr:1")
    # A time to the second: what is late by so much, and when the next word comes, is the same for both.
    at = ("--at", "2099-11-22T09:00:00Z" if kind.endswith("late") else datetime.now(UTC).isoformat())
    command, slots = SAYING[kind]
    before = tracker.fingerprint()
    drafted = tracker.json("message", "draft", report, kind, *slots, *at)
    assert tracker.fingerprint() == before
    tracker.ok(command[0], report, *command[1:], *slots, *at)
    said = tracker.show(report)["messages"][-1]
    assert (said["kind"], said["text"], said.get("next_update_at")) == (
        kind,
        drafted["text"],
        drafted["next_update_at"],
    )
    assert drafted["findings"] == []


def test_a_draft_is_printed_alone_and_findings_beside_it(tracker: Tracker, report: str) -> None:
    done = tracker.run("message", "draft", report, "update", "-m", BLAMING)
    assert (done.code, done.out) == (1, f"{BLAMING}\n")
    assert "update:3:1: B02 error: " in done.err
    done = tracker.run("message", "draft", report, "update", "-m", "Hopefully all is well.")
    assert (done.code, done.out) == (0, "Hopefully all is well.\n")
    assert " warning: " in done.err


def test_a_missing_slot_is_an_error_that_names_it(tracker: Tracker, report: str) -> None:
    done = refused(
        tracker, 5, "message", "draft", report, "update", says="lacks confirmed, checking … templates update"
    )
    assert "--slot confirmed=TEXT" in done.err
    refused(tracker, 2, "message", "draft", report, "no_such_kind", says="there are acknowledge, ")


def test_a_draft_in_another_language(tracker: Tracker, report: str) -> None:
    done = tracker.ok("message", "draft", report, "--lang", "de")
    assert done.startswith("Guten Tag Acme GmbH,\n")
    assert "language" not in tracker.show(report)["customer"]


def test_a_drafts_next_word_is_promised_for_when_the_user_says(tracker: Tracker, report: str) -> None:
    now = tracker.json("message", "draft", report, "--next-update", "2030-01-02T03:04Z")
    assert now["next_update_at"] == "2030-01-02T03:04:00Z"
    assert "Wed 2 Jan 2030, 03:04 UTC" in now["text"]
    assert tracker.json("message", "draft", report, "withdrawn")["next_update_at"] is None


def test_a_draft_is_edited_before_it_is_looked_at(
    tracker: Tracker, report: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor = tmp_path / "editor.py"
    editor.write_text(
        "import pathlib, sys\np = pathlib.Path(sys.argv[1])\np.write_text(p.read_text() + ' Hopefully soon.')"
    )
    monkeypatch.setenv("EDITOR", f"{sys.executable} {editor}")
    done = tracker.run("message", "draft", report, "-e")
    assert (done.code, "Hello Acme GmbH" in done.out, done.out.endswith(" Hopefully soon.\n")) == (0, True, True), (
        done.err
    )
    assert " warning: " in done.err
    assert list(tracker.root.glob(".git/issuelog/drafts/*")) == []


def test_a_draft_as_a_mail_in_a_file(tracker: Tracker, report: str, monkeypatch: pytest.MonkeyPatch) -> None:
    done = tracker.run("message", "draft", report, "--eml", "draft.eml")
    path = tracker.root / "draft.eml"
    mail = mail_of(path.read_bytes())
    assert (done.code, f"written: {path}" in done.err) == (0, True)
    assert mail.get_content().splitlines() == done.out.splitlines()
    assert mail["To"].addresses[0].addr_spec == "jo@acme.example"
    path.write_text("mine")
    refused(tracker, 2, "message", "draft", report, "--eml", "draft.eml", says="is there already … --force")
    assert path.read_text() == "mine"
    tracker.ok("message", "draft", report, "--eml", "draft.eml", "--force")
    assert mail_of(path.read_bytes())["Message-ID"] == mail["Message-ID"]
    path.unlink()
    path.symlink_to("nowhere")
    refused(tracker, 2, "message", "draft", report, "--eml", "draft.eml", says="is there already")
    refused(tracker, 2, "message", "draft", report, "--eml", "no/such/folder.eml", says="no folder")
    assert not (tracker.root / "nowhere").exists()


def test_a_draft_of_who_came_by_phone_becomes_a_mail_all_the_same(tracker: Tracker) -> None:
    report = tracker.new("--contact", "jo@acme.example", "--channel", "phone")
    mail = mail_of(tracker.ok("message", "draft", report, "--eml", "-"))
    assert report_of(mail["Message-ID"]) == (report, "M1")


def test_a_hostile_report_makes_an_inert_draft_and_one_mail(tracker: Tracker) -> None:
    report = tracker.new(*JO, "--title", "x", story=TEXT.replace("\0", ""))
    path = tracker.path(report)
    name, title = (
        json.dumps("Jo\u202e \x1b[2J Bcc: eve@evil.example"),
        json.dumps("a\u2028b =?utf-8?q?=0D=0ABcc=3A_e?="),
    )
    path.write_text(path.read_text().replace("name: Acme GmbH", f"name: {name}").replace("title: x", f"title: {title}"))
    tracker.git("commit", "-qam", "by hand")
    done = tracker.run("message", "draft", report)
    assert_inert(done.out + done.err)
    mail = mail_of(tracker.run("message", "draft", report, "--eml", "-").out)
    assert {name.lower() for name in mail} == {
        *("from", "to", "subject", "date", "message-id"),
        *("mime-version", "content-type", "content-transfer-encoding"),
    }
    assert [one.addr_spec for one in mail["To"].addresses] == ["jo@acme.example"]


# lint


def lint(text: str, *options: str) -> Done:
    return run("message", "lint", "-", *options, stdin=text)


def test_findings_are_lines_that_editors_jump_to(tmp_path: Path) -> None:
    path = tmp_path / "answer.txt"
    path.write_text(BLAMING)
    done = run("-C", str(tmp_path), "message", "lint", "answer.txt")
    assert done.code == 1
    assert done.out.startswith("answer.txt:3:1: B02 error: ")
    assert len(done.out.splitlines()) == 1


def test_findings_as_json_say_where(tmp_path: Path) -> None:
    [found] = lint(BLAMING, "--json").json["findings"]
    assert set(found) == {"rule", "level", "start", "end", "text", "instead", "message"}
    assert (found["rule"], found["level"]) == ("B02", "error")
    assert BLAMING[found["start"] : found["end"]] == found["text"] == "you should have\nread"


def test_what_is_missing_is_found_only_for_its_kind() -> None:
    assert lint("Hello,\n\nall is well.").code == 0
    done = lint("Hello,\n\nall is well.", "--kind", "acknowledge", "--json")
    assert done.code == 1
    assert {(one["start"], one["end"]) for one in done.json["findings"]} == {(0, 0)}
    assert lint("x", "--kind", "nonsense").code == 2


def test_a_warning_is_told_and_is_no_error() -> None:
    done = lint("Hopefully all is well.")
    assert (done.code, " warning: " in done.out) == (0, True)
    assert lint("All is well.") == Done(0, "", "")
    assert lint("All is well.", "--json").json == {"findings": []}


def test_a_secret_that_is_found_is_not_repeated() -> None:
    done = lint("password: hunter2000")
    assert (done.code, "hunter2000" in done.out) == (1, False)
    assert "hunter2000" not in lint("password: hunter2000", "--json").out


def test_the_rules_of_the_language_and_of_the_tracker_hold(tracker: Tracker) -> None:
    rules = tracker.root / ".issuelog/lint/en.yaml"
    rules.parent.mkdir(parents=True)
    rules.write_text(
        "X01:\n  group: hygiene\n  level: error\n  kinds: '*'\n  message: Says banana\n  instead: say fruit\n"
        "  forbid:\n    - banana\n"
    )
    done = tracker.run("message", "lint", "-", stdin="A banana.")
    assert (done.code, "-:1:3: X01 error: Says banana" in done.out) == (1, True), done.err
    assert lint("A banana.").code == 0
    assert lint("You should have read this.", "--lang", "en-GB").code == 1


def test_a_text_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"\xff")
    assert run("-C", str(tmp_path), "message", "lint", "a").code == 2
    assert run("-C", str(tmp_path), "message", "lint", "b").code == 2
    assert_inert(lint(f"{TEXT} you should have read this").out)


# show


def test_the_messages_of_a_report(tracker: Tracker, report: str) -> None:
    assert tracker.json("message", "show", report) == []
    tracker.ok("ack", report)
    tracker.ok("received", report, "thank you\nso much", "--kind", "thanks")
    first, second = tracker.show(report)["messages"]
    assert tracker.json("message", "show", report) == [first, second]
    assert tracker.json("message", "show", report, "m2") == [second]
    rows = [line.split("\t") for line in tracker.ok("message", "show", report).splitlines()]
    assert [row[:5] for row in rows] == [
        ["M1", "out", "acknowledge", "email", first["at"]],
        ["M2", "in", "thanks", "email", second["at"]],
    ]
    assert tracker.ok("message", "show", report, "M2") == "thank you\nso much\n"
    refused(tracker, 4, "message", "show", report, "M3", says="there are: M1, M2")


def test_a_recorded_message_as_a_mail(tracker: Tracker, report: str) -> None:
    refused(tracker, 4, "message", "show", report, "--eml", "-", says="no mail of ours")
    tracker.ok("ack", report)
    tracker.ok("received", report, "thanks")
    newest = mail_of(tracker.ok("message", "show", report, "--eml", "-"))
    assert report_of(newest["Message-ID"]) == (report, "M1")
    refused(tracker, 5, "message", "show", report, "M2", "--eml", "-", says="what the customer wrote")
    assert tracker.ok("message", "show", report, "M1", "--eml", "m.eml") == f"{tracker.root / 'm.eml'}\n"
    assert mail_of((tracker.root / "m.eml").read_bytes()).items() == newest.items()


# templates


def test_every_template_is_listed_with_its_slots() -> None:
    rows = run("message", "templates", "--json").json
    assert {(row["kind"], row["language"]) for row in rows} == {
        (kind, lang) for kind in kinds() for lang in ("de", "en")
    }
    assert all((row["required"], row["optional"]) == slots_of(row["kind"], row["language"]) for row in rows)
    assert {row["from"] for row in rows} == {"built in"}


def test_a_trackers_own_template_is_told_apart(tracker: Tracker) -> None:
    path = tracker.root / ".issuelog/templates/fr/update.md"
    path.parent.mkdir(parents=True)
    path.write_text("{{ ref }}: {{ nouvelles }}")
    rows = {(row["kind"], row["language"]): row for row in tracker.json("message", "templates")}
    assert rows["update", "fr"]["from"] == ".issuelog/templates/fr/update.md"
    assert rows["update", "fr"]["required"] == ["ref", "nouvelles"]
    assert {lang for _, lang in rows} == {"de", "en", "fr"}
    used = {row["kind"]: row["language"] for row in tracker.json("message", "templates", "--lang", "fr")}
    assert (used["update"], used["ask"], len(used)) == ("fr", "en", len(kinds()))
    shown = tracker.json("message", "templates", "update", "--lang", "fr")
    assert shown["sample"] == "CR-261122-7K3M: [nouvelles]"


@pytest.mark.parametrize("line", ["draft ID", "lint README.md", "templates", "templates update"])
def test_a_language_without_templates_is_told(tracker: Tracker, report: str, line: str) -> None:
    words = [report if word == "ID" else word for word in line.split()]
    (tracker.root / "README.md").write_text("Hello\n")
    refused(tracker, 2, "message", *words, "--lang", "xx", says="there are templates in de, en")


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("kind", kinds())
def test_one_template_with_a_sample(kind: str, language: str) -> None:
    shown = run("message", "templates", kind, "--lang", language, "--json").json
    required, optional = slots_of(kind, language)
    assert [(one["slot"], one["required"]) for one in shown["slots"]] == [
        *((slot, True) for slot in required),
        *((slot, False) for slot in optional),
    ]
    assert all(one["question"].endswith("?") for one in shown["slots"])
    assert [one["sample"] for one in shown["slots"] if one["sample"].rstrip(".") not in shown["sample"]] == []
    assert "{" in shown["text"]
    assert "{" not in shown["sample"]
    assert shown["sample"] in run("message", "templates", kind, "--lang", language).out


# What is missing is asked for at a terminal


ASKING = {
    "update": (["update"], [("confirmed so far?", "it stops"), ("being checked now?", "the worker")]),
    "close": (["close", "--as", "wont_fix"], [("our reason?", "others rely on it"), ("offer instead?", "two halves")]),
    "draft": (["message", "draft", "update"], [("confirmed so far?", "it stops"), ("checked now?", "the worker")]),
}


def typed(what: str, report: str) -> list[str]:
    command = ASKING[what][0]
    return ["message", "draft", report, "update"] if what == "draft" else [command[0], report, *command[1:]]


@pytest.mark.parametrize("what", ASKING)
def test_a_missing_slot_is_asked_for_at_a_terminal(tracker: Tracker, report: str, what: str) -> None:
    tracker.ok("ack", report)
    terminal = Terminal.start(tracker, *typed(what, report))
    for question, answer in ASKING[what][1]:
        terminal.wait_for(question)
        terminal.types(f"{answer}\n".encode())
    code, shown = terminal.ended()
    assert code == 0, shown
    last = tracker.show(report)["messages"][-1]
    for _, answer in ASKING[what][1]:
        assert answer in (shown if what == "draft" else last["text"])
    assert (last["kind"] == "acknowledge") == (what == "draft")


def test_a_question_for_a_slot_that_is_not_answered_changes_nothing(tracker: Tracker, report: str) -> None:
    tracker.ok("ack", report)
    before = tracker.fingerprint()
    terminal = Terminal.start(tracker, "update", report)
    terminal.wait_for("confirmed so far?")
    terminal.types(b"\x04")
    code, shown = terminal.ended()
    assert (code, "nothing was changed" in shown) == (9, True)
    assert tracker.fingerprint() == before
    terminal = Terminal.start(tracker, "update", report, "--no-input")
    assert terminal.ended()[0] == 5


def test_a_slot_that_is_asked_for_is_linted_like_any_other(tracker: Tracker, report: str) -> None:
    tracker.ok("ack", report)
    terminal = Terminal.start(tracker, "update", report)
    terminal.wait_for("confirmed so far?")
    terminal.types(b"you should have read the manual\n")
    terminal.wait_for("checked now?")
    terminal.types(b"nothing\n")
    code, shown = terminal.ended()
    assert (code, "lint" in shown or "hindsight" in shown) == (5, True)
    assert len(tracker.show(report)["messages"]) == 1
    assert os.path.lexists(tracker.path(report))
