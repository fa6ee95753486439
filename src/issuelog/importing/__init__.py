"""Importing: what a foreign format holds becomes reports, each once, and several at once all of them or none."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple, Protocol, TypeVar

from issuelog.actions.reply import sender
from issuelog.actions.start import add_files, new_report
from issuelog.bulk import Bulk, Names, obstacle
from issuelog.errors import Conflict, InvalidFile, IssuelogError, UsageError
from issuelog.importing.aside import Aside, Kept
from issuelog.importing.formats import FORMATS, Item
from issuelog.importing.replies import ACTION as RECEIVED
from issuelog.importing.replies import Home, Replies, require_small
from issuelog.intake import mailbox
from issuelog.intake.incoming import Incoming, Letter, Rejected, Whole, report_facts
from issuelog.intake.threads import in_order
from issuelog.intake.whole import whole_report
from issuelog.model.report import Report
from issuelog.model.step import Moment
from issuelog.redaction import SecretFound, clear, find, redact
from issuelog.store import reports
from issuelog.store.documents import to_data
from issuelog.tracker import Tracker, random_number
from issuelog.vcs.message import CommitMessage

if TYPE_CHECKING:
    from issuelog.snapshot import Plan, Snapshot

T = TypeVar("T")
_ACTION = "import"
_TAKEN = frozenset({_ACTION, RECEIVED})
_TRIES = 1000
_NAMED = 5


class Settle(Protocol):
    """Does something, and may ask what is to become of a secret that was found, and do it again."""

    def __call__(self, make: Callable[[], T], /) -> T:
        """Return what was made."""


@dataclass(frozen=True)
class Imported:
    """What became of one item: `import` (a report of its own), `received` (it belongs to a report), `known` (already
    here), `skipped`, `rejected`, or `refused` for a secret. `why` says more of what is to be done next, and `lacks`
    which files it names without bringing them.
    """

    action: str
    title: str
    id: str | None = None
    commit: str | None = None
    next: str | None = None
    note: str | None = None
    why: str = ""
    lacks: str = ""

    def row(self) -> dict[str, Any]:
        """Return it as users see it."""
        return {"id": self.id, "action": self.action, "title": self.title, "commit": self.commit, "next": self.next}

    def then(self) -> str:
        """Return what is to be done next, for people."""
        return f"next: {self.next}" + (f"   ({self.why})" if self.why else "")


class _Late(NamedTuple):
    """A mail that may answer another one, which may come later: it is looked at when all are there."""

    number: int
    kept: Kept
    name: str
    moment: Callable[[], Moment]


@dataclass(frozen=True)
class Prepared:
    """A report as it may be committed: its files by their paths from the tracker's root."""

    report: Report
    files: Mapping[str, bytes]
    moment: Moment


