"""Keeping others out, and interrupts off, for as long as a change takes."""

from __future__ import annotations

import fcntl
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from issuelog.errors import Conflict

LOCK_SECONDS = 30
INTERRUPTS = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGHUP})


@contextmanager
def locked(path: Path) -> Iterator[int]:
    """Hold the lock of this file; raises Conflict where another process has held it for too long.

    The system queues those who wait, and gives the lock back when its holder dies. Gives the lock's descriptor.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as handle, _alarm() as set_alarm:
        try:
            set_alarm(LOCK_SECONDS)
            fcntl.flock(handle, fcntl.LOCK_EX)
            set_alarm(0)
        except TimeoutError:
            raise Conflict(
                f"another issuelog has held the lock for {LOCK_SECONDS} s; nothing was changed", hint="try again"
            ) from None
        yield handle.fileno()


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Let interrupts wait, for this process and the git that it runs: a git that is killed leaves its locks."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, INTERRUPTS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def interrupt_waits() -> bool:
    """Whether the user has interrupted what is uninterrupted."""
    return bool(INTERRUPTS & signal.sigpending())


@contextmanager
def _alarm() -> Iterator[Callable[[float], None]]:
    """Offer to raise TimeoutError after some seconds (0: never)."""

    def ring(_: int, __: FrameType | None) -> None:
        raise TimeoutError

    def set_alarm(seconds: float) -> None:
        signal.setitimer(signal.ITIMER_REAL, seconds)

    before = signal.signal(signal.SIGALRM, ring)
    try:
        yield set_alarm
    finally:
        set_alarm(0)
        signal.signal(signal.SIGALRM, before)
