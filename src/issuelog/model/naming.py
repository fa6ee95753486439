"""What a customer is called, and where it stands in a text: what is kept from other eyes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from issuelog.model.report import Report
from issuelog.model.text import fold

MAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}")
PHONE = re.compile(r"(?<!\w)\+\d[\d ()/-]{6,20}\d(?!\w)")
_LEGAL_FORMS = frozenset(
    {"ab", "ag", "aps", "as", "bv", "co", "company", "corp", "corporation", "eg", "ek", "ev", "gbr", "gmbh", "group"}
    | {"holding", "inc", "incorporated", "kg", "kgaa", "limited", "llc", "llp", "ltd", "mbh", "nv", "oy", "plc", "pty"}
    | {"sa", "sarl", "sas", "se", "sl", "spa", "srl", "the", "ug"}
)
_WORD = re.compile(r"\w+(?:[.'’&-]\w+)*")
_LEAST = 3
"""Letters of a word that can be told from others."""
_ANYBODYS = frozenset(
    {"gmail", "googlemail", "outlook", "hotmail", "live", "msn", "yahoo", "icloud", "me", "mac", "proton", "protonmail"}
    | {"gmx", "web", "aol", "fastmail", "mail", "zoho", "yandex", "t-online", "posteo", "example"}
    | {"com", "net", "org", "gov", "edu"}
)
"""Where anybody may have a mailbox, or what is a part of many domains: it says nothing of a customer."""


def names_of(report: Report) -> Iterator[tuple[str, str]]:
    """Yield what a customer is called, each with what it is."""
    customer = report.customer
    if customer.name:
        yield "the customer's name", customer.name
        yield from (("the customer's name", name) for name in _core(customer.name))
    heard = [message.by for message in report.messages if message.direction == "in"]
    for contact in filter(None, (customer.contact, customer.second_contact, *heard)):
        if contact == customer.name:  # a company wrote: what kind of one it is, is no name of a person
            continue
        person, domain = _parts(contact)
        yield from (("the contact's name", name) for name in (person, *_WORD.findall(person)) if _tells(name))
        yield from (("the customer's domain", name) for name in domain)


def _core(name: str) -> Iterator[str]:
    """Yield a company's name without what says only what kind of company it is."""
    words = [word for word in _WORD.findall(name) if fold(word).replace(".", "") not in _LEGAL_FORMS]
    core = " ".join(words)
    if _tells(core) and core != name:
        yield core
    if len(words) > 1 and _tells(words[0]):
        yield words[0]


def _parts(contact: str) -> tuple[str, list[str]]:
    """Return the person's name in a contact, and what names a company in the domain of its address."""
    mail = MAIL.search(contact)
    if not mail:
        return contact.strip(), []
    person = contact[: mail.start()].strip(" <\"'")
    labels = mail[0].rpartition("@")[2].lower().split(".")[:-1]
    return person, [label for label in labels if _tells(label) and label not in _ANYBODYS][-1:]


def _tells(name: str) -> bool:
    return len(name) >= _LEAST and any(char.isalpha() for char in name)


def spelled(name: str) -> re.Pattern[str]:
    """Return what finds a name; a single word of one only as it is written, for it may be an ordinary word as well."""
    words = name.split()
    any_case = len(words) > 1 or name.islower()
    pattern = r"\s+".join(map(re.escape, words))
    return re.compile(rf"(?<!\w){pattern}(?!\w)", re.IGNORECASE if any_case else 0)
