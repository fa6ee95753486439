from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from issuelog.errors import InvalidFile, Problem
from issuelog.intake import github
from issuelog.intake.incoming import Incoming, Rejected
from support.refused import require_read_or_refused_with_a_place

REST: dict[str, Any] = {
    "url": "https://api.github.com/repos/o/r/issues/7",
    "html_url": "https://github.com/o/r/issues/7",
    "title": "It broke",
    "user": {
        "login": "ann",
        "url": "https://api.github.com/users/ann",
        "html_url": "https://github.com/ann",
    },
    "labels": [{"name": "bug"}, "ui", {"name": None}, 7],
    "created_at": "2026-03-03T08:00:00Z",
    "body": "Hello,\r\n\r\nit broke.\r\n",
}
GH: dict[str, Any] = {
    "author": {"id": "x", "is_bot": False, "login": "ann", "name": "Ann Lee"},
    "body": "it broke",
    "createdAt": "2026-03-03T08:00:00Z",
    "labels": [{"id": "x", "name": "bug", "color": "fff"}],
    "number": 7,
    "state": "OPEN",
    "title": "It broke",
    "url": "https://github.com/o/r/issues/7",
}


def read(source: Any) -> list[Incoming | Rejected]:
    data = source if isinstance(source, bytes) else json.dumps(source).encode()
    return [
        replace(item, place=None) if isinstance(item, Incoming) else item
        for item in github.read(data, "in/issues.json")
    ]


def issue(**fields: Any) -> Incoming:
    (item,) = read({"title": "It broke", **fields})
    assert isinstance(item, Incoming)
    return item


def refusal(data: bytes) -> Problem:
    with pytest.raises(InvalidFile) as caught:
        read(data)
    (problem,) = caught.value.problems
    assert (problem.path, problem.rule) == ("in/issues.json", "github")
    return problem


def test_an_issue_of_the_rest_api_is_mapped_field_by_field() -> None:
    assert read([REST]) == [
        Incoming(
            title="It broke",
            story="Hello,\r\n\r\nit broke.\r\n",
            channel="web",
            received_at=datetime(2026, 3, 3, 8, 0, tzinfo=UTC),
            external_ref="https://github.com/o/r/issues/7",
            customer="ann",
            contact="https://github.com/ann",
            labels=("bug", "ui"),
        )
    ]


def test_an_issue_as_gh_prints_it_has_no_page_of_its_author() -> None:
    assert read([GH]) == [
        Incoming(
            title="It broke",
            story="it broke",
            channel="web",
            received_at=datetime(2026, 3, 3, 8, 0, tzinfo=UTC),
            external_ref="https://github.com/o/r/issues/7",
            customer="ann",
            contact=None,
            labels=("bug",),
        )
    ]


def test_the_same_issues_come_in_every_layout() -> None:
    expected = read([REST, GH])
    one_a_line = json.dumps(REST).encode() + b"\n\n" + json.dumps(GH).encode() + b"\r\n"
    assert read(one_a_line) == expected
    assert read(b"\xef\xbb\xbf" + one_a_line) == expected
    assert read(json.dumps(REST, indent=1).encode() + json.dumps(GH).encode()) == expected
    assert read(json.dumps([REST]).encode() + json.dumps([GH]).encode()) == expected  # gh api --paginate
    assert read(REST) == expected[:1]
    assert read([]) == []


def test_what_is_no_issue_is_rejected_with_its_place_and_the_others_stay() -> None:
    pull = {**REST, "pull_request": {"url": "x"}}
    items = [1, REST, pull, {"title": " ", "body": None}, None, {"title": 7, "body": [1]}]
    assert [item for item in read(items) if isinstance(item, Rejected)] == [
        Rejected("item 1", "it is not a JSON object"),
        Rejected("item 3", "it is a pull request, not an issue", expected=True),
        Rejected("item 4", "it has neither a title nor a body"),
        Rejected("item 5", "it is not a JSON object"),
        Rejected("item 6", "it has neither a title nor a body"),
    ]
    lines = read(b'{"title": "a"}\n\n{}\n"x"\n')
    assert lines[1:] == [
        Rejected("line 3", "it has neither a title nor a body"),
        Rejected("line 4", "it is not a JSON object"),
    ]
    assert isinstance(read([{**REST, "pull_request": None}])[0], Incoming)


