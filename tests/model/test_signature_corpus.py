"""Traces and messages as they come, in pairs that must be equal and pairs that must differ: tests/data/signatures."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from issuelog.model.signature import Signature, of_message, signatures

_FOLDER = Path(__file__).parents[1] / "data" / "signatures"


@dataclass
class _Case:
    name: str
    told: str = ""
    same: list[str] = field(default_factory=list)
    other: list[str] = field(default_factory=list)


def _cases() -> list[_Case]:
    cases: list[_Case] = []
    for path in sorted(_FOLDER.glob("*.txt")):
        into: list[str] = []
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("%%% "):
                cases.append(_Case(f"{path.stem}: {line[4:]}"))
            elif line.startswith("%% signature: "):
                cases[-1].told = line[14:]
            elif line in ("%% same", "%% differ"):
                into = cases[-1].same if line == "%% same" else cases[-1].other
                into.append("")
            else:
                into[-1] += line + "\n"
    return cases


def _first(case: _Case, text: str) -> Signature | None:
    found = signatures(text)
    return found[0] if found and not case.name.startswith("messages") else of_message(text)


@pytest.mark.parametrize("case", _cases(), ids=lambda case: case.name)
def test_equal_errors_have_one_signature_and_others_have_others(case: _Case) -> None:
    misses = [
        f"not the same: {_first(case, text)}\n{text}" for text in case.same if str(_first(case, text)) != case.told
    ]
    misses += [f"not told apart:\n{text}" for text in case.other if str(_first(case, text)) == case.told]
    assert not misses, "\n".join([f"expected {case.told}", *misses])


def test_the_corpus_has_enough_of_each_language() -> None:
    kinds = [case.told.split(" ")[1] for case in _cases() for _ in case.same + case.other]
    few = [
        kind
        for kind in ("python", "java", "javascript", "go", "dotnet", "rust", "native", "message")
        if kinds.count(kind) < 12
    ]
    assert not few
