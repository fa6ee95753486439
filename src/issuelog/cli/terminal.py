"""What a stream can show."""

from __future__ import annotations

import os
from typing import TextIO

COLORS = ("auto", "always", "never")


def colored(stream: TextIO, color: str) -> bool:
    """Whether a stream takes colour: demanded, or at a terminal that does not decline it (https://no-color.org)."""
    if color != "auto":
        return color == "always"
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def never_fail_on_encoding(stream: TextIO) -> None:
    """Let a stream that cannot show a character show its escape instead."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure:
        reconfigure(errors="backslashreplace")
