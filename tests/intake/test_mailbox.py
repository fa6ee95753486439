"""An mbox and a Maildir: where one mail ends and the next begins, and what is left alone."""

from __future__ import annotations

import io
import os
import re
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issuelog.errors import InvalidFile
from issuelog.intake import mail, mailbox
from issuelog.intake.incoming import Incoming, Rejected
from support.refused import require_read_or_refused_with_a_place

DATED = b"From ann@acme.example Mon Jun  1 08:00:00 2026\n"


def letter(body: str = "Hello", subject: str = "It broke", number: int = 1) -> bytes:
    head = f"From: Ann <ann@acme.example>\nSubject: {subject}\nMessage-ID: <{number}@acme.example>\n"
    return f"{head}\n{body}\n".encode()


def read(data: bytes) -> list[Incoming | Rejected]:
    return list(mailbox.read(io.BytesIO(data), "in/box"))


def stories(data: bytes) -> list[str]:
    return [item.story if isinstance(item, Incoming) else item.reason for item in read(data)]


def test_the_mails_of_an_mbox_come_in_order_each_with_its_place() -> None:
    box = b"\n".join([DATED + letter("one"), DATED + letter("two", number=2), DATED + letter("three", number=3)])
    items = read(box)
    assert [item.place for item in items] == ["mail 1 (line 1)", "mail 2 (line 8)", "mail 3 (line 15)"]
    assert stories(box) == ["one\n", "two\n", "three\n"]
    (alone,) = mail.read(letter("two", number=2), "x")
    assert isinstance(alone, Incoming)
    assert items[1] == replace(alone, place=items[1].place)


def test_a_mail_is_read_as_before_it_is_no_mbox() -> None:
    assert read(letter()) == list(mail.read(letter(), "in/box"))
    with pytest.raises(InvalidFile) as caught:
        read(b"")
    assert caught.value.problems[0].path == "in/box"


def test_a_mail_without_an_id_is_the_same_in_an_mbox_and_as_a_file() -> None:
    text = b"Subject: x\n\nHello\n"
    (alone,) = read(text)
    for box in (DATED + text, DATED + text + b"\n", DATED + text + b"\n" + DATED + text):
        first = read(box)[0]
        assert isinstance(first, Incoming)
        assert isinstance(alone, Incoming)
        assert first.external_ref == alone.external_ref


@pytest.mark.parametrize(
    "line",
    [
        b"From -\n",
        b"From - \n",
        b"From - Mon Jun  3 12:50:27 1996\n",
        b"From 1844347792267117879@xxx\n",
        b"From 1844347792267117879@xxx Fri Sep 26 17:18:40 +0000 2025\n",
        b"From MAILER-DAEMON Fri Jul  8 12:08:34 2011\n",
        b'From "ann lee"@acme.example Fri Jul  8 12:08 2011\n',
        b"From ann@acme.example  Fri, 26 Sep 2025 10:18:40 -0700\r\n",
        b"From ???@??? Mon Jan 01 00:00:00 1997\n",
        b"From  Fri Jul  8 12:08:34 2011 remote from host\n",
    ],
)
def test_every_program_begins_a_mail_in_its_own_way(line: bytes) -> None:
    assert stories(line + letter("one") + line + letter("two")) == ["one\n", "two\n"]
    assert stories(b"\xef\xbb\xbf" + line + letter("one")) == ["one\n"]


def test_empty_lines_may_come_before_everything() -> None:
    items = read(b"\n\r\n" + DATED + letter("one") + DATED + letter("two"))
    assert [item.place for item in items] == ["mail 1 (line 3)", "mail 2 (line 9)"]
    assert read(b"\n\n" + letter()) == list(mail.read(b"\n\n" + letter(), "in/box"))


def test_words_of_the_customer_that_begin_with_from_begin_no_mail() -> None:
    body = "From Russia with love\nYear: 1963\n\nFrom ann@acme.example\n\nFrom here on Mon it broke at 8:00\n\nFrom"
    assert stories(DATED + letter(body)) == [body + "\n"]


def test_quoted_lines_come_back_as_they_were_written() -> None:
    body = ">From now on\n>>From then\n> From me\n>>Fromage"
    assert stories(DATED + letter(body)) == ["From now on\n>From then\n> From me\n>>Fromage\n"]


def test_ends_of_lines_may_be_those_of_windows() -> None:
    box = (DATED + letter(">From a\nb") + b"\n" + DATED + letter("two")).replace(b"\n", b"\r\n")
    assert stories(box) == ["From a\nb\n", "two\n"]


def test_lines_without_an_end_begin_and_quote_nothing_in_their_middle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailbox, "_AT_ONCE", 64)
    long = "x" * 64 + ">From a" + "y" * 57 + "From ann@acme.example"
    assert stories(DATED + letter(long) + DATED + letter("two")) == [long + "\n", "two\n"]


def test_a_mail_that_is_too_large_is_rejected_alone() -> None:
    large = DATED + b"Subject: x\n\n" + b"y" * mail.MAX_MAIL + b"\n"
    box = DATED + letter("one") + large + DATED + letter("three")
    items = read(box)
    assert [type(item) for item in items] == [Incoming, Rejected, Incoming]
    assert items[1] == Rejected("mail 2 (line 7)", "it is larger than 25 MB")


