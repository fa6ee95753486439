"""GitHub issues: what the REST API answers, and what ``gh issue list --json`` prints."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from issuelog.intake import exports
from issuelog.intake.exports import NOT_AN_OBJECT, Object
from issuelog.intake.incoming import Incoming, Rejected

_PULL_REQUEST = "it is a pull request, not an issue"


def read(data: bytes, name: str) -> Iterator[Incoming | Rejected]:
    """The issues of an array, of a single object, or of objects one after the other (one a line)."""
    for place, item in exports.parse(data, name, "github").items:
        reason = _reason_against(item)
        if reason:
            yield Rejected(place, reason, expected=reason == _PULL_REQUEST)
        else:
            yield _incoming(item, place)


def _reason_against(item: Any) -> str | None:
    if not isinstance(item, dict):
        return NOT_AN_OBJECT
    if item.get("pull_request") is not None:
        return _PULL_REQUEST
    if not exports.text(item, "title").strip() and not exports.text(item, "body").strip():
        return "it has neither a title nor a body"
    return None


def _incoming(issue: Object, place: str) -> Incoming:
    user = exports.part(issue, "user") or exports.part(issue, "author")
    return Incoming(
        **exports.words(exports.text(issue, "title"), exports.text(issue, "body")),
        channel="web",
        received_at=exports.time(issue, "created_at", "createdAt"),
        external_ref=exports.line(issue, "html_url", "url"),
        customer=exports.line(user, "login"),
        contact=_profile(user),
        labels=exports.names(issue, "labels"),
        place=place,
    )


def _profile(user: Object) -> str | None:
    """The page of the user; `url` alone may be the API's, which shows people nothing."""
    page = exports.contact(user, "html_url", "url")
    return page if page and "/users/" not in page else None
