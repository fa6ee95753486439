"""The product's repository: which commits it has, which release has one of them, and which name a report."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from issuelog.errors import NotFound, UsageError
from issuelog.model.identifier import year_month
from issuelog.model.times import iso
from issuelog.vcs.locate import locate
from issuelog.vcs.message import ACTION, REPORT
from issuelog.vcs.revisions import Commit, Revisions

_SHA = re.compile(r"[0-9a-f]{4,64}", re.ASCII)
_FEWEST = 4
_SHOWN = 4
_OWN = re.compile(rf"^{ACTION}:", re.MULTILINE | re.IGNORECASE)
_TRAILER = re.compile(rf"^{REPORT}:(.*)$", re.MULTILINE | re.IGNORECASE)
_FIELDS = ("%H", "%ct", "%an <%ae>", "%s", "%B")
_CLOCKS = timedelta(days=2)
"""By so much the clock of who commits and that of who reported may differ, with their time zones."""
_LAST = 253_402_300_799
"""The last second of the year 9999."""
_DOCUMENTS = frozenset({".md", ".txt", ".rst", ".adoc"})
_LEGAL = frozenset({"LICENSE", "LICENCE", "COPYING", "NOTICE", "README", "CODEOWNERS"})
# What is asked here is answered by what is there: git would otherwise fetch from a server what a partial clone lacks.
_NO_FETCH = {"GIT_NO_LAZY_FETCH": "1"}


class NoCommit(NotFound):
    """The repository has no such commit; another may."""


@dataclass(frozen=True)
class Naming:
    """A commit that names a report, by a trailer or elsewhere in its message."""

    sha: str
    at: str
    by: str
    summary: str
    where: str

    @property
    def short(self) -> str:
        """The beginning of its id."""
        return self.sha[:10]

    def data(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {"at": self.at, "by": self.by, "commit": self.sha, "summary": self.summary, "code": self.where}


def is_commit_id(text: str) -> bool:
    """Whether a text is the id of a commit, or the beginning of one."""
    return _SHA.fullmatch(text.lower()) is not None


def word(*patterns: str) -> re.Pattern[str]:
    """Return a pattern for any of these as a word of its own, in any case; a dash or `_` may follow, as in branches."""
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(patterns)})(?![^\W_])", re.IGNORECASE)


class Product:
    """The product's repository, read and never written. Nothing that is asked here can be an option of git."""

    def __init__(self, revisions: Revisions) -> None:
        self.revisions = revisions
        self._git = revisions.repository.git

    @property
    def top(self) -> Path:
        """The top of its work tree."""
        return self.revisions.repository.top

    def commit(self, typed: str) -> Commit:
        """Return the commit that an id or its beginning means.

        Raises UsageError where it is no id, NoCommit where none has it, NotFound where several have it, GitRefused.
        """
        wanted = typed.lower()
        if not is_commit_id(wanted):
            raise UsageError(
                f"git:{typed} is no commit's id: it has {_FEWEST} to 64 of the characters 0-9 and a-f",
                hint=f"git -C {self.top} log --oneline   shows them; pr:NUMBER and URLs are taken as they are",
            )
        found = self._commits(wanted)
        if not found:
            raise NoCommit(f"{self.top} has no commit {wanted}")
        if len(found) > 1:
            some = ", ".join(f"{one.short} {one.subject[:40]!r}" for one in map(self.revisions.about, found[:_SHOWN]))
            more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
            raise NotFound(
                f"{wanted} means {len(found)} commits of {self.top}: {some}{more}", hint="type more of the commit's id"
            )
        return self.revisions.about(found[0])

    def _commits(self, prefix: str) -> list[str]:
        """Return the commits whose id begins so, and those that tags of that beginning mean."""
        objects = self._git.run("rev-parse", f"--disambiguate={prefix}", env=_NO_FETCH).split()
        asked = b"".join(one + b"^{commit}\n" for one in objects)
        rows = self._git.run("cat-file", "--batch-check=%(objectname) %(objecttype)", stdin=asked, env=_NO_FETCH)
        return sorted({name for name, _, kind in (row.partition(" ") for row in _lines(rows)) if kind == "commit"})

    def naming(self, ids: Sequence[str]) -> list[Naming]:
        """Return the commits on any branch or tag that name a report by one of its ids, the newest first.

        An id is a word of its own. Commits that issuelog made are none of the product's. Raises GitRefused.
        """
        words = word(*map(re.escape, ids))
        found = []
        for sha, at, by, summary, message in self._mentioning(ids):
            if not words.search(message) or _OWN.search(message):
                continue
            trailers = " ".join(_TRAILER.findall(message))
            where = "trailer" if words.search(trailers) else "message"
            found.append(Naming(sha, _time(at), by, summary, where))
        return found

    def _mentioning(self, ids: Sequence[str]) -> Iterator[list[str]]:
        """Yield the fields of the commits whose messages have an id anywhere; none is older than the oldest id."""
        # Not `git log`: a user's settings of that do more than walk, down to checking signatures with a program.
        said = self._git.run(
            "rev-list",
            "--no-commit-header",
            f"--format=tformat:{'%x00'.join(_FIELDS)}%x00",
            "--encoding=UTF-8",
            "--fixed-strings",
            "--regexp-ignore-case",
            *(f"--grep={one}" for one in ids),
            f"--since={_since(ids):%Y-%m-%d}T00:00:00Z",
            *(["HEAD"] if self.revisions.repository.objects.head().commit else []),
            "--branches",
            "--remotes",
            "--tags",
            env=_NO_FETCH,
        )
        parts = said.decode("utf-8", "replace").split("\0")
        for start in range(0, len(parts) - len(_FIELDS), len(_FIELDS)):
            sha, *rest = parts[start : start + len(_FIELDS)]
            yield [sha.strip(), *rest]

    def is_more_than(self, root: Path, own: Sequence[str]) -> bool:
        """Whether the last commit has anything of a product, besides a tracker in the folder `root`.

        Its own folders are the tracker's; documents, licences and what is hidden go with any repository.
        """
        head = self.revisions.repository.objects.head().commit
        if head is None:
            return False
        here = locate(root)
        if here is None or here.common_dir.resolve() != self.revisions.repository.place.common_dir.resolve():
            return True
        parts = root.relative_to(here.top).parts
        for depth in range(len(parts) + 1):
            on_the_way = own if depth == len(parts) else parts[depth : depth + 1]
            names = self._names(head, "/".join(parts[:depth]))
            if any(_is_of_a_product(name) for name in names if name not in on_the_way):
                return True
        return False

    def _names(self, commit: str, folder: str) -> list[str]:
        done = self._git.attempt("ls-tree", "-z", "--name-only", f"{commit}:{folder}", env=_NO_FETCH)
        return done.stdout.decode("utf-8", "replace").split("\0")[:-1]


def _is_of_a_product(name: str) -> bool:
    path = Path(name)
    return not (name.startswith(".") or path.suffix.lower() in _DOCUMENTS or path.stem.upper() in _LEGAL)


def _since(ids: Sequence[str]) -> datetime:
    """Return the day before which nobody can have named an id, as the id tells it."""
    oldest = min(ids, key=lambda one: one.split("-")[1])
    year, month = year_month(oldest)
    day = int(oldest.split("-")[1][4:])
    return datetime(int(year), int(month), day) - _CLOCKS


def _time(seconds: str) -> str:
    """Return when a commit was made; whoever made it may have claimed any time."""
    return iso(datetime.fromtimestamp(min(int(seconds), _LAST), UTC))


def _lines(said: bytes) -> list[str]:
    return said.decode("utf-8", "replace").splitlines()
