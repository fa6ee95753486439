"""`import mail` of what belongs to a report that is known: it becomes a message of that report, once."""

from __future__ import annotations

import itertools
import subprocess
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from issuelog.model.threading import message_id
from issuelog.model.times import iso
from issuelog.store import reports
from issuelog.transaction import Transaction
from support.cli import Done, Tracker
from support.faults import state
from support.lives import ACK, ASK, CLEAN, CLOSABLE, READY, RESOLVE, lived

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT.parent / "shared" / "samples" / "mail"
JO = "Jo Müller <jo@acme.example>"
US = "support@billing.example"
BEGAN = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=5)
STORY = "Hello,\n\nthe export of March stops at 40 %.\n\nEXPORT-507: worker terminated\n"
SECRET = "AKIAIOSFODNN7QWERTYU"


@dataclass
class Post:
    """A tracker, and the mails that come to it."""

    tracker: Tracker
    folder: Path
    numbers: Any = field(default_factory=lambda: itertools.count(1))

    def mail(
        self,
        text: str = "It was Firefox.\n",
        *headers: str,
        sender: str = JO,
        subject: str = "Re: Export stops",
        answers: str = "",
        name: str = "",
        at: datetime | None = None,
        files: dict[str, str] | None = None,
    ) -> str:
        """Write a mail, called `name`, and return its path."""
        number = next(self.numbers)
        lines = [
            f"From: {sender}",
            f"Subject: {subject}",
            f"Message-ID: {name or f'<{number}@acme.example>'}",
            f"Date: {format_datetime(at or BEGAN + timedelta(hours=2, minutes=number))}",
            *([f"In-Reply-To: {answers}"] if answers else []),
            *headers,
        ]
        if files:
            parts = ["", text, *(_part(file, content) for file, content in files.items())]
            lines.append("Content-Type: multipart/mixed; boundary=b")
            text = "".join(f"--b\n{part}\n" for part in ["\n" + text, *parts[2:]]) + "--b--\n"
        path = self.folder / f"{number}.eml"
        path.write_text("\n".join(lines) + f"\n\n{text}", "utf-8")
        return str(path)

    def take(self, *mails: str) -> Done:
        """Import mails."""
        return self.tracker.run("--json", "import", "mail", *mails)

    def rows(self, *mails: str) -> list[dict[str, Any]]:
        """Import mails, all of which are taken."""
        done = self.take(*mails)
        assert done.code == 0, done.err
        found: list[dict[str, Any]] = done.json
        return found

    def first(
        self, *, sender: str = JO, name: str = "<first@acme.example>", files: dict[str, str] | None = None
    ) -> str:
        """Import the first mail of a customer, and return the report that it has become."""
        mail = self.mail(STORY, subject="Export stops", sender=sender, name=name, at=BEGAN, files=files)
        (row,) = self.rows(mail)
        assert row["action"] == "import"
        found: str = row["id"]
        return found

    def last(self, report: str) -> dict[str, Any]:
        """Return the newest message of a report."""
        found: dict[str, Any] = self.tracker.show(report)["messages"][-1]
        return found

    def reports(self) -> int:
        """Return how many reports there are."""
        return len(list(self.tracker.root.glob("reports/*/*/*.yaml")))


def _part(name: str, content: str) -> str:
    return f'Content-Disposition: attachment; filename="{name}"\n\n{content}'


@pytest.fixture
def post(tracker: Tracker, tmp_path: Path) -> Post:
    (tmp_path / "in").mkdir()
    return Post(tracker, tmp_path / "in")


def acknowledged(post: Post, *, asked: bool = False) -> str:
    """Return a report that was answered an hour after it came, and the message of ours in it."""
    assert post.tracker.ids() == [], "it takes the place of a new tracker"
    next(post.numbers)
    post.tracker.become(_ask if asked else _acknowledge)
    return post.tracker.ids()[0]


def _acknowledge(tracker: Tracker) -> str:
    report = Post(tracker, tracker.root.parent).first()
    tracker.ok("acknowledge", report, "--at", iso(BEGAN + timedelta(hours=1)), "--message", CLEAN)
    return report


def _ask(tracker: Tracker) -> None:
    report = _acknowledge(tracker)
    tracker.ok("ask", report, "-q", "Which browser do you use?", "--at", iso(BEGAN + timedelta(hours=1)))


