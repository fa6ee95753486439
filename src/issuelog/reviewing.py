"""What a range of commits changed, in words: for each report its steps and fields, and first what to look at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from issuelog.errors import InvalidFile, Refused, UsageError
from issuelog.exporting.told import in_words
from issuelog.fsck import RULES as OF_HISTORY
from issuelog.fsck import Fsck, in_chunks
from issuelog.model.difference import Difference, differences
from issuelog.model.history import backdated
from issuelog.model.known_error import KnownError
from issuelog.model.report import Event, Report
from issuelog.model.times import format_duration, iso
from issuelog.store import known_errors, reports
from issuelog.store.documents import to_json
from issuelog.store.layout import Layout
from issuelog.tracker import Tracker
from issuelog.vcs.changes import Commit as Made
from issuelog.vcs.changes import changes
from issuelog.vcs.revisions import Commit, Revisions

RULES = {
    "rules": "What the tracker asks for, and what it tells customers, is changed for everybody.",
    "by_hand": "A report is changed by a command, which checks it and records the step.",
    "story": "A story stays in the customer's words, as it was recorded.",
    "attachment": "Evidence stays as it was: no attachment is replaced or taken away.",
    "waived": "What was not asked for had a reason; whether it is a good one is for a reviewer to say.",
    "backdated": "A step is recorded when it is taken, or it is said how much later.",
    **OF_HISTORY,
}
Versions = Sequence[bytes | None]
"""A file before and after."""
_TOLD_AS_STEPS = frozenset({"events", "state"})
_NO_COMMAND = frozenset({"", "hand edit"})


@dataclass(frozen=True)
class Notice:
    """What a reviewer should look at: the file, why (a rule of RULES), and the commit where it is one's."""

    path: str
    rule: str
    message: str
    commit: str | None = None


