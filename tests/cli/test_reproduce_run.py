"""`reproduce --run`: an attempt by machine, in clean work trees of the product's repository."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from issuelog.experiment.running import HEAD, TAIL
from support.cli import Tracker
from support.product import Product, left_behind, only_report, reported_tracker, use
from support.terminal import Terminal

FAILS = "echo 'EXPORT-507: worker 12 terminated'; exit 3\n"
COUNT = 'n=$(cat "$COUNT" 2>/dev/null || echo 0); echo $((n + 1)) > "$COUNT"\n'
"""Counts its runs in a file beside, so that a test knows which of them fail."""

tracker, report = reported_tracker, only_report


@pytest.fixture
def product(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Product:
    made = Product.make(tmp_path / "product", ["exit 0\n", FAILS])
    use(made, monkeypatch)
    return made


def attempt(tracker: Tracker, report: str) -> Any:
    return tracker.show(report)["attempts"][-1]


def log(tracker: Tracker, report: str) -> str:
    name: str = attempt(tracker, report)["artifact"]
    return (tracker.root / "attachments" / report / name).read_text("utf-8")


def test_an_error_in_every_run_is_reproduced_and_takes_the_report_on(
    tracker: Tracker, report: str, product: Product
) -> None:
    before = product.fingerprint()
    done = tracker.json("reproduce", report, "--run", "sh app.sh", "--repeat", "3", "--env", "python=3.11")
    assert (done["outcome"], done["runs"], done["hits"], done["rate"]) == ("reproduced", 3, 3, 1.0)
    assert (done["from"], done["to"]) == ("acknowledged", "reproduced")
    found = attempt(tracker, report)
    assert (found["command"], found["revision"], found["outcome"]) == ("sh app.sh", product.shas[-1], "reproduced")
    assert found["environment"]["python"] == "3.11"
    assert found["environment"]["os"].startswith(os.uname().sysname)
    kept = log(tracker, report)
    assert "run 3: exit code 3, " in kept
    assert "EXPORT-507: worker 12 terminated" in kept
    assert product.shas[-1] in kept
    attached = tracker.show(report)["attachments"][0]
    assert (attached["file"], attached["kind"]) == (found["artifact"], "log")
    assert product.fingerprint() == before
    assert left_behind(product) == []
    assert tracker.run("check").code == 0


def test_an_error_in_some_runs_is_intermittent_with_its_rate_and_interval(
    tracker: Tracker, report: str, product: Product
) -> None:
    done = tracker.json("reproduce", report, "--run", f"{COUNT}[ $((n % 3)) -ne 0 ]", "--repeat", "9")
    assert (done["outcome"], done["runs"], done["hits"]) == ("intermittent", 9, 3)
    assert (done["low"], done["high"]) == (0.1206, 0.6458)
    said = tracker.run("reproduce", report, "--run", f"{COUNT}[ $((n % 3)) -ne 0 ]", "--repeat", "9").err
    assert "the error showed in 3 of 9 runs, 33.3 % (12–65 %)" in said


def test_an_error_in_no_run_is_recorded_and_leads_nowhere(tracker: Tracker, report: str, product: Product) -> None:
    done = tracker.json("reproduce", report, "--run", "true", "--repeat", "2")
    assert (done["outcome"], done["to"]) == ("not_reproduced", None)
    assert attempt(tracker, report)["hits"] == 0


@pytest.mark.parametrize(
    ("command", "options", "hits"),
    [
        ("exit 3", (), 1),
        ("exit 3", ("--expect-exit", "nonzero"), 1),
        ("exit 3", ("--expect-exit", "3"), 1),
        ("exit 4", ("--expect-exit", "3"), 0),
        ("exit 0", ("--expect-exit", "0"), 1),
        ("kill -SEGV $$", ("--expect-exit", "139"), 1),
        ("echo worker 12 terminated", ("--expect-output", r"worker \d+ terminated"), 1),
        ("echo worker terminated; exit 1", ("--expect-output", r"worker \d+ terminated"), 0),
        ("printf '\\033[31mworker\\033[0m 12 terminated'", ("--expect-output", "^worker 12 terminated$"), 1),
        ("echo lost >&2; exit 1", ("--expect-output", "lost", "--expect-exit", "1"), 1),
        ("echo lost; exit 2", ("--expect-output", "lost", "--expect-exit", "1"), 0),
        ("echo lost; nosuchcommand", ("--expect-output", "lost"), 1),
        ("nosuchcommand", ("--expect-exit", "127"), 1),
    ],
)
def test_the_error_shows_by_the_rule_that_was_stated(
    tracker: Tracker, report: str, product: Product, command: str, options: tuple[str, ...], hits: int
) -> None:
    assert tracker.json("reproduce", report, "--run", command, "--repeat", "1", *options)["hits"] == hits


def test_what_is_looked_for_is_found_where_the_output_is_not_kept(
    tracker: Tracker, report: str, product: Product
) -> None:
    command = "yes filler | head -n 20000; echo needle; yes filler | head -n 20000"
    done = tracker.json("reproduce", report, "--run", command, "--repeat", "1", "--expect-output", "needle")
    assert done["hits"] == 1
    kept = log(tracker, report).partition("--- output")[2]
    assert "filler" in kept
    assert "needle" not in kept
    assert "bytes are left out here" in kept
    assert len(kept) < 100_000
    assert tracker.show(report)["attachments"][0]["partial"] is True


def test_a_run_that_says_nothing_does_not_count(tracker: Tracker, report: str, product: Product) -> None:
    done = tracker.json("reproduce", report, "--run", f"{COUNT}[ $n -gt 0 ] || exit 125; exit 1", "--repeat", "3")
    assert (done["runs"], done["hits"], done["silent"], done["outcome"]) == (2, 2, 1, "reproduced")
    assert attempt(tracker, report)["silent"] == 1


@pytest.mark.parametrize("command", ["exit 125", "nosuchcommand", "./number"])
def test_nothing_is_recorded_where_no_run_says_anything(
    tracker: Tracker, report: str, product: Product, command: str
) -> None:
    before = tracker.fingerprint()
    done = tracker.run("reproduce", report, "--run", command, "--repeat", "2")
    assert (done.code, "no run said anything" in done.err) == (5, True)
    assert tracker.fingerprint() == before


def test_a_run_that_takes_too_long_is_ended_with_all_it_started(
    tracker: Tracker, report: str, product: Product, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("issuelog.experiment.running.GRACE", 0.1)
    command = 'trap "" TERM; sleep 600 & echo $! >> "$MARK"; echo $$ >> "$MARK"; sleep 600'
    done = tracker.json("reproduce", report, "--run", command, "--repeat", "1", "--timeout", "1s")
    assert done["hits"] == 1
    assert "run 1: ended after " in log(tracker, report)
    assert "exit code 124" in log(tracker, report)
    require_dead(tmp_path / "mark")


def test_what_a_run_leaves_in_the_background_is_ended(
    tracker: Tracker, report: str, product: Product, tmp_path: Path
) -> None:
    tracker.ok("reproduce", report, "--run", 'sleep 600 & echo $! > "$MARK"', "--repeat", "1")
    require_dead(tmp_path / "mark")


def require_dead(mark: Path) -> None:
    """Wait for the end of the processes whose numbers are in a file; a zombie is dead."""
    for number in mark.read_text().split():
        for _ in range(500):
            state = subprocess.run(["ps", "-o", "stat=", "-p", number], capture_output=True, text=True, check=False)
            if not state.stdout.strip() or state.stdout.strip().startswith("Z"):
                break
            time.sleep(0.02)
        else:
            pytest.fail(f"process {number} goes on")


def test_each_run_begins_in_a_clean_work_tree(tracker: Tracker, report: str, product: Product) -> None:
    product.git("config", "core.excludesFile", "/dev/null")
    dirty = (
        "mkdir -p build/inner && touch build/inner/made && chmod 500 build/inner && echo > app.sh && git rm -q number"
    )
    command = f"[ -e build ] && exit 1; [ -s app.sh ] || exit 1; [ -e number ] || exit 1; {dirty}; git commit -qm x"
    assert tracker.json("reproduce", report, "--run", command, "--repeat", "3")["hits"] == 0
    assert left_behind(product) == []


def test_a_run_cannot_hide_from_the_next_what_it_changed(tracker: Tracker, report: str, product: Product) -> None:
    hidden = (
        "git update-index --skip-worktree number app.sh; git rm -q --cached number; echo changed > number; rm app.sh"
    )
    command = f'grep -q 2 number && [ -e app.sh ] && [ -z "$(git status --porcelain)" ] || exit 1; {hidden}; exit 0'
    assert tracker.json("reproduce", report, "--run", command, "--repeat", "3")["hits"] == 0


@pytest.mark.parametrize("cone", ["--cone", "--no-cone"])
def test_what_the_user_s_own_work_tree_leaves_out_is_there_in_a_run(
    tracker: Tracker, report: str, product: Product, cone: str
) -> None:
    (product.root / "inner").mkdir()
    (product.root / "inner" / "file").write_text("")
    (product.root / "other").mkdir()
    (product.root / "other" / "file").write_text("")
    product.git("add", ".")
    product.git("commit", "-qm", "folders")
    product.git("sparse-checkout", "set", cone, "inner")
    before = product.fingerprint()
    command = '[ -e inner/file ] && [ -e other/file ] && [ -e app.sh ] && [ -z "$(git status --porcelain)" ]'
    assert tracker.json("reproduce", report, "--run", command, "--repeat", "2")["hits"] == 0
    assert product.fingerprint() == before


@pytest.mark.parametrize(
    "replacing", ['touch "$tree"', 'ln -s "$precious" "$tree"', 'mkfifo "$tree"', 'rm -rf "$(dirname "$tree")"']
)
def test_what_a_command_puts_in_the_place_of_its_work_tree_is_not_taken_for_one(
    tracker: Tracker, report: str, product: Product, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, replacing: str
) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").write_text("unsaved")
    monkeypatch.setenv("precious", str(precious))
    command = f'[ -e app.sh ] || exit 1; tree=$(pwd -P); cd ..; rm -rf "$tree"; {replacing}'
    assert tracker.json("reproduce", report, "--run", command, "--repeat", "3")["hits"] == 0
    assert [path.name for path in precious.iterdir()] == ["file"]
    assert left_behind(product) == []


@pytest.mark.parametrize("command", ["if", "echo 'never closed", "exit 1)"])
def test_a_command_that_the_shell_cannot_read_reproduces_nothing(
    tracker: Tracker, report: str, product: Product, command: str
) -> None:
    before = tracker.fingerprint()
    done = tracker.run("reproduce", report, "--run", command, "--repeat", "1")
    assert (done.code, "the shell cannot read the command: " in done.err) == (2, True)
    assert (tracker.fingerprint(), left_behind(product)) == (before, [])


def test_a_command_that_begins_with_a_dash_is_no_option_of_the_shell(
    tracker: Tracker, report: str, product: Product
) -> None:
    done = tracker.run("reproduce", report, "--run=-x", "--repeat", "1")
    assert (done.code, "no run said anything (exit code 127" in done.err) == (5, True)


def test_runs_at_the_same_time_have_work_trees_of_their_own(
    tracker: Tracker, report: str, product: Product, tmp_path: Path
) -> None:
    meeting = tmp_path / "meeting"
    meeting.mkdir()
    wait = f"pwd > here; mktemp -p {meeting} >/dev/null; i=0; while [ $(ls {meeting} | wc -l) -lt 3 ] && [ $i -lt 500 ]"
    command = f'{wait}; do sleep 0.02; i=$((i + 1)); done; [ $i -lt 500 ] && [ "$(cat here)" = "$(pwd)" ]'
    assert tracker.json("reproduce", report, "--run", command, "--repeat", "3", "-j", "3")["hits"] == 0


def test_it_runs_at_the_tag_of_the_customers_version_or_where_it_is_told(
    tracker: Tracker, report: str, product: Product
) -> None:
    def ran(*options: str) -> tuple[str, str]:
        tracker.ok("reproduce", report, "--run", "cat number", "--repeat", "1", *options)
        found = attempt(tracker, report)
        return found["revision"], found["environment"]["version"]

    assert ran() == (product.shas[1], product.shas[1][:10])
    product.git("tag", "v8.10", product.shas[0])
    assert ran() == (product.shas[0], "8.10")
    assert ran("--at-version", "HEAD") == (product.shas[1], "HEAD")


def test_the_trackers_own_repository_is_the_product_where_no_setting_says_otherwise(
    tracker: Tracker, report: str, product: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ISSUELOG_PRODUCT_REPO")
    (tracker.root / "app.sh").write_text(FAILS)
    tracker.git("add", "app.sh")
    tracker.git("commit", "-qm", "begin")
    tracker.ok("reproduce", report, "--run", "sh app.sh", "--repeat", "1")
    assert attempt(tracker, report)["revision"] == tracker.git("rev-parse", "HEAD~1").strip()


def test_where_there_is_a_tracker_and_no_product_nothing_is_run(
    tracker: Tracker, report: str, product: Product, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ISSUELOG_PRODUCT_REPO")
    before = tracker.fingerprint()
    for words in (("reproduce", report), ("diagnose", report, "--bisect", "HEAD~1..HEAD")):
        done = tracker.run(*words, "--run", 'touch "$MARK"; exit 1')
        assert (done.code, "holds the tracker alone" in done.err, "product_repo: PATH in " in done.err) == (
            2,
            True,
            True,
        )
    assert (tracker.fingerprint(), (tmp_path / "mark").exists()) == (before, False)


def test_a_product_that_is_no_repository_is_told_with_where_it_was_set(
    tracker: Tracker, report: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ISSUELOG_PRODUCT_REPO", str(tmp_path / "home"))
    done = tracker.run("reproduce", report, "--run", "true")
    assert done.code == 2
    assert f"product_repo is {tmp_path / 'home'}" in done.err
    assert "ISSUELOG_PRODUCT_REPO" in done.err


def test_secrets_and_control_characters_of_the_output_are_not_kept(
    tracker: Tracker, report: str, product: Product
) -> None:
    token = "ghp_" + "a1B2c3D4e5F6" * 3
    command = f"printf 'token %s\\n\\033]0;title\\007\\033[31mred\\033[0m\\r\\n' {token[:20]}''{token[20:]}; exit 1"
    done = tracker.run("reproduce", report, "--run", command, "--repeat", "1")
    assert (done.code, "it showed as exit code 1: " in done.err, "\x1b" in done.err) == (0, True, False)
    kept = log(tracker, report).partition("--- output")[2]
    assert "token [redacted " in kept
    assert token not in tracker.git("log", "-p")
    assert "\\x1b]0;title\\x07red\n" in kept
    assert tracker.show(report)["events"][-1]["secrets_redacted"]


def test_the_last_line_of_what_showed_is_told_without_its_secrets(
    tracker: Tracker, report: str, product: Product
) -> None:
    token = "ghp_" + "a1B2c3D4e5F6" * 3
    command = f"echo begin; echo token {token[:20]}''{token[20:]}; exit 3"
    done = tracker.run("reproduce", report, "--run", command, "--repeat", "1")
    assert "it showed as exit code 3: token [redacted " in done.err
    assert token not in done.err


def test_half_of_a_secret_is_not_kept_where_the_output_is_cut(
    tracker: Tracker, report: str, product: Product, tmp_path: Path
) -> None:
    def body(letter: str) -> str:
        return "\n".join(f"{letter}{number:02}" + "x9Zq" * 15 for number in range(24))

    def key(letter: str) -> str:
        kind = "RSA PRIVATE KEY"
        return f"-----BEGIN {kind}-----\n{body(letter)}\n-----END {kind}-----\n"

    filler = "filler\n"
    token = "ghp_" + "a1B2c3D4e5F6" * 3
    for name, head, tail in (
        ("keys", key("h")[:800], key("t")[800:]),
        ("tokens", f"first token {token}"[:-10], f"{token[10:]} second token\n"),
        ("one line", f"{'-' * 3000} {token}"[:-10], f"{token[10:]} {'-' * 3000}"),
    ):
        begun = "begun\n" + filler * 5000
        ended = filler * 9000 + "ended\n"
        printed = begun[: HEAD - len(head)] + head + filler * 9000 + tail + ended[-(TAIL - len(tail)) :]
        (tmp_path / name).write_text(printed)
        tracker.ok("reproduce", report, "--run", f"cat '{tmp_path / name}'; exit 1", "--repeat", "1")
        kept = log(tracker, report)
        for part in ("x9Zq", "a1B2", "PRIVATE KEY"):
            assert part not in kept, name
        for part in ("begun\n", "bytes are left out here", "\nended"):
            assert part in kept, name


def test_a_secret_in_the_command_is_refused_before_it_is_run(
    tracker: Tracker, report: str, product: Product, tmp_path: Path
) -> None:
    done = tracker.run("reproduce", report, "--run", f'touch "$MARK"; echo ghp_{"a1B2c3D4e5F6" * 3}')
    assert (done.code, (tmp_path / "mark").exists()) == (5, False)


def test_a_dry_run_shows_what_would_be_run_and_runs_nothing(
    tracker: Tracker, report: str, product: Product, tmp_path: Path
) -> None:
    before = tracker.fingerprint(), product.fingerprint()
    done = tracker.run(
        "reproduce", report, "-n", "--run", 'touch "$MARK"', "--expect-output", "lost", "--timeout", "5s"
    )
    assert done.code == 0
    for words in ('touch "$MARK"', "a line of the output has 'lost'", "longer than 5 s", product.shas[-1]):
        assert words in done.out
    assert not (tmp_path / "mark").exists()
    assert (tracker.fingerprint(), product.fingerprint()) == before


def test_what_could_not_be_recorded_is_refused_before_it_is_run(
    tracker: Tracker, product: Product, tmp_path: Path
) -> None:
    bare = tracker.new("--severity", "S4")
    tracker.ok("acknowledge", bare)
    done = tracker.run("reproduce", bare, "--run", 'touch "$MARK"; exit 1')
    assert (done.code, (tmp_path / "mark").exists()) == (5, False)
    waived = ("--waive", "intake_complete", "--because", "the log says it all")
    tracker.ok("reproduce", bare, "--run", 'touch "$MARK"; exit 1', "--repeat", "1", *waived)
    assert tracker.show(bare)["state"] == "reproduced"


def test_the_output_is_kept_where_it_cannot_be_recorded_in_the_end(
    tracker: Tracker, report: str, product: Product
) -> None:
    merging = tracker.root / ".git" / "MERGE_HEAD"
    done = tracker.run("reproduce", report, "--run", f"git rev-parse HEAD > {merging}; exit 1", "--repeat", "1")
    assert done.code == 7
    kept = Path(done.err.partition("the output is kept in ")[2].strip())
    assert "run 1: exit code 1" in kept.read_text("utf-8")
    merging.unlink()
    assert "attempts" not in tracker.show(report) or not tracker.show(report)["attempts"]


def test_no_hook_runs_in_the_products_repository(
    tracker: Tracker, report: str, product: Product, tmp_path: Path
) -> None:
    hook = product.root / ".git" / "hooks" / "post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path / 'mark'}\n")
    hook.chmod(0o755)
    tracker.ok("reproduce", report, "--run", "true", "--repeat", "2")
    assert not (tmp_path / "mark").exists()


def test_a_command_that_destroys_its_work_tree_touches_no_repository_around_it(
    tracker: Tracker, report: str, product: Product, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    around = Product.make(tmp_path / "temporary" / "around", ["precious\n"])
    monkeypatch.setenv("TMPDIR", str(around.root / "inside"))
    (around.root / "inside").mkdir()
    (around.root / "work in progress").write_text("unsaved")
    before = around.fingerprint()
    tracker.ok("reproduce", report, "--run", 'rm -rf .git; rm -rf "$PWD"', "--repeat", "3")
    assert around.fingerprint() == before


def test_a_work_tree_of_the_users_that_is_out_of_reach_is_not_forgotten(
    tracker: Tracker, report: str, product: Product, tmp_path: Path
) -> None:
    away = tmp_path / "away"
    product.git("worktree", "add", "-q", "--detach", str(away))
    away.rename(tmp_path / "unplugged")
    tracker.ok("reproduce", report, "--run", "true", "--repeat", "1")
    (tmp_path / "unplugged").rename(away)
    assert str(away) in product.git("worktree", "list")
    assert subprocess.run(["git", "-C", away, "status"], capture_output=True, check=False).returncode == 0


def started(tracker: Tracker, report: str, mark: Path) -> subprocess.Popen[str]:
    """Start an attempt that lasts, and return it once its command runs twice."""
    command = 'echo $$ >> "$MARK"; sleep 600'
    running = subprocess.Popen(
        [sys.executable, "-m", "issuelog", "reproduce", report, "--run", command, "-j", "2"],
        cwd=tracker.root,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    for _ in range(3000):
        if mark.exists() and len(mark.read_text().split()) == 2:
            return running
        assert running.poll() is None, running.stderr and running.stderr.read()
        time.sleep(0.02)
    raise AssertionError("it does not begin")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_leaves_neither_work_trees_nor_processes_nor_a_record(
    tracker: Tracker, report: str, product: Product, tmp_path: Path, number: signal.Signals
) -> None:
    before = tracker.fingerprint(), product.fingerprint()
    running = started(tracker, report, tmp_path / "mark")
    running.send_signal(number)
    _, said = running.communicate()
    assert (running.returncode, "interrupted" in said, "Traceback" in said) == (130, True, False)
    assert left_behind(product) == []
    require_dead(tmp_path / "mark")
    assert (tracker.fingerprint(), product.fingerprint()) == before


def test_what_a_killed_run_left_is_removed_by_the_next(
    tracker: Tracker, report: str, product: Product, tmp_path: Path
) -> None:
    before = product.fingerprint()
    running = started(tracker, report, tmp_path / "mark")
    other = tracker.run("reproduce", report, "--run", "true", "--repeat", "1")
    assert (other.code, "removed the work trees" in other.err) == (0, False)
    running.kill()
    running.communicate()
    assert left_behind(product) != []
    done = tracker.run("reproduce", report, "--run", "true", "--repeat", "1")
    assert (done.code, "removed the work trees that an interrupted run had left" in done.err) == (0, True)
    assert left_behind(product) == []
    require_dead(tmp_path / "mark")
    assert product.fingerprint() == before


def test_what_is_no_record_of_an_experiment_does_not_hold_the_next_up(
    tracker: Tracker, report: str, product: Product, tmp_path: Path
) -> None:
    records = product.root / ".git" / "issuelog" / "worktrees"
    (records / "issuelog-run-folder").mkdir(parents=True)
    os.mkfifo(records / "issuelog-run-pipe")
    (records / "issuelog-run-link").symlink_to(tmp_path / "nowhere")
    (records / "issuelog-run-words").write_bytes(b"/tmp/issuelog-run-words\0")
    command = [sys.executable, "-m", "issuelog", "reproduce", report, "--run", "sh app.sh", "--repeat", "1"]
    done = subprocess.run(command, cwd=tracker.root, capture_output=True, check=False, timeout=60)
    assert (done.returncode, tracker.show(report)["attempts"][0]["hits"]) == (0, 1)


def test_again_shows_the_recorded_command_and_runs_it_after_a_yes(
    tracker: Tracker, report: str, product: Product, tmp_path: Path
) -> None:
    tracker.ok("reproduce", report, "--run", 'echo x >> "$MARK"; sh app.sh', "--repeat", "2", "--expect-exit", "3")
    product.git("commit", "-q", "--allow-empty", "-m", "later")
    for typed, code in (("n\n", 9), ("y\n", 0)):
        terminal = Terminal.start(tracker, "reproduce", report, "--again")
        terminal.wait_for("Run it here?")
        for words in ("sh app.sh", product.shas[1], "R1 of", "Ana Reyes", "the exit code is 3"):
            assert words.encode() in terminal.shown
        terminal.types(typed.encode())
        assert terminal.ended()[0] == code
        assert (tmp_path / "mark").read_text() == "x\n" * (2 if code else 4)
    found = attempt(tracker, report)
    assert (found["id"], found["revision"], found["runs"]) == ("R2", product.shas[1], 2)
    assert found["expect_exit"] == "3"


def test_again_without_an_attempt_by_machine_says_what_would_make_one(
    tracker: Tracker, report: str, product: Product
) -> None:
    tracker.ok("reproduce", report, "--runs", "1", "--hits", "0", "--command", "rm -rf ~")
    done = tracker.run("reproduce", report, "--again")
    assert (done.code, "has no attempt that was run by issuelog" in done.err) == (5, True)


REFUSED = [
    (("--run", " "), "--run is empty"),
    (("--run", "true", "--repeat", "0"), "--repeat has to be between 1"),
    (("--run", "true", "-j", "0"), "--jobs has to be between 1"),
    (("--run", "true", "--timeout", "soon"), "--timeout: 'soon' is not a span of time"),
    (("--run", "true", "--timeout", "0s"), "--timeout has to be 1s or more"),
    (("--run", "true", "--expect-exit", "256"), "--expect-exit is '256'"),
    (("--run", "true", "--expect-exit", "125"), "exit code 125 says that a run tells nothing"),
    (("--run", "true", "--expect-output", "(a)\\1"), "--expect-output: the pattern"),
    (("--run", "true", "--expect-output", ".*"), "is in every line"),
    (("--run", "true", "--at-version", "v99"), "has no commit 'v99'"),
    (("--run", "true", "--at-version", "--upload-pack=touch x"), "has no commit '--upload-pack=touch x'"),
    (("--run", "true", "--runs", "3"), "--runs tells of runs by hand"),
    (("--runs", "3", "--hits", "3", "--repeat", "3"), "--repeat goes with --run"),
    (("--runs", "3", "--hits", "3", "--at-version", "HEAD"), "--at-version goes with --run"),
    (("--hits", "3"), "--runs is missing"),
    (("--again", "--run", "true"), "exclude each other"),
]


def test_options_that_do_not_go_together_are_refused(tracker: Tracker, report: str, product: Product) -> None:
    tracker.ok("reproduce", report, "--run", "true", "--repeat", "1")
    for options, words in REFUSED:
        done = tracker.run("reproduce", report, *options)
        assert (done.code, words in done.err) == (2, True), done.err
        assert left_behind(product) == []


def test_many_reports_are_not_run_for_at_once(tracker: Tracker, report: str, product: Product) -> None:
    done = tracker.run("reproduce", "-", "--run", "true", stdin=f"{report}\n")
    assert (done.code, "one report at a time" in done.err) == (2, True)