def ours(report: str, message: str = "M1") -> str:
    return message_id(report, message, US)


def quoted(text: str) -> str:
    return "".join(f"> {line}\n" for line in text.splitlines())


def require_sound(tracker: Tracker) -> None:
    assert tracker.ok("check", "--json") == "[]\n"
    assert tracker.ok("fsck", "--json") == "[]\n"
    assert tracker.git("status", "--porcelain", "--untracked-files=all") == ""


# --- A conversation -----------------------------------------------------------------------------------------------


def test_a_reply_to_our_message_becomes_a_message_of_the_report_in_one_commit(post: Post) -> None:
    report = acknowledged(post, asked=True)
    before, head = post.tracker.show(report), post.tracker.git("rev-parse", "HEAD")
    at = BEGAN + timedelta(hours=2)
    text = f"It was Firefox 120.\n\nAm Mo., 16. Nov. 2026 um 10:00 Uhr schrieb Support <{US}>:\n\n{quoted(CLEAN)}"
    (row,) = post.rows(post.mail(text, answers=ours(report), name="<2@acme.example>", at=at))
    assert (row["id"], row["action"], row["title"]) == (report, "received", "Export stops")
    assert row["commit"] == post.tracker.git("rev-parse", "HEAD").strip()
    assert post.tracker.git("rev-parse", "HEAD~") == head
    assert post.tracker.subjects()[0] == f"{report}: received"
    after = post.tracker.show(report)
    assert post.last(report) == {
        "id": "M3",
        "direction": "in",
        "kind": "answer",
        "channel": "email",
        "at": iso(at),
        "by": "Jo Müller",
        "text": "It was Firefox 120.",
        "external_ref": "<2@acme.example>",
    }
    assert (after["state"], after["story"], after["questions"]) == (
        before["state"],
        before["story"],
        before["questions"],
    )
    assert post.reports() == 1
    require_sound(post.tracker)


def test_the_same_reply_is_attached_once(post: Post) -> None:
    report = acknowledged(post)
    mail = post.mail(answers=ours(report))
    assert [row["action"] for row in post.rows(mail, mail)] == ["received", "known"]
    before = state(post.tracker)
    done = post.take(mail)
    assert [(row["action"], row["id"], row["commit"]) for row in done.json] == [("known", report, None)]
    assert f"already here as {report}" in done.err
    assert state(post.tracker) == before


def test_a_reply_to_the_customer_s_own_mail_or_to_another_reply_belongs_there_too(post: Post) -> None:
    report = acknowledged(post)
    kim = "Kim <kim@acme.example>"
    assert post.rows(post.mail(answers="<first@acme.example>", name="<k@x>", sender=kim))[0]["id"] == report
    assert post.last(report)["by"] == kim
    chain = "References: <gone@x> <k@x>\n <elsewhere@x>"
    assert post.rows(post.mail("And more", chain))[0]["id"] == report
    assert post.last(report)["by"] == "Jo Müller"
    assert post.reports() == 1


def test_without_an_open_question_a_reply_answers_none(post: Post) -> None:
    report = acknowledged(post)
    post.rows(post.mail(answers=ours(report)))
    assert post.last(report)["kind"] == "other"


def test_what_is_quoted_and_not_in_the_report_is_kept(post: Post) -> None:
    report = acknowledged(post)
    text = f"See below.\n\n{quoted(CLEAN)}> and here I say: version 8.11\n"
    post.rows(post.mail(text, answers=ours(report)))
    assert post.last(report)["text"] == text.strip()


def test_a_reply_that_quotes_the_one_before_it_is_cut_though_both_come_at_once(post: Post) -> None:
    report = acknowledged(post)
    one = post.mail("It was Firefox.\n", answers=ours(report), name="<one@acme.example>")
    two = post.mail(f"No, Edge.\n\n{quoted('It was Firefox.')}", answers="<one@acme.example>")
    post.rows(two, one)
    assert [said["text"] for said in post.tracker.show(report)["messages"][1:]] == ["It was Firefox.", "No, Edge."]


