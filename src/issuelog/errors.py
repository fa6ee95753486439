"""Exit codes and the few kinds of error; every other layer raises these and nothing prints them but the CLI."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any


class ExitCode(IntEnum):
    """What the process tells the shell. `docs/reference/exit-codes.md` is made from this table."""

    DONE = 0
    NO = 1
    USAGE = 2
    NO_TRACKER = 3
    NOT_FOUND = 4
    REFUSED = 5
    INVALID = 6
    CONFLICT = 7
    GIT = 8
    CANCELLED = 9
    BUG = 70
    INTERRUPTED = 130
    READER_GONE = 141

    @property
    def meaning(self) -> str:
        """One line for people."""
        return _MEANINGS[self]


_MEANINGS = {
    ExitCode.DONE: "done (also an empty list)",
    ExitCode.NO: "the answer is no, or problems were found",
    ExitCode.USAGE: "the command line is wrong",
    ExitCode.NO_TRACKER: "no tracker or no repository here",
    ExitCode.NOT_FOUND: "no such report, or the id is ambiguous",
    ExitCode.REFUSED: "refused by a guard: something is missing",
    ExitCode.INVALID: "a file is invalid (with file, line and column)",
    ExitCode.CONFLICT: "conflict: locked, changed underneath, or a merge in progress",
    ExitCode.GIT: "git refused (hook, identity, signing), with git's words",
    ExitCode.CANCELLED: "cancelled",
    ExitCode.BUG: "a bug in issuelog",
    ExitCode.INTERRUPTED: "interrupted",
    ExitCode.READER_GONE: "the reader of the output went away",
}


class IssuelogError(Exception):
    """An expected failure: what is the matter, what helps, and the exit code."""

    code: ExitCode = ExitCode.BUG
    name = "bug"

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def details(self) -> dict[str, Any]:
        """Further keys of the JSON form."""
        return {}


class UsageError(IssuelogError):
    """The command line is wrong."""

    code = ExitCode.USAGE
    name = "usage"


class NoTracker(IssuelogError):
    """There is no tracker, or no repository, where the command was run."""

    code = ExitCode.NO_TRACKER
    name = "no_tracker"


class NotFound(IssuelogError):
    """No report goes by that name, or several do."""

    code = ExitCode.NOT_FOUND
    name = "not_found"


@dataclass(frozen=True)
class Missing:
    """One fact that a guard asks for, and the command that supplies it."""

    guard: str
    what: str
    command: str


class Refused(IssuelogError):
    """A guard refused; `missing` names every fact that is absent."""

    code = ExitCode.REFUSED
    name = "refused"

    def __init__(self, message: str, missing: Sequence[Missing] = (), hint: str | None = None) -> None:
        super().__init__(message, hint)
        self.missing = tuple(missing)

    def details(self) -> dict[str, Any]:
        """The missing facts."""
        return {"missing": [vars(fact) for fact in self.missing]}


class SlotsMissing(Refused):
    """A message to the customer cannot be made: the report has nothing for these slots of its template."""

    def __init__(self, message: str, missing: Sequence[Missing], kind: str, slots: Sequence[str]) -> None:
        super().__init__(message, missing, hint=f"issuelog message templates {kind}   shows what each slot is for")
        self.slots = tuple(slots)


@dataclass(frozen=True)
class Problem:
    """One fault of a file: where it is (1-based) and what would be right."""

    path: str
    line: int
    column: int
    rule: str
    message: str
    level: str = "error"

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}: {self.message}"


class InvalidFile(IssuelogError):
    """A file is not what it has to be."""

    code = ExitCode.INVALID
    name = "invalid"

    def __init__(self, problems: Sequence[Problem], hint: str | None = None) -> None:
        super().__init__("\n".join(str(problem) for problem in problems), hint)
        self.problems = tuple(problems)

    def details(self) -> dict[str, Any]:
        """The problems, with their places."""
        return {"problems": [vars(problem) for problem in self.problems]}


class Conflict(IssuelogError):
    """Somebody else holds the lock or changed the file, or git is in the middle of something."""

    code = ExitCode.CONFLICT
    name = "conflict"


class GitRefused(IssuelogError):
    """Git said no; the message carries its words."""

    code = ExitCode.GIT
    name = "git"


class Cancelled(IssuelogError):
    """The user said no at a prompt or saved nothing in the editor."""

    code = ExitCode.CANCELLED
    name = "cancelled"
