"""How a person of ours is written: `Kim Lee <kim@example.com>`, or only the name, or only the mail address."""

from __future__ import annotations

import re

_IN_FULL = re.compile(r"[^<>\x00-\x1f\x7f]+ <[^<>\s\x00-\x1f\x7f]+>")
_MAIL = re.compile(r"(?:.*<)?([^<>\s]+@[^<>\s]+)>?\s*")


def is_in_full(who: str) -> bool:
    """Whether it is a name with a mail address."""
    return _IN_FULL.fullmatch(who) is not None


def is_same(one: str, other: str) -> bool:
    """Whether both mean the same person: by the mail addresses, else by the names. Capitals do not matter."""
    mails = [_MAIL.fullmatch(who) for who in (one, other)]
    if all(mails):
        return len({found[1].casefold() for found in mails if found}) == 1
    return len({who.partition("<")[0].strip().casefold() for who in (one, other)}) == 1
