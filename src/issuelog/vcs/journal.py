"""The record of a change that is going on: all that the next command needs to finish it or to undo it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class JournalEntry:
    """HEAD `before` and the new `commit`; `old` and `new` blobs by path; folders that are made; ids written.

    Files that are `adopted` are on the disk already, as a person typed them: they are never written.
    """

    before: str
    commit: str
    message: str
    old: Mapping[str, str | None]
    new: Mapping[str, str | None]
    folders: Sequence[str]
    objects: Sequence[str]
    adopted: Sequence[str] = ()

    @property
    def subject(self) -> str:
        """The first line of the message."""
        return self.message.partition("\n")[0]

    def dump(self) -> bytes:
        """Return the entry as it is stored."""
        return json.dumps(vars(self)).encode()

    @classmethod
    def parse(cls, content: bytes) -> JournalEntry | None:
        """Read an entry; None where it is torn."""
        try:
            data: dict[str, Any] = json.loads(content)
            entry = cls(**data)
            return entry if entry.old.keys() == entry.new.keys() else None
        except (ValueError, TypeError, AttributeError):
            return None

    def knows(self, path: str, blob: str | None) -> bool:
        """Whether a file or an index entry is as this change found it, or as it left it."""
        return blob in {self.old[path], self.new[path]}
