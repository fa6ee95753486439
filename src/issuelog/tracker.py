"""One tracker: finding, listing and reading its reports, and the two ways to write: create and change."""

from __future__ import annotations

import difflib
import hashlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from issuelog import __version__
from issuelog.errors import NotFound, NoTracker, Problem
from issuelog.store.files import read_regular
from issuelog.store.layout import MAX_BYTES, Layout
from issuelog.vcs.locate import Place, locate

if TYPE_CHECKING:
    import sqlite3

    from issuelog.customer.voice import Voice
    from issuelog.model.lifecycle import Next
    from issuelog.model.policy import Policy
    from issuelog.model.report import Report
    from issuelog.model.step import Moment, Step
    from issuelog.redaction import Handling
    from issuelog.snapshot import Decide, Plan, Snapshot
    from issuelog.store.index import Index
    from issuelog.store.refreshing import Watch
    from issuelog.store.reports import Stored
    from issuelog.store.rows import ReadFile
    from issuelog.transaction import Committed
    from issuelog.vcs.repository import Repository


T = TypeVar("T")


@dataclass(frozen=True)
class Change:
    """What a command did: None for `commit` where nothing had to change, or on a dry run, which has a `preview`."""

    report: Report
    action: str
    next: Next
    came_from: str | None = None
    to: str | None = None
    commit: str | None = None
    preview: str | None = None


Settle = Callable[[Callable[[], Change]], Change]
"""Commits, and may ask what is to become of a secret that was found."""


