"""Reports in which every text is hostile, made from the schema, so that a new field is covered by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hostile.payloads import INLINE, LINE, TEXT
from issuelog.model.report import Report, seal
from issuelog.model.schema import schema_of
from issuelog.store.reports import new_text
from support.cli import Tracker
from support.copying import copy_tree

_SCHEMA = schema_of("report")
_LINE = r"^[^\r\n]*$"
_AT = "2026-11-16T08:00:00Z"
_TYPED: dict[str, Any] = {
    "schema": 1,
    "state": "resolved",
    "story_sha256": seal(TEXT),
    "amount": "1.00",
    "currency": "EUR",
    "upto": f"7:{'0' * 64}",
}
"""What is no text although the schema calls it one, by the field's name."""


def hostile_report(report_id: str, title: str, **changes: Any) -> bytes:
    """Return the file of a report that has every field there is, with hostile words in each that holds words."""
    data = _filled(_SCHEMA) | {"id": report_id, "title": title}
    data["events"] = [{**data["events"][0], "from": None, "to": "new"}, {**data["events"][0], "from": "new"}]
    return new_text(Report.model_validate(data | changes))


def plain_report(report_id: str = "CR-261116-0001", **changes: Any) -> bytes:
    """Return the file of a report that a stranger made by hand, with these changes."""
    data = {
        "schema": 1,
        "id": report_id,
        "title": "Export stops",
        "state": "new",
        "severity": "S3",
        "source": {"channel": "email", "received_at": _AT, "recorded_at": _AT, "recorded_by": "Ana"},
        "customer": {"name": "Jo", "contact": "jo@acme.example"},
        "story": "It broke",
        "story_sha256": seal("It broke"),
        "events": [{"id": "01JCT0T5M3E9Q2W4R6T8Y0V1J3", "at": _AT, "by": "Ana", "action": "new", "to": "new"}],
    }
    return new_text(Report.model_validate(data | changes))


def fields_of(schema: Mapping[str, Any] = _SCHEMA) -> list[str]:
    """Return the names of all properties that the schema has anywhere."""
    found = list(schema.get("properties", ()))
    for part in schema.get("$defs", {}).values():
        found += fields_of(part)
    return found


def _filled(schema: Mapping[str, Any]) -> dict[str, Any]:
    data = {name: _value(name, part) for name, part in schema.get("properties", {}).items()}
    if schema.get("additionalProperties"):
        data[f"strange {LINE}"] = LINE
    return data


def _value(name: str, schema: Mapping[str, Any]) -> Any:
    if name in _TYPED:
        return _TYPED[name]
    if name.endswith("sha256"):
        return "0" * 64
    if "$ref" in schema:
        return _value(name, _SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]])
    if "anyOf" in schema:
        return _value(name, schema["anyOf"][0])
    if "enum" in schema:
        return schema["enum"][-1]
    if schema.get("format") == "date-time":
        return _AT
    kinds: dict[str, Callable[[], Any]] = {
        "string": lambda: _text(schema),
        "integer": lambda: 2,
        "boolean": lambda: True,
        "array": lambda: [_value("", schema["items"])],
        "object": lambda: _filled(schema),
    }
    return kinds[schema["type"]]()


def _text(schema: Mapping[str, Any]) -> str:
    if "minLength" not in schema:  # every text has one; a report's id has not
        return "CR-261116-0001"
    pattern = schema.get("pattern")
    assert pattern in {None, _LINE}, f"a text of a new form, {pattern}: say in _TYPED what it may hold"
    return TEXT if pattern is None else LINE


def _titles() -> list[str]:
    """A title has 120 characters, so that the payloads need several."""
    titles = [""]
    for payload in INLINE:
        if len(titles[-1]) + len(payload.text) > 110:
            titles.append("")
        titles[-1] += f"{payload.text} "
    return titles


TITLES = _titles()


@dataclass(frozen=True)
class Pulled:
    """A tracker with reports that somebody else has written."""

    tracker: Tracker
    ids: tuple[str, ...]

    @property
    def id(self) -> str:
        """One of the reports, in the state `resolved`."""
        return self.ids[0]


_made: dict[Path, Pulled] = {}


def pulled(tmp_path: Path) -> Pulled:
    """Return a repository with hostile reports; for tests that change nothing, it is made once."""
    folder = tmp_path.parent / "pulled"
    if folder not in _made:
        tracker = Tracker.make(folder)
        ids = tuple(f"CR-261116-{number:04}" for number in range(1, len(TITLES) + 1))
        for report, title in zip(ids, TITLES, strict=True):
            place(tracker, report, hostile_report(report, title))
        tracker.git("add", ".")
        tracker.git(
            "commit", "-q", f"--author={LINE.replace(chr(0), '')} <x@example.com>", "-m", TEXT.replace("\0", "")
        )
        _made[folder] = Pulled(tracker, ids)
    return _made[folder]


def pulled_copy(tmp_path: Path) -> Pulled:
    """Return a copy of it, to change."""
    original = pulled(tmp_path)
    copy = tmp_path / "copy"
    copy_tree(original.tracker.root, copy)
    return Pulled(Tracker(copy), original.ids)


def place(tracker: Tracker, report: str, content: bytes) -> Path:
    """Put a report's file where it belongs."""
    path = tracker.root / "reports" / f"20{report[3:5]}" / report[5:7] / f"{report}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path
