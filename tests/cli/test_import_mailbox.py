"""Importing mailboxes through the command line: an mbox and a Maildir are many mails, and no more than that."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from support.cli import Tracker

SAMPLES = Path(__file__).parents[3] / "shared" / "samples"
needs_samples = pytest.mark.skipif(not SAMPLES.is_dir(), reason=f"no samples: {SAMPLES} is not there")


ANN = "ann@acme.example"


def mail(
    number: int, text: str = "It broke", *, answers: int | None = None, subject: str = "", sender: str = ANN
) -> str:
    head = [
        f"From: {sender}",
        f"Subject: {'Re: ' if answers else ''}{subject or f'Export {number}'}",
        f"Message-ID: <{number}@acme.example>",
        f"Date: Mon, 16 Nov 2026 0{number}:00:00 +0000",
        *([f"In-Reply-To: <{answers}@acme.example>"] if answers else []),
    ]
    return "\n".join([*head, "", text, ""])


def box(*mails: str) -> str:
    return "".join(f"From ann@acme.example Mon Nov 16 09:00:00 2026\n{one}\n" for one in mails)


def rows(tracker: Tracker, *arguments: str, stdin: str = "") -> list[tuple[str, str]]:
    done = tracker.run("--json", "import", "mail", *arguments, stdin=stdin)
    assert done.code == 0, done.err
    return [(row["action"], row["id"]) for row in done.json]


def require_sound(tracker: Tracker) -> None:
    assert tracker.ok("check", "--json") == "[]\n"
    assert tracker.git("status", "--porcelain", "--untracked-files=all") == ""


def test_a_conversation_in_an_mbox_is_one_report_however_its_mails_lie(tracker: Tracker) -> None:
    """The answers come before what they answer, and the second before the first."""
    first, second = mail(1, ">From the start", subject="E"), mail(2, "More", answers=1, subject="E")
    third, other = mail(3, "Again", answers=2, subject="E"), mail(4, "Another")
    done = rows(tracker, "-", stdin=box(third, other, second, first))
    assert [action for action, _ in done] == ["received", "import", "received", "import"]
    report = done[3][1]
    assert [one for _, one in done] == [report, done[1][1], report, report]
    shown = tracker.show(report)
    assert shown["story"] == "From the start\n"
    assert [message["text"] for message in shown["messages"]] == ["More", "Again"]
    require_sound(tracker)


def test_mails_mailboxes_and_maildirs_are_told_apart_by_what_they_hold(tracker: Tracker, tmp_path: Path) -> None:
    for part in ("new", "cur", "tmp"):
        (tmp_path / "Maildir" / part).mkdir(parents=True)
    (tmp_path / "Maildir/cur/1.host:2,S").write_text(mail(1))
    (tmp_path / "Maildir/new/2.host").write_text(mail(2, "More", answers=1))
    (tmp_path / "Maildir/tmp/9.host").write_text(mail(9))
    (tmp_path / "three.eml").write_text(mail(3))
    (tmp_path / "four.eml").write_text(box(mail(4, "And", answers=3), mail(1)))
    names = [str(tmp_path / name) for name in ("Maildir", "three.eml", "four.eml")]
    done = rows(tracker, *names, "-", stdin=box(mail(5)))
    assert [action for action, _ in done] == ["received", "import", "import", "received", "known", "import"]
    assert [one for _, one in done][:2] == [done[1][1]] * 2
    assert len({one for _, one in done}) == 3
    require_sound(tracker)
    assert {action for action, _ in rows(tracker, *names)} == {"known"}


def test_one_mail_that_cannot_be_imported_is_named_and_stops_the_others(tracker: Tracker, tmp_path: Path) -> None:
    file = tmp_path / "box"
    file.write_bytes(box(mail(1)).encode() + b"From -\nSubject: " + b"x" * 1_100_000 + b"\n\n" + box(mail(2)).encode())
    before = tracker.fingerprint()
    done = tracker.run("import", "mail", str(file))
    assert done.code == 6
    assert f"{file}: mail 2 (line 9) is not imported: a header of this mail is longer than 1 MB" in done.err
    assert tracker.fingerprint() == before
    going = tracker.run("--json", "import", "mail", str(file), "--keep-going")
    assert (going.code, [row["action"] for row in going.json]) == (6, ["import", "rejected", "import"])


def test_a_dry_run_of_a_mailbox_says_what_it_would_do_and_changes_nothing(tracker: Tracker) -> None:
    before = tracker.fingerprint()
    done = tracker.run("--json", "import", "mail", "-", "-n", stdin=box(mail(1), mail(2, "More", answers=1)))
    assert [(row["action"], row["commit"]) for row in done.json] == [("import", None), ("received", None)]
    assert tracker.fingerprint() == before


def test_all_mails_of_a_mailbox_can_be_given_to_a_report(tracker: Tracker) -> None:
    report = tracker.new()
    assert rows(tracker, "-", "--to", report, stdin=box(mail(1), mail(2, "Other"))) == [("received", report)] * 2
    assert len(tracker.show(report)["messages"]) == 2


def test_a_stranger_in_a_mailbox_is_not_given_the_whole_of_it_to_attach(tracker: Tracker) -> None:
    """The command that is offered for a single mail would take all the others along."""
    report = tracker.new("--contact", "ann@acme.example")
    stranger = mail(2, sender="eve@evil.example").replace("Subject: Export", f"Subject: {report}")
    done = tracker.run("import", "mail", "-", stdin=box(mail(1), stranger))
    assert f"issuelog import mail FILE --to {report}" in done.err


def test_a_folder_that_is_no_maildir_is_refused(tracker: Tracker, tmp_path: Path) -> None:
    done = tracker.run("import", "mail", str(tmp_path))
    assert done.code == 2
    assert "is a folder, and no Maildir: it has neither new/ nor cur/" in done.err


def test_files_of_answers_lie_on_the_disk_until_they_are_needed(
    tracker: Tracker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from issuelog.importing import aside

    monkeypatch.setattr(aside, "_IN_MEMORY", 10)
    with_file = mail(2, "HERE", answers=1, subject="E").replace(
        "\n\nHERE\n",
        "\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"
        "--b\n\nSee the file – é\n"
        "--b\nContent-Type: text/plain\nContent-Disposition: attachment; filename=a.log\n\né line\n--b--\n",
    )
    done = rows(tracker, "-", stdin=box(with_file, mail(1, subject="E"), mail(3, "Ends", answers=2, subject="E")))
    shown = tracker.show(done[0][1])
    assert [message["text"] for message in shown["messages"]] == ["See the file – é", "Ends"]
    (attachment,) = shown["attachments"]
    content = (tracker.root / "attachments" / shown["id"] / attachment["file"]).read_text()
    assert content.strip() == "é line"
    assert not list((tracker.root / ".git/issuelog").glob("tmp*"))
    require_sound(tracker)


def test_the_names_of_a_maildir_are_hostile_too(tracker: Tracker, tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    folder = os.fsencode(tmp_path / "new")
    for name in (b"\xff\x1b[31mred", "bidi\u202e".encode(), b"a\nb"):
        with open(os.path.join(folder, name), "wb") as file:  # noqa: PTH118, PTH123 (no text is its name)
            file.write(b"\0\0\0\0")
    for options in ((), ("--json",)):
        done = tracker.run("import", "mail", str(tmp_path), *options)
        assert (done.code, done.err.count("is not imported: this is a binary file")) == (6, 3)
        assert not {"\x1b", "\u202e", "\udcff"} & {*done.out, *done.err}


@needs_samples
def test_every_sample_mailbox_is_imported(tracker: Tracker) -> None:
    found = {}
    for path in sorted((SAMPLES / "mbox").iterdir()):
        done = tracker.run("--json", "import", "mail", str(path), "--redact", "--keep-going")
        assert done.code == 0, done.err
        found[path.name] = len(done.json)
    assert found == {
        "content-length.mbox.txt": 29,
        "issue1189.mbox.txt": 4,
        "simple.mbox.txt": 3,
        "unmunged.mbox.txt": 2,
    }
    require_sound(tracker)