class Importer:
    """Imports one format into a tracker. Raises UsageError where there is no such format.

    With `to` every mail belongs to that report.
    """

    def __init__(
        self,
        tracker: Tracker,
        format_name: str,
        settle: Settle,
        *,
        to: str | None = None,
        dry_run: bool = False,
        keep_going: bool = False,
        several: bool = False,
    ) -> None:
        if format_name not in FORMATS:
            raise UsageError(f"there is no format {format_name!r}; there are: {', '.join(FORMATS)}")
        if to and format_name != "mail":
            raise UsageError(f"only a mail can belong to a report; {format_name} has none")
        self.tracker = tracker
        self.settle = settle
        self.dry_run = dry_run
        self.keep_going = keep_going
        self.several = several
        self.read = FORMATS[format_name]
        self.known = tracker.threads()
        self._numbers = count()
        self._done: dict[int, Imported] = {}
        self._names = Names(tracker.repository, tracker.repository.objects.head())
        self._aside = Aside(tracker.repository.private)
        self._replies = Replies(tracker, self._names, self.known, to, self._aside)
        self._late: list[_Late] = []
        self._taken: set[str] = set()
        self._waiting: list[tuple[int, Prepared]] = []
        self._bulk: Bulk | None = None
        self._collected: list[int] = []
        self._one_by_one = False

    def __enter__(self) -> Importer:
        return self

    def __exit__(self, *_: object) -> None:
        self._aside.close()
        if self._bulk:
            self._bulk.close()

    def take(self, stream: BinaryIO, name: str, moment: Callable[[], Moment], step: Callable[[], object]) -> None:
        """Look at every item of one file; `step` is called for each. Nothing of several is committed before `finish`.

        A file that is not of the format is rejected among `several`; alone it raises InvalidFile.
        """
        try:
            self._take(self.read(stream, name), name, moment, step)
        except InvalidFile as error:
            if not self.several:
                raise
            self._done[next(self._numbers)] = Imported("rejected", name, note=f"not imported: {error}")

    def take_folder(self, folder: Path, name: str, moment: Callable[[], Moment], step: Callable[[], object]) -> None:
        """Do the same with the mails of a Maildir. Raises UsageError where a folder is none."""
        if self.read is not FORMATS["mail"]:
            raise UsageError(f"{name} is a folder", hint="name the files in it")
        if not mailbox.is_maildir(folder):
            raise UsageError(
                f"{name} is a folder, and no Maildir: it has neither new/ nor cur/", hint="name the files in it"
            )
        self._take(mailbox.read_maildir(folder), name, moment, step)

    def _take(self, items: Iterator[Item], name: str, moment: Callable[[], Moment], step: Callable[[], object]) -> None:
        for item in items:
            step()
            number = next(self._numbers)
            if isinstance(item, Rejected):
                self._done[number] = _rejected(item, name)
            elif isinstance(item, Incoming) and self._replies.may_answer(item):
                self._late.append(_Late(number, self._aside.put(item), name, moment))
            else:
                self._done[number] = self._looked_at(number, item, name, moment)

    def finish(self) -> list[Imported]:
        """Commit what was taken, and return what became of every item.

        Where one was rejected or refused nothing is committed, and only what was not taken is returned; with
        `keep_going` all the others are. New reports are committed all at once, and then what belongs to reports.
        """
        for number, kept, name, moment in in_order(self._late, lambda one: one.kept.item):
            self._done[number] = self._looked_at(number, self._aside.get(kept), name, moment)
        if self.failed and not (self.keep_going or self.dry_run):
            return [one for one in self._all() if one.action not in _TAKEN]
        if self.dry_run:
            return self._all()
        if self._bulk:
            for number, commit in zip(self._collected, self._bulk.commit(), strict=True):
                self._committed(number, commit)
        try:
            for number, prepared in self._waiting:
                self._committed(number, self._commit(prepared))
            for number, commit_or_none in self._replies.commit():
                self._committed(number, commit_or_none)
        except IssuelogError:
            done = sum(one.commit is not None for one in self._all())
            if done:
                self.tracker.say(f"{done:,} were imported before that; the same import again takes the others")
            raise
        return self._all()

    def _all(self) -> list[Imported]:
        return [self._done[number] for number in sorted(self._done)]

    def _committed(self, number: int, commit: str | None) -> None:
        one = self._done[number]
        self._done[number] = replace(one, commit=commit, action=one.action if commit else "known")

    @property
    def failed(self) -> bool:
        """Whether an item that should be a report is none, or has a secret."""
        return any(one.action in {"rejected", "refused"} for one in self._done.values())

    def _looked_at(self, number: int, item: Incoming | Whole, name: str, moment: Callable[[], Moment]) -> Imported:
        try:
            return self._taken_up(number, item, name, moment)
        except SecretFound as error:
            words = "; ".join(line.strip() for line in f"{error.message}\n{error.hint}".splitlines())
            return Imported("refused", _title(item), note=f"{_place(item, name)}: {words}")
        except (UsageError, InvalidFile) as error:
            if item.place is None:
                raise
            return _rejected(Rejected(item.place, _reason(error)), name)

    def _taken_up(self, number: int, item: Incoming | Whole, name: str, moment: Callable[[], Moment]) -> Imported:
        known = self._known(item)
        if known:
            if isinstance(item, Whole) and known not in self._taken and not self._is_the_same(item, known):
                raise UsageError(f"{known} is here already, and says something else")
            return _already(item, name, known)
        home = Home(None)
        if isinstance(item, Incoming) and item.letter and self._replies.may_answer(item):
            home = self._replies.home(item, item.letter)
            if home.report:
                return self._answer(number, item, item.letter, name, home.report, home.notes, moment())
        prepared = self.settle(partial(self._prepare, item, moment()))
        report = prepared.report
        self._taken.add(report.id)
        if report.source.external_ref:
            self.known[report.source.external_ref] = report.id
        if isinstance(item, Incoming) and item.letter:
            self._replies.made(report.id, next(iter(prepared.files.values())))
        then = self.tracker.changed(report, _ACTION, None, None, prepared.moment, came_from=None).next.command
        if not self.dry_run:
            self._collect(number, prepared)
        note = _noted(item, name, [*home.notes, *self._doubts(item, home, report.id, name)], report.id)
        return Imported(_ACTION, report.title, report.id, None, then, note, lacks=_lacks(item, name, report.id))

    def _doubts(self, item: Incoming | Whole, home: Home, made: str, name: str) -> Iterator[str]:
        """Yield why an item may not be a report of its own."""
        if home.perhaps:
            file = "FILE" if item.place else quote(name)
            attach = f"issuelog import mail {file} --to {home.perhaps}"
            yield f"if it belongs there: {attach if self.dry_run else f'issuelog undo {made} && {attach}'}"
        elif isinstance(item, Incoming) and item.letter and item.letter.automatic == "bounce":
            yield "it says that a message did not arrive, and belongs to no report here"

    def _answer(
        self, number: int, item: Incoming, letter: Letter, name: str, report_id: str, notes: Sequence[str], at: Moment
    ) -> Imported:
        """Prepare what belongs to a report."""
        if self._replies.is_ours(item, report_id):
            title, place = _title(item), _place(item, name)
            words = (
                f"is of our own {sender(item)} and not of the customer: issuelog update {report_id} tells what we say"
            )
            return Imported("skipped", title, report_id, note=f"{place} {words}")
        found = self.settle(partial(self._replies.prepare, number, item, letter, report_id, at))
        if found is None:
            return _already(item, name, report_id)
        report, then = found
        if item.external_ref:
            self.known[item.external_ref] = report_id
        note = _noted(item, name, notes, report_id)
        return Imported(RECEIVED, report.title, report_id, None, then.command, note, then.why)

    def _known(self, item: Incoming | Whole) -> str | None:
        """Return the id under which an item is here already."""
        if isinstance(item, Incoming):
            return self.known.get(item.external_ref or "") or self._replies.own_message(item)
        report_id = item.data.get("id")
        if not isinstance(report_id, str):
            return None
        try:
            path = self.tracker.layout.report(report_id)
        except ValueError:
            return None  # the schema says what is wrong with it
        here = self._names.committed(self.tracker.in_repository(self.tracker.relative(path)))
        return report_id if here or report_id in self._taken else None

    def _is_the_same(self, item: Whole, known: str) -> bool:
        """Whether a report that is here says what an item says, but for what was made of secrets in it."""
        here = self.tracker.read(known).report
        there, files = whole_report(item)
        return to_data(clear(None, there, files, "redact").report) == to_data(clear(None, here, {}, "redact").report)

    def _prepare(self, item: Incoming | Whole, moment: Moment) -> Prepared:
        """Return a report as it may be committed.

        Raises SecretFound, and UsageError or InvalidFile where a value is not allowed.
        """
        report, files = self._made(item, moment) if isinstance(item, Incoming) else whole_report(item)
        require_small(files, self.tracker.policy.max_attachment_bytes)
        cleared = clear(None, report, files, self.tracker.secrets)
        layout, relative = self.tracker.layout, self.tracker.relative
        shown = relative(layout.report(report.id))
        text = reports.new_text(cleared.report)
        read_back = reports.load(text, shown).report
        if isinstance(item, Whole) and to_data(read_back) != to_data(cleared.report):
            raise UsageError("a file cannot hold all that it says")
        attached = {relative(layout.attachments(report.id) / name): part for name, part in cleared.files.items()}
        return Prepared(cleared.report, {shown: text, **attached}, moment)

    def _made(self, item: Incoming, moment: Moment) -> tuple[Report, dict[str, bytes]]:
        """Return a new report, of an id that is free, and its attachments."""
        facts = report_facts(item)
        for _ in range(_TRIES):
            report = new_report(self.tracker.policy, moment, random_number(), facts, _ACTION)
            if self._is_free(report.id):
                files = [(file.name, file.content) for file in item.files]
                return report, add_files(report, files, None, partial=False)
        raise Conflict("no id is free on that day; nothing was changed", hint="give each its received_at")

    def _is_free(self, report_id: str) -> bool:
        layout = self.tracker.layout
        places = (layout.report(report_id), layout.attachments(report_id))
        paths = [self.tracker.in_repository(self.tracker.relative(place)) for place in places]
        return report_id not in self._taken and not any(
            self._names.committed(path) or self._names.on_disk(path) for path in paths
        )

    def _collect(self, number: int, prepared: Prepared) -> None:
        """Keep the first, and each further one with it, for `finish`."""
        if self._waiting and not self._bulk and not self._one_by_one:
            why = obstacle(self.tracker.repository)
            if why:
                self.tracker.say(f"the reports are committed one by one, not all or none: {why}")
                self._one_by_one = True
            else:
                self._bulk = Bulk(self.tracker.repository, self.tracker.say)
                self._add(self._bulk, *self._waiting.pop())
        if self._bulk:
            self._add(self._bulk, number, prepared)
        else:
            self._waiting.append((number, prepared))

    def _add(self, bulk: Bulk, number: int, prepared: Prepared) -> None:
        report = prepared.report
        files = {self.tracker.in_repository(path): content for path, content in prepared.files.items()}
        bulk.add(files, CommitMessage(report.id, _ACTION, None, report.state), prepared.moment.by)
        self._collected.append(number)

    def _commit(self, prepared: Prepared) -> str:
        """Commit one report by a transaction of its own."""

        def decide(snapshot: Snapshot) -> Plan:
            for path in prepared.files:
                if snapshot.content(self.tracker.in_repository(path)) is not None:
                    raise Conflict(f"{path} was committed in between; nothing was changed", hint="try again")
            report = prepared.report
            return self.tracker.plan(prepared.files, report, _ACTION, prepared.moment, to=report.state)

        committed, _ = self.tracker.commit(decide, dry_run=False)
        assert committed
        return committed.commit


