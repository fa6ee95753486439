"""Whether an SQLite database has lost its end.

Where the last page is there in part, or there is a log, SQLite reads zeros for what is missing and says nothing. A page
that is in the log need not be in the file, or only its begin: that is so while the log is copied there, and after a
process was killed at that, and nothing is lost then.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress
from pathlib import Path

_LOG_HEADER_BYTES = 32
_FRAME_HEADER_BYTES = 24
_BYTES_BEFORE_LOCKS = 1 << 30
"""The page that begins there is for locks, and never written."""


def is_cut_off(connection: sqlite3.Connection, database: Path, log: Path) -> bool:
    """Tell it of the database of this connection, which is in no transaction."""
    connection.execute("BEGIN")  # so that no page leaves the log before the file has it
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    (size,) = connection.execute("PRAGMA page_size").fetchone()
    # Asked by its name: to open the file and close it again would take the locks of all our connections away.
    there = database.stat().st_size // size
    found = False
    if there < pages:
        elsewhere = _logged(log, size) | {_BYTES_BEFORE_LOCKS // size + 1}
        found = any(page not in elsewhere for page in range(there + 1, pages + 1))
    connection.execute("COMMIT")
    return found


def _logged(log: Path, page_size: int) -> set[int]:
    """Return the numbers of the pages that finished transactions have put into a log."""
    pages, finished = [], 0
    with suppress(FileNotFoundError), log.open("rb", buffering=0) as file:
        salt = file.read(_LOG_HEADER_BYTES)[16:24]
        # Behind the newest one may lie pages from an earlier round of the log.
        while len(frame := file.read(_FRAME_HEADER_BYTES)) == _FRAME_HEADER_BYTES and frame[8:16] == salt:
            pages.append(int.from_bytes(frame[:4], "big"))
            if frame[4:8] != bytes(4):
                finished = len(pages)
            file.seek(page_size, os.SEEK_CUR)
    return set(pages[:finished])