@pytest.mark.parametrize(
    ("subject", "said"),
    [
        ("AW: Re: Export stops", "Yes"),
        ("Re: [ID] Export stops", "Yes"),
        ("The import is broken as well", "Subject: The import is broken as well\n\nYes"),
    ],
)
def test_a_subject_is_kept_where_it_says_more(post: Post, subject: str, said: str) -> None:
    report = acknowledged(post)
    post.rows(post.mail("Yes\n", subject=subject.replace("ID", report), answers=ours(report)))
    assert post.last(report)["text"] == said


def test_a_reply_without_words_brings_its_files(post: Post) -> None:
    report = acknowledged(post)
    post.rows(post.mail("", answers=ours(report), files={"a.log": "line"}))
    assert post.last(report)["text"]
    assert [one["file"] for one in post.tracker.show(report)["attachments"]] == ["a.log"]


@pytest.mark.parametrize(
    ("hours", "plausible"), [(2, True), (-1, False), (24 * 365, False)], ids=["between", "too early", "in the future"]
)
def test_a_reply_is_of_its_date_where_that_can_be(post: Post, hours: int, plausible: bool) -> None:
    report = acknowledged(post)
    at = BEGAN + timedelta(hours=hours)
    post.rows(post.mail(answers=ours(report), at=at))
    found = post.last(report)["at"]
    assert (found == iso(at)) == plausible
    assert BEGAN < datetime.fromisoformat(found) <= datetime.now(UTC)


# --- Which report -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["Re: [{}] Export stops", "{}", "AW: ({}): noch etwas", "re: {lower}"])
def test_the_customer_may_name_the_report_in_the_subject(post: Post, form: str) -> None:
    report = acknowledged(post)
    (row,) = post.rows(post.mail(subject=form.format(report, lower=report.lower())))
    assert (row["id"], row["action"]) == (report, "received")


@pytest.mark.parametrize("sender", ["Kim <KIM@ACME.example>", "boss@parent.example"])
def test_so_may_a_colleague_and_a_second_contact(post: Post, sender: str) -> None:
    report = acknowledged(post)
    post.tracker.ok("set", report, "customer.second_contact=Boss <boss@parent.example>")
    assert post.rows(post.mail(sender=sender, subject=f"Re: {report}"))[0]["id"] == report


@pytest.mark.parametrize(
    ("customer", "sender"),
    [
        (JO, "Eve <eve@evil.example>"),
        (JO, "Eve <eve@sub.acme.example>"),
        (JO, "Jo Müller"),
        ("jo@gmail.com", "eve@gmail.com"),
    ],
)
def test_a_stranger_who_names_a_report_opens_one_of_their_own_and_the_way_on_is_named(
    post: Post, customer: str, sender: str
) -> None:
    report = post.first(sender=customer)
    mail = post.mail(sender=sender, subject=f"Re: [{report}] Export stops")
    done = post.take(mail)
    (row,) = done.json
    assert (row["action"], done.code) == ("import", 0)
    assert row["id"] != report
    assert report in done.err
    undo, attach = (part.split()[1:] for part in done.err.split("belongs there: ")[1].splitlines()[0].split(" && "))
    post.tracker.ok(*undo)
    assert post.tracker.json(*attach)[0]["id"] == report
    assert post.last(report)["by"] == sender
    assert post.reports() == 1


def test_a_stranger_who_answers_a_mail_of_the_report_is_let_in_and_named(post: Post) -> None:
    report = acknowledged(post)
    done = post.take(post.mail(sender="Eve <eve@evil.example>", answers=ours(report)))
    assert done.json[0]["id"] == report
    assert "Eve <eve@evil.example> is not its customer" in done.err
    assert post.last(report)["by"] == "Eve <eve@evil.example>"


def test_an_answer_to_a_report_of_nobody_s_address_comes_from_no_stranger(post: Post) -> None:
    report = post.tracker.new()
    post.tracker.ok("acknowledge", report, "--message", CLEAN)
    done = post.take(post.mail(answers=ours(report)))
    assert (done.json[0]["id"], "not its customer" in done.err) == (report, False)
    assert post.last(report)["by"] == JO


