"""When policy asks for a root cause analysis."""

from __future__ import annotations

from collections.abc import Sequence

from issuelog.model.policy import Policy
from issuelog.model.report import Report

ALIKE_DAYS = 30
"""Within so many days reports that are alike ask for an analysis of each."""


_NO_HARM = frozenset({"", "-", "none", "no", "nothing", "n/a", "keine", "keiner", "nein", "nichts"})


def why_required(report: Report, policy: Policy, alike: Sequence[str] = ()) -> str | None:
    """Return why policy wants a root cause analysis, None where it does not. `alike` are reports of the same days."""
    came_back = [event for event in report.events if event.action == "reopen"]
    for reason, holds in (
        (f"severity {report.severity}", report.severity in policy.rca_required),
        ("it recurred", any(event.fact("reason") == "recurred" for event in came_back)),
        ("it was reopened", bool(came_back)),
        (f"it is {report.links.recurrence_of} again", report.links.recurrence_of is not None),
        ("data was lost", _is_harm(report.impact.data_loss)),
        ("it concerns security", _is_harm(report.impact.security)),
        (f"{_some(alike)} are like it, all within {ALIKE_DAYS} days", 0 < policy.rca_alike <= len(alike) + 1),
    ):
        if holds:
            return reason
    return None


def _some(ids: Sequence[str]) -> str:
    """Return ids as a sentence has them: some of them, and how many more there are."""
    return ", ".join(ids[:3]) + (f" and {len(ids) - 3} more" if len(ids) > 3 else "")


def _is_harm(said: str | None) -> bool:
    return said is not None and said.strip().rstrip(".").casefold() not in _NO_HARM
