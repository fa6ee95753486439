"""Secrets: found before the commit, refused, redacted or allowed, and recorded as such."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from issuelog import secret_patterns
from issuelog.redaction import find, find_in_file, redact
from support.cli import Done, Tracker

# Lines of both kinds: in the leaks the secret stands between « and ».
LINES = YAML(typ="safe").load((Path(__file__).parent / "data" / "secrets.yaml").read_text("utf-8").replace("@@", ""))
KNOWN_WRONG = [line["text"] for line in (*LINES["missed"], *LINES["flagged"])]
# Put together here, so that no scanner takes this file for a leak.
GITHUB = "ghp_" + "16C7e42F292c6912E7710c838347Ae178B4a"
AWS = "AKIA" + "2E0A8F3B244C9986"
SECRETS = {
    AWS: "AWS Access Key",
    GITHUB: "GitHub Token",
    "glpat-" + "dBKtJ2Bs0vT3vQ7yXw9z": "GitLab Token",
    "xoxb-" + "123456789012-abcdefghijklmnop": "Slack Token",
    "sk_live_" + "ReTllpYQYfIZu2Jnf2lAPFjD": "Stripe Access Key",
    "eyJhbGciOiJIUzI1NiJ9"
    + ".eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U": "JSON Web Token",
    "4111 1111 1111 1111": "card number",
    "5500000000000004": "card number",
    "3782-822463-10005": "card number",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nx/y+z==\n-----END RSA PRIVATE KEY-----": "private key",
}
TOLD = {
    "my password is hunter2!": "hunter2!",
    "Passwort: geheim99": "geheim99",
    "password=abcdef&user=x": "abcdef",
    'api_key = "k-123456"': "k-123456",
    "Password: correcthorse": "correcthorse",
    "curl -H 'Authorization: Bearer 0123456789abcdef'": "0123456789abcdef",
    "DB at postgres://ana:s3cret@db.example/x": "s3cret",
}
HARMLESS = (
    "I forgot my password and the link is dead",
    "Password: please choose a new one",
    "the password is wrong, it says",
    "password=****** password: <hidden> password=${SECRET} token: [redacted]",
    "pwd=null secret: none",
    "order 4111111111111112, 20261122090000123, 0000000000000000, 1.4111111111111111",
    "commit 9494e611f2a93b8d7bfcdfa8cefdaf9f1234abcd, id 01M812CBR4GQHR5WT2MP91Z7JH",
    "write to jo.with.a.long.name@acme.example or see https://acme.example/a/very/long/path?and=query",
    "secret = document.querySelector('#x')",
)


@pytest.fixture
def tracker(tmp_path: Path) -> Tracker:
    return Tracker.make(tmp_path / "r")


def test_every_pattern_that_waits_for_its_use_can_be_compiled() -> None:
    waiting = [secret_patterns._AFTER, secret_patterns._TOKEN, secret_patterns._HARMLESS]
    assert all(pattern().pattern for pattern in [*waiting, *(later for _, later in secret_patterns._DIRECT)])


@pytest.mark.parametrize("secret", SECRETS)
def test_what_has_a_shape_is_found_wherever_it_stands(secret: str) -> None:
    for text in (secret, f"Hi,\nuse {secret} please", f"key='{secret}'"):
        assert find(text).get(secret) == SECRETS[secret]
        assert secret not in redact(text, find(text))


@pytest.mark.parametrize("text", TOLD)
def test_what_is_told_is_found(text: str) -> None:
    assert find(text) == {TOLD[text]: "password"}


@pytest.mark.parametrize("text", HARMLESS)
def test_what_only_looks_like_one_is_let_through(text: str) -> None:
    assert find(text) == {}


@pytest.mark.parametrize("line", LINES["leaks"])
def test_a_leak_is_redacted_as_a_whole_and_nothing_around_it(line: str) -> None:
    text = re.sub("[«»]", "", line)
    assert without_placeholders(redact(text, find(text))) == re.sub("«.*?»", "«»", line, flags=re.DOTALL)


def without_placeholders(text: str) -> str:
    return re.sub(r"\[redacted [^]]+ [0-9a-f]{4}\]", "«»", text)


@pytest.mark.parametrize("line", LINES["harmless"])
def test_a_harmless_line_is_let_through(line: str) -> None:
    assert find(line) == {}


def test_the_list_is_long_and_each_known_mistake_in_it_has_a_reason() -> None:
    assert min(len(set(LINES["leaks"])), len(set(LINES["harmless"]))) >= 120
    assert [bool(find(text)) for text in KNOWN_WRONG] == [False] * len(LINES["missed"]) + [True] * len(LINES["flagged"])
    assert all(line["why"] for line in (*LINES["missed"], *LINES["flagged"]))


@pytest.mark.parametrize("quote", ['"', "'", ""])
@pytest.mark.parametrize("name", ["password", "dbPassword", "PGPASSWORD", "smtp_pass", "client_secret", "x-api-key"])
@pytest.mark.parametrize("sign", ["=", " = ", ":=", " => ", ": ", " : "])
def test_every_way_to_assign_is_known_for_every_form_of_a_name(name: str, sign: str, quote: str) -> None:
    for text in (f"{name}{sign}{quote}hunter2x9{quote}", f"a b\n  {name}{sign}{quote}hunter2x9{quote}\nc"):
        assert find(text) == {"hunter2x9": "password"}, text


def test_a_long_line_is_searched_to_its_end() -> None:
    for before in (0, 1999, 2000, 39_990, 123_456):
        assert find("eyJ" * (before // 3) + f" {GITHUB}") == {GITHUB: "GitHub Token"}


@given(
    st.lists(st.sampled_from([*SECRETS, *TOLD, *HARMLESS]), max_size=6),
    st.lists(st.text(alphabet="ab \n.,", max_size=8), min_size=6, max_size=6),
)
def test_nothing_is_found_in_what_was_redacted(parts: list[str], between: list[str]) -> None:
    text = "\n".join(word for pair in zip(parts, between, strict=False) for word in pair)
    once = redact(text, find(text))
    assert find(once) == {}
    assert redact(once, find(once)) == once
    assert not [secret for secret in find(text) if secret in once]


def test_the_placeholder_of_a_secret_is_the_same_everywhere_and_no_other_s() -> None:
    here, there = (redact(text, find(text)) for text in (f"a {AWS}", f"{AWS} and {GITHUB}"))
    mark = here.removeprefix("a ")
    assert there.startswith(f"{mark} and [redacted GitHub Token ")
    assert redact("pwd=abcd1", find("pwd=abcd1")) != redact("pwd=abcd2", find("pwd=abcd2"))


def test_a_story_with_a_secret_is_refused_with_its_place_and_nothing_of_it(tracker: Tracker) -> None:
    before = tracker.fingerprint()
    done = tracker.run("new", "--customer", "c", "--title", "t", "--story", f"Hello\nmy key {GITHUB}")
    assert done.code == 5
    assert "story, line 2: GitHub Token ghp_… (40 characters)" in done.err
    assert "--redact" in done.err
    assert "--allow-secret" in done.err
    assert GITHUB not in done.out + done.err
    assert tracker.fingerprint() == before
    done = tracker.run("--json", "new", "--customer", "c", "--title", "t", "--story", f"Hello\nmy key {GITHUB}")
    assert done.error["secrets"] == [
        {"kind": "GitHub Token", "where": "story", "line": 2, "masked": "ghp_… (40 characters)"}
    ]


def everything(tracker: Tracker) -> str:
    """Return all that git has stored, also what nothing names."""
    command = ["git", "cat-file", "--batch-all-objects", "--batch"]
    return subprocess.run(command, cwd=tracker.root, capture_output=True, check=True).stdout.decode("latin-1")


def test_a_redacted_story_keeps_its_seal_and_the_secret_is_nowhere(tracker: Tracker) -> None:
    story = f"{GITHUB} is my key.\nAnd my password is hunter2!"
    report = tracker.new("--redact", story=story)
    shown = tracker.show(report)
    assert shown["story_sha256"] == hashlib.sha256(story.encode()).hexdigest()
    assert shown["story_redacted_sha256"] == hashlib.sha256(shown["story"].encode()).hexdigest()
    assert shown["title"].startswith("[redacted GitHub Token ")
    assert shown["events"][-1]["secrets_redacted"] == ["GitHub Token", "password"]
    assert GITHUB not in everything(tracker)
    assert "hunter2" not in everything(tracker)
    assert tracker.run("check").code == 0
    path = tracker.path(report)
    path.write_text(path.read_text().replace("is my key", "was my key"))
    assert "seal" in tracker.run("check").out


def test_a_secret_that_is_allowed_is_recorded_as_such(tracker: Tracker) -> None:
    report = tracker.new("--allow-secret", story=f"{GITHUB} is my key")
    shown = tracker.show(report)
    assert shown["story"] == f"{GITHUB} is my key"
    assert "story_redacted_sha256" not in shown
    assert shown["events"][-1]["secrets_allowed"] == ["GitHub Token"]
    # What is there already is not asked about again.
    tracker.ok("note", report, "seen")
    tracker.ok("triage", report, "--severity", "S2", "--because", "it is public")


@pytest.mark.parametrize(
    "command",
    [
        ("note", "{}", GITHUB),
        ("received", "{}", f"my key {GITHUB}"),
        ("set", "{}", f"intake.error_message={GITHUB}"),
        ("diagnose", "{}", "--cause", f"the key {GITHUB} leaked", "--kind", "config"),
        ("hypothesis", "add", "{}", f"key {GITHUB} expired"),
    ],
    ids=lambda command: command[0],
)
def test_every_command_that_brings_text_looks(tracker: Tracker, command: tuple[str, ...]) -> None:
    report = tracker.new()
    typed = [word.replace("{}", report) for word in command]
    before = tracker.fingerprint()
    done = tracker.run(*typed)
    assert (done.code, "GitHub Token" in done.err, GITHUB in done.err) == (5, True, False), done.err
    assert tracker.fingerprint() == before
    tracker.ok(*typed, "--redact")
    assert "[redacted GitHub Token" in tracker.path(report).read_text()
    assert GITHUB not in everything(tracker)


def test_an_attachment_is_redacted_and_known_again(tracker: Tracker, tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_bytes(f"start\nAuthorization: Bearer {'a1' * 12}\n{AWS}\nbyte \xff\n".encode("latin-1"))
    report = tracker.new()
    done = tracker.run("attach", report, str(log))
    assert (done.code, "a.log, line 3: AWS Access Key" in done.err) == (5, True), done.err
    tracker.ok("attach", report, str(log), "--redact")
    stored = (tracker.root / "attachments" / report / "a.log").read_bytes()
    attachment = tracker.show(report)["attachments"][0]
    assert attachment["original_sha256"] == hashlib.sha256(log.read_bytes()).hexdigest()
    assert (attachment["sha256"], attachment["bytes"]) == (hashlib.sha256(stored).hexdigest(), len(stored))
    assert stored.startswith(b"start\nAuthorization: Bearer [redacted password ")
    assert stored.endswith(b"]\nbyte \xff\n")
    assert tracker.run("check").code == 0
    head = tracker.git("rev-parse", "HEAD")
    tracker.ok("attach", report, str(log), "--redact")
    assert tracker.git("rev-parse", "HEAD") == head


def test_a_log_in_16_bit_characters_is_read(tracker: Tracker, tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_bytes(f"\ufeffpwd=hunter2\r\n{AWS}\r\n".encode("utf-16-le"))
    assert set(find_in_file(log.read_bytes())) == {"hunter2", AWS}
    report = tracker.new("--attach", str(log), "--redact")
    stored = (tracker.root / "attachments" / report / "a.log").read_bytes().decode("utf-16")
    assert stored.startswith("pwd=[redacted password ")
    assert stored.endswith("]\r\n")


def test_a_secret_in_a_file_that_is_no_text_can_only_be_allowed(tracker: Tracker, tmp_path: Path) -> None:
    dump = tmp_path / "core.bin"
    dump.write_bytes(b"\0\1\2 pwd=random\0" + os.urandom(64) + f" {AWS} ".encode() + b"\0")
    done = tracker.run("new", "--story", "s", "--customer", "c", "--attach", str(dump), "--redact")
    assert (done.code, "core.bin" in done.err, "no text" in done.err) == (5, True, True), done.err
    tracker.new("--attach", str(dump), "--allow-secret")


def test_an_edit_is_looked_at_and_the_text_is_kept(tracker: Tracker, monkeypatch: pytest.MonkeyPatch) -> None:
    report = tracker.new()
    monkeypatch.setenv("EDITOR", f"sed -i 's/^state:/component: {AWS}\\nstate:/'")
    done = tracker.run("edit", report)
    assert (done.code, "component, line 1: AWS Access Key" in done.err, "kept" in done.err) == (5, True, True), done.err
    monkeypatch.setenv("EDITOR", "true")
    tracker.ok("edit", report, "--redact")
    assert AWS not in everything(tracker)


def test_an_import_goes_on_past_a_mail_with_a_secret_where_that_is_wanted(tracker: Tracker, tmp_path: Path) -> None:
    for name, text in (("bad", f"my key {AWS}"), ("good", "it stops")):
        (tmp_path / f"{name}.eml").write_text(
            f"From: jo@acme.example\nSubject: {name}\nMessage-ID: <{name}@x>\n\n{text}\n"
        )
    files = (str(tmp_path / "bad.eml"), str(tmp_path / "good.eml"))
    done = tracker.run("import", "mail", *files)
    assert (done.code, "AWS Access Key" in done.err) == (5, True)
    assert tracker.json("list") == []
    assert tracker.run("import", "mail", *files, "--keep-going").code == 5
    assert [row["title"] for row in tracker.json("list")] == ["good"]
    tracker.ok("import", "mail", str(tmp_path / "bad.eml"), "--redact")
    assert len(tracker.json("list")) == 2


def test_a_dry_run_shows_what_would_be_redacted(tracker: Tracker) -> None:
    out = tracker.ok("new", "--story", f"key {AWS}", "--customer", "c", "--redact", "--dry-run")
    assert "[redacted AWS Access Key" in out
    assert AWS not in out


def test_both_ways_at_once_are_refused(tracker: Tracker) -> None:
    assert tracker.run("new", "--story", "s", "--customer", "c", "--redact", "--allow-secret").code == 2


def refused(tracker: Tracker, *arguments: str) -> Done:
    """Run a command that has to be refused for a secret and change nothing."""
    before = tracker.fingerprint()
    done = tracker.run(*arguments)
    assert (done.code, tracker.fingerprint()) == (5, before), done.err
    return done


def test_a_secret_in_the_author_is_refused_and_never_replaced(tracker: Tracker) -> None:
    report = tracker.new()
    author = f"Ana {GITHUB} <ana@example.com>"
    for handling in ([], ["--redact"]):
        done = refused(tracker, "note", report, "seen", "--by", author, *handling)
        assert "by, line 1: GitHub Token" in done.err
        assert GITHUB not in done.out + done.err
    assert "name of a person" in done.err
    told = refused(tracker, "note", report, "my password: Reyes77", "--by", "Reyes77 <r@example.com>", "--redact")
    assert "by, line 1: password" in told.err
    assert GITHUB not in everything(tracker)


def test_a_secret_in_the_name_of_a_file_is_refused_and_never_replaced(tracker: Tracker, tmp_path: Path) -> None:
    file = tmp_path / f"{GITHUB}.txt"
    file.write_text("x")
    assert "file, line 1: GitHub Token" in refused(tracker, "attach", tracker.new(), str(file), "--redact").err


def test_where_no_placeholder_can_stand_nothing_is_redacted_by_half(tracker: Tracker) -> None:
    story = ("new", "--story", "password: sometimes", "--customer", "c", "--frequency", "sometimes", "--redact")
    done = refused(tracker, *story)
    assert "story, line 1: password" in done.err
    assert "a placeholder cannot stand everywhere" in done.err


def test_words_of_the_tracker_stay_where_a_secret_is_one_of_them(tracker: Tracker) -> None:
    story = "It stops.\nThe password: phone"
    shown = tracker.show(tracker.new("--redact", "--channel", "phone", story=story))
    assert shown["source"]["channel"] == "phone"
    assert without_placeholders(shown["story"]) == "It stops.\nThe password: «»"


@pytest.mark.parametrize("length", range(86, 122, 3))
def test_a_title_ends_with_no_part_of_a_placeholder_or_of_a_secret(tracker: Tracker, length: int) -> None:
    story = "it stops ".ljust(length, "x") + f" {GITHUB} and pwd=hunter2hunter2 and more"
    title = tracker.show(tracker.new("--redact", story=story))["title"]
    assert title.count("[redacted ") == len(re.findall(r"\[redacted [^]]+ [0-9a-f]{4}\]", title))
    assert not any(part in title for part in (GITHUB[:3], "hunt"))
    assert title.startswith("it stops xx")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_16_bit_characters_without_a_mark_are_read(tracker: Tracker, tmp_path: Path, encoding: str) -> None:
    log = tmp_path / "a.log"
    log.write_bytes(f"start\r\npwd=hunter2x\r\n{AWS} grün\r\n".encode(encoding))
    report = tracker.new("--attach", str(log), "--redact")
    stored = (tracker.root / "attachments" / report / "a.log").read_bytes().decode(encoding)
    assert without_placeholders(stored) == "start\r\npwd=«»\r\n«» grün\r\n"


@pytest.mark.parametrize("content", [b"\xff\xfea", b"\xff\xfea\0b", b"\xff\xfe\0\xd8", b"a\0b\0c", b"\0", b""])
def test_a_file_that_is_cut_off_or_odd_is_read_all_the_same(tracker: Tracker, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.log").write_bytes(content)
    tracker.new("--attach", str(tmp_path / "a.log"))


def test_a_private_key_in_a_file_that_is_no_text_is_found() -> None:
    key = next(secret for secret in SECRETS if secret.startswith("-----"))
    assert find_in_file(b"\0\1\2" + key.encode() + b"\0\1") == {key: "private key"}


def test_what_the_story_tells_is_replaced_in_the_files_too(tracker: Tracker, tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text("login jo, hunter2x9: ok\n")
    report = tracker.new("--attach", str(tmp_path / "a.log"), "--redact", story="It stops. My password: hunter2x9")
    assert "hunter2x9" not in everything(tracker)
    assert tracker.run("check").code == 0
    (tmp_path / "a.bin").write_bytes(b"\0\1\2hunter2x9\0\1")
    story = ("new", "--customer", "c", "--story", "My password: hunter2x9", "--attach", str(tmp_path / "a.bin"))
    assert "no text" in refused(tracker, *story, "--redact").err
    assert report


def test_one_card_has_one_placeholder_however_it_is_written() -> None:
    written = ("4111 1111 1111 1111", "4111-1111-1111-1111", "4111111111111111", "4111\u00a01111\u00a01111\u00a01111")
    assert len({redact(card, find(card)) for card in written}) == 1


def test_a_secret_within_another_is_redacted_with_it_and_alone() -> None:
    found = {"hunter2": "password", "hunter2x9": "password", "redacted": "password"}
    text = redact("hunter2 hunter2x9 hunter redacted", found)
    assert without_placeholders(text) == "«» «» hunter «»"


def test_of_very_many_secrets_the_first_are_listed(tracker: Tracker) -> None:
    story = "\n".join(["It stops.", *(f"password=geheim{number}" for number in range(100, 150))])
    done = refused(tracker, "new", "--story", story, "--customer", "c")
    assert (done.err.count("story, line "), "and 30 more" in done.err) == (20, True)


def test_a_message_that_is_refused_for_a_secret_does_not_repeat_it(tracker: Tracker) -> None:
    report = tracker.new()
    done = tracker.run("acknowledge", report, "--message", f"Hello, use {GITHUB} by Mon 30 Nov 2026, 12:00 UTC.")
    assert (done.code, "A secret" in done.err, GITHUB[:12] in done.err) == (5, True, False), done.err