def _already(item: Incoming | Whole, name: str, known: str) -> Imported:
    ref = f" ({item.external_ref})" if isinstance(item, Incoming) else ""
    return Imported("known", _title(item), known, note=f"{_place(item, name)} is already here as {known}{ref}")


def _noted(item: Incoming | Whole, name: str, notes: Sequence[str], report_id: str) -> str | None:
    """Return what deserves a warning of an item that was taken."""
    return f"{_place(item, name)} ({report_id}): {'; '.join(notes)}" if notes else None


def _rejected(item: Rejected, name: str) -> Imported:
    action = "skipped" if item.expected else "rejected"
    return Imported(action, item.place, note=f"{name}: {item.place} is not imported: {item.reason}")


def _lacks(item: Incoming | Whole, name: str, made: str) -> str:
    """Return what to do for the files that an item names without bringing them, the first of many."""
    left = item.left if isinstance(item, Incoming) else ()
    if not left:
        return ""
    shown = ", ".join(redact(one, find(one)) for one in left[:_NAMED])
    more = f" and {len(left) - _NAMED:,} more" if len(left) > _NAMED else ""
    return f"{_place(item, name)}: not in the export: {shown}{more}   (issuelog attach {made} FILE adds them)"


def _title(item: Incoming | Whole) -> str:
    title = item.title if isinstance(item, Incoming) else str(item.data.get("title", ""))
    return redact(title, find(title))


def _place(item: Incoming | Whole, name: str) -> str:
    return f"{name}, {item.place}" if item.place else name


def _reason(error: IssuelogError) -> str:
    """Return what is wrong with an item, without the place in a file that nobody will see."""
    return error.problems[0].message if isinstance(error, InvalidFile) else error.message