@pytest.mark.parametrize(
    "header",
    [
        message_id("CR-261122-7K3M", "M1", US),
        "<cr-261122-7k3m.m1.000000000000@billing.example>",
        "<../../etc/passwd@x>",
        "<CR-261122-7K3M@billing.example>",
        "<>",
        "first@acme.example.org",
        "=?utf-8?q?=3Cfirst=40acme.example=3E?=",
        "\x1b[2J<\x00@x>",
    ],
)
def test_what_names_no_report_that_is_here_opens_a_new_one(post: Post, header: str) -> None:
    report = post.first()
    (row,) = post.rows(post.mail(subject="Re: CR-261122-7K3M CR-999999-AAAA", answers=header))
    assert row["action"] == "import"
    assert row["id"] != report


def test_of_several_reports_that_a_reply_names_it_belongs_to_the_one_it_answers(post: Post) -> None:
    one, two = (post.first(name=f"<{number}@x>") for number in "ab")
    done = post.take(post.mail("x", "References: <a@x> <b@x>", subject=f"Re: {one}"))
    assert [row["id"] for row in done.json] == [two]
    assert f"names {one} as well" in done.err
    done = post.take(post.mail("x", "References: <b@x>", answers="<a@x>"))
    assert [row["id"] for row in done.json] == [one]


def test_two_ids_in_a_subject_are_not_guessed_at(post: Post) -> None:
    one, two = (post.first(name=f"<{number}@x>") for number in "ab")
    done = post.take(post.mail(subject=f"{one} and {two}"))
    assert [row["action"] for row in done.json] == ["import"]
    assert "several reports" in done.err


def test_our_own_message_that_comes_back_is_known(post: Post) -> None:
    report = acknowledged(post)
    before = state(post.tracker)
    done = post.take(post.mail(CLEAN, name=ours(report), sender=US))
    assert [(row["action"], row["id"]) for row in done.json] == [("known", report)]
    assert state(post.tracker) == before
    # One that was never said is no message of ours.
    assert post.rows(post.mail(CLEAN, name=ours(report, "M9"), sender=US))[0]["action"] == "import"


def test_what_one_of_us_writes_is_not_taken_for_the_customer_s_words(post: Post) -> None:
    report = acknowledged(post)
    config = post.tracker.root / ".issuelog/config.yaml"
    config.write_text(f"{config.read_text()}\npeople:\n  kim: Kim <kim@billing.example>\n")
    mail = post.mail(sender="Kim B <KIM@billing.example>", answers=ours(report))
    before = post.tracker.show(report)
    done = post.take(mail)
    assert (done.code, [row["action"] for row in done.json]) == (0, ["skipped"])
    assert f"issuelog update {report}" in done.err
    assert post.tracker.show(report) == before
    assert post.rows(mail, "--to", report)[0]["action"] == "received"


# --- By hand ------------------------------------------------------------------------------------------------------


def test_a_mail_can_be_said_to_belong_to_a_report(post: Post) -> None:
    one, two = (post.first(name=f"<{number}@x>") for number in "ab")
    mails = [post.mail(subject="Another thing"), post.mail(answers="<a@x>")]
    assert [(row["action"], row["id"]) for row in post.rows(*mails, "--to", two[-4:])] == [("received", two)] * 2
    assert len(post.tracker.show(two)["messages"]) == 2
    assert "messages" not in post.tracker.show(one)
    assert post.take(mails[0], "--to", one).json[0] | {"title": ""} == {
        "id": two,
        "action": "known",
        "title": "",
        "commit": None,
        "next": None,
    }


def test_only_a_mail_can_and_only_to_a_report_that_is_here(post: Post) -> None:
    report = post.first()
    before = state(post.tracker)
    assert post.tracker.run("import", "jsonl", "-", "--to", report, stdin="{}").code == 2
    assert post.take(post.mail(), "--to", "CR-261122-0000").code == 4
    assert state(post.tracker) == before


# --- Machines -----------------------------------------------------------------------------------------------------


AUTOMATIC = (
    "Auto-Submitted: auto-replied (vacation)",
    "Auto-Submitted: auto-generated; x=y",
    "X-Autoreply: yes",
    "X-Autorespond: Away",
    "Precedence: auto_reply",
    "Precedence: Bulk",
    "Precedence: junk",
    "Return-Path: <>",
    "Content-Type: multipart/report; report-type=disposition-notification; boundary=none",
)


