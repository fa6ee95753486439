"""What a change starts from and what it leads to: a snapshot of HEAD, and a plan of new contents."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from shlex import quote

from issuelog.errors import Conflict
from issuelog.model.identifier import is_report_id
from issuelog.store.files import read_regular
from issuelog.vcs import index as git_index
from issuelog.vcs.message import CommitMessage
from issuelog.vcs.objects import Head, Object, blob_id, parents
from issuelog.vcs.repository import Repository


@dataclass(frozen=True)
class Plan:
    """What a transaction is to commit: paths from the repository's top, to new contents (None removes).

    Files that are `adopted` are on the disk already, as a person typed them.
    """

    files: Mapping[str, bytes | None]
    message: CommitMessage
    author: str
    adopted: Collection[str] = ()


@dataclass(frozen=True)
class Snapshot:
    """What the caller may rely on while deciding: HEAD, and files exactly as HEAD has them."""

    repository: Repository
    head: Head
    adopted: Mapping[str, bytes] = field(default_factory=dict)
    """Contents by path that are to be taken for committed ones."""
    _seen: dict[str, Object | None] = field(default_factory=dict)

    def content(self, path: str) -> bytes | None:
        """Return a file as HEAD has it, None where it has none. Raises Conflict where the user's copy differs."""
        if path in self.adopted:
            return self.adopted[path]
        self.require_untouched(path)
        committed = self.committed(path)
        return committed.content if committed else None

    def committed(self, path: str) -> Object | None:
        """Return a file as HEAD has it, whatever the disk says."""
        # With the folders above it, whose trees a change of it needs: git is asked once and not twice.
        return self.at([path, *parents(path)])[0]

    def at(self, paths: Sequence[str]) -> list[Object | None]:
        """Return what HEAD has at these paths: files, or folders ('' is the top); None where there is nothing."""
        unseen = [path for path in paths if path not in self._seen]
        self._seen.update(zip(unseen, self.repository.objects.at(self.head, unseen), strict=True))
        return [self._seen[path] for path in paths]

    @cached_property
    def staged(self) -> dict[str, git_index.Staged]:
        """Return all that is staged."""
        _ = self.stamp  # taken before: a change in between is seen as one
        return git_index.staged(self.repository.git, self.head.tree_ish)

    @cached_property
    def stamp(self) -> tuple[int, int, int] | None:
        """The state of the index file when `staged` was read."""
        return git_index.stamp(self.repository.index)

    def behind(self) -> list[str]:
        """Return the reports whose index entry is behind HEAD and the disk: the next `git commit` would revert them."""
        return [path for path, change in self.staged.items() if self._is_behind(path, change)]

    def _is_behind(self, path: str, change: git_index.Staged) -> bool:
        target = self.repository.top / path
        if not is_report_id(target.stem) or target.is_symlink() or not target.is_file():
            return False
        return blob_id(read_regular(target), len(change.committed)) == change.committed

    def require_untouched(self, path: str) -> None:
        """Raise Conflict where the file or the index differs from HEAD, or no file of ours can be there."""
        target = self.repository.writable(path)
        committed = self.committed(path)
        on_disk = read_regular(target, len(committed.content) if committed else 0)
        shown = quote(path)
        if on_disk != (committed.content if committed else None):
            if git_index.is_hidden(self.repository.git, path):
                raise Conflict(
                    f"{path} is hidden from git (sparse checkout, or a bit in the index); nothing was changed",
                    hint=f"git sparse-checkout add {quote(str(target.parent.relative_to(self.repository.top)))}   or: "
                    f"git update-index --no-skip-worktree --no-assume-unchanged -- {shown}",
                )
            if committed is None:
                raise Conflict(
                    f"{path} is not committed yet; nothing was changed",
                    hint=f"keep it: git add -- {shown} && git commit -- {shown}",
                )
            what = "was deleted by hand" if on_disk is None else "was changed by hand and not committed"
            raise Conflict(
                f"{path} {what}; nothing was changed",
                hint=f"see it: git diff HEAD -- {shown}   keep it: --include-edits   "
                f"drop it: git checkout HEAD -- {shown}",
            )
        if path in self.staged:
            change = self.staged[path]
            raise Conflict(
                f"{path} {change.words}; nothing was changed",
                hint=f"{change.way_out(unborn=self.head.commit is None)} -- {shown}",
            )

    def require_adoptable(self, path: str, content: bytes | None) -> None:
        """Raise Conflict where the disk does not have this content any more, or another one is staged."""
        if read_regular(self.repository.writable(path)) != content:
            raise Conflict(f"{path} was changed while it was taken up; nothing was changed", hint="try again")
        change = self.staged.get(path)
        if change and change.blob != blob_id(content, len(self.head.zero)):
            raise Conflict(
                f"{path} is staged in another form than it has on the disk; nothing was changed",
                hint=f"git add -- {quote(path)}   or   git restore --staged -- {quote(path)}",
            )


Decide = Callable[[Snapshot], Plan | None]
"""Makes a plan from a snapshot; None where nothing is to change."""
