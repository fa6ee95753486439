"""What holds for every signature: it is the same for the same error, another for another, and safe to write down."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from issuelog.model.report import Report
from issuelog.model.signature import Signature, normalise, of_message, of_report, parse, signatures

_FOLDER = Path(__file__).parents[1] / "data" / "signatures"
_CORPUS = [
    text
    for path in sorted(_FOLDER.glob("*.txt"))
    for text in re.split(r"^%%.*\n", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    if text.strip()
]
_TRACES = [text for text in _CORPUS if any(found.frames for found in signatures(text))]
_ANY = st.text(
    st.one_of(st.characters(exclude_categories=[]), st.sampled_from("aE0x19 :./\\'\"`<>@()[]{}=-_\n\t\r\x00"))
)
_PIECES = st.sampled_from(
    [
        "2026-11-22T10:00:01Z", "ERROR", "at a.B.c(B.java:1)", "'x'", '"', "<n>", "<path>/", "/srv/a.py",
        "C:\\x\\y.dll", "0x7ffe12", "::", "HTTP 504", "ORA-00942", "12.5 ms", "10:00", "a@b.example",
        "https://u:p@h/x?y=1", "10.0.0.1:80", "db.kunde.example:1", "password=abc", "Caused by: ",
        "java.lang.IllegalStateException", ": ", " ", "\n", "KeyError", "thread 'x' panicked at ",
        "Traceback (most recent call last):", 'File "x.py", line 1, in f', "(", ")", "`f`", " @ ",
        "\u201ex\u201c", "3f2a1b4c-1111-2222-3333-444455556666", " < ", "#0 0x1 in f () at x.c:1", "e",
        "_1", "1_", "-",
    ]
)  # fmt: skip
_MADE = st.lists(_PIECES, max_size=12).map("".join) | st.lists(_PIECES, max_size=12).map(" ".join)


# --- laws ----------------------------------------------------------------------------------------------------------


@given(_ANY | _MADE | st.sampled_from(_CORPUS))
def test_normalising_twice_is_normalising_once(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once


@given(_ANY | _MADE | st.sampled_from(_CORPUS))
def test_every_signature_reads_back_and_is_one_short_printable_line(text: str) -> None:
    bare = of_message(text)
    for found in signatures(text) + ([bare] if bare else []):
        for line in (str(found), found.loose):
            assert len(line) < 300
            assert line.isprintable()
            assert line == " ".join(line.split())
        assert parse(str(found)) == found
        assert found.loose.startswith("1 ")


@given(st.sampled_from(_TRACES), st.data())
def test_line_numbers_and_addresses_of_another_day_do_not_change_it(text: str, data: st.DataObject) -> None:
    number, address = data.draw(st.integers(1, 99999)), data.draw(st.integers(0x1000, 0xFFFFFFF))
    moved = re.sub(r"(?:(?<=line )|(?<=\.java:)|(?<=\.go:)|(?<=\.cs:line )|(?<=\.rs:)|(?<=\.c:))\d+", str(number), text)
    moved = re.sub(r"(?<=\+0x)[0-9a-f]+|(?<=\()0xc[0-9a-f]+(?=[,)])", f"{address:x}", moved)
    assert _first(moved) == _first(text)


@given(
    st.sampled_from(["ValueError: row {} has no amount", "java.lang.IllegalStateException: no session {} for export"]),
    st.data(),
)
def test_ids_times_paths_and_hosts_of_another_customer_do_not_change_a_message(
    message: str, data: st.DataObject
) -> None:
    draw = data.draw
    kinds = {
        "number": st.integers(0, 10**9).map(str),
        "uuid": st.uuids().map(str),
        "hash": st.binary(min_size=20, max_size=20).map(bytes.hex).filter(lambda value: not value.isdigit()),
        "moment": st.datetimes().map(
            lambda moment: moment.replace(year=2000 + moment.year % 100).isoformat(" ", "seconds")
        ),
        "path": st.text("abcdefgh", min_size=1, max_size=9).map(lambda name: f"/home/{name}/data"),
        "host": st.ip_addresses(v=4).map(str),
        "mail": st.text("abcdefgh", min_size=1, max_size=9).map(lambda name: f"{name}@kunde.example"),
        "quoted": st.text("ABCDÄÖÜ äöü", min_size=1, max_size=9).filter(str.strip).map(lambda name: f'"Kunde {name}"'),
    }
    kind = kinds[draw(st.sampled_from(sorted(kinds)))]
    assert str(of_message(message.format(draw(kind)))) == str(of_message(message.format(draw(kind))))


_WORDS = st.text("abcdefghijklmnopqrstuvwxyz", min_size=4, max_size=9).filter(
    lambda word: not re.fullmatch("[a-f]+", word)
)


@given(_WORDS, _WORDS)
def test_another_word_of_the_message_is_another_error(one: str, other: str) -> None:
    assume(one != other)
    trace = (
        'Traceback (most recent call last):\n  File "a.py", line 1, in f\n    x()\nValueError: cannot {} the invoice\n'
    )
    assert _first(trace.format(one)) != _first(trace.format(other))
    assert _first(trace.format(one)).loose != _first(trace.format(other)).loose


@given(st.sampled_from(_TRACES), st.sampled_from(["Key", "Lookup", "Zebra"]))
def test_another_type_is_another_error(text: str, word: str) -> None:
    found = _first(text)
    kind = found.error.split(":")[0]
    assume(re.fullmatch(r"\w+(Error|Exception)", kind) and not kind.startswith(word))
    assert _first(text.replace(kind, word + kind)) != found


_PREFIXES = (
    "> ", "> > ", "2026-11-22 10:00:01,123 ERROR [worker-3] ", "2026-11-22T10:00:01.123Z ", "[ERROR] ",
    "web-1  | ", "Nov 22 10:00:01 host app[12]: ", "11-22 10:00:01.123  1234  1256 E AndroidRuntime: ",
    "E/AndroidRuntime(10893): ", "2026-11-22T10:00:01.123456789Z stderr F ", "[2026-11-22 10:00:01] ",
    "22.11.2026 10:00:01 ", "ERROR ", "E1122 10:00:01.123456   12345 run.go:123] ",
)  # fmt: skip
_PLAIN = [
    text
    for text in _TRACES
    if re.match(r"(Traceback|[\w.]+(Error|Exception): |panic: )", text) and "\n\n" not in text.strip()
]


@pytest.mark.parametrize("prefix", _PREFIXES)
def test_what_a_log_or_a_mail_puts_before_each_line_does_not_change_it(prefix: str) -> None:
    assert len(_PLAIN) > 20
    logged = {text: "".join(f"{prefix}{line}\n" for line in text.splitlines()) for text in _PLAIN}
    changed = [text for text in _PLAIN if _first(logged[text]) != _first(text)]
    assert not changed, "\n".join(changed)


@pytest.mark.parametrize(
    "wrap",
    [
        "{{code}}\n{}\n{{code}}",
        "{{noformat}}\n{}{{noformat}}",
        "Hello,\n\n{}\n\nRegards\nAnna",
        "```\n{}\n```",
        "<pre>{}</pre>",
        "{{code:java}}{}{{code}}",
    ],
)
def test_markup_around_it_does_not_change_it(wrap: str) -> None:
    changed = [text for text in _PLAIN if _first(wrap.format(text)) != _first(text)]
    assert not changed, "\n".join(changed)


def test_a_chain_of_errors_is_one_error() -> None:
    for how in ("The above exception was the direct cause of the following exception:", "During handling of the above"):
        assert how in "".join(_CORPUS)
    for text in _CORPUS:
        if "exception:\n\nTraceback" in text or "exception occurred:\n\nTraceback" in text or "\nCaused by: " in text:
            assert len([found for found in signatures(text) if found.frames]) == 1


def test_line_ends_and_html_entities_do_not_change_it() -> None:
    for text in _PLAIN:
        assert _first(text.replace("\n", "\r\n")) == _first(text)
        assert _first(
            text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
        ) == _first(text)


def _first(text: str) -> Signature:
    return signatures(text)[0]


# --- messages ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    """error|Error|ERROR!!!|none|null|failed|Something went wrong|something went wrong.|An error occurred|
    An unexpected error has occurred. Please try again later.|Fehler|Es ist ein Fehler aufgetreten|
    Ein unerwarteter Fehler ist aufgetreten|Etwas ist schiefgelaufen|Vorgang fehlgeschlagen|
    unbekannter Fehler|NullPointerException|java.lang.NullPointerException|Exception|TypeError|undefined|
    null is not an object|500|HTTP 500 Internal Server Error|404 Not Found|Error 404|exit code 1|
    Process exited with code 1|timeout|Connection refused|Access denied|Zugriff verweigert|?|...|<n>|
    it doesn't work|ENOENT: no such file or directory|Error: Error|Error: null|KeyError: 'Müller GmbH'|
    ValueError|12345|2026-11-22|Oops!|Network Error|Script error.""".replace("\n", "").split("|"),
)  # fmt: skip
def test_what_says_too_little_has_no_signature(text: str) -> None:
    assert of_message(text.strip()) is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("HTTP 504 Gateway Timeout", "HTTP 504 Gateway Timeout"),
        ("ORA-00942: table or view does not exist", "ORA-00942: table or view does not exist"),
        ("EXPORT-507", "EXPORT-507"),
        ("SQLSTATE[42P01]: Undefined table: 7", "SQLSTATE[42P01]: Undefined table: <n>"),
        ("connect ECONNREFUSED 127.0.0.1:5432", "connect ECONNREFUSED <host>"),
        ("error[E0382]: borrow of moved value: `rows`", "error[E0382]: borrow of moved value: <s>"),
        ("Setup ended with 0x80070005", "Setup ended with 0x80070005"),
        ("Export of Invoice_Müller.pdf to C:\\Users\\x\\out failed", "Export of <file> to <path> failed"),
        ("Could not read /home/anna/app/settings.yaml", "Could not read <path>/settings.yaml"),
        ("Could not read /home/anna/offer for Miller.pdf", "Could not read <path> for <file>"),
        ("ticket CR-261122-7K3M has no invoice", "ticket <id> has no invoice"),
        ("no cart in session 3f2a1b4c-1111-2222-3333-444455556666", "no cart in session <id>"),
        ("commit da39a3ee5e6b4b0d3255bfef95601890afd80709 was lost", "commit <id> was lost"),
        ("Thread-18 waited 30.5 s for pool-3-thread-7", "Thread-<n> waited <n> for pool-<n>-thread-<n>"),
        ("Übertragung am 22.11.2026 um 10:00 Uhr abgebrochen", "Übertragung am <time> um <time> abgebrochen"),
        ("backup on Nov 22, 2026 10:00:01 AM did not finish", "backup on <time> did not finish"),
        ("password authentication failed for user 'anna'", "password authentication failed for user <s>"),
        ("relation \"invoices\" does not exist", "relation 'invoices' does not exist"),
        ("NameError: name 'total' is not defined", "NameError: name 'total' is not defined"),
        ("Exception in thread \"main\" java.io.IOException: stream closed", "IOException: stream closed"),
        ("Sign-in refused (SQL Server, Error: 18456)", "Sign-in refused (SQL Server, Error: 18456)"),
        ("Error: 17 rows of the table were refused", "<n> rows of the table were refused"),
        ("Export failed: disk full!!", "Export failed: disk full"),
    ],
)  # fmt: skip
def test_a_message_keeps_what_identifies_and_nothing_else(text: str, told: str) -> None:
    assert str(of_message(text)) == f"1 message {told}"


def test_a_typed_message_has_the_loose_form_of_the_trace_it_came_from() -> None:
    trace = _first(
        'Traceback (most recent call last):\n  File "a.py", line 1, in f\n    x()\nb.TaxError: no rate for country 4\n'
    )
    typed = of_message("TaxError: no rate for country 77")
    assert typed is not None
    assert typed.loose == trace.loose == "1 TaxError: no rate for country <n>"
    assert trace.frames == ("a.f",)


def test_an_error_that_says_too_little_takes_its_frames_into_the_loose_form() -> None:
    trace = _first("java.lang.NullPointerException\n\tat com.example.Export.run(Export.java:17)\n")
    assert trace.loose == "1 NullPointerException @ Export.run"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "1 python",
        "2 python KeyError: x",
        "x python KeyError: x",
        "1 cobol ABEND: x",
        "1 python  @ a.b",
        "1  x",
        "1 python x @ ",
    ],
)
def test_what_no_signature_wrote_is_not_read_as_one(text: str) -> None:
    assert parse(text) is None


# --- secrets and names ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "message",
    [
        "could not connect to postgres://anna:hunter2@db.kunde.example/shop",
        "Login failed: Server=db1;User Id=anna;Password=hunter2;Encrypt=true",
        "cannot log in with password: hunter2 at the portal",
        "request refused: Authorization: Bearer hunter2hunter2hunter2 was not accepted",
        "upload to https://kunde.example/x?token=hunter2 was refused by the server",
        "mail to anna@kunde.example was refused by the server",
        "the api_key=hunter2 was not accepted by the portal",
    ],
)
def test_no_secret_and_no_name_of_a_customer_is_kept(message: str) -> None:
    for found in [of_message(message), *signatures(f"2026-11-22 10:00:01 ERROR portal - {message}\n")]:
        assert found is not None
        assert "hunter2" not in str(found)
        assert "kunde" not in str(found)
        assert "anna" not in str(found)


# --- several -------------------------------------------------------------------------------------------------------


def test_a_log_of_thousands_of_errors_gives_a_few_signatures() -> None:
    words = [(chr(97 + n % 26) * 5, "bcdfghjk"[n % 8] * 5) for n in range(5000)]
    text = "".join(f"10:00:01 ERROR x.y - java.lang.FooException: {one} is not {other}\n" for one, other in words)
    assert len(signatures(text)) == 20


def test_traces_come_before_messages_and_nothing_comes_twice() -> None:
    trace = (
        'Traceback (most recent call last):\n  File "a.py", line 1, in f\n    x()\nTaxError: no rate for country 4\n'
    )
    found = signatures(f"10:00:01 ERROR tax - The nightly export was stopped by the tax service\n{trace}{trace}")
    assert [str(each) for each in found] == [
        "1 python TaxError: no rate for country <n> @ a.f",
        "1 message The nightly export was stopped by the tax service",
    ]


def test_a_story_without_an_error_has_none() -> None:
    story = "Hello,\nour invoices look wrong since Monday: the total is 12.50 and should be 13.\nNo error is shown.\n"
    assert signatures(story) == []


def test_a_report_gives_its_message_its_code_and_what_its_story_holds() -> None:
    at = "2026-11-22T10:00:00Z"
    report = Report.model_validate(
        {
            "schema": 1,
            "id": "CR-261122-7K3M",
            "title": "Export",
            "state": "new",
            "severity": "S3",
            "source": {"channel": "email", "received_at": at, "recorded_at": at, "recorded_by": "Ana"},
            "customer": {"name": "Kunde"},
            "story": "We saw this:\n\nTaxError: no rate for country 4\n",
            "story_sha256": "0" * 64,
            "intake": {
                "error_message": "Export of 12 rows stopped",
                "error_code": "EXPORT-507",
                "actual": "10:00:01 FATAL disk - Volume of archive is full",
            },
            "events": [{"id": "E1", "at": at, "by": "Ana", "action": "new", "to": "new"}],
        }
    )
    assert [str(each) for each in of_report(report)] == [
        "1 message EXPORT-507: Export of <n> rows stopped",
        "1 message Export of <n> rows stopped",
        "1 message TaxError: no rate for country <n>",
        "1 message Volume of archive is full",
    ]


# --- hostile -------------------------------------------------------------------------------------------------------

_BAD = [
    "(", " ", "at ", "a", "1", ".", "/", "<", "'", '"', "Error: ", "Caused by: ", "x.", "::", "a@",
    "0x", "10:", "\\", "{code", "<br", "é", "\x00", "\ud800", "--->", "E", "[", "=", "at a.b(",
    'File "', "#0 ", "\n", "\nat a.b(", "> ", "1 | ", "ORA-", "password=", "[ERROR] ", "a-1", "<a>",
    "&lt;", "\\nat ", "\u201e", "thread '", "2026-", "Error (", "1.1",
]  # fmt: skip


@pytest.mark.parametrize("piece", _BAD, ids=repr)
def test_a_long_text_of_one_thing_is_read(piece: str) -> None:
    for text in (
        piece * (200_000 // len(piece)),
        "java.lang.FooException: " + piece * 40_000,
        f"Error {piece * 900}\n" * 20,
    ):
        assert len(signatures(text)) <= 20
        of_message(text)
        assert len(normalise(text)) <= 150


@settings(max_examples=30)
@given(st.integers(0, 10**6))
def test_a_trace_that_was_cut_and_mixed_is_survived(seed: int) -> None:
    chance = random.Random(seed)
    lines = [line for text in chance.sample(_CORPUS, 6) for line in text.splitlines()]
    chance.shuffle(lines)
    text = "\n".join(line[chance.randrange(len(line) + 1) :] if chance.random() < 0.3 else line for line in lines)
    for found in signatures(text):
        assert parse(str(found)) == found
