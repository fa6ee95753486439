"""How far something is that takes long: one line at a terminal, gone at the end."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Self

from issuelog.cli.output import Output

_SECONDS = 0.1
_CLEARED = "\r\x1b[K"


class Progress:
    """Counts steps on standard error; silent where that is no terminal, or where quiet or JSON is wanted.

    So it is where the answer comes meanwhile (`streams`) and a terminal would mix them up.
    """

    def __init__(self, output: Output, label: str, total: int | None = None, *, streams: bool = False) -> None:
        self.count = 0
        self._output = output
        self._label = label
        self._of = f" of {total:,}" if total is not None else ""
        self._silent = output.quiet or output.json or not sys.stderr.isatty() or total == 1
        self._silent |= streams and sys.stdout.isatty()
        self._next = time.monotonic() + _SECONDS
        self._shown = False

    def __enter__(self) -> Self:
        self._before, self._output.make_room = self._output.make_room, self.clear
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.clear()
        self._output.make_room = self._before

    def step(self) -> None:
        """Count one more."""
        self.count += 1
        if not self._silent and time.monotonic() >= self._next:
            self._write(f"{_CLEARED}{self._label}: {self.count:,}{self._of}")
            self._shown = True
            self._next = time.monotonic() + _SECONDS

    def clear(self) -> None:
        """Take the line away, so that something else can be said; the next step shows it again."""
        if self._shown:
            self._write(_CLEARED)
            self._shown = False

    def _write(self, text: str) -> None:
        sys.stderr.write(text)
        sys.stderr.flush()
