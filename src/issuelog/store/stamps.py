"""What tells that files have changed: the stamp of a file, and the digest of all the stamps in a folder.

A system call for each file is the price of seeing every edit by hand. So that little of Python's time comes on top of
it, stamps are numbers as they lie in memory, and a folder whose digest is the known one needs no closer look.
"""

from __future__ import annotations

import os
import time
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from hashlib import blake2b
from itertools import chain
from operator import attrgetter

from issuelog.store.layout import yaml_files

# A file that changes twice within one tick of the file system's clock would keep its stamp.
_RACY_NS = 20_000_000
_numbers = attrgetter("st_mtime_ns", "st_ctime_ns", "st_size", "st_ino")
UNSETTLED = b""
"""The stamp of a file that changed too recently for a stamp to tell its next change; it equals no file's stamp."""


def stamp(found: os.stat_result) -> bytes:
    """Return what tells one version of a file from another."""
    try:
        return UNSETTLED if _is_racy(found.st_ctime_ns) else array("q", _numbers(found)).tobytes()
    except OverflowError:  # a file system whose numbers have more than 63 bits
        return UNSETTLED


def stamps(folder: str) -> dict[str, bytes]:
    """Return the stamps of the files in a folder, by name; none where the folder is gone."""
    found = {}
    with _opened(folder) as files:
        for file in files:
            with suppress(FileNotFoundError):
                found[file.name] = stamp(file.stat(follow_symlinks=False))
    return found


def digest_of(known: Mapping[str, bytes]) -> bytes:
    """Return the digest of a folder from the stamps of its files."""
    names = sorted(known)
    return _digest(names, b"".join(known[name] for name in names))


def digests(folders: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """Yield each folder with the digest of its files as they are now; an empty one where that is not settled."""
    for folder in folders:
        try:
            yield folder, _digest_of(folder)
        except (FileNotFoundError, OverflowError):
            yield folder, b""


def _digest_of(folder: str) -> bytes:
    """Return the digest of a folder's files, in as few steps for each of them as there can be."""
    with _opened(folder) as files:
        files.sort(key=attrgetter("name"))
        found = map(_numbers, [file.stat(follow_symlinks=False) for file in files])
        numbers = array("q", chain.from_iterable(found))
        newest = max(numbers[1::4], default=0)
        return b"" if _is_racy(newest) else _digest([file.name for file in files], numbers.tobytes())


@contextmanager
def _opened(folder: str) -> Iterator[list[os.DirEntry[str]]]:
    """Give the files in a folder; none where it is gone.

    Through its descriptor, so that the system does not follow the folder's path again for each of them.
    """
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        yield []
        return
    try:
        yield yaml_files(handle)
    finally:
        os.close(handle)


def _is_racy(changed_ns: int) -> bool:
    return time.time_ns() - changed_ns < _RACY_NS


def _digest(names: Iterable[str], stamps_of_all: bytes) -> bytes:
    found = blake2b("\0".join(names).encode("utf-8", "surrogateescape"), digest_size=16)
    found.update(stamps_of_all)
    return found.digest()
