"""What the documentation says is what the code does: generated parts, links, names, examples."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from issuelog.cli.catalogue import COMMANDS
from issuelog.config import load_policy
from issuelog.errors import ExitCode
from issuelog.model.lifecycle import TRANSITIONS
from issuelog.model.report import State
from issuelog.model.row import CONDITIONS
from issuelog.model.schema import SCHEMAS
from issuelog.store.reports import load
from support import reference
from support.cli import Tracker, run
from support.reference import PARTS, ROOT

UPDATE = bool(os.environ.get("UPDATE_DOCS"))
PAGES = [path.relative_to(ROOT).as_posix() for path in reference.documents()]
CAPABILITIES = [f"C{number}" for number in range(1, 33)]

_LINK = re.compile(r"\[[^]]+\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_ROW = re.compile(r"^\| (C\d+) \| (.+) \| (.+) \| (.*) \| (done|later)(.*) \|$", re.MULTILINE)
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)(?:\[[^\]]*\])?`")


def page(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def prose(text: str) -> str:
    """Return a page without its fenced blocks."""
    return _FENCE.sub("", text)


def fenced(language: str) -> list[tuple[str, str]]:
    return [(name, block) for name in PAGES for kind, block in _FENCE.findall(page(name)) if kind == language]


@pytest.mark.parametrize("name", [name for name in PAGES if reference.parts_of(page(name))])
def test_generated_parts_are_what_the_code_makes_now(
    name: str, tracker: Tracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2026-11-16T08:12:00Z")
    text = page(name)
    parts = {**PARTS, **reference.json_parts(tracker)} if name == "docs/reference/json.md" else PARTS
    now = reference.generated(text, parts)
    if UPDATE:
        (ROOT / name).write_text(now, "utf-8")
    else:
        assert text == now, "make docs writes it anew"


@pytest.mark.parametrize("kind", SCHEMAS)
def test_a_schema_file_is_what_the_command_prints(kind: str) -> None:
    file = reference.SCHEMA_FILES[kind]
    if UPDATE:
        file.write_text(reference.schema(kind), "utf-8")
    assert file.read_text("utf-8") == run("schema", kind).out


def test_the_schema_is_that_of_a_report_unless_another_is_asked_for() -> None:
    assert run("schema").out == run("schema", "report").out != run("schema", "known-error").out
    done = run("schema", "customer")
    assert (done.code, "there are: report, known-error" in done.err) == (2, True)


def test_every_exit_code_is_documented() -> None:
    rows = re.findall(r"^\| `(\d+)` \| (\w+) \| (.+) \|$", page("docs/reference/exit-codes.md"), re.MULTILINE)
    assert [(int(code), name, meaning) for code, name, meaning in rows] == [
        (code.value, code.name, code.meaning) for code in ExitCode
    ]


@pytest.mark.parametrize("name", ["README.md", "docs/concepts/lifecycle.md"])
def test_the_diagram_has_every_step_of_the_table(name: str) -> None:
    block = next(block for kind, block in _FENCE.findall(page(name)) if kind == "mermaid")
    drawn = set(re.findall(r"^    (\w+) --> (\w+):", block, re.MULTILINE))
    assert drawn == {(source, row.target) for row in TRANSITIONS.values() for source in row.sources}


def test_the_table_has_every_transition_with_its_guards() -> None:
    rows = dict(
        re.findall(r"^\| `([^`]+)` \| .+ \| `\w+` \| (.+) \| `issuelog .+` \|$", page_of_lifecycle(), re.MULTILINE)
    )
    assert list(rows) == list(TRANSITIONS)
    for name, guards in rows.items():
        named = [(guard, bool(mark)) for guard, mark in re.findall(r"`(\w+)`(°?)", guards)]
        assert named == [(guard.name, guard.waivable) for guard in TRANSITIONS[name].guards]


def test_every_state_and_condition_is_explained() -> None:
    explained = set(re.findall(r"^\| `(\w+)` \|", page_of_lifecycle(), re.MULTILINE))
    assert explained >= {*State, *CONDITIONS}


def page_of_lifecycle() -> str:
    return page("docs/concepts/lifecycle.md")


def test_every_command_and_verb_is_in_the_reference() -> None:
    headings = re.findall(r"^###+ .+$", page("docs/reference/commands.md"), re.MULTILINE)
    assert headings == reference.headings()


@pytest.mark.parametrize("name", PAGES)
def test_commands_that_a_page_names_exist(name: str) -> None:
    typed = [block for kind, block in _FENCE.findall(page(name)) if kind in {"sh", "console"}]
    typed += re.findall(r"`([^`\n]+)`", prose(page(name)))
    starts = re.compile(r"(?:^|^\$ |[|(] )issuelog(?: -\S+ \S+)* ([a-z][a-z-]*)", re.MULTILINE)
    named = {command for text in typed for command in starts.findall(text)}
    assert named <= {*COMMANDS, "ack"}


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_somewhere(name: str) -> None:
    here = ROOT / name
    for target in _LINK.findall(prose(page(name))):
        if target.startswith(("https://", "mailto:")):
            continue
        path, _, anchor = target.partition("#")
        found = (here.parent / path).resolve() if path else here
        assert found.is_file(), f"{name} links to {target}"
        assert found.is_relative_to(ROOT)
        if anchor:
            assert anchor in anchors(found), f"{name} links to {target}"


def anchors(path: Path) -> set[str]:
    """Return the anchors that GitHub gives the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", prose(path.read_text("utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_page_is_linked_from_the_readme() -> None:
    linked = {(ROOT / target.partition("#")[0]).resolve() for target in _LINK.findall(prose(page("README.md")))}
    assert {ROOT / name for name in PAGES if name != "README.md"} <= linked


