"""
Finding the errors and stack traces in a text, and telling each in the same words wherever it came from.
Lines are read once, in order. An error opens a trace, or closes one in Python; frames join the open one. Of
a chain of causes the innermost decides: it is what went wrong, and what wraps it differs from place to
place.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from issuelog.model.traces import frames, wreckage
from issuelog.model.traces.frame import Frame
from issuelog.model.traces.heads import (
    CODED,
    GENERIC,
    KNOWN_TYPE,
    NO_FAILURE,
    PYTHON_ERROR,
    QUOTED_ERROR,
    RUBY_ERROR,
    Head,
    head_of,
    is_enough,
    is_telling_line,
    short_name,
    told,
    typed,
)
from issuelog.model.traces.lazily import Pattern
from issuelog.model.traces.normalising import normalise
from issuelog.model.traces.vague import telling_words

MAX_FRAMES = 3
"""Frames that a signature has: the innermost ones of the application."""
MESSAGE = "message"
_PATIENCE = 6
"""Lines that are no frames before a trace is taken to have ended."""
_CONTINUED = 4
"""Lines that a message may go on for."""
_LOUD = frozenset({"ERROR", "FATAL"})
_MAX_FOUND = 200
_MAX_LINES = 8
"""A text with more lines that a log calls errors is a log of something that failed at large."""

# --- putting a trace together --------------------------------------------------------------------------------------


class Found(NamedTuple):
    """An error that a text tells of."""

    kind: str
    error: str
    frames: tuple[str, ...]
    enough: bool
    """Whether the error alone, without frames, identifies anything."""


@dataclass
class _Trace:
    kind: str = ""
    head: Head | None = None
    more: list[str] = field(default_factory=list)
    """Lines between the error and its first frame."""
    frames: list[Frame] = field(default_factory=list)
    quiet: int = 0
    """Lines since the last one that belonged to it."""
    ignoring: bool = False
    """Whether what follows belongs to a suppressed error, or to what wraps the cause."""
    logged: bool = False
    indent: int = 0
    around: list[Frame] = field(default_factory=list)
    """Frames of what wraps this cause: they are its own too, which the trace says as `... 23 more`."""
    last: wreckage.Line | None = None
    """The line that a closing message may go on from."""


def errors_in(text: str) -> list[Found]:
    """Return the errors of a text: those with a stack trace first."""
    if not may_tell(text):
        return []
    reader = _Reader()
    for line in wreckage.repaired(text).split("\n"):
        if reader.full():
            break
        reader.take(wreckage.bare(line))
    return reader.found()


_HINTS = (
    "rror", "xception", "Traceback", "panic", "ERR", "FATAL", "atal ", "SIG", "SEVERE", "CRIT",
    "SQLSTATE", "HTTP", " at ", "\tat ", "#0", "\nat ",
    "0x", "line ", ":in ", "signal", "-0",
)  # fmt: skip


def may_tell(text: str) -> bool:
    """Whether a text may tell of an error at all: a cheap question, which most stories answer."""
    return any(hint in text for hint in _HINTS)


class _Reader:
    """Reads a text line by line."""

    def __init__(self) -> None:
        self.open: _Trace | None = None
        self.traces: list[Found] = []
        self.messages: list[Found] = []
        self.lines: list[Found] = []
        """Lines that a log calls errors, and that name no kind of error."""
        self.before = ""
        self.chain = ""
        self.waiting: wreckage.Line | None = None
        """A line that goes on in the next."""

    def full(self) -> bool:
        return len(self.traces) + len(self.messages) + len(self.lines) >= _MAX_FOUND

    def take(self, line: wreckage.Line) -> None:
        line = self._whole(line)
        if not line.text:
            if self.open and self.open.kind != "python":
                self.open.quiet += 1
                if not self.open.frames and self.open.head and self.open.kind not in ("apple", "go"):
                    self.open.quiet += 1
            return
        if self.waiting:
            return
        if not self._frame(line) and not self._python(line) and not self._error(line):
            self._other(line)
        self.before = line.text

    def _whole(self, line: wreckage.Line) -> wreckage.Line:
        """Return the line with what a mail client wrapped put together again; `waiting` is set where more must come."""
        if self.waiting:
            first, self.waiting = self.waiting, None
            glue = "" if first.text.count("(") > first.text.count(")") else " "
            return first._replace(text=f"{first.text}{glue}{line.text}")
        text = line.text
        if (
            text in ("at", "bei")
            or (text.startswith('File "') and not re.search(r"line \d+(?:, in \S+.*)?$", text))
            or (text.startswith(("at ", "bei ")) and text.count("(") > text.count(")") and len(text) < 200)
            or (text.startswith(('File "', "at ", "bei ")) and text.endswith((", in", ") in")))
        ):
            self.waiting = line
        return line

    # frames

    def _frame(self, line: wreckage.Line) -> bool:
        if self.open and self.open.kind == "rust" and line.text.startswith("at ") and self.open.frames:
            if frames.RUST_LIBRARY.match(line.text):
                self.open.frames[-1] = self.open.frames[-1]._replace(own=False)
            return True
        frame = frames.read(line.text, self.before)
        if frame is None:
            return self.open is not None and line.text.startswith(("at ", "... ", "^", "~")) and bool(self.open.frames)
        trace = self.open
        if trace and (trace.kind in ("", frame.kind) or _related(trace.kind, frame.kind)):
            trace.kind = frame.kind if trace.kind in ("", MESSAGE) else trace.kind
        elif trace is None or trace.frames or trace.kind == "python":
            self._close()
            trace = self.open = _Trace(kind=frame.kind, head=self._unnamed(frame, line.text), logged=line.logged)
        else:
            trace.kind = frame.kind
        if not trace.ignoring:
            trace.frames.append(frame)
        trace.quiet = 0
        return True

    def _unnamed(self, frame: Frame, line: str) -> Head | None:
        """Return the error that the line before the first frame names in a form that only frames tell it by."""
        before = self.before
        if frame.kind == "ruby":
            match = RUBY_ERROR.search(line)
            return Head(match[2], match[1], "new", "ruby") if match else None
        match = re.match(r"([a-zA-Z_$][\w$]*(?:\.[\w$]+)+)(?::\s(.*))?$", before)
        if match and frame.kind in ("java", "dotnet") and not before.startswith("at "):
            return Head(short_name(match[1]), match[2] or "")
        return None

    # Python, where the error comes last

    def _python(self, line: wreckage.Line) -> bool:
        text = line.text
        if "Traceback (most recent call" in text:
            self._close()
            self.open = _Trace(kind="python", indent=line.indent, logged=line.logged)
            return True
        if text.startswith("The above exception was the direct cause"):
            self._close()
            self.chain = "cause"
            return True
        if text.startswith("During handling of the above exception"):
            self._close()
            self.chain = "context"
            return True
        if _FIRST_OF_GROUP.match(text):
            self._close()
            self.chain = "context" if self.traces and "Group" in self.traces[-1].error.split(":")[0] else ""
            return True
        trace = self.open
        if not trace or trace.kind != "python":
            return False
        if not trace.head:
            return self._python_error(trace, line)
        if trace.last and _is_wrapped(trace.last, line):
            trace.head = trace.head._replace(message=f"{trace.head.message} {text}")
            trace.last = line
            return True
        self._close()
        return False

    def _python_error(self, trace: _Trace, line: wreckage.Line) -> bool:
        match = PYTHON_ERROR.match(line.text)
        if match and trace.frames:
            short = short_name(match[1])
            sure = (KNOWN_TYPE.search(short) is not None or short in ("Exception", "Error")) and line.text[:1].isalpha()
            if sure or (
                line.indent <= trace.indent and trace.quiet >= 1 and "." not in line.text.split(":")[0].strip()[-1:]
            ):
                trace.head = Head(short, match[2] or "")
                trace.quiet = 0
                trace.last = line
                return True
        trace.quiet += 1
        if trace.quiet > _PATIENCE * 2:
            self._close()
        return True

    # errors that come first

    def _error(self, line: wreckage.Line) -> bool:
        head = head_of(line.text)
        if head is None:
            return False
        trace = self.open
        if head.role == "suppressed":
            if trace:
                trace.ignoring, trace.quiet = True, 0
            return True
        if head.role == "cause" and trace and trace.head:
            if trace.ignoring and line.indent > 0:
                return True
            self.open = _Trace(
                trace.kind, head, around=trace.frames or trace.around, logged=line.logged, indent=line.indent
            )
            return True
        if trace and trace.kind == "apple" and trace.head and not trace.frames and head.kind != "apple":
            return False
        self._close()
        self.open = _Trace(kind=head.kind, head=head, logged=line.logged, indent=line.indent)
        self._loud(line, head)
        return True

    def _loud(self, line: wreckage.Line, head: Head) -> None:
        """Nothing: what a log says in front of an error is told by the error itself."""

    # what is neither

    def _other(self, line: wreckage.Line) -> None:
        trace = self.open
        if trace:
            if trace.kind == "go" and trace.frames and line.text.startswith("goroutine "):
                self._close()
                self.open = trace = _Trace(kind="go", ignoring=True)
            if re.match(r"-+ ?(?:End of inner|Ende der internen)", line.text):
                trace.ignoring = True
            trace.quiet += 1
            if not trace.frames and trace.head and len(trace.more) < _CONTINUED and line.logged == trace.logged:
                trace.more.append(line.text)
            if trace.quiet > _PATIENCE:
                self._close()
        self._message(line)

    def _message(self, line: wreckage.Line) -> None:
        text = line.text
        coded = CODED.match(text)
        if coded:
            text = coded["error"]
        elif line.level not in _LOUD or len(text) < 8:
            quoted = QUOTED_ERROR.search(text) if "rror: " in text or "xception: " in text else None
            head = typed(quoted[1], "new") if quoted else None
            if head and is_enough(head.type, head.message):
                self.messages.append(Found(MESSAGE, told(head.type, head.message), (), True))
            return
        if coded or is_telling_line(text):
            if not is_enough("", text):
                return
            (self.messages if coded else self.lines).append(Found(MESSAGE, told("", text), (), True))

    # the end of a trace

    def _close(self) -> None:
        trace, self.open = self.open, None
        chain, self.chain = (self.chain, "") if trace else ("", self.chain)
        if not trace:
            return
        found = None if trace.head and trace.head.type in NO_FAILURE else _finished(trace)
        if found is None:
            return
        if not found.frames:
            self.messages.append(found)
            return
        if chain == "cause" and self.traces:
            return
        if chain == "context" and self.traces:
            self.traces.pop()
        self.traces.append(found)

    def found(self) -> list[Found]:
        self._close()
        known = {trace.error for trace in self.traces}
        if len({line.error for line in self.lines}) <= _MAX_LINES:
            self.messages += self.lines
        return self.traces + [message for message in self.messages if message.error not in known]


_FIRST_OF_GROUP = Pattern(r"[+ -]*-{4,} 1 -{4,}")


def _is_wrapped(line: wreckage.Line, following: wreckage.Line) -> bool:
    """Whether a mail client may have broken a line here: the next word would not have fitted."""
    if line.logged or following.logged or not 50 <= line.length <= 80:
        return False
    return line.length + 1 + len(following.text.split(" ", 1)[0]) > 70


def _related(kind: str, other: str) -> bool:
    return {kind, other} <= {"native", "apple", "rust", "java", "go"}


def _finished(trace: _Trace) -> Found | None:
    """Return what a trace amounts to, or None where it identifies nothing."""
    names = _application(trace)
    head = trace.head
    if head is None:
        # A crash of native code is known by its stack; elsewhere many errors pass the same place.
        if trace.kind not in ("native", "apple") or sum(frame.own for frame in trace.frames) < MAX_FRAMES:
            return None
        return Found(trace.kind, "?", names, False)
    message = head.message
    names = names or ((re.split(r"[\\/]", head.place)[-1],) if head.place else ())
    if names and trace.more and trace.kind not in ("python", "native", "go"):
        message = " ".join(part for part in (message, *_continuation(trace.more)) if part)
    enough = is_enough(head.type, message)
    if names and not enough and not head.place and not any(frame.own for frame in (*trace.frames, *trace.around)):
        return None
    if not names:
        # Without a type and without frames it may be any line of prose that begins with 'Error:'.
        alone = enough and (head.type not in GENERIC or telling_words(normalise(message)) > 1)
        return Found(MESSAGE, told(head.type, message), (), True) if alone else None
    return Found(trace.kind, told(head.type, message) or "?", names, enough)


_END_OF_MESSAGE = Pattern(
    r"(?:goroutine \d+|\[signal |Stack ?[Tt]race:?|\*\*\* First throw|\*+ ?\d"
    r"|Call stack at first throw|stack backtrace:|Backtrace:|backtrace:|note: run with"
    r"|The error occurred|Process: |PID: |\(|"
    r"Build fingerprint|pid: |Exception (?:Codes|Note|Subtype)|Crashed Thread|Termination|Triggered|Thread \d+)"
)


def _continuation(lines: list[str]) -> list[str]:
    kept = []
    for line in lines:
        if _END_OF_MESSAGE.match(line):
            break
        kept.append(re.sub(r"^Reason:\s*|^\*{3}\s+", "", line).rstrip("'"))
    return kept


def _application(trace: _Trace) -> tuple[str, ...]:
    """Return the names of the innermost frames that belong to the application; of all frames where none does."""
    read = trace.frames[::-1] if trace.kind == "python" else trace.frames
    own = [frame.name for frame in read if frame.own] or [frame.name for frame in trace.around if frame.own]
    chosen = own or [frame.name for frame in read if frame.name]
    apart = [name for at, name in enumerate(chosen) if at == 0 or chosen[at - 1] != name]
    return tuple(apart[:MAX_FRAMES])
