"""A guard for tests of what may hang: a hang becomes a failure instead of a suite that never ends."""

from __future__ import annotations

import faulthandler
from collections.abc import Iterator
from contextlib import contextmanager

_SECONDS = 120


@contextmanager
def no_hang() -> Iterator[None]:
    """End the process where the block is stuck; far later than any machine needs.

    By a thread and not by an alarm: alarms are what issuelog waits with.
    """
    faulthandler.dump_traceback_later(_SECONDS, exit=True)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
