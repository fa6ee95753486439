"""A mail that belongs to a report: what it says becomes a message of the customer's, and what may follow from it."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime

from issuelog.actions import customer
from issuelog.intake.incoming import Incoming, Letter
from issuelog.intake.quoting import own_words
from issuelog.intake.threads import addresses, says_more
from issuelog.model.history import open_questions
from issuelog.model.policy import Policy
from issuelog.model.report import Channel, Report
from issuelog.model.step import Facts, Moment, Step


def reply(policy: Policy, item: Incoming, letter: Letter) -> Step:
    """Record a mail with its attachments, once; a file that the report has already is not added again."""
    stored: dict[str, bytes] = {}

    def edit(draft: Report, moment: Moment) -> Facts | None:
        stored.clear()
        if any(message.external_ref == item.external_ref for message in draft.messages):
            return None
        known = {sha for one in draft.attachments for sha in (one.sha256, one.original_sha256)}
        step = customer.received(
            policy,
            _kind(letter, draft),
            _said(letter, draft),
            channel=Channel.EMAIL,
            external_ref=item.external_ref,
            files=[(one.name, one.content) for one in item.files if _sha256(one.content) not in known],
        )
        facts = step.edit(draft, moment)
        stored.update(step.files)
        if not is_the_customer(item, draft):
            draft.messages[-1].by = sender(item)
        return facts

    return Step("received", edit, files=stored)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _kind(letter: Letter, report: Report) -> str:
    return letter.automatic or ("answer" if open_questions(report) else "other")


def _said(letter: Letter, report: Report) -> str:
    """Return what a mail says that the report does not have already."""
    known = [report.story, *(message.text for message in report.messages)]
    text = own_words(letter.text, known).strip("\n") or letter.subject or "(no text)"
    adds = letter.subject != text and says_more(letter, report.title)
    return f"Subject: {letter.subject}\n\n{text}" if adds else text


def is_the_customer(item: Incoming, report: Report) -> bool:
    """Whether a mail comes from the address that the report names as the customer's."""
    return not addresses(item.contact).isdisjoint(addresses(report.customer.contact))


def sender(item: Incoming) -> str:
    """Return who sent a mail, as far as it says so."""
    if item.customer and item.contact:
        return f"{item.customer} <{item.contact}>"
    return item.contact or item.customer or "somebody who gives no name"


def written_at(item: Incoming, report: Report, moment: Moment) -> Moment:
    """Return when a mail was written, by its date where that can be: after the report came, and not in the future."""
    at: datetime | None = item.received_at
    if at is None or not report.source.received_at <= at <= moment.now:
        return moment
    return replace(moment, at=at)
