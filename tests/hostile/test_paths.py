"""Names and places that strangers choose: nothing is read, written or named outside of where it belongs."""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
import unicodedata
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from hostile.made import hostile_report
from hostile.payloads import assert_inert
from hostile.watch import no_hang
from issuelog.model.filenames import safe_name
from support.cli import Done, Tracker

SECRET = "the-words-of-another-file"


@pytest.fixture(autouse=True)
def never_stuck() -> Iterator[None]:
    with no_hang():
        yield


@pytest.fixture
def report(tracker: Tracker) -> str:
    tracker.become(attach_first)
    return tracker.ids()[0]


def attach_first(tracker: Tracker) -> None:
    log = tracker.root.parent / "first.log"
    log.write_text("first")
    tracker.new("--attach", str(log))


def assert_sound(tracker: Tracker, done: Done) -> None:
    assert done.code not in {70, 130}, done.err
    assert SECRET not in done.out + done.err
    assert_inert(done.out + done.err)


# Names of attachments

NAMES = {
    "-rf": "rf",
    "--upload-pack=x": "upload-pack_x",
    ".git": "git",
    ".gitattributes": "gitattributes",
    "CON": "file-CON",
    "aux.txt": "file-aux.txt",
    "a\nb.log": "a_b.log",
    "\x1b]0;owned\x07.png": "0_owned.png",
    "a\u202egnp.exe": "a_gnp.exe",
    "$(touch ran)`touch ran`;touch ran": "touch_ran_touch_ran_touch_ran",
    "a b.log": "a_b-2.log",
    "A_B.LOG": "A_B-3.LOG",
    "Übersicht.pdf": "Übersicht.pdf",
    unicodedata.normalize("NFD", "übersicht.pdf"): "übersicht-2.pdf",
    "[red].yaml": "red.yaml",
}


def test_hostile_names_of_attached_files_become_safe_ones(tracker: Tracker, report: str, tmp_path: Path) -> None:
    folder = tmp_path / "sent"
    folder.mkdir()
    for name in NAMES:
        (folder / name).write_text(f"content of {name}")
    tracker.ok("attach", report, "--", *(str(folder / name) for name in NAMES))
    files = {one["file"]: one["sha256"] for one in tracker.show(report)["attachments"]}
    for name in NAMES:
        assert hashlib.sha256(f"content of {name}".encode()).hexdigest() in files.values(), name
    assert_all_inside(tracker, report, ["first.log", *NAMES])
    assert not any(tmp_path.rglob("ran"))


MAILED = (
    "../../x",
    "..\\..\\y",
    "/etc/passwd",
    "C:\\boot.ini",
    "..",
    "",
    "x" * 300,
    "é" * 200 + ".png",
    "a\0b",
    "%2e%2e%2fz",
)


def test_hostile_names_in_a_mail_become_safe_ones(tracker: Tracker, tmp_path: Path) -> None:
    mail = EmailMessage()
    mail["Subject"] = "=?utf-8?q?=1B]0;owned=07[red]?="
    mail["From"] = "=?utf-8?q?=E2=80=AEgnp?= <jo@acme.example>"
    mail.set_content("It broke.\n")
    for number, name in enumerate(MAILED):
        mail.add_attachment(
            f"{number}".encode(), maintype="image", subtype="png", filename=name.replace("\0", "") or "e"
        )
    (tmp_path / "a.eml").write_bytes(bytes(mail))
    (row,) = tracker.json("import", "mail", str(tmp_path / "a.eml"))
    assert_all_inside(tracker, row["id"], MAILED)
    for line in (["show", row["id"]], ["list"]):
        for face in ([], ["--color", "always"]):
            assert_inert(tracker.ok(*line, *face))


def assert_all_inside(tracker: Tracker, report: str, names: object) -> None:
    """Every attachment is a file of a safe name in the report's folder, and nothing else is there."""
    assert isinstance(names, (dict, list, tuple))
    kept = tracker.root / "attachments" / report
    found = [one["file"] for one in tracker.show(report)["attachments"]]
    assert len({name.casefold() for name in found}) == len(found) == len(names)
    assert sorted(path.name for path in kept.iterdir()) == sorted(found)
    assert {path.name for path in (tracker.root / "attachments").iterdir()} == {".gitattributes", report}
    for name in found:
        assert (kept / name).is_file()
        assert not name.startswith((".", "-"))
        assert len(name.encode()) <= 120
        assert unicodedata.is_normalized("NFC", name)
        assert all(char.isalnum() or char in "._-" for char in name)
    tracker.ok("check")
    assert tracker.git("status", "--porcelain", "--untracked-files=all") == ""


def test_what_a_name_becomes() -> None:
    for name, safe in NAMES.items():
        if name not in {"a b.log", "A_B.LOG"} and not safe.endswith("-2.pdf"):
            assert safe_name(name) == safe


# Attachments that a report names

