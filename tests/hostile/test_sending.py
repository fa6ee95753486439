"""Sending mails: what is in a report reaches nobody but its customer, and what runs is the user's alone."""

from __future__ import annotations

import email
import email.policy
import os
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from pathlib import Path
from threading import Thread

import pytest

from hostile.made import place, plain_report
from hostile.payloads import LINE, assert_inert
from hostile.watch import no_hang
from support.cli import Tracker
from support.refusals import refused

REPORT = "CR-261116-0001"
HEADERS = {"From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"}


def written(tracker: Tracker, contact: str, text: str = "Hello.") -> str:
    """Let a stranger's commit bring a report with a message that waits to be sent, and return its id."""
    message = {
        "id": "M1",
        "direction": "out",
        "kind": "update",
        "channel": "email",
        "at": "2026-11-16T09:00:00Z",
        "by": f"Ana {LINE} <ana@example.com>",
        "text": text,
        "external_ref": "<a@b>\u2028Bcc: eve@evil.example",
    }
    customer = {"name": f"Jo {LINE} Bcc: eve@evil.example", "contact": contact}
    place(tracker, REPORT, plain_report(REPORT, title=f"x {LINE}"[:120], customer=customer, messages=[message]))
    tracker.git("add", ".")
    tracker.git("commit", "-q", "-m", "x")
    return REPORT


def settings(text: str) -> Path:
    path = Path(os.environ["HOME"], ".config/issuelog/config.yaml")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o600)
    return path


@pytest.fixture
def box(tmp_path: Path) -> Path:
    """Where the user's mail program puts what it is given."""
    return program(tmp_path, f'echo "$@" > {tmp_path}/arguments\ncat > {tmp_path}/$$.eml\n')


def program(tmp_path: Path, script: str) -> Path:
    path = tmp_path / "sendmail"
    path.write_text(f"#!/bin/sh\n{script}")
    path.chmod(0o755)
    settings(f"mail: {{sendmail: [{path}, -t], from: Support <help@example.com>}}")
    return tmp_path


def mails(box: Path) -> list[bytes]:
    return [path.read_bytes() for path in box.glob("*.eml")]


NOBODY = {
    "two": "jo@acme.example, eve@evil.example",
    "two in brackets": "Jo <jo@acme.example> <eve@evil.example>",
    "a group": "all: jo@acme.example, eve@evil.example;",
    "quoted": '"-X/tmp/log -oQ/tmp"@acme.example',
    "a machine": "root@[127.0.0.1]",
    "a control": "jo@acme.example\0",
    "comments": "jo@acme.example (eve@evil.example)",
    "no ASCII": "j\u00f6@acme.example",
    "more than a line": f"{'j' * 5000}@acme.example",
    "a long domain": f"jo@{'a.' * 200}example",
    "endless": "a@" * 2000,
}


@pytest.mark.parametrize("contact", NOBODY.values(), ids=NOBODY)
def test_what_is_not_one_address_gets_no_mail(tracker: Tracker, box: Path, contact: str) -> None:
    done = refused(tracker, 5, "message", "send", written(tracker, contact), says="nobody to send a mail")
    assert_inert(done.err)
    assert mails(box) == []


ONE = {
    "-oQ/tmp@acme.example": "-oQ/tmp@acme.example",
    "|touch@acme.example": "|touch@acme.example",
    "jo%evil.example@acme.example": "jo%evil.example@acme.example",
    "Jo, eve@evil.example <jo@acme.example>": "jo@acme.example",
    f"{LINE.replace('<', '').replace('>', '')} <jo@acme.example>": "jo@acme.example",
    "jo@b\u00fccher.example": "jo@xn--bcher-kva.example",
}


@pytest.mark.parametrize("contact", ONE, ids=range(len(ONE)))
def test_a_strange_address_is_one_receiver_and_no_option(tracker: Tracker, box: Path, contact: str) -> None:
    tracker.ok("message", "send", written(tracker, contact))
    [content] = mails(box)
    mail = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(mail, EmailMessage)
    assert [address.addr_spec for address in mail["To"].addresses] == [ONE[contact]]
    assert (set(mail.keys()), len(mail.keys())) == (HEADERS, len(HEADERS))
    assert max(map(len, content.splitlines())) < 500
    assert (box / "arguments").read_text() == "-t\n"


def test_a_mail_ends_where_it_ends(tracker: Tracker, box: Path) -> None:
    text = "Hello.\n.\nBcc: eve@evil.example\n\n..\n.x\r\n.\r\nbye"
    tracker.ok("message", "send", written(tracker, "jo@acme.example", text))
    [content] = mails(box)
    assert b"." not in content.splitlines()
    mail = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(mail, EmailMessage)
    assert mail.get_content() == text.replace("\r", r"\r") + "\n"


def waiting(tracker: Tracker) -> str:
    report = tracker.new("--contact", "jo@acme.example", "--channel", "email")
    tracker.ok("ack", report)
    return report


