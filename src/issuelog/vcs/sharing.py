"""Sharing commits with another repository: fetching them, merging them without touching a file, pushing ours."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from issuelog.errors import Conflict, GitRefused
from issuelog.vcs.git import words_of
from issuelog.vcs.objects import Entry
from issuelog.vcs.repository import Repository

_NO_SUCH_BRANCH = "couldn't find remote ref"
_LOCKED = "cannot lock ref"
_HAD_MOVED = ("[rejected]", _LOCKED, "failed to update ref", "incorrect old value", ".lock': File exists")
_FETCHED = "refs/issuelog/fetched"
_HELD = (_LOCKED, ".lock': File exists", "Unable to create")
_TRIES = 10
_PAUSE_SECONDS = 0.1
_NO_COMMON_PAST = "refusing to merge unrelated histories"


@dataclass(frozen=True)
class Upstream:
    """Where a branch is shared: a remote, the branch's full name there, and whether git's configuration says so."""

    remote: str
    ref: str
    known: bool

    def __str__(self) -> str:
        return f"{self.remote}/{self.ref.removeprefix('refs/heads/')}"


@dataclass(frozen=True)
class Merge:
    """What came of merging two commits: the tree, and by path the stages of what both sides changed."""

    tree: str
    conflicts: Mapping[str, Mapping[int, Entry]]


class Sharing:
    """One repository's dealings with its remotes."""

    def __init__(self, repository: Repository) -> None:
        self.repository = repository
        self.git = repository.git

    def upstream(self) -> Upstream | None:
        """Return where the current branch is shared, None where there is no remote.

        Raises Conflict where HEAD is on no branch, or where it is open which of several remotes is meant.
        """
        branch = self.git.attempt("symbolic-ref", "-q", "HEAD").stdout.decode().strip().removeprefix("refs/heads/")
        if not branch:
            raise Conflict("HEAD is detached: there is no branch to share", hint="git switch BRANCH")
        remote, ref = (self._setting(f"branch.{branch}.{key}") for key in ("remote", "merge"))
        if remote and ref:
            self._require_its_own(branch, Upstream(remote, ref, known=True))
            return Upstream(remote, ref, known=True)
        remotes = self.git.line("remote").splitlines()
        if not remotes:
            return None
        if "origin" not in remotes and len(remotes) > 1:
            raise Conflict(
                f"{branch} is shared with none of {', '.join(remotes)}",
                hint=f"git branch --set-upstream-to REMOTE/{branch}   or, once: git push -u REMOTE {branch}",
            )
        return Upstream("origin" if "origin" in remotes else remotes[0], f"refs/heads/{branch}", known=False)

    def _require_its_own(self, branch: str, upstream: Upstream) -> None:
        """Raise Conflict where a branch only began at another: what is unfinished in it would be published there."""
        own = upstream.remote != "." and upstream.ref == f"refs/heads/{branch}"
        if not own and self._setting("push.default") != "upstream":
            raise Conflict(
                f"{branch} follows {upstream}; its commits would be put there, nothing was shared",
                hint=f"git switch to the branch that is shared; or, to share this one: git push -u origin {branch}",
            )

    def fetch(self, upstream: Upstream) -> str | None:
        """Bring what the remote has and return its commit, None where the branch is not there yet."""
        # Into a ref of our own: FETCH_HEAD is of whoever fetched last.
        wanted = f"+{upstream.ref}:{_FETCHED}"
        options = ("--quiet", "--no-recurse-submodules", "--no-write-fetch-head", "--end-of-options")
        for _ in range(_TRIES):
            done = self.git.attempt("fetch", *options, upstream.remote, wanted)
            words = words_of(done, "fetch")
            if done.returncode == 0 or not any(sign in words for sign in _HELD):
                break
            time.sleep(_PAUSE_SECONDS)
        if done.returncode == 0:
            fetched = self.git.line("rev-parse", "--verify", f"{_FETCHED}^{{commit}}")
            self.git.attempt("update-ref", "-d", _FETCHED)
            return fetched
        if _NO_SUCH_BRANCH in words:
            return None
        raise GitRefused(f"{upstream.remote} cannot be read: {words}")

    def push(self, upstream: Upstream, commit: str) -> bool:
        """Send a commit, past the user's own pre-push hook; False where the remote had moved meanwhile."""
        asked = ["--set-upstream"] if not upstream.known else []
        # A branch is named, not a commit, so that git can note what it is shared with.
        source = "HEAD" if asked else commit
        done = self.git.attempt(
            "push", "--quiet", *asked, "--end-of-options", upstream.remote, f"{source}:{upstream.ref}", hooks=True
        )
        if done.returncode == 0:
            return True
        words = words_of(done, "push")
        if any(sign in words for sign in _HAD_MOVED):
            return self.fetch(upstream) == commit
        raise GitRefused(f"{upstream.remote} does not take it (what was pulled is here): {words}")

    def merge(self, ours: str, theirs: str) -> Merge:
        """Merge two commits into a tree; no file, no index and no ref changes. Raises Conflict without a common past.

        Reports need no merge driver here: whoever calls looks at all that both sides changed.
        """
        done = self.git.attempt(
            "-c", "merge.issuelog.driver=true", "merge-tree", "--write-tree", "-z", "--no-messages", ours, theirs
        )
        if done.returncode > 1:
            words = words_of(done, "merge-tree")
            if _NO_COMMON_PAST in words:
                raise Conflict(
                    "the remote has another history: nothing in common with this one",
                    hint="in a clone that has a part only: git fetch --unshallow; else go on in a clone of the remote",
                )
            raise GitRefused(words)
        tree, _, rows = done.stdout.partition(b"\0")
        return Merge(tree.decode().strip(), stages(rows))

    def past(self, ours: str, theirs: str) -> list[str]:
        """Return the last commits that both have in common: one, unless they were merged crosswise."""
        return self.git.line("merge-base", "--all", ours, theirs).split()

    def count(self, since: str | None, until: str) -> int:
        """Return how many commits `until` has that `since` has not."""
        return int(self.git.line("rev-list", "--count", until, *([f"^{since}"] if since else [])))

    def _setting(self, key: str) -> str:
        return self.git.attempt("config", "--get", key).stdout.decode("utf-8", "surrogateescape").strip()


def stages(rows: bytes) -> dict[str, dict[int, Entry]]:
    """Return git's list of unmerged files by path and stage: 1 is the common past, 2 ours, 3 theirs."""
    found: dict[str, dict[int, Entry]] = {}
    for row in rows.split(b"\0"):
        if not row.strip():
            continue
        head, path = row.split(b"\t", 1)
        mode, sha, stage = head.decode().split(" ")
        found.setdefault(path.decode("utf-8", "surrogateescape"), {})[int(stage)] = Entry(mode, sha)
    return found


def names(paths: Sequence[str], at_most: int = 5) -> str:
    """Return some paths for a message."""
    more = f" and {len(paths) - at_most} more" if len(paths) > at_most else ""
    return ", ".join(paths[:at_most]) + more
