"""A mail of a message to the customer. What is in a report is hostile: none of it gets out of its place in a mail."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from email.charset import QP, Charset
from email.header import Header
from email.message import Message as PlainMessage
from email.policy import compat32
from email.utils import format_datetime
from itertools import chain
from typing import NamedTuple

from issuelog.customer.occasion import message_of
from issuelog.errors import Missing, NotFound, Refused, UsageError
from issuelog.model.history import AUTOMATIC
from issuelog.model.report import Channel, Message, Report
from issuelog.model.text import one_line, visible
from issuelog.model.threading import MESSAGE_ID, NO_DOMAIN, domain_of, message_id
from issuelog.model.times import iso

MAX_NAME = 100
"""Characters of a name in a header."""
MAX_REFERENCES = 20
"""Ids in `References`: the first, which names the thread, and the newest."""

# Characters of an address, and of what stands before its @ (RFC 5321): else a line of the header has no limit.
_MAX_LOCAL, _MAX_MAIL = 64, 254
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_MAIL = rf"{_ATOM}(?:\.{_ATOM})*@[^\s@<>()\[\],;:\"\\]+"
_NAMED = re.compile(rf"(?P<name>[^<>]*)<(?P<mail>{_MAIL})>|(?P<bare>{_MAIL})")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_DOT_ALONE = re.compile(r"^\.$", re.M)
_PLAIN_NAME = re.compile(r"[A-Za-z0-9 '-]{1,60}")
_PLAIN_SUBJECT = re.compile(r"(?!.*=\?)[ -~]{1,200}")


class Address(NamedTuple):
    """An address of one person, with the name that is shown; '' for none."""

    name: str
    mail: str

    def __str__(self) -> str:
        return f"{self.name} <{self.mail}>" if self.name else self.mail


@dataclass(frozen=True)
class Mail:
    """A mail, nothing of it encoded: what is `id` for it is `answered` and `thread` for those that come after it."""

    sender: Address
    recipient: Address
    subject: str
    at: datetime
    id: str
    answered: str
    thread: tuple[str, ...]
    text: str

    def as_file(self) -> bytes:
        """Return the mail as it stands in a file, and as a server takes it."""
        return self._encoded("\r\n")

    def as_input(self) -> bytes:
        """Return the mail as a program takes it on standard input: with the line ends of the machine."""
        return self._encoded("\n")

    def as_read(self) -> str:
        """Return the mail as a person reads it."""
        return f"From: {self.sender}\nTo: {self.recipient}\nSubject: {self.subject}\n\n{self.text}"

    def _encoded(self, linesep: str) -> bytes:
        # Not the library's newer API: it reads what it is given as a header, and breaks long names and ids in folding.
        made = PlainMessage(policy=compat32.clone(linesep=linesep, mangle_from_=False))
        made["From"] = _addressed("From", self.sender)
        made["To"] = _addressed("To", self.recipient)
        made["Subject"] = _words("Subject", self.subject, _PLAIN_SUBJECT)
        made["Date"] = format_datetime(self.at)
        made["Message-ID"] = self.id
        if self.answered:
            made["In-Reply-To"] = self.answered
        if self.thread:
            made["References"] = " ".join(self.thread)
        charset = Charset("utf-8")
        charset.body_encoding = QP
        made.set_payload(self.text, charset)
        # Some programs take a dot alone for the end of the mail, unless they are told not to.
        made.set_payload(_DOT_ALONE.sub("=2E", str(made.get_payload())))
        return made.as_bytes()


def _addressed(header: str, address: Address) -> str:
    return f"{_words(header, address.name, _PLAIN_NAME)} <{address.mail}>" if address.name else address.mail


def _words(header: str, text: str, plain: re.Pattern[str]) -> str:
    """Return a text as it stands in a header: encoded, unless nothing in it can be taken for anything else."""
    return text if plain.fullmatch(text) else Header(text, "utf-8", header_name=header).encode(linesep="")


def mail_of(report: Report, message: Message, sender: str, hide: Callable[[str], str]) -> Mail:
    """Return the mail by which a message goes to the customer.

    `sender` is written as `Name <mail>`; `hide` takes the secrets out of the title, which becomes the subject.
    It is called the same each time, and names the customer's mail that it answers. Raises Refused where we know no
    mail address of the customer's, or the message is no mail of ours.
    """
    require_outgoing(report, message)
    answered = _answered(report, message)
    thread = [*dict.fromkeys(one for one in _thread(report, message, sender) if one != answered), *answered.split()]
    return Mail(
        sender=_sender(sender),
        recipient=recipient(report),
        subject=f"[{report.id}] {one_line(hide(report.title))}",
        at=message.at,
        id=mail_id(report, message, sender),
        answered=answered,
        thread=(*thread[:1], *thread[1:][1 - MAX_REFERENCES :]),
        text=_CONTROL.sub(lambda found: visible(found[0]), message.text).rstrip("\n") + "\n",
    )


def to_send(report: Report, item_id: str | None, *, again: bool = False) -> Message:
    """Return the message that is to be sent: the one that is named, else our newest mail, unless it is sent.

    Raises NotFound where there is none of that name, Refused where it is no mail of ours, or is sent and not meant
    `again`.
    """
    if item_id is None:
        waiting = [one for one in report.messages if _is_ours(one) and one.sent_at is None]
        if not waiting:
            raise Refused(f"no mail of {report.id} waits to be sent", hint=f"issuelog message show {report.id}")
        newest = newest_of_ours(report)
        if newest.sent_at:  # what is older may have gone another way, and has promises in it that have passed
            raise Refused(
                f"{newest.id}, the newest mail of {report.id}, was sent on {iso(newest.sent_at)}",
                hint=f"issuelog message send {report.id} {waiting[-1].id}   sends an older one",
            )
        return newest
    message = message_of(report, item_id)
    require_outgoing(report, message)
    if message.sent_at and not again:
        raise Refused(
            f"{message.id} of {report.id} was sent on {iso(message.sent_at)}", hint="--again   sends it once more"
        )
    return message


def newest_of_ours(report: Report) -> Message:
    """Return our newest mail; raises NotFound."""
    ours = [one for one in report.messages if _is_ours(one)]
    if not ours:
        raise NotFound(f"{report.id} has no mail of ours")
    return ours[-1]


def require_outgoing(report: Report, message: Message) -> None:
    """Raise Refused where a message is not one that we send by mail."""
    if message.direction != "out":
        raise Refused(f"{message.id} of {report.id} is what the customer wrote to us")
    if message.channel is not Channel.EMAIL:
        raise Refused(
            f"{message.id} of {report.id} went by {message.channel}, not by mail",
            hint="--channel email   on the command that records a message makes it one to be sent",
        )


def _is_ours(message: Message) -> bool:
    return message.direction == "out" and message.channel is Channel.EMAIL


def mail_id(report: Report, message: Message, sender: str) -> str:
    """Return the Message-ID under which a message of ours goes, or has gone, to the customer."""
    known = message.external_ref or ""
    return known if MESSAGE_ID.fullmatch(known) else message_id(report.id, message.id, sender)


def recipient(report: Report) -> Address:
    """Return the customer's address; raises Refused where we know none."""
    contact = report.customer.contact or ""
    found = _address(contact, report.customer.name or "")
    if found:
        return found
    fact = f"the contact {contact!r} is no mail address" if contact else "we know no mail address of the customer's"
    command = f"issuelog set {report.id} customer.contact=NAME@DOMAIN"
    raise Refused(f"there is nobody to send a mail about {report.id} to", [Missing("contact", fact, command)])


