"""Importing: what a foreign format holds becomes reports, each once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from issuelog.errors import UsageError
from issuelog.intake import github, mail
from issuelog.intake.incoming import Incoming, Rejected
from issuelog.model.step import Moment
from issuelog.redaction import SecretFound, find, redact
from issuelog.tracker import Settle, Tracker

Reader = Callable[[bytes, str], Iterator[Incoming | Rejected]]
FORMATS: dict[str, Reader] = {"mail": mail.read, "github": github.read}


@dataclass(frozen=True)
class Imported:
    """What became of one item: `import`, `known` (imported before), `rejected`, or `refused` for its secrets."""

    action: str
    title: str
    id: str | None = None
    commit: str | None = None
    next: str | None = None
    note: str | None = None

    def row(self) -> dict[str, Any]:
        """Return it as users see it."""
        return {"id": self.id, "action": self.action, "title": self.title, "commit": self.commit, "next": self.next}


class Importer:
    """Imports one format into a tracker. Raises UsageError where there is no such format."""

    def __init__(self, tracker: Tracker, format_name: str, settle: Settle) -> None:
        if format_name not in FORMATS:
            raise UsageError(f"there is no format {format_name!r}; there are: {', '.join(FORMATS)}")
        self.tracker = tracker
        self.settle = settle
        self.read = FORMATS[format_name]
        rows, _ = tracker.rows()
        self.known = {row["external_ref"]: row["id"] for row in rows if row["external_ref"]}

    def run(self, data: bytes, name: str, moment: Callable[[], Moment], *, dry_run: bool = False) -> Iterator[Imported]:
        """Import every item of one file. Raises InvalidFile where it is not of the format; then nothing is imported."""
        for item in list(self.read(data, name)):
            if isinstance(item, Rejected):
                yield Imported("rejected", item.place, note=f"{name}: {item.place} is not imported: {item.reason}")
                continue
            title = redact(item.title, find(item.title))
            if item.external_ref in self.known:
                known = self.known[item.external_ref]
                yield Imported("known", title, known, note=f"{name} is already here as {known} ({item.external_ref})")
                continue
            try:
                yield self._record(item, moment(), dry_run=dry_run)
            except SecretFound as error:
                yield Imported("refused", title, note=f"{name}: {error.message}\n{error.hint}")

    def _record(self, item: Incoming, moment: Moment, *, dry_run: bool) -> Imported:
        files = [(file.name, file.content) for file in item.files]
        create = partial(self.tracker.create, _facts(item), files, moment, action="import", dry_run=dry_run)
        change = self.settle(create)
        if item.external_ref:
            self.known[item.external_ref] = change.report.id
        return Imported("import", change.report.title, change.report.id, change.commit, change.next.command)


def _facts(item: Incoming) -> dict[str, Any]:
    reachable = item.customer or item.contact
    customer = {
        "name": item.customer,
        "contact": item.contact,
        "language": item.language,
        "anonymous": None if reachable else True,
    }
    intake: dict[str, Any] = {}
    for field, value in item.facts.items():
        section, _, name = field.rpartition(".")
        (intake.setdefault(section, {}) if section else intake)[name] = value
    return {
        "title": item.title,
        "story": item.story,
        "labels": list(item.labels),
        "source": {
            "channel": item.channel,
            "received_at": item.received_at,
            "detected_by": "customer",
            "external_ref": item.external_ref,
        },
        "customer": {key: value for key, value in customer.items() if value is not None},
        "intake": intake,
    }
