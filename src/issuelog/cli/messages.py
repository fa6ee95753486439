"""What the verbs of `message` share: mails as bytes, findings as lines, and handing mails over."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from issuelog.cli.results import Document, Result
from issuelog.errors import ExitCode, NoTracker, UsageError
from issuelog.model.text import cell

if TYPE_CHECKING:
    from issuelog.actions.customer import Sending
    from issuelog.cli.session import Session
    from issuelog.customer.lint import Finding
    from issuelog.customer.mail import Mail as Letter
    from issuelog.model.report import Message, Report
    from issuelog.tracker import Change

STANDARD_OUTPUT = "-"


@dataclass
class Mail(Result):
    """A mail on standard output, byte for byte."""

    content: bytes
    data: Any = None
    code: ExitCode = ExitCode.DONE
    notes: Sequence[str] = ()

    @property
    def plain(self) -> bool:
        """A mail is for programs."""
        return True

    def piped(self) -> Iterator[str | bytes]:
        """Yield the mail."""
        yield self.content

    def hints(self) -> Iterator[str]:
        """Yield what is said beside it."""
        yield from self.notes


def own_folder(session: Session, name: str) -> Path | None:
    """Return a folder of the tracker's own texts, `templates` or `lint`; None where there is no tracker."""
    try:
        folder: Path = getattr(session.tracker.layout, name)
    except NoTracker:
        return None
    return folder


def known_language(session: Session, language: str | None) -> str | None:
    """Return the language that was asked for; raises UsageError where there are no words in it."""
    from issuelog.customer.overrides import fallbacks
    from issuelog.customer.templates import languages

    known = languages(own_folder(session, "templates"))
    if language and not {*known} & {*fallbacks(language)}:
        raise UsageError(f"--lang is {language!r}; there are templates in {', '.join(known)}")
    return language


def finding_data(finding: Finding) -> dict[str, Any]:
    """Return a finding as JSON has it."""
    from issuelog.customer.voice import quoted

    return {
        "rule": finding.rule,
        "level": finding.level,
        "start": finding.start,
        "end": finding.end,
        "text": quoted(finding),
        "instead": finding.instead,
        "message": finding.message,
    }


def finding_lines(findings: Sequence[Finding], text: str, name: str) -> list[str]:
    """Return findings as editors read them: `FILE:LINE:COLUMN: RULE level: words`."""
    from issuelog.customer.voice import said

    lines = []
    for finding in findings:
        before = text[: finding.start]
        line, column = before.count("\n") + 1, finding.start - before.rfind("\n")
        lines.append(cell(f"{name}:{line}:{column}: {finding.rule} {finding.level}: {said(finding)}"))
    return lines


def judged(findings: Sequence[Finding]) -> ExitCode:
    """Return how a command ends that found this."""
    return ExitCode.NO if any(finding.level == "error" for finding in findings) else ExitCode.DONE


def written(session: Session, report: Report, message: Message, file: str, *, force: bool) -> tuple[Path | None, bytes]:
    """Write a mail of a message to a file, and return the file and what is in it; nothing is written for `-`."""
    from issuelog.store.files import write_durably

    content = mail_of(session, report, message).as_file()
    if file == STANDARD_OUTPUT:
        return None, content
    path = session.folder / file
    if not path.parent.is_dir():
        raise UsageError(f"there is no folder for {file}", hint="make it first: mkdir -p DIR")
    if os.path.lexists(path) and not force:
        raise UsageError(f"{file} is there already", hint="--force   writes over it")
    if not session.dry_run:
        write_durably(path, content)
    return path, content


def mail_of(session: Session, report: Report, message: Message) -> Letter:
    """Return the mail of a message, from whom the user's settings say, else from who the user is to git.

    Who wrote the message is in the report, which a pulled repository may have made up.
    """
    from issuelog import redaction
    from issuelog.customer import mail

    sender = session.user.user.mail.from_ or session.tracker.repository.identity
    return mail.mail_of(report, message, sender, lambda text: redaction.redact(text, redaction.find(text)))


@dataclass
class Post:
    """Hands mails over, each once it is sure that it can be recorded; what is handed over is in `sent`."""

    session: Session
    item: str | None
    again: bool
    sent: dict[str, Sending] = field(default_factory=dict)

    def preview(self, given: str) -> Document:
        """Return the mails that would be handed over."""
        from issuelog.customer.mail import to_send

        mails = []
        for stored in self.session.reports(given):
            message = to_send(stored.report, self.item, again=self.again)
            mail = mail_of(self.session, stored.report, message)
            mails.append((stored.report.id, message.id, mail))
        data = [
            {
                "report": report,
                "message": message,
                "to": str(mail.recipient),
                "subject": mail.subject,
                "message_id": mail.id,
                "text": mail.text,
            }
            for report, message, mail in mails
        ]
        return Document(
            data if given == "-" else data[0],
            "\n".join(mail.as_read() for *_, mail in mails),
            notes=[f"{message} of {report} would be sent" for report, message, _ in mails],
        )

    def hand_over(self, report_id: str, record: Callable[[], Change]) -> Change:
        """Send the mail of a report and record it; raises Conflict where it was not taken: nothing is recorded then."""
        from issuelog.store.locking import locked

        with locked(self.session.tracker.repository.private / "send-lock"):  # two at once would both send it
            return self._hand_over(report_id, record)

    def _hand_over(self, report_id: str, record: Callable[[], Change]) -> Change:
        from issuelog.actions.customer import Sending, message_send
        from issuelog.customer.delivery import Mark, deliver, way
        from issuelog.customer.mail import to_send

        session, setting = self.session, self.session.user.user.mail
        report = session.tracker.read(report_id).report
        message = to_send(report, self.item, again=self.again)
        mail = mail_of(session, report, message)
        self.sent[report_id] = Sending(message.id, mail.id, way(setting))
        session.tracker.change(report_id, message_send(self.sent), session.moment(), dry_run=True)
        mark = Mark(session.tracker.repository.private / "sending" / f"{report_id}.{message.id}")
        mark.require_none(again=self.again)
        session.output.say(f"{message.id} of {report_id} ({message.kind}) goes to {mail.recipient}")
        with mark.during():
            deliver(mail, setting)
        try:
            change = record()
            mark.remove()
            return change
        except BaseException:
            session.output.warn(f"{message.id} of {report_id} is sent, but this is not recorded")
            raise


def require_way(session: Session) -> None:
    """Raise UsageError where the user has not said how a mail is sent."""
    from issuelog.customer.delivery import way

    try:
        way(session.user.user.mail)
    except UsageError as error:
        error.hint = f"put it into {session.user.path}:   mail: {{sendmail: [/usr/sbin/sendmail, -t, -i]}}"
        raise
