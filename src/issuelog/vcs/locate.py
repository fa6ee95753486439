"""Finding the repository around a folder without running git, as often as `list` is called."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Place:
    """Where a repository lies: its work tree, this work tree's git directory, and the one all work trees share."""

    top: Path
    git_dir: Path
    common_dir: Path

    @property
    def private(self) -> Path:
        """The folder for all that issuelog derives; never committed, and shared by linked work trees."""
        return self.common_dir / "issuelog"


def locate(folder: Path) -> Place | None:
    """Return the repository that `folder` lies in, or None. Follows `.git` files (linked work trees, submodules)."""
    for top in (folder, *folder.parents):
        dot_git = top / ".git"
        if dot_git.is_dir():
            return Place(top, dot_git, _common(dot_git))
        if dot_git.is_file():
            pointer = dot_git.read_text(encoding="utf-8", errors="surrogateescape")
            git_dir = (top / pointer.removeprefix("gitdir:").strip()).resolve()
            return Place(top, git_dir, _common(git_dir))
    return None


def _common(git_dir: Path) -> Path:
    pointer = git_dir / "commondir"
    if pointer.is_file():
        return (git_dir / pointer.read_text(encoding="utf-8").strip()).resolve()
    return git_dir
