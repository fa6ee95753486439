"""Documents as HTML: one file that loads nothing, runs nothing, and shows foreign text as text."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from html import escape

from issuelog.model.paper import Block, Cell, Facts, Grid, Link, Paper, Part, Steps, Todo, Verbatim, Words
from issuelog.model.text import one_line, visible

_STYLE = """
:root { color-scheme: light dark; --ink: #1d2430; --soft: #566072; --line: #d5dae2; --back: #fff; --box: #f4f6f9;
  --link: #0b57b0; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e8ee; --soft: #9da7b6; --line: #3a4350; --back: #14181e;
  --box: #1d232c; --link: #8ab8ff; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 64rem; padding: 1rem; background: var(--back); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1, h2, h3, h4, h5 { line-height: 1.25; margin: 1.6em 0 .5em; }
h1 { margin-top: 0; font-size: 1.6rem; } h2 { font-size: 1.25rem; border-bottom: 1px solid var(--line); }
h3 { font-size: 1.05rem; } h4, h5 { font-size: 1rem; }
a { color: var(--link); } .here { visibility: hidden; text-decoration: none; margin-left: .3em; font-weight: normal; }
:hover > .here, .here:focus { visibility: visible; }
.title { font-size: 1.15rem; font-weight: 600; margin: .2rem 0 1rem; }
nav ul { columns: 14rem; padding-left: 1.2rem; } nav li { break-inside: avoid; }
dl { display: grid; grid-template-columns: minmax(8rem, max-content) 1fr; gap: .2rem 1rem; margin: .5rem 0; }
dt { color: var(--soft); } dd { margin: 0; } dd, ol li { white-space: pre-wrap; }
pre { background: var(--box); border-left: .25rem solid var(--line); padding: .7rem; white-space: pre-wrap;
  margin: .5rem 0; font: .9rem/1.45 ui-monospace, monospace; }
code { background: var(--box); padding: .1em .3em; font: .9em ui-monospace, monospace; }
.wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-size: .92rem; }
th, td { text-align: left; vertical-align: top; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid var(--line);
  overflow-wrap: break-word; } th { color: var(--soft); font-weight: normal; } .long { min-width: 12rem; }
.hash { overflow-wrap: anywhere; min-width: 10rem; } .when, .short { white-space: nowrap; }
.many .when, .many .short { white-space: normal; } .many .when { min-width: 6rem; } .many .long { min-width: 9rem; }
@media (max-width: 36rem) { dl { grid-template-columns: 1fr; } dd { margin-bottom: .4rem; }
  .when, .short { white-space: normal; } .when { min-width: 5.5rem; } .long { min-width: 9rem; } }
