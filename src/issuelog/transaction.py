"""The transaction: a change of some files becomes one commit, or nothing happened.

The steps and their order come from a protocol that was measured to lose nothing: under concurrent writers, under
SIGKILL at any moment, at a power cut, and beside a user who works with git in the same repository.

 1 lock     2 recover     3 refuse while git is busy     4 check the paths     5 read HEAD inside the lock
 6 let the caller decide on the new contents     7 write objects, which nothing can see yet     8 take git's index lock
 9 journal     10 files     11 index     12 compare-and-swap of HEAD: the commit point     13 sync     14 clean up

Files and index change before HEAD, so that in every crash state they are ahead of it and a user's `git commit -a`
would record the change, never revert it. From 8 on nothing needs more than milliseconds, and interrupts wait.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from issuelog.errors import Conflict, GitRefused
from issuelog.recovery import Recovery
from issuelog.snapshot import Decide, Plan, Snapshot
from issuelog.store.files import Replacement, named, remove_durably, sync_folder, write_durably
from issuelog.store.locking import interrupt_waits, locked, uninterrupted
from issuelog.vcs import index as git_index
from issuelog.vcs.index import IndexChange, IndexLock
from issuelog.vcs.journal import JournalEntry
from issuelog.vcs.objects import Entry
from issuelog.vcs.refs import Swap, folders, held, move_head
from issuelog.vcs.repository import MIN_GIT, Repository

_ATTEMPTS = 5
_NAMED_AT_MOST = 3
_FIRST_OF_MAINTENANCE = "00"


@dataclass(frozen=True)
class Committed:
    """What a transaction did."""

    commit: str
    plan: Plan


Say = Callable[[str], None]


@dataclass(frozen=True)
class _Work:
    """One attempt to publish a commit: what its steps share."""

    snapshot: Snapshot
    plan: Plan
    entry: JournalEntry
    entries: Mapping[str, Entry | None]
    files: Replacement
    index: IndexChange
    lock: IndexLock


@contextmanager
def exclusive(repository: Repository, say: Say) -> Iterator[int]:
    """Keep every other issuelog out, once what killed ones left is settled. Raises Conflict after a bounded wait.

    Gives the descriptor of the lock.
    """
    room = _room(repository)
    with locked(repository.private / "lock") as lock:
        shutil.rmtree(room, ignore_errors=True)
        try:
            room.mkdir()
            Recovery(repository, room, say).run()
            yield lock
        finally:
            shutil.rmtree(room, ignore_errors=True)


def settle(repository: Repository, say: Say) -> None:
    """Settle what a killed process left, before the files are taken for what was recorded."""
    if repository.journals():
        with exclusive(repository, say):
            pass


def _room(repository: Repository) -> Path:
    return repository.private / f"tmp-{os.getpid()}"


@dataclass
class Transaction:
    """Runs one change against a repository. `say` hears what was repaired and what deserves a warning."""

    repository: Repository
    say: Say = field(default=lambda _: None)
    _committed: Committed | None = field(default=None, init=False)
    _swap: Swap = field(default=Swap.LOST, init=False)

    def run(self, decide: Decide) -> Committed | None:
        """Commit what `decide` returns for the state of HEAD; None where it decides on no change.

        `decide` is called again with a new snapshot where a plain git commit came in between. Raises Conflict,
        GitRefused, or whatever `decide` raises; then everything is as it was.
        """
        self._committed = None
        try:
            with exclusive(self.repository, self.say):
                self.repository.refuse_if_busy()
                self._attempt(decide)
        except BrokenPipeError:
            raise
        except OSError as error:
            if not self._committed:
                raise Conflict(f"{_words(error)}; nothing was changed") from error
            self.say(f"the change is committed, but {_words(error)}")
        except GitRefused as error:
            self._blame_old_git(error)
            raise
        # Porcelain offers it each time and plumbing never; one commit in 256 is often enough.
        if self._committed and self._committed.commit.startswith(_FIRST_OF_MAINTENANCE):
            self.repository.collect_garbage()
        return self._committed

    def _attempt(self, decide: Decide) -> None:
        """Do steps 5 to 14, again where plain git came in between."""
        self._warn_if_detached()
        for attempt in range(_ATTEMPTS):
            snapshot = Snapshot(self.repository, self.repository.objects.head())
            if not attempt:
                self._name_what_a_commit_would_revert(snapshot)
            try:
                plan = decide(snapshot)
            except Conflict:
                if self.repository.objects.head() != snapshot.head:
                    continue
                raise
            if plan is None or not _changes(snapshot, plan) or self._publish(self._write_objects(snapshot, plan)):
                return
        if self._swap is Swap.HELD:
            raise held(self.repository)
        raise Conflict("other git commands keep coming in between; nothing was changed", hint="try again")

    @property
    def _private(self) -> Path:
        """A folder for what lives no longer than the transaction."""
        return _room(self.repository)

    def _write_objects(self, snapshot: Snapshot, plan: Plan) -> _Work:
        """Write the commit and all that belongs to it. Nothing can see it yet, and any failure leaves nothing."""
        repository, head = self.repository, snapshot.head
        objects = repository.objects
        old = {path: snapshot.committed(path) for path in plan.files}
        stored = objects.write(head, plan.files, snapshot.at)
        message = self._run_hooks(stored.root, plan)
        sign, author = repository.says("commit.gpgsign"), _author(plan.author)
        parents = [head.commit] if head.commit else []
        commit = objects.commit(stored.root, parents, message, sign=sign, author=author)
        written = [commit, *stored.ids]
        self._sync_objects(written)
        written_here = {path: content for path, content in plan.files.items() if path not in plan.adopted}
        files = Replacement({repository.writable(path): content for path, content in written_here.items()})
        entry = JournalEntry(
            before=head.expected,
            commit=commit,
            message=message,
            old={path: found.sha if found else None for path, found in old.items()},
            new=stored.blobs,
            folders=[repository.relative(folder) for folder in files.made],
            objects=written,
            adopted=list(plan.adopted),
        )
        index = IndexChange(repository.unfiltered, repository.index, self._private)
        return _Work(snapshot, plan, entry, stored.entries, files, index, IndexLock(repository.index, self._private))

    def _run_hooks(self, tree: str, plan: Plan) -> str:
        """Return the message; run pre-commit and commit-msg on it where the user's own configuration asks for it."""
        if not self.repository.says("issuelog.verify"):
            return str(plan.message)
        words = self._private / "hook-message"
        env = {"GIT_INDEX_FILE": str(self._private / "hook-index")}
        self.repository.git.run("read-tree", tree, env=env)
        self.repository.git.hook("pre-commit", env=env)
        words.write_text(str(plan.message), encoding="utf-8")
        self.repository.git.hook("commit-msg", str(words), env=env)
        said = words.read_text(encoding="utf-8", errors="surrogateescape")
        if not said.strip():
            raise GitRefused("the commit-msg hook left no message; nothing was changed")
        return said

    def _sync_objects(self, ids: list[str]) -> None:
        """Make the names of new objects survive a power cut, before anything names them; git never does."""
        objects = self.repository.place.common_dir / "objects"
        for folder in sorted({objects, *(objects / sha[:2] for sha in ids)}):
            if folder.is_dir():
                sync_folder(folder)

    def _publish(self, work: _Work) -> bool:
        """Do steps 8 to 14. Return whether it is done; False where HEAD had moved and all was put back."""
        try:
            self._take_index_lock(work)
            with uninterrupted():
                done = self._is_still_true(work) and self._change(work)
        except BaseException:
            # What went wrong is to be told, and not that the lock stays too: the next command removes it.
            with suppress(OSError):
                work.lock.release()
            raise
        work.lock.release()
        return done

    def _change(self, work: _Work) -> bool:
        try:
            self._write_journal(work)
            self._write_files(work)
            self._write_index(work)
            moved = self._move_head(work)
        except BaseException as error:
            # HEAD alone knows whether the commit happened.
            if self.repository.objects.head().commit != work.entry.commit:
                self._put_back(work)
                raise
            self._finish(work)
            if isinstance(error, Exception):
                return True
            raise
        if moved:
            self._finish(work)
        else:
            self._put_back(work)
        return moved

    def _take_index_lock(self, work: _Work) -> None:
        with named(work.lock.lock):
            work.lock.take()
        self.repository.refuse_if_busy()

    def _is_still_true(self, work: _Work) -> bool:
        """Whether everything is still as the caller was told, now that git has to wait. Raises Conflict if not."""
        snapshot = work.snapshot
        if git_index.stamp(self.repository.index) != snapshot.stamp:
            snapshot = Snapshot(self.repository, snapshot.head, _seen=snapshot._seen)
        try:
            for path, content in work.plan.files.items():
                if path in work.plan.adopted:
                    snapshot.require_adoptable(path, content)
                else:
                    snapshot.require_untouched(path)
        except Conflict:
            if self.repository.objects.head() == snapshot.head:
                raise
            return False
        return True

    def _write_journal(self, work: _Work) -> None:
        write_durably(self.repository.journal, work.entry.dump())

    def _write_files(self, work: _Work) -> None:
        work.files.write()

    def _write_index(self, work: _Work) -> None:
        with named(self.repository.index):
            work.index.write(work.entries, work.snapshot.head.zero)

    def _move_head(self, work: _Work) -> bool:
        entry = work.entry
        self._swap = move_head(self.repository, entry.commit, entry.before, f"issuelog: {entry.subject}")
        return self._swap is Swap.DONE

    def _put_back(self, work: _Work) -> None:
        try:
            work.index.put_back()
            work.files.put_back()
            remove_durably(self.repository.journal)
        except OSError as error:
            raise Conflict(
                f"{_words(error)}; the change is half done: the next command finishes or undoes it"
            ) from None

    def _finish(self, work: _Work) -> None:
        """Do steps 13 and 14: the commit is there, and stays whatever happens now."""
        self._committed = Committed(work.entry.commit, work.plan)
        try:
            try:
                self._sync_head()
            finally:
                self._clean_up(work)
        except OSError as error:
            self.say(f"{work.entry.subject} is committed, but {_words(error)}: a power cut may still undo it")
        if interrupt_waits():
            self.say(f"{work.entry.subject} is committed: the interrupt came too late for it")

    def _sync_head(self) -> None:
        """Make the new names of refs and logs survive a power cut."""
        for folder in folders(self.repository):
            sync_folder(folder)

    def _clean_up(self, work: _Work) -> None:
        work.files.keep()
        work.lock.release()
        remove_durably(self.repository.journal)

    def _warn_if_detached(self) -> None:
        if self.repository.detached:
            self.say("HEAD is detached: this commit is on no branch (git switch -c NAME keeps it)")

    def _name_what_a_commit_would_revert(self, snapshot: Snapshot) -> None:
        """Warn of reports whose index entry is behind HEAD and the disk: git lost it in a race with a user's commit.

        Git reads the index before it locks it; what it then writes lacks what came in between.
        """
        behind = snapshot.behind()
        for path in behind[:_NAMED_AT_MOST]:
            self.say(
                f"git's index is behind in {path}: the next git commit would revert it; "
                "put it right: issuelog doctor --fix"
            )
        if len(behind) > _NAMED_AT_MOST:
            self.say(f"git's index is behind in {len(behind) - _NAMED_AT_MOST} more reports: issuelog doctor --fix")

    def _blame_old_git(self, error: GitRefused) -> None:
        version = self.repository.version()
        if version < MIN_GIT:
            spoken, wanted = (".".join(map(str, numbers)) for numbers in (version, MIN_GIT))
            raise GitRefused(f"git is {spoken}; issuelog needs {wanted}", hint="install a newer git") from error


def _changes(snapshot: Snapshot, plan: Plan) -> bool:
    """Whether a plan leads to anything else than HEAD."""
    for path, content in plan.files.items():
        stored = snapshot.committed(path)
        if content != (stored.content if stored else None):
            return True
    return False


def _author(author: str) -> dict[str, str]:
    name, _, mail = author.partition(" <")
    return {"GIT_AUTHOR_NAME": name, "GIT_AUTHOR_EMAIL": mail.rstrip(">")}


def _words(error: OSError) -> str:
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{error.strerror or error}"
