"""Merging versions of a report or a known error, and settling what belongs to it where both sides changed it."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from pathlib import Path

from issuelog.errors import Conflict, GitRefused, InvalidFile
from issuelog.model.identifier import renumbered
from issuelog.model.known_error import KnownError
from issuelog.model.merge import later_known_error, later_of, merge, merge_known_errors
from issuelog.model.report import Attachment, Report
from issuelog.store import known_errors, reports
from issuelog.store.documents import to_data
from issuelog.store.files import read_regular
from issuelog.store.layout import KNOWN_ERRORS, Layout
from issuelog.store.reports import Stored
from issuelog.vcs.git import Git
from issuelog.vcs.objects import Entry, Objects
from issuelog.vcs.repository import Repository

DRIVER_KEY = "merge.issuelog.driver"
DRIVER = "issuelog merge-driver %O %A %B %P"
"""What git is told to run for a report; see gitattributes(5), "Defining a custom merge driver"."""


class DifferentReports(Conflict):
    """Two clones made the same id for two reports; there is nothing to merge."""


@dataclass(frozen=True)
class Merged:
    """A file that two sides were merged into, and the fields that both of them changed: it has the later one's."""

    content: bytes
    both_changed: Sequence[str] = ()


def merged_file(base: bytes, ours: bytes, theirs: bytes, shown: str) -> Merged:
    """Return the merged file: the fields as `model.merge` says, in the lines of both, with the comments of both.

    Where both changed the same lines they are those of the side with the later event. Raises InvalidFile where one of
    the versions is no report, or no known error, DifferentReports where they are not of one.
    """
    return (_merged_known_error if _is_known_error(shown) else _merged_report)(base, ours, theirs, shown)


def _merged_report(base: bytes, ours: bytes, theirs: bytes, shown: str) -> Merged:
    sides = [reports.load(content, shown) for content in (ours, theirs)]
    if not base.strip() and sides[0].report.events[0].id != sides[1].report.events[0].id:
        raise DifferentReports(f"{shown} is one report on one side and another on the other")
    before = to_data(reports.load(base, shown).report) if base.strip() else {}
    mine, other = (to_data(side.report) for side in sides)
    result = Report.model_validate(merge(before, mine, other))
    earlier, later = (1, 0) if later_of(mine, other) is mine else (0, 1)
    lines = _merged_lines(base, sides[earlier], sides[later])
    known = {event.id for side in sides for event in side.report.events}
    not_taken = [event.fact("not_taken") or {} for event in result.events if event.id not in known]
    return Merged(reports.changed_text(lines or sides[later], result), [path for lost in not_taken for path in lost])


def _merged_known_error(base: bytes, ours: bytes, theirs: bytes, shown: str) -> Merged:
    sides = [known_errors.load(content, shown) for content in (ours, theirs)]
    origins = {(side.known_error.published_at, side.known_error.published_by) for side in sides}
    if not base.strip() and len(origins) > 1:
        raise DifferentReports(f"{shown} is one known error on one side and another on the other")
    before = to_data(known_errors.load(base, shown).known_error) if base.strip() else {}
    mine, other = (to_data(side.known_error) for side in sides)
    merged, both_changed = merge_known_errors(before, mine, other)
    earlier, later = (1, 0) if later_known_error(mine, other) is mine else (0, 1)
    texts = [side.text.encode() for side in sides]
    lines = _git_merged(base, texts[earlier], texts[later])
    if lines is not None and not _is_valid_known_error(lines, shown):
        lines = None
    text = known_errors.load(lines, shown) if lines is not None else sides[later]
    result = known_errors.changed_text(text, KnownError.model_validate(merged))
    return Merged(result, [name for name in both_changed if not name.startswith("reviewed_")])


def _git_merged(base: bytes, earlier: bytes, later: bytes) -> bytes | None:
    """Return what git makes of the lines, the later side's where both changed them; None where it fails."""
    with tempfile.TemporaryDirectory(prefix="issuelog-") as folder:
        files = [Path(folder) / name for name in ("later", "base", "earlier")]
        for file, content in zip(files, (later, base, earlier), strict=True):
            file.write_bytes(content)
        done = Git(Path(folder)).attempt("merge-file", "-p", "--ours", "--", *map(str, files))
    return done.stdout if done.returncode == 0 else None


