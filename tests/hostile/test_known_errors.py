"""Known errors of a pulled repository: told with their place, shown as text, never followed, never rewritten."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from hostile.payloads import LINE, TEXT, assert_ascii, assert_inert
from hostile.test_yaml import BROKEN
from hostile.watch import no_hang
from issuelog.model.known_error import KnownError
from issuelog.store.known_errors import new_text
from support.cli import Done, Tracker
from support.known import AT, KNOWN, put_known
from support.lives import READY, RESOLVE, Life

BAD = "KE-261116-BAAD"
LOOKS = (["list"], ["list", "--all"], ["list", "--stale", "--at", "2030-01-01"], ["show", KNOWN], ["search", "forged"])


def hostile() -> bytes:
    """Return a known error that has every field there is, with hostile words in each that holds words."""
    data: dict[str, Any] = {"schema": 1, "id": KNOWN, "sources": ["CR-261116-0001"], "title": "[red]\x1b[2J{{ 7*7 }}"}
    texts = {"symptom", "cause", "workaround", "check", "check_gone", "prevention"}
    lists = {"labels": LINE, "signature": f"1 message {LINE}", "may_say": LINE, "solution": TEXT}
    for name in KnownError.model_fields:
        if name in lists:
            data[name] = [lists[name]]
        elif name not in data and name != "schema_":
            data[name] = TEXT if name in texts else LINE
    data |= {"published_at": AT, "reviewed_at": AT, "retired": None, "further": LINE}
    return new_text(KnownError.model_validate(data))


@pytest.fixture
def pulled(tracker: Tracker) -> Tracker:
    put_known(tracker).write_bytes(hostile())
    tracker.git("add", "-A")
    tracker.git("commit", "-qm", "pulled")
    return tracker


@pytest.mark.parametrize("look", LOOKS, ids=" ".join)
def test_hostile_words_in_a_known_error_are_inert(pulled: Tracker, look: list[str]) -> None:
    for more in ([], ["--color", "always"], ["-q"]):
        done = pulled.run("known-error", *look, *more)
        assert done.code == 0, done.err
        assert_inert(done.out + done.err)
    assert_ascii(pulled.ok("--json", "known-error", *look))


def test_hostile_words_in_what_changes_a_known_error_are_inert(pulled: Tracker) -> None:
    for verb in (["review", KNOWN], ["retire", KNOWN, "--because", TEXT.replace("\0", "")], ["review", KNOWN]):
        for more in (["-n"], []):
            done = pulled.run("known-error", *verb, *more)
            assert_inert(done.out + done.err)
    assert_inert(pulled.git("log", "--format=%B", "HEAD~2.."))


def test_hostile_words_in_a_site_are_text(pulled: Tracker) -> None:
    folder = pulled.root.parent / "site"
    done = pulled.run("known-error", "export", str(folder))
    # What looks like a mail address or a secret is refused; the words of the payloads are neither.
    assert done.code == 0, done.err
    for page in folder.iterdir():
        text = page.read_text("utf-8")
        assert_inert(text)
        own, _, rest = text.partition("\n")
        assert own.startswith("<!-- issuelog")
        tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(rest)
        inner = [child for token in tokens for child in (token.children or [])]
        assert {token.type for token in tokens}.isdisjoint({"html_block", "fence", "code_block", "blockquote_open"})
        shown = {"text", "code_inline", "hardbreak", "softbreak", "link_open", "link_close"}
        assert {child.type for child in inner} <= shown
        links = {child.attrs["href"] for child in inner if child.type == "link_open"}
        assert links <= {"index.md", f"{KNOWN}.md"}
        assert "{{" not in text


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_known_error_is_told_with_its_place_and_never_rewritten(tracker: Tracker, name: str) -> None:
    content, says = BROKEN[name]
    report = tracker.new()
    put_known(tracker)
    path = put_known(tracker, BAD)
    path.write_bytes(content)
    tracker.git("add", "known-errors")
    tracker.git("commit", "-qm", "pulled")
    before = tracker.fingerprint(), path.stat().st_mtime_ns
    with no_hang():
        listed = tracker.run("known-error", "list", "-q")
        assert (listed.code, listed.out) == (0, f"{KNOWN}\n")
        (warning,) = listed.err.splitlines()
        assert warning.startswith(f"warning: known-errors/{BAD}.yaml:")
        assert says in warning
        assert tracker.run("list", "-q").out == f"{report}\n"
        for verb in (["show", BAD], ["review", BAD], ["retire", BAD, "--because", "x"], ["export", "site"]):
            aimed = tracker.run("known-error", *verb)
            assert (aimed.code, aimed.out) == (6, ""), verb
            assert_inert(aimed.err)
        assert tracker.run("check").code == 6
    assert (tracker.fingerprint(), path.stat().st_mtime_ns) == before


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _folder(path: Path) -> None:
    path.mkdir()


def _device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def _link(path: Path) -> None:
    elsewhere = path.parents[2] / "elsewhere.yaml"
    elsewhere.write_text("a: b\n")
    path.symlink_to(elsewhere)


@pytest.mark.parametrize("make", [_pipe, _folder, _device, _link], ids=lambda make: make.__name__[1:])
def test_what_lies_in_the_place_of_a_known_error_is_told_and_never_followed(
    tracker: Tracker, make: Callable[[Path], None]
) -> None:
    path = put_known(tracker, BAD)
    path.unlink()
    make(path)
    put_known(tracker)
    with no_hang():
        done = tracker.run("known-error", "list", "-q")
        assert (done.code, done.out) == (0, f"{KNOWN}\n")
        assert BAD in done.err
        for verb in (["show", BAD], ["review", BAD], ["export", "site"]):
            assert tracker.run("known-error", *verb).code == 7, verb
        assert tracker.run("check").code in {1, 6}


def test_known_errors_behind_a_link_are_neither_read_nor_written(tracker: Tracker) -> None:
    elsewhere = tracker.root.parent / "elsewhere"
    elsewhere.mkdir()
    put_known(tracker).rename(elsewhere / f"{KNOWN}.yaml")
    for path in (tracker.root / "known-errors").iterdir():
        path.unlink()
    (tracker.root / "known-errors").rmdir()
    (tracker.root / "known-errors").symlink_to(elsewhere)
    tracker.git("add", "-A")
    tracker.git("commit", "-qm", "pulled")
    life = Life(tracker, tracker.complete(severity="S1"))
    for line in (*READY, RESOLVE):
        life.ok(line)
    assert tracker.json("known-error", "list") == []
    assert tracker.run("known-error", "show", KNOWN).code == 4
    before = tracker.fingerprint()
    done: Done = life.run("known-error publish ID --title x --check x")
    assert done.code == 7, done.err
    assert (tracker.fingerprint(), len(list(elsewhere.iterdir()))) == (before, 1)
    assert "known-errors" in tracker.run("check").out


def test_names_of_files_among_known_errors_are_inert(tracker: Tracker) -> None:
    put_known(tracker)
    for name in ("\x1b[2J", "-rf", "KE-261116-00\u202e", "../x".replace("/", "\u2215"), "a\nb"):
        (tracker.root / "known-errors" / f"{name}.yaml").write_text("a: b\n")
    for verb in (["list"], ["show", "k"], ["show", "-rf"], ["export", "site"]):
        done = tracker.run("known-error", *verb)
        assert_inert(done.out + done.err)
        assert "Traceback" not in done.err
    assert tracker.run("known-error", "list", "-q").out == f"{KNOWN}\n"


@pytest.mark.parametrize("name", ["index.md", f"{KNOWN}.md"])
@pytest.mark.parametrize("make", [_pipe, _folder, _device, _link], ids=lambda make: make.__name__[1:])
def test_what_lies_in_the_place_of_a_page_is_refused_and_nothing_is_written(
    tracker: Tracker, tmp_path: Path, name: str, make: Callable[[Path], None]
) -> None:
    put_known(tracker)
    folder = tmp_path / "a" / "site"
    tracker.ok("known-error", "export", str(folder))
    put_known(tracker, title="another")
    (folder / name).unlink()
    make(folder / name)
    with no_hang():
        done = tracker.run("known-error", "export", str(folder))
    assert done.code == 7, done.err
    assert "another" not in "".join(
        path.read_text() for path in folder.iterdir() if path.is_file() and path.name != name
    )


def test_what_is_looked_for_in_a_huge_text_does_not_hang(tracker: Tracker) -> None:
    words = "Acme " * 40_000 + "a@" * 40_000 + "10." * 40_000 + "x" * 80_000 + "a@b.example\n" * 20_000
    put_known(tracker, cause=words)
    with no_hang():
        done = tracker.run("known-error", "export", str(tracker.root.parent / "site"))
    assert done.code == 5
    assert len(done.err) < 10_000


def test_nothing_of_a_known_error_reaches_git_as_an_option(tracker: Tracker) -> None:
    put_known(tracker)
    for reference in ("--output=owned", "-Oq", "HEAD", "..", "/etc/passwd", "a" * 5000, "*"):
        for verb in (["show"], ["review"], ["retire", "--because", "x"], ["publish", "x", "--into"]):
            done = tracker.run("known-error", *verb, *([] if verb[0] == "publish" else ["--"]), reference)
            assert done.code in {2, 4, 6}, (verb, reference, done.err)
    assert not (tracker.root / "owned").exists()
    status = subprocess.run(["git", "status", "--porcelain"], cwd=tracker.root, capture_output=True, check=True).stdout
    assert status == b"?? known-errors/KE-261116-0001.yaml\n"
