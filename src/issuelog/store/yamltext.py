"""YAML out: values to text, and the smallest edit of a file's text that turns one value into another.

Everything that is not edited stays as it is to the byte: comments, quoting, order, unknown keys.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from issuelog.store.yamlfile import Data, Mapping, Node, Scalar, Sequence


class Literal(str):
    """Text that stands for a number, a time or a truth value: written without quotes."""

    __slots__ = ()


# What a YAML 1.1 reader turns into something other than text (https://yaml.org/type/).
_RESOLVED = re.compile(
    r"(?:y|n|yes|no|true|false|on|off|null|~|=|<<)"
    r"|[-+]?(?:0b[01_]+|0o?[0-7_]+|0x[0-9a-f_]+)"
    r"|[-+]?(?:\d[\d_]*)?\.?[\d_]*(?:e[-+]?\d+)?"
    r"|[-+]?\d[\d_]*(?::[0-5]?\d)+(?:\.[\d_]*)?"
    r"|[-+]?\.(?:inf|nan)"
    r"|\d{4}-\d\d?-\d\d?(?:(?:t|\s+)\d\d?:.*)?",
    re.IGNORECASE,
)
_INDICATORS = frozenset("-?:,[]{}#&*!|>'\"%@`=<~")
_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_JOINERS = frozenset("\u00a0\u200c\u200d")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r", "\0": "\\0"}


def dump(data: Data) -> str:
    """Return `data` as a new file."""
    return _entries(data, 0)


def quoted(text: str) -> str:
    """Return `text` double-quoted: any text at all survives this."""
    return '"' + "".join(_ESCAPES.get(char) or (char if _shown(char) else _escape(char)) for char in text) + '"'


def _shown(char: str) -> bool:
    return char.isprintable() or char in _JOINERS


def _escape(char: str) -> str:
    code = ord(char)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def _is_plain(text: str) -> bool:
    return (
        text != ""
        and (text[0] not in _INDICATORS or (text[0] == "<" and text != "<<"))
        and text == text.strip()
        and ": " not in text
        and " #" not in text
        and not text.endswith(":")
        and text.isprintable()
        and not text.startswith(("--- ", "... "))
        and text not in {"---", "..."}
        and not _RESOLVED.fullmatch(text)
    )


def _is_literal(text: str) -> bool:
    return (
        "\n" in text
        and not text[0].isspace()
        and text.strip("\n") != ""
        and all(char in "\n\t" or _shown(char) for char in text)
    )


def _scalar(text: str, indent: int) -> tuple[str, str]:
    """Return what stands behind the key, and the lines below it (each ended) where the text is a block."""
    if isinstance(text, Literal) or _is_plain(text):
        return text, ""
    if not _is_literal(text):
        return quoted(text), ""
    chomp = "-" if not text.endswith("\n") else "+" if text.endswith("\n\n") else ""
    lines = (text if chomp == "-" else text[:-1]).split("\n")
    return f"|{chomp}", "".join(f"{' ' * indent}{line}\n" if line else "\n" for line in lines)


def _key(text: str) -> str:
    return text if _KEY.fullmatch(text) and not _RESOLVED.fullmatch(text) else quoted(text)


def _entries(data: Data, indent: int) -> str:
    return "".join(_entry(key, value, indent) for key, value in data.items())


def _entry(key: str, value: Any, indent: int) -> str:
    return f"{' ' * indent}{_key(key)}:{_value(value, indent)}"


def _value(value: Any, indent: int) -> str:
    """Return what follows a key's colon, up to and with the last line's end."""
    if isinstance(value, dict):
        return f"\n{_entries(value, indent + 2)}" if value else " {}\n"
    if isinstance(value, list):
        return "\n" + "".join(_item(item, indent + 2) for item in value) if value else " []\n"
    inline, block = _scalar(value, indent + 2)
    return f" {inline}\n{block}"


def _item(value: Any, indent: int) -> str:
    if isinstance(value, dict) and value:
        # The first key shares the dash's line.
        return f"{' ' * indent}- {_entries(value, indent + 2).lstrip(' ')}"
    return f"{' ' * indent}-{_value(value, indent)}"


def patch(text: str, root: Mapping, old: Data, new: Data) -> str:
    """Return `text` edited so that what read as `old` reads as `new`.

    `root` is the parsed text. Only the lines of what differs change. The caller reads the result back and
    compares, since a hand-made layout may hold surprises that no editor foresees.
    """
    newline = "\r\n" if "\r\n" in text[: text.find("\n") + 1] else "\n"
    editor = _Editor(text if text.endswith("\n") or not text else text + newline)
    editor.mapping(root, old, new)
    return editor.result(newline)


class _Editor:
    """Collects edits (start, end, replacement) over one text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.edits: list[tuple[int, int, str]] = []

    def result(self, newline: str) -> str:
        pieces: list[str] = []
        cursor = 0
        for start, end, replacement in sorted(self.edits, key=lambda edit: (edit[0], edit[1])):
            pieces += [self.text[cursor:start], replacement.replace("\n", newline)]
            cursor = end
        return "".join([*pieces, self.text[cursor:]])

    def line_start(self, position: int) -> int:
        return self.text.rfind("\n", 0, position) + 1

    def line_end(self, position: int) -> int:
        """Return the start of the next line."""
        found = self.text.find("\n", position)
        return len(self.text) if found < 0 else found + 1

    def mapping(self, node: Mapping, old: Data, new: Data) -> None:
        for key in old:
            if key not in new:
                self.remove(node, key)
        # Insertions share their neighbour's place: one edit a place keeps them in order.
        added: dict[int, str] = {}
        place = (
            self.line_start(node.start) if self.starts_line(node) else self.entry_end(node, next(iter(node.entries)))
        )
        for key, value in new.items():
            if key in node.entries:
                if value != old.get(key):
                    self.change(node, key, old.get(key), value)
                place = self.entry_end(node, key)
            else:
                added[place] = added.get(place, "") + _entry(key, value, node.column)
        self.edits += [(where, where, lines) for where, lines in added.items()]

    def starts_line(self, node: Node) -> bool:
        return not self.text[self.line_start(node.start) : node.start].strip()

    def entry_end(self, node: Mapping, key: str) -> int:
        name, value = node.entries[key]
        return self.line_end(max(name.end, value.end))

    def remove(self, node: Mapping, key: str) -> None:
        name = node.entries[key][0]
        self.edits.append((self.line_start(name.start), self.entry_end(node, key), ""))

    def change(self, parent: Mapping, key: str, old: Any, new: Any) -> None:
        name, node = parent.entries[key]
        if isinstance(node, Mapping) and not node.flow and isinstance(new, dict) and self.keeps_first(node, new):
            self.mapping(node, old or {}, new)
        elif isinstance(node, Sequence) and not node.flow and isinstance(new, list):
            self.sequence(node, old or [], new)
        elif isinstance(node, Scalar) and isinstance(new, str):
            self.scalar(node, new, parent.column + 2)
        else:
            colon = self.text.index(":", name.end) + 1
            end = max(colon, node.end)
            self.edits.append((colon, end, _value(new, parent.column).removesuffix("\n")))

    def keeps_first(self, node: Mapping, new: Data) -> bool:
        """Whether the key that shares a line with a dash stays, so that the others can be edited one by one."""
        return self.starts_line(node) or next(iter(node.entries)) in new

    def scalar(self, node: Scalar, new: str, indent: int) -> None:
        inline, block = _scalar(new, indent)
        start, end, comment = node.start, node.end, ""
        if node.style in {"|", ">"}:
            header = self.text[start : self.line_end(start)]
            comment = header[header.index(" #") :].rstrip() if " #" in header else ""
        elif node.absent:
            inline = f" {inline}"
        self.edits.append(
            (
                start,
                end,
                inline + comment + ("\n" + block.removesuffix("\n") if node.style in {"|", ">"} and block else ""),
            )
        )
        if block and node.style not in {"|", ">"}:
            below = self.line_end(end)
            self.edits.append((below, below, block))

    def sequence(self, node: Sequence, old: list[Any], new: list[Any]) -> None:
        head = _shared(old, new)
        tail = _shared(old[head:][::-1], new[head:][::-1])
        pairs = [(at, at) for at in range(head)] + [(len(old) - 1 - at, len(new) - 1 - at) for at in range(tail)]
        for at, to in pairs:
            if old[at] != new[to]:
                self.item(node, at, old[at], new[to])
        if head + tail < len(old):
            first, last = node.items[head], node.items[len(old) - 1 - tail]
            self.edits.append((self.dash_line(first), self.line_end(last.end), ""))
        added = "".join(_item(value, node.column) for value in new[head : len(new) - tail])
        if added:
            place = self.line_end(node.items[head - 1].end) if head else self.dash_line(node.items[0])
            self.edits.append((place, place, added))

    def item(self, node: Sequence, at: int, old: Any, new: Any) -> None:
        item = node.items[at]
        if isinstance(item, Mapping) and not item.flow and isinstance(new, dict) and self.keeps_first(item, new):
            self.mapping(item, old, new)
        else:
            self.edits.append((self.dash_line(item), self.line_end(item.end), _item(new, node.column)))

    def dash_line(self, item: Node) -> int:
        return self.line_start(self.text.rindex("-", 0, item.start))


def _shared(old: Iterable[Any], new: Iterable[Any]) -> int:
    """Return how many leading items are the same ones, though perhaps changed inside."""
    count = 0
    for before, after in zip(old, new, strict=False):
        if _identity(before) != _identity(after):
            break
        count += 1
    return count


def _identity(item: Any) -> Any:
    return item["id"] if isinstance(item, dict) and "id" in item else item
