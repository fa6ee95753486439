"""How clocks came about, and what another policy would have made of the past."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from issuelog.model.times import parse_iso
from support.cli import Tracker

POLICY = """
calendars:
  business:
    timezone: Europe/Berlin
    week: {mon-fri: ["09:00-12:00", "13:00-17:00"]}
targets:
  S1: {acknowledge: 15min, restore: 4h, fix: none}
  S3: {acknowledge: 4h business, restore: 8h business, fix: none, investigate: none}
policies:
  - name: gold
    tiers: [gold]
    targets: {S3: {acknowledge: 2h business}}
"""


@pytest.fixture
def ruled(tracker: Tracker) -> Tracker:
    """A tracker with a policy of its own."""
    with (tracker.root / ".issuelog/config.yaml").open("a", encoding="utf-8") as config:
        config.write(POLICY)
    tracker.git("commit", "-qam", "policy")
    return tracker


def lived(tracker: Tracker) -> str:
    """Record a report that waited on its customer, was raised, and restored in the end.

    Berlin is an hour ahead of UTC: the office is open from 8 to 11 and from 12 to 16.
    """
    report = tracker.complete("--title", "Export stops", "--at", "2026-03-02T10:00Z", severity="S3")
    for line in (
        "acknowledge ID --at 2026-03-02T12:30Z --next-update 2026-03-02T14:00Z",
        "ask ID -q Which? --at 2026-03-02T13:00Z --next-update 2026-03-03T10:00Z",
        "received ID --kind answer Firefox --at 2026-03-03T09:00Z",
        "triage ID --severity S1 --because blocked --at 2026-03-03T10:00Z",
        "workaround ID Reload --at 2026-03-03T11:00Z",
    ):
        tracker.ok(*(report if word == "ID" else word for word in line.split()))
    return report


def runs(tracker: Tracker, report: str, clock: str, *options: str) -> list[dict[str, Any]]:
    found = tracker.json("sla", "explain", report, *options)["clocks"]
    return [run for run in found if run["clock"] == clock]


def test_every_interval_pause_and_change_that_led_to_a_due_time_is_told(ruled: Tracker) -> None:
    report = lived(ruled)
    (acknowledge,) = runs(ruled, report, "acknowledge")
    assert acknowledge["outcome"] == "kept"
    assert acknowledge["target"] == "4h business"
    assert acknowledge["timezone"] == "Europe/Berlin"
    assert acknowledge["windows"] == [
        {"from": "2026-03-02T10:00:00Z", "to": "2026-03-02T11:00:00Z"},
        {"from": "2026-03-02T12:00:00Z", "to": "2026-03-02T15:00:00Z"},
    ]
    assert (acknowledge["due_at"], acknowledge["ended_at"]) == ("2026-03-02T15:00:00Z", "2026-03-02T12:30:00Z")

    (restore,) = runs(ruled, report, "restore")
    assert restore["pauses"] == [{"from": "2026-03-02T13:00:00Z", "to": "2026-03-03T09:00:00Z"}]
    first, then = restore["severities"]
    # Eight hours: one and one before the pause, and six of Tuesday from 9 on but for the break, to Wednesday 8:00.
    assert first == {
        "at": "2026-03-02T10:00:00Z",
        "severity": "S3",
        "target": "8h business",
        "due_at": "2026-03-03T16:00:00Z",
    }
    # Four hours round the clock, of which three had passed before the pause: until 10:00, and a quarter more from then.
    assert (then["severity"], then["target"], then["due_at"]) == ("S1", "4h", "2026-03-03T10:15:00Z")
    assert (restore["due_at"], restore["ended_at"], restore["outcome"]) == (
        "2026-03-03T10:15:00Z",
        "2026-03-03T11:00:00Z",
        "broken",
    )


@pytest.mark.parametrize("at", ["2026-03-02T12:45Z", "2026-03-03T09:30Z", "2026-03-04T00:00Z"])
def test_the_windows_add_up_to_the_target(ruled: Tracker, at: str) -> None:
    report = lived(ruled)
    counted = 0
    for run in ruled.json("sla", "explain", report, "--at", at)["clocks"]:
        if run["windows"] and run["due_at"] and len(run["severities"]) == 1:
            spans = [parse_iso(window["to"]) - parse_iso(window["from"]) for window in run["windows"]]
            hours = int(re.fullmatch(r"(\d+)h business", run["target"])[1])  # type: ignore[index]
            assert sum(spans, timedelta()) == timedelta(hours=hours)
            assert run["windows"][-1]["to"] == run["due_at"]
            counted += 1
    assert counted


def test_a_clock_that_stands_still_has_no_due_time_and_shows_since_when(ruled: Tracker) -> None:
    report = lived(ruled)
    (restore,) = runs(ruled, report, "restore", "--at", "2026-03-02T14:00Z")
    assert (restore["outcome"], restore["due_at"], restore["ended_at"]) == ("paused", None, None)
    assert restore["pauses"] == [{"from": "2026-03-02T13:00:00Z", "to": None}]
    text = ruled.ok("sla", "explain", report, "--at", "2026-03-02T14:00Z")
    assert "9999" not in text


@pytest.mark.parametrize("at", ["2026-03-02T11:00Z", "2026-03-02T14:00Z", "2026-03-03T10:05Z", "2026-03-04T00:00Z"])
def test_text_and_json_say_the_same(ruled: Tracker, at: str) -> None:
    report = lived(ruled)
    data = ruled.json("sla", "explain", report, "--at", at)
    blocks = ruled.ok("sla", "explain", report, "--at", at).split("\n\n")
    assert data["report"] in blocks[0]
    assert data["title"] in blocks[0]
    assert data["policy"]["name"] in blocks[0]
    assert data["policy"]["why"] in blocks[0]
    for run, block in zip(data["clocks"], blocks[1:], strict=False):
        assert block.startswith(run["clock"])
        assert run["outcome"] in block.splitlines()[0]
        times = [run["started_at"], run["due_at"], run["ended_at"]]
        times += [moment for span in (*run["pauses"], *run["windows"]) for moment in (span["from"], span["to"])]
        times += [stretch["at"] for stretch in run["severities"]]
        assert all(moment in block for moment in times if moment), (run, block)
        assert bool(run["command"]) == ("  next " in block)


def test_what_is_still_to_do_has_its_command_and_what_is_over_has_none(ruled: Tracker) -> None:
    report = lived(ruled)
    for run in ruled.json("sla", "explain", report)["clocks"]:
        assert bool(run["command"]) == (run["ended_at"] is None)
        assert run["outcome"] in ({"kept", "broken"} if run["ended_at"] else {"running", "overdue", "paused"})


def test_the_policy_and_why_it_was_chosen_are_told(ruled: Tracker) -> None:
    report = ruled.new("--severity", "S3", "--at", "2026-03-02T10:00Z")
    assert ruled.json("sla", "explain", report)["policy"]["name"] == "default"
    ruled.ok("set", report, "customer.tier=gold")
    found = ruled.json("sla", "explain", report)
    assert found["policy"] == {"name": "gold", "why": "tier gold"}
    assert runs(ruled, report, "acknowledge")[0]["due_at"] == "2026-03-02T13:00:00Z"
    assert "gold" in ruled.ok("sla", "explain", report).splitlines()[1]


def test_what_claims_to_be_older_than_its_commit_is_marked(ruled: Tracker) -> None:
    report = ruled.new("--severity", "S3")
    assert ruled.json("sla", "explain", report)["backdated"] == []
    ruled.ok("note", report, "just now", "--at", "9min ago")
    assert ruled.json("sla", "explain", report, "--at", "in 1h")["backdated"] == []
    ruled.ok("note", report, "long ago", "--at", "11min ago")
    (marked,) = ruled.json("sla", "explain", report)["backdated"]
    assert marked["action"] == "note"
    late = parse_iso(marked["recorded_at"]) - parse_iso(marked["at"])
    assert timedelta(minutes=10) < late < timedelta(minutes=30)
    assert f"backdated: note claims {marked['at']}" in ruled.ok("sla", "explain", report)


def test_a_report_that_is_not_there(ruled: Tracker) -> None:
    done = ruled.run("sla", "explain", "7K3M")
    assert (done.code, done.out) == (4, "")


def test_before_it_was_received_there_is_nothing_to_explain(ruled: Tracker) -> None:
    report = ruled.new("--at", "2026-03-02T10:00Z")
    done = ruled.run("sla", "explain", report, "--at", "2026-03-02T09:59Z")
    assert (done.code, done.out) == (4, "")
    assert report in done.err


def test_several_reports_come_from_standard_input(ruled: Tracker) -> None:
    reports = [ruled.new("--at", f"2026-03-0{day}T10:00Z") for day in (2, 3)]
    both = "\n".join(reports) + "\n"
    done = ruled.run("sla", "explain", "-", "--json", stdin=both)
    assert [one["report"] for one in done.json] == reports
    text = ruled.ok("sla", "explain", "-", stdin=both)
    assert text.index(reports[0]) < text.index(reports[1])
    assert ruled.run("sla", "explain", "-", "--json", stdin="").json == []


def test_customers_words_are_inert(ruled: Tracker) -> None:
    report = ruled.new("--title", "a\x1b[31mred\u202e")
    assert not set("\x1b\u202e") & set(ruled.ok("sla", "explain", report))


# The past under another policy.


def three(tracker: Tracker) -> list[str]:
    """Record reports that were answered after one, three and ten business hours, and one that was not."""
    reports = []
    for title, answered in (("alpha", "02T09:00"), ("beta", "02T11:00"), ("gamma", "03T10:00"), ("delta", None)):
        report = tracker.new("--title", title, "--severity", "S3", "--at", "2026-03-02T08:00Z")
        if answered:
            tracker.ok("acknowledge", report, "--at", f"2026-03-{answered}Z")
        reports.append(report)
    return reports


def simulated(tracker: Tracker, policy: str, *more: str, at: str = "2026-03-10T00:00Z") -> Any:
    tracker.root.joinpath("other.yaml").write_text(policy)
    return tracker.json("sla", "simulate", "other.yaml", *more, "--at", at)


def counts(found: Any, clock: str = "acknowledge") -> tuple[int, ...]:
    (row,) = [row for row in found["clocks"] if row["clock"] == clock]
    return tuple(row[name] for name in ("runs", "met", "missed", "would_be_met", "would_be_missed"))


def test_the_same_policy_changes_nothing(ruled: Tracker) -> None:
    three(ruled)
    found = simulated(ruled, POLICY)
    assert found["changed"] == []
    assert all((row["met"], row["missed"]) == (row["would_be_met"], row["would_be_missed"]) for row in found["clocks"])
    assert simulated(ruled, "")["clocks"] == found["clocks"]


def test_what_another_policy_would_have_made_of_the_past(ruled: Tracker) -> None:
    _, b, c, d = three(ruled)
    found = simulated(ruled, "targets: {S3: {acknowledge: 2h business}}")
    assert found["reports"] == 4
    # With four business hours a and b were met, and c and d were not; with two only a would have been.
    assert counts(found) == (4, 2, 2, 1, 3)
    (changed,) = [run for run in found["changed"] if run["clock"] == "acknowledge"]
    assert changed == {
        "report": b,
        "severity": "S3",
        "clock": "acknowledge",
        "started_at": "2026-03-02T08:00:00Z",
        "due_at": "2026-03-02T13:00:00Z",
        # The other file says nothing of calendars: this tracker's hold.
        "would_be_due_at": "2026-03-02T10:00:00Z",
        "ended_at": "2026-03-02T11:00:00Z",
        "met": True,
        "would_be_met": False,
    }
    looser = simulated(ruled, "targets: {S3: {acknowledge: 9h business}}")
    assert counts(looser) == (4, 2, 2, 3, 1)
    assert {run["report"] for run in looser["changed"] if run["clock"] == "acknowledge"} == {c}
    assert d not in {run["report"] for run in looser["changed"] if run["clock"] == "acknowledge"}


def test_a_clock_that_still_runs_is_neither_met_nor_missed(ruled: Tracker) -> None:
    three(ruled)
    # At noon a and b were answered, c and d are not yet due by the tracker's policy, and are by the other.
    found = simulated(ruled, "targets: {S3: {acknowledge: 2h business}}", at="2026-03-02T12:00Z")
    assert counts(found) == (4, 2, 0, 1, 3)


def test_a_clock_that_only_one_of_the_policies_has(ruled: Tracker) -> None:
    three(ruled)
    gone = simulated(ruled, "targets: {S3: {acknowledge: 4h business, restore: none, fix: none}}")
    assert counts(gone, "restore")[3:] == (0, 0)
    added = simulated(ruled, "targets: {S3: {fix: 1h}}")
    assert counts(added, "fix") == (4, 0, 0, 0, 4)


def test_agreements_of_the_other_policy_are_chosen_as_their_tiers_say(ruled: Tracker) -> None:
    a, *_ = three(ruled)
    ruled.ok("set", a, "customer.tier=silver")
    found = simulated(ruled, "policies: [{name: silver, tiers: [silver], targets: {S3: {acknowledge: 30min}}}]")
    assert {run["report"] for run in found["changed"] if run["clock"] == "acknowledge"} == {a}


def test_only_the_reports_of_the_query_are_replayed(ruled: Tracker) -> None:
    a, *_ = three(ruled)
    found = simulated(ruled, "targets: {S3: {acknowledge: 30min}}", "alpha")
    assert (found["reports"], counts(found)[0]) == (1, 1)
    assert {run["report"] for run in found["changed"]} == {a}
    assert simulated(ruled, "", "state:closed")["clocks"] == []
    assert ruled.run("sla", "simulate", "other.yaml", "state:nowhere").code == 2


def test_a_pipe_has_the_figures_or_the_changed_runs(ruled: Tracker) -> None:
    _, b, *_ = three(ruled)
    simulated(ruled, "targets: {S3: {acknowledge: 2h business}}")
    lines = ruled.ok("sla", "simulate", "other.yaml", "--at", "2026-03-10T00:00Z").splitlines()
    assert "acknowledge\tS3\t4\t2\t2\t1\t3\t0" in lines
    changed = ruled.ok("sla", "simulate", "other.yaml", "--changed", "--at", "2026-03-10T00:00Z").splitlines()
    assert [line.split("\t")[:3] for line in changed if "\tacknowledge\t" in line] == [[b, "S3", "acknowledge"]]


@pytest.mark.parametrize(
    ("policy", "line"),
    [
        ("prefix: CR\ntargets:\n  S3:\n    acknowledge: soon\n", 4),
        ("prefix: CR\ntarget: {}\n", 2),
        ("policies:\n  - name: x\n    targets: {S9: {fix: 1h}}\n", 3),
        ("calendars:\n  business:\n    country: XX\n", 3),
        ("a: [\n", 2),
    ],
)
def test_a_fault_of_the_other_policy_is_told_with_its_own_file_and_line(ruled: Tracker, policy: str, line: int) -> None:
    ruled.root.joinpath("other.yaml").write_text(policy)
    done = ruled.run("sla", "simulate", "other.yaml")
    assert (done.code, done.out) == (6, "")
    place = re.search(r"other\.yaml:(\d+):(\d+)", done.err)
    assert place, done.err
    assert int(place[1]) == line, done.err


def test_a_fault_of_the_trackers_own_policy_is_not_put_on_the_other(ruled: Tracker) -> None:
    three(ruled)
    path = ruled.root / ".issuelog/config.yaml"
    path.write_text("calendars:\n  business: {timezone: Berlin}\n")
    ruled.root.joinpath("other.yaml").write_text("targets: {S3: {acknowledge: 2h}}\n")
    done = ruled.run("sla", "simulate", "other.yaml")
    assert (done.code, done.out) == (6, "")
    assert "config.yaml:2" in done.err
    assert "other.yaml" not in done.err


@pytest.mark.parametrize("name", ["nowhere.yaml", "reports", ""])
def test_a_policy_that_is_no_file(ruled: Tracker, name: str) -> None:
    done = ruled.run("sla", "simulate", name)
    assert (done.code, done.out) == (2, "")


def test_a_report_that_cannot_be_read_is_a_warning(ruled: Tracker) -> None:
    a, *_ = three(ruled)
    path = ruled.path(a)
    path.write_text(path.read_text().replace("severity: S3", "severity: S9"))
    ruled.root.joinpath("other.yaml").write_text("")
    done = ruled.run("sla", "simulate", "other.yaml", "--json", "--at", "2026-03-10T00:00Z")
    assert (done.code, done.json["reports"]) == (0, 3)
    assert path.name in done.err
