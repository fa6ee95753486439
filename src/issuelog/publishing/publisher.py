"""Publishing what a report found out as a known error, keeping it right, and taking it out of use."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from issuelog.actions.build import build, fill
from issuelog.errors import Conflict, InvalidFile, NotFound, Refused
from issuelog.model.identifier import KNOWN_ERROR, report_id
from issuelog.model.known_error import SCHEMA, KnownError, Retired
from issuelog.model.lifecycle import take
from issuelog.model.report import Report
from issuelog.model.step import Facts, Moment, Step
from issuelog.publishing.facts import Lacking, facts_of, given, helped_by, lacking, require_publishable, widened
from issuelog.publishing.privacy import Finding, Private, private
from issuelog.redaction import clear
from issuelog.snapshot import Plan, Snapshot
from issuelog.store import known_errors, reports
from issuelog.store.files import read_regular
from issuelog.store.layout import MAX_BYTES
from issuelog.tracker import Change, Tracker, random_number
from issuelog.vcs.message import CommitMessage

PUBLISH = "known-error publish"


@dataclass(frozen=True)
class Published:
    """What publishing did: the change of the report, and the known error that it is in."""

    change: Change
    known: KnownError
    path: str


@dataclass(frozen=True)
class Kept:
    """What was done with a known error alone: `commit` is None where nothing had to change, or on a dry run."""

    known: KnownError
    action: str
    commit: str | None
    preview: str | None


class Publishing:
    """Writes the known errors of one tracker; each change is one commit."""

    def __init__(self, tracker: Tracker) -> None:
        self.tracker = tracker

    def publish(
        self, reference: str, told: Mapping[str, Any], moment: Moment, *, into: str | None = None, dry_run: bool = False
    ) -> Published:
        """Make a known error of a report, or with `into` add the report to one that is there.

        `told` goes before what the report says. Raises Refused where the report is not done, Lacking where something
        is missing, Private where it would tell what is not for everybody.
        """
        tracker = self.tracker
        target = known_errors.find(tracker.layout, into) if into else None
        shown = tracker.relative(tracker.layout.report(tracker.find(reference)))
        name = Path(shown).stem
        seen: list[tuple[Report, Report, KnownError]] = []
        linking = Step(PUBLISH, lambda draft, _: _link(draft, seen[-1][2].id))
        adopted = self._take_edits(name, target, moment, dry_run=dry_run)

        def decide(snapshot: Snapshot) -> Plan | None:
            content = snapshot.content(tracker.in_repository(shown))
            if content is None:
                raise NotFound(f"{name} is not in the last commit", hint=f"git log -- {shown}")
            stored = reports.load(content, shown)
            report = stored.report
            require_publishable(report)
            self._require_unpublished(report, target)
            old = self._stored(snapshot, target) if target else None
            known = self._known(report, given(told), moment, old, snapshot)
            seen[:] = [(report, report, known)]
            if old and known == old.known_error and report.links.known_error == known.id:
                return None
            after = clear(report, take(report, linking, moment, tracker.policy), {}, tracker.secrets).report
            seen[:] = [(report, after, known)]
            files = {
                tracker.relative(tracker.layout.known_error(known.id)): _text(old, known),
                shown: reports.changed_text(stored, after),
            }
            return tracker.plan(files, after, PUBLISH, moment, came_from=report.state, to=after.state)

        committed, preview = tracker.commit(decide, dry_run=dry_run, adopted=adopted)
        before, after, known = seen[-1]
        change = tracker.changed(after, PUBLISH, committed, preview, moment, came_from=before.state)
        return Published(change, known, tracker.relative(tracker.layout.known_error(known.id)))

    def review(self, reference: str, moment: Moment, *, dry_run: bool = False) -> Kept:
        """Record that somebody found a known error to be right still. Raises Refused where it is retired."""

        def edit(known: KnownError) -> KnownError:
            if known.retired:
                raise _out_of_use(known)
            return fill(known, reviewed_at=moment.at, reviewed_by=moment.by)

        return self._keep(reference, "known-error review", edit, moment, dry_run=dry_run)

    def retire(self, reference: str, because: str, moment: Moment, *, dry_run: bool = False) -> Kept:
        """Take a known error out of use; its file stays."""

        def edit(known: KnownError) -> KnownError:
            if known.retired:
                return known
            return fill(known, retired=build(Retired, at=moment.at, by=moment.by, because=because))

        return self._keep(reference, "known-error retire", edit, moment, dry_run=dry_run)

    def private(self, known: KnownError) -> list[Finding]:
        """Return what a known error tells that is not for everybody."""
        return private(known, self._sources(known))

    def _known(
        self,
        report: Report,
        told: dict[str, Any],
        moment: Moment,
        old: known_errors.Stored | None,
        snapshot: Snapshot,
    ) -> KnownError:
        """Return the known error that a report leads to."""
        facts = facts_of(report)
        merged = widened(old.known_error, facts, told) if old else {**facts, **told}
        missing = lacking(merged)
        if missing:
            solved_by = helped_by(report) if not old else None
            raise Lacking(report.id, missing, old.known_error.id if old else None, solved_by)
        if old:
            known = self._added(old.known_error, merged, report, moment)
        else:
            head = {"id": self._free_id(snapshot, moment), "published_at": moment.at, "published_by": moment.by}
            known = build(KnownError, **{**merged, "schema": SCHEMA, "sources": [report.id], **head})
        return self._for_everybody(known, report)

    def _added(self, known: KnownError, merged: dict[str, Any], report: Report, moment: Moment) -> KnownError:
        """Return a known error with one more source; whoever adds one has read it."""
        if known.retired:
            raise _out_of_use(known)
        same = build(KnownError, **{**merged, "sources": list(dict.fromkeys([*known.sources, report.id]))})
        return same if same == known else fill(same, reviewed_at=moment.at, reviewed_by=moment.by)

    def _for_everybody(self, known: KnownError, report: Report) -> KnownError:
        """Return it without the signatures that name a customer; raises Private where its words do."""
        sources = [report, *(one for one in self._sources(known) if one.id != report.id)]
        clean = [one for one in known.signature if not private(_only(known, one), sources)]
        if len(clean) < len(known.signature):
            self.tracker.say(f"{known.id}: a signature that names what is private is left out")
            known = known.model_copy(update={"signature": clean})
        found = private(known, sources)
        if found:
            raise Private(report.id, known, found)
        return known

    def _sources(self, known: KnownError) -> Iterator[Report]:
        """Yield the reports that a known error comes from, as far as they can be read."""
        for source in known.sources:
            path = self.tracker.layout.report(source)
            try:
                yield reports.read(path, self.tracker.relative(path)).report
            except (NotFound, InvalidFile, Conflict):
                continue  # `check` tells of it

    def _require_unpublished(self, report: Report, target: str | None) -> None:
        linked = report.links.known_error
        if not linked or linked == target:
            return
        is_there = linked.startswith(f"{KNOWN_ERROR}-") and linked in self.tracker.layout.known_error_ids()
        if is_there:
            raise Refused(
                f"{report.id} is published already, as {linked}",
                hint=f"issuelog known-error publish {report.id} --into {linked}   brings it up to date",
            )

    def _stored(self, snapshot: Snapshot, known_error: str) -> known_errors.Stored:
        shown = self.tracker.relative(self.tracker.layout.known_error(known_error))
        content = snapshot.content(self.tracker.in_repository(shown))
        if content is None:
            raise NotFound(f"{known_error} is not in the last commit", hint=f"git log -- {shown}")
        return known_errors.load(content, shown)

    def _free_id(self, snapshot: Snapshot, moment: Moment) -> str:
        while True:
            fresh = report_id(KNOWN_ERROR, moment.at.date(), random_number())
            path = self.tracker.layout.known_error(fresh)
            if not path.exists() and not snapshot.committed(self.tracker.in_repository(self.tracker.relative(path))):
                return fresh

    def _keep(
        self, reference: str, action: str, edit: Callable[[KnownError], KnownError], moment: Moment, *, dry_run: bool
    ) -> Kept:
        tracker = self.tracker
        name = known_errors.find(tracker.layout, reference)
        shown = tracker.relative(tracker.layout.known_error(name))
        seen: list[KnownError] = []
        adopted = self._take_edits(None, name, moment, dry_run=dry_run)

        def decide(snapshot: Snapshot) -> Plan | None:
            stored = self._stored(snapshot, name)
            after = edit(stored.known_error)
            seen[:] = [after]
            if after == stored.known_error:
                return None
            files = {tracker.in_repository(shown): known_errors.changed_text(stored, after)}
            return Plan(files, CommitMessage(name, action), moment.by)

        committed, preview = tracker.commit(decide, dry_run=dry_run, adopted=adopted)
        return Kept(seen[0], action, committed.commit if committed else None, preview)

    def _take_edits(
        self, report: str | None, known_error: str | None, moment: Moment, *, dry_run: bool
    ) -> dict[str, bytes]:
        """Commit what a hand changed in the two files, where that is asked for; on a dry run return it."""
        tracker = self.tracker
        if not tracker.include_edits:
            return {}
        adopted = tracker.take_edits(report, None, moment, dry_run=dry_run) if report else {}
        if not known_error:
            return adopted
        path = tracker.layout.known_error(known_error)
        shown = tracker.relative(path)
        place, content = tracker.in_repository(shown), read_regular(path, MAX_BYTES)

        def decide(snapshot: Snapshot) -> Plan | None:
            committed = snapshot.committed(place)
            if content is None or (committed and content == committed.content):
                return None
            edited = known_errors.load(content, shown).known_error
            found = private(edited, self._sources(edited))
            if found:
                raise Private(edited.id, edited, found)
            return Plan({place: content}, CommitMessage(known_error, "hand edit"), moment.by, adopted=(place,))

        done, preview = tracker.commit(decide, dry_run=dry_run)
        if done:
            tracker.say(f"your edits of {known_error} are committed ({done.commit[:10]})")
        return {**adopted, place: content} if preview and content is not None else adopted


def _link(draft: Report, known_error: str) -> Facts:
    draft.links = fill(draft.links, known_error=known_error)
    return {"known_error": known_error}


def _text(old: known_errors.Stored | None, known: KnownError) -> bytes:
    if old:
        return known_errors.changed_text(old, known)
    content = known_errors.new_text(known)
    known_errors.load(content, f"{known.id}.yaml")
    return content


def _only(known: KnownError, signature: str) -> KnownError:
    """Return a known error that says nothing but one signature."""
    said = {"title": "x", "symptom": "x", "signature": [signature], "may_say": known.may_say}
    head = {"schema": SCHEMA, "id": known.id, "published_at": known.published_at, "published_by": known.published_by}
    return build(KnownError, **head, **said)


def _out_of_use(known: KnownError) -> Refused:
    return Refused(
        f"{known.id} is retired: {known.retired.because if known.retired else ''}",
        hint="issuelog undo   takes it back where it was the last change; issuelog known-error list --all   shows all",
    )
