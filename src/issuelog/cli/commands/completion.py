"""Print what makes a shell complete issuelog.

Commands, options, their values, ids with titles, people, and what list searches by. For bash, zsh and fish; without a
name, for the shell in $SHELL. For good, put the first line for your shell where it starts, or the script itself:

\b
eval "$(issuelog completion bash)"             # in ~/.bashrc
source <(issuelog completion zsh)              # in ~/.zshrc
issuelog completion fish | source              # in ~/.config/fish/config.fish
issuelog completion bash > ~/.local/share/bash-completion/completions/issuelog
issuelog completion zsh > ~/.zfunc/_issuelog   # with fpath+=~/.zfunc before compinit
issuelog completion fish > ~/.config/fish/completions/issuelog.fish
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from issuelog.cli.results import Document
from issuelog.cli.session import Session
from issuelog.errors import UsageError

_SCRIPTS = Path(__file__).parents[2] / "data"
SHELLS = ("bash", "zsh", "fish")


def completion(
    _: Session,
    shell: Annotated[
        str | None, typer.Argument(metavar="bash|zsh|fish", help="The shell; the one in $SHELL if not said.")
    ] = None,
) -> Document:
    """Print the script."""
    name = Path(os.environ.get("SHELL", "")).name if shell is None else shell
    if name not in SHELLS:
        named = f"$SHELL is {name!r}" if shell is None else f"there is no completion for {name!r}"
        raise UsageError(f"{named}; there is one for {', '.join(SHELLS)}", hint="issuelog completion bash")
    script = (_SCRIPTS / f"completion.{name}").read_text(encoding="utf-8")
    return Document({"shell": name, "script": script}, script)
