"""Work trees for the time of an experiment, gone at its end however it ends."""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import signal
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from issuelog.errors import Conflict
from issuelog.experiment.running import MARK
from issuelog.store.locking import uninterrupted
from issuelog.vcs import worktree
from issuelog.vcs.repository import Repository
from issuelog.vcs.worktree import Worktree

PREFIX = "issuelog-run-"


@contextmanager
def rooms(repository: Repository, count: int, commit: str, say: Callable[[str], None]) -> Iterator[list[Worktree]]:
    """Have so many work trees of a repository for a while, in a temporary folder; each is another room to run in.

    Removes first what a killed process left: each experiment holds a lock on the record of its folder, which the system
    takes away when the process dies. Raises GitRefused, Conflict.
    """
    records = repository.private / "worktrees"
    _sweep(repository, records, say)
    folder = Path(tempfile.gettempdir()).resolve() / f"{PREFIX}{secrets.token_hex(6)}"
    record = records / folder.name
    held: IO[str] | None = None
    try:
        with uninterrupted():
            held = _recorded(record, folder)
            folder.mkdir(mode=0o700)
        made = [Worktree(repository, folder / f"{folder.name}-{number + 1}") for number in range(count)]
        for room in made:
            room.add(commit)
        yield made
    finally:
        with uninterrupted():
            _remove(repository, folder, say)
            record.unlink(missing_ok=True)
            if held:
                held.close()


def _recorded(record: Path, folder: Path) -> IO[str]:
    """Write down which folder is to be removed, in a file that is locked as long as somebody is in there."""
    record.parent.mkdir(parents=True, exist_ok=True)
    temporary = record.with_name(f".{record.name}")
    handle = temporary.open("w", encoding="utf-8", errors="surrogateescape")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        handle.write(str(folder))
        handle.flush()
        temporary.rename(record)  # nobody sees it before it is locked
    except OSError as error:
        handle.close()
        temporary.unlink(missing_ok=True)
        raise Conflict(f"{record.parent} cannot be written: {error.strerror}; nothing was run") from None
    return handle


def _sweep(repository: Repository, records: Path, say: Callable[[str], None]) -> None:
    """Remove what experiments left whose process is dead."""
    for record in sorted(records.glob(f"{PREFIX}*")):
        if not record.is_file():
            continue
        try:
            handle = record.open("r", encoding="utf-8", errors="surrogateescape")
        except FileNotFoundError:  # it has just come to its end
            continue
        with handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                continue
            folder = Path(handle.read())
            _end_what_runs(record.name)
            if folder.name == record.name:
                _remove(repository, folder, say)
                say(f"removed the work trees that an interrupted run had left in {folder}")
            record.unlink(missing_ok=True)


def _end_what_runs(name: str) -> None:
    """End what the commands of a killed experiment still run, where the system tells what a process has been given."""
    mark = f"{MARK}={name}".encode()
    for known in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            if mark in known.read_bytes().split(b"\0"):
                os.kill(int(known.parent.name), signal.SIGKILL)


def _remove(repository: Repository, folder: Path, say: Callable[[str], None]) -> None:
    for name in worktree.known(repository.place.common_dir, f"{folder.name}-"):
        worktree.forget(repository.place.common_dir, name)
    if not _is_ours(folder):
        return
    worktree.make_writable(folder)
    shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():
        say(f"{folder} cannot be removed as a whole: what is left in it belongs to somebody else")


def _is_ours(folder: Path) -> bool:
    """Whether it is a folder that the user made: in a shared place for temporary files others could have put a link."""
    try:
        found = os.lstat(folder)
    except FileNotFoundError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()