OUTSIDE = ("../../x", "../x", "/etc/passwd", "..", ".", "a/b", "a\0b", "x" * 5000, "-rf", "~/.ssh/id_rsa", "\udfff")


@pytest.mark.parametrize("name", [name for name in OUTSIDE if name != "\udfff"], ids=lambda name: repr(name[:20]))
def test_an_attachment_that_a_report_names_outside_is_not_read(
    tracker: Tracker, report: str, tmp_path: Path, name: str
) -> None:
    content = SECRET.encode()
    for place in (tmp_path / "x", tracker.root / "x", tracker.root / "attachments" / "x"):
        place.write_bytes(content)
    path = tracker.path(report)
    named = '"' + name.replace("\0", "\\0") + '"'
    old = tracker.show(report)["attachments"][0]
    path.write_text(
        path.read_text()
        .replace("file: first.log", f"file: {named}")
        .replace(old["sha256"], hashlib.sha256(content).hexdigest())
    )
    done = tracker.run("check")
    assert_sound(tracker, done)
    assert done.code == 1
    assert "is not there" in done.out or "cannot be read" in done.out
    for line in (["show", report], ["list"], ["next", report], ["show", report, "--color", "always"]):
        assert_sound(tracker, tracker.run(*line))


# Something else in the place of a file or a folder

Make = Callable[[Path, Path], None]


def link_to_the_same(place: Path, outside: Path) -> None:
    place.symlink_to(outside)


def dangling_link(place: Path, _: Path) -> None:
    place.symlink_to(place.parent / "nowhere")


def link_to_itself(place: Path, _: Path) -> None:
    place.symlink_to(place.name)


def link_to_a_device(place: Path, _: Path) -> None:
    place.symlink_to("/dev/zero")


def pipe(place: Path, _: Path) -> None:
    os.mkfifo(place)


def listening_socket(place: Path, _: Path) -> None:
    here = Path.cwd()
    os.chdir(place.parent)  # a socket's path is short
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(place.name)
    finally:
        os.chdir(here)


def folder(place: Path, _: Path) -> None:
    place.mkdir()


def file(place: Path, _: Path) -> None:
    place.write_text("a file\n")


MAKES = (link_to_the_same, dangling_link, link_to_itself, link_to_a_device, pipe, listening_socket, folder, file)
PLACES = (
    "reports/{year}/{month}/{report}.yaml",
    "reports/{year}/{month}",
    "reports/{year}",
    "reports",
    "attachments",
    "attachments/{report}",
    "attachments/{report}/first.log",
    ".issuelog",
    ".issuelog/config.yaml",
    ".issuelog/templates",
    ".issuelog/templates/en",
    ".issuelog/templates/en/acknowledge.md",
    "reports/.gitattributes",
)
# Git itself opens `.gitattributes` and waits for a pipe there; no clone can bring one.
CASES = [
    (place, make)
    for place in PLACES
    for make in (
        MAKES if place.startswith("reports/{year}/{month}/") else (link_to_the_same, link_to_a_device, pipe, file)
    )
    if (place, make) != ("reports/.gitattributes", pipe)
]


@pytest.mark.parametrize(
    ("place", "make"), [pytest.param(place, make, id=f"{place}, {make.__name__}") for place, make in CASES]
)
def test_what_lies_in_the_place_of_ours_is_neither_followed_nor_waited_for(
    tracker: Tracker, report: str, tmp_path: Path, place: str, make: Make
) -> None:
    path = tracker.path(report)
    month, year = path.parent.name, path.parent.parent.name
    target = tracker.root / place.format(year=year, month=month, report=report)
    template = tracker.root / ".issuelog/templates/en/acknowledge.md"
    template.parent.mkdir(parents=True)
    template.write_text("Hello {{ ref }}")
    outside = tmp_path / "outside"
    shutil.move(target, outside)
    mark(outside, report)
    before = contents(outside)
    make(target, outside)
    (tmp_path / "more.log").write_text("more")
    codes = {}
    for line in (
        ["list"],
        ["show", report],
        ["check"],
        ["doctor"],
        ["ack", report],
        ["note", report, "x"],
        ["attach", report, str(tmp_path / "more.log")],
    ):
        done = tracker.run(*line)
        assert_sound(tracker, done)
        codes[line[0]] = done.code
    assert contents(outside) == before
    assert set(codes.values()) <= {0, 1, 3, 4, 5, 6, 7}, codes
    if place.startswith("reports/{year}") or place in {"reports", ".issuelog"}:
        assert codes["show"] in {3, 4, 6, 7}, codes
    if not place.startswith(("attachments", ".issuelog/templates", "reports/.git")):
        assert codes["note"] in {3, 4, 6, 7}, codes
    if place.startswith(".issuelog/templates") and make is not file:
        assert codes["ack"] in {0, 6}, codes


