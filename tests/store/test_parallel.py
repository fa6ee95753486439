"""Work in several processes: every item has its result, once, whatever becomes of the processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from issuelog.store import parallel
from issuelog.store.parallel import Spread, processors, spread

Work = Callable[[Sequence[int]], Iterable[int]]


@pytest.fixture(autouse=True)
def quiet_forks() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # threads of the test runner: a child uses none
        yield


def gathered(work: Work, shares: Sequence[Sequence[int]], own: Sequence[int] = ()) -> list[int]:
    with Spread(work, shares, own) as results:
        found = sorted(results)
    require_no_child()
    return found


def descriptors() -> int:
    return len([*Path("/proc/self/fd").glob("*")])


def children() -> set[str]:
    by_thread = Path("/proc/self/task").glob("*/children")
    return {child for one in by_thread for child in one.read_text().split()}


STRANGERS: set[str] = set()
"""What earlier tests in this process have begun and left, such as the helper of a pool of processes."""


@pytest.fixture(autouse=True)
def strangers() -> None:
    STRANGERS.clear()
    STRANGERS.update(children())


def require_no_child() -> None:
    assert children() <= STRANGERS


def doubled(items: Sequence[int]) -> Iterator[int]:
    return (2 * item for item in items)


@settings(max_examples=30)
@given(st.lists(st.lists(st.integers(), max_size=40), max_size=5), st.lists(st.integers(), max_size=5))
def test_every_item_has_its_result(shares: list[list[int]], own: list[int]) -> None:
    assert gathered(doubled, shares, own) == sorted(2 * item for share in [*shares, own] for item in share)


def where(items: Sequence[int]) -> Iterator[tuple[int, int]]:
    return ((item, os.getpid()) for item in items)


@settings(max_examples=30)
@given(st.lists(st.integers(), max_size=60), st.integers(1, 20))
def test_items_go_once_each_to_as_many_processes_as_they_are_worth(items: list[int], worth: int) -> None:
    with spread(where, items, worth) as results:
        found = list(results)
    assert sorted(item for item, _ in found) == sorted(items)
    processes = {process for _, process in found}
    if min(processors(), len(items) // worth) < 2:
        assert processes <= {os.getpid()}
    else:
        assert len(processes) == min(processors(), len(items) // worth)
        assert os.getpid() not in processes


def test_our_own_share_is_worked_on_here_and_only_when_asked() -> None:
    places = []

    def work(items: Sequence[int]) -> Iterator[int]:
        places.append(os.getpid())
        yield from items

    with Spread(work, (), own=[1, 2]) as results:
        assert places == []
        assert list(results) == [1, 2]
    assert places == [os.getpid()]


def test_several_shares_are_worked_on_elsewhere_and_at_once() -> None:
    """Each of two waits for the other's word."""
    pipes = [os.pipe(), os.pipe()]

    def work(items: Sequence[int]) -> Iterator[int]:
        (item,) = items
        os.write(pipes[item][1], b"x")
        os.read(pipes[1 - item][0], 1)
        yield os.getpid()

    found = gathered(work, [[0], [1]])
    assert len({*found, os.getpid()}) == 3


def in_children(event: Callable[[int], object]) -> Work:
    """Return work that has an event at every item, but not in this process."""
    here = os.getpid()

    def work(items: Sequence[int]) -> Iterator[int]:
        for item in items:
            if os.getpid() != here:
                event(item)
            yield 2 * item

    return work


def fail(number: int) -> None:
    raise MemoryError(number)


@pytest.mark.parametrize("last", [0, 1, 15, 16, 17, 40, 99])
@pytest.mark.parametrize(
    "event", [lambda _: os.kill(os.getpid(), signal.SIGKILL), lambda _: os._exit(0), fail], ids=["kill", "exit", "fail"]
)
def test_what_a_child_leaves_undone_is_done_here(event: Callable[[int], object], last: int) -> None:
    work = in_children(lambda item: event(item) if item == last else None)
    assert gathered(work, [range(0, 50), range(50, 100)]) == [2 * item for item in range(100)]


