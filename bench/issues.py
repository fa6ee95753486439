"""The generated reports as any tracker knows them: a title, a text, a priority, open or closed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bench.generate import lives

WORD = "umlaut"
"""A word that one report in eight has."""


@dataclass(frozen=True)
class Issue:
    """One report without the structure that is issuelog's own. `number` counts from 1."""

    number: int
    title: str
    text: str
    priority: str
    component: str
    is_open: bool
    received: datetime
    customer: str
    contact: str
    channel: str

    def json_line(self) -> str:
        """Return the issue as `issuelog import jsonl` takes it."""
        facts = {
            "title": self.title,
            "story": self.text,
            "channel": self.channel,
            "received_at": self.received.isoformat(),
            "customer": self.customer,
            "contact": self.contact,
            "severity": {"high": "S2", "medium": "S3", "low": "S4"}[self.priority],
            "component": self.component,
            "external_ref": f"BENCH-{self.number}",
        }
        return json.dumps(facts, ensure_ascii=False)


def issues(count: int, seed: int = 1) -> Iterator[Issue]:
    """Yield the first `count` reports of the generator as issues."""
    for number, (_, data) in enumerate(lives(count, seed), start=1):
        yield Issue(
            number,
            data["title"],
            _text(data),
            {"S1": "high", "S2": "high", "S3": "medium", "S4": "low"}[data["severity"]],
            data["component"],
            data["state"] != "closed",
            data["source"]["received_at"],
            data["customer"]["name"],
            data["customer"]["contact"],
            data["source"]["channel"],
        )


def _text(data: dict[str, Any]) -> str:
    """Return everything in a report that somebody wrote."""
    intake = data["intake"]
    told = [intake[name] for name in ("error_message", "expected", "actual", "consequences")]
    messages = [message["text"] for message in data.get("messages", [])]
    notes = [event["text"] for event in data["events"] if "text" in event]
    return "\n\n".join([data["story"].strip(), *told, *intake["steps"], *messages, *notes])
