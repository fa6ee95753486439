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


def move_head_after_death(repository: Repository, commit: str, before: str, begun: float) -> Swap:
    """Do what a killed process was about to do, past the locks that it died with; `begun` is when it began.

    Raises Conflict where a lock stays that is not recognisably its own.
    """
    why = "issuelog: finish an interrupted change"
    until = time.monotonic() + HELD_SECONDS
    while (swap := move_head(repository, commit, before, why)) is Swap.HELD:
        if time.monotonic() > until:
            for lock in (path.with_name(f"{path.name}.lock") for path in _files(repository)):
                _remove_if_left_behind(lock, commit, begun)
            until += HELD_SECONDS
    return swap


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


def _remove_if_left_behind(lock: Path, commit: str, begun: float) -> None:
    """Remove a lock that holds our commit, or nothing yet, and came after the record of our change."""
    try:
        ours = lock.stat().st_mtime >= begun and lock.read_text(encoding="utf-8", errors="replace").strip() in {
            "",
            commit,
        }
    except FileNotFoundError:
        return
    if not ours:
        raise Conflict(f"git holds {lock}; nothing was changed", hint="if no git command runs, remove it")
    lock.unlink(missing_ok=True)
