"""Hostile mails through the command line: what is too much is refused with nothing changed, the rest stays inert."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest

from hostile.payloads import assert_ascii, assert_inert
from support.cli import Tracker

HEAD = "From: Jo <jo@acme.example>\nSubject: It broke\n"


def parts(count: int) -> str:
    return HEAD + "Content-Type: multipart/mixed; boundary=b\n\n" + "--b\n\nx\n" * count + "--b--\n"


def nested(depth: int) -> str:
    levels = "".join(f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(depth))
    return HEAD + levels + "\nx\n"


TOO_MUCH = {
    "10,000 parts": (parts(10_000), "more than 500 parts"),
    "1,000 levels": (nested(1_000), "nested more than 10 deep"),
    "a huge header": (f"Subject: {'x' * 2_000_000}\n\nx\n", "a header of this mail is longer than 1 MB"),
    "a huge part": (f"{HEAD}Content-Type: image/png\n\n{'x' * 10_000_001}", "larger than 10 MB"),
    "a huge mail": (HEAD + "\n" + "x" * 25_000_000, "larger than 25 MB"),
    "nothing": ("", "empty"),
    "a binary file": ("\0\1\2" * 1000, "binary"),
}


@pytest.mark.parametrize("name", TOO_MUCH)
def test_too_much_of_a_mail_is_refused_with_nothing_changed(tracker: Tracker, tmp_path: Path, name: str) -> None:
    mail, says = TOO_MUCH[name]
    path = tmp_path / "a.eml"
    path.write_text(mail)
    before = tracker.fingerprint()
    tracemalloc.start()
    try:
        done = tracker.run("import", "mail", str(path))
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (done.code, done.out) == (6, ""), done.err
    assert says in done.err
    assert most < 250_000_000, f"{most:,} bytes"
    assert tracker.fingerprint() == before


SUBJECTS = (
    "=?utf-8?q?=1B]0;owned=07_=1B[2J?=",
    "=?utf-8?b?4oCuZ25wLmV4ZQ==?= [red][/x] :smile:",
    "=?utf-8?q?=0A=0Derror:_forged?=",
    "=?utf-16?b?/v8A?= =?x-unknown?q?=ff=fe?=",
    "=?utf-8?q?=00=7f=C2=9B31m?=",
    "{{ 7*7 }} {% raw %} $(touch ran)",
    "=?idna?q?xn--?= =?rot13?q?a?= =?zlib?b?eJw=?= =?unicode_escape?q?=5cx1b?=",
)
CHARSETS = (
    "x-unknown",
    "utf-7",
    "idna",
    "zlib",
    "rot13",
    "unicode_escape",
    "../../etc/passwd",
    "\x1b[2J",
    "undefined",
    "mbcs",
)


@pytest.mark.parametrize("subject", SUBJECTS, ids=range(len(SUBJECTS)))
def test_hostile_headers_stay_inert(tracker: Tracker, tmp_path: Path, subject: str) -> None:
    name = '"../../\x1b[2J\u202egnp.exe"'
    mail = (
        f"From: {subject} <jo@acme.example>\nSubject: {subject}\nMessage-ID: <\x1b]0;x\x07@[red]>\nDate: \x1b[2J\n"
        f"Content-Type: multipart/mixed; boundary=b\n\n--b\n\n\x1b]52;c;eA==\x07\u202e[link=http://x]\n"
        f"--b\nContent-Type: image/png\nContent-Disposition: attachment; filename={name}\n\nx\n--b--\n"
    )
    path = tmp_path / "a.eml"
    path.write_text(mail, "utf-8")
    dry = tracker.run("import", "mail", "--dry-run", str(path))
    assert_inert(dry.out + dry.err)
    assert_ascii(tracker.run("import", "mail", "--dry-run", "--json", str(path)).out)
    done = tracker.run("import", "mail", str(path))
    assert done.code == 0, done.err
    assert_inert(done.out + done.err)
    report = done.out.split("\t")[0]
    again = tracker.run("import", "mail", str(path))
    assert_inert(again.out + again.err)
    for line in (["list"], ["show", report], ["log"], ["next", report]):
        for face in ([], ["--color", "always"]):
            assert_inert(tracker.ok(*line, *face))
    (kept,) = tracker.root.joinpath("attachments", report).iterdir()
    assert kept.name.endswith("gnp.exe")
    tracker.ok("check")
    assert not list(tmp_path.rglob("ran"))


@pytest.mark.parametrize("subject", SUBJECTS, ids=range(len(SUBJECTS)))
def test_a_hostile_reply_stays_inert_whether_it_is_let_in_or_not(
    tracker: Tracker, tmp_path: Path, subject: str
) -> None:
    first, reply, stranger = (tmp_path / name for name in ("1.eml", "2.eml", "a b\u202e;$(x).eml"))
    first.write_text(f"{HEAD}Message-ID: <\x1b]0;x\x07@[red]>\n\nx\n", "utf-8")
    report = tracker.ok("import", "mail", str(first)).split("\t")[0]
    body = "\n\n\x1b[2J\u202e[red]{{ 7*7 }}\n\n> \x1b]52;c;eA==\x07\n"
    reply.write_text(
        f"From: {subject} <\x1b[31m@[red]>\nSubject: {subject}\nIn-Reply-To: <\x1b]0;x\x07@[red]>{body}", "utf-8"
    )
    stranger.write_text(f"From: {subject} <\u202eeve@evil.example>\nSubject: {report} {subject}{body}", "utf-8")
    for mail, action in ((reply, "received"), (stranger, "import")):
        dry = tracker.run("import", "mail", "--dry-run", str(mail))
        assert_inert(dry.out + dry.err)
        assert_ascii(tracker.run("import", "mail", "--dry-run", "--json", str(mail)).out)
        done = tracker.run("import", "mail", str(mail))
        assert (done.code, done.out.split("\t")[1]) == (0, action), done.err
        assert_inert(done.out + done.err)
    for line in (["list"], ["show", report], ["log"], ["next", report]):
        for face in ([], ["--color", "always"]):
            assert_inert(tracker.ok(*line, *face))
    assert len(tracker.show(report)["messages"]) == 1
    tracker.ok("check")


@pytest.mark.parametrize(
    "references",
    [
        " ".join(f"<{number}@x>" for number in range(60_000)),
        "<first@x> " * 150_000,
        "<" * 900_000,
        "<first@x>" + " <" + "a" * 900_000,
        "\n ".join(["<first@x>"] * 50_000),
    ],
    ids=["many", "more than a header has", "brackets", "one that is endless", "many lines"],
)
def test_endless_references_do_no_harm(tracker: Tracker, tmp_path: Path, references: str) -> None:
    first, reply = tmp_path / "1.eml", tmp_path / "2.eml"
    first.write_text(f"{HEAD}Message-ID: <first@x>\n\nx\n")
    report = tracker.ok("import", "mail", str(first)).split("\t")[0]
    reply.write_text(f"{HEAD}In-Reply-To: <first@x>\nReferences: {references}\n\nx\n")
    assert tracker.ok("import", "mail", str(reply)).split("\t")[:2] == [report, "received"]


@pytest.mark.parametrize("charset", CHARSETS)
def test_a_hostile_charset_is_text_all_the_same(tracker: Tracker, tmp_path: Path, charset: str) -> None:
    path = tmp_path / "a.eml"
    path.write_bytes(
        f"{HEAD}Content-Type: text/plain; charset={charset}\n\nwords \\x1b[2J +AGE-\n".encode() + b"\xff\xfe\n"
    )
    done = tracker.run("import", "mail", str(path))
    assert done.code == 0, done.err
    report = done.out.split("\t")[0]
    assert "words" in tracker.show(report)["story"]
    assert_inert(tracker.ok("show", report, "--color", "always"))
