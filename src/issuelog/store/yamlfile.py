"""YAML in: text to a tree in which every scalar is text and every node knows its place.

A report is hostile until shown otherwise, so this reads the parser's flat event stream itself and refuses what
a report has no use for (aliases, tags, directives, second documents) before anything is built from it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NoReturn

import _ruamel_yaml
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from issuelog.errors import InvalidFile, Problem
from issuelog.store.layout import MAX_BYTES

MAX_DEPTH = 24
MAX_NODES = 60_000
_NO_MAPPING = "the file has to be a mapping of keys to values"

BYTE_ORDER_MARK = "\ufeff"
"""May stand at the start of a file; it is kept, and no place counts it."""

_CONFLICT = re.compile(r"^<{7} .*?^={7}$.*?^>{7} ", re.MULTILINE | re.DOTALL)
_LINE_END = re.compile(r"\r?\n\Z")

Data = dict[str, Any]
"""Nested dict, list and str, as a file holds them."""


class Node:
    """One value in a file: `start` and `end` are character offsets, `column` the indentation of its parts.

    What a block collection ends with is its last part: blank lines and comments below are none of it.
    """

    __slots__ = ("column", "end", "line", "start")

    def __init__(self, start: int, end: int, line: int, column: int) -> None:
        self.start = start
        self.end = end
        self.line = line
        self.column = column

    def plain(self) -> Any:
        """Return the value without its places."""
        raise NotImplementedError

    def at(self, path: tuple[str | int, ...]) -> Node:
        """Return the node at `path`, or the deepest that exists on the way."""
        return self


class Scalar(Node):
    """A scalar; `style` is '' for plain, else its first character."""

    __slots__ = ("style", "value")

    def __init__(self, start: int, end: int, line: int, column: int, value: str, style: str) -> None:
        super().__init__(start, end, line, column)
        self.value = value
        self.style = style

    @property
    def absent(self) -> bool:
        """A key with nothing behind it says nothing."""
        return not self.value and not self.style

    def plain(self) -> str:
        """Return the text."""
        return self.value


class Mapping(Node):
    """A mapping: key to (key node, value node), in file order."""

    __slots__ = ("entries", "flow")

    def __init__(self, start: int, line: int, column: int, flow: bool) -> None:
        super().__init__(start, start, line, column)
        self.flow = flow
        self.entries: dict[str, tuple[Scalar, Node]] = {}

    def plain(self) -> Data:
        """Return the entries that say something."""
        return {
            key: value.plain()
            for key, (_, value) in self.entries.items()
            if not (isinstance(value, Scalar) and value.absent)
        }

    def at(self, path: tuple[str | int, ...]) -> Node:
        """Return the value at `path`."""
        if path and path[0] in self.entries:
            return self.entries[str(path[0])][1].at(path[1:])
        return self

    def key(self, name: str) -> Node:
        """Return the key's own node, or this one where there is no such key."""
        return self.entries[name][0] if name in self.entries else self


class Sequence(Node):
    """A sequence; `column` is where its dashes stand."""

    __slots__ = ("flow", "items")

    def __init__(self, start: int, line: int, column: int, flow: bool) -> None:
        super().__init__(start, start, line, column)
        self.flow = flow
        self.items: list[Node] = []

    def plain(self) -> list[Any]:
        """Return the items."""
        return [item.plain() for item in self.items]

    def at(self, path: tuple[str | int, ...]) -> Node:
        """Return the item at `path`."""
        if path and isinstance(path[0], int) and path[0] < len(self.items):
            return self.items[path[0]].at(path[1:])
        return self


def decode(content: bytes, path: str) -> str:
    """Return the text of a file's bytes, or say which byte is no UTF-8."""
    if len(content) > MAX_BYTES:
        _refuse(path, 0, 0, f"the file has {len(content):,} bytes; a report may have {MAX_BYTES:,}")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line, column = _place(content[: error.start].decode("utf-8"))
        _refuse(path, line, column, f"byte 0x{content[error.start]:02x} is not UTF-8")


def parse(text: str, path: str) -> Mapping:
    """Read one mapping from `text`; `path` is only for the error. Raises InvalidFile with line and column."""
    text = text.lstrip(BYTE_ORDER_MARK)
    try:
        return _build(text, path)
    except (YAMLError, InvalidFile) as error:
        conflict = _CONFLICT.search(text)
        if conflict:
            line, _ = _place(text[: conflict.start()])
            _refuse(path, line, 0, "git left a conflict here; to settle it: issuelog sync --resolve", "conflict")
        if isinstance(error, InvalidFile):
            raise
        _refuse(path, *_explained(error, text))


