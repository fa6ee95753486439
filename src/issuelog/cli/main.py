"""The entry: from argv to an exit code. Every failure ends here, in one place."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from contextlib import suppress

_SELDOM = 200_000


def entry() -> None:
    """Run the command line and leave the process with its exit code."""
    _open_closed_streams()
    # A command is short and leaves hardly any garbage: looking for it took a fifth of a change, most of it at the end.
    gc.set_threshold(_SELDOM)
    code = main()
    gc.freeze()
    sys.exit(code)


def _open_closed_streams() -> None:
    """Put something in the place of standard streams that were closed: files that we open would take their numbers."""
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        if getattr(sys, name) is None:
            handle = os.open(os.devnull, os.O_RDWR)
            if handle != number:  # Python itself has already something open there
                os.dup2(handle, number)
                os.close(handle)
            os.set_inheritable(number, True)
            setattr(sys, name, os.fdopen(number, mode, encoding="utf-8"))


def _said(text: str) -> int:
    """Print it, and return the exit code; it is the one of `run` where the reader has left."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if list(arguments) == ["--version"]:
        # Answered before anything is imported: scripts ask it to find out whether issuelog is there at all.
        from issuelog import __version__

        return _said(f"issuelog {__version__}\n")
    if arguments[:1] == ["__complete"]:
        # Asked by a shell while somebody types: whatever goes wrong, it is silent, and has nothing to offer.
        with suppress(BaseException):
            from issuelog.cli.completing import answer

            answer(arguments[1:])
        return 0
    from issuelog.cli.run import run

    return run(list(arguments))
