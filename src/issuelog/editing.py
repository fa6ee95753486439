"""Editing a report by hand: what was typed is validated before it is committed, and never lost."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from issuelog.errors import Cancelled, Conflict, InvalidFile, IssuelogError, NotFound
from issuelog.model.lifecycle import require_sealed, take
from issuelog.model.report import Report
from issuelog.model.step import Moment, Step
from issuelog.redaction import clear
from issuelog.snapshot import Plan, Snapshot
from issuelog.store import reports
from issuelog.store.files import read_regular, remove_durably, write_durably
from issuelog.store.layout import MAX_BYTES
from issuelog.tracker import Change, Settle, Tracker
from issuelog.transaction import settle

Edit = Callable[[Path], None]
"""Lets a person edit a file in place."""


class Editing:
    """One report in an editor. The draft lies in the git directory until its text is committed.

    Beside it lies its base, the file that it was begun from: what others change meanwhile is merged, not reverted.
    """

    def __init__(self, tracker: Tracker, report_id: str) -> None:
        self.tracker = tracker
        self.report_id = report_id
        self.path = tracker.layout.report(report_id)
        self.draft = tracker.repository.private / "drafts" / f"{report_id}.yaml"
        self.base = self.draft.with_name(f"{report_id}.base.yaml")

    def run(self, edit: Edit, commit: Settle, moment: Moment, *, dry_run: bool = False) -> Change:
        """Open the draft, or else the file; validate; commit. On failure the draft is kept and the error says so."""
        if self.tracker.include_edits and not dry_run:
            self.tracker.take_edits(self.report_id, None, moment)
        settle(self.tracker.repository, self.tracker.say)  # else a draft could be forgotten for a text that goes again
        before = self._begin()
        try:
            edit(self.draft)
            edited = read_regular(self.draft, MAX_BYTES) or before
            if edited == before:
                raise Cancelled("nothing was edited; nothing was changed")
            change = commit(partial(self._commit, before, edited, moment, dry_run=dry_run))
        except IssuelogError as error:
            if (read_regular(self.draft, MAX_BYTES) or before) == before:
                self._forget()
            else:
                kept = f"your text is kept until you remove {self.draft}; issuelog edit {self.report_id} opens it again"
                error.hint = kept if isinstance(error, InvalidFile) or not error.hint else f"{error.hint}; {kept}"
            raise
        if not dry_run:
            self._forget()
        return change

    def _begin(self) -> bytes:
        """Lay out the draft, the one of the last edit if it was kept; return what it is compared with."""
        current = read_regular(self.path, MAX_BYTES)
        if current is None:
            raise NotFound(f"{self.report_id} does not exist")
        kept, base = read_regular(self.draft, MAX_BYTES), read_regular(self.base, MAX_BYTES)
        if kept and base and kept != base:
            self.tracker.say(f"going on with the draft of your last edit ({self.draft})")
            if base != current:
                self._merge_into_draft()
        else:
            write_durably(self.draft, current)
        write_durably(self.base, current)
        return current

    def _merge_into_draft(self) -> None:
        done = self.tracker.repository.git.attempt(
            "merge-file",
            "-p",
            "-L",
            "your draft",
            "-L",
            "before",
            "-L",
            "now",
            *map(str, (self.draft, self.base, self.path)),
        )
        if done.returncode > 127:
            raise Conflict(f"{self.report_id} was changed since your draft was begun ({self.draft})")
        write_durably(self.draft, done.stdout)
        where = "; where both changed the same lines you have to choose" if done.returncode else ""
        self.tracker.say(f"what was changed in {self.report_id} meanwhile is merged into the draft{where}")

    def _forget(self) -> None:
        for file in (self.draft, self.base):
            remove_durably(file)

    def _commit(self, before: bytes, edited: bytes, moment: Moment, *, dry_run: bool) -> Change:
        shown = self.tracker.relative(self.path)
        original = reports.load(before, shown).report
        typed = reports.load(edited, shown)
        require_sealed(original, typed.report)
        after = take(
            typed.report,
            Step("edit", lambda _draft, _moment: {"fields": _changed(original, typed.report)}),
            moment,
            self.tracker.policy,
        )

        after = clear(original, after, {}, self.tracker.secrets).report

        def decide(snapshot: Snapshot) -> Plan:
            if snapshot.content(self.tracker.in_repository(shown)) != before:
                raise Conflict(f"{self.report_id} was changed by somebody else while you edited it")
            return self.tracker.plan({shown: reports.changed_text(typed, after)}, after, "edit", moment)

        committed, preview = self.tracker.commit(decide, dry_run=dry_run)
        return self.tracker.changed(after, "edit", committed, preview, moment, came_from=after.state)


def _changed(original: Report, typed: Report) -> list[str]:
    return sorted(name for name in Report.model_fields if getattr(original, name) != getattr(typed, name))
