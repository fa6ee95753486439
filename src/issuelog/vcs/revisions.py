"""Commits of a product's repository: what a name means, what lies between two of them, and in which release one is."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from issuelog.errors import UsageError
from issuelog.model.versions import version_key
from issuelog.vcs.repository import Repository

_VERSION = re.compile(r"[vV]?\d[\w.+-]{0,60}", re.ASCII)
_RELEASE = re.compile(r"(?:.*[^\d.])?v?\d+(?:\.\d+)+", re.ASCII)
_BEGINNING = re.compile(r"[0-9a-fA-F]{4,40}", re.ASCII)
_FORMAT = "%H%x00%an <%ae>%x00%cI%x00%s"


@dataclass(frozen=True)
class Commit:
    """A commit: its full id, who wrote it, when it was made, and its subject."""

    sha: str
    author: str
    at: str
    subject: str

    @property
    def short(self) -> str:
        """The beginning of its id."""
        return self.sha[:10]


def version_of(tag: str) -> str:
    """Return the version that a tag of a release names, as customers and `fix --fixed-in` name it."""
    return tag.removeprefix("v")


class Revisions:
    """The history of one repository. Nothing that is asked here can be taken by git for an option."""

    def __init__(self, repository: Repository) -> None:
        self.repository = repository
        self._git = repository.git

    def commit(self, revision: str) -> Commit:
        """Return the commit that somebody means; raises UsageError."""
        found = self._sha(revision)
        if found is None:
            several = self._beginning(revision)
            if len(several) > 1:
                said = f"{revision} means {len(several)} commits of {self.repository.top}"
                raise UsageError(said, hint="type more of the commit's id")
            raise UsageError(f"{self.repository.top} has no commit {revision!r}", hint=self.fetching())
        return self.about(found)

    def fetching(self) -> str:
        """Return what brings the commits and tags that are not here yet."""
        return f"git -C {shlex.quote(str(self.repository.top))} fetch {'--unshallow ' * self.is_shallow()}--tags"

    def _beginning(self, text: str) -> set[str]:
        """Return the commits whose id begins so."""
        if not _BEGINNING.fullmatch(text):
            return set()
        found = self._git.attempt("rev-parse", f"--disambiguate={text}").stdout.decode().split()
        return {sha for one in found if (sha := self._sha(one))}

    def tagged(self, version: str) -> Commit | None:
        """Return the commit that the tag of a version names, with or without a `v` before it."""
        if not _VERSION.fullmatch(version):
            return None
        names = (f"refs/tags/{version}", f"refs/tags/v{version}")
        found = next((sha for name in names if (sha := self._sha(name))), None)
        return self.about(found) if found else None

    def about(self, sha: str) -> Commit:
        """Return a commit by its full id."""
        options = ("-1", "--no-show-signature", "--encoding=UTF-8", f"--format={_FORMAT}")
        said = self._git.run("log", *options, sha, "--")
        return Commit(*said.decode("utf-8", "replace").rstrip("\n").split("\0", 3))

    def described(self, sha: str) -> str:
        """Return what a commit is called by the nearest tag before it; its beginning where there is none."""
        done = self._git.attempt("describe", "--tags", "--always", "--abbrev=10", sha)
        return done.stdout.decode("utf-8", "replace").strip() or sha[:10]

    def first_release(self, sha: str) -> str | None:
        """Return the lowest version among the tags that have a commit; None where no tag of a release has it.

        Without a `v` before it, as customers and `fix --fixed-in` name it.
        """
        first = self.first_tag(sha)
        return version_of(first) if first else None

    def first_tag(self, sha: str) -> str | None:
        """Return the tag of the first release that has a commit, by the order of versions; None where none has it."""
        done = self._git.attempt("for-each-ref", f"--contains={sha}", "--format=%(refname:strip=2)", "refs/tags")
        tags = [tag for tag in done.stdout.decode("utf-8", "replace").splitlines() if _RELEASE.fullmatch(tag)]
        return min(tags, key=version_key, default=None)

    def has(self, sha: str, earlier: str) -> bool:
        """Whether a commit has an earlier one in its history."""
        return self._git.attempt("merge-base", "--is-ancestor", earlier, sha).returncode == 0

    def knows(self, sha: str) -> bool:
        """Whether the commit of an id is there."""
        return self._git.attempt("cat-file", "-e", f"{sha}^{{commit}}").returncode == 0

    def holds(self, sha: str, path: str) -> bool:
        """Whether a commit has a file or folder of this name, from the top."""
        return self._git.attempt("cat-file", "-e", f"{sha}:{path}").returncode == 0

    def merge_bases(self, one: str, other: str) -> list[str]:
        """Return the newest commits that both have; none where they share no history."""
        return self._git.attempt("merge-base", "--all", one, other).stdout.decode().split()

    def between(self, good: Sequence[str], bad: str) -> list[str]:
        """Return what `bad` has and none of `good`, those first that tell most: `bad` itself comes last."""
        said = self._git.run("rev-list", "--bisect-all", bad, "--not", *good, "--").decode()
        found = [line.partition(" ")[0] for line in said.splitlines()]
        return [*(sha for sha in found if sha != bad), bad] if found else []

    def oldest_first(self, good: str, bad: str) -> list[str]:
        """Return what `bad` has and `good` has not, every commit after those that it came from."""
        return self._git.run("rev-list", "--topo-order", "--reverse", bad, "--not", good, "--").decode().split()

    def is_shallow(self) -> bool:
        """Whether a part of the history was never fetched."""
        return self._git.line("rev-parse", "--is-shallow-repository") == "true"

    def _sha(self, revision: str) -> str | None:
        if not revision.strip() or "\0" in revision:
            return None
        done = self._git.attempt("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        return done.stdout.decode().strip() or None
