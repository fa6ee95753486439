"""The commits of a report: those of the product that it names, and those that name it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from issuelog.errors import NotFound, UsageError
from issuelog.model.report import Report
from issuelog.model.times import iso, parse_iso
from issuelog.vcs.product import Product, is_commit_id

FIRST_BAD, FIX = "first_bad_commit", "fix"
"""What a commit is to the report that names it. `trailer` and `message` are where one names the report."""
_WORDS = {FIRST_BAD: "the first commit with the error", FIX: "a commit of the fix"}
_NAMES = "a commit that names the report"
_GIT = "git:"
_WHOLE = frozenset({40, 64})
_FEWEST = 7
"""Anything shorter than git itself prints may as well be a word."""


@dataclass(frozen=True)
class Concerning:
    """A commit of the product that has to do with a report; `why` it has, in all ways."""

    sha: str
    at: str
    by: str
    summary: str
    why: tuple[str, ...]

    @property
    def short(self) -> str:
        """The beginning of its id."""
        return self.sha[:10]

    @property
    def words(self) -> str:
        """What it is to the report."""
        return _WORDS.get(self.why[0], _NAMES)

    def data(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {"at": self.at, "by": self.by, "commit": self.sha, "summary": self.summary, "why": list(self.why)}


def concerning(product: Product, report: Report) -> list[Concerning]:
    """Return the commits that a report names, as far as they are there, and those that name it, the oldest first.

    Raises GitRefused.
    """
    found: dict[str, Concerning] = {}
    for why, typed in _named(report):
        try:
            commit = product.commit(typed)
            at = iso(parse_iso(commit.at))
        except (NotFound, UsageError, ValueError):  # of another clone, or of a time that there is not
            continue
        _add(found, Concerning(commit.sha, at, commit.author, commit.subject, (why,)))
    for one in product.naming([report.id, *report.also_known_as]):
        _add(found, Concerning(one.sha, one.at, one.by, one.summary, (one.where,)))
    return sorted(found.values(), key=lambda one: (one.at, one.sha))


def _add(found: dict[str, Concerning], new: Concerning) -> None:
    known = found.setdefault(new.sha, new)
    if known is not new:
        found[new.sha] = replace(known, why=tuple(dict.fromkeys((*known.why, *new.why))))


def _named(report: Report) -> Iterator[tuple[str, str]]:
    """Yield what a report calls a commit, each with what it is to it."""
    for why, ref in ((FIRST_BAD, report.diagnosis.first_bad_commit), *((FIX, ref) for ref in report.fix.refs)):
        typed = (ref or "").removeprefix(_GIT)
        is_said = why == FIRST_BAD or typed != ref or len(typed) in _WHOLE
        if is_said and len(typed) >= _FEWEST and is_commit_id(typed):
            yield why, typed
