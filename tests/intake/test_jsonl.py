from __future__ import annotations

import base64
import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from issuelog.errors import InvalidFile
from issuelog.intake import jsonl
from issuelog.intake.incoming import Incoming, Rejected, Whole
from support.refused import require_read_or_refused_with_a_place

LINE: dict[str, Any] = {"title": "It broke", "story": "it broke\r\n"}
WHOLE: dict[str, Any] = {"schema": 1, "events": [{"id": "x"}], "title": "It broke"}


def read(source: bytes) -> list[Incoming | Whole | Rejected]:
    return list(jsonl.read(io.BytesIO(source), "in/lines.jsonl"))


def one(**fields: Any) -> Incoming | Whole | Rejected:
    (item,) = read(json.dumps({**LINE, **fields}).encode())
    return item


def reason(line: bytes) -> str:
    """Return why the second of two lines is rejected."""
    good, item = read(json.dumps(LINE).encode() + b"\n" + line)
    assert isinstance(good, Incoming)
    assert isinstance(item, Rejected), item
    assert item.place == "line 2"
    return item.reason


def whole(**fields: Any) -> Whole:
    (item,) = read(json.dumps({**WHOLE, **fields}).encode())
    assert isinstance(item, Whole), item
    return item


def test_every_key_finds_its_place() -> None:
    assert one(
        channel="phone",
        received_at="2026-03-03T10:00:00+02:00",
        customer="Acme",
        contact="jo@acme.example",
        severity="S2",
        component="export",
        product="billing",
        version="8.10",
        error_message="E507",
        external_ref="T-1",
    ) == Incoming(
        title="It broke",
        story="it broke\r\n",
        channel="phone",
        received_at=datetime(2026, 3, 3, 8, 0, tzinfo=UTC),
        external_ref="T-1",
        customer="Acme",
        contact="jo@acme.example",
        severity="S2",
        component="export",
        facts={"environment.product": "billing", "environment.version": "8.10", "error_message": "E507"},
        place="line 1",
    )


@pytest.mark.parametrize(
    ("contact", "channel"),
    [("jo@acme.example", "email"), ("+49 30 1234", "phone"), ("Jo", "internal"), (None, "internal"), ("", "internal")],
)
def test_without_a_channel_it_is_the_one_that_the_contact_names(contact: str | None, channel: str) -> None:
    item = one(contact=contact)
    assert isinstance(item, Incoming)
    assert item.channel == channel


def test_blank_lines_a_byte_order_mark_and_carriage_returns_are_passed_over() -> None:
    line = json.dumps(LINE).encode()
    places = [item.place for item in read(b"\xef\xbb\xbf" + line + b"\r\n\r\n  \n\n" + line + b"\n\t" + line)]
    assert places == ["line 1", "line 5", "line 6"]
    assert read(b"") == read(b"\n\r\n") == []


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b'{"title": "a", "story": "b"', "not valid JSON"),
        (b'{"title": "a", "story": "b"} {}', "more than one value"),
        (b'{"title": "a", "story": "b\xff"}', "byte 0xff is not UTF-8 (column 27)"),
        (b'["a"]', "not a JSON object"),
        (b"1", "not a JSON object"),
        (b'{"title": "a"}', "story is missing"),
        (b'{"title": " ", "story": "b"}', "title is missing"),
        (b'{"title": "a", "story": null}', "story is missing"),
        (b'{"title": "a", "story": "b", "owner": "c"}', "'owner' is not known"),
        (b'{"title": "a", "story": "b", "version": 8.10}', "version is a number"),
        (b'{"title": "a", "story": "b", "customer": true}', "customer is true or false"),
        (b'{"title": "a", "story": ["b"]}', "story is a list"),
        (b'{"title": "a", "story": {"b": 1}}', "story is an object"),
        (b'{"title": "a", "title": "b", "story": "c"}', "'title' stands twice"),
        (b'{"title": "a", "story": "b", "received_at": "soon"}', "received_at: 'soon' is not a time"),
        (b'{"schema":' * 100_000, "nested too deeply"),
        (b'{"schema": 1, "events": ' + b"[" * 500 + b"]" * 500 + b"}", "nested deeper than 24"),
        (b'{"schema": 1, "events": [], "title": "\\ud800"}', "lone surrogate"),
        (b'{"schema": 1, "events": [], "attachments": [{"file": "a", "content": "%"}]}', "is not base64"),
        (b'{"schema": 1, "events": [], "attachments": [{"file": "a", "content": 7}]}', "is not base64"),
        (b'{"schema": 1, "events": [], "attachments": [{"file": [], "content": "eA=="}]}', "have to be text"),
        (
            b'{"schema": 1, "events": [], "attachments": [{"file": "a", "content": ""}, {"file": "a", "content": ""}]}',
            "two attachments",
        ),
    ],
)  # fmt: skip
def test_a_line_that_is_wrong_is_rejected_with_the_reason(line: bytes, words: str) -> None:
    assert words in reason(line)