def _merged_lines(base: bytes, earlier: Stored, later: Stored) -> Stored | None:
    """Return the report that git makes of the lines; None where it is none."""
    lines = _git_merged(base, earlier.text.encode(), later.text.encode())
    try:
        return reports.load(lines, later.path) if lines is not None else None
    except InvalidFile:
        return None


def _is_known_error(shown: str) -> bool:
    """Whether a path is one of a known error, wherever the tracker lies."""
    return Path(shown).parent.name == KNOWN_ERRORS


def common_version(path: str, versions: Iterable[bytes | None]) -> bytes | None:
    """Return the version that two sides come from; several, after a crosswise merge, are merged themselves."""
    found = [content for content in dict.fromkeys(versions) if content is not None]
    return reduce(lambda one, other: merged_file(b"", one, other, path).content, found) if found else None


def set_up_driver(repository: Repository) -> None:
    """Tell git of the driver in this clone, unless it knows: configuration is not cloned."""
    if repository.settings.get(DRIVER_KEY) != DRIVER:
        repository.git.run("config", "merge.issuelog.name", "field by field merge of issuelog reports")
        repository.git.run("config", DRIVER_KEY, DRIVER)


def is_valid(content: bytes, path: str) -> bool:
    """Whether this is a report, or where it lies among them a known error."""
    if _is_known_error(path):
        return _is_valid_known_error(content, path)
    try:
        reports.load(content, path)
    except InvalidFile:
        return False
    return True


def _is_valid_known_error(content: bytes, path: str) -> bool:
    try:
        known_errors.load(content, path)
    except InvalidFile:
        return False
    return True


def drive(base: Path, ours: Path, theirs: Path, shown: str) -> bool:
    """Merge as git's merge driver: the result goes where `ours` is. Return False where a conflict is left in it.

    Where the versions are not both of one report git merges the lines, so that nothing is lost.
    """
    versions = [read_regular(path) or b"" for path in (base, ours, theirs)]
    try:
        ours.write_bytes(merged_file(versions[0], versions[1], versions[2], shown).content)
    except (InvalidFile, DifferentReports):
        names = ("--marker-size=7", "-L", "ours", "-L", "base", "-L", "theirs")
        done = Git(ours.parent).attempt("merge-file", *names, "--", str(ours), str(base), str(theirs))
        if done.returncode > 127:
            raise GitRefused(done.stderr.decode("utf-8", "replace").strip()) from None
        return False  # lines that fit together are no report yet: a person has to look
    return True


@dataclass(frozen=True)
class Versions:
    """A file as the common past and the two sides have it; None where one has none."""

    base: bytes | None
    ours: bytes | None
    theirs: bytes | None

    @classmethod
    def of(cls, stages: Mapping[int, Entry], objects: Objects) -> Versions:
        """Return the versions that git keeps as stages 1, 2 and 3 of an unmerged file."""
        wanted = [stages[stage].sha if stage in stages else None for stage in (1, 2, 3)]
        return cls(*(objects.content(sha) if sha else None for sha in wanted))

    @property
    def sides(self) -> list[bytes]:
        """What the sides have."""
        return [content for content in (self.ours, self.theirs) if content is not None]


@dataclass
class Settled:
    """What became of files that both sides changed: new contents (None removes), in words, and what is left."""

    files: dict[str, bytes | None] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    left: dict[str, str] = field(default_factory=dict)


