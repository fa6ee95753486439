"""Mails that belong to reports: tried out first, on the reports as they will be, and committed when all is prepared."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from issuelog.actions.reply import is_the_customer, reply, sender, written_at
from issuelog.bulk import Names
from issuelog.errors import NotFound, UsageError
from issuelog.importing.aside import Aside, Kept, Place
from issuelog.intake.incoming import Incoming, Letter
from issuelog.intake.threads import addresses, answered, in_subject, is_from
from issuelog.model.lifecycle import Next, take
from issuelog.model.report import Report, State
from issuelog.model.step import Moment, Step
from issuelog.model.threading import report_of
from issuelog.redaction import clear
from issuelog.snapshot import Plan, Snapshot
from issuelog.store import reports
from issuelog.store.reports import Stored
from issuelog.tracker import Tracker
from issuelog.vcs.message import CommitMessage

ACTION = "received"
_MOST_PREPARED = 500_000_000
"""Bytes on the disk: each mail of a conversation makes a whole file."""


@dataclass(frozen=True)
class Home:
    """The report that a mail belongs to, None where it is to be one of its own, and what deserves a warning.

    `perhaps` is a report that it names without belonging there.
    """

    report: str | None
    notes: tuple[str, ...] = ()
    perhaps: str | None = None


@dataclass(frozen=True)
class _Prepared:
    """What a mail makes of a report: contents by their paths, as long as the report's file says what `before` says."""

    before: str
    state: State
    paths: Sequence[str]
    contents: Place


@dataclass(frozen=True)
class _Answer:
    """What is to be committed."""

    number: int
    report: str
    kept: Kept
    moment: Moment
    prepared: _Prepared | None


class Replies:
    """The mails of one import that belong to reports. `known` are the reports by what mails are called.

    With `to` all of them belong to that report.
    """

    def __init__(self, tracker: Tracker, names: Names, known: Mapping[str, str], to: str | None, aside: Aside) -> None:
        self.tracker = tracker
        self.known = known
        self.to = tracker.find(to) if to else None
        self._names = names
        self._aside = aside
        self._head = Snapshot(tracker.repository, names.head)
        self._made: dict[str, bytes] = {}
        self._now: dict[str, Stored] = {}
        self._answers: list[_Answer] = []
        self._room = _MOST_PREPARED

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
        cleared = clear(stored.report, after, step.files, self.tracker.secrets)
        after = cleared.report
        now = self._now[report_id] = reports.changed(stored, after)
        prepared = self._laid_aside(stored, now, cleared.files)
        self._answers.append(_Answer(number, report_id, self._aside.put(item), moment, prepared))
        return after, self.tracker.changed(after, ACTION, None, None, moment, came_from=after.state).next

    def commit(self) -> Iterator[tuple[int, str | None]]:
        """Commit each, and yield its number and the commit; None where somebody else has recorded it meanwhile."""
        for answer in self._answers:
            done = self._as_prepared(answer, answer.prepared) if answer.prepared else None
            # Otherwise somebody else has changed the report meanwhile: the mail is put to what it says now.
            again = done or self.tracker.change(answer.report, self._step(answer.kept), answer.moment).commit
            yield answer.number, again

    def _laid_aside(self, stored: Stored, now: Stored, files: Mapping[str, bytes]) -> _Prepared | None:
        """Keep what is to be committed, so that a long conversation is not read again for each of its mails."""
        if self.tracker.include_edits:
            return None
        contents = [now.text.encode(), *files.values()]
        self._room -= sum(map(len, contents))
        if self._room < 0:
            return None
        folder = self.tracker.layout.attachments(now.report.id)
        paths = [now.path, *(self.tracker.relative(folder / name) for name in files)]
        return _Prepared(_digest(stored.text.encode()), now.report.state, paths, self._aside.lay(contents))

    def _as_prepared(self, answer: _Answer, prepared: _Prepared) -> str | None:
        """Commit a mail as it was prepared; None where that is not on what the report says now."""

        def decide(snapshot: Snapshot) -> Plan | None:
            there, *others = (snapshot.content(self.tracker.in_repository(path)) for path in prepared.paths)
            if there is None or _digest(there) != prepared.before or any(other is not None for other in others):
                return None
            files = dict(zip(prepared.paths, self._aside.fetch(prepared.contents), strict=True))
            message = CommitMessage(answer.report, ACTION, prepared.state, prepared.state)
            named = {self.tracker.in_repository(path): content for path, content in files.items()}
            return Plan(named, message, answer.moment.by)

        committed, _ = self.tracker.commit(decide, dry_run=False)
        return committed.commit if committed else None

    def _step(self, kept: Kept) -> Step:
        item = self._aside.get(kept)
        assert item.letter
        return reply(self.tracker.policy, item, item.letter)

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


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def require_small(files: Mapping[str, bytes], limit: int) -> None:
    """Raise UsageError where a file has more bytes than policy allows."""
    for name, content in files.items():
        if len(content) > limit:
            raise UsageError(f"{name} has {len(content):,} bytes; policy allows {limit:,}", hint="attach a part of it")