def test_reports_in_the_pages_are_reports(tracker: Tracker) -> None:
    examples = [block for _, block in fenced("yaml") if block.startswith("schema:")]
    assert examples
    for example in examples:
        found = re.search(r"^id: (\S+)", example, re.MULTILINE)
        assert found
        report = load(example.encode(), f"{found[1]}.yaml").report
        path = tracker.root / "reports" / "2026" / "11" / f"{report.id}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(example, "utf-8")
    assert tracker.json("check") == []
    assert [row["title"] for row in tracker.json("list")] == [report.title]


def test_a_command_changes_only_its_lines_of_the_example(tracker: Tracker) -> None:
    example = next(block for _, block in fenced("yaml") if block.startswith("schema:"))
    path = tracker.root / "reports" / "2026" / "11" / "CR-261116-7K3M.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(example, "utf-8")
    tracker.git("add", "-A")
    tracker.git("commit", "-q", "-m", "by hand")
    tracker.ok("assign", "7K3M", "Li Wei <li@example.com>")
    removed = [line for line in tracker.git("show", "-U0", "--format=").splitlines() if re.match("-(?!--)", line)]
    assert removed == []
    assert set(example.splitlines()) < set(path.read_text("utf-8").splitlines())


def test_policies_in_the_pages_are_policies(tmp_path: Path) -> None:
    policies = [block for _, block in fenced("yaml") if block.startswith("# .issuelog/config.yaml")]
    assert policies
    for policy in policies:
        path = tmp_path / "config.yaml"
        path.write_text(policy, "utf-8")
        load_policy(path)


def test_json_keys_are_explained_in_the_order_of_the_example() -> None:
    sections = re.split(r"^## ", page("docs/reference/json.md"), flags=re.MULTILINE)[1:]
    examples = 0
    for section in sections:
        shown = [json.loads(block) for kind, block in _FENCE.findall(section) if kind == "json"]
        for example in shown:
            item = example[0] if isinstance(example, list) else example
            assert re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE) == list(item), section.splitlines()[0]
            examples += 1
    assert examples == len(reference.parts_of(page("docs/reference/json.md")))


def test_every_capability_has_one_row() -> None:
    rows = re.findall(r"^\| (C\d+) ", page("docs/capabilities.md"), re.MULTILINE)
    assert rows == CAPABILITIES
    assert [row[0] for row in _ROW.findall(page("docs/capabilities.md"))] == CAPABILITIES


@pytest.mark.parametrize("number", CAPABILITIES)
def test_what_a_capability_names_exists(number: str) -> None:
    _, _, commands, tests, state, rest = next(
        row for row in _ROW.findall(page("docs/capabilities.md")) if row[0] == number
    )
    for path, test in _TEST.findall(tests):
        assert f"def {test}(" in page(path)
    named = [words.split()[0] for words in re.findall(r"`([a-z][^`]*)`", commands)]
    assert set(named) <= {*COMMANDS, "make"}
    if state == "done":
        assert named
        assert _TEST.search(tests)
    else:
        assert rest.strip(": "), "what is missing?"