@pytest.mark.parametrize("header", AUTOMATIC)
def test_an_automatic_reply_answers_nothing_and_stops_no_clock(post: Post, header: str) -> None:
    report = acknowledged(post, asked=True)
    before = post.tracker.show(report)
    (row,) = post.rows(post.mail("I am away until Monday.", header, subject=f"Away: {report}", answers=ours(report)))
    assert row["action"] == "received"
    after = post.tracker.show(report)
    assert post.last(report)["kind"] == "auto_reply"
    assert after["waiting_on"] == before["waiting_on"] == "customer"
    assert (after["state"], after["questions"]) == (before["state"], before["questions"])


def test_a_person_s_answer_ends_the_waiting(post: Post) -> None:
    report = acknowledged(post, asked=True)
    post.rows(post.mail("Firefox", "Auto-Submitted: no", "Precedence: list", answers=ours(report)))
    assert post.last(report)["kind"] == "answer"
    assert "waiting_on" not in post.tracker.show(report)


def test_an_automatic_reply_to_a_new_report_acknowledges_nothing(post: Post) -> None:
    report = post.first()
    post.rows(post.mail("Away", "Auto-Submitted: auto-replied", answers="<first@acme.example>"))
    assert post.tracker.show(report)["state"] == "new"
    assert [one["clock"] for one in post.tracker.json("due")].count("acknowledge") == 1


def status(action: str, original: str) -> str:
    return (
        "--b\n\nThis is the mail system. I could not deliver your message.\n"
        "--b\nContent-Type: message/delivery-status\n\n"
        f"Reporting-MTA: dns; mx.acme.example\n\nFinal-Recipient: rfc822; jo@acme.example\nAction: {action}\n"
        f"--b\nContent-Type: message/rfc822\n\nFrom: {US}\nMessage-Id: {original}\nSubject: x\n\nHello\n--b--\n"
    )


DAEMON = "Mail Delivery System <MAILER-DAEMON@mx.billing.example>"
REPORT = 'Content-Type: multipart/report; report-type="delivery-status"; boundary=b'


def test_a_message_that_came_back_is_recorded_as_such_and_told(post: Post) -> None:
    report = acknowledged(post, asked=True)
    mail = post.mail(status("failed", ours(report)), REPORT, sender=DAEMON, subject="Undelivered Mail")
    done = post.take(mail)
    assert (done.code, done.json[0]["id"], done.json[0]["action"]) == (0, report, "received")
    assert "did not reach jo@acme.example" in done.err
    assert f"issuelog set {report} customer.contact=VALUE" in done.err
    message = post.last(report)
    assert (message["kind"], message["by"]) == ("bounce", DAEMON)
    assert "could not deliver" in message["text"]
    assert post.tracker.show(report)["waiting_on"] == "customer"
    require_sound(post.tracker)


def test_a_message_that_is_only_late_is_not_said_to_have_come_back(post: Post) -> None:
    report = acknowledged(post)
    done = post.take(post.mail(status("delayed", ours(report)), REPORT, sender="postmaster@mx.billing.example"))
    assert "did not reach" not in done.err
    assert post.last(report)["kind"] == "auto_reply"


@pytest.mark.parametrize("returned", ["X-Failed-Recipients: jo@acme.example", "X-A: 1"])
def test_a_bounce_in_plain_words_is_found_by_the_message_in_it(post: Post, returned: str) -> None:
    report = acknowledged(post)
    original = f"Date: x\nMessage-ID: {ours(report)}\nSubject: x\n\nHello"
    text = f"Delivery failed.\n\n----- Original message -----\n\n{original}"
    post.rows(post.mail(text, returned, sender=DAEMON))
    assert post.last(report)["kind"] == "bounce"


def test_a_bounce_that_belongs_nowhere_is_a_report_and_says_so(post: Post) -> None:
    done = post.take(post.mail(status("failed", "<elsewhere@x>"), REPORT, sender=DAEMON))
    assert [row["action"] for row in done.json] == ["import"]
    assert "belongs to no report here" in done.err


# --- Files and secrets --------------------------------------------------------------------------------------------


