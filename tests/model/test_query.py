"""The query of `list` against a filter that is too simple to be wrong: plain comparisons over reports."""

from __future__ import annotations

import operator
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, get_args, get_type_hints

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from issuelog.errors import UsageError
from issuelog.model import query as module
from issuelog.model.clocks import clocks
from issuelog.model.policy import Policy
from issuelog.model.query import IS, KEYS, MOST_TESTS, phrase, read_query, words_of
from issuelog.model.report import Channel, Report, Resolution, Severity, State
from issuelog.model.row import CONDITIONS, conditions, make_row
from issuelog.model.text import fold
from issuelog.model.times import iso, parse_duration
from issuelog.model.versions import version_key
from issuelog.store.passages import words
from issuelog.store.reports import new_text
from issuelog.store.rows import SCHEMA, WORDS
from issuelog.store.selection import MASK, ORDERS, Selection, read_order
from issuelog.store.yamlfile import parse

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
POLICY = Policy()
RANK = {"S4": 0, "S3": 1, "S2": 2, "S1": 3}

TITLES = ["Export stops at 40 %", "Login fails", "Größe: ÜBER 5", "画面が赤い page", "none", "a,b", "x\0y"]
STORIES = ["I press export", "The red  box\nappears at login", "EXPORT-507: worker terminated", "赤い画面"]
PEOPLE = [None, "Ana Reyes <ana@example.com>", "Kim Lee <kim@example.com>"]
PARTS = [None, "export", "login", "Export UI"]
VERSIONS = [None, "8.10", "8.9", "v8.10.0", "8.10-rc1", "8.10.3", "10", "1" * 30, "nightly"]
TIMES = [
    *(NOW + timedelta(seconds=seconds) for seconds in (-1, 0, 1, -86_400, -86_401, -259_200, 86_400)),
    *(datetime(2026, 11, day, tzinfo=UTC) for day in (1, 21, 22, 23)),
    datetime(2026, 10, 31, 23, 59, 59, tzinfo=UTC),
    datetime(2025, 12, 31, 23, 59, 59, tzinfo=UTC),
    datetime(2026, 1, 1, tzinfo=UTC),
]
times = st.sampled_from(TIMES).map(iso)


@cache
def among(*values: Any) -> st.SearchStrategy[Any]:
    """Return a strategy that is the same every time: one that is made for a draw is looked through anew each time."""
    return st.sampled_from(values)


some_labels = st.lists(st.sampled_from(["export", "Month-End", "a b", "éclair"]), unique=True, max_size=3)


@st.composite
def report_data(draw: st.DrawFn) -> dict[str, Any]:
    at = draw(times)
    data: dict[str, Any] = {
        "schema": "1",
        "id": "to be given",
        "title": draw(among(*TITLES)),
        "state": draw(among(*State)).value,
        "severity": draw(among(*Severity)).value,
        "labels": draw(some_labels),
        "source": {
            "channel": draw(among(*Channel)).value,
            "received_at": draw(times),
            "recorded_at": at,
            "recorded_by": "x",
        },
        "customer": {},
        "story": draw(among(*STORIES)),
        "story_sha256": "0" * 64,
        "intake": {"environment": {}},
        "closure": {},
        "events": [
            {"id": f"E{number}", "at": draw(times), "by": "x", "action": draw(among("new", "reopen"))}
            for number in range(draw(st.integers(1, 2)))
        ],
    }
    optional: list[tuple[dict[str, Any], str, Sequence[Any]]] = [
        (data, "owner", PEOPLE),
        (data, "component", PARTS),
        (data, "waiting_on", [None, "customer", "vendor"]),
        (data["source"], "external_ref", [None, "GH-12", "shop#3"]),
        (data["customer"], "name", [None, "Acme GmbH", "Initech"]),
        (data["customer"], "contact", [None, "kim@acme.example"]),
        (data["customer"], "tier", [None, "Gold", "silver"]),
        (data["intake"], "error_message", [None, "EXPORT-507: worker  terminated"]),
        (data["intake"]["environment"], "version", VERSIONS),
        (data["intake"]["environment"], "product", [None, "billing-web"]),
        (data["closure"], "resolution", [None, *(item.value for item in Resolution)]),
        (data["closure"], "at", [None, *map(iso, TIMES)]),
    ]
    for section, key, values in optional:
        value = draw(among(*values))
        if value is not None:
            section[key] = value
    if draw(st.booleans()):
        data["monitor"] = {"until": draw(times)}
    if draw(st.booleans()):
        open_until = {"id": "X1", "to": "vendor", "party": "p", "reason": "r", "due_at": draw(times), "opened_at": at}
        data["escalations"] = [open_until]
    if draw(st.booleans()):
        data["verification"] = {"outcome": "confirmed"}
    return data


