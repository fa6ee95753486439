"""Names of attachments: whatever a stranger typed, a file in its own folder."""

from __future__ import annotations

from pathlib import Path, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issuelog.model.filenames import MAX_BYTES, kind_of, safe_name

nasty = st.lists(st.sampled_from([*"./\\-_ aA:~$%\0\n\x1b", "é", "e\u0301", "ß", "\u202e", "日", "🙂", "²"])).map(
    "".join
)
names = st.one_of(
    nasty,
    st.text(max_size=200),
    st.builds(lambda stem, ending: f"{stem}.{ending}", st.text(max_size=150), st.text(max_size=15)),
    st.sampled_from(["con", "CON.txt", "lpt1.log", "../../etc/passwd", "C:\\boot.ini", ".bashrc", "--force", "..", ""]),
)


@given(names)
def test_a_name_never_leaves_its_folder(name: str) -> None:
    safe = safe_name(name)
    folder = Path("attachments/CR-261116-7K3M")
    assert (folder / safe).parent == folder
    assert PureWindowsPath(safe).parts == (safe,)
    assert safe not in {"", ".", ".."}
    assert not set(safe) & set("/\\:\0\n\x1b\u202e ")
    assert safe[0] not in ".-"
    assert not PureWindowsPath(safe).is_reserved()


@given(names)
def test_a_name_is_short_enough_for_any_file_system(name: str) -> None:
    assert 0 < len(safe_name(name).encode()) <= MAX_BYTES


@given(st.lists(names, max_size=8))
def test_names_are_unique_without_case(given_names: list[str]) -> None:
    taken: list[str] = []
    for name in given_names:
        taken.append(safe_name(name, taken))
    assert len({name.casefold() for name in taken}) == len(taken)
    assert all(len(name.encode()) <= MAX_BYTES for name in taken)


@given(names)
def test_a_safe_name_stays_as_it_is(name: str) -> None:
    safe = safe_name(name)
    assert safe_name(safe) == safe


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("red-box.png", "red-box.png"),
        ("Screenshot 2026-11-16 08.00.01.PNG", "Screenshot_2026-11-16_08.00.01.PNG"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\jo\\export.log", "export.log"),
        (".bashrc", "bashrc"),
        ("--force.log", "force.log"),
        ("con.txt", "file-con.txt"),
        ("LPT1", "file-LPT1"),
        ("", "file"),
        ("...", "file"),
        ("Übersicht März.pdf", "Übersicht_März.pdf"),
        ("U\u0308bersicht.pdf", "Übersicht.pdf"),
        ("export\u202egnp.exe", "export_gnp.exe"),
        ("請求書.pdf", "請求書.pdf"),
    ],
)
def test_what_becomes_of_a_name(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_a_taken_name_gets_a_number_before_its_ending() -> None:
    assert safe_name("log.txt", ["log.txt"]) == "log-2.txt"
    assert safe_name("LOG.TXT", ["log.txt", "log-2.txt"]) == "LOG-3.TXT"
    assert safe_name("log", ["log"]) == "log-2"


def test_a_long_name_keeps_its_ending() -> None:
    safe = safe_name("é" * 200 + ".png")
    assert safe.endswith("é.png")
    assert len(safe.encode()) <= MAX_BYTES
    again = safe_name("é" * 200 + ".png", [safe])
    assert again.endswith("é-2.png")
    assert len(again.encode()) <= MAX_BYTES


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.png", "screenshot"),
        ("a.JPEG", "screenshot"),
        ("a.log", "log"),
        ("a.txt", "log"),
        ("a.tar.gz", "data"),
        ("a.csv", "data"),
        ("a.exe", "other"),
        ("a", "other"),
    ],
)
def test_an_ending_promises_a_kind(name: str, kind: str) -> None:
    assert kind_of(name) == kind
