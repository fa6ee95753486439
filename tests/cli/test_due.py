"""What is due: a week in the life of six reports, told while it goes on and afterwards, and all the ways to ask."""

from __future__ import annotations

import json
import re
import shlex
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from issuelog.model.times import iso, parse_iso
from support.cli import Tracker
from support.lives import ANALYSIS, CAUSE, CHANGE, ROLLBACK
from support.terminal import Terminal

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
DAYS = ("mon", "tue", "wed", "thu", "fri")
ANA = "Ana Reyes <ana@example.com>"
KIM = "Kim Lee <kim@example.com>"
NOBODY_ASKS = 'compensate ID --decision none --because "the month end was met"'
UPDATE = "update ID --confirmed 'it stops at row 200' --checking 'the memory of the worker'"


def when(text: str) -> str:
    """Return the time that `tue 11:30` means in the week of Monday 2 March, `03-09 15:00` any day of that year."""
    day, clock = text.split()
    date = MONDAY + timedelta(days=DAYS.index(day)) if day in DAYS else parse_iso(f"2026-{day}")
    return f"{date:%Y-%m-%d}T{clock}:00Z"


def told(rows: list[dict[str, Any]]) -> list[str]:
    """Return rows of `due --json` as this file writes them, those that are overdue with a mark."""
    lines = []
    for row in rows:
        due = parse_iso(row["due_at"])
        day = DAYS[(due - MONDAY).days] if due < MONDAY + timedelta(days=5) else f"{due:%m-%d}"
        lines.append(f"{'!' if row['overdue'] else ' '} {row['title']} {row['clock']} {day} {due:%H:%M}")
    return lines


HAPPENS = """
mon 08:00 outage  new S1
mon 08:20 outage  acknowledge ID
mon 09:10 outage  UPDATE
mon 09:30 outage  escalate ID --to vendor --party Initech --reason 'their driver' --tried 4.2 --due 2026-03-02T15:00Z
mon 10:00 login   new S2 --contact jo@acme.example
mon 10:30 login   acknowledge ID --next-update 2026-03-02T12:00Z
mon 11:00 login   ask ID -q 'Which browser do you use?' --next-update 2026-03-03T11:00Z
mon 11:30 outage  workaround ID 'Export each week by itself'
mon 12:00 outage  triage ID --severity S3 --because 'there is a workaround'
mon 15:00 typo    new S3
tue 09:00 page    new S4
tue 09:30 page    acknowledge ID
tue 10:00 login   received ID --kind answer 'Firefox'
tue 10:00 outage  escalate ID --back --outcome 'not theirs'
tue 11:30 login   UPDATE
tue 15:00 outage  UPDATE
wed 09:00 typo    acknowledge ID
wed 09:00 login   CAUSE
wed 09:10 login   CHANGE
wed 09:20 login   ROLLBACK
wed 09:30 login   test ID --mode automated --scenario 'the login of 10,000' --result pass
wed 09:35 login   test ID --mode manual --scenario 'the steps of the customer' --result pass
wed 09:40 login   deploy ID --version 8.10.3 --place production
wed 10:00 page    resolve ID --without-reproduction seen --cause 'a wrong limit' --kind docs \
--summary 'the page names it' --ref pr:1 --tested-automated links --tested-manual read
wed 10:00 slow    new S3 --contact jo@acme.example
wed 11:00 slow    acknowledge ID
wed 12:30 login   resolve ID --without-reproduction 'the log shows it'
wed 14:00 outage  UPDATE
thu 09:00 page    verify ID --confirmed
thu 09:10 page    close ID
thu 10:00 slow    received ID --kind chaser 'Any news?'
thu 13:00 paid    actions done ID A1 --evidence 'it is green'
thu 13:30 typo    UPDATE
thu 14:30 outage  UPDATE
fri 11:00 slow    UPDATE
"""
"""Of each week day and time, the report and the command. Before it a report `paid` was closed with an open measure."""
WORDS = {"UPDATE": UPDATE, "CAUSE": CAUSE, "CHANGE": CHANGE, "ROLLBACK": ROLLBACK}