def numbered(found: list[dict[str, Any]]) -> list[Report]:
    return [Report.model_validate({**data, "id": f"CR-2611{20 + n}-{n}KMA"}) for n, data in enumerate(found)]


many = st.lists(report_data(), min_size=1, max_size=8).map(numbered)


@dataclass(frozen=True)
class Asked:
    """A value as it is typed after its key, and what it means."""

    text: str
    holds: Callable[[Report], bool]


COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "": operator.eq,
}


def first_clock(report: Report) -> tuple[str | None, datetime | None]:
    running = min(clocks(report, POLICY), key=lambda clock: clock.at, default=None)
    return (running.clock, running.at) if running else (None, None)


def holding(report: Report) -> set[str]:
    """Return what `is:` asks for, as the reference describes it."""
    _, due = first_clock(report)
    is_closed = report.state == "closed"
    unconfirmed = report.state in {"resolved", "rca"} and report.verification.outcome is None
    found = {
        "waiting": report.waiting_on is not None,
        "escalated": report.state != "closed" and any(item.closed_at is None for item in report.escalations),
        "unverified": unconfirmed,
        "monitoring": report.monitor.until is not None and report.monitor.until > NOW,
        "overdue": due is not None and due < NOW,
        "reopened": any(event.action == "reopen" for event in report.events),
        "open": not is_closed,
        "closed": is_closed,
    }
    return {name for name, holds in found.items() if holds}


TEXTS: dict[str, Callable[[Report], list[str | None]]] = {
    "id": lambda report: [report.id],
    "title": lambda report: [report.title],
    "owner": lambda report: [report.owner],
    "component": lambda report: [report.component],
    "customer": lambda report: [report.customer.name, report.customer.contact],
    "contact": lambda report: [report.customer.contact],
    "tier": lambda report: [report.customer.tier],
    "ref": lambda report: [report.source.external_ref],
    "product": lambda report: [report.intake.environment.product],
    "clock": lambda report: [first_clock(report)[0]],
}
CHOICES: dict[str, tuple[list[str], Callable[[Report], str | None]]] = {
    "channel": ([item.value for item in Channel], lambda report: report.source.channel.value),
    "resolution": (
        [item.value for item in Resolution],
        lambda report: report.closure.resolution.value if report.closure.resolution else None,
    ),
    "waiting": (["customer", "vendor"], lambda report: report.waiting_on),
}
ORDERED: dict[str, tuple[list[str], Callable[[Report], str]]] = {
    "state": ([item.value for item in State], lambda report: report.state.value),
    "severity": (["S4", "S3", "S2", "S1"], lambda report: report.severity.value),
    "sev": (["S4", "S3", "S2", "S1"], lambda report: report.severity.value),
}
DATES: dict[str, Callable[[Report], datetime | None]] = {
    "received": lambda report: report.source.received_at,
    "updated": lambda report: max(event.at for event in report.events),
    "closed": lambda report: report.closure.at,
    "due": lambda report: first_clock(report)[1],
}
AGES = {"age": DATES["received"], "idle": DATES["updated"]}
SEARCHED = [
    "export",
    "RED box",
    "kim",
    "507",
    "画面",
    "ÜBER",
    "gh-12",
    "Month",
    "S1",
    "2025",
    "x",
    "%",
    "zzz",
    "ana REYES",
]


