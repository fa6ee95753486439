"""The user's editor, as git would choose it: split into arguments, never through a shell."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path

from issuelog.errors import Cancelled, GitRefused, UsageError
from issuelog.vcs.git import Git


def edit_text(path: Path) -> None:
    """Open a file in the editor and wait; raises Cancelled where the editor fails."""
    try:
        command = shlex.split(Git(path.parent).line("var", "GIT_EDITOR"))
    except (GitRefused, ValueError) as error:
        raise UsageError(f"there is no editor: {error}", hint="export EDITOR=vi") from None
    try:
        done = subprocess.run([*command, str(path)], check=False)
    except OSError as error:
        raise UsageError(
            f"the editor {command[0]!r} cannot be run: {error.strerror}", hint="export EDITOR=vi"
        ) from None
    if done.returncode:
        raise Cancelled(f"the editor ended with {done.returncode}; nothing was changed")