@dataclass
class Tracker:
    """A tracker in a repository. `say` hears warnings and what was repaired; `secrets` tells what to do with them.

    With `include_edits` what a hand changed in a report is committed before a command changes it.
    """

    layout: Layout
    say: Callable[[str], None] = field(default=lambda _: None)
    secrets: Handling = "refuse"
    include_edits: bool = False
    watch: Watch[Any] = field(default=lambda coming, _: coming)
    """Sees how far the reading of many files is."""

    @classmethod
    def around(cls, folder: Path, say: Callable[[str], None]) -> Tracker:
        """Return the nearest tracker at or above `folder`; raises NoTracker where there is none, or no repository."""
        try:
            layout = Layout.around(folder)
        except NoTracker:
            if locate(folder) is None:
                from issuelog.vcs.repository import Repository

                Repository.around(folder)
            raise
        return cls(layout, say)

    @cached_property
    def policy(self) -> Policy:
        """The tracker's rules."""
        from issuelog.config import load_policy

        return load_policy(self.layout.config)

    @cached_property
    def voice(self) -> Voice:
        """How the tracker speaks to customers."""
        from issuelog.customer.voice import Voice

        return Voice(self.policy, self.layout.templates, self.layout.lint)

    @cached_property
    def repository(self) -> Repository:
        """The repository that holds the tracker."""
        from issuelog.vcs.repository import Repository

        return Repository.around(self.layout.root)

    def relative(self, path: str | Path) -> str:
        """Return a path as messages name it, from the tracker's root."""
        return self.layout.relative(path)

    def find(self, reference: str) -> str:
        """Return the id that a reference means; raises NotFound."""
        try:
            return self.layout.find(reference)
        except NotFound:
            from issuelog.moving import is_under_way
            from issuelog.transaction import exclusive

            if not is_under_way(self._place()):
                raise
            # Git takes a file away before it writes it anew.
            with exclusive(self.repository, self.say):
                return self.layout.find(reference)

    def read(self, reference: str) -> Stored:
        """Return a report as it is on disk; raises NotFound, InvalidFile, Conflict."""
        from issuelog.store import reports

        path = self.layout.report(self.find(reference))
        return reports.read(path, self.relative(path))

    def text(self, reference: str) -> str:
        """Return a report's file. What was read before and found valid is not validated again, which takes longest."""
        path = self.layout.report(self.find(reference))
        if self.index.knows(path):
            return (read_regular(path, MAX_BYTES) or b"").decode("utf-8")
        return self.read(path.name).text

    def ask(self, question: Callable[[sqlite3.Connection], T]) -> tuple[T, list[Problem]]:
        """Return what the index of all files answers, and the problems of those files that it cannot know."""
        from issuelog.store.rows import problems

        return self.index.ask(lambda connection: (question(connection), problems(connection)))

    def imported(self) -> dict[str, str]:
        """Return the ids of the reports that came from elsewhere, by what they are called there."""
        sql = "SELECT external_ref, id FROM report WHERE external_ref <> ''"
        found, _ = self.ask(lambda index: index.execute(sql).fetchall())
        return dict(found)

    def threads(self) -> dict[str, str]:
        """Return the ids of the reports that mails belong to, by the mails' Message-IDs."""
        sql = "SELECT threads, id FROM report WHERE threads <> ''"
        found, _ = self.ask(lambda index: index.execute(sql).fetchall())
        return {thread: report_id for threads, report_id in found for thread in threads.split("\n")}

    @cached_property
    def index(self) -> Index:
        """What is known of all reports and known errors, as their files are now."""
        from issuelog.store.index import Index

        policy = hashlib.sha256(read_regular(self.layout.config, MAX_BYTES) or b"").hexdigest()
        root = hashlib.sha256(os.fsencode(self.layout.root)).hexdigest()[:16]
        key = f"{__version__}:{policy}"
        return Index(self._place().private / f"index-{root}.sqlite", key, self._folders, self._reader, self.watch)

    def _folders(self) -> Iterator[str]:
        yield from self.layout.folders()
        if self.layout.known_errors.is_dir() and not self.layout.known_errors.is_symlink():
            yield str(self.layout.known_errors)

    def _reader(self) -> ReadFile:
        from issuelog.reading import reader

        return reader(self.layout, self.policy)

    def _place(self) -> Place:
        place = locate(self.layout.root)
        if place is None:
            raise NoTracker("the tracker lies in no git repository", hint="git init")
        return place

    def change(self, reference: str, step: Step, moment: Moment, *, dry_run: bool = False) -> Change:
        """Take one step with a report, as one commit. Raises any of our errors; then all is as it was."""
        from issuelog.model.lifecycle import take
        from issuelog.model.times import iso
        from issuelog.redaction import clear
        from issuelog.store import reports

        report_id = self.find(reference)
        shown = self.relative(self.layout.report(report_id))
        seen: list[Report] = []
        adopted = self.take_edits(report_id, step, moment, dry_run=dry_run) if self.include_edits else {}

        def decide(snapshot: Snapshot) -> Plan | None:
            content = snapshot.content(self.in_repository(shown))
            if content is None:
                raise NotFound(f"{report_id} is not in the last commit", hint="git log -- " + shown)
            stored = reports.load(content, shown)
            after = take(stored.report, step, moment, self.policy)
            if moment.at < stored.report.source.received_at and not seen:
                self.say(f"{report_id} was received after that ({iso(stored.report.source.received_at)})")
            seen[:] = [stored.report, after]
            if after is stored.report:
                return None
            cleared = clear(stored.report, after, step.files, self.secrets)
            after = seen[1] = cleared.report
            files = {
                shown: reports.changed_text(stored, after),
                **self._attached(snapshot, report_id, cleared.files),
            }
            return self.plan(files, after, step.action, moment, came_from=stored.report.state, to=after.state)

        committed, preview = self.commit(decide, dry_run=dry_run, adopted=adopted)
        before, after = seen
        return self.changed(after, step.action, committed, preview, moment, came_from=before.state)

    def create(
        self,
        facts: Mapping[str, Any],
        files: Sequence[tuple[str, bytes]],
        moment: Moment,
        *,
        action: str = "new",
        dry_run: bool = False,
    ) -> Change:
        """Record a new report with its attachments, as one commit. Raises UsageError, Conflict, GitRefused."""
        from issuelog.actions.start import add_files, new_report
        from issuelog.redaction import clear
        from issuelog.store import reports

        seen: list[Report] = []

        def decide(snapshot: Snapshot) -> Plan:
            number = random_number()
            report = new_report(self.policy, moment, number, facts, action)
            shown = self.relative(self.layout.report(report.id))
            if snapshot.committed(self.in_repository(shown)) or (self.layout.root / shown).exists():
                return decide(snapshot)
            cleared = clear(None, report, add_files(report, files, None, partial=False), self.secrets)
            report = cleared.report
            seen[:] = [report]
            content = {shown: reports.new_text(report), **self._attached(snapshot, report.id, cleared.files)}
            reports.load(content[shown], shown)
            return self.plan(content, report, action, moment, came_from=None, to=report.state)

        committed, preview = self.commit(decide, dry_run=dry_run)
        return self.changed(seen[0], action, committed, preview, moment, came_from=None)

    def take_edits(
        self, report_id: str, step: Step | None, moment: Moment, *, dry_run: bool = False
    ) -> dict[str, bytes]:
        """Commit what a hand changed in a report, in a commit of its own; on a dry run return it.

        Nothing is committed where the edit does not hold, or the step that is to follow is refused on it.
        """
        from issuelog.model.lifecycle import require_sealed, take
        from issuelog.redaction import clear
        from issuelog.snapshot import Plan
        from issuelog.store import reports
        from issuelog.vcs.message import CommitMessage

        path = self.layout.report(report_id)
        shown = self.relative(path)
        place = self.in_repository(shown)
        content = read_regular(path, MAX_BYTES)

        def decide(snapshot: Snapshot) -> Plan | None:
            committed = snapshot.committed(place)
            if content is None or committed is None or content == committed.content:
                return None  # the change itself tells what is the matter
            edited, before = reports.load(content, shown).report, reports.load(committed.content, shown).report
            require_sealed(before, edited)
            clear(before, edited, {}, "allow" if self.secrets == "allow" else "refuse")
            if step:
                take(edited, step, moment, self.policy)
            return Plan({place: content}, CommitMessage(report_id, "hand edit"), moment.by, adopted=(place,))

        committed, preview = self.commit(decide, dry_run=dry_run)
        if committed:
            self.say(f"your edits of {report_id} are committed ({committed.commit[:10]})")
        elif preview:
            self.say(f"your edits of {report_id} would be committed first, by themselves")
        return {place: content} if preview and content is not None else {}

    def commit(
        self, decide: Decide, *, dry_run: bool, adopted: Mapping[str, bytes] | None = None
    ) -> tuple[Committed | None, str | None]:
        """Run a transaction, or on a dry run only show what it would do, on top of what is `adopted`."""
        from issuelog.snapshot import Snapshot
        from issuelog.transaction import Transaction

        if not dry_run:
            return Transaction(self.repository, self.say).run(decide), None
        snapshot = Snapshot(self.repository, self.repository.objects.head(), adopted or {})
        plan = decide(snapshot)
        return None, preview(snapshot, plan) if plan else ""

    def _attached(self, snapshot: Snapshot, report_id: str, files: Mapping[str, bytes]) -> dict[str, bytes]:
        """Return the attachments' contents by path, sure that none is too large or replaces a file that is there."""
        from issuelog.errors import Conflict, UsageError

        limit = self.policy.max_attachment_bytes
        found: dict[str, bytes] = {}
        for name, content in files.items():
            if len(content) > limit:
                raise UsageError(
                    f"{name} has {len(content):,} bytes; policy allows {limit:,}", hint="attach a part of it"
                )
            path = self.relative(self.layout.attachments(report_id) / name)
            if snapshot.content(self.in_repository(path)) is not None:
                raise Conflict(f"{path} exists already, and no attachment of {report_id} by the report")
            found[path] = content
        return found

    def in_repository(self, path: str) -> str:
        """Return a path as git names it, from the top of the repository."""
        return self.repository.relative(self.layout.root / path)

    def from_repository(self, path: str) -> str | None:
        """Return a path of git's as the tracker names it, None where it lies outside."""
        top = self.repository.top / path
        return self.relative(top) if top.is_relative_to(self.layout.root) else None

    def plan(
        self,
        files: Mapping[str, bytes],
        report: Report,
        action: str,
        moment: Moment,
        *,
        came_from: str | None = None,
        to: str | None = None,
    ) -> Plan:
        """Return the plan of a change of one report; paths are from the tracker's root."""
        from issuelog.snapshot import Plan
        from issuelog.vcs.message import CommitMessage

        return Plan(
            {self.in_repository(path): content for path, content in files.items()},
            CommitMessage(report.id, action, came_from, to),
            moment.by,
        )

    def changed(
        self,
        report: Report,
        action: str,
        committed: Committed | None,
        shown: str | None,
        moment: Moment,
        *,
        came_from: str | None,
    ) -> Change:
        """Return what a command is to tell of its change."""
        from issuelog.model.guards import Context
        from issuelog.model.heard import next_after_word
        from issuelog.model.lifecycle import next_step

        answering = next_after_word(report, self.policy, moment.at) if action == "received" else None
        return Change(
            report,
            action,
            answering or next_step(report, self.policy, Context(self.policy, moment.at)),
            came_from if came_from != report.state else None,
            report.state if came_from != report.state else None,
            committed.commit if committed else None,
            shown,
        )


def random_number() -> int:
    """Return a number for the id of a new report, which its last four characters can hold."""
    return int.from_bytes(os.urandom(4), "big") % 32**4


def preview(snapshot: Snapshot, plan: Plan) -> str:
    """Return the commit message and the diff that a plan amounts to."""
    parts = [str(plan.message)]
    for path, content in plan.files.items():
        stored = snapshot.committed(path)
        before = snapshot.adopted.get(path, stored.content if stored else b"")
        if b"\0" in (content or b""):
            parts.append(f"binary file {path}, {len(content or b''):,} bytes\n")
            continue
        names = (f"a/{path}" if stored else "/dev/null", f"b/{path}")
        parts.append("".join(difflib.unified_diff(_lines(before), _lines(content or b""), *names)))
    return "\n".join(parts)


def _lines(content: bytes) -> list[str]:
    return content.decode("utf-8", "replace").splitlines(keepends=True)