def _mixed(draw: st.DrawFn, text: str) -> str:
    typed: str = draw(among(text, text.upper(), text.lower()))
    return typed


def _quoted(draw: st.DrawFn, text: str) -> str:
    needed = any(char.isspace() or char in ',"' for char in text)
    return f'"{text}"' if needed or draw(st.booleans()) else text


@st.composite
def texts(draw: st.DrawFn, key: str) -> Asked:
    of = TEXTS[key]
    value = draw(
        st.sampled_from(["export", "Kim Lee", "acme", "a,b", "GH", "12", "o", "Ü", "が", "40 %", "promise", "KMA"])
    )
    if draw(st.integers(0, 4)) == 0:
        return Asked(_mixed(draw, "none"), lambda report: not any(of(report)))
    shown = _quoted(draw, _mixed(draw, value))
    return Asked(shown, lambda report: any(fold(value) in fold(part) for part in of(report) if part))


@st.composite
def labels(draw: st.DrawFn) -> Asked:
    value = draw(among("export", "MONTH-end", "month", "a b", "ÉCLAIR", "none"))
    if value == "none":
        return Asked("none", lambda report: not report.labels)
    return Asked(_quoted(draw, value), lambda report: fold(value) in map(fold, report.labels))


@st.composite
def choices(draw: st.DrawFn, key: str) -> Asked:
    known, of = CHOICES[key]
    value = draw(among(*known, "none"))
    return Asked(_mixed(draw, value), lambda report: of(report) == (None if value == "none" else value))


@st.composite
def ordered(draw: st.DrawFn, key: str) -> Asked:
    known, of = ORDERED[key]
    value, other = draw(among(*known)), draw(among(*known))
    rank = known.index
    sign = draw(among(*COMPARE, "..", "a..", "..b"))
    if sign == "..":
        low, high = sorted([rank(value), rank(other)])
        return Asked(f"{value}..{other}", lambda report: low <= rank(of(report)) <= high)
    if sign == "a..":
        return Asked(f"{value}..", lambda report: rank(of(report)) >= rank(value))
    if sign == "..b":
        return Asked(f"..{value}", lambda report: rank(of(report)) <= rank(value))
    return Asked(f"{sign}{_mixed(draw, value)}", lambda report: COMPARE[sign](rank(of(report)), rank(value)))


@st.composite
def spans(draw: st.DrawFn) -> tuple[str, datetime, datetime]:
    """Return a time as it is typed, when it begins and when it is over."""
    at = draw(among(*TIMES))
    day = at.replace(hour=0, minute=0, second=0)
    match draw(among("instant", "day", "month", "year", "today", "ago")):
        case "instant":
            return iso(at), at, at + timedelta(seconds=1)
        case "day":
            return f"{at:%Y-%m-%d}", day, day + timedelta(days=1)
        case "month":
            begin = day.replace(day=1)
            return f"{at:%Y-%m}", begin, (begin + timedelta(days=31)).replace(day=1)
        case "year":
            return f"{at:%Y}", day.replace(month=1, day=1), day.replace(year=at.year + 1, month=1, day=1)
        case "today":
            name, days = draw(among(("today", 0), ("Yesterday", -1), ("tomorrow", 1)))
            begin = NOW.replace(hour=0) + timedelta(days=days)
            return name, begin, begin + timedelta(days=1)
        case _:
            begin = NOW - timedelta(days=3)
            return "3d ago", begin, begin + timedelta(seconds=1)


@st.composite
def dates(draw: st.DrawFn, key: str) -> Asked:
    of = DATES[key]
    if draw(st.integers(0, 5)) == 0:
        return Asked("none", lambda report: of(report) is None)
    (typed, begin, end), other = draw(spans()), draw(spans())
    sign = draw(among(*COMPARE, "..", "a..", "..b"))
    tests: dict[str, Callable[[datetime], bool]] = {
        "": lambda at: begin <= at < end,
        ">": lambda at: at >= end,
        ">=": lambda at: at >= begin,
        "<": lambda at: at < begin,
        "<=": lambda at: at < end,
        "a..": lambda at: at >= begin,
        "..b": lambda at: at < end,
        "..": lambda at: begin <= at < max(other[2], end),
    }
    if sign == "..":
        text = f"{typed}..{other[0]}" if other[2] >= end else f"{typed}..{typed}"
    else:
        text = sign.replace("a", typed).replace("b", typed) if ".." in sign else sign + typed

    def holds(report: Report) -> bool:
        at = of(report)
        return at is not None and tests[sign](at)

    return Asked(f'"{text}"' if " " in text else text, holds)


