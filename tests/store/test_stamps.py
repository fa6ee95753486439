"""Stamps: two ways to look at a folder that have to agree, and that see every change."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from issuelog.store import stamps as module
from issuelog.store.layout import yaml_files
from issuelog.store.stamps import UNSETTLED, digest_of, digests, stamp, stamps

SETTLED_SECONDS = 0.03
NAMES = st.sampled_from(
    ["a.yaml", "b.yaml", "ä.yaml", "\udcff.yaml", "a\nb.yaml", "x.yaml.bak", ".a.yaml", "z.yaml", "Z.yaml"]
)


def digest(folder: Path) -> bytes:
    ((name, found),) = digests([str(folder)])
    assert name == str(folder)
    return found


def settle() -> None:
    time.sleep(SETTLED_SECONDS)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(NAMES, st.binary(max_size=5), max_size=6))
def test_a_settled_folder_has_the_digest_of_its_stamps(tmp_path: Path, files: dict[str, bytes]) -> None:
    folder = tmp_path / os.urandom(8).hex()
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    seen = {name for name in files if name.endswith(".yaml") and not name.startswith(".")}
    assert stamps(str(folder)).keys() == seen
    if seen:
        unsettled = stamps(str(folder))
        assert digest(folder) == b"" or UNSETTLED not in stamps(str(folder)).values()
        assert digest(folder) != digest_of(unsettled) or UNSETTLED not in unsettled.values()
    settle()
    assert UNSETTLED not in stamps(str(folder)).values()
    assert digest(folder) == digest_of(stamps(str(folder))) != b""


def edit(file: Path) -> None:
    file.write_text("edited")


def keep_size_and_time(file: Path) -> None:
    before = file.stat()
    file.write_text("two")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


def replace(file: Path) -> None:
    other = file.with_suffix(".new")
    other.write_text("one")
    other.replace(file)


def swap(file: Path) -> None:
    other = file.with_name("b.yaml")
    aside = file.with_name("aside")
    file.rename(aside)
    other.rename(file)
    aside.rename(other)


def become_a_link(file: Path) -> None:
    file.rename(file.with_suffix(".old"))
    file.symlink_to(file.with_suffix(".old"))


CHANGES: list[Callable[[Path], object]] = [
    *(edit, keep_size_and_time, replace, swap, become_a_link),
    lambda file: file.unlink(),
    lambda file: file.touch(),
    lambda file: file.chmod(0o600),
    lambda file: file.rename(file.with_name("c.yaml")),
    lambda file: file.with_name("new.yaml").touch(),
    lambda file: os.link(file, file.with_name("linked.yaml")),
]


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_is_seen(tmp_path: Path, change: Callable[[Path], object]) -> None:
    (tmp_path / "a.yaml").write_text("one")
    (tmp_path / "b.yaml").write_text("six")
    settle()
    before = digest(tmp_path), digest_of(stamps(str(tmp_path)))
    change(tmp_path / "a.yaml")
    assert digest(tmp_path) != before[0]
    settle()
    assert digest(tmp_path) != before[0]
    assert digest_of(stamps(str(tmp_path))) != before[1]
    assert digest(tmp_path) == digest_of(stamps(str(tmp_path)))


@pytest.mark.parametrize("seconds", [0, 0.01, -3600, -(10**6)])
def test_what_changed_now_or_in_the_future_is_not_settled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    file = tmp_path / "a.yaml"
    file.touch()
    changed = file.stat().st_ctime_ns
    monkeypatch.setattr(time, "time_ns", lambda: changed + int(seconds * 10**9))
    assert digest(tmp_path) == b""
    assert stamps(str(tmp_path)) == {"a.yaml": UNSETTLED}
    assert stamp(file.stat()) == UNSETTLED


def test_one_file_that_is_not_settled_is_enough(tmp_path: Path) -> None:
    for number in range(5):
        (tmp_path / f"{number}.yaml").touch()
    settle()
    (tmp_path / "2.yaml").touch()
    assert digest(tmp_path) == b""
    assert [name for name, seen in stamps(str(tmp_path)).items() if not seen] == ["2.yaml"]


def test_no_stamps_at_all_are_no_settled_ones() -> None:
    one = bytes(range(32))
    assert (
        len({digest_of(known) for known in ({}, {"a": one}, {"a": UNSETTLED}, {"b": one}, {"a": one, "b": one})}) == 5
    )
    assert digest_of({"a": one, "b": bytes(32)}) == digest_of({"b": bytes(32), "a": one})
    assert digest_of({"a": one, "b": bytes(32)}) != digest_of({"a": bytes(32), "b": one})


@pytest.mark.parametrize("kind", ["gone", "a file", "empty"])
def test_a_folder_that_is_gone_or_none_has_no_files(tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "folder"
    {"gone": lambda: None, "a file": folder.touch, "empty": folder.mkdir}[kind]()
    assert stamps(str(folder)) == {}
    assert digest(folder) == digest_of({})


def test_a_file_that_goes_while_its_folder_is_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.yaml").touch()
    (tmp_path / "b.yaml").touch()
    settle()
    found = yaml_files

    def then_gone(folder: int) -> list[os.DirEntry[str]]:
        files = found(folder)
        (tmp_path / "a.yaml").unlink(missing_ok=True)
        return files

    monkeypatch.setattr(module, "yaml_files", then_gone)
    assert digest(tmp_path) == b""
    (tmp_path / "a.yaml").touch()
    settle()
    assert stamps(str(tmp_path)).keys() == {"b.yaml"}


def test_numbers_that_are_too_large_are_never_settled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.yaml").touch()
    settle()
    monkeypatch.setattr(module, "_numbers", lambda _: (1, 1, 1, 1 << 64))
    assert digest(tmp_path) == b""
    assert stamps(str(tmp_path)) == {"a.yaml": UNSETTLED}


def test_several_folders_each_have_their_own(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.yaml").touch()
    settle()
    found = dict(digests([str(tmp_path / "one"), str(tmp_path / "two"), str(tmp_path / "none")]))
    assert list(found) == [str(tmp_path / name) for name in ("one", "two", "none")]
    assert len(set(found.values())) == 3
