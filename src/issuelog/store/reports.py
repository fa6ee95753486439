"""Reports as files: bytes to a typed report that remembers its text, and back with the smallest edit."""

from __future__ import annotations

from dataclasses import dataclass

from issuelog.model.report import Report
from issuelog.store.documents import Document, Kind


@dataclass(frozen=True)
class Stored(Document[Report]):
    """A report with the text that it was read from."""

    @property
    def report(self) -> Report:
        """The report."""
        return self.model


_KIND = Kind(
    Report,
    Stored,
    if_absent="issuelog list   shows what there is",
    if_unsafe="issuelog edit   changes it by hand",
)
read = _KIND.read
load = _KIND.load
new_text = _KIND.new_text
changed_text = _KIND.changed_text
changed = _KIND.changed
