"""Recovery: what a killed process left is finished or undone, and only what is recognisably its own is touched.

Whoever holds the lock knows that the writers of all records are dead. What becomes of a change is decided by the
record and HEAD alone; then the disk and the index are made to agree with HEAD wherever they are as the change had
found them or as it had left them. What a person has done since stays.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from issuelog import moving
from issuelog.errors import Conflict, GitRefused, IssuelogError
from issuelog.store.files import (
    Replacement,
    named,
    read_regular,
    remove_durably,
    remove_if_empty,
    remove_leftovers,
    sync_folder,
)
from issuelog.store.locking import uninterrupted
from issuelog.vcs import index as git_index
from issuelog.vcs.index import IndexChange, IndexLock
from issuelog.vcs.journal import JournalEntry
from issuelog.vcs.objects import blob_id
from issuelog.vcs.refs import Swap, folders, move_head_after_death, release_locks_of_the_dead
from issuelog.vcs.repository import Repository


class Recovery:
    """Settles what was broken off in any work tree of a repository. The caller holds the lock; `room` is its own."""

    def __init__(self, repository: Repository, room: Path, say: Callable[[str], None]) -> None:
        self.repository = repository
        self.room = room
        self.say = say

    def run(self) -> None:
        """Settle every change that was broken off, and remove what else killed processes left."""
        moving.settle(self.repository, self.say)
        for name, journal in self.repository.journals().items():
            self._settle_in(name, journal)
        for lock in self.repository.index_locks:
            if git_index.release_if_ours(lock):
                self.say("removed git's index lock, which a killed issuelog had left")
        for folder in self.repository.private.glob("tmp-*"):
            if folder != self.room:
                shutil.rmtree(folder, ignore_errors=True)

    def _settle_in(self, name: str, journal: Path) -> None:
        place = self.repository.place.work_tree(name)
        if place == self.repository.place:
            self._settle(self.repository, journal)
        elif place:
            try:
                self._settle(Repository(place), journal, wait=0)
            except (IssuelogError, OSError):
                return  # the next command over there says what is in the way
        elif not self.repository.place.git_dir_of(name).is_dir():
            remove_durably(journal)
            self.say(f"forgot an interrupted change of the work tree {name}, which is gone")

    def _settle(self, repository: Repository, journal: Path, wait: float | None = None) -> None:
        entry = JournalEntry.parse(journal.read_bytes())
        if entry is None:
            remove_durably(journal)
            self.say("removed the torn record of a change that had not begun")
            return
        lock = IndexLock(repository.index, self.room)
        try:
            with named(lock.lock):
                lock.release()  # the dead process's
                lock.take(wait)
            with uninterrupted():
                fate = self._fate(repository, entry, journal.stat().st_mtime)
                self._mend(repository, entry)
                for folder in folders(repository):
                    sync_folder(folder)
                lock.release()
                remove_durably(journal)
        finally:
            lock.release()
        self.say(f"{fate} an interrupted change: {entry.subject}")

    def _fate(self, repository: Repository, entry: JournalEntry, begun: float) -> str:
        """See to it that HEAD has the change, or never will; return in words which."""
        objects = repository.objects
        release_locks_of_the_dead(repository, entry.commit, begun)
        head = objects.head()
        if objects.is_ancestor(entry.commit, head.commit):
            return "finished"
        if (
            head.expected == entry.before
            and not repository.busy
            and all(path in entry.adopted or _is_known(repository, entry, path) for path in entry.new)
            and objects.all_there(entry.objects)
        ):
            try:
                swap = move_head_after_death(repository, entry.commit, entry.before)
            except GitRefused:
                return "put back"
            return "finished" if swap is Swap.DONE else "put back"
        return "put back"

    def _mend(self, repository: Repository, entry: JournalEntry) -> None:
        """Make disk and index agree with HEAD where they are as the change had found or left them."""
        head = repository.objects.head()
        paths = list(entry.new)
        wanted = repository.objects.entries(head.tree_ish, paths)
        files: dict[Path, bytes | None] = {}
        for path in paths:
            target = repository.top / path
            blob = wanted[path].sha if path in wanted else None
            if path in entry.adopted:
                continue
            if _is_known(repository, entry, path) and _on_disk(target, len(head.zero)) != blob:
                files[target] = repository.objects.content(blob) if blob else None
        replacement = Replacement(files)
        replacement.write()
        replacement.keep()
        for path in paths:
            remove_leftovers(repository.top / path)
        present = git_index.entries(repository.git, paths)
        behind = {
            path: wanted.get(path)
            for path in paths
            if (found := present.get(path)) != wanted.get(path)
            and (found is not None or path not in present)
            and entry.knows(path, found.sha if found else None)
        }
        if behind:
            with named(repository.index):
                IndexChange(repository.unfiltered, repository.index, self.room).write(behind, head.zero)
        remove_if_empty([repository.top / folder for folder in entry.folders])


def _is_known(repository: Repository, entry: JournalEntry, path: str) -> bool:
    """Whether a file on the disk is as the change found it or left it."""
    try:
        return entry.knows(path, _on_disk(repository.writable(path), len(entry.commit)))
    except Conflict:
        return False


def _on_disk(target: Path, width: int) -> str | None:
    return blob_id(read_regular(target), width)
