"""Draft, check, show and send messages.

What is said to the customer is recorded by the commands that say it. These show what they would say, check any text by
the same rules, and hand what is recorded to the mail program or server of your own settings.

\b
issuelog message draft 7K3M
issuelog message draft 7K3M update --slot confirmed="…" --slot checking="…" --eml update.eml
issuelog message lint answer.txt --kind resolution
issuelog message send 7K3M
issuelog message templates update --lang de
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from issuelog.cli import params
from issuelog.cli.results import Document, Result, Table
from issuelog.cli.session import Session
from issuelog.errors import UsageError

Kind = Annotated[str | None, typer.Argument(metavar="KIND", help="The kind; what the report calls for, if not given.")]
Item = Annotated[str | None, typer.Argument(metavar="M2", help="One message, by its id.")]
Language = Annotated[str | None, typer.Option("--lang", metavar="L", help="The language, such as en or de.")]
Eml = Annotated[str | None, typer.Option("--eml", metavar="FILE", help="Write it as a mail (- for standard output).")]
Force = Annotated[bool, typer.Option("--force", help="Write over a file that is there.")]


def draft(
    session: Session,
    report: params.One,
    said: params.Promising,
    kind: Kind = None,
    impact: params.Impact = None,
    lang: Language = None,
    eml: Eml = None,
    force: Force = False,
) -> Result:
    """Show what would be said; nothing is recorded. Exits 1 where the lint finds an error."""
    from issuelog.cli import messages
    from issuelog.customer.occasion import due_now

    words = session.words(replace(said, edit=False, channel="email" if eml else said.channel), impact=impact)
    moment, voice = session.moment(), session.voice
    draft = session.tracker.read(report).report.model_copy(deep=True)
    draft.customer.language = messages.known_language(session, lang) or draft.customer.language
    kind = kind or due_now(draft, voice.policy, moment.at)
    message = session.supplying_slots(lambda: voice.compose(draft, moment, kind, words))
    with session.keeping_text():
        message.text = session.edited(message.text) if said.edit else message.text
        findings = voice.findings(draft, message)
        path, mail = messages.written(session, draft, message, eml, force=force) if eml else (None, b"")
    data = {
        "report": draft.id,
        "kind": kind,
        "text": message.text,
        "next_update_at": message.model_dump(mode="json")["next_update_at"],
        "findings": [messages.finding_data(finding) for finding in findings],
        "eml": eml,
    }
    notes = [*messages.finding_lines(findings, message.text, kind), *([f"written: {path}"] if path else [])]
    if eml == messages.STANDARD_OUTPUT:
        return messages.Mail(mail, data, messages.judged(findings), notes)
    return Document(data, message.text, code=messages.judged(findings), notes=notes)


def lint(
    session: Session,
    file: Annotated[str, typer.Argument(metavar="FILE", help="The text; - for standard input.")],
    kind: Annotated[str | None, typer.Option("--kind", metavar="KIND", help="What kind of message it is.")] = None,
    lang: Language = None,
) -> Document:
    """Check a text by the rules for messages. Exits 1 where one finds an error."""
    from issuelog.cli import messages
    from issuelog.customer.lint import lint as check
    from issuelog.customer.templates import kinds
    from issuelog.store.layout import MAX_BYTES

    if kind and kind not in kinds():
        raise UsageError(f"--kind is {kind!r}; it has to be one of {', '.join(kinds())}")
    content = session.standard_input("the message") if file == "-" else session.file(Path(file), MAX_BYTES)
    text = session.decoded(content, file)
    found = check(
        text,
        kind or "",
        language=messages.known_language(session, lang) or "en",
        overrides=messages.own_folder(session, "lint"),
    )
    lines = messages.finding_lines(found, text, file)
    data = {"findings": [messages.finding_data(finding) for finding in found]}
    return Document(data, "\n".join(lines), code=messages.judged(found))


def show(session: Session, report: params.One, message: Item = None, eml: Eml = None, force: Force = False) -> Result:
    """Show the messages of a report, or one of them."""
    from issuelog.cli import messages
    from issuelog.customer.occasion import message_of
    from issuelog.store.documents import to_json

    found = session.tracker.read(report).report
    if eml:
        from issuelog.customer.mail import newest_of_ours

        one = message_of(found, message) if message else newest_of_ours(found)
        path, mail = messages.written(session, found, one, eml, force=force)
        data = {"report": found.id, "message": one.id, "eml": eml}
        return Document(data, str(path)) if path else messages.Mail(mail, data)
    chosen = [message_of(found, message)] if message else found.messages
    rows = [to_json(one) for one in chosen]
    if message:
        return Document(rows, chosen[0].text, brief=chosen[0].id, notes=[_head(rows[0])])
    columns = ("id", "direction", "kind", "channel", "at", "sent_at", "text")
    return Table(rows, columns, empty="no messages", wide=frozenset({"text"}))


def _head(row: dict[str, str]) -> str:
    """Return what a message is, in one line."""
    known = ("id", "direction", "kind", "channel", "at", "by", "sent_at", "sent_via")
    return ", ".join(str(row[name]) for name in known if name in row)


def templates(session: Session, kind: Kind = None, lang: Language = None) -> Result:
    """List the templates with their slots, or show one with a sample."""
    from issuelog.cli import messages
    from issuelog.cli.templating import one, rows

    folder = messages.own_folder(session, "templates")
    language = messages.known_language(session, lang)
    return one(kind, language or "en", folder) if kind else rows(language, folder)


def send(
    session: Session,
    report: params.Report,
    message: Item = None,
    again: Annotated[bool, typer.Option("--again", help="Also a message that was sent.")] = False,
) -> Result:
    """Hand a mail that is recorded to your mail program or server: the newest of yours, unless it was sent, or M2."""
    from issuelog.actions.customer import message_send
    from issuelog.cli.messages import Post, require_way

    post = Post(session, message, again)
    if session.dry_run:
        return post.preview(report)
    require_way(session)
    return session.change(report, message_send(post.sent), around=post.hand_over)


VERBS = {"draft": draft, "lint": lint, "show": show, "templates": templates, "send": send}
