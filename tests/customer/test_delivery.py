"""Mails reach a real server and a real program, safely or not at all; nothing that a server says does any harm."""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from hostile.payloads import assert_inert
from issuelog.customer import delivery
from issuelog.customer.delivery import deliver, way
from issuelog.customer.mail import Address, Mail
from issuelog.errors import Conflict, UsageError
from issuelog.model import user
from support.smtp import HOST, LOGIN, certificate, serving

MAIL = Mail(
    sender=Address("Kim Lee", "kim@example.com"),
    recipient=Address("Jo Müller", "jo@acme.example"),
    subject="[CR-261122-7K3M] Export stops",
    at=datetime(2026, 11, 22, 9, tzinfo=UTC),
    id="<cr-261122-7k3m.m1.0123@example.com>",
    answered="",
    thread=(),
    text="Hello Jo,\n\n.\n.. ä\nFrom here on\n",
)


def setting(port: int, **more: Any) -> user.Mail:
    facts = {"host": HOST, "port": port, "security": "none"} | more
    return user.Mail.model_validate({"smtp": facts})


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def trusted(signed: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SSL_CERT_FILE", str(signed))
    return signed


def taken(server: Any) -> None:
    [(sender, receivers, content)] = server.mails
    assert (sender, receivers) == ("kim@example.com", ["jo@acme.example"])
    assert content == MAIL.as_file()


def test_a_server_gets_the_mail_byte_for_byte() -> None:
    with serving() as server:
        deliver(MAIL, setting(server.port))
    taken(server)


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_connection_is_secured_and_the_certificate_is_looked_at(trusted: Path, security: str) -> None:
    with serving(security, trusted) as server:
        deliver(MAIL, setting(server.port, security=security))
    taken(server)


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_that_nobody_vouches_for_gets_no_mail(signed: Path, security: str) -> None:
    with (
        serving(security, signed) as server,
        pytest.raises(Conflict, match="its certificate does not hold: self-signed certificate; nothing was recorded"),
    ):
        deliver(MAIL, setting(server.port, security=security))
    assert server.mails == []


def test_a_certificate_of_another_server_gets_no_mail(trusted: Path) -> None:
    with serving("tls", trusted) as server, pytest.raises(Conflict, match="certificate"):
        deliver(MAIL, setting(server.port, security="tls", host="localhost"))
    assert server.mails == []


def test_a_server_without_starttls_gets_no_mail_and_no_password() -> None:
    with serving() as server, pytest.raises(Conflict, match="STARTTLS"):
        deliver(MAIL, setting(server.port, security="starttls", user="kim", password_command=["echo", "open sesame"]))
    assert (server.mails, server.logins) == ([], [])


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_the_password_is_what_a_command_of_the_users_prints(trusted: Path, security: str) -> None:
    command = [sys.executable, "-c", "print('open sesame\\nsecond line')"]
    with serving(security, trusted, login=True) as server:
        deliver(MAIL, setting(server.port, security=security, user="kim", password_command=command))
    taken(server)
    assert server.logins == [LOGIN.password]


def test_a_wrong_password_is_told_without_it(trusted: Path) -> None:
    with serving("starttls", trusted, login=True) as server, pytest.raises(Conflict, match="535") as refused:
        deliver(MAIL, setting(server.port, security="starttls", user="kim", password_command=["echo", "wrong one"]))
    assert server.mails == []
    assert "wrong one" not in f"{refused.value.message}{refused.value.hint}"


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ([sys.executable, "-c", "import sys; sys.exit('locked')"], "ended with 1: locked"),
        (["true"], "printed no password"),
        (["no-such-program"], "cannot be run"),
    ],
)
def test_where_there_is_no_password_nothing_is_sent(command: list[str], says: str) -> None:
    with serving() as server, pytest.raises(Conflict, match=says):
        deliver(MAIL, setting(server.port, user="kim", password_command=command))
    assert server.mails == []


