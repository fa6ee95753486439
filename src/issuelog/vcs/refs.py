"""Moving HEAD: the one moment at which a change happens, or does not."""

from __future__ import annotations

import time
from enum import Enum
from pathlib import Path

from issuelog.errors import Conflict, GitRefused
from issuelog.vcs.git import words_of
from issuelog.vcs.repository import Repository

HELD_SECONDS = 1.0
_PAUSE_SECONDS = 0.05
_HELD = ".lock': File exists"


class Swap(Enum):
    """What came of a compare-and-swap."""

    DONE = "done"
    LOST = "HEAD had moved"
    HELD = "another git command held the branch"


def move_head(repository: Repository, commit: str, before: str, why: str) -> Swap:
    """Make HEAD name `commit` if it still names `before`. Raises GitRefused where git refuses for good."""
    hooks = repository.says("issuelog.verify")
    done = repository.git.attempt("update-ref", "-m", why, "HEAD", commit, before, hooks=hooks)
    if done.returncode == 0:
        return Swap.DONE
    now = repository.objects.head().expected
    if now == commit:
        return Swap.DONE
    if now != before:
        return Swap.LOST
    words = words_of(done, "update-ref")
    if _HELD in words:
        time.sleep(_PAUSE_SECONDS)
        return Swap.HELD
    raise GitRefused(words)


def move_head_after_death(repository: Repository, commit: str, before: str) -> Swap:
    """Do what a killed process was about to do. Raises Conflict where git keeps a lock."""
    until = time.monotonic() + HELD_SECONDS
    while True:
        swap = move_head(repository, commit, before, "issuelog: finish an interrupted change")
        if swap is not Swap.HELD:
            return swap
        if time.monotonic() > until:
            raise held(repository)


def held(repository: Repository) -> Conflict:
    """Return what is to be said where git does not give up a lock on HEAD or its branch."""
    names = " ".join(str(lock) for lock in _locks(repository) if lock.exists())
    return Conflict(
        "another git command holds the branch; nothing was changed",
        hint=f"try again when it has ended; if none runs, remove {names}",
    )


def release_locks_of_the_dead(repository: Repository, commit: str, begun: float) -> None:
    """Remove the locks that the git of a killed process died with.

    Those are recognisable: they hold the commit that it was to set, or nothing yet, came after the record of the
    change (`begun`) and do not go away.
    """
    until = time.monotonic() + HELD_SECONDS
    for lock in _locks(repository):
        while _is_of(lock, commit, begun):
            if time.monotonic() > until:
                lock.unlink(missing_ok=True)
            else:
                time.sleep(_PAUSE_SECONDS)


def folders(repository: Repository) -> list[Path]:
    """Return the folders in which names change when HEAD moves, and those above them."""
    git_dir, common = repository.place.git_dir, repository.place.common_dir
    found = [git_dir, git_dir / "logs", common]
    for path in _files(repository):
        for base in (common, common / "logs"):
            if path.is_relative_to(common):
                folder = (base / path.relative_to(common)).parent
                found += [above for above in (folder, *folder.parents) if above.is_relative_to(common)]
    return [folder for folder in dict.fromkeys(found) if folder.is_dir()]


def _files(repository: Repository) -> list[Path]:
    """Return the files of HEAD, and of the branch that it names."""
    head = repository.place.git_dir / "HEAD"
    named = head.read_text(encoding="utf-8", errors="surrogateescape")
    if not named.startswith("ref:"):
        return [head]
    return [head, repository.place.common_dir / named.removeprefix("ref:").strip()]


def _locks(repository: Repository) -> list[Path]:
    return [path.with_name(f"{path.name}.lock") for path in _files(repository)]


def _is_of(lock: Path, commit: str, begun: float) -> bool:
    try:
        return lock.stat().st_mtime >= begun and lock.read_bytes().strip() in {b"", commit.encode()}
    except FileNotFoundError:
        return False
