"""Foreign text in Markdown: whatever it is, the page has the structure that it has with harmless words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from issuelog.model.known_error import KnownError
from issuelog.model.markdown import inline, paragraphs
from issuelog.model.text import one_line, visible
from issuelog.publishing.site import index, page

PARSER = MarkdownIt("gfm-like", {"linkify": False})
"""With what is more than CommonMark too: tables, strikethrough."""
_SIGNS = "\\`*_{}[]()#+-.!|<>&~=:;'\"$%^@/?,"
_PIECES = st.one_of(
    st.text(st.sampled_from(_SIGNS + "x1 \n\t"), max_size=12),
    st.sampled_from(
        [
            "javascript:alert(1)",
            "[a](javascript:alert(1))",
            "![a](http://x.example/a.png)",
            "<script>alert(1)</script>",
            "<http://x.example>",
            "http://x.example www.x.example jo@x.example",
            "&lt;b&gt; &#60; &#x3c;",
            "\n# heading\n",
            "\nheading\n===\n",
            "\n---\n",
            "\n> quote\n",
            "\n* item\n1. item\n",
            "\n    code\n",
            "```\ncode\n```",
            "| a | b |\n| --- | --- |\n",
            "a\\|b",
            "{{ 7*7 }}{% raw %}",
            "[x]: http://x.example\n\n[x]",
            "a  \nb\\\nc",
            "\u2028# x\u2029",
            "\x1b[31m\r\n\0",
            "\n:::\n",
            "\n- [ ] task\n",
            "[^1]\n\n[^1]: note",
        ]
    ),
    st.text(max_size=8),
)
texts = st.lists(_PIECES, min_size=1, max_size=6).map("".join).filter(lambda text: one_line(text))
_AT = datetime(2026, 11, 22, tzinfo=UTC)


def harmless(text: str) -> str:
    """Return words in the same lines."""
    return "\n".join("words" if one_line(line) else "" for line in visible(text).split("\n"))


def structure(tokens: Sequence[Token]) -> list[tuple[str, str, object]]:
    """Return what a page is made of: everything but its words."""
    found: list[tuple[str, str, object]] = []
    for token in tokens:
        found.append((token.type, token.tag, sorted(token.attrs.items())))
        found += [one for one in structure(token.children or ()) if one[0] not in {"text", "text_special"}]
    return found


def shown(tokens: Sequence[Token]) -> str:
    """Return the words of a page, as somebody reads them."""
    parts = []
    for token in tokens:
        parts.append("\n" if token.type in {"hardbreak", "softbreak"} else token.content if not token.children else "")
        parts.append(shown(token.children or ()))
    return "".join(parts)


def known(text: str, line: str) -> KnownError:
    given = {"title": line[:100], "symptom": text, "cause": text, "solution": [text, text], "component": line}
    more = {"affected_versions": line, "fixed_in": line, "product": line, "signature": [f"1 message {line}"]}
    head = {"schema": 1, "id": "KE-261122-9QXA", "published_at": _AT, "published_by": "x"}
    return KnownError.model_validate({**head, **given, **more})


@given(texts)
@example("a\n    # b\n\n\n1) c\\")
@example("x|y\\")
def test_a_page_has_the_same_structure_whatever_the_words(text: str) -> None:
    line = one_line(text)
    mine, theirs = known(text, line), known(harmless(text), "words")
    for made in (page, lambda one: index([one])):
        assert structure(PARSER.parse(made(mine))) == structure(PARSER.parse(made(theirs)))


@given(texts)
def test_the_words_are_shown_as_they_are(text: str) -> None:
    lines = [one_line(line) for line in visible(text).split("\n")]
    assert shown(PARSER.parse(paragraphs(text))) == _joined(lines)
    assert shown(PARSER.parse(f"| {inline(text)} |\n| --- |\n")) == one_line(text)
    assert shown(PARSER.parse(f"# {inline(text)}\n")) == one_line(text)


def _joined(lines: Sequence[str]) -> str:
    """Return lines as a page shows them one after the other: a paragraph's end is not seen here."""
    return "".join(re.split(r"\n{2,}", "\n".join(lines).strip("\n")))


def test_a_site_generator_finds_no_tag_of_its_own() -> None:
    made = page(known("{{ site.github.token }}{% include x %}<% x %>${x}", "x"))
    assert not re.search(r"\{\{|\{%|<%|\$\{", made)
