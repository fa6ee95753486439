"""Whom a fix concerns: the reports that are of the same error, and what there is to tell their customers."""

from __future__ import annotations

import shlex
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Set
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from issuelog.knowledge.solution import Solution, of_known_error, of_report
from issuelog.model.guards import REQUESTING, TRIAL_PLACES
from issuelog.model.history import said_by_us
from issuelog.model.identifier import is_known_error_id
from issuelog.model.known_error import KnownError
from issuelog.model.report import Report, Resolution, State
from issuelog.model.text import fold

OPEN = (State.NEW, State.ACKNOWLEDGED, State.REPRODUCED)
_TELLING = frozenset({"update", "update_late", "workaround", "closed"}) | REQUESTING
"""Kinds of messages in which a customer hears of a fix."""
_WORDS = {
    "en": (
        "the error is corrected in version {version}",
        "the error is corrected",
        "whether it is gone for you as well once you use that version",
        "whether it is gone for you as well",
        "{summary} (in version {version})",
    ),
    "de": (
        "der Fehler ist ab Version {version} behoben",
        "der Fehler ist behoben",
        "ob er mit dieser Version auch bei Ihnen behoben ist",
        "ob er auch bei Ihnen behoben ist",
        "{summary} (ab Version {version})",
    ),
}
_MENTIONS = """
SELECT report.id FROM words JOIN report ON report.number = words.rowid
WHERE words MATCH ? AND (state IN ('new', 'acknowledged', 'reproduced') OR resolution = 'duplicate')
"""
_ALIKE = """
SELECT DISTINCT report.id FROM signature JOIN report USING (number)
WHERE state IN ('new', 'acknowledged', 'reproduced') AND loose IN (
    SELECT loose FROM signature WHERE number IN (
        SELECT number FROM report WHERE id = :id UNION ALL SELECT number FROM known_error WHERE id = :id))
"""


@dataclass(frozen=True)
class Target:
    """What was fixed, a report or a known error: the ids that it goes by, its solution, and since when that is out."""

    solution: Solution
    refs: frozenset[str]
    related: frozenset[str]
    product: str | None
    since: datetime | None
    summary: str | None
    help: str | None
    """What a customer can do meanwhile."""
    fixed: str | None
    """The report that was fixed."""

    @property
    def is_out(self) -> bool:
        """Whether a fix has been deployed, or is in a version."""
        return self.since is not None


def of(target: Report | KnownError) -> Target:
    """Return what concerns others of a report or a known error."""
    if isinstance(target, KnownError):
        steps = "\n".join(f"{number}. {step}" for number, step in enumerate(target.solution, 1))
        return Target(
            of_known_error(target),
            frozenset({target.id, *target.sources}),
            frozenset(),
            target.product,
            target.published_at if target.fixed_in else None,
            None,
            target.workaround or steps or None,
            next(iter(target.sources), None),
        )
    running = [item.at for item in target.fix.deployed if item.place not in TRIAL_PLACES]
    resolved = [event.at for event in target.events if event.to is State.RESOLVED] if target.state not in OPEN else []
    known = target.links.known_error or ""
    return Target(
        of_report(target),
        frozenset({target.id, *([known] if is_known_error_id(known) else [])}),
        frozenset(target.links.related),
        target.intake.environment.product,
        min([*running, *resolved[-1:]], default=None),
        target.fix.summary,
        target.workaround.text,
        target.id,
    )


def find(
    target: Target,
    ask: Callable[[Callable[[sqlite3.Connection], set[str]]], set[str]],
    read: Callable[[str], Report | None],
) -> Iterator[Concerned]:
    """Yield what a fix concerns, by what the index knows and the reports say.

    A duplicate brings along what is a duplicate of it. What cannot be read is left out.
    """
    refs, looked, seen = set(target.refs), set[str](), set(target.refs)
    alike = ask(partial(_alike, ref=target.solution.ref))
    while refs - looked:
        named = ask(partial(_mentioned, refs=refs - looked))
        looked |= refs
        for one in sorted((named | alike | target.related) - seen):
            report = read(one)
            why = tuple(_relations(report, target, refs, is_alike=one in alike)) if report else ()
            if report and why:
                seen.add(one)
                refs |= {one} if "duplicate" in why else set()
                found = Concerned(report, target, why)
                if found.counts:
                    yield found


def _mentioned(connection: sqlite3.Connection, *, refs: Iterable[str]) -> set[str]:
    """Return the reports that name one of these, of those that are open or closed as duplicates."""
    words = " OR ".join(f'"{ref}"' for ref in refs)
    return {row[0] for row in connection.execute(_MENTIONS, (f"notes : ({words})",))}


def _alike(connection: sqlite3.Connection, *, ref: str) -> set[str]:
    """Return the open reports that have a signature of this report or known error."""
    return {row[0] for row in connection.execute(_ALIKE, {"id": ref})}


