"""What the rules of an analysis look at, and what they find."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from issuelog.model.history import planned_by
from issuelog.model.policy import Policy
from issuelog.model.report import Action, Cause, Rca, Report, Why


@dataclass(frozen=True)
class Finding:
    """What a rule misses: where in the file, why it matters, what would satisfy it, and the command for that.

    `rule` is its id, which stays. The command is without the report's id, see `guards.aimed`.
    """

    rule: str
    place: str
    what: str
    helps: str
    command: str


@dataclass(frozen=True)
class Failed:
    """An earlier analysis whose measures did not hold: the report, its root causes in its own words, and why not."""

    report: str
    causes: Sequence[str]
    because: str


@dataclass(frozen=True)
class Subject:
    """An analysis in its report, the policy, and what of earlier analyses did not hold."""

    report: Report
    policy: Policy
    failed: Sequence[Failed] = ()

    @property
    def rca(self) -> Rca:
        """The analysis."""
        return self.report.rca

    @property
    def began(self) -> datetime:
        """When it was begun; where no event tells, when the report came."""
        told = [event.at for event in self.report.events if event.action == "rca start"]
        return told[-1] if told else self.report.source.received_at

    @cached_property
    def planned(self) -> dict[str, datetime]:
        """When each measure was planned, by the events."""
        told = [one for one in self.report.events if one.action in {"rca action", "rca edit"}]
        return {one: event.at for event in told for one in planned_by(event)}

    @property
    def live(self) -> list[Action]:
        """The measures that were not dropped."""
        return [action for action in self.rca.actions if action.status != "dropped"]

    def whys(self) -> Iterator[tuple[Cause, Why, str]]:
        """Yield each why with its cause and its place."""
        for cause in self.rca.causes:
            for number, why in enumerate(cause.whys, 1):
                yield cause, why, f"rca.causes.{cause.id}.whys.{why.id or number}"

    @cached_property
    def people(self) -> frozenset[str]:
        """Everybody whom the report, its events or the policy name."""
        report, rca = self.report, self.report.rca
        found = {report.owner, report.source.recorded_by, rca.owner, rca.reviewer}
        found |= {event.by for event in report.events} | {message.by for message in report.messages}
        found |= {action.owner for action in rca.actions} | {attempt.by for attempt in report.attempts}
        found |= {*self.policy.people.values()} | {self.policy.person(who) for who in self.policy.owners.values()}
        return frozenset(one for one in found if one)
