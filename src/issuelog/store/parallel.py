"""Work spread over several processes: they are forked at once, and their results are read when somebody asks.

The standard library's pools cost 25 ms to import alone, which is a third of what a short command takes.
"""

from __future__ import annotations

import os
import pickle
import selectors
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Generic, NoReturn, TypeVar

T = TypeVar("T")
R = TypeVar("R")

_MOST_PROCESSES = 8
_CHUNK = 1 << 16
_INTERRUPTS = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGHUP})


def processors() -> int:
    """Return how many processes can run at the same time, 8 at most."""
    try:
        return min(len(os.sched_getaffinity(0)), _MOST_PROCESSES)
    except AttributeError:
        return min(os.cpu_count() or 1, _MOST_PROCESSES)


def spread(work: Callable[[Sequence[T]], Iterable[R]], items: Sequence[T], worth_a_process: int) -> Spread[T, R]:
    """Spread items over as many processes as it is worth to have, where so many items are worth one."""
    processes = min(processors(), len(items) // worth_a_process)
    if processes < 2:
        return Spread(work, (), own=items)
    return Spread(work, [items[begin::processes] for begin in range(processes)])


class Spread(Generic[T, R]):
    """Calls `work` with a share of the items in each of some processes; it has to yield one result for each item.

    Iterating yields the results, in any order. The work on the share that is `own` is done here, while iterating, and
    so is what a process that died has left undone.
    """

    def __init__(
        self, work: Callable[[Sequence[T]], Iterable[R]], shares: Sequence[Sequence[T]], own: Sequence[T] = ()
    ) -> None:
        self._work = work
        self._shares = shares
        self._left: list[Sequence[T]] = []
        self._own = own
        self._children: dict[int, _Child[T, R]] = {}

    def __enter__(self) -> Spread[T, R]:
        try:
            # A process that begins while an interrupt comes would be known to nobody.
            before = signal.pthread_sigmask(signal.SIG_BLOCK, _INTERRUPTS)
            try:
                for share in self._shares:
                    self._begin(share, before)
            finally:
                signal.pthread_sigmask(signal.SIG_SETMASK, before)
        except BaseException:
            self.__exit__()
            raise
        return self

    def _begin(self, share: Sequence[T], signals: Iterable[int]) -> None:
        child = _begin(self._work, share, signals, self._children)
        if child:
            self._children[child.pipe] = child
        else:
            self._left.append(share)

    def __exit__(self, *failure: object) -> None:
        for child in self._children.values():
            child.end()

    def __iter__(self) -> Iterator[R]:
        if self._own:
            yield from self._work(self._own)
        with selectors.DefaultSelector() as selector:
            for pipe in self._children:
                selector.register(pipe, selectors.EVENT_READ)
            while self._children:
                for key, _ in selector.select():
                    child = self._children[key.fd]
                    yield from child.receive()
                    if child.ended:
                        selector.unregister(key.fd)
                        self._left.append(child.share[child.received :])
                        self._children.pop(key.fd).end()
        for share in self._left:
            if share:
                yield from self._work(share)


class _Child(Generic[T, R]):
    """A process at work: its results come through the pipe, each with its length before it."""

    def __init__(self, process: int, pipe: int, share: Sequence[T]) -> None:
        self.process = process
        self.pipe = pipe
        self.share = share
        self.received = 0
        self.ended = False
        self._buffer = bytearray()

    def receive(self) -> Iterator[R]:
        """Yield the results that are whole."""
        read = os.read(self.pipe, _CHUNK)
        self.ended = not read
        self._buffer += read
        begin = 0
        while len(self._buffer) >= begin + 4:
            end = begin + 4 + int.from_bytes(self._buffer[begin : begin + 4], "big")
            if len(self._buffer) < end:
                break
            for result in pickle.loads(self._buffer[begin + 4 : end]):  # noqa: S301  what we have written ourselves
                self.received += 1
                yield result
            begin = end
        del self._buffer[:begin]

    def end(self) -> None:
        """End the process, whether it is done or not."""
        os.close(self.pipe)
        with suppress(ProcessLookupError):
            os.kill(self.process, signal.SIGKILL)
        with suppress(ChildProcessError):  # where our parent had the ends of children ignored, the system cleans up
            os.waitpid(self.process, 0)


def _begin(
    work: Callable[[Sequence[T]], Iterable[R]], share: Sequence[T], signals: Iterable[int], others: Iterable[int]
) -> _Child[T, R] | None:
    """Fork a process for a share, in which these signals are blocked; None where there can be none.

    It lets go of the pipes that `others` are read from, and of its own: when the one that reads them is killed, a
    process that writes has to notice, and would wait for ever if somebody else could still read.
    """
    try:
        reading, writing = os.pipe()
    except OSError:
        return None
    try:
        process = os.fork()
    except OSError:
        os.close(reading)
        os.close(writing)
        return None
    if not process:
        _work_and_exit(work, share, writing, signals, (reading, *others))
    os.close(writing)
    return _Child(process, reading, share)


_RESULTS_AT_ONCE = 16


def _work_and_exit(
    work: Callable[[Sequence[T]], Iterable[R]],
    share: Sequence[T],
    pipe: int,
    signals: Iterable[int],
    not_ours: Iterable[int],
) -> NoReturn:
    """Send the results and leave without a word, whatever happens: the parent does what is missing, and tells."""
    try:
        for other in not_ours:
            os.close(other)
        signal.pthread_sigmask(signal.SIG_SETMASK, signals)
        with os.fdopen(pipe, "wb") as out:
            results: list[R] = []
            for result in work(share):
                results.append(result)
                if len(results) == _RESULTS_AT_ONCE:
                    _send(out.write, results)
                    results = []
            _send(out.write, results)
    except BaseException:
        os._exit(1)
    os._exit(0)


def _send(write: Callable[[bytes], object], results: list[R]) -> None:
    packed = pickle.dumps(results, pickle.HIGHEST_PROTOCOL)
    write(len(packed).to_bytes(4, "big") + packed)