def _relations(report: Report, target: Target, refs: Set[str], *, is_alike: bool) -> Iterator[str]:
    """Yield in what ways a report is of the same error as the target, which goes by `refs`."""
    links = report.links
    if links.duplicate_of in refs:
        yield "duplicate"
    if links.known_error in refs:
        yield "known_error"
    if links.recurrence_of in refs:
        yield "recurrence"
    if any(tried.ref in refs for tried in report.precedents.tried):
        yield "tried"
    if report.id in target.related or bool(refs & {*links.related}):
        yield "related"
    rejected = any(known.ref in refs for known in report.precedents.rejected)
    products = {fold(product) for product in (target.product, report.intake.environment.product) if product}
    if is_alike and not rejected and len(products) < 2:
        yield "signature"


@dataclass(frozen=True)
class Concerned:
    """A report that the fix concerns: why, whether its version has the fix, and whether its customer knows."""

    report: Report
    target: Target
    why: tuple[str, ...]

    @property
    def version(self) -> str | None:
        """The version that the customer uses."""
        return self.report.intake.environment.version

    @property
    def has_fix(self) -> bool | None:
        """Whether that version has the fix; None where it cannot be told."""
        return self.target.solution.has_fix(self.version)

    @property
    def is_told(self) -> bool:
        """Whether the customer has heard of the fix since it is out."""
        since, fixed_in = self.target.since, self.target.solution.fixed_in
        return since is not None and any(
            message.at >= since
            and message.kind in _TELLING
            and (not fixed_in or fixed_in in message.text or message.kind in REQUESTING)
            for message in said_by_us(self.report)
        )

    @property
    def works(self) -> bool:
        """Whether the solution was tried, and worked."""
        tried = sorted(self.report.precedents.tried, key=lambda known: known.at)
        return "worked" in {known.ref: known.outcome for known in tried if known.ref in self.target.refs}.values()

    @property
    def counts(self) -> bool:
        """Whether there is still something to do: a duplicate whose customer knows is over."""
        if self.report.state in OPEN:
            return True
        return self.report.closure.resolution is Resolution.DUPLICATE and "duplicate" in self.why and not self.is_told

    @property
    def kind(self) -> str | None:
        """The kind of message that the customer should get; None where there is nothing to tell, or no answer yet."""
        if self.report.state is State.NEW or self.is_told or self.works or (self.has_fix and self.target.is_out):
            return None
        if self.target.is_out:
            return "update" if self.report.state in OPEN else "verify_request"
        return "workaround" if self.target.help and self.report.state in OPEN and not self._knows_help else None

    @property
    def _knows_help(self) -> bool:
        return self.report.workaround.text == self.target.help

    @property
    def _command_without_solution(self) -> str:
        """The command that goes on where there is nothing to apply: two open ones of one error are solved as one."""
        one, original = self.report, self.target.solution
        if one.state not in OPEN:
            return f"issuelog next {original.ref}" if original.state else f"issuelog show {one.id}"
        is_same = original.state in OPEN and not {"signature", "tried"}.isdisjoint(self.why)
        return f"issuelog duplicate {one.id} --of {original.ref}" if is_same else f"issuelog next {one.id}"

    def slots(self, language: str) -> dict[str, str]:
        """Return what the message says, for the slots of its template."""
        if self.kind == "workaround":
            return {"steps": self.target.help or ""}
        words = _WORDS.get(language.replace("_", "-").split("-")[0].lower(), _WORDS["en"])
        version, summary = self.target.solution.fixed_in, self.target.summary
        corrected = words[0].format(version=version) if version else words[1]
        if self.kind == "verify_request":
            changed = words[4].format(summary=summary, version=version) if summary and version else summary
            return {"change_plain": changed or corrected}
        said = f"{corrected}: {summary}" if summary else corrected
        return {"confirmed": said, "checking": words[2] if version else words[3]}

    def command(self, slots: dict[str, str]) -> str:
        """Return the command that goes on: it tells the customer in the words of the slots, or applies the solution."""
        one, ref = self.report.id, self.target.solution.ref
        if self.report.state is State.NEW:
            return f"issuelog acknowledge {one}"
        if self.kind == "workaround":
            return f"issuelog workaround {one} {shlex.quote(slots['steps'])}"
        if self.kind == "verify_request":
            return f"issuelog verify {one} --request --slot change_plain={shlex.quote(slots['change_plain'])}"
        if self.kind == "update":
            said = " ".join(f"--{name} {shlex.quote(text)}" for name, text in slots.items())
            return f"issuelog update {one} {said}"
        if self.works:
            return f"issuelog next {one}"
        if self.has_fix and self.target.is_out:
            fixed = self.target.fixed if not self.report.links.recurrence_of else None
            return f"issuelog set {one} links.recurrence_of={fixed}" if fixed else f"issuelog next {one}"
        return f"issuelog apply {one} {ref}" if self.target.solution.steps else self._command_without_solution