def test_files_of_a_reply_become_attachments_in_the_same_commit_and_a_file_that_is_there_is_not_added(
    post: Post,
) -> None:
    report = post.first(files={"logo.png": "logo", "a.log": "one"})
    (row,) = post.rows(
        post.mail("More:", answers="<first@acme.example>", files={"LOGO2.png": "logo", "A.log": "two", "../x": "three"})
    )
    kept = {one["id"]: one["file"] for one in post.tracker.show(report)["attachments"]}
    assert kept == {"A1": "logo.png", "A2": "a.log", "A3": "A-2.log", "A4": "x"}
    folder = post.tracker.root / "attachments" / report
    assert (folder / "A-2.log").read_text() == "two"
    touched = post.tracker.git("show", "--format=", "--name-only", row["commit"]).split()
    assert {Path(path).name for path in touched} == {"A-2.log", "x", f"{report}.yaml"}
    assert post.tracker.show(report)["events"][-1]["attachments"] == ["A3", "A4"]
    require_sound(post.tracker)


def test_a_file_larger_than_policy_allows_stops_all(post: Post) -> None:
    report = post.first()
    config = post.tracker.root / ".issuelog/config.yaml"
    config.write_text(f"{config.read_text()}\nmax_attachment_bytes: 9\n")
    before = state(post.tracker)
    large = post.mail(answers="<first@acme.example>", files={"a.log": "x" * 10})
    done = post.take(post.mail("new"), post.mail(answers="<first@acme.example>"), large)
    assert (done.code, "policy allows 9" in done.err) == (2, True)
    assert state(post.tracker) == before
    assert "messages" not in post.tracker.show(report)


def test_replies_that_together_are_more_than_a_report_can_hold_stop_all(post: Post) -> None:
    post.first()
    before = state(post.tracker)
    large = [post.mail("many words " * 200_000, answers="<first@acme.example>") for _ in range(2)]
    done = post.take(post.mail("new"), *large)
    assert (done.code, "4,000,000" in done.err) == (6, True)
    assert state(post.tracker) == before
    assert post.rows(large[0])[0]["action"] == "received"


@pytest.mark.parametrize("where", ["text", "file"])
def test_a_secret_in_a_reply_stops_all_unless_the_others_are_wanted(post: Post, where: str) -> None:
    report = acknowledged(post)
    text, files = (f"key: {SECRET}", None) if where == "text" else ("here", {"a.log": f"key: {SECRET}"})
    secretive = post.mail(text, answers=ours(report), files=files)
    mails = [post.mail("new", subject="new"), post.mail(answers=ours(report)), secretive]
    before = state(post.tracker)
    done = post.take(*mails)
    assert (done.code, [row["action"] for row in done.json]) == (5, ["refused"])
    assert SECRET not in done.out + done.err
    assert state(post.tracker) == before
    going = post.take(*mails, "--keep-going")
    assert (going.code, [row["action"] for row in going.json]) == (5, ["import", "received", "refused"])
    assert SECRET not in all_objects(post.tracker)
    (row,) = post.rows(secretive, "--redact")
    assert (row["id"], row["action"]) == (report, "received")
    assert post.tracker.show(report)["events"][-1]["secrets_redacted"]
    assert SECRET not in all_objects(post.tracker)
    require_sound(post.tracker)


def all_objects(tracker: Tracker) -> str:
    command = ["git", "cat-file", "--batch", "--batch-all-objects"]
    return subprocess.run(command, cwd=tracker.root, capture_output=True, check=True).stdout.decode("latin-1")


# --- Several at once ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (2, 0, 3, 1), (1, 3, 2, 0)], ids=str)
def test_new_mails_and_replies_among_them_come_together_in_any_order(post: Post, order: tuple[int, ...]) -> None:
    known = post.first()
    mails = [
        post.mail("new", subject="new", name="<new@x>"),
        post.mail("reply to the new one", subject="Re: new", answers="<new@x>", name="<re@x>"),
        post.mail("reply to the reply", "References: <new@x> <re@x>", subject="Re: new"),
        post.mail("reply to the known one", answers="<first@acme.example>"),
    ]
    head = post.tracker.git("rev-parse", "HEAD").strip()
    rows = post.rows(*(mails[number] for number in order))
    by_mail = dict(zip(order, rows, strict=True))
    new = by_mail[0]["id"]
    assert [by_mail[number]["action"] for number in range(4)] == ["import", *["received"] * 3]
    assert [by_mail[number]["id"] for number in range(4)] == [new, new, new, known]
    assert [one["text"] for one in post.tracker.show(new)["messages"]] == ["reply to the new one", "reply to the reply"]
    assert post.last(known)["text"] == "reply to the known one"
    commits = post.tracker.git("rev-list", f"{head}..").split()
    assert {row["commit"] for row in rows} == {*commits}
    assert len(commits) == 4
    assert post.reports() == 2
    require_sound(post.tracker)


