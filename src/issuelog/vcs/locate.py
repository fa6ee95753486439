"""Finding the repository around a folder without running git, as often as `list` is called."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from issuelog.errors import NoTracker


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

    @property
    def name(self) -> str:
        """What git calls this linked work tree; '' for the main one. It stays when folders are moved."""
        return "" if self.git_dir == self.common_dir else self.git_dir.name

    def git_dir_of(self, name: str) -> Path:
        """Return the git directory of a work tree by its name."""
        return self.common_dir / "worktrees" / name if name else self.common_dir

    def work_tree(self, name: str) -> Place | None:
        """Return another work tree of this repository by its name, None where it cannot be reached."""
        if name == self.name:
            return self
        git_dir = self.git_dir_of(name)
        top = self.common_dir.parent
        if name:
            pointer = git_dir / "gitdir"
            if not pointer.is_file():
                return None
            top = (git_dir / pointer.read_text(encoding="utf-8", errors="surrogateescape").strip()).parent
        try:
            found = locate(top)
        except NoTracker:
            return None
        return found if found and found.git_dir.resolve() == git_dir.resolve() else None


def locate(folder: Path) -> Place | None:
    """Return the repository that `folder` lies in, or None. Follows `.git` files (linked work trees, submodules).

    As git does it passes over a folder `.git` that is no git directory, and fails at a file that leads to none: what
    we keep in a git directory is never laid where git would not look. Raises NoTracker.
    """
    for top in (folder, *folder.parents):
        dot_git = top / ".git"
        if dot_git.is_dir() and _is_git_dir(dot_git):
            return Place(top, dot_git, _common(dot_git))
        if dot_git.is_file():
            pointer = dot_git.read_text(encoding="utf-8", errors="surrogateescape")
            git_dir = (top / pointer.removeprefix("gitdir:").strip()).resolve()
            if not _is_git_dir(git_dir):
                raise NoTracker(
                    f"{dot_git} leads to {git_dir}, and that is no git repository",
                    hint="git worktree repair   run in the repository, mends a work tree that was moved",
                )
            return Place(top, git_dir, _common(git_dir))
    return None


def _is_git_dir(folder: Path) -> bool:
    head = folder / "HEAD"
    return head.exists() or head.is_symlink()


def _common(git_dir: Path) -> Path:
    pointer = git_dir / "commondir"
    if pointer.is_file():
        return (git_dir / pointer.read_text(encoding="utf-8", errors="surrogateescape").strip()).resolve()
    return git_dir
