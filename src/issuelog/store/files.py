"""Files, read without surprises and written so that they are whole, on the disk, or not there at all."""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from issuelog.errors import Conflict

_NEW = ".issuelog-tmp"
_OLD = ".issuelog-old"


def read_regular(path: Path, limit: int | None = None) -> bytes | None:
    """Return the bytes of a regular file (at most `limit` + 1 of them), None where there is none.

    Raises Conflict for a link, pipe, device or folder, without following or hanging.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except ValueError:  # no file has a NUL in its name
        return None
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise Conflict(f"{path.name} is a symbolic link, and none is followed") from None
        raise Conflict(f"{path.name} cannot be read: {error.strerror}") from None
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise Conflict(f"{path.name} is not a regular file")
    with os.fdopen(handle, "rb") as file:
        return file.read() if limit is None else file.read(limit + 1)


def write_durably(target: Path, content: bytes) -> None:
    """Replace a file as a whole; when this returns it survives a power cut."""
    for folder in missing_folders([target]):
        _make_folder(folder)
    temporary = _beside(target, _NEW)
    try:
        _write_new(temporary, content, target)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(target.parent)


def remove_durably(target: Path) -> None:
    """Remove a file that may already be gone."""
    target.unlink(missing_ok=True)
    if target.parent.is_dir():
        sync_folder(target.parent)


def sync_file(path: Path) -> None:
    """Sync a file that somebody else has written, so that its content survives a power cut."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Sync a folder, so that the names in it survive a power cut."""
    with named(folder):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def missing_folders(targets: Iterable[Path]) -> list[Path]:
    """Return the folders that have to be made before these files can be written, the outermost first."""
    missing: set[Path] = set()
    for target in targets:
        folder = target.parent
        while folder not in missing and not folder.is_dir():
            missing.add(folder)
            folder = folder.parent
    return sorted(missing)


def remove_if_empty(folders: Collection[Path]) -> None:
    """Remove those of these folders in which nothing is, the innermost first."""
    for folder in sorted(folders, reverse=True):
        with suppress(OSError):
            folder.rmdir()


def remove_leftovers(target: Path) -> None:
    """Remove what a killed process may have left beside a file."""
    for suffix in (_NEW, _OLD):
        _beside(target, suffix).unlink(missing_ok=True)


class Replacement:
    """New contents of some files (None removes one), which can be put back until they are kept.

    What needs room on the disk is done before the first file changes, and what was there stays beside it under
    another name: putting back only renames, so that a full disk cannot get in its way.
    """

    def __init__(self, files: Mapping[Path, bytes | None]) -> None:
        self.files = files
        self.made = missing_folders(target for target, content in files.items() if content is not None)
        self._set_aside: list[Path] = []
        self._replaced: list[Path] = []

    def write(self) -> None:
        """Replace all the files; when this returns they survive a power cut."""
        for folder in self.made:
            _make_folder(folder)
        for target, content in self.files.items():
            self._prepare(target, content)
        for target, content in self.files.items():
            self._replaced.append(target)
            with named(target):
                if content is None:
                    target.unlink(missing_ok=True)
                else:
                    _beside(target, _NEW).replace(target)
        self._sync()

    def put_back(self) -> None:
        """Make everything as it was, from wherever `write` had come to."""
        for target in self.files:
            old = _beside(target, _OLD)
            if target in self._set_aside and old.exists():
                old.replace(target)
                # Two names of one file are not renamed: then the target had not been replaced yet.
                old.unlink(missing_ok=True)
            elif target in self._replaced:
                target.unlink(missing_ok=True)
            new = _beside(target, _NEW)
            if new.exists():  # a read-only file system refuses even to remove what is not there
                new.unlink(missing_ok=True)
        self._sync()
        remove_if_empty(self.made)

    def keep(self) -> None:
        """Forget what was there, and folders in which nothing is left, as git does."""
        for target, content in self.files.items():
            remove_leftovers(target)
            if content is None:
                _remove_empty_above(target)

    def _prepare(self, target: Path, content: bytes | None) -> None:
        old = _beside(target, _OLD)
        with named(target):
            old.unlink(missing_ok=True)
            if target.exists():
                self._set_aside.append(target)
                _set_aside(target, old)
            if content is not None:
                _write_new(_beside(target, _NEW), content, target)

    def _sync(self) -> None:
        for folder in {target.parent for target in self.files}:
            if folder.is_dir():
                sync_folder(folder)


def _beside(target: Path, suffix: str) -> Path:
    return target.with_name(f".{target.name}{suffix}")


def _set_aside(target: Path, old: Path) -> None:
    try:
        os.link(target, old)
    except OSError:  # a file system without hard links
        try:
            shutil.copy2(target, old)
        except BaseException:
            old.unlink(missing_ok=True)
            raise


def _write_new(path: Path, content: bytes, like: Path) -> None:
    """Write a file under a name of ours, never through a link that lies there, with the mode of `like` if it is."""
    with named(like):
        path.unlink(missing_ok=True)
        with path.open("xb") as file:
            if like.exists():
                os.fchmod(file.fileno(), stat.S_IMODE(like.stat().st_mode))
            file.write(content)
            file.flush()
            os.fsync(file.fileno())


def _make_folder(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    sync_folder(folder.parent)


def _remove_empty_above(target: Path) -> None:
    with suppress(OSError):
        for folder in target.parents:
            folder.rmdir()


@contextmanager
def named(path: Path) -> Iterator[None]:
    """Make an error of the disk name the file that the user knows: it names none, or one of ours beside it."""
    try:
        yield
    except OSError as error:
        error.filename, error.filename2 = str(path), None
        raise
