"""Mails that belong to reports: tried out first, on the reports as they will be, and committed when all is prepared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from issuelog.actions.reply import is_the_customer, reply, sender, written_at
from issuelog.bulk import Names
from issuelog.errors import NotFound, UsageError
from issuelog.intake.incoming import Incoming, Letter
from issuelog.intake.threads import addresses, answered, in_subject, is_from
from issuelog.model.lifecycle import Next, take
from issuelog.model.report import Report
from issuelog.model.step import Moment, Step
from issuelog.model.threading import report_of
from issuelog.redaction import clear
from issuelog.snapshot import Snapshot
from issuelog.store import reports
from issuelog.store.reports import Stored
from issuelog.tracker import Tracker

ACTION = "received"


@dataclass(frozen=True)
class Home:
    """The report that a mail belongs to, None where it is to be one of its own, and what deserves a warning.

    `perhaps` is a report that it names without belonging there.
    """

    report: str | None
    notes: tuple[str, ...] = ()
    perhaps: str | None = None


@dataclass(frozen=True)
class _Answer:
    """What is to be committed."""

    number: int
    report: str
    step: Step
    moment: Moment


class Replies:
    """The mails of one import that belong to reports. `known` are the reports by what mails are called.

    With `to` all of them belong to that report.
    """

    def __init__(self, tracker: Tracker, names: Names, known: Mapping[str, str], to: str | None) -> None:
        self.tracker = tracker
        self.known = known
        self.to = tracker.find(to) if to else None
        self._names = names
        self._head = Snapshot(tracker.repository, names.head)
        self._made: dict[str, bytes] = {}
        self._now: dict[str, Stored] = {}
        self._answers: list[_Answer] = []

    def made(self, report_id: str, content: bytes) -> None:
        """Take note of a report that this import makes: the next mail may answer it."""
        self._made[report_id] = content

    def may_answer(self, item: Incoming) -> bool:
        """Whether a mail names others, which perhaps come later, or a report."""
        letter = item.letter
        return letter is not None and bool(self.to or letter.references or in_subject(letter))

    def own_message(self, item: Incoming) -> str | None:
        """Return the report of which a mail is a message of ours, which came back to us."""
        ours = report_of(item.external_ref or "")
        if not ours or not self._is_here(ours[0]):
            return None
        said = [one.id for one in self._stored(ours[0]).report.messages if one.direction == "out"]
        return ours[0] if ours[1] in said else None

    def home(self, item: Incoming, letter: Letter) -> Home:
        """Return the report that a mail belongs to: whose mail it answers, or whose id its customer has in the subject.

        An id in a subject is no secret, and anybody can write one: that alone opens no report to a stranger.
        """
        if self.to:
            return Home(self.to)
        named = [one for one in in_subject(letter) if self._is_here(one)]
        found = answered(letter, self.known, self._is_here)
        if found:
            others = ", ".join(one for one in dict.fromkeys([*found, *named]) if one != found[0])
            notes = (f"it names {others} as well",) if others else ()
            return Home(found[0], (*notes, *self._warnings(item, letter, found[0])))
        its_own = [one for one in named if is_from(item.contact, self._stored(one).report.customer)]
        if len(its_own) == 1:
            return Home(its_own[0], tuple(self._warnings(item, letter, its_own[0])))
        if not named:
            return Home(None)
        why = "several reports" if its_own else f"{named[0]}, whose customer {sender(item)} is not"
        return Home(None, (f"its subject names {why}: it is a report of its own",), named[0])

    def _warnings(self, item: Incoming, letter: Letter, report_id: str) -> Iterator[str]:
        customer = self._stored(report_id).report.customer
        if letter.automatic == "bounce":
            yield (
                f"a message did not reach {customer.contact or 'the customer'}; another way to them: "
                f"issuelog set {report_id} customer.contact=VALUE"
            )
        elif letter.automatic is None and addresses(customer.contact) and not is_from(item.contact, customer):
            yield f"{sender(item)} is not its customer, but answers one of its mails"

    def is_ours(self, item: Incoming, report_id: str) -> bool:
        """Whether one of our own people has written a mail, and not as the customer."""
        ours = {address for person in self.tracker.policy.people.values() for address in addresses(person)}
        is_one = not self.to and not ours.isdisjoint(addresses(item.contact))
        return is_one and not is_the_customer(item, self._stored(report_id).report)

    def prepare(
        self, number: int, item: Incoming, letter: Letter, report_id: str, moment: Moment
    ) -> tuple[Report, Next] | None:
        """Try out what a mail changes in a report, and keep it for `commit`; None where it is there already.

        Raises SecretFound, UsageError, InvalidFile or Conflict where it may not be committed.
        """
        stored = self._stored(report_id)
        moment = written_at(item, stored.report, moment)
        step = reply(self.tracker.policy, item, letter)
        after = take(stored.report, step, moment, self.tracker.policy)
        if after is stored.report:
            return None
        require_small(step.files, self.tracker.policy.max_attachment_bytes)
        after = clear(stored.report, after, step.files, self.tracker.secrets).report
        self._now[report_id] = reports.load(reports.changed_text(stored, after), stored.path)
        self._answers.append(_Answer(number, report_id, step, moment))
        return after, self.tracker.changed(after, ACTION, None, None, moment, came_from=after.state).next

    def commit(self) -> Iterator[tuple[int, str | None]]:
        """Commit each, and yield its number and the commit; None where somebody else has recorded it meanwhile."""
        for answer in self._answers:
            yield answer.number, self.tracker.change(answer.report, answer.step, answer.moment).commit

    def _is_here(self, report_id: str) -> bool:
        if report_id in self._made:
            return True
        path = self.tracker.relative(self.tracker.layout.report(report_id))
        return self._names.committed(self.tracker.in_repository(path))

    def _stored(self, report_id: str) -> Stored:
        """Return a report as it will be. Raises Conflict where a hand has changed it."""
        if report_id not in self._now:
            shown = self.tracker.relative(self.tracker.layout.report(report_id))
            if report_id in self._made:
                self._now[report_id] = reports.load(self._made[report_id], shown)
            elif self.tracker.include_edits:
                self._now[report_id] = self.tracker.read(report_id)
            else:
                content = self._head.content(self.tracker.in_repository(shown))
                if content is None:
                    raise NotFound(f"{report_id} is not in the last commit", hint="git log -- " + shown)
                self._now[report_id] = reports.load(content, shown)
        return self._now[report_id]


def require_small(files: Mapping[str, bytes], limit: int) -> None:
    """Raise UsageError where a file has more bytes than policy allows."""
    for name, content in files.items():
        if len(content) > limit:
            raise UsageError(f"{name} has {len(content):,} bytes; policy allows {limit:,}", hint="attach a part of it")