@st.composite
def ages(draw: st.DrawFn, key: str) -> Asked:
    of = AGES[key]
    short, long = draw(among(("1s", "1d"), ("1d", "3d"), ("0s", "1d1s"), ("1d", "1d"), ("1w", "52w")))
    sign = draw(among(">", ">=", "<", "<=", "..", "a..", "..b"))
    least, most = parse_duration(short), parse_duration(long)

    def holds(report: Report) -> bool:
        at = of(report)
        assert at is not None
        age = NOW - at
        ranges = {"..": least <= age <= most, "a..": age >= least, "..b": age <= most}
        return ranges[sign] if sign in ranges else COMPARE[sign](age, least)

    typed = {"..": f"{short}..{long}", "a..": f"{short}..", "..b": f"..{long}"}
    return Asked(typed.get(sign, f"{sign}{short}"), holds)


@st.composite
def versions(draw: st.DrawFn) -> Asked:
    value, other = (draw(among(*(name for name in VERSIONS if name))) for _ in range(2))
    low, high = sorted([value, other], key=version_key)
    sign = draw(among(*COMPARE, "..", "a..", "none"))

    def holds(report: Report) -> bool:
        version = report.intake.environment.version
        if sign == "none" or version is None:
            return sign == "none" and version is None
        key = version_key(version)
        if sign == "..":
            return version_key(low) <= key <= version_key(high)
        if sign == "a..":
            return key >= version_key(value)
        return COMPARE[sign](key, version_key(value))

    typed = {"..": f"{low}..{high}", "a..": f"{value}..", "none": "none"}
    return Asked(typed.get(sign, f"{sign}{value}"), holds)


@st.composite
def states(draw: st.DrawFn) -> Asked:
    name = draw(among(*IS))
    return Asked(_mixed(draw, name), lambda report: name in holding(report))


STRATEGIES: dict[str, st.SearchStrategy[Asked]] = {
    **{key: texts(key) for key in TEXTS},
    **{key: choices(key) for key in CHOICES},
    **{key: ordered(key) for key in ORDERED},
    **{key: dates(key) for key in DATES},
    **{key: ages(key) for key in AGES},
    "label": labels(),
    "version": versions(),
    "is": states(),
}


@st.composite
def terms(draw: st.DrawFn) -> Asked:
    minus = draw(among("", "", "-"))
    if draw(st.integers(0, 5)) == 0:
        value = draw(among(*SEARCHED))
        found = Asked(_quoted(draw, value), lambda report: says(report, value))
    else:
        key = draw(among(*sorted(STRATEGIES)))
        several = draw(st.lists(STRATEGIES[key], min_size=1, max_size=2))
        typed = f"{_mixed(draw, key)}:{','.join(one.text for one in several)}"
        found = Asked(typed, lambda report: any(one.holds(report) for one in several))
    return Asked(minus + found.text, (lambda report: not found.holds(report)) if minus else found.holds)


def says(report: Report, value: str) -> bool:
    customer = report.customer
    texts = [report.id, report.title, report.story, report.intake.error_message, customer.name, customer.contact]
    texts += [report.owner, report.component, report.source.external_ref, *report.labels]
    return any(fold(value) in fold(text) for text in texts if text)


@contextmanager
def indexed(reports: Sequence[Report]) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(SCHEMA)
        for number, report in enumerate(reports):
            row = {"number": number, **make_row(report, POLICY, "path")}
            marks = ", ".join("?" * len(row))
            connection.execute(f"INSERT INTO report ({', '.join(row)}) VALUES ({marks})", [*row.values()])
            texts = words(parse(new_text(report).decode(), "path"))
            columns = [number, *(texts[group] for group in WORDS)]
            connection.execute(
                f"INSERT INTO words (rowid, {', '.join(WORDS)}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", columns
            )
        yield connection


