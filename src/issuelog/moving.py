"""Moving a branch on to a later commit, with its files: git does it, and what is killed in the middle is settled.

The record of a move lies in the git directory until git is done. Git inherits issuelog's lock, so that whoever finds a
record knows that the git which was at work is dead as well.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from issuelog.errors import Conflict
from issuelog.store.files import read_regular, remove_durably, remove_if_empty, write_durably
from issuelog.vcs.git import words_of
from issuelog.vcs.index import lock_of, staged
from issuelog.vcs.locate import Place
from issuelog.vcs.objects import Objects, blob_id
from issuelog.vcs.refs import Swap, move_head_after_death, release_locks_of_the_dead
from issuelog.vcs.repository import Repository

_AT_ONCE_SECONDS = 1.0
_QUIETLY = ("-c", "gc.auto=0", "-c", "maintenance.auto=false")  # what it leaves running would hold our lock


def move(repository: Repository, commit: str, lock: int, work: str) -> None:
    """Move HEAD, the index and the files on to a later commit; `lock` is the descriptor of issuelog's lock.

    `work` is what it is a part of, for whoever has to settle it.

    Raises Conflict where a file of the user's is in the way; then nothing has changed.
    """
    record = _record(repository.place)
    before = repository.objects.head().expected
    _write_record(repository, before, commit, work)
    hooks = repository.says("issuelog.verify")
    done = repository.git.attempt(*_QUIETLY, "merge", "--ff-only", "--quiet", commit, hooks=hooks, keep=(lock,))
    if done.returncode < 0:
        settle(repository, lambda _: None)  # git was killed, and we were not
    remove_durably(record)
    if done.returncode:
        raise Conflict(
            f"{words_of(done, 'merge')}\nnothing was changed",
            hint="commit your own changes, or put them aside: git stash; then try again",
        )


@contextmanager
def merging(repository: Repository) -> Iterator[None]:
    """Let git merge commits; what it lays into the work tree for that meanwhile is removed, whatever happens."""
    head, record = repository.objects.head().expected, _record(repository.place)
    _write_record(repository, head, head, "sync")
    begun = record.stat().st_mtime
    try:
        yield
    finally:
        _remove_leftovers(repository, begun)
        remove_durably(record)


def settle(repository: Repository, say: Callable[[str], None]) -> None:
    """Finish or put back a move that was broken off in this work tree. The caller holds the lock."""
    record = _record(repository.place)
    content = read_regular(record)
    if content is None:
        return
    try:
        entry = json.loads(content)
        before, commit, work = str(entry["before"]), str(entry["commit"]), str(entry.get("work", "sync"))
    except (ValueError, KeyError, TypeError):
        remove_durably(record)  # torn: the move had not begun
        return
    begun = record.stat().st_mtime
    _remove_leftovers(repository, begun)
    release_locks_of_the_dead(repository, commit, begun)
    head = repository.objects.head()
    if head.expected == before != commit:
        changed = repository.objects.differences(head.tree_ish, commit)
        if changed.keys() & staged(repository.git, commit).keys():
            left, moved = _put_back(repository, changed)
            _release_index(repository, begun, had_moved=moved)
            say(f"put back an interrupted {work}" + (f"; look at {', '.join(left)}" if left else ""))
        elif move_head_after_death(repository, commit, before) is Swap.DONE:
            say(f"finished an interrupted {work}")
    remove_durably(record)


def is_under_way(place: Place) -> bool:
    """Whether files of this work tree are being moved on, or that was broken off."""
    return _record(place).exists()


def _record(place: Place) -> Path:
    return place.private / (f"moving-{place.name}" if place.name else "moving")


def _write_record(repository: Repository, before: str, commit: str, work: str) -> None:
    entry = {"before": before, "commit": commit, "work": work}
    write_durably(_record(repository.place), json.dumps(entry).encode())


def _remove_leftovers(repository: Repository, begun: float) -> None:
    """Remove the files that git lays out for a merge driver, at the top of the work tree."""
    for path in repository.top.glob(".merge_file_??????"):
        if path.is_file() and path.stat().st_mtime >= begun:
            path.unlink(missing_ok=True)


def _release_index(repository: Repository, begun: float, *, had_moved: bool) -> None:
    """Remove the lock on the index that the dead git has left; the lock of a person's git stays.

    Git holds it from its first moment until it has moved the last file. So it is the dead one's where files have
    moved, for no other could take it since; else only an empty one that was taken at once.
    """
    lock = lock_of(repository.index)
    if lock.exists():
        state = lock.stat()
        if had_moved or (state.st_size == 0 and 0 <= state.st_mtime - begun < _AT_ONCE_SECONDS):
            lock.unlink(missing_ok=True)


def _put_back(repository: Repository, changed: dict[str, tuple[str | None, str | None]]) -> tuple[list[str], bool]:
    """Make files as they were that git had begun to change.

    Returns those that are as neither side has them, and whether git had begun.
    """
    restored, removed, left = [], [], []
    for path, (old, new) in changed.items():
        target = repository.top / path
        try:
            content = read_regular(target)
        except Conflict:
            left.append(path)
            continue
        if _is(repository.objects, content, old):
            continue
        # Git takes a file away before it writes it anew: what is there may be only the beginning.
        if content is not None and not _begins(repository.objects, content, new):
            left.append(path)
        elif old:
            restored.append(path)
        else:
            target.unlink()
            removed.append(target.parent)
    stdin = "".join(f"{path}\0" for path in restored).encode("utf-8", "surrogateescape")
    if restored:
        repository.git.run("checkout-index", "--force", "-z", "--stdin", stdin=stdin)
    remove_if_empty(removed)
    return left, bool(restored or removed)


def _is(objects: Objects, content: bytes | None, blob: str | None) -> bool:
    """Whether a content is that of a blob. Git is asked only where the id does not say it: there may be thousands."""
    return blob_id(content, len(blob or "")) == blob or content == _content(objects, blob)


def _begins(objects: Objects, content: bytes, blob: str | None) -> bool:
    return _is(objects, content, blob) or (_content(objects, blob) or b"").startswith(content)


def _content(objects: Objects, blob: str | None) -> bytes | None:
    return objects.content(blob) if blob else None
