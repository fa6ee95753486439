"""The user's editor, as git would choose it: split into arguments, never through a shell."""

from __future__ import annotations

import shlex
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from issuelog.errors import Cancelled, ExitCode, GitRefused, IssuelogError, UsageError
from issuelog.vcs.git import Git

_OF_THE_KEYBOARD = (signal.SIGINT, signal.SIGQUIT)
_INTERRUPTED = (-signal.SIGINT, 128 + signal.SIGINT)


class Interrupted(Cancelled):
    """The user interrupted the editor."""

    code = ExitCode.INTERRUPTED


def edit_draft(path: Path) -> None:
    """Open a file in the editor and wait; raises Cancelled where the editor fails, or leaves nothing.

    A file that was emptied goes. Any other stays as it was left: it may hold somebody's words of an earlier time.
    """
    _open(path)
    if not _saved(path):
        path.unlink(missing_ok=True)
        raise Cancelled("nothing was edited; nothing was changed")


def edit_text(path: Path) -> None:
    """The same for a new file: on an error it goes unless somebody's words are in it, and the error says where."""
    before = path.read_bytes()
    try:
        edit_draft(path)
    except IssuelogError as error:
        if _saved(path) and path.read_bytes() != before:
            error.hint = f"what was saved is in {path}"
        else:
            path.unlink(missing_ok=True)
        raise


def _saved(path: Path) -> bool:
    return path.is_file() and bool(path.read_bytes().strip())


def _open(path: Path) -> None:
    try:
        command = shlex.split(Git(path.parent).line("var", "GIT_EDITOR"))
    except (GitRefused, ValueError) as error:
        raise UsageError(f"there is no editor: {error}", hint="export EDITOR=vi") from None
    try:
        code = _run([*command, str(path)])
    except KeyboardInterrupt:
        code = -signal.SIGINT
    except OSError as error:
        raise UsageError(
            f"the editor {command[0]!r} cannot be run: {error.strerror}", hint="export EDITOR=vi"
        ) from None
    if code in _INTERRUPTED:
        raise Interrupted("the editor was interrupted; nothing was changed")
    if code:
        raise Cancelled(f"the editor ended with {code}; nothing was changed")


def _run(command: Sequence[str]) -> int:
    editor = subprocess.Popen(command)
    try:
        with _keyboard_left_to_the_editor():
            return editor.wait()
    except BaseException:
        # We were told to end. Words that are not saved are for the editor to rescue, so it is asked and not killed.
        editor.terminate()
        editor.wait()
        raise


@contextmanager
def _keyboard_left_to_the_editor() -> Iterator[None]:
    """Ignore what the keyboard sends to everybody at the terminal, as git does: in an editor Ctrl-C is a command."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in _OF_THE_KEYBOARD}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
