"""A mail to a customer: whatever the report holds, it is one mail to one address, and an answer to it is recognised."""

from __future__ import annotations

import email
import email.policy
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import getaddresses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostile.payloads import LINE, TEXT
from issuelog.customer.mail import MAX_NAME, MAX_REFERENCES, Mail, recipient, to_send
from issuelog.customer.mail import mail_of as mail_of_message
from issuelog.errors import NotFound, Refused, UsageError
from issuelog.model.report import Message, Report, State, seal
from issuelog.model.text import one_line
from issuelog.model.threading import MESSAGE_ID, message_id, report_of

AT = datetime(2026, 11, 22, 9, tzinfo=UTC)
SENDER = "Kim Lee <kim@example.com>"
ID = "CR-261122-7K3M"
HEADERS = ["From", "To", "Subject", "Date", "Message-ID"]
OURS = ["MIME-Version", "Content-Type", "Content-Transfer-Encoding"]


def message(item: str = "M1", text: str = "Hello.", **facts: Any) -> Message:
    kind = {"direction": "out", "kind": "update", "channel": "email", "at": AT, "by": SENDER}
    return Message.model_validate({"id": item, "text": text, **kind, **facts})


def report(*messages: Message, title: str = "Export stops", ref: str | None = None, **customer: Any) -> Report:
    return Report.model_validate(
        {
            "schema": 1,
            "id": ID,
            "title": title,
            "state": State.NEW,
            "severity": "S3",
            "source": {
                "channel": "email",
                "received_at": AT,
                "recorded_at": AT,
                "recorded_by": SENDER,
                **({"external_ref": ref} if ref else {}),
            },
            "customer": {"contact": "jo@acme.example", **customer},
            "story": "s",
            "story_sha256": seal("s"),
            "messages": [one.model_dump() for one in messages],
            "events": [{"id": "E", "at": AT, "by": SENDER, "action": "new", "to": "new"}],
        }
    )


