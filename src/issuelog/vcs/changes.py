"""The history as changes of files: which commit left which contents, beside the contents that it found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from issuelog.vcs.repository import Repository

_FIELDS = (
    "%H",
    "%P",
    "%ct",
    "%an",
    "%(trailers:key=Issuelog-Report,valueonly,separator=%x20)",
    "%(trailers:key=Issuelog-Action,valueonly,separator=%x20)",
    "%(trailers:key=Issuelog-Undoes,valueonly,separator=%x20)",
)


@dataclass(frozen=True)
class FileChange:
    """One file in one commit: the blob of each parent and the one that the commit has; None where there is none."""

    path: str
    before: Sequence[str | None]
    after: str | None


@dataclass(frozen=True)
class Commit:
    """A commit as far as reports are concerned; a merge lists only what it has from none of its parents."""

    sha: str
    parents: Sequence[str]
    at: datetime
    by: str
    report: str
    action: str
    undoes: str
    files: Sequence[FileChange]


def changes(repository: Repository, path: str, among: Sequence[str] = ("HEAD",)) -> Iterator[Commit]:
    """Yield every commit that concerns a path, the oldest first.

    They are those of HEAD's history, or `among` what `git log` takes for commits: full ids and its own options only.
    """
    output = repository.git.run(
        "log",
        *("--reverse", "--topo-order", "--full-history", "-z", "--no-color", "--no-show-signature"),
        f"--format={'%x00'.join(_FIELDS)}",
        *among,
        "--",
        path,
    )
    fields = output.decode("utf-8", "replace").split("\0")
    rows = [fields[start : start + len(_FIELDS)] for start in range(0, len(fields) - 1, len(_FIELDS))]
    touched = _touched(repository, [row[0] for row in rows], path)
    for sha, parents, at, by, report, action, undoes in rows:
        when = datetime.fromtimestamp(int(at), UTC)
        trailers = (report.strip(), action.strip(), undoes.strip())
        yield Commit(sha, parents.split(), when, by, *trailers, touched.get(sha, []))


def _touched(repository: Repository, commits: Sequence[str], path: str) -> dict[str, list[FileChange]]:
    """Return by commit what it changed below a path."""
    output = repository.git.run(
        "diff-tree",
        *("--stdin", "--root", "-c", "-r", "-z", "--raw", "--no-renames", "--no-abbrev"),
        "--",
        path,
        stdin="".join(f"{sha}\n" for sha in commits).encode(),
    )
    found: dict[str, list[FileChange]] = {}
    tokens = iter(output.split(b"\0"))
    commit = ""
    for token in tokens:
        if token.startswith(b":"):
            name = next(tokens).decode("utf-8", "surrogateescape")
            found[commit].append(_file_change(token.decode(), name))
        elif token:
            commit = token.decode().strip()
            found[commit] = []
    return found


def _file_change(row: str, path: str) -> FileChange:
    """Read a raw row: as many colons as parents, all modes, all ids, the status."""
    parents = len(row) - len(row.lstrip(":"))
    ids = row.split(" ")[parents + 1 : -1]
    blobs = [None if set(sha) == {"0"} else sha for sha in ids]
    return FileChange(path, blobs[:-1], blobs[-1])
