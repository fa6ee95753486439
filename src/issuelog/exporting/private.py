"""A report for other eyes: without who the customer is, and without what is between the customer and us."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from issuelog.exporting.gathered import Facts
from issuelog.model.naming import MAIL, PHONE, names_of, spelled
from issuelog.model.report import Report

THE_CUSTOMER, ADDRESS, TELEPHONE = "[the customer]", "[mail address]", "[telephone number]"
_LEFT_OUT = frozenset({"customer", "compensation", "legal", "external_ref", "story_sha256", "story_redacted_sha256"})
_NO_TEXT = frozenset(
    {"id", "also_known_as", "state", "severity", "sha256", "original_sha256", "channel", "direction", "outcome"}
)
"""Keys whose values are none of anybody's words."""
_OF_A_PERSON = re.compile(rf"(?<=\S) *<{MAIL.pattern}>")
_KINDS_OF_EVENTS = frozenset({"compensate", "legal"})


def without_customer(facts: Facts, report: Report) -> Facts:
    """Return the same with the customer left out; in every text names, addresses and telephone numbers are replaced."""
    names = sorted({name for _, name in names_of(report)}, key=lambda name: (-len(name), name))
    patterns = [(spelled(name), THE_CUSTOMER) for name in names if name.strip()]
    patterns += [(_OF_A_PERSON, ""), (MAIL, ADDRESS), (PHONE, TELEPHONE)]

    def masked(text: str) -> str:
        for pattern, instead in patterns:
            text = pattern.sub(instead, text)
        return text

    known: Facts = _without(facts, masked)
    for attachment in known["report"].get("attachments", ()):
        del attachment["file"]
    for name in ("timeline", "history"):
        known[name] = [row for row in known[name] if row["action"] not in _KINDS_OF_EVENTS]
    known["report"]["events"] = [one for one in known["report"]["events"] if one["action"] not in _KINDS_OF_EVENTS]
    known["missing"] = [fact for fact in known["missing"] if "issuelog compensate " not in fact["command"]]
    return known | {"without_customer": True}


def _without(value: Any, masked: Callable[[str], str], key: str = "") -> Any:
    if isinstance(value, Mapping):
        kept = ((name, part) for name, part in value.items() if name not in _LEFT_OUT)
        return {masked(name): _without(part, masked, name) for name, part in kept}
    if isinstance(value, list):
        return [_without(part, masked, key) for part in value]
    return masked(value) if isinstance(value, str) and key not in _NO_TEXT else value
