"""The rules that a root cause analysis has to satisfy before it is accepted: small functions, one a rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from issuelog.model.report import Cause, Rca

WHYS = 3


@dataclass(frozen=True)
class Finding:
    """What a rule misses, where, and the command that supplies it (without the report's id)."""

    rule: str
    what: str
    command: str


def findings(rca: Rca) -> list[Finding]:
    """Return everything that stands between this analysis and its acceptance, in the order of the table."""
    return [finding for rule in RULES for finding in rule(rca)]


def _both_causes(rca: Rca) -> Iterator[Finding]:
    meaning = {"occurrence": "why it happened", "escape": "why it reached the customer"}
    for kind, words in meaning.items():
        if not any(cause.kind == kind for cause in rca.causes):
            yield Finding(
                "both_causes",
                f"no {kind} cause: {words}",
                f"rca why --cause {kind} --why TEXT --evidence TEXT",
            )


def _deep_enough(rca: Rca) -> Iterator[Finding]:
    for cause in rca.causes:
        if len(cause.whys) < WHYS:
            have = f"{len(cause.whys)} of {WHYS} whys"
            yield Finding(
                "deep_enough",
                f"{_name(cause)} has {have}",
                f"rca why --cause {cause.kind} --why TEXT --evidence TEXT",
            )


def _evidence(rca: Rca) -> Iterator[Finding]:
    for cause in rca.causes:
        for why in cause.whys:
            if not why.evidence:
                yield Finding(
                    "evidence",
                    f"{why.id or 'a why'} of {_name(cause)} has no evidence",
                    f"set rca.causes.{cause.id}.whys.{why.id}.evidence=TEXT" if why.id else "edit",
                )


def _systemic_end(rca: Rca) -> Iterator[Finding]:
    for cause in rca.causes:
        if cause.end_kind is None:
            yield Finding(
                "systemic_end",
                f"{_name(cause)} does not say what part of the system its last why names",
                f"rca why --cause {cause.kind} --ends-in process",
            )


def _prevented(rca: Rca) -> Iterator[Finding]:
    if not any(
        action.kind == "prevent" and action.strength != "weak" for action in rca.actions if action.status != "dropped"
    ):
        yield Finding(
            "prevented",
            "no preventive action stronger than training",
            "rca action TEXT --kind prevent --strength strong --owner WHO --due TIME --measure TEXT",
        )


def _actions_owned(rca: Rca) -> Iterator[Finding]:
    for action in rca.actions:
        if action.status != "open":
            continue
        for field, present in (
            ("owner", action.owner),
            ("due_at", action.due_at),
            ("measure", action.measure),
        ):
            if not present:
                yield Finding(
                    "actions_owned",
                    f"action {action.id} has no {field}",
                    f"set rca.actions.{action.id}.{field}=VALUE",
                )


RULES: tuple[Callable[[Rca], Iterator[Finding]], ...] = (
    _both_causes,
    _deep_enough,
    _evidence,
    _systemic_end,
    _prevented,
    _actions_owned,
)


def _name(cause: Cause) -> str:
    return f"the {cause.kind} cause {cause.id}"
