"""Asking at a terminal. Questions go to standard error, so that standard output carries only the answer asked for."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO, TypeVar

from issuelog.errors import Cancelled, UsageError

T = TypeVar("T")


def ask(question: str) -> str:
    """Ask until there is an answer; raises Cancelled at the end of input, UsageError where it is no text."""
    while True:
        line = _answer(f"{question} ")
        if not line:
            raise Cancelled("nothing was entered; nothing was changed")
        if line.strip():
            return line.strip()


def choose(question: str, choices: Mapping[str, T]) -> T:
    """Ask for one of some answers, by its first letters; raises Cancelled for anything else."""
    offered = " ".join(f"[{name[0]}]{name[1:]}" for name in choices)
    answer = _answer(f"{question} {offered} [c]ancel ").strip().lower()
    for name, value in choices.items():
        if answer and name.startswith(answer):
            return value
    raise Cancelled("nothing was changed")


def confirm(question: str) -> bool | None:
    """Ask for a yes; anything else is a no, and None says that there is no terminal to ask.

    Where standard input is something else the terminal is asked past it.
    """
    if sys.stdin.isatty():
        return _is_yes(_answer(f"{question} [y/N] "))
    try:
        with Path("/dev/tty").open(encoding="utf-8", errors="replace") as terminal:
            return _is_yes(_answer(f"{question} [y/N] ", terminal))
    except OSError:
        return None


def _is_yes(answer: str) -> bool:
    return answer.strip().lower() in {"y", "yes"}


def _answer(question: str, source: TextIO | None = None) -> str:
    """Return the line that is typed; '' at the end of input, and where the terminal is gone."""
    try:
        sys.stderr.write(question)
        sys.stderr.flush()
        line = (source or sys.stdin).readline()
        if not line.endswith("\n"):
            sys.stderr.write("\n")  # what is said next begins on a line of its own
        line.encode("utf-8")
    except UnicodeError:
        raise UsageError("what was entered is not UTF-8; nothing was changed") from None
    except OSError:
        return ""
    return line
