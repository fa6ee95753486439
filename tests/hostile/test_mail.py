"""Hostile mails through the command line: what is too much is refused with nothing changed, the rest stays inert."""

from __future__ import annotations

import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from hostile.made import place, plain_report
from hostile.payloads import assert_ascii, assert_inert
from hostile.watch import no_hang
from issuelog.model.threading import message_id
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


def closed(state: str, **more: Any) -> bytes:
    """Return a report that is over, in whatever way."""
    ends = {"id": "01JCT0T5M3E9Q2W4R6T8Y0V1J4", "at": "2026-11-16T09:00:00Z", "by": "Ana", "action": "close"}
    new = {"id": "01JCT0T5M3E9Q2W4R6T8Y0V1J3", "at": "2026-11-16T08:00:00Z", "by": "Ana", "action": "new", "to": "new"}
    return plain_report(state=state, events=[new, {**ends, "from": "new", "to": state}], **more)


@pytest.mark.parametrize("resolution", ["spam", "duplicate", "withdrawn"])
def test_a_reply_to_what_is_over_is_kept_and_opens_nothing(tracker: Tracker, tmp_path: Path, resolution: str) -> None:
    links = {"duplicate_of": "CR-261116-0002"} if resolution == "duplicate" else {}
    closure = {"resolution": resolution, "at": "2026-11-16T09:00:00Z", "by": "Ana"}
    path = place(tracker, "CR-261116-0001", closed("closed", closure=closure, links=links))
    tracker.git("add", ".")
    tracker.git("commit", "-q", "-m", "x")
    reply = tmp_path / "1.eml"
    reply.write_text(f"From: Jo <jo@acme.example>\nSubject: Re: [CR-261116-0001] x\n\n{'Buy! ' * 1000}\n")
    assert tracker.ok("import", "mail", str(reply)).split("\t")[:2] == ["CR-261116-0001", "received"]
    shown = tracker.show("CR-261116-0001")
    assert (shown["state"], shown["closure"]["resolution"], len(shown["messages"])) == ("closed", resolution, 1)
    assert path.stat().st_size < 20_000


def test_a_guessed_id_of_a_mail_of_ours_is_let_in_and_told(tracker: Tracker, tmp_path: Path) -> None:
    report = tracker.new("--contact", "jo@acme.example", "--channel", "email")
    guessed = message_id(report, "M9", "ana@example.com")
    mail = tmp_path / "1.eml"
    forged = [guessed, guessed.replace("ana", "x").replace("@", "0@"), "<0x.m1.000000000000@example.com>"]
    for reference, action in zip(forged, ("received", "import", "import"), strict=True):
        mail.write_text(f"From: Eve <eve@evil.example>\nSubject: x\nIn-Reply-To: {reference}\n\nx {reference}\n")
        done = tracker.run("import", "mail", str(mail))
        assert (done.code, done.out.split("\t")[1]) == (0, action), done.err
        assert ("is not its customer" in done.err) == (action == "received")
    assert tracker.show(report)["messages"][0]["by"] == "Eve <eve@evil.example>"
    assert tracker.show(report)["state"] == "new"


QUOTATIONS = {
    "depths": "\n".join(">" * (n % 50 + 1) + " x" for n in range(8_000)),
    "attributions": "On Mon, 16 Nov 2026 08:00, Jo wrote:\n" * 8_000,
    "headers": "From: x\nSent: x\nTo: x\nSubject: x\n" * 3_000,
    "separators": "-----\nFrom: x\nSent: x\nTo: x\n" * 3_000,
    "colons": "x:\n" * 30_000,
    "one line": "> " * 100_000,
    "at signs": "<" + "a@" * 100_000 + "> :",
}


@pytest.mark.parametrize("name", QUOTATIONS)
def test_endless_quotations_are_kept_and_cost_in_proportion(tracker: Tracker, tmp_path: Path, name: str) -> None:
    first, reply = tmp_path / "1.eml", tmp_path / "2.eml"
    first.write_text(f"{HEAD}Message-ID: <first@x>\n\n{'x ' * 5_000}\n")
    report = tracker.ok("import", "mail", str(first)).split("\t")[0]
    reply.write_text(f"{HEAD}In-Reply-To: <first@x>\n\nmine\n{QUOTATIONS[name]}\n")
    with no_hang():
        assert tracker.ok("import", "mail", str(reply)).split("\t")[:2] == [report, "received"]
    assert tracker.show(report)["messages"][0]["text"].startswith("mine")
