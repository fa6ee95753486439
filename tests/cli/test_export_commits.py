"""The product's commits that have to do with a report: one list of them for the log, the documents and the analysis."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from support.cli import Tracker
from support.lives import CLOSABLE, Life, lived
from support.product import Product, use

CONTENT = ("one\n", "two\n", "three\n")


@dataclass(frozen=True)
class Both:
    """A report and the product; `bad` has the error first, `fix` mends it, `named` has the report's id."""

    life: Life
    product: Product
    bad: str
    fix: str
    named: str

    def commits(self, *more: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.life.tracker.json("export", self.life.id, *more)["commits"]
        return found


@pytest.fixture
def both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Both:
    product = Product.make(tmp_path / "product", CONTENT)
    life = lived(tmp_path, *CLOSABLE)
    use(product, monkeypatch)

    def committed(message: str) -> str:
        product.git("commit", "-q", "--allow-empty", "-m", message)
        return product.git("rev-parse", "HEAD").strip()

    bad, _, fix = product.shas
    named = committed(f"Write line by line <b> @kim\n\nIssuelog-Report: {life.id}")
    life.ok(f"fix ID --ref git:{fix[:12]} --ref git:{named}")
    life.by_hand(lambda data: data["diagnosis"].update(first_bad_commit=bad))
    return Both(life, product, bad, fix, named)


def test_each_commit_is_there_once_with_all_that_it_is_to_the_report(both: Both) -> None:
    found = both.commits()
    assert [(one["commit"], one["why"]) for one in found] == [
        (both.bad, ["first_bad_commit"]),
        (both.fix, ["fix"]),
        (both.named, ["fix", "trailer"]),
    ]
    assert found[0] == {
        "at": "2023-11-14T22:13:21Z",
        "by": "Kim Sato <kim@example.com>",
        "commit": both.bad,
        "summary": "change 1",
        "why": ["first_bad_commit"],
        "words": "the first commit with the error",
    }


@pytest.mark.parametrize("form", ["md", "html", "8d", "8d-html"])
def test_a_document_shows_them(both: Both, form: str) -> None:
    text = both.life.ok("export ID --format", form)
    part = text[text.index("Commits of the product<a" if form.endswith("html") else "# Commits of the product") :]
    for words in (both.bad[:10], both.fix[:10], both.named[:10], "change 1", "the first commit with the error"):
        assert words in part
    assert "<b>" not in part
    assert "`@kim`" in part or form.endswith("html")


def test_the_log_has_those_that_the_report_names_beside_those_that_name_it(both: Both) -> None:
    rows = both.life.tracker.json("log", both.life.id)
    assert [(row["commit"], row["code"]) for row in rows if row["code"]] == [
        (both.named, "trailer"),
        (both.fix, "fix"),
        (both.bad, "first_bad_commit"),
    ]


def test_the_timeline_of_an_analysis_begins_with_them(both: Both, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = both.product.root.parent / "shown"
    monkeypatch.setenv("EDITOR", f"cp -f --no-preserve=mode -t {shown}")
    shown.mkdir()
    both.life.run("rca edit ID")
    (page,) = shown.iterdir()
    said = re.findall(r"text: (.*(?:commit).*)", page.read_text())
    assert [one.strip("\"'") for one in said] == [
        f"the first commit with the error {both.bad[:10]}: change 1",
        f"a commit of the fix {both.fix[:10]}: change 3",
        f"a commit of the fix {both.named[:10]}: Write line by line <b> @kim",
    ]


def test_rca_show_as_8d_has_them_too(both: Both) -> None:
    assert both.fix[:10] in both.life.ok("rca show ID --format 8d")


def test_a_commit_that_is_not_here_is_left_out_and_a_word_is_none(both: Both) -> None:
    both.life.by_hand(lambda data: data["fix"].update(refs=["git:0123456789", "pr:12", "deadbeef", "git:"]))
    both.life.by_hand(lambda data: data["diagnosis"].update(first_bad_commit="--output=x"))
    assert [one["commit"] for one in both.commits()] == [both.named]


def test_without_the_customer_a_commit_says_no_name_of_theirs(both: Both) -> None:
    both.product.git("commit", "-q", "--allow-empty", "-m", f"{both.life.id}: for Acme GmbH, jo@acme.example")
    assert "acme" in str(both.commits()).lower()
    assert "acme" not in str(both.commits("--without-customer")).lower()


def test_a_product_that_cannot_be_read_is_a_warning(both: Both, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ISSUELOG_PRODUCT_REPO", str(both.product.root.parent / "gone"))
    done = both.life.run("export ID --json")
    assert (done.code, done.json["commits"]) == (0, [])
    assert "warning: the product's commits are not known: product_repo is" in done.err


def test_a_tracker_without_a_product_has_none(tracker: Tracker) -> None:
    report = tracker.new()
    assert tracker.json("export", report)["commits"] == []
    assert "Commits of the product" not in tracker.ok("export", report)
