"""`import jsonl`: lines that become reports, and whole reports that stay what they are."""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hostile.payloads import TEXT
from issuelog.model.filenames import safe_name
from support.cli import Done, Tracker
from support.lives import ACCEPT, ACK, ANALYSIS, ASK, CLOSABLE, HIT, READY, REOPEN, RESOLVE, Life, lived

LINE = {"title": "Export stops", "story": "It stops at 40 %\n", "customer": "Acme", "external_ref": "T-1"}
CLOSE = "close ID --known-error none"
LIVES: dict[str, tuple[str, ...]] = {
    "new": (),
    "waiting": (ACK, ASK),
    "acknowledged": (ACK,),
    "reproduced": (ACK, HIT),
    "resolved": (*READY, RESOLVE),
    "rca": (*READY, RESOLVE, *ANALYSIS, ACCEPT),
    "closed": (*CLOSABLE, CLOSE),
    "reopened": (*READY, RESOLVE, REOPEN),
}


@pytest.fixture
def other(tmp_path: Path) -> Tracker:
    """Another tracker, with nothing in it."""
    return Tracker.make(tmp_path / "other")


def imported(tracker: Tracker, *lines: object, options: tuple[str, ...] = ()) -> Done:
    text = "".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines)
    return tracker.run("--json", "import", "jsonl", "-", *options, stdin=text)


def exported(tracker: Tracker, *query: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in tracker.ok("export", "jsonl", *query).splitlines()]


def require_sound(tracker: Tracker) -> None:
    assert tracker.ok("check", "--json") == "[]\n"
    assert tracker.ok("fsck", "--json") == "[]\n"
    assert tracker.git("status", "--porcelain", "--untracked-files=all") == ""


def test_a_line_becomes_a_report_in_one_commit(tracker: Tracker) -> None:
    full = {
        **LINE,
        "channel": "phone",
        "received_at": "2026-03-03T08:00:00Z",
        "contact": "jo@acme.example",
        "severity": "S2",
        "component": "export",
        "product": "billing",
        "version": "8.10",
        "error_message": "E507",
    }
    (row,) = imported(tracker, full).json
    report = tracker.show(row["id"])
    assert row["id"].startswith("CR-260303-")
    assert (report["story"], report["story_sha256"]) == (
        LINE["story"],
        hashlib.sha256(LINE["story"].encode()).hexdigest(),
    )
    assert report["source"]["received_at"] == "2026-03-03T08:00:00Z"
    assert (report["source"]["channel"], report["source"]["external_ref"]) == ("phone", "T-1")
    assert report["customer"] == {"name": "Acme", "contact": "jo@acme.example"}
    assert (report["severity"], report["component"]) == ("S2", "export")
    assert report["intake"] == {"error_message": "E507", "environment": {"product": "billing", "version": "8.10"}}
    assert tracker.subjects()[0] == f"{row['id']}: import"
    assert row["next"].startswith("issuelog acknowledge")
    require_sound(tracker)


def test_the_same_line_again_is_known(tracker: Tracker) -> None:
    (first,) = imported(tracker, LINE).json
    before = tracker.fingerprint()
    done = imported(tracker, LINE, LINE)
    assert [(row["action"], row["id"]) for row in done.json] == [("known", first["id"])] * 2
    assert "-, line 2 is already here as" in done.err
    assert tracker.fingerprint() == before


def test_what_is_wrong_is_named_with_file_and_line_and_nothing_is_imported_unless_that_is_wanted(
    tracker: Tracker, tmp_path: Path
) -> None:
    lines: list[dict[str, str] | str] = [
        LINE,
        {"title": "x"},
        {**LINE, "severity": "S9"},
        {**LINE, "title": "x" * 121},
        {**LINE, "customer": "a\nb"},
        "{",
    ]
    file = tmp_path / "lines.jsonl"
    file.write_text(
        "\n".join(
            json.dumps({**line, "external_ref": str(n)}) if isinstance(line, dict) else line
            for n, line in enumerate(lines)
        )
    )
    before = tracker.fingerprint()
    done = tracker.run("import", "jsonl", str(file))
    assert done.code == 6
    assert [row.split("\t")[1] for row in done.out.splitlines()] == ["rejected"] * 5
    assert tracker.fingerprint() == before
    going = tracker.run("import", "jsonl", str(file), "--keep-going")
    assert going.code == 6
    assert [row.split("\t")[1] for row in going.out.splitlines()] == ["import", *["rejected"] * 5]
    for number, words in {
        2: "story is missing",
        3: "severity is 'S9'; it has to be one of S1, S2, S3, S4",
        4: "title has 121 characters; it may have 120",
        5: "customer.name",
        6: "not valid JSON",
    }.items():
        assert f"{file}: line {number} is not imported: {words}" in done.err
    assert len(tracker.json("list")) == 1
    require_sound(tracker)


