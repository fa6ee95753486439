"""Made-up data: texts that a careless writer of YAML breaks, and trees of them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

LOOK_ALIKES = [
    *("yes", "No", "on", "OFF", "y", "N", "true", "False", "null", "Null", "~", "=", "<<", ".inf", "-.INF", ".NaN"),
    *("0", "-1", "+1", "0123", "0o17", "0x1F", "0b101", "1_000", "1,000", "4.10", ".5", "5.", "1e5", "12e4567"),
    *("1.5e+3", "-0.0", "190:20:30", "12:30", "1:59.5", "2026-01-01", "2026-1-1", "2026-11-16T07:40:00Z"),
    *("2026-01-01 10:00:00", "- a", "-", "a: b", "a:", ":", "# c", "a # c", "a#c", "|", ">", "|-", "---", "--- a"),
    *("...", "... a", "? a", "?", "!tag", "!!int 3", "&a", "*a", "%YAML 1.1", "@a", "`a`", "[x]", "[/x]", "{a: b}"),
    *("{", "]", ",", "'a'", '"a"', "'", '"', "\\", "\\n", "it's", 'say "x"', "http://a.example/?b=c#d", "C:\\x"),
    *("", " ", "  ", " a", "a ", "\t", "a\t", "\ta", "\n", "\n\n\n", "\r", "\r\n", "a\r\nb", "a\rb", "a\nb", "a\nb\n"),
    *("a\nb\n\n", "a\n\n\nb\n\n\n", "\na", " a\nb", "a\n b\n", "a\n \nb", "a \nb ", "a\n\tb", "a\n# b", "a\n---\nb"),
    *(
        "a\n...\n",
        "a\n- b\n",
        "a\n  ",
        "a\x85b",
        "a\u2028b",
        "a\u2029b\n",
        "a\nb\u2028",
        "\ufeff",
        "\ufeffa",
        "a\ufeff\nb",
    ),
    *("\u00a0", "\u00a0a", "a\u00a0b", "a\n\u00a0b", "\u2003a", "a\u3000", "\0", "a\x1b[31mb", "\x7f", "a\x9fb\n"),
    *("\u202eabc", "a\u200bb", "👩\u200d👩\u200d👧", "👩\u200d👧\nb", "❤️", "e\u0301", "नमस्ते\nश्री", "می\u200cخواهم"),
    *("\ud7ff", "\ue000", "\ufffd", "\ufffe", "\uffff", "\U0001f600", "\U0010ffff", "E507", "e5", "_", "1.2.3.4"),
]
_PIECES = [*LOOK_ALIKES, "word", "two words", "\n", "\n", " ", ": ", " #", "- ", "\n  ", "\n\n"]


texts = st.one_of(
    st.sampled_from(LOOK_ALIKES),
    st.lists(st.sampled_from(_PIECES), max_size=6).map("".join),
    st.text(max_size=30),
)
"""Texts of every sort."""

_REAL_KEYS = ["id", "title", "story", "labels", "source", "at", "by", "from", "note", "version", "first_seen_at", "x-y"]
keys = st.one_of(
    st.sampled_from(_REAL_KEYS),
    st.sampled_from(_REAL_KEYS),
    st.sampled_from(LOOK_ALIKES),
    st.text(max_size=8),
    st.sampled_from(["k" * 1000, "k" * 1001, "ключ " * 400]),
)
"""Keys, real and adversarial."""

short_keys = keys.filter(lambda key: len(key) < 100)


def trees(key: st.SearchStrategy[str] = keys, *, leaves: int = 12) -> st.SearchStrategy[dict[str, Any]]:
    """Any nested dict, list and str."""
    anything = st.recursive(
        texts,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(key, inner, max_size=4),
        max_leaves=leaves,
    )
    return st.dictionaries(key, anything, max_size=5)


def _items(entries: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[list[Any]]:
    numbered = st.lists(entries, min_size=1, max_size=4).map(
        lambda found: [
            {"id": f"A{number}", **{k: v for k, v in item.items() if k != "id"}} for number, item in enumerate(found)
        ]
    )
    nameless = st.lists(
        entries.map(lambda item: {k: v for k, v in item.items() if k != "id"}).filter(bool),
        min_size=1,
        max_size=3,
        unique_by=repr,
    )
    return numbered | nameless


def _sections() -> st.SearchStrategy[dict[str, Any]]:
    words = st.lists(texts, min_size=1, max_size=4, unique=True)
    leaf: st.SearchStrategy[Any] = (
        texts | texts | words | st.just({}) | st.just([]) | st.lists(words, min_size=1, max_size=2, unique_by=repr)
    )
    section = st.dictionaries(short_keys, leaf, max_size=4)
    return st.dictionaries(short_keys, leaf | section | _items(section), max_size=5)


reports = _sections().map(lambda data: {"schema": "1", **data})
"""Trees of the shape that a report has: lists hold texts, or mappings with or without ids; no item stands twice."""

_SYNTAX = [
    *("a: ", "b: ", "c:", "'d': ", '"e": ', "- ", "-", "? ", ": ", ", ", "[", "]", "{", "}", "x", "two words", "é: 👩"),
    *("\n", "\n", "\n", "\n  ", "\n    ", "\n\n", "\r\n", "\r", "\t", " ", "\u2028", "\x85", "\ufeff", "\0", "\x1b"),
    *("|\n  t\n", ">-\n  t\n", "|+ # c\n  t\n\n", "|2", "'x'", '"\\x41"', "'", '"', "\\", " # c", "#", " #: -\n"),
    *(
        "&a ",
        "*a",
        "!",
        "!!str ",
        "!<x>",
        "<<",
        "<<: ",
        "%YAML 1.1\n",
        "%TAG ! x\n",
        "---",
        "---\n",
        "...\n",
        "~",
        "=",
        "@",
    ),
]
scraps = st.lists(st.sampled_from(_SYNTAX), max_size=25).map("".join) | st.text(max_size=40)
"""Texts that look like YAML, and now and then are."""
