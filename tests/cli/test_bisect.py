"""`diagnose --bisect`: the commit that brought an error in."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from support.cli import Tracker
from support.product import Product, left_behind, only_report, reported_tracker, use

GOOD, BAD = "exit 0\n", "exit 1\n"
FLAKY = "[ $((n % 2)) -ne 0 ]\n"
COUNT = 'n=$(cat "$COUNT" 2>/dev/null || echo 0); echo $((n + 1)) > "$COUNT"\n'
FIRST_BAD = 5
"""The commit of the history, from 1, that has the error first."""

tracker, report = reported_tracker, only_report


@pytest.fixture
def product(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Product:
    made = Product.make(tmp_path / "product", [GOOD] * (FIRST_BAD - 1) + [BAD] * 4)
    made.git("tag", "v8.8", made.shas[0])
    made.git("tag", "v8.9.1", made.shas[FIRST_BAD])
    made.git("tag", "v8.10", made.shas[-1])
    use(made, monkeypatch)
    return made


def bisect(tracker: Tracker, report: str, *options: str, span: str = "v8.8..v8.10") -> Any:
    return tracker.json("diagnose", report, "--bisect", span, "--repeat", "2", *options)


def test_the_first_bad_commit_is_found_and_recorded_with_its_author_and_release(
    tracker: Tracker, report: str, product: Product
) -> None:
    before = product.fingerprint()
    found = bisect(tracker, report, "--run", "sh app.sh", "--cause", "the worker keeps the file", "--kind", "code")
    first = product.shas[FIRST_BAD - 1]
    assert (found["first_bad_commit"], found["subject"]) == (first, f"change {FIRST_BAD}")
    diagnosis = tracker.show(report)["diagnosis"]
    assert (diagnosis["first_bad_commit"], diagnosis["introduced_in"]) == (first, "8.9.1")
    assert (diagnosis["cause"], diagnosis["kind"]) == ("the worker keeps the file", "code")
    event = tracker.show(report)["events"][-1]
    assert (event["author"], event["subject"]) == ("Kim Sato <kim@example.com>", f"change {FIRST_BAD}")
    kept = (tracker.root / "attachments" / report / found["artifact"]).read_text("utf-8")
    assert [line.split()[2] for line in kept.splitlines() if line.startswith("step ")] == [
        step["is"] for step in found["steps"]
    ]
    assert len(found["steps"]) <= 2 + 3
    assert found["runs_for_good"] == 1
    assert product.fingerprint() == before
    assert left_behind(product) == []
    assert tracker.run("check").code == 0


def test_names_are_as_their_commits_have_them_whatever_git_is_told_to_show(
    tracker: Tracker, report: str, product: Product
) -> None:
    (product.root / "app.sh").write_text("exit 9\n")
    product.git("-c", "user.name=Jürgen Groß", "commit", "-qam", "Größer")
    product.git("config", "i18n.logOutputEncoding", "ISO-8859-1")
    found = bisect(tracker, report, "--run", "grep -qv 9 app.sh", span="v8.10..main")
    assert (found["author"], found["subject"]) == ("Jürgen Groß <ana@example.com>", "Größer")


def test_what_a_person_says_of_the_version_stays(tracker: Tracker, report: str, product: Product) -> None:
    bisect(tracker, report, "--run", "sh app.sh", "--introduced-in", "8.9-beta")
    assert tracker.show(report)["diagnosis"]["introduced_in"] == "8.9-beta"


def test_each_step_is_told(tracker: Tracker, report: str, product: Product) -> None:
    done = tracker.run("diagnose", report, "--bisect", "v8.8..v8.10", "--run", "sh app.sh", "--repeat", "1")
    told = [line.split()[:2] for line in done.err.splitlines() if line.startswith(("bad ", "good "))]
    assert told[0] == ["bad", product.shas[-1][:10]]
    assert told[1] == ["good", product.shas[0][:10]]
    assert ["bad", product.shas[FIRST_BAD - 1][:10]] in told
    assert f"the first commit with the error: {product.shas[FIRST_BAD - 1][:10]} change {FIRST_BAD}" in done.err
    assert "by Kim Sato <kim@example.com>, 2023-11-14T22:13:25+00:00; first released in 8.9.1" in done.err


def test_an_error_that_shows_at_times_is_tried_often_enough(tracker: Tracker, report: str, product: Product) -> None:
    found = bisect(tracker, report, "--run", f"{COUNT}sh app.sh || {FLAKY}", "--repeat", "12")
    assert found["first_bad_commit"] == product.shas[FIRST_BAD - 1]
    # 6 of 12 show it, 25.4 % at the least; four verdicts are to be wrong in fewer than 5 % of all searches together.
    assert found["runs_for_good"] == 15
    assert {step["runs"] for step in found["steps"] if step["is"] == "good"} == {15}
    assert all(step["hits"] == 1 for step in found["steps"][1:] if step["is"] == "bad")


def test_commits_that_cannot_be_tried_are_passed_over(tracker: Tracker, report: str, product: Product) -> None:
    found = bisect(
        tracker, report, "--run", "[ $(cat number) -eq 4 ] && exit 1; [ $(cat number) -eq 2 ] && exit 125; sh app.sh"
    )
    assert found["first_bad_commit"] == product.shas[3]


def test_where_they_hide_it_a_range_is_said_and_no_commit_recorded(
    tracker: Tracker, report: str, product: Product
) -> None:
    command = f"case $(cat number) in {FIRST_BAD}|{FIRST_BAD + 1}) exit 125;; esac; sh app.sh"
    done = tracker.run("diagnose", report, "--bisect", "v8.8..v8.10", "--run", command, "--repeat", "1")
    assert done.code == 1
    listed = [line.partition(" ")[0] for line in done.out.splitlines()]
    assert listed == [*product.shas[FIRST_BAD - 1 : FIRST_BAD + 2]]
    assert "one of these 3" in done.err
    assert "first_bad_commit" not in tracker.show(report).get("diagnosis", {})
    found = tracker.run("--json", "diagnose", report, "--bisect", "v8.8..v8.10", "--run", command, "--repeat", "1").json
    assert (found["first_bad_commit"], found["candidates"], found["action"]) == (None, listed, "attach")
    kept = (tracker.root / "attachments" / report / found["artifact"]).read_text("utf-8")
    assert [line.split()[0] for line in kept.splitlines() if line.startswith("  ")] == listed
    assert kept.count("\nstep ") == len(found["steps"])
    assert [one["kind"] for one in tracker.show(report)["attachments"]] == ["log", "log"]
    assert tracker.run("check").code == 0


def test_where_a_part_of_the_history_was_not_fetched_the_command_that_fetches_it_is_named(
    tracker: Tracker, report: str, product: Product, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shallow = tmp_path / "shallow"
    product.git("clone", "-q", "--depth", "1", f"file://{product.root}", str(shallow))
    Product(shallow, ()).git("fetch", "-q", "--depth", "1", "origin", "tag", "v8.8")
    monkeypatch.setenv("ISSUELOG_PRODUCT_REPO", str(shallow))
    for span, words in (("v8.8..main", "share no history"), ("v8.7..main", "has no commit 'v8.7'")):
        done = tracker.run("diagnose", report, "--bisect", span, "--run", "sh app.sh")
        assert words in done.err
        assert f"hint: git -C {shallow} fetch --unshallow --tags" in done.err


def test_a_beginning_that_several_commits_share_is_said_to_be_that(
    tracker: Tracker, report: str, product: Product
) -> None:
    beginning = _shared_beginning(product)
    done = tracker.run("diagnose", report, "--bisect", f"{beginning}..v8.10", "--run", "true")
    assert (done.code, f"{beginning} means 2 commits of {product.root}" in done.err) == (2, True), done.err
    assert "type more of the commit's id" in done.err


def _shared_beginning(product: Product) -> str:
    """Make commits until two begin with the same four characters."""
    seen = set[str]()
    lines = "".join(
        f"commit refs/heads/many\nmark :{number}\ncommitter Kim <kim@example.com> {number} +0000\ndata 0\n"
        for number in range(1, 2000)
    )
    subprocess.run(["git", "fast-import", "--quiet", "--force"], cwd=product.root, input=lines.encode(), check=True)
    for sha in product.git("rev-list", "many").split():
        if sha[:4] in seen:
            return sha[:4]
        seen.add(sha[:4])
    raise AssertionError("2,000 commits begin differently")


@pytest.mark.parametrize(
    ("span", "command", "words"),
    [
        ("v8.8..v8.10", "true", "does not show the error in any of 2 runs (exit code 0, and it printed nothing)"),
        ("v8.8..v8.10", "echo lost; false", "shows the error too, in run 1 (exit code 1: lost)"),
        ("v8.8..v8.10", "exit 125", "cannot be tried: a run said nothing (exit code 125"),
        ("v8.8..v8.10", "[ $(cat number) = 1 ] && exit 125; exit 1", "cannot be tried: a run said nothing"),
        ("v8.10..v8.8", "sh app.sh", "comes before GOOD"),
        ("v8.8..v8.8", "sh app.sh", "are the same commit"),
        ("v8.8..alien", "sh app.sh", "share no history"),
    ],
)
def test_ends_that_are_not_what_they_have_to_be_are_refused_with_what_was_seen(
    tracker: Tracker, report: str, product: Product, span: str, command: str, words: str
) -> None:
    empty = product.git("hash-object", "-t", "tree", "-w", "/dev/null").strip()
    product.git("tag", "alien", product.git("commit-tree", "-m", "alien", empty).strip())
    before = tracker.fingerprint()
    done = tracker.run("diagnose", report, "--bisect", span, "--run", command, "--repeat", "2")
    assert (done.code, words in done.err) == (5, True), done.err
    assert (tracker.fingerprint(), left_behind(product)) == (before, [])


def test_the_commit_from_which_both_come_is_tried_first(tracker: Tracker, report: str, product: Product) -> None:
    product.git("checkout", "-q", "-b", "side", product.shas[FIRST_BAD - 1])
    (product.root / "app.sh").write_text(GOOD)
    product.git("commit", "-qam", "mended on a side")
    done = tracker.run("diagnose", report, "--bisect", "side..v8.10", "--run", "sh app.sh", "--repeat", "1")
    assert done.code == 5
    assert f"{product.shas[FIRST_BAD - 1][:10]}, from which GOOD and BAD both come, shows the error too" in done.err
    product.git("checkout", "-q", "-b", "other", product.shas[1])
    product.git("commit", "-q", "--allow-empty", "-m", "elsewhere")
    assert (
        bisect(tracker, report, "--run", "sh app.sh", span="other..v8.10")["first_bad_commit"]
        == (product.shas[FIRST_BAD - 1])
    )


def test_a_dry_run_says_how_many_commits_are_between(
    tracker: Tracker, report: str, product: Product, tmp_path: Path
) -> None:
    done = tracker.run("diagnose", report, "-n", "--bisect", "v8.8..v8.10", "--run", 'touch "$MARK"')
    assert (done.code, "commits     7" in done.out, (tmp_path / "mark").exists()) == (0, True, False)


REFUSED = [
    (("--bisect", "v8.8..v8.10"), "--run is missing"),
    (("--bisect", "v8.8", "--run", "true"), "--bisect is 'v8.8'; write it as GOOD..BAD"),
    (("--bisect", "v8.8...v8.10", "--run", "true"), "write it as GOOD..BAD"),
    (("--bisect", "..v8.10", "--run", "true"), "write it as GOOD..BAD"),
    (("--bisect", "v8.8..v9", "--run", "true"), "has no commit 'v9'"),
    (("--bisect", "v8.8..v8.10", "--run", "true", "--confidence", "likely"), "how sure it has to be: 0.95"),
    (("--bisect", "v8.8..v8.10", "--run", "true", "--confidence", "1"), "--confidence has to be between"),
    (("--cause", "x", "--run", "true"), "--run goes with --bisect"),
]


def test_options_of_a_search_that_do_not_go_together_are_refused(
    tracker: Tracker, report: str, product: Product
) -> None:
    for options, words in REFUSED:
        done = tracker.run("diagnose", report, *options)
        assert (done.code, words in done.err) == (2, True), done.err