@pytest.mark.parametrize("at", ["refused", "answer"])
def test_a_servers_no_is_told_in_its_words_made_harmless(at: str) -> None:
    with serving() as server:
        setattr(server, at, "550 5.1.1 no such \x1b[2Juser \u202e" + "x" * 400)
        with pytest.raises(
            Conflict, match=r"127\.0\.0\.1 did not take the mail: 550 .*no such .*nothing was"
        ) as refused:
            deliver(MAIL, setting(server.port))
    assert server.mails == []
    assert_inert(refused.value.message)
    assert len(refused.value.message) < 500


def test_a_server_that_is_not_there() -> None:
    with socket.create_server((HOST, 0)) as listening:
        port = listening.getsockname()[1]
    with pytest.raises(Conflict, match=r"127\.0\.0\.1 did not take the mail: .*refused"):
        deliver(MAIL, setting(port))


@pytest.fixture
def silent() -> Iterator[int]:
    """A server that takes connections and says nothing."""
    with socket.create_server((HOST, 0)) as listening:
        yield listening.getsockname()[1]


@pytest.mark.parametrize("security", ["none", "starttls", "tls"])
def test_a_server_that_says_nothing_is_given_up(silent: int, security: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "TIMEOUT", 0.2)
    with pytest.raises(Conflict, match="timed out"):
        deliver(MAIL, setting(silent, security=security))


def test_a_server_that_hangs_up() -> None:
    with socket.create_server((HOST, 0)) as listening:

        def answer() -> None:
            with listening.accept()[0] as connection:
                connection.sendall(b"220 hello\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(Conflict, match="did not take the mail"):
            deliver(MAIL, setting(listening.getsockname()[1]))
        thread.join()


# A program


def program(folder: Path, *lines: str) -> list[str]:
    script = folder / "sendmail"
    script.write_text("\n".join([f"#!{sys.executable}", "import os, pathlib, sys, time", *lines]) + "\n")
    script.chmod(0o755)
    return [str(script), "-t", "-i"]


def by(command: list[str]) -> user.Mail:
    return user.Mail.model_validate({"sendmail": command})


def test_a_program_gets_the_mail_on_its_standard_input(tmp_path: Path) -> None:
    out = tmp_path / "out"
    keep = (
        f"pathlib.Path({str(out)!r}).write_bytes(repr((sys.argv[1:], os.getcwd())).encode() + sys.stdin.buffer.read())"
    )
    deliver(MAIL, by(program(tmp_path, keep)))
    assert out.read_bytes() == repr((["-t", "-i"], "/")).encode() + MAIL.as_input()


def test_a_programs_no_is_told_in_its_words_made_harmless(tmp_path: Path) -> None:
    command = program(tmp_path, "sys.stderr.write('no route \\x1b[2J\\n\\u202e')", "sys.exit(75)")
    with pytest.raises(Conflict, match="sendmail ended with 75: no route") as refused:
        deliver(MAIL, by(command))
    assert_inert(refused.value.message)


def test_a_program_that_does_not_read_or_end_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "TIMEOUT", 0.5)
    with pytest.raises(Conflict, match="did not end within"):
        deliver(MAIL, by(program(tmp_path, "time.sleep(60)")))


def test_a_program_of_the_folder_where_the_user_is_never_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, f"pathlib.Path({str(tmp_path / 'ran')!r}).touch()")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", ".:")
    for name in ("sendmail", "./sendmail"):
        with pytest.raises(Conflict, match="cannot be run"):
            deliver(MAIL, by([name]))
    assert not (tmp_path / "ran").exists()


def test_by_what_a_mail_leaves() -> None:
    assert way(by(["/usr/sbin/sendmail"])) == "sendmail"
    assert way(setting(25)) == "smtp:127.0.0.1"
    with pytest.raises(UsageError, match="no setting"):
        way(user.Mail())
