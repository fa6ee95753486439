"""Tickets of Zendesk: ``{"tickets": [...], "users": [...]}`` of its interface, or its export of one ticket a line.

An internal note is no word of the customer's, and no word to the customer: it is never read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from issuelog.intake import exports
from issuelog.intake.exports import NOT_AN_OBJECT, Object
from issuelog.intake.incoming import Incoming, Rejected

SEVERITIES = {"urgent": "S1", "high": "S2", "normal": "S3", "low": "S4"}
"""Zendesk's own clocks run by the priority, and a ticket has none until somebody chooses it."""

CHANNELS = {
    "email": "email",
    **dict.fromkeys(("voice", "phone", "phone_call_inbound", "phone_call_outbound", "voicemail"), "phone"),
    **dict.fromkeys(("chat", "chat_transcript", "messaging", "native_messaging", "sms", "whatsapp", "line"), "chat"),
    **dict.fromkeys(("facebook", "instagram_dm", "twitter", "twitter_dm", "x_corp", "any_channel"), "social"),
    "api": "api",
    "monitoring_event": "monitoring",
}
"""What is not here came by a form on a page."""

_DELETED = "it was deleted in Zendesk"
_PAGE = re.compile(r"(https?://[^\s/?#]{1,300})/api/v2/tickets/(\d{1,30})(?:\.json)?", re.ASCII)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*", re.ASCII)


def read(data: bytes, name: str) -> Iterator[Incoming | Rejected]:
    """The tickets of a file."""
    export = exports.parse(data, name, "zendesk", wrapped_in="tickets")
    users = {
        number: user
        for wrapper in export.wrappers
        for user in exports.parts(wrapper, "users")
        if (number := exports.digits(user, "id"))
    }
    for place, ticket in export.items:
        yield _item(ticket, place, users)


def _item(ticket: Any, place: str, users: Mapping[str, Object]) -> Incoming | Rejected:
    if not isinstance(ticket, dict):
        return Rejected(place, NOT_AN_OBJECT)
    if exports.text(ticket, "status").lower() == "deleted":
        return Rejected(place, _DELETED, expected=True)
    comments = sorted(exports.parts(ticket, "comments"), key=_written)
    title, story = exports.text(ticket, "raw_subject", "subject"), _story(ticket, comments)
    if not title.strip() and not story.strip():
        return Rejected(place, "it has neither a subject nor a description that is public")
    requester = exports.part(ticket, "requester") or users.get(exports.digits(ticket, "requester_id") or "", {})
    via = exports.part(ticket, "via")
    origin = exports.part(exports.part(via, "source"), "from")
    language = exports.line(requester, "locale")
    return Incoming(
        **exports.words(title, story),
        channel=CHANNELS.get(exports.text(via, "channel").lower(), "web"),
        received_at=exports.time(ticket, "created_at"),
        external_ref=_reference(ticket),
        customer=exports.line(requester, "name") or exports.line(origin, "name"),
        contact=exports.contact(requester, "email", "phone") or exports.contact(origin, "address", "phone"),
        language=language if language and _LANGUAGE.fullmatch(language) else None,
        severity=SEVERITIES.get(exports.text(ticket, "priority").strip().lower()),
        labels=exports.names(ticket, "tags"),
        place=place,
        left=tuple(_file_names(comments)),
    )


def _written(comment: Object) -> datetime:
    return exports.time(comment, "created_at") or datetime.max.replace(tzinfo=UTC)


def _story(ticket: Object, comments: Sequence[Object]) -> str:
    """What the customer has written first; nothing where all that is known was written for our own people."""
    author = exports.digits(ticket, "requester_id") or exports.digits(exports.part(ticket, "requester"), "id")
    for comment in comments:
        if author and comment.get("public") is True and exports.digits(comment, "author_id") == author:
            return exports.text(comment, "plain_body", "body")
    # The description is the first comment, whoever may read it.
    is_internal = ticket.get("is_public") is False or (bool(comments) and comments[0].get("public") is not True)
    return "" if is_internal else exports.text(ticket, "description")


def _file_names(comments: Sequence[Object]) -> Iterator[str]:
    for comment in comments:
        if comment.get("public") is True:
            for one in exports.parts(comment, "attachments"):
                if name := exports.line(one, "file_name"):
                    yield name


def _reference(ticket: Object) -> str | None:
    """The page of the ticket; its number where the export does not say whose Zendesk it is."""
    page = _PAGE.fullmatch(exports.text(ticket, "url"))
    if page:
        return f"{page[1]}/agent/tickets/{page[2]}"
    number = exports.digits(ticket, "id")
    return f"zendesk:{number}" if number else None
