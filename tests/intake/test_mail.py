from __future__ import annotations

import base64
import contextlib
import hashlib
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from issuelog.errors import InvalidFile
from issuelog.intake import mail
from issuelog.intake.incoming import Incoming, IncomingFile, Letter
from issuelog.intake.letters import MAX_REFERENCES

PLAIN = "From: Ann <ann@example.com>\nSubject: It broke\n"


def read(source: str | bytes) -> Incoming:
    data = source.encode() if isinstance(source, str) else source
    (item,) = mail.read(data, "in/x.eml")
    assert isinstance(item, Incoming)
    return item


def refusal(data: bytes) -> str:
    with pytest.raises(InvalidFile) as caught:
        list(mail.read(data, "in/x.eml"))
    (problem,) = caught.value.problems
    assert (problem.path, problem.line, problem.column, problem.rule) == ("in/x.eml", 1, 1, "mail")
    return problem.message


def parts(*sources: str, kind: str = "mixed") -> str:
    """The header that says multipart, and the parts."""
    body = "".join(f"--b\n{source}\n" for source in sources)
    return f"Content-Type: multipart/{kind}; boundary=b\n\n{body}--b--\n"


def attached(headers: str, content: str = "x") -> IncomingFile:
    (file,) = read(PLAIN + parts("\ntext", f"Content-Type: image/png\n{headers}\n{content}")).files
    return file


def quick(source: str | bytes) -> None:
    """Read it (or be told that it is invalid) in far less time than anything quadratic would take."""
    start = time.monotonic()
    with contextlib.suppress(InvalidFile):
        read(source)
    assert time.monotonic() - start < 10


# --- Headers


def test_a_plain_mail_is_mapped_field_by_field() -> None:
    source = (
        "From: Ann Lee <ann@example.com>\nTo: help@example.com\nSubject: It broke\n"
        "Date: Tue, 3 Mar 2026 10:00:00 +0200\nMessage-ID: <1@example.com>\n\nHello,\n\nit broke.\n-- \nAnn\n"
    )
    assert read(source) == Incoming(
        title="It broke",
        story="Hello,\n\nit broke.\n-- \nAnn\n",
        channel="email",
        received_at=datetime(2026, 3, 3, 8, 0, tzinfo=UTC),
        external_ref="<1@example.com>",
        customer="Ann Lee",
        contact="ann@example.com",
        letter=Letter("It broke", "Hello,\n\nit broke.\n-- \nAnn\n"),
    )


