"""Comparing reports with their history: no event without a commit, none rewritten or taken away, no time set back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from issuelog.errors import InvalidFile
from issuelog.model.identifier import is_ulid, ulid_time
from issuelog.model.merge import BY
from issuelog.model.times import iso
from issuelog.store.files import read_regular
from issuelog.store.layout import MAX_BYTES
from issuelog.store.yamlfile import decode, parse
from issuelog.tracker import Tracker
from issuelog.vcs.changes import Commit, FileChange, changes

T = TypeVar("T")
Events = dict[str, dict[str, Any]]
"""Events by id, as a file holds them."""

RULES = {
    "event_without_commit": "An event comes with the commit of the command that it records, "
    "or of the import that brought the whole report.",
    "event_rewritten": "An event stays as it was recorded.",
    "event_removed": "An event is never taken away; undo takes back a change as a whole.",
    "time_set_back": "Times go on: no event is moved back, or made before what stood there already.",
    "report_removed": "A report is never deleted, but by undoing the command that recorded it.",
    "unreadable": "Each version of a report can be read (warning): what cannot is not compared.",
    "shallow": "The whole history is there (warning).",
}
_AT_ONCE = 500
_CLOCK_SKEW = timedelta(minutes=10)
_HEADING = b"\nevents:\n"


@dataclass(frozen=True)
class Finding:
    """What is wrong with one report, and the commit that did it (None: it is in no commit)."""

    path: str
    rule: str
    message: str
    commit: str | None = None
    level: str = "error"


class Fsck:
    """Looks through the history of one report, or of all."""

    def __init__(self, tracker: Tracker) -> None:
        self.tracker = tracker
        self.repository = tracker.repository
        self.objects = tracker.repository.objects
        self.commits = 0
        self._shallow = (self.repository.place.common_dir / "shallow").exists()
        self._before: dict[tuple[str, str], str | None] = {}
        self._latest: dict[str, tuple[str, Events]] = {}

    def run(self, report_id: str | None = None) -> Iterator[Finding]:
        """Yield what is wrong in the order of the history, then the events of the work tree that are in no commit."""
        layout = self.tracker.layout
        folder = layout.report(report_id) if report_id else layout.reports
        if self._shallow:
            words = "this clone has only a part of the history (git fetch --unshallow brings the rest)"
            yield Finding(layout.relative(folder), "shallow", words, level="warning")
        if self.objects.head().commit:
            for commits in in_chunks(changes(self.repository, self.repository.relative(folder))):
                yield from self._look_through(commits)
        paths = [folder] if report_id else [Path(file.path) for file in layout.files()]
        for chunk in in_chunks(paths):
            yield from self._uncommitted(chunk)

    def between(self, base: str, tip: str) -> Iterator[Finding]:
        """Yield what is wrong in the commits that `tip` has and `base` has not; both are full ids."""
        reports = self.repository.relative(self.tracker.layout.reports)
        for commits in in_chunks(changes(self.repository, reports, [f"{base}..{tip}"])):
            self._learn_before([commit.undoes for commit in commits if commit.undoes], reports)
            yield from self._look_through(commits)

    def _learn_before(self, undone: Sequence[str], path: str) -> None:
        """Find out what was there before commits that are taken back and lie outside of the range."""
        # A trailer may say anything: git is asked for the ids of objects that are there, never for its words.
        found = [one.sha for one in self.objects.read(undone) if one]
        for commit in changes(self.repository, path, ["--no-walk", *found]) if found else ():
            self._remember(commit)

    def _look_through(self, commits: Sequence[Commit]) -> Iterator[Finding]:
        wanted = {sha for commit in commits for change in commit.files for sha in (*change.before, change.after) if sha}
        blobs = {stored.sha: stored.content for stored in self.objects.read(sorted(wanted)) if stored}
        for commit in commits:
            self.commits += 1
            self._remember(commit)
            for change in commit.files:
                shown = self.tracker.from_repository(change.path)
                if shown and self.tracker.layout.is_report(shown) and not self._is_undo(commit, change):
                    yield from self._compare(commit, change, shown, blobs)

    def _remember(self, commit: Commit) -> None:
        """Keep what was there before a commit, for the one that may take it back."""
        for change in commit.files:
            if len(change.before) == 1:
                self._before[commit.sha, change.path] = change.before[0]

    def _is_undo(self, commit: Commit, change: FileChange) -> bool:
        """Whether a commit brings back exactly what was there before the change that it takes back."""
        taken_back = (commit.undoes, change.path)
        return taken_back in self._before and self._before[taken_back] == change.after

    def _compare(self, commit: Commit, change: FileChange, shown: str, blobs: Mapping[str, bytes]) -> Iterator[Finding]:
        if change.after is None:
            yield Finding(shown, "report_removed", "the report is deleted", commit.sha)
            return
        try:
            after = self._events(change.path, change.after, blobs)
        except InvalidFile as error:
            yield Finding(shown, "unreadable", error.problems[0].message, commit.sha, "warning")
            return
        sides = []
        for sha in change.before:
            try:
                sides.append(self._events(change.path, sha, blobs) if sha else {})
            except InvalidFile:
                return  # told where it came in
        if not any(sides) and len(commit.parents) > 1:
            old = self._of_old_ids(commit, blobs[change.after], shown)
            sides = [events for events in old if events.keys() & after.keys()]
        self._latest[change.path] = (change.after, after)
        if self._shallow and not commit.parents:
            return  # what came before is not in this clone
        for rule, words in _wrong(commit, change, Path(shown).stem, sides, after):
            yield Finding(shown, rule, words, commit.sha)

    def _events(self, path: str, sha: str, blobs: Mapping[str, bytes]) -> Events:
        known, events = self._latest.get(path, ("", {}))
        return events if known == sha else events_of(blobs[sha], path)

    def _of_old_ids(self, commit: Commit, content: bytes, shown: str) -> list[Events]:
        """Return the events that a report brought along which a merge gave another id."""
        names = parse(decode(content, shown), shown).plain().get("also_known_as", [])
        paths = [self.tracker.in_repository(self.tracker.relative(self.tracker.layout.report(name))) for name in names]
        found = self.objects.read([f"{parent}:{path}" for parent in commit.parents for path in paths])
        return [events_of(stored.content, shown) for stored in found if stored]

    def _uncommitted(self, paths: Sequence[Path]) -> Iterator[Finding]:
        shown = [self.tracker.relative(path) for path in paths]
        stored = self.objects.read([f"HEAD:{self.tracker.in_repository(name)}" for name in shown])
        for path, name, committed in zip(paths, shown, stored, strict=True):
            content = read_regular(path, MAX_BYTES)
            if content is None or (committed and content == committed.content):
                continue
            try:
                known = events_of(committed.content, name) if committed else {}
                for event_id in events_of(content, name).keys() - known.keys():
                    yield Finding(name, "event_without_commit", f"event {event_id} is in no commit")
            except InvalidFile as error:
                yield Finding(name, "unreadable", error.problems[0].message, level="warning")


def events_of(content: bytes, shown: str) -> Events:
    """Return the events in a version of a report. Raises InvalidFile where it cannot be read."""
    place = content.rfind(_HEADING)
    # They stand last, and nothing else in a block of YAML can begin a line with this key.
    tail = content[place + 1 :] if place >= 0 else content
    events = parse(decode(tail, shown), shown).plain().get("events", [])
    return {str(event.get("id", "")): event for event in events if isinstance(event, dict)}


def _wrong(
    commit: Commit, change: FileChange, report: str, sides: Sequence[Events], after: Events
) -> Iterator[tuple[str, str]]:
    """Yield (rule, words) for everything that a commit did to a report's events and that no command does."""
    came_whole = _came_whole(commit, change, report)
    before: Events = {event_id: event for side in sides for event_id, event in side.items()}
    for event_id in before.keys() - after.keys():
        yield "event_removed", f"{_spoken(before[event_id])} is taken away"
    for event_id, event in after.items():
        versions = [side[event_id] for side in sides if event_id in side]
        if not versions:
            yield from _wrong_addition(commit, report, event, before, came_whole=came_whole)
        elif event not in versions:
            yield from _wrong_change(versions[0], event, renumbered=len(commit.parents) > 1)