DUE = {
    "mon 08:16": """
! outage acknowledge mon 08:15
  outage restore mon 12:00
  paid action thu 12:00
  outage fix 03-09 08:00
""",
    # A word was promised for 12:30 when it was still an S1. Of login, all that waits on the customer stands still.
    "mon 12:45": """
! outage promise mon 12:30
  outage escalation mon 15:00
  login chaser tue 11:00
  outage next_update tue 11:30
  paid action thu 12:00
  outage fix 05-01 08:00
""",
    # The worst first. The customer of login was told 11:00, whatever his answer of 10:00 made of the rest.
    "tue 11:15": """
! login promise tue 11:00
! outage promise mon 12:30
! typo acknowledge tue 11:00
  outage next_update tue 11:30
  login answer tue 12:00
  login next_update tue 14:00
  login restore tue 17:00
  login investigate wed 09:30
  page next_update thu 09:30
  paid action thu 12:00
  typo restore 03-09 15:00
  login fix 04-02 09:00
  outage fix 05-01 08:00
  typo fix 05-01 15:00
  page fix 06-01 09:00
""",
    # Deployed at 9:40 and not told within two hours; silent since Tuesday 11:30.
    "wed 12:00": """
! login next_update tue 15:30
! login inform wed 11:40
  outage next_update wed 15:00
  typo next_update wed 17:00
  slow next_update thu 11:00
  paid action thu 12:00
  typo investigate fri 17:00
  page verification 03-09 10:00
  slow investigate 03-09 11:00
  typo restore 03-09 15:00
  slow restore 03-11 10:00
  outage fix 05-01 08:00
  typo fix 05-01 15:00
  slow fix 05-03 10:00
""",
    # The measure of an S1 that is closed; then the customer who has been hit twice.
    "thu 12:30": """
! paid action thu 12:00
! slow next_update thu 11:00
! typo next_update wed 17:00
  outage next_update thu 14:00
  slow answer fri 10:00
  typo investigate fri 17:00
  slow investigate 03-09 11:00
  login verification 03-09 12:30
  login compensation 03-09 12:30
  typo restore 03-09 15:00
  slow restore 03-11 10:00
  outage fix 05-01 08:00
  typo fix 05-01 15:00
  slow fix 05-03 10:00
""",
    "fri 18:00": """
! typo next_update fri 13:30
! outage next_update fri 14:30
! typo investigate fri 17:00
  slow investigate 03-09 11:00
  slow next_update 03-09 11:00
  login verification 03-09 12:30
  login compensation 03-09 12:30
  typo restore 03-09 15:00
  slow restore 03-11 10:00
  outage fix 05-01 08:00
  typo fix 05-01 15:00
  slow fix 05-03 10:00
""",
}
"""What is due at these times, worked out by hand from the contract."""


def closed_with_a_measure(tracker: Tracker) -> str:
    """Record a report of the week before that was closed, and one of whose measures is due on Thursday."""
    report = tracker.complete("--title", "paid", "--at", "2026-02-23T09:00Z", severity="S1")
    commands = [
        "acknowledge ID",
        "resolve ID --without-reproduction seen --cause 'a wrong limit' --kind config --summary set --ref pr:1 "
        "--rollback redeploy --tested-automated a --tested-manual m --version 8.10.1",
        "verify ID --confirmed",
        *ANALYSIS[:-1],
        f"rca action ID 'a nightly export' --strength strong --owner '{KIM}' --due {when('thu 12:00')} --measure green "
        "--for C1",
        "rca accept ID --reviewer 'Li Wei <li@example.com>'",
        NOBODY_ASKS,
        "close ID --known-error none",
    ]
    for minutes, command in enumerate(commands, 1):
        words = [report if word == "ID" else word for word in shlex.split(command)]
        tracker.ok(*words, "--at", f"2026-02-23T09:{minutes:02}Z")
    return report


def test_a_week_in_the_life_of_six_reports(tracker: Tracker) -> None:
    config = tracker.root / ".issuelog/config.yaml"
    config.write_text(config.read_text() + "rca_alike: 0\nrca_effect_days: []\n")  # they are one error
    reports = {"paid": closed_with_a_measure(tracker)}
    checks = [f"{at} CHECK" for at in DUE]
    script = sorted([*HAPPENS.strip().splitlines(), *checks], key=lambda line: (DAYS.index(line[:3]), line[4:9]))
    live: dict[str, list[dict[str, Any]]] = {}
    for line in script:
        day, clock, name, *rest = line.split(maxsplit=3)
        at = when(f"{day} {clock}")
        if name == "CHECK":
            live[f"{day} {clock}"] = tracker.json("due", "--at", at)
            continue
        words = shlex.split(WORDS.get(rest[0], rest[0]))
        if words[0] == "new":
            reports[name] = tracker.complete("--title", name, "--at", at, *words[2:], severity=words[1])
        else:
            tracker.ok(*(reports[name] if word == "ID" else word for word in words), "--at", at)

    for at, expected in DUE.items():
        assert told(live[at]) == expected.strip("\n").splitlines(), at
        for row in live[at]:
            assert row["left_seconds"] == (parse_iso(row["due_at"]) - parse_iso(when(at))).total_seconds()
            assert row["report"] == reports[row["title"]]
            assert row["overdue"] == (row["left_seconds"] < 0)
            assert row["report"] in row["command"].split()
    for at in DUE:
        # Afterwards it is told as it was; only the next step of a report is not known any more.
        past = tracker.json("due", "--at", when(at))
        for one in (*live[at], *past):
            one.pop("command")
        assert past == live[at], at