def test_a_whole_inbox_of_new_mails_and_replies_makes_each_a_commit(post: Post) -> None:
    mails = []
    for number in range(3):
        log = {"a.log": f"log {number}"}
        mails.append(post.mail("It stops", subject=f"S{number}", name=f"<{number}@x>", files=log))
        mails.append(post.mail("And again", answers=f"<{number}@x>", files={"a.log": f"more {number}"}))
    rows = post.rows(*mails)
    assert [row["action"] for row in rows] == ["import", "received"] * 3
    for number in range(3):
        new, answer = rows[2 * number : 2 * number + 2]
        assert new["id"] == answer["id"]
        kept = [one["file"] for one in post.tracker.show(new["id"])["attachments"]]
        assert kept == ["a.log", "a-2.log"]
    assert [row["action"] for row in post.rows(*mails)] == ["known"] * 6
    require_sound(post.tracker)


def test_mails_that_answer_each_other_or_themselves_end(post: Post) -> None:
    mails = [
        post.mail("one", subject="one", name="<1@x>", answers="<2@x>"),
        post.mail("two", subject="two", name="<2@x>", answers="<1@x>"),
        post.mail("self", subject="self", name="<3@x>", answers="<3@x>"),
    ]
    assert sorted(row["action"] for row in post.rows(*mails)) == ["import", "import", "received"]
    assert post.reports() == 2


def test_a_dry_run_says_what_it_would_do_and_changes_nothing(post: Post) -> None:
    report = acknowledged(post)
    mails = [
        post.mail("new", subject="new", name="<new@x>"),
        post.mail("reply", answers="<new@x>"),
        post.mail("reply", answers=ours(report)),
    ]
    before = state(post.tracker)
    rows = post.rows(*mails, "--dry-run")
    assert [row["action"] for row in rows] == ["import", "received", "received"]
    assert {row["commit"] for row in rows} == {None}
    assert rows[1]["id"] == rows[0]["id"]
    assert rows[2]["id"] == report
    assert state(post.tracker) == before


def test_a_report_that_a_hand_has_changed_stops_all_before_anything_is_committed(post: Post) -> None:
    report = post.first()
    path = post.tracker.path(report)
    path.write_text(path.read_text().replace("severity: S3", "severity: S3  # mine"))
    before = state(post.tracker)
    mails = [post.mail("new", subject="new"), post.mail(answers="<first@acme.example>")]
    done = post.take(*mails)
    assert (done.code, "--include-edits" in done.err) == (7, True)
    assert state(post.tracker) == before
    rows = post.rows(*mails, "--include-edits")
    assert [row["action"] for row in rows] == ["import", "received"]
    assert "# mine" in path.read_text()
    require_sound(post.tracker)


