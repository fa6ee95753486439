"""Reports with a past, for tests of clocks: written down as the commands would, with no command and no git.

Times are of 2026, in UTC: `03-06 16:30` is a Friday afternoon in March.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from issuelog.model.case import Clock
from issuelog.model.clocks import every_clock
from issuelog.model.identifier import ulid
from issuelog.model.policy import Policy
from issuelog.model.report import Report, seal
from issuelog.model.times import iso, parse_iso

RECEIVED = "03-06 16:30"
"""When a report is received if nothing else is said: on a Friday, half an hour before the office closes."""
_ANA = "Ana Reyes <ana@example.com>"


def at(text: str) -> datetime:
    """Return the time that `03-06 16:30` means."""
    return parse_iso(f"2026-{text.replace(' ', 'T')}Z")


class Past:
    """A report's past, told from its beginning on; each call adds what one command would."""

    def __init__(self, severity: str = "S3", received: str = RECEIVED, *, recorded: str | None = None) -> None:
        self._number = 0
        self._items: dict[str, int] = {}
        self.data: dict[str, Any] = {
            "schema": 1,
            "id": "CR-260306-7K3M",
            "title": "Export stops",
            "state": "new",
            "severity": severity,
            "source": {
                "channel": "email",
                "received_at": at(received),
                "recorded_at": at(recorded or received),
                "recorded_by": _ANA,
            },
            "customer": {"name": "Acme GmbH"},
            "story": "I press export and the bar stops",
            "story_sha256": seal("I press export and the bar stops"),
            "fix": {"kind": "code", "deployed": []},
            "messages": [],
            "escalations": [],
            "rca": {"actions": []},
            "events": [],
        }
        self.event(recorded or received, "new", to="new", **{"from": None})

    def event(self, when: str, action: str, **facts: Any) -> Past:
        """Add an event."""
        self._number += 1
        # An event is recorded when it happens.
        event_id = ulid(at(when), self._number.to_bytes(10, "big"), None)
        self.data["events"].append({"id": event_id, "at": at(when), "by": _ANA, "action": action, **facts})
        if "waiting_on" in facts:
            waiting = facts["waiting_on"]
            self.data["waiting_on"] = None if waiting == "nobody" else waiting
        if "to" in facts:
            self.data["state"] = facts["to"]
        return self

    def _next(self, letter: str) -> str:
        self._items[letter] = self._items.get(letter, 0) + 1
        return f"{letter}{self._items[letter]}"

    def says(self, when: str, kind: str = "update", *, promise: str | None = None, direction: str = "out") -> Past:
        """Add a message of ours."""
        message = {
            "id": self._next("M"),
            "direction": direction,
            "kind": kind,
            "channel": "email",
            "at": at(when),
            "by": _ANA if direction == "out" else "Acme GmbH",
            "text": "as said",
            "next_update_at": at(promise) if promise else None,
        }
        self.data["messages"].append(message)
        return self

    def update(self, when: str, kind: str = "update", *, promise: str | None = None) -> Past:
        """Tell the customer something."""
        return self.says(when, kind, promise=promise).event(when, "update")

    def hears(self, when: str, kind: str = "other") -> Past:
        """Add what the customer said; it ends the wait for him as the command `received` would."""
        self.says(when, kind, direction="in")
        is_waiting = self.data.get("waiting_on") == "customer"
        ends = is_waiting and kind not in {"auto_reply", "bounce", "thanks", "confirmation"}
        return self.event(when, "received", **({"waiting_on": "nobody"} if ends else {}))

    def acknowledged(self, when: str, *, promise: str | None = None) -> Past:
        """Send the first answer."""
        self.says(when, "acknowledge", promise=promise)
        return self.moves(when, "acknowledge", "acknowledged")

    def moves(self, when: str, action: str, to: str, **facts: Any) -> Past:
        """Take the report to another state."""
        return self.event(when, action, **{"from": self.data["state"]}, to=to, **facts)

    def asks(self, when: str) -> Past:
        """Put a question to the customer, and wait."""
        return self.says(when, "ask").event(when, "ask", waiting_on="customer")

    def raised(self, when: str, severity: str) -> Past:
        """Change the severity, up or down."""
        before, self.data["severity"] = self.data["severity"], severity
        return self.event(when, "triage", severity_from=before, severity_to=severity)

    def deployed(self, when: str, place: str = "production") -> Past:
        """Deploy the fix."""
        one = {"id": self._next("D"), "version": "8.10.3", "place": place, "at": at(when)}
        self.data["fix"]["deployed"].append(one)
        return self.event(when, "deploy")

    def resolved(self, when: str) -> Past:
        """Tell the customer that it is done, and ask whether it works."""
        self.says(when, "resolution")
        self.data["verification"] = {"requested_at": at(when)}
        return self.moves(when, "resolve", "resolved")

    def verified(self, when: str, outcome: str = "confirmed") -> Past:
        """Record what the customer says of the fix."""
        self.data["verification"] |= {"outcome": outcome, "at": at(when)}
        return self.event(when, "verify", outcome=outcome)

    def reopened(self, when: str) -> Past:
        """Take the report up again."""
        self.data["verification"] = {}
        return self.moves(when, "reopen", "acknowledged", reason="not_fixed")

    def worked_around(self, when: str) -> Past:
        """Offer a way to go on."""
        self.data["workaround"] = {"text": "Export each week", "offered_at": at(when)}
        return self.says(when, "workaround").event(when, "workaround")

    def escalated(self, when: str, due: str, *, closed: str | None = None) -> Past:
        """Call in the vendor."""
        item: dict[str, Any] = {"id": self._next("E"), "to": "vendor", "party": "Initech", "reason": "their driver"}
        times = {"opened_at": at(when), "due_at": at(due), "closed_at": at(closed) if closed else None}
        self.data["escalations"].append(item | times)
        return self.event(when, "escalate", waiting_on="vendor")

    @property
    def report(self) -> Report:
        """The report after all that."""
        return Report.model_validate(self.data)

    def clocks(self, name: str, policy: Policy | None = None) -> list[Clock]:
        """Return all runs of a clock."""
        return [clock for clock in every_clock(self.report, policy or Policy()) if clock.clock == name]

    def runs(self, name: str, policy: Policy | None = None) -> list[tuple[str, str | None, str | None]]:
        """Return of all runs of a clock when each began, when it was due, and when it ended."""
        return [(short(clock.start) or "", short(clock.due), short(clock.end)) for clock in self.clocks(name, policy)]


def short(when: datetime | None) -> str | None:
    """Return a time as these tests write it, with its year where that is another one."""
    if when is None:
        return None
    text = iso(when.astimezone(UTC)).replace("T", " ").removesuffix("Z").removesuffix(":00")
    return text.removeprefix("2026-")
