"""`config show` says what holds and who says so; a file that does not hold is told with its place and what would."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from issuelog.config import load_policy
from issuelog.model.policy import Policy
from support.cli import Tracker, run
from support.refusals import refused

FULL = """
prefix: "NO"
default_severity: S2
people: {kim: "Kim: Lee <kim@example.com>"}
owners:
  "*": kim
targets:
  S1: {fix: none, restore: 90min}
  S3:
    acknowledge: 48h

    next_update: 6h support
calendars:
  business:
    timezone: Europe/Berlin
    week:
      mon-thu: ["09:00-12:00", "13:00-17:00"]
      fri:
        - "09:00-15:00"
    holidays:
      - 2026-12-24
      - 2026-12-31
  support: {week: always, country: DE, region: BY}
policies:
  - name: "Gold, [all]"
    tiers: [gold, "pl, at"]
    from: 2026-01-01
    targets: {S1: {restore: none, fix: 8h support}}
  -
    name: Silver
rca_required: []
verify_days: 7
"""


@pytest.fixture
def full(tracker: Tracker) -> Tracker:
    file_of(tracker).write_text(FULL)
    return tracker


def file_of(tracker: Tracker) -> Path:
    return tracker.root / ".issuelog/config.yaml"


def lines(tracker: Tracker, *arguments: str) -> list[list[str]]:
    return [line.split("\t") for line in tracker.ok("config", "show", *arguments).splitlines()]


def settings(tracker: Tracker, *arguments: str) -> dict[str, Any]:
    return {one["key"]: one["value"] for one in tracker.json("config", "show", *arguments)}


def of_policy(rows: list[list[str]]) -> list[list[str]]:
    return [row for row in rows if not row[0].startswith("mail.") and row[0] != "product_repo"]


def written(rows: list[list[str]]) -> str:
    """Return the file that has every setting as it was shown."""
    tree: dict[str, Any] = {}
    for key, value in rows:
        *above, last = re.findall(r"[^.]+", key)
        node = tree
        for part in above:
            node = node.setdefault(part, {})
        node[last] = value
    return "\n".join(entries(tree, 0)) + "\n"


def entries(tree: dict[str, Any], indent: int) -> list[str]:
    found = []
    for key, value in tree.items():
        head = " " * indent + ("-" if key.isdecimal() else f"{json.dumps(key)}:")
        found += [f"{head} {value}"] if isinstance(value, str) else [head, *entries(value, indent + 2)]
    return found


@pytest.mark.parametrize("text", ["", FULL])
def test_what_is_shown_is_the_policy_as_one_would_write_it(tracker: Tracker, text: str, tmp_path: Path) -> None:
    file_of(tracker).write_text(text)
    other = tmp_path / "other.yaml"
    other.write_text(written(of_policy(lines(tracker))))
    assert load_policy(other) == load_policy(file_of(tracker))


def test_every_setting_that_differs_says_the_line_that_says_it(full: Tracker) -> None:
    text = file_of(full).read_text().splitlines()
    rows = of_policy(lines(full, "--origin"))
    said = {key: origin.rpartition(":") for key, _, origin in rows if origin != "default"}
    for key, (file, _, line) in said.items():
        assert file == ".issuelog/config.yaml"
        assert key.rpartition(".")[2] in text[int(line) - 1], key
    defaults = {key: value for key, value, origin in rows if origin == "default"}
    file_of(full).write_text("")
    assert {key: value for key, value in of_policy(lines(full)) if key in defaults}.items() <= defaults.items()
    assert {"targets.S1.fix", "policies.2.name", "rca_required", "people.kim", "calendars.support.week"} <= {*said}
    assert {"targets.S1.answer", "calendars.business.country", "max_attachment_bytes"} <= {*defaults}


def test_without_a_word_in_the_file_all_comes_from_the_defaults_but_the_prefix(tracker: Tracker) -> None:
    changed = [key for key, _, origin in lines(tracker, "--origin") if origin != "default"]
    assert changed == ["prefix"]
    assert {*Policy.model_fields} == {key.partition(".")[0] for key, _ in of_policy(lines(tracker))}


def test_days_and_spans_are_shown_as_they_are_typed(full: Tracker) -> None:
    assert lines(full, "calendars.business.holidays")[0][1] == "[2026-12-24, 2026-12-31]"
    assert lines(full, "policies.1.from")[0][1] == "2026-01-01"
    assert lines(full, "targets.S3.next_update")[0][1] == "6h support"


def test_json_has_values_as_such(full: Tracker) -> None:
    found = settings(full)
    assert (found["verify_days"], found["rca_required"], found["policies.1.tiers"]) == (7, [], ["gold", "pl, at"])
    assert (found["targets.S1.restore"], found["targets.S1.fix"]) == ("1h30min", "none")
    assert (found["calendars.business.country"], found["calendars.support.week"]) == (None, "always")
    assert list(full.json("config", "show", "prefix")[0]) == ["key", "value", "origin"]


@pytest.mark.parametrize(
    ("key", "first", "count"),
    [
        ("verify_days", "verify_days", 1),
        ("targets.S1", "targets.S1.acknowledge", 8),
        ("targets", "targets.S1.acknowledge", 32),
        ("policies.1.targets", "policies.1.targets.S1.restore", 2),
        ("mail", "mail.from", None),
    ],
)
def test_a_key_shows_what_is_below_it(full: Tracker, key: str, first: str, count: int | None) -> None:
    found = settings(full, key)
    assert next(iter(found)) == first
    assert all(one == key or one.startswith(f"{key}.") for one in found)
    assert count in {None, len(found)}


@pytest.mark.parametrize(
    ("key", "meant"),
    [("verifydays", "verify_days"), ("target.S1", "targets.S1"), ("timezone", "calendars.business.timezone")],
)
def test_a_key_that_is_not_there_is_asked_back(full: Tracker, key: str, meant: str) -> None:
    refused(full, 2, "config", "show", key, says=f"{key} … {meant}")


def test_a_part_of_a_name_is_no_key(full: Tracker) -> None:
    refused(full, 2, "config", "show", "t", says="there is no setting")


def test_a_terminal_shows_keys_and_values(full: Tracker) -> None:
    shown = full.ok("--color", "always", "config", "show", "calendars", "--origin")
    for words in ("calendars.business.timezone", "Europe/Berlin", ".issuelog/config.yaml:15"):
        assert words in shown


def test_a_value_is_one_safe_line(tracker: Tracker) -> None:
    file_of(tracker).write_text('people:\n  kim: "Kim\\e[2J\\tLee\\n<k@x.example>"\n')
    for face in ([], ["--color", "always"], ["--json"]):
        shown = tracker.ok(*face, "config", "show", "people", "--origin")
        assert "\x1b[2J" not in shown
    assert len(lines(tracker, "people")) == 1


def user_file(text: str) -> Path:
    file = Path.home() / ".config/issuelog/config.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    file.chmod(0o600)
    return file


SMTP = """mail:
  smtp:
    host: mail.example.com
    user: kim
    password_command: [pass, show, hunter2]