@dataclass(frozen=True)
class Reviewed:
    """What became of a report or a known error: its steps in words, and the fields that differ."""

    id: str
    title: str
    came: str
    """`new`, `changed` or `removed`."""
    state_before: str | None = None
    state_after: str | None = None
    steps: Sequence[Mapping[str, Any]] = ()
    fields: Sequence[Difference] = ()

    def data(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {**vars(self), "steps": list(self.steps), "fields": [vars(one) for one in self.fields]}


@dataclass
class Review:
    """All that a range changed; `others` are files in it that are none of the tracker's."""

    base: Commit
    tip: Commit
    commits: int
    by: Sequence[str]
    notices: list[Notice] = field(default_factory=list)
    reports: list[Reviewed] = field(default_factory=list)
    known_errors: list[Reviewed] = field(default_factory=list)
    others: int = 0

    def data(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "base": self.base.sha,
            "tip": self.tip.sha,
            "commits": self.commits,
            "by": list(self.by),
            "notices": [vars(notice) for notice in self.notices],
            "reports": [one.data() for one in self.reports],
            "known_errors": [one.data() for one in self.known_errors],
            "others": self.others,
        }


@dataclass
class Reviewing:
    """A review of one tracker."""

    tracker: Tracker

    @cached_property
    def revisions(self) -> Revisions:
        """The history that the reports are in."""
        return Revisions(self.tracker.repository)

    def run(self, wanted: str) -> Review:
        """Review `BASE..TIP`, or BASE alone up to HEAD, from where the two parted. Raises UsageError, Refused."""
        base, tip = self._ends(wanted)
        made = self._commits(base, tip)
        review = Review(base, tip, len(made), [name for name, _ in Counter(one.by for one in made).most_common()])
        for path, versions in self._changed(review):
            self._take(review, path, versions)
        review.notices += self._by_hand(made)
        named = {(notice.path, notice.rule) for notice in review.notices}
        found = Fsck(self.tracker).between(base.sha, tip.sha)
        wrong = (one for one in found if (one.path, one.rule) not in named)
        review.notices += [Notice(one.path, one.rule, one.message, one.commit) for one in wrong]
        order = list(RULES)
        review.notices.sort(key=lambda notice: (order.index(notice.rule), notice.path))
        return review

    def _ends(self, wanted: str) -> tuple[Commit, Commit]:
        first, dots, last = wanted.partition("..")
        last = last.removeprefix(".")
        if wanted.startswith("-") or "^" in (first[:1], last[:1]) or (not first and not dots):
            raise UsageError(f"{wanted!r} is no range of commits", hint="issuelog review main..HEAD")
        base, tip = self.revisions.commit(first or "HEAD"), self.revisions.commit(last or "HEAD")
        parted = self.revisions.merge_bases(base.sha, tip.sha)
        if not parted:
            raise Refused(f"{base.short} and {tip.short} share no history")
        return self.revisions.about(parted[0]), tip

    def _commits(self, base: Commit, tip: Commit) -> list[Made]:
        root = self.tracker.repository.relative(self.tracker.layout.root)
        return list(changes(self.tracker.repository, root, [f"{base.sha}..{tip.sha}"]))

    def _changed(self, review: Review) -> Iterator[tuple[str, Versions]]:
        """Yield the tracker's files that differ, with what is in them."""
        objects = self.tracker.repository.objects
        for files in in_chunks(self._differing(review)):
            asked = sorted({sha for _, both in files for sha in both if sha})
            contents = {
                sha: one.content if one else objects.content(sha)
                for sha, one in zip(asked, objects.read(asked), strict=True)
            }
            yield from ((path, [contents[sha] if sha else None for sha in both]) for path, both in files)

    def _differing(self, review: Review) -> Iterator[tuple[str, tuple[str | None, str | None]]]:
        """Yield the files to be read, with the blobs of both sides; attachments are named, and others counted."""
        layout = self.tracker.layout
        found = self.tracker.repository.objects.differences(review.base.sha, review.tip.sha)
        for place, (old, new) in sorted(found.items()):
            path = self.tracker.from_repository(place)
            if path is None or not _is_ours(layout, path):
                review.others += 1
            elif not layout.report_of_attachment(path):
                yield path, (old, new)
            elif old:
                words = "an attachment is replaced" if new else "an attachment is taken away"
                review.notices.append(Notice(path, "attachment", words))

    def _take(self, review: Review, path: str, versions: Versions) -> None:
        layout = self.tracker.layout
        try:
            if layout.is_report(path):
                before, after = (reports.load(one, path).report if one else None for one in versions)
                review.reports.append(_of_report(before, after))
                review.notices += _notices(path, before, after)
            elif layout.is_known_error(path):
                was, now = (known_errors.load(one, path).known_error if one else None for one in versions)
                review.known_errors.append(_reviewed(was, now))
            else:
                review.notices.append(
                    Notice(path, "rules", "the tracker's rules, or its words to customers, are changed")
                )
        except InvalidFile as error:
            problem = error.problems[0]
            review.notices.append(Notice(path, "unreadable", f"line {problem.line}: {problem.message}"))

    def _by_hand(self, made: Sequence[Made]) -> Iterator[Notice]:
        for commit in made:
            if len(commit.parents) > 1 or commit.action not in _NO_COMMAND:
                continue
            for change in commit.files:
                path = self.tracker.from_repository(change.path)
                if path and self.tracker.layout.is_report(path):
                    yield Notice(path, "by_hand", f"{commit.by} changed it by hand", commit.sha)


def _is_ours(layout: Layout, path: str) -> bool:
    is_rule = path.startswith(f"{layout.relative(layout.config.parent)}/")
    return is_rule or layout.is_report(path) or layout.is_known_error(path) or bool(layout.report_of_attachment(path))


def _reviewed(before: Report | KnownError | None, after: Report | KnownError | None) -> Reviewed:
    kept = after or before
    assert kept
    came = "new" if before is None else "changed" if after else "removed"
    old, new = (to_json(side) if side else {} for side in (before, after))
    found = [one for one in differences(old, new) if one.path.partition(".")[0] not in _TOLD_AS_STEPS]
    return Reviewed(kept.id, kept.title, came, fields=found)


def _of_report(before: Report | None, after: Report | None) -> Reviewed:
    return replace(
        _reviewed(before, after),
        state_before=before.state.value if before else None,
        state_after=after.state.value if after else None,
        steps=[in_words(event) for event in _new_steps(before, after)],
    )


def _new_steps(before: Report | None, after: Report | None) -> list[Event]:
    known = {event.id for event in before.events} if before else set()
    return [event for event in (after.events if after else []) if event.id not in known]


def _notices(path: str, before: Report | None, after: Report | None) -> Iterator[Notice]:
    """Yield what of a report a reviewer should look at, besides what its history tells."""
    if before and after and before.story != after.story:
        yield Notice(path, "story", "the customer's story is not what was recorded")
    for event in _new_steps(before, after):
        for guard in event.fact("waived") or ():
            yield Notice(path, "waived", f"{event.action} without {guard}: {event.fact('because')}")
        late = backdated(event)
        if late:
            yield Notice(
                path, "backdated", f"{event.action} of {iso(event.at)} was recorded {format_duration(late)} later"
            )
