"""Handing a mail to what the user has for that: a program such as `sendmail`, or a server."""

from __future__ import annotations

import smtplib
import ssl
import subprocess
from contextlib import suppress
from typing import TYPE_CHECKING

from issuelog.customer.mail import Mail
from issuelog.errors import Conflict, UsageError
from issuelog.model.text import one_line

if TYPE_CHECKING:
    from issuelog.model import user

TIMEOUT = 30
"""Seconds that a server may take for each answer, and a program for all it does."""

_SAID = 300
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
        return smtplib.SMTP_SSL(server.host, server.at, timeout=TIMEOUT, context=ssl.create_default_context())
    connection = smtplib.SMTP(server.host, server.at, timeout=TIMEOUT)
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
    try:
        done = subprocess.run(command, input=given, capture_output=True, timeout=TIMEOUT, cwd=_FOLDER, check=False)
    except subprocess.TimeoutExpired:
        raise _not_sent(f"{command[0]} did not end within {TIMEOUT} s", "") from None
    except (OSError, ValueError) as error:
        raise _not_sent(f"{command[0]} cannot be run", getattr(error, "strerror", None) or str(error)) from None
    if done.returncode:
        said = (done.stderr or done.stdout).decode("utf-8", "replace")
        raise _not_sent(f"{command[0]} ended with {done.returncode}", said)
    return done.stdout


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
