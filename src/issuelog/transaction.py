"""The transaction: a change of some files becomes one commit, or nothing happened.

The steps and their order come from a protocol that was measured to lose nothing: under concurrent writers, under
SIGKILL at any moment, at a power cut, and beside a user who works with git in the same repository.

 1 lock     2 recover     3 refuse while git is busy     4 check the paths     5 read HEAD inside the lock
 6 let the caller decide on the new contents     7 write objects, which nothing can see yet     8 take git's index lock
 9 journal     10 files     11 index     12 compare-and-swap of HEAD: the commit point     13 sync     14 clean up

Files and index change before HEAD, so that in every crash state they are ahead of it and a user's `git commit -a`
would record the change, never revert it.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from issuelog.errors import Conflict, GitRefused
from issuelog.store.files import read_regular, remove_durably, sync_folder, write_durably
from issuelog.vcs import index as git_index
from issuelog.vcs.message import CommitMessage
from issuelog.vcs.objects import Head, Object
from issuelog.vcs.repository import Repository

LOCK_SECONDS = 30
_ATTEMPTS = 5
_FIRST_OF_MAINTENANCE = "00"


@dataclass(frozen=True)
class Plan:
    """What a transaction is to commit: paths from the repository's top, to new contents (None removes)."""

    files: Mapping[str, bytes | None]
    message: CommitMessage
    author: str


@dataclass(frozen=True)
class Snapshot:
    """What the caller may rely on while deciding: HEAD, and files exactly as HEAD has them."""

    repository: Repository
    head: Head
    _seen: dict[str, Object | None] = field(default_factory=dict)

    def content(self, path: str) -> bytes | None:
        """Return a file as HEAD has it, None where it has none. Raises Conflict where the user's copy differs."""
        committed = self.committed(path)
        self._require_untouched(path, committed)
        return committed.content if committed else None

    def committed(self, path: str) -> Object | None:
        """Return a file as HEAD has it, whatever the disk says."""
        if path not in self._seen:
            read = self.repository.objects.read
            self._seen[path] = read([f"{self.head.commit}:{path}"])[0] if self.head.commit else None
        return self._seen[path]

    def _require_untouched(self, path: str, committed: Object | None) -> None:
        on_disk = read_regular(self.repository.top / path)
        if on_disk != (committed.content if committed else None):
            what = "is not committed yet" if committed is None else "was changed by hand and not committed"
            what = "was deleted by hand" if on_disk is None else what
            raise Conflict(
                f"{path} {what}; nothing was changed",
                hint=f"see it: git diff HEAD -- {path}   keep it: git commit -- {path}   "
                f"drop it: git checkout HEAD -- {path}",
            )
        staged = git_index.entries(self.repository.git, [path]).get(path)
        if staged is not None and (committed is None or staged != committed.sha):
            raise Conflict(f"{path} has staged changes; nothing was changed", hint=f"git restore --staged -- {path}")


@dataclass(frozen=True)
class Committed:
    """What a transaction did."""

    commit: str
    plan: Plan


Decide = Callable[[Snapshot], Plan | None]
Say = Callable[[str], None]


