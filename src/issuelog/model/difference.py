"""How two versions of a report differ, field by field; lists are compared by the ids of their items."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Difference:
    """A field that two versions have otherwise: its path as `set` names it, and both values; None is nothing."""

    path: str
    before: Any
    after: Any


def differences(before: Mapping[str, Any], after: Mapping[str, Any], path: str = "") -> Iterator[Difference]:
    """Yield what differs; an item or a section that is new, or gone, is one difference as a whole.

    In what order items with ids stand is no difference.
    """
    for key in dict.fromkeys([*before, *after]):
        old, new = before.get(key), after.get(key)
        if old == new:
            continue
        place = f"{path}.{key}" if path else str(key)
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            yield from differences(old, new, place)
        elif (was := _items(old)) is not None and (now := _items(new)) is not None and (was or now):
            yield from differences(was, now, place)
        else:
            yield Difference(place, old, new)


def _items(value: Any) -> Mapping[str, Any] | None:
    """Return the items of a list by their ids, none of nothing; None where a value is no such list."""
    if value is None:
        return {}
    if not isinstance(value, list) or not all(isinstance(item, Mapping) and item.get("id") for item in value):
        return None
    items = {str(item["id"]): item for item in value}
    return items if len(items) == len(value) else None
