"""Many reports at once: without a loss, as a table, or as a document. Streams; what cannot be read is kept."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from issuelog.errors import Conflict, InvalidFile, NotFound, Problem
from issuelog.model.filenames import safe_name
from issuelog.model.markdown import fenced, inline
from issuelog.model.report import Attachment, Report
from issuelog.model.text import visible
from issuelog.model.times import iso
from issuelog.store import reports
from issuelog.store.documents import to_json
from issuelog.store.files import read_regular
from issuelog.tracker import Tracker

_COLUMNS = (
    "id",
    "title",
    "state",
    "severity",
    "customer",
    "contact",
    "tier",
    "owner",
    "component",
    "labels",
    "channel",
    "received_at",
    "updated_at",
    "external_ref",
    "product",
    "version",
    "error_message",
    "cause",
    "kind",
    "fixed_in",
    "resolution",
    "closed_at",
)
_FORMULA = frozenset("=+-@|%\uff1d\uff0b\uff0d\uff20\uff5c\uff05")
_SECTIONS = ("impact", "diagnosis", "workaround", "fix", "verification", "closure", "rca")
_IN_MEMORY = 10_000_000


class Exporter:
    """Writes reports of one tracker; `problems` are of those files that could not be read."""

    def __init__(self, tracker: Tracker) -> None:
        self.tracker = tracker
        self.problems: list[Problem] = []

    def jsonl(self, ids: Iterable[str], *, attachments: bool = True) -> Iterator[str]:
        """Yield each report as a line of JSON, with the contents of its attachments."""
        for report in self._reports(ids):
            data = to_json(report)
            if attachments:
                for attachment, item in zip(report.attachments, data.get("attachments", ()), strict=True):
                    content = self._content(report, attachment)
                    if content is not None:
                        item["content"] = base64.b64encode(content).decode("ascii")
            yield json.dumps(data, ensure_ascii=True, separators=(",", ":")) + "\n"

    def csv(self, ids: Iterable[str]) -> Iterator[str]:
        """Yield a table as RFC 4180 has it: a header, and a row for each report."""
        yield _row(_COLUMNS)
        for report in self._reports(ids):
            yield _row(map(_cell, _values(report)))

    def markdown(self, ids: Iterable[str]) -> Iterator[str]:
        """Yield a document: a table of contents, and a section for each report."""
        yield "# Reports\n\n"
        with tempfile.SpooledTemporaryFile(_IN_MEMORY, "w+", encoding="utf-8", newline="") as sections:
            for report in self._reports(ids):
                yield f"* [{report.id}](#{report.id.lower()}): {inline(report.title)}\n"
                sections.writelines(_section(report))
            sections.seek(0)
            yield from sections

    def _reports(self, ids: Iterable[str]) -> Iterator[Report]:
        for report_id in ids:
            path = self.tracker.layout.report(report_id)
            shown = self.tracker.relative(path)
            try:
                yield reports.read(path, shown).report
            except InvalidFile as error:
                self.problems += error.problems
            except (NotFound, Conflict) as error:
                self.problems.append(Problem(shown, 1, 1, "file", error.message))

    def _content(self, report: Report, attachment: Attachment) -> bytes | None:
        """Return what was attached, None where that is not there (any more)."""
        folder = self.tracker.layout.attachments(report.id)
        why = ""
        content = None
        if safe_name(attachment.file) != attachment.file or folder.is_symlink() or folder.parent.is_symlink():
            why = "is read from no other place"
        else:
            try:
                content = read_regular(folder / attachment.file, attachment.bytes)
                why = "is not there" if content is None else ""
            except Conflict as error:
                why = f"is not read: {error.message}"
        if content is not None and hashlib.sha256(content).hexdigest() != attachment.sha256:
            content, why = None, "is not what was attached"
        if why:
            shown = self.tracker.relative(self.tracker.layout.report(report.id))
            self.problems.append(Problem(shown, 1, 1, "attachment", f"{attachment.file} {why}; exported without it"))
        return content


def _row(cells: Iterable[str]) -> str:
    line = io.StringIO(newline="")
    csv.writer(line, lineterminator="\r\n").writerow(cells)
    return line.getvalue()


def _values(report: Report) -> Iterator[str | None]:
    """Yield what a table says of a report, in the order of its columns."""
    environment, closure = report.intake.environment, report.closure
    yield from (report.id, report.title, report.state.value, report.severity.value)
    yield from (report.customer.name, report.customer.contact, report.customer.tier)
    yield from (report.owner, report.component, ",".join(report.labels), report.source.channel.value)
    yield from (iso(report.source.received_at), iso(max(event.at for event in report.events)))
    yield from (report.source.external_ref, environment.product, environment.version, report.intake.error_message)
    yield from (report.diagnosis.cause, report.diagnosis.kind, report.fix.fixed_in, closure.resolution)
    yield iso(closure.at) if closure.at else None


def _cell(value: str | None) -> str:
    """Return a cell that shows what it holds, and that no spreadsheet takes for a formula."""
    text = value or ""
    shown = visible(text)
    risky = text[:1] in {"\t", "\r"} or shown.lstrip()[:1] in _FORMULA or text.lstrip()[:1] in _FORMULA
    return f"'{shown}" if text and risky else shown


def _section(report: Report) -> Iterator[str]:
    """Yield a report as a part of a document."""
    data = to_json(report)
    yield f"\n## {report.id}\n\n**{inline(report.title)}**\n\n"
    yield from _facts(_head(report))
    yield "\n### Story\n\n"
    yield fenced(report.story)
    yield from _part("Intake", data.get("intake"))
    if report.messages:
        yield "\n### Messages\n"
        for message in report.messages:
            way = "to the customer" if message.direction == "out" else f"from {message.by}"
            about = f"{message.id}: {message.kind}, {way}, {message.channel}, {iso(message.at)}"
            yield f"\n#### {inline(about)}\n\n"
            yield fenced(message.text)
    for name in _SECTIONS:
        yield from _part("RCA" if name == "rca" else name.capitalize(), data.get(name))


def _head(report: Report) -> dict[str, Any]:
    return {
        "state": report.state.value,
        "severity": report.severity.value,
        "customer": " ".join(filter(None, (report.customer.name, report.customer.contact))) or "anonymous",
        "owner": report.owner,
        "component": report.component,
        "labels": ", ".join(report.labels),
        "received": f"{iso(report.source.received_at)} by {report.source.channel}",
        "reference": report.source.external_ref,
    }


def _part(title: str, facts: Mapping[str, Any] | None) -> Iterator[str]:
    if facts:
        yield f"\n### {title}\n\n"
        yield from _facts(dict(_flat(facts)))


def _flat(data: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every value of a section with its path; of an item in a list its id is a part, or its number."""
    if isinstance(data, Mapping):
        parts: Iterable[tuple[Any, Any]] = data.items()
    elif isinstance(data, list):
        parts = ((_name(part, number), _without_id(part)) for number, part in enumerate(data, 1))
    else:
        yield path, data
        return
    for key, part in parts:
        yield from _flat(part, f"{path}.{key}" if path else str(key))


def _name(part: Any, number: int) -> str:
    return str(part["id"]) if isinstance(part, Mapping) and "id" in part else str(number)


def _without_id(part: Any) -> Any:
    return {key: value for key, value in part.items() if key != "id"} if isinstance(part, Mapping) else part


def _facts(facts: Mapping[str, Any]) -> Iterator[str]:
    """Yield facts as a list; what has several lines stands below, as it is."""
    long = {}
    for key, value in facts.items():
        if "\n" in str(value).strip():
            long[key] = str(value)
        elif value not in (None, ""):
            yield f"* {inline(f'{key}:')} {inline(str(value))}\n"
    for key, value in long.items():
        yield f"\n{inline(f'{key}:')}\n\n"
        yield fenced(value)
