"""A person's hand: the same data laid out in every way that YAML allows and people use."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from random import Random
from typing import Any

from issuelog.store.yamltext import quoted

Path = tuple[str | int, ...]
UNKNOWN = "x_unknown_"
"""How the keys begin that a hand adds to the data."""

_PLAIN = re.compile(r"[A-Za-z0-9]+( [A-Za-z0-9]+)*")
_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


@dataclass
class Line:
    """One line; it may change only if what it belongs to does."""

    text: str
    owner: Path
    blank: bool = False


@dataclass
class Hand:
    """Writes data down, line by line, and remembers what each line belongs to."""

    random: Random
    lines: list[Line] = field(default_factory=list)
    flow: set[Path] = field(default_factory=set)
    unknown: list[Path] = field(default_factory=list)
    trailing: list[tuple[Path, str]] = field(default_factory=list)
    newline: str = "\n"
    mark: str = ""
    block_at_end: bool = False
    number: int = 0

    def write(self, data: dict[str, Any]) -> str:
        """Return the file."""
        if self.chance(0.1):
            self.add("---", ())
        self.mapping(data, 0, ())
        if self.chance(0.1):
            self.add("# the end", ())
        elif self.chance(0.1):
            self.add("...", ())
            self.block_at_end = False
        if self.chance(0.2) and len(self.lines) > 1:
            self.newline = "\r\n"
        self.mark = "\ufeff" if self.chance(0.1) else ""
        text = self.mark + "".join(line.text + self.newline for line in self.lines)
        return text.removesuffix(self.newline) if not self.block_at_end and self.chance(0.3) else text

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    @property
    def last(self) -> Path:
        """The place that was last written."""
        return next((line.owner for line in reversed(self.lines) if line.text.strip(" ")[:1] not in {"", "#"}), ())

    def add(self, text: str, owner: Path, *, blank: bool = False) -> None:
        self.lines.append(Line(text, owner, blank))

    def comment(self) -> str:
        self.number += 1
        return self.random.choice(["# note {}", "#note {}", "# - a: {}", '# "[{}', "# | {}"]).format(self.number)

    def behind(self, path: Path) -> str:
        """Return a comment to stand behind a value, or nothing."""
        if not self.chance(0.2):
            return ""
        comment = self.random.choice([" ", "   "]) + self.comment()
        self.trailing.append((path, comment.strip()))
        return comment

    def noise(self, column: int, path: Path) -> None:
        """Write blank lines and comments between the parts of a collection."""
        while self.chance(0.2):
            if self.chance(0.4):
                self.add(self.random.choice(["", "", " " * column]), path, blank=True)
            elif self.chance(0.2) and self.last and not self.block_at_end:
                self.add(" " * (column + self.random.randint(1, 6)) + self.comment(), self.last)
            else:
                self.add(" " * self.random.choice([0, column, column]) + self.comment(), path)

    def mapping(self, data: dict[str, Any], column: int, path: Path, first: str = "") -> None:
        """Write a block mapping; `first` is what stands before its first key."""
        entries = [(key, value, self.name(key)) for key, value in data.items()]
        if self.chance(0.2):
            self.number += 1
            key = f"{UNKNOWN}{self.number}"
            self.unknown.append((*path, key))
            entries.insert(
                self.random.randint(0, len(entries)), (key, self.random.choice(["0123", "no", "a\nb\n"]), key)
            )
        for key, value, name in entries:
            if not first:
                self.noise(column, path)
            head, first = first or " " * column, ""
            if len(name) > 1000 or self.chance(0.05):
                self.add(f"{head}? {name}{self.behind(())}", (*path, key))
                head, name = " " * column, ""
            gap = self.random.choice(["", " "]) if name.endswith('"') else ""
            self.value(f"{head}{name}{gap}:", value, (*path, key), column)

    def name(self, key: str) -> str:
        return key if _PLAIN_KEY.fullmatch(key) and self.chance(0.8) else quoted(key)

    def value(self, head: str, value: Any, path: Path, column: int, *, item: bool = False) -> None:
        """Write a value of any kind behind a key or a dash that stands at `column`."""
        if isinstance(value, str):
            self.scalar(head, value, path, column)
        elif not value or self.chance(0.15):
            self.flow.add(path)
            self.collection(head, value, path, column)
        elif isinstance(value, dict) and item and self.chance(0.8):
            gap = self.random.choice([1, 1, 1, 3])
            self.mapping(value, column + 1 + gap, path, first=head + " " * gap)
        else:
            self.add(head + self.behind(()), path)
            self.block_at_end = False
            inner = column + self.random.choice([1, 2, 2, 4])
            if isinstance(value, dict):
                self.mapping(value, inner, path)
            else:
                self.sequence(value, inner if item else column + self.random.choice([0, 2, 4]), path)

    def sequence(self, items: list[Any], column: int, path: Path) -> None:
        for number, value in enumerate(items):
            self.noise(column, path)
            self.value(" " * column + "-", value, (*path, number), column, item=True)

    def collection(self, head: str, value: Any, path: Path, column: int) -> None:
        """Write a collection in flow style, on one line or, for a list, on several."""
        if isinstance(value, list) and value and self.chance(0.4):
            self.add(f"{head} [", path)
            for item in value:
                self.add(" " * (column + 2) + f"{_flow(item)}, {self.comment()}", path)
            head, text = " " * (column + 1), "]"
        else:
            text = _flow(value)
        gap = " " if head.strip() else ""
        self.add(f"{head}{gap}{text}{self.behind(())}", path)
        self.block_at_end = False

    def scalar(self, head: str, value: str, path: Path, column: int) -> None:
        """Write a text in one of the styles that can hold it."""
        self.block_at_end = False
        inner = " " * (column + self.random.randint(1, 4))
        if _blockable(value) and self.chance(0.7):
            digit = str(len(inner) - column) if self.chance(0.2) else ""
            chomp = "" if value.endswith("\n") else "-"
            self.add(f"{head} |{self.random.choice([digit + chomp, chomp + digit])}{self.behind(path)}", path)
            for line in value.removesuffix("\n").split("\n"):
                self.add(inner + line if line else "", path)
            self.block_at_end = True
            return
        styles = [quoted(value)]
        if value.isprintable():
            styles.append("'" + value.replace("'", "''") + "'")
        if _PLAIN.fullmatch(value):
            styles += [value, value, value.replace(" ", f"\n{inner}", 1)]
        first, *others = self.random.choice(styles).split("\n")
        if self.chance(0.1):
            self.add(head + self.behind(()), path)
            head = inner
        else:
            head += self.random.choice([" ", " ", "   "])
        for line in (first, *others)[:-1]:
            self.add(head + line, path)
            head = ""
        self.add(head + (first, *others)[-1] + self.behind(path), path)


def _blockable(value: str) -> bool:
    return (
        "\n" in value
        and not value[0].isspace()
        and not value.endswith("\n\n")
        and all(char == "\n" or char.isprintable() for char in value)
    )


def _flow(value: Any) -> str:
    if isinstance(value, str):
        return value if _PLAIN.fullmatch(value) else quoted(value)
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return "{" + ", ".join(f"{_flow_key(key)}: {_flow(item)}" for key, item in value.items()) + "}"


def _flow_key(key: str) -> str:
    return f"? {quoted(key)} " if len(quoted(key)) > 1000 else quoted(key)
