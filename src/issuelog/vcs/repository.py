"""One repository as the transaction sees it: where it is, what state it is in, who commits."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from issuelog.errors import Conflict, GitRefused, NoTracker
from issuelog.vcs.git import Git, words_of
from issuelog.vcs.locate import Place, locate
from issuelog.vcs.objects import Objects, folded

JOURNAL = "journal"
MIN_GIT = (2, 38)
_BUSY = {
    "MERGE_HEAD": "merge",
    "CHERRY_PICK_HEAD": "cherry-pick",
    "REVERT_HEAD": "revert",
    "sequencer": "cherry-pick",
    "rebase-merge": "rebase",
    "rebase-apply/applying": "am",
    "rebase-apply": "rebase",
    "BISECT_LOG": "bisect",
}
_TRUE = frozenset({"true", "yes", "on"})
_FALSE = frozenset({"false", "no", "off", ""})
# What git leaves as it is; of anything else it takes away what would end a name or a mail, and knows best.
_PLAIN_NAME = re.compile(r"\w([^<>\x00-\x1f\x7f\ufffd]*\w)?")
_PLAIN_MAIL = re.compile(r"\w([^<>\s\x00-\x1f\x7f\ufffd]*\w)?")
_NO_REPOSITORY = "there is no git repository here"


class Repository:
    """A work tree with its git directory. Raises NoTracker where there is none, or a bare one."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.git = Git(place.top)
        self.objects = Objects(self.git, place)

    @classmethod
    def around(cls, folder: Path) -> Repository:
        """Return the repository that `folder` lies in."""
        place = locate(folder)
        if place is None:
            if (folder / "HEAD").is_file() and (folder / "objects").is_dir():
                raise NoTracker(
                    "this is a bare repository; reports need a work tree", hint="git clone it, and work there"
                )
            raise NoTracker(_NO_REPOSITORY, hint="git init   makes one, then: issuelog init")
        return cls(place)

    @property
    def top(self) -> Path:
        """The top of the work tree."""
        return self.place.top

    @property
    def private(self) -> Path:
        """Our folder in the git directory."""
        return self.place.private

    @property
    def index(self) -> Path:
        """The user's index in this work tree."""
        return self.place.git_dir / "index"

    def relative(self, path: Path) -> str:
        """Return a path as git names it, from the top."""
        return path.relative_to(self.top).as_posix()

    @property
    def index_locks(self) -> list[Path]:
        """Git's locks on the indexes of all work trees of this repository."""
        common = self.place.common_dir
        return [common / "index.lock", *common.glob("worktrees/*/index.lock")]

    @property
    def journal(self) -> Path:
        """Where the record of a change of this work tree lies while it is going on."""
        return self.private / (f"{JOURNAL}-{self.place.name}" if self.place.name else JOURNAL)

    def journals(self) -> dict[str, Path]:
        """Return the records of changes that are going on, or were broken off, by the work tree's name."""
        found = sorted(self.private.glob(f"{JOURNAL}*"))
        return {path.name.removeprefix(JOURNAL).removeprefix("-"): path for path in found}

    def writable(self, path: str) -> Path:
        """Return the file of a path; raises Conflict where none of ours can be there.

        That is: where a link or another repository is on the way, or a name that differs only by case.
        """
        here = self.top
        *folders, name = path.split("/")
        for part in folders:
            self._require_distinct(here, part)
            here = here / part
            if here.is_symlink() or (here.exists() and not here.is_dir()):
                raise Conflict(f"{self.relative(here)} is not a folder", hint="reports are never written through links")
            if (here / ".git").exists():
                raise Conflict(f"{self.relative(here)} is a repository of its own")
        self._require_distinct(here, name)
        target = here / name
        if target.is_symlink() or (target.exists() and not target.is_file()):
            raise Conflict(f"{path} is not a regular file")
        return target

    def _require_distinct(self, folder: Path, name: str) -> None:
        """Raise Conflict where a folder has `name` only in another case."""
        try:
            with os.scandir(folder) as rows:
                names = {row.name for row in rows}
        except (FileNotFoundError, NotADirectoryError):
            return
        if name in names:
            return
        for other in names:
            if folded(other) == folded(name):
                there = self.relative(folder / other)
                raise Conflict(f"{self.relative(folder / name)} differs only by case from {there}, which is there")

    @property
    def busy(self) -> str | None:
        """What git is in the middle of, such as a merge, whose result it has yet to decide."""
        what = next((what for name, what in _BUSY.items() if (self.place.git_dir / name).exists()), None)
        todo = self.place.git_dir / "sequencer" / "todo"
        # Between two commits of a series nothing else says which series it is.
        return "revert" if what == "cherry-pick" and todo.is_file() and todo.read_bytes()[:1] == b"r" else what

    def refuse_if_busy(self) -> None:
        """Raise Conflict during a merge, rebase or the like."""
        what = self.busy
        if what:
            raise Conflict(
                f"{'an' if what == 'am' else 'a'} {what} is in progress; nothing was changed",
                hint=f"finish it (git {what} --continue) or drop it (git {what} --abort), then try again"
                if what != "bisect"
                else "git bisect reset, then try again",
            )

    @cached_property
    def settings(self) -> Mapping[str, str]:
        """What the user's git configuration says of signing, hooks, upkeep and who they are, keys in lower case."""
        wanted = (
            r"^(commit\.gpgsign|maintenance\.auto|merge\.issuelog\.driver|issuelog\..*|filter\..*"
            r"|(user|committer)\.(name|email))$"
        )
        done = self.git.attempt("config", "--null", "--get-regexp", wanted)
        if done.returncode > 1:
            raise GitRefused(words_of(done, "config"))
        rows = [row.split("\n", 1) for row in done.stdout.decode("utf-8", "replace").split("\0") if row]
        return {row[0]: row[1] if len(row) > 1 else "true" for row in rows}

    def collect_garbage(self) -> None:
        """Offer git to collect garbage, unless the user's configuration says that it shall not."""
        if self.settings.get("maintenance.auto") != "false":
            self.git.attempt("maintenance", "run", "--auto", "--quiet")

    @cached_property
    def unfiltered(self) -> Git:
        """Git without the filters that the configuration names: our files have none, and nobody asked to run them."""
        names = {key.split(".", 1)[1].rpartition(".")[0] for key in self.settings if key.startswith("filter.")}
        switched_off = ("clean=", "smudge=", "process=", "required=false")
        return Git(self.place.top, [f"filter.{name}.{what}" for name in names for what in switched_off])

    def says(self, key: str) -> bool:
        """Whether a setting is switched on, by git's own rules. Raises GitRefused where it is neither on nor off."""
        said = self.settings.get(key, "").lower()
        number = said.rstrip("kmg")
        if said in _TRUE | _FALSE:
            return said in _TRUE
        try:
            return int(number) != 0
        except ValueError:
            raise GitRefused(f"bad boolean config value {said!r} for {key}", hint=f"git config {key} true") from None

    @cached_property
    def identity(self) -> str:
        """The committer as `Name <mail>`. Raises GitRefused with git's words where git does not know one."""
        name, mail = self._own("name"), self._own("email")
        if _PLAIN_NAME.fullmatch(name) and _PLAIN_MAIL.fullmatch(mail):
            return f"{name} <{mail}>"
        try:
            ident = self.git.line("var", "GIT_COMMITTER_IDENT")
        except GitRefused as error:
            raise GitRefused(
                f"git does not know who you are: {error.message.splitlines()[-1]}",
                hint='git config --global user.name "Your Name" && git config --global user.email you@example.com',
            ) from None
        return ident[: ident.rindex(">") + 1]

    def _own(self, what: str) -> str:
        """Return what git takes first for the committer's name or mail, from the environment or the configuration."""
        configured = self.settings.get(f"committer.{what}") or self.settings.get(f"user.{what}", "")
        return os.environ.get(f"GIT_COMMITTER_{what.upper()}", configured)

    @property
    def detached(self) -> bool:
        """Whether HEAD names a commit and no branch, so that commits are easily lost."""
        return not (self.place.git_dir / "HEAD").read_text(encoding="utf-8", errors="replace").startswith("ref:")

    def version(self) -> tuple[int, ...]:
        """Return git's version, e.g. (2, 39, 5)."""
        words = self.git.line("version").split()
        return tuple(int(part) for part in words[2].split(".")[:3] if part.isdigit())
