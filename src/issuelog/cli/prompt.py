"""Asking at a terminal. Questions go to standard error, so that standard output carries only the answer asked for."""

from __future__ import annotations

import sys

from issuelog.errors import Cancelled


def ask(question: str) -> str:
    """Ask until there is an answer; raises Cancelled at the end of input."""
    while True:
        sys.stderr.write(f"{question} ")
        sys.stderr.flush()
        line = sys.stdin.readline()
        if not line:
            raise Cancelled("nothing was entered; nothing was changed")
        if line.strip():
            return line.strip()


def confirm(question: str) -> bool:
    """Ask for a yes; anything else is a no."""
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in {"y", "yes"}