def test_two_that_send_one_message_at_once_send_it_once(tracker: Tracker, box: Path) -> None:
    report = waiting(tracker)
    program(box, f"cat > {box}/$$.eml\nsleep 0.5\n")
    with ThreadPoolExecutor(3) as threads:
        codes = list(threads.map(lambda _: tracker.spawn("message", "send", report).code, range(3)))
    assert sorted(codes) == [0, 5, 5]
    assert len(mails(box)) == 1
    assert tracker.subjects().count(f"{report}: message send") == 1


def test_what_was_sent_and_not_recorded_is_not_sent_again_unasked(tracker: Tracker, box: Path) -> None:
    report = waiting(tracker)
    program(box, f"cat > {box}/1.eml\nkill -KILL $PPID\n")
    assert tracker.spawn("message", "send", report).code == -9
    assert len(mails(box)) == 1
    program(box, f"cat > {box}/2.eml\n")
    refused(tracker, 5, "message", "send", report, says="may have it … --again")
    assert len(mails(box)) == 1
    tracker.ok("message", "send", report, "--again")
    first, second = (email.message_from_bytes(content) for content in mails(box))
    assert first["Message-ID"] == second["Message-ID"]
    refused(tracker, 5, "message", "send", report, says="no mail of")


def test_a_program_that_goes_on_in_the_background_has_taken_the_mail(
    tracker: Tracker, box: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from issuelog.customer import delivery

    monkeypatch.setattr(delivery, "TIMEOUT", 3)
    report = waiting(tracker)
    program(box, f"cat > {box}/1.eml\nsleep 6 &\n")
    tracker.ok("message", "send", report)


def test_a_program_that_talks_for_ever_is_given_up(
    tracker: Tracker, box: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from issuelog.customer import delivery

    monkeypatch.setattr(delivery, "TIMEOUT", 1)
    report = waiting(tracker)
    program(box, "yes '\033[2J' | head -c 10000000\nexit 1\n")
    done = refused(tracker, 7, "message", "send", report, says="ended with 1 … nothing was recorded")
    assert_inert(done.err)
    assert len(done.err) < 2_000


@pytest.mark.parametrize(("variable", "value"), [("HOME", ""), ("HOME", "."), ("XDG_CONFIG_HOME", ".config")])
def test_settings_that_a_folder_brings_are_not_the_users(
    tracker: Tracker, box: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    report = waiting(tracker)
    own = settings("")
    brought = tracker.root / ".config/issuelog/config.yaml"
    brought.parent.mkdir(parents=True)
    brought.write_text(f"mail: {{sendmail: [{box}/sendmail]}}")
    monkeypatch.chdir(tracker.root)
    monkeypatch.setenv(variable, value)
    done = tracker.run("message", "send", report)
    assert (done.code, mails(box)) == (2, []), done.err
    assert str(own.parent.name) in done.err


PLACES: dict[str, Callable[[Path], object]] = {
    "a pipe": lambda path: os.mkfifo(path, 0o600),
    "a folder": lambda path: path.mkdir(),
    "a link to itself": lambda path: path.symlink_to(path),
    "a link to a device": lambda path: path.symlink_to("/dev/zero"),
    "larger than any": lambda path: path.write_text("# x\n" * 1_100_000),
    "a bomb": lambda path: path.write_text("a: &a [x, x]\nb: &b [*a, *a]\nmail: *b\n"),
    "a key of its own": lambda path: path.write_text("mail: {sendmail: [/bin/true], run: [touch]}\n"),
}


@pytest.mark.parametrize("name", PLACES)
def test_what_lies_in_the_place_of_the_settings_is_refused(tracker: Tracker, box: Path, name: str) -> None:
    report = waiting(tracker)
    path = settings("")
    path.unlink()
    PLACES[name](path)
    with no_hang():
        done = tracker.run("message", "send", report)
    assert (done.code, mails(box)) == (6, []), done.err
    assert_inert(done.err)
    tracker.ok("list")


@contextmanager
def saying(words: bytes) -> Iterator[int]:
    """Serve connections that say this over and over, whatever it is told, and return the port."""

    def talk() -> None:
        while True:
            with suppress(OSError), listening.accept()[0] as connection:
                for _ in range(100_000):
                    connection.sendall(words)
            if listening.fileno() < 0:
                return

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = Thread(target=talk, daemon=True)
        thread.start()
        yield listening.getsockname()[1]


SAID = {
    "an answer without end": b"220-x\x1b[2J\r\n" * 100,
    "a line without end": b"220 " + b"x" * 10_000,
    "no number": b"\x1b]0;owned\x07\r\n",
    "no line": b"\xff\x00\n",
    "all right to everything": b"250 \x1b[2J\r\n",
}


@pytest.mark.parametrize("name", SAID)
def test_a_server_of_no_sense_is_given_up_and_nothing_is_recorded(
    tracker: Tracker, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    from issuelog.customer import delivery

    monkeypatch.setattr(delivery, "TIMEOUT", 1)
    report = waiting(tracker)
    with saying(SAID[name]) as port, no_hang():
        settings(f"mail: {{smtp: {{host: 127.0.0.1, port: {port}, security: none}}, from: help@example.com}}")
        done = refused(tracker, 7, "message", "send", report, says="nothing was recorded")
    assert_inert(done.err)
    assert len(done.err) < 2_000
    assert "sent_at" not in tracker.show(report)["messages"][0]
