"""Reading any file of a tracker for the index: a report, a known error, or the reason why it is neither."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from issuelog.errors import Conflict, InvalidFile, NotFound, Problem
from issuelog.knowledge import solution
from issuelog.model import likeness, signature
from issuelog.model.policy import Policy
from issuelog.model.report import Report
from issuelog.model.row import make_row
from issuelog.model.times import iso
from issuelog.store import known_errors, reports
from issuelog.store.layout import KNOWN_ERRORS, Layout
from issuelog.store.passages import words
from issuelog.store.rows import Outcome, Read, ReadFile


def reader(layout: Layout, policy: Policy) -> ReadFile:
    """Return what reads the files of a tracker, by path."""

    def read(path: str) -> Read:
        shown = layout.relative(path)
        try:
            if shown.startswith(f"{KNOWN_ERRORS}/"):
                return _known_error(Path(path), shown)
            stored = reports.read(Path(path), shown)
            return _report(stored, policy, shown)
        except InvalidFile as error:
            return Read(problems=error.problems)
        except (Conflict, NotFound) as error:
            return Read(problems=[Problem(shown, 1, 1, "file", error.message)], lasting=_is_no_file(path))

    return read


def _is_no_file(path: str) -> bool:
    """Whether something else stands in a file's place; a file that could not be read may be readable next time."""
    try:
        return not stat.S_ISREG(os.lstat(path).st_mode)
    except OSError:
        return False


def _report(stored: reports.Stored, policy: Policy, shown: str) -> Read:
    report = stored.report
    return Read(
        make_row(report, policy, shown),
        words=words(stored.root),
        likeness=likeness.of_report(report),
        solution=solution.in_short(solution.of_report(report)),
        signatures=signature.of_report(report),
        outcomes=list(_outcomes(report)),
    )


def _outcomes(report: Report) -> Iterator[Outcome]:
    for tried in report.precedents.tried:
        yield Outcome(tried.ref, tried.outcome, iso(tried.at))
    for rejected in report.precedents.rejected:
        yield Outcome(rejected.ref, "rejected", iso(rejected.at))
    if report.links.duplicate_of:
        yield Outcome(report.links.duplicate_of, "duplicate", iso(max(event.at for event in report.events)))


def _known_error(path: Path, shown: str) -> Read:
    stored = known_errors.read(path, shown)
    known = stored.known_error
    return Read(
        known_error=known_errors.row(known, shown),
        words=words(stored.root),
        likeness=None if known.retired else likeness.of_known_error(known),
        solution=solution.in_short(solution.of_known_error(known)),
        signatures=[found for text in known.signature if (found := signature.parse(text))],
    )
