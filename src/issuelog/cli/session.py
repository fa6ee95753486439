"""One call of a command: who, when, where, and the ways to read what the user gave."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from issuelog.cli.output import Output
from issuelog.errors import Cancelled, Conflict, IssuelogError, SlotsMissing, UsageError
from issuelog.model.faults import did_you_mean
from issuelog.model.person import is_in_full
from issuelog.model.times import iso, parse_moment
from issuelog.store.layout import MAX_BYTES

if TYPE_CHECKING:
    from issuelog.cli.params import Saying
    from issuelog.cli.results import Changes
    from issuelog.config import UserSettings
    from issuelog.customer.voice import Voice, Words
    from issuelog.model.query import Term
    from issuelog.model.step import Moment, Step
    from issuelog.redaction import Handling
    from issuelog.store.reports import Stored
    from issuelog.tracker import Change, Tracker

    Around = Callable[[str, Callable[[], Change]], Change]
    """Makes the change of a report, and does what belongs before it."""

T = TypeVar("T")

_SECRET_CHOICES: dict[str, Handling] = {"redact": "redact", "allow": "allow"}
_CHANGED_UNASKED = 3
"""So many reports are changed without a question."""
_CLOCK_SKEW = timedelta(minutes=5)


class Session:
    """What a command is given besides its own options."""

    def __init__(
        self,
        command: str,
        *,
        directory: Path | None = None,
        json: bool = False,
        color: str | None = None,
        quiet: bool = False,
        dry_run: bool = False,
        no_input: bool = False,
        by: str | None = None,
        at: str | None = None,
        redact: bool = False,
        allow_secret: bool = False,
        include_edits: bool = False,
        yes: bool = False,
        keep_going: bool = False,
    ) -> None:
        self.command = command
        self.folder = (directory or Path.cwd()).absolute()
        if not self.folder.is_dir():
            raise UsageError(f"{directory} is not a folder")
        self.output = Output(json=json, color=color, quiet=quiet)
        self.dry_run = dry_run
        self.interactive = not no_input and not json and sys.stdin.isatty() and sys.stderr.isatty()
        self.now = datetime.now(UTC).replace(microsecond=0)
        self._draft: Path | None = None
        self._by = by
        if redact and allow_secret:
            raise UsageError("--redact and --allow-secret exclude each other")
        self._include_edits = include_edits
        self._yes = yes
        self._keep_going = keep_going
        self._no_input = no_input
        self._stdin_is_for: str | None = None
        self._has_warned = False
        self._may_ask = not no_input and not json and sys.stderr.isatty()
        self._secrets: Handling = "redact" if redact else "allow" if allow_secret else "refuse"
        self.at = self.time(at, "--at") if at else self.now
        """When it happened, as the user claims; now unless told otherwise."""

    @cached_property
    def tracker(self) -> Tracker:
        """The tracker around the folder."""
        from issuelog.tracker import Tracker

        tracker = Tracker.around(self.folder.resolve(), self.output.warn)
        tracker.secrets = self._secrets
        tracker.include_edits = self._include_edits
        tracker.watch = self._watched
        return tracker

    def _watched(self, coming: Iterable[T], total: int) -> Iterator[T]:
        """Show how far the reading of files is."""
        from issuelog.cli.progress import Progress

        with Progress(self.output, "reading reports", total) as progress:
            for one in coming:
                yield one
                progress.step()

    @property
    def voice(self) -> Voice:
        """How the tracker speaks to customers."""
        return self.tracker.voice

    @cached_property
    def user(self) -> UserSettings:
        """The user's own settings."""
        from issuelog.config import load_user

        return load_user(os.environ)

    @cached_property
    def by(self) -> str:
        """Who does it: `--by`, else git's identity."""
        if not self._by:
            return self.tracker.repository.identity
        person = self.tracker.policy.person(self._by)
        if not is_in_full(person):
            raise UsageError(f"--by is {person!r}; write it as 'NAME <MAIL>'")
        return person

    def person(self, who: str) -> str:
        """Return who is meant by a short name; a warning where the policy has such names, and this is none of them."""
        policy = self.tracker.policy
        person = policy.person(who)
        if policy.people and person == who and not is_in_full(who) and who not in policy.people.values():
            meant = did_you_mean(who, policy.people) or f": {', '.join(policy.people)}"
            self.output.warn(f"{who} is none of the people in .issuelog/config.yaml{meant}")
        return person

    def moment(self) -> Moment:
        """Return when and by whom, with fresh entropy for the event's id."""
        from issuelog.model.step import Moment

        if not self._has_warned:
            self._has_warned = self._lies_ahead(self.at, "--at")
        # To the millisecond: the order of events made in two clones within one second is that of their making.
        return Moment(self.at, self.by, datetime.now(UTC), os.urandom(10))

    def time(self, text: str, option: str) -> datetime:
        """Return a time that a user typed; raises UsageError that names the option."""
        now = getattr(self, "at", self.now)
        try:
            return parse_moment(text, now)
        except ValueError as error:
            raise UsageError(f"{option}: {error}") from None

    def optional_time(self, text: str | None, option: str) -> datetime | None:
        """Return a time that may not have been given."""
        return self.time(text, option) if text else None

    def past_time(self, text: str | None, option: str) -> datetime | None:
        """Return a time at which something was, if it was given; a warning where it is still to come."""
        at = self.optional_time(text, option)
        if at:
            self._lies_ahead(at, option)
        return at

    def _lies_ahead(self, at: datetime, option: str) -> bool:
        if at <= self.now + _CLOCK_SKEW:
            return False
        self.output.warn(f"{option} lies in the future ({iso(at)})")
        return True

    def reports(self, given: str) -> list[Stored]:
        """Return the reports that were named, as they are on disk."""
        return [self.tracker.read(reference) for reference in self.references(given)]

    def references(self, given: str) -> list[str]:
        """Return the reports that were named: one, or with `-` the ids on standard input, each once."""
        if given != "-":
            return [given]
        lines = self.decoded(self.standard_input("ids"), "ids").replace("\0", "\n").splitlines()
        return list(dict.fromkeys(line.strip() for line in lines if line.strip()))

    def terms(self, query: Sequence[str]) -> list[Term]:
        """Return the terms of a query; `-` in it asks for those reports alone whose ids are on standard input."""
        from issuelog.model.query import Among, Term, read_query

        terms = read_query([argument for argument in query if argument != "-"], self.at)
        if "-" in query:
            terms.append(Term((Among(tuple(map(self.tracker.find, self.references("-")))),)))
        return terms

    def standard_input(self, what: str) -> bytes:
        """Return all of standard input; raises UsageError where it is to be two things at once."""
        if self._stdin_is_for:
            raise UsageError(f"standard input cannot be {self._stdin_is_for} and {what}", hint="give one as @FILE")
        self._stdin_is_for = what
        return sys.stdin.buffer.read()

    def change(self, given: str, make: Step | Callable[[Tracker], Step], *, around: Around | None = None) -> Changes:
        """Take a step with each report that was named, as one commit each, or as `around` sees to it.

        Stops at the first that is refused, or with `--keep-going` tells of it and goes on.
        """
        from issuelog.cli.progress import Progress
        from issuelog.cli.results import Changes
        from issuelog.model.step import Step

        tracker = self.tracker
        result = Changes([], many=given == "-")
        with self.keeping_text():
            # First of all the reports: a wrong id is told before anything is done with the others.
            found = self._found(self.references(given), result)
            step = make if isinstance(make, Step) else make(tracker)
            if len(found) > _CHANGED_UNASKED and not (self._yes or self.dry_run):
                self._confirm(len(found), step.action)
            with Progress(self.output, step.action, len(found)) as progress:
                for one in found:
                    try:
                        change = self._changing(one, step)
                        result.changes.append(around(one, change) if around else change())
                        self._tell_noticed(one)
                    except BaseException as error:
                        self._refused(one, error, result)
                    progress.step()
        return result

    def _tell_noticed(self, report: str) -> None:
        """Say what could be better in the words that were just recorded."""
        if "voice" in vars(self.tracker):  # else nothing was said
            from issuelog.customer.voice import said

            for finding in self.voice.noticed:
                self.output.warn(f"{report}: {finding.rule}: {said(finding)}")
            self.voice.noticed.clear()

    def _changing(self, report: str, step: Step) -> Callable[[], Change]:
        """Return what makes the change of a report, and asks at a terminal for what is missing."""

        def change() -> Change:
            return self.tracker.change(report, step, self.moment(), dry_run=self.dry_run)

        return partial(self.supplying_slots, partial(self.settling_secrets, change))

    def _found(self, references: Sequence[str], result: Changes) -> list[str]:
        """Return the ids that are meant; one that means none is an error, or with `--keep-going` counts as failed."""
        found: dict[str, None] = {}
        for reference in references:
            try:
                found[self.tracker.find(reference)] = None
            except IssuelogError as error:
                if not (result.many and self._keep_going):
                    raise
                self.output.error(error)
                result.failed(error.code)
        result.asked = len(found) + result.failures
        return list(found)

    def _refused(self, report: str, error: BaseException, result: Changes) -> None:
        """Go on after an error where that is wanted; else tell of what was done before it, and raise it."""
        if result.many and isinstance(error, IssuelogError):
            if report not in error.message:
                error.message = f"{report}: {error.message}"
            if self._keep_going:
                self.output.error(error)
                result.failed(error.code)
                return
        if isinstance(error, IssuelogError):
            result.failed(error.code)
        if result.changes:
            self.output.show(result)
        elif result.asked > 1:
            self.output.say(result.summary())
        raise error

    def _confirm(self, count: int, action: str) -> None:
        """Ask whether so many reports are meant; raises UsageError where nobody can be asked, Cancelled at a no."""
        from issuelog.cli.prompt import confirm

        answer = confirm(f"{action}: change {count:,} reports?") if self._may_ask else None
        if answer is None:
            raise UsageError(f"{action}: this changes {count:,} reports", hint="add --yes if it is meant; -n shows it")
        if not answer:
            raise Cancelled("nothing was changed")

    def settling_secrets(self, commit: Callable[[], T]) -> T:
        """Commit; where a secret was found ask at a terminal what is to become of it, and commit again."""
        from issuelog.redaction import SecretFound

        try:
            return commit()
        except SecretFound as error:
            if not self.interactive:
                raise
            from issuelog.cli.prompt import choose

            for secret in error.secrets:
                self.output.warn(f"a secret would be committed for ever: {secret}")
            self.tracker.secrets = choose("What is to be done with it?", _SECRET_CHOICES)
            return commit()

    def supplying_slots(self, speak: Callable[[], T]) -> T:
        """Say something; where a message lacks slots ask for them at a terminal, and say it again."""
        while True:
            try:
                return speak()
            except SlotsMissing as error:
                if not self.interactive:
                    raise
                from issuelog.cli.prompt import ask
                from issuelog.customer.slots import question_for

                self.voice.supplied.update({slot: ask(question_for(slot)) for slot in error.slots})

    def text(self, value: str | None, name: str, *, edit: bool = False) -> str | None:
        """Return a text option's text: as it is, of a file (`@FILE`), of standard input (`-`), or from the editor."""
        if value == "-":
            value = self.decoded(self.standard_input(name), name)
        elif value and value.startswith("@"):
            value = self.decoded(self.file(Path(value[1:]), MAX_BYTES), name)
        return self.edited(value or "") if edit else value

    def edited(self, start: str) -> str:
        """Return a text as the user leaves it in the editor."""
        self.require_editor()
        from issuelog.cli.editor import edit_text
        from issuelog.store.files import write_durably

        self._draft = self.tracker.repository.private / "drafts" / f"text-{self.now:%Y%m%d-%H%M%S}.txt"
        write_durably(self._draft, start.encode())
        edit_text(self._draft)
        return self.decoded(self._draft.read_bytes(), "the editor's text")

    def require_editor(self) -> None:
        """Raise UsageError where nothing is to be asked: an editor waits for somebody."""
        if self._no_input:
            raise UsageError("--no-input excludes an editor", hint=f"{self.command} --help")

    @contextmanager
    def keeping_text(self) -> Iterator[None]:
        """Keep what was written in the editor until it is committed; an error in between says where it is."""
        try:
            yield
        except IssuelogError as error:
            if self._draft:
                kept = f"your text is kept: --message @{self._draft}"
                error.hint = f"{error.hint}; {kept}" if error.hint else kept
            raise
        if self._draft and not self.dry_run:
            self._draft.unlink(missing_ok=True)

    def file(self, path: Path, limit: int | None = None) -> bytes:
        """Return the bytes of a file that the user named, relative to where the command runs.

        Raises UsageError where it cannot be read, or has more than `limit` bytes; it is not read any further.
        """
        from issuelog.store.files import read_regular

        try:
            content = read_regular(path if path.is_absolute() else self.folder / path, limit)
        except Conflict as error:  # nobody holds or changes it: another name is what helps
            raise UsageError(error.message) from None
        if content is None:
            raise UsageError(f"there is no file {path}")
        if limit is not None and len(content) > limit:
            raise UsageError(f"{path} has more than the {limit:,} bytes that are allowed", hint="give a part of it")
        return content

    def attachments(self, paths: Sequence[Path]) -> list[tuple[str, bytes]]:
        """Return the names and contents of files that the user wants attached."""
        limit = self.tracker.policy.max_attachment_bytes
        return [(path.name, self.file(path, limit)) for path in paths]

    def decoded(self, content: bytes, name: str) -> str:
        """Return bytes as text; raises UsageError where they are no UTF-8."""
        try:
            return content.decode("utf-8")
        except UnicodeDecodeError as error:
            raise UsageError(f"{name}: byte {error.start} is not UTF-8") from None

    def need(self, value: str | None, option: str, question: str) -> str:
        """Return the value, asking for it at a terminal where it was not given; raises UsageError elsewhere."""
        if value and value.strip():
            return value
        if not self.interactive:
            told = f"{option} is {'missing' if value is None else 'empty'}"
            raise UsageError(told, hint=f"{self.command} --help")
        from issuelog.cli.prompt import ask

        return ask(question)

    def words(self, said: Saying, **slots: str | None) -> Words:
        """Return what the user said of a message to the customer."""
        from issuelog.customer.voice import Words
        from issuelog.model.report import Channel

        if said.channel and said.channel not in set(Channel):
            raise UsageError(f"--channel is {said.channel!r}; it has to be one of {', '.join(Channel)}")
        for name, value in slots.items():
            if value is not None and not value.strip():
                raise UsageError(f"--{name.replace('_', '-')} is empty", hint="leave it out for what the template says")
        given = {name: value for name, value in slots.items() if value}
        text = self.text(said.message, "--message", edit=said.edit)
        if text is not None and not text.strip():
            raise UsageError("--message is empty", hint="leave --message out for the message of the template")
        return Words(
            text,
            said.channel,
            self.optional_time(getattr(said, "next_update", None), "--next-update"),
            tuple(said.waive_lint or ()),
            said.because,
            given | self.pairs(said.slot or (), "--slot"),
        )

    def pairs(self, given: Sequence[str], option: str) -> dict[str, str]:
        """Return KEY=VALUE arguments as a mapping."""
        found = {}
        for pair in given:
            key, equals, value = pair.partition("=")
            if not equals or not key:
                raise UsageError(f"{option}: {pair!r} is not KEY=VALUE")
            found[key.strip()] = value
        return found
