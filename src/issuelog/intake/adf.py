"""Atlassian's document format, in which Jira keeps text of several lines, as plain text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TypeGuard

from issuelog.intake.exports import Object, digits, part, parts, text
from issuelog.store.layout import MAX_BYTES

MAX_DEPTH = 60
"""Nodes within nodes: tables in lists in panels come to a dozen."""

_INLINE = frozenset({"text", "hardBreak", "mention", "emoji", "inlineCard", "date", "status", "mediaInline"})
_LISTS = frozenset({"bulletList", "orderedList", "taskList", "decisionList"})


class NotText(ValueError):
    """A document cannot be told as text; the message is the reason."""


def is_document(value: Any) -> TypeGuard[Object]:
    """Whether a value is a document, and no text."""
    return isinstance(value, dict) and value.get("type") == "doc"


def to_text(document: Object) -> str:
    """Return what a document says: paragraphs, lists, tables, links as ``text (url)``. Raises NotText."""
    return _block(document, 0).strip("\n")


def _block(node: Object, depth: int) -> str:
    """Return the text of a node that stands on lines of its own."""
    if depth > MAX_DEPTH:
        raise NotText(f"its text is nested deeper than {MAX_DEPTH} levels")
    told = _told(node, depth)
    if len(told) > MAX_BYTES:  # every list indents each line once more
        raise NotText(f"its text has more than {MAX_BYTES:,} characters")
    return told


def _told(node: Object, depth: int) -> str:
    kind = text(node, "type")
    if kind in _LISTS:
        return "\n".join(_entries(node, kind == "orderedList", depth))
    if kind == "table":
        return "\n".join(_rows(node, depth))
    if kind == "rule":
        return "----"
    if kind in {"media", "blockCard", "embedCard"}:
        return _inline(node)
    body = _blocks(parts(node, "content"), depth)
    if kind == "blockquote":
        return "\n".join(f"> {line}".rstrip() for line in body.split("\n"))
    if kind in {"expand", "nestedExpand"}:
        return "\n\n".join(one for one in (text(part(node, "attrs"), "title"), body) if one)
    return body


def _blocks(nodes: Iterable[Object], depth: int) -> str:
    """Return nodes one below the other, those that stand within a line beside each other."""
    found: list[str] = []
    open_line = False
    for node in nodes:
        inline = text(node, "type") in _INLINE
        said = _inline(node) if inline else _block(node, depth + 1)
        if inline and open_line:
            found[-1] += said
        elif said or inline:
            found.append(said)
        open_line = inline
    return "\n\n".join(found)


def _entries(node: Object, numbered: bool, depth: int) -> Iterator[str]:
    for number, item in enumerate(parts(node, "content"), 1):
        if text(item, "type") in _LISTS:  # a list of tasks may stand right in another one
            body, mark = _block(item, depth + 1), "  "
        else:
            body = _blocks(parts(item, "content"), depth + 1).replace("\n\n", "\n")
            mark = f"{number}. " if numbered else "- "
        yield mark + body.replace("\n", "\n" + " " * len(mark))


def _rows(node: Object, depth: int) -> Iterator[str]:
    for row in parts(node, "content"):
        cells = (_blocks(parts(cell, "content"), depth + 2) for cell in parts(row, "content"))
        yield " | ".join(" ".join(cell.split()) for cell in cells)


def _inline(node: Object) -> str:
    attributes = part(node, "attrs")
    match node.get("type"):
        case "text":
            return text(node, "text") + _target(node)
        case "hardBreak":
            return "\n"
        case "date":
            return _day(attributes)
        case "media" | "mediaInline":
            name = text(attributes, "alt", "__fileName", "url")
            return f"[{name}]" if name else ""
        case _:
            return text(attributes, "text", "shortName", "url")


def _target(node: Object) -> str:
    """Return where a text leads, unless it says so itself."""
    links = (text(part(mark, "attrs"), "href") for mark in parts(node, "marks") if mark.get("type") == "link")
    return "".join(f" ({href})" for href in links if href and href.rstrip("/") != text(node, "text").rstrip("/"))


def _day(attributes: Object) -> str:
    from datetime import UTC, datetime

    milliseconds = digits(attributes, "timestamp")
    if milliseconds is None or len(milliseconds) > 14:
        return ""
    return datetime.fromtimestamp(int(milliseconds) // 1000, UTC).date().isoformat()
