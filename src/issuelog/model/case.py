"""A run of a clock, and all of a report that runs go by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from issuelog.model.history import Span, done, said, said_by_us, severities, waits
from issuelog.model.policy import Policy, Target, Terms
from issuelog.model.report import Message, Report, Severity, State

FOREVER = datetime(9999, 12, 31, tzinfo=UTC)
"""The end of what lasts."""


@dataclass(frozen=True)
class Stretch:
    """What the due time was from some instant on: by the severity, and the target that it has."""

    since: datetime
    severity: Severity
    target: Target | None
    due: datetime | None


@dataclass(frozen=True)
class Clock:
    """One run of a clock: from `start` until `due`; `at` is the same, or far away while the clock is paused.

    `end` is when it was answered, or was no longer asked for; None while it runs. `item` is what it is about: a
    message, an escalation, an action.
    """

    clock: str
    start: datetime
    due: datetime | None
    end: datetime | None = None
    item: str | None = None
    owner: str | None = None
    pauses: tuple[Span, ...] = ()
    stretches: tuple[Stretch, ...] = ()

    @property
    def at(self) -> datetime:
        """When it runs out."""
        return self.due or FOREVER

    @property
    def is_paused(self) -> bool:
        """Whether it stands still."""
        return self.end is None and self.due is None

    def is_overdue(self, at: datetime) -> bool:
        """Whether it ran out before it was answered, or before `at` while it is not."""
        return self.due is not None and self.due < (self.end or at)


@dataclass(frozen=True)
class Case:
    """A report with what all clocks go by."""

    report: Report
    policy: Policy

    @cached_property
    def terms(self) -> Terms:
        """What the report may count on."""
        return self.policy.terms(self.report)

    @cached_property
    def received(self) -> datetime:
        """When the customer wrote."""
        return self.report.source.received_at

    @cached_property
    def words(self) -> list[Message]:
        """What a person of ours told the customer."""
        return said_by_us(self.report)

    @cached_property
    def severities(self) -> list[tuple[datetime, Severity]]:
        """Since when the report has had which severity."""
        return severities(self.report)

    @cached_property
    def waits(self) -> list[Span]:
        """When the report waited on the customer."""
        return waits(self.report)

    @cached_property
    def done(self) -> list[Span]:
        """When it was done."""
        return done(self.report)

    @cached_property
    def reopened(self) -> list[datetime]:
        """When it was taken up again."""
        return [ended for _, ended in self.done if ended is not None]

    @cached_property
    def finished(self) -> datetime | None:
        """When it was done for good."""
        return next((began for began, ended in self.done if ended is None), None)

    @cached_property
    def closed(self) -> datetime | None:
        """When it was closed, if it still is."""
        moves = [event for event in self.report.events if event.to is not None]
        return moves[-1].at if moves and moves[-1].to is State.CLOSED else None

    @cached_property
    def _next_words(self) -> Mapping[int, datetime]:
        """When the customer next heard from us after each message; those of one second are in the order of the file."""
        found, following = {}, None
        for message in reversed(said(self.report)):
            if following is not None:
                found[id(message)] = following
            if message.direction == "out":
                following = message.at
        return found

    def word_after(self, message: Message) -> datetime | None:
        """Return when the customer next heard from us after a message, theirs or ours."""
        return self._next_words.get(id(message))

    def run(
        self,
        clock: str,
        start: datetime,
        end: datetime | None,
        *,
        pauses: Sequence[Span] = (),
        item: str | None = None,
    ) -> Iterator[Clock]:
        """Yield a run by the targets of the severities that the report had, if it has such a target.

        A severity that is raised leaves at least the time in which a report of it is acknowledged. What ran out
        before the severity changed stays so.
        """
        closed = [(began, ended or FOREVER) for began, ended in pauses]
        known = self.severities
        changes = [change for change in known if start < change[0] < (end or FOREVER)]
        stretches: list[Stretch] = []
        for since, severity in [(start, _severity_at(known, start)), *changes]:
            if stretches and stretches[-1].due and stretches[-1].due <= since:
                break
            due = self.terms.due(severity, clock, start, closed)
            if due and stretches and severity < stretches[-1].severity:
                due = max(due, self.terms.due(severity, "acknowledge", since) or due)
            stretches.append(Stretch(since, severity, self.terms.target(severity, clock), due))
        if stretches[-1].target:
            lasting = tuple(span for span in pauses if (span[1] or FOREVER) > start and span[0] < (end or FOREVER))
            yield Clock(clock, start, stretches[-1].due, end, item, None, lasting, tuple(stretches))


def _severity_at(known: Sequence[tuple[datetime, Severity]], at: datetime) -> Severity:
    return next((severity for since, severity in reversed(known) if since <= at), known[0][1])
