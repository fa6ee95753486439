"""Bugs of Bugzilla, as ``/rest/bug`` answers: ``{"bugs": [...]}``, or one bug a line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from issuelog.intake import exports
from issuelog.intake.exports import NOT_AN_OBJECT, Object
from issuelog.intake.incoming import Incoming, Rejected

SEVERITIES = {
    **dict.fromkeys(("s1", "blocker", "critical"), "S1"),
    **dict.fromkeys(("s2", "major"), "S2"),
    "s3": "S3",
    **dict.fromkeys(("s4", "minor", "trivial"), "S4"),
}
"""What says how bad it is. `normal` is what nobody has chosen, and a priority is the order of our work."""

_NOT_OF_INTEREST = ("is_private", "is_obsolete", "is_patch")
_SAYS_NOTHING = frozenset({"all", "other", "unspecified", "unknown", "---"})


def read(data: bytes, name: str) -> Iterator[Incoming | Rejected]:
    """The bugs of a file."""
    for place, bug in exports.parse(data, name, "bugzilla", wrapped_in="bugs").items:
        reason = _reason_against(bug)
        yield Rejected(place, reason) if reason else _incoming(bug, place)


def _reason_against(bug: Any) -> str | None:
    if not isinstance(bug, dict):
        return NOT_AN_OBJECT
    if not exports.text(bug, "summary").strip() and not _description(bug).strip():
        return "it has neither a summary nor a description that is public"
    return None


def _incoming(bug: Object, place: str) -> Incoming:
    number = exports.digits(bug, "id")
    creator = exports.part(bug, "creator_detail")
    address = exports.contact(creator, "email") or exports.contact(bug, "creator")
    files = [one for one in exports.parts(bug, "attachments") if not any(_is(one, mark) for mark in _NOT_OF_INTEREST)]
    return Incoming(
        **exports.words(exports.text(bug, "summary"), _description(bug)),
        channel="web",
        received_at=exports.time(bug, "creation_time"),
        external_ref=f"bugzilla:{number}" if number else None,
        customer=exports.line(creator, "real_name") or exports.line(creator, "nick", "name"),
        contact=address if address and "@" in address else None,
        severity=SEVERITIES.get(exports.text(bug, "severity").strip().lower()),
        component=_telling(bug, "component"),
        labels=exports.names(bug, "keywords"),
        facts=exports.facts(
            product=_telling(bug, "product"),
            version=_telling(bug, "version"),
            os=_telling(bug, "op_sys"),
            platform=_telling(bug, "platform", "rep_platform"),
        ),
        place=place,
        left=tuple(name for one in files if (name := exports.line(one, "file_name"))),
    )


def _description(bug: Object) -> str:
    """What the first comment says, which is the reporter's own; nothing where only our people may read it."""
    first = next((one for one in exports.parts(bug, "comments") if exports.digits(one, "count") in {"0", None}), {})
    if _is(first, "is_private"):
        return ""
    return exports.text(bug, "description") or exports.text(first, "raw_text", "text")


def _telling(bug: Object, *keys: str) -> str | None:
    """A value that somebody has chosen."""
    found = exports.line(bug, *keys)
    return found if found and found.lower() not in _SAYS_NOTHING else None


def _is(item: Object, key: str) -> bool:
    """Whether something is so, as JSON says it or as the database has it."""
    return item.get(key) not in (None, False, "", "0", "false")
