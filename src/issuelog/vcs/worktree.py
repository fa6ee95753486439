"""A linked work tree of a repository that is there for a while: detached, clean, and no business of the user's own."""

from __future__ import annotations

import os
import shutil
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from issuelog.errors import GitRefused
from issuelog.vcs.git import Git, words_of
from issuelog.vcs.repository import Repository

_SETTINGS = (
    # What lives for minutes need not survive a power cut; and git would look for submodules that nobody has fetched.
    "core.fsync=none",
    "submodule.recurse=false",
    # A work tree inherits what the user's own leaves out, and what git takes for a sign that a file has changed.
    "core.sparseCheckout=false",
    "core.checkStat=default",
    "core.trustctime=true",
    "core.splitIndex=false",
)


@dataclass(frozen=True)
class Taken:
    """Files of another commit: a test that came with the fix is run where there was none yet."""

    sha: str
    paths: tuple[str, ...]


class Worktree:
    """A work tree in a new folder, whose name has to be unique: it is what git calls the work tree."""

    def __init__(self, repository: Repository, folder: Path) -> None:
        self.folder = folder
        self._git_dir = _administration(repository.place.common_dir, folder.name)
        self._repository = Git(repository.top, _SETTINGS)
        # What we know of the files ourselves: in its own index a command may have told git to pass over some.
        self._index = self._git_dir / "issuelog.index"
        # By its name and not by what lies in the folder: a command may have removed `.git` from there, and git would go
        # on to look in the folders above, where it could find a repository of the user's.
        self._here = {
            "GIT_DIR": str(self._git_dir),
            "GIT_WORK_TREE": str(folder),
            "GIT_INDEX_FILE": str(self._index),
        }

    def add(self, commit: str) -> None:
        """Make it, with nothing in it yet. Raises GitRefused."""
        self._repository.run("worktree", "add", "--quiet", "--detach", "--no-checkout", str(self.folder), commit)

    def clean(self, commit: str, taken: Taken | None = None) -> None:
        """Let it hold the files of a commit, and what is taken of another, and nothing else, whatever was done in it.

        Raises GitRefused.
        """
        self._be_there()
        (self._git_dir / "index.lock").unlink(missing_ok=True)  # of a git that was killed with its command
        git = Git(self.folder, _SETTINGS)
        steps = [("checkout", "--quiet", "--force", "--detach", commit, "--"), ("clean", "--quiet", "-ffdx")]
        if taken:
            steps.append(("checkout", "--quiet", taken.sha, "--", *taken.paths))
        for step in steps:
            done = git.attempt(*step, env=self._here)
            if done.returncode:
                make_writable(self.folder)
                done = git.attempt(*step, env=self._here)
            if done.returncode:
                raise GitRefused(f"{self.folder} cannot be made clean: {words_of(done, step[0])}")
        shutil.copyfile(self._index, self._git_dir / "index")
        pointer = self.folder / ".git"
        if not pointer.is_file():
            pointer.write_text(f"gitdir: {self._git_dir}\n")

    def _be_there(self) -> None:
        """Be a folder, whatever a command has put in its place: what a link leads to is not ours to clean."""
        self.folder.parent.mkdir(mode=stat.S_IRWXU, exist_ok=True)
        if self.folder.is_symlink() or not self.folder.is_dir():
            self.folder.unlink(missing_ok=True)
        self.folder.mkdir(exist_ok=True)


def forget(common_dir: Path, name: str) -> None:
    """Let git forget a work tree by its name, whatever is left of it.

    Not by `git worktree prune`, which would also forget work trees of the user's that are out of reach for a while.
    """
    shutil.rmtree(_administration(common_dir, name), ignore_errors=True)
    with suppress(OSError):
        (common_dir / "worktrees").rmdir()  # as git does, where it was the last


def known(common_dir: Path, prefix: str) -> list[str]:
    """Return the names of all work trees that git knows and that begin so."""
    return sorted(path.name for path in (common_dir / "worktrees").glob(f"{prefix}*"))


def make_writable(folder: Path) -> None:
    """Give the user the right to remove what is in a folder: some tools write-protect what they download."""
    for path, _, _ in os.walk(folder):
        with suppress(OSError):
            os.chmod(path, stat.S_IRWXU)  # noqa: PTH101 - a file that is no valid text has no other name


def _administration(common_dir: Path, name: str) -> Path:
    return common_dir / "worktrees" / name