@pytest.mark.parametrize(
    ("subject", "title"),
    [
        ("=?utf-8?q?Gr=C3=BC=C3=9Fe?= aus =?iso-8859-1?Q?K=F6ln?=", "Grüße aus Köln"),
        ("=?utf-8?b?R3LDvMOf?=\n =?utf-8?b?ZQ==?=", "Grüße"),
        ("=?utf-8?q?Gr=C3?=\n =?utf-8?q?=BC=C3=9Fe?=", "Grüße"),  # cut within a character
        ("=?utf-8?q?Why??=", "Why?"),
        ("=?utf-8*de?q?a_b?=", "a b"),
        ("=?x-unknown?q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
        ("=?base64?q?abc?=", "abc"),
        ("=?utf-8?b?R3L!DvMO?=", "Grü\ufffd"),
        ("=?utf-8?q?broken", "=?utf-8?q?broken"),
        ("=?utf-8?x?abc?=", "=?utf-8?x?abc?="),
        ("a\n\t  b\n c", "a b c"),
        ("=?utf-8?q?a=0Ab=00c?=", "a b\ufffdc"),
        ("Grüße", "Grüße"),
    ],
)
def test_the_subject_is_decoded_into_one_line(subject: str, title: str) -> None:
    assert read(f"Subject: {subject}\n\nx").title == title


def test_bytes_in_a_header_that_are_no_utf8_are_what_windows_sends() -> None:
    assert read(b"Subject: caf\xe9 \x80\n\nx").title == "café €"
    cut = "Прошу помощи".encode()[:-1]
    assert read(b"Subject: " + cut + b"\n\nx").title == "Прошу помощ\ufffd"


def test_a_title_has_120_characters_and_the_story_keeps_the_whole_subject() -> None:
    exact, longer = "x" * 120, "y" * 121
    assert (read(f"Subject: {exact}\n\nbody").title, read(f"Subject: {exact}\n\nbody").story) == (exact, "body\n")
    cut = read(f"Subject: {longer}\n\nbody")
    assert cut.title == "y" * 119 + "…"
    assert cut.story == f"Subject: {longer}\n\nbody\n"
    assert read(f"Subject: {longer}\n\n").story == longer + "\n"


def test_without_a_subject_the_first_line_that_says_something_is_the_title() -> None:
    assert read("From: a@b.c\n\n\n  \n  First   line \nSecond").title == "First line"
    assert read("From: a@b.c\nSubject:  \n\n" + "z" * 200).title == "z" * 119 + "…"
    empty = read("From: a@b.c\n\n \n")
    assert (empty.title, empty.story) == ("(no subject)", "(no subject)\n")


def test_an_empty_body_leaves_the_subject_as_the_story() -> None:
    assert read("Subject: It broke\n\n\n \n").story == "It broke\n"


@pytest.mark.parametrize(
    ("header", "customer", "contact"),
    [
        ("From: ann@example.com", None, "ann@example.com"),
        ("From: ann@example.com (Ann Lee)", "Ann Lee", "ann@example.com"),
        ('From: "Lee, Ann \\"A\\"" <ann@example.com>', 'Lee, Ann "A"', "ann@example.com"),
        ("From: =?iso-8859-1?Q?Lee=2C_J=F6rg?= <j@example.com>", "Lee, Jörg", "j@example.com"),
        ('From: "=?utf-8?q?J=C3=B6rg?=" <j@example.com>', "Jörg", "j@example.com"),
        ("From: =?utf-8?q?Ann_=3Cann=40example.com=3E?=", "Ann", "ann@example.com"),
        ("From: boss@bank.example <thief@example.com>", "boss@bank.example", "thief@example.com"),
        ("From: Ann <ann@example.com>, Bob <bob@example.com>", "Ann", "ann@example.com"),
        ("From: =?utf-8?q?Ann=0AB?= <a@example.com>", "Ann B", "a@example.com"),
        ("From: Ann\nReply-To: Bob <bob@example.com>", "Ann", "bob@example.com"),
        ("From: <>\nSender: Bob <bob@example.com>", "Bob", "bob@example.com"),
        ("Return-Path: <ann@example.com>", None, "ann@example.com"),
        ("From: Ann <" + "a" * 250 + "@example.com>", "Ann", None),
        ("From: (((((", "(((((", None),
        ("X-Nobody: 1", None, None),
    ],
)
def test_who_sent_it(header: str, customer: str | None, contact: str | None) -> None:
    item = read(header + "\n\nx")
    assert (item.customer, item.contact) == (customer, contact)


@pytest.mark.parametrize(
    ("date", "moment"),
    [
        ("Wed, 20 Sep 1995 00:19:00 (EDT) -0400", datetime(1995, 9, 20, 4, 19, tzinfo=UTC)),
        ("3 Mar 2026 10:00:00 -0000", datetime(2026, 3, 3, 10, 0, tzinfo=UTC)),
        ("Fri, 31 Dec 1989 23:00:00 +0000", None),
        ("1 Jan 2100 00:00:00 +0000", None),
        ("Mon, 31 Feb 2026 10:00:00 +0000", None),
        ("1 Jan 2026 10:00:00 +9999999999999", None),
        ("31 Dec 9999 23:59:59 -2300", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_a_date_is_utc_or_none(date: str, moment: datetime | None) -> None:
    assert read(f"Date: {date}\n\nx").received_at == moment


def test_without_a_usable_message_id_the_bytes_identify_the_mail() -> None:
    for header in ("X-A: 1", "Message-ID: ", "Message-ID: <" + "a" * 300 + ">"):
        source = f"{header}\n\nx"
        expected = "sha256:" + hashlib.sha256(source.encode()).hexdigest()[:32]
        assert read(source).external_ref == expected
    assert read("Message-ID:\n <a b@c>\n\nx").external_ref == "<a b@c>"


def test_a_mail_may_begin_with_a_mark_blank_lines_or_an_mbox_line() -> None:
    for beginning in (b"\xef\xbb\xbf", b"\r\n\n", b"From ann Mon Feb  8 02:53:47 1993\n", b"      \n"):
        assert read(beginning + PLAIN.encode() + b"\nx").title == "It broke"


# --- A conversation


def letter(*headers: str, text: str = "x") -> Letter:
    found = read("\n".join([*headers, "From: a@b.c", "", text])).letter
    assert found
    return found


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (("In-Reply-To: <a@x>",), ("<a@x>",)),
        (("References: <a@x> <b@x>\n\t<c@x>",), ("<c@x>", "<b@x>", "<a@x>")),
        (("References: <a@x> <b@x>", "In-Reply-To: <b@x>"), ("<b@x>", "<a@x>")),
        (("In-Reply-To: Your message of Monday <a@x> (by Jo)",), ("<a@x>",)),
        (("In-Reply-To: a@x, and words",), ("a@x,",)),
        (("References: <a@x><b@x>",), ("<b@x>", "<a@x>")),
        (("In-Reply-To: <a\n b@x>",), ("<a b@x>",)),
        ((f"In-Reply-To: <{'a' * 300}@x> <b@x>",), ("<b@x>",)),
        (("In-Reply-To: words",), ()),
        (("References: <<<>>> <", "Subject: x"), ()),
    ],
)
def test_a_mail_names_those_that_it_answers_the_nearest_first(
    headers: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    assert letter(*headers).references == expected


def test_of_endless_references_the_nearest_and_the_first_are_known() -> None:
    found = letter("References: " + " ".join(f"<{number}@x>" for number in range(50_000))).references
    assert len(found) == MAX_REFERENCES
    assert (found[0], found[-1]) == ("<49999@x>", "<0@x>")
    too_long = letter("References: " + "<a@x> " * 200_000)
    assert too_long.references == ()
    assert too_long.text == "x\n"


def test_only_what_a_machine_returns_is_searched_for_what_it_answers() -> None:
    text = "Message-ID: <theirs@x>"
    assert letter("Subject: x", text=text).references == ()
    assert letter("Auto-Submitted: auto-replied", text=text).references == ("<theirs@x>",)
    folded = letter("Return-Path: <>", text="words\r\nMESSAGE-ID:\r\n <theirs@x>\r\nmessage-id: <other@x>")
    assert folded.references == ("<theirs@x>",)


# --- Text


def test_line_ends_become_line_feeds_and_only_the_outer_blanks_go() -> None:
    assert read(PLAIN + "\r\n \r\n  a  \r\rb\r\n> q\r\n\t\r\n").story == "  a  \n\nb\n> q\n"


@pytest.mark.parametrize(
    ("charset", "content", "story"),
    [
        ("iso-8859-1", "für".encode("latin-1"), "für"),
        ("iso-8859-1", b"5 \x80", "5 €"),
        ("iso-8859-1", "für".encode(), "für"),  # UTF-8, labelled Latin
        ("utf-8", "für".encode("latin-1"), "für"),  # Latin, labelled UTF-8
        ("utf-8", "für dich, Пётр".encode()[:-1], "für dich, Пёт\ufffd"),
        ("X-UNKNOWN", "für".encode(), "für"),
        ("gb2312", "镕你好".encode("gb18030"), "镕你好"),
        ("koi8-r", "Привет".encode("koi8-r"), "Привет"),
        ("utf-16-be", b"\xd8\0\0x", "\ufffdx"),
        ("unicode_escape", b"\\ud800", "\\ud800"),
        ("idna", b"xn--a", "xn--a"),
        ("base64", b"abc", "abc"),
        ("undefined", b"abc", "abc"),
        ("utf-7", b"+2AA-", "\ufffd"),
        ("us-ascii", b"a\0b", "a\ufffdb"),
        ("utf-8", b"\xef\xbb\xbfa", "a"),
    ],
)
def test_text_is_decoded_whatever_its_charset_is_called(charset: str, content: bytes, story: str) -> None:
    item = read(f"{PLAIN}Content-Type: text/plain; charset={charset}\n\n".encode() + content)
    assert item.story == story + "\n"


@pytest.mark.parametrize(
    ("encoding", "content", "story"),
    [
        ("base64", "SGVs\nbG8=", "Hello"),
        ("BASE64 ", "SGVsbG8=\n-- \nlist footer", "Hello"),
        ("base64", "SGV*sbG8hI", "Hello!"),  # a stray character, and cut off within a byte
        ("base64", "====", "It broke"),
        ("quoted-printable", "a=\nb=3D=C3=BC=ZZ=", "ab=ü=ZZ"),
        ("x-uuencode", "begin 644 x\n%2&5L;&\\\n`\nend", "Hello"),
        ("x-nonsense", "as it is", "as it is"),
    ],
)
def test_damaged_transfer_encodings_give_what_is_left(encoding: str, content: str, story: str) -> None:
    item = read(f"{PLAIN}Content-Transfer-Encoding: {encoding}\n\n{content}")
    assert item.story == story + "\n"


def test_flowed_text_is_put_together_again() -> None:
    body = "One paragraph \nthat flows.\n From here\n> quoted \n> words\n> > deeper \nend \n-- \nAnn"
    story = "One paragraph that flows.\nFrom here\n> quoted words\n>> deeper \nend \n-- \nAnn\n"
    header = f"{PLAIN}Content-Type: text/plain; format=flowed"
    assert read(f"{header}\n\n{body.replace('> > deeper', '>> deeper')}").story == story
    assert read(f"{header}; delsp=yes\n\nLong \nword").story == "Longword\n"


def test_html_becomes_readable_text() -> None:
    page = """<html><head><title>T</title><style>p { color: red }</style></head><body><!-- <p>no -->
      <p>Hello&nbsp;<b>you</b> &amp; me,<br>again</p><div>one</div><div>two</div>
      <ul><li>first<li><p>second</p><ol><li>deep</li></ol></ul>
      <table><tr><td>a</td><td>b</td></tr><tr><th></th><th>c</th></tr></table>
      <pre>x
  y</pre><script>if (a < b) alert("no")</script>
      See <a class="x" href="https://example.com/?a=1&amp;b=2">the page</a>,
      <a href=https://example.com/>example.com</a>, <a href='mailto:a@b.c'>a@b.c</a>,
      <a href="javascript:alert(1)">this</a>, <a href="https://example.com/i"><img src=x></a>. 1 < 2 <joe@x.y>"""
    assert read(PLAIN + "Content-Type: text/html\n\n" + page).story == (
        "Hello you & me,\nagain\n\none\ntwo\n\n- first\n\n- second\n\n  1. deep\n\na | b\nc\n\nx\n  y\n\n"
        "See the page (https://example.com/?a=1&b=2), example.com, a@b.c, this, https://example.com/i."
        " 1 < 2 <joe@x.y>\n"
    )


def test_html_that_is_broken_or_says_nothing_is_survived() -> None:
    header = PLAIN + "Content-Type: text/html\n\n"
    assert read(header + "a<!-- never closed").story == "a\n"
    assert read(header + "<p title=it's>a</p></ul></pre></li>b").story == "a\n\nb\n"
    assert read(header + "&#55296;&#0;&#" + "9" * 5000 + ";&bogus;").story == "\ufffd\ufffd\ufffd&bogus;\n"
    assert read(header + "<img src=cid:1>").story == "It broke\n"


# --- Parts


def test_of_alternatives_the_plain_text_is_taken() -> None:
    html = "Content-Type: text/html\n\n<p>html</p>"
    item = read(PLAIN + parts("\nplain", html, kind="alternative"))
    assert (item.story, item.files) == ("plain\n", ())
    assert read(PLAIN + parts(html, "\nplain", kind="alternative")).story == "plain\n"
    assert read(PLAIN + parts("\n \n", html, kind="alternative")).story == "html\n"
    assert read(PLAIN + parts("\n", "\n", kind="alternative")).story == "It broke\n"


def test_several_texts_are_joined() -> None:
    item = read(PLAIN + parts("\none\n\n", "Content-Type: text/html\n\n<p>two</p>", "\n\nthree"))
    assert item.story == "one\n\ntwo\n\nthree\n"


def test_other_parts_become_files_inline_images_too() -> None:
    picture = base64.b64encode(b"\x89PNG\0").decode()
    item = read(
        PLAIN
        + parts(
            "\ntext",
            "Content-Type: image/png; name=a.png\nContent-Disposition: inline\n"
            f"Content-Transfer-Encoding: base64\n\n{picture}",
            "Content-Type: text/plain\nContent-Disposition: attachment\n\nlog",
            "Content-Type: text/plain; name=app.log\n\nlog",
            "Content-Type: application/x-odd charset=1\n\n?",
            "Content-Type: message/delivery-status\n\nA: 1\n\nB: 2",
        )
    )
    assert item.story == "text\n"
    assert item.files == (
        IncomingFile("a.png", b"\x89PNG\0", "image/png"),
        IncomingFile("part-3.txt", b"log", "text/plain"),
        IncomingFile("app.log", b"log", "text/plain"),
        IncomingFile("part-5.bin", b"?", "application/x-odd"),
        IncomingFile("part-6.txt", b"A: 1\n\nB: 2", "message/delivery-status"),
    )


def test_a_message_within_the_message_stays_whole_and_byte_for_byte() -> None:
    inner = "From:  Bob <b@c.d>\nSubject: inner\n" + parts("\ninner text").rstrip().replace("--b", "--c")
    item = read(PLAIN + parts("\nouter", f"Content-Type: message/rfc822\n\n{inner}"))
    assert item.story == "outer\n"
    assert item.files == (IncomingFile("part-2.eml", inner.encode(), "message/rfc822"),)
    alone = read(PLAIN + f"Content-Type: message/rfc822\n\n{inner}")
    assert (alone.story, [file.name for file in alone.files]) == ("It broke\n", ["part-1.eml"])


@pytest.mark.parametrize(
    ("headers", "name"),
    [
        ('Content-Disposition: attachment; filename="../x"\n', "../x"),
        ('Content-Disposition: attachment; filename="C:\\temp\\a \\"b\\".log"\n', 'C:\\temp\\a "b".log'),
        ("Content-Disposition: attachment; filename==?utf-8?q?=C3=BC.png?=\n", "ü.png"),
        ("Content-Disposition: attachment; filename*=utf-8''%C3%BC%0A.png; filename=u.png\n", "ü .png"),
        ("Content-Disposition: attachment; filename*=idna''a%00.png\n", "a\ufffd.png"),
        ("Content-Disposition: attachment;\n filename*1*=%BC.png;\n filename*0*=utf-8''%C3\n", "ü.png"),
        ("Content-Disposition: attachment; filename*0=it's; filename*1=\"'x'\"\n", "it's'x'"),
        ("Content-Disposition: attachment; filename*=nonsense\n", "nonsense"),
        ('Content-Disposition: attachment; filename*x=1; filename="open\n', '"open'),
        ("Content-Disposition: attachment; filename=ü.png\n", "ü.png"),
        ('Content-Disposition: attachment; filename="a\n b.png"\n', "a b.png"),
        ('Content-Disposition: attachment; filename=""\n', "part-2.png"),
        ("", "part-2.png"),
    ],
)
def test_a_file_is_called_what_the_sender_called_it(headers: str, name: str) -> None:
    assert attached(headers).name == name


def test_mails_with_lost_boundaries_keep_their_text() -> None:
    header = PLAIN + "Content-Type: multipart/mixed"
    assert read(header + "\n\nsome text").story == "some text\n"
    assert read(header + "; boundary=b\n\nsome text").story == "some text\n"
    assert read(header + "; boundary=b\n\n--b\n\nno end").story == "no end\n"
    assert read(header + "; boundary*=idna''b\n\n--b\n\ntext\n--b--").story == "text\n"
    assert read(header + "; boundary=b; boundary*0=b\n\n--b\n\ntext\n--b--").story == "text\n"


# --- What is refused


@pytest.mark.parametrize(
    "data",
    [b"", b" \r\n", b"Hello, it broke.\n", b'{"title": "x"}', b":\n\nx", b"\x89PNG\r\n\x1a\n", b"From ann\n\nx"],
)
def test_what_is_no_mail_is_refused(data: bytes) -> None:
    assert "not a mail" in refusal(data)


def test_binary_files_are_refused() -> None:
    assert "binary" in refusal(b"Subject: x\n\n" + b"\0\1\2" * 1000)
    assert "binary" in refusal("Subject: x\n\nx".encode("utf-16"))


def test_limits_are_named_in_the_refusal() -> None:
    assert "more than 500 parts" in refusal(parts(*["\nx"] * 10_000).encode())
    assert "10 deep" in refusal("".join(parts_open(number) for number in range(1000)).encode())
    assert "larger than 25 MB" in refusal(b"Subject: x\n\n" + b"x" * 25_000_000)
    assert "part 2 of this mail is larger than 10 MB" in refusal(
        parts("\nx", "Content-Type: image/png\n\n" + "x" * 10_000_001).encode()
    )
    assert "header" in refusal(b"Subject: " + b"x" * 1_000_001 + b"\n\nx")


def parts_open(number: int) -> str:
    return f"Content-Type: multipart/mixed; boundary=b{number}\n\n--b{number}\n"


def test_what_is_just_within_the_limits_is_read() -> None:
    assert len(read(parts(*["Content-Type: image/png\n\nx"] * 499)).files) == 499
    assert read("".join(parts_open(number) for number in range(10)) + "\nx").story == "x\n"
    assert len(read(parts("Content-Type: image/png\n\n" + "x" * 10_000_000)).files[0].content) == 10_000_000


@pytest.mark.parametrize(
    "pattern",
    ["(", "=?a?q?x ", "=?utf-8?b?4pi=?= ", ';"', ";", "a=b; ", '"\\', "<", "a@", "=?", "\n a", "=?utf-{}?q?a?= "],
)
@pytest.mark.parametrize("header", ["Subject", "From", "Content-Type", "Content-Disposition", "Date", "References"])
def test_a_header_without_end_takes_no_time(header: str, pattern: str) -> None:
    value = "".join(pattern.format(number) for number in range(300_000 // (len(pattern) + 4)))
    quick(f"{header}: text/plain{value}\n\nx")


@pytest.mark.parametrize("pattern", ["<!--", "<a ", '<a x="', "<a b='c", "<", "&#", "&", "<ul><li>x", "<script>"])
def test_a_page_of_a_megabyte_takes_no_time(pattern: str) -> None:
    quick("Content-Type: text/html\n\n" + pattern * (1_000_000 // len(pattern)))


def test_many_lines_headers_and_enclosed_messages_take_no_time() -> None:
    quick("A: b\n" * 200_000 + "\nx")
    quick("Content-Type: text/plain; format=flowed\n\n" + "x \n" * 200_000)
    quick("Content-Type: message/rfc822\n\n" * 10_000)
    quick("".join(parts_open(number) for number in range(10)) + "\n" + "x\n" * 200_000)


FRAGMENTS = st.sampled_from(
    [
        *(b"\n", b"\n\n", b"\r", b" ", b"--b", b"--b--", b"=?utf-8?q?", b"?=", b"=C3", b"\xff", b"\0", b'"', b";"),
        *(b"Subject: ", b"From: ", b"Date: 1 Jan 2026 ", b"Message-ID: ", b"<", b">", b"@", b"filename*0*=utf-8''"),
        *(b"Content-Type: multipart/alternative; boundary=b\n\n--b\n", b"Content-Type: text/html\n", b"charset="),
        *(b"Content-Type: message/rfc822\n\n", b"Content-Transfer-Encoding: base64\n", b"<a href=", b"&#x", b"</p>"),
        *(b"References: ", b"In-Reply-To: ", b"Auto-Submitted: x", b"Action: failed", b"delivery-status"),
        *(b"Content-Disposition: attachment;", b"Content-Transfer-Encoding: quoted-printable\n", b"format=flowed"),
    ]
)


@settings(max_examples=180, deadline=None)
@given(st.lists(FRAGMENTS | st.binary(max_size=8), max_size=40))
def test_any_bytes_are_a_valid_report_or_refused(fragments: list[bytes]) -> None:
    try:
        item = read(b"X-A: 1\n" + b"".join(fragments))
    except InvalidFile:
        return
    assert item.letter
    texts = [item.title, item.story, item.external_ref, item.customer, item.contact, *(f.name for f in item.files)]
    texts += [item.letter.subject, item.letter.text, *item.letter.references]
    for text in filter(None, texts):
        text.encode()  # raises for lone surrogates
        assert "\0" not in text
    assert 0 < len(item.title) <= 120
    assert item.story.strip()
    assert item.story.endswith("\n")
    assert not any("\n" in line for line in (item.title, item.customer or "", item.contact or ""))