def test_a_child_that_dies_in_the_middle_of_a_result(monkeypatch: pytest.MonkeyPatch) -> None:
    send = parallel._send

    def half(write: Callable[[bytes], object], results: list[int]) -> None:
        pieces: list[bytes] = []
        send(pieces.append, results)
        whole = b"".join(pieces)
        if results[0] < 2 * 30:
            write(whole)
        else:
            write(whole[: len(whole) // 2])
            raise MemoryError

    monkeypatch.setattr(parallel, "_send", half)
    assert gathered(doubled, [range(0, 50), range(50, 100)]) == [2 * item for item in range(100)]


def test_what_fails_everywhere_is_raised_here() -> None:
    def work(items: Sequence[int]) -> Iterator[int]:
        raise ValueError(items[0])

    with pytest.raises(ValueError, match=r"[13]"), Spread(work, [[1], [3]]) as results:
        list(results)
    require_no_child()


def test_a_slow_child_does_not_keep_the_others_back(tmp_path: Path) -> None:
    """The slow one goes on only when the result of the other has been seen."""
    seen = tmp_path / "seen"

    def event(item: int) -> None:
        while item == 0 and not seen.exists():
            time.sleep(0.001)

    with Spread(in_children(event), [[0], [1]]) as results:
        each = iter(results)
        assert next(each) == 2
        seen.touch()
        assert next(each) == 0


def test_huge_results() -> None:
    def work(items: Sequence[int]) -> Iterator[bytes]:
        return (bytes([item]) * 3_000_000 for item in items)

    with Spread(work, [[1, 2], [3, 4]]) as results:
        found = sorted(results)
    assert [(one[0], len(one)) for one in found] == [(number, 3_000_000) for number in (1, 2, 3, 4)]


def test_results_that_cannot_be_sent_are_made_here() -> None:
    def work(items: Sequence[int]) -> Iterator[Callable[[], int]]:
        return ((lambda: 1) for _ in items)

    with Spread(work, [[1], [2]]) as results:
        assert [made() for made in results] == [1, 1]


@pytest.mark.parametrize("call", ["fork", "pipe"])
@pytest.mark.parametrize("works", [0, 1])
def test_where_nothing_can_be_forked_all_is_done_here(monkeypatch: pytest.MonkeyPatch, call: str, works: int) -> None:
    original = getattr(os, call)
    calls = iter(range(10))

    def refused() -> object:
        if next(calls) < works:
            return original()
        raise BlockingIOError(11, "Resource temporarily unavailable")

    before = descriptors()
    monkeypatch.setattr(os, call, refused)
    assert gathered(doubled, [[1], [2], [3]]) == [2, 4, 6]
    monkeypatch.undo()
    assert descriptors() == before


def test_where_the_ends_of_children_are_ignored() -> None:
    """As a parent may leave it to its children: then the system takes them away, and nobody can wait for one."""
    before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        assert gathered(doubled, [[1], [2]]) == [2, 4]
    finally:
        signal.signal(signal.SIGCHLD, before)


def test_who_does_not_ask_for_all_leaves_no_child_behind() -> None:
    with Spread(in_children(lambda _: time.sleep(60)), [[1], [2]]):
        pass
    require_no_child()
    with pytest.raises(KeyboardInterrupt), Spread(in_children(lambda _: time.sleep(60)), [[1], [2]]):
        raise KeyboardInterrupt
    require_no_child()


WAITING = """
import os, sys, time
from issuelog.store.parallel import Spread
def work(items):
    os.write(1, b"%d\\n" % os.getpid())  # at once: another writes there as well
    time.sleep(60)
    yield 1
try:
    with Spread(work, [[1], [2]]) as results:
        list(results)
except KeyboardInterrupt:
    sys.exit(3)
"""


@pytest.mark.parametrize("to_all", [True, False], ids=["the group", "the parent alone"])
def test_an_interrupt_leaves_no_child_behind(to_all: bool) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", WAITING],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout
    children = [int(process.stdout.readline()), int(process.stdout.readline())]
    if to_all:
        os.killpg(process.pid, signal.SIGINT)
    else:
        os.kill(process.pid, signal.SIGINT)
    _, said = process.communicate()
    assert (process.returncode, said) == (3, "")
    for child in children:
        with pytest.raises(ProcessLookupError):
            os.kill(child, 0)


KILLED = """
import time
from issuelog.store.parallel import Spread

def work(share):
    yield from ("x" * 1_000_000 for _ in share)

with Spread(work, [range(100)] * 3) as results:
    next(iter(results))
    print("begun", flush=True)
    time.sleep(600)
"""


def test_no_child_outlives_a_parent_that_is_killed() -> None:
    parent = subprocess.Popen([sys.executable, "-c", KILLED], stdout=subprocess.PIPE)
    assert parent.stdout
    assert parent.stdout.readline() == b"begun\n"
    parent.kill()
    # The children hold the same standard output: it ends with the last of them.
    assert parent.communicate(timeout=60)[0] == b""
