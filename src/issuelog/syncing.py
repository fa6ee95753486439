"""Sharing reports: pull, merge, push."""

from __future__ import annotations

from dataclasses import dataclass, field

from issuelog.checks import MERGE_FAULTS, check_file
from issuelog.errors import Conflict
from issuelog.merging import Settling, Versions, common_version, set_up_driver
from issuelog.moving import merging, move
from issuelog.store.locking import locked
from issuelog.tracker import Tracker
from issuelog.transaction import exclusive
from issuelog.vcs.message import CommitMessage
from issuelog.vcs.objects import Head
from issuelog.vcs.sharing import Merge, Sharing, Upstream, names

_ATTEMPTS = 5


@dataclass(frozen=True)
class Synced:
    """What was shared: `remote` is None where there is none; counts of commits; the merge commit, if one was needed."""

    remote: str | None
    pulled: int = 0
    pushed: int = 0
    commit: str | None = None
    notes: list[str] = field(default_factory=list)


class Syncing:
    """Brings a tracker and its remote together. No file changes until all that both sides changed is settled."""

    def __init__(self, tracker: Tracker) -> None:
        self.tracker = tracker
        self.repository = tracker.repository
        self.objects = tracker.repository.objects
        self.sharing = Sharing(tracker.repository)
        self.notes: list[str] = []

    def run(self, *, dry_run: bool = False) -> Synced:
        """Pull, merge and push, again where the remote moved meanwhile.

        Raises Conflict where something is left for a person to decide; then nothing was changed.
        """
        with locked(self.repository.private / "sync-lock"):
            if not dry_run:
                set_up_driver(self.repository)  # git waits for nobody who writes its configuration
            self.repository.refuse_if_busy()
            upstream = self.sharing.upstream()
            return self._share(upstream, dry_run=dry_run) if upstream else Synced(None)

    def _share(self, upstream: Upstream, *, dry_run: bool) -> Synced:
        pulled, merged = 0, None
        for _ in range(_ATTEMPTS):
            theirs = self.sharing.fetch(upstream)
            if dry_run:
                return self._preview(upstream, theirs)
            with exclusive(self.repository, self.tracker.say) as lock:
                self.repository.refuse_if_busy()
                ours = self.objects.head().commit
                if theirs:
                    pulled += self.sharing.count(ours, theirs)
                    merged = self._pull(ours, theirs, lock) or merged
            head = self.objects.head().commit
            if head is None:
                return Synced(str(upstream), notes=["neither has a commit yet"])
            pushed = self.sharing.count(theirs, head)
            if pushed and theirs:
                self._require_whole(theirs, head)
            if not pushed or self.sharing.push(upstream, head):
                return Synced(str(upstream), pulled, pushed, merged, self.notes)
        raise Conflict(f"{upstream} keeps moving; what was pulled is here, nothing was pushed", hint="issuelog sync")

    def _preview(self, upstream: Upstream, theirs: str | None) -> Synced:
        ours = self.objects.head().commit
        if ours and theirs and not self._one_is_behind(ours, theirs):
            with exclusive(self.repository, self.tracker.say), merging(self.repository):
                self._merged_tree(ours, theirs)
        return Synced(
            str(upstream),
            self.sharing.count(ours, theirs) if theirs else 0,
            self.sharing.count(theirs, ours) if ours else 0,
            None,
            self.notes,
        )

    def _require_whole(self, theirs: str, head: str) -> None:
        """Raise Conflict where a report that would be pushed is broken: nobody could merge it."""
        layout = self.tracker.layout
        for path in sorted(self._since(theirs, head)):
            shown = self.tracker.from_repository(path) or ""
            target = layout.root / shown
            if (layout.is_report(shown) or layout.is_known_error(shown)) and target.exists():
                faults = [problem for problem in check_file(self.tracker, target) if problem.rule in MERGE_FAULTS]
                if faults:
                    raise Conflict(f"{faults[0]}; nothing was pushed", hint="issuelog sync --resolve")

    def _since(self, before: str, after: str) -> dict[str, tuple[str | None, str | None]]:
        """Return the reports and known errors in which two commits differ, by path from the top."""
        layout = self.tracker.layout
        folders = [self.tracker.in_repository(layout.relative(one)) for one in (layout.reports, layout.known_errors)]
        return self.objects.differences(before, after, *folders)

    def _one_is_behind(self, ours: str, theirs: str) -> bool:
        return self.objects.is_ancestor(ours, theirs) or self.objects.is_ancestor(theirs, ours)

    def _pull(self, ours: str | None, theirs: str, lock: int) -> str | None:
        """Bring the branch to where it has both sides; return the merge commit, if it took one."""
        if ours and self.objects.is_ancestor(theirs, ours):
            return None
        if ours is None or self.objects.is_ancestor(ours, theirs):
            move(self.repository, theirs, lock, "sync")
            return None
        with merging(self.repository):
            tree = self._merged_tree(ours, theirs)
        sign = self.repository.says("commit.gpgsign")
        commit = self.objects.commit(tree, [ours, theirs], str(CommitMessage(None, "sync")), sign=sign)
        move(self.repository, commit, lock, "sync")
        return commit

    def _merged_tree(self, ours: str, theirs: str) -> str:
        """Return the tree that has both sides; raises Conflict that names what a person has to decide."""
        merge = self.sharing.merge(ours, theirs)
        inside, outside = self._conflicts(merge, ours, theirs)
        settled = Settling(self.tracker.layout, lambda path: self._content(merge.tree, path)).run(inside)
        left = {**{self.tracker.in_repository(path): why for path, why in settled.left.items()}, **outside}
        if left:
            raise Conflict(
                f"{names(list(left))} cannot be merged: {next(iter(left.values()))}; nothing was changed",
                hint="merge by hand: git pull --no-rebase; what belongs to reports settles: issuelog sync --resolve",
            )
        self.notes += settled.notes
        files = {self.tracker.in_repository(path): content for path, content in settled.files.items()}
        return self.objects.write(Head(merge.tree, "0" * len(merge.tree)), files).root if files else merge.tree

    def _conflicts(self, merge: Merge, ours: str, theirs: str) -> tuple[dict[str, Versions], dict[str, str]]:
        """Return what both sides changed in the tracker, by path from its root, and what else is in conflict."""
        inside: dict[str, Versions] = {}
        outside: dict[str, str] = {}
        for path, entries in merge.conflicts.items():
            shown = self.tracker.from_repository(path)
            if shown:
                inside[shown] = Versions.of(entries, self.objects)
            else:
                outside[path] = "both sides changed it, and it is none of the tracker's"
        # Without the driver, or the attributes that name it, git has merged lines and found no conflict.
        past = self.sharing.past(ours, theirs)
        both = sorted(self._since(past[0], ours).keys() & self._since(past[0], theirs).keys())
        commits = (ours, theirs, *past)
        read = iter(self.objects.read([f"{commit}:{path}" for path in both for commit in commits]))
        for path in both:
            mine, other, *before = (stored.content if stored else None for _ in commits for stored in [next(read)])
            shown = self.tracker.from_repository(path) or ""
            layout = self.tracker.layout
            if (layout.is_report(shown) or layout.is_known_error(shown)) and mine != other:
                inside[shown] = Versions(common_version(shown, before), mine, other)
        return inside, outside

    def _content(self, tree: str, path: str) -> bytes | None:
        stored = self.objects.read([f"{tree}:{self.tracker.in_repository(path)}"])[0]
        return stored.content if stored else None