def test_a_file_of_another_format_is_refused_with_its_place(tracker: Tracker) -> None:
    before = tracker.fingerprint()
    done = tracker.run("import", "jsonl", "-", stdin="id,title\n1,2\n")
    assert (done.code, "-:1:1: not valid JSON" in done.err) == (6, True)
    assert tracker.run("import", "jsonl", "nowhere.jsonl").code == 2
    assert tracker.fingerprint() == before


@pytest.mark.parametrize("count", [1, 3])
def test_a_dry_run_says_what_it_would_do_and_changes_nothing(tracker: Tracker, count: int) -> None:
    before = tracker.fingerprint()
    lines = [{**LINE, "external_ref": f"T-{number}"} for number in range(count)]
    rows = imported(tracker, *lines, options=("--dry-run",)).json
    assert [(row["action"], row["commit"]) for row in rows] == [("import", None)] * count
    assert tracker.fingerprint() == before
    assert not tracker.json("list")


# --- Whole reports ----------------------------------------------------------------------------------------------


def with_attachment(tracker: Tracker, tmp_path: Path, content: bytes = b"\0\xff\r\n" * 100) -> dict[str, Any]:
    (tmp_path / "dump.bin").write_bytes(content)
    tracker.new("--attach", str(tmp_path / "dump.bin"))
    (data,) = exported(tracker)
    return data


@pytest.mark.parametrize("life", LIVES)
def test_a_report_in_any_state_comes_back_as_it_was(tmp_path: Path, other: Tracker, life: str) -> None:
    source = lived(tmp_path, *LIVES[life]).tracker
    text = source.ok("export", "jsonl")
    (row,) = json.loads(other.ok("--json", "import", "jsonl", "-", stdin=text))
    assert (row["action"], row["commit"]) == ("import", other.git("rev-parse", "HEAD").strip())
    assert other.ok("export", "jsonl") == text
    assert other.path(row["id"]).read_bytes() == source.path(row["id"]).read_bytes()
    require_sound(other)
    other.ok("note", row["id"], "and on")
    require_sound(other)


def everything(tmp_path: Path) -> Tracker:
    """Return a tracker with reports of all kinds: attachments, unknown keys, text of strangers."""
    life = lived(tmp_path, *CLOSABLE, CLOSE)
    tracker = life.tracker
    (tmp_path / "ü (1).bin").write_bytes(bytes(range(256)) * 10)
    (tmp_path / "empty.log").write_bytes(b"")
    tracker.new(
        "--attach", str(tmp_path / "ü (1).bin"), "--attach", str(tmp_path / "empty.log"), story=TEXT.replace("\0", "")
    )
    strange = Life(tracker, tracker.new("--received", "2025-01-02", story="ä ß 語 😀 \u2028 <b> `x`\r\n\n  ends  "))
    strange.by_hand(
        lambda data: data.update(
            {"x-sla": {"a b": ["1", {"deep": "yes"}], "n": "0123"}, "title": "=1+1", "NULL": "~", "9": "12e4567"}
        )
    )
    tracker.path(strange.id).write_bytes(tracker.path(strange.id).read_bytes() + b"# a comment\n")
    tracker.git("commit", "-qam", "a comment")
    tracker.new("--at", "3d ago", story="a\0b".replace("\0", "\x01"))
    return tracker


def test_a_whole_tracker_comes_back_to_the_byte(tmp_path: Path, other: Tracker) -> None:
    source = everything(tmp_path)
    text = source.ok("export", "jsonl")
    assert len(text.splitlines()) == 4
    rows = json.loads(other.ok("--json", "import", "jsonl", "-", stdin=text))
    assert [row["action"] for row in rows] == ["import"] * 4
    assert other.ok("export", "jsonl") == text
    rules = [[row["rule"] for row in one.run("--json", "check").json] for one in (source, other)]
    assert rules[0] == rules[1]
    assert other.ok("fsck", "--json") == "[]\n"
    assert other.git("status", "--porcelain", "--untracked-files=all") == ""
    again = json.loads(other.ok("--json", "import", "jsonl", "-", stdin=text))
    assert [row["action"] for row in again] == ["known"] * 4


NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=6)
VALUES = st.recursive(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    lambda inner: st.lists(inner, min_size=1, max_size=3) | st.dictionaries(NAMES, inner, min_size=1, max_size=3),
    max_leaves=6,
)  # fmt: skip


