"""Copies of a repository: in a third of the time that the general tools take, and every test makes one."""

# Paths as objects would take as long as the copying.
# ruff: noqa: PTH101, PTH103, PTH115, PTH116, PTH118, PTH123, PTH211

from __future__ import annotations

import os
import stat
import struct
from hashlib import sha1
from pathlib import Path

_HEADER = struct.Struct(">4sLL")
_STATED = struct.Struct(">10L")
_NAME = _STATED.size + 20 + 2
"""Where the path begins in an entry of the index: behind what stat said, the object's id and the flags."""
_ALIGNED = 8
_TREE = b"TREE"
_WORD = 0xFFFFFFFF


def copy_tree(original: Path | str, root: Path | str) -> None:
    """Copy a folder with all in it, into a folder that may be there: contents, times, modes and symbolic links."""
    os.makedirs(root, exist_ok=True)
    with os.scandir(original) as rows:
        for row in rows:
            target = os.path.join(root, row.name)
            if row.is_symlink():
                os.symlink(os.readlink(row.path), target)
            elif row.is_dir():
                copy_tree(row.path, target)
            else:
                _copy_file(row, target)
    said = os.stat(original)
    os.chmod(root, stat.S_IMODE(said.st_mode))
    os.utime(root, ns=(said.st_atime_ns, said.st_mtime_ns))


def _copy_file(row: os.DirEntry[str], target: str) -> None:
    said = row.stat()
    with open(row.path, "rb", buffering=0) as source, open(target, "wb", buffering=0) as file:
        left = said.st_size
        while left and (sent := os.sendfile(file.fileno(), source.fileno(), None, left)):
            left -= sent
        os.fchmod(file.fileno(), stat.S_IMODE(said.st_mode))
        os.utime(file.fileno(), ns=(said.st_atime_ns, said.st_mtime_ns))


def index_follows(original: Path, root: Path) -> bool:
    """Make git's index of a copy say what stat says of the copies, where it said what stat says of the originals.

    As `git update-index --refresh` does, which takes as long as all the rest of a copy. False, with nothing done,
    where only git can tell: what was edited, an index of a later format, or a time too close to tell by.
    """
    there = original / ".git" / "index"
    if not there.is_file():
        return False
    content = there.read_bytes()
    kind, version, count = _HEADER.unpack_from(content)
    if (kind, version) != (b"DIRC", 2) or sha1(content[:-20]).digest() != content[-20:]:
        return False
    written = there.stat().st_mtime_ns
    changed = bytearray(content[:-20])
    position = _HEADER.size
    for _ in range(count):
        end = content.index(b"\0", position + _NAME)
        path = os.fsdecode(content[position + _NAME : end])
        before = os.lstat(original / path) if os.path.lexists(original / path) else None
        if before is None or before.st_mtime_ns >= written or _stated(before) != content[position:][: _STATED.size]:
            return False
        changed[position : position + _STATED.size] = _stated(os.lstat(root / path))
        position += (end - position) // _ALIGNED * _ALIGNED + _ALIGNED
    if bytes(changed[position : position + 4]) not in {b"", _TREE}:
        return False
    (root / ".git" / "index").write_bytes(changed + sha1(changed).digest())
    return True


def _stated(said: os.stat_result) -> bytes:
    """Return what git's index keeps of a file's state."""
    changed, modified = divmod(said.st_ctime_ns, 10**9), divmod(said.st_mtime_ns, 10**9)
    mode = stat.S_IFLNK if stat.S_ISLNK(said.st_mode) else stat.S_IFREG | (0o755 if said.st_mode & 0o100 else 0o644)
    numbers = *changed, *modified, said.st_dev, said.st_ino, mode, said.st_uid, said.st_gid, said.st_size
    return _STATED.pack(*(number & _WORD for number in numbers))
