"""The user's git index: only our own entries change, everything staged stays staged."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Mapping
from pathlib import Path

from issuelog.errors import Conflict
from issuelog.vcs.git import Git
from issuelog.vcs.objects import FILE

WAIT_SECONDS = 10.0
_PAUSE_SECONDS = 0.02
MARK = b"held by issuelog\n"


class IndexLock:
    """Git's own lock on the index, taken the way that leaves no doubt whose it is: by a link to a file of ours."""

    def __init__(self, index: Path, private: Path) -> None:
        self.lock = index.with_name(index.name + ".lock")
        self.marked = private / f"index-lock-{os.getpid()}"

    def take(self, wait: float = WAIT_SECONDS) -> None:
        """Take the lock within `wait` seconds; raises Conflict where git keeps it. A foreign lock stays."""
        self.marked.write_bytes(MARK)
        until = time.monotonic() + wait
        while True:
            try:
                os.link(self.marked, self.lock)
                return
            except FileExistsError:
                if time.monotonic() > until:
                    self.marked.unlink(missing_ok=True)
                    raise Conflict(
                        f"git holds {self.lock.name}: another git command is running",
                        hint=f"try again when it has ended; if none runs, remove {self.lock}",
                    ) from None
                time.sleep(_PAUSE_SECONDS)

    def release(self) -> None:
        """Give the lock back if it is ours."""
        release_if_ours(self.lock)
        self.marked.unlink(missing_ok=True)


def release_if_ours(lock: Path) -> bool:
    """Remove `lock` where it carries our mark and return whether it did."""
    try:
        ours = lock.stat().st_size == len(MARK) and lock.read_bytes() == MARK
    except FileNotFoundError:
        return False
    if ours:
        lock.unlink(missing_ok=True)
    return ours


def entries(git: Git, paths: list[str]) -> dict[str, str]:
    """Return path to blob id for what is staged under these paths."""
    output = git.run("ls-files", "-s", "-z", "--", *paths)
    rows = [row.split(b"\t", 1) for row in output.split(b"\0") if row]
    return {path.decode("utf-8", "surrogateescape"): head.split(b" ")[1].decode() for head, path in rows}


def replace_entries(git: Git, index: Path, private: Path, blobs: Mapping[str, str | None]) -> None:
    """Put a copy of the index in its place in which only these entries differ. The caller holds the lock."""
    copy = private / f"index-{os.getpid()}"
    try:
        if index.exists():
            shutil.copyfile(index, copy)
        env = {"GIT_INDEX_FILE": str(copy)}
        null = "0" * max((len(blob) for blob in blobs.values() if blob), default=40)
        rows = "".join(
            f"{FILE} {blob} 0\t{path}\0" if blob else f"0 {null} 0\t{path}\0" for path, blob in blobs.items()
        )
        git.run(
            "update-index",
            "-z",
            "--add",
            "--index-info",
            stdin=rows.encode("utf-8", "surrogateescape"),
            env=env,
        )
        present = [path for path, blob in blobs.items() if blob]
        if present:
            # Only fills in what stat says, so that `git status` need not read the files again.
            git.attempt("add", "--refresh", "--", *present, env=env)
        with copy.open("rb+") as handle:
            os.fsync(handle.fileno())
        copy.replace(index)
    finally:
        copy.unlink(missing_ok=True)
        copy.with_name(copy.name + ".lock").unlink(missing_ok=True)
