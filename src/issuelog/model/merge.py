"""Merging two versions of a report, or of a known error, field by field, the same whichever side merges.

Lists are merged by item `id`, events united and ordered, a field that one side changed is taken from it. Where both
changed it the side with the later event decides, and the other value is kept in an event that records the merge.
Works on a report as its file holds it (nested dict, list, str), so that unknown keys are merged as well.
"""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from issuelog.model.filenames import safe_name
from issuelog.model.identifier import is_ulid, next_item_id, ulid, ulid_time

Data = dict[str, Any]

BY = "issuelog merge <issuelog@localhost>"
NAMED_BY = {
    "attachments": "attachments",
    "attempt": "attempts",
    "cause": "rca.causes",
    "check": "monitor.checks",
    "deployment": "fix.deployed",
    "escalation": "escalations",
    "factor": "rca.factors",
    "hypothesis": "hypotheses",
    "message": "messages",
    "not_done": "rca.not_done",
    "question": "questions",
    "questions": "questions",
    "rca_action": "rca.actions",
    "rca_actions": "rca.actions",
    "test": "fix.tests",
}
"""Which fact of an event names an item of which list; an item that is renumbered takes its events along."""


_NOTHING: tuple[Any, ...] = (None, [], {})
"""What no file has: the two sides may have taken all away together."""


@dataclass
class _Merge:
    """One merge: `later` wins where both sides changed a field; `lost` keeps by path what the other said.

    With `restores` what one side took away comes back.
    """

    restores: bool = False
    lost: dict[str, str] = field(default_factory=dict)

    def value(self, path: str, base: Any, earlier: Any, later: Any) -> Any:
        if self.restores and base is not None and None in (earlier, later):
            return later if earlier is None else earlier
        if earlier in (later, base):
            return later
        if later == base:
            return earlier
        if isinstance(earlier, dict) and isinstance(later, dict):
            return self.mapping(path, base if isinstance(base, dict) else {}, earlier, later)
        if isinstance(earlier, list) and isinstance(later, list):
            return self.items(path, base if isinstance(base, list) else [], earlier, later)
        if later is None:
            return earlier  # one side removed what the other changed: the words stay
        if earlier is not None:
            self.lost[path] = _text(earlier)
        return later

    def mapping(self, path: str, base: Data, earlier: Data, later: Data) -> Data:
        merged = {}
        for key in _in_order(later, earlier):
            below = f"{path}.{key}" if path else key
            value = self.value(below, base.get(key), earlier.get(key), later.get(key))
            if value not in _NOTHING:
                merged[key] = value
        return merged

    def items(self, path: str, base: list[Any], earlier: list[Any], later: list[Any]) -> list[Any]:
        if not all(isinstance(item, dict) and "id" in item for item in (*base, *earlier, *later)):
            return _plain_items(base, earlier, later)
        sides = [{item["id"]: item for item in side} for side in (base, earlier, later)]
        merged = []
        for item_id in _in_order(sides[2], sides[1]):
            value = self.value(f"{path}.{item_id}", *(side.get(item_id) for side in sides))
            if value is not None:
                merged.append(value)
        known = {item["id"]: place for place, item in enumerate(base)}
        return sorted(merged, key=lambda item: (known.get(item["id"], len(known)), _age(item), _text(item)))


def merge(base: Data, ours: Data, theirs: Data) -> Data:
    """Return the merged report; `base` is empty where both sides added it.

    `merge(b, o, t) == merge(b, t, o)`, and merging the result with a side again changes nothing.
    """
    if base in (ours, theirs):
        return theirs if base == ours else ours
    base = base or {"events": []}
    earlier, later = sorted((ours, theirs), key=_rank)
    if earlier == later:
        return later
    earlier = _renumbered(base, earlier, later)
    undone = _undone(base, earlier, later)
    # A step that was built on what was undone would stand on nothing: then both stay.
    built_on = bool(undone) and any(event.get("to") for event in _added(base, earlier, later))
    work = _Merge(restores=built_on)
    merged = work.mapping("", _without_events(base), _without_events(earlier), _without_events(later))
    events = [event for event in _united(base, earlier, later) if built_on or event["id"] not in undone]
    lost = {path: value for path, value in work.lost.items() if path != "state"}
    if lost:
        events.append(_merge_event(events, lost, earlier, later))
    return {**merged, "state": state_of(events) or merged["state"], "events": events}


def merge_known_errors(base: Data, ours: Data, theirs: Data) -> tuple[Data, list[str]]:
    """Return the merged known error, and the fields that both sides changed; `base` is empty where both added it.

    It has no events: the side that was published, reviewed or retired last decides, and git keeps the other.
    """
    if base in (ours, theirs):
        return (theirs if base == ours else ours), []
    earlier, later = sorted((ours, theirs), key=_looked_at)
    work = _Merge()
    merged = work.mapping("", base, earlier, later)
    return merged, sorted(work.lost)


def later_known_error(ours: Data, theirs: Data) -> Data:
    """Return the side that somebody looked at last."""
    return max((ours, theirs), key=_looked_at)


def _looked_at(known_error: Data) -> tuple[str, str]:
    times = [known_error.get("published_at"), known_error.get("reviewed_at"), known_error.get("retired", {}).get("at")]
    return max(str(at) for at in times if at), _text(known_error)


def state_of(events: Sequence[Data]) -> str | None:
    """Return the state that events lead to: a transition counts where it leaves the state reached so far.

    Two people may have taken the same step, or steps that no longer fit together, without knowing of each other; all
    of them stay in the history, and none undoes what was reached.
    """
    state = None
    for event in events:
        if event.get("to") and event.get("from") == state:
            state = event["to"]
    return state


