"""Merging versions of a report's file, as git asks for it."""

from __future__ import annotations

from pathlib import Path

from issuelog.errors import GitRefused, InvalidFile
from issuelog.model.merge import later_of, merge
from issuelog.model.report import Report
from issuelog.store import reports
from issuelog.store.files import read_regular
from issuelog.vcs.git import Git

DRIVER = "issuelog merge-driver %O %A %B %P"
"""What git is told to run for a report; see gitattributes(5), "Defining a custom merge driver"."""


def merged_file(base: bytes, ours: bytes, theirs: bytes, shown: str) -> bytes:
    """Return the merged file: the text of the side with the later event, with what the other side brings.

    Raises InvalidFile where one of the versions is no report.
    """
    sides = [reports.load(content, shown) for content in (ours, theirs)]
    before = reports.to_data(reports.load(base, shown).report) if base.strip() else {}
    mine, other = (reports.to_data(side.report) for side in sides)
    result = Report.model_validate(merge(before, mine, other))
    return reports.changed_text(sides[0] if later_of(mine, other) is mine else sides[1], result)


def drive(base: Path, ours: Path, theirs: Path, shown: str) -> bool:
    """Merge as git's merge driver: the result goes where `ours` is. Return False where a conflict is left in it.

    Where a version is no report git merges the lines, so that nothing is lost.
    """
    versions = [read_regular(path) or b"" for path in (base, ours, theirs)]
    try:
        ours.write_bytes(merged_file(versions[0], versions[1], versions[2], shown))
    except InvalidFile:
        names = ("--marker-size=7", "-L", "ours", "-L", "base", "-L", "theirs")
        done = Git(ours.parent).attempt("merge-file", *names, "--", str(ours), str(base), str(theirs))
        if done.returncode > 127:
            raise GitRefused(done.stderr.decode("utf-8", "replace").strip()) from None
        return done.returncode == 0
    return True
