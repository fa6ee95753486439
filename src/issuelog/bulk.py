"""Many new reports at once: a commit each, and all of them or none.

What is to be committed is collected in a file that has no name, without the lock, as long as it takes. Then, under the
lock, `git fast-import` makes the commits where nobody sees them, and the branch moves over all of them in one step,
with the index and the files. Whoever is killed on the way leaves nothing, or what the next command settles.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import BinaryIO

from issuelog.errors import Conflict
from issuelog.moving import move
from issuelog.store.files import read_regular, sync_file, sync_folder, write_durably
from issuelog.store.locking import interrupt_waits, uninterrupted
from issuelog.transaction import exclusive
from issuelog.vcs import fastimport
from issuelog.vcs.message import CommitMessage
from issuelog.vcs.objects import Head, folded, parse_tree
from issuelog.vcs.repository import Repository

_ATTEMPTS = 5
_WAIT_SECONDS = 10.0
_PAUSE_SECONDS = 0.1
_LOCKED = ".lock': File exists"
_FEW_FILES = 100
_AT_ONCE = 1 << 20


def obstacle(repository: Repository) -> str | None:
    """Return why reports have to be committed one by one in this repository, None where nothing is in the way."""
    if repository.objects.head().commit is None:
        return "there is no commit yet"
    if repository.says("commit.gpgsign"):
        return "each commit is to be signed (commit.gpgsign)"
    if repository.says("issuelog.verify"):
        return "your hooks are to see each commit (issuelog.verify)"
    sparse = repository.git.attempt("config", "--type=bool", "--get", "core.sparseCheckout").stdout
    return "the checkout is sparse" if sparse.strip() == b"true" else None


class Names:
    """Which names are taken in the folders of a repository, in a commit and on the disk; each folder is read once."""

    def __init__(self, repository: Repository, head: Head) -> None:
        self.repository = repository
        self.head = head
        self._folders: dict[str, tuple[Mapping[str, str], Mapping[str, str]]] = {}

    def committed(self, path: str) -> bool:
        """Whether the commit has this file or folder. Raises Conflict where a folder above is none, or is a link."""
        return self._look(path, 0)

    def on_disk(self, path: str) -> bool:
        """Whether the disk has it. Raises Conflict as well."""
        return self._look(path, 1)

    def _look(self, path: str, where: int) -> bool:
        folder, _, name = path.rpartition("/")
        if folder not in self._folders:
            self._folders[folder] = self._in_commit(folder), self._in_folder(folder)
        there = self._folders[folder][where].get(folded(name))
        if there not in {None, name}:
            raise Conflict(f"{path} differs only by case from {there}, which is there")
        return there is not None

    def _in_folder(self, folder: str) -> dict[str, str]:
        found = self.repository.writable(f"{folder}/-" if folder else "-").parent
        return {folded(path.name): path.name for path in found.iterdir()} if found.is_dir() else {}

    def _in_commit(self, folder: str) -> dict[str, str]:
        if folder and not self.committed(folder):
            return {}
        stored = self.repository.objects.read([f"{self.head.commit}:{folder}"])[0] if self.head.commit else None
        if stored and stored.kind != "tree":
            raise Conflict(f"{folder} is not a folder in the last commit; nothing was changed")
        rows = parse_tree(stored.content, len(self.head.zero) // 2) if stored else {}
        return {folded(name): name for name in (row.decode("utf-8", "surrogateescape") for row in rows)}


@dataclass(frozen=True)
class _Kept:
    """One file of a commit: where its content lies in the spool."""

    path: str
    start: int
    size: int


@dataclass(frozen=True)
class _Addition:
    """One commit to be: where in the spool lies what adds its files."""

    message: str
    author: str
    files: Sequence[_Kept]
    start: int
    end: int


class Bulk:
    """Collects new reports, and commits them all at once. To be closed."""

    def __init__(self, repository: Repository, say: Callable[[str], None]) -> None:
        self.repository = repository
        self.say = say
        self._additions: list[_Addition] = []
        repository.private.mkdir(parents=True, exist_ok=True)
        self._spool: BinaryIO = tempfile.TemporaryFile(dir=repository.private)  # noqa: SIM115 (closed by `close`)

    def close(self) -> None:
        """Forget what was collected."""
        self._spool.close()

    def add(self, files: Mapping[str, bytes], message: CommitMessage, author: str) -> None:
        """Collect a commit of new files; paths are from the repository's top."""
        start = self._spool.tell()
        kept = []
        for path, content in files.items():
            for part in fastimport.file(path, content):
                if part is content:
                    kept.append(_Kept(path, self._spool.tell(), len(content)))
                self._spool.write(part)
        self._additions.append(_Addition(str(message), author, kept, start, self._spool.tell()))

    def commit(self) -> list[str]:
        """Commit all that was collected, and return the commits. Raises Conflict or GitRefused; then nothing is."""
        with exclusive(self.repository, self.say) as lock:
            self.repository.refuse_if_busy()
            if self.repository.detached:
                self.say("HEAD is detached: these commits are on no branch (git switch -c NAME keeps them)")
            for _ in range(_ATTEMPTS):
                head = self.repository.objects.head()
                self._require_free(Names(self.repository, head))
                commits = self._make(head)
                if self._publish(head, commits[-1], lock):
                    break
            else:
                raise Conflict("other git commands keep coming in between; nothing was changed", hint="try again")
        self.repository.collect_garbage()
        return commits

    def _require_free(self, names: Names) -> None:
        """Raise Conflict where somebody else has made one of the files since it was decided on."""
        for kept in (kept for addition in self._additions for kept in addition.files):
            folder = kept.path.rpartition("/")[0]
            if not names.committed(folder) and not names.on_disk(folder):
                continue  # an attachment's, with nothing in it to be read
            if names.committed(kept.path):
                raise Conflict(f"{kept.path} was committed in between; nothing was changed", hint="try again")
            if names.on_disk(kept.path):
                raise Conflict(
                    f"{kept.path} is not committed yet; nothing was changed",
                    hint=f"keep it: git add -- {quote(kept.path)} && git commit -- {quote(kept.path)}",
                )

    def _make(self, head: Head) -> list[str]:
        """Make the commits upon a head, where they can be reached by their ids alone."""
        with self._room() as room:
            commits = fastimport.run(self.repository, room, head, self._stream())
            self._take_in(fastimport.packs(room))
        return commits

    @contextmanager
    def _room(self) -> Iterator[Path]:
        """Offer a folder that is removed in the end; by the next command, should this one be killed."""
        room = self.repository.private / f"tmp-{os.getpid()}-import"
        shutil.rmtree(room, ignore_errors=True)
        try:
            yield room
        finally:
            shutil.rmtree(room, ignore_errors=True)

    def _stream(self) -> Iterator[bytes]:
        signatures: dict[str, fastimport.Signature] = {}
        for number, addition in enumerate(self._additions, 1):
            who = addition.author
            if who not in signatures:
                signatures[who] = fastimport.signature(self.repository, who)
            yield fastimport.commit(number, signatures[who], addition.message)
            self._spool.seek(addition.start)
            left = addition.end - addition.start
            while part := self._spool.read(min(left, _AT_ONCE)):
                left -= len(part)
                yield part

    def _take_in(self, packs: Sequence[Path]) -> None:
        """Make packs a part of the repository; they survive a power cut before anything names what is in them."""
        target = self.repository.place.common_dir / "objects" / "pack"
        target.mkdir(exist_ok=True)
        for pack in packs:
            sync_file(pack)
        with uninterrupted():
            for pack in packs:
                shutil.move(pack, target / pack.name)
            sync_folder(target)

    def _publish(self, head: Head, commit: str, lock: int) -> bool:
        """Move the branch on, with index and files; False where it has moved by itself."""
        with uninterrupted():
            until = time.monotonic() + _WAIT_SECONDS
            while self.repository.objects.head() == head:
                try:
                    move(self.repository, commit, lock, "import")
                except Conflict as error:
                    if self.repository.objects.head() == head:
                        if _LOCKED not in error.message or time.monotonic() > until:
                            raise
                        time.sleep(_PAUSE_SECONDS)
                else:
                    self._finish()
                    return True
        return False

    def _finish(self) -> None:
        """See to it that the files are as they were committed, and survive a power cut."""
        try:
            self._undo_conversions()
            self._sync_files()
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            self.say(f"the reports are committed, but {where}{error.strerror}: a power cut may still take files away")
        if interrupt_waits():
            self.say("the reports are committed: the interrupt came too late for them")

    def _undo_conversions(self) -> None:
        """Write those files as they were committed that git has changed while it wrote them, such as ends of lines."""
        for kept in (kept for addition in self._additions for kept in addition.files):
            self._spool.seek(kept.start)
            content = self._spool.read(kept.size)
            target = self.repository.top / kept.path
            if read_regular(target) != content:
                write_durably(target, content)

    def _sync_files(self) -> None:
        targets = [self.repository.top / kept.path for addition in self._additions for kept in addition.files]
        if len(targets) > _FEW_FILES:
            os.sync()
            return
        for target in targets:
            sync_file(target)
        for folder in {above for target in targets for above in self._folders(target)}:
            sync_folder(folder)

    def _folders(self, target: Path) -> Iterator[Path]:
        """Yield the folders above a file, up to the top."""
        for folder in target.parents:
            yield folder
            if folder == self.repository.top:
                return
