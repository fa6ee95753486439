"""A run of a clock, and all of a report that runs go by."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from itertools import accumulate

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
class Spans:
    """Spans that are asked often: when each began, in order, and with it the latest end so far."""

    begins: Sequence[datetime]
    ends: Sequence[datetime]

    @classmethod
    def of(cls, spans: Sequence[Span]) -> Spans:
        """Return spans in any order, made ready."""
        ordered = sorted((began, ended or FOREVER) for began, ended in spans)
        return cls([began for began, _ in ordered], list(accumulate((ended for _, ended in ordered), max)))

    def hold(self, at: datetime) -> bool:
        """Whether one of them holds at a time."""
        begun = bisect_right(self.begins, at)
        return begun > 0 and at < self.ends[begun - 1]


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
    def waiting_spans(self) -> Spans:
        """When it waited on the customer, for many questions."""
        return Spans.of(self.waits)

    @cached_property
    def done_spans(self) -> Spans:
        """When it was done, for many questions."""
        return Spans.of(self.done)

    @cached_property
    def closings(self) -> list[datetime]:
        """When it was closed, each time, in order."""
        return sorted(event.at for event in self.report.events if event.to is State.CLOSED)

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

    @cached_property
    def heard(self) -> Mapping[str, int]:
        """Where in the history each message of the customer was recorded: one of before a word may be read after it."""
        events = enumerate(self.report.events)
        return {str(event.fact("message")): place for place, event in events if event.action == "received"}

    @cached_property
    def first_word(self) -> int:
        """Where in the history our first word was recorded; -1 where nothing tells."""
        first = self.words[0].id
        events = enumerate(self.report.events)
        return next((place for place, event in events if str(event.fact("message")) == first), -1)

    @cached_property
    def _answering(self) -> Sequence[int]:
        """Where in the history the customer was answered: by a word, or by settling what he wants without one."""
        words = {word.id for word in self.words}
        return [
            place
            for place, event in enumerate(self.report.events)
            if str(event.fact("message")) in words or event.action == "verify" or event.to is State.CLOSED
        ]

    @cached_property
    def _answering_times(self) -> Sequence[datetime]:
        return sorted(self.report.events[place].at for place in self._answering)

    def answer_to(self, message: Message) -> tuple[datetime | None, int]:
        """Return when a message of the customer was answered, and where in the history that was recorded.

        Only what was recorded after it is an answer to it; where nothing tells when it was recorded, its time counts.
        """
        if message.id in self.heard:
            place = bisect_right(self._answering, self.heard[message.id])
            if place == len(self._answering):
                return None, len(self.report.events)
            found = self._answering[place]
            return max(self.report.events[found].at, message.at), found
        later = bisect_left(self._answering_times, message.at)
        settled = self._answering_times[later] if later < len(self._answering_times) else None
        times = [at for at in (self.word_after(message), settled) if at is not None]
        return min(times, default=None), -1

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
        closed = [(began, ended or FOREVER) for began, ended in pauses if (ended or FOREVER) > start]
        dues: dict[Severity, datetime | None] = {}
        stretches: list[Stretch] = []
        for since, severity in self._severities_in(start, end or FOREVER):
            if stretches and stretches[-1].due and stretches[-1].due <= since:
                break
            if severity not in dues:
                dues[severity] = self.terms.due(severity, clock, start, closed)
            due = dues[severity]
            if due and stretches and severity < stretches[-1].severity:
                due = max(due, self.terms.due(severity, "acknowledge", since) or due)
            stretches.append(Stretch(since, severity, self.terms.target(severity, clock), due))
        if stretches[-1].target:
            lasting = tuple(span for span in pauses if (span[1] or FOREVER) > start and span[0] < (end or FOREVER))
            yield Clock(clock, start, stretches[-1].due, end, item, None, lasting, tuple(stretches))

    def _severities_in(self, start: datetime, end: datetime) -> list[tuple[datetime, Severity]]:
        """Return the severity at a time, and those that came after it and before another."""
        times = self._changed
        before, after = bisect_right(times, start), bisect_left(times, end)
        return [(start, self.severities[before][1]), *self.severities[before + 1 : after + 1]]

    @cached_property
    def _changed(self) -> list[datetime]:
        """When the severity changed, in order; what was before the first of these it had from its beginning."""
        return [since for since, _ in self.severities[1:]]