def test_what_was_committed_before_a_failure_is_told_and_the_same_again_takes_the_rest(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = (post.first(name=f"<{number}@x>") for number in "ab")
    mails = [post.mail("new", subject="n"), post.mail("1", answers="<a@x>"), post.mail("2", answers="<b@x>")]
    original = Transaction._move_head

    def fail(self: Transaction, work: Any) -> bool:
        if two in work.entry.subject:
            raise OSError(28, "No space left on device")
        return original(self, work)

    with monkeypatch.context() as patch:
        patch.setattr(Transaction, "_move_head", fail)
        done = post.take(*mails)
    assert (done.code, done.out) == (7, "")
    assert "2 were imported" in done.err
    assert [row["action"] for row in post.rows(*mails)][1:] == ["known", "received"]
    assert post.last(one)["text"] == "1"
    assert post.last(two)["text"] == "2"


def test_a_reply_that_somebody_else_imports_meanwhile_is_known(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    report = post.first()
    mail = post.mail(answers="<first@acme.example>")
    from issuelog.importing.replies import Replies

    original, calls = Replies.commit, itertools.count()

    def commit(self: Replies) -> Any:
        if not next(calls):
            post.tracker.ok("import", "mail", mail)
        return original(self)

    monkeypatch.setattr(Replies, "commit", commit)
    assert [(row["action"], row["commit"]) for row in post.rows(mail)] == [("known", None)]
    assert len(post.tracker.show(report)["messages"]) == 1


@pytest.mark.parametrize("room", [500_000_000, 0], ids=["as prepared", "taken again"])
def test_what_somebody_else_records_meanwhile_stays(post: Post, monkeypatch: pytest.MonkeyPatch, room: int) -> None:
    from issuelog.importing import replies

    report = post.first()
    mails = [post.mail(str(number), answers="<first@acme.example>", files={"a.log": str(number)}) for number in "12"]
    original, calls = replies.Replies.commit, itertools.count()

    def commit(self: replies.Replies) -> Any:
        for number, done in enumerate(original(self)):
            if not number and not next(calls):
                post.tracker.ok("note", report, "meanwhile")
            yield done

    monkeypatch.setattr(replies, "_MOST_PREPARED", room)
    monkeypatch.setattr(replies.Replies, "commit", commit)
    assert [row["action"] for row in post.rows(*mails)] == ["received", "received"]
    shown = post.tracker.show(report)
    assert [message["text"] for message in shown["messages"]] == ["1", "2"]
    assert len(shown["attachments"]) == 2
    assert [one["action"] for one in shown["events"]][1:] == ["received", "note", "received"]
    require_sound(post.tracker)


def test_a_conversation_is_read_back_once_for_each_mail_and_not_again_when_it_is_committed(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    from issuelog.store import documents

    post.first()
    mails = [post.mail(str(number), answers="<first@acme.example>", subject="Export stops") for number in range(6)]
    original, read = documents.Kind.load, []

    def load(self: Any, content: bytes, shown: str) -> Any:
        read.append(shown)
        return original(self, content, shown)

    with monkeypatch.context() as patch:
        patch.setattr(documents.Kind, "load", load)
        for name in ("load", "changed"):
            patch.setattr(f"issuelog.store.reports.{name}", getattr(reports._KIND, name))
        done = post.tracker.run("import", "-q", "mail", *mails)
    assert done.code == 0, done.err
    assert len(mails) <= len(read) < 2 * len(mails)  # the index reads the report as well, perhaps more than once


# --- What to do with it -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("history", "command"),
    [
        ((*CLOSABLE, "close ID --known-error none"), "issuelog reopen ID --reason "),
        ((*READY, RESOLVE), "issuelog verify ID --confirmed"),
        ((ACK, ASK), "issuelog answer ID Q1 TEXT"),
    ],
    ids=["closed", "to be confirmed", "asked"],
)
def test_what_may_follow_is_named_and_the_state_stays(tmp_path: Path, history: tuple[str, ...], command: str) -> None:
    life = lived(tmp_path, *history)
    post = Post(life.tracker, tmp_path)
    before = life.state
    mail = post.mail(answers=ours(life.id))
    done = life.tracker.run("import", "mail", mail)
    assert done.code == 0, done.err
    assert life.state == before
    assert command.replace("ID", life.id) in done.err
    (row,) = post.rows(post.mail(answers=ours(life.id)), "-n")
    assert row["next"].startswith(command.replace("ID", life.id))
    away = post.mail("Away", "Auto-Submitted: auto-replied", answers=ours(life.id))
    assert "reopen" not in life.tracker.run("import", "mail", away).err


# --- Real mails ---------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not SAMPLES.is_dir(), reason=f"no samples: {SAMPLES} is not there")
def test_every_real_reply_and_bounce_belongs_where_it_is_sent(post: Post) -> None:
    report = post.first()
    names = sorted([*SAMPLES.glob("standard_replies__*"), *SAMPLES.glob("bounce__*")])
    assert len(names) > 10
    for path in names:
        done = post.tracker.run("--json", "import", "mail", str(path), "--to", report)
        assert done.code == 0, (path.name, done.err)
        message = post.last(report)
        is_only_late = b"Action: delayed" in path.read_bytes()
        is_bounce = path.name.startswith("bounce__") and "broken" not in path.name and not is_only_late
        assert (message["kind"] == "bounce") == is_bounce, path.name
        assert message["text"].strip()
    require_sound(post.tracker)
