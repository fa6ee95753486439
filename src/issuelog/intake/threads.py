"""Which report a mail belongs to: by the mails that it answers, or by the id in its subject."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

from issuelog.intake.incoming import Incoming, Letter
from issuelog.model import identifier
from issuelog.model.report import Customer
from issuelog.model.threading import report_of

T = TypeVar("T")

_LOOKED_AT = 1_000
"""Characters of a subject in which ids are looked for."""
_MOST_IDS = 10
_ID = re.compile(rf"(?<![A-Z0-9-])(?:{identifier.ID.pattern})(?![A-Z0-9-])", re.ASCII)
_ADDRESS = re.compile(r"[^\s<>(),;:\"@]{1,64}@[^\s<>(),;:\"@]{1,255}")
_TAG = re.compile(rf"[\[(]{_ID.pattern}[\])]:?|{_ID.pattern}:?", re.ASCII | re.IGNORECASE)
_REPLY = re.compile(r"\A(?:(?:re|aw|wg|fw|fwd|sv|vs|vb|antw|tr|rv|r|odp|回复|答复)(?:\[\d+\])?\s?[:：]\s*)+", re.I)
_FOR_EVERYBODY = frozenset(
    {
        *("aol.com", "fastmail.com", "free.fr", "gmail.com", "gmx.at", "gmx.ch", "gmx.com", "gmx.de", "gmx.net"),
        *("googlemail.com", "hotmail.com", "icloud.com", "live.com", "mac.com", "mail.com", "mail.ru", "me.com"),
        *("msn.com", "orange.fr", "outlook.com", "outlook.de", "pm.me", "posteo.de", "proton.me", "protonmail.com"),
        *("qq.com", "t-online.de", "web.de", "yahoo.co.uk", "yahoo.com", "yahoo.de", "yandex.ru", "ymail.com"),
        *("zoho.com", "163.com"),
    }
)
"""Domains where anybody has an address: sharing one of these says nothing."""


def answered(letter: Letter, known: Mapping[str, str], is_here: Callable[[str], bool]) -> list[str]:
    """The reports whose mails a mail answers, that of the nearest first. `known` are reports by their Message-IDs."""
    found = (_answered(reference, known) for reference in letter.references)
    return [report for report in dict.fromkeys(found) if report and is_here(report)]


def _answered(reference: str, known: Mapping[str, str]) -> str | None:
    ours = report_of(reference)
    return known.get(reference) or known.get(reference.strip("<>")) or (ours[0] if ours else None)


def in_subject(letter: Letter) -> list[str]:
    """The ids in a mail's subject."""
    found = _ID.findall(letter.subject[:_LOOKED_AT].upper())
    return [one for one in dict.fromkeys(found[:_MOST_IDS]) if identifier.is_report_id(one)]


def says_more(letter: Letter, title: str) -> bool:
    """Whether a subject says anything besides that it answers a report of this title."""
    subject, known = _bare(letter.subject), _bare(title)
    is_cut = known.endswith("…")
    return bool(subject) and not (subject.startswith(known[:-1]) if is_cut else subject == known)


def _bare(subject: str) -> str:
    """A subject without ids and the marks of an answer."""
    text = " ".join(_TAG.sub(" ", subject[:_LOOKED_AT]).split())
    return _REPLY.sub("", text, count=1).strip().casefold()


def addresses(*texts: str | None) -> set[str]:
    """The mail addresses in some contacts, in small letters."""
    return {found[0].lower() for text in texts for found in _ADDRESS.finditer(text or "")}


def is_from(contact: str | None, customer: Customer) -> bool:
    """Whether an address is the customer's, or a colleague's."""
    senders, known = addresses(contact), addresses(customer.contact, customer.second_contact)
    houses = {address.rpartition("@")[2] for address in known} - _FOR_EVERYBODY
    return any(sender in known or sender.rpartition("@")[2] in houses for sender in senders)


def in_order(waiting: Sequence[T], mail: Callable[[T], Incoming]) -> Iterator[T]:
    """Yield mails in the order in which they were written: by their dates, but an answer after what it answers."""
    by_name = {mail(one).external_ref: one for one in waiting}
    entered: set[int] = set()
    done: set[int] = set()

    def answers(one: T) -> Iterator[T]:
        letter = mail(one).letter
        named = (by_name.get(reference) for reference in (letter.references if letter else ()))
        yield from (other for other in named if other is not None and id(other) not in entered)

    def written(one: T) -> float:
        at = mail(one).received_at
        return at.timestamp() if at else float("inf")

    stack = sorted(waiting, key=written)[::-1]
    while stack:
        one = stack[-1]
        if id(one) not in entered:
            entered.add(id(one))
            stack += answers(one)
            continue
        stack.pop()
        if id(one) not in done:
            done.add(id(one))
            yield one