def _came_whole(commit: Commit, change: FileChange, report: str) -> bool:
    """Whether a commit is the import of a report that was not there, which may bring its history with it."""
    is_new = len(commit.parents) < 2 and not any(change.before)
    return is_new and (commit.report, commit.action) == (report, "import")


def _wrong_addition(
    commit: Commit, report: str, event: Mapping[str, Any], before: Events, *, came_whole: bool
) -> Iterator[tuple[str, str]]:
    merged = len(commit.parents) > 1 and event.get("action") == "merge" and event.get("by") == BY
    if not (merged or came_whole) and (commit.report, commit.action) != (report, event.get("action")):
        yield "event_without_commit", f"{_spoken(event)} came with a commit that is not its command's"
    event_id = str(event.get("id", ""))
    if not is_ulid(event_id):
        return
    if not merged and event_id < max(filter(is_ulid, before), default=""):
        yield "time_set_back", f"{_spoken(event)} has an id from before that of an event that stood there already"
    if _made(event_id) > commit.at + _CLOCK_SKEW:
        yield "time_set_back", f"{_spoken(event)} has an id from after its commit, which is of {iso(commit.at)}"


def _made(event_id: str) -> datetime:
    try:
        return ulid_time(event_id)
    except ValueError:
        return datetime.max.replace(tzinfo=UTC)


def _wrong_change(was: Mapping[str, Any], event: Mapping[str, Any], *, renumbered: bool) -> Iterator[tuple[str, str]]:
    differing = sorted(key for key in was.keys() | event.keys() if was.get(key) != event.get(key))
    if renumbered and not {"at", "by", "action", "from", "to"} & set(differing):
        return  # a merge gives items new ids, and the events that name them follow
    if "at" in differing and str(event.get("at")) < str(was.get("at")):
        yield "time_set_back", f"{_spoken(was)} was moved to {event.get('at')}"
    else:
        yield "event_rewritten", f"{_spoken(was)} has another {', '.join(differing)}"


def _spoken(event: Mapping[str, Any]) -> str:
    return f"the event {event.get('action')!s} of {event.get('at')!s}"


def in_chunks(items: Iterable[T]) -> Iterator[list[T]]:
    """Yield so many at once as git is asked for, and the memory holds."""
    iterator = iter(items)
    while chunk := list(islice(iterator, _AT_ONCE)):
        yield chunk
