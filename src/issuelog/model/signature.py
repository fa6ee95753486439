"""The signature of an error: a text that is the same wherever and whenever the error shows, and versioned.

A signature has a kind (the language of its stack trace, or `message` where there is none), the error with its message
normalised, and the innermost frames of the trace that belong to the application.
"""

from __future__ import annotations

from dataclasses import dataclass

from issuelog.model.report import NONE_SHOWN, Report
from issuelog.model.traces.heads import apart, error_of
from issuelog.model.traces.normalising import normalise
from issuelog.model.traces.reading import MESSAGE, errors_in
from issuelog.model.traces.vague import says_enough

__all__ = ["KINDS", "VERSION", "Signature", "normalise", "of_message", "of_report", "parse", "signatures"]

VERSION = 1
"""What a signature begins with: those of two versions never match."""
MAX_SIGNATURES = 20
"""Signatures that one text may have."""
KINDS = ("python", "java", "javascript", "go", "dotnet", "rust", "native", "apple", "ruby", "php", MESSAGE)

_AT = " @ "
_UNDER = " < "


@dataclass(frozen=True)
class Signature:
    """What identifies an error."""

    kind: str
    error: str
    frames: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{VERSION} {self.kind} {self._told(self.frames)}"

    @property
    def loose(self) -> str:
        """The signature as a bare message has it: no language, and frames only where the error says too little."""
        return f"{VERSION} {self._told(() if says_enough(*apart(self.error)) else self.frames)}"

    def _told(self, frames: tuple[str, ...]) -> str:
        return self.error + _AT + _UNDER.join(frames) if frames else self.error


def parse(text: str) -> Signature | None:
    """Return the signature that `str` wrote, or None where it is none of this version."""
    version, _, rest = text.partition(" ")
    kind, _, told = rest.partition(" ")
    error, _, frames = told.partition(_AT)
    if version != str(VERSION) or kind not in KINDS or not error:
        return None
    found = Signature(kind, error, tuple(frames.split(_UNDER)) if frames else ())
    return found if str(found) == text else None


def signatures(text: str) -> list[Signature]:
    """Return what identifies the errors and stack traces in a text, the fullest first."""
    found = [Signature(each.kind, each.error, each.frames) for each in errors_in(text)]
    return list(dict.fromkeys(found))[:MAX_SIGNATURES]


def of_message(text: str) -> Signature | None:
    """Return the signature of an error message as it is typed, or None where it says too little."""
    if "\n" in text.strip():
        traces = [found for found in signatures(text) if found.frames]
        if traces:
            return traces[0]
    error = error_of(text)
    return Signature(MESSAGE, error) if error else None


def of_report(report: Report) -> list[Signature]:
    """Return all signatures of a report: those of its error message first."""
    intake = report.intake
    message, code = intake.error_message or "", intake.error_code or ""
    typed = [message] if message and message != NONE_SHOWN else []
    if code and code not in message:
        typed.insert(0, ": ".join([code, *typed]))
    found = [bare for text in typed if (bare := of_message(text))]
    for text in (message, report.story, intake.actual or ""):
        found += signatures(text)
    return list(dict.fromkeys(found))[:MAX_SIGNATURES]
