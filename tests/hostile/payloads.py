"""The table of what strangers write, and the one judgement of what a terminal or a pipe may be given."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Payload:
    """A text, and how a person is to see it."""

    name: str
    text: str
    shown: str


CONTROLS = (
    Payload("CSI, the screen cleared", "\x1b[2J", r"\x1b[2J"),
    Payload("CSI, blinking", "\x1b[5;31;107m", r"\x1b[5;31;107m"),
    Payload("OSC 0, the window's title", "\x1b]0;owned\x07", r"\x1b]0;owned\x07"),
    Payload("OSC 8, a link", "\x1b]8;;http://x.example\x1b\\", r"\x1b]8;;http://x.example\x1b\ ".rstrip()),
    Payload("OSC 52, the clipboard", "\x1b]52;c;cm0gLXJm\x07", r"\x1b]52;c;cm0gLXJm\x07"),
    Payload("DCS", "\x1bP1$r0m\x1b\\", r"\x1bP1$r0m\x1b\ ".rstrip()),
    Payload("C1 CSI", "\x9b31m", r"\x9b31m"),
    Payload("C1 OSC", "\x9d0;x\x9c", r"\x9d0;x\x9c"),
    Payload("bell and backspaces", "\x07\x08\x08", r"\x07\x08\x08"),
    Payload("NUL and DEL", "\x00\x7f", r"\x00\x7f"),
    Payload("bidi override", "a\u202egnp.exe\u202c", r"a\u202egnp.exe\u202c"),
    Payload("bidi isolate", "\u2066b\u2069", r"\u2066b\u2069"),
    Payload("zero width", "c\u200bd\u2060e\ufeff", r"c\u200bd\u2060e\ufeff"),
    Payload("tags", "\U000e0041", r"\U000e0041"),
)
MARKUP = (
    Payload("Rich's colour", "[red]", "[red]"),
    Payload("Rich's end of nothing", "[/x]", "[/x]"),
    Payload("Rich's link", "[link=http://x.example]y[/link]", "[link=http://x.example]y[/link]"),
    Payload("emoji code", ":smile:", ":smile:"),
    Payload("format and shell", "{0.__class__}%s$(id)`id`", "{0.__class__}%s$(id)`id`"),
    Payload("template", "{{ 7*7 }}{% raw %}", "{{ 7*7 }}{% raw %}"),
)
ENDS = (
    # Each becomes white space where one line is meant, and an escape where more may stand.
    Payload("line separators", "f\u2028g\u2029h\x85i", r"f\u2028g\u2029h\x85i"),
    Payload("carriage return", "j\rk", r"j\rk"),
)
INLINE = (*CONTROLS, *MARKUP)
"""What one line can hold, and is shown alike wherever it stands."""

LINE = " ".join(payload.text for payload in INLINE) + " f\u2028g\x85i"
TEXT = f"{LINE} {ENDS[1].text}\nwarning: forged\n\tIssuelog-Report: CR-000000-0000\nFixes #12, @everyone [skip ci]"

WITHOUT_NUL = tuple(Payload(one.name, one.text.replace("\0", ""), one.shown.replace(r"\x00", "")) for one in INLINE)
"""What can be an argument, an environment's value, or the name of a file."""

_OWN_STYLE = re.compile(r"\x1b\[[0-9;]*m")
_JOINING = re.compile(r"(?<=\S)[\u200c\u200d](?=\S)")  # scripts and emoji need them


def assert_inert(printed: str) -> None:
    """Nothing but printable text, line feeds and tabs; styles of our own at a terminal."""
    for payload in (*CONTROLS, *ENDS):
        assert payload.text not in printed, payload.name
    plain = _JOINING.sub("", _OWN_STYLE.sub("", printed))
    raw = {char for char in plain if not (char.isprintable() or char in "\n\t")}
    assert raw == set(), plain


def assert_ascii(printed: str) -> None:
    """JSON as we print it: no byte in it can do anything."""
    assert {char for char in printed if not " " <= char <= "~" and char != "\n"} == set()
