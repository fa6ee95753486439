"""Editing a report by hand: what was typed is validated before it is committed, and never lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from issuelog.errors import Cancelled, IssuelogError, NotFound, Refused
from issuelog.model.lifecycle import take
from issuelog.model.report import Report
from issuelog.model.step import Moment, Step
from issuelog.store import reports
from issuelog.store.files import read_regular, remove_durably, write_durably
from issuelog.store.yamlfile import MAX_BYTES
from issuelog.tracker import Change, Tracker
from issuelog.transaction import Plan, Snapshot

_SEALED = ("id", "state", "story", "story_sha256", "events")

Edit = Callable[[Path], None]
"""Lets a person edit a file in place."""


class Editing:
    """One report in an editor. The draft lies in the git directory until its text is committed."""

    def __init__(self, tracker: Tracker, report_id: str) -> None:
        self.tracker = tracker
        self.report_id = report_id
        self.draft = tracker.repository.private / "drafts" / f"{report_id}.yaml"

    def run(self, edit: Edit, moment: Moment, *, dry_run: bool = False) -> Change:
        """Open the draft, or else the file; validate; commit. On failure the draft is kept and the error says so."""
        path = self.tracker.layout.report(self.report_id)
        before = read_regular(path, MAX_BYTES)
        if before is None:
            raise NotFound(f"{self.report_id} does not exist")
        resumed = read_regular(self.draft, MAX_BYTES)
        write_durably(self.draft, resumed or before)
        if resumed and resumed != before:
            self.tracker.say(f"going on with the draft of your last edit ({self.draft})")
        edit(self.draft)
        edited = read_regular(self.draft, MAX_BYTES) or b""
        if edited == before:
            remove_durably(self.draft)
            raise Cancelled("nothing was edited; nothing was changed")
        try:
            change = self._commit(path, before, edited, moment, dry_run=dry_run)
        except IssuelogError as error:
            kept = f"your text is kept; issuelog edit {self.report_id} opens it again ({self.draft})"
            error.hint = f"{error.hint}; {kept}" if error.hint else kept
            raise
        if not dry_run:
            remove_durably(self.draft)
        return change

    def _commit(self, path: Path, before: bytes, edited: bytes, moment: Moment, *, dry_run: bool) -> Change:
        shown = self.tracker.relative(path)
        original = reports.load(before, shown).report
        typed = reports.load(edited, shown)
        _require_sealed(original, typed.report)
        after = take(
            typed.report,
            Step("edit", lambda _draft, _moment: {"fields": _changed(original, typed.report)}),
            moment,
            self.tracker.policy,
        )

        def decide(snapshot: Snapshot) -> Plan:
            if snapshot.content(self.tracker.in_repository(shown)) != before:
                raise Refused(f"{self.report_id} was changed by somebody else while you edited it")
            return self.tracker.plan({shown: reports.changed_text(typed, after)}, after, "edit", moment)

        committed, preview = self.tracker.commit(decide, dry_run=dry_run)
        return self.tracker.changed(after, "edit", committed, preview, moment, came_from=after.state)


def _require_sealed(original: Report, typed: Report) -> None:
    touched = [name for name in _SEALED if getattr(original, name) != getattr(typed, name)]
    if touched:
        raise Refused(
            f"{', '.join(touched)} cannot be edited: the history and the customer's words stay as they are",
            hint="issuelog next   names the command that moves a report on",
        )


def _changed(original: Report, typed: Report) -> list[str]:
    return sorted(name for name in Report.model_fields if getattr(original, name) != getattr(typed, name))
