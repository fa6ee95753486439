"""What holds for the exports of all trackers: every layout, every kind of value, every damage has its place."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from issuelog.errors import InvalidFile
from issuelog.intake import adf, bugzilla, github, jira, zendesk
from issuelog.intake.incoming import Incoming, Rejected
from support.exported import BUG, GITHUB, JIRA, TICKET, paths, put
from support.refused import require_read_or_refused_with_a_place

READERS: dict[str, Callable[[bytes, str], Iterator[Incoming | Rejected]]] = {
    "github": github.read,
    "bugzilla": bugzilla.read,
    "jira": jira.read,
    "zendesk": zendesk.read,
}
ITEMS: dict[str, dict[str, Any]] = {"github": GITHUB, "bugzilla": BUG, "jira": JIRA, "zendesk": TICKET}
WRAPPERS = {"bugzilla": "bugs", "jira": "issues", "zendesk": "tickets"}
EVERY = pytest.mark.parametrize("tracker", ITEMS)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def read(tracker: str, source: Any) -> list[Incoming | Rejected]:
    data = source if isinstance(source, bytes) else json.dumps(source).encode()
    return list(READERS[tracker](data, "in/export.json"))


def one(tracker: str, item: Any) -> Incoming | Rejected:
    (found,) = read(tracker, [item])
    return found


def nowhere(items: list[Incoming | Rejected]) -> list[Incoming | Rejected]:
    return [replace(item, place="") for item in items]


@EVERY
def test_the_same_items_come_in_every_layout(tracker: str) -> None:
    item = ITEMS[tracker]
    other = {**item, "id": 8}
    lines = [json.dumps(each).encode() for each in (item, other)]
    expected = read(tracker, [item, other])
    assert [found.place for found in expected] == ["item 1", "item 2"]
    assert all(isinstance(found, Incoming) for found in expected)
    one_a_line = b"\n\n".join(lines) + b"\r\n"
    assert nowhere(read(tracker, one_a_line)) == nowhere(expected)
    assert [found.place for found in read(tracker, b"\xef\xbb\xbf" + one_a_line)] == ["line 1", "line 3"]
    assert nowhere(read(tracker, item)) == nowhere(expected[:1])
    assert read(tracker, []) == []
    if wrapper := WRAPPERS.get(tracker):
        assert read(tracker, {wrapper: [item, other], "total": 2}) == expected
        pages = b"".join(json.dumps({wrapper: [each]}).encode() for each in (item, other))
        assert read(tracker, pages) == expected
        assert read(tracker, {wrapper: []}) == []


@EVERY
def test_what_is_no_item_is_rejected_with_its_place_and_the_others_stay(tracker: str) -> None:
    found = read(tracker, [1, ITEMS[tracker], None, {}, "x", [], {"error": True, "message": "not authorised"}])
    assert [type(item) for item in found] == [Rejected, Incoming, *[Rejected] * 5]
    assert [item.place for item in found] == [f"item {number}" for number in range(1, 8)]
    assert found[0] == Rejected("item 1", "it is not a JSON object")


@EVERY
@pytest.mark.parametrize(
    ("data", "line", "column", "message"),
    [
        (b"", 1, 1, "empty"),
        (b'{"x": [\n {"title": }]', 2, 12, "not valid JSON"),
        (b'{}\n{"a": "b"\n', 3, 1, "not valid JSON"),
        (b'[\n"\xc3\xa4\xff"]', 2, 3, "not UTF-8"),
        ('["x"]'.encode("utf-16"), 1, 1, "not UTF-8"),
        (b"{}\n " + b"[" * 100_000, 2, 2, "nested too deeply"),
        (b"id,title\n1,2\n", 1, 1, "not valid JSON"),
    ],
)
def test_a_file_that_is_wrong_is_refused_with_its_place(
    tracker: str, data: bytes, line: int, column: int, message: str
) -> None:
    with pytest.raises(InvalidFile) as caught:
        read(tracker, data)
    (problem,) = caught.value.problems
    assert (problem.path, problem.rule) == ("in/export.json", tracker)
    assert (problem.line, problem.column) == (line, column)
    assert message in problem.message


@EVERY
def test_null_in_any_field_is_as_good_as_an_absent_one(tracker: str) -> None:
    for path in paths(ITEMS[tracker]):
        found = one(tracker, put(ITEMS[tracker], path, None))
        assert isinstance(found, Incoming) or path[-1] == "fields", path


@EVERY
def test_numbers_without_end_are_no_trouble(tracker: str) -> None:
    text = json.dumps(put(ITEMS[tracker], ("id",), "@")).replace('"@"', "9" * 150_000)
    assert all(isinstance(item, Incoming) for item in read(tracker, text.encode()))


@EVERY
def test_half_characters_become_visible(tracker: str) -> None:
    text = json.dumps(ITEMS[tracker]).replace("It broke", r"It \ud83d\u0000broke")
    (item,) = read(tracker, text.encode())
    assert isinstance(item, Incoming)
    assert item.title == "It \ufffd\ufffdbroke"


@EVERY
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_whatever_is_in_a_field_is_a_report_or_a_problem_with_its_place(tracker: str, data: st.DataObject) -> None:
    item = ITEMS[tracker]
    for path in data.draw(st.lists(st.sampled_from(paths(item)), min_size=1, max_size=4)):
        item = put(item, path, data.draw(JSON))
    found = one(tracker, item)
    assert found.place == "item 1"
    if isinstance(found, Incoming):
        assert found.title.strip()
        assert found.story.strip()
        assert found.received_at is None or found.received_at.tzinfo is UTC
        lines = [found.title, found.external_ref, found.customer, found.contact, found.component, *found.labels]
        for text in (*filter(None, lines), *found.facts.values(), *found.left):
            assert text == " ".join(text.split())
            text.encode()


@EVERY
@settings(max_examples=60, deadline=None)
@given(
    data=st.binary(max_size=60) | st.lists(st.sampled_from([b"{", b"[", b'"', b":", b"1", b",", b"}"])).map(b"".join)
)
def test_any_bytes_are_read_or_refused(tracker: str, data: bytes) -> None:
    require_read_or_refused_with_a_place(lambda content: read(tracker, content), data)


# --- Bugzilla ---------------------------------------------------------------------------------------------------


def bug(**fields: Any) -> Incoming:
    item = one("bugzilla", {**BUG, **fields})
    assert isinstance(item, Incoming)
    return item


def test_a_bug_is_mapped_field_by_field() -> None:
    assert bug() == Incoming(
        title="It broke",
        story="Hello,\n\nit broke.",
        channel="web",
        received_at=datetime(2026, 3, 3, 8, 0, tzinfo=UTC),
        external_ref="bugzilla:7",
        customer="Ann Lee",
        contact="ann@acme.example",
        severity="S2",
        component="Export",
        labels=("regression",),
        facts={
            "environment.product": "Billing",
            "environment.version": "8.10",
            "environment.os": "macOS",
            "environment.platform": "x86_64",
        },
        place="item 1",
        left=("trace.log",),
    )


@pytest.mark.parametrize(
    ("severity", "expected"),
    [("S1", "S1"), ("blocker", "S1"), ("Critical", "S1"), ("major", "S2"), ("S3", "S3"), ("minor", "S4"),
     ("trivial", "S4"), ("normal", None), ("enhancement", None), ("--", None), ("N/A", None), (1, None)],
)  # fmt: skip
def test_only_a_severity_that_says_how_bad_it_is_is_taken_over(severity: Any, expected: str | None) -> None:
    assert bug(severity=severity, priority="P1").severity == expected


def test_what_nobody_has_chosen_is_not_known() -> None:
    item = bug(version="unspecified", op_sys="All", platform="Unspecified", component="---")
    assert (item.facts, item.component) == ({"environment.product": "Billing"}, None)


def test_the_words_are_those_of_the_first_comment_unless_it_is_private() -> None:
    comments = [{"count": 0, "text": "bug 3 it broke", "raw_text": "it broke"}, {"count": 1, "text": "me too"}]
    assert bug(description=None, comments=comments).story == "it broke"
    assert bug(description=None, comments=comments[1:]).story == "It broke"
    for mark in (True, 1, "1"):
        secret = [{**comments[0], "is_private": mark, "raw_text": "internal"}]
        assert bug(description="internal", comments=secret).story == "It broke"
        assert isinstance(one("bugzilla", {"description": "internal", "comments": secret}), Rejected)


def test_files_that_are_private_or_patches_are_not_missed() -> None:
    files = [{"file_name": name, name: 1} for name in ("is_private", "is_obsolete", "is_patch", "x")]
    assert bug(attachments=files).left == ("x",)


def test_a_creator_without_an_address_has_no_contact() -> None:
    item = bug(creator="ann", creator_detail={"name": "ann", "nick": "an", "real_name": ""})
    assert (item.customer, item.contact) == ("an", None)


# --- Jira -------------------------------------------------------------------------------------------------------


def issue(self: str | None = None, key: str = "AB-7", **fields: Any) -> Incoming:
    item = one("jira", {**JIRA, "self": self, "key": key, "fields": {**JIRA["fields"], **fields}})
    assert isinstance(item, Incoming)
    return item


def test_an_issue_of_jira_is_mapped_field_by_field() -> None:
    assert one("jira", JIRA) == Incoming(
        title="It broke",
        story="h2. Steps\r\n\r\n* {{export}}",
        channel="web",
        received_at=datetime(2026, 3, 3, 8, 0, tzinfo=UTC),
        external_ref="https://acme.example/jira/browse/AB-7",
        customer="Ann Lee",
        contact="ann@acme.example",
        severity="S2",
        component="Export",
        labels=("bug",),
        facts={
            "environment.product": "Billing",
            "environment.version": "8.10",
            "environment.described": "Windows 11 Firefox 120",
        },
        place="item 1",
        left=("trace.log",),
    )


@pytest.mark.parametrize(
    ("address", "reference"),
    [
        ("https://acme.example/rest/api/2/issue/1", "https://acme.example/browse/AB-7"),
        ("https://api.example/ex/jira/1f/rest/api/3/issue/1", "jira:AB-7"),
        ("ftp://acme.example/rest/api/2/issue/1", "jira:AB-7"),
        ("https://acme.example/?x=/rest/api/", "jira:AB-7"),
        (None, "jira:AB-7"),
    ],
)
def test_an_issue_is_known_by_its_page_or_its_key(address: str | None, reference: str) -> None:
    assert issue(self=address).external_ref == reference
    assert issue(self=address, key="no key").external_ref is None


@pytest.mark.parametrize(
    ("priority", "expected"),
    [("Highest", "S1"), ("Blocker", "S1"), ("Critical", "S1"), ("high", "S2"), ("Low", "S4"), ("Trivial", "S4"),
     ("Medium", None), ("Major", None), ("P1", None), (None, None)],
)  # fmt: skip
def test_only_a_priority_that_says_how_bad_it_is_is_taken_over(priority: Any, expected: str | None) -> None:
    assert issue(priority={"name": priority}).severity == expected


def test_an_issue_without_fields_says_so() -> None:
    assert one("jira", {"key": "AB-7", "summary": "x"}) == Rejected(
        "item 1", "it has no fields: it is no issue as Jira's REST interface gives it"
    )


def document(*content: Any) -> dict[str, Any]:
    return {"type": "doc", "version": 1, "content": list(content)}


def node(kind: str, *content: Any, **attributes: Any) -> dict[str, Any]:
    said = [{"type": "text", "text": part} if isinstance(part, str) else part for part in content]
    return {"type": kind, "attrs": attributes, "content": said}


def test_a_document_of_jira_becomes_text() -> None:
    link = {"type": "text", "text": "here", "marks": [{"type": "link", "attrs": {"href": "https://x.example/1"}}]}
    bare = {
        "type": "text",
        "text": "https://x.example",
        "marks": [{"type": "link", "attrs": {"href": "https://x.example/"}}],
    }
    item = node("listItem", node("paragraph", "two"), node("bulletList", node("listItem", node("paragraph", "deep"))))
    cells = [node("tableHeader", node("paragraph", "A")), node("tableCell", node("paragraph", "B"))]
    sad, day = node("emoji", shortName=":-("), node("date", timestamp="1772524800000")
    found = issue(
        description=document(
            node("heading", "Steps", level=2),
            node("paragraph", "It ", "broke ", link, " or ", bare, node("hardBreak"), "at once ", sad),
            node("orderedList", node("listItem", node("paragraph", "one")), item),
            node("codeBlock", "a\n  b", language="py"),
            node("blockquote", node("paragraph", "said"), node("paragraph", "she")),
            node("rule"),
            node("table", node("tableRow", *cells)),
            node("taskList", node("taskItem", "do it", state="TODO")),
            node("mediaSingle", node("media", alt="box.png", id="1")),
            node("expand", node("paragraph", "inside"), title="More"),
            node("paragraph", node("mention", text="@Kim"), " ", day, " ", node("status", text="DONE")),
            node("paragraph", node("inlineCard", url="https://x.example/2")),
            node("somethingNew", node("paragraph", "is read all the same")),
        )
    )  # fmt: skip
    assert found.story.split("\n") == [
        "Steps",
        "",
        "It broke here (https://x.example/1) or https://x.example",
        "at once :-(",
        "",
        "1. one",
        "2. two",
        "   - deep",
        "",
        "a",
        "  b",
        "",
        "> said",
        ">",
        "> she",
        "",
        "----",
        "",
        "A | B",
        "",
        "- do it",
        "",
        "[box.png]",
        "",
        "More",
        "",
        "inside",
        "",
        "@Kim 2026-03-03 DONE",
        "",
        "https://x.example/2",
        "",
        "is read all the same",
    ]


def test_a_document_that_is_too_deep_or_grows_too_large_is_rejected_with_its_place() -> None:
    deep: Any = "x"
    for _ in range(80):
        deep = node("blockquote", deep)
    lines: Any = node("paragraph", "x\n" * 150_000)
    for _ in range(25):
        lines = node("bulletList", node("listItem", lines))
    for content, words in ((deep, "nested deeper than 60 levels"), (lines, "more than 4,000,000 characters")):
        found = one("jira", put(JIRA, ("fields", "description"), document(content)))
        assert isinstance(found, Rejected)
        assert (found.place, words in found.reason) == ("item 1", True)


NODES = st.recursive(
    st.builds(node, st.sampled_from(["text", "hardBreak", "date", "media"]), timestamp=JSON, text=JSON, alt=JSON),
    lambda inner: st.builds(
        lambda kind, content: node(kind, *content),
        st.sampled_from(["paragraph", "bulletList", "listItem", "table", "tableRow", "blockquote", "expand", "?"]),
        st.lists(inner | JSON, max_size=3),
    ),
    max_leaves=10,
)


@settings(max_examples=60, deadline=None)
@given(st.lists(NODES, max_size=3))
def test_any_document_is_told(content: list[Any]) -> None:
    assert issue(description=document(*content)).story.strip()


# --- Zendesk ----------------------------------------------------------------------------------------------------

USERS = [{"id": 5, "name": "Ann Lee", "email": "ann@acme.example", "locale": "de-AT"}, {"id": None}, 7]
OURS = {"public": True, "author_id": 1, "plain_body": "We look at it"}
INTERNAL = {"public": False, "author_id": 1, "body": "The customer is a pain", "attachments": [{"file_name": "x"}]}
THEIRS = {"public": True, "author_id": 5, "body": "<p>it broke</p>", "plain_body": "it broke"}


def ticket(*, users: Any = USERS, **fields: Any) -> Incoming | Rejected:
    (item,) = read("zendesk", {"tickets": [{**TICKET, **fields}], "users": users})
    return item


def story(**fields: Any) -> str | None:
    item = ticket(**fields)
    return item.story if isinstance(item, Incoming) else None


def test_a_ticket_is_mapped_field_by_field() -> None:
    assert ticket() == Incoming(
        title="It broke",
        story="Hello,\n\nit broke.",
        channel="email",
        received_at=datetime(2026, 3, 3, 8, 0, tzinfo=UTC),
        external_ref="https://acme.zendesk.example/agent/tickets/7",
        customer="Ann Lee",
        contact="ann@acme.example",
        language="de-AT",
        severity="S2",
        labels=("bug",),
        place="item 1",
        left=("trace.log",),
    )


def test_a_requester_may_stand_in_the_ticket_or_nowhere() -> None:
    inside = ticket(users=None, requester={"id": 5, "name": "Bo", "phone": "+49 30 5550"})
    assert isinstance(inside, Incoming)
    assert (inside.customer, inside.contact, inside.language) == ("Bo", "+49 30 5550", None)
    unknown = ticket(users=[])
    assert isinstance(unknown, Incoming)
    assert (unknown.customer, unknown.contact) == ("A. Lee", "ann@mail.example")


@pytest.mark.parametrize(
    ("channel", "expected"),
    [("email", "email"), ("web", "web"), ("voice", "phone"), ("chat", "chat"), ("twitter", "social"), ("api", "api"),
     ("help_center", "web"), (30, "web"), (None, "web")],
)  # fmt: skip
def test_the_channel_is_the_one_it_came_by(channel: Any, expected: str) -> None:
    item = ticket(via={"channel": channel})
    assert isinstance(item, Incoming)
    assert item.channel == expected


@pytest.mark.parametrize("priority", ["urgent", "high", "normal", "low", None, "other"])
def test_the_priority_is_the_severity(priority: str | None) -> None:
    item = ticket(priority=priority)
    assert isinstance(item, Incoming)
    assert item.severity == {"urgent": "S1", "high": "S2", "normal": "S3", "low": "S4"}.get(priority or "")


def test_an_internal_note_is_never_the_customers_story() -> None:
    hidden = {"description": INTERNAL["body"]}
    assert story(**hidden, comments=[INTERNAL, OURS]) == "It broke"
    assert story(**hidden, comments=[INTERNAL, OURS, THEIRS]) == "it broke"
    assert story(**hidden, comments=[{**INTERNAL, "author_id": 5}, THEIRS]) == "it broke"
    assert story(**hidden, is_public=False, comments=None) == "It broke"
    assert story(**hidden, comments=[{**INTERNAL, "public": None}]) == "It broke"
    later = {**OURS, "created_at": "2026-03-04T08:00:00Z"}
    assert story(**hidden, comments=[later, {**INTERNAL, "created_at": "2026-03-03T08:00:00Z"}]) == "It broke"
    assert story(**hidden, subject=" ", is_public=False) is None
    assert story(comments=[OURS]) == "Hello,\n\nit broke."
    item = ticket(comments=[INTERNAL, {**THEIRS, "attachments": [{"file_name": "box.png"}, {}]}])
    assert isinstance(item, Incoming)
    assert item.left == ("box.png",)


def test_a_ticket_that_was_deleted_is_left_out() -> None:
    assert ticket(status="deleted") == Rejected("item 1", "it was deleted in Zendesk", expected=True)
    assert isinstance(ticket(status="closed"), Incoming)


def test_a_ticket_is_known_by_its_page_or_its_number() -> None:
    for url in (None, "x", "https://acme.zendesk.example/api/v2/users/7.json"):
        item = ticket(url=url)
        assert isinstance(item, Incoming)
        assert item.external_ref == "zendesk:7"
    assert story(url=None, id="x") == "Hello,\n\nit broke."


@pytest.mark.parametrize("kind", [[], {}, 7, None])
@pytest.mark.parametrize("nested", [False, True])
def test_a_node_of_a_document_whose_type_is_no_word_is_passed_over(kind: object, nested: bool) -> None:
    odd: dict[str, Any] = {"type": kind, "content": [{"type": "text", "text": "inner"}]}
    assert "inner" in adf.to_text(document({"type": "bulletList", "content": [odd]} if nested else odd))
