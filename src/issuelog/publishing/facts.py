"""What a report knows of its error that others may read: from what we found out, never from what the customer wrote."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from issuelog.errors import Missing, Refused
from issuelog.model.identifier import is_known_error_id
from issuelog.model.known_error import KnownError
from issuelog.model.report import NONE_SHOWN, Report, Resolution, State
from issuelog.model.signature import of_report
from issuelog.model.text import fold

Facts = dict[str, Any]
"""Fields of a known error, by their names."""


@dataclass(frozen=True)
class Asked:
    """What a known error cannot do without: the fields of which one is enough, and how to ask for the first."""

    fields: tuple[str, ...]
    what: str
    question: str

    @property
    def field(self) -> str:
        """The field that is asked for."""
        return self.fields[0]

    @property
    def option(self) -> str:
        """The option that supplies it."""
        return f"--{self.field.replace('_', '-')}"


NEEDED = (
    Asked(("title",), "a title that is ours", "What is the error called, in one line?"),
    Asked(("symptom",), "a symptom: what somebody sees who has it", "What does somebody see who has it?"),
    Asked(("cause",), "the cause", "Why does it happen?"),
    Asked(("solution", "workaround"), "a solution, or a workaround", "What helps? (one step)"),
    Asked(("check", "check_gone"), "how to check that it is this error", "How does one check that it is this error?"),
)
_DONE = (State.RESOLVED, State.RCA, State.CLOSED)
_NOT_AN_ERROR_OF_ITS_OWN = (Resolution.SPAM, Resolution.WITHDRAWN, Resolution.DUPLICATE)
_WORDS_OF_OURS = frozenset({"set", "edit"})


class Lacking(Refused):
    """A known error cannot be made yet: `asked` is what is missing."""

    def __init__(self, report: str, asked: Sequence[Asked], into: str | None, solved_by: str | None = None) -> None:
        command = f"issuelog known-error publish {report}{f' --into {into}' if into else ''}"
        facts = "1 fact is" if len(asked) == 1 else f"{len(asked)} facts are"
        missing = [Missing(one.field, one.what, f"{command} {one.option} TEXT") for one in asked]
        whole = " ".join([command, *(f"{one.option} TEXT" for one in asked)])
        hint = f"in one: {whole}" if asked[1:] else None
        if solved_by:
            hint = f"{solved_by} has helped: {command} --into {solved_by}   adds the report to it"
        super().__init__(f"{report} cannot be published yet: {facts} missing", missing, hint)
        self.asked = tuple(asked)


def require_publishable(report: Report) -> None:
    """Raise Refused where a report is not done, or has no error of its own to tell of."""
    if report.state not in _DONE:
        raise Refused(
            f"{report.id} is {report.state}; what is published is known to hold, so it has to be resolved first",
            hint=f"issuelog next {report.id}",
        )
    ending = report.closure.resolution
    if ending is Resolution.DUPLICATE and report.links.duplicate_of:
        raise Refused(
            f"{report.id} is a duplicate of {report.links.duplicate_of}",
            hint=f"issuelog known-error publish {report.links.duplicate_of}",
        )
    if ending in _NOT_AN_ERROR_OF_ITS_OWN:
        raise Refused(f"{report.id} was closed as {ending}: nothing is known that others could use")


def facts_of(report: Report) -> Facts:
    """Return what a report knows of a known error's fields."""
    environment, message = report.intake.environment, report.intake.error_message
    found = {
        "title": report.title if _is_ours(report) else None,
        "component": report.component,
        "product": environment.product,
        "symptom": message if message != NONE_SHOWN else None,
        "signature": _signatures(report),
        "affected_versions": report.diagnosis.affected_versions or _since(report),
        "fixed_in": report.fix.fixed_in,
        "cause": report.diagnosis.cause,
        "workaround": report.workaround.text,
        "solution": [report.fix.summary] if report.fix.summary else [],
        "check": next((one.test for one in report.hypotheses if one.result == "confirmed" and one.test), None),
        "check_gone": _proof(report),
        "prevention": "\n".join(_measures(report)) or None,
    }
    return given(found)


def helped_by(report: Report) -> str | None:
    """Return the known error whose solution worked for a report, the last if there are several."""
    worked = [one.ref for one in report.precedents.tried if one.outcome == "worked" and is_known_error_id(one.ref)]
    return worked[-1] if worked else None


def given(facts: Mapping[str, Any]) -> Facts:
    """Return the facts that say something."""
    return {name: value for name, value in facts.items() if value not in (None, "", [], ())}


def lacking(facts: Mapping[str, Any]) -> list[Asked]:
    """Return what is missing of a known error with these facts."""
    return [asked for asked in NEEDED if not any(facts.get(field) for field in asked.fields)]


def widened(known: KnownError, facts: Facts, told: Facts) -> Facts:
    """Return a known error's fields with those of one more report: lists and versions united, gaps filled.

    What was `told` replaces what stood there.
    """
    before = known.model_dump(by_alias=True, exclude_none=True)
    united = {**facts, **given(before)}
    for name in ("signature", "labels", "may_say"):
        united[name] = _united(before.get(name, []), facts.get(name, []), told.get(name, []))
    united["affected_versions"] = _versions(known.affected_versions, facts.get("affected_versions"))
    replaced = {name: value for name, value in told.items() if name not in {"labels", "may_say"}}
    return given({**united, **replaced})


def _united(*lists: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(one for part in lists for one in part))


def _versions(known: str | None, more: str | None) -> str | None:
    """Return both ranges; a semicolon is an 'or'."""
    if not known or not more:
        return known or more
    parts = [part.strip() for part in known.split(";")]
    return known if more in parts else f"{known}; {more}"


def _signatures(report: Report) -> list[str]:
    """Return those of the error message; of what else the customer wrote only real stack traces count."""
    bare = report.model_copy(update={"story": "", "intake": report.intake.model_copy(update={"actual": None})})
    traced = [one for one in of_report(report) if one.frames]
    return list(dict.fromkeys(map(str, [*of_report(bare), *traced])))


def _since(report: Report) -> str | None:
    introduced, fixed = report.diagnosis.introduced_in, report.fix.fixed_in
    if not introduced:
        return None
    return f">={introduced},<{fixed}" if fixed else f">={introduced}"


def _proof(report: Report) -> str | None:
    """Return what was tried last to see that it is gone: by hand if it was, for anybody can do that again."""
    passed = sorted((one for one in report.fix.tests if one.result == "pass"), key=lambda one: one.mode == "manual")
    return passed[-1].scenario if passed else None


def _measures(report: Report) -> Iterator[str]:
    return (one.text for one in report.rca.actions if one.kind == "prevent" and one.status != "dropped")


def _is_ours(report: Report) -> bool:
    """Whether we wrote the title: it is neither the beginning of the story nor what a mail or another tracker had."""
    if any("title" in (event.fact("fields") or ()) for event in report.events if event.action in _WORDS_OF_OURS):
        return True
    if report.events[0].action == "import":
        return False
    return not fold(report.story).startswith(fold(report.title.removesuffix("…")))
