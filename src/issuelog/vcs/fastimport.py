"""Many commits at once by `git fast-import`, made in a repository of their own that nobody else looks into.

That repository borrows the objects of the real one. No ref of the real one is named and none of its locks taken, so
that whoever kills this leaves nothing there: what is made becomes a part of it as one pack, moved in when it is whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from issuelog.vcs.git import Git
from issuelog.vcs.objects import FILE, Head
from issuelog.vcs.repository import Repository

_BRANCH = "refs/heads/import"
_CONFIG = "[core]\n\trepositoryformatversion = 1\n\tbare = true\n[extensions]\n\tobjectformat = {}\n"


@dataclass(frozen=True)
class Signature:
    """Who made a commit and when, each as git writes it: `Name <mail> seconds zone`."""

    author: str
    committer: str


def file(path: str, content: bytes) -> Iterator[bytes]:
    """Yield what adds a file to a commit, the content in one piece; the path is from the repository's top."""
    yield b"M %b inline %b\ndata %d\n" % (FILE.encode(), _quoted(path), len(content))
    yield content
    yield b"\n"


def commit(number: int, signature: Signature, message: str) -> bytes:
    """Return what begins a commit after the one before it; its files follow. The first has the number 1."""
    words = message.encode("utf-8", "surrogateescape")
    who = f"author {signature.author}\ncommitter {signature.committer}\n".encode("utf-8", "surrogateescape")
    return b"commit %b\nmark :%d\n%bdata %d\n%b\n" % (_BRANCH.encode(), number, who, len(words), words)


def signature(repository: Repository, author: str) -> Signature:
    """Return how a commit of `Name <mail>` is signed now, as git itself would write it."""
    name, _, mail = author.partition(" <")
    env = {"GIT_AUTHOR_NAME": name, "GIT_AUTHOR_EMAIL": mail.rstrip(">")}
    line = repository.git.line
    return Signature(line("var", "GIT_AUTHOR_IDENT", env=env), line("var", "GIT_COMMITTER_IDENT", env=env))


def run(repository: Repository, folder: Path, head: Head, stream: Iterable[bytes]) -> list[str]:
    """Make the commits of a stream upon `head`, and return their ids. Raises GitRefused.

    They lie in packs in `folder`, which is made for it; see `packs`.
    """
    _make(folder, repository.place.common_dir / "objects", "sha1" if len(head.zero) == 40 else "sha256")
    marks = folder / "marks"
    shared = repository.git.attempt("config", "--get", "core.sharedRepository").stdout.decode().strip()
    git = Git(repository.top, ["fastimport.unpackLimit=1", f"core.sharedRepository={shared or 'umask'}"])
    begun = f"reset {_BRANCH}\nfrom {head.commit}\n\n".encode()
    options = ("--quiet", "--done", f"--export-marks={marks}")
    git.feed("fast-import", *options, chunks=_all(begun, stream), env={"GIT_DIR": str(folder)})
    rows = [row.split(" ") for row in marks.read_text().splitlines()]
    return [commit for _, commit in sorted((int(mark.removeprefix(":")), commit) for mark, commit in rows)]


def packs(folder: Path) -> list[Path]:
    """Return the files that a run has left, in the order in which they may be moved to the real repository.

    Git takes a pack for there as soon as its index is.
    """
    found = (folder / "objects" / "pack").glob("pack-*")
    return sorted(found, key=lambda path: (path.suffix == ".idx", path.suffix != ".pack"))


def _all(begun: bytes, stream: Iterable[bytes]) -> Iterator[bytes]:
    yield begun
    yield from stream
    yield b"done\n"


def _make(folder: Path, objects: Path, object_format: str) -> None:
    for part in ("refs", "objects/info", "objects/pack"):
        (folder / part).mkdir(parents=True)
    (folder / "HEAD").write_text(f"ref: {_BRANCH}\n")
    (folder / "config").write_text(_CONFIG.format(object_format))
    (folder / "objects" / "info" / "alternates").write_bytes(_quoted(str(objects.resolve())) + b"\n")


def _quoted(path: str) -> bytes:
    """Return a path so that git reads any: with quotes around it."""
    escaped = path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return b'"%b"' % escaped.encode("utf-8", "surrogateescape")
