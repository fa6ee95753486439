"""A report as a row of `list`: made once for each version of a file, finished for the moment it is shown.

Light by design: `list` works from rows alone and imports neither the schema nor the policy.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from issuelog.model.times import iso

if TYPE_CHECKING:
    from issuelog.model.policy import Policy
    from issuelog.model.report import Report

Row = dict[str, Any]
SHOWN = (
    "id",
    "title",
    "state",
    "severity",
    "customer",
    "owner",
    "component",
    "received_at",
    "updated_at",
    "conditions",
    "next_due",
    "path",
)
"""The keys of an item of `list --json`, in order."""
CONDITIONS = ("waiting", "escalated", "unverified", "monitoring", "overdue", "reopened")


def make_row(report: Report, policy: Policy, path: str) -> Row:
    """Return all that a list may show or filter by, with times as text, which sorts as they do."""
    from issuelog.model.clocks import clocks, lasting_conditions

    return {
        "id": report.id,
        "title": report.title,
        "state": report.state.value,
        "severity": report.severity.value,
        "customer": report.customer.name or report.customer.contact,
        "owner": report.owner,
        "component": report.component,
        "received_at": iso(report.source.received_at),
        "updated_at": iso(max(event.at for event in report.events)),
        "path": path,
        "lasting": lasting_conditions(report),
        "clocks": [{"clock": clock.clock, "at": iso(clock.at)} for clock in clocks(report, policy)],
        "monitored_until": iso(report.monitor.until) if report.monitor.until else None,
        "channel": report.source.channel.value,
        "labels": list(report.labels),
        "external_ref": report.source.external_ref,
        "text": "\n".join(filter(None, (report.title, report.intake.error_message, report.story))).lower(),
    }


def finish(row: Row, now: datetime) -> Row:
    """Return the row with what depends on the time: its conditions and the clock that runs out next."""
    stamp = iso(now)
    holds = {
        **dict.fromkeys(row["lasting"], True),
        "overdue": any(clock["at"] < stamp for clock in row["clocks"]),
        "monitoring": (row["monitored_until"] or "") > stamp,
    }
    return {
        **row,
        "conditions": [name for name in CONDITIONS if holds.get(name)],
        "next_due": row["clocks"][0] if row["clocks"] else None,
    }


def shown(row: Row) -> Row:
    """Return the part of a finished row that users see."""
    return {key: row[key] for key in SHOWN}