# Ways to ask. Two reports of which one is overdue, one is due in an hour.

NOW = "2026-03-02T12:00:00Z"


@pytest.fixture
def two(tracker: Tracker) -> Tracker:
    policy = """
people:
  kim: Kim Lee <kim@example.com>
owners:
  export: kim
  "*": The Desk
targets:
  S1: {acknowledge: 1h, restore: none, fix: none}
  S2: {acknowledge: 4h, restore: 8h, fix: none}
"""
    with (tracker.root / ".issuelog/config.yaml").open("a", encoding="utf-8") as config:
        config.write(policy)
    tracker.git("commit", "-qam", "policy")
    tracker.new("--title", "outage", "--severity", "S1", "--at", "2026-03-02T10:00Z", "--owner", ANA)
    tracker.new("--title", "login", "--severity", "S2", "--at", "2026-03-02T09:00Z", "--component", "export")
    return tracker


def rows(tracker: Tracker, *options: str) -> list[tuple[str, str]]:
    return [(row["title"], row["clock"]) for row in tracker.json("due", "--at", NOW, *options)]


ALL = [("outage", "acknowledge"), ("login", "acknowledge"), ("login", "restore")]


def test_within_leaves_what_is_overdue_and_what_runs_out_until_then(two: Tracker) -> None:
    assert rows(two) == ALL
    assert rows(two, "--within", "59min") == ALL[:1]
    assert rows(two, "--within", "1h") == ALL[:2]
    assert rows(two, "--within", "4h59min") == ALL[:2]
    assert rows(two, "--within", "5h") == ALL
    assert rows(two, "--within", "0h") == ALL[:1]


@pytest.mark.parametrize("span", ["", "soon", "-4h", "4", "99999d"])
def test_within_takes_a_span(two: Tracker, span: str) -> None:
    done = two.run("due", "--within", span)
    assert (done.code, done.out) == (2, "")
    assert "--within" in done.err


def test_exit_code_tells_cron_whether_something_is_overdue_or_due_within_the_time(two: Tracker) -> None:
    def code(at: str, *options: str) -> int:
        return two.run("due", "--at", at, "--exit-code", *options).code

    assert code("2026-03-02T11:00Z") == 0  # due this very second
    assert code("2026-03-02T11:00:01Z") == 1
    assert code("2026-03-02T10:30Z", "--within", "29min") == 0
    assert code("2026-03-02T10:30Z", "--within", "30min") == 1
    assert two.run("due", "--at", NOW).code == 0
    assert code(NOW, "--mine", "--by", "Nobody <no@example.com>") == 0


def test_who_has_to_act_is_the_owner_else_whoever_the_policy_names_for_the_component(two: Tracker) -> None:
    two.new("--title", "else", "--severity", "S4", "--at", "2026-03-02T10:00Z", "--component", "web")
    found = {row["title"]: row["owner"] for row in two.json("due", "--at", NOW)}
    assert found == {"outage": ANA, "login": KIM, "else": "The Desk"}


@pytest.mark.parametrize(
    ("by", "title"),
    [
        (None, "outage"),
        ("Ana <ANA@example.com>", "outage"),
        (KIM, "login"),
        ("kim", "login"),
        ("Ana Reyes <other@example.com>", None),
    ],
)
def test_mine_is_what_one_has_to_see_to(two: Tracker, by: str | None, title: str | None) -> None:
    found = rows(two, "--mine", *(["--by", by] if by else []))
    assert {name for name, _ in found} == ({title} if title else set())


def test_an_owner_who_is_only_a_name_or_only_a_mail_address_is_the_same_person(two: Tracker) -> None:
    for title, owner in (("name", "ana reyes"), ("mail", "ana@example.com"), ("other", "Ana Reyes-Kim")):
        two.new("--title", title, "--severity", "S1", "--at", "2026-03-02T10:00Z", "--owner", owner)
    assert {name for name, _ in rows(two, "--mine")} == {"outage", "name", "mail"}