def _sender(sender: str) -> Address:
    found = _address(sender, "")
    if found is None:
        raise UsageError(
            f"{sender!r} is no mail address to send from", hint="mail.from: NAME <MAIL>   in your settings"
        )
    return found


def _address(text: str, name: str) -> Address | None:
    """Return an address, written as `mail` or `Name <mail>`, with `name` where it has none of its own."""
    found = _NAMED.fullmatch(text.strip())
    if not found:
        return None
    mail = found["mail"] or found["bare"]
    local, domain = mail.rpartition("@")[0], domain_of(mail)
    if domain == NO_DOMAIN or len(local) > _MAX_LOCAL or len(local) + 1 + len(domain) > _MAX_MAIL:
        return None
    shown = one_line((found["name"] or "").strip('" ') or name, MAX_NAME)
    return Address(shown, f"{local}@{domain}")


def _answered(report: Report, message: Message) -> str:
    """Return the id of the newest mail of the customer's before a message; '' where there was none."""
    theirs = [report.source.external_ref]
    theirs += [one.external_ref for one in _before(report, message) if one.direction == "in"]
    return next((ref for ref in reversed(theirs) if ref and MESSAGE_ID.fullmatch(ref)), "")


def _thread(report: Report, message: Message, sender: str) -> Iterator[str]:
    """Yield the ids of the mails before a message, both sides', in order."""
    theirs = (report.source.external_ref or "",)
    both = (
        mail_id(report, one, sender) if _is_ours(one) else one.external_ref or "" for one in _before(report, message)
    )
    return (ref for ref in chain(theirs, both) if MESSAGE_ID.fullmatch(ref))


def _before(report: Report, message: Message) -> list[Message]:
    """Return what people wrote before a message; what a machine answered is no part of the conversation."""
    ids = [one.id for one in report.messages]
    earlier = report.messages[: ids.index(message.id)] if message.id in ids else report.messages
    return [one for one in earlier if one.kind not in AUTOMATIC]
