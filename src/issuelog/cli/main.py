"""The entry: from argv to an exit code. Every failure ends here, in one place."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence

_SELDOM = 200_000


def entry() -> None:
    """Run the command line and leave the process with its exit code."""
    # A command is short and leaves hardly any garbage: looking for it took a fifth of a change, most of it at the end.
    gc.set_threshold(_SELDOM)
    code = main()
    gc.freeze()
    sys.exit(code)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if list(arguments) == ["--version"]:
        # Answered before anything is imported: scripts ask it to find out whether issuelog is there at all.
        from issuelog import __version__

        sys.stdout.write(f"issuelog {__version__}\n")
        return 0
    from issuelog.cli.run import run

    return run(list(arguments))
