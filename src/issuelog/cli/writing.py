"""Where a command writes that may be told a file."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from issuelog.cli.session import Session
from issuelog.errors import UsageError

STANDARD_OUTPUT = frozenset({None, "-", "/dev/stdout"})
"""What names standard output, besides naming nothing."""


@contextmanager
def written(session: Session, file: str | None) -> Iterator[BinaryIO]:
    """Offer where to write: standard output, or a file that is there as a whole or not at all."""
    if file in STANDARD_OUTPUT:
        sys.stdout.flush()
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    named = session.folder / str(file)
    if named.exists() and not named.is_file():
        raise UsageError(f"{file or repr(file)} is not a file", hint="without -o it goes to standard output")
    target = named.resolve()
    if not target.parent.is_dir():
        raise UsageError(f"there is no folder for {file}")
    if session.dry_run:
        with Path(os.devnull).open("wb") as nowhere:
            yield nowhere
        session.output.say(f"{file} would be written")
        return
    part = target.with_name(f".{target.name}.issuelog-{os.getpid()}")
    try:
        with part.open("xb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def beside(session: Session, file: str | None) -> str | None:
    """Return the address of the tracker's folder as seen from a file; None where the file lies outside of it.

    From there it would tell how the folders of this machine are called. What is not written to a file is taken to be
    put into the tracker's folder.
    """
    if file in STANDARD_OUTPUT:
        return ""
    root = session.tracker.layout.root.resolve()
    folder = (session.folder / str(file)).resolve().parent
    if not folder.is_relative_to(root):
        return None
    return "../" * len(folder.relative_to(root).parts)
