"""A real mail server on this machine, with a certificate of its own where it is to have one."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

HOST = "127.0.0.1"
LOGIN = LoginPassword(b"kim", b"open sesame")


@dataclass
class Server:
    """What a server was given; `answer` is what it says of a mail, `refused` of everybody that one is for."""

    port: int
    answer: str = "250 taken"
    refused: str = ""
    mails: list[tuple[str, list[str], bytes]] = field(default_factory=list)
    logins: list[bytes] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.refused:
            return self.refused
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert envelope.mail_from is not None
        assert isinstance(envelope.content, bytes)
        if self.answer.startswith("250"):
            self.mails.append((envelope.mail_from, list(envelope.rcpt_tos), envelope.content))
        return self.answer

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, login: LoginPassword
    ) -> AuthResult:
        self.logins.append(login.password)
        return AuthResult(success=login == LOGIN, handled=login == LOGIN)


class _Controller(Controller):
    """Listens on a port that the machine has chosen."""

    def __init__(self, listening: socket.socket, **settings: Any) -> None:
        super().__init__(hostname=HOST, port=listening.getsockname()[1], server_hostname="mail.example", **settings)
        self._listening = listening

    def _create_server(self) -> Awaitable[Any]:
        return self.loop.create_server(self._factory_invoker, sock=self._listening, ssl=self.ssl_context)


@contextmanager
def serving(security: str = "none", certificate: Path | None = None, *, login: bool = False) -> Iterator[Server]:
    """Serve for as long as the block runs."""
    context = None
    if certificate:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)
    with socket.create_server((HOST, 0)) as listening:
        server = Server(listening.getsockname()[1])
        settings: dict[str, Any] = {"handler": server}
        if security == "tls":
            settings |= {"ssl_context": context}
        if security == "starttls":
            settings |= {"tls_context": context, "require_starttls": True}
        if login:
            # Of a connection that is secured from its beginning aiosmtpd does not know that it is.
            within = security == "tls"
            settings |= {
                "authenticator": server.authenticate,
                "auth_required": not within,
                "auth_require_tls": not within,
            }
        controller = _Controller(listening, **settings)
        controller.start()
        try:
            yield server
        finally:
            controller.stop()


def certificate(folder: Path) -> Path:
    """Return a file with a new key and a certificate for this machine that it signed itself."""
    program = shutil.which("openssl")
    if not program:
        pytest.skip("openssl is not installed")
    path = folder / "certificate.pem"
    options = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=mail.example"
    names = ["-addext", f"subjectAltName=IP:{HOST}"]
    subprocess.run(
        [program, *options.split(), *names, "-keyout", str(path), "-out", str(folder / "public.pem")],
        check=True,
        capture_output=True,
    )
    path.write_bytes(path.read_bytes() + (folder / "public.pem").read_bytes())
    return path
