"""What an earlier report or a known error has to offer to who meets the error again, as steps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from issuelog.model.guards import TRIAL_PLACES
from issuelog.model.history import DONE
from issuelog.model.known_error import KnownError
from issuelog.model.report import NONE_SHOWN, Report, Resolution
from issuelog.model.text import one_line
from issuelog.model.versions import covers, has_fix

_SYMPTOM = 200
_SHORT = 300
_HELPS = ("workaround", "solution", "fix", "fixed_in", "precedent")
_WORDS = {
    "check": "Check that it is this error: {}",
    "workaround": "Meanwhile: {}",
    "solution": "{}",
    "fix": "The fix: {}",
    "ref": "See {}",
    "fixed_in": "Go to version {} or later",
    "deployed": "It runs in {}",
    "precedent": "It was solved by {}: apply that",
    "check_gone": "Check that it is gone: {}",
}


@dataclass(frozen=True)
class Step:
    """One step of a solution, and of what kind it is."""

    kind: str
    text: str

    @property
    def words(self) -> str:
        """The step as people read it."""
        return _WORDS[self.kind].format(self.text)


@dataclass(frozen=True)
class Solution:
    """A solution: what it is for, why that happens, and the steps. A known error has no state.

    `caution` says why it may be none.
    """

    ref: str
    title: str
    state: str | None
    symptom: str
    cause: str | None
    affected: str | None
    fixed_in: str | None
    steps: tuple[Step, ...]
    test: str | None = None
    caution: str | None = None

    def has_fix(self, version: str | None) -> bool | None:
        """Whether a version has the fix already; None where that is not known."""
        return has_fix(version, self.fixed_in) if version and self.fixed_in else None

    def covers(self, version: str | None) -> bool | None:
        """Whether a version is among those that have the error; None where that is not known."""
        return covers(self.affected, version) if version and self.affected else None

    def about(self, version: str | None) -> str:
        """Return in words whether a version has the fix, or the error."""
        if not version:
            return "in which version the error shows is not known"
        if self.fixed_in:
            has_it = self.has_fix(version)
            if has_it is None:
                return f"whether {version} has the fix, which is in {self.fixed_in}, cannot be told"
            if has_it:
                return f"{version} has the fix, which came in {self.fixed_in}: the error is back"
            return f"{version} is older than {self.fixed_in}, which has the fix"
        if self.affected:
            is_affected = {True: "is among", False: "is not among", None: "may be among"}[self.covers(version)]
            return f"{version} {is_affected} the versions that have the error: {self.affected}"
        return "which versions have the error is not recorded"

    def data(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "ref": self.ref,
            "title": self.title,
            "state": self.state,
            "symptom": self.symptom,
            "cause": self.cause,
            "affected_versions": self.affected,
            "fixed_in": self.fixed_in,
            "steps": [{"kind": step.kind, "text": step.text} for step in self.steps],
        }


def of_known_error(known: KnownError) -> Solution:
    """Return what a known error has to offer."""
    steps = [
        *([Step("check", known.check)] if known.check else []),
        *([Step("workaround", known.workaround)] if known.workaround else []),
        *(Step("solution", text) for text in known.solution),
        *([Step("fixed_in", known.fixed_in)] if known.fixed_in else []),
        *([Step("check_gone", known.check_gone)] if known.check_gone else []),
    ]
    caution = f"{known.id} is retired: {known.retired.because}" if known.retired else None
    return Solution(
        known.id,
        known.title,
        None,
        known.symptom,
        known.cause,
        known.affected_versions,
        known.fixed_in,
        tuple(steps) if known.workaround or known.solution or known.fixed_in else (),
        known.check,
        caution,
    )


def of_report(report: Report) -> Solution:
    """Return what an earlier report has to offer."""
    message = report.intake.error_message
    return Solution(
        report.id,
        report.title,
        report.state.value,
        message if message and message != NONE_SHOWN else one_line(report.intake.actual or report.story, _SYMPTOM),
        report.diagnosis.cause,
        report.diagnosis.affected_versions,
        report.fix.fixed_in,
        tuple(_steps(report)),
        caution=_caution(report),
    )


def _steps(report: Report) -> Iterator[Step]:
    if report.workaround.text:
        yield Step("workaround", report.workaround.text)
    if report.fix.summary:
        yield Step("fix", report.fix.summary)
    for ref in report.fix.refs if report.fix.summary else ():
        yield Step("ref", ref)
    if report.fix.fixed_in:
        yield Step("fixed_in", report.fix.fixed_in)
    running = [item for item in report.fix.deployed if item.place not in TRIAL_PLACES]
    if running:
        places = dict.fromkeys(f"{item.place} since {item.at:%Y-%m-%d} ({item.version})" for item in running)
        yield Step("deployed", ", ".join(places))
    last = {tried.ref: tried.outcome for tried in sorted(report.precedents.tried, key=lambda tried: tried.at)}
    for ref in [ref for ref, outcome in last.items() if outcome == "worked"]:
        yield Step("precedent", ref)


def _caution(report: Report) -> str | None:
    if report.state not in DONE:
        return f"{report.id} is itself not solved: it is {report.state}"
    if report.closure.resolution not in {None, Resolution.FIXED}:
        return f"{report.id} was closed as {report.closure.resolution}"
    return None


def in_short(solution: Solution) -> str:
    """Return in one line what helps; nothing where the solution has no such step."""
    return one_line("; ".join(step.words for step in solution.steps if step.kind in _HELPS), _SHORT)
