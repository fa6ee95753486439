"""Where things lie in a tracker, and finding the tracker and the report that a user means."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from issuelog.errors import Conflict, NotFound, NoTracker
from issuelog.model.identifier import is_known_error_id, is_report_id, year_month
from issuelog.store.candidates import SUFFIX, counted, having, only, spelled

CONFIG = ".issuelog/config.yaml"
REPORTS = "reports"
ATTACHMENTS = "attachments"
KNOWN_ERRORS = "known-errors"
MAX_BYTES = 4_000_000
"""The most that a report or the policy may have; a larger file is refused unread."""


@dataclass(frozen=True)
class Layout:
    """The paths of one tracker; `root` is the folder that holds `.issuelog`."""

    root: Path

    @classmethod
    def around(cls, folder: Path) -> Layout:
        """Return the nearest tracker at or above `folder`; raises NoTracker."""
        for root in (folder, *folder.parents):
            if (root / CONFIG).is_file():
                _require_no_link(root / Path(CONFIG).parent)
                return cls(root)
        raise NoTracker("there is no tracker here or in a folder above", hint="issuelog init   makes one")

    @property
    def config(self) -> Path:
        """The policy file, which marks the root."""
        return self.root / CONFIG

    @property
    def reports(self) -> Path:
        """The folder of all reports."""
        return self.root / REPORTS

    @property
    def templates(self) -> Path:
        """The tracker's own message templates."""
        return self.root / ".issuelog" / "templates"

    @property
    def lint(self) -> Path:
        """The tracker's own rules for messages."""
        return self.root / ".issuelog" / "lint"

    def report(self, report_id: str) -> Path:
        """Return the file of a report."""
        return self.reports.joinpath(*year_month(report_id), f"{report_id}{SUFFIX}")

    @property
    def known_errors(self) -> Path:
        """The folder of all known errors."""
        return self.root / KNOWN_ERRORS

    def known_error(self, known_error_id: str) -> Path:
        """Return the file of a known error."""
        return self.known_errors / f"{known_error_id}{SUFFIX}"

    def known_error_files(self) -> list[Path]:
        """Return every file of a known error, in the order of their names; none where a link stands for the folder."""
        folder = self.known_errors
        if folder.is_symlink():
            return []
        return sorted(Path(row.path) for row in yaml_files(str(folder)))

    def known_error_ids(self) -> list[str]:
        """Return the ids of all known errors, by the names of their files."""
        return [path.stem for path in self.known_error_files()]

    def attachments(self, report_id: str) -> Path:
        """Return the folder of a report's attachments."""
        return self.root / ATTACHMENTS / report_id

    def relative(self, path: str | Path) -> str:
        """Return a path as messages name it, from the tracker's root."""
        return Path(path).relative_to(self.root).as_posix()

    def is_report(self, path: str) -> bool:
        """Whether a path from the root is where a report lies."""
        name = Path(path).stem
        return is_report_id(name) and path == self.relative(self.report(name))

    def is_known_error(self, path: str) -> bool:
        """Whether a path from the root is where a known error lies."""
        name = Path(path).stem
        return is_known_error_id(name) and path == self.relative(self.known_error(name))

    def report_of_attachment(self, path: str) -> str | None:
        """Return the id of the report that an attachment's path from the root belongs to, None for other paths."""
        parts = path.split("/")
        return parts[1] if len(parts) == 3 and parts[0] == ATTACHMENTS and is_report_id(parts[1]) else None

    def folders(self) -> Iterator[str]:
        """Yield every folder in which reports may lie, in the order of time, without following links."""
        _require_no_link(self.reports)
        for year in _folders(self.reports):
            for month in _folders(year.path):
                yield month.path

    def files(self) -> Iterator[os.DirEntry[str]]:
        """Yield every report file, in the order of their ids, without following links."""
        for folder in self.folders():
            yield from sorted(yaml_files(folder), key=lambda row: row.name)

    def links(self) -> Iterator[Path]:
        """Yield the links that stand where a year's or a month's folder would."""
        for folder in (self.reports, *self.reports.glob("*")):
            if folder.is_dir() and not folder.is_symlink():
                yield from sorted(path for path in folder.iterdir() if path.is_symlink() and path.suffix != SUFFIX)

    def _has(self, report_id: str) -> bool:
        """Whether a report lies here, and not behind a link."""
        path = self.report(report_id)
        for folder in (self.reports, path.parents[1], path.parent):
            _require_no_link(folder)
        return path.exists()

    def ids(self) -> list[str]:
        """Return the ids of all reports."""
        return [row.name.removesuffix(SUFFIX) for row in self.files()]

    def find(self, reference: str) -> str:
        """Return the id that a user's reference means: an id, a unique part of one, or a file's path.

        Raises NotFound, with the candidates where there are several.
        """
        wanted = spelled(reference)
        if is_report_id(wanted) and self._has(wanted):
            return wanted
        found = having(wanted, self.ids())
        if not found:
            self._refuse_known_error(wanted)
        return only(found, reference, none="no report", many="reports", hint="issuelog list   shows what there is")

    def _refuse_known_error(self, wanted: str) -> None:
        """Raise NotFound where a user means a known error; there is no report that could be meant."""
        known = having(wanted, self.known_error_ids())
        if len(known) == 1:
            raise NotFound(f"{known[0]} is a known error, and no report", hint=f"issuelog known-error show {known[0]}")
        if known:
            said = f"there is no such report, but {counted(known, 'known errors')}"
            raise NotFound(said, hint="issuelog known-error show KE   shows one of them")


def yaml_files(folder: str | int) -> list[os.DirEntry[str]]:
    """Return the files in a folder (or in an open one) that the tracker reads, in no order; none where it is gone."""
    try:
        with os.scandir(folder) as rows:
            return [row for row in rows if row.name.endswith(SUFFIX) and not row.name.startswith(".")]
    except (FileNotFoundError, NotADirectoryError):
        return []


def _require_no_link(folder: Path) -> None:
    if folder.is_symlink():
        raise Conflict(f"{folder.name} is a symbolic link, and none is followed")


def _folders(parent: str | Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(parent) as rows:
            found = [row for row in rows if row.is_dir(follow_symlinks=False)]
    except (FileNotFoundError, NotADirectoryError):
        return []
    return sorted(found, key=lambda row: row.name)
