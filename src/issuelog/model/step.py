"""One step of a report's life: what a command asks for, before it is known whether it may."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from issuelog.model.report import Report


@dataclass(frozen=True)
class Moment:
    """When and by whom: `at` is the time claimed for the step (`--at`), `now` the clock's."""

    at: datetime
    by: str
    now: datetime
    entropy: bytes


Facts = dict[str, Any]
"""What an action adds to its event: key to text, or a list of texts."""


@dataclass(frozen=True)
class Waiver:
    """Guards that the user sets aside, and why."""

    guards: tuple[str, ...] = ()
    because: str = ""


Choose = Callable[[Report], str | None]
"""Returns the row of the lifecycle's table that a draft takes, or None where it stays in its state."""


def stay(_: Report) -> str | None:
    """Choose no transition."""
    return None


def to(transition: str) -> Choose:
    """Choose always the same transition."""
    return lambda _: transition


@dataclass(frozen=True)
class Step:
    """A verb with its facts: `edit` writes them into a draft of the report and returns what the event adds.

    `choose` sees the edited draft; `files` are new attachments by file name.
    """

    action: str
    edit: Callable[[Report, Moment], Facts | None]
    choose: Choose = stay
    files: Mapping[str, bytes] = field(default_factory=dict)
    waiver: Waiver = Waiver()
    alike: Callable[[Report], Sequence[str]] = lambda _: ()
    """Finds the other reports of the same days that are like it, where a guard asks for them."""
