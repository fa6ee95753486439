"""What mails to a customer are called, so that the mail that answers one names the report and the message."""

from __future__ import annotations

import hashlib
import re
from email.utils import parseaddr

from issuelog.model.identifier import is_report_id

MESSAGE_ID = re.compile(r"<[^<>@\s\x00-\x1f\x7f]{1,200}@[^<>@\s\x00-\x1f\x7f]{1,200}>", re.ASCII)
"""The form of a mail's Message-ID, as `In-Reply-To` and `References` name it."""

# Only what every mail system leaves as it is; an id that a hand made, with dots or small letters, goes as hexadecimals.
_PLAIN = re.compile(r"[A-Z][A-Z0-9_-]*", re.ASCII)
_OURS = re.compile(r"<([a-z0-9-]+)\.(?:0x((?:[0-9a-f]{2})+)|([a-z][a-z0-9_-]*))\.([0-9a-f]{12})@([^<>@\s]+)>", re.ASCII)
_DOMAIN = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)*", re.ASCII)
NO_DOMAIN = "issuelog.invalid"
"""The domain of an address that has none that a header may have."""


def message_id(report_id: str, item_id: str, sender: str) -> str:
    """Return the Message-ID of the mail of a report's message; the same each time, and of the sender's domain."""
    domain = domain_of(sender)
    item = item_id.lower() if _PLAIN.fullmatch(item_id) else f"0x{item_id.encode().hex()}"
    return f"<{report_id.lower()}.{item}.{_seal(report_id, item_id, domain)}@{domain}>"


def report_of(mail_id: str) -> tuple[str, str] | None:
    """Return the ids of the report and the message that a Message-ID of ours names; None for any other.

    It is recognised by a checksum, not a secret: a customer can make one up, and of any report.
    """
    found = _OURS.fullmatch(mail_id.strip().lower())
    if not found:
        return None
    report_id = found[1].upper()
    item_id = bytes.fromhex(found[2]).decode("utf-8", "replace") if found[2] else found[3].upper()
    ours = is_report_id(report_id) and found[4] == _seal(report_id, item_id, found[5])
    return (report_id, item_id) if ours else None


def domain_of(sender: str) -> str:
    """Return the domain of a mail address, as a header may have it."""
    domain = parseaddr(sender)[1].rpartition("@")[2].strip(".").lower()
    try:
        domain = domain.encode("idna").decode("ascii")
    except UnicodeError:
        return NO_DOMAIN
    return domain if _DOMAIN.fullmatch(domain) else NO_DOMAIN


def _seal(report_id: str, item_id: str, domain: str) -> str:
    return hashlib.sha256(f"issuelog\0{report_id}\0{item_id}\0{domain}".encode()).hexdigest()[:12]
