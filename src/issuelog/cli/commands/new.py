"""Record a report, the customer's story first.

In the customer's own words; they are sealed and never changed.

\b
issuelog new --story "I press export and the bar stops" --customer "Acme GmbH" --contact jo@acme.example
issuelog new -F mail.txt --title "Export stops" --customer Acme --channel email --received "2h ago" --attach red.png
pbpaste | issuelog new --story - --title "Export stops" --anonymous -q
"""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from issuelog.cli import params
from issuelog.cli.past import with_past
from issuelog.cli.results import Changes
from issuelog.cli.session import Session
from issuelog.errors import UsageError


def _option(flag: str, text: str, metavar: str = "TEXT") -> Any:
    return typer.Option(flag, metavar=metavar, help=text)


Text = str | None


def new(
    session: Session,
    story: Annotated[Text, _option("--story", "What happened, verbatim (- or @FILE).")] = None,
    story_file: Annotated[Path | None, typer.Option("-F", metavar="FILE", help="Read the story from a file.")] = None,
    edit: params.Edit = False,
    title: Annotated[Text, _option("--title", "One line; by default the story's first.")] = None,
    customer: Annotated[Text, _option("--customer", "Who reported it.", "NAME")] = None,
    contact: Annotated[Text, _option("--contact", "How to answer: mail address or number.")] = None,
    second_contact: Annotated[Text, _option("--second-contact", "Whom else to reach.")] = None,
    tier: Annotated[Text, _option("--tier", "The customer's tier.")] = None,
    language: Annotated[Text, _option("--language", "The customer's language, e.g. en.")] = None,
    timezone: Annotated[Text, _option("--timezone", "The customer's time zone, e.g. Europe/Berlin.")] = None,
    anonymous: Annotated[bool, typer.Option("--anonymous", help="There is nobody to answer.")] = False,
    channel: Annotated[
        Text, _option("--channel", "How it came: email, phone, chat, web, …; else the contact's.", "C")
    ] = None,
    received: Annotated[Text, _option("--received", "When the customer wrote, not when you type.", "TIME")] = None,
    detected_by: Annotated[Text, _option("--detected-by", "customer, monitoring or internal.")] = None,
    external_ref: Annotated[Text, _option("--external-ref", "Its name elsewhere: a ticket, a Message-ID.")] = None,
    severity: Annotated[Text, _option("--severity", "S1 (worst) to S4.", "S")] = None,
    severity_reason: Annotated[Text, _option("--because", "Why this severity.")] = None,
    component: Annotated[Text, _option("--component", "The part of the product.")] = None,
    owner: Annotated[Text, _option("--owner", "Who works on it.", "WHO")] = None,
    label: Annotated[list[str] | None, _option("--label", "A label; may be repeated.")] = None,
    attach: Annotated[list[Path] | None, typer.Option("--attach", metavar="FILE", help="A file; repeatable.")] = None,
    error_message: Annotated[Text, _option("--error-message", "Word for word, or none_shown.")] = None,
    error_code: Annotated[Text, _option("--error-code", "The code in it.")] = None,
    step: Annotated[list[str] | None, _option("--step", "One step to the error; once for each.")] = None,
    expected: Annotated[Text, _option("--expected", "What should have happened.")] = None,
    actual: Annotated[Text, _option("--actual", "What happened instead.")] = None,
    frequency: Annotated[Text, _option("--frequency", "always, often, sometimes, once, unknown.")] = None,
    tried: Annotated[int | None, typer.Option("--tried", metavar="N", help="How often it was tried.")] = None,
    failed: Annotated[int | None, typer.Option("--failed", metavar="N", help="How often it failed.")] = None,
    first_seen: Annotated[Text, _option("--first-seen", "When it was first seen.", "TIME")] = None,
    last_worked: Annotated[Text, _option("--last-worked", "When it last worked.", "TIME")] = None,
    changed_before: Annotated[Text, _option("--changed-before", "What changed shortly before.")] = None,
    product: Annotated[Text, _option("--product", "Which product.")] = None,
    product_version: Annotated[Text, _option("--product-version", "Which version of it.", "V")] = None,
    os: Annotated[Text, _option("--os", "Operating system.")] = None,
    browser: Annotated[Text, _option("--browser", "Browser.")] = None,
    device: Annotated[Text, _option("--device", "Device.")] = None,
    consequences: Annotated[Text, _option("--consequences", "What the customer cannot do because of it.")] = None,
    remedy_sought: Annotated[Text, _option("--remedy-sought", "What the customer asks for.")] = None,
    unavailable: Annotated[
        list[str] | None, _option("--unavailable", "A field that cannot be had, and why.", "FIELD=REASON")
    ] = None,
) -> Changes:
    """Record a report."""
    told = _story(session, story, story_file, edit=edit)
    name = title or _first_line(told)
    who = customer
    if not (customer or contact or anonymous):
        if not session.interactive:
            raise UsageError("--customer or --contact is missing", hint="--anonymous   where there is nobody to answer")
        who = session.need(None, "--customer", "Who reported it?")
    facts = {
        "title": name,
        "story": told,
        "severity": severity,
        "severity_reason": severity_reason,
        "component": component,
        "owner": session.person(owner) if owner else None,
        "labels": label,
        "source": {
            "channel": channel or _channel_of(contact),
            "received_at": session.past_time(received, "--received"),
            "detected_by": detected_by,
            "external_ref": external_ref,
        },
        "customer": _given(
            name=who,
            contact=contact,
            second_contact=second_contact,
            tier=tier,
            language=language,
            timezone=timezone,
            anonymous=anonymous or None,
        ),
        "intake": _given(
            error_message=session.text(error_message, "--error-message"),
            error_code=error_code,
            steps=step,
            expected=expected,
            actual=actual,
            frequency=frequency,
            tried=tried,
            failed=failed,
            first_seen_at=session.optional_time(first_seen, "--first-seen"),
            last_worked_at=session.optional_time(last_worked, "--last-worked"),
            changed_before=changed_before,
            environment=_given(product=product, version=product_version, os=os, browser=browser, device=device),
            consequences=consequences,
            remedy_sought=remedy_sought,
            unavailable=session.pairs(unavailable or [], "--unavailable"),
        ),
    }
    files = session.attachments(attach or [])
    with session.keeping_text():
        create = partial(session.tracker.create, facts, files, session.moment(), dry_run=session.dry_run)
        changes = Changes([session.settling_secrets(create)])
    return with_past(session, changes)


def _given(**facts: Any) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if value not in (None, [], {})}


def _story(session: Session, story: str | None, file: Path | None, *, edit: bool) -> str:
    if story and file:
        raise UsageError("--story and -F both give the story")
    if file:
        text: str | None = session.text("-" if str(file) == "-" else f"@{file}", "-F")
    else:
        text = session.text(story, "--story", edit=edit)
    text = session.need(text, "--story (or -F FILE)", "What happened, in the customer's own words?")
    if not text.strip():
        raise UsageError("the story is empty")
    return text


def _channel_of(contact: str | None) -> str:
    """Without a word on it, a report came the way that the contact names."""
    if contact and "@" in contact:
        return "email"
    return "phone" if contact and re.fullmatch(r"[+0-9 ()/-]{5,}", contact) else "internal"


def _first_line(story: str) -> str:
    line = " ".join(story.strip().splitlines()[0].split())
    return line if len(line) <= 120 else f"{line[:119]}…"