def _explained(error: YAMLError, text: str) -> tuple[int, int, str]:
    """Return the place of what the parser found, and what is wrong there."""
    if isinstance(error, MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        words = str(error.problem or error.context or "this is no YAML")
        if mark and text[mark.index : mark.index + 1] == "\t":
            words = "a tab cannot stand here; indent with spaces"
        return mark.line if mark else 0, mark.column if mark else 0, words
    # The reader's errors (control characters) carry an offset in bytes instead of a mark.
    offset = getattr(error, "position", None)
    before = text.encode("utf-8")[:offset] if isinstance(offset, int) else b""
    return *_place(before.decode("utf-8", "ignore")), str(getattr(error, "reason", None) or "this is no YAML")


def _place(before: str) -> tuple[int, int]:
    """Return the line and the column, from 0, of what stands after `before`."""
    before = before.lstrip(BYTE_ORDER_MARK)
    return before.count("\n"), len(before) - before.rfind("\n") - 1


def _build(text: str, path: str) -> Mapping:
    open_nodes: list[Mapping | Sequence] = []
    keys: list[Scalar | None] = []
    root: Mapping | None = None
    count = 0
    for event in _events(text, path):
        mark = event.start_mark
        node: Node
        if isinstance(event, (MappingEndEvent, SequenceEndEvent)):
            _close(open_nodes.pop(), event.end_mark.index)
            keys.pop()
            continue
        count += 1
        if count > MAX_NODES:
            _refuse(path, mark.line, mark.column, f"the file has more than {MAX_NODES:,} parts")
        if isinstance(event, ScalarEvent):
            node = _scalar(event, text)
        elif isinstance(event, MappingStartEvent):
            node = Mapping(mark.index, mark.line, mark.column, bool(event.flow_style))
        else:
            node = Sequence(mark.index, mark.line, mark.column, bool(event.flow_style))
        if open_nodes:
            _attach(open_nodes[-1], keys, node, path)
        elif isinstance(node, Mapping):
            root = node
        else:
            _refuse(path, mark.line, mark.column, _NO_MAPPING)
        if isinstance(node, (Mapping, Sequence)):
            if len(open_nodes) >= MAX_DEPTH:
                _refuse(path, mark.line, mark.column, f"nested deeper than {MAX_DEPTH} levels")
            open_nodes.append(node)
            keys.append(None)
    if root is None:
        _refuse(path, 0, 0, _NO_MAPPING)
    return root


def _events(text: str, path: str) -> Iterator[Any]:
    """Yield the content events; refuse everything that only serves trickery."""
    parser = _ruamel_yaml.CParser(text.encode("utf-8"))
    documents = 0
    while parser.check_event():
        event = parser.get_event()
        mark = event.start_mark
        if isinstance(event, DocumentStartEvent):
            documents += 1
            if documents > 1:
                _refuse(path, mark.line, mark.column, "a second document; a file holds one report")
            if event.version or event.tags:
                _refuse(path, mark.line, mark.column, "a %YAML or %TAG directive; remove it")
        elif isinstance(event, AliasEvent):
            _refuse(path, mark.line, mark.column, "an alias (*name); write the value out")
        elif isinstance(event, (ScalarEvent, MappingStartEvent, SequenceStartEvent)):
            if event.anchor is not None:
                _refuse(path, mark.line, mark.column, "an anchor (&name); remove it")
            if event.tag is not None:
                _refuse(path, mark.line, mark.column, "a tag (!name); remove it")
            yield event
        elif isinstance(event, (MappingEndEvent, SequenceEndEvent)):
            yield event


def _scalar(event: Any, text: str) -> Scalar:
    start, end = event.start_mark, event.end_mark.index
    style = event.style or ""
    if style in {"|", ">"}:
        # The parser ends a block scalar where the next thing begins; blank lines and comments between belong
        # to the reader of the file, except under '+', which keeps blank lines as text.
        block = text[start.index : end]
        block = _LINE_END.sub("", block) if "+" in block[:3] else block.rstrip("\r\n")
        end = start.index + len(block)
    return Scalar(start.index, end, start.line, start.column, event.value, style)


def _attach(parent: Mapping | Sequence, keys: list[Scalar | None], node: Node, path: str) -> None:
    if isinstance(parent, Sequence):
        parent.items.append(node)
        return
    key = keys[-1]
    if key is not None:
        parent.entries[key.value] = (key, node)
        keys[-1] = None
        return
    if not isinstance(node, Scalar) or node.absent:
        _refuse(path, node.line, node.column, "a key has to be text")
    if node.value == "<<" and not node.style:
        _refuse(path, node.line, node.column, "a merge key (<<); write the values out")
    if node.value in parent.entries:
        first = parent.entries[node.value][0].line + 1
        _refuse(
            path,
            node.line,
            node.column,
            f"the key {node.value[:80]!r} stands twice (first in line {first})",
            "doubled_key",
        )
    keys[-1] = node


def _close(node: Mapping | Sequence, end: int) -> None:
    # A block collection's end mark lies at the next token; its true end is that of its last part.
    if node.flow:
        node.end = end
    elif isinstance(node, Mapping):
        node.end = max((max(key.end, value.end) for key, value in node.entries.values()), default=node.start)
    else:
        node.end = max((item.end for item in node.items), default=node.start)


def _refuse(path: str, line: int, column: int, message: str, rule: str = "yaml") -> NoReturn:
    raise InvalidFile([Problem(path, line + 1, max(column, 0) + 1, rule, message)])
