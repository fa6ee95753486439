"""Git's objects: reading what HEAD holds, and building a commit that nothing can see yet.

Trees are built along the changed paths alone, so that the cost does not grow with the repository.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from issuelog.errors import Conflict, GitRefused
from issuelog.vcs.git import Git, words_of
from issuelog.vcs.heads import plain_head
from issuelog.vcs.locate import Place
from issuelog.vcs.pack import pack

FILE = "100644"
_FILES = ("100644", "100755")
_FOLDER = "40000"


@dataclass(frozen=True)
class Entry:
    """One row of a tree, or of the index."""

    mode: str
    sha: str


Tree = dict[bytes, Entry]


@dataclass(frozen=True)
class Object:
    """An object as it is stored."""

    sha: str
    content: bytes
    kind: str = "blob"


@dataclass(frozen=True)
class Head:
    """Where HEAD points: `commit` is None on an unborn branch; `zero` is the null id of the repository's hash."""

    commit: str | None
    zero: str

    @property
    def expected(self) -> str:
        """What a compare-and-swap has to find."""
        return self.commit or self.zero

    @property
    def tree_ish(self) -> str:
        """What git reads as the tree of this state; an unborn branch has the empty one."""
        return self.commit or _hash(len(self.zero), "tree", b"")


@dataclass(frozen=True)
class Written:
    """What was stored of a change: the ids of all objects, of the tree at the `root`, and the files' ids and rows."""

    ids: Sequence[str]
    root: str
    blobs: Mapping[str, str | None]
    entries: Mapping[str, Entry | None]


At = Callable[[Sequence[str]], list[Object | None]]
"""Returns what a head has at some paths: files, or folders ('' is the top); None where there is nothing."""