@settings(max_examples=15)
@given(extra=st.dictionaries(st.sampled_from(["x", "y z", "ü", "true"]), VALUES, max_size=3), story=st.text(min_size=1))
def test_whatever_a_report_says_comes_back(tmp_path_factory: pytest.TempPathFactory, extra: Any, story: str) -> None:
    try:
        story.encode()
    except UnicodeEncodeError:
        story = "x"
    tracker, other = (Tracker.make(tmp_path_factory.mktemp("round") / name) for name in ("one", "two"))
    event = {"id": "01JCT0T5M3E9Q2W4R6T8Y0V1J3", "at": "2026-11-16T08:00:00Z", "by": "x", "action": "new", "to": "new"}
    line = {
        **extra,
        "schema": 1,
        "id": "CR-261116-7K3M",
        "title": "t",
        "state": "new",
        "severity": "S3",
        "source": {"channel": "web", "received_at": event["at"], "recorded_at": event["at"], "recorded_by": "x"},
        "customer": {"name": "c"},
        "story": story,
        "story_sha256": hashlib.sha256(story.encode()).hexdigest(),
        "events": [{**event, "facts": extra}],
    }
    done = imported(tracker, line, options=("--allow-secret",))
    assert done.json[0]["action"] == "import", done.err
    text = tracker.ok("export", "jsonl")
    assert json.loads(text)["story"] == story
    other.ok("--allow-secret", "import", "jsonl", "-", stdin=text)
    assert other.ok("export", "jsonl") == text


def change(path: str, value: object) -> Callable[[dict[str, Any]], None]:
    def edit(data: dict[str, Any]) -> None:
        *above, last = path.split(".")
        part: Any = data
        for name in above:
            part = part[int(name) if isinstance(part, list) else name]
        part[last] = value

    return edit


def rename(name: str) -> Callable[[dict[str, Any]], None]:
    return change("attachments.0.file", name)


BROKEN: dict[str, tuple[Callable[[dict[str, Any]], None], str]] = {
    "a story that is another": (change("story", "forged"), "its seal does not hold"),
    "a seal that is none": (change("story_sha256", "0" * 63), "story_sha256"),
    "a severity that there is not": (change("severity", "S9"), "severity is 'S9'"),
    "no title": (change("title", None), "title is missing"),
    "a section that is none": (change("source", "x"), "source"),
    "an event that is none": (change("events", ["x"]), "events.0"),
    "no event": (change("events", []), "events"),
    "a newer schema": (change("schema", 99), "schema"),
    "an id that is none": (change("id", "../../x"), "id is '../../x': an id looks like"),
    "an id of no day": (change("id", "CR-269999-AAAA"), "an id looks like"),
    "an id that is a list": (change("id", ["CR-261122-7K3M"]), "id"),
    "a content that is not there": (change("attachments.0.content", None), "content of dump.bin is not there"),
    "another content": (change("attachments.0.content", "eA=="), "dump.bin is not what was attached"),
    "another size": (change("attachments.0.bytes", 7), "dump.bin is not what was attached"),
    "a name that leaves its folder": (rename("../../.git/hooks/pre-commit"), "can be no file's name here"),
    "an absolute name": (rename("/etc/passwd"), "can be no file's name here"),
    "a hidden name": (rename(".gitattributes"), "can be no file's name here"),
    "a name that is an option": (rename("-rf"), "can be no file's name here"),
    "a name of a device": (rename("con.txt"), "can be no file's name here"),
    "a long name": (rename("x" * 200), "can be no file's name here"),
    "too deep": (change("x", [[[[[[[[[[[[[[[[[[[[[[[[[["x"]]]]]]]]]]]]]]]]]]]]]]]]]]), "nested deeper than 24"),
    "too large": (change("x", ["y" * 1000] * 4500), "4,000,000"),
}  # fmt: skip


@pytest.mark.parametrize("what", BROKEN)
def test_a_report_that_does_not_hold_together_is_rejected(
    tracker: Tracker, other: Tracker, tmp_path: Path, what: str
) -> None:
    edit, words = BROKEN[what]
    data = with_attachment(tracker, tmp_path)
    edit(data)
    before = other.fingerprint()
    done = imported(other, LINE, data, options=("--dry-run",))
    assert [row["action"] for row in done.json] == ["import", "rejected"], done.err
    assert "-: line 2 is not imported: " in done.err
    assert words in done.err
    assert imported(other, data).json[0]["action"] == "rejected"
    assert other.fingerprint() == before


def test_two_attachments_that_differ_only_by_case_are_rejected(
    tracker: Tracker, other: Tracker, tmp_path: Path
) -> None:
    data = with_attachment(tracker, tmp_path)
    data["attachments"].append({**data["attachments"][0], "id": "A2", "file": "DUMP.bin"})
    assert imported(other, data).json[0]["action"] == "rejected"


