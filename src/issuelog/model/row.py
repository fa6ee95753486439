"""A report as the index keeps it: what a list shows of it, and what it can be found by.

Made once for each version of a file; only what depends on the time is left open. Light to import, for `list` works
from rows alone and needs neither the schema nor the policy.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Any

from issuelog.model.text import cell, fold
from issuelog.model.times import iso
from issuelog.model.versions import sortable

if TYPE_CHECKING:
    from issuelog.model.policy import Policy
    from issuelog.model.report import Action, Report

Row = dict[str, Any]
"""The columns of a report in the index, by name."""
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
    "next_due",
    "path",
    "conditions",
)
"""The keys of an item of `list --json`."""
LINE = ("id", "state", "severity", "received_at", "owner", "component", "customer", "title")
"""What a line of a piped list holds."""
CONDITIONS = ("waiting", "escalated", "unverified", "monitoring", "overdue", "reopened")
NEVER = "9999-99"
"""Stands for the time of what is not due, and sorts after every time."""


def make_row(report: Report, policy: Policy, path: str) -> Row:
    """Return all that a list may show, sort or filter by; times as text, which sorts as they do."""
    from issuelog.model.clocks import command_for, every_clock, lasting_conditions, running_of
    from issuelog.model.facts import facts

    runs = every_clock(report, policy)
    running = running_of(runs)
    first = {"clock": running[0].clock, "at": iso(running[0].at)} if running else None
    item = {
        "id": report.id,
        "title": report.title,
        "state": report.state.value,
        "severity": report.severity.value,
        "customer": report.customer.name or report.customer.contact,
        "owner": report.owner,
        "component": report.component,
        "received_at": iso(report.source.received_at),
        "updated_at": iso(max(event.at for event in report.events)),
        "next_due": first,
        "path": path,
    }
    lasting = lasting_conditions(report)
    environment = report.intake.environment
    about = [report.id, report.title, report.customer.name, report.customer.contact, report.owner, report.component]
    return {
        "id": report.id,
        "state": report.state.value,
        "closed": int(report.state == "closed"),
        "severity": report.severity.value,
        "title": fold(report.title),
        "customer": _joined([report.customer.name, report.customer.contact]),
        "contact": fold(report.customer.contact or ""),
        "tier": fold(report.customer.tier or ""),
        "language": report.customer.language or "",
        "owner": fold(report.owner or ""),
        "component": fold(report.component or ""),
        "labels": "".join(f"\n{fold(label)}\n" for label in report.labels),
        "channel": report.source.channel.value,
        "ref": fold(report.source.external_ref or ""),
        "product": fold(environment.product or ""),
        "version": sortable(environment.version) if environment.version else "",
        "resolution": report.closure.resolution.value if report.closure.resolution else "",
        "waiting_on": report.waiting_on or "",
        "received": item["received_at"],
        "updated": item["updated_at"],
        "closed_at": iso(report.closure.at) if report.closure.at else "",
        "due": first["at"] if first else NEVER,
        "clock": first["clock"] if first else "",
        "monitored_until": iso(report.monitor.until) if report.monitor.until else "",
        **{name: int(name in lasting) for name in ("waiting", "escalated", "unverified", "reopened")},
        "fixed_in": report.fix.fixed_in or "",
        "external_ref": report.source.external_ref or "",
        "clocks": json.dumps(
            [
                {
                    "clock": clock.clock,
                    "item": clock.item,
                    "due_at": iso(clock.at),
                    "owner": clock.owner or report.owner or policy.owner(report.component),
                    "command": command_for(clock, report, policy),
                }
                for clock in running
            ],
            ensure_ascii=False,
        ),
        "threads": "\n".join(_threads(report)),
        "actions": json.dumps([_action(report.id, action) for action in report.rca.actions], ensure_ascii=False),
        "facts": json.dumps(facts(report, runs, policy), ensure_ascii=False, separators=(",", ":")),
        "about": _joined([*about, *report.labels, report.source.external_ref]),
        "line": "\t".join(cell(item[name]) for name in LINE),
        "item": json.dumps(item),
    }


def _threads(report: Report) -> list[str]:
    """Return what the report and its messages are called elsewhere: replies name the mail that they answer."""
    refs = [report.source.external_ref, *(message.external_ref for message in report.messages)]
    return [ref for ref in refs if ref]


def _action(report_id: str, action: Action) -> Row:
    """Return an action of a root cause analysis as a list of actions shows it."""
    return {
        "report": report_id,
        "id": action.id,
        "status": action.status,
        "kind": action.kind,
        "owner": action.owner,
        "due_at": iso(action.due_at) if action.due_at else None,
        "text": action.text,
        "closed_at": iso(action.closed_at) if action.closed_at else None,
        "held": action.checks[-1].result == "held" if action.checks else None,
    }


def _joined(parts: Iterable[str | None]) -> str:
    return "\n".join(fold(part) for part in parts if part)


def conditions(mask: int) -> list[str]:
    """Return the conditions whose bits are set, in the order of CONDITIONS."""
    return [name for bit, name in enumerate(CONDITIONS) if mask >> bit & 1]


def shown(item: str, mask: int) -> Row:
    """Return a row as users see it, from its stored item and the conditions that hold now."""
    return {**json.loads(item), "conditions": conditions(mask)}


def shown_json(item: str, mask: int) -> str:
    """Return the same as JSON, without taking the item apart."""
    return f'{item[:-1]}, "conditions": {_conditions_json(mask)}}}'


@cache
def _conditions_json(mask: int) -> str:
    return json.dumps(conditions(mask))
