"""Events in words: there is no action that can be recorded and has none."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest

import issuelog
from issuelog.exporting.told import WORDS, in_words
from issuelog.model.report import Event

SOURCE = Path(issuelog.__file__).parent
SPARE = {"new", "import", "merge"}
"""What is recorded without a step: how a report begins, and what the merge driver adds."""


def actions() -> Iterator[tuple[str, str]]:
    """Yield each action that a `Step` of the source names, with the module."""
    for path in SOURCE.rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        if not any(node.module == "issuelog.model.step" and "Step" in {a.name for a in node.names} for node in imports):
            continue
        module = ".".join(path.relative_to(SOURCE.parent).with_suffix("").parts)
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Step" and node.args:
                yield from ((module, name) for name in said(node.args[0], module))


def said(node: ast.expr, module: str) -> list[str]:
    """Return all that an expression can name."""
    if isinstance(node, ast.Constant):
        return [str(node.value)]
    if isinstance(node, ast.Name):
        return [str(getattr(importlib.import_module(module), node.id, "?"))]
    if isinstance(node, ast.IfExp):
        return [*said(node.body, module), *said(node.orelse, module)]
    if isinstance(node, ast.FormattedValue):
        return said(node.value, module)
    if isinstance(node, ast.JoinedStr):
        names = [""]
        for part in node.values:
            names = [name + more for name in names for more in said(part, module)]
        return names
    raise AssertionError(f"{module}: what does {ast.unparse(node)} name?")


FOUND = sorted(set(actions()))


def test_the_actions_of_the_source_are_found() -> None:
    names = {name for _, name in FOUND}
    assert {"resolve", "rca not-done", "actions drop", "hypothesis reject", "watch-log", "rca edit"} <= names
    assert len(names) > 45


@pytest.mark.parametrize("name", sorted({name.partition(" --as ")[0] for _, name in FOUND} | SPARE))
def test_an_action_has_words_of_its_own(name: str) -> None:
    assert WORDS.get(name, name) != name


def test_no_words_are_kept_for_what_cannot_be_recorded() -> None:
    assert WORDS.keys() - {name.partition(" --as ")[0] for _, name in FOUND} == SPARE


def test_no_two_actions_have_the_same_words_but_for_those_of_facts() -> None:
    again = {words for words in WORDS.values() if [*WORDS.values()].count(words) > 1}
    assert again <= {"facts changed"}


def test_what_only_a_newer_version_knows_is_said_by_its_name() -> None:
    data = {"id": "1", "at": "2026-11-16T08:00:00Z", "by": "x", "action": "levitate --as high_up", "height": "3 m"}
    assert in_words(Event.model_validate(data))["words"] == "levitate as high up (height: 3 m)"