def test_a_pipe_gets_every_clock_with_iso_times_and_nothing_cut(two: Tracker) -> None:
    two.new("--title", "x" * 120, "--severity", "S1", "--at", "2026-03-02T11:30Z")
    lines = [line.split("\t") for line in two.ok("due", "--at", NOW).splitlines()]
    found = two.json("due", "--at", NOW)
    columns = ("report", "severity", "clock", "due_at")
    assert [line[:4] for line in lines] == [[row[name] for name in columns] for row in found]
    assert any("x" * 120 in line for line in lines)
    assert all(len(line) == len(lines[0]) for line in lines)


def test_ndjson_is_one_object_a_line_and_the_same(two: Tracker) -> None:
    lines = two.ok("due", "--at", NOW, "--ndjson").splitlines()
    assert [json.loads(line) for line in lines] == two.json("due", "--at", NOW)


def test_quiet_is_the_answer_alone(two: Tracker) -> None:
    done = two.run("due", "--at", NOW, "-q", "--exit-code")
    reports = list(dict.fromkeys(row["report"] for row in two.json("due", "--at", NOW)))
    assert (done.code, done.out.splitlines(), done.err) == (1, reports, "")
    assert at_a_terminal(two, "due", "--at", NOW, "-q").split() == reports
    assert len(json.loads(two.ok("due", "--at", NOW, "-q", "--json"))) == len(ALL)


def test_nothing_due_is_an_empty_list_and_exit_0(tracker: Tracker) -> None:
    assert tracker.json("due") == []
    done = tracker.run("due", "--exit-code", "--within", "10d")
    assert (done.code, done.out) == (0, "")
    assert tracker.ok("due", "--ndjson") == ""


def at_a_terminal(tracker: Tracker, *typed: str) -> str:
    """Return what a command shows at a terminal, without its colours."""
    code, shown = Terminal.start(tracker, *typed, "--color", "never").ended()
    assert code == 0, shown
    return shown


def test_a_terminal_shows_a_line_for_each_report_with_its_most_urgent_clock(two: Tracker) -> None:
    seen = at_a_terminal(two, "due", "--at", NOW)
    login = next(line for line in seen.splitlines() if "login" in line)
    assert "acknowledge" in login
    assert "(+1)" in login
    assert "restore" not in seen
    assert seen.index("outage") < seen.index("login")
    assert "1 overdue, 2 to come, in 2 reports" in seen
    everything = at_a_terminal(two, "due", "--at", NOW, "--all")
    assert "restore" in everything
    assert "(+1)" not in everything


def test_a_terminal_is_told_that_nothing_is_due(tracker: Tracker) -> None:
    assert "nothing is due" in at_a_terminal(tracker, "due")


def test_a_report_that_waits_on_the_customer_shows_its_reminder_and_not_what_stands_still(two: Tracker) -> None:
    login = next(row["report"] for row in two.json("due", "--at", NOW) if row["title"] == "login")
    two.ok("acknowledge", login, "--at", "2026-03-02T12:00Z")
    two.ok("ask", login, "-q", "Which browser?", "--at", "2026-03-02T12:30Z")
    found = {row["clock"] for row in two.json("due", "--at", "2026-03-02T13:00Z") if row["report"] == login}
    assert "chaser" in found
    assert not found & {"restore", "fix", "investigate", "next_update"}
    # What had run out before stays in sight.
    late = two.new("--title", "late", "--severity", "S2", "--at", "2026-03-02T00:00Z")
    two.ok("acknowledge", late, "--at", "2026-03-02T01:00Z")
    two.ok("ask", late, "-q", "Which browser?", "--at", "2026-03-02T12:30Z")
    found = {row["clock"] for row in two.json("due", "--at", "2026-03-02T13:00Z") if row["report"] == late}
    assert "restore" in found


def test_a_customer_with_other_open_reports_comes_first_among_equals(tracker: Tracker) -> None:
    for title, contact, minute in (("a", "al@x.example", 0), ("b", "jo@x.example", 1), ("c", "JO@x.example", 2)):
        tracker.new("--title", title, "--severity", "S1", "--contact", contact, "--at", f"2026-03-02T10:{minute:02}Z")
    found = [row for row in tracker.json("due", "--at", NOW) if row["clock"] == "acknowledge"]
    assert [(row["title"], row["hit_again"]) for row in found] == [("b", True), ("c", True), ("a", False)]


