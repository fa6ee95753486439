"""Issues of Jira, as its REST search answers: ``{"issues": [...]}``, or one issue a line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from issuelog.intake import adf, exports
from issuelog.intake.exports import NOT_AN_OBJECT, Object
from issuelog.intake.incoming import Incoming, Rejected
from issuelog.intake.text import one_line

SEVERITIES = {
    **dict.fromkeys(("blocker", "critical", "highest"), "S1"),
    "high": "S2",
    **dict.fromkeys(("minor", "low", "lowest", "trivial"), "S4"),
}
"""Priorities that say how bad it is. `Major` and `Medium` are what nobody has chosen."""

_KEY = re.compile(r"[A-Z][A-Z0-9_]{0,99}-\d{1,15}", re.ASCII)
_SITE = re.compile(r"https?://[^\s?#]{1,500}?(?=/rest/api/)")
_GATEWAY = "/ex/jira/"
"""In the address of an interface that shows people nothing."""


def read(data: bytes, name: str) -> Iterator[Incoming | Rejected]:
    """The issues of a file."""
    for place, issue in exports.parse(data, name, "jira", wrapped_in="issues").items:
        try:
            yield _item(issue, place)
        except adf.NotText as error:
            yield Rejected(place, str(error))


def _item(issue: Any, place: str) -> Incoming | Rejected:
    if not isinstance(issue, dict):
        return Rejected(place, NOT_AN_OBJECT)
    fields = exports.part(issue, "fields")
    if not fields:
        return Rejected(place, "it has no fields: it is no issue as Jira's REST interface gives it")
    title, story = exports.text(fields, "summary"), _text(fields, "description")
    if not title.strip() and not story.strip():
        return Rejected(place, "it has neither a summary nor a description")
    reporter = exports.part(fields, "reporter") or exports.part(fields, "creator")
    return Incoming(
        **exports.words(title, story),
        channel="web",
        received_at=exports.time(fields, "created"),
        external_ref=_reference(issue),
        customer=exports.line(reporter, "displayName", "name"),
        contact=exports.contact(reporter, "emailAddress"),
        severity=SEVERITIES.get(exports.text(exports.part(fields, "priority"), "name").strip().lower()),
        component=next(iter(exports.names(fields, "components")), None),
        labels=exports.names(fields, "labels"),
        facts=exports.facts(
            product=exports.line(exports.part(fields, "project"), "name", "key"),
            # They stand in the order in which they came out: in the last of them it was there still.
            version=next(reversed(exports.names(fields, "versions")), None),
            described=one_line(_text(fields, "environment")) or None,
        ),
        place=place,
        left=tuple(name for one in exports.parts(fields, "attachment") if (name := exports.line(one, "filename"))),
    )


def _text(fields: Object, key: str) -> str:
    """A text of several lines: a document, or Jira's own markup, which stays as it was typed."""
    value = fields.get(key)
    return adf.to_text(value) if adf.is_document(value) else exports.text(fields, key)


def _reference(issue: Object) -> str | None:
    """The page of the issue; its key where the export does not say on which Jira it is."""
    key = exports.text(issue, "key")
    if not _KEY.fullmatch(key):
        return None
    site = _SITE.match(exports.text(issue, "self"))
    return f"{site[0]}/browse/{key}" if site and _GATEWAY not in site[0] else f"jira:{key}"
