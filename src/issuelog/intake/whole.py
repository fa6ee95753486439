"""A report that comes as a whole, as another tracker of ours wrote it: whether it holds together."""

from __future__ import annotations

import hashlib

from pydantic import ValidationError

from issuelog.errors import UsageError
from issuelog.intake.incoming import Whole
from issuelog.model.faults import fault, field_of
from issuelog.model.filenames import safe_name
from issuelog.model.report import Report


def whole_report(item: Whole) -> tuple[Report, dict[str, bytes]]:
    """Return a report that came as a whole, and its attachments; raises UsageError where they do not hold together."""
    try:
        report = Report.model_validate(item.data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise UsageError(f"{field_of(first)} {fault(first)}") from None
    if not report.is_sealed:
        raise UsageError("its seal does not hold: story_sha256 is not that of the story")
    names: set[str] = set()
    for attachment in report.attachments:
        name = attachment.file
        if safe_name(name, names) != name:
            raise UsageError(f"attachments.{attachment.id}: {name!r} can be no file's name here")
        names.add(name)
        content = item.files.get(name)
        if content is None:
            raise UsageError(f"attachments.{attachment.id}: the content of {name} is not there (export jsonl adds it)")
        if (len(content), hashlib.sha256(content).hexdigest()) != (attachment.bytes, attachment.sha256):
            raise UsageError(f"attachments.{attachment.id}: {name} is not what was attached")
    return report, dict(item.files)
