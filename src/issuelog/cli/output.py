"""The one sink: what a command returned becomes JSON, tab-separated lines or a picture for people.

Standard output carries the answer alone; hints, warnings and errors go to standard error. Whatever issuelog did
not write itself passes `visible` on its way to a person.
"""

from __future__ import annotations

import json as json_module
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from issuelog.cli.terminal import COLORS, colored, never_fail_on_encoding
from issuelog.errors import Conflict, ExitCode, InvalidFile, IssuelogError, Refused, UsageError
from issuelog.model.text import one_line, visible

if TYPE_CHECKING:
    from issuelog.cli.results import Result


class Output:
    """Prints results and says things beside them."""

    def __init__(self, *, json: bool = False, quiet: bool = False, color: str | None = None) -> None:
        if color is not None and color not in COLORS:
            raise UsageError(f"--color is {color!r}; it has to be one of {', '.join(COLORS)}")
        self.json = json
        self.quiet = quiet
        self.color = color or "auto"
        self.make_room: Callable[[], None] = lambda: None
        """Takes away what stands in the last line of a terminal, before anything is printed."""
        never_fail_on_encoding(sys.stdout)
        never_fail_on_encoding(sys.stderr)

    @property
    def for_people(self) -> bool:
        """Whether standard output is read by a person: a terminal, or colour demanded."""
        return not self.json and (sys.stdout.isatty() or self.color == "always")

    def show(self, result: Result | None) -> ExitCode:
        """Print what a command returned, and return the exit code that goes with it."""
        if result is None:
            return ExitCode.DONE
        try:
            self._print(result)
        except BrokenPipeError:
            raise
        except OSError as error:
            # Python would try once more while it closes the stream, and change the exit code.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            said = f"standard output cannot be written: {error.strerror}; what the command did stays done"
            raise Conflict(said) from None
        for hint in result.hints():
            self.say(hint)
        return result.code

    def _print(self, result: Result) -> None:
        self.make_room()
        if self.json:
            self._lines(result.json())
        elif self.quiet:
            self._lines(result.quiet())
        elif self.for_people and not result.plain:
            from issuelog.cli import render
            from issuelog.cli.pager import paged

            with paged(sys.stdout) as stream:
                render.show(result, stream, color=self.color)
        else:
            self._lines(result.piped())
        sys.stdout.flush()

    def _lines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def write(self, text: str | bytes) -> None:
        """Write to standard output as it is; bytes are UTF-8."""
        if isinstance(text, str):
            sys.stdout.write(text)
        elif sys.stdout.encoding.lower() == "utf-8":
            sys.stdout.flush()
            left = memoryview(text)
            while left:  # with PYTHONUNBUFFERED a write may take only a part
                left = left[sys.stdout.buffer.write(left) or 0 :]
        else:
            sys.stdout.write(text.decode())

    def say(self, text: str) -> None:
        """Say something beside the answer, unless the user wants quiet."""
        if not self.quiet and not self.json:
            self._to_stderr(visible(text))

    def warn(self, text: str) -> None:
        """Say something that the user should know, also when quiet."""
        self._to_stderr(f"{self._painted('warning', '33')}: {_unbroken(text)}")

    def error(self, error: IssuelogError) -> None:
        """Print an error: what is the matter, what is missing, what helps."""
        if self.json:
            body = {"code": error.name, "message": error.message, "hint": error.hint, **error.details()}
            self._to_stderr(json_module.dumps({"error": body}, ensure_ascii=True, default=str))
            return
        words = "\n".join(map(_unbroken, error.problems)) if isinstance(error, InvalidFile) else visible(error.message)
        self._to_stderr(f"{self._painted('error', '31;1')}: {words}")
        if isinstance(error, Refused):
            for fact in error.missing:
                self._to_stderr(f"  - {one_line(fact.what)}\n      {visible(fact.command)}")
        if error.hint:
            self._to_stderr(f"{self._painted('hint', '36')}: {visible(error.hint)}")

    def _painted(self, word: str, code: str) -> str:
        return f"\x1b[{code}m{word}\x1b[0m" if colored(sys.stderr, self.color) else word

    def _to_stderr(self, line: str) -> None:
        self.make_room()
        sys.stdout.flush()
        sys.stderr.write(f"{line}\n")


def _unbroken(said: object) -> str:
    """Return what has to stay one line: a line feed in it, as in the name of a file, would begin a forged one."""
    return visible(str(said)).replace("\n", r"\n")
