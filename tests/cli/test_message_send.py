"""`message send`: by the user's own settings alone; recorded when it was taken, and only then."""

from __future__ import annotations

import email
import email.policy
import os
from email.message import EmailMessage
from pathlib import Path

import pytest

from issuelog.model.threading import report_of
from support.cli import Tracker
from support.refusals import refused
from support.smtp import HOST, Server, serving

JO = ("--contact", "jo@acme.example", "--channel", "email", "--customer", "Jo Müller")


def settings(text: str, mode: int = 0o600) -> Path:
    path = Path(os.environ["HOME"], ".config/issuelog/config.yaml")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)
    return path


def by(server: Server) -> None:
    settings(f"mail:\n  smtp:\n    host: {HOST}\n    port: {server.port}\n    security: none\n")


def answered(tracker: Tracker, *options: str) -> str:
    report = tracker.new(*JO, *options)
    tracker.ok("ack", report)
    return report


def parsed(content: bytes) -> EmailMessage:
    mail = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


def test_a_mail_is_sent_and_then_recorded(tracker: Tracker) -> None:
    report = answered(tracker, "--title", "Export stops")
    with serving() as server:
        by(server)
        done = tracker.run("message", "send", report)
    assert done.code == 0, done.err
    [(sender, receivers, content)] = server.mails
    assert (sender, receivers) == ("ana@example.com", ["jo@acme.example"])
    mail, shown = parsed(content), tracker.show(report)
    message = shown["messages"][0]
    assert mail["Subject"] == f"[{report}] Export stops"
    assert mail.get_content().splitlines() == message["text"].splitlines()
    assert report_of(mail["Message-ID"]) == (report, "M1")
    assert (message["external_ref"], message["sent_via"]) == (mail["Message-ID"], f"smtp:{HOST}")
    assert message["sent_at"] >= message["at"]
    event = shown["events"][-1]
    assert (event["action"], event["message"], event["via"]) == ("message send", "M1", f"smtp:{HOST}")
    assert tracker.subjects()[0] == f"{report}: message send"
    assert f"M1 of {report} (acknowledge) goes to" in done.err
    assert tracker.json("check") == []


def test_a_program_of_the_users_sends_it(tracker: Tracker, tmp_path: Path) -> None:
    program = tmp_path / "sendmail"
    program.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/arguments\ncat > {tmp_path}/mail\n')
    program.chmod(0o755)
    settings(f"mail: {{sendmail: [{program}, -t, -i], from: Support <help@example.com>}}")
    report = answered(tracker)
    tracker.ok("message", "send", report)
    mail = parsed((tmp_path / "mail").read_bytes())
    assert (tmp_path / "arguments").read_text() == "-t -i\n"
    assert (mail["From"], mail["To"].addresses[0].addr_spec) == ("Support <help@example.com>", "jo@acme.example")
    assert mail["Message-ID"].endswith("@example.com>")
    assert tracker.show(report)["messages"][0]["sent_via"] == "sendmail"


def test_what_was_refused_is_not_recorded_and_goes_out_later_under_the_same_name(tracker: Tracker) -> None:
    report = answered(tracker)
    seen = []
    with serving() as server:
        by(server)
        server.answer = "451 4.7.1 come back \x1b[2J later"
        done = refused(tracker, 7, "message", "send", report, says="451 4.7.1 come back … nothing was recorded … try")
        assert "\x1b" not in done.err
        server.answer = "250 taken"
        tracker.ok("message", "send", report)
        tracker.ok("message", "send", report, "M1", "--again")
        seen = [parsed(content)["Message-ID"] for _, _, content in server.mails]
    assert len(seen) == 2
    assert seen[0] == seen[1]


def test_what_cannot_be_recorded_is_not_sent(tracker: Tracker) -> None:
    report = answered(tracker)
    path = tracker.path(report)
    path.write_text(path.read_text().replace("severity: S3", "severity: S2"))
    with serving() as server:
        by(server)
        done = tracker.run("message", "send", report)
    assert (done.code, server.mails) == (7, []), done.err