"""


def test_the_users_own_settings_stand_beside_with_their_origin(
    tracker: Tracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = user_file(SMTP)
    found = {one["key"]: one for one in tracker.json("config", "show", "mail")}
    assert (found["mail.smtp.host"]["value"], found["mail.smtp.host"]["origin"]) == ("mail.example.com", f"{file}:3")
    assert found["mail.from"]["origin"] == "default"
    monkeypatch.setenv("ISSUELOG_MAIL_FROM", "support@example.com")
    assert tracker.json("config", "show", "mail.from") == [
        {"key": "mail.from", "value": "support@example.com", "origin": "ISSUELOG_MAIL_FROM"}
    ]


@pytest.mark.parametrize("face", [[], ["--json"], ["--color", "always"]])
def test_what_leads_to_a_password_is_not_shown(tracker: Tracker, face: list[str]) -> None:
    user_file(SMTP)
    shown = tracker.ok(*face, "config", "show", "--origin")
    assert "password_command" in shown
    assert "hunter2" not in shown
    user_file(SMTP.replace("    user: kim\n", "").replace("    password_command: [pass, show, hunter2]\n", ""))
    assert settings(tracker)["mail.smtp.password_command"] is None


def test_paths_are_told_also_where_there_is_nothing_yet(
    tracker: Tracker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, users = tracker.json("config", "path")
    assert (ours["path"], ours["there"]) == (str(file_of(tracker).resolve()), True)
    assert (users["path"], users["there"]) == (str(Path.home() / ".config/issuelog/config.yaml"), False)
    user_file("mail: [\n")  # broken, and it is there
    assert [row["there"] for row in tracker.json("config", "path")] == [True, True]
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    (tmp_path / "nowhere").mkdir()
    done = run("-C", str(tmp_path / "nowhere"), "--json", "config", "path")
    assert [(row["path"], row["there"]) for row in done.json] == [
        (str(tmp_path / "nowhere/.issuelog/config.yaml"), False),
        (str(tmp_path / "xdg/issuelog/config.yaml"), False),
    ]


def test_outside_a_tracker_there_is_nothing_to_show(tmp_path: Path) -> None:
    assert run("-C", str(tmp_path), "config", "show").code == 3


WRONG = {
    "prefixx: CR": ("1:10", "prefixx … did you mean prefix?"),
    "colour: red": ("1:9", "colour … there are prefix, "),
    "prefix: cr": ("1:9", "prefix is 'cr' … capital letters"),
    "default_severity: high": ("1:19", "one of S1, S2, S3, S4"),
    "verify_days: five": ("1:14", "verify_days is 'five' … integer"),
    "max_attachment_bytes: 10MB": ("1:23", "integer"),
    "rca_required: S1": ("1:15", "list, as in [S1]"),
    "rca_required: [S1, S7]": ("1:20", "rca_required.2 is 'S7'"),
    "people: kim": ("1:9", "people is 'kim': should be a mapping"),
    "targets: {S1: {acknowlege: 15min}}": ("1:28", "did you mean acknowledge?"),
    "targets: {S1: {acknowledge: none}}": ("1:29", "acknowledge is none: should be a span of time"),
    "targets: {S1: {acknowledge: [4h]}}": ("1:29", "is a list: should be a span of time"),
    "targets: {S1: {fix: soon}}": ("1:21", "targets.S1.fix … write it like"),
    "targets: {s1: {fix: 4h}}": ("1:15", "targets.s1 … there are S1, S2"),
    "targets: {S1: 4h}": ("1:15", "mapping"),
    "targets: {S1: {fix: 4 hours busines}}": ("1:21", "targets.S1.fix … 'busines' … did you mean business?"),
    "policies: [{name: Gold, targets: {S1: {fix: 3h night}}}]": ("1:45", "policies.1.targets.S1.fix … 'night'"),
    "policies: [{name: Gold, tier: [gold]}]": ("1:31", "policies.1.tier … did you mean tiers?"),
    "policies: [{tiers: [gold]}]": ("1:12", "policies.1.name is missing"),
    "policies: [{name: Gold, from: 2026-13-01}]": ("1:31", "policies.1.from … a day such as"),
    "calendars: {business: {timezone: Europe/Berln}}": ("1:34", "business.timezone … did you mean Europe/Berlin"),
    "calendars: {business: {timezone: europe/berlin}}": ("1:34", "did you mean Europe/Berlin?"),
    "calendars: {business: {country: Germany}}": ("1:33", "business.country … ISO 3166"),
    "calendars: {business: {country: DE, region: Bavaria}}": ("1:45", "business.region … Bavaria"),
    "calendars: {business: {country: Germany, region: BY}}": ("1:33", "business.country … ISO 3166"),
    "calendars: {business: {region: BY}}": ("1:32", "business.region needs country"),
    "calendars: {business: {week: allways}}": ("1:30", "should be a mapping … or always"),
    "calendars: {business: {week: {mon: 9-17}}}": ("1:36", "week.mon is '9-17' … as in [9-17]"),
    'calendars: {business: {week: {mon: "09:00-17:00"}}}': ("1:36", 'as in ["09:00-17:00"]'),
    'calendars: {business: {week: {mon: ["09:00-12:00", "11:00-17:00"]}}}': ("1:30", "mon overlap"),
    'calendars: {business: {week: {mon: ["9-17"]}}}': ("1:30", "'9-17' … write it like 09:00-17:00"),
    "calendars: {business: {week: {monday: []}}}": ("1:30", "'monday' is not a day"),
    "calendars: {business: {holidays: [25.12.2026]}}": ("1:35", "holidays.1 is '25.12.2026' … 2026-12-25"),
    "calendars: {business: {hours: 9-17}}": ("1:31", "hours … there are timezone, week, "),
    "calendars: {support: {}}": ("1:12", "calendars lacks business"),
}


@pytest.mark.parametrize("line", WRONG)
def test_what_is_wrong_with_a_setting_is_told_once_with_its_place_and_what_would_be_right(
    tracker: Tracker, line: str
) -> None:
    place, says = WRONG[line]
    file_of(tracker).write_text(f"{line}\n")
    done = refused(tracker, 6, "config", "show", says=says)
    assert done.err.splitlines()[0].startswith(f"error: .issuelog/config.yaml:{place}: ")
    assert len(done.err.splitlines()) == 1
    assert not re.search(r"\[key\]|dict\[|literal\[|Input|instance of|\bNone\b", done.err)


def test_all_that_is_wrong_is_told_at_once(tracker: Tracker) -> None:
    file_of(tracker).write_text("prefix: cr\ncalendars:\n  business:\n    hours: x\nverify_days: 0\n")
    said = tracker.run("config", "show").err
    assert re.findall(r"config\.yaml:(\d+):\d+: ", said) == ["1", "4", "5"]
