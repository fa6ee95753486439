"""A tracker's own rules, `.issuelog/lint/<language>.yaml`: what they may change, and what no stranger can do."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from issuelog.customer.lint import lint, rules
from issuelog.customer.overrides import MAX_BYTES
from issuelog.customer.rulebook import MAX_OWN_PHRASES
from issuelog.errors import InvalidFile, UsageError

OWN = """\
X01:
  level: error
  message: Says the old name
  instead: Say Ledger
  forbid:
    - (Abacus|old ledger) [pro]
  except:
    - Abacus Street
"""


def own(folder: Path, text: str | bytes, name: str = "en.yaml") -> Path:
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def found(text: str, folder: Path, kind: str = "note", language: str = "en") -> list[tuple[str, str]]:
    return [(each.rule, each.level) for each in lint(text, kind, language=language, overrides=folder)]


def test_a_rule_of_its_own(tmp_path: Path) -> None:
    folder = own(tmp_path, OWN)
    assert found("The ABACUS Pro is at 3 Abacus Street.", folder) == [("X01", "error")]
    [finding] = lint("Our old-ledger.", "note", overrides=folder)
    assert (finding.text, finding.message, finding.instead) == ("old-ledger", "Says the old name", "Say Ledger")
    assert finding.waivable
    assert lint("Our old-ledger.", "note", overrides=folder, waived=["X01"]) == []
    with pytest.raises(UsageError, match="no rule 'X02'"):
        lint("", "note", overrides=folder, waived=["X02"])


def test_what_a_message_has_to_say(tmp_path: Path) -> None:
    folder = own(tmp_path, "X01: {kinds: [update], level: error, message: No name, instead: Sign, require: [Kim]}\n")
    assert found("We see it. Today.", folder, "update") == [("X01", "error")]
    assert found("We see it. Today. Kim", folder, "update") == []
    assert found("We see it.", folder) == []


def test_a_built_in_rule_switched_off_or_made_stricter(tmp_path: Path) -> None:
    text = "Simply wait, it will be soon."
    assert found(text, tmp_path) == [("B10", "warning"), ("K04", "warning")]
    folder = own(tmp_path, "B10: off\nK04: {level: error}\n")
    assert found(text, folder) == [("K04", "error")]


def test_phrases_are_a_list_or_one_on_each_line(tmp_path: Path) -> None:
    folder = own(tmp_path, "X01:\n  message: a\n  instead: b\n  forbid: |\n    old name\n    (old|former) ledger\n")
    assert found("The old name, and our former ledger.", folder) == [("X01", "warning"), ("X01", "warning")]


def test_a_built_in_rule_with_further_phrases(tmp_path: Path) -> None:
    folder = own(tmp_path, "B04: {forbid: [fat finger*]}\n")
    assert found("A case of fat fingers. A user error.", folder) == [("B04", "error"), ("B04", "error")]


def test_the_rules_of_a_language_and_of_a_region(tmp_path: Path) -> None:
    own(tmp_path, "E04: off\n", "de.yaml")
    text = "Wir bedauern die Unannehmlichkeiten."
    assert found(text, tmp_path, language="de-AT") == []
    own(tmp_path, "K04: off\n", "de-AT.yaml")
    assert found(text, tmp_path, language="de-AT") == [("E04", "warning")]
    assert found("We regret the inconvenience.", tmp_path) == [("E04", "warning")]


def test_the_rules_of_one_tracker_are_not_those_of_another(tmp_path: Path) -> None:
    folder = own(tmp_path, "B10: off\n")
    assert "B10" not in {rule.id for rule in rules("en", folder)}
    assert "B10" in {rule.id for rule in rules("en")}


@pytest.mark.parametrize("rule", [rule.id for rule in rules() if rule.protected])
@pytest.mark.parametrize("weaker", ["off", "{level: warning}", "{kinds: [update]}", "{except: [your fault]}"])
def test_what_protects_the_customer_is_not_weakened(tmp_path: Path, rule: str, weaker: str) -> None:
    with pytest.raises(InvalidFile):
        rules("en", own(tmp_path, f"{rule}: {weaker}\n"))


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("B10: on\n", (1, 6)),
        ("X01: off\n", (1, 6)),
        ("x1: {message: a, instead: b, forbid: [c]}\n", (1, 5)),
        ("X01:\n  message: a\n  instead: b\n", (2, 3)),
        ("X01:\n  message: a\n  instead: b\n  forbid: [c]\n  require: [d]\n", (2, 3)),
        ("X01:\n  message: a\n  instead: b\n  patterns: [c]\n", (4, 13)),
        ("X01:\n  message: a\n  instead: b\n  forbid:\n    - c\n    - (d|e\n", (6, 7)),
        ("X01:\n  message: a\n  instead: b\n  forbid: ['[d]']\n", (4, 12)),
        ("X01:\n  message: a\n  instead: b\n  forbid: [<nobody>]\n", (4, 12)),
        ("X01:\n  message: a\n  instead: b\n  forbid: {c: d}\n", (4, 11)),
        ("X01:\n  message: a\n  instead: b\n  forbid: |\n    c\n    (d|e\n", (4, 11)),
        ("X01:\n  message: a\n  instead: b\n  level: fatal\n  forbid: [c]\n", (4, 10)),
        ("X01:\n  message: a\n  instead: b\n  group: mine\n  forbid: [c]\n", (4, 10)),
        ("X01:\n  message: a\n  instead: b\n  kinds: update\n  forbid: [c]\n", (4, 10)),
        ("X01:\n  message: a\n  instead: b\n  unless: monday\n  forbid: [c]\n", (4, 11)),
        ("X01:\n  message: a\n  instead: [b]\n  forbid: [c]\n", (3, 12)),
        ('X01:\n  message: "a\\e[2J"\n  instead: b\n  forbid: [c]\n', (2, 12)),
        ("X01:\n  message: a\n  instead: b\n  forbid: [" + "c" * 201 + "]\n", (4, 12)),
        ("E01: {forbid: [sorry]}\n", (1, 6)),
        ("B10: {unless: eta_approved}\n", (1, 15)),
        ("language: {capital: [you]}\n", (1, 11)),
        ("B10: off\nB10: off\n", (2, 1)),
        ("- B10\n", (1, 1)),
        ("B10: &a off\n", (1, 6)),
    ],
)
def test_a_fault_is_named_with_its_place(tmp_path: Path, text: str, place: tuple[int, int]) -> None:
    with pytest.raises(InvalidFile) as refused:
        rules("en", own(tmp_path, text))
    [problem] = refused.value.problems
    assert problem.path == str(tmp_path / "en.yaml")
    assert (problem.line, problem.column) == place


def test_a_stranger_s_file_is_read_with_care(tmp_path: Path) -> None:
    with pytest.raises(InvalidFile, match="larger than"):
        rules("en", own(tmp_path, "#" * (MAX_BYTES + 1)))
    with pytest.raises(InvalidFile, match="not UTF-8") as refused:
        rules("en", own(tmp_path, b"B10: off\n# \xc3\xa4\xff"))
    assert (refused.value.problems[0].line, refused.value.problems[0].column) == (2, 4)
    (tmp_path / "en.yaml").unlink()
    (tmp_path / "other.yaml").write_text("B10: off\n")
    (tmp_path / "en.yaml").symlink_to("other.yaml")
    with pytest.raises(InvalidFile, match="symbolic link"):
        rules("en", tmp_path)
    (tmp_path / "en.yaml").unlink()
    os.mkfifo(tmp_path / "en.yaml")
    with pytest.raises(InvalidFile, match="not a regular file"):
        rules("en", tmp_path)
    linked = tmp_path / "linked"
    linked.symlink_to(tmp_path)
    with pytest.raises(InvalidFile, match="symbolic link"):
        rules("en", linked)


def test_there_is_an_end_to_how_many_phrases_there_are(tmp_path: Path) -> None:
    many = "".join(f"    - a{number}\n" for number in range(MAX_OWN_PHRASES + 1))
    with pytest.raises(InvalidFile, match="more than"):
        rules("en", own(tmp_path, f"X01:\n  message: a\n  instead: b\n  forbid:\n{many}"))


@pytest.mark.parametrize(
    "phrase",
    [
        "[a] " * 45 + "b",
        "... " * 45 + "b",
        ".. a " * 35 + "b",
        "(a|a a|a a a) " * 12 + "b",
        "[a [a [a [a [a [a [a [a]]]]]]]] " * 5 + "b",
        "[" * 90 + "a" + "]" * 90 + " b",
        "a* *a " * 25 + "b",
    ],
)
def test_no_phrase_can_make_a_message_slow(tmp_path: Path, phrase: str) -> None:
    folder = own(tmp_path, f"X01:\n  message: a\n  instead: b\n  forbid:\n    - '{phrase}'\n")
    assert lint("a " * 500 + "c", "note", overrides=folder) == []