def test_a_file_that_is_broken_is_a_warning_and_the_rest_is_told(two: Tracker) -> None:
    broken = two.path(two.json("due", "--at", NOW)[0]["report"])
    broken.write_text(broken.read_text().replace("severity: S1", "severity: S9"))
    done = two.run("due", "--at", NOW, "--json")
    assert done.code == 0
    assert {row["title"] for row in done.json} == {"login"}
    assert broken.name in done.err
    assert "S9" in done.err


@pytest.mark.parametrize(
    "facts",
    [
        "severity_to: [S1]\n    severity_from: {a: b}",
        "waiting_on: [customer]\n    rca_action: [A1]",
        "reason: [not_fixed]\n    resolution: [spam]\n    outcome: {a: b}",
    ],
)
def test_facts_of_an_event_that_no_command_wrote_harm_no_command(two: Tracker, facts: str) -> None:
    path = two.path(two.json("due", "--at", NOW)[0]["report"])
    for action in ("reopen", "verify", "rca action"):
        event = f"\n  - id: by-hand-{len(action)}\n    at: 2026-03-02T11:00:00Z\n    by: Ana\n"
        path.write_text(path.read_text().rstrip("\n") + f"{event}    action: {action}\n    {facts}\n")
    for command in ("due", "list", "sla explain ID", "next ID", "show ID"):
        done = two.run(*(path.stem if word == "ID" else word for word in command.split()))
        assert (done.code, done.err.startswith("error")) == (0, False), f"{command}: {done.err}"
        assert path.stem in done.out
    assert two.run("check").code in {0, 1}


def test_in_the_past_there_are_no_reports_that_came_later(two: Tracker) -> None:
    assert {row["title"] for row in two.json("due", "--at", "2026-03-02T09:30Z")} == {"login"}
    assert two.json("due", "--at", "2026-03-01T00:00Z") == []


def test_what_is_due_is_there_again_when_the_change_is_undone(two: Tracker) -> None:
    before = rows(two)
    two.ok("acknowledge", two.json("due", "--at", NOW)[0]["report"], "--at", "2026-03-02T11:59Z")
    assert rows(two) != before
    two.ok("undo")
    assert rows(two) == before


def test_another_policy_changes_what_is_due_without_a_change_of_a_report(two: Tracker) -> None:
    path = two.root / ".issuelog/config.yaml"
    path.write_text(path.read_text().replace("S1: {acknowledge: 1h", "S1: {acknowledge: 5h"))
    found = next(row for row in two.json("due", "--at", NOW) if row["title"] == "outage")
    assert (found["overdue"], found["due_at"]) == (False, "2026-03-02T15:00:00Z")


@pytest.mark.parametrize(
    ("calendar", "fault"),
    [
        ("{country: XX}", "XX"),
        ("{country: DE, region: XX}", "XX}"),
        ("{region: BY}", "BY"),
        ("{timezone: Berlin}", "Berlin"),
        ("{week: {mon: ['9-17']}}", "{mon"),
    ],
)
def test_a_calendar_that_does_not_hold_is_told_with_its_place(tracker: Tracker, calendar: str, fault: str) -> None:
    report = tracker.new()
    (tracker.root / ".issuelog/config.yaml").write_text(f"calendars:\n  business: {calendar}\n")
    column = f"  business: {calendar}".index(fault) + 1
    for command in ("due", "check", f"sla explain {report}", "list"):
        done = tracker.run(*command.split())
        assert done.code == 6, f"{command}: {done.code} {done.err}"
        place = re.search(r"config\.yaml[:\t](\d+)[:\t](\d+)", done.out + done.err)
        assert place
        assert (int(place[1]), int(place[2])) == (2, column), command


def test_the_owner_of_a_measure_has_to_act_and_not_the_owner_of_the_report(tracker: Tracker) -> None:
    report = closed_with_a_measure(tracker)
    (row,) = tracker.json("due", "--at", when("thu 12:00"))
    assert (row["report"], row["clock"], row["item"], row["owner"]) == (report, "action", "A1", KIM)
    assert (row["state"], row["overdue"], row["left_seconds"]) == ("closed", False, 0)
    assert tracker.json("due", "--at", iso(parse_iso(when("thu 12:00")) + timedelta(seconds=1)))[0]["overdue"]
    command = shlex.split(row["command"].replace("TEXT", "'it is green'"))
    assert command.pop(0) == "issuelog"
    tracker.ok(*command, "--at", when("thu 12:30"))
    looks = tracker.json("due", "--at", when("thu 13:00"))
    assert [(row["clock"], row["item"], row["owner"]) for row in looks] == [("effect", "A1", KIM)] * 2
    assert [row["left_seconds"] for row in looks] == [days * 86_400 - 1800 for days in (30, 90)]