class Objects:
    """Reads and writes the objects of one repository, which lies at `place`."""

    def __init__(self, git: Git, place: Place | None = None) -> None:
        self.git = git
        self.place = place

    def head(self) -> Head:
        """Return the commit that HEAD names; raises GitRefused where git cannot tell."""
        if self.place and (plain := plain_head(self.place)):
            return Head(plain, "0" * len(plain))
        done = self.git.attempt("rev-parse", "--verify", "--quiet", "HEAD^{commit}")
        commit = done.stdout.decode().strip()
        if commit:
            return Head(commit, "0" * len(commit))
        if done.returncode != 1:
            raise GitRefused(words_of(done, "rev-parse"))
        if self.git.attempt("rev-parse", "--verify", "--quiet", "HEAD").stdout.strip():
            raise GitRefused("HEAD names a commit that is not there", hint="git fsck   says what is broken")
        return Head(None, "0" * len(self.git.line("hash-object", "-t", "tree", "/dev/null")))

    def read(self, names: Sequence[str]) -> list[Object | None]:
        """Return the objects of these names (`<commit>:path`, or an id), None where there is none."""
        if not names:
            return []
        asked = [name.encode("utf-8", "surrogateescape") for name in names]
        output = self.git.run("cat-file", "--batch", "-z", stdin=b"".join(name + b"\0" for name in asked))
        found: list[Object | None] = []
        position = 0
        for name in asked:
            # A name may hold anything, a line's end too, and is repeated where there is no such object.
            absent = next(
                (row for end in (b" missing\n", b" ambiguous\n") if output.startswith(row := name + end, position)), b""
            )
            if absent:
                found.append(None)
                position += len(absent)
                continue
            end = output.index(b"\n", position)
            sha, kind, size = output[position:end].split(b" ")
            found.append(Object(sha.decode(), output[end + 1 : end + 1 + int(size)], kind.decode()))
            position = end + 1 + int(size) + 1
        return found

    def at(self, head: Head, paths: Sequence[str]) -> list[Object | None]:
        """Return what a head has at these paths: files, or folders ('' is the top); None where there is nothing."""
        return self.read([f"{head.commit}:{path}" for path in paths]) if head.commit else [None] * len(paths)

    def content(self, sha: str) -> bytes:
        """Return an object's content by its id; raises GitRefused where the repository has lost it."""
        stored = self.read([sha])[0]
        if stored is None:
            raise GitRefused(f"the object {sha} is not there", hint="git fsck   says what is broken")
        return stored.content

    def all_there(self, ids: Sequence[str]) -> bool:
        """Whether all these objects are there and can be read."""
        output = self.git.run("cat-file", "--batch-check", stdin="".join(f"{sha}\n" for sha in ids).encode())
        return not any(row.endswith(b" missing") for row in output.splitlines())

    def write(self, head: Head, files: Mapping[str, bytes | None], at: At | None = None) -> Written:
        """Store the head's tree with files set to these contents, exactly as they are (None removes), and these.

        `at` may know what the head has. Raises Conflict where a path is no regular file in the head, or differs only by
        case from one that is there.
        """
        width = len(head.zero)
        made: dict[str, tuple[str, bytes]] = {}

        def stored(kind: str, content: bytes) -> str:
            sha = _hash(width, kind, content)
            made[sha] = kind, content
            return sha

        folders = sorted({parent for path in files for parent in parents(path)}, key=_depth, reverse=True)
        found = at(folders) if at else self.at(head, folders)
        trees: dict[str, Tree] = {}
        for folder, there in zip(folders, found, strict=True):
            if there and there.kind != "tree":
                raise _is_no("folder", folder)
            trees[folder] = parse_tree(there.content, width // 2) if there else {}
        if head.commit:
            _require_whole(trees, [folder for folder, there in zip(folders, found, strict=True) if not there])
        blobs = {path: None if content is None else stored("blob", content) for path, content in files.items()}
        entries = {path: _set_file(trees, path, blob) for path, blob in blobs.items()}
        for folder in folders[:-1]:
            raw = _raw(trees[folder])
            _set(trees, folder, Entry(_FOLDER, stored("tree", raw)) if raw else None)
        root = stored("tree", _raw(trees[""]))
        # Not by `git mktree`, which does not heed core.fsync: a power cut would leave an empty tree behind.
        self.git.run("unpack-objects", "-q", stdin=pack(list(made.values()), _algorithm(width)))
        return Written(list(made), root, blobs, entries)

    def commit(
        self, tree: str, parents: Sequence[str], message: str, *, sign: bool, author: Mapping[str, str] | None = None
    ) -> str:
        """Write a commit object and return its id; identity and signing are the user's."""
        named = [word for parent in parents for word in ("-p", parent)]
        signing = ["-S"] if sign else []
        written = message.encode("utf-8", "surrogateescape")
        return (
            self.git.run("commit-tree", *signing, *named, "-F", "-", tree, stdin=written, env=author).decode().strip()
        )

    def entries(self, tree_ish: str, paths: Sequence[str]) -> dict[str, Entry]:
        """Return those of these paths that are in a tree."""
        output = self.git.run("ls-tree", "-z", "--full-tree", tree_ish, "--", *paths)
        rows = [row.split(b"\t", 1) for row in output.split(b"\0") if row]
        return {
            path.decode("utf-8", "surrogateescape"): Entry(*(head.decode().split(" ")[place] for place in (0, 2)))
            for head, path in rows
        }

    def differences(self, before: str, after: str, *paths: str) -> dict[str, tuple[str | None, str | None]]:
        """Return the files in which two commits differ, with the blob of each side; None where it has none."""
        options = ("-r", "-z", "--raw", "--no-renames", "--no-abbrev")
        parts = self.git.run("diff-tree", *options, before, after, "--", *paths).split(b"\0")
        found = {}
        for row, path in zip(parts[:-1:2], parts[1::2], strict=True):
            _, _, old, new, _ = row.decode().split(" ")
            found[path.decode("utf-8", "surrogateescape")] = (_blob(old), _blob(new))
        return found

    def is_ancestor(self, commit: str, of: str | None) -> bool:
        """Whether `of` is this commit or came after it."""
        return of is not None and self.git.attempt("merge-base", "--is-ancestor", commit, of).returncode == 0


def _blob(sha: str) -> str | None:
    """Return an id as git prints it, None for its null id."""
    return None if set(sha) == {"0"} else sha


def blob_id(content: bytes | None, width: int) -> str | None:
    """Return the id that git gives a blob, for ids of `width` hexadecimal digits; None for no content."""
    return None if content is None else _hash(width, "blob", content)


def _algorithm(width: int) -> str:
    return "sha1" if width == 40 else "sha256"


def _hash(width: int, kind: str, content: bytes) -> str:
    made = hashlib.new(_algorithm(width), usedforsecurity=False)
    made.update(f"{kind} {len(content)}\0".encode() + content)
    return made.hexdigest()


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


def _raw(tree: Tree) -> bytes:
    """Return a tree as git stores it: in the order of the names, a folder's with a slash behind it."""
    rows = sorted(tree.items(), key=lambda row: row[0] + b"/" if row[1].mode == _FOLDER else row[0])
    return b"".join(entry.mode.encode() + b" " + name + b"\0" + bytes.fromhex(entry.sha) for name, entry in rows)


def parents(path: str) -> list[str]:
    """Return every folder above `path`, '' for the top."""
    parts = path.split("/")[:-1]
    return ["/".join(parts[:depth]) for depth in range(len(parts) + 1)]


def _require_whole(trees: Mapping[str, Tree], absent: Sequence[str]) -> None:
    """Raise GitRefused where a tree is named and not there: what git lost is not empty, and would be committed so."""
    for folder in absent:
        parent, _, name = folder.rpartition("/")
        named = trees[parent].get(name.encode("utf-8", "surrogateescape")) if folder else Entry(_FOLDER, "")
        if named and named.mode == _FOLDER:
            raise GitRefused(f"the tree of {folder or 'HEAD'} is not there", hint="git fsck   says what is broken")


def _depth(folder: str) -> int:
    return len(folder.split("/")) if folder else 0


def _set_file(trees: Mapping[str, Tree], path: str, blob: str | None) -> Entry | None:
    """Set a file, which keeps its mode, and return its row."""
    folder, _, name = path.rpartition("/")
    present = trees[folder].get(name.encode("utf-8", "surrogateescape"))
    entry = Entry(present.mode if present and present.mode in _FILES else FILE, blob) if blob else None
    _set(trees, path, entry)
    return entry


def _set(trees: Mapping[str, Tree], path: str, entry: Entry | None) -> None:
    folder, _, name = path.rpartition("/")
    key = name.encode("utf-8", "surrogateescape")
    present = trees[folder].get(key)
    if entry is None:
        trees[folder].pop(key, None)
        return
    if present is None:
        _require_distinct(trees[folder], key, path)
    elif present.mode != entry.mode:
        raise _is_no("folder" if entry.mode == _FOLDER else "regular file", path)
    trees[folder][key] = entry


def _is_no(kind: str, path: str) -> Conflict:
    return Conflict(f"{path} is not a {kind} in the last commit; nothing was changed")


def _require_distinct(tree: Tree, key: bytes, path: str) -> None:
    for name in tree:
        if folded(name.decode("utf-8", "surrogateescape")) == folded(key.decode("utf-8", "surrogateescape")):
            raise Conflict(
                f"{path} differs only by case from {name.decode('utf-8', 'replace')}, which is in the last commit",
                hint="many file systems hold only one of them; git mv renames the one that is there",
            )


def folded(name: str) -> str:
    """Return a file name as a file system sees it that takes no heed of case."""
    return unicodedata.normalize("NFC", name).casefold()