def selected(
    connection: sqlite3.Connection, query: Sequence[str], sort: str = "", limit: int | None = None
) -> list[str]:
    selection = Selection(read_query(query, NOW), NOW, read_order(sort), limit)
    found = [name for (name,) in selection.rows(connection, "id")]
    assert selection.count(connection) == len(found)
    sql, parameters = selection.numbers()
    assert limit is not None or len(connection.execute(sql, parameters).fetchall()) == len(found)
    return found


def urgency(report: Report) -> tuple[object, ...]:
    _, due = first_clock(report)
    is_late = due is not None and due < NOW
    return report.state == "closed", not is_late, -RANK[report.severity], due is None, due or NOW, report.id


@settings(max_examples=80)
@given(many, st.lists(terms(), max_size=4), st.booleans())
def test_a_query_finds_what_a_naive_filter_finds(reports: list[Report], asked: list[Asked], as_one: bool) -> None:
    typed = [term.text for term in asked]
    if as_one:
        typed = [" ".join(typed)]
    wanted = [report for report in reports if all(term.holds(report) for term in asked)]
    with indexed(reports) as connection:
        assert selected(connection, typed) == [report.id for report in sorted(wanted, key=urgency)]


# Reports take longer to draw than what they are asked: a few keys share theirs.
BY_FIVE = [list(STRATEGIES)[first : first + 5] for first in range(0, len(STRATEGIES), 5)]


@pytest.mark.parametrize("keys", BY_FIVE, ids=",".join)
@settings(max_examples=25)
@given(st.data())
def test_a_key_finds_what_a_naive_filter_finds(keys: list[str], data: st.DataObject) -> None:
    reports = data.draw(many)
    with indexed(reports) as connection:
        for key in keys:
            for asked in data.draw(st.lists(STRATEGIES[key], min_size=8, max_size=16)):
                wanted = {report.id for report in reports if asked.holds(report)}
                assert {*selected(connection, [f"{key}:{asked.text}"])} == wanted, f"{key}:{asked.text}"


def order_key(name: str) -> Callable[[Report], Any]:
    def text(value: str | None) -> str:
        return fold(value or "")

    keys: dict[str, Callable[[Report], Any]] = {
        "id": lambda report: report.id,
        "title": lambda report: text(report.title),
        "state": lambda report: [*State].index(report.state),
        "severity": lambda report: report.severity.value,
        "owner": lambda report: text(report.owner),
        "component": lambda report: text(report.component),
        "customer": lambda report: [text(part) for part in (report.customer.name, report.customer.contact) if part],
        "received": lambda report: report.source.received_at,
        "updated": lambda report: max(event.at for event in report.events),
        "due": lambda report: (first_clock(report)[1] is None, first_clock(report)[1] or NOW),
        "version": lambda report: (
            version_key(report.intake.environment.version) if report.intake.environment.version else ()
        ),
    }
    return keys[name]


@settings(max_examples=60)
@given(
    many,
    st.lists(
        st.tuples(st.sampled_from(sorted(ORDERS)), st.booleans()), min_size=1, max_size=3, unique_by=lambda o: o[0]
    ),
    st.none() | st.integers(0, 9) | st.just(10**30),
)
def test_a_list_is_in_the_order_that_was_asked_for(
    reports: list[Report], orders: list[tuple[str, bool]], limit: int | None
) -> None:
    wanted = sorted(reports, key=lambda report: report.id)
    for name, descending in reversed(orders):
        wanted.sort(key=order_key(name), reverse=descending)  # what is equal stays in the order of before
    typed = ",".join(f"-{name}" if descending else name for name, descending in orders)
    with indexed(reports) as connection:
        assert selected(connection, [], typed, limit) == [report.id for report in wanted][:limit]


