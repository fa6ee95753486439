"""The user's git index: only our own entries change, everything staged stays staged."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from issuelog.errors import Conflict
from issuelog.vcs.git import Git
from issuelog.vcs.objects import Entry

WAIT_SECONDS = 10.0
_PAUSE_SECONDS = 0.02
MARK = b"held by issuelog\n"


class IndexLock:
    """Git's own lock on the index, taken the way that leaves no doubt whose it is: by a link to a file of ours."""

    def __init__(self, index: Path, room: Path) -> None:
        self.lock = lock_of(index)
        self.marked = room / "index-lock"

    def take(self, wait: float | None = None) -> None:
        """Take the lock within `wait` seconds; raises Conflict where git keeps it. A foreign lock stays."""
        with self.marked.open("wb") as file:
            file.write(MARK)
            file.flush()
            os.fsync(file.fileno())  # else a power cut may leave the lock and not the mark
        until = time.monotonic() + (WAIT_SECONDS if wait is None else wait)
        while True:
            try:
                os.link(self.marked, self.lock)
                return
            except FileExistsError:
                if time.monotonic() > until:
                    raise Conflict(
                        f"git holds {self.lock.name}: another git command is running; nothing was changed",
                        hint=f"try again when it has ended; if none runs, remove {self.lock}",
                    ) from None
                time.sleep(_PAUSE_SECONDS)

    def release(self) -> None:
        """Give the lock back if it is ours."""
        release_if_ours(self.lock)


def lock_of(index: Path) -> Path:
    """Return the lock that git takes on an index."""
    return index.with_name(f"{index.name}.lock")


def release_if_ours(lock: Path) -> bool:
    """Remove `lock` where it carries our mark and return whether it did."""
    try:
        ours = lock.stat().st_size == len(MARK) and lock.read_bytes() == MARK
    except FileNotFoundError:
        return False
    if ours:
        lock.unlink(missing_ok=True)
    return ours


@dataclass(frozen=True)
class Staged:
    """How the index differs from HEAD in one path: `committed` is HEAD's blob, `blob` the index's."""

    status: str
    committed: str
    blob: str

    @property
    def words(self) -> str:
        """What is to be said of it."""
        said = {"D": "is removed from git's index", "U": "has conflicts that are not resolved"}
        return said.get(self.status, "has staged changes")

    def way_out(self, *, unborn: bool) -> str:
        """The git command that takes it out of the way."""
        if self.status == "U":
            return "git add"
        return "git rm --cached" if unborn else "git restore --staged"


def staged(git: Git, tree_ish: str) -> dict[str, Staged]:
    """Return all that the user has staged."""
    output = git.run("diff-index", "--cached", "--raw", "--no-renames", "--no-abbrev", "-z", tree_ish, "--")
    parts = output.split(b"\0")
    found = {}
    for row, path in zip(parts[:-1:2], parts[1::2], strict=True):
        _, _, committed, blob, status = row.decode().split(" ")
        found[path.decode("utf-8", "surrogateescape")] = Staged(status[0], committed, blob)
    return found


def stamp(index: Path) -> tuple[int, int, int] | None:
    """Return what changes whenever git writes the index, None where there is none."""
    try:
        state = index.stat()
    except FileNotFoundError:
        return None
    return state.st_ino, state.st_mtime_ns, state.st_size


def entries(git: Git, paths: Sequence[str]) -> dict[str, Entry | None]:
    """Return what the index has at these paths: the entry, or None where there is no single one."""
    output = git.run("ls-files", "-s", "-z", "--full-name", "--", *paths)
    found: dict[str, Entry | None] = {}
    for row in output.split(b"\0"):
        if row:
            head, path = row.split(b"\t", 1)
            mode, sha, stage = head.decode().split(" ")
            found[path.decode("utf-8", "surrogateescape")] = Entry(mode, sha) if stage == "0" else None
    return found


def is_hidden(git: Git, path: str) -> bool:
    """Whether git does not look at this file: it is left out of the checkout, or assumed to be unchanged."""
    tag = git.run("ls-files", "-v", "-z", "--full-name", "--", path)[:1]
    return tag == b"S" or tag.islower()


class IndexChange:
    """A change of a few entries, which can be put back until it is kept. The caller holds the lock."""

    def __init__(self, git: Git, index: Path, room: Path) -> None:
        self.git = git
        self.index = index
        self._copy = room / "index"
        self._old = room / "index-before"
        self._set_aside = False
        self._replaced = False

    def write(self, wanted: Mapping[str, Entry | None], zero: str) -> None:
        """Put a copy of the index in its place in which only these entries differ; None removes one."""
        self._old.unlink(missing_ok=True)
        if self.index.exists():
            os.link(self.index, self._old)
            self._set_aside = True
            shutil.copyfile(self.index, self._copy)
        env = {"GIT_INDEX_FILE": str(self._copy)}
        rows = "".join(
            f"{entry.mode} {entry.sha} 0\t{path}\0" if entry else f"0 {zero} 0\t{path}\0"
            for path, entry in wanted.items()
        )
        stdin = rows.encode("utf-8", "surrogateescape")
        self.git.run("update-index", "-z", "--add", "--index-info", stdin=stdin, env=env)
        present = [path for path, entry in wanted.items() if entry]
        if present:
            # Only fills in what stat says, so that `git status` need not read the files again.
            # Threads that look at all the other files ahead would only cost.
            self.git.attempt("-c", "core.preloadIndex=false", "add", "--refresh", "--", *present, env=env)
        with self._copy.open("rb+") as handle:
            os.fsync(handle.fileno())
        self._replaced = True
        self._copy.replace(self.index)

    def put_back(self) -> None:
        """Put back the very index that was there."""
        # In the room may also lie what a recovery before this change had set aside.
        if self._set_aside and self._old.exists():
            self._old.replace(self.index)
            # Two names of one file are not renamed: then the index had not been replaced yet.
            self._old.unlink(missing_ok=True)
        elif self._replaced:
            self.index.unlink(missing_ok=True)
