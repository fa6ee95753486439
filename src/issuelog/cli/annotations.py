"""Findings as GitHub shows them beside a line: workflow commands, with foreign text escaped."""

from __future__ import annotations


def annotation(path: str, line: int, column: int, level: str, rule: str, message: str) -> str:
    """Return a workflow command that GitHub shows beside the line; `path` is from the top of the repository."""
    where = _escaped(path, ",:")
    words = _escaped(message, "")
    return f"::{level} file={where},line={line},col={column},title=issuelog {rule}::{words}\n"


def _escaped(text: str, more: str) -> str:
    """Escape a value of a workflow command, as GitHub's own toolkit does."""
    for char in "%\r\n" + more:
        text = text.replace(char, f"%{ord(char):02X}")
    return text
