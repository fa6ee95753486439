"""Handing a mail to what the user has for that: a program such as `sendmail`, or a server."""

from __future__ import annotations

import smtplib
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING

from issuelog.customer.mail import Mail
from issuelog.errors import Conflict, Refused, UsageError
from issuelog.model.text import one_line

if TYPE_CHECKING:
    from issuelog.model import user

TIMEOUT = 30
"""Seconds that a server may take for each answer, and a program for all it does."""

_SAID = 300
_MOST_READ = 64_000
_MOST_LINES = 1_000
_AGAIN = "try again: a mail keeps its Message-ID, so that one that went out twice is shown once"
# No program of the folder that the user stands in, which may be a stranger's repository, is found by a relative path.
_FOLDER = "/"


def way(setting: user.Mail) -> str:
    """Return by what a mail leaves: `sendmail`, or `smtp:HOST`; raises UsageError where nothing is set."""
    if setting.sendmail:
        return "sendmail"
    if setting.smtp:
        return f"smtp:{setting.smtp.host}"
    raise UsageError("no setting of yours says how a mail is sent")


def deliver(mail: Mail, setting: user.Mail) -> None:
    """Hand a mail over; raises Conflict with the words of the program or the server where it was not taken."""
    if setting.sendmail:
        _run(setting.sendmail, mail.as_input())
    elif setting.smtp:
        _submit(mail, setting.smtp)


@dataclass(frozen=True)
class Mark:
    """A file that is there while a mail is perhaps sent and not recorded: it outlives a process that is killed."""

    path: Path

    def require_none(self, *, again: bool) -> None:
        """Raise Refused where the mail may be sent already, unless that is meant."""
        if self.path.exists() and not again:
            raise Refused(
                "it was handed over once, and ended before it was recorded: the customer may have it",
                hint="--again   sends it once more; a mail keeps its Message-ID, so that it is shown once",
            )

    @contextmanager
    def during(self) -> Iterator[None]:
        """Put it there; it stays, unless the mail was not taken."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.touch()
        try:
            yield
        except Conflict:
            self.remove()
            raise

    def remove(self) -> None:
        """Take it away: the mail is recorded, or was not taken."""
        self.path.unlink(missing_ok=True)


class _Answers:
    """What a server says, line by line, and not without end."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._left = file, _MOST_LINES

    def readline(self, limit: int) -> bytes:
        self._left -= 1
        if self._left < 0:
            raise OSError("it talks without end")
        return self._file.readline(limit)

    def close(self) -> None:
        self._file.close()


class _Client(smtplib.SMTP):
    def getreply(self) -> tuple[int, bytes]:
        if self.file is None and self.sock:  # the library takes any number of lines for one answer
            self.file = _Answers(self.sock.makefile("rb"))
        return super().getreply()


class _SecureClient(_Client, smtplib.SMTP_SSL):
    pass


def _submit(mail: Mail, server: user.Smtp) -> None:
    password = _password(server.password_command) if server.password_command else ""
    connection: smtplib.SMTP | None = None
    try:
        connection = _connected(server)
        if server.user:
            connection.login(server.user, password)
        connection.sendmail(mail.sender.mail, [mail.recipient.mail], mail.as_file())
    except (smtplib.SMTPException, OSError, ValueError) as error:
        raise _not_sent(f"{server.host} did not take the mail", _words(error)) from None
    finally:
        if connection:
            # The mail is taken by now, or refused: how they part changes nothing of that.
            with suppress(smtplib.SMTPException, OSError):
                connection.quit()
            connection.close()


def _connected(server: user.Smtp) -> smtplib.SMTP:
    if server.security == "tls":
        return _SecureClient(server.host, server.at, timeout=TIMEOUT, context=ssl.create_default_context())
    connection = _Client(server.host, server.at, timeout=TIMEOUT)
    try:
        if server.security == "starttls":
            connection.starttls(context=ssl.create_default_context())
    except BaseException:
        connection.close()
        raise
    return connection


def _password(command: list[str]) -> str:
    """Return what the user's command prints, to the end of its first line."""
    lines = _run(command, b"").decode("utf-8", "replace").splitlines()
    if not lines or not lines[0]:
        raise _not_sent(f"{command[0]} printed no password", "")
    return lines[0]


def _run(command: list[str], given: bytes) -> bytes:
    # Into files: a program that goes on by itself in the background would keep a pipe open, and us waiting.
    with TemporaryFile() as printed, TemporaryFile() as complained:
        code = _ended(command, given, printed, complained)
        texts = [_read(complained), _read(printed)]
    if code:
        raise _not_sent(f"{command[0]} ended with {code}", (texts[0] or texts[1]).decode("utf-8", "replace"))
    return texts[1]


def _read(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read(_MOST_READ)


def _ended(command: list[str], given: bytes, printed: IO[bytes], complained: IO[bytes]) -> int:
    """Return how a program ended that got this."""
    try:
        done = subprocess.run(
            command, input=given, stdout=printed, stderr=complained, timeout=TIMEOUT, cwd=_FOLDER, check=False
        )
    except subprocess.TimeoutExpired:
        raise _not_sent(f"{command[0]} did not end within {TIMEOUT} s", "") from None
    except (OSError, ValueError) as error:
        raise _not_sent(f"{command[0]} cannot be run", getattr(error, "strerror", None) or str(error)) from None
    return done.returncode


def _not_sent(what: str, words: str) -> Conflict:
    said = one_line(words, _SAID)
    return Conflict(f"{what}{': ' if said else ''}{said}; nothing was recorded", hint=_AGAIN)


def _words(error: Exception) -> str:
    """Return what a server said; of an answer only its text, of anything else what Python says."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, said = next(iter(error.recipients.values()))
        return f"{code} {_text(said)}"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_text(error.smtp_error)}"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate does not hold: {error.verify_message}"
    if isinstance(error, OSError) and not isinstance(error, smtplib.SMTPException):
        return error.strerror or str(error)
    return str(error)


def _text(said: bytes | str) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else said