def mark(outside: Path, report: str) -> None:
    """Put words where they would be seen by whoever follows a link to here."""
    for path in [outside] if outside.is_file() else [one for one in outside.rglob("*") if one.is_file()]:
        text = path.read_text()
        if "\ntitle: " in text:
            text = text.replace("\ntitle: ", f"\ntitle: {SECRET} ")
        path.write_text(text + f"\n# {SECRET}\n")


def contents(outside: Path) -> list[tuple[str, bytes]]:
    found = sorted([outside, *outside.rglob("*")])
    return [(str(path), path.read_bytes() if path.is_file() else b"") for path in found]


@pytest.mark.parametrize("place", ["attachments", "attachments/{report}"])
def test_check_does_not_look_for_attachments_behind_a_link(
    tracker: Tracker, report: str, tmp_path: Path, place: str
) -> None:
    target = tracker.root / place.format(report=report)
    shutil.move(target, tmp_path / "outside")
    target.symlink_to(tmp_path / "outside")
    assert tracker.run("check").code == 1


# What a user types, or a script passes on


@pytest.mark.parametrize(
    "command",
    [
        *(["show"], ["next"], ["missing"], ["note", "x"], ["ack"], ["edit"]),
        *(["log"], ["undo"]),
    ],
    ids=lambda command: command[0],
)
def test_an_empty_id_means_no_report_and_never_all(tracker: Tracker, report: str, command: list[str]) -> None:
    before = tracker.fingerprint()
    done = tracker.run(command[0], "", *command[1:])
    assert (done.code, done.out) == (4, "")
    assert tracker.fingerprint() == before


IDS = (
    " ",
    "../../etc/passwd",
    "../../etc/passwd.yaml",
    "/etc/passwd",
    ".",
    "..",
    "*",
    "CR-261116-0001\n",
    "a\tb",
    "CR-999999-0001",
    "CR-261116-0001.yaml",
    "refs/heads/main",
    "HEAD",
    ":(glob)*",
    "~root",
    "%s",
    "x" * 10_000,
    "👩",
)
OPTIONS = ("--upload-pack=x", "--output=pwned", "-O", "-rf", "--exec=touch pwned")
AIMED = (["show"], ["next"], ["missing"], ["log"], ["undo"], ["note", "x"], ["attach", "x"], ["edit"], ["ack"])


@pytest.mark.parametrize("typed", IDS, ids=lambda typed: repr(typed[:20]))
def test_an_id_is_only_ever_compared(tracker: Tracker, report: str, typed: str) -> None:
    before = tracker.fingerprint()
    for command, *rest in AIMED:
        done = tracker.run(command, *rest[:0], "--", typed, *rest)
        assert_sound(tracker, done)
        assert done.code in {2, 4}, (command, done.err)
        assert len(done.err) < 2000
    many = tracker.run("show", "-", stdin=f"{typed}\0{typed}\n")
    assert_sound(tracker, many)
    assert many.code in {0, 4}  # nothing but white space names nothing
    assert tracker.fingerprint() == before


@pytest.mark.parametrize("typed", OPTIONS)
def test_an_option_in_the_place_of_an_id_reaches_nobody(
    tracker: Tracker, typed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # An id of digits alone: at random it might have the letters of an option, which then were a part of it.
    monkeypatch.setattr("issuelog.tracker.random_number", lambda: 7 * (32**3 + 32**2 + 32 + 1))
    assert tracker.new().endswith("-7777")
    before = tracker.fingerprint()
    for command, *rest in AIMED:
        for done in (tracker.run(command, typed, *rest), tracker.run(command, *rest[:0], "--", typed, *rest)):
            assert_sound(tracker, done)
            assert done.code in {2, 4}, (command, done.err)
    assert tracker.run("show", "-", stdin=typed).code == 4
    assert tracker.fingerprint() == before
    assert not list(tracker.root.rglob("*pwned*"))


def test_ids_in_a_report_lead_nowhere(tracker: Tracker, report: str) -> None:
    path = tracker.path(report)
    text = path.read_text()
    for field in ("duplicate_of", "recurrence_of", "related"):
        for named in ("../../etc/passwd", "--upload-pack=x", "CR-000000-0000"):
            value = f"\n    - {named}" if field == "related" else f" {named}"
            path.write_text(text.replace("events:", f"links:\n  {field}:{value}\nevents:"))
            for line in (["check"], ["show", report], ["list"], ["next", report]):
                assert_sound(tracker, tracker.run(*line))


def test_a_time_zone_or_a_language_leads_to_no_file(tracker: Tracker, report: str) -> None:
    for value in (
        "../../../etc/passwd",
        "/etc/passwd",
        "Europe",
        ".",
        "",
        "x" * 5000,
        "a\0b",
        "posixrules/../UTC",
        "-",
    ):
        for field in ("timezone", "language"):
            made = hostile_report(report, "t", state="new", customer={"name": "Jo", field: value or "en"})
            path = tracker.path(report)
            path.write_bytes(made)
            tracker.git("commit", "-qam", "pulled", "--allow-empty")
            assert_sound(tracker, tracker.run("ack", report, "--dry-run"))
