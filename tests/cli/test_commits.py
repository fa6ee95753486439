"""Commits of the product: those of a fix, those that name a report, and the release that has them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support.cli import Tracker, run

FIX = ("--kind", "code", "--summary", "the file is written line by line")


def with_code(tracker: Tracker) -> None:
    (tracker.root / "app.py").write_text("1\n")
    tracker.git("add", "app.py")
    tracker.git("commit", "-q", "-m", "begin")


@pytest.fixture
def both(tmp_path: Path) -> Tracker:
    """A tracker in the product's own repository."""
    return Tracker.filled(tmp_path / "both", with_code)


@pytest.fixture
def product(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tracker:
    """A product in a repository of its own, which the user's settings name."""
    made = Tracker.make(tmp_path / "product", init=False)
    monkeypatch.setenv("ISSUELOG_PRODUCT_REPO", str(made.root))
    return made


def commit(repository: Tracker, message: str) -> str:
    repository.git("commit", "-q", "--allow-empty", "-m", message)
    return repository.git("rev-parse", "HEAD").strip()


def refs(tracker: Tracker, report: str) -> list[str]:
    found: list[str] = tracker.show(report)["fix"]["refs"]
    return found


def test_an_abbreviated_commit_is_recorded_in_full(both: Tracker) -> None:
    report, sha = both.new(), commit(both, "the fix")
    both.ok("fix", report, *FIX, "--ref", f"git:{sha[:7].upper()}", "--ref", "pr:12", "--ref", "https://example.com/1")
    assert refs(both, report) == [f"git:{sha}", "pr:12", "https://example.com/1"]


@pytest.mark.parametrize("command", [("fix", *FIX), ("resolve", "--summary", "x")])
def test_a_commit_that_the_product_does_not_have_is_refused(both: Tracker, command: tuple[str, ...]) -> None:
    report = both.new()
    before = both.fingerprint()
    done = both.run("--json", command[0], report, *command[1:], "--ref", "git:0123456789")
    assert done.code == 4
    assert done.error["message"] == f"{both.root} has no commit 0123456789"
    assert f"git -C {both.root} fetch --all" in done.error["hint"]
    assert "product_repo: PATH" in done.error["hint"]
    assert both.fingerprint() == before


def test_an_id_that_is_none_is_refused_before_anything_is_changed(both: Tracker) -> None:
    report = both.new()
    before = both.fingerprint()
    for ref in ("git:", "git:main", "git:--output=x", "git:HEAD~1"):
        done = both.run("fix", report, *FIX, "--ref", ref)
        assert (done.code, "is no commit's id" in done.err) == (2, True)
    assert both.fingerprint() == before


def test_a_product_elsewhere_is_looked_into_where_the_settings_name_it(product: Tracker, tracker: Tracker) -> None:
    report, sha = tracker.new(), commit(product, "the fix")
    tracker.ok("fix", report, *FIX, "--ref", f"git:{sha[:8]}")
    assert refs(tracker, report) == [f"git:{sha}"]
    done = tracker.run("fix", report, "--ref", "git:0123456789")
    assert (done.code, f"{product.root} has no commit" in done.err) == (4, True)


def test_where_there_is_no_product_a_commit_is_recorded_as_typed_with_a_warning(tracker: Tracker) -> None:
    report = tracker.new()
    done = tracker.run("fix", report, *FIX, "--ref", "git:4f9e2c1")
    assert (done.code, refs(tracker, report)) == (0, ["git:4f9e2c1"])
    assert "warning: git:4f9e2c1 is not checked" in done.err
    assert "no tag of a release" not in done.err


def test_a_commit_in_full_takes_the_place_of_its_beginning(both: Tracker) -> None:
    report, sha = both.new(), commit(both, "the fix")
    path = both.path(report)
    both.ok("fix", report, *FIX, "--ref", f"git:{sha}", "--ref", "pr:12")
    path.write_text(path.read_text().replace(f"git:{sha}", f"git:{sha[:7]}"))
    both.git("commit", "-qam", "as an older version wrote it")
    both.ok("fix", report, "--ref", f"git:{sha[:9]}")
    assert refs(both, report) == ["pr:12", f"git:{sha}"]


def test_the_tag_of_the_first_release_with_all_commits_is_offered_and_not_set(both: Tracker) -> None:
    report, one = both.new(), commit(both, "half of the fix")
    both.git("tag", "v8.10.2")
    two = commit(both, "the other half")
    done = both.run("fix", report, *FIX, "--ref", f"git:{one}", "--ref", f"git:{two}")
    assert f"in no tag of a release yet: {two[:10]}\n" in done.err
    for tag in ("v8.11.0", "v8.10.3"):
        both.git("tag", tag)
    done = both.run("fix", report, "--rollback", "redeploy 8.10.1")
    offer = f"{one[:10]}, {two[:10]} are in tag v8.10.3: issuelog fix {report} --fixed-in 8.10.3\n"
    assert offer in done.err
    assert both.json("fix", report, "--rollback", "redeploy 8.10.2")["tag"] == "v8.10.3"
    assert "fixed_in" not in both.show(report)["fix"]
    assert "--fixed-in" not in both.run("fix", report, "--fixed-in", "8.10.3").err


def test_a_version_without_the_fix_is_warned_of_with_the_first_that_has_it(both: Tracker) -> None:
    both.git("tag", "v8.10.2")
    report, one, two = both.new(), commit(both, "half of the fix"), commit(both, "the other half")
    named = ("--ref", f"git:{one}", "--ref", f"git:{two}")
    said = both.run("fix", report, *FIX, *named, "--fixed-in", "8.10.2").err
    for sha in (one, two):
        assert f"warning: 8.10.2 does not have {sha[:10]}: no tag of a release has it yet\n" in said
    both.git("tag", "v8.10.3", one)
    for tag in ("v8.10.4", "v8.11.0"):
        both.git("tag", tag)
    said = both.run("fix", report, "--fixed-in", "8.10.3").err
    assert f"warning: 8.10.3 does not have {two[:10]}: the first tag that has it is v8.10.4\n" in said
    assert said.count("does not have") == 1
    assert both.show(report)["fix"]["fixed_in"] == "8.10.3"


@pytest.mark.parametrize("version", ["8.11.0", "v8.11.0", "the next", "9.0"])
def test_nothing_is_warned_of_where_a_version_has_the_fix_or_has_no_tag(both: Tracker, version: str) -> None:
    report, sha = both.new(), commit(both, "the fix")
    both.git("tag", "v8.11.0")
    assert "does not have" not in both.run("fix", report, *FIX, "--ref", f"git:{sha}", "--fixed-in", version).err


def test_nothing_is_warned_of_where_the_commit_of_the_fix_is_not_here(both: Tracker) -> None:
    report, sha = both.new(), commit(both, "the fix")
    both.ok("fix", report, *FIX, "--ref", f"git:{sha}")
    path = both.path(report)
    path.write_text(path.read_text().replace(sha, "1" * 40))
    both.git("commit", "-qam", "of another clone")
    both.git("tag", "v8.10.2")
    assert "does not have" not in both.run("fix", report, "--fixed-in", "8.10.2").err


def test_the_id_of_a_commit_in_full_is_one_without_being_called_so(both: Tracker) -> None:
    report, sha = both.new(), commit(both, "the fix")
    both.ok("fix", report, *FIX, "--ref", sha.upper())
    assert refs(both, report) == [f"git:{sha}"]
    assert both.run("fix", report, "--ref", "1" * 40).code == 4


def test_the_offer_is_one_word_for_a_shell_whatever_a_tag_is_called(both: Tracker) -> None:
    report, sha = both.new(), commit(both, "the fix")
    both.git("tag", "$(touch${IFS}x);v1.0")
    assert "--fixed-in '$(touch${IFS}x);v1.0'\n" in both.run("fix", report, *FIX, "--ref", f"git:{sha}").err


def test_commits_that_name_the_report_are_suggested_where_none_is_given(both: Tracker) -> None:
    report = both.new()
    shas = [commit(both, f"part {number}\n\nIssuelog-Report: {report}") for number in range(5)]
    done = both.run("fix", report, *FIX)
    suggested = [f"names this report: {sha[:10]} part {number}" for number, sha in enumerate(shas)]
    assert [one in done.err for one in suggested] == [False, False, True, True, True]
    assert f": issuelog fix {report} --ref git:{shas[4][:10]}\n" in done.err
    assert f"and 2 more: issuelog log {report}\n" in done.err
    assert "names this report" not in both.run("fix", report, "--ref", f"git:{shas[0]}").err
    again = both.json("fix", report, "--rollback", "x")["suggested"]
    assert [(one["commit"], one["code"]) for one in again] == [(sha, "trailer") for sha in shas[:0:-1]]


def test_the_log_of_a_report_has_the_product_s_commits_that_name_it_marked(both: Tracker) -> None:
    report = both.new("--at", "2h ago")
    trailer = commit(both, f"stream\n\nIssuelog-Report: {report}")
    message = commit(both, f"test {report.lower()}")
    commit(both, f"about X{report}")
    both.ok("note", report, "seen")
    rows = both.json("log", report)
    assert {(row["commit"], row["code"], row["action"]) for row in rows if row["code"]} == {
        (trailer, "trailer", None),
        (message, "message", None),
    }
    assert [row["action"] for row in rows if not row["code"]] == ["note", "new"]
    assert [row["at"] for row in rows] == sorted((row["at"] for row in rows), reverse=True)
    line = next(one.split("\t") for one in both.ok("log", report).splitlines() if trailer in one)
    assert line[2:] == ["", "", "", trailer, "stream", "trailer"]
    assert not any(row["code"] for row in both.json("log"))


def test_a_commit_that_names_a_report_and_changes_it_is_there_once(both: Tracker) -> None:
    report = both.new()
    path = both.path(report)
    path.write_text(path.read_text().replace("title:", "# by hand\ntitle:"))
    both.git("commit", "-qam", f"{report}: a comment, by hand")
    assert [row["code"] for row in both.json("log", report)] == [None, None]


@pytest.mark.parametrize("limit", [0, 1, 2, 3])
def test_the_limit_counts_both_kinds_of_commits(both: Tracker, limit: int) -> None:
    report = both.new()
    commit(both, f"one {report}")
    commit(both, f"two {report}")
    assert len(both.json("log", report, "--limit", str(limit))) == limit
    assert both.json("log", report, "--limit", "9")[:limit] == both.json("log", report, "--limit", str(limit))


def test_the_log_asks_a_product_elsewhere(product: Tracker, tracker: Tracker) -> None:
    report = tracker.new()
    sha = commit(product, f"fix {report}")
    assert [row["commit"] for row in tracker.json("log", report) if row["code"]] == [sha]


def test_a_product_that_cannot_be_read_is_a_warning_for_the_log(
    tracker: Tracker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = tracker.new()
    monkeypatch.setenv("ISSUELOG_PRODUCT_REPO", str(tmp_path / "gone"))
    done = tracker.run("--json", "log", report)
    assert (done.code, len(done.json)) == (0, 1)
    assert "warning: the product's commits are not known: product_repo is" in done.err
    assert tracker.run("fix", report, "--ref", "git:4f9e2c1").code == 2


def test_hostile_words_of_a_commit_are_inert(both: Tracker) -> None:
    report = both.new()
    both.git("config", "user.name", "Mal\x1b[2J")
    commit(both, f"\x1b]0;owned\x07 {report} \u202e\n\nIssuelog-Report: {report}")
    for command in (("log", report), ("fix", report, *FIX)):
        done = both.run(*command)
        assert done.code == 0
        assert not {"\x1b", "\x07", "\u202e"} & {*done.out, *done.err}
        assert "\\x1b" in done.out + done.err


def test_undo_takes_no_commit_of_the_product_back(both: Tracker) -> None:
    report = both.new()
    both.ok("note", report, "seen")
    (both.root / "app.py").write_text("2\n")
    both.git("add", "app.py")
    commit(both, f"the fix\n\nIssuelog-Report: {report}")
    both.ok("undo")
    assert both.subjects()[:2] == [f"{report}: undo note", "the fix"]
    assert (both.root / "app.py").read_text() == "2\n"


RESOLVE = (
    *(
        "resolve",
        "--cause",
        "held in memory",
        "--kind",
        "code",
        "--summary",
        "it is streamed",
        "--rollback",
        "redeploy",
    ),
    *(
        "--tested-automated",
        "5,000 lines",
        "--tested-manual",
        "the steps",
        "--without-reproduction",
        "seen by the vendor",
    ),
    *("--waive", "deployed", "--because", "the customer runs it"),
)


def resolution(tracker: Tracker, report: str, *options: str) -> str:
    tracker.ok("acknowledge", report)
    tracker.ok(RESOLVE[0], report, *RESOLVE[1:], *options)
    text: str = tracker.show(report)["messages"][-1]["text"]
    return text


def test_the_customer_is_told_the_version_that_has_the_fix(both: Tracker) -> None:
    sha = commit(both, "the fix")
    both.git("tag", "v8.10.3")
    text = resolution(both, both.complete(), "--ref", f"git:{sha}", "--fixed-in", "8.10.4")
    assert "\nThe correction is in version 8.10.4.\n" in text
    assert "8.10.3" not in text


@pytest.mark.parametrize("language", ["en", "de"])
def test_where_no_version_is_recorded_the_tag_that_carries_the_fix_is_named(both: Tracker, language: str) -> None:
    sha = commit(both, "the fix")
    both.git("tag", "v8.10.3")
    text = resolution(both, both.complete("--language", language), "--ref", f"git:{sha[:9]}")
    said = {"en": "The correction is in version 8.10.3.", "de": "Die Korrektur ist in Version 8.10.3 enthalten."}
    assert said[language] in text.splitlines()


def test_without_a_tag_nothing_is_said_of_versions(both: Tracker) -> None:
    sha = commit(both, "the fix")
    assert "in version" not in resolution(both, both.complete(), "--ref", f"git:{sha}")


def test_one_commit_for_many_reports_is_one_ref_of_each(both: Tracker) -> None:
    ids, sha = [both.new(), both.new()], commit(both, "the fix")
    both.git("tag", "v1.2")
    done = run("-C", str(both.root), "--json", "fix", "-", *FIX, "--ref", f"git:{sha[:8]}", stdin="\n".join(ids))
    assert [(one["id"], one["tag"]) for one in json.loads(done.out)] == [(one, "v1.2") for one in ids]
    assert [refs(both, one) for one in ids] == [[f"git:{sha}"]] * 2