def later_of(ours: Data, theirs: Data) -> Data:
    """Return the side with the later event."""
    return max((ours, theirs), key=_rank)


def _rank(report: Data) -> tuple[str, str]:
    ids = [event["id"] for event in report["events"] if is_ulid(event["id"])]
    return max(ids, default=""), _text(report)


def _without_events(report: Data) -> Data:
    return {key: value for key, value in report.items() if key != "events"}


def _undone(base: Data, earlier: Data, later: Data) -> set[str]:
    """Return the ids of events that one side has taken back."""
    kept = [{event["id"] for event in side["events"]} for side in (earlier, later)]
    return {event["id"] for event in base["events"]} - (kept[0] & kept[1])


def _added(base: Data, earlier: Data, later: Data) -> list[Data]:
    known = {event["id"] for event in base["events"]}
    return [event for side in (earlier, later) for event in side["events"] if event["id"] not in known]


def _united(base: Data, earlier: Data, later: Data) -> list[Data]:
    """Return the events of both sides, each once, by their ids, which are in the order of their times."""
    before, one, other = ({event["id"]: event for event in side["events"]} for side in (base, earlier, later))
    # An event may have been renumbered by an earlier merge; that version stands.
    found = {
        event_id: other[event_id] if event_id in other and one.get(event_id) in (None, before.get(event_id)) else event
        for event_id, event in (before | other | one).items()
    }
    return [found[event_id] for event_id in sorted(found)]


def _merge_event(events: list[Data], lost: dict[str, str], earlier: Data, later: Data) -> Data:
    """Return the event that keeps what was not taken; made of the two sides alone, so that both make the same."""
    newest = max((event["id"] for event in events if is_ulid(event["id"])), default=None)
    entropy = hashlib.sha256(f"{_text(earlier)}\0{_text(later)}".encode()).digest()[:10]
    at = max(event["at"] for event in events)
    moment = ulid_time(newest) if newest else None
    event_id = ulid(moment, entropy, newest) if moment else f"merge-{entropy.hex()}"
    return {"id": event_id, "at": at, "by": BY, "action": "merge", "not_taken": dict(sorted(lost.items()))}


def _renumbered(base: Data, earlier: Data, later: Data) -> Data:
    """Return the earlier side with new ids for items that both sides added under one id, and their events along."""
    changed = copy.deepcopy(earlier)
    before, other = dict(_item_lists(base)), dict(_item_lists(later))
    renamed: dict[str, dict[str, str]] = {}
    for path, items in _item_lists(changed):
        known = {item["id"] for item in before.get(path, [])}
        theirs = {item["id"]: item for item in other.get(path, [])}
        taken = [*theirs, *(item["id"] for item in items)]
        for item in items:
            old = item["id"]
            if old in theirs and old not in known and theirs[old] != item:
                item["id"] = next_item_id(old[:1], taken)
                taken.append(item["id"])
                renamed.setdefault(path, {})[old] = item["id"]
    _rename_files(base, changed, later)
    common = {event["id"] for event in base["events"]}
    changed["events"] = [
        event if event["id"] in common else _renamed_event(event, renamed) for event in changed["events"]
    ]
    return changed


def _rename_files(base: Data, changed: Data, later: Data) -> None:
    """Give a file of the earlier side another name where the later side brought another one under its name."""
    known = {item["id"] for item in base.get("attachments", [])}
    theirs = {item.get("file", ""): item.get("sha256") for item in later.get("attachments", [])}
    for item in changed.get("attachments", []):
        name = item.get("file", "")
        if item["id"] not in known and theirs.get(name, item.get("sha256")) != item.get("sha256"):
            taken = [*theirs, *(other.get("file", "") for other in changed["attachments"])]
            item["file"] = safe_name(name, taken)


def _item_lists(value: Data, path: str = "") -> Iterator[tuple[str, list[Data]]]:
    """Yield every list of items with ids, by its path, but for the events."""
    for key, part in value.items():
        below = f"{path}.{key}" if path else key
        if isinstance(part, dict):
            yield from _item_lists(part, below)
        elif isinstance(part, list) and key != "events" and all(isinstance(i, dict) and "id" in i for i in part):
            yield below, part
            for item in part:
                yield from _item_lists(item, f"{below}.{item['id']}")


def _renamed_event(event: Data, renamed: dict[str, dict[str, str]]) -> Data:
    def fresh(key: str, value: Any) -> Any:
        names = renamed.get(NAMED_BY.get(key, ""), {})
        if isinstance(value, list):
            return [names.get(item, item) if isinstance(item, str) else item for item in value]
        return names.get(value, value) if isinstance(value, str) else value

    return {key: fresh(key, value) for key, value in event.items()}


def _plain_items(base: list[Any], earlier: list[Any], later: list[Any]) -> list[Any]:
    """Merge a list of texts as a set with an order: removed where either side removed, added where either added."""
    gone = [item for item in base if item not in earlier or item not in later]
    kept = [item for item in later if item not in gone]
    return kept + [item for item in earlier if item not in kept and item not in gone]


def _in_order(first: Iterable[str], second: Iterable[str]) -> list[str]:
    return list(dict.fromkeys((*first, *second)))


def _age(item: Data) -> str:
    """Return when an item came about, as far as it says."""
    for key in ("at", "asked_at", "opened_at"):
        if key in item:
            return str(item[key])
    return ""


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True, ensure_ascii=False)