@pytest.mark.parametrize("end", [b"\0", b"\n"])
def test_a_mail_without_end_is_not_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, end: bytes) -> None:
    monkeypatch.setattr(mailbox, "MAX_MAIL", 200_000)
    (tmp_path / "box").write_bytes(DATED + b"Subject: x\n\n" + (b"y" * 79 + end) * 100_000)
    tracemalloc.start()
    try:
        with (tmp_path / "box").open("rb") as stream:
            assert [type(item) for item in mailbox.read(stream, "box")] == [Rejected]
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ("X-Mozilla-Status: 0009\n", "deleted"),
        ("X-Status: AD\n", "deleted"),
        ("X-IMAP: 1 2\nSubject: DON'T DELETE THIS MESSAGE -- FOLDER INTERNAL DATA\n", "note of the mail server"),
        ("X-Mozilla-Status: 0001\nX-Status: RO\n", ""),
    ],
)
def test_what_the_mail_program_has_deleted_or_noted_for_itself_is_left_out(headers: str, reason: str) -> None:
    (item,) = read(DATED + headers.encode() + letter("X-Mozilla-Status: 0009"))
    assert isinstance(item, Rejected) == bool(reason)
    assert isinstance(item, Incoming) or (item.expected and reason in item.reason)


def test_what_is_no_mail_in_an_mbox_is_rejected_with_its_place_and_the_others_stay() -> None:
    items = read(DATED + b"\0\0\0\n" + DATED + letter() + DATED)
    assert [(type(item), item.place) for item in items] == [
        (Rejected, "mail 1 (line 1)"),
        (Incoming, "mail 2 (line 3)"),
    ]


BODIES = st.lists(
    st.sampled_from(
        ["From ann@acme.example", "From -", ">From x", ">>From y", "Year: 1963", "", "x", "From x Mon 1:00"]
    ),
    max_size=6,
).map("\n".join)


@given(st.lists(BODIES, min_size=1, max_size=4), st.booleans())
def test_what_a_program_that_quotes_has_written_comes_back(bodies: list[str], windows: bool) -> None:
    """The rule of mboxrd: every line that begins with From, behind any number of >, gets one > more."""
    box = b"".join(DATED + re.sub(rb"^(>*From )", rb">\1", letter(body), flags=re.M) + b"\n" for body in bodies)
    expected = [said(letter(body)) for body in bodies]
    assert stories(box.replace(b"\n", b"\r\n") if windows else box) == expected


def said(text: bytes) -> str:
    (item,) = mail.read(text, "x")
    assert isinstance(item, Incoming)
    return item.story


@given(
    st.binary(max_size=80) | st.lists(st.sampled_from([DATED, b"From ", b"A: b\n", b"\n", b">", b"\r"])).map(b"".join)
)
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    require_read_or_refused_with_a_place(read, data)


# --- Maildir ----------------------------------------------------------------------------------------------------


@pytest.fixture
def maildir(tmp_path: Path) -> Path:
    for part in ("new", "cur", "tmp"):
        (tmp_path / "Maildir" / part).mkdir(parents=True)
    return tmp_path / "Maildir"


def state(folder: Path) -> Iterator[tuple[str, int, int]]:
    for path in sorted(folder.rglob("*")):
        stat = path.lstat()
        yield str(path), stat.st_mode, stat.st_mtime_ns


def test_a_maildir_gives_its_new_and_its_seen_mails_and_is_left_as_it_was(maildir: Path) -> None:
    (maildir / "cur/2.a:2,S").write_bytes(letter("seen"))
    (maildir / "new/3.a").write_bytes(letter("new"))
    (maildir / "tmp/1.a").write_bytes(letter("half"))
    (maildir / "new/.hidden").write_bytes(b"x")
    (maildir / "subscriptions").write_bytes(b"x")
    before = list(state(maildir))
    items = list(mailbox.read_maildir(maildir))
    assert [(item.place, item.story) for item in items if isinstance(item, Incoming)] == [
        ("new/3.a", "new\n"),
        ("cur/2.a:2,S", "seen\n"),
    ]
    assert len(items) == 2
    assert list(state(maildir)) == before


def test_links_pipes_drafts_and_deleted_mails_of_a_maildir_are_left_out(maildir: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(letter("secret"))
    (maildir / "cur/1:2,").symlink_to(tmp_path / "secret")
    os.mkfifo(maildir / "cur/2:2,")
    (maildir / "cur/3:2,").mkdir()
    (maildir / "cur/4:2,ST").write_bytes(letter())
    (maildir / "cur/5:2,D").write_bytes(letter())
    (maildir / "cur/6:2,S").write_bytes(b"\0\0\0")
    items = list(mailbox.read_maildir(maildir))
    assert [(item.place, isinstance(item, Rejected) and item.expected) for item in items] == [
        ("cur/1:2,", True),
        ("cur/2:2,", True),
        ("cur/3:2,", True),
        ("cur/4:2,ST", True),
        ("cur/5:2,D", True),
        ("cur/6:2,S", False),
    ]


def test_a_folder_that_is_a_link_is_no_part_of_a_maildir(maildir: Path, tmp_path: Path) -> None:
    (maildir / "cur/1").write_bytes(letter())
    (tmp_path / "other").mkdir()
    for part in ("new", "cur"):
        (tmp_path / "other" / part).symlink_to(maildir / part)
    assert mailbox.is_maildir(maildir)
    assert not mailbox.is_maildir(tmp_path / "other")
    assert not mailbox.is_maildir(tmp_path)


def test_a_mail_that_the_mail_program_moves_meanwhile_is_told(maildir: Path) -> None:
    for name in ("1", "2"):
        (maildir / "new" / name).write_bytes(letter(name))
    items = mailbox.read_maildir(maildir)
    assert isinstance(next(items), Incoming)
    (maildir / "new/2").rename(maildir / "cur/2:2,S")
    assert [(item.place, type(item)) for item in items] == [("new/2", Rejected), ("cur/2:2,S", Incoming)]
