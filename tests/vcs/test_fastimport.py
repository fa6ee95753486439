"""Many commits at once, made beside the repository and not in it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from issuelog.errors import GitRefused
from issuelog.vcs import fastimport
from issuelog.vcs.locate import Place, locate
from issuelog.vcs.repository import Repository
from support.cli import Tracker

ANYWHERE = 'a "quoted\\" \n\tpäth\udcff/: '


def repository(tracker: Tracker) -> Repository:
    place = locate(tracker.root)
    assert isinstance(place, Place)
    return Repository(place)


def stream(files: dict[str, bytes], author: str = "Kim Ü <kim@example.com>") -> Iterator[bytes]:
    sign = fastimport.Signature(f"{author} 1700000000 +0100", "Ana Reyes <ana@example.com> 1700000001 +0000")
    for number, (path, content) in enumerate(files.items(), 1):
        yield fastimport.commit(number, sign, f"commit {number}\n\nTrailer: ü\n")
        yield from fastimport.file(path, content)


def seen(tracker: Tracker) -> list[object]:
    git = tracker.root / ".git"
    files = sorted(str(path) for path in git.rglob("*") if path.is_file() and path.name != "index")
    return [tracker.git("for-each-ref"), tracker.fingerprint(), files]


def take_in(tracker: Tracker, room: Path) -> None:
    for pack in fastimport.packs(room):
        pack.replace(tracker.root / ".git/objects/pack" / pack.name)


def test_commits_follow_each_other_upon_the_head_and_nobody_sees_them(tracker: Tracker, tmp_path: Path) -> None:
    before, head = seen(tracker), repository(tracker).objects.head()
    files = {"reports/a": b"one\n", "b": b"\0\r\n" * 100, f"c/{ANYWHERE}/d": b"", "reports/e": b"one\n"}
    commits = fastimport.run(repository(tracker), tmp_path / "room", head, stream(files))
    assert seen(tracker) == before
    take_in(tracker, tmp_path / "room")
    assert tracker.git("rev-list", "--reverse", f"{head.commit}..{commits[-1]}").split() == commits
    tracker.git("fsck", "--strict")
    shown = tracker.git("log", "-1", "--format=%an|%ae|%at|%ai|%cn|%ct|%B", commits[0])
    assert shown.startswith(
        "Kim Ü|kim@example.com|1700000000|2023-11-14 23:13:20 +0100|Ana Reyes|1700000001|commit 1\n"
    )
    assert "Trailer: ü" in shown
    for path, content in files.items():
        read = repository(tracker).objects.read([f"{commits[-1]}:{path}"])[0]
        assert read is not None
        assert read.content == content


def test_a_repository_of_another_hash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DEFAULT_HASH", "sha256")
    tracker = Tracker.make(tmp_path / "r")
    room = tmp_path / "room"
    (commit,) = fastimport.run(repository(tracker), room, repository(tracker).objects.head(), stream({"a": b"x"}))
    take_in(tracker, room)
    assert len(commit) == 64
    assert tracker.git("cat-file", "-t", commit) == "commit\n"


@pytest.mark.parametrize("name", ['q"uote', "line\nfeed", "co:lon", "back\\slash"])
def test_a_repository_at_a_path_that_needs_quotes(tmp_path: Path, name: str) -> None:
    tracker = Tracker.make(tmp_path / name)
    head = repository(tracker).objects.head()
    assert len(fastimport.run(repository(tracker), tmp_path / "room", head, stream({"a": b"x"}))) == 1


def test_of_a_pack_the_index_comes_last(tracker: Tracker, tmp_path: Path) -> None:
    tracker.git("config", "pack.writeReverseIndex", "true")
    fastimport.run(repository(tracker), tmp_path / "room", repository(tracker).objects.head(), stream({"a": b"x"}))
    suffixes = [path.suffix for path in fastimport.packs(tmp_path / "room")]
    assert (suffixes[0], suffixes[-1]) == (".pack", ".idx")


def test_a_stream_that_breaks_off_is_no_import(tracker: Tracker, tmp_path: Path) -> None:
    before = seen(tracker)

    def broken() -> Iterator[bytes]:
        yield from stream({"a": b"x"})
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fastimport.run(repository(tracker), tmp_path / "room", repository(tracker).objects.head(), broken())
    assert fastimport.packs(tmp_path / "room") == []
    assert seen(tracker) == before
    assert not _running(tmp_path / "room")


def test_git_s_words_are_heard(tracker: Tracker, tmp_path: Path) -> None:
    before = seen(tracker)
    with pytest.raises(GitRefused, match="Unsupported command: nonsense"):
        fastimport.run(
            repository(tracker), tmp_path / "room", repository(tracker).objects.head(), iter([b"nonsense\n" * 100_000])
        )
    assert seen(tracker) == before


def _running(room: Path) -> bool:
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    return any("fast-import" in line and os.fspath(room) in line for line in listed.splitlines())
