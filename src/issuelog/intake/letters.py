"""Mails as parts of a conversation: which mails one answers, and whether a person has written it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from issuelog.intake.headers import parameter, references
from issuelog.intake.incoming import Automatic, IncomingFile, Letter

MAX_REFERENCES = 100
"""Mails that a mail is known to answer: a conversation of years has dozens; thousands are an attack."""

_FIRST_KEPT = 10
"""Of too many references the nearest say most, and then the first."""
_LOOKED_AT = 100_000
"""Characters of an enclosed mail in which its headers are looked for."""

_STATUS = frozenset({"message/delivery-status", "message/global-delivery-status"})
_RETURNED = frozenset({"message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers"})
_MARKS = ("x-autoreply", "x-autorespond", "x-auto-reply", "x-autoresponder")
_PRECEDENCES = frozenset({"auto_reply", "auto-reply", "bulk", "junk"})
_ITS_ID = re.compile(r"^(?:message-id|x-original-message-id):[ \t]*(?:\r?\n[ \t]+)?(<[^<>\n]{1,300}>)", re.I | re.M)
_ACTION = re.compile(r"^action:[ \t]*([a-z]+)", re.I | re.M)

Header = Callable[[str], str]
"""Returns a header of a mail, empty where there is none."""


def read(
    header: Header, media_type: str, subject: str, text: str, files: Sequence[IncomingFile], contact: str
) -> Letter:
    """The mail as a part of a conversation."""
    automatic = _automatic(header, media_type, files, contact)
    found = [*references(header("in-reply-to")), *reversed(references(header("references")))]
    if automatic:
        found += _returned(text, files)
    named = list(dict.fromkeys(found))
    if len(named) > MAX_REFERENCES:
        named = named[: MAX_REFERENCES - _FIRST_KEPT] + named[-_FIRST_KEPT:]
    return Letter(subject, text, tuple(named), automatic)


def _automatic(header: Header, media_type: str, files: Sequence[IncomingFile], contact: str) -> Automatic | None:
    """What kind of machine has sent it, None where it was a person."""
    is_report = media_type == "multipart/report"
    if is_report and parameter(header("content-type"), "report-type").lower() == "delivery-status":
        return "bounce" if _has_failed(files) else "auto_reply"
    if header("x-failed-recipients") or contact.lower().startswith("mailer-daemon@"):
        return "bounce"
    submitted = header("auto-submitted").partition(";")[0].strip().lower()
    signs = (
        is_report,
        submitted not in {"", "no"},
        any(header(name).strip().lower() not in {"", "no"} for name in _MARKS),
        header("precedence").strip().lower() in _PRECEDENCES,
        header("return-path").strip() == "<>",
    )
    return "auto_reply" if any(signs) else None


def _has_failed(files: Sequence[IncomingFile]) -> bool:
    """Whether a message did not arrive; some reports say that it is late, or that it has arrived."""
    told = [_ACTION.findall(_beginning(file)) for file in files if file.media_type in _STATUS]
    actions = {action.lower() for found in told for action in found}
    return not actions or "failed" in actions


def _returned(text: str, files: Sequence[IncomingFile]) -> Iterator[str]:
    """Yield what the message is called that a machine answers, as the mail that comes back has it."""
    for content in (*(_beginning(file) for file in files if file.media_type in _RETURNED), text[:_LOOKED_AT]):
        if found := _ITS_ID.search(content):
            yield found[1]


def _beginning(file: IncomingFile) -> str:
    return file.content[:_LOOKED_AT].decode("utf-8", "replace")