def parsed(mail: Mail) -> EmailMessage:
    """Return a mail as it comes out at the other end."""
    found = email.message_from_bytes(mail.as_file(), policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    assert found.defects == []
    return found


def shown(mail: Mail, header: str) -> str:
    """Return a header as a mail client shows it, which takes encoded words together as RFC 2047 says."""
    value = email.message_from_bytes(mail.as_file(), policy=email.policy.compat32)[header]
    return str(make_header(decode_header(value.replace("\r\n ", " "))))


def content(mail: EmailMessage) -> str:
    """Return the text of a mail that was parsed; its lines end as in a file."""
    return str(mail.get_content()).replace("\r\n", "\n")


def mail_of(report: Report, message: Message, sender: str) -> Mail:
    return mail_of_message(report, message, sender, lambda text: text.replace("hunter2000", "…"))


def sent(message: Message, **facts: Any) -> EmailMessage:
    return parsed(mail_of(report(message, **facts), message, SENDER))


def test_what_a_mail_says() -> None:
    mail = sent(message(text="Hello Jo,\n\nit is done."), name="Jo Müller")
    assert mail.keys() == [*HEADERS, *OURS]
    assert mail["From"] == SENDER
    assert mail["To"] == "Jo Müller <jo@acme.example>"
    assert mail["Subject"] == f"[{ID}] Export stops"
    assert mail["Date"].datetime == AT
    assert content(mail) == "Hello Jo,\n\nit is done.\n"
    assert (mail.get_content_type(), mail.get_content_charset()) == ("text/plain", "utf-8")
    assert "Jo Müller" in mail_of(report(message(), name="Jo Müller"), message(), SENDER).as_read()


@pytest.mark.parametrize(
    "text", ["x" * 5000, "äöü " * 500, "a\n.\nFrom me\n..\n" * 3, "٣ שלום 你好 🙂", "a  \n b\t\n\nc"]
)
def test_a_text_arrives_as_it_was_written_in_lines_that_every_server_takes(text: str) -> None:
    mail = mail_of(report(message()), message(text=text), SENDER)
    assert content(parsed(mail)) == text.rstrip("\n") + "\n"
    assert max(map(len, mail.as_file().split(b"\r\n"))) <= 78
    assert mail.as_file().isascii()


def test_lines_end_as_the_reader_wants_them() -> None:
    mail = mail_of(report(message()), message(text="a\n\nb ä"), SENDER)
    assert mail.as_file().count(b"\n") == mail.as_file().count(b"\r\n") > 8
    assert b"\r" not in mail.as_input()


@given(st.text(min_size=1).filter(str.strip), st.text(max_size=400))
def test_nothing_in_a_report_gets_out_of_its_header(title: str, name: str) -> None:
    made = report(message())
    made.title, made.customer.name = title, name
    mail = mail_of(made, message(), SENDER)
    found = parsed(mail)
    assert found.keys() == [*HEADERS, *OURS]
    assert [one for _, one in getaddresses([str(found["To"])])] == ["jo@acme.example"]
    assert shown(mail, "To") == str(mail.recipient)
    assert shown(mail, "Subject") == f"[{ID}] {one_line(title)}".rstrip()
    assert len(mail.recipient.name) <= MAX_NAME
    assert mail.as_file().split(b"\r\n\r\n", 1)[1] == b"Hello.\r\n"


@pytest.mark.parametrize("hostile", [LINE, TEXT, "x\r\nBcc: evil@example.com\r\n\r\nforged", "a" * 100_000])
def test_hostile_words_are_inert_in_a_mail(hostile: str) -> None:
    made = report(message(), name="x")
    made.title, made.customer.name = hostile, hostile
    mail = parsed(mail_of(made, message(text=hostile), SENDER))
    assert mail.keys() == [*HEADERS, *OURS]
    assert [one.addr_spec for one in mail["To"].addresses] == ["jo@acme.example"]
    for name in ("From", "To", "Subject"):
        assert all(char.isprintable() for char in mail[name]), name
    assert not {char for char in str(mail.get_content()) if ord(char) < 32 and char not in "\r\n\t"}
    assert "\r" not in content(mail)


def test_a_secret_in_a_title_stays_out_of_the_subject() -> None:
    assert sent(message(), title="password: hunter2000 does not work")["Subject"] == f"[{ID}] password: … does not work"


CONTACTS = {
    "jo@acme.example": "jo@acme.example",
    "Jo Doe <jo@acme.example>": "jo@acme.example",
    '"Doe, Jo" <jo@acme.example>': "jo@acme.example",
    "jo+x=y@sub.acme.example": "jo+x=y@sub.acme.example",
    "jo@Bücher.example": "jo@xn--bcher-kva.example",
}
NO_CONTACTS = (
    "+49 170 1234567",
    "jo",
    "jo@",
    "@acme.example",
    "jo@acme.example, eve@evil.example",
    "jo@acme.example\x0beve@evil.example",
    "jo@acme.example>",
    "<jo@acme.example> <eve@evil.example>",
    "jo @acme.example",
    "jo..x@acme.example",
    "jo@acme..example",
    "jö@acme.example",
    "jo@[127.0.0.1]",
    " " * 100_000 + "<",
)


@pytest.mark.parametrize("contact", CONTACTS)
def test_a_contact_that_is_a_mail_address(contact: str) -> None:
    assert sent(message(), contact=contact)["To"].addresses[0].addr_spec == CONTACTS[contact]


@pytest.mark.parametrize("contact", [*NO_CONTACTS, None])
def test_a_contact_that_is_none_is_named_with_the_command_that_sets_one(contact: str | None) -> None:
    with pytest.raises(Refused) as refused:
        recipient(report(contact=contact))
    [fact] = refused.value.missing
    assert fact.command == f"issuelog set {ID} customer.contact=NAME@DOMAIN"


def test_a_sender_has_to_be_one() -> None:
    with pytest.raises(UsageError, match="mail address to send from"):
        mail_of(report(message()), message(), "Kim")


def test_only_mails_of_ours_are_sent() -> None:
    made = report(message("M1", direction="in"), message("M2", channel="phone"))
    for one, says in zip(made.messages, ("customer wrote", "by phone"), strict=True):
        with pytest.raises(Refused, match=says):
            to_send(made, one.id)
    with pytest.raises(Refused, match="waits to be sent"):
        to_send(made, None)
    with pytest.raises(NotFound, match="there are: M1, M2"):
        to_send(made, "M7")


def test_the_newest_is_sent_an_older_one_by_its_name_and_what_was_sent_only_again() -> None:
    assert to_send(report(message("M1", sent_at=AT), message("M2"), message("M3")), None).id == "M3"
    made = report(message("M1"), message("M2"), message("M3", sent_at=AT))
    with pytest.raises(Refused, match="M3, the newest mail"):
        to_send(made, None)
    assert to_send(made, "M2").id == "M2"
    with pytest.raises(Refused, match="was sent on 2026-11-22T09:00:00Z"):
        to_send(made, "m3")
    assert to_send(made, "M3", again=True).id == "M3"


# What a mail is called


ITEMS = st.one_of(
    st.integers(1, 10**6).map(lambda n: f"M{n}"), st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", fullmatch=True)
)


@given(ITEMS, st.sampled_from([SENDER, "kim@Bücher.example", "x@y", "nobody", "a@b..c", "k@EXAMPLE.com"]))
def test_the_id_of_a_mail_names_the_report_and_the_message(item: str, sender: str) -> None:
    made = message_id(ID, item, sender)
    assert made == message_id(ID, item, sender)
    assert MESSAGE_ID.fullmatch(made)
    assert report_of(made) == report_of(made.upper()) == report_of(f" {made}\n") == (ID, item)


def test_the_id_has_the_domain_of_the_sender() -> None:
    assert message_id(ID, "M1", SENDER).endswith("@example.com>")


@given(st.text())
def test_an_id_of_another_makes_no_report(text: str) -> None:
    assert report_of(text) is None
    assert report_of(f"<{text}@example.com>") is None


def test_an_id_that_was_changed_is_not_ours() -> None:
    made = message_id(ID, "M1", SENDER)
    assert report_of(made.replace(".m1.", ".m2.")) is None
    assert report_of(made.replace("7k3m", "7k3n")) is None
    assert report_of(made.replace("example.com", "evil.example")) is None


def ids(mail: EmailMessage, header: str) -> list[str]:
    return str(mail.get(header, "")).split()


def test_a_mail_answers_the_newest_of_the_customers_and_names_those_before_it() -> None:
    conversation = [
        message("M1"),
        message("M2", direction="in", external_ref="<two@acme.example>"),
        message("M3", channel="phone"),
        message("M4", direction="in", kind="auto_reply", external_ref="<machine@acme.example>"),
        message("M5", direction="in", external_ref="a letter"),
        message("M6"),
        message("M7", direction="in", external_ref="<later@acme.example>"),
    ]
    made = report(*conversation, ref="<one@acme.example>")
    mail = parsed(mail_of(made, made.messages[5], SENDER))
    assert ids(mail, "In-Reply-To") == ["<two@acme.example>"]
    assert ids(mail, "References") == ["<one@acme.example>", message_id(ID, "M1", SENDER), "<two@acme.example>"]


def test_what_went_out_under_another_name_is_called_that() -> None:
    made = report(message("M1", external_ref="<old@example.com>"), message("M2"))
    assert ids(parsed(mail_of(made, made.messages[1], SENDER)), "References") == ["<old@example.com>"]
    assert mail_of(made, made.messages[0], SENDER).id == "<old@example.com>"


@pytest.mark.parametrize("ref", ["sha256:1234", "<a b@c>", "<a@b>\r\nBcc: x", "<" + "a" * 300 + "@b>", None])
def test_without_a_mail_of_theirs_it_answers_none(ref: str | None) -> None:
    made = report(message("M1"), message("M2"))
    made.source.external_ref = ref
    mail = parsed(mail_of(made, made.messages[1], SENDER))
    assert mail["In-Reply-To"] is None
    assert ids(mail, "References") == [message_id(ID, "M1", SENDER)]


def test_long_ids_stay_whole_and_of_many_the_first_and_the_newest_are_named() -> None:
    refs = [f"<{number:0180}@{'d' * 180}.example>" for number in range(40)]
    made = report(*(message(f"M{n}", direction="in", external_ref=ref) for n, ref in enumerate(refs)), message("M99"))
    mail = mail_of(made, made.messages[-1], SENDER)
    assert ids(parsed(mail), "In-Reply-To") == refs[-1:]
    assert ids(parsed(mail), "References") == [refs[0], *refs[1 - MAX_REFERENCES :]]
    assert max(map(len, mail.as_file().split(b"\r\n"))) <= 998


@pytest.mark.parametrize("title", ["=?utf-8?q?x=0D=0ABcc=3A_e?=", "a =?us-ascii?b?Ynll?= b", "x" * 120, '"<,;:\\'])
def test_a_title_is_shown_as_it_is_also_where_it_looks_encoded(title: str) -> None:
    made = report(message(), title=title, name=title)
    mail = mail_of(made, message(), SENDER)
    assert shown(mail, "Subject") == f"[{ID}] {title}"
    assert shown(mail, "To") == str(mail.recipient)
    assert sent(message(), title=title)["Subject"] == f"[{ID}] {title}"
