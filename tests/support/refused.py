"""Readers of foreign formats, given anything."""

from __future__ import annotations

from collections.abc import Callable

from issuelog.errors import InvalidFile


def require_read_or_refused_with_a_place(read: Callable[[bytes], object], data: bytes) -> None:
    try:
        read(data)
    except InvalidFile as error:
        problems = error.problems
    else:
        problems = ()
    assert all(problem.line >= 1 and problem.column >= 1 for problem in problems)