def test_title_and_story_stand_in_for_each_other() -> None:
    assert issue(body=None).story == issue(body=" \r\n").story == "It broke"
    assert issue(title=None, body="\r\n first  line\r\nsecond").title == "first line"
    assert issue(title="a\n b").title == "a b"
    assert issue(title="x" * 120).title == "x" * 120
    assert issue(title="x" * 121).title == "x" * 119 + "…"
    assert issue(title="x" * 121, body="").story == "x" * 121


@pytest.mark.parametrize(
    ("created", "moment"),
    [
        ("2026-03-03T10:00:00+02:00", datetime(2026, 3, 3, 8, 0, tzinfo=UTC)),
        ("2026-03-03T08:00:00", datetime(2026, 3, 3, 8, 0, tzinfo=UTC)),
        ("1989-01-01T00:00:00Z", None),
        ("9999-12-31T23:59:59-23:00", None),
        ("0001-01-01T00:00:00+23:00", None),
        ("soon", None),
        ("", None),
        (1_700_000_000, None),
    ],
)
def test_a_time_is_utc_or_none(created: Any, moment: datetime | None) -> None:
    assert issue(created_at=created).received_at == moment


def test_fields_of_the_wrong_kind_are_as_good_as_absent() -> None:
    item = issue(body=1, user="ann", labels={"name": "bug"}, html_url=["x"], url=None)
    assert item == Incoming(title="It broke", story="It broke", channel="web")
    assert (
        issue(user=None, author={"login": "ann", "url": "https://github.com/ann"}).contact == "https://github.com/ann"
    )
    assert issue(user={"login": "ann", "url": "https://api.github.com/users/ann"}).contact is None
    assert issue(user={"html_url": "https://github.com/" + "a" * 254}).contact is None


def test_text_is_made_valid_and_lines_stay_lines() -> None:
    (item,) = read(
        rb'{"title": "a\u0000\n\ud83d", "body": "\udc00 \ud83d\ude00\u0000", "html_url": "https://x/\u000a1",'
        rb' "user": {"login": "an\nn\ud800"}, "labels": ["b\u0000\nug"]}'
    )
    assert isinstance(item, Incoming)
    assert (item.title, item.story) == ("a\ufffd \ufffd", "\ufffd 😀\ufffd")
    assert (item.external_ref, item.customer, item.labels) == ("https://x/ 1", "an n\ufffd", ("b\ufffd ug",))


@pytest.mark.parametrize(
    ("data", "line", "column", "message"),
    [
        (b"", 1, 1, "empty"),
        (b" \n", 1, 1, "empty"),
        (b"nonsense", 1, 1, "not valid JSON"),
        (b'[\n {"title": }]', 2, 12, "not valid JSON"),
        (b'{"title": "a"}\n{"title": "b"\n', 3, 1, "not valid JSON"),
        (b'[{"title": "a"}],', 1, 17, "not valid JSON"),
        (b'{"title": "a\nb"}', 1, 13, "not valid JSON"),
        (b'[\n"\xc3\xa4\xff"]', 2, 3, "not UTF-8"),
        ('["x"]'.encode("utf-16"), 1, 1, "not UTF-8"),
        (b"{}\n " + b"[" * 100_000, 2, 2, "nested too deeply"),
        (b'{"a":' * 100_000, 1, 1, "nested too deeply"),
    ],
)
def test_a_file_that_is_wrong_is_refused_with_its_place(data: bytes, line: int, column: int, message: str) -> None:
    problem = refusal(data)
    assert (problem.line, problem.column) == (line, column)
    assert message in problem.message


def test_nothing_is_handed_on_before_the_whole_file_was_read() -> None:
    items = github.read(b'{"title": "a"}\n{', "x")
    with pytest.raises(InvalidFile):
        next(items)


def test_numbers_without_end_are_no_trouble() -> None:
    assert isinstance(read(b'{"title": "a", "id": ' + b"9" * 100_000 + b"}")[0], Incoming)


KEYS = st.sampled_from(["title", "body", "user", "author", "login", "html_url", "url", "labels", "created_at"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=20,
)


@settings(max_examples=120, deadline=None)
@given(JSON)
def test_any_json_is_read(value: Any) -> None:
    for item in read(value):
        if isinstance(item, Incoming):
            assert item.title
            assert item.story.strip()
            item.story.encode()


@settings(max_examples=120, deadline=None)
@given(st.binary(max_size=60) | st.lists(st.sampled_from([b"{", b"[", b'"', b":", b"1", b",", b"}"])).map(b"".join))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    require_read_or_refused_with_a_place(read, data)
