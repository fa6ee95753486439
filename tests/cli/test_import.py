"""Importing through the command line: what a mail or an export holds becomes reports, each once."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from support.cli import Tracker

ROOT = Path(__file__).parents[2]
MAIL = ROOT / "docs" / "demo" / "customer-mail.eml"
SAMPLES = ROOT.parent / "shared" / "samples"

needs_samples = pytest.mark.skipif(not SAMPLES.is_dir(), reason=f"no samples: {SAMPLES} is not there")


def test_a_mail_becomes_a_report_with_its_attachments_in_one_commit(tracker: Tracker) -> None:
    (row,) = tracker.json("import", "mail", str(MAIL))
    report = tracker.show(row["id"])
    assert row["action"] == "import"
    assert report["id"].startswith("CR-261116-")
    assert report["title"] == "Export of March stops – we need it today"
    assert report["source"]["channel"] == "email"
    assert report["source"]["received_at"] == "2026-11-16T08:00:00Z"
    assert report["source"]["external_ref"] == "<CAF1x9.71834@mail.acme.example>"
    assert report["customer"] == {"name": "Jo Müller", "contact": "jo@acme.example"}
    assert "EXPORT-507: worker terminated" in report["story"]
    assert report["story"].endswith("https://acme.example\n")
    assert report["story_sha256"] == hashlib.sha256(report["story"].encode()).hexdigest()
    assert [(one["file"], one["kind"]) for one in report["attachments"]] == [
        ("red-box.png", "screenshot"),
        ("export_part.log", "log"),
    ]
    for one in report["attachments"]:
        content = (tracker.root / "attachments" / report["id"] / one["file"]).read_bytes()
        assert (hashlib.sha256(content).hexdigest(), len(content)) == (one["sha256"], one["bytes"])
    assert tracker.subjects()[0] == f"{report['id']}: import"
    assert tracker.git("show", "--format=", "--name-only", "HEAD").split() == [
        f"attachments/{report['id']}/export_part.log",
        f"attachments/{report['id']}/red-box.png",
        f"reports/2026/11/{report['id']}.yaml",
    ]
    assert tracker.run("check").code == 0


def test_the_same_mail_again_says_so_and_changes_nothing(tracker: Tracker) -> None:
    (first,) = tracker.json("import", "mail", str(MAIL))
    before = tracker.fingerprint()
    again = tracker.run("import", "mail", str(MAIL))
    assert again.code == 0
    assert first["id"] in again.err
    assert "already here" in again.err
    assert again.out.split("\t")[:2] == [first["id"], "known"]
    assert tracker.fingerprint() == before


def test_one_of_several_files_that_is_no_mail_stops_the_others_unless_with_keep_going(
    tracker: Tracker, tmp_path: Path
) -> None:
    file = tmp_path / "drawing.eml"
    file.write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
    before = tracker.fingerprint()
    done = tracker.run("import", "mail", str(file), str(MAIL))
    assert (done.code, tracker.fingerprint()) == (6, before)
    for words in (f"not imported: {file}:1:1: this is a binary file", "nothing was imported", "--keep-going"):
        assert words in done.err
    going = tracker.run("--json", "import", "mail", str(file), str(MAIL), "--keep-going")
    assert (going.code, [row["action"] for row in going.json]) == (6, ["rejected", "import"])
    assert going.json[1]["id"] == tracker.ids()[0]
    alone = tracker.run("import", "mail", str(file), "--keep-going")
    assert (alone.code, alone.err.startswith("error: ")) == (6, True)


def test_a_dry_run_changes_nothing(tracker: Tracker) -> None:
    before = tracker.fingerprint()
    (row,) = tracker.json("import", "--dry-run", "mail", str(MAIL))
    assert row["commit"] is None
    assert tracker.fingerprint() == before


def test_github_issues_from_standard_input(tracker: Tracker) -> None:
    issues = [
        {
            "number": 7,
            "title": "Export stops",
            "body": "It stops at 40 %\r\nevery time",
            "author": {"login": "jo"},
            "createdAt": "2026-11-16T08:00:00Z",
            "labels": [{"name": "bug"}],
            "url": "https://example.com/i/7",
        },
        {"number": 8, "title": "A change", "body": "", "pull_request": {"url": "x"}},
    ]
    done = tracker.run("--json", "import", "github", "-", stdin=json.dumps(issues))
    imported, rejected = done.json
    assert (imported["action"], rejected["action"]) == ("import", "skipped")
    assert "pull request" in done.err
    report = tracker.show(imported["id"])
    assert report["story"] == "It stops at 40 %\r\nevery time"
    assert report["labels"] == ["bug"]
    assert report["source"]["external_ref"] == "https://example.com/i/7"
    assert report["customer"]["name"] == "jo"


def test_what_is_no_mail_is_refused_with_its_place(tracker: Tracker) -> None:
    before = tracker.fingerprint()
    done = tracker.run("import", "mail", "-", stdin=b"\0\0\0 not a mail")
    assert done.code == 6
    assert "-:1:1: " in done.err
    assert tracker.fingerprint() == before


def test_an_unknown_format_names_those_that_there_are(tracker: Tracker) -> None:
    done = tracker.run("import", "fax", str(MAIL))
    assert done.code == 2
    assert "mail, github" in done.err


@needs_samples
def test_every_sample_mail_is_imported_or_refused_with_nothing_changed(tracker: Tracker) -> None:
    mails = sorted((SAMPLES / "mail").iterdir())
    assert mails
    refused = [path.name for path in mails if not _imported(tracker, "mail", path)]
    assert len(tracker.json("list")) == len(mails) - len(refused)
    _require_sound(tracker)


@needs_samples
def test_every_sample_github_export_is_imported_or_refused_with_nothing_changed(tracker: Tracker) -> None:
    for path in sorted((SAMPLES / "github").iterdir()):
        _imported(tracker, "github", path)
    assert tracker.json("list")
    _require_sound(tracker)


def _imported(tracker: Tracker, format_name: str, path: Path) -> bool:
    before = tracker.git("rev-parse", "HEAD")
    done = tracker.run("--json", "import", format_name, str(path))
    if done.code in {0, 5}:
        # A link in one of the samples carries a token: that item is refused, and the others are imported.
        assert (done.code == 5) == any(row["action"] == "refused" for row in done.json)
        return any(row["action"] == "import" for row in done.json)
    assert done.code == 6, (path.name, done.err)
    assert path.name in done.error["message"]
    assert tracker.git("rev-parse", "HEAD") == before
    return False


def _require_sound(tracker: Tracker) -> None:
    checked = tracker.run("check")
    assert checked.code == 0, checked.out
    assert tracker.git("status", "--porcelain") == ""
