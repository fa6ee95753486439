"""What the pages on trust say is tested is tested: every test that they name exists, and none goes unnamed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TRUST = "docs/concepts/trust.md"
PAGES = (TRUST, "SECURITY.md")
COVERED = ("tests/hostile/test_*.py", "tests/vcs/test_not_simple*.py", "tests/vcs/test_repositories.py")
UNNAMED = {
    "tests/hostile/test_git.py::test_the_trap_works": "shows that its neighbours could fail",
    "tests/hostile/test_terminal.py::test_every_field_of_the_schema_is_in_the_hostile_report": "the same",
}
"""Tests that say nothing about issuelog, each with the reason why no page names it."""

_TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
_ALMOST_A_TEST = re.compile(r"tests/[\w/.]*::\w*")
_LINK = re.compile(r"\[[^]]+\]\(([^)#\s]*)#?([^)\s]*)\)")
_RULER = re.compile(r"\|(?: --- \|)+")


def page(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def named(text: str) -> list[tuple[str, str]]:
    """Return the tests that a text names, each as its file and its function."""
    return [(found[1], found[2]) for found in _TEST.finditer(text)]


@cache
def functions_of(file: str) -> frozenset[str]:
    """Return the names of a file's tests, also of those in classes."""
    found = ast.walk(ast.parse(page(file)))
    return frozenset(node.name for node in found if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"))


def rows(text: str) -> Iterator[str]:
    """Yield the rows of a page's tables, without the two lines of a heading."""
    lines = text.splitlines()
    for before, line in zip(["", *lines], lines, strict=False):
        if line.startswith("|") and not _RULER.fullmatch(line) and before.startswith("|"):
            yield line


def anchors(text: str) -> set[str]:
    """Return the anchors that GitHub gives the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", PAGES)
def test_every_test_that_a_page_names_exists(name: str) -> None:
    found = named(page(name))
    assert found
    missing = [one for one in found if not (ROOT / one[0]).is_file() or one[1] not in functions_of(one[0])]
    assert missing == []


@pytest.mark.parametrize("name", PAGES)
def test_no_name_of_a_test_is_written_so_that_nobody_checks_it(name: str) -> None:
    written = _ALMOST_A_TEST.findall(page(name))
    assert written == [f"{file}::{test}" for file, test in named(page(name))]


@pytest.mark.parametrize("name", PAGES)
def test_every_row_of_a_table_names_a_test(name: str) -> None:
    found = list(rows(page(name)))
    assert found
    assert [row for row in found if not named(row)] == []


@pytest.mark.parametrize("name", PAGES)
def test_no_row_names_a_test_twice(name: str) -> None:
    assert [row for row in rows(page(name)) if len(set(named(row))) < len(named(row))] == []


def test_every_test_of_what_is_hostile_or_not_simple_is_named() -> None:
    files = [path.relative_to(ROOT).as_posix() for pattern in COVERED for path in sorted(ROOT.glob(pattern))]
    there = {f"{file}::{test}" for file in files for test in functions_of(file)}
    on_the_page = {f"{file}::{test}" for file, test in named(page(TRUST))}
    assert there
    assert sorted(there - on_the_page) == sorted(UNNAMED), "name it in a row of trust.md"


def test_links_of_the_security_page_lead_to_a_page_and_a_heading() -> None:
    links = _LINK.findall(page("SECURITY.md"))
    assert links
    for path, anchor in links:
        assert (ROOT / path).is_file(), path
        assert not anchor or anchor in anchors(page(path)), f"{path}#{anchor}"
