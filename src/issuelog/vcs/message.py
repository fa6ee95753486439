"""Commit messages: the verb and the id, never a customer's words, which could close issues or forge trailers."""

from __future__ import annotations

from dataclasses import dataclass

MAX_SUBJECT = 72
REPORT = "Issuelog-Report"
ACTION = "Issuelog-Action"
"""The trailers that say which report a commit is about, and that issuelog made it."""


@dataclass(frozen=True)
class CommitMessage:
    """What a commit says: a subject of at most 72 characters, and trailers."""

    report: str | None
    action: str
    came_from: str | None = None
    to: str | None = None
    extra: tuple[tuple[str, str], ...] = ()

    @property
    def subject(self) -> str:
        """The first line."""
        return f"{self.report or 'issuelog'}: {self.action}"[:MAX_SUBJECT]

    def __str__(self) -> str:
        trailers = [(REPORT, self.report)] if self.report else []
        trailers += [(ACTION, self.action)]
        if self.to and self.to != self.came_from:
            trailers += [("Issuelog-From", self.came_from)] if self.came_from else []
            trailers += [("Issuelog-To", self.to)]
        lines = [f"{key}: {value}" for key, value in (*trailers, *self.extra)]
        return "\n".join([self.subject, "", *lines, ""])
