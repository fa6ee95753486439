"""The formats that are read, by their names: each a function from a stream to items."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import BinaryIO

from issuelog.intake import bugzilla, github, jira, jsonl, mailbox, zendesk
from issuelog.intake.incoming import Incoming, Rejected, Whole

Item = Incoming | Whole | Rejected
Reader = Callable[[BinaryIO, str], Iterator[Item]]
"""Yields the items of a stream; the file's name is for messages."""


def _at_once(read: Callable[[bytes, str], Iterator[Item]]) -> Reader:
    """Let a format be read that needs the whole file; all of it is read before anything is imported."""
    return lambda stream, name: iter(list(read(stream.read(), name)))


FORMATS: dict[str, Reader] = {
    "mail": mailbox.read,
    "github": _at_once(github.read),
    "bugzilla": _at_once(bugzilla.read),
    "jira": _at_once(jira.read),
    "zendesk": _at_once(zendesk.read),
    "jsonl": jsonl.read,
}
