"""Foreign text in Markdown: whatever it is, the page has the structure that it has with harmless words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from issuelog.model import markdown
from issuelog.model.known_error import KnownError
from issuelog.model.markdown import celled, inline, paragraphs
from issuelog.model.paper import Facts, Grid, Link, Paper, Part, Steps, Todo, Verbatim, Words
from issuelog.model.text import one_line, visible
from issuelog.publishing.site import index, page

PARSER = MarkdownIt("gfm-like", {"linkify": False})
"""With what is more than CommonMark too: tables, strikethrough."""
SAID = frozenset({"text", "text_special", "code_inline"})
"""What shows words as they are."""
LOOKED_FOR = re.compile(
    r"(?i)\b\w+://\S|www\.\S|[\w.+-]@[\w-]+\.|@[a-z0-9]|#[0-9]|\bgh-[0-9]|:[a-z+-][a-z0-9_+-]*:|:100:"
)
"""What GitHub looks for in the text of a page, after Markdown: links, mentions, references, emoji."""
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
            "@kim (@kim), jo@x.example <jo@x.example>; #12 acme/app#12 GH-12",
            ":smile: :+1: :100: a:b:c",
            "<@kim> `@kim` \\@kim @kim\\ {@kim} |@kim| *@kim* _http://x.example_",
            "a\n-|-\na\n:-:\na|b\n--|--\n",
            "1) a\n2. b\n+ c\n- d\n+\n-\n",
            "snake_case __init__ *.py a * b _x_ ~x~ $x$ $`x`$",
            "C:\\temp\\ \\\\server\\share \\_ \\",
            "{{x@y.example}} <%x@y.example%>",
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
        found += [one for one in structure(token.children or ()) if one[0] not in SAID]
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
    assert shown(PARSER.parse(f"| {celled(text)} |\n| --- |\n")) == one_line(text)
    assert shown(PARSER.parse(f"# {inline(text)}\n")) == one_line(text)


def document(text: str) -> str:
    """Return a document that has a text in every place where one can be."""
    line = Part(text, (Facts(((text, text),)), Grid((text,), ((text,), (Link(text, "a/b"),)))))
    long = Part("x", (Words(text), Verbatim(text), Steps((text,)), Todo(((text, text),))), (line,))
    return "".join(markdown.written([Paper("X-1", text, (Words(text),), (line, long))], "t"))


@settings(max_examples=100)
@given(texts)
def test_a_document_has_the_same_structure_whatever_the_words(text: str) -> None:
    assert structure(PARSER.parse(document(text))) == structure(PARSER.parse(document(harmless(text))))


def plain(tokens: Sequence[Token]) -> Iterator[str]:
    """Yield the text of each paragraph, heading and cell of a page in the pieces that are no code."""
    for token in tokens:
        if token.type == "inline":
            pieces = ["\0" if one.type == "code_inline" else one.content or "\n" for one in token.children or ()]
            yield from "".join(pieces).split("\0")


@settings(max_examples=100)
@given(texts)
def test_in_no_text_is_a_word_that_github_would_make_a_link_a_mention_or_a_reference_of(text: str) -> None:
    assert [piece for piece in plain(PARSER.parse(document(text))) if LOOKED_FOR.search(piece)] == []


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("The import, version 8.10.2 - see below: it stops!", "The import, version 8.10.2 - see below: it stops!"),
        ("2026-11-16 09:00:30+01:00, C#, 5 > 4 < 6, a & b", "2026-11-16 09:00:30+01:00, C#, 5 > 4 < 6, a & b"),
        (r"snake_case in C:\temp, 3 * 4 = 12", r"snake_case in C:\temp, 3 * 4 = 12"),
        ("8.10 is not 8.1", "8.10 is not 8.1"),
        ("- a", r"\- a"),
        ("1. a", r"1\. a"),
        ("# a #", r"\# a \#"),
        ("> a", r"\> a"),
        ("---", r"\---"),
        ("===", r"\==="),
        ("*a* _b_ `c` ~d~ [e](f) $g$", r"\*a\* \_b\_ \`c\` \~d\~ \[e\](f) \$g\$"),
        ("<b> &lt; a|b", r"&lt;b> &amp;lt; a\|b"),
        ("Ana Reyes <ana@example.com>, see #12.", "Ana Reyes `<ana@example.com>`, see `#12`."),
        ("(https://x.example/a_b?c=d), @kim: :tada:", "(`https://x.example/a_b?c=d`), `@kim`: `:tada:`"),
    ],
)
def test_only_what_would_be_markup_is_escaped(text: str, written: str) -> None:
    assert inline(text) == written


def _joined(lines: Sequence[str]) -> str:
    """Return lines as a page shows them one after the other: a paragraph's end is not seen here."""
    return "".join(re.split(r"\n{2,}", "\n".join(lines).strip("\n")))


def test_a_site_generator_finds_no_tag_of_its_own() -> None:
    made = page(known("{{ site.github.token }}{% include x %}<% x %>${x}", "x"))
    assert not re.search(r"\{\{|\{%|<%|\$\{", made)
