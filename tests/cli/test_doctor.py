"""`doctor` says what is not in order and what a team still lacks, and mends what needs no decision."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from support.cli import Tracker


@pytest.fixture
def tracker(tmp_path: Path) -> Tracker:
    return Tracker.make(tmp_path / "r")


def level(tracker: Tracker, what: str) -> str:
    found: dict[str, str] = {row["what"]: row["level"] for row in tracker.run("--json", "doctor").json}
    return found.get(what, "none")


READY = """people: {kim: Kim Lee <kim@example.com>}
owners: {"*": kim}
calendars: {business: {timezone: Europe/Berlin, country: DE}}
"""


def policy(tracker: Tracker, text: str) -> None:
    tracker.root.joinpath(".issuelog/config.yaml").write_text(text)
    tracker.git("commit", "-qam", "policy")


def put(tracker: Tracker, path: str, text: str) -> None:
    file = tracker.root / ".issuelog" / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def warnings(tracker: Tracker, *arguments: str) -> dict[str, str]:
    """Return what is found wanting; each says what mends it, and none is an error."""
    rows: list[dict[str, Any]] = tracker.json("doctor", *arguments)
    found = [row for row in rows if row["level"] != "ok"]
    assert all(row["level"] == "warning" and row["command"] for row in found), found
    assert len({row["what"] for row in found}) == len(found)
    return {row["what"]: row["found"] for row in found}


def test_after_init_all_works_and_what_a_team_still_lacks_is_named(tracker: Tracker) -> None:
    tracker.new()
    assert {*warnings(tracker)} == {"owners", "calendar business"}
    assert tracker.ok("doctor", "--fix") == tracker.ok("doctor")


def test_a_policy_that_only_this_clone_has_is_named(tracker: Tracker) -> None:
    tracker.new()
    policy(tracker, READY)
    (tracker.root / ".issuelog/config.yaml").write_text(f"{READY}# a comment\n")
    (wanting,) = (row for row in tracker.json("doctor") if row["level"] != "ok")
    assert ("not committed" in wanting["found"], wanting["what"]) == (True, "policy's file")
    tracker.git(*wanting["command"].split()[1:])
    assert {row["level"] for row in tracker.json("doctor")} == {"ok"}


def test_all_is_well_once_it_is_supplied(tracker: Tracker) -> None:
    tracker.new()
    policy(tracker, READY)
    assert {row["level"] for row in tracker.json("doctor")} == {"ok"}
    assert "Kim Lee" in tracker.ok("--color", "always", "doctor")


def test_what_init_was_told_is_not_asked_for_again(tmp_path: Path) -> None:
    tracker = Tracker.make(tmp_path / "other", init=False)
    tracker.ok("init", "--timezone", "Europe/Berlin", "--country", "DE")
    assert {*warnings(tracker)} == {"owners"}


def test_components_of_open_reports_that_nobody_owns_are_counted(tracker: Tracker) -> None:
    policy(tracker, READY.replace('"*"', "login"))
    for component in ("export", "export", "login", "print"):
        report = tracker.new("--component", component)
    tracker.ok("close", report, "--as", "spam")
    said = warnings(tracker)["owners"]
    assert ("export (2)" in said, "login" in said, "print" in said) == (True, False, False)
    policy(tracker, READY.replace('"*"', "export") + "# and no other\n")
    assert "login (1)" in warnings(tracker)["owners"]


def test_an_owner_of_a_component_is_its_owner_in_any_case(tracker: Tracker) -> None:
    tracker.new("--component", "export")
    policy(tracker, READY.replace('"*": kim', "Export: kim"))
    assert "export" not in warnings(tracker)["owners"]
    assert {row["owner"] for row in tracker.json("due")} == {"Kim Lee <kim@example.com>"}


def test_who_is_nobody_is_named(tracker: Tracker) -> None:
    policy(
        tracker,
        READY.replace('"*": kim', '"*": kym, export: Li Wei <li@example.com>, login: bo').replace(
            "people: {", "people: {ana: Ana Reyes, "
        ),
    )
    found = warnings(tracker)
    assert {*found} == {"people ana", "owner of *", "owner of login"}
    assert "kim" in found["owner of *"]


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ("{}", ["UTC", "12 months"]),
        ("{country: DE}", ["UTC"]),
        ("{timezone: UTC, country: DE}", []),
        ("{timezone: Asia/Tokyo}", ["12 months"]),
        ("{timezone: Asia/Tokyo, holidays: [2026-01-01]}", ["12 months"]),
        ("{timezone: Asia/Tokyo, holidays: [2026-01-01, 2027-08-11]}", []),
        ("{timezone: Asia/Tokyo, holidays: [2028-01-01]}", ["12 months"]),
        ("{week: always}", []),
    ],
)
def test_a_calendar_without_a_zone_or_holidays_is_named(tracker: Tracker, rule: str, says: list[str]) -> None:
    policy(tracker, READY.replace("{timezone: Europe/Berlin, country: DE}", rule))
    said = warnings(tracker, "--at", "2026-11-22").get("calendar business", "")
    assert [word for word in ("UTC", "12 months") if word in said] == says


def test_a_calendar_that_no_target_names_is_not_asked_about(tracker: Tracker) -> None:
    spare = READY.replace("DE}}", "DE}, night: {}}")
    policy(tracker, spare)
    assert warnings(tracker) == {}
    policy(tracker, f"{spare}policies: [{{name: Gold, targets: {{S1: {{fix: 8h night}}}}}}]\n")
    assert {*warnings(tracker)} == {"calendar night"}


@pytest.mark.parametrize(
    ("policies", "faulty"),
    [
        ("{name: A, tiers: [gold]}, {name: B, tiers: [gold]}", "B"),
        ("{name: A, tiers: [gold]}, {name: B, tiers: [Gold], components: [export]}", ""),
        (
            "{name: A, tiers: [gold]}, {name: B, components: [EXPORT]}, {name: C, tiers: [gold], components: [export]}",
            "C",
        ),
        ("{name: A}, {name: B, tiers: [gold]}", "B"),
        ("{name: A, tiers: [gold]}, {name: B}", ""),
        ("{name: A, tiers: [gold], until: 2026-01-01}, {name: B, tiers: [gold]}", ""),
        ("{name: A, tiers: [gold], from: 2026-01-01}, {name: B, tiers: [gold], from: 2026-02-01}", "B"),
        ("{name: A, tiers: [gold], until: 2027-01-01}, {name: B, tiers: [gold], until: 2026-01-01}", "B"),
        ("{name: A, tiers: [gold], from: 2026-02-01}, {name: B, tiers: [gold], from: 2026-01-01}", ""),
        ("{name: A, from: 2026-02-01, until: 2026-02-01}", "A"),
        ("{name: A, tiers: [silver]}", "A"),
        ("{name: A, components: [print, export]}", "A"),
    ],
)
def test_a_policy_that_cannot_be_chosen_is_named(tracker: Tracker, policies: str, faulty: str) -> None:
    tracker.new("--component", "export")
    tracker.ok("set", tracker.new(), "customer.tier=gold")
    policy(tracker, f"{READY}policies: [{policies}]\n")
    assert {*warnings(tracker)} == ({f"policy {faulty}"} if faulty else set())


def test_before_the_first_report_no_tier_is_strange(tracker: Tracker) -> None:
    policy(tracker, f"{READY}policies: [{{name: A, tiers: [gold]}}]\n")
    assert warnings(tracker) == {}


@pytest.mark.parametrize(
    ("path", "text", "says"),
    [
        ("templates/en/acknowledge.md", "Dear {{ name }},\n\nnext word: {{ next_update }}\n", None),
        ("templates/en/acknowledge.md", "{% for a in b %}{% endfor %}", "acknowledge.md:1"),
        ("templates/en/acknowledge.md", "{{ nam", "acknowledge.md:1"),
        (
            "templates/en/acknowledge.md",
            "{{ name }} {{ next_update }} {{ weather }}",
            "asks for weather, which no report fills: --slot weather=",
        ),
        ("templates/en/acknowledge.md", "{{ name }} {{ ref }} {{ owner }}", "leaves out next_update of"),
        ("templates/en/update.md", "{{ weather }}", "weather"),
        ("templates/en/acknowlege.md", "x", "did you mean acknowledge"),
        ("templates/en/notes.txt", "x", "KIND.md"),
        ("templates/english/acknowledge.md", "x", "de"),
        ("templates/DE/acknowledge.md", "x", "de"),
        ("templates/acknowledge.md", "x", "folder"),
        ("lint/en.yaml", "X01: {forbid: [synergy], message: m, instead: i}\n", None),
        ("lint/en.yaml", "X01: {forbid: [synergy\n", "lint/en.yaml"),
        ("lint/en.yaml", "B01: off\n", "protects"),
        ("lint/en.yaml", "X01: {forbid: [synergy], kinds: [updat], message: m, instead: i}\n", "did you mean update"),
        ("lint/english.yaml", "X01: {forbid: [synergy]}\n", "de.yaml"),
        ("lint/en.yml", "X01: {forbid: [synergy]}\n", "de.yaml"),
    ],
)
def test_templates_and_rules_of_the_trackers_own_are_looked_at(
    tracker: Tracker, path: str, text: str, says: str | None
) -> None:
    policy(tracker, READY)
    put(tracker, path, text)
    put(tracker, "templates/.gitkeep", "")
    done = tracker.run("--json", "doctor")
    named = [row for row in done.json if row["level"] != "ok"]
    assert done.code == 0
    if says is None:
        assert named == []
    else:
        (row,) = named
        assert says in f"{row['found']} {row['command']}"
        assert row["what"].startswith(path.split("/")[0])


def test_what_a_link_leads_to_is_not_looked_at(tracker: Tracker, tmp_path: Path) -> None:
    policy(tracker, READY)
    (tmp_path / "elsewhere" / "secret").mkdir(parents=True)
    for name in ("templates", "lint"):
        (tracker.root / ".issuelog" / name).symlink_to(tmp_path / "elsewhere")
    assert "secret" not in tracker.ok("doctor")


def test_languages_without_templates_are_counted_in_open_reports(tracker: Tracker) -> None:
    policy(tracker, READY)
    tracker.new(story="My form says:\ncustomer:\nlanguage: ja\n")
    for language in ("fr", "fr-CA", "de-AT", "en", "no"):
        tracker.ok("set", report := tracker.new(), f"customer.language={language}")
    said = warnings(tracker)["languages"]
    assert [word for word in ("fr (1)", "fr-CA (1)", "de", "ja", "no (1)") if word in said] == [
        *("fr (1)", "fr-CA (1)", "no (1)")
    ]
    put(tracker, "templates/fr/update.md", "{{ next_update }} {{ confirmed }} {{ checking }} {{ name }}\n")
    tracker.ok("close", report, "--as", "spam")
    assert "languages" not in warnings(tracker)


def test_how_mail_leaves_the_machine_is_said(tracker: Tracker) -> None:
    def said() -> str:
        found: str = next(row["found"] for row in tracker.run("--json", "doctor").json if row["what"] == "sending")
        return found

    file = Path.home() / ".config/issuelog/config.yaml"
    file.parent.mkdir(parents=True)
    assert "message draft" in said()
    file.write_text("mail: {sendmail: [msmtp, -t]}\n")
    file.chmod(0o600)
    assert "msmtp" in said()
    file.write_text("mail: {sendmail: msmtp}\n")
    assert level(tracker, "sending") == "error"


def test_a_policy_that_does_not_hold_hides_no_other_finding(tracker: Tracker) -> None:
    policy(tracker, "prefix: cr\n")
    done = tracker.run("--json", "doctor")
    assert (done.code, {row["what"] for row in done.json if row["level"] == "error"}) == (1, {"policy"})


def test_a_clone_without_the_driver_is_told_of_it(tracker: Tracker) -> None:
    tracker.git("config", "--unset", "merge.issuelog.driver")
    assert level(tracker, "merge driver") == "warning"
    done = tracker.run("doctor", "--fix")
    assert (done.code, "told git of the merge driver" in done.err) == (0, True), done.err
    assert level(tracker, "merge driver") == "ok"


def test_an_index_that_fell_behind_is_brought_up_and_nothing_else_is_touched(tracker: Tracker) -> None:
    """Git reads the index before it locks it, and can so write one that lacks what came in between."""
    report = tracker.new()
    path = str(tracker.path(report).relative_to(tracker.root))
    tracker.ok("note", report, "lost from the index")
    tracker.git("update-index", "--cacheinfo", f"100644,{tracker.git('rev-parse', f'HEAD~:{path}').strip()},{path}")
    (tracker.root / "mine").write_text("staged\n")
    tracker.git("add", "mine")
    done = tracker.run("doctor")
    assert (done.code, "would revert it" in done.out, "doctor --fix" in done.out) == (1, True, True), done.out
    done = tracker.run("doctor", "--fix")
    assert (done.code, path in done.err) == (0, True), done.out + done.err
    assert tracker.git("status", "--porcelain") == "A  mine\n"


def test_nothing_is_mended_in_the_middle_of_a_merge(tracker: Tracker) -> None:
    (tracker.root / ".git/MERGE_HEAD").write_text(tracker.git("rev-parse", "HEAD"))
    assert tracker.run("doctor", "--fix").code == 7
    assert tracker.run("doctor", "--fix", "--dry-run").code == 2


def test_a_repository_that_git_refuses_is_an_error(tracker: Tracker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    done = tracker.run("doctor")
    assert (done.code, "safe.directory" in done.out) == (1, True), done.out