@pytest.mark.parametrize("data", [b"id,title\n", b"\x89PNG\r\n", b"- a: b\n", b'[\n{"title": "a"}]'])
def test_a_file_that_begins_with_no_json_is_of_another_format(data: bytes) -> None:
    with pytest.raises(InvalidFile) as caught:
        read(b"\n" + data + json.dumps(LINE).encode())
    (problem,) = caught.value.problems
    assert (problem.path, problem.line, problem.rule) == ("in/lines.jsonl", 2, "jsonl")


def test_numbers_without_end_are_no_trouble() -> None:
    digits = "9" * 100_000
    assert whole(intake={"tried": int("9" * 4000)}).data["intake"] == {"tried": "9" * 4000}
    (item,) = read(b'{"schema": 1, "events": [], "x": [' + digits.encode() + b", 1e999, NaN, -Infinity]}")
    assert isinstance(item, Whole)
    assert item.data["x"] == [digits, "1e999", "NaN", "-Infinity"]
    assert "version is a number" in reason(b'{"title": "a", "story": "b", "version": ' + digits.encode() + b"}")


def test_a_line_without_end_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonl, "MAX_LINE", 100)
    monkeypatch.setattr(jsonl, "_SKIPPED_AT_ONCE", 7)
    line = json.dumps(LINE).encode()
    items = read(b"x" * 1000 + b"\n" + line + b"\n" + b"{" * 101 + b"\n" + line + b"\n" + b"x" * 5000)
    assert [item.place for item in items] == [f"line {number}" for number in range(1, 6)]
    assert [type(item) for item in items] == [Rejected, Incoming, Rejected, Incoming, Rejected]


def test_only_attachments_may_be_larger_than_a_report(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonl, "MAX_TEXT", 1000)
    content = bytes(range(256)) * 100
    item = whole(attachments=[{"file": "a.bin", "content": base64.b64encode(content).decode()}])
    assert item.files == {"a.bin": content}
    assert item.data["attachments"] == [{"file": "a.bin"}]
    assert "beside its attachments" in reason(json.dumps({**LINE, "story": "x" * 2000}).encode())


def test_lines_are_read_one_by_one() -> None:
    asked = []

    class Endless(io.RawIOBase):
        def readline(self, _: int | None = -1, /) -> bytes:
            asked.append(1)
            return json.dumps(LINE).encode() + b"\n"

    items = jsonl.read(Endless(), "endless")  # type: ignore[arg-type]
    for number in range(1, 4):
        next(items)
        assert len(asked) == number


def test_every_value_of_a_whole_report_is_text_as_in_a_file() -> None:
    item = whole(x=[1, 1.50, True, None, "1"], y=None, z={"a": False, "b": None})
    assert item.data["x"] == ["1", "1.5", "true", "", "1"]
    assert "y" not in item.data
    assert item.data["z"] == {"a": "false"}
    assert item.place == "line 1"


@pytest.mark.parametrize("size", [0, 1, 100, 191, 192, 193, 10_000])
def test_a_content_is_what_was_encoded(size: int) -> None:
    content = bytes(number % 251 for number in range(size))
    encoded = base64.b64encode(content).decode()
    item = whole(
        attachments=[{"file": "a", "content": encoded}, {"file": "b"}],
        content=encoded,
        story=f'"content": "{encoded}"',
        other={"content": encoded, 'x"content': encoded, "content ": encoded},
    )
    assert item.files == {"a": content}
    assert item.data["content"] == encoded
    assert item.data["story"] == f'"content": "{encoded}"'
    assert item.data["other"] == {"content": encoded, 'x"content': encoded, "content ": encoded}


def test_text_is_made_valid() -> None:
    (item,) = read(rb'{"title": "a\ud83d", "story": "\udc00 \ud83d\ude00\u0000"}')
    assert isinstance(item, Incoming)
    assert (item.title, item.story) == ("a\ufffd", "\ufffd 😀\ufffd")


KEYS = st.sampled_from(["title", "story", "schema", "events", "attachments", "file", "content", "customer", "x"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=20,
)


@settings(max_examples=120)
@given(st.lists(JSON, max_size=3))
def test_any_json_is_read_or_rejected(values: list[Any]) -> None:
    items = read(b"\n".join(json.dumps(value).encode() for value in values))
    assert len(items) == len(values)
    for item in items:
        if isinstance(item, Incoming):
            item.story.encode()
        elif isinstance(item, Whole):
            json.dumps(item.data, ensure_ascii=False).encode()


@settings(max_examples=120)
@given(
    st.binary(max_size=60) | st.lists(st.sampled_from([b"{", b"[", b'"', b":", b"1", b",", b"}", b"\n"])).map(b"".join)
)
def test_any_bytes_are_read_rejected_or_refused(data: bytes) -> None:
    require_read_or_refused_with_a_place(read, data)