@settings(max_examples=30)
@given(many, st.none() | st.integers(0, 9) | st.just(10**30))
def test_a_limit_is_where_the_most_urgent_end(reports: list[Report], limit: int | None) -> None:
    with indexed(reports) as connection:
        wanted = [report.id for report in sorted(reports, key=urgency)]
        assert selected(connection, [], "urgency", limit) == wanted[:limit]


@given(many)
def test_conditions_are_those_that_hold(reports: list[Report]) -> None:
    with indexed(reports) as connection:
        selection = Selection([], NOW)
        for name, mask in selection.rows(connection, f"id, {MASK}"):
            report = next(report for report in reports if report.id == name)
            assert conditions(mask) == [name for name in CONDITIONS if name in holding(report)]


def test_every_key_is_tried() -> None:
    assert STRATEGIES.keys() == KEYS.keys()


def test_the_words_of_a_query_are_those_of_the_model() -> None:
    hints = get_type_hints(Report)
    assert tuple(item.value for item in State) == module.STATES
    assert tuple(item.value for item in reversed(Severity)) == module.SEVERITIES
    assert set(module.CHANNELS) == {item.value for item in Channel}
    assert set(module.RESOLUTIONS) == {item.value for item in Resolution}
    parties = next(part for part in get_args(hints["waiting_on"]) if part is not type(None))
    assert set(module.PARTIES) == set(get_args(parties))
    assert set(IS) == {*CONDITIONS, "open", "closed"}


WRONG = [
    ("colour:red", "there is no key 'colour' to search by; there are: id, title"),
    ("C:\\temp", "there is no key 'C'"),
    ("state:nw", "state: there is no 'nw'; there are: new, acknowledged"),
    ("state:new,nw", "state: there is no 'nw'"),
    ("-sev:S5", "sev: there is no 'S5'; there are: S4, S3, S2, S1"),
    ("sev:>none", "sev: there is no 'none'"),
    ("sev:S1..S9", "sev: there is no 'S9'"),
    ("sev:..", "sev: a value is missing; there are"),
    ("sev:>=", "sev: a value is missing; there are"),
    ("channel:>email", "channel: takes a value, and no comparison"),
    ("waiting:<=vendor", "waiting: takes a value, and no comparison"),
    ("resolution:<fixed", "resolution: takes a value, and no comparison"),
    ("owner:>kim", "owner: takes a text, and no comparison"),
    ("title:<=x", "title: takes a text, and no comparison"),
    ("label:>=x", "label: takes a label, and no comparison"),
    ("is:late", "there is no condition 'late'; there are: closed, escalated, monitoring, open"),
    ("is:>open", "there is no condition"),
    ("is:", "there is no condition ''"),
    ("received:soonish", "received: 'soonish' is not a time; write it like 2026-11-22"),
    ("received:2026-13", "received: '2026-13' is not a time"),
    ("received:2026-02-30", "received: '2026-02-30' is not a time"),
    ("received:0000", "received: '0000' is not a time"),
    ("received:9999", "received: '9999' is not a time"),
    ("received:9999-12-31", "is not a time"),
    ("received:99999999999999999999", "is not a time"),
    ("received:>", "received: a value is missing"),
    ("received:..", "received: a range needs a begin or an end"),
    ("received:2026-12..2026-01", "received: the range ends before it begins; write 2026-01..2026-12"),
    ("due:today..yesterday", "due: the range ends before it begins"),
    ("version:8.10..8.9", "version: the range ends before it begins; write 8.9..8.10"),
    ("version:>", "version: a value is missing"),
    ("age:7d..1d", "age: the range ends before it begins; write 1d..7d"),
    ("age:..", "age: a range needs a begin or an end"),
    ("age:3d", "age: takes a comparison or a range: age:>3d"),
    ("age:none", "age: takes a comparison or a range"),
    ("age:>soon", "age: 'soon' is not a span of time"),
    ("age:>", "age: '' is not a span of time"),
    ("idle:<99999999999d", "idle: '99999999999d' is not a span of time"),
    ("idle:<999999999w", "idle: '999999999w' is too long"),
    *((f"{key}:", f"{key}: a value is missing") for key in (*TEXTS, *CHOICES, *ORDERED, *DATES, "version", "label")),
    ('owner:""', "owner: a value is missing"),
    ('label:" "', "label: a value is missing"),
    ("owner:,", "owner: a value is missing"),
    ("owner:\u3000", "owner: a value is missing"),
]


