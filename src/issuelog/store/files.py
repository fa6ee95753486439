"""Files, read without surprises and written so that they are whole, on the disk, or not there at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from issuelog.errors import Conflict

_SUFFIX = ".issuelog-tmp"


def read_regular(path: Path, limit: int | None = None) -> bytes | None:
    """Return the bytes of a regular file (at most `limit` + 1 of them), None where there is none.

    Raises Conflict for a link, pipe, device or folder, without following or hanging.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except NotADirectoryError:
        return None
    except OSError as error:
        raise Conflict(f"{path.name} cannot be read: {error.strerror}") from None
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise Conflict(f"{path.name} is not a regular file")
        return file.read() if limit is None else file.read(limit + 1)


def write_durably(target: Path, content: bytes) -> None:
    """Replace a file as a whole; when this returns it survives a power cut."""
    _make_folders(target.parent)
    temporary = target.with_name(f".{target.name}{_SUFFIX}")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
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


def sync_folder(folder: Path) -> None:
    """Sync a folder, so that the names in it survive a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _make_folders(folder: Path) -> None:
    if folder.is_dir():
        return
    _make_folders(folder.parent)
    folder.mkdir(exist_ok=True)
    sync_folder(folder.parent)