@media print { :root { color-scheme: light; --ink: #000; --soft: #444; --line: #bbb; --back: #fff; --box: #fff;
  --link: #000; } body { max-width: none; padding: 0; font-size: 10pt; } .here { display: none; }
  h2, h3, h4 { break-after: avoid; } tr, dl { break-inside: avoid; } article + article { break-before: page; }
  .wide { overflow: visible; } th, td { overflow-wrap: anywhere; } .when { white-space: normal; }
  .long { min-width: 0; } table { font-size: 8.5pt; } }
"""
_SEAL = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode("ascii")
_POLICY = f"default-src 'none'; style-src 'sha256-{_SEAL}'; base-uri 'none'; form-action 'none'"
_KINDS = (
    ("when", re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d \S{1,6}")),
    ("hash", re.compile(r"[0-9a-f]{32,}")),
    ("short", re.compile(r"[^\n]{1,14}")),
    ("long", re.compile(r".{24,}", re.DOTALL)),
)
"""Cells by what stands in them: a time and a word or two are kept on one line, and what is long gets some width."""
_MANY = 8
"""A table of more columns is as wide as a page only where its cells have several lines."""
_DEEPEST = 6


def written(papers: Sequence[Paper], title: str) -> Iterator[str]:
    """Yield a file with these documents; several begin with a table of contents. It needs no other file."""
    yield (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(_POLICY)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n<meta name="robots" content="noindex">\n'
        f"<title>{_line(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
    )
    if len(papers) != 1:
        yield f"<h1>{_line(title)}</h1>\n"
        links = (f'<li><a href="#{_slug(paper.name)}">{_line(paper.name)}</a>: {_line(paper.title)}</li>\n'
                 for paper in papers)  # fmt: skip
        yield f"<nav>\n<ul>\n{''.join(links)}</ul>\n</nav>\n" if papers else ""
    for paper in papers:
        yield from _paper(paper, 1 if len(papers) == 1 else 2)
    yield "</body>\n</html>\n"


def _paper(paper: Paper, level: int) -> Iterator[str]:
    anchors = _Anchors(_slug(paper.name))
    yield f"<article>\n{_heading(paper.name, level, anchors.own)}"
    yield f'<p class="title" dir="auto">{_line(paper.title)}</p>\n' if paper.title else ""
    yield "".join(map(_block, paper.blocks))
    named = [(one, anchors.of(one.title)) for one in paper.parts]
    if len(named) > 1:
        links = (f'<li><a href="#{anchor}">{_line(one.title)}</a></li>\n' for one, anchor in named)
        yield f'<nav aria-label="Contents">\n<ul>\n{"".join(links)}</ul>\n</nav>\n'
    for one, anchor in named:
        yield from _part(one, anchor, level + 1, anchors)
    yield "</article>\n"


def _part(one: Part, anchor: str, level: int, anchors: _Anchors) -> Iterator[str]:
    yield f"<section>\n{_heading(one.title, level, anchor)}"
    yield "".join(map(_block, one.blocks))
    for below in one.parts:
        yield from _part(below, anchors.of(below.title), level + 1, anchors)
    yield "</section>\n"


class _Anchors:
    """Gives each heading of a document an address of its own."""

    def __init__(self, own: str) -> None:
        self.own = own
        self._used: Counter[str] = Counter()

    def of(self, title: str) -> str:
        name = f"{self.own}-{_slug(title)}"
        self._used[name] += 1
        return name if self._used[name] == 1 else f"{name}-{self._used[name]}"


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower())[:60].strip("-") or "part"


def _heading(title: str, level: int, anchor: str) -> str:
    tag = f"h{min(level, _DEEPEST)}"
    here = f'<a class="here" href="#{anchor}" aria-label="link to this part">#</a>'
    return f'<{tag} id="{anchor}">{_line(title)}{here}</{tag}>\n'


def _block(block: Block) -> str:
    if isinstance(block, Facts):
        rows = (f'<dt>{_line(name)}</dt><dd dir="auto">{_text(value)}</dd>\n' for name, value in block.rows)
        return f"<dl>\n{''.join(rows)}</dl>\n"
    if isinstance(block, Words):
        found = (f'<p dir="auto">{_text(one).strip().replace(chr(10), "<br>" + chr(10))}</p>\n'
                 for one in re.split(r"\n\s*\n", visible(block.text)) if one.strip())  # fmt: skip
        return "".join(found)
    if isinstance(block, Verbatim):
        return f'<pre dir="auto">\n{_text(block.text)}</pre>\n'
    if isinstance(block, Steps):
        items = (f'<li dir="auto">{_text(item)}</li>\n' for item in block.items)
        return f"<ol>\n{''.join(items)}</ol>\n"
    return _table(block) if isinstance(block, Grid) else _todo(block)


def _table(block: Grid) -> str:
    heads = "".join(f'<th scope="col">{_line(head)}</th>' for head in block.heads)
    rows = "".join(f"<tr>{''.join(map(_cell, row))}</tr>\n" for row in block.rows)
    many = ' class="many"' if len(block.heads) > _MANY else ""
    return (f'<div class="wide"><table{many}>\n<thead><tr>{heads}</tr></thead>\n'
            f"<tbody>\n{rows}</tbody>\n</table></div>\n")  # fmt: skip


def _todo(block: Todo) -> str:
    rows = (f'<li><span dir="auto">{_line(what)}</span>: <code>{_line(command)}</code></li>\n'
            for what, command in block.rows)  # fmt: skip
    return f"<ul>\n{''.join(rows)}</ul>\n"


def _cell(cell: Cell) -> str:
    if isinstance(cell, Link):
        return f'<td dir="auto"><a href="{escape(cell.to)}" download>{_line(cell.words)}</a></td>'
    kind = f' class="{kinds[0]}"' if (kinds := [name for name, known in _KINDS if known.fullmatch(cell)]) else ""
    return f'<td{kind} dir="auto">{_text(cell)}</td>'


def _line(text: str) -> str:
    return escape(one_line(text))


def _text(text: str) -> str:
    return escape(visible(text))