@given(st.text(max_size=200))
def test_a_name_that_was_made_safe_is_taken_as_it_is(name: str) -> None:
    assert safe_name(safe_name(name)) == safe_name(name)


def test_an_attachment_larger_than_policy_allows_is_rejected(tracker: Tracker, other: Tracker, tmp_path: Path) -> None:
    data = with_attachment(tracker, tmp_path)
    config = other.root / ".issuelog/config.yaml"
    config.write_text(f"{config.read_text()}\nmax_attachment_bytes: 399\n")
    done = imported(other, data)
    assert done.json[0]["action"] == "rejected"
    assert "dump.bin has 400 bytes; policy allows 399" in done.err


def test_a_report_keeps_its_files_and_its_line_does_not_keep_them(
    tracker: Tracker, other: Tracker, tmp_path: Path
) -> None:
    data = with_attachment(tracker, tmp_path)
    (row,) = imported(other, data).json
    report = other.show(row["id"])
    assert "content" not in report["attachments"][0]
    file = other.root / "attachments" / row["id"] / "dump.bin"
    assert file.read_bytes() == b"\0\xff\r\n" * 100 == base64.b64decode(data["attachments"][0]["content"])


def test_a_report_that_is_here_and_says_something_else_is_not_taken_for_known(tracker: Tracker, tmp_path: Path) -> None:
    data = with_attachment(tracker, tmp_path)
    before = tracker.fingerprint()
    assert [(row["action"], row["id"]) for row in imported(tracker, data).json] == [("known", data["id"])]
    done = imported(tracker, {**data, "title": "Another"})
    assert (done.code, [row["action"] for row in done.json]) == (6, ["rejected"])
    assert f"{data['id']} is here already, and says something else" in done.err
    assert tracker.fingerprint() == before


# --- Secrets ----------------------------------------------------------------------------------------------------

SECRET = "AKIAIOSFODNN7QWERTYU"


def secretive(tracker: Tracker, tmp_path: Path) -> dict[str, Any]:
    (tmp_path / "a.log").write_text(f"key={SECRET}\n")
    tracker.new("--allow-secret", "--attach", str(tmp_path / "a.log"), story=f"my key is {SECRET}\n")
    (data,) = exported(tracker)
    return data


def all_objects(tracker: Tracker) -> str:
    command = ["git", "cat-file", "--batch", "--batch-all-objects"]
    return subprocess.run(command, cwd=tracker.root, capture_output=True, check=True).stdout.decode("latin-1")


@pytest.mark.parametrize("count", [1, 2])
def test_a_secret_is_refused_and_the_others_are_imported_if_that_is_wanted(
    tracker: Tracker, other: Tracker, tmp_path: Path, count: int
) -> None:
    lines = [{**LINE, "external_ref": f"T-{number}"} for number in range(count)]
    all_lines = [secretive(tracker, tmp_path), *lines, {"title": f"{SECRET} x", "story": "x"}]
    before = other.fingerprint()
    refused = imported(other, *all_lines)
    assert (refused.code, [row["action"] for row in refused.json]) == (5, ["refused", "refused"])
    assert "nothing was imported (--keep-going imports what can be)" in refused.err
    assert other.fingerprint() == before
    done = imported(other, *all_lines, options=("--keep-going",))
    assert done.code == 5
    assert [row["action"] for row in done.json] == ["refused", *["import"] * count, "refused"]
    assert SECRET not in done.out + done.err
    assert "-, line 1: 3 secrets would be committed" in done.err
    assert SECRET not in all_objects(other)


def test_a_redacted_report_keeps_its_seal_and_says_so(tracker: Tracker, other: Tracker, tmp_path: Path) -> None:
    data = secretive(tracker, tmp_path)
    (row,) = imported(other, data, options=("--redact",)).json
    report = other.show(row["id"])
    assert report["story_sha256"] == data["story_sha256"]
    assert report["story_redacted_sha256"] == hashlib.sha256(report["story"].encode()).hexdigest()
    assert report["attachments"][0]["original_sha256"] == data["attachments"][0]["sha256"]
    assert report["events"][-1]["secrets_redacted"]
    assert SECRET not in all_objects(other)
    require_sound(other)
    third = Tracker.make(tmp_path / "third")
    text = other.ok("export", "jsonl")
    third.ok("import", "jsonl", "-", stdin=text)
    assert third.ok("export", "jsonl") == text
    require_sound(third)


def test_an_allowed_secret_comes_back_as_it_was(tracker: Tracker, other: Tracker, tmp_path: Path) -> None:
    secretive(tracker, tmp_path)
    text = tracker.ok("export", "jsonl")
    other.ok("--allow-secret", "import", "jsonl", "-", stdin=text)
    assert other.ok("export", "jsonl") == text
    require_sound(other)
