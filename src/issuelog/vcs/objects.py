"""Git's objects: reading what HEAD holds, and building a commit that nothing can see yet.

Trees are built along the changed paths alone, so that the cost does not grow with the repository.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from issuelog.errors import GitRefused
from issuelog.vcs.git import Git

FILE = "100644"
FOLDER = "40000"


@dataclass(frozen=True)
class Entry:
    """One row of a tree."""

    mode: str
    sha: str


Tree = dict[bytes, Entry]


@dataclass(frozen=True)
class Object:
    """An object as it is stored."""

    sha: str
    content: bytes


@dataclass(frozen=True)
class Head:
    """Where HEAD points: `commit` is None on an unborn branch; `zero` is the null id of the repository's hash."""

    commit: str | None
    zero: str

    @property
    def expected(self) -> str:
        """What a compare-and-swap has to find."""
        return self.commit or self.zero


class Objects:
    """Reads and writes the objects of one repository."""

    def __init__(self, git: Git) -> None:
        self.git = git

    def head(self) -> Head:
        """Return the commit that HEAD names."""
        done = self.git.attempt("rev-parse", "--verify", "--quiet", "HEAD^{commit}")
        commit = done.stdout.decode().strip() or None
        width = len(commit) if commit else len(self.git.line("hash-object", "-t", "tree", "/dev/null"))
        return Head(commit, "0" * width)

    def read(self, names: Sequence[str]) -> list[Object | None]:
        """Return the objects of these names (`<commit>:path`, or an id), None where there is none."""
        if not names:
            return []
        output = self.git.run("cat-file", "--batch", stdin="".join(f"{name}\n" for name in names).encode())
        found: list[Object | None] = []
        position = 0
        for _ in names:
            end = output.index(b"\n", position)
            header = output[position:end].split(b" ")
            position = end + 1
            if header[-1] in {b"missing", b"ambiguous"}:
                found.append(None)
                continue
            size = int(header[-1])
            found.append(Object(header[0].decode(), output[position : position + size]))
            position += size + 1
        return found

    def write(self, content: bytes) -> str:
        """Store a blob exactly as it is and return its id."""
        return self.git.run("hash-object", "-w", "--stdin", "--no-filters", stdin=content).decode().strip()

    def tree_with(self, head: Head, changes: Mapping[str, str | None]) -> str:
        """Return the id of the head's tree with these paths set to these blobs (None removes)."""
        folders = sorted({parent for path in changes for parent in _parents(path)}, key=_depth, reverse=True)
        found = self.read([f"{head.commit}:{folder}" for folder in folders]) if head.commit else [None] * len(folders)
        width = len(head.zero) // 2
        trees = {
            folder: parse_tree(stored.content, width) if stored else {}
            for folder, stored in zip(folders, found, strict=True)
        }
        for path, blob in changes.items():
            _set(trees, path, Entry(FILE, blob) if blob else None)
        for folder in folders[:-1]:
            _set(trees, folder, Entry(FOLDER, self._write_tree(trees[folder])) if trees[folder] else None)
        return self._write_tree(trees[""])

    def _write_tree(self, tree: Tree) -> str:
        kinds = {"40000": "tree", "160000": "commit"}
        rows = b"".join(
            f"{entry.mode:0>6} {kinds.get(entry.mode, 'blob')} {entry.sha}\t".encode() + name + b"\0"
            for name, entry in tree.items()
        )
        return self.git.run("mktree", "-z", "--missing", stdin=rows).decode().strip()

    def commit(self, tree: str, parent: str | None, message: str, *, sign: bool, author: Mapping[str, str]) -> str:
        """Write a commit object and return its id; identity and signing are the user's."""
        parents = ["-p", parent] if parent else []
        signing = ["-S"] if sign else []
        return (
            self.git.run("commit-tree", *signing, *parents, "-F", "-", tree, stdin=message.encode(), env=author)
            .decode()
            .strip()
        )


def parse_tree(content: bytes, width: int) -> Tree:
    """Return the rows of a raw tree object whose ids are `width` bytes."""
    tree: Tree = {}
    position = 0
    while position < len(content):
        space = content.index(b" ", position)
        end = content.index(b"\0", space)
        sha = content[end + 1 : end + 1 + width]
        tree[content[space + 1 : end]] = Entry(content[position:space].decode(), sha.hex())
        position = end + 1 + width
    return tree


def _parents(path: str) -> list[str]:
    """Return every folder above `path`, '' for the top."""
    parts = path.split("/")[:-1]
    return ["/".join(parts[:depth]) for depth in range(len(parts) + 1)]


def _depth(folder: str) -> int:
    return len(folder.split("/")) if folder else 0


def _set(trees: Mapping[str, Tree], path: str, entry: Entry | None) -> None:
    folder, _, name = path.rpartition("/")
    key = name.encode("utf-8", "surrogateescape")
    if entry is None:
        trees[folder].pop(key, None)
        return
    present = trees[folder].get(key)
    if present and (present.mode == FOLDER) != (entry.mode == FOLDER):
        raise GitRefused(f"{path} is a folder in one version and a file in another")
    trees[folder][key] = entry
