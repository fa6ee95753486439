"""What precedents are looked for: a report, or what somebody says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from issuelog.model import likeness, signature
from issuelog.model.likeness import Likeness
from issuelog.model.report import NONE_SHOWN, Report
from issuelog.model.signature import Signature
from issuelog.model.traces.reading import MESSAGE


@dataclass(frozen=True)
class Asked:
    """What precedents are looked for: a report's likeness, and its id if it has one.

    The signatures are those that identify an error: of a stack trace, or of the error message itself.
    """

    likeness: Likeness
    signatures: Sequence[Signature]
    id: str | None = None
    version: str | None = None
    product: str | None = None
    recurrence_of: str | None = None


def of_report(report: Report) -> Asked:
    """Return what to look for to find a report's precedents."""
    intake = report.intake
    typed = [text for text in (intake.error_message, intake.error_code) if text and text != NONE_SHOWN]
    messages = {str(message) for text in typed if (message := signature.of_message(text))}
    found = [one for one in signature.of_report(report) if one.kind != MESSAGE or str(one) in messages]
    where = intake.environment
    return Asked(likeness.of_report(report), found, report.id, where.version, where.product, report.links.recurrence_of)


def of_text(text: str, at: datetime) -> Asked:
    """Return what to look for to find precedents of something that somebody says or that stands in a log."""
    title, _, body = text.strip().partition("\n")
    traces = [one for one in signature.signatures(text) if one.kind != MESSAGE]
    bare = None if body else signature.of_message(text)
    return Asked(likeness.of_text(title, body, at), traces or ([bare] if bare else []))