@pytest.mark.parametrize(("typed", "said"), WRONG)
def test_what_is_wrong_with_a_query_is_said(typed: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_query([typed], NOW)
    assert said in caught.value.message


@pytest.mark.parametrize("at", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC, microsecond=0)])
@pytest.mark.parametrize(
    "typed", ["age:>1d", "idle:<=0s", "age:1d..2d", "received:2d..", "due:<=yesterday", "due:tomorrow"]
)
def test_at_the_ends_of_time_a_query_is_read_or_refused(typed: str, at: datetime) -> None:
    try:
        found = read_query([typed], at)
    except UsageError:
        return  # and no overflow
    assert found


KEYED = st.builds(
    "{}{}:{}{}".format,
    st.sampled_from(["", "-", "--"]),
    st.sampled_from([*KEYS, "colour"]),
    st.sampled_from(["", ">", "<=", "..", '"', ",", "none", "2026", "S1", "1d", "8."]),
    st.text(max_size=12) | st.sampled_from(["..", "1", '"', "9" * 30, "-11", "d..2d", "\0", "\ud800"]),
)


@settings(max_examples=100)
@given(st.lists(KEYED | st.text(max_size=12), max_size=4))
@example(['"'])
@example(['owner:"'])
@example(["-"])
@example(["--"])
@example(['-""'])
@example([":"])
@example(["version:" + "9" * 5000])
def test_any_text_is_a_query_or_refused(typed: list[str]) -> None:
    try:
        found = read_query(typed, NOW)
    except UsageError:
        return
    selection = Selection(found, NOW)
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(SCHEMA)
        try:
            assert list(selection.rows(connection, "id")) == []
        except UnicodeEncodeError:
            assert not " ".join(typed).isascii()  # half a character, which no command line lets in


def test_a_quote_that_is_not_closed_goes_to_the_end() -> None:
    assert read_query(['owner:"Kim Lee'], NOW) == read_query(['owner:"Kim Lee"'], NOW)
    assert read_query(['"red box'], NOW) == read_query(['"red box"'], NOW)


def test_the_words_of_a_query_are_those_that_are_not_ruled_out() -> None:
    found = read_query(["export", "-login", '"Red  BOX"', "sev:S1", '-"no way"', "https://a.example/x"], NOW)
    assert words_of(found) == ["export", "red box", "https://a.example/x"]
    assert phrase('A "quoted:  WORD"') == phrase('a "quoted: word"')
    assert words_of([phrase('A "quoted:  WORD"')]) == ['a "quoted: word"']


SIZES = {
    "terms": lambda size: ["x"] * size,
    "one argument": lambda size: [" ".join(["-x"] * size)],
    "values": lambda size: ["title:" + ",".join("ab" for _ in range(size))],
    "keys": lambda size: ["-sev:>S3"] * size,
    "ranges": lambda size: ["received:2026-11..2026-12"] * size,
}


@pytest.mark.parametrize("kind", SIZES)
def test_a_query_has_a_most(kind: str) -> None:
    with indexed([]) as connection:
        assert selected(connection, SIZES[kind](MOST_TESTS)) == []
    for size in (MOST_TESTS + 1, 10_000):
        with pytest.raises(UsageError, match=f"{MOST_TESTS} is the most"):
            read_query(SIZES[kind](size), NOW)


def test_orders() -> None:
    assert read_order(None) == read_order("") == read_order(" , ") == read_order("Urgency") == []
    assert read_order(" -Updated , id") == ["-updated", "id"]
    assert read_order(",".join(["id", "-id"] * 5000)) == ["id", "-id"]
    for wrong in ("size", "id,size", "--id", "-"):
        with pytest.raises(UsageError, match=r"--sort: there is no .*; there are: urgency, id, title"):
            read_order(wrong)