class Settling:
    """Settles what both sides of a merge changed; paths are from the tracker's root.

    `merged` returns a file as the rest of the merge left it. The result is the same whichever side merges.
    """

    def __init__(self, layout: Layout, merged: Callable[[str], bytes | None]) -> None:
        self.layout = layout
        self.merged = merged

    def run(self, conflicts: Mapping[str, Versions]) -> Settled:
        """Settle all that belongs to reports: they first, for they know the names of their attachments."""
        done = Settled()
        for path, versions in conflicts.items():
            if self.layout.is_report(path) or self.layout.is_known_error(path):
                self._file(path, versions, conflicts, done)
        for path, versions in conflicts.items():
            if self.layout.report_of_attachment(path):
                self._attachment(path, versions, done)
            elif not (self.layout.is_report(path) or self.layout.is_known_error(path)):
                done.left[path] = "both sides changed it"
        return done

    def _file(self, path: str, versions: Versions, conflicts: Mapping[str, Versions], done: Settled) -> None:
        """Merge a report or a known error."""
        name, is_report = Path(path).stem, self.layout.is_report(path)
        if versions.ours is None or versions.theirs is None:
            done.files[path] = versions.sides[0]
            done.notes.append(f"{name} is kept: one side deleted it, the other changed it")
            return
        try:
            merged = merged_file(versions.base or b"", versions.ours, versions.theirs, path)
        except InvalidFile as error:
            whose = "their" if is_valid(versions.ours, path) else "our"
            kind = "report" if is_report else "known error"
            done.left[path] = f"{whose} version is no valid {kind} ({error.problems[0].message})"
        except DifferentReports:
            if is_report:
                self._part(path, versions, conflicts, done)
            else:
                done.left[path] = "two clones made two known errors of one id: give one of them another"
        else:
            done.files[path] = merged.content
            other = f"issuelog show {name}" if is_report else "git log"
            of = f"; of {', '.join(merged.both_changed)} the later was taken, and {other} has the other"
            done.notes.append(f"{name} is merged{of if merged.both_changed else ''}")

    def _part(self, path: str, versions: Versions, conflicts: Mapping[str, Versions], done: Settled) -> None:
        """Keep two reports that two clones gave one id: the younger gets another, and takes its attachments along."""
        elder, younger = sorted(
            (reports.load(content, path) for content in versions.sides), key=lambda side: side.report.events[0].id
        )
        is_ours = versions.ours == younger.text.encode()
        fresh = self._free_id(younger.report)
        target = self.layout.relative(self.layout.report(fresh))
        moved = younger.report.model_copy(
            update={"id": fresh, "also_known_as": [*younger.report.also_known_as, younger.report.id]}
        )
        done.files[path] = elder.text.encode()
        done.files[target] = reports.changed_text(Stored(younger.report, younger.text, younger.root, target), moved)
        done.notes.append(f"{younger.report.id} was two reports; the younger is {fresh} now")
        names = {attachment.file for attachment in elder.report.attachments}
        for attachment in younger.report.attachments:
            old = self._attached(younger.report.id, attachment)
            both = conflicts.get(old)
            done.files[self._attached(fresh, attachment)] = (
                (both.ours if is_ours else both.theirs) if both else self.merged(old)
            )
            kept = (both.theirs if is_ours else both.ours) if both else self.merged(old)
            done.files[old] = kept if attachment.file in names else None

    def _attachment(self, path: str, versions: Versions, done: Settled) -> None:
        """Give each of two files under one name the name that the merged report has for it."""
        if path in done.files:
            return
        if len(versions.sides) == 1:
            done.files[path] = versions.sides[0]
            return
        owner = str(self.layout.report_of_attachment(path))
        names = {one.sha256: self._attached(owner, one) for one in self._attachments(owner, done)}
        for content in versions.sides:
            named = names.get(hashlib.sha256(content).hexdigest())
            if named is None:
                done.left[path] = f"{owner} does not say which of two files it is"
                return
            done.files[named] = content
        done.notes.append(f"{owner}: two files named {Path(path).name} are both kept")

    def _attachments(self, owner: str, done: Settled) -> Iterator[Attachment]:
        path = self.layout.relative(self.layout.report(owner))
        content = done.files.get(path) or self.merged(path)
        if content:
            try:
                yield from reports.load(content, path).report.attachments
            except InvalidFile:
                return

    def _attached(self, owner: str, attachment: Attachment) -> str:
        return self.layout.relative(self.layout.attachments(owner) / attachment.file)

    def _free_id(self, younger: Report) -> str:
        """Return an id that follows from the report's first event, so that every clone makes the same."""
        seed = younger.events[0].id
        while True:
            seed = hashlib.sha256(seed.encode()).hexdigest()
            fresh = renumbered(younger.id, int(seed[:8], 16))
            if self.merged(self.layout.relative(self.layout.report(fresh))) is None:
                return fresh
