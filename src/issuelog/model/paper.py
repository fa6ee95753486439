"""A document as a tree: what is said, before anybody knows whether it becomes Markdown or HTML.

Names of documents and addresses of links are ours. Every other text may be foreign, labels and headings too, and is
made safe by the writers: `markdown.written` and `html.written`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Link:
    """Words that lead to a file beside the document; `to` is a relative address."""

    words: str
    to: str


Cell = str | Link


@dataclass(frozen=True)
class Facts:
    """What is known, one fact a line; what has several lines of its own stands below them."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Words:
    """A text in its paragraphs and lines."""

    text: str


@dataclass(frozen=True)
class Verbatim:
    """A text just as somebody wrote it."""

    text: str


@dataclass(frozen=True)
class Steps:
    """Things in an order."""

    items: tuple[str, ...]


@dataclass(frozen=True)
class Grid:
    """A table; a column without a word in it is left out."""

    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def filled(self) -> Grid:
        """Return it without the columns in which nothing stands."""
        kept = [place for place in range(len(self.heads)) if any(row[place] for row in self.rows)]
        rows = tuple(tuple(row[place] for place in kept) for row in self.rows)
        return Grid(tuple(self.heads[place] for place in kept), rows)


@dataclass(frozen=True)
class Todo:
    """What is missing, each with the command that supplies it."""

    rows: tuple[tuple[str, str], ...]


Block = Facts | Words | Verbatim | Steps | Grid | Todo


@dataclass(frozen=True)
class Part:
    """A heading with what stands below it."""

    title: str
    blocks: tuple[Block, ...] = ()
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True)
class Paper:
    """A document on one thing: its name (an id, which means nothing in any markup), its title, and its parts."""

    name: str
    title: str
    blocks: tuple[Block, ...]
    parts: tuple[Part, ...]


def part(title: str, *blocks: Block | None, parts: Iterable[Part | None] = ()) -> Part | None:
    """Return a part, None where nothing would stand in it."""
    kept = tuple(block for block in blocks if block is not None and has_words(block))
    below = tuple(one for one in parts if one is not None)
    return Part(title, kept, below) if kept or below else None


def has_words(block: Block) -> bool:
    """Whether anything stands in a block."""
    if isinstance(block, (Words, Verbatim)):
        return bool(block.text.strip())
    return bool(block.items if isinstance(block, Steps) else block.rows)


def grid(heads: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Grid:
    """Return a table without empty columns."""
    return Grid(tuple(heads), tuple(map(tuple, rows))).filled()
