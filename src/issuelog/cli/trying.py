"""The options of the commands that run a command. Annotations are not deferred here: the parser reads them."""

from dataclasses import dataclass
from typing import Annotated

import typer

from issuelog.errors import UsageError

DEFAULT_RUNS = 10
DEFAULT_TIMEOUT = "10min"
MOST_JOBS = 256

Confidence = Annotated[
    float | None,
    typer.Option("--confidence", metavar="C", help="How sure it has to be where the error shows at times; 0.95."),
]


@dataclass(frozen=True)
class Trying:
    """The options of every command that runs a command."""

    run: Annotated[
        str | None, typer.Option("--run", metavar="CMD", help="Run this by the shell, in a clean work tree of its own.")
    ] = None
    repeat: Annotated[
        int | None, typer.Option("--repeat", metavar="N", help=f"How often it is run; {DEFAULT_RUNS} unless said.")
    ] = None
    timeout: Annotated[
        str | None,
        typer.Option("--timeout", metavar="T", help=f"End a run after 30s, 5min, …; {DEFAULT_TIMEOUT} unless said."),
    ] = None
    expect_exit: Annotated[
        str | None,
        typer.Option("--expect-exit", metavar="N|nonzero", help="The exit code by which the error shows; nonzero."),
    ] = None
    expect_output: Annotated[
        str | None, typer.Option("--expect-output", metavar="REGEX", help="What a line has where the error shows.")
    ] = None
    jobs: Annotated[int, typer.Option("--jobs", "-j", metavar="N", help="So many runs at a time.")] = 1

    def refuse(self, why: str) -> None:
        """Raise UsageError where one of these options was given: they all go with `--run`."""
        for option, given in {
            "--run": self.run,
            "--repeat": self.repeat,
            "--timeout": self.timeout,
            "--expect-exit": self.expect_exit,
            "--expect-output": self.expect_output,
            "--jobs": self.jobs if self.jobs != 1 else None,
        }.items():
            if given is not None:
                raise UsageError(f"{option} {why}")