@dataclass
class Transaction:
    """Runs one change against a repository. `say` hears what was repaired and what deserves a warning."""

    repository: Repository
    say: Say = field(default=lambda _: None)

    def run(self, decide: Decide) -> Committed | None:
        """Commit what `decide` returns for the state of HEAD; None where it decides on no change.

        `decide` is called again with a new snapshot where a plain git commit came in between. Raises Conflict,
        GitRefused, or whatever `decide` raises; then everything is as it was.
        """
        with self._locked():
            self._recover()
            self.repository.refuse_if_busy()
            if self.repository.detached:
                self.say("HEAD is detached: this commit is on no branch (git switch -c NAME keeps it)")
            for _ in range(_ATTEMPTS):
                head = self.repository.objects.head()
                snapshot = Snapshot(self.repository, head)
                plan = decide(snapshot)
                if plan is None:
                    return None
                commit = self._commit(snapshot, plan)
                if commit:
                    return Committed(commit, plan)
        raise Conflict("other commits keep coming in between; nothing was changed", hint="try again")

    @contextmanager
    def _locked(self) -> Iterator[None]:
        private = self.repository.private
        private.mkdir(parents=True, exist_ok=True)
        with (private / "lock").open("ab") as handle, _alarm(LOCK_SECONDS):
            try:
                fcntl.flock(handle, fcntl.LOCK_EX)
            except TimeoutError:
                raise Conflict(
                    f"another issuelog has held the lock for {LOCK_SECONDS} s; nothing was changed",
                    hint="try again",
                ) from None
            signal.setitimer(signal.ITIMER_REAL, 0)
            yield

    def _commit(self, snapshot: Snapshot, plan: Plan) -> str | None:
        """Do steps 7 to 14; return the new commit, or None where HEAD had moved and all was put back."""
        objects, head = self.repository.objects, snapshot.head
        paths = {path: self._checked(path) for path in plan.files}
        old = {path: snapshot.committed(path) for path in paths}
        old_blobs = {path: stored.sha if stored else None for path, stored in old.items()}
        blobs = {path: objects.write(content) if content is not None else None for path, content in plan.files.items()}
        tree = objects.tree_with(head, blobs)
        self._run_hooks(tree, plan)
        commit = objects.commit(
            tree,
            head.commit,
            str(plan.message),
            sign=self.repository.says("commit.gpgsign"),
            author=_author(plan.author),
        )
        entry = JournalEntry(self.repository.place.git_dir, head.expected, commit, str(plan.message), old_blobs, blobs)
        journal = self.repository.private / "journal"
        lock = git_index.IndexLock(self.repository.index, self.repository.private)
        lock.take()
        try:
            write_durably(journal, entry.dump())
            for path, content in plan.files.items():
                _put(paths[path], content)
            self._reindex(blobs)
            swapped = self._swap(head, commit, plan)
        except BaseException:
            # An interrupt may arrive after HEAD has moved: HEAD alone knows whether the commit happened.
            if objects.head().commit != commit:
                self._put_back(paths, old)
                remove_durably(journal)
                lock.release()
                raise
            swapped = True
        if swapped:
            self._sync(commit, tree, [blob for blob in blobs.values() if blob])
        else:
            self._put_back(paths, old)
        remove_durably(journal)
        lock.release()
        if swapped and commit.startswith(_FIRST_OF_MAINTENANCE):
            # Plumbing never collects garbage; one commit in 256 offers to, as porcelain does at its end.
            self.repository.git.attempt("maintenance", "run", "--auto", "--quiet")
        return commit if swapped else None

    def _swap(self, head: Head, commit: str, plan: Plan) -> bool:
        done = self.repository.git.attempt(
            "update-ref", "-m", f"issuelog: {plan.message.subject}", "HEAD", commit, head.expected
        )
        if done.returncode == 0:
            return True
        if self.repository.objects.head() != head:
            return False
        raise GitRefused(done.stderr.decode("utf-8", "replace").strip() or "git could not move HEAD")

    def _put_back(self, paths: Mapping[str, Path], old: Mapping[str, Object | None]) -> None:
        for path, stored in old.items():
            _put(paths[path], stored.content if stored else None)
        self._reindex({path: stored.sha if stored else None for path, stored in old.items()})

    def _reindex(self, blobs: Mapping[str, str | None]) -> None:
        git_index.replace_entries(self.repository.git, self.repository.index, self.repository.private, blobs)

    def _checked(self, path: str) -> Path:
        """Return where `path` is written; raises Conflict where a link or a nested repository is in the way."""
        here = self.repository.top
        for part in path.split("/")[:-1]:
            here = here / part
            if here.is_symlink() or (here.exists() and not here.is_dir()):
                raise Conflict(
                    f"{self.repository.relative(here)} is not a folder",
                    hint="reports are never written through links",
                )
            if (here / ".git").exists():
                raise Conflict(f"{self.repository.relative(here)} is a repository of its own")
        target = self.repository.top / path
        if target.is_symlink() or (target.exists() and not target.is_file()):
            raise Conflict(f"{path} is not a regular file")
        return target

    def _run_hooks(self, tree: str, plan: Plan) -> None:
        """Run pre-commit and commit-msg where the user's own configuration asks for it."""
        if not self.repository.says("issuelog.verify"):
            return
        private = self.repository.private
        index, words = private / f"hook-index-{os.getpid()}", private / f"hook-message-{os.getpid()}"
        env = {"GIT_INDEX_FILE": str(index)}
        try:
            self.repository.git.run("read-tree", tree, env=env)
            self.repository.git.hook("pre-commit", env=env)
            words.write_text(str(plan.message), encoding="utf-8")
            self.repository.git.hook("commit-msg", str(words), env=env)
        finally:
            index.unlink(missing_ok=True)
            words.unlink(missing_ok=True)

    def _sync(self, commit: str, tree: str, blobs: list[str]) -> None:
        """Sync the folders that got new names; git never does, and without it a power cut loses the last commit."""
        common, git_dir = self.repository.place.common_dir, self.repository.place.git_dir
        shards = {common / "objects" / sha[:2] for sha in (commit, tree, *blobs)}
        for folder in (*shards, common / "objects", common / "refs" / "heads", git_dir, git_dir / "logs"):
            if folder.is_dir():
                sync_folder(folder)

    def _recover(self) -> None:
        """Finish or undo what a killed process left. Whoever holds the lock knows that its writer is dead."""
        journal = self.repository.private / "journal"
        try:
            entry = JournalEntry.parse(journal.read_bytes())
        except FileNotFoundError:
            return
        except (ValueError, KeyError, TypeError):
            self.say("removed the torn record of a change that had not begun")
            remove_durably(journal)
            return
        if entry.git_dir != self.repository.place.git_dir:
            Transaction(_worktree(entry.git_dir), self.say)._recover()
            return
        said = self._settle(entry)
        git_index.release_if_ours(self.repository.index.with_name("index.lock"))
        for leftover in self.repository.private.glob("index-*"):
            leftover.unlink(missing_ok=True)
        remove_durably(journal)
        self.say(f"{said} an interrupted change: {entry.message.splitlines()[0]}")

    def _settle(self, entry: JournalEntry) -> str:
        """Make disk, index and HEAD agree on an interrupted change; return in one word what was done."""
        head = self.repository.objects.head()
        begun = head.commit == entry.commit
        if not begun and head.expected == entry.before:
            self.repository.git.run(
                "update-ref",
                "-m",
                "issuelog: finish an interrupted change",
                "HEAD",
                entry.commit,
                entry.before,
            )
            begun = True
        wanted, rejected = (entry.new, entry.old) if begun else (entry.old, entry.new)
        for path, blob in wanted.items():
            # Only what this very change had written, or had yet to write, is ours to touch.
            if read_regular(self.repository.top / path) == self._blob(rejected[path]):
                _put(self.repository.top / path, self._blob(blob))
        index = self.repository.index
        git_index.release_if_ours(index.with_name("index.lock"))
        lock = git_index.IndexLock(index, self.repository.private)
        lock.take()
        try:
            self._reindex(wanted)
        finally:
            lock.release()
        return "finished" if begun else "put back"

    def _blob(self, sha: str | None) -> bytes | None:
        stored = self.repository.objects.read([sha])[0] if sha else None
        return stored.content if stored else None


