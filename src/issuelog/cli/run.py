"""Running the application: exceptions become messages and exit codes, and no traceback reaches a user."""

from __future__ import annotations

import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

from issuelog.cli.output import Output
from issuelog.errors import Conflict, ExitCode, IssuelogError, UsageError

# Typer offers no public name for the exception that its parser raises; this is its public child's parent.
_ParserError: type[BaseException] = typer.BadParameter.__mro__[1]
_ENDINGS = (signal.SIGTERM, signal.SIGHUP)


def run(arguments: list[str]) -> int:
    """Run the command line; return the exit code."""
    # pydantic would look through every installed package for plugins: 20 ms, and code that nobody asked for.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    from issuelog.cli.app import application

    output = Output(json="--json" in arguments)
    try:
        _require_text(arguments)
        if arguments[:1] in ([], ["help"]):
            arguments = [*arguments[1:], "--help"]
        with _ended_as_by_an_interrupt():
            code = application()(arguments, prog_name="issuelog", standalone_mode=False)
        if code == ExitCode.INTERRUPTED:  # what the parser makes of it
            raise KeyboardInterrupt
        sys.stdout.flush()
        return int(code or 0)
    except (BrokenPipeError, SystemExit):
        # The reader left (`| head`), of which the parser makes an exit of its own. Python would complain once more
        # while it closes the stream.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.READER_GONE
    except (KeyboardInterrupt, typer.Abort):
        _tell(lambda: output.say("interrupted"))
        return ExitCode.INTERRUPTED
    except Exception as exception:
        error = _explained(exception)
        _tell(lambda: output.error(error))
        return error.code


@contextmanager
def _ended_as_by_an_interrupt() -> Iterator[None]:
    """Let a request to end, or a terminal that closes, undo what has begun as Ctrl-C does, and not stop it midway."""

    def end(_: int, __: object) -> None:
        for number in taken:
            signal.signal(number, signal.SIG_IGN)  # a shell that closes says it twice
        raise KeyboardInterrupt

    here = threading.current_thread() is threading.main_thread()
    taken = [number for number in _ENDINGS if here and signal.getsignal(number) is signal.SIG_DFL]
    try:
        for number in taken:
            signal.signal(number, end)
        yield
    finally:
        for number in taken:
            signal.signal(number, signal.SIG_DFL)


def _tell(say: Callable[[], None]) -> None:
    """Say it if anybody can hear it: the terminal may be gone."""
    try:
        say()
    except OSError:
        # Python would try once more while it closes the stream, and change the exit code.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


def _require_text(arguments: list[str]) -> None:
    """Refuse bytes that are no text before they get anywhere."""
    for number, argument in enumerate(arguments, 1):
        if not argument.isascii():
            try:
                argument.encode("utf-8")
            except UnicodeEncodeError:
                raise UsageError(f"argument {number} is not UTF-8: {argument[:40]!r}") from None


def _explained(error: Exception) -> IssuelogError:
    """Return an error that is meant for people, whatever was raised."""
    if isinstance(error, IssuelogError):
        return error
    if isinstance(error, _ParserError):
        return _usage(error)
    return _disk(error) if isinstance(error, OSError) else _bug(error)


def _usage(error: Exception) -> UsageError:
    words = getattr(error, "format_message", lambda: str(error))()
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "issuelog"
    return UsageError(words.rstrip("."), hint=f"{command} --help")


def _disk(error: OSError) -> IssuelogError:
    where = f"{error.filename}: " if error.filename else ""
    return Conflict(f"{where}{error.strerror or error}; nothing was changed")


def _bug(error: Exception) -> IssuelogError:
    if os.environ.get("ISSUELOG_DEBUG"):
        traceback.print_exc()
    last = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{Path(last.filename).name}:{last.lineno}"
    return IssuelogError(
        f"a bug in issuelog: {type(error).__name__} at {place}: {error}",
        hint="ISSUELOG_DEBUG=1 shows where; please report it with the command that you ran",
    )
