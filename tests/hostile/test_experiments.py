"""Commands that a report holds, versions that a customer names, and what a program prints."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.cli import Tracker
from support.product import Product, left_behind, only_report, reported_tracker, use
from support.terminal import Terminal

EVIL = 'touch "$MARK"'

tracker, report = reported_tracker, only_report


@pytest.fixture
def product(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Product:
    made = Product.make(tmp_path / "product", ["exit 1\n", "exit 1\n"])
    use(made, monkeypatch)
    return made


def forged(tracker: Tracker, report: str, **facts: str) -> None:
    """Let a report hold an attempt that its file was given by a stranger."""
    tracker.ok("reproduce", report, "--run", "sh app.sh", "--repeat", "1")
    path = tracker.path(report)
    text = path.read_text("utf-8")
    for name, value in facts.items():
        before = next(line for line in text.splitlines() if line.startswith(f"    {name}: "))
        text = text.replace(before, f"    {name}: {value}")
    path.write_text(text, "utf-8")
    tracker.git("commit", "-qam", "pulled")


@pytest.mark.parametrize("options", [(), ("--yes",), ("--no-input",), ("--yes", "--json"), ("--yes", "-q")])
def test_a_command_of_a_report_is_never_run_unread(
    tracker: Tracker, report: str, product: Product, tmp_path: Path, options: tuple[str, ...]
) -> None:
    forged(tracker, report, command=EVIL)
    done = tracker.run("reproduce", report, "--again", *options, stdin="y\n")
    assert (done.code, (tmp_path / "mark").exists()) == (2, False)


def test_no_other_command_runs_what_a_report_holds(
    tracker: Tracker, report: str, product: Product, tmp_path: Path
) -> None:
    forged(tracker, report, command=EVIL)
    for words in (("show", report), ("next", report), ("check",), ("test", report, "--fixed-at", "HEAD"), ("list",)):
        tracker.run(*words)
    assert not (tmp_path / "mark").exists()


def test_a_command_is_shown_whole_and_cannot_hide_a_part_of_itself(
    tracker: Tracker, report: str, product: Product, tmp_path: Path
) -> None:
    hidden = r'"touch \"$MARK\"\n\n\r\e[2J\e[1A: \u202eharmless"'
    forged(tracker, report, command=hidden)
    terminal = Terminal.start(tracker, "reproduce", report, "--again", "-q")
    terminal.wait_for("Run it here?")
    terminal.types(b"n\n")
    code, shown = terminal.ended()
    assert code == 9
    assert 'touch "$MARK"\\n\\n\\r\\x1b[2J\\x1b[1A: \\u202eharmless' in shown
    assert not (tmp_path / "mark").exists()


@pytest.mark.parametrize(
    "version", ["--upload-pack=touch x", "HEAD", "../../evil", "main", "1.0^{/x}", "8.10 --help", "-1", "8..9", "@{-1}"]
)
def test_a_version_that_a_customer_names_is_a_tag_or_nothing(tracker: Tracker, product: Product, version: str) -> None:
    from support.cli import COMPLETE

    product.git("tag", "evil", product.shas[0])
    product.git("branch", "8.10-branch", product.shas[0])
    options = [option for option in COMPLETE if not option.startswith("--product-version")]
    report = tracker.new(*options, f"--product-version={version}", "--severity", "S4")
    tracker.ok("acknowledge", report)
    tracker.ok("reproduce", report, "--run", "sh app.sh", "--repeat", "1")
    assert tracker.show(report)["attempts"][0]["revision"] == product.shas[1]


@pytest.mark.parametrize("revision", ["--help", "HEAD", "main", "../x", "0" * 39])
def test_a_revision_in_a_report_that_is_no_id_of_a_commit_is_not_gone_to(
    tracker: Tracker, report: str, product: Product, revision: str
) -> None:
    forged(tracker, report, revision=f'"{revision}"')
    product.git("commit", "-q", "--allow-empty", "-m", "later")
    done = tracker.run("test", report, "--run", "sh app.sh", "--fixed-at", product.shas[0])
    assert (done.code, "does not know a commit with the error" in done.err) == (5, True)
    assert tracker.run("reproduce", report, "--again").code == 5


def test_a_flood_of_output_takes_no_room(tracker: Tracker, report: str, product: Product) -> None:
    command = "head -c 30000000 /dev/zero; yes | head -c 30000000; exit 1"
    tracker.ok("reproduce", report, "--run", command, "--repeat", "1", "--expect-exit", "1")
    attached = tracker.show(report)["attachments"][0]
    assert (attached["partial"], attached["bytes"] < 500_000) == (True, True)


def test_a_process_that_leaves_its_group_and_keeps_the_pipe_does_not_hold_us_up(
    tracker: Tracker, report: str, product: Product
) -> None:
    # It ends by itself, at its first word after nobody reads any more.
    command = "setsid sh -c 'while sleep 0.01; do echo flood; done' & exit 1"
    assert tracker.json("reproduce", report, "--run", command, "--repeat", "2")["hits"] == 2


def test_a_file_name_in_a_product_is_no_option(tracker: Tracker, report: str, product: Product) -> None:
    (product.root / "--orphan").write_text("")
    product.git("add", "--", "--orphan")
    product.git("commit", "-qm", "odd", "--")
    options = ("--run", "sh app.sh", "--at-version", product.shas[0], "--fixed-at", "main", "--with", "--orphan")
    done = tracker.run("test", report, *options, "--repeat", "1")
    assert (done.code, left_behind(product)) == (1, [])
