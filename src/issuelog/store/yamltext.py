"""YAML out: values to text, and the smallest edit of a file's text that turns one value into another.

Everything that is not edited stays as it is to the byte: comments, quoting, order, unknown keys.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from issuelog.store.yamlfile import BYTE_ORDER_MARK, Data, Mapping, Node, Scalar, Sequence


class Literal(str):
    """Text that stands for a number, a time or a truth value: written without quotes."""

    __slots__ = ()


# What a YAML 1.1 reader turns into something other than text (https://yaml.org/type/), with what some readers add
# to that: commas in numbers, exponents without a point or a sign.
_RESOLVED = re.compile(
    r"(?:y|n|yes|no|true|false|on|off|null|~|=|<<)"
    r"|[-+]?(?:0b[01_]+|0o?[0-7_]+|0x[0-9a-f_]+)"
    r"|[-+]?(?:\d[\d_,]*\.?[\d_]*|\.\d[\d_]*)(?:e[-+]?\d+)?"
    r"|[-+]?\d[\d_]*(?::[0-5]?\d)+(?:\.[\d_]*)?"
    r"|[-+]?\.(?:inf|nan)"
    r"|\d{4}-\d\d?-\d\d?(?:(?:t|\s+)\d\d?:.*)?",
    re.ASCII | re.IGNORECASE,
)
_INDICATORS = frozenset("-?:,[]{}#&*!|>'\"%@`=~")
_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_LONGEST_KEY = 1000  # readers give up on a key that has no colon within 1,024 characters, unless a ? announces it
_LINES = {ord("\n"): None, ord("\t"): None}
_JOINERS = frozenset("\u00a0\u200c\u200d")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r", "\0": "\\0"}


def dump(data: Data) -> str:
    """Return `data` as a new file."""
    return _entries(data, 0) or "{}\n"


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
        text.isprintable()
        and text != ""
        and text[0] not in _INDICATORS
        and text == text.strip()
        and ": " not in text
        and " #" not in text
        and not text.endswith(":")
        and not _RESOLVED.fullmatch(text)
    )


def _is_literal(text: str) -> bool:
    if "\n" not in text or text[0].isspace():
        return False
    # Nearly every text passes the first, which takes a hundredth of the time.
    return text.translate(_LINES).isprintable() or all(char in "\n\t" or _shown(char) for char in text)


def _key(text: str) -> str:
    return text if _KEY.fullmatch(text) and not _RESOLVED.fullmatch(text) else quoted(text)


def _entries(data: Data, indent: int) -> str:
    return "".join(_entry(key, value, indent) for key, value in data.items())


def _entry(key: str, value: Any, indent: int) -> str:
    name, margin = _key(key), " " * indent
    if len(name) > _LONGEST_KEY:
        return f"{margin}? {name}\n" + _lines(f"{margin}:", value, indent)
    return _lines(f"{margin}{name}:", value, indent)


def _item(value: Any, indent: int) -> str:
    margin = " " * indent
    if isinstance(value, dict) and value:
        # The first key shares the dash's line.
        return f"{margin}- {_entries(value, indent + 2).lstrip(' ')}"
    return _lines(f"{margin}-", value, indent)


def _lines(head: str, value: Any, indent: int) -> str:
    inline, block = _value(value, indent)
    return f"{head} {inline}\n{block}" if inline else f"{head}\n{block}"


def _value(value: Any, indent: int) -> tuple[str, str]:
    """Return what stands on the line of a key or dash at `indent`, and the lines below it (each ended)."""
    if isinstance(value, dict):
        return ("", _entries(value, indent + 2)) if value else ("{}", "")
    if isinstance(value, list):
        return ("", "".join(_item(item, indent + 2) for item in value)) if value else ("[]", "")
    if isinstance(value, Literal) or _is_plain(value):
        return value, ""
    return _literal(value, indent + 2) if _is_literal(value) else (quoted(value), "")


def _literal(text: str, indent: int) -> tuple[str, str]:
    chomp = "-" if not text.endswith("\n") else "+" if text.endswith("\n\n") else ""
    lines = text.removesuffix("\n").split("\n")
    return f"|{chomp}", "".join(f"{' ' * indent}{line}\n" if line else "\n" for line in lines)


def patch(text: str, root: Mapping, old: Data, new: Data) -> str:
    """Return `text` edited so that what read as `old` reads as `new`.

    `root` is the parsed text; what it holds beyond `old` is kept. Only the lines of what differs change. The
    caller reads the result back and compares, since a hand-made layout may hold surprises that no editor foresees.
    """
    if old == new:
        return text
    bare = text.lstrip(BYTE_ORDER_MARK)
    editor = _Editor(bare)
    wanted = _with_unknown(root, old, new)
    if root.flow or not wanted:
        editor.edit(root.start, root.end, dump(wanted).removesuffix("\n"))
    else:
        editor.mapping(root, old, new)
    return text.removesuffix(bare) + editor.result()


# Blanks and comments between a key and its colon; comments in front of an item's dash; a block scalar's comment.
_COLON = re.compile(r"(?:\s++|#[^\n]*+)*+:")
_ABOVE_DASH = re.compile(r"(?:[ \t]*(?:#[^\n]*|\r)?\n)*")
_HEADER_COMMENT = re.compile(r"[|>][^\s#]*([ \t]+#[^\r\n]*)?")
_COMMENT = re.compile(r"(?:[ \t]*\r?\n)*( *)#[^\n]*(?:\n|\Z)")
_BLANK_LINES = re.compile(r"(?:[ \t]*\r?\n)*")


class _Editor:
    """Collects edits (start, end, replacement) over one text; at one place they apply in the order of their making."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.edits: list[tuple[int, int, str]] = []

    def edit(self, start: int, end: int, replacement: str) -> None:
        if start < end or replacement:
            self.edits.append((start, end, replacement))

    def insert(self, place: int, replacement: str) -> None:
        self.edit(place, place, replacement)

    def result(self) -> str:
        newline = "\r\n" if "\r\n" in self.text[: self.text.find("\n") + 1] else "\n"
        pieces: list[str] = []
        cursor = 0
        tail = ""
        for start, end, replacement in sorted(self.edits, key=lambda edit: edit[:2]):
            kept, written = self.text[cursor:start], replacement.replace("\n", newline)
            if written and start == len(self.text) and not (tail + kept).endswith("\n"):
                written = newline + written  # the last line had no end
            pieces += [kept, written]
            tail = (tail + kept + written)[-4:]
            cursor = end
            if tail.replace("\r", "").endswith("\n\n"):
                # Further blank lines might become part of a text that ends in blank lines.
                cursor = self.past(_BLANK_LINES, cursor)
        return "".join([*pieces, self.text[cursor:]])

    def past(self, pattern: re.Pattern[str], position: int) -> int:
        found = pattern.match(self.text, position)
        return found.end() if found else position

    def line_start(self, position: int) -> int:
        return self.text.rfind("\n", 0, position) + 1

    def line_end(self, position: int) -> int:
        """Return the start of the next line."""
        found = self.text.find("\n", position)
        return len(self.text) if found < 0 else found + 1

    def below(self, end: int, column: int) -> int:
        """Return the start of the line below what ends at `end`, past comments further in than `column`: its own."""
        place = self.line_end(end)
        while (comment := _COMMENT.match(self.text, place)) and len(comment[1]) > column:
            place = comment.end()
        return place

    def margin(self, node: Node) -> str:
        """Return what stands before a node on its line, such as a dash."""
        return self.text[self.line_start(node.start) : node.start].strip(" ")

    def entry_end(self, node: Mapping, key: str) -> int:
        name, value = node.entries[key]
        return self.below(max(name.end, value.end), node.column)

    def mapping(self, node: Mapping, old: Data, new: Data) -> None:
        changed = {key for key in new if new[key] != old.get(key)}
        for key in node.entries:
            if key in changed:
                self.change(node, key, old.get(key), new[key])
            elif key in old and key not in new:
                self.remove(node, key)
        # Last, since a new key can stand where the lines of the one before it end.
        place = self.entry_end(node, next(iter(node.entries))) if self.margin(node) else self.line_start(node.start)
        for key in new:
            if key in node.entries:
                place = self.entry_end(node, key)
            elif key in changed:
                self.insert(place, _entry(key, new[key], node.column))

    def remove(self, node: Mapping, key: str) -> None:
        start, end = self.line_start(node.entries[key][0].start), self.entry_end(node, key)
        dash = self.text[start : node.entries[key][0].start].rstrip(" ?")
        if dash:  # which the other keys need
            start += len(dash)
            end -= len(self.text[start:end]) - len(self.text[start:end].rstrip("\r\n"))
        self.edit(start, end, "")

    def change(self, parent: Mapping, key: str, old: Any, new: Any) -> None:
        name, node = parent.entries[key]
        if not self.inside(node, old, new, parent.column):
            self.replace(parent, name, node, _with_unknown(node, old, new))

    def inside(self, node: Node, old: Any, new: Any, indent: int) -> bool:
        """Edit a value part by part, if it stays of one kind and its layout allows that."""
        if isinstance(node, Scalar) and isinstance(new, str):
            self.scalar(node, new, indent)
            return True
        if not isinstance(node, (Mapping, Sequence)) or node.flow or not _with_unknown(node, old, new):
            return False
        if isinstance(node, Mapping) and isinstance(new, dict):
            self.mapping(node, old or {}, new)
            return True
        if isinstance(node, Sequence) and isinstance(new, list) and not self.margin(node):
            self.sequence(node, old, new)
            return True
        return False

    def scalar(self, node: Scalar, new: str, indent: int) -> None:
        """Put a text in a text's place; the comment behind it stays."""
        inline, block = _value(new, indent)
        below = self.line_end(node.end)
        if block and self.below(node.end, indent + 1) > below:
            # A comment further in would become part of the block.
            inline, block = quoted(new), ""
        gap = " " if node.absent else ""
        self.edit(node.start, node.end, gap + inline + self.header_comment(node))
        self.insert(below, block)

    def replace(self, parent: Mapping, name: Scalar, node: Node, new: Any) -> None:
        """Put a value in the place of one of another kind or layout, with the comments inside that."""
        colon = self.past(_COLON, name.end)
        inline, block = _value(new, parent.column)
        inline = f" {inline}" if inline else ""
        end = self.below(node.end, parent.column)
        if "\n" in self.text[colon : node.start]:
            self.insert(colon, inline)
            self.edit(self.line_end(colon), end, block)
        else:
            self.edit(colon, max(colon, node.end), inline + self.header_comment(node))
            self.edit(self.line_end(node.end), end, block)

    def header_comment(self, node: Node) -> str:
        """Return the comment between a block scalar's indicator and its text."""
        block = isinstance(node, Scalar) and node.style in {"|", ">"}
        found = _HEADER_COMMENT.match(self.text, node.start) if block else None
        return (found and found[1]) or ""

    def sequence(self, node: Sequence, old: list[Any], new: list[Any]) -> None:
        for stays, before, after in _aligned(old, new):
            if stays:
                for at, to in zip(before, after, strict=True):
                    self.item(node, at, old[at], new[to])
                continue
            for at in before:
                self.edit(self.dash_line(node, at), self.item_end(node, at), "")
            first = before.start
            place = self.dash_line(node, first) if before or not first else self.item_end(node, first - 1)
            self.insert(place, "".join(_item(new[to], node.column) for to in after))

    def item(self, node: Sequence, at: int, old: Any, new: Any) -> None:
        item = node.items[at]
        if old != new and not self.inside(item, old, new, node.column):
            lines = _item(_with_unknown(item, old, new), node.column)
            self.edit(self.dash_line(node, at), self.item_end(node, at), lines)

    def item_end(self, node: Sequence, at: int) -> int:
        return self.below(node.items[at].end, node.column)

    def dash_line(self, node: Sequence, at: int) -> int:
        """Return the start of the line on which an item's dash stands."""
        if at == 0:
            return self.line_start(node.start)
        return self.past(_ABOVE_DASH, self.item_end(node, at - 1))


