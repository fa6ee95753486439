"""An item as each tracker exports it, made by hand, and how to change one."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

GITHUB: dict[str, Any] = {
    "id": 7,
    "html_url": "https://github.com/o/r/issues/7",
    "title": "It broke",
    "body": "Hello,\n\nit broke.",
    "user": {"login": "ann", "html_url": "https://github.com/ann"},
    "labels": [{"name": "bug"}],
    "created_at": "2026-03-03T08:00:00Z",
}
BUG: dict[str, Any] = {
    "id": 7,
    "summary": "It broke",
    "description": "Hello,\n\nit broke.",
    "comments": [{"count": 0, "text": "Hello,\n\nit broke.", "is_private": False, "creator": "ann@acme.example"}],
    "creator": "ann@acme.example",
    "creator_detail": {"real_name": "Ann Lee", "email": "ann@acme.example", "nick": "ann", "id": 3},
    "creation_time": "2026-03-03T08:00:00Z",
    "severity": "major",
    "priority": "P1",
    "status": "RESOLVED",
    "keywords": ["regression"],
    "product": "Billing",
    "component": "Export",
    "version": "8.10",
    "op_sys": "macOS",
    "platform": "x86_64",
    "attachments": [{"file_name": "trace.log", "is_private": 0, "is_patch": 0}],
}
JIRA: dict[str, Any] = {
    "id": "10007",
    "key": "AB-7",
    "self": "https://acme.example/jira/rest/api/2/issue/10007",
    "fields": {
        "summary": "It broke",
        "description": "h2. Steps\r\n\r\n* {{export}}",
        "environment": "Windows 11\r\nFirefox 120",
        "reporter": {"displayName": "Ann Lee", "name": "ann", "emailAddress": "ann@acme.example"},
        "created": "2026-03-03T10:00:00.000+0200",
        "priority": {"name": "High"},
        "status": {"name": "Closed"},
        "labels": ["bug"],
        "components": [{"name": "Export"}, {"name": "Web"}],
        "versions": [{"name": "8.9"}, {"name": "8.10"}],
        "project": {"key": "AB", "name": "Billing"},
        "attachment": [{"filename": "trace.log"}],
        "comment": {"comments": [{"body": "me too"}]},
    },
}
TICKET: dict[str, Any] = {
    "id": 7,
    "url": "https://acme.zendesk.example/api/v2/tickets/7.json",
    "subject": "It broke",
    "description": "Hello,\n\nit broke.",
    "is_public": True,
    "created_at": "2026-03-03T08:00:00Z",
    "priority": "high",
    "status": "solved",
    "tags": ["bug"],
    "requester_id": 5,
    "via": {"channel": "email", "source": {"from": {"name": "A. Lee", "address": "ann@mail.example"}}},
    "comments": [
        {"public": True, "author_id": 6, "body": "x", "attachments": [{"file_name": "trace.log"}]},
        {"public": False, "author_id": 6, "body": "an internal note", "attachments": [{"file_name": "note.txt"}]},
    ],
}

Path = tuple[Any, ...]


def paths(item: Any, above: Path = ()) -> list[Path]:
    """Return the places of all values in an item."""
    return list(_paths(item, above))


def _paths(item: Any, above: Path) -> Iterator[Path]:
    for key, value in item.items() if isinstance(item, dict) else enumerate(item):
        yield (*above, key)
        if isinstance(value, (dict, list)):
            yield from _paths(value, (*above, key))


def put(item: Any, path: Path, value: Any) -> Any:
    """Return a copy of an item with another value in one place, as long as the place is there."""
    found = copy.deepcopy(item)
    part = found
    for key in path[:-1]:
        try:
            part = part[key]
        except (KeyError, IndexError, TypeError):
            return found
    if isinstance(part, dict) or (isinstance(part, list) and isinstance(path[-1], int) and path[-1] < len(part)):
        part[path[-1]] = value
    return found
