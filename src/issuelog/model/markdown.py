"""Documents in Markdown. Foreign text is shown as it is, and means nothing to Markdown, browsers or site generators.

A character is escaped only where it would be taken for markup, so that the file reads well as a text too. GitHub looks
for addresses, mentions and references when escapes are gone already: a word that has one becomes code.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator, Sequence
from itertools import groupby

from issuelog.model.paper import Block, Cell, Facts, Grid, Link, Paper, Part, Steps, Verbatim, Words
from issuelog.model.text import one_line, visible

_FENCE = re.compile(r"`{3,}")
_TAME = re.compile(r"[A-Za-z(][A-Za-z0-9 ,.;()'\"?/%=+-]*")
"""Most lines: but for words that GitHub looks for there is no markup in them, wherever they stand."""
_WORD = re.compile(r"(?:[^\s\\`{|}<]|<(?!%))+")
_LIVE = re.compile(
    r"://|www\.|mailto:|xmpp:|@[\w-]|#\d|(?<![a-z0-9])gh-\d|:(?!\d+(?:[+-]\d+)?:)[\w+-]{1,64}:|:1(?:00|234):",
    re.IGNORECASE,
)
"""What GitHub makes a link, a mention, a reference or an emoji of."""
_OPENING, _CLOSING = "(\"'[", ")\"'],.;:!?"
_BEGINNING = re.compile(
    r"(?:\d{1,9}(?=[.)](?:\s|$)))?"
    r"([.)](?<=\d.)|[-+](?=\s|$)|-(?=[-:|\s]*$)|=(?==*\s*$)|:(?=[-:\s]|$)|[#>])"
)
"""What means something at the beginning of a line alone."""
_RISKY = re.compile(r"\\+|`+|\*+|_+|(?<!#)#+$|\{[%:#.]?|[][~$<&|]")
_OF_A_TAG = re.compile(r"[A-Za-z/!?%]")
_OF_AN_ENTITY = re.compile(r"(?:#\d+|#x[0-9a-f]+|[a-z][a-z0-9]*);", re.IGNORECASE)
_BREAK = "\\\n"
_DEEPEST = 6


def inline(text: str) -> str:
    """Return a text as one line without a meaning; it fits into a heading, a list or the words of a link."""
    return _line(text, r"\|")


def celled(text: str) -> str:
    """Return a text as one line that fits into a table; its parsers divide a bar from its backslash differently."""
    return _line(text, "&vert;")


def _line(text: str, bar: str) -> str:
    line = one_line(text)
    if not _LIVE.search(line):
        return line if _TAME.fullmatch(line) else _escaped(line, bar)
    parts = list(_pieces(line))
    last = len(parts) - 1
    return "".join(
        f"`{part}`" if is_code else _escaped(part, bar, "`" if number else "", "`" if number < last else "")
        for number, (part, is_code) in enumerate(parts)
    )


def _pieces(line: str) -> Iterator[tuple[str, bool]]:
    """Yield a line in pieces, each with whether it has to be code; two such pieces never touch."""
    done = 0
    for word in _WORD.finditer(line):
        if not _LIVE.search(word[0]):
            continue
        start = word.end() - len(word[0].lstrip(_OPENING))
        bare = line[start : word.end()].rstrip(_CLOSING)
        end = start + len(bare) if _LIVE.search(bare) else word.end()
        if done < start:
            yield line[done:start], False
        yield line[start:end], True
        done = end
    if done < len(line):
        yield line[done:], False


def _escaped(part: str, bar: str, before: str = "", after: str = "") -> str:
    """Return a piece of a line without a meaning, between the code, or the ends of the line, around it."""
    found, done = [], 0
    begins = None if before else _BEGINNING.match(part)
    if begins:
        found, done = [part[: begins.start(1)], f"\\{begins[1]}"], begins.end(1)
    for match in _RISKY.finditer(part, done):
        came_before = part[match.start() - 1] if match.start() else before
        follows = part[match.end()] if match.end() < len(part) else after
        found += [part[done : match.start()], _inert(match, came_before, follows, bar)]
        done = match.end()
    return "".join([*found, part[done:]])


def _inert(match: re.Match[str], before: str, after: str, bar: str) -> str:
    """Return characters that may be markup, escaped where they are between these two."""
    run = match[0]
    sign = run[0]
    if sign == "|":
        return bar
    if sign == "<":
        return "&lt;" if _OF_A_TAG.match(after) else run
    if sign == "&":
        return "&amp;" if _OF_AN_ENTITY.match(match.string, match.end()) else run
    means_nothing = {
        "\\": len(run) == 1 and after != "" and after not in string.punctuation,
        "*": before.isspace() and after.isspace(),
        "_": (before.isspace() and after.isspace()) or (before.isalnum() and after.isalnum()),
        "#": after != "" or not (before == "" or before.isspace()),
        "{": len(run) == 1 and after != "{" and before not in ("{", "$"),  # what site generators look for before us
    }
    return run if means_nothing.get(sign) else "".join(f"\\{char}" for char in run)


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
        lines = [tuple(map(celled, block.heads)), ("---",) * len(block.heads)]
        rows = [tuple(map(_cell, row)) for row in block.rows]
        return "".join(f"| {' | '.join(line)} |\n" for line in [*lines, *rows])
    return "".join(f"* {inline(f'{what}:')} {code(command)}\n" for what, command in block.rows)


def _facts(block: Facts) -> str:
    """Return short facts as a list, and below it what has several lines."""
    is_long = {value: "\n" in visible(value).strip() for _, value in block.rows}
    short = "".join(f"* {inline(f'{name}:')} {inline(value)}\n" for name, value in block.rows if not is_long[value])
    long = [f"{inline(f'{name}:')}\n\n{fenced(value)}" for name, value in block.rows if is_long[value]]
    return "\n".join([short] * bool(short) + long)


def _cell(cell: Cell) -> str:
    return f"[{celled(cell.words)}](<{cell.to}>)" if isinstance(cell, Link) else celled(cell)