def _with_unknown(node: Node, old: Any, new: Any) -> Any:
    """Return `new`, with what a mapping in the file holds beyond `old`."""
    if not isinstance(node, Mapping) or not isinstance(new, dict):
        return new
    return {**new, **{key: value for key, value in node.plain().items() if key not in new and key not in (old or {})}}


def _aligned(old: list[Any], new: list[Any]) -> Iterator[tuple[bool, range, range]]:
    """Yield runs of places in `old` and `new`, in order: of items that stay, though perhaps changed inside, or not."""
    before, after = [_identity(item) for item in old], [_identity(item) for item in new]
    head = _shared(before, after)
    tail = _shared(before[head:][::-1], after[head:][::-1])
    yield True, range(head), range(head)
    for gone, come in _differences(before, after, head, tail):
        alike = len(gone) == len(come) and all(_alike(old[at], new[to]) for at, to in zip(gone, come, strict=True))
        yield alike, gone, come
    yield True, range(len(old) - tail, len(old)), range(len(new) - tail, len(new))


def _differences(before: list[str], after: list[str], head: int, tail: int) -> Iterator[tuple[range, range]]:
    middle = before[head : len(before) - tail], after[head : len(after) - tail]
    if not all(middle):
        yield range(head, head + len(middle[0])), range(head, head + len(middle[1]))
        return
    from difflib import SequenceMatcher  # seldom needed, and every command would pay for it

    for _, a, b, c, d in SequenceMatcher(None, *middle).get_opcodes():
        yield range(head + a, head + b), range(head + c, head + d)


def _shared(before: Iterable[str], after: Iterable[str]) -> int:
    """Return how many leading items are the same."""
    count = 0
    for one, other in zip(before, after, strict=False):
        if one != other:
            break
        count += 1
    return count


def _identity(item: Any) -> str:
    return repr(item["id"]) if isinstance(item, dict) and "id" in item else repr(item)


def _alike(old: Any, new: Any) -> bool:
    """Whether an item without an id can have become the other."""
    if isinstance(old, dict) and isinstance(new, dict):
        return _identity(old) == _identity(new) or not ("id" in old or "id" in new)
    return old == new or (isinstance(old, str) and isinstance(new, str))
