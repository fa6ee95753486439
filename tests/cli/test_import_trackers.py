"""Importing what other trackers export, through the command line: each item once, all of them or none."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from issuelog.cli.choices import CHOICES
from issuelog.importing.formats import FORMATS
from support.cli import Done, Tracker
from support.exported import BUG, GITHUB, JIRA, TICKET, paths, put

SAMPLES = Path(__file__).parents[3] / "shared" / "samples"
needs_samples = pytest.mark.skipif(not SAMPLES.is_dir(), reason=f"no samples: {SAMPLES} is not there")

EXPORTS: dict[str, Any] = {
    "github": [GITHUB],
    "bugzilla": {"bugs": [BUG]},
    "jira": {"issues": [JIRA]},
    "zendesk": {"tickets": [TICKET], "users": [{"id": 5, "name": "Ann Lee", "email": "ann@acme.example"}]},
}
REFERENCES = {
    "github": "https://github.com/o/r/issues/7",
    "bugzilla": "bugzilla:7",
    "jira": "https://acme.example/jira/browse/AB-7",
    "zendesk": "https://acme.zendesk.example/agent/tickets/7",
}
EVERY = pytest.mark.parametrize("name", EXPORTS)


def imported(tracker: Tracker, name: str, export: Any, *options: str) -> Done:
    return tracker.run("--json", "import", name, "-", *options, stdin=json.dumps(export))


def actions(done: Done) -> list[str]:
    return [row["action"] for row in done.json]


def require_sound(tracker: Tracker) -> None:
    assert tracker.ok("check", "--json") == "[]\n"
    assert tracker.git("status", "--porcelain", "--untracked-files=all") == ""


@EVERY
def test_an_item_becomes_a_new_report_in_one_commit_whatever_its_state_was(tracker: Tracker, name: str) -> None:
    done = imported(tracker, name, EXPORTS[name])
    (row,) = done.json
    report = tracker.show(row["id"])
    assert (row["action"], report["state"], row["id"][:10]) == ("import", "new", "CR-260303-")
    assert (report["title"], report["source"]["external_ref"]) == ("It broke", REFERENCES[name])
    assert report["source"]["received_at"] == "2026-03-03T08:00:00Z"
    assert report["severity"] == ("S3" if name == "github" else "S2")
    assert "note" not in json.dumps(report)
    assert tracker.subjects()[0] == f"{row['id']}: import"
    require_sound(tracker)


@EVERY
def test_the_same_items_again_are_known_also_within_a_file(tracker: Tracker, name: str) -> None:
    (first,) = imported(tracker, name, EXPORTS[name]).json
    before = tracker.fingerprint()
    export = EXPORTS[name]
    lines = "\n".join(json.dumps(export) for _ in range(2))
    done = tracker.run("--json", "import", name, "-", stdin=lines)
    assert [(row["action"], row["id"]) for row in done.json] == [("known", first["id"])] * 2
    assert f"-, item 1 is already here as {first['id']} ({REFERENCES[name]})" in done.err
    assert tracker.fingerprint() == before


@EVERY
def test_what_cannot_be_imported_stops_the_others_unless_that_is_wanted(tracker: Tracker, name: str) -> None:
    lines = "\n".join(json.dumps(item) for item in (EXPORTS[name], {"nothing": 1}))
    before = tracker.fingerprint()
    done = tracker.run("--json", "import", name, "-", stdin=lines)
    assert (done.code, actions(done)) == (6, ["rejected"])
    assert "-: line 2 is not imported: " in done.err
    assert tracker.fingerprint() == before
    dry = tracker.run("--json", "import", name, "-", "--dry-run", stdin=lines)
    assert (dry.code, actions(dry)) == (6, ["import", "rejected"])
    assert tracker.fingerprint() == before
    going = tracker.run("--json", "import", name, "-", "--keep-going", stdin=lines)
    assert (going.code, actions(going)) == (6, ["import", "rejected"])
    require_sound(tracker)


@EVERY
def test_a_secret_in_the_words_refuses_the_item_or_is_redacted(tracker: Tracker, name: str) -> None:
    token = "ghp_" + "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8"
    export = json.loads(json.dumps(EXPORTS[name]).replace("It broke", f"It broke with {token}"))
    before = tracker.fingerprint()
    done = imported(tracker, name, export)
    assert (done.code, actions(done)) == (5, ["refused"])
    assert "item 1" in done.err
    assert token not in done.err + done.out
    assert tracker.fingerprint() == before
    (row,) = imported(tracker, name, export, "--redact").json
    assert token not in tracker.path(row["id"]).read_text()


@EVERY
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_is_in_the_fields_is_a_report_or_a_problem_with_its_place(
    tracker: Tracker, name: str, data: st.DataObject
) -> None:
    scalars = st.none() | st.booleans() | st.integers() | st.text(max_size=30)
    values = scalars | st.lists(scalars, max_size=2)
    original = json.loads(json.dumps(EXPORTS[name]))
    places = [path for path in paths(original) if len(path) > 1]
    lines = []
    for _ in range(10):
        export = original
        for path in data.draw(st.lists(st.sampled_from(places), min_size=1, max_size=3)):
            export = put(export, path, data.draw(values))
        lines.append(json.dumps(export))
    done = tracker.run("--json", "import", name, "-", "--dry-run", "--keep-going", stdin="\n".join(lines))
    assert done.code in {0, 5, 6}, done.err
    assert "Traceback" not in done.err
    for row in done.json:
        assert row["action"] in {"import", "known", "rejected", "refused", "skipped"}


def test_files_that_are_named_and_not_there_are_told_of_the_first_few(tracker: Tracker) -> None:
    bugs = [{**BUG, "id": number} for number in range(7)]
    done = imported(tracker, "bugzilla", {"bugs": bugs})
    assert done.err.count("not in the export: trace.log   (issuelog attach CR-260303-") == 5
    assert "2 more name files that are not in the export" in done.err
    many = {**BUG, "id": 9, "attachments": [{"file_name": f"{n}.log"} for n in range(8)]}
    assert "0.log, 1.log, 2.log, 3.log, 4.log and 3 more" in imported(tracker, "bugzilla", [many]).err


def test_only_mails_can_be_given_a_report_or_a_folder(tracker: Tracker, tmp_path: Path) -> None:
    report = tracker.new()
    assert tracker.run("import", "jira", "-", "--to", report, stdin="[]").code == 2
    done = tracker.run("import", "jira", str(tmp_path))
    assert (done.code, "is a folder" in done.err) == (2, True)


def test_the_help_and_the_shell_offer_every_format(tracker: Tracker) -> None:
    shown = tracker.ok("import", "--help")
    assert [*CHOICES["import FORMAT"]] == [*FORMATS]
    for name in FORMATS:
        assert f"issuelog import {name} " in shown


@needs_samples
@pytest.mark.parametrize("name", ["bugzilla", "jira"])
def test_every_sample_is_imported_or_refused_with_nothing_changed(tracker: Tracker, name: str) -> None:
    files = sorted(path for path in (SAMPLES / name).iterdir() if path.suffix in {".json", ".jsonl"})
    assert files
    done = tracker.run("--json", "import", name, *map(str, files), "--redact")
    assert (done.code, set(actions(done)) <= {"import", "known"}) == (0, True), done.err
    again = tracker.run("--json", "import", name, *map(str, files), "--redact")
    assert set(actions(again)) == {"known"}
    require_sound(tracker)


@needs_samples
def test_the_sample_tickets_are_imported_with_their_requesters(tracker: Tracker) -> None:
    tickets, users, comments = (
        list(csv.DictReader((SAMPLES / "zendesk" / f"fivetran-{table}_data.csv").read_text("utf-8").splitlines()))
        for table in ("ticket", "user", "ticket_comment")
    )
    assert tickets
    export = {
        "tickets": [
            {
                **{key: value or None for key, value in row.items()},
                "is_public": row["is_public"] == "TRUE",
                "via": {"channel": row["via_channel"]},
                "comments": [
                    {"body": one["body"], "public": one["public"] == "TRUE", "author_id": one["user_id"]}
                    for one in comments
                    if one["ticket_id"] == row["id"]
                ],
            }
            for row in tickets
        ],
        "users": users,
    }
    done = imported(tracker, "zendesk", export)
    assert done.code == 0, done.err
    assert actions(done) == ["skipped" if row["status"] == "deleted" else "import" for row in tickets]
    require_sound(tracker)