def test_what_cannot_be_recorded_after_all_is_told_to_be_sent(
    tracker: Tracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = answered(tracker)
    with serving() as server:
        by(server)
        from issuelog.customer import delivery

        original = delivery.deliver

        def and_then_an_edit(*given: object) -> None:
            original(*given)  # type: ignore[arg-type]
            tracker.path(report).write_text(tracker.path(report).read_text() + "# mine\n")

        monkeypatch.setattr(delivery, "deliver", and_then_an_edit)
        done = tracker.run("message", "send", report)
    assert len(server.mails) == 1
    assert done.code == 7
    assert f"M1 of {report} is sent, but this is not recorded" in done.err


def test_a_rehearsal_shows_the_mail_and_sends_nothing(tracker: Tracker) -> None:
    report = answered(tracker, "--title", "Ünique")
    before = tracker.fingerprint()
    with serving() as server:
        by(server)
        done = tracker.run("message", "send", report, "-n")
        machine = tracker.json("message", "send", report, "-n")
    assert server.mails == []
    assert f"To: Jo Müller <jo@acme.example>\nSubject: [{report}] Ünique\n\nHello Jo Müller" in done.out
    assert (machine["report"], machine["message"]) == (report, "M1")
    assert tracker.fingerprint() == before


def test_several_on_standard_input(tracker: Tracker) -> None:
    reports = [answered(tracker) for _ in range(4)]
    with serving() as server:
        by(server)
        refused(tracker, 2, "message", "send", "-", says="this changes 4 reports", stdin="\n".join(reports))
        assert server.mails == []
        tracker.ok("message", "send", "-", "--yes", stdin="\n".join(reports))
    assert len(server.mails) == 4
    assert [tracker.show(report)["messages"][0]["sent_via"] for report in reports] == [f"smtp:{HOST}"] * 4


def test_where_nothing_is_set_it_is_said_where_to_set_it(tracker: Tracker) -> None:
    report = answered(tracker)
    refused(tracker, 2, "message", "send", report, says="no setting of yours … .config/issuelog/config.yaml … sendmail")


def test_what_is_no_mail_of_ours_is_refused(tracker: Tracker) -> None:
    settings("mail: {sendmail: ['false']}")
    report = tracker.new("--contact", "+49 170 123", "--channel", "email")
    refused(tracker, 5, "message", "send", report, says="waits to be sent")
    tracker.ok("ack", report)
    [fact] = tracker.run("--json", "message", "send", report).error["missing"]
    assert "'+49 170 123' is no mail address" in fact["what"]
    assert fact["command"] == f"issuelog set {report} customer.contact=NAME@DOMAIN"
    tracker.ok("received", report, "thanks")
    refused(tracker, 5, "message", "send", report, "M2", says="what the customer wrote")
    refused(tracker, 4, "message", "send", report, "M9", says="there are: M1, M2")
    tracker.ok("call", report, "--summary", "talked")
    refused(tracker, 5, "message", "send", report, "M3", says="went by phone")


def test_what_was_sent_is_sent_again_only_where_that_is_meant(tracker: Tracker) -> None:
    settings("mail: {sendmail: ['true']}")
    report = answered(tracker)
    tracker.ok("message", "send", report, "m1")
    refused(tracker, 5, "message", "send", report, "M1", says="was sent on … --again")
    refused(tracker, 5, "message", "send", report, says="waits to be sent")
    tracker.ok("message", "send", report, "M1", "--again")


def test_a_mail_that_is_older_than_one_that_was_sent_is_sent_only_by_its_name(tracker: Tracker) -> None:
    settings("mail: {sendmail: ['true']}")
    report = answered(tracker)
    tracker.ok("update", report, "--confirmed", "it stops", "--checking", "the memory")
    tracker.ok("message", "send", report)
    refused(tracker, 5, "message", "send", report, says=f"M2, the newest … issuelog message send {report} M1")
    assert [message.get("sent_via") for message in tracker.show(report)["messages"]] == [None, "sendmail"]
    tracker.ok("message", "send", report, "M1")


# Whose settings


def test_no_repository_makes_anything_run(tracker: Tracker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report = answered(tracker)
    ran = tmp_path / "ran"
    evil = f"mail: {{sendmail: [touch, {ran}]}}\n"
    config = tracker.root / ".issuelog/config.yaml"
    for place in (".config/issuelog/config.yaml", "issuelog/config.yaml", ".issuelog/user.yaml"):
        path = tracker.root / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(evil)
    monkeypatch.chdir(tracker.root)
    for folder in ("", ".", ".config"):
        monkeypatch.setenv("XDG_CONFIG_HOME", folder)
        refused(tracker, 2, "message", "send", report, says="no setting of yours")
    config.write_text(config.read_text() + evil)
    monkeypatch.delenv("XDG_CONFIG_HOME")
    settings("mail: {sendmail: ['true']}")
    refused(tracker, 6, "message", "send", report, says="mail is not known here")
    assert not ran.exists()


def test_settings_that_others_could_have_written_are_refused(tracker: Tracker) -> None:
    report = answered(tracker)
    for mode in (0o660, 0o606):
        path = settings("mail: {sendmail: ['true']}", mode)
        refused(tracker, 6, "message", "send", report, says=f"others may write it … chmod go-w {path}")
    settings("mail: {sendmail: ['true']}", 0o644)
    tracker.ok("message", "send", report)


def test_settings_of_somebody_else_are_refused(tracker: Tracker, monkeypatch: pytest.MonkeyPatch) -> None:
    report = answered(tracker)
    settings("mail: {sendmail: ['true']}").chmod(0o644)
    owner = os.geteuid()
    if owner == 0:
        os.chown(Path(os.environ["HOME"], ".config/issuelog/config.yaml"), 12345, 12345)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    refused(tracker, 6, "message", "send", report, says="belongs to somebody else")


def test_settings_may_lie_where_the_user_keeps_them(
    tracker: Tracker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = answered(tracker)
    kept = settings("mail: {sendmail: ['true']}")
    elsewhere = tmp_path / "dotfiles/issuelog"
    elsewhere.mkdir(parents=True)
    kept.rename(elsewhere / "kept.yaml")
    (elsewhere / "config.yaml").symlink_to(elsewhere / "kept.yaml")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(elsewhere.parent))
    tracker.ok("message", "send", report)


def test_the_environment_names_the_sender(tracker: Tracker, monkeypatch: pytest.MonkeyPatch) -> None:
    report = answered(tracker)
    settings("mail: {from: Kim <kim@example.com>}")
    assert parsed(tracker.ok("message", "show", report, "--eml", "-").encode())["From"] == "Kim <kim@example.com>"
    monkeypatch.setenv("ISSUELOG_MAIL_FROM", "Li <li@example.com>")
    assert parsed(tracker.ok("message", "show", report, "--eml", "-").encode())["From"] == "Li <li@example.com>"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("mail: {smtp: {host: mail.example, security: none}}", ":1:14: mail.smtp: security: none is for a server on"),
        ("mail: {smtp: {host: '127.0.0.1', security: none}, sendmail: [a]}", "mail: there is sendmail and smtp"),
        ("mail:\n  smtp:\n    host: a b\n", ":3:11: mail.smtp.host is 'a b'"),
        ("mail: {smtp: {host: m, user: kim}}", "user and password_command belong together"),
        ("mail: {smtp: {host: m, password: x}}", "mail.smtp.password is not known here"),
        ("mail: {sendmail: /usr/sbin/sendmail}", "mail.sendmail"),
        ("mail: {from: Kim}", "write it as 'NAME <MAIL>'"),
        ("mail: &a {}", ":1:"),
        ("- mail", "mapping"),
    ],
)
def test_a_fault_in_the_settings_has_its_place(tracker: Tracker, text: str, says: str) -> None:
    report = answered(tracker)
    path = settings(text)
    done = refused(tracker, 6, "message", "send", report, says=says)
    assert str(path) in done.err.replace("\n", "")


def test_where_each_setting_comes_from(monkeypatch: pytest.MonkeyPatch) -> None:
    from issuelog.config import load_user

    path = settings("mail:\n  from: Kim <kim@example.com>\n  smtp:\n    host: mail.example\n")
    found = load_user({**os.environ, "ISSUELOG_MAIL_FROM": "Li <li@example.com>"})
    assert found.path == path
    assert found.user.mail.smtp
    assert found.user.mail.smtp.at == 587
    assert found.origins == {
        "mail.from": "ISSUELOG_MAIL_FROM",
        "mail.sendmail": "default",
        "mail.smtp.host": f"{path}:4",
        "mail.smtp.port": "default",
        "mail.smtp.security": "default",
        "mail.smtp.user": "default",
        "mail.smtp.password_command": "default",
        "product_repo": "default",
    }