@dataclass(frozen=True)
class JournalEntry:
    """What recovery needs to know of a change that had begun."""

    git_dir: Path
    before: str
    commit: str
    message: str
    old: dict[str, str | None]
    new: dict[str, str | None]

    def dump(self) -> bytes:
        """Return the entry as it is stored."""
        return json.dumps(vars(self) | {"git_dir": str(self.git_dir)}).encode()

    @classmethod
    def parse(cls, content: bytes) -> JournalEntry:
        """Read an entry; raises ValueError, KeyError or TypeError where it is torn."""
        data: dict[str, Any] = json.loads(content)
        return cls(**data | {"git_dir": Path(data["git_dir"])})


def _worktree(git_dir: Path) -> Repository:
    pointer = git_dir / "gitdir"
    if pointer.is_file():
        return Repository.around(Path(pointer.read_text(encoding="utf-8").strip()).parent)
    return Repository.around(git_dir.parent)


def _put(target: Path, content: bytes | None) -> None:
    if content is None:
        remove_durably(target)
    else:
        write_durably(target, content)


def _author(author: str) -> dict[str, str]:
    name, _, mail = author.partition(" <")
    return {"GIT_AUTHOR_NAME": name, "GIT_AUTHOR_EMAIL": mail.rstrip(">")}


@contextmanager
def _alarm(seconds: int) -> Iterator[None]:
    def ring(_: int, __: FrameType | None) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
