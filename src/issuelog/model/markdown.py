"""Documents in Markdown. Foreign text is shown as it is, and means nothing to Markdown, browsers or site generators."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator, Sequence
from itertools import groupby

from issuelog.model.paper import Block, Cell, Facts, Grid, Link, Paper, Part, Steps, Verbatim, Words
from issuelog.model.text import one_line, visible

_FENCE = re.compile(r"`{3,}")
# A bar is divided from its backslash differently by different parsers of tables.
_ENTITIES = {"<": "&lt;", ">": "&gt;", "&": "&amp;", "|": "&vert;"}
_INERT = str.maketrans({**{char: f"\\{char}" for char in string.punctuation}, **_ENTITIES})
_BREAK = "\\\n"
_DEEPEST = 6


def inline(text: str) -> str:
    """Return a text as one line without a meaning; it fits into a heading, a list, a table or the words of a link."""
    return one_line(text).translate(_INERT)


def fenced(text: str) -> str:
    """Return a text as it is, between fences that nothing in it can close."""
    shown = visible(text)
    fence = "`" * (max((len(run) for run in _FENCE.findall(shown)), default=2) + 1)
    return f"{fence}text\n{shown}{'' if shown.endswith(chr(10)) else chr(10)}{fence}\n"


def paragraphs(text: str, indent: str = "") -> str:
    """Return a text in its paragraphs and lines; those after the first line are indented, as in an item of a list."""
    lines = [inline(line) for line in visible(text).split("\n")]
    found = [f"{_BREAK}{indent}".join(group) for filled, group in groupby(lines, bool) if filled]
    return f"\n\n{indent}".join(found) + "\n"


def code(text: str) -> str:
    """Return a text as one line of code."""
    line = one_line(text)
    mark = "`" * (max(map(len, re.findall("`+", line)), default=0) + 1)
    around = " " if "`" in line else ""
    return f"{mark}{around}{line}{around}{mark}"


def written(papers: Sequence[Paper], title: str) -> Iterator[str]:
    """Yield a file with these documents; several begin with a table of contents."""
    if len(papers) != 1:
        yield f"# {inline(title)}\n\n"
        for paper in papers:
            yield f"* [{paper.name}](#{paper.name.lower()}): {inline(paper.title)}\n"
        yield "\n" if papers else ""
    for number, paper in enumerate(papers):
        yield "\n" if number else ""
        yield from _paper(paper, 1 if len(papers) == 1 else 2)


def _paper(paper: Paper, level: int) -> Iterator[str]:
    yield f"{'#' * level} {paper.name}\n"  # an id as it is, so that the contents lead there
    yield f"\n**{inline(paper.title)}**\n" if one_line(paper.title) else ""
    yield "".join(f"\n{_block(block)}" for block in paper.blocks)
    for one in paper.parts:
        yield from _part(one, level + 1)


def _part(one: Part, level: int) -> Iterator[str]:
    yield f"\n{_heading(one.title, level)}"
    yield "".join(f"\n{_block(block)}" for block in one.blocks)
    for below in one.parts:
        yield from _part(below, level + 1)


def _heading(title: str, level: int) -> str:
    return f"{'#' * min(level, _DEEPEST)} {inline(title)}\n"


def _block(block: Block) -> str:
    if isinstance(block, Facts):
        return _facts(block)
    if isinstance(block, Words):
        return paragraphs(block.text)
    if isinstance(block, Verbatim):
        return fenced(block.text)
    if isinstance(block, Steps):
        marks = [f"{number}. " for number in range(1, len(block.items) + 1)]
        return "".join(mark + paragraphs(item, " " * len(mark)) for mark, item in zip(marks, block.items, strict=True))
    if isinstance(block, Grid):
        lines = [tuple(map(inline, block.heads)), ("---",) * len(block.heads)]
        rows = [tuple(map(_cell, row)) for row in block.rows]
        return "".join(f"| {' | '.join(line)} |\n" for line in [*lines, *rows])
    return "".join(f"* {inline(what)}: {code(command)}\n" for what, command in block.rows)


def _facts(block: Facts) -> str:
    """Return short facts as a list, and below it what has several lines."""
    is_long = {value: "\n" in visible(value).strip() for _, value in block.rows}
    short = "".join(f"* {inline(name)}: {inline(value)}\n" for name, value in block.rows if not is_long[value])
    long = [f"{inline(name)}:\n\n{fenced(value)}" for name, value in block.rows if is_long[value]]
    return "\n".join([short] * bool(short) + long)


def _cell(cell: Cell) -> str:
    return f"[{inline(cell.words)}](<{cell.to}>)" if isinstance(cell, Link) else inline(cell)
