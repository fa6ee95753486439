"""What waits until all of an import is there: its texts and files lie on the disk, for a mailbox may be large."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from issuelog.intake.incoming import Incoming

_IN_MEMORY = 16_000_000


@dataclass(frozen=True)
class Place:
    """Where parts begin, and how many bytes each of them has."""

    start: int
    sizes: tuple[int, ...]


@dataclass(frozen=True)
class Kept:
    """An item without its texts and files, and where they are."""

    item: Incoming
    place: Place


class Aside:
    """Keeps what items hold in a file that has no name. To be closed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._end = 0
        self._file: IO[bytes] | None = None

    def close(self) -> None:
        """Forget everything."""
        if self._file:
            self._file.close()

    @property
    def _spool(self) -> IO[bytes]:
        if self._file is None:
            where = str(self._folder) if self._folder.is_dir() else None
            self._file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY, dir=where)  # noqa: SIM115 (as above)
        return self._file

    def lay(self, parts: Sequence[bytes]) -> Place:
        """Set some bytes aside."""
        start = self._end
        self._spool.seek(start)
        for part in parts:
            self._spool.write(part)
            self._end += len(part)
        return Place(start, tuple(map(len, parts)))

    def fetch(self, place: Place) -> list[bytes]:
        """Return what was set aside."""
        self._spool.seek(place.start)
        return [self._spool.read(size) for size in place.sizes]

    def put(self, item: Incoming) -> Kept:
        """Set what an item holds aside."""
        said = item.letter.text if item.letter else ""
        place = self.lay([item.story.encode(), said.encode(), *(file.content for file in item.files)])
        letter = item.letter and replace(item.letter, text="")
        files = tuple(replace(file, content=b"") for file in item.files)
        return Kept(replace(item, story="", letter=letter, files=files), place)

    def get(self, kept: Kept) -> Incoming:
        """Return an item as it was."""
        story, said, *contents = self.fetch(kept.place)
        item = kept.item
        return replace(
            item,
            story=story.decode(),
            letter=item.letter and replace(item.letter, text=said.decode()),
            files=tuple(replace(file, content=part) for file, part in zip(item.files, contents, strict=True)),
        )
